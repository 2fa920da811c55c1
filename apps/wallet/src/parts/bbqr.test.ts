import { deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { bbqrParts, readBbqr, unpacked } from "./bbqr.ts";
import { WHOLE_BYTES_MAX } from "./limits.ts";
import { messageOf } from "./parts.test-kit.ts";

describe("a part is read", () => {
  test.each([
    [
      "of hex",
      "B$HP0301DEADBEEF",
      { encoding: "hex", type: "P", count: 3, index: 1, data: Uint8Array.of(0xde, 0xad, 0xbe, 0xef) },
    ],
    // RFC 4648, section 10, without padding.
    [
      "of base32",
      "B$2U0100MZXW6YTBOI",
      { encoding: "base32", type: "U", count: 1, index: 0, data: new TextEncoder().encode("foobar") },
    ],
    [
      "of base32 that ends within a group",
      "B$2U0100MZXW6",
      { encoding: "base32", data: new TextEncoder().encode("foo") },
    ],
    [
      "the last of as many as there can be",
      "B$ZJZZZYMZXW6",
      { encoding: "packed", type: "J", count: 1_295, index: 1_294 },
    ],
    ["with nothing in it", "B$HP0100", { data: new Uint8Array() }],
  ])("%s", (_name, text, part) => {
    expect(readBbqr(text)).toMatchObject(part);
  });
});

describe("a part is damaged", () => {
  test.each([
    ["with an encoding that there is not", "B$3P0301DEADBEEF"],
    ["with half a byte", "B$HP0301DEADBEE"],
    ["with what is no digit", "B$HP0301DEADBEEG"],
    ["with small letters", "B$HP0301deadbeef"],
    ["of none", "B$HP0000DEAD"],
    ["behind the last", "B$HP0303DEAD"],
    ["with a letter too many", "B$2U0100MZXW6YTBOIA"],
    ["with bits that make no byte", "B$2U0100MZXW7"],
    ["with padding", "B$2U0100MZXW6==="],
    ["of a type that is no letter", "B$H10301DEAD"],
    ["without its head", "B$HP030"],
  ])("%s", (_name, text) => {
    expect(readBbqr(text)).toBeUndefined();
  });
});

describe("a file is split", () => {
  test("into parts of one length, and a last one", () => {
    const parts = bbqrParts("P", messageOf(1_001), 300);
    expect(parts.map((part) => part.slice(0, 8))).toEqual(["B$2P0400", "B$2P0401", "B$2P0402", "B$2P0403"]);
    // None of them is much shorter: all codes are of one size then.
    expect(parts.map((part) => readBbqr(part)!.data.length)).toEqual([255, 255, 255, 236]);
  });

  test("into one where it fits", () => {
    expect(bbqrParts("P", messageOf(300), 300)).toHaveLength(1);
    expect(bbqrParts("P", messageOf(301), 300)).toHaveLength(2);
  });

  test("into 1,295 at most", () => {
    expect(bbqrParts("P", new Uint8Array(1_295 * 10), 10).at(-1)).toMatch(/^B\$2PZZZY/u);
    expect(() => bbqrParts("P", new Uint8Array(1_295 * 10 + 1), 10)).toThrow(RangeError);
  });

  test("and read part by part", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 900 }),
        fc.integer({ min: 5, max: 300 }),
        (bytes, sizeMax) => {
          const read = bbqrParts("P", bytes, sizeMax).map((part) => readBbqr(part)!);
          expect(read.flatMap(({ data }) => [...data])).toEqual([...bytes]);
          expect(
            read.every(
              ({ data, index, count }, place) => data.length <= sizeMax && index === place && count === read.length,
            ),
          ).toBe(true);
          expect(new Set(read.slice(0, -1).map(({ data }) => data.length)).size).toBeLessThanOrEqual(1);
        },
      ),
    );
  });
});

describe("what is packed", () => {
  const packed = (bytes: Uint8Array) => new Uint8Array(deflateRawSync(bytes, { windowBits: 10, level: 9 }));

  test("comes back", async () => {
    const bytes = Uint8Array.from({ length: 50_000 }, (_, at) => at % 251);
    expect(await unpacked(packed(bytes))).toEqual(bytes);
    expect(await unpacked(packed(new Uint8Array()))).toEqual(new Uint8Array());
  });

  test("is unpacked up to the limit and not beyond it", async () => {
    expect((await unpacked(packed(new Uint8Array(WHOLE_BYTES_MAX))))?.length).toBe(WHOLE_BYTES_MAX);
    expect(await unpacked(packed(new Uint8Array(WHOLE_BYTES_MAX + 1)))).toBe("too-many");
    // 39 kB that would be 40 MB.
    expect(await unpacked(packed(new Uint8Array(40_000_000)))).toBe("too-many");
  });

  test("is unpacked piece by piece: a browser unpacks all that it is handed at once, to a thousand times as much", async () => {
    const sizes: number[] = [];
    const { DecompressionStream } = globalThis;
    vi.stubGlobal("DecompressionStream", function counted(format: CompressionFormat) {
      const counting = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
        transform: (piece, controller) => {
          sizes.push(piece.length);
          controller.enqueue(piece);
        },
      });
      return { writable: counting.writable, readable: counting.readable.pipeThrough(new DecompressionStream(format)) };
    });
    try {
      const bytes = messageOf(5_000);
      expect(await unpacked(packed(bytes))).toEqual(bytes);
    } finally {
      vi.unstubAllGlobals();
    }
    expect(sizes.length).toBeGreaterThan(4);
    expect(Math.max(...sizes)).toBe(1_024);
  });

  test("is none where it ends too early, or is something else", async () => {
    const whole = packed(messageOf(1_000));
    expect(await unpacked(whole.slice(0, -1))).toBeUndefined();
    expect(await unpacked(messageOf(100))).toBeUndefined();
    expect(await unpacked(new Uint8Array())).toBeUndefined();
  });
});
