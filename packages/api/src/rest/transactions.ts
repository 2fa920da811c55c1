import { PACKAGE_COUNT_MAX } from "@bitfleet/protocol/policy/packages.ts";
import { Boolean as BooleanType, Literal, Optional, String as StringType, Union } from "typebox";
import {
  cursorPageOf,
  decimal,
  flag,
  hashText,
  integer,
  list,
  nullable,
  object,
  type Static,
  sats,
  text,
} from "../schema.ts";
import { CursorQuery, NoFields, type RestRoute } from "./route.ts";

/** Transactions, wherever they are: their schemas, and the routes that find, test and broadcast them. */

export const ScriptView = object({
  type: text("Template the script follows: pubkeyhash, witness_v0_keyhash, nonstandard, …"),
  asm: text("The script, disassembled"),
  hex: text("The script, in hex"),
  address: nullable(text("Address of the script, where it has one")),
});

/** What an input spends, as the undo data of blocks, the mempool or the set of unspent coins tell. */
export const PrevoutView = object({
  value: sats("Amount spent"),
  height: nullable(integer("Height of the block that made the coin; null where that is in no block yet")),
  is_coinbase: flag("Whether a coinbase made the coin"),
  script: ScriptView,
});

export const TransactionInputView = object({
  coinbase: nullable(text("Script of a coinbase input, in hex; null for any other input")),
  txid: nullable(hashText("Transaction whose output is spent; null for a coinbase")),
  vout: nullable(integer("Index of the spent output; null for a coinbase")),
  script_sig_asm: text("Input script, disassembled"),
  script_sig_hex: text("Input script, in hex"),
  witness: list(text("Witness item, in hex"), "Witness stack, bottom first"),
  sequence: integer("Sequence number"),
  prevout: nullable(PrevoutView),
});
export type TransactionInputView = Static<typeof TransactionInputView>;

const outputFields = {
  index: integer("Position among the outputs"),
  value: sats("Amount"),
  script: ScriptView,
};
export const TransactionOutputView = object(outputFields);
export type TransactionOutputView = Static<typeof TransactionOutputView>;

const transactionFields = {
  txid: hashText("Hash without witness"),
  wtxid: hashText("Hash with witness"),
  is_coinbase: flag("Whether it is a block's coinbase"),
  version: integer("Version"),
  lock_time: integer("Lock time"),
  size_bytes: integer("Bytes with witness"),
  virtual_size: integer("BIP141 virtual size, in vbytes"),
  weight: integer("BIP141 weight units"),
  fee: nullable(sats("Inputs less outputs; null for a coinbase or where the spent coins are not known")),
  total_output: sats("Sum of the outputs"),
  inputs: list(TransactionInputView),
};

/** A transaction of a block, with everything a page shows of it. Amounts are in satoshis. */
export const TransactionView = object({
  ...transactionFields,
  index: integer("Position in the block"),
  outputs: list(TransactionOutputView),
});
export type TransactionView = Static<typeof TransactionView>;

/** A transaction by itself, as decoded from its bytes: in a block, in the mempool or nowhere. */
export const DecodedTransaction = object({ ...transactionFields, outputs: list(TransactionOutputView) });
export type DecodedTransaction = Static<typeof DecodedTransaction>;

/** Where a transaction stands. All but the first field are null in the mempool. */
export const TransactionStatus = object({
  is_confirmed: flag("Whether it is in a block of the active chain"),
  block_hash: nullable(hashText("Its block")),
  block_height: nullable(integer("Height of its block")),
  block_time: nullable(integer("Time of its block's header, in seconds since 1970")),
  index: nullable(integer("Position in the block")),
  confirmations: integer("Blocks from its own to the tip, both counted; 0 in the mempool"),
});
export type TransactionStatus = Static<typeof TransactionStatus>;

/** What becomes of an output. */
export const OutputSpender = object({
  txid: nullable(
    hashText("Transaction that spends it; null where only that it is spent is known, without -txospenderindex"),
  ),
  input_index: nullable(integer("Which of its inputs")),
  block_height: nullable(integer("Height of that transaction's block; null in the mempool, or where it is not known")),
});
export type OutputSpender = Static<typeof OutputSpender>;

/** How a transaction waits in the mempool. */
export const MempoolStanding = object({
  time: integer("When it came, in seconds since 1970"),
  height: integer("Height of the tip when it came"),
  feerate_sat_per_kvb: sats("Fee for 1000 vbytes of its own"),
  chunk_feerate_sat_per_kvb: sats("The same of what it is mined together with: what decides its turn"),
  modified_fee: sats("Fee with what the operator adds to it (prioritisetransaction)"),
  ancestor_count: integer("Transactions of the mempool that must come first, itself counted", 1),
  descendant_count: integer("Transactions of the mempool that depend on it, itself counted", 1),
  depends_on: list(hashText("Parent"), "Transactions of the mempool that it spends"),
  spent_by: list(hashText("Child"), "Transactions of the mempool that spend it"),
  signals_replacement: flag(
    "Whether it or an ancestor signals replacement (BIP125); any may be replaced by a better one",
  ),
  projected_block: nullable(
    integer(
      "Which of the projected blocks it is in, the next one being 0; null where it is behind those that are shown",
    ),
  ),
});
export type MempoolStanding = Static<typeof MempoolStanding>;

