import { textsOf } from "@bitfleet/ui/texts.ts";

export const gapTexts = textsOf({
  en: {
    hasGaps: "It may have payments behind a longer gap of unused addresses",
    limit: "Unused addresses in a row that end the search",
    hint: (least: string, most: string) => `From ${least}, as most programs have it, to ${most}. More take longer.`,
    problem: (least: string, most: string) => `Enter a number from ${least} to ${most}.`,
  },
});
