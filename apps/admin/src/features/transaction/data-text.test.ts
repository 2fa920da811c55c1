import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { dataOutput } from "@bitfleet/protocol/script/templates.ts";
import { expect, test } from "vitest";
import { dataText } from "./data-text.ts";

const scriptOf = (data: Uint8Array) => toHex(dataOutput(data));
const bytesOf = (text: string) => new TextEncoder().encode(text);

test("what an output says is read where it is text, in whatever script people write", () => {
  expect(dataText(scriptOf(bytesOf("hello")))).toBe("hello");
  expect(dataText(scriptOf(bytesOf("Grüße, 世界")))).toBe("Grüße, 世界");
  expect(dataText("6a0568656c6c6f0568656c6c6f")).toBe("hello hello");
  expect(dataText(scriptOf(bytesOf("x".repeat(1000))))).toHaveLength(400);
});

test.each([
  ["bytes that are no UTF-8", scriptOf(Uint8Array.of(0xff, 0xfe, 0x41))],
  ["control characters", scriptOf(Uint8Array.of(0x41, 0x01))],
  ["blanks alone", scriptOf(bytesOf("  "))],
  ["no data", "6a"],
  ["no hex", "zz"],
])("%s are none", (_, hex) => {
  expect(dataText(hex)).toBeUndefined();
});
