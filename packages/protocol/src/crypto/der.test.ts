import { secp256k1 } from "@noble/curves/secp256k1.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromHex, littleEndianFromBigInt, toHex } from "../bytes/bytes.ts";
import { encodeDer, hasLowS, parseLaxDer } from "./der.ts";

const ORDER = secp256k1.Point.Fn.ORDER;
const bigEndian = (value: bigint) => toHex(littleEndianFromBigInt(value, 32).reverse());
const R = "11".repeat(32);
const S = "22".repeat(32);
const NEGATIVE = "ff".repeat(15) + "11".repeat(17);
const ZERO = "00".repeat(64);
const parsed = (hex: string) => {
  const result = parseLaxDer(fromHex(hex));
  return result === undefined ? undefined : toHex(result);
};

describe("what consensus reads", () => {
  test.each([
    ["strict DER", `3044 0220${R} 0220${S}`, R + S],
    ["the sign bit is part of the number", `3044 0220${NEGATIVE} 0220${S}`, NEGATIVE + S],
    ["one byte of padding", `3045 022100${R} 0220${S}`, R + S],
    ["excessive padding", `3048 022400000000${R} 0220${S}`, R + S],
    ["a length in long form", `3045 028120${R} 0220${S}`, R + S],
    ["a length in long form with leading zeros", `304a 028400000020${R} 0282 0020${S}`, R + S],
    ["a length of 126 digits, all but one zero", `3000 02fe${"00".repeat(125)}20${R} 0220${S}`, R + S],
    ["a sequence length that is not true", `3001 0220${R} 0220${S}`, R + S],
    ["a sequence length in long form, whatever it says", `3083ffffff 0220${R} 0220${S}`, R + S],
    ["garbage behind s", `3044 0220${R} 0220${S} deadbeef`, R + S],
    ["short numbers are filled up", "3006 020101 020102", `${"00".repeat(31)}01${"00".repeat(31)}02`],
    ["an empty number is zero", `3002 0200 0220${S}`, "00".repeat(32) + S],
    ["a number of zeros longer than 32 bytes", `3000 0228${"00".repeat(40)} 0220${S}`, "00".repeat(32) + S],
    ["r of 33 significant bytes makes both zero", `3045 022101${R} 0220${S}`, ZERO],
    ["s of 33 significant bytes makes both zero", `3045 0220${R} 022101${S}`, ZERO],
    ["r at the order makes both zero", `3044 0220${bigEndian(ORDER)} 0220${S}`, ZERO],
    ["r just below the order stays", `3044 0220${bigEndian(ORDER - 1n)} 0220${S}`, bigEndian(ORDER - 1n) + S],
    ["s at the order makes both zero", `3044 0220${R} 0220${bigEndian(ORDER)}`, ZERO],
    ["s just below the order stays", `3044 0220${R} 0220${bigEndian(ORDER - 1n)}`, R + bigEndian(ORDER - 1n)],
  ])("%s", (_, hex, expected) => {
    expect(parsed(hex.replaceAll(" ", ""))).toBe(expected);
  });
});

describe("what nobody reads", () => {
  test.each([
    ["nothing", ""],
    ["another tag than a sequence", `3144 0220${R} 0220${S}`],
    ["a sequence without length", "30"],
    ["a sequence length longer than the data", `30ff 0220${R} 0220${S}`],
    ["no integer", "3000"],
    ["another tag than r's integer", `3044 0320${R} 0220${S}`],
    ["another tag than s's integer", `3044 0220${R} 0320${S}`],
    ["r without length", "3001 02"],
    ["r longer than the data", `3044 0221${R}`],
    ["a length whose digits run past the end", "3003 0284 0000"],
    ["a length of four significant digits", `304a 028401000020${R} 0220${S}`],
    ["s absent", `3022 0220${R}`],
    ["s one byte short", `3044 0220${R} 0220${S.slice(2)}`],
  ])("%s", (_, hex) => {
    expect(parsed(hex.replaceAll(" ", ""))).toBeUndefined();
  });

  test("every truncation of a signature; and no bytes make it throw", () => {
    const whole = fromHex(`30440220${R}0220${S}`);
    for (let size = 0; size < whole.length; size++) expect(parseLaxDer(whole.subarray(0, size))).toBeUndefined();
    const anything = fc.uint8Array({ maxLength: 90 });
    fc.assert(
      fc.property(anything, (bytes) => {
        for (const candidate of [bytes, Uint8Array.from([0x30, 0x44, 0x02, ...bytes])]) {
          const result = parseLaxDer(candidate);
          expect(result === undefined || result.length === 64).toBe(true);
        }
      }),
    );
  });
});

test("strict encoding: as an independent implementation has it, and read back", () => {
  const scalar = fc.oneof(
    fc.bigInt({ min: 1n, max: ORDER - 1n }),
    fc.constantFrom(1n, 0x7fn, 0x80n, 0xffn, 0x100n, 1n << 255n, (1n << 255n) - 1n, ORDER - 1n),
  );
  fc.assert(
    fc.property(scalar, scalar, (r, s) => {
      const compact = fromHex(bigEndian(r) + bigEndian(s));
      const der = encodeDer(compact);
      expect(toHex(der)).toBe(new secp256k1.Signature(r, s).toHex("der"));
      expect(parseLaxDer(der)).toEqual(compact);
    }),
  );
});

test("low s ends at half the order", () => {
  const withS = (s: bigint) => fromHex(R + bigEndian(s));
  expect(hasLowS(withS(0n))).toBe(true);
  expect(hasLowS(withS(ORDER / 2n))).toBe(true);
  expect(hasLowS(withS(ORDER / 2n + 1n))).toBe(false);
  expect(hasLowS(withS(ORDER - 1n))).toBe(false);
});
