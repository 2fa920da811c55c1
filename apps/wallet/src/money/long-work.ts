import type { StepNote } from "@bitfleet/wallet/steps.ts";
import type { Watch } from "../session/account.ts";

/** What is done sooner is not spoken of. */
const SHOWN_AFTER_MS = 500;
/** As often as the eye follows. */
const TOLD_EVERY_MS = 100;

/** It was ended by who had asked for it: nothing is wrong. */
export class WorkStopped extends Error {
  override readonly name = "WorkStopped";
}

/** One thing at a time that may take seconds: how far it has come, and a way to end it. */
export class LongWork {
  readonly #clockMs: () => number;
  readonly #listeners = new Set<() => void>();
  #note: StepNote | undefined;
  #ending: AbortController | undefined;

  constructor(clockMs: () => number = () => performance.now()) {
    this.#clockMs = clockMs;
  }

  /** How far it has come; `undefined` as long as that is not worth a word, and when it is done. */
  readonly note = (): StepNote | undefined => this.#note;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Does it, and follows it through the watch that it is given. */
  async run<Result>(work: (watch: Watch) => Promise<Result>): Promise<Result> {
    const ending = new AbortController();
    this.#ending = ending;
    let nextMs = this.#clockMs() + SHOWN_AFTER_MS;
    const onStep = (note: StepNote) => {
      const nowMs = this.#clockMs();
      // Behind the last step it cannot be stopped any more, which is to be seen at once.
      const isEnd = note.done === note.total && this.#note !== undefined;
      if (nowMs < nextMs && !isEnd) return;
      nextMs = nowMs + TOLD_EVERY_MS;
      this.#tell(note);
    };
    try {
      return await work({ onStep, signal: ending.signal });
    } finally {
      if (this.#ending === ending) {
        this.#ending = undefined;
        this.#tell(undefined);
      }
    }
  }

  /** Ends it; `why` is the message of the {@link WorkStopped} that it rejects with. */
  stop(why: string): void {
    this.#ending?.abort(new WorkStopped(why));
  }

  #tell(note: StepNote | undefined): void {
    if (note === this.#note) return;
    this.#note = note;
    for (const listener of [...this.#listeners]) listener();
  }
}
