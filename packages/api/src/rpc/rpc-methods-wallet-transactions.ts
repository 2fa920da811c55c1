import { walletDecodedFields } from "./rpc-fields.ts";
import {
  amount,
  arr,
  elision,
  type Field,
  type FieldValue,
  hex,
  maybe,
  method,
  none,
  obj,
  optional,
  options,
  required,
  result,
  withDefault,
} from "./rpc-schema.ts";
import {
  EXAMPLE_TXID,
  lastProcessedBlock,
  listedSinceBlock,
  listedTransaction,
  noLongerUsed,
  transactionDetail,
  walletTransactionFields,
} from "./rpc-wallet-fields.ts";

const COUNT_DEFAULT = 10;

/** Help leaves out what it shows just above; the type has it all. */
const removedTransaction = obj({ same: elision('Same as in "transactions"') }) as Field as Field<
  FieldValue<typeof listedSinceBlock>
>;

/** Methods about the transactions of a wallet. */
export const walletTransactionMethods = {
  listtransactions: method({
    category: "wallet",
    description: `Lists the newest entries of the wallet's history, the oldest of them first.
With a label, those of payments to addresses with that label alone.
A transaction has an entry for each output that pays others, and one for each output that pays the wallet: one that pays
three addresses, of which one is the wallet's own, has four.`,
    params: [
      optional("label", "string", 'The label; "*" is as none.'),
      withDefault("count", "int", COUNT_DEFAULT, "Most entries to list"),
      withDefault("skip", "int", 0, "Newest entries to leave out"),
      noLongerUsed("include_watchonly"),
    ],
    results: result(arr(listedTransaction)),
    examples: [[], ['"*"', "20", "100"]],
  }),

  listsinceblock: method({
    category: "wallet",
    description: `Lists the wallet's transactions since a block, or all. Where the block is not in the chain any more, those since the chain left it;
"removed" then has those that went with the blocks.`,
    params: [
      optional("blockhash", "string", "The block; without, all are listed."),
      withDefault(
        "target_confirmations",
        "int",
        1,
        'Which block "lastblock" is: 1 for the tip, 2 for the one before. It does not choose what is listed.',
      ),
      noLongerUsed("include_watchonly"),
      withDefault("include_removed", "bool", true, 'Whether to list "removed" (a pruned node may not know).'),
      withDefault("include_change", "bool", false, "Whether to list change too."),
      optional("label", "string", "List payments to addresses with this label alone."),
    ],
    results: result(
      obj({
        transactions: arr(listedSinceBlock),
        removed: maybe(
          arr(removedTransaction, "Transactions of blocks that left the chain; some may be in it again by now"),
        ),
        lastblock: hex("The block to ask for next time: that with target_confirmations, or the first of all"),
      }),
    ),
    examples: [[], ['"000000000000000bacf66f7497b7dc45ef753ee9a7d38571037cdb1a57f663ad"', "6"]],
  }),

  gettransaction: method({
    category: "wallet",
    description: "Describes a transaction of the wallet.",
    params: [
      required("txid", "string", "The transaction id"),
      noLongerUsed("include_watchonly"),
      withDefault("verbose", "bool", false, 'Whether to add "decoded".'),
    ],
    results: result(
      obj({
        amount: amount("What it brings the wallet in BTC, without the fee"),
        fee: maybe(amount("The fee in BTC, below 0 (only where the wallet paid it)")),
        ...walletTransactionFields,
        details: arr(transactionDetail),
        hex: hex("The transaction's bytes"),
        decoded: maybe(obj(walletDecodedFields, "The transaction as decoderawtransaction has it (only with verbose)")),
        lastprocessedblock: lastProcessedBlock,
      }),
    ),
    examples: [[EXAMPLE_TXID], [EXAMPLE_TXID, "false", "true"]],
  }),

  abandontransaction: method({
    category: "wallet",
    description: `Gives up a transaction of the wallet that is in neither block nor mempool, and those that depend on it, so that what they
spend can be spent otherwise. It does nothing where that was done before.`,
    params: [required("txid", "hex", "The transaction id")],
    results: result(none()),
    examples: [[EXAMPLE_TXID]],
  }),

  simulaterawtransaction: method({
    category: "wallet",
    description: "Tells how the wallet's balance would change, were transactions signed and confirmed.",
    params: [
      optional("rawtxs", "strings", "The transactions' bytes in hex.", { itemName: "rawtx" }),
      options("options", [noLongerUsed("include_watchonly")], { placeholder: '{"include_watchonly":bool,...}' }),
    ],
    results: result(obj({ balance_change: amount("The change in BTC; below 0 where it has less") })),
    examples: [['["myhex"]']],
  }),
} as const;
