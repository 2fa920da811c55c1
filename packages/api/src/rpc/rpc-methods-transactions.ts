import { transactionFields, transactionWithPrevoutFields } from "./rpc-fields.ts";
import {
  arr,
  bool,
  hex,
  maybe,
  method,
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

const confirmedFields = {
  in_active_chain: maybe(bool("Whether the given block is in the active chain (only where a blockhash is given)")),
  blockhash: maybe(hex("The block")),
  confirmations: maybe(num("Blocks from that one to the tip, both counted")),
  blocktime: maybe(time("The block's time in UNIX epoch time")),
  time: maybe(num('Same as "blocktime"')),
  hex: hex("The transaction's bytes"),
};

/** Methods about transactions, scripts and addresses that need no wallet. */
export const transactionMethods = {
  decoderawtransaction: method({
    category: "rawtransactions",
    description: "Returns an object that describes a serialized transaction.",
    params: [
      required("hexstring", "hex", "The transaction's bytes in hex"),
      optional(
        "iswitness",
        "bool",
        `Whether the bytes are of the form with witnesses.
Where absent, the form is guessed. true tries the form with witnesses only, false the form without only.
A caller that knows whether the transaction has inputs should say so.`,
        { defaultHint: "guessed" },
      ),
    ],
    results: result(obj(transactionFields)),
    examples: [['"hexstring"']],
  }),

  decodescript: method({
    category: "rawtransactions",
    description: "Returns an object that describes a script.",
    params: [required("hexstring", "hex", "The script's bytes in hex")],
    results: result(
      obj({
        asm: str("The script, disassembled"),
        desc: str("A descriptor of the script"),
        type: str("The script's type"),
        address: maybe(str("The address, where the script has one")),
        p2sh: maybe(str("Address of the P2SH output that wraps this script (where it may be wrapped)")),
        segwit: maybe(
          obj(
            {
              asm: str("The output script, disassembled"),
              desc: str("A descriptor of the output script"),
              hex: hex("The output script's bytes"),
              address: maybe(str("The address, where the script has one")),
              type: str("The output script's type"),
              "p2sh-segwit": str("Address of the P2SH output that wraps this witness script"),
            },
            "The witness output that wraps this script (where it may be wrapped)",
          ),
        ),
      }),
    ),
    examples: [['"hexstring"']],
  }),

  getrawtransaction: method({
    category: "rawtransactions",
    description: `Returns a transaction that is in the mempool or, with -txindex, in any block.
Where a blockhash is given, the transaction is looked for in that block, with or without -txindex.

With verbosity 0, returns its bytes in hex.
With verbosity 1, returns an object that describes it.
With verbosity 2, also the fee and the coins that are spent.`,
    params: [
      required("txid", "hex", "The transaction id"),
      withDefault("verbosity", "verbosity", 0, "0 for hex, 1 for an object, 2 with fee and spent coins", {
        aliases: ["verbose"],
      }),
      optional("blockhash", "hex", "The block to look in"),
    ],
    results: [
      when("if verbosity is not set or set to 0", str("The transaction's bytes in hex")),
      when("if verbosity is set to 1", obj({ ...confirmedFields, ...transactionFields })),
      when("for verbosity = 2", obj({ ...confirmedFields, ...transactionWithPrevoutFields })),
    ],
    examples: [['"mytxid"'], ['"mytxid"', "1"], ['"mytxid"', "0", '"myblockhash"']],
  }),

  validateaddress: method({
    category: "util",
    description: "Return information about the given bitcoin address.",
    params: [required("address", "string", "The address")],
    results: result(
      obj({
        isvalid: bool("Whether the address is valid"),
        address: maybe(str("The address")),
        scriptPubKey: maybe(hex("The output script it stands for")),
        isscript: maybe(bool("Whether it stands for a script")),
        iswitness: maybe(bool("Whether it stands for a witness program")),
        witness_version: maybe(num("Version of the witness program")),
        witness_program: maybe(hex("The witness program")),
        error: maybe(str("What is wrong with it")),
        error_locations: maybe(arr(num("Position of a character"), "Where errors are likely, if known")),
      }),
    ),
    examples: [['"bc1q09vm5lfy0j5reeulh4x5752q25uqqvz34hufdl"']],
  }),
} as const;
