import { bigIntFromLittleEndian } from "@bitfleet/protocol/bytes/bytes.ts";
import type { SipHashKey } from "@bitfleet/protocol/crypto/siphash.ts";
import type { Random } from "../ports.ts";

/** A wait of `meanMs` on average, exponentially distributed: when the last one ended says nothing of the next. */
export function exponentialMs(random: Pick<Random, "unit">, meanMs: number): number {
  return -Math.log(1 - random.unit()) * meanMs;
}

/** Uniform over all numbers of 64 bits. */
export function randomUint64(random: Pick<Random, "bytes">): bigint {
  return bigIntFromLittleEndian(random.bytes(8));
}

/** A key that nobody else knows. */
export function randomSipHashKey(random: Pick<Random, "bytes">): SipHashKey {
  return { k0: randomUint64(random), k1: randomUint64(random) };
}

/** A tweak of 32 bits for a filter, so that nobody can prepare what it takes for known. */
export function filterTweak(random: Pick<Random, "unit">): number {
  return Math.floor(random.unit() * 2 ** 32);
}
