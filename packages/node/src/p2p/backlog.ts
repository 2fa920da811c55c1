/** Blocks of one peer that may wait for the chain while it sends more. */
export const BACKLOG_BLOCKS_MAX = 16;
/** Bytes of such blocks from which on no further one is taken: about one full block. */
export const BACKLOG_BYTES_MAX = 4_000_000;

/**
 * What is still being done for messages of a peer while its next ones are looked at: blocks during the initial download, so that
 * the chain sees several in a row. Any other message waits until all of it is done, as if every message had waited for the one
 * before it.
 */
export class Backlog {
  readonly #pending = new Set<Promise<void>>();
  #bytes = 0;
  #failure: { readonly error: unknown } | undefined;
  #onFailure: (error: unknown) => void = () => {};

  get size(): number {
    return this.#pending.size;
  }

  /** Has failures told as they come: nobody may ask any more. */
  observe(onFailure: (error: unknown) => void): void {
    this.#onFailure = onFailure;
  }

  /** Takes `work` on, for `bytes` of messages, and resolves when there is room for more. Rejects where work failed. */
  async add(work: Promise<void>, bytes: number): Promise<void> {
    const done = work
      .catch((error: unknown) => {
        this.#failure ??= { error };
        this.#onFailure(error);
      })
      .then(() => {
        this.#pending.delete(done);
        this.#bytes -= bytes;
      });
    this.#pending.add(done);
    this.#bytes += bytes;
    while (this.#pending.size >= BACKLOG_BLOCKS_MAX || this.#bytes >= BACKLOG_BYTES_MAX)
      await Promise.race(this.#pending);
    this.#throwFailure();
  }

  /** Resolves when nothing is left. Rejects where work failed. */
  async settled(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
    this.#throwFailure();
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
