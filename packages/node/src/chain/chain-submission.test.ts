import { Block, BlockHeader } from "@bitfleet/protocol/primitives/block.ts";
import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { describe, expect, test } from "vitest";
import { UNREQUESTED_BLOCKS_AHEAD_MAX } from "./accept-block.ts";
import type { ChainEvent } from "./chain-events.ts";
import { LANE_TASKS_MAX } from "./lane.ts";
import {
  coinsOf,
  GENESIS,
  inTemporaryDirectory,
  mine,
  mineMany,
  openTestChain,
  rewardOf,
  spend,
  submitAll,
  type TestChain,
  type Tip,
} from "./test-kit.ts";

const TWO_HOURS_SECONDS = 2 * 60 * 60;

function withChain(work: (opened: TestChain) => Promise<void>, options = {}): Promise<void> {
  return inTemporaryDirectory(async (path) => {
    const opened = await openTestChain(path, options);
    await work(opened);
    await opened.chain.close();
  });
}

/** Chain of 102 blocks, and a block on it with two spends. */
async function matureChain({ chain }: TestChain): Promise<{ readonly tip: Tip; readonly next: Tip }> {
  const rewards = mineMany(GENESIS, 102);
  await submitAll(chain, rewards);
  const transactions = [spend([rewardOf(rewards[0]!)]), spend([rewardOf(rewards[1]!)])];
  return { tip: rewards.at(-1)!, next: mine(rewards.at(-1)!, { transactions }) };
}

describe("a block whose data is not what the header commits to", () => {
  test("with transactions repeated so that the merkle root is the same (CVE-2012-2459) does not spoil the real one", async () => {
    await withChain(async (opened) => {
      const { chain } = opened;
      const { next } = await matureChain(opened);
      const { header, transactions } = next.block;
      const mutated = new Block(header, [...transactions, transactions[2]!]);
      expect(await chain.submitBlock(mutated)).toMatchObject({
        accepted: false,
        reject: { kind: "mutated", reason: "bad-txns-duplicate" },
      });
      expect(chain.find(header.hash)).toBeUndefined();
      expect(await chain.submitBlock(next.block)).toMatchObject({ accepted: true, isNew: true, isChecked: true });
      expect(chain.height).toBe(103);
    });
  });

  test("with other witnesses does not spoil the real one, though its header is known by then", async () => {
    await withChain(async (opened) => {
      const { chain } = opened;
      const { next } = await matureChain(opened);
      const { header, transactions } = next.block;
      const [coinbase, first, second] = transactions;
      const inputs = first!.inputs.map((input) => ({ ...input, witness: [new Uint8Array([1])] }));
      const changed = new Transaction({ ...first!, version: 2, inputs, outputs: first!.outputs, lockTime: 0 });
      const { reject } = await chain.submitBlock(new Block(header, [coinbase!, changed, second!]));
      expect(reject).toMatchObject({ kind: "mutated", reason: "bad-witness-merkle-match" });
      expect(chain.find(header.hash)?.isInvalid).toBe(false);
      expect(await chain.submitBlock(next.block)).toMatchObject({ accepted: true, isNew: true, isChecked: true });
    });
  });

  test("with another merkle root is refused and leaves no trace", async () => {
    await withChain(async (opened) => {
      const { chain } = opened;
      const { next } = await matureChain(opened);
      const { header, transactions } = next.block;
      const { reject } = await chain.submitBlock(new Block(header, transactions.slice(0, 2)));
      expect(reject).toMatchObject({ kind: "mutated", reason: "bad-txnmrklroot" });
      expect(await chain.submitBlock(next.block)).toMatchObject({ accepted: true, isNew: true });
    });
  });
});

