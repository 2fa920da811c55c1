import { plural, textsOf } from "@bitfleet/ui/texts.ts";

export const texts = textsOf({
  en: {
    title: "Wallets",
    about: "Each wallet has keys of its own, or watches without; its accounts keep what is in it apart.",
    add: "Add a wallet",
    sweep: "Sweep a key",
    on: (network: string, chain: string) => `${network} · ${chain}`,
    accounts: (wallet: string) => `Accounts of ${wallet}`,
    active: "On screen",
    show: "Show",
    showFailed: "The account could not be shown",
    rename: "Rename",
    renameOf: (name: string) => `Rename ${name}`,
    remove: "Remove",
    removeOf: (name: string) => `Remove ${name}`,
    showOf: (name: string) => `Show ${name}`,
    words: "Show the words",
    addAccount: "Add an account",
    details: "Public keys",
    detailsOf: (name: string) => `Public keys of ${name}`,
    name: {
      label: "Name",
      save: "Save",
      add: "Add",
      missing: "Enter a name.",
      taken: "Another one has this name. Choose one that tells them apart.",
      wallet: "Rename the wallet",
      account: "Rename the account",
      newAccount: "Add an account",
      accountHint:
        "A further account of the same words: what is in it is apart from the others. Where the words are restored elsewhere, it is found there once it was paid.",
      next: (count: number) => `Account ${count}`,
    },
    ownKey: {
      button: "Key to share",
      of: (wallet: string) => `Key of ${wallet} to share`,
      title: (wallet: string) => `Key of ${wallet} to share`,
      text: "For a wallet that several share (multisig): give this key to whoever makes it. It is public. Who has it sees what is paid to the shared wallet, and cannot spend. When the wallet is made you are given its descriptor, which you watch here; your words sign for it then.",
    },
    cosigners: {
      button: "Signers",
      of: (wallet: string) => `Signers of ${wallet}`,
      title: (wallet: string) => `Signers of ${wallet}`,
      rule: (required: number, count: number) =>
        required === count ? `All ${count} keys must sign.` : `${required} of these ${count} keys must sign.`,
      name: (place: number) => `Name of signer ${place}`,
      save: "Save the names",
      saved: "The names are saved",
    },
    search: {
      button: "Search further",
      of: (wallet: string) => `Search further in ${wallet}`,
      title: (wallet: string) => `Search further in ${wallet}`,
      about: (gapLimit: string) =>
        `The search for payments ends now where ${gapLimit} addresses in a row were never used. Another program may have given out more than that: then coins are behind them. All accounts of the wallet are looked through again, and further ones are looked for.`,
      less: "A smaller number has it look less far again: what was used stays watched, and what is paid to unused addresses further behind is not seen.",
      go: "Search",
      goLess: "Look less far",
      same: (gapLimit: string) => `It looks behind ${gapLimit} now: enter another number.`,
      lowered: (gapLimit: string) => `It looks behind ${gapLimit} unused addresses now`,
      removed: (count: number) =>
        plural(count, {
          one: "Find the account, too, that was removed here",
          other: `Find the ${count} accounts, too, that were removed here`,
        }),
      atMost: (most: string) =>
        `This wallet is looked through behind ${most} unused addresses in a row, which is as far as it goes. What is behind that is seen by a wallet that watches its descriptors on a node of your own.`,
      stop: "Stop",
      stopFailed: "The search could not be stopped",
      stopped: (gapLimit: string) => `The search behind ${gapLimit} unused addresses was stopped`,
      underWay: (gapLimit: string) => `Searching behind up to ${gapLimit} unused addresses`,
      beginning: "Further addresses are made, to be looked at.",
      looked: (looked: string, found: string) => `Looked at ${looked} addresses, found ${found} transactions in all.`,
      others: "The account on screen is looked through; now the others are, and further ones are looked for.",
      later: "The network is not followed now: the search goes on when it is.",
      away: "It goes on when an account of this wallet is on screen.",
      done: (gapLimit: string) => `Searched behind up to ${gapLimit} unused addresses`,
      nothing: "There is nothing more than what was known before.",
      nothingYet: "Nothing more than what was known before was found until then.",
      found: (transactions: number, accounts: number, amount: string) =>
        `Found ${plural(transactions, { one: "one more transaction", other: `${transactions} more transactions` })}${accounts === 0 ? "" : ` and ${plural(accounts, { one: "one more account", other: `${accounts} more accounts` })}`}: the wallet has ${amount} more than before.`,
    },
    removeWallet: {
      title: (name: string) => `Remove the wallet ${name}?`,
      phrase:
        "Its keys, its history and its labels are deleted from this device. Only its recovery words bring the money back: be sure that you have them.",
      watch: "What it watched and its labels are deleted from this device. Nothing happens to the money.",
      shared:
        "Its descriptor and its labels are deleted from this device. Without the descriptor nobody finds its coins again, even with all words: be sure that it is kept elsewhere.",
      has: (amount: string) => `There is ${amount} in it.`,
      go: "Remove the wallet",
      failed: "The wallet could not be removed",
    },
    removeAccount: {
      title: (name: string) => `Remove the account ${name}?`,
      text: "Its history and labels are deleted from this device. Its keys are of the wallet's words: added again, the account has what is in it. No search brings it back by itself.",
      go: "Remove the account",
      failed: "The account could not be removed",
    },
    reveal: {
      title: (name: string) => `Words of ${name}`,
      text: "Whoever sees these words can take the money. Look around before you go on.",
      passphrase: "Passphrase of this device",
      missing: "Enter the passphrase of this device.",
      go: "Go on",
      done: "Close",
      shared: (wallets: string) =>
        `These words sign for ${wallets}, too, but do not bring it back alone: keep its descriptor beside them (Signers).`,
      hasPassphrase:
        "If the wallet was restored with a passphrase of its own (BIP39), that one is needed too; it is not shown here.",
    },
    publicKeys: {
      text: "With these another program can watch this account: it sees every address and amount, and can spend nothing.",
      descriptor: (place: number, of: number) => (of === 1 ? "Descriptor" : `Descriptor ${place} of ${of}`),
      xpub: "Extended public key",
      qr: "As a QR code",
      hideQr: "Hide the QR code",
      qrLabel: "QR code of the descriptor",
      tooLong: "This one is too long for a QR code that cameras read. Copy it instead.",
    },
  },
});
