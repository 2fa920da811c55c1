import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { describe, expect, test } from "vitest";
import type { Chain } from "./chain.ts";
import type { ChainEvent } from "./chain-events.ts";
import {
  coinsOf,
  GENESIS,
  inTemporaryDirectory,
  mine,
  mineMany,
  mineSpending,
  openTestChain,
  rewardOf,
  spend,
  submitAll,
  type Tip,
} from "./test-kit.ts";

const hex = (tip: Tip) => displayHash(tip.block.hash);
const tipOf = (chain: Chain) => displayHash(chain.tip.hash);
/** What happened, in short: `+5` for connected at height 5, `-5` for disconnected. */
const movesOf = (events: readonly ChainEvent[]) =>
  events.flatMap((event) => {
    if (event.type === "block-connected") return [`+${event.entry.height}`];
    return event.type === "block-disconnected" ? [`-${event.entry.height}`] : [];
  });

function record(chain: Chain): ChainEvent[] {
  const events: ChainEvent[] = [];
  chain.events.subscribe((event) => void events.push(event));
  return events;
}

describe("branches of equal work", () => {
  test("the first seen stays the tip; one more block moves it", async () => {
    await inTemporaryDirectory(async (path) => {
      const { chain } = await openTestChain(path);
      const a = mineMany(GENESIS, 3, { salt: 1 });
      const b = mineMany(GENESIS, 4, { salt: 2 });
      await submitAll(chain, a);
      const events = record(chain);
      expect(await submitAll(chain, b.slice(0, 3))).toMatchObject({ accepted: true, isNew: true, isChecked: false });
      expect(tipOf(chain)).toBe(hex(a[2]!));
      expect(chain.tips().map(({ status, branchLength }) => [status, branchLength])).toEqual(
        expect.arrayContaining([
          ["active", 0],
          ["valid-headers", 3],
        ]),
      );
      expect(await chain.submitBlock(b[3]!.block)).toMatchObject({ isChecked: true });
      expect(tipOf(chain)).toBe(hex(b[3]!));
      await chain.events.drained();
      expect(movesOf(events)).toEqual(["-3", "-2", "-1", "+1", "+2", "+3", "+4"]);
      const changes = events.filter((event) => event.type === "tip-changed");
      expect(changes.map(({ entry, fork }) => [entry.height, fork?.height])).toEqual([[4, 0]]);
      expect(chain.tips().map(({ status, branchLength }) => [status, branchLength])).toEqual([
        ["active", 0],
        ["valid-fork", 3],
      ]);
      await chain.close();
    });
  });

  test("after a restart the tip of before stays, whatever its hash", async () => {
    await inTemporaryDirectory(async (path) => {
      for (let salt = 1; salt <= 4; salt++) {
        const first = await openTestChain(`${path}/${salt}`);
        await submitAll(first.chain, [mine(GENESIS, { salt }), mine(GENESIS, { salt: salt + 10 })]);
        const before = tipOf(first.chain);
        await first.chain.close();
        const second = await openTestChain(`${path}/${salt}`);
        expect(tipOf(second.chain)).toBe(before);
        await second.chain.close();
      }
    });
  });
});

describe("the warning of an invalid chain", () => {
  const isWarned = (chain: { warnings(): readonly string[] }) => chain.warnings().length > 0;

  test("counts the blocks above the invalid one, stays until the tip moves, and is there after a restart", async () => {
    await inTemporaryDirectory(async (path) => {
      const { chain } = await openTestChain(path);
      const bad = mine(GENESIS, { coinbaseValue: 5_000_000_001n });
      const above = mineMany(bad, 6);
      await chain.submitHeaders([bad, ...above].map(({ block }) => block.header));
      for (const tip of above) await chain.submitBlock(tip.block);
      await chain.submitBlock(bad.block);
      expect(isWarned(chain)).toBe(true);
      await chain.close();

      const again = (await openTestChain(path)).chain;
      expect(isWarned(again)).toBe(true);
      const [good] = mineMany(GENESIS, 1, { salt: 9 });
      await again.submitBlock(good!.block);
      // Six blocks more than the tip's, no longer more than six.
      expect(isWarned(again)).toBe(false);
      await again.close();
    });
  });

  test("counts side branches that the operator's invalid block takes with it", async () => {
    await inTemporaryDirectory(async (path) => {
      const { chain } = await openTestChain(path);
      const main = mineMany(GENESIS, 12, { salt: 1 });
      await submitAll(chain, [...main, ...mineMany(main[5]!, 5, { salt: 2 })]);
      await chain.invalidateBlock(main[2]!.block.hash);
      // Nobody looked since: as in Core, the next invalid block brings it up.
      expect(isWarned(chain)).toBe(false);
      await chain.submitBlock(mine(main[1]!, { coinbaseValue: 5_000_000_001n }).block);
      expect(isWarned(chain)).toBe(true);
      await chain.reconsiderBlock(main[2]!.block.hash);
      expect(isWarned(chain)).toBe(false);
      await chain.close();
    });
  });

  test("does not count headers above an invalid block whose data never came", async () => {
    await inTemporaryDirectory(async (path) => {
      const { chain } = await openTestChain(path);
      const bad = mine(GENESIS, { coinbaseValue: 5_000_000_001n });
      await chain.submitHeaders([bad, ...mineMany(bad, 8)].map(({ block }) => block.header));
      await chain.submitBlock(bad.block);
      expect(isWarned(chain)).toBe(false);
      await chain.close();
    });
  });
});

