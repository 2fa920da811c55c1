import { warnings } from "./rpc-fields.ts";
import {
  amount,
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
  required,
  result,
  str,
  when,
  withDefault,
} from "./rpc-schema.ts";

/** The miner of the node: what it does, and how that went. */
const minerFields = {
  pacing: str("When blocks are made: interval, on-transaction, continuous or off"),
  interval: num("Mean seconds between blocks of all miners of the network together, with pacing interval"),
  address: maybe(str("Where mined coins go (only where it is set and has an address)")),
  miners: num("Miners that the last blocks show, this one included: they share the interval"),
  hashespersec: num("Hashes per second of this node, while it looks for a block"),
  found: num("Blocks that this miner has found since its start"),
  stale: num("Of those: blocks that are not part of the chain, as another's took their place"),
};
const minerInfo = obj(minerFields);

const foundBlock = obj({
  height: num("Its height"),
  hash: hex("Its hash"),
  time: num("Time of its header, in seconds since 1970"),
  reward: amount("What its coinbase pays: subsidy and fees"),
  fees: amount("Fees of its transactions"),
  txcount: num("Its transactions, the coinbase counted"),
  active: bool("Whether it is part of the chain"),
  instead: maybe(hex("The block that the chain has at its height (only where it is not part of the chain)")),
});

const TRIES_DEFAULT = 1_000_000;
const triesParam = (kind: "int" | "uint64") =>
  withDefault("maxtries", kind, TRIES_DEFAULT, "Most hashes to try for a block.");
const generatedHashes = arr(hex("A block hash"), "Hashes of the new blocks");

