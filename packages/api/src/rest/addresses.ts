import { Integer, Literal, Optional, String as StringType, Union } from "typebox";
import {
  cursorPageOf,
  flag,
  hashText,
  integer,
  list,
  nullable,
  object,
  pageOf,
  type Static,
  sats,
  text,
} from "../schema.ts";
import { CursorQuery, NoFields, PageQuery, type RestRoute } from "./route.ts";
import { ScriptView, TransactionView } from "./transactions.ts";

/**
 * What addresses have, by the node's address index (`-addressindex`). An address may be given by its script hash too: for scripts
 * that have no address, and for who knows no other name of it.
 */

/** Characters of an address: segwit ones have at most 90. */
export const ADDRESS_NAME_LENGTH_MAX = 100;

/** Addresses of one batch. */
export const ADDRESS_BATCH_MAX = 100;
/** Bytes of its body: names, quotes and commas, with room for spaces. */
const ADDRESS_BATCH_BYTES_MAX = ADDRESS_BATCH_MAX * (ADDRESS_NAME_LENGTH_MAX + 8) + 256;

export const AddressName = StringType({
  minLength: 1,
  maxLength: ADDRESS_NAME_LENGTH_MAX,
  description:
    "An address of this network, or the 64 hex digits of a script hash: the SHA-256 of the output script, last byte first, as the Electrum protocol has it",
});

export const AddressParams = object({ address: AddressName });

/** What an address has at one moment. */
export const AddressBalance = object({
  address: text("As it was asked for"),
  confirmed: sats("Worth of its unspent outputs in the chain, those of coinbases included that are not mature yet"),
  unconfirmed: sats("By how much that changes when what waits in the mempool is confirmed; may be negative"),
  received: sats("All that was ever paid to it in the chain"),
  sent: sats("All that was ever spent from it in the chain"),
  transaction_count: integer("Transactions of the chain that pay to it or spend from it"),
  unconfirmed_transaction_count: integer("Transactions of the mempool that do"),
  utxo_count: integer("Its unspent outputs in the chain"),
  block_height: integer("Height of the block up to which this holds"),
  block_hash: hashText("That block"),
});
export type AddressBalance = Static<typeof AddressBalance>;

export const AddressInfo = object({
  address: text("As it was asked for"),
  script_hash: hashText("SHA-256 of the output script, last byte first"),
  script: nullable(ScriptView),
  balance: AddressBalance,
});
export type AddressInfo = Static<typeof AddressInfo>;

/** An unspent output. What concerns a block is null where its transaction waits in the mempool. */
export const AddressUtxo = object({
  txid: hashText("Transaction that made it"),
  vout: integer("Position among that transaction's outputs"),
  value: sats("Amount"),
  is_confirmed: flag("Whether it is in the chain"),
  block_height: nullable(integer("Height of its block")),
  block_hash: nullable(hashText("Its block")),
  confirmations: integer("Blocks from its own to the tip, both counted; 0 in the mempool"),
  is_coinbase: flag("Whether a coinbase made it"),
  is_mature: flag("Whether the next block may spend it: coinbases must be 100 blocks old"),
  spent_by: nullable(hashText("Transaction of the mempool that spends it")),
});
export type AddressUtxo = Static<typeof AddressUtxo>;

const entryFields = {
  value: sats("What it gives the address, less what it takes from it"),
  direction: Union([Literal("in"), Literal("out"), Literal("self")], {
    description: "in: it gives the address something; out: it takes something from it; self: it does both, to nothing",
  }),
  received: sats("What its outputs pay to the address"),
  sent: sats("What its inputs spend from the address"),
};
const placeFields = {
  is_confirmed: flag("Whether it is in the chain"),
  block_height: nullable(integer("Height of its block; null in the mempool")),
  block_hash: nullable(hashText("Its block; null in the mempool")),
  time: integer("Time of its block's header, or when it came into the mempool, in seconds since 1970"),
  confirmations: integer("Blocks from its own to the tip, both counted; 0 in the mempool"),
};

/** A transaction of an address in one line. */
export const AddressHistoryItem = object({
  txid: hashText("Hash without witness"),
  ...entryFields,
  ...placeFields,
  index: nullable(integer("Position in its block; null in the mempool")),
  fee: nullable(sats("Inputs less outputs; null for a coinbase")),
  is_coinbase: flag("Whether it is its block's coinbase"),
});
export type AddressHistoryItem = Static<typeof AddressHistoryItem>;

/** A transaction of an address, whole. */
export const AddressTransaction = object({
  ...TransactionView.properties,
  index: nullable(integer("Position in its block; null in the mempool")),
  ...entryFields,
  ...placeFields,
});
export type AddressTransaction = Static<typeof AddressTransaction>;

