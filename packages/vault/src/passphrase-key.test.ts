import { createHash, scryptSync } from "node:crypto";
import { expect, test } from "vitest";
import { DEFAULT_COST, deriveKey, isPayable, normalPassphrase } from "./passphrase-key.ts";

test("the key is that of scrypt by another hand, over a hash of the passphrase", async () => {
  const salt = Uint8Array.from({ length: 16 }, (_, index) => index);
  const cost = { n: 2 ** 10, r: 8, p: 3 };
  const digest = createHash("sha512").update("pass\0phrase ä", "utf8").digest();
  const expected = scryptSync(digest, salt, 32, { N: cost.n, r: cost.r, p: cost.p });
  expect(Buffer.from(await deriveKey("pass\0phrase ä", { ...cost, salt })).equals(expected)).toBe(true);
  expect(Buffer.from(await deriveKey("pass\0phrase a", { ...cost, salt })).equals(expected)).toBe(false);
});

test("what a file asks for is paid up to a limit", () => {
  expect(isPayable(DEFAULT_COST)).toBe(true);
  expect(isPayable({ n: 2 ** 20, r: 8, p: 4 })).toBe(true);
  expect(isPayable({ n: 2 ** 16, r: 8, p: 64 })).toBe(true);
  const refused = [
    { n: 2 ** 20, r: 9, p: 1 },
    { n: 2 ** 20, r: 8, p: 5 },
    { n: 2 ** 17, r: 8, p: 64 },
    { n: 2 ** 21, r: 1, p: 1 },
    { n: 2 ** 30, r: 8, p: 1 },
    { n: 1000, r: 8, p: 1 },
    { n: 1, r: 8, p: 1 },
    { n: 0, r: 8, p: 1 },
    { n: 2 ** 16, r: 33, p: 1 },
    { n: 2 ** 16, r: 0, p: 1 },
    { n: 2 ** 16, r: 8, p: 65 },
    { n: 2 ** 16, r: 8, p: 0.5 },
    { n: Number.NaN, r: 8, p: 1 },
  ];
  expect(refused.filter(isPayable)).toEqual([]);
});

test("letters that are composed in two ways are one passphrase", () => {
  expect(normalPassphrase("é")).toBe(normalPassphrase("e\u0301"));
  expect(normalPassphrase("１２")).toBe("12");
});
