import { textsOf } from "@bitfleet/ui/texts.ts";

export const texts = textsOf({
  en: {
    title: "Messages",
    about: "A signature shows that whoever has the keys of an address agrees with a text. It moves no coins.",
    tabs: { label: "What to do", sign: "Sign", verify: "Verify" },
    sign: {
      title: "Sign a message",
      address: "Address of this account",
      addressHint: "The one that the reader of the message knows you by",
      message: "Message",
      messageHint: "Say who it is for and when, so that it cannot be used for something else",
      format: "Format",
      formats: { bip322: "BIP322", bip137: "BIP137", legacy: "Legacy" },
      formatHints: {
        bip322: "For any address. Choose the other one where its reader cannot verify this.",
        bip137: "For readers whose program does not know BIP322: Electrum, Sparrow and Trezor verify this.",
        legacy: "What nodes and all older programs verify.",
      },
      go: "Sign",
      signature: "Signature",
      copy: "signature",
      notMine: "This address is not of this account: choose one of the list.",
      noMessage: "Write the message.",
      watch: "This wallet has no keys, so it signs nothing. It verifies what others have signed.",
    },
    verify: {
      title: "Verify a message",
      address: "Address of whoever signed",
      message: "Message, exactly as it was signed",
      signature: "Signature in base64",
      signatureHint: "BIP322, BIP137, Electrum's or Trezor's, or of an address of the oldest kind",
      go: "Verify",
      good: "The signature is right",
      bad: "The signature is not right",
      noAddress: "Enter the address.",
      noSignature: "Enter the signature.",
    },
  },
});
