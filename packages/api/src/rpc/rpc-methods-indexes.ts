import {
  amount,
  any,
  arr,
  bool,
  hex,
  map,
  maybe,
  method,
  none,
  num,
  obj,
  optional,
  options,
  required,
  result,
  str,
  when,
  withDefault,
} from "./rpc-schema.ts";

const HASH = '"00000000c937983704a73af28acdec37b049d214adbda81d7e2a3dd146f6ed09"';

/** Methods of the indexes that a node may keep beside its chain. */
export const indexMethods = {
  getblockfilter: method({
    category: "blockchain",
    description: "Returns the compact filter of a block (BIP158). Needs -blockfilterindex.",
    params: [
      required("blockhash", "hex", "Hash of the block"),
      withDefault("filtertype", "string", "basic", "Name of the filter type"),
    ],
    results: result(obj({ filter: hex("The encoded filter"), header: hex("The filter's header (BIP157)") })),
    examples: [[HASH, '"basic"']],
  }),

  scanblocks: method({
    category: "blockchain",
    description: `Searches the compact filters of blocks for scripts. Needs -blockfilterindex.
It may take minutes: give bitcoin-cli -rpcclienttimeout=0.`,
    params: [
      required(
        "action",
        "string",
        '"start" searches and answers when all is done,\n"abort" ends the search under way,\n"status" tells how far it is.',
      ),
      optional("scanobjects", "array", 'Descriptors, or objects with members "desc" and "range". Needed to start.', {
        placeholder: "[scanobjects,...]",
      }),
      withDefault("start_height", "int", 0, "Height of the first block to search"),
      optional("stop_height", "int", "Height of the last block to search", { defaultHint: "chain tip" }),
      withDefault("filtertype", "string", "basic", "Name of the filter type"),
      options("options", [
        withDefault(
          "filter_false_positives",
          "bool",
          false,
          "Whether to look into the blocks that were found: one in 784,931 is without reason.",
        ),
      ]),
    ],
    results: [
      when(
        "for action = start",
        obj({
          from_height: num("Height of the first block that was searched"),
          to_height: num("Height of the last block that was searched"),
          relevant_blocks: arr(hex("A block hash"), "Blocks that seem to have one of the scripts"),
          completed: bool("Whether the search came to its end"),
        }),
      ),
      when("for action = abort", bool("Whether there was a search to end")),
      when(
        "for action = status, while searching",
        obj({ progress: num("Percent done"), current_height: num("Height that the search has come to") }),
      ),
      when("for action = status otherwise", none()),
    ],
    examples: [['"start"', '["addr(bcrt1q4u4nsgk6ug0sqz7r3rj9tykjxrsl0yy4d0wwte)"]', "300000"], ['"status"']],
  }),

  getdescriptoractivity: method({
    category: "blockchain",
    description: `Tells what spends from, and pays to, the scripts of descriptors: in the blocks given, such as scanblocks finds, and in the mempool.
It may take minutes: give bitcoin-cli -rpcclienttimeout=0.`,
    params: [
      required("blockhashes", "strings", "Hashes of blocks of the active chain, in any order", {
        itemName: "blockhash",
      }),
      required("scanobjects", "array", 'Descriptors, or objects with members "desc" and "range"', {
        placeholder: "[scanobjects,...]",
      }),
      withDefault("include_mempool", "bool", true, "Look into the mempool too"),
    ],
    results: result(
      obj({
        activity: arr(
          obj({
            type: str('"spend" or "receive"'),
            amount: amount("The value of the output that is spent or received, in BTC"),
            blockhash: maybe(hex("Hash of the block; absent in the mempool")),
            height: maybe(num("Height of the block; absent in the mempool")),
            spend_txid: maybe(hex("What spends")),
            spend_vin: maybe(num("Index of the input that spends")),
            prevout_txid: maybe(hex("What made the output that is spent")),
            prevout_vout: maybe(num("Index of that output")),
            prevout_spk: maybe(any("Script of that output, as in getrawtransaction")),
            txid: maybe(hex("What pays")),
            vout: maybe(num("Index of the output that is received")),
            output_spk: maybe(any("Script of that output, as in getrawtransaction")),
          }),
          "What happened, by height and place in the block",
        ),
      }),
    ),
    examples: [[`[${HASH}]`, '["addr(bcrt1q4u4nsgk6ug0sqz7r3rj9tykjxrsl0yy4d0wwte)"]']],
  }),

  getindexinfo: method({
    category: "util",
    description: "Returns how far the indexes are that this node keeps.",
    params: [optional("index_name", "string", "Show the index of this name only")],
    results: result(
      map(
        "name",
        obj(
          {
            synced: bool("Whether the index has caught up with the chain"),
            best_block_height: num("Height of the block it has come to"),
          },
          "The index of this name",
        ),
      ),
    ),
    examples: [[], ['"basic block filter index"']],
  }),
} as const;
