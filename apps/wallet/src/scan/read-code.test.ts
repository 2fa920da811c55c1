import { describe, expect, test } from "vitest";
import { codePicture, emptyPicture, type Look } from "./code-picture.test-kit.ts";
import { readCode } from "./read-code.ts";
import { SIDE_MAX } from "./views.ts";

const LINK = "bitcoin:bcrt1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqz2fr6e?amount=0.0123&label=Tea%20house";
const SHOUTED = "BITCOIN:BCRT1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KYGT080?AMOUNT=0.5";
/** As long as codes of PSBTs are that the wallet shows. */
const PSBT = `cHNidP8BAH0CAAAAA${"e3kA1mYoW8b2JzQ9x".repeat(88)}`.slice(0, 1_500);

describe("a code is read", () => {
  test.each<[string, string, Look]>([
    ["straight", LINK, {}],
    ["in capitals, as codes have it smaller", SHOUTED, {}],
    ["small", LINK, { moduleSize: 2.5 }],
    ["with a pixel for each module, made twice as large", LINK, { moduleSize: 2, width: 160, height: 160 }],
    ["turned by 20°", LINK, { turn: 20 }],
    ["turned by 45°", LINK, { turn: 45 }],
    ["turned by 133°", LINK, { turn: 133 }],
    ["upside down", LINK, { turn: 180 }],
    ["at an angle", LINK, { tilt: 0.35, turn: 5 }],
    ["at the other angle", LINK, { tilt: -0.35, turn: 40 }],
    ["from the side", LINK, { tilt: 0.35, turn: 90, noise: 0.03 }],
    ["light on dark", LINK, { isInverted: true, turn: 7 }],
    ["with little contrast", LINK, { contrast: 0.3, noise: 0.01 }],
    ["in a shadow", LINK, { shadow: 0.6, noise: 0.02 }],
    ["with noise", LINK, { noise: 0.2, turn: 11 }],
    ["out of focus", LINK, { blur: 2, turn: 9 }],
    ["from a screen, with its stripes", LINK, { moire: 0.25, turn: 3 }],
    ["small on a large picture", LINK, { width: 1_600, height: 1_200, turn: 31, moduleSize: 3 }],
    ["with the PSBT of a payment", PSBT, { width: 560, height: 560, moduleSize: 3.5, turn: 2, noise: 0.03 }],
    [
      "with as many characters as there is room for",
      "x".repeat(2_900),
      { width: 600, height: 600, moduleSize: 3, ecc: "L" },
    ],
  ])("%s", (_name, text, look) => {
    expect(readCode(codePicture(text, look), "picture")).toEqual({ kind: "text", text });
  });

  test("from a camera's frame as from a picture", () => {
    expect(readCode(codePicture(LINK, { turn: 15, noise: 0.05 }), "frame")).toEqual({ kind: "text", text: LINK });
    const tilted = codePicture(LINK, { tilt: 0.35, turn: 5 });
    const read = [0, 1, 2, 3, 4].filter((turn) => readCode(tilted, "frame", turn) !== undefined);
    expect(read.length, "ways in which one at an angle is read").toBeGreaterThan(0);
  });

  test("whose label is not of ASCII", () => {
    const text = `${LINK} Übermäßig ₿`;
    expect(readCode(codePicture(text), "picture")).toEqual({ kind: "text", text });
  });
});

test("bytes that are no text are told by their number alone", () => {
  const entropy = Array.from({ length: 16 }, (_, place) => 255 - 13 * place);
  expect(readCode(codePicture(entropy, { moduleSize: 9 }), "picture")).toEqual({ kind: "bytes", size: 16 });
});

test.each([
  ["one shade", {}],
  ["noise", { noise: 0.4 }],
  ["a single pixel", { width: 1, height: 1 }],
])("nothing is found on %s", (_name, look) => {
  expect(readCode(emptyPicture(look), "picture")).toBeUndefined();
});

test("nothing is found where a third of the code is covered", () => {
  const picture = codePicture(LINK);
  picture.data.fill(128, 0, (picture.data.length * 4) / 9);
  expect(readCode(picture, "picture")).toBeUndefined();
});

test("a picture with a longer side than the library takes is refused", () => {
  const data = new Uint8ClampedArray(4 * (SIDE_MAX + 1));
  expect(() => readCode({ width: SIDE_MAX + 1, height: 1, data }, "picture")).toThrow("too many");
  expect(readCode({ width: SIDE_MAX, height: 1, data: data.subarray(4) }, "picture")).toBeUndefined();
});
