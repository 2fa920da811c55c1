import { describe, expect, test } from "vitest";
import { fromHex, littleEndianFromBigInt } from "../bytes/bytes.ts";
import { Block } from "../primitives/block.ts";
import type { BlockHash } from "../primitives/types.ts";
import type { ChainLink } from "./chain-view.ts";
import { contextualCheckBlock } from "./check-block.ts";
import { checkBlockHeader, contextualCheckBlockHeader } from "./check-header.ts";
import { MAINNET, regtestNetwork, signetNetwork, TESTNET3, TESTNET4 } from "./networks.ts";
import {
  adjustedBits,
  bitsFromTarget,
  checkProofOfWork,
  difficultyInterval,
  equivalentSeconds,
  nextWorkRequired,
  permittedDifficultyTransition,
  targetFromBits,
  workOfBits,
} from "./pow.ts";
import {
  appendLink,
  blockOf,
  chainOf,
  coinbase,
  extendChain,
  hasVectors,
  linkAt,
  output,
  readVector,
} from "./test-kit.ts";

const main = MAINNET.params;
const LOWEST = 0x1d00ffff;

function hashOf(number: bigint): BlockHash {
  return littleEndianFromBigInt(number, 32) as BlockHash;
}

describe("compact targets", () => {
  // [bits, target, bits encoded again, negative, overflow]
  const cases: [number, bigint, number, boolean, boolean][] = [
    [0x00000000, 0n, 0, false, false],
    [0x00123456, 0n, 0, false, false],
    [0x01003456, 0n, 0, false, false],
    [0x02000056, 0n, 0, false, false],
    [0x03000000, 0n, 0, false, false],
    [0x04000000, 0n, 0, false, false],
    [0x00923456, 0n, 0, false, false],
    [0x01803456, 0n, 0, false, false],
    [0x02800056, 0n, 0, false, false],
    [0x03800000, 0n, 0, false, false],
    [0x04800000, 0n, 0, false, false],
    [0x01123456, 0x12n, 0x01120000, false, false],
    [0x01fedcba, 0x7en, 0x017e0000, true, false],
    [0x02123456, 0x1234n, 0x02123400, false, false],
    [0x03123456, 0x123456n, 0x03123456, false, false],
    [0x04123456, 0x12345600n, 0x04123456, false, false],
    [0x04923456, 0x12345600n, 0x04123456, true, false],
    [0x05009234, 0x92340000n, 0x05009234, false, false],
    [0x20123456, 0x123456n << 232n, 0x20123456, false, false],
    // Where 256 bits end: a mantissa of one, two and three bytes.
    [0x220000ff, 0xffn << 248n, 0x2100ff00, false, false],
    [0x22000100, 0n, 0, false, true],
    [0x2100ffff, 0xffffn << 240n, 0x2100ffff, false, false],
    [0x21010000, 0n, 0, false, true],
    [0x207fffff, 0x7fffffn << 232n, 0x207fffff, false, false],
    [0x23000001, 0n, 0, false, true],
    [0xff123456, 0n, 0, false, true],
    [0xff000000, 0n, 0, false, false],
  ];

  test.each(cases)("%i", (bits, target, again, isNegative, isOverflow) => {
    expect(targetFromBits(bits)).toEqual({ target, isNegative, isOverflow });
    expect(bitsFromTarget(target)).toBe(again);
  });

  test("a top bit in the mantissa makes the encoding one byte longer", () => {
    expect(bitsFromTarget(0x80n)).toBe(0x02008000);
    expect(bitsFromTarget(0x7fn)).toBe(0x017f0000);
    expect(bitsFromTarget(0x8000n)).toBe(0x03008000);
    expect(bitsFromTarget(0x800000n)).toBe(0x04008000);
    expect(bitsFromTarget((1n << 256n) - 1n)).toBe(0x2100ffff);
  });
});

describe("work", () => {
  test("is the expected number of hashes", () => {
    expect(workOfBits(LOWEST)).toBe(0x100010001n);
    expect(workOfBits(0x207fffff)).toBe(2n);
    expect(workOfBits(0x03000001)).toBe((1n << 256n) / 2n);
  });

  test("is none for bits that are no target", () => {
    expect([0, 0x04923456, 0x22000100, 0x03800001].map(workOfBits)).toEqual([0n, 0n, 0n, 0n]);
  });
});

