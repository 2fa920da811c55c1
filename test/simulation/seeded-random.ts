import type { Random } from "../../packages/node/src/ports.ts";

/** xoshiro128**: small, fast, the same everywhere. Not for secrets: a simulation must not have any. */
export class SeededRandom implements Random {
  readonly #state = new Uint32Array(4);

  constructor(seed: number) {
    // SplitMix32 spreads a small seed over the whole state.
    let value = seed >>> 0;
    for (let index = 0; index < 4; index++) {
      value = (value + 0x9e3779b9) >>> 0;
      let mixed = value;
      mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
      mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
      this.#state[index] = mixed ^ (mixed >>> 15);
    }
  }

  uint32(): number {
    const s = this.#state;
    const result = Math.imul(rotate(Math.imul(s[1]!, 5), 7), 9) >>> 0;
    const shifted = s[1]! << 9;
    s[2]! ^= s[0]!;
    s[3]! ^= s[1]!;
    s[1]! ^= s[2]!;
    s[0]! ^= s[3]!;
    s[2]! ^= shifted;
    s[3] = rotate(s[3]!, 11);
    return result;
  }

  unit(): number {
    return this.uint32() / 2 ** 32;
  }

  bytes(size: number): Uint8Array {
    const bytes = new Uint8Array(size);
    for (let start = 0; start < size; start += 4) {
      const word = this.uint32();
      for (let index = start; index < Math.min(start + 4, size); index++) bytes[index] = word >>> (8 * (index - start));
    }
    return bytes;
  }

  /** A whole number from 0 up to, not including, `bound`. */
  below(bound: number): number {
    return Math.floor(this.unit() * bound);
  }

  /** A number from `low` up to, not including, `high`. */
  between(low: number, high: number): number {
    return low + this.unit() * (high - low);
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!;
  }

  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  /** A time until something that happens every `meanMs` on average, and may happen at any moment. */
  waitMs(meanMs: number): number {
    return -Math.log(1 - this.unit()) * meanMs;
  }

  /** A source of its own, so that what one part draws does not shift what another gets. */
  fork(): SeededRandom {
    return new SeededRandom(this.uint32());
  }
}

function rotate(value: number, by: number): number {
  return ((value << by) | (value >>> (32 - by))) >>> 0;
}
