import { signingMethods } from "./rpc-methods-signing.ts";
import { bool, hex, maybe, method, obj, required, result, str, withDefault } from "./rpc-schema.ts";
import { NEEDS_PASSPHRASE } from "./rpc-wallet-fields.ts";

const [hexstring, , prevtxs, sighashType] = signingMethods.signrawtransactionwithkey.params;

/** Methods that sign with keys of a wallet. */
export const walletSignMethods = {
  signmessage: method({
    category: "wallet",
    description: `Signs a message with the private key of an address.${NEEDS_PASSPHRASE}`,
    params: [required("address", "string", "The address."), required("message", "string", "The message.")],
    results: result(str("The signature in base 64")),
    examples: [['"1D1ZrZNe3JUo7ZycKEYQQiQAWd9y54F4XX"', '"my message"']],
  }),

  signrawtransactionwithwallet: method({
    category: "wallet",
    description: `Signs inputs of a transaction with the wallet's keys.
Outputs that it spends, where they are in neither chain nor mempool, must be described.${NEEDS_PASSPHRASE}`,
    params: [
      hexstring,
      {
        ...prevtxs,
        placeholder:
          '[{"txid":"hex","vout":n,"scriptPubKey":"hex","redeemScript":"hex","witnessScript":"hex","amount":amount},...]',
      },
      sighashType,
    ],
    results: signingMethods.signrawtransactionwithkey.results,
    examples: [['"myhex"']],
  }),

  walletprocesspsbt: method({
    category: "wallet",
    description: `Fills in what the wallet knows of a PSBT's inputs and outputs, and signs where it can.${NEEDS_PASSPHRASE}`,
    params: [
      required("psbt", "string", "The PSBT in base 64"),
      withDefault("sign", "bool", true, "Whether to sign; the wallet must be unlocked for that"),
      { ...sighashType, description: `${sighashType.description}\nWhat the PSBT itself says of an input comes first.` },
      withDefault("bip32derivs", "bool", true, "Whether to add the paths of public keys, where they are known"),
      withDefault("finalize", "bool", true, "Whether to finish inputs that can be"),
    ],
    results: result(
      obj({
        psbt: str("The PSBT in base 64"),
        complete: bool("Whether every input is signed"),
        hex: maybe(hex("The transaction's bytes (only where complete)")),
      }),
    ),
    examples: [['"psbt"']],
  }),
} as const;
