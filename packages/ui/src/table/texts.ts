import { textsOf } from "../texts.ts";

export const tableTexts = textsOf({
  en: {
    empty: "There is nothing here.",
    loading: (label: string) => `Loading ${label}`,
    rows: (count: string, label: string) => `${count} ${label}`,
    sortBy: "Sort by",
    unsorted: "as they come",
    most: (title: string) => `${title}, most first`,
    least: (title: string) => `${title}, least first`,
    columns: "Columns",
  },
});
