import { Literal, Optional, Union } from "typebox";
import { integer, list, nullable, object, type Static, sats, text } from "../schema.ts";
import { NoFields, type RestRoute } from "./route.ts";

/** What to pay to be confirmed within so many blocks. */
export const FeeEstimate = object({
  target: integer("Blocks within which to be confirmed"),
  feerate_sat_per_kvb: nullable(sats("Fee for 1000 vbytes; null where the source is none")),
  source: Union([Literal("estimate"), Literal("fallback"), Literal("none")], {
    description:
      "estimate: from how transactions of late fared; fallback: too little was seen, and this is what the operator set with " +
      "-fallbackfee; none: too little was seen, and nothing is set",
  }),
  blocks: integer("Blocks that an estimate is for: the target, within what can be told by now"),
  reason: text("What decided it, as wallet calls of Bitcoin Core put it in fee_reason"),
});
export type FeeEstimate = Static<typeof FeeEstimate>;

const FeeQuery = object({
  mode: Optional(
    Union([Literal("economical"), Literal("conservative")], {
      default: "economical",
      description: "conservative also looks at days and weeks, and may ask for more",
    }),
  ),
});

export const feeRoutes = {
  feeEstimates: {
    path: "/api/v1/fees/estimates",
    tag: "mempool",
    summary: "What to pay to be confirmed soon, and later",
    params: NoFields,
    query: FeeQuery,
    data: list(FeeEstimate, "By target, the soonest first"),
    failures: [400, 503],
    keptWhile: "node",
    example: { query: { mode: "economical" } },
  },
} as const satisfies Record<string, RestRoute>;
