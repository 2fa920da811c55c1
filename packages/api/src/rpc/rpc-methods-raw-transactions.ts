import {
  amount,
  arr,
  bool,
  hex,
  map,
  maybe,
  method,
  num,
  obj,
  optional,
  required,
  result,
  str,
  withDefault,
} from "./rpc-schema.ts";

const maxFeerate = optional(
  "maxfeerate",
  "amount",
  "Refuse a transaction that pays more than this, in BTC/kvB.\nFee rates of 1 BTC/kvB and more are refused. 0 takes any fee.",
  { defaultHint: '"0.10"' },
);
const maxBurn = optional(
  "maxburnamount",
  "amount",
  "Refuse a transaction that makes an output which nobody can spend and that is worth more than this, in BTC.",
  { defaultHint: '"0.00"' },
);
const effectiveFields = {
  "effective-feerate": amount("Fee rate it was taken for, in BTC/kvB: that of its package where the package paid"),
  "effective-includes": arr(hex("A wtxid"), "Transactions whose fees and sizes that counts"),
};

/** Methods that make transactions and bring them into the mempool. */
export const rawTransactionMethods = {
  sendrawtransaction: method({
    category: "rawtransactions",
    description: "Puts a transaction into the mempool and sends it to the peers.",
    params: [required("hexstring", "hex", "The transaction's bytes in hex"), maxFeerate, maxBurn],
    results: result(hex("The transaction id")),
    examples: [['"signedhex"']],
  }),

  testmempoolaccept: method({
    category: "rawtransactions",
    description:
      "Tells whether transactions would be taken into the mempool, which stays as it is.\nSeveral come parents first, must not conflict, and are not looked at to the end where one of them fails.",
    params: [
      required("rawtxs", "strings", "The transactions' bytes in hex, 25 at most.", { itemName: "rawtx" }),
      maxFeerate,
    ],
    results: result(
      arr(
        obj({
          txid: hex("The transaction id"),
          wtxid: hex("Hash with its witness"),
          "package-error": maybe(str("What is wrong with the transactions together")),
          allowed: maybe(bool("Whether it would be taken (absent where it was not looked at to the end)")),
          vsize: maybe(num("Virtual size (only where it would be taken)")),
          fees: maybe(obj({ base: amount("The fee in BTC"), ...effectiveFields })),
          "reject-reason": maybe(str("Why not (only where it would not)")),
          "reject-details": maybe(str("The same with details")),
        }),
        "One for each transaction, in order",
      ),
    ),
    examples: [['["signedhex"]']],
  }),

  submitpackage: method({
    category: "rawtransactions",
    description:
      "Puts a transaction and its parents into the mempool, where the child may pay for all.\nParents come first; none depends on another.",
    params: [
      required("package", "strings", "The transactions' bytes in hex, 25 at most.", { itemName: "rawtx" }),
      maxFeerate,
      maxBurn,
    ],
    results: result(
      obj({
        package_msg: str('"success", or what is wrong'),
        "tx-results": map(
          "wtxid",
          obj({
            txid: hex("The transaction id"),
            "other-wtxid": maybe(hex("The transaction of that txid, with another witness, that is in the mempool")),
            vsize: maybe(num("Virtual size")),
            fees: maybe(
              obj({
                base: amount("The fee in BTC"),
                "effective-feerate": maybe(effectiveFields["effective-feerate"]),
                "effective-includes": maybe(effectiveFields["effective-includes"]),
              }),
            ),
            error: maybe(str("Why it was refused")),
          }),
        ),
        "replaced-transactions": maybe(arr(hex("A transaction id"), "Transactions that had to go")),
      }),
    ),
    examples: [['["raw-parent-tx-1", "raw-parent-tx-2", "raw-child-tx"]']],
  }),

  createrawtransaction: method({
    category: "rawtransactions",
    description: "Makes a transaction that spends the given outputs and makes new ones. It is not signed.",
    params: [
      required("inputs", "array", 'Outputs to spend: {"txid": "hex", "vout": n, "sequence": n}.'),
      required("outputs", "structure", 'Outputs to make: {"address": amount} or {"data": "hex"}, each once.'),
      withDefault("locktime", "int64", 0, "The lock time"),
      optional("replaceable", "bool", "Whether it signals that it may be replaced (BIP 125).", { defaultHint: "true" }),
      withDefault("version", "uint32", 2, "The transaction's version"),
    ],
    results: result(hex("The transaction's bytes")),
    examples: [['[{"txid":"myid","vout":0}]', '[{"address":0.01}]']],
  }),
} as const;
