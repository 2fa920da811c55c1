import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { amountNumber, satsFromCoins, satsFromNumber } from "./amount.ts";
import {
  JSON_DEPTH_MAX,
  JsonNumber,
  type JsonObject,
  JsonSyntaxError,
  parseJson,
  type RpcValue,
  toPlain,
  writeJson,
} from "./json.ts";

describe("JSON without loss", () => {
  test("keeps every digit of a number", () => {
    for (const text of ["0", "-0", "1.50", "18446744073709551615", "0.00000001", "1e-8", "1E+400", "-12.5e3"]) {
      expect(writeJson(parseJson(text))).toBe(text);
    }
  });

  test("keeps order and repetitions of members; the first of a name counts", () => {
    const text = '{"b":1,"a":2,"b":3,"__proto__":4,"1":5}';
    const value = parseJson(text) as JsonObject;
    expect(writeJson(value)).toBe(text);
    expect(value.get("b")).toEqual(new JsonNumber("1"));
    expect(value.get("toString")).toBeUndefined();
    expect((toPlain(parseJson('{"a":1,"a":2}')) as { a: number }).a).toBe(1);
  });

  test.each([
    ...[
      "",
      " ",
      "{",
      "[",
      '"',
      '"\\',
      "tru",
      "nul",
      "01",
      "-",
      "1.",
      ".5",
      "1e",
      "+1",
      "0x10",
      "NaN",
      "Infinity",
      "'a'",
    ],
    ...[
      "[1,]",
      "[,1]",
      '{"a"}',
      '{"a":}',
      '{"a":1,}',
      "{a:1}",
      "1 2",
      "[1]]",
      '"\u0001"',
      '"\\x"',
      '"\\u12g4"',
      '"a\nb"',
    ],
  ])("refuses %j", (text) => {
    expect(() => parseJson(text)).toThrow(JsonSyntaxError);
  });

  test("refuses halves of surrogate pairs, which no encoding has, and takes whole ones", () => {
    for (const half of ["\\ud800", "\\udc00\\ud800", "x\\udfff", "\\ud800a\\udc00"]) {
      expect(() => parseJson(`"${half}"`)).toThrow(JsonSyntaxError);
      expect(() => parseJson(`{"${half}":1}`)).toThrow(JsonSyntaxError);
    }
    expect(parseJson('"\\ud83d\\ude00"')).toBe("😀");
    expect(parseJson('"\\ud7ff\\ue000"')).toBe("\ud7ff\ue000");
  });

  test("escapes every control character of ASCII", () => {
    expect(writeJson("a\x7fb\x7f")).toBe('"a\\u007fb\\u007f"');
    expect(writeJson({ "\x7f": "\x00\x1f" })).toBe('{"\\u007f":"\\u0000\\u001f"}');
  });

  test("refuses nesting beyond the limit and takes it up to there", () => {
    const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
    expect(() => parseJson(nested(JSON_DEPTH_MAX))).not.toThrow();
    expect(() => parseJson(nested(JSON_DEPTH_MAX + 1))).toThrow(JsonSyntaxError);
    expect(() => parseJson('{"a":'.repeat(100_000))).toThrow(JsonSyntaxError);
  });

  test("reads what JSON.parse reads, and writes what it reads back", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(toPlain(parseJson(text))).toEqual(JSON.parse(text));
        expect(JSON.parse(writeJson(parseJson(text)))).toEqual(JSON.parse(text));
      }),
    );
  });

  test("refuses what JSON.parse refuses", () => {
    const mutated = fc.tuple(fc.json(), fc.nat(), fc.string({ maxLength: 2 })).map(([text, at, part]) => {
      const offset = at % (text.length + 1);
      return text.slice(0, offset) + part + text.slice(offset + part.length);
    });
    const accepts = (read: (text: string) => unknown, text: string) => {
      try {
        read(text);
        return true;
      } catch {
        return false;
      }
    };
    fc.assert(
      fc.property(mutated, (text) => {
        expect(accepts(parseJson, text)).toBe(accepts(JSON.parse, text));
      }),
    );
  });

  test("writes fractions as C's %.16g", () => {
    const cases: readonly (readonly [number, string])[] = [
      [4.656542373906925e-10, "4.656542373906925e-10"],
      [1, "1"],
      [0.5, "0.5"],
      [0.1, "0.1"],
      [1 / 3, "0.3333333333333333"],
      [0.0001, "0.0001"],
      [0.00001, "1e-05"],
      [123456789.125, "123456789.125"],
      [1e21, "1e+21"],
      [1.5e300, "1.5e+300"],
      [88104191118793.16, "88104191118793.16"],
      [2.004949723640136e-6, "2.004949723640136e-06"],
    ];
    for (const [value, text] of cases) expect(writeJson(value)).toBe(text);
    expect(() => writeJson(Number.NaN)).toThrow();
  });

  test("leaves absent members out", () => {
    const value: RpcValue = { a: undefined, b: null, c: [1, 2n ** 64n, "x"] };
    expect(writeJson(value)).toBe('{"b":null,"c":[1,18446744073709551616,"x"]}');
  });
});

describe("amounts", () => {
  test("are written with eight decimals", () => {
    expect([0n, 1n, 100_000_000n, -1n, 2_099_999_999_999_999n].map((sats) => amountNumber(sats).text)).toEqual([
      "0.00000000",
      "0.00000001",
      "1.00000000",
      "-0.00000001",
      "20999999.99999999",
    ]);
  });

  test.each([
    ["0", 0n],
    ["1", 100_000_000n],
    ["0.00000001", 1n],
    ["1e-8", 1n],
    ["0.1e1", 100_000_000n],
    ["1.000000000000", 100_000_000n],
    ["20999999.99999999", 2_099_999_999_999_999n],
    ["-0.5", -50_000_000n],
    ["0.000000001", undefined],
    ["1e-9", undefined],
    ["1e12", undefined],
    ["92233720368.54775807", undefined],
    ["", undefined],
    [".5", undefined],
    ["1.", undefined],
    ["+1", undefined],
    ["01", undefined],
    ["0x1", undefined],
    ["1e999999999999", undefined],
  ])("%s is %s satoshis", (text, sats) => {
    expect(satsFromCoins(text)).toBe(sats);
  });

  test("may have as many digits as fit a call", () => {
    const zeros = "0".repeat(500_000);
    expect(satsFromCoins(`1${zeros}1`)).toBeUndefined();
    expect(satsFromCoins(`1${zeros}`)).toBeUndefined();
    expect(satsFromCoins(`0.1${zeros}`)).toBe(10_000_000n);
    expect(satsFromCoins(`1${zeros}e-500000`)).toBe(100_000_000n);
  });

  test("survive writing, reading, and the double in between", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2_100_000_000_000_000n }), (sats) => {
        expect(satsFromCoins(amountNumber(sats).text)).toBe(sats);
        expect(satsFromNumber(Number(amountNumber(sats).text))).toBe(sats);
      }),
    );
  });
});