describe("a better branch with an invalid block in it", () => {
  test("is left for the best valid one, and its descendants are marked", async () => {
    await inTemporaryDirectory(async (path) => {
      const { chain, log } = await openTestChain(path);
      const a = mineMany(GENESIS, 5, { salt: 1 });
      const good = mineMany(GENESIS, 3, { salt: 2 });
      const bad = mine(good.at(-1)!, { coinbaseValue: 5_000_000_001n });
      const above = mineMany(bad, 4, { salt: 2 });
      await submitAll(chain, a);
      const coins = await coinsOf(chain);
      const events = record(chain);
      // In an order in which the invalid block is tried only once its branch is the best by far.
      await chain.submitHeaders([...good, bad, ...above].map(({ block }) => block.header));
      expect(displayHash(chain.bestHeader.hash)).toBe(hex(above[3]!));
      for (const tip of above) expect((await chain.submitBlock(tip.block)).reject).toBeUndefined();
      await chain.submitBlock(bad.block);
      for (const tip of good) await chain.submitBlock(tip.block);
      expect(tipOf(chain)).toBe(hex(a[4]!));
      expect(await coinsOf(chain)).toEqual(coins);
      expect(chain.find(above[3]!.block.hash)!.isInvalid).toBe(true);
      expect(chain.find(good[2]!.block.hash)!.isInvalid).toBe(false);
      expect(displayHash(chain.bestHeader.hash)).toBe(hex(a[4]!));
      expect(chain.tips().map(({ status }) => status)).toEqual(["invalid", "active"]);
      expect(log.lines.filter((line) => line.startsWith("InvalidChainFound: invalid block="))).toEqual([
        expect.stringContaining(`InvalidChainFound: invalid block=${hex(bad)} height=4 `),
        expect.stringContaining(`InvalidChainFound: invalid block=${hex(above[3]!)} height=8 `),
      ]);
      await chain.events.drained();
      const [rejected] = events.flatMap((event) =>
        event.type === "block-checked" && event.reject !== undefined ? [event.reject] : [],
      );
      expect(rejected?.reason).toBe("bad-cb-amount");
      expect(movesOf(events)).toEqual([
        ...["-5", "-4", "-3", "-2", "-1", "+1", "+2", "+3"],
        ...["-3", "-2", "-1", "+1", "+2", "+3", "+4", "+5"],
      ]);
      expect(await chain.verify(4, 0)).toBe(true);
      await chain.close();
      const again = await openTestChain(path, { checkLevel: 4, checkBlocks: 0 });
      expect(tipOf(again.chain)).toBe(hex(a[4]!));
      expect(again.chain.find(above[3]!.block.hash)!.isInvalid).toBe(true);
      await again.chain.close();
    });
  });

  test("directly on the tip gives way to the next branch that waits", async () => {
    await inTemporaryDirectory(async (path) => {
      const { chain } = await openTestChain(path);
      const [first, second] = mineMany(GENESIS, 2, { salt: 1 });
      const bad = mine(first!, { coinbaseValue: 5_000_000_001n });
      const above = mine(bad);
      await chain.submitHeaders([first!, bad, above, second!].map(({ block }) => block.header));
      for (const { block } of [above, bad, second!]) await chain.submitBlock(block);
      expect(chain.height).toBe(0);
      await chain.submitBlock(first!.block);
      expect(tipOf(chain)).toBe(hex(second!));
      await chain.close();
    });
  });

  test("nobody sees a chain with less work on the way", async () => {
    await inTemporaryDirectory(async (path) => {
      const { chain } = await openTestChain(path);
      await submitAll(chain, mineMany(GENESIS, 40, { salt: 1 }));
      const other = mineMany(GENESIS, 41, { salt: 2 });
      const seen = new Set<number>();
      let isDone = false;
      const watching = (async () => {
        while (!isDone) {
          seen.add(chain.height);
          await new Promise((resolve) => setImmediate(resolve));
        }
      })();
      await submitAll(chain, other);
      isDone = true;
      await watching;
      expect([...seen]).toEqual([40, 41]);
      await chain.close();
    });
  });
});

