import { method, none, required, result, str } from "./rpc-schema.ts";

/** Methods about the passphrase of a wallet. */
export const walletEncryptMethods = {
  encryptwallet: method({
    category: "wallet",
    description: `Encrypts a wallet with a passphrase, for the first time. From then on, whatever uses private keys needs the
wallet to be unlocked with walletpassphrase; walletlock locks it again, walletpassphrasechange changes the passphrase.
** IMPORTANT **
The wallet gets a new HD seed and new active descriptors: make a backup afterwards, older ones do not have them.`,
    params: [required("passphrase", "string", "The passphrase: 1 character or more, and better many more.")],
    results: result(str("What to do next")),
    examples: [['"my pass phrase"']],
  }),

  walletpassphrase: method({
    category: "wallet",
    description: `Unlocks an encrypted wallet for a number of seconds, so that its private keys can be used.
Called again, the new time counts.`,
    params: [
      required("passphrase", "string", "The passphrase"),
      required("timeout", "int64", "Seconds to keep it unlocked; at most 100000000 (about 3 years)."),
    ],
    results: result(none()),
    examples: [['"my pass phrase"', "60"]],
  }),

  walletlock: method({
    category: "wallet",
    description:
      "Locks an encrypted wallet: its private keys leave the memory, until walletpassphrase unlocks it again.",
    params: [],
    results: result(none()),
    examples: [[]],
  }),

  walletpassphrasechange: method({
    category: "wallet",
    description: "Changes the passphrase of an encrypted wallet.",
    params: [
      required("oldpassphrase", "string", "The passphrase it has"),
      required("newpassphrase", "string", "The one it is to have"),
    ],
    results: result(none()),
    examples: [['"old one"', '"new one"']],
  }),
} as const;
