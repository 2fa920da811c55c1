import { MAINNET, networkByName, TESTNET3 } from "@bitfleet/protocol/consensus/networks.ts";
import { bitsFromTarget, targetFromBits } from "@bitfleet/protocol/consensus/pow.ts";
import { hasVectors, readRealBlock } from "@bitfleet/protocol/consensus/test-kit.ts";
import { BlockHeader, encodeBlockHeader } from "@bitfleet/protocol/primitives/block.ts";
import { merkleRoot } from "@bitfleet/protocol/primitives/merkle.ts";
import { merkleBranch } from "@bitfleet/protocol/primitives/merkle-branch.ts";
import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { describe, expect, test } from "vitest";
import { flawOfPlace, headerFromServer, isTooEasy } from "./block-proof.ts";

const REGTEST = networkByName("regtest")!;
const SIGNET = networkByName("signet")!;

const changed = (bytes: Uint8Array, at: number) => bytes.map((byte, place) => (place === at ? byte ^ 1 : byte));

describe.skipIf(!hasVectors)("real blocks (need the vectors)", () => {
  const cases = [
    ["mainnet-300025", MAINNET.params],
    ["mainnet-413567", MAINNET.params],
    ["mainnet-482683", MAINNET.params],
    ["testnet3-928816", TESTNET3.params],
  ] as const;

  test.each(cases)("%s: its header shows its work, and any other bytes do not", (name, params) => {
    const { header } = readRealBlock(name);
    const block = { hash: header.hash, height: Number(name.split("-")[1]) };
    const bytes = encodeBlockHeader(header);
    expect(headerFromServer(bytes, block, params)).toMatchObject({ bits: header.bits, time: header.time });
    for (const at of [0, 4, 36, 68, 72, 76, 79]) {
      const other = changed(bytes, at);
      expect(headerFromServer(other, block, params)).toBe("other-block");
      // A block of that header was never mined: it has a hash, and no work.
      const { hash } = new BlockHeader({ ...header, nonce: header.nonce ^ 1 });
      expect(
        headerFromServer(encodeBlockHeader({ ...header, nonce: header.nonce ^ 1 }), { ...block, hash }, params),
      ).toBe("no-work");
    }
    for (const wrong of [bytes.slice(1), new Uint8Array([...bytes, 0]), new Uint8Array()])
      expect(headerFromServer(wrong, block, params)).toBe("other-block");
  });

  test.each(cases)("%s: shows each of its transactions, and none of others", (name) => {
    const { header, transactions } = readRealBlock(name);
    const txids = transactions.map(({ txid }) => txid);
    for (const index of [0, 1, txids.length - 1]) {
      const one = transactions[index]!;
      const branch = merkleBranch(txids, index);
      expect(flawOfPlace(one, header, { kind: "branch", index, branch })).toBeUndefined();
      expect(flawOfPlace(one, header, { kind: "txids", txids })).toBeUndefined();
      expect(flawOfPlace(one, header, { kind: "branch", index: index ^ 1, branch })).toBe("not-in-it");
      const wrong = branch.map((hash, level) => (level === 0 ? changed(hash, 31) : hash));
      expect(flawOfPlace(one, header, { kind: "branch", index, branch: wrong })).toBe("not-in-it");
      // Lists that lack it, that have something more, and the right one of another block's header.
      expect(flawOfPlace(one, header, { kind: "txids", txids: txids.toSpliced(index, 1) })).toBe("not-in-it");
      expect(flawOfPlace(one, header, { kind: "txids", txids: [...txids, txids[0]!] })).toBe("not-in-it");
      const other = { merkleRoot: MAINNET.params.genesis.header.merkleRoot };
      expect(flawOfPlace(one, other, { kind: "txids", txids })).toBe("not-in-it");
      expect(flawOfPlace(one, other, { kind: "branch", index, branch })).toBe("not-in-it");
    }
    const [other] = MAINNET.params.genesis.transactions as [Transaction];
    expect(flawOfPlace(other, header, { kind: "txids", txids })).toBe("not-in-it");
  });

  test("a header of 2014 is none of 2024, whose blocks took ten thousand times its work", () => {
    const { header } = readRealBlock("mainnet-300025");
    const [bytes, { hash }] = [encodeBlockHeader(header), header];
    expect(headerFromServer(bytes, { hash, height: 300_025 }, MAINNET.params)).toHaveProperty("bits");
    expect(headerFromServer(bytes, { hash, height: 399_999 }, MAINNET.params)).toHaveProperty("bits");
    expect(headerFromServer(bytes, { hash, height: 400_000 }, MAINNET.params)).toBe("too-easy");
    expect(headerFromServer(bytes, { hash, height: 2_000_000 }, MAINNET.params)).toBe("too-easy");
  });
});

