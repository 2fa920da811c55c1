import { textsOf } from "../texts.ts";
import type { KeyRole } from "./key-store.ts";

export const keyTexts = textsOf({
  en: {
    formName: "Entry of a key",
    gateTitle: (role: KeyRole) => `The ${role} key opens this page`,
    why: {
      admin: "It is shown where the node was started: by bitfleet up, or in the file that keys were read from.",
      wallet: "It is shown where the node was started. The admin key does too.",
      reading: "This node shows nothing without one. A key of any role does.",
    },
    label: { admin: "Admin key", wallet: "Wallet key", reading: "API key, of any role" },
    remember: { device: "Remember it on this device", profile: "Remember it with this network" },
    rememberHint: {
      device: "Otherwise it is forgotten when this tab closes. Whoever uses this browser can then use the key.",
      profile: "It is kept encrypted by your passphrase. Otherwise it is forgotten when this window closes.",
    },
    nothingKept: "It is forgotten when this window closes.",
    refused: "The key was not taken",
    cancel: "Cancel",
    go: "Continue",
  },
});
