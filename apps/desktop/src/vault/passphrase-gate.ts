import { Lane } from "@bitfleet/vault/lane.ts";
import { VaultError } from "@bitfleet/vault/vault.ts";
import { refusedError, wrongPassphraseError } from "@bitfleet/vault/vault-sentences.ts";

/** So many may be wrong in a row before one has to wait. */
const FREE_TRIES = 3;
const WAIT_MS_FIRST = 1000;
const WAIT_MS_MAX = 30_000;
/** Checks that wait for their turn. */
const WAITING_MAX = 8;

/**
 * Lets one passphrase be checked at a time, and after three wrong ones in a row the next only after a while that doubles: whoever reached the
 * process, whatever page it says it is, guesses slowly.
 */
export class PassphraseGate {
  readonly #clock: { monotonicMs(): number };
  readonly #lane = new Lane();
  #waitingCount = 0;
  #failureCount = 0;
  #openAtMs = 0;

  constructor(clock: { monotonicMs(): number }) {
    this.#clock = clock;
  }

  /** Does what needs the passphrase. `isWrong`: whether an answer says that it was another. Rejects with `wrong-passphrase`, unasked, while one has to wait. */
  async check<Answer>(
    work: () => Promise<Answer>,
    isWrong: (answer: Answer) => boolean = () => false,
  ): Promise<Answer> {
    if (this.#waitingCount >= WAITING_MAX)
      throw refusedError("Too many passphrases are being checked. Try again later.");
    this.#waitingCount++;
    try {
      return await this.#lane.run(() => this.#check(work, isWrong));
    } finally {
      this.#waitingCount--;
    }
  }

  async #check<Answer>(work: () => Promise<Answer>, isWrong: (answer: Answer) => boolean): Promise<Answer> {
    const leftMs = Math.ceil(this.#openAtMs - this.#clock.monotonicMs());
    if (leftMs > 0) throw waitError(leftMs);
    try {
      const answer = await work();
      if (isWrong(answer)) this.#failed();
      else this.#failureCount = 0;
      return answer;
    } catch (error) {
      if (!(error instanceof VaultError && error.code === "wrong-passphrase")) throw error;
      const retryAfterMs = this.#failed();
      throw retryAfterMs === 0 ? error : new VaultError(error.code, error.message, { cause: error, retryAfterMs });
    }
  }

  /** How long the next one has to wait. */
  #failed(): number {
    this.#failureCount++;
    const doublings = this.#failureCount - FREE_TRIES;
    if (doublings < 0) return 0;
    const waitMs = Math.min(WAIT_MS_MAX, WAIT_MS_FIRST * 2 ** Math.min(doublings, 16));
    this.#openAtMs = this.#clock.monotonicMs() + waitMs;
    return waitMs;
  }
}

function waitError(leftMs: number): VaultError {
  const seconds = Math.ceil(leftMs / 1000);
  const sentence = `Several passphrases were wrong. Wait ${seconds} ${seconds === 1 ? "second" : "seconds"} before the next.`;
  return new VaultError("wrong-passphrase", sentence, { cause: wrongPassphraseError(), retryAfterMs: leftMs });
}
