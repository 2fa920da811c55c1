import {
  Array as ArrayType,
  Integer,
  Literal,
  Number as NumberType,
  Optional,
  String as StringType,
  Union,
} from "typebox";
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
import { Label, walletField, walletRow } from "./wallets.ts";

/** What wallets of the node have, got and pay. */

/** Blocks that fees are estimated for at most. */
const TARGET_MAX = 1_008;
const FEERATE_MAX = 100_000;
const SEND_SATS_MAX = 2_100_000_000_000_000;
const VOUT_MAX = 4_294_967_295;
/** Beside the first. */
const RECIPIENTS_MAX = 99;
/** As many as fit into a standard transaction. */
const COINS_MAX = 1_500;
/** With so many coins and recipients. */
const PAYMENT_BYTES_MAX = 200_000;

const failures = [400, 404, 409, 503] as const;

export const WalletBalance = object({
  confirmed: sats("What can be spent: confirmed, or change of the wallet's own transactions"),
  unconfirmed: sats("What others have paid and no block has yet"),
  immature: sats("Rewards of blocks that are not 100 blocks old"),
  used: sats("Coins of addresses that were spent from, where the wallet sets them apart (avoid_reuse); 0 in others"),
  total: sats("The sum of these"),
  block_height: integer("Height of the block up to which this holds"),
  block_hash: hashText("That block"),
});
export type WalletBalance = Static<typeof WalletBalance>;

export const WalletUtxo = object({
  txid: hashText("Transaction of the output"),
  vout: integer("Index of the output"),
  address: nullable(text("Its address; null where it has none")),
  label: nullable(text("What the address is for; null where it has no label")),
  value: sats("Worth"),
  confirmations: integer("Blocks upon it, its own counted; 0 in the mempool"),
  script: text("Output script, in hex"),
  is_safe: flag("Whether it is confirmed or the wallet's own: others' unconfirmed payments may yet go"),
  is_locked: flag("Whether it was set aside: the wallet chooses it for no payment"),
  is_used: flag("Whether coins of its address were spent before"),
});
export type WalletUtxo = Static<typeof WalletUtxo>;

const Category = Union(
  [Literal("send"), Literal("receive"), Literal("generate"), Literal("immature"), Literal("orphan")],
  {
    description:
      "`generate`, `immature` and `orphan` are rewards of blocks: that count, do not yet, or are out of the chain",
  },
);

export const WalletMovement = object({
  category: Category,
  address: nullable(text("Who was paid; null where the output has no address")),
  label: nullable(text("What the address is for; null where it has no label")),
  amount: sats("Below 0 where the wallet paid"),
  vout: integer("Index of the output"),
});

export type WalletMovement = Static<typeof WalletMovement>;

export const WalletTransaction = object({
  txid: hashText("The transaction"),
  amount: sats("What it brings the wallet, without the fee; below 0 where it takes"),
  fee: nullable(sats("What the wallet paid for it; null where others made it")),
  confirmations: integer(
    "Blocks upon it, its own counted; 0 where it is in none, below 0 where a block excludes it",
    -10_000_000,
  ),
  block_hash: nullable(hashText("Its block")),
  block_height: nullable(integer("Height of its block")),
  time: integer("When the wallet first saw it, or its block was made, in seconds since 1970"),
  is_replaceable: nullable(flag("Whether it signals replacement (BIP125); null where that is not known")),
  is_abandoned: flag("Whether it was given up"),
  replaced_by: nullable(hashText("Transaction that took its place")),
  movements: list(WalletMovement, "Payments in it: of the wallet to others, and to the wallet"),
});
export type WalletTransaction = Static<typeof WalletTransaction>;

const Txid = StringType({ pattern: "^[0-9a-fA-F]{64}$", description: "A transaction of the wallet" });
const TxidParams = object({ txid: Txid });
const Payee = StringType({ minLength: 1, maxLength: 100, pattern: "^[0-9A-Za-z]+$", description: "Who is paid" });
const Amount = Integer({ minimum: 1, maximum: SEND_SATS_MAX, description: "How much, in satoshis" });

