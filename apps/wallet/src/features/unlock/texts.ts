import { plural, textsOf } from "@bitfleet/ui/texts.ts";

export const texts = textsOf({
  en: {
    title: "Unlock your wallet",
    about: "Everything here is encrypted. Enter the passphrase of this device.",
    lockedByReload: "The page was loaded anew, which locks the wallet: what opens it is in the page alone.",
    passphrase: "Passphrase",
    missing: "Enter the passphrase.",
    go: "Unlock",
    failures: (count: number) =>
      `${count} wrong ${plural(count, { one: "try", other: "tries" })} so far. After three, each further one waits longer.`,
    wait: (seconds: number) =>
      `Wait ${seconds} ${plural(seconds, { one: "second", other: "seconds" })} before the next try.`,
    forgotten: {
      open: "I forgot the passphrase",
      title: "Nobody can reset the passphrase",
      text: "It is known to you alone, and what it encrypts can be read without it by nobody. If you have a backup file, restore it in the place of what is here; if you have the recovery phrase of each wallet, remove what is here and enter those.",
      loss: "Labels, contacts and settings that are in no backup are lost. So is the money of a wallet whose words you do not have.",
      remove: "Remove everything on this device",
    },
    removal: {
      title: "Remove everything on this device?",
      text: "Wallets, keys, labels, contacts and settings are gone then. Only your recovery phrases or a backup bring wallets back.",
      typed: "remove everything",
      go: "Remove everything",
      failed: "It could not be removed",
    },
    unsupported: { title: "No wallet can be kept here" },
    unusable: {
      titles: {
        unsupported: "No wallet can be kept here",
        unreachable: "The program behind this window does not answer",
        "in-use": "The wallet is open elsewhere",
        "too-new": "The wallet here was written by a later version",
        other: "What is kept on this device could not be looked at",
      },
      about: "Nothing of it was shown, changed or lost.",
      retry: "Look once more",
    },
    salvage: {
      title: "Save what can still be read",
      text: "Before you remove anything: all records that are not damaged can be saved as a backup file, which opens with the passphrase of this device. What is here stays as it is.",
      passphrase: "Passphrase of this device",
      missing: "Enter the passphrase of this device.",
      go: "Save the file",
      saved: (name: string) => `Saved as ${name}`,
      counts: (wallets: number, phrases: number, records: number) =>
        `It has ${wallets === 0 ? "no wallet" : plural(wallets, { one: "1 wallet", other: `${wallets} wallets` })}, the words of ${phrases === 0 ? "none" : phrases}, and ${plural(records, { one: "1 record", other: `${records} records` })} in all.`,
      nothingLost: "Nothing is missing.",
      lost: (what: string) => `Not in it: ${what}.`,
      next: "See that the file is where it was saved, then remove what is here and restore it.",
    },
    damaged: {
      title: "What is kept on this device cannot be read",
      about: "Nothing of it was shown, changed or sent.",
      waysOut: "Begin anew",
      phrase: "Remove it, and begin anew",
      retry: "Look once more",
    },
  },
});
