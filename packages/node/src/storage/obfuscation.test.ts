import fc from "fast-check";
import { expect, test } from "vitest";
import { obfuscate } from "./obfuscation.ts";

test("every byte is XORed with the key byte of its place, whatever the alignment", () => {
  const key = fc.uint8Array({ minLength: 8, maxLength: 8 });
  const place = fc.record({ skip: fc.nat(9), offset: fc.nat(1000), key, bytes: fc.uint8Array({ maxLength: 100 }) });
  fc.assert(
    fc.property(place, ({ skip, offset, key, bytes }) => {
      const around = new Uint8Array(skip + bytes.length + 5).fill(0xee);
      around.set(bytes, skip);
      obfuscate(around.subarray(skip, skip + bytes.length), key, offset);
      const expected = bytes.map((byte, index) => byte ^ key[(offset + index) % 8]!);
      expect(around.slice(skip, skip + bytes.length)).toEqual(Uint8Array.from(expected));
      expect(around.slice(skip + bytes.length)).toEqual(new Uint8Array(5).fill(0xee));
      expect(around.slice(0, skip)).toEqual(new Uint8Array(skip).fill(0xee));
    }),
  );
});

test("no key leaves the bytes alone", () => {
  const bytes = Uint8Array.of(1, 2, 3);
  obfuscate(bytes, new Uint8Array(0));
  obfuscate(bytes, new Uint8Array(8));
  expect(bytes).toEqual(Uint8Array.of(1, 2, 3));
});
