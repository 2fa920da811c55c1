import { encodeCborBytes } from "./cbor.ts";
import { SeededRandom } from "./fountain.ts";

export const seededBy = (seed: string) => new SeededRandom(new TextEncoder().encode(seed));

/** Messages as BCR-2024-001 makes them for its vectors: bytes that follow from a word. */
export function messageOf(size: number, seed = "Wolf"): Uint8Array<ArrayBuffer> {
  const random = seededBy(seed);
  return Uint8Array.from({ length: size }, () => random.nextIndex(256));
}

/** The same as what UR's type `bytes` holds. */
export const cborMessageOf = (size: number, seed = "Wolf"): Uint8Array => encodeCborBytes(messageOf(size, seed));
