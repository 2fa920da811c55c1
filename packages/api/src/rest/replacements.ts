import { Literal, Union } from "typebox";
import { hashText, integer, list, nullable, object, type Static, sats, text } from "../schema.ts";
import { NoFields, type RestRoute } from "./route.ts";
import { DecodedTransaction } from "./transactions.ts";

/** What took the place of transactions that waited: what a node remembers of those that left its mempool without a block. */

/** Transactions that an answer tells of at most, those nearest to the one that was asked for. */
export const REPLACEMENTS_SHOWN_MAX = 100;

export const ReplacementState = Union(
  [
    Literal("waiting"),
    Literal("block"),
    Literal("replaced"),
    Literal("conflict"),
    Literal("expiry"),
    Literal("sizelimit"),
    Literal("reorg"),
  ],
  {
    description:
      "waiting: it is in the mempool; block: a block has it; else why it left: replaced by a better one, a block had another spend of its coins, too old, pushed out of a full mempool, or no longer valid after a reorganisation",
  },
);
export type ReplacementState = Static<typeof ReplacementState>;

export const ReplacementStep = object({
  txid: hashText("Transaction id"),
  state: ReplacementState,
  came: nullable(integer("When it came into the mempool, in seconds since 1970; null where it never was there")),
  left: nullable(integer("When it left the mempool; null while it waits")),
  fee: nullable(sats("Its fee; null where it never was in the mempool")),
  virtual_size: nullable(integer("Its size, in vbytes")),
  replaced_by: list(hashText("txid"), "What took its place"),
});
export type ReplacementStep = Static<typeof ReplacementStep>;

export const TransactionReplacements = object({
  txid: hashText("Transaction id"),
  transactions: list(
    ReplacementStep,
    `Itself, what it replaced, what replaced it, and so on, the earliest first; empty where nothing of this is remembered. At most ${REPLACEMENTS_SHOWN_MAX}`,
  ),
  decoded: nullable(DecodedTransaction),
  hex: nullable(text("The transaction itself where it is gone and its bytes are still kept, in hex")),
});
export type TransactionReplacements = Static<typeof TransactionReplacements>;

export const replacementRoutes = {
  transactionReplacements: {
    path: "/api/v1/transactions/{txid}/replacements",
    tag: "transactions",
    summary: "What a transaction replaced in the mempool, and what took its own place",
    description:
      "What this node saw since it started: the latest 20,000 transactions that left its mempool without a block, or that others left for. The latest of those that are gone are kept whole (16 MiB together), and are shown in `decoded` and `hex`.",
    params: object({ txid: hashText("Transaction id") }),
    query: NoFields,
    data: TransactionReplacements,
    failures: [400, 503],
    example: { params: { txid: "f4184fc596403b9d638783cf57adfe4c75c605f6356fbc91338530e9831e9e16" } },
  },
} as const satisfies Record<string, RestRoute>;
