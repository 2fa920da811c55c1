import { formatCount } from "../format.ts";
import { plural, textsOf } from "../texts.ts";

export const jsonTexts = textsOf({
  en: {
    search: "Find a key or value",
    next: "Next",
    nothing: "nothing found",
    found: (count: string) => `${count} found`,
    foundAt: (index: string, count: string) => `${index} of ${count}`,
    entries: (count: number) => `${formatCount(count)} ${plural(count, { one: "entry", other: "entries" })}`,
    pathOf: (path: string) => `path ${path}`,
    answers: "Answers on this page",
    noAnswers: "Nothing on this page comes from the node.",
    saveOne: "Save this one",
    saveAll: "Save all of them",
    valueOf: (path: string) => `value of ${path}`,
  },
});