test("a target is no easier than the network's easiest: a block of a development network is none of the main one", () => {
  const { header } = REGTEST.params.genesis;
  const block = { hash: header.hash, height: 0 };
  expect(headerFromServer(encodeBlockHeader(header), block, REGTEST.params)).toHaveProperty("bits");
  for (const { params } of [MAINNET, TESTNET3, SIGNET])
    expect(headerFromServer(encodeBlockHeader(header), block, params)).toBe("no-work");
});

test.each([
  ["zero", 0],
  ["negative", 0x1d80ffff],
  ["beyond 256 bits", 0xff123456],
])("a target that is %s is none", (_what, bits) => {
  const header = new BlockHeader({ ...REGTEST.params.genesis.header, bits });
  expect(headerFromServer(encodeBlockHeader(header), { hash: header.hash, height: 0 }, REGTEST.params)).toBe("no-work");
});

describe("on the main network a block is at most four times as easy as one long before it", () => {
  const bits = 0x17034219;
  const easiest = targetFromBits(bits).target * 4n;

  test("both sides of the edge", () => {
    expect(isTooEasy({ bits: bitsFromTarget(easiest) }, 840_000, MAINNET.params)).toBe(false);
    const easier = bitsFromTarget(easiest + (1n << 170n));
    expect(isTooEasy({ bits: easier }, 840_000, MAINNET.params)).toBe(true);
    expect(isTooEasy({ bits: easier }, 839_999, MAINNET.params)).toBe(false);
  });

  test("but not below the height of the first one that is known, nor on networks whose blocks may be easy at any time", () => {
    const easy = { bits: bitsFromTarget(MAINNET.params.powLimit) };
    expect(isTooEasy(easy, 99_999, MAINNET.params)).toBe(false);
    expect(isTooEasy(easy, 100_000, MAINNET.params)).toBe(true);
    for (const { params } of [TESTNET3, SIGNET, REGTEST]) expect(isTooEasy(easy, 5_000_000, params)).toBe(false);
  });
});

test("a transaction that could be a node of the tree shows nothing, wherever it is (CVE-2017-12842)", () => {
  const made = (scriptSize: number) =>
    new Transaction({
      version: 1,
      inputs: [
        {
          previousOutput: { txid: new Uint8Array(32).fill(7) as never, index: 0 },
          scriptSig: new Uint8Array(scriptSize),
          sequence: 0,
          witness: [],
        },
      ],
      outputs: [{ value: 5n, scriptPubKey: new Uint8Array() }],
      lockTime: 0,
    });
  for (const [size, flaw] of [
    [3, undefined],
    [4, "not-in-it"],
    [5, undefined],
  ] as const) {
    const one = made(size);
    const header = { merkleRoot: merkleRoot([one.txid]).root };
    expect(flawOfPlace(one, header, { kind: "branch", index: 0, branch: [] })).toBe(flaw);
    expect(flawOfPlace(one, header, { kind: "txids", txids: [one.txid] })).toBe(flaw);
  }
});
