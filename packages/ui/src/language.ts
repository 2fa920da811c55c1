/** Languages that there are words for. */
const LANGUAGES = ["en"] as const;
export type Language = (typeof LANGUAGES)[number];

/** The reader's language, as far as there are words for it; it decides how numbers are written too. */
export const language: Language = pickLanguage(typeof navigator === "undefined" ? [] : navigator.languages);

/** The first of the wanted languages that there are words for, else English. */
export function pickLanguage(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const name = tag.split("-")[0]?.toLowerCase();
    const found = LANGUAGES.find((one) => one === name);
    if (found !== undefined) return found;
  }
  return "en";
}