describe("taking blocks back and connecting them again", () => {
  test("leaves the coins as they were, within one block and across", async () => {
    await inTemporaryDirectory(async (path) => {
      const { chain } = await openTestChain(path);
      const rewards = mineMany(GENESIS, 101);
      const spending = mineSpending(rewards, 20);
      await submitAll(chain, rewards);
      const atFork = await coinsOf(chain);
      await submitAll(chain, spending);
      const atTip = await coinsOf(chain);
      expect(atTip).not.toEqual(atFork);
      await chain.invalidateBlock(spending[0]!.block.hash);
      expect(chain.height).toBe(101);
      expect(await coinsOf(chain)).toEqual(atFork);
      await chain.reconsiderBlock(spending[0]!.block.hash);
      expect(chain.height).toBe(121);
      expect(await coinsOf(chain)).toEqual(atTip);
      expect(await chain.verify(4, 0)).toBe(true);
      await chain.close();
    });
  });

  test("works over a flush and a restart between", async () => {
    await inTemporaryDirectory(async (path) => {
      const rewards = mineMany(GENESIS, 105);
      const a = mineSpending(rewards, 6, 1);
      const b = mineSpending(rewards, 9, 2);
      const first = await openTestChain(path);
      await submitAll(first.chain, [...rewards, ...a]);
      await first.chain.flush();
      await submitAll(first.chain, b.slice(0, 5));
      await first.chain.close();
      const second = await openTestChain(path);
      expect(tipOf(second.chain)).toBe(hex(a.at(-1)!));
      await submitAll(second.chain, b.slice(5));
      expect(tipOf(second.chain)).toBe(hex(b.at(-1)!));
      const coins = await coinsOf(second.chain);
      await second.chain.close();

      const other = await openTestChain(`${path}/other`);
      await submitAll(other.chain, [...rewards, ...b]);
      expect(await coinsOf(other.chain)).toEqual(coins);
      await other.chain.close();
    });
  });

  test("works for a thousand blocks at once, with a cache that holds only some", async () => {
    await inTemporaryDirectory(async (path) => {
      const { chain } = await openTestChain(path, { cacheBytes: 400_000 });
      const common = mineMany(GENESIS, 100);
      const a = mineMany(common.at(-1)!, 1000, { salt: 1 });
      const b = mineMany(common.at(-1)!, 1001, { salt: 2 });
      await submitAll(chain, [...common, ...a]);
      await submitAll(chain, b);
      expect(tipOf(chain)).toBe(hex(b.at(-1)!));
      expect((await coinsOf(chain)).count).toBe(1101);
      await chain.close();
      const again = await openTestChain(path, { checkLevel: 4, checkBlocks: 0 });
      expect(tipOf(again.chain)).toBe(hex(b.at(-1)!));
      await again.chain.close();
    });
  }, 60_000);
});

