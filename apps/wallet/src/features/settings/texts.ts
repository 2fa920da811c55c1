import { plural, textsOf } from "@bitfleet/ui/texts.ts";

export const texts = textsOf({
  en: {
    title: "Settings",
    about: "They are kept on this device, encrypted, save for theme and unit.",
    networks: {
      title: "Networks",
      add: "Add a network",
      addTitle: "Add a network",
      changeTitle: (name: string) => `Change ${name}`,
      change: "Change",
      changeOf: (name: string) => `Change ${name}`,
      remove: "Remove",
      removeOf: (name: string) => `Remove ${name}`,
      own: (origin: string) => `${origin} (this server)`,
      wallets: (count: number) => `${count} ${plural(count, { one: "wallet", other: "wallets" })}`,
      unused: "No wallet",
      active: "In use",
      hasKey: "With a key",
      removeAsk: (name: string) => `Remove the network ${name}?`,
      removeText: "Where its server is and its key are forgotten. Nothing happens to any wallet.",
      removeGo: "Remove the network",
      removeFailed: "The network could not be removed",
      saved: "Network saved",
      changeHint: "Another server of the same network can take its place: wallets stay as they are.",
    },
    lock: {
      title: "Lock and passphrase",
      auto: "Lock by itself",
      minutes: (count: number) => `After ${count} ${plural(count, { one: "minute", other: "minutes" })}`,
      never: "Never",
      autoHint: "Counted from when you last did something here. Closing the page locks at once.",
      neverHint: "Whoever comes to this device while the page is open can spend.",
      change: "Change the passphrase",
      now: "Lock now",
      failed: "The setting was not saved",
      current: "Passphrase now",
      currentMissing: "Enter the passphrase that this device has now.",
      next: "New passphrase",
      go: "Change it",
      changed: "The passphrase is another one now",
      changedText: "Backups that were saved before keep the passphrase they were given.",
    },
    receive: {
      title: "Receiving",
      type: "Kind of address that is given first",
      types: { bech32m: "Taproot", bech32: "Segwit" },
      hint: "Taproot costs less to spend and shows least of what a coin is. Segwit addresses are understood by some services that do not know taproot yet.",
    },
    backup: {
      title: "Backup",
      text: "One encrypted file with everything: keys, accounts, labels, contacts, settings. It opens with its passphrase on any device with this wallet.",
      shared:
        "The wallets that you share with others are in it with their descriptors. Words do not bring those back: without a backup, or the descriptor beside the words, their coins are not found again.",
      notKeptTitle: "This browser may throw away what is kept here",
      notKept:
        "When the disk gets full it may remove this wallet with the data of other pages. Save a backup and keep your words on paper; browsers agree to keep what an installed app stores.",
      save: "Save a backup",
      saveTitle: "Save a backup",
      current: "Passphrase of this device",
      currentMissing: "Enter the passphrase of this device.",
      wrong: "The passphrase is not the right one. Check capital letters and the keyboard's language, and try again.",
      same: "The backup opens with the same passphrase",
      own: "Passphrase of the backup",
      go: "Save the file",
      saved: "Backup saved",
      savedText: (name: string) =>
        `${name} is where this device keeps what is saved. Put a copy where this device's loss does not reach.`,
      restore: "Restore a backup",
    },
    labels: {
      title: "Labels",
      text: (account: string) =>
        `The labels of ${account}, and which of its coins are frozen, as a file for other wallets (BIP329). It is not encrypted.`,
      save: "Save the labels",
      take: "Take labels from a file",
      fileName: (day: string) => `bitfleet-labels-${day}.jsonl`,
      none: "This account has no labels yet",
      taken: (count: number) =>
        count === 0
          ? "No label of this account is in there"
          : plural(count, { one: "One label was taken", other: `${count} labels were taken` }),
      passedOver: (count: number) =>
        plural(count, {
          one: "Another one is not of this account.",
          other: `${count} others are not of this account.`,
        }),
      failed: "The labels were not taken",
      tooLong: (size: string) => `The file is larger than the labels of any account: ${size} at most.`,
    },
    remove: {
      title: "Remove everything",
      text: "For a device that you give away. Wallets come back from their words or from a backup, and from nothing else.",
      go: "Remove everything on this device",
      ask: "Remove everything on this device?",
      askText:
        "Wallets, keys, labels, contacts and settings are gone then. Only your recovery phrases or a backup bring wallets back.",
      typed: "remove everything",
      confirm: "Remove everything",
      failed: "It could not be removed",
    },
    aboutApp: {
      title: "About",
      version: "Version",
      licence: "Licence",
      keys: "Keys",
      keysText: "Made and kept on this device, encrypted. No server sees them.",
      install: "To have it as an app, choose “Install” in the browser's menu.",
    },
  },
});
