import { expect, test } from "vitest";
import { bytesOfPsbt, pastedPsbt, psbtOfFile } from "./psbt-text.ts";

const BYTES = Uint8Array.of(0x70, 0x73, 0x62, 0x74, 0xff, 0x01, 0x00);
const BASE64 = "cHNidP8BAA==";

test("a file of bytes is taken as it is", () => {
  expect(psbtOfFile(BYTES)).toBe(BYTES);
});

test("a file of text is taken as base64", () => {
  expect(psbtOfFile(new TextEncoder().encode(`${BASE64}\n`))).toBe(BASE64);
});

test("lines of pasted text are put together", () => {
  expect(pastedPsbt("  cHNidP\r\n8BAA==\n")).toBe(BASE64);
});

test("hex is taken as what it stands for: a PSBT, or a transaction that is signed", () => {
  expect(pastedPsbt("70736274FF\n0100")).toBe(BASE64);
  const transaction = `0200000001${"07".repeat(32)}000000000151fdffffff0105000000000000000151`;
  expect(pastedPsbt(`${transaction}00000000`)).toMatch(/^cHNidP8BAD/u);
  expect(psbtOfFile(new TextEncoder().encode(`${transaction}00000000\n`))).toMatch(/^cHNidP8BAD/u);
  for (const other of [`${transaction}000000`, "", "ab"]) expect(pastedPsbt(other)).toBe(other);
});

test("base64 stands for the bytes of a file", () => {
  expect(bytesOfPsbt(BASE64)).toEqual(BYTES);
});
