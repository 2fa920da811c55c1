import { expect, test } from "vitest";
import { crc32c, maskedCrc32c } from "./crc32c.ts";

/** RFC 3720, appendix B.4. */
test.each([
  ["zeros", new Uint8Array(32), 0x8a9136aa],
  ["ones", new Uint8Array(32).fill(0xff), 0x62a8ab43],
  ["ascending", Uint8Array.from({ length: 32 }, (_, index) => index), 0x46dd794e],
  ["descending", Uint8Array.from({ length: 32 }, (_, index) => 31 - index), 0x113fdb5c],
  ["nine digits", new TextEncoder().encode("123456789"), 0xe3069283],
])("CRC-32C of %s", (_name, bytes, checksum) => {
  expect(crc32c(bytes)).toBe(checksum);
});

test("LevelDB's mask rotates and adds", () => {
  const crc = 0xe3069283;
  const rotated = ((crc >>> 15) | (crc << 17)) >>> 0;
  expect(maskedCrc32c(new TextEncoder().encode("123456789"))).toBe((rotated + 0xa282ead8) % 2 ** 32);
});
