import { textsOf } from "@bitfleet/ui/texts.ts";

export const texts = textsOf({
  en: {
    title: "Settings",
    about: "Kept in this browser; the node knows nothing of them.",
    aboutDesktop: "Kept on this device; the network knows nothing of them.",
    connection: {
      title: "Connection",
      own: "This page talks to the node that it came from:",
      other: "This page talks to another node than the one that it came from:",
      address: "Address of the node",
      addressHint: "As 10.0.0.5:8080; empty for the node that this page came from",
      test: "Test and use",
      back: "Use this page's own node",
      invalid: "Enter an address as http://10.0.0.5:8080, without a path or a password.",
      isOwn: "That is the node in use already.",
      notBitfleet: "Something answers there, but it is no Bitfleet node.",
      silent: (origin: string) =>
        `No answer that this page may read. The node may be away, or not let this page read: it does with -webcors=${origin}.`,
      blocked:
        "This page may talk to its own node alone: that is the policy (connect-src 'self') that it was served with, so that nothing on it can send keys elsewhere. The other node has a page of its own:",
      open: (address: string) => `Open ${address}`,
      policy:
        "A page that a node serves talks to that node alone. Another one can be chosen where the page comes from elsewhere, as in the desktop window or in development.",
    },
    keys: {
      title: "Keys",
      roles: { admin: "Admin key", wallet: "Wallet key", reading: "Reading key" },
      uses: {
        admin: "Mines, changes the network, runs commands; opens wallets too.",
        wallet: "Opens the node's wallets and spends from them.",
        reading: "Reads from a node that shows nothing without a key.",
      },
      none: "not entered",
      tab: {
        device: "kept until this tab closes",
        profile: "kept until this window closes",
        nothing: "kept until this window closes",
      },
      kept: { device: "remembered on this device", profile: "remembered, encrypted", nothing: "" },
      enter: "Enter",
      forget: "Forget",
      remember: { device: "Remember on this device", profile: "Remember with this network" },
      accepted: (role: string) => `${role} accepted`,
      failed: (role: string) => `${role} not accepted`,
    },
    look: {
      language: "Language",
      languageHint: "Numbers and dates are written as the language has it.",
      english: "English",
    },
  },
});