describe("the operator's word", () => {
  test("invalidateBlock leaves for the next best branch; reconsiderBlock returns, also by a descendant", async () => {
    await inTemporaryDirectory(async (path) => {
      const { chain } = await openTestChain(path);
      const a = mineMany(GENESIS, 6, { salt: 1 });
      const b = mineMany(GENESIS, 4, { salt: 2 });
      await submitAll(chain, [...a, ...b]);
      expect(await chain.invalidateBlock(a[1]!.block.hash)).toEqual({ ok: true });
      expect(tipOf(chain)).toBe(hex(b[3]!));
      expect((await chain.submitBlock(mine(a[5]!).block)).reject?.reason).toBe("bad-prevblk");
      expect(await chain.reconsiderBlock(a[5]!.block.hash)).toEqual({ ok: true });
      expect(tipOf(chain)).toBe(hex(a[5]!));
      expect(chain.tips().every(({ status }) => status !== "invalid")).toBe(true);
      await chain.close();
    });
  });

  test("invalidateBlock of a block off the active chain marks it and its descendants, and nothing moves", async () => {
    await inTemporaryDirectory(async (path) => {
      const { chain } = await openTestChain(path);
      const a = mineMany(GENESIS, 3, { salt: 1 });
      const b = mineMany(GENESIS, 3, { salt: 2 });
      await submitAll(chain, [...a, ...b]);
      await chain.invalidateBlock(b[1]!.block.hash);
      expect(tipOf(chain)).toBe(hex(a[2]!));
      expect(b.map(({ block }) => chain.find(block.hash)!.isInvalid)).toEqual([false, true, true]);
      await chain.close();
    });
  });

  test("an invalidated tip stays left over a restart", async () => {
    await inTemporaryDirectory(async (path) => {
      const a = mineMany(GENESIS, 3);
      const { chain } = await openTestChain(path);
      await submitAll(chain, a);
      await chain.invalidateBlock(a[2]!.block.hash);
      await chain.close();
      const again = await openTestChain(path);
      expect(tipOf(again.chain)).toBe(hex(a[1]!));
      await again.chain.close();
    });
  });

  test("genesis and unknown blocks", async () => {
    await inTemporaryDirectory(async (path) => {
      const { chain } = await openTestChain(path);
      await submitAll(chain, mineMany(GENESIS, 2));
      expect(await chain.invalidateBlock(GENESIS.block.hash)).toEqual({ ok: true });
      expect(chain.height).toBe(2);
      const unknown = mine(GENESIS, { salt: 9 }).block.hash;
      for (const answer of [
        await chain.invalidateBlock(unknown),
        await chain.reconsiderBlock(unknown),
        await chain.preciousBlock(unknown),
      ])
        expect(answer).toMatchObject({ ok: false, reject: { kind: "not-found", reason: "Block not found" } });
      await chain.close();
    });
  });

  test("preciousBlock prefers among equals, the last call most, and never less work", async () => {
    await inTemporaryDirectory(async (path) => {
      const { chain } = await openTestChain(path);
      const [a, b, c] = [1, 2, 3].map((salt) => mineMany(GENESIS, 2, { salt }));
      const short = mine(GENESIS, { salt: 4 });
      await submitAll(chain, [...a!, ...b!, ...c!, short]);
      expect(tipOf(chain)).toBe(hex(a![1]!));
      await chain.preciousBlock(b![1]!.block.hash);
      expect(tipOf(chain)).toBe(hex(b![1]!));
      await chain.preciousBlock(c![1]!.block.hash);
      expect(tipOf(chain)).toBe(hex(c![1]!));
      await chain.preciousBlock(a![1]!.block.hash);
      expect(tipOf(chain)).toBe(hex(a![1]!));
      await chain.preciousBlock(short.block.hash);
      expect(tipOf(chain)).toBe(hex(a![1]!));
      // More work beats precious.
      await submitAll(chain, [mine(b![1]!)]);
      expect(chain.height).toBe(3);
      await chain.preciousBlock(a![1]!.block.hash);
      expect(chain.height).toBe(3);
      await chain.close();
    });
  });
});

test("a transaction that is in both branches, spent in one, comes out right", async () => {
  await inTemporaryDirectory(async (path) => {
    const { chain } = await openTestChain(path);
    const rewards = mineMany(GENESIS, 102);
    await submitAll(chain, rewards);
    const shared = spend([rewardOf(rewards[0]!)]);
    const child = spend([{ outPoint: { txid: shared.txid, index: 0 }, output: shared.outputs[0]! }]);
    const fork = rewards.at(-1)!;
    const a = mine(fork, { transactions: [shared, child], salt: 1 });
    const b1 = mine(fork, { transactions: [shared], salt: 2 });
    const b2 = mine(b1, { salt: 2 });
    await submitAll(chain, [a, b1, b2]);
    expect(tipOf(chain)).toBe(hex(b2));
    expect(await chain.coins.get({ txid: shared.txid, index: 0 })).toMatchObject({ height: 103 });
    expect(await chain.coins.get({ txid: child.txid, index: 0 })).toBeUndefined();
    expect(await chain.verify(4, 0)).toBe(true);
    await chain.close();
  });
});