/** A transaction with all that is known of it. */
export const TransactionDetail = object({
  ...transactionFields,
  outputs: list(
    object({
      ...outputFields,
      is_spent: nullable(flag("Whether it is spent, in the chain or the mempool; null where that is not known")),
      spent_by: nullable(OutputSpender),
    }),
  ),
  hex: text("The whole transaction, in hex"),
  status: TransactionStatus,
  mempool: nullable(MempoolStanding),
});
export type TransactionDetail = Static<typeof TransactionDetail>;

/** A transaction in one line of a list. */
export const TransactionLine = object({
  txid: hashText("Hash without witness"),
  is_coinbase: flag("Whether it is its block's coinbase"),
  input_count: integer("Inputs"),
  output_count: integer("Outputs"),
  total_output: sats("Sum of the outputs"),
  fee: nullable(sats("Inputs less outputs; null for a coinbase or where the spent coins are not known")),
  virtual_size: integer("BIP141 virtual size, in vbytes"),
  block_hash: hashText("Its block"),
  block_height: integer("Height of its block"),
  timestamp: integer("Time of its block's header, in seconds since 1970"),
});
export type TransactionLine = Static<typeof TransactionLine>;

/** Hex digits of the longest transaction that is relayed (400,000 weight units), if all of it is witness. */
export const TRANSACTION_HEX_MAX = 800_000;
/** A feerate from which on a fee is taken for a slip of the pen: 0.1 coins for 1000 vbytes. */
export const FEERATE_MAX_DEFAULT = 10_000_000;
const FEERATE_MAX_MAX = 100_000_000;
const BODY_SLACK_BYTES = 1024;
export const PACKAGE_BYTES_MAX = 2 * TRANSACTION_HEX_MAX + PACKAGE_COUNT_MAX * 16 + BODY_SLACK_BYTES;

/** The coinbase of the main network's first block: what the documentation shows in the place of a transaction. */
const EXAMPLE_HEX =
  "01000000010000000000000000000000000000000000000000000000000000000000000000ffffffff4d04ffff001d0104455468652054696d6573" +
  "2030332f4a616e2f32303039204368616e63656c6c6f72206f6e206272696e6b206f66207365636f6e64206261696c6f757420666f722062616e6b73" +
  "ffffffff0100f2052a01000000434104678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb649f6bc3f4cef38c4f35504e5" +
  "1ec112de5c384df7ba0b8d578a4c702b6bf11d5fac00000000";

const TransactionHex = StringType({
  minLength: 20,
  maxLength: TRANSACTION_HEX_MAX,
  pattern: "^([0-9a-fA-F]{2})+$",
  description: "Transaction in its network form, in hex",
});
const FeerateMax = Optional(
  integer(
    `Highest fee for 1000 vbytes that is meant, in satoshis: a transaction that pays more is refused. 0 for no limit; ${FEERATE_MAX_DEFAULT} where absent`,
    0,
    FEERATE_MAX_MAX - 1,
  ),
);

/** Of a package, or what stands for one. */
export const TransactionHexList = list(
  TransactionHex,
  "Transactions in hex, parents before children",
  1,
  PACKAGE_COUNT_MAX,
);

export const BroadcastBody = object({ hex: TransactionHex, max_feerate_sat_per_kvb: FeerateMax });
export const TransactionListBody = object({
  transactions: TransactionHexList,
  max_feerate_sat_per_kvb: FeerateMax,
});

/** Waiting transactions of an answer that would have to go, at most. */
export const REPLACED_SHOWN_MAX = 100;

export const TestedListBody = object({
  transactions: TransactionHexList,
  max_feerate_sat_per_kvb: FeerateMax,
  as_package: Optional(
    BooleanType({
      description:
        "Whether a child may pay for its parents, as where `POST /api/v1/transactions/package` takes them; else each must pay for itself. Default false",
    }),
  ),
});

/** What a transaction would push out of the mempool, and what that costs (BIP125, rules 3 and 4). */
export const ReplacementCost = object({
  conflicts: list(hashText("txid"), "Waiting transactions that spend the same outputs", 1),
  replaced: list(hashText("txid"), `These, and what depends on them: at most ${REPLACED_SHOWN_MAX}`, 1),
  replaced_count: integer("How many would have to go", 1),
  replaced_fee: sats("What they pay together, with what the operator adds"),
  replaced_virtual_size: integer("How large they are together, in vbytes"),
  relay_fee: sats("What it must pay on top, for its own way through the network"),
  fee_min: sats(
    "The sum of both: it must pay so much at least. What miners would earn with it must also be more than without it, size for size",
  ),
});
export type ReplacementCost = Static<typeof ReplacementCost>;

