import { textsOf } from "../texts.ts";

export const tableTexts = textsOf({
  en: {
    empty: "There is nothing here.",
    loading: (label: string) => `Loading ${label}`,
    /** In this order it is right of one and of many. */
    rows: (count: string, label: string) => `${label[0]?.toUpperCase() ?? ""}${label.slice(1)}: ${count}`,
    sortBy: "Sort by",
    unsorted: "as they come",
    most: (title: string) => `${title}, most first`,
    least: (title: string) => `${title}, least first`,
    columns: "Columns",
  },
});
