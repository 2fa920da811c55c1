import { createHash, timingSafeEqual } from "node:crypto";
import { holdsRole, type KeyRole } from "./key-roles.ts";
import type { BucketPolicy } from "./token-buckets.ts";

/** A key in clear, as options and environment give it. */
export interface ApiKey {
  readonly role: KeyRole;
  readonly key: string;
  /** The role where absent. */
  readonly name?: string;
}

/** What is known of a key: everything but the key. */
export interface KeyGrant {
  readonly name: string;
  readonly role: KeyRole;
  /** {@link hashOfKey} of it. */
  readonly hash: Uint8Array;
  /** What it may call, of what is not open to everybody; everything of its role where absent. */
  readonly allow?: readonly string[];
  /** How often it may call; the default for keys where absent. */
  readonly rate?: BucketPolicy;
  /** Milliseconds since 1970 from which on it is none; for good where absent. */
  readonly expiresMs?: number;
}

/** Told which keys, by name, are none from now on, or are others than before. */
export type KeysListener = (gone: readonly string[]) => void;

/** Who may use the routes that are not open to everybody. A key is kept as its hash, never as such. */
export class ApiKeys {
  readonly #given: readonly KeyGrant[];
  readonly #wallMs: () => number;
  readonly #listeners = new Set<KeysListener>();
  #all: readonly KeyGrant[];

  /**
   * `given` hold as long as the node runs. Without any key the routes that need one are closed. `wallMs` is the real time, whatever
   * time consensus rules are told: a key's end is agreed on among people.
   */
  constructor(given: readonly ApiKey[] = [], wallMs: () => number = Date.now) {
    this.#given = given.map(({ role, key, name = role }) => ({ name, role, hash: hashOfKey(key) }));
    this.#wallMs = wallMs;
    this.#all = this.#given;
  }

  /** Whether there is no key at all. */
  get isEmpty(): boolean {
    return this.#all.length === 0;
  }

  /** Whether there is anybody who may. */
  has(role: KeyRole): boolean {
    return this.#all.some((one) => holdsRole(one.role, role) && !this.#isOver(one));
  }

  /** What is known of a key, or `undefined` where it is none. Takes the same time however wrong it is. */
  find(key: string): KeyGrant | undefined {
    const hash = hashOfKey(key);
    let found: KeyGrant | undefined;
    // All of them, and by hashes of equal length: neither content nor length shows in the time.
    for (const one of this.#all) if (timingSafeEqual(one.hash, hash)) found ??= one;
    return found === undefined || this.#isOver(found) ? undefined : found;
  }

  /** Takes the place of the keys of an earlier call; those that were given at the start stay. */
  replace(grants: readonly KeyGrant[]): void {
    const before = this.#all;
    this.#all = [...this.#given, ...grants];
    this.#tell(before.filter((old) => !this.#all.some((now) => isSame(old, now))));
  }

  /** Drops keys whose time is over, and tells of them. To be called now and then: {@link find} does not wait for it. */
  dropExpired(): void {
    const over = this.#all.filter((one) => this.#isOver(one));
    if (over.length === 0) return;
    this.#all = this.#all.filter((one) => !over.includes(one));
    this.#tell(over);
  }

  /** Calls back when keys stop being what they were, to end what was begun with them. Returns what ends that. */
  onChange(listener: KeysListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #tell(gone: readonly KeyGrant[]): void {
    if (gone.length === 0) return;
    const names = gone.map(({ name }) => name);
    for (const listener of this.#listeners) listener(names);
  }

  #isOver({ expiresMs }: KeyGrant): boolean {
    return expiresMs !== undefined && this.#wallMs() >= expiresMs;
  }
}

/**
 * SHA-256, and no slow hash as for passwords: the keys are made here of 192 random bits, of which no guess finds one, however fast
 * it is checked; and every request is checked.
 */
export function hashOfKey(key: string): Uint8Array {
  return new Uint8Array(createHash("sha256").update(key).digest());
}

function isSame(a: KeyGrant, b: KeyGrant): boolean {
  const facts = ({ name, role, hash, allow, expiresMs }: KeyGrant) =>
    JSON.stringify([name, role, Buffer.from(hash).toString("hex"), allow, expiresMs]);
  return facts(a) === facts(b);
}
