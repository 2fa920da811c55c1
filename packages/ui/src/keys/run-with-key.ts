import { ApiError } from "@bitfleet/api/errors.ts";
import { isKeyRefused, KeyNotGiven } from "./key-errors.ts";

/** What was entered into the key form. */
export interface EnteredKey {
  readonly key: string;
  /** Beyond the tab. */
  readonly isKept: boolean;
}

export interface KeyKeeper {
  /** "" where there is none. */
  known(): string;
  remember(entered: EnteredKey): void;
  forget(): void;
  /** Asks for one; `problem` says why the last was none. `undefined` where the reader would not. */
  ask(problem: string | undefined): Promise<EnteredKey | undefined>;
}

/**
 * Does something that takes a key: with the one that is known, else with one that is asked for, again and again until the node takes it.
 * Rejects as the action does, or with {@link KeyNotGiven}.
 */
export async function runWithKey<T>(keeper: KeyKeeper, action: (apiKey: string) => Promise<T>): Promise<T> {
  let problem: string | undefined;
  for (;;) {
    const known = keeper.known();
    const entered = known === "" ? await keeper.ask(problem) : undefined;
    if (known === "" && entered === undefined) throw new KeyNotGiven();
    try {
      const answer = await action(entered?.key ?? known);
      if (entered !== undefined) keeper.remember(entered);
      return answer;
    } catch (error) {
      if (isKeyRefused(error)) {
        keeper.forget();
        problem = error.message;
        continue;
      }
      // Keys are looked at first: a refusal for another reason has taken this one.
      if (entered !== undefined && error instanceof ApiError && wasRead(error.status)) keeper.remember(entered);
      throw error;
    }
  }
}

const wasRead = (status: number) => status >= 400 && status < 500 && status !== 429;
