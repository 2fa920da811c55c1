import { arr, bool, hex, maybe, method, num, obj, optional, required, result, str } from "./rpc-schema.ts";

/** Methods that sign with keys that the caller gives. */
export const signingMethods = {
  combinerawtransaction: method({
    category: "rawtransactions",
    description:
      "Brings versions of one transaction together that several people signed in part.\nThe result may still lack signatures.",
    params: [required("txs", "strings", "The transactions' bytes in hex", { itemName: "hexstring" })],
    results: result(str("The bytes of a transaction with all signatures, in hex")),
    examples: [['["myhex1", "myhex2", "myhex3"]']],
  }),

  signrawtransactionwithkey: method({
    category: "rawtransactions",
    description: `Signs inputs of a transaction with the given keys and no others.
Outputs that it spends, where they are in neither chain nor mempool, must be described.`,
    params: [
      required("hexstring", "string", "The transaction's bytes in hex"),
      required("privkeys", "strings", "The private keys in wallet import format", { itemName: "privatekey" }),
      optional(
        "prevtxs",
        "array",
        'Outputs that are spent: {"txid": "hex", "vout": n, "scriptPubKey": "hex", "redeemScript": "hex" (for P2SH), "witnessScript": "hex" (for P2WSH), "amount": amount (for a witness)}.',
      ),
      optional(
        "sighashtype",
        "string",
        `What signatures leave open. One of:
       "DEFAULT"
       "ALL"
       "NONE"
       "SINGLE"
       "ALL|ANYONECANPAY"
       "NONE|ANYONECANPAY"
       "SINGLE|ANYONECANPAY"`,
        { defaultHint: "DEFAULT for Taproot, ALL otherwise" },
      ),
    ],
    results: result(
      obj({
        hex: hex("The transaction's bytes, with what signatures there are"),
        complete: bool("Whether every input is signed"),
        errors: maybe(
          arr(
            obj({
              txid: hex("The transaction whose output the input spends"),
              vout: num("Index of that output"),
              witness: arr(hex("")),
              scriptSig: hex("The input's script"),
              sequence: num("The input's sequence number"),
              error: str("What is wrong with the input"),
            }),
            "One for each input that is not valid",
          ),
        ),
      }),
    ),
    examples: [['"myhex"', '["key1","key2"]']],
  }),

  signmessagewithprivkey: method({
    category: "util",
    description: "Signs a message with the private key of an address.",
    params: [
      required("privkey", "string", "The private key in wallet import format."),
      required("message", "string", "The message."),
    ],
    results: result(str("The signature in base 64")),
    examples: [['"privkey"', '"my message"']],
  }),

  verifymessage: method({
    category: "util",
    description: "Tells whether a message was signed with the key of an address.",
    params: [
      required("address", "string", "The address."),
      required("signature", "string", "The signature in base 64."),
      required("message", "string", "The message."),
    ],
    results: result(bool("Whether the signature is that key's")),
    examples: [['"1D1ZrZNe3JUo7ZycKEYQQiQAWd9y54F4XX"', '"signature"', '"my message"']],
  }),
} as const;
