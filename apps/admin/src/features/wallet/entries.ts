import { texts } from "./texts.ts";

/** What is wrong with a new passphrase that was entered twice; `undefined` where nothing is. */
export function passphraseProblem(first: string, second: string): string | undefined {
  return first === second ? undefined : texts.entries.notTheSame;
}
