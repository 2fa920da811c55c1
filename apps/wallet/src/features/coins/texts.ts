import { plural, textsOf } from "@bitfleet/ui/texts.ts";

export const texts = textsOf({
  en: {
    title: "Coins",
    about: "What your balance is made of: each coin was paid to you once, and is spent as a whole.",
    chosen: (count: number) => plural(count, { one: "One coin:", other: `${count} coins:` }),
    none: "Tick the coins that a payment is to spend. Frozen ones are left alone by every payment.",
    send: "Send with these",
    clear: "Untick all",
  },
});