describe("answers to a block", () => {
  test("that is known, has no known previous block, or has no proof of work", async () => {
    await withChain(async ({ chain }) => {
      const [first, second, third] = mineMany(GENESIS, 3);
      await chain.submitBlock(first!.block);
      expect(await chain.submitBlock(first!.block)).toMatchObject({ accepted: true, isNew: false, isChecked: false });
      expect(await chain.submitBlock(GENESIS.block)).toMatchObject({ accepted: true, isNew: false });
      expect((await chain.submitBlock(third!.block)).reject).toMatchObject({
        kind: "missing-previous",
        reason: "prev-blk-not-found",
      });
      let nonce = 0;
      const weak = () => new BlockHeader({ ...headerFields(second!.block.header), nonce });
      while (weak().hash.at(-1)! < 0x80) nonce++;
      expect((await chain.submitBlock(new Block(weak(), second!.block.transactions))).reject?.reason).toBe("high-hash");
      expect(chain.height).toBe(1);
    });
  });

  test("from the future: refused until its time has come", async () => {
    await withChain(async ({ chain, clock }) => {
      const late = mine(GENESIS, { time: clock.seconds + TWO_HOURS_SECONDS + 1 });
      expect((await chain.submitBlock(late.block)).reject).toMatchObject({
        kind: "time-future",
        reason: "time-too-new",
      });
      clock.seconds += 1;
      expect(await chain.submitBlock(late.block)).toMatchObject({ accepted: true, isNew: true });
    });
  });

  test("that breaks a rule which needs the chain: invalid for good, with what builds on it", async () => {
    await withChain(async ({ chain }) => {
      // BIP34: the height of the block after.
      const [first, second] = mineMany(GENESIS, 2);
      const wrongHeight = mine({ block: first!.block, height: 5 });
      expect((await chain.submitBlock(first!.block)).reject).toBeUndefined();
      expect((await chain.submitBlock(wrongHeight.block)).reject?.reason).toBe("bad-cb-height");
      expect(chain.find(wrongHeight.block.hash)?.isInvalid).toBe(true);
      expect((await chain.submitBlock(wrongHeight.block)).reject?.reason).toBe("duplicate-invalid");
      expect((await chain.submitBlock(mine(wrongHeight).block)).reject?.reason).toBe("bad-prevblk");
      expect((await chain.submitHeader(mine(wrongHeight).block.header)).reject?.reason).toBe("bad-prevblk");
      expect(await chain.submitBlock(second!.block)).toMatchObject({ accepted: true, isNew: true });
    });
  });

  test("that nobody asked for: kept from the tip's work up, and near it", async () => {
    const ahead = UNREQUESTED_BLOCKS_AHEAD_MAX;
    const tips = mineMany(GENESIS, ahead + 2, { salt: 1 });
    await withChain(async ({ chain }) => {
      await chain.submitHeaders(tips.map(({ block }) => block.header));
      await chain.submitBlock(tips[0]!.block);
      const weak = mine(GENESIS, { salt: 2 });
      expect(await chain.submitBlock(weak.block, { requested: false })).toMatchObject({ isNew: true });
      await chain.submitBlock(tips[1]!.block);
      const weaker = mine(GENESIS, { salt: 3 });
      expect(await chain.submitBlock(weaker.block, { requested: false })).toMatchObject({
        accepted: true,
        isNew: false,
      });
      expect(chain.find(weaker.block.hash)?.hasData).toBe(false);
      expect(await chain.submitBlock(weaker.block, { requested: true })).toMatchObject({ isNew: true });
      // The tip is at height 2.
      const far = tips[ahead + 1]!;
      expect(far.height).toBe(ahead + 2);
      expect(await chain.submitBlock(far.block, { requested: false })).toMatchObject({ isNew: true });
    });
    await withChain(async ({ chain }) => {
      await chain.submitHeaders(tips.map(({ block }) => block.header));
      await chain.submitBlock(tips[0]!.block);
      expect(await chain.submitBlock(tips[ahead + 1]!.block, { requested: false })).toMatchObject({ isNew: false });
      expect(await chain.submitBlock(tips[ahead]!.block, { requested: false })).toMatchObject({ isNew: true });
    });
  });

  test("that nobody asked for, on a chain with less work than there is known to be", async () => {
    await withChain(
      async ({ chain }) => {
        const [first] = mineMany(GENESIS, 1);
        expect(await chain.submitBlock(first!.block, { requested: false })).toMatchObject({ isNew: false });
        expect(await chain.submitBlock(first!.block)).toMatchObject({ isNew: true });
      },
      { minimumChainwork: 1_000n },
    );
  });

  test("that come too fast: the lane is bounded", async () => {
    await withChain(async ({ chain }) => {
      const { block } = mine(GENESIS);
      const answers = await Promise.all(Array.from({ length: LANE_TASKS_MAX + 3 }, () => chain.submitBlock(block)));
      expect(answers.filter(({ reject }) => reject?.kind === "busy").length).toBe(3);
      expect(answers.filter(({ isNew }) => isNew).length).toBe(1);
      expect(chain.isBusy).toBe(false);
    });
  });
});

describe("headers", () => {
  test("are taken in order, up to the first that is refused; the best is announced once", async () => {
    await withChain(async ({ chain }) => {
      const events: ChainEvent[] = [];
      chain.events.subscribe((event) => void events.push(event));
      const tips = mineMany(GENESIS, 4);
      const headers = tips.map(({ block }) => block.header);
      expect(await chain.submitHeaders(headers.slice(0, 3))).toMatchObject({ accepted: true, last: { height: 3 } });
      expect(chain.bestHeader.height).toBe(3);
      expect(chain.height).toBe(0);
      const stranger = mine(mine(GENESIS, { salt: 7 })).block.header;
      const answer = await chain.submitHeaders([headers[3]!, stranger, headers[0]!]);
      expect(answer).toMatchObject({ accepted: false, last: { height: 4 }, reject: { reason: "prev-blk-not-found" } });
      const low = await chain.submitHeader(mine(tips[3]!).block.header, { minPowChecked: false });
      expect(low.reject).toMatchObject({ kind: "header-low-work", reason: "too-little-chainwork" });
      await chain.events.drained();
      expect(events.map((event) => event.type === "header-tip" && event.entry.height)).toEqual([3, 4]);
      expect(chain.tips().map(({ status, entry }) => [status, entry.height])).toEqual([
        ["headers-only", 4],
        ["active", 0],
      ]);
    });
  });

  test("whose blocks come in any order connect when the first arrives", async () => {
    await withChain(async ({ chain }) => {
      const tips = mineMany(GENESIS, 5);
      await chain.submitHeaders(tips.map(({ block }) => block.header));
      for (const { block } of tips.slice(1).reverse()) await chain.submitBlock(block);
      expect(chain.height).toBe(0);
      await chain.submitBlock(tips[0]!.block);
      expect(chain.height).toBe(5);
    });
  });
});

