import { bool, hex, map, method, num, obj, optional, required, result, withDefault } from "./rpc-schema.ts";

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
