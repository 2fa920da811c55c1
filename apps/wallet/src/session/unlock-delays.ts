import { VaultError } from "@bitfleet/vault/vault.ts";

/** Wrong passphrases in a row that cost nothing: slips of the finger. */
const FREE = 3;
const DELAY_MS = 1_000;
const DELAY_MS_MAX = 30_000;

/** Each wrong passphrase behind the first ones makes the next try wait, twice as long each time. */
export class UnlockDelays {
  readonly #nowMs: () => number;
  failures = 0;
  waitUntilMs = 0;
  #failedMs = 0;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Throws where it is too soon. */
  refuseEarly(): void {
    const nowMs = this.#nowMs();
    // A clock that was set back: nobody waits for it to come to where it was.
    if (nowMs < this.#failedMs) {
      this.waitUntilMs += nowMs - this.#failedMs;
      this.#failedMs = nowMs;
    }
    const leftMs = this.waitUntilMs - nowMs;
    if (leftMs <= 0) return;
    const seconds = Math.ceil(leftMs / 1000);
    throw new VaultError("wrong-passphrase", `Too many wrong passphrases: try again in ${seconds} seconds.`, {
      retryAfterMs: leftMs,
    });
  }

  /** `retryAfterMs`: what the vault itself asks for. */
  noteFailure(retryAfterMs = 0): void {
    this.failures++;
    const over = this.failures - FREE;
    const delayMs = over < 0 ? 0 : Math.min(DELAY_MS_MAX, DELAY_MS * 2 ** over);
    this.#failedMs = this.#nowMs();
    this.waitUntilMs = this.#failedMs + Math.max(delayMs, retryAfterMs);
  }

  reset(): void {
    this.failures = 0;
    this.waitUntilMs = 0;
  }
}
