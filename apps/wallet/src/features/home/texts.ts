import { plural, textsOf } from "@bitfleet/ui/texts.ts";

export const texts = textsOf({
  en: {
    balance: "Balance",
    spendable: "Can be spent",
    spendableHint: "Confirmed coins, and change of your own payments.",
    pending: "On its way in",
    pendingHint: "What others have paid and no block has yet.",
    immature: "Immature",
    immatureHint: "Rewards of mined blocks, which can be spent when 100 blocks are upon them.",
    frozen: "Frozen",
    frozenHint: "Coins that you have set aside: no payment uses them.",
    receive: "Receive",
    send: "Send",
    makePsbt: "Make a payment",
    waitingTitle: "On its way",
    waitingAbout: (count: number) => plural(count, { one: "one payment", other: `${count} payments` }),
    more: (count: string) => `and ${count} more in the history`,
    recentTitle: "Latest payments",
    all: "Whole history",
    backup: {
      title: "This browser may throw away what is kept here",
      text: "Coins have come, and there is no backup yet. When the disk gets full the browser may remove this wallet with the data of other pages. Your words bring the coins back; names, labels and contacts come back from a backup alone.",
      shared:
        "Coins have come, and there is no backup yet. When the disk gets full the browser may remove this wallet with the data of other pages. Words alone do not bring a shared wallet back: save a backup, or keep its descriptor elsewhere (Wallets, Signers).",
      go: "Go to Backup",
      dismiss: "Do not tell me again",
      notDismissed: "That could not be remembered",
    },
    emptyTitle: "Nothing has been paid here yet",
    empty: "Give an address to somebody who pays you. What comes in shows here by itself.",
    emptyReceive: "Show an address",
    faucet:
      "This network has a faucet, which gives coins for trying: on its page, with the admin key, or by this command:",
    faucetLink: "Open the faucet",
    unlookedTitle: "The chain was not looked through yet",
    unlooked:
      "What this wallet has had before shows here once its server answers. The amounts above say nothing until then.",
    scanningTitle: "Looking through the chain",
    scanning: "What this wallet has had before shows here as it is found.",
  },
});
