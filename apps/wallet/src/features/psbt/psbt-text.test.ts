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

test("base64 stands for the bytes of a file", () => {
  expect(bytesOfPsbt(BASE64)).toEqual(BYTES);
});
