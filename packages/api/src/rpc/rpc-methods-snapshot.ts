import { arr, hex, maybe, method, none, num, obj, optional, required, result, str, time } from "./rpc-schema.ts";

/** The calls by which a network of this product takes snapshots of its nodes and goes back to them. Bitcoin Core has none of them. */
export const snapshotMethods = {
  getsnapshot: method({
    category: "hidden",
    description:
      "Returns the tip and the mempool as they are at one moment, for reverttosnapshot. Not in Bitcoin Core.",
    params: [],
    results: result(
      obj({
        hash: hex("Hash of the tip"),
        height: num("Its height"),
        mocktime: maybe(num("The time that setmocktime has set; absent where time is real")),
        transactions: arr(
          obj({
            hex: hex("The transaction"),
            time: time("When it came"),
            feedelta: str("Satoshis that prioritisetransaction adds to its fee"),
          }),
          "The mempool, parents before children",
        ),
      }),
    ),
    examples: [[]],
  }),

  reverttosnapshot: method({
    category: "hidden",
    description: `Makes a block that was part of the chain its tip again, and has just these transactions wait in the mempool.
Blocks that came after it are set aside: they are refused from now on, from peers too. Not in Bitcoin Core.`,
    params: [
      required("blockhash", "string", "The block."),
      required("transactions", "array", "Objects as getsnapshot has them, parents before children.", {
        itemName: "transaction",
      }),
      optional("mocktime", "int64", "The time to set, as setmocktime; 0 returns to real time.", {
        defaultHint: "as it is",
      }),
    ],
    results: result(
      obj({
        hash: hex("Hash of the tip"),
        height: num("Its height"),
        transactions: num("Transactions in the mempool"),
        aside: arr(hex("Hash of a block"), "The blocks with which what was set aside begins"),
      }),
    ),
    examples: [['"blockhash"', "[]"]],
  }),

  holdminer: method({
    category: "hidden",
    description: "Has the miner of this node make no blocks for a while, by itself. Not in Bitcoin Core.",
    params: [required("seconds", "int", "How long, up to 600; 0 ends it.")],
    results: result(none()),
    examples: [["10"]],
  }),
} as const;