describe("proof of work", () => {
  const limit = targetFromBits(LOWEST).target;

  test("meets the target or does not", () => {
    expect(checkProofOfWork(hashOf(limit), LOWEST, main)).toBe(true);
    expect(checkProofOfWork(hashOf(limit + 1n), LOWEST, main)).toBe(false);
    expect(checkProofOfWork(hashOf(0n), LOWEST, main)).toBe(true);
  });

  test("refuses targets that are negative, overflow, are zero or too easy", () => {
    expect(checkProofOfWork(hashOf(1n), LOWEST | 0x00800000, main)).toBe(false);
    expect(checkProofOfWork(hashOf(1n), 0xff7fffff, main)).toBe(false);
    expect(checkProofOfWork(hashOf(0n), 0, main)).toBe(false);
    expect(checkProofOfWork(hashOf(1n), bitsFromTarget(main.powLimit * 2n), main)).toBe(false);
    expect(checkProofOfWork(hashOf(1n), 0x1d010000, main)).toBe(false);
    expect(checkProofOfWork(hashOf(1n), 0x1d010000, regtestNetwork().params)).toBe(true);
  });

  test("of a header is named high-hash", () => {
    const { header } = main.genesis;
    expect(checkBlockHeader(header, main)).toBeUndefined();
    const wrong = linkAt(0, { bits: LOWEST }).header;
    expect(checkBlockHeader(wrong, main)).toEqual({
      kind: "invalid-header",
      reason: "high-hash",
      detail: "proof of work failed",
    });
  });
});

describe("retargeting", () => {
  // [name, time of first block, time of last block, bits before, bits after]
  test.each([
    ["block 32256, unclamped", 1261130161, 1262152739, 0x1d00ffff, 0x1d00d86a],
    ["block 2016, at the lowest difficulty already", 1231006505, 1233061996, 0x1d00ffff, 0x1d00ffff],
    ["block 68544, four times harder at most", 1279008237, 1279297671, 0x1c05a3f4, 0x1c0168fd],
    ["four times easier at most", 1263163443, 1269211443, 0x1c387f6f, 0x1d00e1fd],
    ["a negative timespan counts as a quarter", 1279297671, 1279008237, 0x1c05a3f4, 0x1c0168fd],
  ])("%s", (_, first, last, bits, expected) => {
    expect(adjustedBits({ bits, timespanSeconds: last - first, params: main })).toBe(expected);
    expect(permittedDifficultyTransition(main, 2016, bits, expected)).toBe(true);
  });

  test("never exceeds 256 bits on the networks that retarget", () => {
    for (const { powLimit, targetTimespanSeconds } of [
      main,
      TESTNET3.params,
      TESTNET4.params,
      signetNetwork().params,
    ]) {
      expect(powLimit * BigInt(4 * targetTimespanSeconds) < 1n << 256n).toBe(true);
    }
  });

  test("permits no step beyond a factor of four, and none inside a period", () => {
    expect(permittedDifficultyTransition(main, 68544, 0x1c05a3f4, 0x1c0168fd - 1)).toBe(false);
    expect(permittedDifficultyTransition(main, 46368, 0x1c387f6f, 0x1d00e1fd + 1)).toBe(false);
    expect(permittedDifficultyTransition(main, 68545, 0x1c05a3f4, 0x1c05a3f4)).toBe(true);
    expect(permittedDifficultyTransition(main, 68545, 0x1c05a3f4, 0x1c05a3f5)).toBe(false);
    expect(permittedDifficultyTransition(main, 2016, LOWEST, LOWEST)).toBe(true);
    expect(permittedDifficultyTransition(main, 2016, LOWEST, LOWEST + 1)).toBe(false);
    expect(permittedDifficultyTransition(TESTNET3.params, 68545, 0x1c05a3f4, LOWEST)).toBe(true);
  });

  test("looks at 2,016 blocks, though it measures 2,015 intervals", () => {
    const spacing = 300;
    const chain = chainOf(2016, (height) => ({ time: 1_600_000_000 + height * spacing, bits: 0x1b0404cb }));
    const tip = chain[2015]!;
    expect(nextWorkRequired(tip, { time: 0 }, main)).toBe(
      adjustedBits({ bits: 0x1b0404cb, timespanSeconds: 2015 * spacing, params: main }),
    );
    expect(nextWorkRequired(chain[2014]!, { time: 0 }, main)).toBe(0x1b0404cb);
  });

  test("does not happen on regtest", () => {
    const { params } = regtestNetwork();
    expect(difficultyInterval(params)).toBe(144);
    const chain = chainOf(144, (height) => ({ time: height, bits: 0x207fffff }));
    expect(nextWorkRequired(chain[143]!, { time: 144 }, params)).toBe(0x207fffff);
  });
});

