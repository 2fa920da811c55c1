import { Literal, String as StringType, Union } from "typebox";
import { hashText, integer, list, nullable, object, type Static, text } from "../schema.ts";
import { NoFields, type RestRoute } from "./route.ts";

/** Characters of what is searched for: the longest address has 90. */
export const SEARCH_LENGTH_MAX = 128;

export const SearchHit = object({
  kind: Union(
    [Literal("block"), Literal("transaction"), Literal("gone-transaction"), Literal("output"), Literal("address")],
    {
      description:
        "gone-transaction: it left the mempool without a block, or a block has another one in its place; `GET /api/v1/transactions/{txid}/replacements` tells more",
    },
  ),
  id: text("Block hash, transaction id, txid:index of an output, or the address as it is written"),
  height: nullable(
    integer("Height of the block, or of the transaction's block; null in the mempool and for addresses"),
  ),
  block_hash: nullable(hashText("Block, or the transaction's block; null in the mempool and for addresses")),
});
export type SearchHit = Static<typeof SearchHit>;

export const searchRoutes = {
  search: {
    path: "/api/v1/search",
    tag: "search",
    summary: "What a height, a hash, a transaction id, an output or an address names",
    description:
      "No hit is an empty list, not a failure. A transaction is found as by `GET /api/v1/transactions/{txid}`.",
    params: NoFields,
    query: object({
      q: StringType({
        minLength: 1,
        maxLength: SEARCH_LENGTH_MAX,
        description: "Height, block hash, txid, txid:index, or an address of this network",
      }),
    }),
    data: list(SearchHit, "The likeliest first"),
    failures: [400, 503],
    example: { query: { q: "0" } },
  },
} as const satisfies Record<string, RestRoute>;