/** What became, or would become, of a transaction that was handed in. */
export const AcceptanceResult = object({
  txid: hashText("Hash without witness"),
  wtxid: hashText("Hash with witness"),
  outcome: Union([Literal("accepted"), Literal("known"), Literal("refused"), Literal("not-checked")], {
    description:
      "accepted: it is, or would be, in the mempool; known: it is there already; refused: see the reason; not-checked: another of the package was refused first",
  }),
  reason: nullable(text("Why it is refused, in the words of Bitcoin Core")),
  virtual_size: nullable(integer("BIP141 virtual size with signature operations counted, in vbytes")),
  fee: nullable(sats("Inputs less outputs")),
  effective_feerate_sat_per_kvb: nullable(
    decimal("Fee for 1000 vbytes of it, or of those that pay for it together, in satoshis"),
  ),
  replacement: nullable(ReplacementCost),
});
export type AcceptanceResult = Static<typeof AcceptanceResult>;

export const PackageAcceptance = object({
  is_accepted: flag("Whether all of them are, or would be, in the mempool"),
  reason: nullable(text("What is wrong with the package as a whole, in the words of Bitcoin Core")),
  transactions: list(AcceptanceResult, "In the order given"),
  replaced: list(hashText("txid"), "Transactions of the mempool that had to go, or would have to"),
});
export type PackageAcceptance = Static<typeof PackageAcceptance>;

const TxidParams = object({ txid: hashText("Transaction id") });

export const transactionRoutes = {
  transactions: {
    path: "/api/v1/transactions",
    tag: "transactions",
    summary: "Transactions of the active chain, newest first",
    params: NoFields,
    query: CursorQuery,
    data: cursorPageOf(TransactionLine),
    failures: [400, 404, 503],
    example: { query: { limit: 10 } },
  },
  transaction: {
    path: "/api/v1/transactions/{txid}",
    tag: "transactions",
    summary: "One transaction of the mempool or of a block, with the coins that it spends and what spends its own",
    description:
      "Transactions of blocks are found by `-txindex`; without it, those that have an output left to spend. What spends an output is known with `-txospenderindex`.",
    params: TxidParams,
    query: NoFields,
    data: TransactionDetail,
    failures: [400, 404, 503],
    example: { params: { txid: "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b" } },
  },
  decodeTransaction: {
    method: "POST",
    path: "/api/v1/transactions/decode",
    tag: "transactions",
    summary: "What a transaction's bytes say, and the coins it would spend where they are known",
    params: NoFields,
    query: NoFields,
    body: object({ hex: TransactionHex }),
    bodyBytesMax: TRANSACTION_HEX_MAX + BODY_SLACK_BYTES,
    data: DecodedTransaction,
    failures: [400, 503],
    isRepeatable: true,
    example: { body: { hex: EXAMPLE_HEX } },
  },
  testTransactions: {
    method: "POST",
    path: "/api/v1/transactions/test",
    tag: "transactions",
    summary: "Whether the mempool would take transactions, and what would have to go; changes nothing",
    params: NoFields,
    query: NoFields,
    body: TestedListBody,
    bodyBytesMax: PACKAGE_BYTES_MAX,
    data: PackageAcceptance,
    failures: [400, 503],
    isRepeatable: true,
    example: { body: { transactions: [EXAMPLE_HEX] } },
  },
  broadcastTransaction: {
    method: "POST",
    path: "/api/v1/transactions/broadcast",
    tag: "transactions",
    summary: "Puts a signed transaction into the mempool and announces it to all peers",
    description:
      "Sending one that is in the mempool already announces it again and is no failure. 409: it is in the chain. 422: it is refused, the error says why.",
    params: NoFields,
    query: NoFields,
    body: BroadcastBody,
    bodyBytesMax: TRANSACTION_HEX_MAX + BODY_SLACK_BYTES,
    data: object({ txid: hashText("Transaction id") }),
    failures: [400, 409, 422, 503],
    isRepeatable: true,
    example: { body: { hex: EXAMPLE_HEX } },
  },
  broadcastPackage: {
    method: "POST",
    path: "/api/v1/transactions/package",
    tag: "transactions",
    summary: "Puts a child and its parents into the mempool where they pay enough together",
    params: NoFields,
    query: NoFields,
    body: TransactionListBody,
    bodyBytesMax: PACKAGE_BYTES_MAX,
    data: PackageAcceptance,
    failures: [400, 503],
    isRepeatable: true,
    example: { body: { transactions: [EXAMPLE_HEX, EXAMPLE_HEX] } },
  },
} as const satisfies Record<string, RestRoute>;
