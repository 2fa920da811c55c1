import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toHex, toReversedHex } from "../bytes/bytes.ts";
import { chaCha20Keystream } from "./chacha20.ts";
import { MuHash3072 } from "./muhash.ts";

const element = (first: number) => Uint8Array.from([first, ...new Uint8Array(31)]);

describe("MuHash3072", () => {
  test("Core's vector: 0 and 1 inserted, 2 removed", () => {
    const hash = new MuHash3072().insert(element(0)).insert(element(1)).remove(element(2));
    expect(toReversedHex(hash.finalize())).toBe("10d312b100cbd32ada024a6646e40d3482fcff103668d2625f10002a607d5863");
  });

  test("Core's vector: the serialisation begins with the product, and the denominator is one", () => {
    const bytes = new MuHash3072().insert(element(1)).insert(element(2)).serialize();
    expect(toHex(bytes.subarray(0, 32))).toBe("1fa093295ea30a6a3acdc7b3f770fa538eff537528e990e2910e40bbcfd7f669");
    expect(toHex(bytes.subarray(364, 384))).toBe("c8df24be519a2f2836b16392e18036cb13e48c5c");
    expect(toHex(bytes.subarray(384))).toBe(`01${"00".repeat(383)}`);
  });

  test("Core's vector: a numerator beyond the prime counts modulo it", () => {
    const bytes = new Uint8Array(768).fill(0xff, 0, 384);
    bytes[384] = 1;
    const hash = MuHash3072.deserialize(bytes).finalize();
    expect(toHex(hash)).toBe("3a31e6903aff0de9f62f9a9f7f8b861de76ce2cda09822b90014319ae5dc2271");
  });

  test("neither order nor detours count", () => {
    const step = fc.record({ bytes: fc.uint8Array({ maxLength: 60 }), removed: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 8 }), fc.uint8Array({ maxLength: 60 }), (steps, detour) => {
        const run = (list: typeof steps, hash: MuHash3072) => {
          for (const { bytes, removed } of list) removed ? hash.remove(bytes) : hash.insert(bytes);
          return hash;
        };
        const forward = run(steps, new MuHash3072());
        const backward = run([...steps].reverse(), new MuHash3072().insert(detour)).remove(detour);
        const halves = run(steps.slice(0, 3), new MuHash3072()).combine(run(steps.slice(3), new MuHash3072()));
        const stored = MuHash3072.deserialize(forward.serialize());
        const expected = toHex(forward.finalize());
        expect([backward, halves, stored].map((hash) => toHex(hash.finalize()))).toEqual([
          expected,
          expected,
          expected,
        ]);
      }),
      { numRuns: 25 },
    );
  });

  test("more elements than a careless fold would bear", () => {
    const [up, down] = [new MuHash3072(), new MuHash3072()];
    for (let index = 0; index < 200; index++) up.insert(element(index));
    for (let index = 199; index >= 0; index--) down.insert(element(index));
    expect(up.serialize()).toEqual(down.serialize());
  });

  test("grows further after it was read", () => {
    const hash = new MuHash3072().insert(element(1)).remove(element(2));
    hash.finalize();
    const once = new MuHash3072().insert(element(1)).remove(element(2)).insert(element(3));
    expect(hash.insert(element(3)).finalize()).toEqual(once.finalize());
  });

  test("another size is no serialisation", () => {
    expect(() => MuHash3072.deserialize(new Uint8Array(767))).toThrow(RangeError);
  });
});

test("ChaCha20 keystream of a zero key (RFC 8439, appendix A.1, vectors 1 and 2)", () => {
  expect(toHex(chaCha20Keystream(new Uint8Array(32), 2))).toBe(
    "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7" +
      "da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586" +
      "9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed" +
      "29b721769ce64e43d57133b074d839d531ed1f28510afb45ace10a1f4b794d6f",
  );
});
