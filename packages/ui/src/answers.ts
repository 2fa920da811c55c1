import { networkFetch } from "./network-scope.ts";

/** Longer, and who waits is told that the node takes its time. */
const SLOW_AFTER_MS = 4_000;

/** How the node answers: when it did last, and whether something that is read is waited for longer than usual. */
export interface AnswerState {
  /** Milliseconds since 1970; absent before the first answer. */
  readonly lastMs: number | undefined;
  readonly isSlow: boolean;
}

/** Watches what passes between page and node. What changes something may take its time, and counts as an answer alone. */
export class Answers {
  readonly #listeners = new Set<() => void>();
  /** Of the network that was at hand when this began. */
  readonly #send: typeof fetch;
  /** Reads that have been waited for too long. */
  readonly #late = new Set<object>();
  #state: AnswerState = { lastMs: undefined, isSlow: false };

  constructor(send: typeof fetch = networkFetch()) {
    this.#send = send;
  }

  get state(): AnswerState {
    return this.#state;
  }

  /** Calls `listener` when it becomes slow or quick, until the returned function is called. The time of the last answer tells nobody. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The node has been heard of. */
  heard(): void {
    this.#state = { ...this.#state, lastMs: Date.now() };
  }

  /** `fetch` that is watched. */
  readonly fetch: typeof fetch = async (url, options) => {
    const request = {};
    const isRead = (options?.method ?? "GET") === "GET";
    const timer = isRead ? setTimeout(() => this.#setLate(() => this.#late.add(request)), SLOW_AFTER_MS) : undefined;
    try {
      const response = await this.#send(url, options);
      this.heard();
      return response;
    } finally {
      clearTimeout(timer);
      this.#setLate(() => this.#late.delete(request));
    }
  };

  #setLate(change: () => void): void {
    change();
    const isSlow = this.#late.size > 0;
    if (isSlow === this.#state.isSlow) return;
    this.#state = { ...this.#state, isSlow };
    for (const listener of this.#listeners) listener();
  }
}