describe("testnet's lowest difficulty", () => {
  const { params } = TESTNET3;
  const hard = 0x1c00ffff;
  const chain = chainOf(2020, (height) => ({
    time: height * 600,
    // The last two blocks used the exception.
    bits: height > 2017 ? LOWEST : hard,
  }));
  const tip = chain.at(-1)!;

  test("is for blocks that come more than twenty minutes late", () => {
    expect(nextWorkRequired(tip, { time: tip.header.time + 1201 }, params)).toBe(LOWEST);
    expect(nextWorkRequired(tip, { time: tip.header.time + 1200 }, params)).toBe(hard);
  });

  test("is looked through, back to the period's first block", () => {
    const atBoundary = extendChain(chain.slice(0, 2016), 3, (height) => ({ time: height * 600, bits: LOWEST }));
    expect(nextWorkRequired(atBoundary.at(-1)!, { time: 0 }, params)).toBe(LOWEST);
  });

  test("carries over a retarget on testnet3, not on testnet4 (BIP94)", () => {
    const late = extendChain(chain, 2012, (height) => ({ time: height * 600, bits: height === 4031 ? LOWEST : hard }));
    const last = late[4031]!;
    const timespanSeconds = 2015 * 600;
    expect(nextWorkRequired(last, { time: 0 }, params)).toBe(adjustedBits({ bits: LOWEST, timespanSeconds, params }));
    expect(nextWorkRequired(last, { time: 0 }, TESTNET4.params)).toBe(
      adjustedBits({ bits: hard, timespanSeconds, params }),
    );
    expect(nextWorkRequired(last, { time: 0 }, main)).toBe(adjustedBits({ bits: LOWEST, timespanSeconds, params }));
  });
});

describe("equivalent time", () => {
  test("is what the work between two blocks would take", () => {
    const chain = chainOf(100, () => ({ bits: 0x207fffff }));
    expect(equivalentSeconds(chain[80]!, chain[20]!, chain[99]!, main)).toBe(60 * 600);
    expect(equivalentSeconds(chain[20]!, chain[80]!, chain[99]!, main)).toBe(-60 * 600);
  });
});

describe.skipIf(!hasVectors)("an alternate mainnet of 2,016 mined blocks (needs the vectors)", () => {
  test("connects header by header, four times harder after the first period", () => {
    const { timestamps, nonces } = JSON.parse(new TextDecoder().decode(readVector("core/mainnet_alt.json"))) as {
      timestamps: number[];
      nonces: number[];
    };
    const scriptPubKey = fromHex("76a914eadbac7f36c37e39361168b7aaee3cb24a25312d88ac");
    const chain: ChainLink[] = [];
    appendLink(chain, main.genesis.header);
    for (let height = 1; height <= 2016; height++) {
      const previous = chain.at(-1)!;
      const time = timestamps[height - 1]!;
      const bits = nextWorkRequired(previous, { time }, main);
      expect(bits).toBe(height < 2016 ? LOWEST : 0x1c3fffc0);
      const first = coinbase(height, { outputs: [output(5_000_000_000n, scriptPubKey)] });
      const scriptSig = height <= 16 ? Uint8Array.of(0x50 + height, 0x00) : first.inputs[0]!.scriptSig.slice(0, -1);
      const tx = coinbase(height, { ...first, inputs: [{ ...first.inputs[0]!, scriptSig }] });
      const { header } = blockOf([tx], {
        previousBlockHash: previous.header.hash,
        time,
        bits,
        nonce: nonces[height - 1]!,
      });
      const block = new Block(header, [tx]);
      expect(checkBlockHeader(header, main)).toBeUndefined();
      expect(contextualCheckBlockHeader(header, previous, main, time)).toBeUndefined();
      expect(contextualCheckBlock(block, previous, main)).toBeUndefined();
      appendLink(chain, header);
    }
    expect(workOfBits(chain[2016]!.header.bits)).toBe(4n * workOfBits(LOWEST));
    const reject = contextualCheckBlockHeader(
      linkAt(0, { bits: LOWEST, time: timestamps[2015]! }).header,
      chain[2015]!,
      main,
      timestamps[2015]!,
    );
    expect(reject?.reason).toBe("bad-diffbits");
  });
});
