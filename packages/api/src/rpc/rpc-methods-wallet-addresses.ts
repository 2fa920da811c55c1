import {
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
  required,
  result,
  str,
  time,
  withDefault,
} from "./rpc-schema.ts";
import { ADDRESS_TYPES, EXAMPLE_ADDRESS, NEEDS_PASSPHRASE } from "./rpc-wallet-fields.ts";

const addressType = (option: string) =>
  optional("address_type", "string", `Type of the address: ${ADDRESS_TYPES}.`, { defaultHint: `set by ${option}` });

const scriptFields = {
  isscript: maybe(bool("Whether it stands for a script")),
  iswitness: bool("Whether it stands for a witness program"),
  witness_version: maybe(num("Version of the witness program")),
  witness_program: maybe(hex("The witness program")),
  script: maybe(
    str(
      "Type of the script that it stands for, where that is known: nonstandard, pubkey, pubkeyhash, scripthash,\nmultisig, nulldata, witness_v0_keyhash, witness_v0_scripthash or witness_unknown",
    ),
  ),
  hex: maybe(hex("The script that it stands for, where that is known")),
  pubkeys: maybe(arr(str("A public key"), "Keys of the script (only where it is multisig)")),
  sigsrequired: maybe(num("Signatures that it takes (only where it is multisig)")),
  pubkey: maybe(hex("The public key (only where there is one, and it is known)")),
  iscompressed: maybe(bool("Whether that key is in compressed form")),
};

const embedded = obj(
  { address: str("The address"), scriptPubKey: hex("Its output script"), ...scriptFields, embedded: maybe(any()) },
  "The same of the address within, of P2SH and P2WSH, without what it is to the wallet",
);

/** Methods that make addresses, and tell and change what is known of them. */
export const walletAddressMethods = {
  getnewaddress: method({
    category: "wallet",
    description: "Makes an address to be paid at. With a label, it stands in the address book with that.",
    params: [
      withDefault(
        "label",
        "string",
        "",
        'Label of the address; new ones need not be made before. "" is the usual one.',
      ),
      addressType("-addresstype"),
    ],
    results: result(str("The address")),
    examples: [[]],
  }),

  getrawchangeaddress: method({
    category: "wallet",
    description: "Makes an address for change, of raw transactions. Not to be paid at.",
    params: [addressType("-changetype")],
    results: result(str("The address")),
    examples: [[]],
  }),

  setlabel: method({
    category: "wallet",
    description: "Gives an address a label.",
    params: [
      required("address", "string", "The address, of this wallet or another's."),
      required("label", "string", "The label."),
    ],
    results: result(none()),
    examples: [[EXAMPLE_ADDRESS, '"tabby"']],
  }),

  getaddressesbylabel: method({
    category: "wallet",
    description: "Lists the addresses with a label.",
    params: [required("label", "string", "The label.")],
    results: result(
      map("address", obj({ purpose: str('What it is for: "send", or "receive" where it is the wallet\'s') })),
    ),
    examples: [['"tabby"']],
  }),

  listlabels: method({
    category: "wallet",
    description: "Lists all labels, or those of addresses with a purpose.",
    params: [optional("purpose", "string", 'Purpose of the addresses: "send" or "receive"; "" is as none.')],
    results: result(arr(str("A label"))),
    examples: [[], ['"receive"']],
  }),

  getaddressinfo: method({
    category: "wallet",
    description: "Tells what is known of an address. More is known where it is the wallet's.",
    params: [required("address", "string", "The address.")],
    results: result(
      obj({
        address: str("The address"),
        scriptPubKey: hex("Its output script"),
        ismine: bool("Whether it is the wallet's"),
        iswatchonly: bool("(DEPRECATED) Always false"),
        solvable: bool("Whether it is known how to spend what it gets, private keys aside"),
        desc: maybe(str("A descriptor that tells how (only where solvable)")),
        parent_desc: maybe(str("The descriptor that the address comes from")),
        ischange: bool("Whether it was made for change"),
        ...scriptFields,
        embedded: maybe(embedded),
        timestamp: maybe(time("When the key was made, where that is known, in UNIX epoch time")),
        hdkeypath: maybe(str("Path of the key, where it comes from an HD seed")),
        hdseedid: maybe(hex("Hash of that seed")),
        hdmasterfingerprint: maybe(hex("Fingerprint of the master key")),
        labels: arr(str("A label"), "Labels of the address: one at most"),
      }),
    ),
    examples: [[EXAMPLE_ADDRESS]],
  }),

  listaddressgroupings: method({
    category: "wallet",
    description:
      "Lists groups of addresses of which everybody can see that they have one owner: they were spent from together, or got the change.",
    params: [],
    results: result(arr(arr(arr(any("Address, amount in BTC, and label where there is one"))))),
    examples: [[]],
  }),

  keypoolrefill: method({
    category: "wallet",
    description: `Makes keys ahead, so that each active descriptor has that many.${NEEDS_PASSPHRASE}`,
    params: [optional("newsize", "int", "Keys to have ahead", { defaultHint: "1000, or as set by -keypool" })],
    results: result(none()),
    examples: [[]],
  }),
} as const;