/** Unspent outputs of one part. */
export const UTXO_LIMIT_MAX = 1000;
export const UTXO_LIMIT_DEFAULT = 100;
const UtxoQuery = object({
  ...CursorQuery.properties,
  limit: Optional(
    Integer({
      minimum: 1,
      maximum: UTXO_LIMIT_MAX,
      default: UTXO_LIMIT_DEFAULT,
      description: "Most items of this part",
    }),
  ),
});

/** Transactions that a balance over time is made of, the newest. */
export const ADDRESS_SERIES_TRANSACTIONS_MAX = 5_000;

/** What an address had over time: one place in each list for each block that changed it, the lowest first. */
export const AddressSeries = object({
  address: text("The address, or the script hash that was asked for"),
  is_whole: flag(
    "Whether it begins with the first transaction; else the newest are here, and `balance_before` sums up the others",
  ),
  balance_before: sats("What it had before the first of these blocks"),
  block_height: integer("Height of the tip that the last balance is of"),
  heights: list(integer("Height of the block")),
  times: list(integer("Time of the block's header, in seconds since 1970")),
  balances: list(sats("What it had behind the block")),
  received: list(sats("What came in the block")),
  sent: list(sats("What went in the block")),
  transaction_counts: list(integer("Its transactions in the block", 1)),
});
export type AddressSeries = Static<typeof AddressSeries>;

const failures = [400, 501, 503] as const;
const needsIndex =
  "Without `-addressindex` the answer is 501; while the index is being made it is 503, with how far it is.";
const EXAMPLE = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";

export const addressRoutes = {
  address: {
    path: "/api/v1/addresses/{address}",
    tag: "addresses",
    summary: "An address: its script, and what it has",
    description: `An address that was never used is no failure: it has nothing. ${needsIndex}`,
    params: AddressParams,
    query: NoFields,
    data: AddressInfo,
    failures,
    example: { params: { address: EXAMPLE } },
  },
  addressBalance: {
    path: "/api/v1/addresses/{address}/balance",
    tag: "addresses",
    summary: "What an address has, in the chain and with what waits in the mempool",
    description: needsIndex,
    params: AddressParams,
    query: NoFields,
    data: AddressBalance,
    failures,
    example: { params: { address: EXAMPLE } },
  },
  addressUtxos: {
    path: "/api/v1/addresses/{address}/utxo",
    tag: "addresses",
    summary: "Unspent outputs: first those of the mempool, then those of the chain, the newest first",
    description: `Those that a waiting transaction spends are among them, and say which. ${needsIndex}`,
    params: AddressParams,
    query: UtxoQuery,
    data: cursorPageOf(AddressUtxo),
    failures,
    example: { params: { address: EXAMPLE }, query: { limit: 100 } },
  },
  addressHistory: {
    path: "/api/v1/addresses/{address}/history",
    tag: "addresses",
    summary:
      "Transactions of an address: first those of the mempool, in one order on every node, then those of the chain, the newest first",
    description:
      "A cursor stays good whatever blocks come or go meanwhile, and on every node of the network: of what stays where it is nothing is " +
      `left out and nothing comes twice; what waited and was confirmed meanwhile may come once more, with its block. ${needsIndex}`,
    params: AddressParams,
    query: CursorQuery,
    data: cursorPageOf(AddressHistoryItem),
    failures,
    example: { params: { address: EXAMPLE }, query: { limit: 10 } },
  },
  addressSeries: {
    path: "/api/v1/addresses/{address}/series",
    tag: "addresses",
    summary: "What an address had over time, for charts: its balance behind each block that changed it",
    description: `Of the chain alone, and of the newest ${ADDRESS_SERIES_TRANSACTIONS_MAX} transactions. ${needsIndex}`,
    params: AddressParams,
    query: NoFields,
    data: AddressSeries,
    failures,
    example: { params: { address: EXAMPLE } },
  },
  addressTransactions: {
    path: "/api/v1/transactions/address/{address}",
    tag: "addresses",
    summary: "The same in numbered pages, each transaction whole",
    description: `Pages shift when blocks come; \`GET /api/v1/addresses/{address}/history\` does not. ${needsIndex}`,
    params: AddressParams,
    query: PageQuery,
    data: pageOf(AddressTransaction),
    failures,
    example: { params: { address: EXAMPLE }, query: { page: 0, limit: 10 } },
  },
  addressBatch: {
    method: "POST",
    path: "/api/v1/addresses/batch",
    tag: "addresses",
    summary: "What many addresses have, all of one moment",
    description: needsIndex,
    params: NoFields,
    query: NoFields,
    body: object({ addresses: list(AddressName, "Addresses, or script hashes", 1, ADDRESS_BATCH_MAX) }),
    bodyBytesMax: ADDRESS_BATCH_BYTES_MAX,
    data: list(AddressBalance, "In the order in which they were asked for"),
    failures,
    isRepeatable: true,
    example: { body: { addresses: [EXAMPLE] } },
  },
} as const satisfies Record<string, RestRoute>;
