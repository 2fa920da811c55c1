import { describe, expect, test } from "vitest";
import { toHex } from "../bytes/bytes.ts";
import { areCoinbasesUnique } from "./bip30.ts";
import { coinbaseHeightScript } from "./check-block.ts";
import { MAINNET, regtestNetwork, TESTNET4 } from "./networks.ts";

describe("coinbases cannot repeat (BIP30 by way of BIP34)", () => {
  test("where heights are in all of them, and nowhere else", () => {
    const regtestFrom = (bip34: number) => regtestNetwork({ activationHeights: { bip34 } }).params;
    expect(areCoinbasesUnique(regtestNetwork().params)).toBe(true);
    expect(areCoinbasesUnique(regtestFrom(0))).toBe(true);
    expect(areCoinbasesUnique(regtestFrom(1))).toBe(true);
    expect(areCoinbasesUnique(regtestFrom(2))).toBe(false);
    expect(areCoinbasesUnique(TESTNET4.params)).toBe(true);
    expect(areCoinbasesUnique(MAINNET.params)).toBe(false);
  });

  test("since no height is written as the beginning of another", () => {
    const around = [1, 17, 0x80, 0x8000, 0x800000, 0x80000000].flatMap((edge) =>
      Array.from({ length: 600 }, (_, step) => edge - 300 + step).filter((height) => height > 0),
    );
    const written = [...new Set(around)].map((height) => toHex(coinbaseHeightScript(height))).sort();
    expect(new Set(written).size).toBe(new Set(around).size);
    // In sorted order a string stands right before those that it begins.
    const begun = written.filter((text, index) => written[index + 1]?.startsWith(text));
    expect(begun).toEqual([]);
  });
});