const feeFields = {
  feerate: Optional(
    NumberType({
      minimum: 0.001,
      maximum: FEERATE_MAX,
      description: "Satoshis a vbyte, to three decimals; estimated where absent",
    }),
  ),
  target: Optional(
    Integer({
      minimum: 1,
      maximum: TARGET_MAX,
      description: "Blocks within which to be confirmed, for the estimate; not together with feerate",
    }),
  ),
};

/** What a payment would spend and pay. */
export const WalletPaymentPlan = object({
  virtual_size: nullable(integer("About, in vbytes; null where it cannot be told before signing")),
  feerate: nullable(NumberType({ description: "About, in satoshis a vbyte; null as the size" })),
  inputs: list(
    object({
      txid: hashText("Transaction that made the coin"),
      vout: integer("Index of the output"),
      amount: nullable(sats("What the coin has; null where that is not told")),
      address: nullable(text("Where it is")),
    }),
    "Coins that would be spent",
  ),
  outputs: list(
    object({
      address: nullable(text("Who gets it")),
      amount: sats("What arrives"),
      is_change: flag("Whether it comes back to the wallet"),
    }),
  ),
});
export type WalletPaymentPlan = Static<typeof WalletPaymentPlan>;

export const WalletPayment = object({
  txid: nullable(hashText("The transaction; null for a preview")),
  is_preview: flag("Whether nothing was signed or sent"),
  to_address: text("Who is paid"),
  amount: sats("What arrives, at all who are paid together"),
  fee: sats("What it costs besides"),
  total: sats("Both together"),
  plan: nullable(WalletPaymentPlan),
  timestamp: text("When, RFC 3339"),
});
export type WalletPayment = Static<typeof WalletPayment>;

export const WalletChild = object({
  txid: nullable(hashText("The child; null for a preview")),
  is_preview: flag("Whether nothing was signed or sent"),
  fee: sats("What the child costs"),
  size: integer("Its virtual size, in vbytes"),
  package_fee: sats("What it pays together with all unconfirmed transactions that it depends on"),
  package_size: integer("Their virtual size together"),
  package_feerate: NumberType({ description: "What they pay together, in satoshis a vbyte" }),
});
export type WalletChild = Static<typeof WalletChild>;

