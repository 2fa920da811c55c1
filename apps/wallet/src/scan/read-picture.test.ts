import { expect, test } from "vitest";
import type { CodeContent } from "./read-code.ts";
import { readPicture } from "./read-picture.ts";
import type { Pixels } from "./views.ts";

const PICTURE = new Blob([]);
const PIXELS: Pixels = { width: 1, height: 1, data: new Uint8ClampedArray(4) };
const CODE: CodeContent = { kind: "text", text: "a code" };

/** A promise, and what answers it. */
function later<Value>() {
  let answer: (value: Value) => void = () => {};
  const answered = new Promise<Value>((resolve) => (answer = resolve));
  return { answer, answered };
}

test("a picture is read with all effort", async () => {
  const asked: unknown[] = [];
  const decoder = {
    decode: async (...request: unknown[]) => {
      asked.push(request);
      return CODE;
    },
  };
  const { signal } = new AbortController();
  expect(await readPicture(PICTURE, { decoder, pixelsOf: async () => PIXELS }, signal)).toBe(CODE);
  expect(asked).toEqual([[PIXELS, "picture"]]);
});

test("one that is still being opened when the dialog is closed is not looked at", async () => {
  const ending = new AbortController();
  const pixels = later<Pixels>();
  let lookCount = 0;
  const decoder = {
    decode: async () => {
      lookCount++;
      return CODE;
    },
  };
  const reading = readPicture(PICTURE, { decoder, pixelsOf: () => pixels.answered }, ending.signal);
  ending.abort();
  pixels.answer(PIXELS);
  await expect(reading).rejects.toBe(ending.signal.reason);
  expect(lookCount).toBe(0);
});

test("what is found when the dialog is closed is handed to nobody", async () => {
  const ending = new AbortController();
  const found = later<CodeContent>();
  const reading = readPicture(
    PICTURE,
    { decoder: { decode: () => found.answered }, pixelsOf: async () => PIXELS },
    ending.signal,
  );
  ending.abort();
  found.answer(CODE);
  await expect(reading).rejects.toBe(ending.signal.reason);
});
