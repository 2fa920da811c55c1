import type { MemoryPlace } from "../../packages/vault/src/memory-vault.ts";
import { VaultError } from "../../packages/vault/src/vault.ts";
import { isLive, PASSPHRASE, passedOn, type TestSession, testSession } from "./wallet-app-kit.ts";

/** A session whose program ends in the middle of what it does: at one of its writes, or when it hands a payment in. */

/**
 * `before`, `after`: the program is killed before a step, or when the step is done and nobody has heard of it. `unheard`: the step is done and seems to have failed,
 * and the program goes on.
 */
export type End = "before" | "after" | "unheard";

const never = () => new Promise<never>(() => {});

/** Counts steps from {@link arm} on, and ends the program at one of them. */
export class Killer {
  isDead = false;
  #steps = 0;
  #at: number | undefined;
  #end: End = "before";

  arm(at: number, end: End): void {
    this.#steps = 0;
    this.#at = at;
    this.#end = end;
  }

  /** Whether as many steps were taken as it waited for. */
  get wasReached(): boolean {
    return this.#at !== undefined && this.#steps >= this.#at;
  }

  async step<Result>(work: () => Promise<Result>, failure: () => Error): Promise<Result> {
    if (this.isDead) return never();
    if (++this.#steps !== this.#at) return this.pass(work);
    if (this.#end === "unheard") {
      await work();
      throw failure();
    }
    if (this.#end === "after") await work();
    this.isDead = true;
    return never();
  }

  /** What is no step, but nothing that a program which was killed hears of. */
  async pass<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.isDead) return never();
    const result = await work();
    return this.isDead ? never() : result;
  }
}

export interface MortalSession extends TestSession {
  readonly killer: Killer;
}

/** Opens what a session that was killed, or locked, has left. */
export async function risen(place: MemoryPlace, send: typeof fetch = fetch): Promise<MortalSession> {
  // The program that had it open is gone.
  place.openedBy = undefined;
  const killer = new Killer();
  const full = () => new VaultError("no-space", "There is no space left.");
  const made = testSession({
    place,
    fetch: (input, init) => {
      const ask = () => send(input, init);
      const offline = () => new TypeError("offline");
      return String(input).endsWith("/broadcast") ? killer.step(ask, offline) : killer.pass(ask);
    },
    guard: (open) => ({
      ...passedOn(open),
      get: (collection, key) => killer.pass(() => open.get(collection, key)),
      list: (collection, prefix) => killer.pass(() => open.list(collection, prefix)),
      write: (changes) => killer.step(() => open.write(changes), full),
    }),
  });
  await made.session.unlock(PASSPHRASE);
  await isLive(made);
  return { ...made, killer };
}
