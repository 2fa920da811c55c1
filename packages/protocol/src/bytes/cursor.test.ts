import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromHex, toHex } from "./bytes.ts";
import { COMPACT_SIZE_MAX, compactSizeLength, DecodeError, Reader, Writer } from "./cursor.ts";

const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

/** One field of each kind: how it is written, and read back. */
const fields = fc.oneof(
  field("uint8", fc.integer({ min: 0, max: 0xff })),
  field("uint16", fc.integer({ min: 0, max: 0xffff })),
  field("uint16BigEndian", fc.integer({ min: 0, max: 0xffff })),
  field("uint32", fc.integer({ min: 0, max: 0xffffffff })),
  field("uint32BigEndian", fc.integer({ min: 0, max: 0xffffffff })),
  field("int32", fc.integer({ min: -0x80000000, max: 0x7fffffff })),
  field("uint64", uint64),
  field("int64", int64),
  field("compactSize", fc.integer({ min: 0, max: COMPACT_SIZE_MAX })),
  field("compactBytes", fc.uint8Array({ maxLength: 300 })),
);

function field<Value>(kind: keyof Writer & keyof Reader, values: fc.Arbitrary<Value>) {
  return values.map((value) => ({
    value: value as unknown,
    write: (writer: Writer) => (writer[kind] as (value: unknown) => Writer).call(writer, value),
    read: (reader: Reader) => (reader[kind] as () => unknown).call(reader),
  }));
}

test("what was written is read, whatever the first capacity and wherever in a larger array", () => {
  fc.assert(
    fc.property(fc.array(fields, { maxLength: 20 }), fc.nat(40), (list, capacity) => {
      const writer = new Writer(capacity);
      for (const each of list) each.write(writer);
      const bytes = writer.toBytes();
      expect(bytes).toEqual(writer.finish());
      expect(writer.size).toBe(bytes.length);
      const larger = new Uint8Array(bytes.length + 7).fill(0xee);
      larger.set(bytes, 3);
      const reader = new Reader(larger.subarray(3, 3 + bytes.length));
      for (const each of list) expect(each.read(reader)).toEqual(each.value);
      expect(reader.remaining).toBe(0);
      reader.end();
    }),
  );
});

test.each([0n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 63n - 1n])(
  "%d is eight bytes, signed or not",
  (value) => {
    const bytes = new Writer().uint64(value).int64(value).int64(-value).finish();
    const reader = new Reader(bytes);
    expect([reader.uint64(), reader.int64(), reader.int64()]).toEqual([value, value, -value]);
  },
);

test("what is written after a clear replaces what was there", () => {
  const writer = new Writer(4).uint32(1).uint32(2);
  expect(toHex(writer.clear().uint8(7).finish())).toBe("07");
  expect(writer.size).toBe(1);
});

test("every truncation of every field is a DecodeError that says where", () => {
  fc.assert(
    fc.property(fields, (each) => {
      const writer = new Writer();
      each.write(writer);
      const bytes = writer.toBytes();
      for (let size = 0; size < bytes.length; size++) {
        const error = thrownBy(() => each.read(new Reader(bytes.subarray(0, size))));
        expect(error).toBeInstanceOf(DecodeError);
        expect((error as DecodeError).offset).toBeLessThanOrEqual(size);
      }
    }),
    { numRuns: 60 },
  );
});

describe("CompactSize", () => {
  test.each([
    [0n, "00"],
    [0xfcn, "fc"],
    [0xfdn, "fdfd00"],
    [0xffffn, "fdffff"],
    [0x10000n, "fe00000100"],
    [0xffffffffn, "feffffffff"],
    [0x100000000n, "ff0000000001000000"],
    [0xffffffffffffffffn, "ffffffffffffffffff"],
  ])("%d is %s, and reads back", (value, hex) => {
    expect(toHex(new Writer().compactSize(value).toBytes())).toBe(hex);
    expect(new Reader(fromHex(hex)).compactSizeUnbounded()).toBe(value);
    if (value <= BigInt(Number.MAX_SAFE_INTEGER)) {
      expect(compactSizeLength(Number(value))).toBe(hex.length / 2);
      expect(toHex(new Writer().compactSize(Number(value)).toBytes())).toBe(hex);
    }
  });

  test.each(["fdfc00", "fd0000", "feffff0000", "fe00000000", "ffffffffff00000000", "ff0000000000000000"])(
    "%s is longer than need be",
    (hex) => {
      expect(() => new Reader(fromHex(hex)).compactSizeUnbounded()).toThrow("non-canonical");
      expect(() => new Reader(fromHex(hex)).compactSize()).toThrow(DecodeError);
    },
  );

  test("a size ends at 32 MiB", () => {
    expect(new Reader(fromHex("fe00000002")).compactSize()).toBe(COMPACT_SIZE_MAX);
    expect(() => new Reader(fromHex("fe01000002")).compactSize()).toThrow("size too large");
    expect(() => new Reader(fromHex("ffffffffffffffffff")).compactSize()).toThrow("size too large");
  });
});

describe("announced and not delivered", () => {
  test("a byte string longer than the data, or than the caller allows", () => {
    expect(() => new Reader(fromHex("fe000000020102")).compactBytes()).toThrow(DecodeError);
    expect([...new Reader(fromHex("020102")).compactBytes(2)]).toEqual([1, 2]);
    expect(() => new Reader(fromHex("020102")).compactBytes(1)).toThrow("at most 1");
  });

  test("a count is bounded by what the bytes behind it can hold", () => {
    expect(new Reader(fromHex("0201020304")).count(2)).toBe(2);
    expect(() => new Reader(fromHex("03010203")).count(2)).toThrow("3 items announced");
    expect(() => new Reader(fromHex("fe00000002ffff")).count(1)).toThrow(DecodeError);
  });

  test("bytes left over", () => {
    expect(() => new Reader(Uint8Array.of(1)).end()).toThrow("1 unexpected bytes at the end");
  });
});

test("bytes are views, and positions are those of the source", () => {
  const source = Uint8Array.of(1, 2, 3, 4, 5);
  const reader = new Reader(source, 1);
  reader.skip(1);
  const view = reader.bytes(2);
  expect(view.buffer).toBe(source.buffer);
  expect([...view]).toEqual([3, 4]);
  expect([...reader.since(1)]).toEqual([2, 3, 4]);
  expect([reader.offset, reader.remaining]).toEqual([4, 1]);
  expect(() => reader.skip(2)).toThrow("(at byte 4)");
  expect(() => reader.fail("no")).toThrow("no (at byte 4)");
});

test("what a writer returned does not change with what it writes later", () => {
  const writer = new Writer(4).uint32(1);
  const copy = writer.toBytes();
  writer.uint32(2);
  expect(toHex(copy)).toBe("01000000");
  expect(toHex(writer.toBytes())).toBe("0100000002000000");
});

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}
