import { amount, hex, method, num, obj, optional, options, required, result, str, withDefault } from "./rpc-schema.ts";
import { EXAMPLE_ADDRESS } from "./rpc-wallet-fields.ts";
import {
  bumpMembers,
  errorsOfBump,
  fundMembers,
  outputs,
  PSBT_VERSION_DEFAULT,
  versionOption,
  weighedInputItems,
} from "./rpc-wallet-options.ts";

const psbtVersion = withDefault("psbt_version", "uint32", PSBT_VERSION_DEFAULT, "Version of the PSBT: 0 or 2.");
const feeAndChange = {
  fee: amount("The fee in BTC"),
  changepos: num("Index of the change that was added, or -1"),
};
const bumpTxid = required("txid", "hex", "The transaction id");
const bumped = {
  origfee: amount("The fee of the old one in BTC"),
  fee: amount("The fee of the new one in BTC"),
  errors: errorsOfBump,
};
const BUMP = `Makes a transaction that replaces one of the wallet's and pays more. The difference comes from the change, or from inputs that
are added; what the old one spends is spent by the new one too. Nothing in wallet or mempool may spend an output of the old one.
Without a fee rate (in sat/vB), one is estimated. The new one must pay more by what the relay of it costs (incrementalfee of
getnetworkinfo).`;

/** Methods that add coins to transactions, and fees. */
export const walletFundMethods = {
  fundrawtransaction: method({
    category: "rawtransactions",
    description: `Adds inputs to a transaction until they pay for its outputs and the fee, and one output at most for the change. Outputs stay
as they are, unless subtractFeeFromOutputs says otherwise. Inputs are not signed: signrawtransactionwithwallet does that.
What the transaction spends already must be known to wallet or chain, and how it is spent to the wallet or from solving_data.
The fee rate is that of the transaction together with unconfirmed ones that it depends on, so its own may be higher.`,
    params: [
      required("hexstring", "hex", "The transaction's bytes in hex"),
      optional(
        "options",
        "structure",
        "An object with any of the named arguments below, which may also be given by name.",
        { members: fundMembers(true) },
      ),
      optional(
        "iswitness",
        "bool",
        `Whether the bytes are of the form with witnesses.
Where absent, the form is guessed. true tries the form with witnesses only, false the form without only.
A caller that knows whether the transaction has inputs should say so.`,
        { defaultHint: "depends on heuristic tests" },
      ),
    ],
    results: result(obj({ hex: hex("The transaction's bytes"), ...feeAndChange })),
    examples: [['"rawtransactionhex"']],
  }),

  walletcreatefundedpsbt: method({
    category: "wallet",
    description: `Makes a PSBT that pays outputs and the fee, and fills in what the wallet knows (BIP 174: creator and updater).
What it is told to spend must be known to wallet or chain, and how it is spent to the wallet or from solving_data.`,
    params: [
      optional(
        "inputs",
        "array",
        "What to spend. Without any, the wallet chooses; with some, add_inputs says whether.",
        {
          placeholder: '[{"txid":"hex","vout":n,"sequence":n,"weight":n},...]',
          items: weighedInputItems,
        },
      ),
      outputs,
      withDefault("locktime", "int64", 0, "The lock time; other than 0, inputs heed it"),
      options("options", fundMembers("unless inputs")),
      withDefault("bip32derivs", "bool", true, "Whether to add the paths of public keys, where they are known"),
      versionOption,
      psbtVersion,
    ],
    results: result(obj({ psbt: str("The PSBT in base 64"), ...feeAndChange })),
    examples: [["[]", `[{${EXAMPLE_ADDRESS}:0.5}]`, "0", '{"add_inputs":true,"fee_rate":2}']],
  }),

  bumpfee: method({
    category: "wallet",
    description: BUMP,
    params: [bumpTxid, options("options", bumpMembers)],
    results: result(obj({ txid: hex("The id of the new one"), ...bumped })),
    examples: [['"txid"']],
  }),

  psbtbumpfee: method({
    category: "wallet",
    description: `${BUMP}\nThe new one is answered as a PSBT, and neither signed nor sent.`,
    params: [bumpTxid, options("options", [...bumpMembers, psbtVersion])],
    results: result(obj({ psbt: str("The new one as PSBT in base 64, not signed"), ...bumped })),
    examples: [['"txid"']],
  }),
} as const;
