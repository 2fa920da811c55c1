import { createHash, timingSafeEqual } from "node:crypto";
import type { ApiRole } from "@bitfleet/api/rest/route.ts";

export interface ApiKey {
  readonly role: ApiRole;
  readonly key: string;
}

/** Who may use the routes that are not open to everybody. A key is kept as its hash, never as such. */
export class ApiKeys {
  readonly #known: readonly { readonly role: ApiRole; readonly keyHash: Uint8Array }[];

  /** Without keys those routes are closed. */
  constructor(keys: readonly ApiKey[] = []) {
    this.#known = keys.map(({ role, key }) => ({ role, keyHash: hashOf(key) }));
  }

  /** Whether there is anybody who may. */
  has(role: ApiRole): boolean {
    return this.#known.some((one) => one.role === role);
  }

  /** The role of a key, or `undefined` where it is none. Takes the same time however wrong it is. */
  roleOf(key: string): ApiRole | undefined {
    const given = hashOf(key);
    let found: ApiRole | undefined;
    // All of them, and by hashes of equal length: neither content nor length shows in the time.
    for (const { role, keyHash } of this.#known) if (timingSafeEqual(keyHash, given)) found ??= role;
    return found;
  }
}

const hashOf = (key: string) => createHash("sha256").update(key).digest();
