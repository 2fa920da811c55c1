/** What a phrase may have. */
export const WORD_COUNTS = [12, 15, 18, 21, 24] as const;
export type WordCount = (typeof WORD_COUNTS)[number];

/** Words of a text that was pasted: numbers and signs between them are of the paper it was copied from. */
export function wordsIn(text: string): readonly string[] {
  return text
    .normalize("NFKD")
    .toLowerCase()
    .split(/[^\p{L}\p{M}]+/u)
    .filter((word) => word !== "");
}

/** How many fields there must be for so many words; the fewest that have room. */
export function countFor(wordCount: number): WordCount {
  return WORD_COUNTS.find((count) => count >= wordCount) ?? 24;
}

/** The fields with pasted words from one of them on; those beyond the last field are left out. */
export function pasteAt(
  fields: readonly string[],
  at: number,
  words: readonly string[],
): { readonly fields: readonly string[]; readonly count: WordCount } {
  const needed = at + words.length;
  const count = needed > fields.length ? countFor(needed) : (fields.length as WordCount);
  const next = Array.from({ length: count }, (_, index) => fields[index] ?? "");
  words.slice(0, count - at).forEach((word, index) => {
    next[at + index] = word;
  });
  return { fields: next, count };
}
