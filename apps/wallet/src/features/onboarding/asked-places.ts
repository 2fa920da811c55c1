/** How many words of a phrase are asked for. */
const ASKED_COUNT = 3;

/**
 * Which words are asked for, counted from 0 and in their order: one of each third, so that neither beginning nor end can be missing
 * on the paper. `random` gives numbers from 0 up to 1.
 */
export function askedPlaces(wordCount: number, random: () => number): readonly number[] {
  const share = wordCount / ASKED_COUNT;
  return Array.from({ length: ASKED_COUNT }, (_, index) => Math.floor((index + random()) * share));
}
