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
  options,
  required,
  result,
  str,
  time,
  when,
  withDefault,
} from "./rpc-schema.ts";

const ENTRY = obj({
  vsize: num("Virtual size in vbytes; more than the transaction's own where it is full of signature operations"),
  weight: num("Weight units (BIP 141)"),
  time: time("When it came, in UNIX epoch time"),
  height: num("Height of the tip when it came"),
  descendantcount: num("Descendants in the mempool, itself counted"),
  descendantsize: num("Their virtual size"),
  ancestorcount: num("Ancestors in the mempool, itself counted"),
  ancestorsize: num("Their virtual size"),
  wtxid: hex("Hash with its witness"),
  chunkweight: num("Weight of what is mined together with it, adjusted for signature operations"),
  fees: obj({
    base: amount("The fee in BTC"),
    modified: amount("With what prioritisetransaction added"),
    ancestor: amount("Fees of its ancestors and itself"),
    descendant: amount("Fees of its descendants and itself"),
    chunk: amount("Fees of what is mined together with it"),
  }),
  depends: arr(hex("A parent"), "Transactions of the mempool whose outputs it spends"),
  spentby: arr(hex("A child"), "Transactions of the mempool that spend its outputs"),
  unbroadcast: bool("Whether no peer has asked for it yet"),
  "bip125-replaceable": maybe(
    bool("Whether it or an ancestor in the mempool signals replacement (BIP 125; only with -deprecatedrpc=bip125)"),
  ),
});

const txid = required("txid", "string", "The transaction id");
const verbose = withDefault("verbose", "bool", false, "true for an object with details, false for a list of ids");
const idsOrEntries = [
  when("for verbose = false", arr(hex("A transaction id"))),
  when("for verbose = true", map("transactionid", ENTRY)),
] as const;

