import type { Descriptor } from "../descriptors/descriptor.ts";
import { hardenedKeysOf } from "../descriptors/descriptor-forms.ts";
import type { DerivedKey, KnownKeys } from "../descriptors/key-expression.ts";

/**
 * The public keys behind a descriptor's hardened steps, of every index that was derived: what a wallet says of its addresses while the
 * private keys that they were derived from are locked.
 */
export class HardenedKeys implements KnownKeys {
  /** Of each such key its place in the text. */
  readonly #places: ReadonlyMap<DerivedKey, number>;
  /** By index, and then by place. */
  readonly #keys = new Map<number, (Uint8Array | undefined)[]>();

  constructor(descriptor: Descriptor) {
    this.#places = new Map(hardenedKeysOf(descriptor).map((key, place) => [key, place]));
  }

  get(key: DerivedKey, index: number): Uint8Array | undefined {
    const place = this.#places.get(key);
    return place === undefined ? undefined : this.#keys.get(index)?.[place];
  }

  note(key: DerivedKey, index: number, publicKey: Uint8Array): void {
    const place = this.#places.get(key);
    if (place === undefined) return;
    const keys = this.#keys.get(index) ?? new Array<undefined>(this.#places.size).fill(undefined);
    keys[place] = publicKey;
    this.#keys.set(index, keys);
  }

  /** All of an index in the order of the text, to be stored; `undefined` where there is none, or one is not known. */
  at(index: number): readonly Uint8Array[] | undefined {
    const keys = this.#keys.get(index);
    return keys?.every((key) => key !== undefined) ? (keys as Uint8Array[]) : undefined;
  }

  /** Takes in what {@link at} answered once. What does not fit the descriptor is left. */
  load(index: number, keys: readonly Uint8Array[]): void {
    if (keys.length === this.#places.size) this.#keys.set(index, [...keys]);
  }
}
