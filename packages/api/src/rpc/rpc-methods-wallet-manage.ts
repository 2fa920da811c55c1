import {
  arr,
  bool,
  type Field,
  maybe,
  method,
  num,
  obj,
  optional,
  required,
  result,
  str,
  time,
  withDefault,
} from "./rpc-schema.ts";
import { filePassphrase, lastProcessedBlock, loadOnStartup, walletWarnings } from "./rpc-wallet-fields.ts";

const nameFromEndpoint = optional(
  "wallet_name",
  "string",
  "Name of the wallet. Where the address of the call names one too, it must be the same.",
  { defaultHint: "the wallet name from the RPC endpoint" },
);

const scanning = obj(
  { duration: num("Seconds since it began"), progress: num("How far it is, 0 to 1") },
  "The search for its transactions that is under way, or false",
) as Field as Field<{ readonly duration: number; readonly progress: number } | false>;

/** Methods that make, load and describe wallets. */
export const walletManageMethods = {
  createwallet: method({
    category: "wallet",
    description: "Makes a wallet and loads it.",
    params: [
      required("wallet_name", "string", "Its name. A path makes it there."),
      withDefault("disable_private_keys", "bool", false, "Whether it never has private keys, and only watches."),
      withDefault("blank", "bool", false, "Whether it begins without keys."),
      optional("passphrase", "string", "Passphrase to encrypt it with."),
      withDefault(
        "avoid_reuse",
        "bool",
        false,
        "Whether it notes which addresses were spent from, and treats what they get later apart, for privacy.",
      ),
      withDefault("descriptors", "bool", true, 'Must be "true": there are no others.'),
      loadOnStartup,
      withDefault("external_signer", "bool", false, "External signers are not supported."),
    ],
    results: result(
      obj({ name: str("Name of the wallet, as it was given"), warnings: walletWarnings("making and loading") }),
    ),
    examples: [['"testwallet"']],
  }),

  loadwallet: method({
    category: "wallet",
    description: "Loads a wallet. The options that the node was started with hold for it.",
    params: [
      required("filename", "string", "Folder of the wallet, from the directory of wallets (-walletdir) on."),
      loadOnStartup,
      filePassphrase,
    ],
    results: result(obj({ name: str("Name of the wallet"), warnings: walletWarnings("loading") })),
    examples: [['"walletname"'], ['"/path/to/walletname/"']],
  }),

  unloadwallet: method({
    category: "wallet",
    description: "Unloads a wallet: that of the call's address, or that of the argument.",
    params: [nameFromEndpoint, loadOnStartup],
    results: result(obj({ warnings: walletWarnings("unloading") })),
    examples: [['"wallet_name"']],
  }),

  listwallets: method({
    category: "wallet",
    description: "Lists the wallets that are loaded. getwalletinfo tells more of each.",
    params: [],
    results: result(arr(str("Name of a wallet"))),
    examples: [[]],
  }),

  listwalletdir: method({
    category: "wallet",
    description: "Lists the wallets in the directory of wallets, loaded or not.",
    params: [],
    results: result(
      obj({ wallets: arr(obj({ name: str("Name of the wallet"), warnings: walletWarnings("loading") })) }),
    ),
    examples: [[]],
  }),

  getwalletinfo: method({
    category: "wallet",
    description: "Tells the state of a wallet.",
    params: [],
    results: result(
      obj({
        walletname: str("Its name"),
        walletversion: num("(DEPRECATED) Always 169900"),
        format: str("Format of its database: sqlite"),
        txcount: num("Transactions in it"),
        keypoolsize: num("Keys made ahead, for addresses to be paid at"),
        keypoolsize_hd_internal: maybe(num("Keys made ahead for change")),
        unlocked_until: maybe(
          time("Until when it is unlocked, in UNIX epoch time; 0 where locked (only where it is encrypted)"),
        ),
        private_keys_enabled: bool("Whether it may have private keys"),
        avoid_reuse: bool("Whether it treats coins of addresses that were spent from apart"),
        scanning,
        descriptors: bool("Whether it is of descriptors: always"),
        external_signer: bool("Whether an external signer signs for it: never"),
        blank: bool("Whether it was made without keys, and has had none"),
        birthtime: maybe(time("From when on it was searched for in blocks, in UNIX epoch time")),
        flags: arr(str("Name of a flag"), "Flags of the wallet"),
        lastprocessedblock: lastProcessedBlock,
      }),
    ),
    examples: [[]],
  }),

  setwalletflag: method({
    category: "wallet",
    description: "Changes a flag of a wallet.",
    params: [
      required("flag", "string", "Name of the flag. Those that can be changed: avoid_reuse"),
      withDefault("value", "bool", true, "Whether it is to be set."),
    ],
    results: result(
      obj({
        flag_name: str("Name of the flag"),
        flag_state: bool("Whether it is set now"),
        warnings: maybe(str("What to know about the change")),
      }),
    ),
    examples: [['"avoid_reuse"']],
  }),

  migratewallet: method({
    category: "wallet",
    description:
      "Turns a legacy wallet of Bitcoin Core into one of descriptors. Not done here: migrate it with Bitcoin Core, and\ngive what its listdescriptors answers to importdescriptors.",
    params: [
      nameFromEndpoint,
      optional("passphrase", "string", "Its passphrase"),
      withDefault("load_wallet", "bool", true, "Whether to load it then."),
    ],
    results: result(
      obj({
        wallet_name: str("Name of the new wallet"),
        watchonly_name: maybe(str("Name of the wallet with scripts that were watched")),
        solvables_name: maybe(str("Name of the wallet with scripts that were known and not watched")),
        backup_path: str("Where a backup of the old one is"),
      }),
    ),
    examples: [[]],
  }),
} as const;