/** Methods that make and take blocks. */
export const miningMethods = {
  getmininginfo: method({
    category: "mining",
    description: "Returns what a miner wants to know.",
    params: [],
    results: result(
      obj({
        blocks: num("Height of the tip"),
        currentblockweight: maybe(
          num(
            "Weight of the block that was put together last, with what is kept free for its head (only once one was)",
          ),
        ),
        currentblocktx: maybe(num("Transactions of that block, its coinbase not counted")),
        bits: hex("The tip's target in compact form"),
        difficulty: num("The tip's difficulty"),
        target: hex("The tip's target"),
        networkhashps: num("Estimated hashes per second of the network"),
        pooledtx: num("Transactions in the mempool"),
        blockmintxfee: amount("Lowest fee rate of transactions that are put into a block, in BTC/kvB"),
        chain: str("The network (main, test, testnet4, signet, regtest)"),
        signet_challenge: maybe(hex("The script that solutions of blocks satisfy (only on signet)")),
        next: obj(
          {
            height: num("Height"),
            bits: hex("Target in compact form"),
            difficulty: num("Difficulty"),
            target: hex("Target"),
          },
          "The block to be made next",
        ),
        warnings,
      }),
    ),
    examples: [[]],
  }),

  getnetworkhashps: method({
    category: "mining",
    description: "Returns the estimated hashes per second of the network, from the last blocks.",
    params: [
      withDefault("nblocks", "int", 120, "Blocks to look at, or -1 for those since the last change of difficulty."),
      withDefault("height", "int", -1, "Estimate as of the time of this height; -1 for now."),
    ],
    results: result(num("Hashes per second")),
    examples: [[]],
  }),

  getblocktemplate: method({
    category: "mining",
    description: "Returns what is needed to make the next block, or tests a block that was made (BIP 22, 23, 9, 145).",
    params: [
      required(
        "template_request",
        "object",
        'What is asked for: {"rules": ["segwit"]}; "mode" is "template" or "proposal" (then with "data", a block in hex); "longpollid" waits until the tip is another.',
      ),
    ],
    results: [
      when("If a proposal was accepted", none()),
      when("If a proposal was not accepted", str("Why not, as BIP 22 says")),
      when(
        "Otherwise",
        obj({
          capabilities: arr(str("A capability"), "What the server can do"),
          version: num("Version of the block"),
          rules: arr(str("Name of a rule; ! before it where the client must know it"), "Rules that hold"),
          vbavailable: map("rulename", num("Bit that signals for it"), "Rules that can be signalled for"),
          vbrequired: num("Bits that must be signalled"),
          previousblockhash: hex("Hash of the tip"),
          transactions: arr(
            obj({
              data: hex("The transaction's bytes"),
              txid: hex("Hash of the transaction without its witness"),
              hash: hex("Hash with its witness"),
              depends: arr(num("Position in this list, from 1"), "Transactions that must stand before it"),
              fee: num("Fee in satoshis"),
              sigops: num("Cost of its signature operations"),
              weight: num("Weight units"),
            }),
            "Transactions to include, in this order",
          ),
          coinbaseaux: map("key", hex("Value"), "Data to include in the coinbase"),
          coinbasevalue: num("Most that the coinbase may pay, in satoshis"),
          longpollid: str("Id for a request that waits for a change"),
          target: hex("Target"),
          mintime: num("Earliest time that the block may have, in UNIX epoch time"),
          mutable: arr(str("What it is"), "What the client may change"),
          noncerange: hex("Range of nonces"),
          sigoplimit: num("Most signature operations"),
          sizelimit: num("Most bytes"),
          weightlimit: maybe(num("Most weight")),
          curtime: num("Time now, in UNIX epoch time"),
          bits: hex("Target in compact form"),
          height: num("Height of the block"),
          signet_challenge: maybe(hex("The script that solutions satisfy (only on signet)")),
          default_witness_commitment: maybe(hex("Output script of the witness commitment")),
        }),
      ),
    ],
    examples: [['{"rules": ["segwit"]}']],
  }),

  submitblock: method({
    category: "mining",
    description: "Submits a block (BIP 22).",
    params: [
      required("hexdata", "hex", "The block's bytes in hex"),
      optional("dummy", "string", "Ignored; BIP 22 has it.", { defaultHint: "ignored" }),
    ],
    results: [when("If the block was accepted", none()), when("Otherwise", str("Why not, as BIP 22 says"))],
    examples: [['"mydata"']],
  }),

  submitheader: method({
    category: "mining",
    description: "Submits a block header, as a candidate for the chain.\nAn error says why a header is invalid.",
    params: [required("hexdata", "hex", "The header's bytes in hex")],
    results: result(none()),
    examples: [['"aabbcc"']],
  }),

  getminerinfo: method({
    category: "mining",
    description: "Returns what the miner of this node does, and what it has found. Not in Bitcoin Core.",
    params: [
      withDefault("blocks", "int", 0, "Of the blocks that it has found since its start, how many of the last to list."),
    ],
    results: result(
      obj({ ...minerFields, blocks: maybe(arr(foundBlock, "Newest first (only where blocks are asked for)")) }),
    ),
    examples: [[], ["10"]],
  }),

  setminer: method({
    category: "mining",
    description:
      "Tells the miner of this node when to make blocks; it does so at once, until the node stops. Not in Bitcoin Core.",
    params: [
      required(
        "pacing",
        "string",
        "interval (all miners together keep a mean time between blocks), on-transaction (soon after one comes), continuous or off.",
      ),
      optional("interval", "real", "Mean seconds between blocks of the network.", { defaultHint: "as before" }),
      optional("address", "string", "Where mined coins go.", { defaultHint: "as before" }),
    ],
    results: result(minerInfo),
    examples: [['"interval"', "30"], ['"off"']],
  }),

  generate: method({
    category: "hidden",
    description: "has been replaced by the -generate cli option. Refer to -help for more information.",
    params: [],
    results: [],
  }),

  generateblock: method({
    category: "hidden",
    description:
      "Mines one block with the given transactions, in order, and returns its hash.\nThe fees of the transactions are not collected.",
    params: [
      required("output", "string", "Address or descriptor that is paid."),
      required("transactions", "strings", "The transactions: raw, or ids of such as are in the mempool.", {
        itemName: "rawtx/txid",
      }),
      withDefault("submit", "bool", true, "Whether the block becomes part of the chain; otherwise it is returned."),
    ],
    results: result(
      obj({ hash: hex("Hash of the new block"), hex: maybe(hex("The block's bytes (only where submit is false)")) }),
    ),
    examples: [['"myaddress"', '["rawtx", "mempool_txid"]']],
  }),

  generatetoaddress: method({
    category: "hidden",
    description: "Mines blocks that pay to an address and returns their hashes.",
    params: [
      required("nblocks", "int", "How many blocks."),
      required("address", "string", "Address that is paid."),
      triesParam("int"),
    ],
    results: result(generatedHashes),
    examples: [["11", '"myaddress"']],
  }),

  generatetodescriptor: method({
    category: "hidden",
    description: "Mines blocks that pay to a descriptor and returns their hashes.",
    params: [
      required("num_blocks", "int", "How many blocks."),
      required("descriptor", "string", "Descriptor that is paid."),
      triesParam("uint64"),
    ],
    results: result(generatedHashes),
    examples: [["11", '"mydesc"']],
  }),
} as const;
