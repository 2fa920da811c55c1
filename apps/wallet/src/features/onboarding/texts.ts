import { textsOf } from "@bitfleet/ui/texts.ts";

export const texts = textsOf({
  en: {
    steps: { label: "Setting up", passphrase: "Passphrase", network: "Network", wallet: "Wallet" },
    leave: "Back to the wallet",
    welcome: {
      title: "A wallet whose keys never leave this device",
      about: "For Bitcoin on any network that you can reach: one of your own, a test network, or the main one.",
      points: {
        keys: "Keys are made here and stay here, encrypted by a passphrase that only you know.",
        paper: "Twelve or twenty-four words on paper bring your coins back if this device is lost.",
        server: "A server of your choice tells what is in the chain. It never sees a key, and cannot spend.",
      },
      begin: "Begin",
      backup: "Restore a backup file",
    },
    passphrase: {
      title: "Choose a passphrase for this device",
      about:
        "It encrypts all that this wallet keeps here, and opens it each time. Nobody can reset it: if you forget it, your words or a backup bring the wallet back.",
      shared:
        "The administration window keeps its networks and their keys in the same encrypted file, under the same passphrase.",
      go: "Encrypt this device",
    },
    backup: {
      title: "Restore a backup",
      about: "A backup has everything: wallets with their keys, accounts, labels, contacts and settings.",
    },
    network: {
      title: "Connect to a network",
      about: "The server that you choose here tells which payments are in the chain, and passes on yours.",
      looking: "Looking what answers here…",
      ownSilent: "A wallet cannot use it:",
      use: "Use this network",
      other: "Another server",
      saved: "Networks that this wallet knows",
      chosen: "Chosen",
      again: "Look again",
      privacy:
        "The server learns which addresses belong together, and never a key. Choose one that you trust with that, or run your own.",
    },
    kind: {
      title: "Add a wallet",
      on: (network: string, chain: string) => `Network: ${network} (${chain}).`,
      change: "Another network",
      words: "Create a new wallet",
      wordsAbout: "New keys, with a phrase of words to write down.",
      restore: "Restore from words",
      restoreAbout: "You have the recovery phrase of a wallet, of this or another program.",
      watch: "Watch without keys",
      watchAbout: "From a descriptor, an extended public key or an address: see what comes and goes, sign elsewhere.",
    },
    words: {
      title: "Write these words down",
      about:
        "On paper, with their numbers, in this order. Whoever has the words has the money; without them nobody can bring it back.",
      count: "How many words",
      counts: { 12: "12 words", 24: "24 words" },
      careTitle: "Look around first",
      care: "Nobody else should see the screen now. Take no photo, and type the words into nothing: there is no copy button, since what is copied can be read by other programs.",
      eachTime:
        "They are new each time this page is opened: words that were shown before and never checked are of no wallet.",
      go: "I have written them down",
    },
    check: {
      title: "Check what you wrote",
      about: "Look at your paper, not at the screen. Nothing is stored before these words are right.",
      word: (place: number) => `Word ${place}`,
      missing: "Enter this word.",
      wrong: "That is not the word at this place.",
      name: "Name of the wallet",
      nameHint: "For you alone; it can be changed.",
      go: "Create the wallet",
      gone: "The words are gone, since this page was loaded anew. They are of no wallet: make new ones, and throw away what you wrote of these.",
      anew: "Make new words",
    },
    restore: {
      title: "Restore from words",
      about: "Enter the recovery phrase of the wallet. It can be pasted into the first field as a whole.",
      count: "How many words",
      word: (place: number) => `Word ${place}`,
      suggestions: (place: number) => `Words that begin so, for word ${place}`,
      unknown: "Not in the list",
      missing: (count: number) => (count === 1 ? "One word is missing." : `${count} words are missing.`),
      pasted: (count: number) => `${count} words pasted.`,
      hasPassphrase: "This phrase has a passphrase of its own (BIP39)",
      passphrase: "Passphrase of the phrase",
      passphraseHint:
        "A further word that somebody chose for this wallet; most have none. Another one is another wallet: none is wrong, so check that what you expect is found.",
      go: "Restore",
      looking: (looked: string, found: string) => `Looked at ${looked} addresses, found ${found} transactions.`,
      lookingTitle: "Looking for payments",
    },
    watch: {
      title: "Watch without keys",
      about: "This wallet sees what comes and goes, and makes payments that another device signs.",
      text: "Descriptor, extended public key (xpub, ypub, zpub, tpub …) or address",
      missing: "Enter what is to be watched.",
      kinds: { descriptor: "A descriptor", "extended-key": "An extended public key", address: "One address" },
      compare: "Compare the first address with what the other wallet shows:",
      noAddress: "It has no address to compare.",
      go: "Watch it",
    },
    names: { first: "My wallet", watch: "Watched wallet", next: (count: number) => `Wallet ${count}` },
  },
});
