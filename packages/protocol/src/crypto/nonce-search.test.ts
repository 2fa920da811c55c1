import { describe, expect, test } from "vitest";
import { fromHex, toReversedHex } from "../bytes/bytes.ts";
import { sha256d } from "./hash.ts";
import { loadNonceSearch, type NonceSearchKind } from "./nonce-search.ts";

/** The header of Bitcoin's first block, whose nonce is 2083236893. */
const GENESIS_HEADER = fromHex(
  "0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa" +
    "4b1e5e4a29ab5f49ffff001d1dac2b7c",
);
const GENESIS_NONCE = 2083236893;

const KINDS: readonly NonceSearchKind[] = ["four-lanes", "one-lane", "javascript"];

/** The first 32 bits of the hash of a header with that nonce, as hashes are shown: by the general hash alone. */
function topWith(header: Uint8Array, nonce: number): number {
  const bytes = Uint8Array.from(header);
  new DataView(bytes.buffer).setUint32(76, nonce, true);
  return Number.parseInt(toReversedHex(sha256d(bytes)).slice(0, 8), 16);
}

/** A header like any other, the same at every run. */
function someHeader(seed: number): Uint8Array {
  return Uint8Array.from(
    { length: 80 },
    (_, index) => (Math.imul(seed + 1, 2654435761) >>> (index % 24)) ^ (index * 37),
  );
}

describe.each(KINDS)("the search for nonces, %s", (kind) => {
  const search = loadNonceSearch([kind]);

  test("is of the kind that was asked for", () => expect(search.kind).toBe(kind));

  test("finds the nonce of the first block, and it alone", () => {
    search.begin(GENESIS_HEADER);
    expect(search.find(GENESIS_NONCE - 1001, 1001, 0)).toBeUndefined();
    expect(search.find(GENESIS_NONCE - 1001, 1002, 0)).toBe(GENESIS_NONCE);
    expect(search.find(GENESIS_NONCE, 1, 0)).toBe(GENESIS_NONCE);
    expect(search.find(GENESIS_NONCE + 1, 1000, 0)).toBeUndefined();
  });

  test("agrees with the general hash about which nonce is first, from any start and for any count", () => {
    for (let seed = 0; seed < 8; seed++) {
      const header = someHeader(seed);
      search.begin(header);
      for (const topTarget of [0x0100_0000, 0x2000_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]) {
        for (const [from, count] of [
          [0, 1],
          [seed, 3],
          [1000 + seed, 64],
          [77_777, 200 + seed],
        ] as const) {
          const nonces = Array.from({ length: count }, (_, index) => from + index);
          const expected = nonces.find((nonce) => topWith(header, nonce) <= topTarget);
          expect(search.find(from, count, topTarget)).toBe(expected);
        }
      }
    }
  });

  test("takes a hash that is exactly the target, and none above", () => {
    const header = someHeader(3);
    const top = topWith(header, 12_345);
    search.begin(header);
    expect(search.find(12_345, 1, top)).toBe(12_345);
    expect(search.find(12_345, 1, top - 1)).toBeUndefined();
  });

  test("goes to the last nonce and not around", () => {
    const header = someHeader(5);
    search.begin(header);
    const last = 0xffff_ffff;
    expect(search.find(last, 1000, 0xffff_ffff)).toBe(last);
    expect(search.find(last - 1, 1000, topWith(header, last - 1))).toBe(last - 1);
    const lowest = Math.min(topWith(header, last), topWith(header, last - 1), topWith(header, last - 2));
    expect(search.find(last - 2, 1000, lowest - 1)).toBeUndefined();
    expect(search.find(2 ** 32, 10, 0xffff_ffff)).toBeUndefined();
    expect(search.find(0, 0, 0xffff_ffff)).toBeUndefined();
  });

  test("a new header takes the place of the old one", () => {
    search.begin(someHeader(1));
    search.begin(GENESIS_HEADER);
    expect(search.find(GENESIS_NONCE, 1, 0)).toBe(GENESIS_NONCE);
    expect(() => search.begin(new Uint8Array(79))).toThrow(RangeError);
  });
});

test("without WebAssembly the search goes on in plain JavaScript", () => {
  const { WebAssembly: original } = globalThis;
  try {
    Reflect.deleteProperty(globalThis, "WebAssembly");
    expect(loadNonceSearch().kind).toBe("javascript");
  } finally {
    globalThis.WebAssembly = original;
  }
  expect(loadNonceSearch().kind).toBe("four-lanes");
});
