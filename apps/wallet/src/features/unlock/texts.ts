import { plural, textsOf } from "@bitfleet/ui/texts.ts";

export const texts = textsOf({
  en: {
    title: "Unlock your wallet",
    about: "Everything here is encrypted. Enter the passphrase of this device.",
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
      text: "It is known to you alone, and what it encrypts can be read without it by nobody. If you have the recovery phrase of each wallet, or a backup file, remove what is on this device and restore from that.",
      loss: "Labels, contacts and settings that are in no backup are lost. So is the money of a wallet whose words you do not have.",
      remove: "Remove everything on this device",
      back: "Back",
    },
    removal: {
      title: "Remove everything on this device?",
      text: "Wallets, keys, labels, contacts and settings are gone then. Only your recovery phrases or a backup bring wallets back.",
      typed: "remove everything",
      go: "Remove everything",
      failed: "It could not be removed",
    },
    unsupported: { title: "No wallet can be kept here" },
    damaged: {
      title: "What is kept on this device cannot be read",
      about: "Nothing of it was shown, changed or sent.",
      restore: "Remove it, and restore a backup",
      phrase: "Remove it, and begin anew",
      retry: "Look once more",
    },
  },
});
