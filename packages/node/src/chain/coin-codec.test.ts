import { fromHex, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { DecodeError } from "@bitfleet/protocol/bytes/cursor.ts";
import type { BlockUndo, Coin } from "@bitfleet/protocol/consensus/chain-view.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeCoin, decodeUndo, encodeCoin, encodeUndo } from "./coin-codec.ts";

const X = "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
const Y = "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8";
const HASH = "751e76e8199196d454941c45d1b3a323f1433bd6";

function coinOf(script: string, value = 0n, height = 0, isCoinbase = false): Coin {
  return { output: { value, scriptPubKey: fromHex(script) }, height, isCoinbase };
}

const scripts = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.uint8Array({ minLength: 20, maxLength: 20 }).map((hash) => fromHex(`76a914${toHex(hash)}88ac`)),
  fc.uint8Array({ minLength: 20, maxLength: 20 }).map((hash) => fromHex(`a914${toHex(hash)}87`)),
  fc.uint8Array({ minLength: 32, maxLength: 32 }).map((x) => fromHex(`2103${toHex(x)}ac`)),
  fc.uint8Array({ minLength: 64, maxLength: 64 }).map((point) => fromHex(`4104${toHex(point)}ac`)),
  fc.constantFrom(fromHex(`4104${X}${Y}ac`), fromHex(`2102${X}ac`)),
);
const coins = fc.record({
  output: fc.record({ value: fc.bigInt({ min: 0n, max: 2n ** 60n }), scriptPubKey: scripts }),
  height: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  isCoinbase: fc.boolean(),
});

describe("a stored coin", () => {
  // Heights and amounts of Core's own examples (coins_tests.cpp, compress_tests.cpp), script forms as in compressor.h.
  test.each([
    ["pay to public key hash", coinOf(`76a914${HASH}88ac`, 60_000_000_000n, 203_998), `97f23c835800${HASH}`],
    ["pay to script hash", coinOf(`a914${HASH}87`, 50n * 10n ** 8n, 1, true), `033201${HASH}`],
    ["compressed key, even", coinOf(`2102${X}ac`), `000002${X}`],
    ["compressed key, odd", coinOf(`2103${X}ac`), `000003${X}`],
    ["uncompressed key", coinOf(`4104${X}${Y}ac`, 1n), `000104${X}`],
    ["uncompressed key off the curve", coinOf(`4104${X}${X}ac`), `0000494104${X}${X}ac`],
    ["hybrid key", coinOf(`4106${X}${Y}ac`), `0000494106${X}${Y}ac`],
    ["no script", coinOf(""), "000006"],
    ["another script", coinOf("51", 2n), "000b0751"],
    ["a script of 121 bytes", coinOf("51".repeat(121)), `00007f${"51".repeat(121)}`],
    ["a script of 122 bytes", coinOf("51".repeat(122)), `00008000${"51".repeat(122)}`],
  ])("%s", (_name, coin, hex) => {
    expect(toHex(encodeCoin(coin))).toBe(hex);
    expect(decodeCoin(fromHex(hex))).toEqual(coin);
  });

  // Amounts of Core's compress_tests.cpp: 0, 1 satoshi, a cent, a coin, fifty, all there will be.
  test.each<[bigint, string]>([
    [0n, "00"],
    [1n, "01"],
    [1_000_000n, "07"],
    [100_000_000n, "09"],
    [5_000_000_000n, "32"],
    [2_100_000_000_000_000n, "8980dd40"],
  ])("amount %d is %s", (value, hex) => {
    expect(toHex(encodeCoin(coinOf("51", value)))).toBe(`00${hex}0751`);
    expect(decodeCoin(fromHex(`00${hex}0751`)).output.value).toBe(value);
  });

  test("round trip of any coin", () => {
    fc.assert(
      fc.property(coins, (coin) => {
        expect(decodeCoin(encodeCoin(coin))).toEqual(coin);
      }),
    );
  });

  test("round trip of amounts around the exact limit", () => {
    for (const value of [10n ** 15n - 1n, 10n ** 15n, 10n ** 15n + 1n, 2_100_000_000_000_000n, 2n ** 60n]) {
      expect(decodeCoin(encodeCoin(coinOf("51", value))).output.value).toBe(value);
    }
  });

  test("the script is a copy", () => {
    const bytes = encodeCoin(coinOf("515253"));
    const coin = decodeCoin(bytes);
    bytes.fill(0);
    expect(toHex(coin.output.scriptPubKey)).toBe("515253");
  });

  test("a script that is too long to be spent becomes OP_RETURN", () => {
    expect(toHex(decodeCoin(encodeCoin(coinOf("51".repeat(10_000)))).output.scriptPubKey)).toBe("51".repeat(10_000));
    expect(toHex(decodeCoin(encodeCoin(coinOf("51".repeat(10_001)))).output.scriptPubKey)).toBe("6a");
  });

  test("an x that is on no point, a byte too many, an amount too large", () => {
    expect(() => decodeCoin(fromHex(`000004${"ff".repeat(32)}`))).toThrow(/not on the curve/);
    expect(() => decodeCoin(fromHex("0000065100"))).toThrow(DecodeError);
    expect(() => decodeCoin(fromHex("0080fefefefefefefefe7f06"))).toThrow(/amount too large/);
  });
});

const undos = fc.array(fc.array(coins, { maxLength: 4 }), { maxLength: 5 }).map((transactions) => ({ transactions }));

describe("undo data", () => {
  test("a coin at height 0 has no version byte, others a zero", () => {
    const undo: BlockUndo = { transactions: [[coinOf("51"), coinOf("51", 1n, 7)], [coinOf("51", 0n, 1, true)]] };
    const hex = ["02", "02", "00000751", "0e00010751", "01", "0300000751"].join("");
    expect(toHex(encodeUndo(undo))).toBe(hex);
    expect(decodeUndo(fromHex(hex))).toEqual(undo);
  });

  test("an old file's version number is passed over", () => {
    const undo = decodeUndo(fromHex(["01", "01", "0e8000010751"].join("")));
    expect(undo.transactions[0]).toEqual([coinOf("51", 1n, 7)]);
  });

  test("round trip", () => {
    fc.assert(
      fc.property(undos, (undo) => {
        expect(decodeUndo(encodeUndo(undo))).toEqual(undo);
      }),
    );
  });

  test("counts that the bytes do not back", () => {
    expect(() => decodeUndo(fromHex("fe00000001"))).toThrow(DecodeError);
    expect(() => decodeUndo(fromHex("01fd0010000000"))).toThrow(DecodeError);
  });
});

test("cut off or changed bytes decode or throw DecodeError, nothing else", () => {
  const decodesOrThrows = (decode: () => unknown) => {
    try {
      decode();
    } catch (error) {
      expect(error).toBeInstanceOf(DecodeError);
    }
  };
  fc.assert(
    fc.property(undos, fc.nat(), fc.nat(255), (undo, place, byte) => {
      const bytes = encodeUndo(undo);
      if (bytes.length > 1) expect(() => decodeUndo(bytes.subarray(0, place % bytes.length))).toThrow(DecodeError);
      const changed = Uint8Array.from(bytes);
      changed[place % bytes.length] = byte;
      decodesOrThrows(() => decodeUndo(changed));
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      decodesOrThrows(() => decodeCoin(bytes));
    }),
  );
  fc.assert(
    fc.property(coins, fc.nat(), (coin, place) => {
      const bytes = encodeCoin(coin);
      expect(() => decodeCoin(bytes.subarray(0, place % bytes.length))).toThrow(DecodeError);
    }),
  );
});
