import type { Clock } from "../ports.ts";

/** One search at a time through the blocks for a wallet, which may be watched and ended. */
export class ScanState {
  readonly #clock: Pick<Clock, "monotonicMs">;
  #controller: AbortController | undefined;
  #under: Promise<unknown> | undefined;
  #startMs = 0;
  #progress = 0;

  constructor(clock: Pick<Clock, "monotonicMs">) {
    this.#clock = clock;
  }

  get isScanning(): boolean {
    return this.#controller !== undefined;
  }

  get durationSeconds(): number {
    return this.isScanning ? Math.floor((this.#clock.monotonicMs() - this.#startMs) / 1000) : 0;
  }

  /** In 0 to 1. */
  get progress(): number {
    return this.#progress;
  }

  /** Runs a search; `undefined` at once where one is under way. */
  run<Answer>(
    search: (control: { readonly signal: AbortSignal; readonly onProgress: (part: number) => void }) => Promise<Answer>,
  ): Promise<Answer> | undefined {
    if (this.#controller !== undefined) return undefined;
    const controller = new AbortController();
    this.#controller = controller;
    this.#startMs = this.#clock.monotonicMs();
    this.#progress = 0;
    const onProgress = (part: number) => {
      this.#progress = part;
    };
    const answer = search({ signal: controller.signal, onProgress }).finally(() => {
      this.#controller = undefined;
      this.#under = undefined;
    });
    this.#under = answer;
    return answer;
  }

  /** Resolves when no search is under way. */
  async ended(): Promise<void> {
    while (this.#under !== undefined) await this.#under.catch(() => {});
  }

  /** Asks the search under way to end. False where there is none, or it was asked before. */
  abort(): boolean {
    if (this.#controller === undefined || this.#controller.signal.aborted) return false;
    this.#controller.abort();
    return true;
  }
}
