import { describe, expect, test } from "vitest";
import { fromHex } from "../bytes/bytes.ts";
import { murmur3 } from "./murmur3.ts";

describe("MurmurHash3 (x86, 32 bits)", () => {
  test.each([
    [0x00000000, "", 0x00000000],
    [0xfba4c795, "", 0x6a396f08],
    [0xffffffff, "", 0x81f16f39],
    [0x00000000, "00", 0x514e28b7],
    [0xfba4c795, "00", 0xea3f0b17],
    [0x00000000, "ff", 0xfd6cf10d],
    [0x00000000, "0011", 0x16c6b7ab],
    [0x00000000, "001122", 0x8eb51c3d],
    [0x00000000, "00112233", 0xb4471bf8],
    [0x00000000, "0011223344", 0xe2301fa8],
    [0x00000000, "001122334455", 0xfc2e4a15],
    [0x00000000, "00112233445566", 0xb074502c],
    [0x00000000, "0011223344556677", 0x8034d2a0],
    [0x00000000, "001122334455667788", 0xb4698def],
  ])("seed %i of '%s'", (seed, data, hash) => {
    expect(murmur3(seed, fromHex(data))).toBe(hash);
  });
});
