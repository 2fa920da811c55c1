import { plural, textsOf } from "@bitfleet/ui/texts.ts";

export const sharedTexts = textsOf({
  en: {
    badge: (required: number, count: number) => `${required} of ${count} sign`,
    badgeHint: (required: number, count: number) =>
      plural(required, {
        one: `One of its ${count} keys must sign a payment`,
        other: `${required} of its ${count} keys must sign a payment`,
      }),
    unnamed: (place: number) => `Key ${place}`,
    ownBadge: "on this device",
    ownOf: (wallet: string) => `Its words are those of ${wallet}`,
    at: (fingerprint: string, path: string) => `${fingerprint} · m${path}`,
    noOrigin: "Where it comes from is not known",
    handOut: {
      copy: "Copy",
      copied: (what: string) => `The ${what} is copied`,
      notCopied: "Nothing could be copied",
      select: "Select it by hand, or save it as a file.",
      save: "Save as file",
      qr: "Show a QR code",
      qrHide: "Hide the QR code",
      tooLong: "It is too long for a QR code that cameras read: hand it over as a file.",
    },
    file: {
      choose: "Choose a file",
      tooLarge:
        "This file is larger than any key or descriptor. Choose the one that the other wallet or device has made.",
      unreadable: "This file cannot be read. Choose it once more, or copy what is in it.",
    },
    key: {
      what: "key",
      qrLabel: "QR code of the key",
      wallet: "Words of",
      account: "Account number",
      accountHint: "0, unless these words share several wallets: each has a number of its own",
      accountWrong: (most: number) => `Enter a number from 0 to ${most}.`,
      deriving: "The key is made…",
      fileName: (fingerprint: string) => `key-${fingerprint}.txt`,
    },
    descriptor: {
      what: "descriptor",
      title: "Descriptor",
      qrLabel: "QR code of the descriptor",
      fileName: (name: string) => `shared-wallet-${name}.txt`,
      device: "Save for signing devices",
      deviceHint:
        "Coldcard, Passport, Keystone, Jade and the like take the file for signing devices and keep it: only so do they know the addresses and the change of this wallet.",
      deviceFileName: (name: string) => `signing-device-${name}.txt`,
      keepTitle: "Keep the descriptor with the words",
      keep: "The words of one signer do not find this wallet again: which keys share it stands in the descriptor alone. Without it the coins are lost, even to who has all the words. Give a copy to each signer, to be kept beside their words; a backup of this app has it, too. It lets nobody spend, but shows every payment to whoever has it.",
    },
  },
});