/** Methods that look into the mempool, and change what its transactions count for. */
export const mempoolMethods = {
  getmempoolinfo: method({
    category: "blockchain",
    description: "Returns the state of the pool of transactions that wait for a block.",
    params: [],
    results: result(
      obj({
        loaded: bool("Whether the pool of the last run was read"),
        size: num("Transactions"),
        bytes: num("Sum of virtual sizes"),
        usage: num("Memory used, in bytes"),
        total_fee: amount("Sum of fees in BTC"),
        maxmempool: num("Memory the pool may use, in bytes"),
        mempoolminfee: amount("Lowest fee rate that is accepted, in BTC/kvB"),
        minrelaytxfee: amount("Lowest fee rate that is relayed, in BTC/kvB"),
        incrementalrelayfee: amount("Fee rate by which a replacement must be better, in BTC/kvB"),
        unbroadcastcount: num("Transactions that no peer has asked for yet"),
        permitbaremultisig: bool("Whether bare multisig outputs are accepted"),
        maxdatacarriersize: num("Most bytes of OP_RETURN outputs"),
        limitclustercount: num("Most transactions of a cluster"),
        limitclustersize: num("Most virtual bytes of a cluster"),
        optimal: bool("Whether the order of transactions is known to be optimal"),
        fullrbf: maybe(bool("Whether replacement needs no signal (only with -deprecatedrpc=fullrbf)")),
      }),
    ),
    examples: [[]],
  }),

  getrawmempool: method({
    category: "blockchain",
    description: "Returns the ids of the transactions that wait for a block.",
    params: [
      verbose,
      withDefault(
        "mempool_sequence",
        "bool",
        false,
        "With verbose false: an object of the list and the mempool's sequence number.",
      ),
    ],
    results: [
      ...idsOrEntries,
      when(
        "for verbose = false and mempool_sequence = true",
        obj({ txids: arr(hex("A transaction id")), mempool_sequence: num("The sequence number") }),
      ),
    ],
    examples: [["true"]],
  }),

  getmempoolentry: method({
    category: "blockchain",
    description: "Returns what is known of a transaction of the mempool.",
    params: [txid],
    results: result(ENTRY),
    examples: [['"mytxid"']],
  }),

  getmempoolancestors: method({
    category: "blockchain",
    description: "Returns what a transaction of the mempool depends on there.",
    params: [txid, verbose],
    results: idsOrEntries,
    examples: [['"mytxid"']],
  }),

  getmempooldescendants: method({
    category: "blockchain",
    description: "Returns what depends on a transaction of the mempool there.",
    params: [txid, verbose],
    results: idsOrEntries,
    examples: [['"mytxid"']],
  }),

  getmempoolcluster: method({
    category: "blockchain",
    description: "Returns the transactions of the mempool that one of them is connected with, in the order of mining.",
    params: [txid],
    results: result(
      obj({
        clusterweight: num("Weight of all, adjusted for signature operations"),
        txcount: num("Transactions"),
        chunks: arr(
          obj({
            chunkfee: amount("Fees of the chunk in BTC"),
            chunkweight: num("Weight of the chunk, adjusted for signature operations"),
            txs: arr(hex("A transaction id"), "Transactions in the order of mining"),
          }),
          "What is mined together or not at all, best first",
        ),
      }),
    ),
    examples: [['"mytxid"']],
  }),

  savemempool: method({
    category: "blockchain",
    description: "Writes the mempool to its file. Fails until the mempool of the last run was read.",
    params: [],
    results: result(obj({ filename: str("Path of the file") })),
    examples: [[]],
  }),

  importmempool: method({
    category: "blockchain",
    description:
      "Takes the transactions of a mempool.dat into the mempool. What else a file says may do harm: take it over only from a file you trust.",
    params: [
      required("filepath", "string", "The file."),
      options("options", [
        withDefault("use_current_time", "bool", true, "Whether transactions count as come now, or when the file says."),
        withDefault(
          "apply_fee_delta_priority",
          "bool",
          false,
          "Whether to add what the file says of prioritisetransaction.",
        ),
        withDefault(
          "apply_unbroadcast_set",
          "bool",
          false,
          "Whether to take over which transactions no peer has asked for.",
        ),
      ]),
    ],
    results: result(obj({})),
    examples: [['"/path/to/mempool.dat"']],
  }),

  getmempoolfeeratediagram: method({
    category: "hidden",
    description: "Returns the feerate diagram of the whole mempool.",
    params: [],
    results: result(
      arr(
        obj({
          weight: num("Weight up to here, adjusted for signature operations"),
          fee: amount("Fees up to here in BTC"),
        }),
      ),
    ),
    examples: [[]],
  }),

  gettxspendingprevout: method({
    category: "blockchain",
    description:
      "Finds the transactions that spend the given outputs: in the mempool and, with -txospenderindex, in the chain.",
    params: [
      required("outputs", "array", "The outputs, each by the id of its transaction and its index there.", {
        placeholder: '[{"txid":"hex","vout":n},...]',
        items: obj({ txid: hex("The transaction id"), vout: num("The output's index") }),
      }),
      options(
        "options",
        [
          optional(
            "mempool_only",
            "bool",
            "If false, -txospenderindex is asked where the mempool does not know; an error where there is none.",
            { defaultHint: "true without -txospenderindex, otherwise false" },
          ),
          withDefault("return_spending_tx", "bool", false, "Whether to add the bytes of what spends."),
        ],
        { placeholder: '{"mempool_only":bool,"return_spending_tx":bool,...}' },
      ),
    ],
    results: result(
      arr(
        obj({
          txid: hex("The transaction id of the output"),
          vout: num("Index of the output"),
          spendingtxid: maybe(hex("The transaction that spends it (absent where none does)")),
          spendingtx: maybe(hex("Its bytes (only with return_spending_tx)")),
          blockhash: maybe(hex("The block it is in (absent where it is in none)")),
        }),
      ),
    ),
    examples: [['[{"txid":"a08e6907dbbd3d809776dbfc5d82e371b764ed838b5655e72f463568df1aadf0","vout":3}]']],
  }),

  prioritisetransaction: method({
    category: "mining",
    description: "Has a transaction mined as if it paid more, or less.",
    params: [
      txid,
      optional("dummy", "real", "Zero or null; was in use once."),
      required("fee_delta", "number", "Satoshis to add to the fee, or to take where negative. Nobody pays them."),
    ],
    results: result(bool("Returns true")),
    examples: [['"txid"', "0.0", "10000"]],
  }),

  getprioritisedtransactions: method({
    category: "mining",
    description: "Returns what prioritisetransaction has added, by transaction.",
    params: [],
    results: result(
      map(
        "transactionid",
        obj({
          fee_delta: num("Satoshis that were added"),
          in_mempool: bool("Whether the transaction is in the mempool"),
          modified_fee: maybe(num("Fee with what was added, in satoshis (only where it is in the mempool)")),
        }),
      ),
    ),
    examples: [[]],
  }),
} as const;