export const walletPaymentRoutes = {
  walletBalance: {
    ...walletRow,
    path: "/api/wallet/balance",
    summary: "What a wallet has",
    data: WalletBalance,
    failures: [400, 404, 503],
  },
  walletUtxos: {
    ...walletRow,
    path: "/api/wallet/utxos",
    summary: "The unspent outputs of a wallet, the newest first",
    query: object({
      ...walletField,
      ...PageQuery.properties,
      with_locked: Optional(flag("Those that are locked as well")),
    }),
    data: pageOf(WalletUtxo),
    failures: [400, 404, 503],
    example: { query: { limit: 20 } },
  },
  lockWalletCoin: {
    ...walletRow,
    method: "PUT",
    path: "/api/wallet/utxos/{txid}/{vout}",
    summary: "Sets a coin aside, so that the wallet chooses it for no payment, or lets it go again",
    params: object({
      ...TxidParams.properties,
      vout: Integer({ minimum: 0, maximum: VOUT_MAX, description: "Index of the output" }),
    }),
    query: NoFields,
    body: object({ ...walletField, is_locked: flag("Whether it is set aside, over restarts of the node too") }),
    isRepeatable: true,
    data: WalletUtxo,
    failures: [400, 404, 503],
    example: {
      params: { txid: "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b", vout: 0 },
      body: { is_locked: true },
    },
  },
  walletHistory: {
    ...walletRow,
    path: "/api/wallet/transactions",
    summary: "The transactions of a wallet, the newest first",
    query: object({ ...walletField, ...CursorQuery.properties }),
    data: cursorPageOf(WalletTransaction),
    failures: [400, 404, 503],
    example: { query: { limit: 20 } },
  },
  walletTransaction: {
    ...walletRow,
    path: "/api/wallet/transactions/{txid}",
    summary: "A transaction of a wallet",
    params: TxidParams,
    data: WalletTransaction,
    failures: [400, 404, 503],
    example: { params: { txid: "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b" } },
  },
  sendFromWallet: {
    ...walletRow,
    method: "POST",
    path: "/api/wallet/transactions",
    summary: "Pays from a wallet; or tells what that would cost",
    description:
      "409 where the wallet is locked, has too little, or no feerate can be estimated. With `is_preview` nothing is signed, sent or set aside, and a locked wallet does as well: `plan` has coins, outputs, change and size, which may be others when it is sent, unless they are named (`coins`). `recipients` are paid by the same transaction. Two requests are two payments: where no answer comes, look at the history before you try again.",
    query: NoFields,
    body: object({
      ...walletField,
      to_address: Payee,
      amount: Optional(Amount),
      send_all: Optional(
        flag("In place of an amount: all that the coins have which can be spent, less the fee and what others get"),
      ),
      recipients: Optional(
        ArrayType(object({ to_address: Payee, amount: Amount, label: Optional(Label) }), {
          maxItems: RECIPIENTS_MAX,
          description: "Who else is paid",
        }),
      ),
      coins: Optional(
        ArrayType(
          object({ txid: Txid, vout: Integer({ minimum: 0, maximum: VOUT_MAX, description: "Index of the output" }) }),
          {
            minItems: 1,
            maxItems: COINS_MAX,
            description: "Spend these coins of the wallet and no others; 409 where one is spent or locked",
          },
        ),
      ),
      from_address: Optional(
        StringType({
          minLength: 1,
          maxLength: 100,
          pattern: "^[0-9A-Za-z]+$",
          description: "Spend coins of this address of the wallet alone",
        }),
      ),
      ...feeFields,
      subtract_fee: Optional(flag("Take the fee off the amounts, as much off each: who is paid gets less")),
      label: Optional(Label),
      is_preview: Optional(flag("Only tell what it would cost")),
    }),
    bodyBytesMax: PAYMENT_BYTES_MAX,
    data: WalletPayment,
    failures,
    example: { body: { to_address: "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080", amount: 100_000, feerate: 2 } },
  },
  bumpWalletTransaction: {
    ...walletRow,
    method: "POST",
    path: "/api/wallet/transactions/{txid}/bump",
    summary: "Pays more for a transaction that waits: another takes its place",
    params: TxidParams,
    query: NoFields,
    body: object({ ...walletField, ...feeFields }),
    data: object({
      txid: hashText("The transaction that takes its place"),
      original_fee: sats("What the first one cost"),
      fee: sats("What this one costs"),
    }),
    failures,
    example: {
      params: { txid: "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b" },
      body: { feerate: 5 },
    },
  },
  payForWalletTransaction: {
    ...walletRow,
    method: "POST",
    path: "/api/wallet/transactions/{txid}/cpfp",
    summary: "Pays more for a transaction of anybody that waits and pays the wallet: a child pulls it into a block",
    description:
      "The child (CPFP) spends outputs of the transaction which are the wallet's back to the wallet, with so high a fee that it is worth a miner's while to take both, and all that they depend on: together they come to the feerate. 409 where they pay that already, where the transaction does not wait in the mempool, and where what the wallet got of it does not suffice.",
    params: TxidParams,
    query: NoFields,
    body: object({ ...walletField, ...feeFields, is_preview: Optional(flag("Only tell what it would cost")) }),
    data: WalletChild,
    failures,
    example: {
      params: { txid: "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b" },
      body: { feerate: 20 },
    },
  },
  abandonWalletTransaction: {
    ...walletRow,
    method: "POST",
    path: "/api/wallet/transactions/{txid}/abandon",
    summary: "Gives up a transaction that is in neither block nor mempool, so that its coins can be spent otherwise",
    params: TxidParams,
    isRepeatable: true,
    data: WalletTransaction,
    failures,
    example: { params: { txid: "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b" } },
  },
} as const satisfies Record<string, RestRoute>;
