import { passphraseTexts } from "./texts.ts";

const texts = passphraseTexts.times;

const HOUR = 3600;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/** About how long guessing takes, in words: an estimate has no digits. */
export function guessingTime(seconds: number): string {
  if (seconds < 60) return texts.moment;
  if (seconds < 2 * HOUR) return texts.minutes;
  if (seconds < 2 * DAY) return texts.hours;
  if (seconds < 60 * DAY) return texts.days;
  if (seconds < 2 * YEAR) return texts.months;
  if (seconds < 300 * YEAR) return texts.years;
  return seconds < 100_000 * YEAR ? texts.centuries : texts.never;
}
