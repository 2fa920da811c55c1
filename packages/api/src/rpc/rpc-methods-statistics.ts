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
  time,
  when,
} from "./rpc-schema.ts";

const HASH = '"00000000c937983704a73af28acdec37b049d214adbda81d7e2a3dd146f6ed09"';
const statistic = (description: string) => maybe(num(description));

/** Methods that count, measure, search and prove. */
export const statisticsMethods = {
  getblockstats: method({
    category: "blockchain",
    description: "Returns statistics of a block. Amounts are in satoshis.",
    params: [
      required("hash_or_height", "heightOrHash", "Hash or height of the block"),
      optional("stats", "strings", "Names of the statistics to return", {
        defaultHint: "all",
        itemName: "name",
        placeholder: "stats",
      }),
    ],
    results: result(
      obj({
        avgfee: statistic("Average fee"),
        avgfeerate: statistic("Average fee rate in satoshis per vbyte"),
        avgtxsize: statistic("Average bytes of a transaction"),
        blockhash: maybe(hex("The block hash")),
        feerate_percentiles: maybe(
          arr(num("A fee rate"), "Fee rates, in satoshis per vbyte, at 10, 25, 50, 75 and 90 percent of the weight"),
        ),
        height: statistic("The height"),
        ins: statistic("Inputs, the coinbase's left out"),
        maxfee: statistic("Highest fee"),
        maxfeerate: statistic("Highest fee rate in satoshis per vbyte"),
        maxtxsize: statistic("Bytes of the largest transaction"),
        medianfee: statistic("Median fee, cut off"),
        mediantime: maybe(time("Median time past of the block")),
        mediantxsize: statistic("Median bytes of a transaction, cut off"),
        minfee: statistic("Lowest fee"),
        minfeerate: statistic("Lowest fee rate in satoshis per vbyte"),
        mintxsize: statistic("Bytes of the smallest transaction"),
        outs: statistic("Outputs"),
        subsidy: statistic("New coins"),
        swtotal_size: statistic("Bytes of all transactions with a witness"),
        swtotal_weight: statistic("Weight of all transactions with a witness"),
        swtxs: statistic("Transactions with a witness"),
        time: maybe(time("The block's time")),
        total_out: statistic("Sum of all outputs, the coinbase's left out"),
        total_size: statistic("Bytes of all transactions but the coinbase"),
        total_weight: statistic("Weight of all transactions but the coinbase"),
        totalfee: statistic("Sum of the fees"),
        txs: statistic("Transactions, the coinbase counted"),
        utxo_increase: statistic("Outputs made less outputs spent"),
        utxo_size_inc: statistic("Bytes of outputs made less bytes of outputs spent"),
        utxo_increase_actual: statistic("utxo_increase without outputs that cannot be spent"),
        utxo_size_inc_actual: statistic("utxo_size_inc without outputs that cannot be spent"),
      }),
    ),
    examples: [[HASH, '["minfeerate","avgfeerate"]'], ["1000"]],
  }),

  getchaintxstats: method({
    category: "blockchain",
    description: "Returns how many transactions the chain has, and how fast they came.",
    params: [
      optional("nblocks", "int", "Blocks to look at", { defaultHint: "one month" }),
      optional("blockhash", "hex", "The last of these blocks", { defaultHint: "chain tip" }),
    ],
    results: result(
      obj({
        time: time("Time of the last block in UNIX epoch time"),
        txcount: maybe(num("Transactions of the chain up to it")),
        window_final_block_hash: hex("Hash of the last block"),
        window_final_block_height: num("Its height"),
        window_block_count: num("Blocks looked at"),
        window_interval: maybe(num("Seconds they took")),
        window_tx_count: maybe(num("Their transactions")),
        txrate: maybe(num("Their transactions per second")),
      }),
    ),
    examples: [[], ["2016"]],
  }),

  getdeploymentinfo: method({
    category: "blockchain",
    description: `Returns where changes of the consensus rules stand.
Rules that hold from genesis on are left out of "deployments".`,
    params: [optional("blockhash", "hex", "Tell how it is at this block", { defaultHint: "chain tip" })],
    results: result(
      obj({
        hash: str("The block asked for, or the tip"),
        height: num("Its height"),
        script_flags: arr(str("Name of a flag"), "What scripts of the block are held to"),
        deployments: map(
          "name",
          obj({
            type: str('"buried" or "bip9"'),
            height: maybe(num("First height at which the rules hold, where it is settled")),
            active: bool("Whether the rules hold for the next block"),
            bip9: maybe(
              obj(
                {
                  bit: maybe(num("The signalling bit, while it counts")),
                  start_time: time("Median time past from which the bit counts"),
                  timeout: time("Median time past at which the deployment has failed"),
                  min_activation_height: num("The rules hold from no lower height"),
                  status: str("defined, started, locked_in, active or failed"),
                  since: num("First height with this status"),
                  status_next: str("Status of the next block"),
                  statistics: maybe(
                    obj(
                      {
                        period: num("Blocks of a signalling period"),
                        elapsed: num("Blocks of this period so far"),
                        count: num("Blocks of them that signal"),
                        threshold: maybe(num("Signalling blocks that are needed")),
                        possible: maybe(bool("Whether enough can still come in this period")),
                      },
                      "Signals in this period",
                    ),
                  ),
                  signalling: maybe(str("# for each block of the period that signals, - for the others")),
                },
                "State of a BIP9 deployment",
              ),
            ),
          }),
        ),
      }),
    ),
    examples: [[]],
  }),

  getchainstates: method({
    category: "blockchain",
    description: "Returns the sets of coins that are kept.",
    params: [],
    results: result(
      obj({
        headers: num("Height of the best header"),
        chainstates: arr(
          obj({
            blocks: num("Height of the block whose coins these are"),
            bestblockhash: hex("Its hash"),
            bits: hex("Its target in compact form"),
            target: hex("Its target"),
            difficulty: num("Its difficulty"),
            verificationprogress: num("Estimated share of the chain that is verified [0..1]"),
            snapshot_blockhash: maybe(hex("Block of the snapshot that it began with")),
            coins_db_cache_bytes: num("Bytes for the database's cache"),
            coins_tip_cache_bytes: num("Bytes for coins in memory"),
            validated: bool("Whether every block was verified"),
          }),
        ),
      }),
    ),
    examples: [[]],
  }),

  gettxoutproof: method({
    category: "blockchain",
    description: `Returns a proof that transactions are in a block.
Without a blockhash and without -txindex the block is found only while one of the transactions has an unspent output.`,
    params: [
      required("txids", "strings", "The transaction ids", { itemName: "txid" }),
      optional("blockhash", "hex", "The block they are in"),
    ],
    results: result(str("The proof in hex")),
  }),

  verifytxoutproof: method({
    category: "blockchain",
    description:
      "Returns the ids of the transactions that a proof shows to be in a block of the active chain.\nThe list is empty where the proof proves nothing.",
    params: [required("proof", "hex", "What gettxoutproof returned")],
    results: result(arr(hex("A transaction id"))),
  }),

  scantxoutset: method({
    category: "blockchain",
    description: `Searches all unspent outputs for scripts.
Scripts are named by descriptors: addr(<address>), raw(<hex>), pk(<key>), pkh(<key>), wpkh(<key>), combo(<key>), rawtr(<key>).`,
    params: [
      required(
        "action",
        "string",
        '"start" searches and answers when all is done,\n"abort" ends the search under way,\n"status" tells how far it is.',
      ),
      optional("scanobjects", "array", 'Descriptors, or objects with a member "desc". Needed to start.', {
        placeholder: "[scanobjects,...]",
      }),
    ],
    results: [
      when(
        "for action = start",
        obj({
          success: bool("Whether the search came to its end"),
          txouts: num("Outputs looked at"),
          height: num("Height of the block whose outputs these are"),
          bestblock: hex("Its hash"),
          unspents: arr(
            obj({
              txid: hex("The transaction id"),
              vout: num("Index of the output"),
              scriptPubKey: hex("The output script's bytes"),
              desc: str("A descriptor of the output script"),
              amount: amount("The value in BTC"),
              coinbase: bool("Whether a coinbase made it"),
              height: num("Height of the block that made it"),
              blockhash: hex("Hash of that block"),
              confirmations: num("Blocks from that one to the tip, both counted"),
            }),
          ),
          total_amount: amount("Sum of what was found in BTC"),
        }),
      ),
      when("for action = abort", bool("Whether there was a search to end")),
      when("for action = status, while searching", obj({ progress: num("Percent done") })),
      when("for action = status otherwise", none()),
    ],
    examples: [['"start"', '["raw(76a91411b366edfc0a8b66feebae5c2e25a7b6a5d1cf3188ac)#fm24fxxy"]'], ['"status"']],
  }),
} as const;
