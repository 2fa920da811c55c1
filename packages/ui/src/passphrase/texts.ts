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
    takes: (time: string) => `somebody with this device's files and a hundred graphics cards guesses it ${time}.`,
    advice: "Four or more words that have nothing to do with each other are easy to remember and hard to guess.",
    times: {
      moment: "in a moment",
      minutes: "within minutes",
      hours: "within hours",
      days: "within days",
      months: "within months",
      years: "within years",
      centuries: "within centuries",
      never: "in no time that matters",
    },
  },
});
