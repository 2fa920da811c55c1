import { sha256 } from "@bitfleet/protocol/crypto/hash.ts";

/**
 * Which fragments of a message UR mixes into which part (BCR-2024-001, section 4): both sides find it out from the part's number and the message's checksum
 * alone. So each step, down to the rounding of doubles, is as it is written there.
 */

/** The numbers that follow from a seed: xoshiro256** over SHA-256. */
export class SeededRandom {
  readonly #state: BigUint64Array;

  constructor(seed: Uint8Array) {
    const digest = sha256(seed);
    const view = new DataView(digest.buffer, digest.byteOffset, digest.length);
    this.#state = BigUint64Array.from({ length: 4 }, (_, place) => view.getBigUint64(place * 8));
  }

  /** Of 64 bits. */
  next(): bigint {
    const state = this.#state;
    const [first, second, third, fourth] = state as unknown as [bigint, bigint, bigint, bigint];
    const result = BigInt.asUintN(64, rotated(BigInt.asUintN(64, second * 5n), 7n) * 9n);
    const mixedThird = third ^ first;
    const mixedFourth = fourth ^ second;
    state[1] = second ^ mixedThird;
    state[0] = first ^ mixedFourth;
    state[2] = mixedThird ^ BigInt.asUintN(64, second << 17n);
    state[3] = rotated(mixedFourth, 45n);
    return result;
  }

  /** From 0 to below 1, or to 1 where the largest numbers are rounded. */
  nextDouble(): number {
    return Number(this.next()) / 2 ** 64;
  }

  /** From 0 to below `count`. */
  nextIndex(count: number): number {
    return Math.min(Math.floor(this.nextDouble() * count), count - 1);
  }
}

const rotated = (value: bigint, by: bigint) => BigInt.asUintN(64, (value << by) | (value >> (64n - by)));

/** Chooses among numbers from 0 on by their weights, with two random numbers for each choice (Vose's alias method). */
export class WeightedChoice {
  readonly #chances: Float64Array;
  readonly #others: Uint32Array;

  constructor(weights: readonly number[]) {
    const count = weights.length;
    const sum = weights.reduce((all, weight) => all + weight, 0);
    const shares = weights.map((weight) => (weight * count) / sum);
    this.#chances = new Float64Array(count).fill(1);
    this.#others = new Uint32Array(count);
    const small: number[] = [];
    const large: number[] = [];
    for (let place = count - 1; place >= 0; place--) (shares[place]! < 1 ? small : large).push(place);
    while (small.length > 0 && large.length > 0) {
      const [less, more] = [small.pop()!, large.pop()!];
      this.#chances[less] = shares[less]!;
      this.#others[less] = more;
      shares[more]! += shares[less]! - 1;
      (shares[more]! < 1 ? small : large).push(more);
    }
  }

  next(random: Pick<SeededRandom, "nextDouble">): number {
    const count = this.#chances.length;
    const place = Math.min(Math.floor(count * random.nextDouble()), count - 1);
    return random.nextDouble() < this.#chances[place]! ? place : this.#others[place]!;
  }
}

/** So many of the numbers from 0 to below `among`, in the order in which they are drawn (Fisher-Yates). */
export function drawn(among: number, count: number, random: Pick<SeededRandom, "nextIndex">): number[] {
  const left = Array.from({ length: among }, (_, place) => place);
  return Array.from({ length: count }, () => left.splice(random.nextIndex(left.length), 1)[0]!);
}

/** What each part of a message is mixed of. */
export class FragmentChooser {
  readonly #fragmentCount: number;
  readonly #checksum: number;
  readonly #degrees: WeightedChoice;

  constructor(fragmentCount: number, checksum: number) {
    this.#fragmentCount = fragmentCount;
    this.#checksum = checksum;
    this.#degrees = new WeightedChoice(Array.from({ length: fragmentCount }, (_, place) => 1 / (place + 1)));
  }

  /** The fragments, from 0 on, of the part with a number, which count from 1: each by itself first, then mixed ones without an end. */
  fragmentsOf(partNumber: number): number[] {
    if (partNumber <= this.#fragmentCount) return [partNumber - 1];
    const seed = new Uint8Array(8);
    const view = new DataView(seed.buffer);
    view.setUint32(0, partNumber);
    view.setUint32(4, this.#checksum);
    const random = new SeededRandom(seed);
    return drawn(this.#fragmentCount, this.#degrees.next(random) + 1, random);
  }
}
