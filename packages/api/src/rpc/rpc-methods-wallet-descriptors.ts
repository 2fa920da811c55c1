import {
  arr,
  bool,
  maybe,
  method,
  num,
  obj,
  optional,
  options,
  required,
  result,
  str,
  withDefault,
} from "./rpc-schema.ts";
import { ADDRESS_TYPES, NEEDS_PASSPHRASE } from "./rpc-wallet-fields.ts";

/** Methods about the descriptors of a wallet and their keys. */
export const walletDescriptorMethods = {
  importdescriptors: method({
    category: "wallet",
    description: `Adds descriptors to the wallet, and searches blocks for their transactions from the earliest timestamp on. Make a backup afterwards.
Of a descriptor with two paths (BIP 389), the second is for change.
With an early timestamp it may take hours; meanwhile other calls may know the addresses and not yet their transactions.
It is much faster with block filters (-blockfilterindex).`,
    params: [
      required(
        "requests",
        "array",
        `The descriptors, each an object:
"desc" (required): the descriptor;
"active" (default false): whether new addresses of its type come from it;
"range": the end of its range, or [begin,end];
"next_index": index of the next address, where it is active and has a range;
"timestamp" (required): from when on to search blocks, in UNIX epoch time, less 2 hours; "now" searches none, 0 all;
"internal" (default false): whether it is for change;
"label" (default ""): label of its address, where it has no range and is not for change.`,
        { placeholder: "requests" },
      ),
    ],
    results: result(
      arr(
        obj({
          success: bool("Whether it was added"),
          warnings: maybe(arr(str(""))),
          error: maybe(obj({ code: num("Code of the error"), message: str("What is wrong") })),
        }),
        "One for each, in order",
      ),
    ),
    examples: [['[{"desc": "<descriptor>", "timestamp": 1455191478, "internal": true}]']],
  }),

  listdescriptors: method({
    category: "wallet",
    description: "Lists the descriptors of the wallet.",
    params: [withDefault("private", "bool", false, "Whether to show private keys.")],
    results: result(
      obj({
        wallet_name: str("Name of the wallet"),
        descriptors: arr(
          obj({
            desc: str("The descriptor"),
            timestamp: num("When it was made, in UNIX epoch time"),
            active: bool("Whether new addresses come from it"),
            internal: maybe(bool("Whether those are for change (only where active)")),
            range: maybe(arr(num(""), "First and last index, both counted (only where it has a range)")),
            next: maybe(num('Same as "next_index"')),
            next_index: maybe(num("Index of the next address (only where it has a range)")),
          }),
          "In the order of their texts",
        ),
      }),
    ),
    examples: [[], ["true"]],
  }),

  createwalletdescriptor: method({
    category: "wallet",
    description: `Makes the wallet's descriptor of a type of address that it has none of yet.${NEEDS_PASSPHRASE}`,
    params: [
      required("type", "string", `The type: ${ADDRESS_TYPES}.`),
      options(
        "options",
        [
          optional("internal", "bool", "Make one for change alone (true), or one for being paid alone (false)", {
            defaultHint: "Both external and internal will be generated unless this parameter is specified",
          }),
          optional("hdkey", "string", "The HD key to make it of; gethdkeys lists those that the wallet has", {
            defaultHint: "The HD key used by all other active descriptors",
          }),
        ],
        { placeholder: '{"internal":bool,"hdkey":"str",...}' },
      ),
    ],
    results: result(obj({ descs: arr(str(""), "The descriptors that were made, without private keys") })),
    examples: [['"bech32m"']],
  }),

  gethdkeys: method({
    category: "wallet",
    description: "Lists the HD keys of the wallet (BIP 32), and the descriptors that use each.",
    params: [
      options(
        "options",
        [
          withDefault("active_only", "bool", false, "Whether to list those of active descriptors alone"),
          withDefault("private", "bool", false, "Whether to show private keys"),
        ],
        { placeholder: '{"active_only":bool,"private":bool,...}' },
      ),
    ],
    results: result(
      arr(
        obj({
          xpub: str("The extended public key"),
          has_private: bool("Whether the wallet has its private key"),
          xprv: maybe(str("The extended private key (only with private)")),
          descriptors: arr(
            obj({
              desc: str("A descriptor that uses it, without private keys"),
              active: bool("Whether new addresses come from it"),
            }),
          ),
        }),
      ),
    ),
    examples: [[], ['{"active_only":true,"private":true}']],
  }),

  addhdkey: method({
    category: "wallet",
    description: "Adds an HD key (BIP 32) to the wallet, for createwalletdescriptor.",
    params: [
      optional("hdkey", "string", "The extended private key; without, a new one is made.", {
        defaultHint: "Automatically generated new key",
      }),
    ],
    results: result(obj({ xpub: str("The extended public key") })),
    examples: [['"xprv"']],
  }),
} as const;
