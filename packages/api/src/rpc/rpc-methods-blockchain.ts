import {
  block,
  blockWithPrevouts,
  blockWithTransactions,
  headerFields,
  outputScript,
  tipReference,
  warnings,
} from "./rpc-fields.ts";
import {
  amount,
  arr,
  bool,
  hex,
  maybe,
  method,
  none,
  num,
  obj,
  optional,
  required,
  result,
  str,
  time,
  when,
  withDefault,
} from "./rpc-schema.ts";

const HASH = '"00000000c937983704a73af28acdec37b049d214adbda81d7e2a3dd146f6ed09"';
const blockHash = (description: string) => required("blockhash", "hex", description);
const timeoutParam = () => withDefault("timeout", "int", 0, "Milliseconds to wait; 0 waits for ever.");
const WAIT_NOTE = "Answers with the current tip when the time is over or the node stops.";

/** Methods about the chain. Category, parameters, result and help of each, once. */
export const blockchainMethods = {
  getbestblockhash: method({
    category: "blockchain",
    description: "Returns the hash of the tip of the fully validated chain with the most work.",
    params: [],
    results: result(hex("The block hash")),
    examples: [[]],
  }),

  getblock: method({
    category: "blockchain",
    description: `With verbosity 0, returns the block's bytes in hex.
With verbosity 1, returns an object that describes the block.
With verbosity 2, the object describes each transaction too.
With verbosity 3, also the coins that each input spends (only for blocks of the active chain whose undo data is there).`,
    params: [
      blockHash("The block hash"),
      withDefault(
        "verbosity",
        "verbosity",
        1,
        "0 for hex, 1 for an object, 2 with transactions, 3 with the coins they spend",
        {
          aliases: ["verbose"],
        },
      ),
    ],
    results: [
      when("for verbosity = 0", hex("The block's bytes")),
      when("for verbosity = 1", block),
      when("for verbosity = 2", blockWithTransactions),
      when("for verbosity = 3", blockWithPrevouts),
    ],
    examples: [[HASH]],
  }),

  getblockchaininfo: method({
    category: "blockchain",
    description: "Returns the state of the chain.",
    params: [],
    results: result(
      obj({
        chain: str("The network (main, test, testnet4, signet, regtest)"),
        blocks: num("Height of the tip; the genesis block has height 0"),
        headers: num("Height of the best header"),
        bestblockhash: str("Hash of the tip"),
        bits: hex("The tip's target in compact form"),
        target: hex("The tip's target"),
        difficulty: num("The tip's difficulty"),
        time: time("The tip's time in UNIX epoch time"),
        mediantime: time("The tip's median time past in UNIX epoch time"),
        verificationprogress: num("Estimated share of the chain that is verified [0..1]"),
        initialblockdownload: bool("Whether the node is catching up with the network"),
        chainwork: hex("Expected number of hashes to make the active chain"),
        size_on_disk: num("Bytes of block and undo files"),
        pruned: bool("Whether old blocks are deleted"),
        pruneheight: maybe(num("The first block that is here with all above it (only with -prune)")),
        automatic_pruning: maybe(bool("Whether blocks are deleted without being told to (only with -prune)")),
        prune_target_size: maybe(num("Bytes that block files may take (only where pruning is automatic)")),
        signet_challenge: maybe(hex("The script that solutions of blocks satisfy (only on signet)")),
        warnings,
      }),
    ),
    examples: [[]],
  }),

  getblockcount: method({
    category: "blockchain",
    description: "Returns the height of the fully validated chain with the most work.\nThe genesis block has height 0.",
    params: [],
    results: result(num("The height")),
    examples: [[]],
  }),

  getblockhash: method({
    category: "blockchain",
    description: "Returns the hash of the block of the active chain at a height.",
    params: [required("height", "int", "The height")],
    results: result(hex("The block hash")),
    examples: [["1000"]],
  }),

  getblockheader: method({
    category: "blockchain",
    description:
      "With verbose false, returns the header's 80 bytes in hex.\nWith verbose true, returns an object that describes the header.",
    params: [blockHash("The block hash"), withDefault("verbose", "bool", true, "true for an object, false for hex")],
    results: [when("for verbose = true", obj(headerFields)), when("for verbose = false", hex("The header's bytes"))],
    examples: [[HASH]],
  }),

  getchaintips: method({
    category: "blockchain",
    description: "Returns every known end of the block tree: the active tip and those of branches.",
    params: [],
    results: result(
      arr(
        obj({
          height: num("Height of the tip"),
          hash: hex("Hash of the tip"),
          branchlen: num("Blocks from the active chain to the tip; 0 for the active tip"),
          status: str(`What is known of the branch
"invalid"               a block of the branch is invalid
"headers-only"          not every block of the branch is here; its headers are valid
"valid-headers"         every block is here, and not all were validated
"valid-fork"            fully validated, and not the active chain
"active"                the tip of the active chain`),
        }),
      ),
    ),
    examples: [[]],
  }),

  getdifficulty: method({
    category: "blockchain",
    description: "Returns the proof-of-work difficulty as a multiple of the lowest one.",
    params: [],
    results: result(num("The tip's difficulty")),
    examples: [[]],
  }),

  gettxout: method({
    category: "blockchain",
    description: "Returns an unspent output.",
    params: [
      required("txid", "string", "The transaction id"),
      required("n", "uint32", "Index of the output"),
      withDefault("include_mempool", "bool", true, "Whether the mempool counts: an output spent there is not unspent."),
    ],
    results: [
      when("If there is no such unspent output", none()),
      when(
        "Otherwise",
        obj({
          bestblock: hex("Hash of the tip"),
          confirmations: num("Blocks from the one that made the output to the tip, both counted"),
          value: amount("The value in BTC"),
          scriptPubKey: outputScript,
          coinbase: bool("Whether a coinbase made it"),
        }),
      ),
    ],
    examples: [['"txid"', "1"]],
  }),

  gettxoutsetinfo: method({
    category: "blockchain",
    description:
      "Returns statistics of the set of unspent outputs.\nThe whole set is read, which takes a while where it is large.",
    params: [
      withDefault(
        "hash_type",
        "string",
        "hash_serialized_3",
        "The hash to make of the set: 'hash_serialized_3', 'muhash' or 'none'.",
      ),
      optional("hash_or_height", "heightOrHash", "Block for which to answer (needs coinstatsindex).", {
        defaultHint: "the current tip",
      }),
      withDefault("use_index", "bool", true, "Use coinstatsindex where there is one."),
    ],
    results: result(
      obj({
        height: num("Height of the block whose set this is"),
        bestblock: hex("Hash of that block"),
        txouts: num("Unspent outputs"),
        bogosize: num("A measure of the set's size that does not depend on the database"),
        hash_serialized_3: maybe(hex("Hash of the serialized set (only for hash_type 'hash_serialized_3')")),
        muhash: maybe(hex("MuHash of the set (only for hash_type 'muhash')")),
        total_amount: amount("Sum of all outputs in BTC"),
        transactions: maybe(num("Transactions with unspent outputs")),
        disk_size: maybe(num("Estimated bytes of the set on disk")),
      }),
    ),
    examples: [[], ['"none"'], ['"muhash"']],
  }),

  preciousblock: method({
    category: "blockchain",
    description: `Treats a block as if it had come before others with the same work.

A later call undoes the effect of an earlier one. A restart forgets it.`,
    params: [blockHash("Hash of the block to prefer")],
    results: result(none()),
    examples: [['"blockhash"']],
  }),

  pruneblockchain: method({
    category: "blockchain",
    description:
      "Deletes blocks and undo data up to a height, in whole files, as far as they may go: the last 288 blocks stay, and what an index has yet to read.\nNeeds -prune. What is deleted comes back from peers alone, block by block (getblockfrompeer).",
    params: [
      required(
        "height",
        "int",
        "The height to prune up to; or, above 1000000000, a time in UNIX epoch time, for blocks that are older by two hours",
      ),
    ],
    results: result(num("Height of the last block that is not here, -1 where all are")),
    examples: [["1000"]],
  }),

  verifychain: method({
    category: "blockchain",
    description: "Checks the stored chain.",
    params: [
      withDefault(
        "checklevel",
        "int",
        3,
        `How thorough, 0 to 4; each level includes those below:
- 0 reads the blocks
- 1 checks them
- 2 checks undo data
- 3 disconnects the newest blocks in memory
- 4 connects them again`,
      ),
      withDefault("nblocks", "int", 6, "Blocks to check, 0 for all."),
    ],
    results: result(bool("Whether nothing was wrong; if false, the debug log says what.")),
    examples: [[]],
  }),

  waitforblock: method({
    category: "blockchain",
    description: `Waits until a block is the tip.\n${WAIT_NOTE}`,
    params: [blockHash("Hash of the block to wait for."), timeoutParam()],
    results: result(tipReference),
    examples: [[HASH, "1000"]],
  }),

  waitforblockheight: method({
    category: "blockchain",
    description: `Waits until the tip is at least at a height.\n${WAIT_NOTE}`,
    params: [required("height", "int", "Height to wait for."), timeoutParam()],
    results: result(tipReference),
    examples: [["100", "1000"]],
  }),

  waitfornewblock: method({
    category: "blockchain",
    description: `Waits until the tip changes.\n${WAIT_NOTE}`,
    params: [timeoutParam(), optional("current_tip", "hex", "Wait until the tip differs from this block.")],
    results: result(tipReference),
    examples: [["1000"]],
  }),

  invalidateblock: method({
    category: "hidden",
    description: "Marks a block as invalid, for good, as if it broke a consensus rule.",
    params: [blockHash("Hash of the block to mark")],
    results: result(none()),
    examples: [['"blockhash"']],
  }),

  reconsiderblock: method({
    category: "hidden",
    description:
      "Takes back that a block, those it builds upon and those that build upon it are invalid, and tries them again.\nUndoes invalidateblock.",
    params: [blockHash("Hash of the block to try again")],
    results: result(none()),
    examples: [['"blockhash"']],
  }),
} as const;
