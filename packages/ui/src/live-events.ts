/**
 * live: events flow. connecting: the first attempt is under way. reconnecting: the stream broke and is being opened again.
 * polling: the node answers but its stream does not open. offline: the node does not answer.
 */
export type ConnectionState = "connecting" | "live" | "reconnecting" | "polling" | "offline";

export interface LiveEventsOptions {
  readonly url: string;
  /** Events that are passed on. */
  readonly names: readonly string[];
}

export interface LiveEventsDependencies {
  openStream(url: string): Pick<EventSource, "addEventListener" | "close">;
  /** Whether the node answers a plain request. */
  probe(): Promise<boolean>;
  onEvent(name: string): void;
  /** Called when events may have been missed: at the first opening and after each break. */
  onResync(): void;
}

/** After so many failed attempts in a row the node is asked whether it is there at all. */
const ATTEMPTS_BEFORE_PROBE = 2;
const RETRY_MIN_MS = 500;
const RETRY_MAX_MS = 5_000;

/** Keeps one stream of Server-Sent Events open, however often it breaks, and tells in which state it is. */
export class LiveEvents {
  readonly #options: LiveEventsOptions;
  readonly #deps: LiveEventsDependencies;
  readonly #listeners = new Set<() => void>();
  #state: ConnectionState = "connecting";
  #stream: Pick<EventSource, "addEventListener" | "close"> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failedAttempts = 0;

  constructor(options: LiveEventsOptions, deps: LiveEventsDependencies) {
    this.#options = options;
    this.#deps = deps;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Calls `listener` on each change of state, until the returned function is called. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  start(): void {
    if (this.#stream === undefined && this.#timer === undefined) this.#open();
  }

  stop(): void {
    this.#closeStream();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#failedAttempts = 0;
    this.#setState("connecting");
  }

  /** Tries at once instead of waiting for the next attempt. */
  retryNow(): void {
    if (this.#state === "live" || this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#open();
  }

  #open(): void {
    const stream = this.#deps.openStream(this.#options.url);
    this.#stream = stream;
    stream.addEventListener("open", () => {
      if (this.#stream !== stream) return;
      this.#failedAttempts = 0;
      this.#setState("live");
      this.#deps.onResync();
    });
    // EventSource gives up for good on some answers and waits a fixed time on others, so that each failure is handled here.
    stream.addEventListener("error", () => {
      if (this.#stream === stream) this.#fail();
    });
    for (const name of this.#options.names) {
      stream.addEventListener(name, () => {
        if (this.#stream === stream) this.#deps.onEvent(name);
      });
    }
  }

  #fail(): void {
    this.#closeStream();
    this.#failedAttempts++;
    if (this.#state === "live" || this.#state === "connecting") this.#setState("reconnecting");
    const delayMs = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** (this.#failedAttempts - 1));
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#open();
    }, delayMs);
    if (this.#failedAttempts >= ATTEMPTS_BEFORE_PROBE) void this.#tellPollingFromOffline();
  }

  async #tellPollingFromOffline(): Promise<void> {
    const isThere = await this.#deps.probe();
    if (this.#failedAttempts >= ATTEMPTS_BEFORE_PROBE) this.#setState(isThere ? "polling" : "offline");
  }

  #closeStream(): void {
    this.#stream?.close();
    this.#stream = undefined;
  }

  #setState(state: ConnectionState): void {
    if (state === this.#state) return;
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}
