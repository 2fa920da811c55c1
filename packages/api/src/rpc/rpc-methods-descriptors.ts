import {
  arr,
  bool,
  hex,
  maybe,
  method,
  obj,
  optional,
  required,
  result,
  str,
  when,
  withDefault,
} from "./rpc-schema.ts";

/** Methods about descriptors, and what several keys make together. */
export const descriptorMethods = {
  createmultisig: method({
    category: "util",
    description:
      "Makes an address of several keys, some of which must sign.\nReturns an object with the address and what spending from it takes.",
    params: [
      required("nrequired", "int", "How many of the keys must sign."),
      required("keys", "strings", "The public keys in hex.", { itemName: "key" }),
      withDefault("address_type", "string", "legacy", 'Kind of the address: "legacy", "p2sh-segwit" or "bech32".'),
    ],
    results: result(
      obj({
        address: str("The address"),
        redeemScript: hex("The script that the keys are in"),
        descriptor: str("A descriptor of the output"),
        warnings: maybe(arr(str(""), "What could not be done as asked")),
      }),
    ),
    examples: [
      [
        "2",
        '["03789ed0bb717d88f7d321a368d905e7430207ebbd82bd342cf11ae157a7ace5fd","03dbc6764b8884a92e871274b87583e6d5c2a58819473e17e107ef3f6aa5a61626"]',
      ],
    ],
  }),

  deriveaddresses: method({
    category: "util",
    description: `Returns the addresses that a descriptor stands for.
Examples of descriptors are:
    pkh(<pubkey>)                                     P2PKH outputs of a public key
    wpkh(<pubkey>)                                    the same in a witness
    sh(multi(<n>,<pubkey>,<pubkey>,...))              P2SH outputs of which n keys must sign
    raw(<hex script>)                                 outputs with that script
    tr(<pubkey>,multi_a(<n>,<pubkey>,<pubkey>,...))   taproot outputs of which n keys may sign

A <pubkey> is a public key in hex, or an extended key (xpub, xprv) and steps of a path behind it, each after a "/",
where "h" marks hardened ones.`,
    params: [
      required("descriptor", "string", "The descriptor, with its checksum."),
      optional("range", "structure", "For a ranged descriptor: the last index, or [first,last]."),
    ],
    results: [
      when("for single derivation descriptors", arr(str("An address"))),
      when("for multipath descriptors", arr(arr(str("An address")), "One list for each value of the multipath step")),
    ],
    examples: [
      [
        '"wpkh([d34db33f/84h/0h/0h]xpub6DJ2dNUysrn5Vt36jH2KLBT2i1auw1tTSSomg8PhqNiUtx8QX2SvC9nrHu81fT41fvDUnhMjEzQgXnQjKEu3oaqMSzhSrHMxyyoEAmUHQbY/0/*)#cjjspncu"',
        "[0,2]",
      ],
    ],
  }),

  getdescriptorinfo: method({
    category: "util",
    description: "Tells about a descriptor.",
    params: [required("descriptor", "string", "The descriptor.")],
    results: result(
      obj({
        descriptor: str("The descriptor in its usual form, without private keys; of several, the first"),
        multipath_expansion: maybe(arr(str(""), "The descriptors that a multipath step makes of it")),
        checksum: str("The checksum of the descriptor as it was given"),
        isrange: bool("Whether it stands for a script of each index"),
        issolvable: bool("Whether it says how to spend its outputs"),
        hasprivatekeys: bool("Whether a private key stood in it"),
      }),
    ),
    examples: [['"wpkh([d34db33f/84h/0h/0h]0279be667ef9dcbbac55a06295Ce870b07029Bfcdb2dce28d959f2815b16f81798)"']],
  }),
} as const;
