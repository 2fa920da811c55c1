import { textsOf } from "../texts.ts";
import type { StrengthLevel } from "./strength.ts";

export const passphraseTexts = textsOf({
  en: {
    show: "Show",
    hide: "Hide",
    capsLock: "Caps Lock is on.",
    label: "Passphrase",
    newLabel: "New passphrase",
    again: "The same once more",
    tooShort: (min: number) => `At least ${min} characters are needed.`,
    differs: "The two are not the same.",
    levels: { weak: "Weak", fair: "Fair", good: "Good", strong: "Strong" } satisfies Record<StrengthLevel, string>,
    takes: (time: string) => `somebody who has this device's files and a hundred graphics cards needs about ${time}.`,
    advice: "Four or more words that have nothing to do with each other are easy to remember and hard to guess.",
    times: {
      moment: "a moment",
      minutes: "some minutes",
      hours: "some hours",
      days: "some days",
      months: "some months",
      years: "some years",
      centuries: "some centuries",
      never: "longer than anybody lives to see",
    },
  },
});
