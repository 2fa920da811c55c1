import {
  bool,
  type Field,
  method,
  none,
  num,
  obj,
  optional,
  required,
  result,
  str,
  withDefault,
} from "./rpc-schema.ts";
import { EXAMPLE_TXID, filePassphrase, loadOnStartup, walletWarnings } from "./rpc-wallet-fields.ts";

const FILTERS_HELP = "It is much faster with block filters (-blockfilterindex).";

const stopHeight = num("Height of the last; null where none was left to be searched") as Field as Field<number | null>;

/** Methods that copy wallets out and in, and find their transactions in blocks. */
export const walletBackupMethods = {
  backupwallet: method({
    category: "wallet",
    description: "Copies a wallet into a file, whole and consistent, while it is in use.",
    params: [required("destination", "string", "The file")],
    results: result(none()),
    examples: [['"backup.dat"']],
  }),

  restorewallet: method({
    category: "wallet",
    description: `Makes a wallet of a backup and loads it.\n${FILTERS_HELP}`,
    params: [
      required("wallet_name", "string", "Name that the wallet is to have"),
      required("backup_file", "string", "The file of the backup."),
      loadOnStartup,
      filePassphrase,
    ],
    results: result(obj({ name: str("Name of the wallet"), warnings: walletWarnings("restoring and loading") })),
    examples: [['"testwallet"', '"/home/backups/backup-file.bak"']],
  }),

  exportwatchonlywallet: method({
    category: "wallet",
    description: `Writes a file with a wallet that watches this one: its descriptors without private keys, its transactions and its
address book. Where derivation is hardened, which needs the keys, only the addresses that were made so far are in it.
restorewallet of another node reads it.`,
    params: [required("destination", "string", "The file")],
    results: result(obj({ exported_file: str("Path of the file") })),
    examples: [['"/path/to/export.dat"']],
  }),

  importprunedfunds: method({
    category: "wallet",
    description:
      "Adds a transaction that pays the wallet, with the proof that it is in a block, without searching blocks. Its addresses must be\nthe wallet's already. What spends it later must be added too, or searched for.",
    params: [
      required("rawtransaction", "hex", "The transaction's bytes in hex"),
      required("txoutproof", "hex", "What gettxoutproof answers for it"),
    ],
    results: result(none()),
    examples: [],
  }),

  removeprunedfunds: method({
    category: "wallet",
    description: "Takes a transaction out of the wallet, as if it had never been there. Balances change.",
    params: [required("txid", "hex", "The transaction id")],
    results: result(none()),
    examples: [[EXAMPLE_TXID]],
  }),

  rescanblockchain: method({
    category: "wallet",
    description: `Searches blocks for transactions of the wallet. getwalletinfo tells how far it is.\n${FILTERS_HELP}`,
    params: [
      withDefault("start_height", "int", 0, "Height of the first block"),
      optional("stop_height", "int", "Height of the last block; the tip without."),
    ],
    results: result(
      obj({
        start_height: num("Height of the first block that was searched"),
        stop_height: stopHeight,
      }),
    ),
    examples: [["100000", "120000"]],
  }),

  abortrescan: method({
    category: "wallet",
    description: "Ends the search of blocks that a call has begun, as rescanblockchain.",
    params: [],
    results: result(bool("Whether there was one to end")),
    examples: [[]],
  }),
} as const;
