import { describe, expect, test } from "vitest";
import { contextualCheckBlockHeader } from "./check-header.ts";
import { MAINNET, regtestNetwork, TESTNET3, TESTNET4 } from "./networks.ts";
import type { ConsensusParams } from "./params.ts";
import { chainOf, header, linkAt } from "./test-kit.ts";

const regtest = regtestNetwork().params;
const NOW = 2_000_000_000;
const chain = chainOf(20, (height) => ({ time: 1_500_000_000 + height * 600 }));
const tip = chain.at(-1)!;
const median = 1_500_000_000 + 14 * 600;

function check(fields: Parameters<typeof header>[0], params: ConsensusParams = regtest, now = NOW) {
  return contextualCheckBlockHeader(header({ time: tip.header.time + 1, ...fields }), tip, params, now);
}

describe("a header after its predecessor", () => {
  test("passes", () => {
    expect(check({})).toBeUndefined();
  });

  test("has the difficulty that the chain asks for", () => {
    expect(check({ bits: 0x207ffffe })).toEqual({
      kind: "invalid-header",
      reason: "bad-diffbits",
      detail: "incorrect proof of work",
    });
  });

  test("is later than the median time past", () => {
    expect(check({ time: median })).toEqual({
      kind: "invalid-header",
      reason: "time-too-old",
      detail: "block's timestamp is too early",
    });
    expect(check({ time: median + 1 })).toBeUndefined();
  });

  test("is at most two hours ahead of our clock", () => {
    expect(check({ time: NOW + 7200 })).toBeUndefined();
    expect(check({ time: NOW + 7201 })).toEqual({
      kind: "time-future",
      reason: "time-too-new",
      detail: "block timestamp too far in the future",
    });
    expect(check({ time: NOW + 7201 }, regtest, NOW + 0.5)).toMatchObject({ reason: "time-too-new" });
    expect(check({ time: NOW + 7201 }, regtest, NOW + 1)).toBeUndefined();
  });

  test("is refused for the rule that comes first", () => {
    expect(check({ bits: 1, time: median, version: 1 })).toMatchObject({ reason: "bad-diffbits" });
    expect(check({ time: median, version: 1 })).toMatchObject({ reason: "time-too-old" });
    expect(check({ time: NOW + 7201, version: 1 })).toMatchObject({ reason: "time-too-new" });
  });
});

describe("block versions (BIP34, BIP66, BIP65)", () => {
  const at = (height: number, version: number, params: ConsensusParams) => {
    const bits = 0x1d00ffff;
    const previous = linkAt(height - 1, { bits, time: 1_400_000_000 });
    const next = header({ version, bits, time: 1_400_000_600 });
    return contextualCheckBlockHeader(next, previous, params, NOW)?.reason;
  };

  test.each([
    ["bip34", 227_931, 1, 2],
    ["bip66", 363_725, 2, 3],
    ["bip65", 388_381, 3, 4],
  ])("%s asks from height %i on for more than version %i", (_, height, old, enough) => {
    expect(at(height - 1, old, MAINNET.params)).toBeUndefined();
    expect(at(height, old, MAINNET.params)).toBe(`bad-version(0x0000000${old})`);
    expect(at(height, enough, MAINNET.params)).toBeUndefined();
  });

  test("are signed numbers, shown without sign", () => {
    expect(at(500_000, -1, MAINNET.params)).toBe("bad-version(0xffffffff)");
    expect(at(500_000, -2147483648, MAINNET.params)).toBe("bad-version(0x80000000)");
    expect(at(500_000, 0, MAINNET.params)).toBe("bad-version(0x00000000)");
    expect(at(500_000, 0x20000000, MAINNET.params)).toBeUndefined();
    expect(at(100, -1, MAINNET.params)).toBeUndefined();
  });

  test("are named in the detail too", () => {
    expect(check({ version: 3 })).toEqual({
      kind: "invalid-header",
      reason: "bad-version(0x00000003)",
      detail: "rejected nVersion=0x00000003 block",
    });
  });

  test("follow -testactivationheight", () => {
    const { params } = regtestNetwork({ activationHeights: { cltv: 21 } });
    expect(check({ version: 3 }, params)).toBeUndefined();
    expect(check({ version: 3 }, regtestNetwork({ activationHeights: { cltv: 20 } }).params)).toBeDefined();
  });
});

describe("timewarp (BIP94)", () => {
  // The last block of the period is far ahead of the median.
  const bits = 0x1d00ffff;
  const period = chainOf(2016, (height) => ({
    bits,
    time: 1_714_777_860 + height * 600 + (height === 2015 ? 5000 : 0),
  }));
  const last = period[2015]!;
  const reasonAt = (time: number, params: ConsensusParams, previous = last) =>
    contextualCheckBlockHeader(header({ bits, time }), previous, params, NOW)?.reason;

  test("a period's first block is at most 600 seconds before the last one's end", () => {
    expect(reasonAt(last.header.time - 600, TESTNET4.params)).toBeUndefined();
    expect(reasonAt(last.header.time - 601, TESTNET4.params)).toBe("time-timewarp-attack");
    expect(
      contextualCheckBlockHeader(header({ bits, time: last.header.time - 601 }), last, TESTNET4.params, NOW)?.detail,
    ).toBe("block's timestamp is too early on diff adjustment block");
  });

  test("other blocks and other networks are free", () => {
    expect(reasonAt(last.header.time - 601, TESTNET3.params)).toBeUndefined();
    const shorter = chainOf(2015, (height) => ({
      bits,
      time: 1_714_777_860 + height * 600 + (height === 2014 ? 5000 : 0),
    }));
    expect(reasonAt(shorter[2014]!.header.time - 601, TESTNET4.params, shorter[2014]!)).toBeUndefined();
  });

  test("regtest takes it as an option, with its own period", () => {
    const { params } = regtestNetwork({ enforceBip94: true });
    const day = chainOf(144, (height) => ({ time: 1_500_000_000 + height * 600 + (height === 143 ? 5000 : 0) }));
    const next = header({ time: day[143]!.header.time - 601 });
    expect(contextualCheckBlockHeader(next, day[143]!, params, NOW)?.reason).toBe("time-timewarp-attack");
    expect(contextualCheckBlockHeader(next, day[143]!, regtest, NOW)).toBeUndefined();
  });
});
