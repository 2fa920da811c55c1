import { networkByName } from "@bitfleet/protocol/consensus/networks.ts";
import type { ConsensusParams } from "@bitfleet/protocol/consensus/params.ts";
import {
  bitsFromTarget,
  checkProofOfWork,
  difficultyInterval,
  targetFromBits,
} from "@bitfleet/protocol/consensus/pow.ts";
import { BlockHeader, encodeBlockHeader } from "@bitfleet/protocol/primitives/block.ts";
import type { BlockHash, MerkleRoot } from "@bitfleet/protocol/primitives/types.ts";
import { describe, expect, test } from "vitest";
import { LinkedHeaders } from "./linked-headers.ts";

const { params } = networkByName("regtest")!;
const EASIEST = bitsFromTarget(params.powLimit);
/** As on networks whose difficulty may change only between two periods, here of eight blocks; the arithmetic has room for four times that. */
const strict: ConsensusParams = {
  ...{ ...params, allowMinimumDifficultyBlocks: false, noRetargeting: false },
  ...{ targetTimespanSeconds: 8, targetSpacingSeconds: 1 },
};

function mined(previousBlockHash: BlockHash, { bits = EASIEST, branch = 0, works = true } = {}): BlockHeader {
  const merkleRoot = new Uint8Array(32).fill(branch) as MerkleRoot;
  for (let nonce = 0; ; nonce++) {
    const header = new BlockHeader({ version: 4, previousBlockHash, merkleRoot, time: 1, bits, nonce });
    if (checkProofOfWork(header.hash, bits, params) === works) return header;
  }
}

/** From a block up, as many as there are bits. */
function chain(from: BlockHash, options: readonly Parameters<typeof mined>[1][]): BlockHeader[] {
  const headers: BlockHeader[] = [];
  for (const option of options) headers.push(mined(headers.at(-1)?.hash ?? from, option));
  return headers;
}

const GENESIS = params.genesis.header.hash;
const tipOf = (headers: readonly BlockHeader[], height: number) => ({ hash: headers.at(-1)!.hash, height });
const takeAll = (links: LinkedHeaders, headers: readonly BlockHeader[]) =>
  headers.toReversed().map((header) => links.take(encodeBlockHeader(header)));

describe("headers from the newest block down", () => {
  const five = chain(
    GENESIS,
    Array.from({ length: 5 }, () => ({})),
  );

  test("link one to the other", () => {
    const links = new LinkedHeaders(tipOf(five, 5), params);
    expect([links.nextHeight, links.headerAt(5), links.headerAt(6)]).toEqual([5, undefined, undefined]);
    expect(takeAll(links, five)).toEqual([undefined, undefined, undefined, undefined, undefined]);
    expect(links.nextHeight).toBe(0);
    expect([1, 3, 5].map((height) => links.headerAt(height)!.hash)).toEqual([
      five[0]!.hash,
      five[2]!.hash,
      five[4]!.hash,
    ]);
    expect(links.headerAt(0)).toBeUndefined();
  });

  test("not those of another chain, of no work, or cut short, and the right one is still taken then", () => {
    const links = new LinkedHeaders(tipOf(five, 5), params);
    links.take(encodeBlockHeader(five[4]!));
    const beside = mined(five[2]!.hash, { branch: 9 });
    expect(links.take(encodeBlockHeader(beside))).toBe("other-block");
    expect(links.take(encodeBlockHeader(five[2]!))).toBe("other-block");
    expect(links.take(encodeBlockHeader(five[3]!).slice(1))).toBe("other-block");
    expect(links.nextHeight).toBe(4);
    expect(links.take(encodeBlockHeader(five[3]!))).toBeUndefined();
    expect(links.nextHeight).toBe(3);
    const idle = mined(GENESIS, { works: false });
    const upon = mined(idle.hash);
    const made = new LinkedHeaders(tipOf([upon], 2), params);
    expect(takeAll(made, [idle, upon])).toEqual([undefined, "no-work"]);
  });

  test("of which only new ones are asked for when blocks come, and what a reorganisation has changed", () => {
    const links = new LinkedHeaders(tipOf(five, 5), params);
    takeAll(links, five);
    const longer = [...five, ...chain(five[4]!.hash, [{}, {}])];
    links.begin(tipOf(longer, 7));
    expect([links.nextHeight, links.headerAt(5)]).toEqual([7, undefined]);
    expect(takeAll(links, longer.slice(5))).toEqual([undefined, undefined]);
    expect([links.nextHeight, links.headerAt(1)!.hash]).toEqual([0, five[0]!.hash]);

    const fork = chain(five[1]!.hash, [{ branch: 1 }, { branch: 1 }, { branch: 1 }, { branch: 1 }]);
    links.begin(tipOf(fork, 6));
    expect(takeAll(links, fork)).toEqual([undefined, undefined, undefined, undefined]);
    expect([links.nextHeight, links.headerAt(3)!.hash, links.headerAt(2)!.hash]).toEqual([
      0,
      fork[0]!.hash,
      five[1]!.hash,
    ]);
    // And back: nothing at all.
    links.begin(tipOf(longer, 7));
    expect([links.nextHeight, links.headerAt(3)!.hash]).toEqual([0, five[2]!.hash]);
  });
});

describe("the difficulty", () => {
  const period = difficultyInterval(strict);
  const usual = bitsFromTarget(1n << 249n);
  const harder = bitsFromTarget(targetFromBits(usual).target / 4n);
  const tooHard = bitsFromTarget(targetFromBits(usual).target / 5n);
  const flawAt = (height: number, bits: number, rules = strict) => {
    const headers = chain(GENESIS, [{ bits: usual }, { bits }]);
    return takeAll(new LinkedHeaders(tipOf(headers, height), rules), headers)[1];
  };

  test("changes between two periods alone", () => {
    expect(flawAt(period - 1, harder)).toBe("bits");
    expect(flawAt(period, harder)).toBeUndefined();
    expect(flawAt(period + 1, harder)).toBe("bits");
    expect(flawAt(period + 1, usual)).toBeUndefined();
  });

  test("and by a factor of four at most", () => {
    expect(flawAt(period, tooHard)).toBe("bits");
    const headers = chain(GENESIS, [{ bits: tooHard }, { bits: usual }]);
    expect(takeAll(new LinkedHeaders(tipOf(headers, period), strict), headers)[1]).toBe("bits");
  });

  test("but on networks where a late block may be easy", () => {
    expect(flawAt(period + 1, harder, params)).toBeUndefined();
  });

  test("and on signets, which may have periods of their own", () => {
    expect(flawAt(period + 1, harder, { ...strict, network: "signet" })).toBeUndefined();
  });
});