test("testBlock tells what is wrong with a block on the tip, and changes nothing", async () => {
  await withChain(async (opened) => {
    const { chain } = opened;
    const { tip, next } = await matureChain(opened);
    const coins = await coinsOf(chain);
    expect(await chain.testBlock(next.block)).toBeUndefined();
    const greedy = mine(tip, { coinbaseValue: 5_000_000_001n });
    expect((await chain.testBlock(greedy.block))?.reason).toBe("bad-cb-amount");
    expect((await chain.testBlock(tip.block))?.reason).toBe("inconclusive-not-best-prevblk");
    const bad = mine(tip, { transactions: [spend([rewardOf(tip)])] });
    expect((await chain.testBlock(bad.block))?.reason).toBe("bad-txns-premature-spend-of-coinbase");
    const unsigned = new Block(
      new BlockHeader({ ...headerFields(next.block.header), nonce: 0 }),
      next.block.transactions,
    );
    expect((await chain.testBlock(unsigned, { checkPow: false, checkMerkleRoot: false }))?.reason).toBeUndefined();
    expect(chain.height).toBe(102);
    expect(chain.find(next.block.hash)).toBeUndefined();
    expect(await coinsOf(chain)).toEqual(coins);
  });
});

describe("initial block download", () => {
  test("ends for good when the tip is recent and has enough work", async () => {
    await withChain(
      async ({ chain, clock, log }) => {
        const [first] = mineMany(GENESIS, 1, { time: clock.seconds - 101 });
        await chain.submitBlock(first!.block);
        expect(chain.isInitialBlockDownload).toBe(true);
        const second = mine(first!, { time: clock.seconds - 100 });
        await chain.submitBlock(second.block);
        expect(chain.isInitialBlockDownload).toBe(false);
        expect(log.lines).toContain("Leaving InitialBlockDownload (latching to false)");
        clock.seconds += 1_000_000;
        expect(chain.isInitialBlockDownload).toBe(false);
      },
      { maxTipAgeSeconds: 100 },
    );
    await withChain(
      async ({ chain, clock }) => {
        const [first, second] = mineMany(GENESIS, 2, { time: clock.seconds });
        await chain.submitBlock(first!.block);
        expect(chain.isInitialBlockDownload).toBe(true);
        await chain.submitBlock(mine(first!, { time: second!.block.header.time + 1 }).block);
        expect(chain.isInitialBlockDownload).toBe(false);
      },
      // Genesis and two blocks have 6.
      { minimumChainwork: 6n },
    );
  });
});

describe("scripts below the block that is assumed valid", () => {
  test("are skipped two weeks of work deep on the best header chain, and only there", async () => {
    const rewards = mineMany(GENESIS, 101);
    const bad = mine(rewards.at(-1)!, { transactions: [spend([rewardOf(rewards[0]!)], { badSignature: true })] });
    // 2016 blocks above it are two weeks exactly, which is not more than two weeks.
    const above = mineMany(bad, 2017);
    const assumeValid = above[5]!.block.hash;
    const headers = [...rewards, bad, ...above].map(({ block }) => block.header);
    for (const { headerCount, assumed, isValid } of [
      { headerCount: headers.length, assumed: assumeValid, isValid: true },
      { headerCount: headers.length - 1, assumed: assumeValid, isValid: false },
      { headerCount: headers.length, assumed: rewards.at(-1)!.block.hash, isValid: false },
      { headerCount: headers.length, assumed: "none" as const, isValid: false },
    ]) {
      await withChain(
        async ({ chain }) => {
          await chain.submitHeaders(headers.slice(0, headerCount));
          await submitAll(chain, rewards);
          const { reject } = await chain.submitBlock(bad.block);
          expect(reject === undefined).toBe(isValid);
          expect(displayHash(chain.tip.hash) === displayHash(bad.block.hash)).toBe(isValid);
        },
        { assumeValid: assumed },
      );
    }
  });
});

function headerFields({ version, previousBlockHash, merkleRoot, time, bits, nonce }: BlockHeader) {
  return { version, previousBlockHash, merkleRoot, time, bits, nonce };
}
