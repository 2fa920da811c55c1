import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { expect, test } from "vitest";
import type { Chain } from "./chain.ts";
import {
  coinsOf,
  GENESIS,
  inTemporaryDirectory,
  mineMany,
  mineSpending,
  openTestChain,
  submitAll,
  type Tip,
} from "./test-kit.ts";

const hashOf = (tip: Tip) => tip.block.hash;
const tipOf = (chain: Chain) => displayHash(chain.tip.hash);
const hex = (tip: Tip) => displayHash(hashOf(tip));

/** Opens a chain, and again what the first run left. */
const withChain = (work: (chain: Chain, reopen: () => Promise<Chain>) => Promise<void>) =>
  inTemporaryDirectory(async (path) => {
    let { chain } = await openTestChain(path);
    const reopen = async () => {
      await chain.close();
      ({ chain } = await openTestChain(path));
      return chain;
    };
    await work(chain, reopen).finally(() => chain.close());
  });

test("goes back by blocks, and on from there; what was set aside is refused and shown to nobody", async () => {
  await withChain(async (chain) => {
    const old = mineMany(GENESIS, 30, { salt: 1 });
    await submitAll(chain, old);
    expect(await chain.returnTo(hashOf(old[9]!))).toEqual({ ok: true, aside: [hashOf(old[10]!)] });
    expect([tipOf(chain), chain.bestHeader.height]).toEqual([hex(old[9]!), 10]);
    expect(chain.tips().map(({ status }) => status)).toEqual(["active"]);
    expect(chain.warnings()).toEqual([]);
    expect(await chain.submitBlock(old[10]!.block)).toMatchObject({
      accepted: false,
      reject: { kind: "set-aside", reason: "duplicate-invalid" },
    });
    const [next] = mineMany(old.at(-1)!, 1);
    expect(await chain.submitHeader(next!.block.header)).toMatchObject({
      reject: { kind: "set-aside", reason: "bad-prevblk" },
    });
    const others = mineMany(old[9]!, 2, { salt: 2 });
    await submitAll(chain, others);
    expect(tipOf(chain)).toBe(hex(others[1]!));
  });
});

test("goes back to a block that a reorganisation dropped, and forth to one that was set aside", async () => {
  await withChain(async (chain) => {
    const first = mineMany(GENESIS, 5, { salt: 1 });
    await submitAll(chain, first);
    const other = mineMany(first[1]!, 6, { salt: 2 });
    await submitAll(chain, other);
    expect(tipOf(chain)).toBe(hex(other[5]!));
    for (const tip of [first[4]!, other[5]!, first[4]!, other[2]!]) {
      expect(await chain.returnTo(hashOf(tip))).toMatchObject({ ok: true });
      expect(tipOf(chain)).toBe(hex(tip));
    }
    expect(chain.tips().map(({ entry, status }) => [displayHash(entry.hash), status])).toEqual([
      [hex(other[2]!), "active"],
    ]);
  });
});

test("a weaker branch that was there stays what it was; one of equal work makes way", async () => {
  await withChain(async (chain) => {
    const main = mineMany(GENESIS, 4, { salt: 1 });
    await submitAll(chain, main);
    const weak = mineMany(main[0]!, 1, { salt: 2 });
    const equal = mineMany(main[0]!, 2, { salt: 3 });
    await submitAll(chain, [...weak, ...equal]);
    await chain.returnTo(hashOf(main[2]!));
    expect(tipOf(chain)).toBe(hex(main[2]!));
    expect(chain.tips().map(({ entry }) => displayHash(entry.hash))).toEqual([hex(main[2]!), hex(weak[0]!)]);
  });
});

test("takes back what an operator has called invalid", async () => {
  await withChain(async (chain) => {
    const blocks = mineMany(GENESIS, 8, { salt: 1 });
    await submitAll(chain, blocks);
    await chain.invalidateBlock(hashOf(blocks[2]!));
    expect(chain.height).toBe(2);
    await chain.returnTo(hashOf(blocks[5]!));
    expect(tipOf(chain)).toBe(hex(blocks[5]!));
    expect(await chain.reconsiderBlock(hashOf(blocks[7]!))).toEqual({ ok: true });
    expect(tipOf(chain)).toBe(hex(blocks[7]!));
  });
});

test("what was set aside stays so when a block below it is reconsidered, and comes back when it is meant itself", async () => {
  await withChain(async (chain, reopen) => {
    const below = mineMany(GENESIS, 5, { salt: 1 });
    const undone = mineMany(below[4]!, 3, { salt: 2 });
    await submitAll(chain, [...below, ...undone]);
    await chain.returnTo(hashOf(below[4]!));
    // A reorganisation by hand, deeper than the place that was gone back to.
    await chain.invalidateBlock(hashOf(below[3]!));
    const other = mineMany(below[2]!, 3, { salt: 3 });
    await submitAll(chain, other);
    expect(await chain.reconsiderBlock(hashOf(below[3]!))).toEqual({ ok: true });
    expect(tipOf(chain)).toBe(hex(other[2]!));
    expect(chain.tips().map(({ entry, status }) => [displayHash(entry.hash), status])).toEqual([
      [hex(other[2]!), "active"],
      [hex(below[4]!), "valid-fork"],
    ]);
    const again = await reopen();
    expect(await again.reconsiderBlock(hashOf(undone[0]!))).toEqual({ ok: true });
    expect(tipOf(again)).toBe(hex(undone[2]!));
  });
});

test("is on disk when it is done, with the coins of that block", async () => {
  await withChain(async (chain, reopen) => {
    const rewards = mineMany(GENESIS, 101);
    await submitAll(chain, rewards);
    const before = await coinsOf(chain);
    const spending = mineSpending(rewards, 12);
    await submitAll(chain, spending);
    await chain.returnTo(hashOf(rewards[100]!));
    expect(await coinsOf(chain)).toEqual(before);
    const again = await reopen();
    expect(tipOf(again)).toBe(hex(rewards[100]!));
    expect(again.warnings()).toEqual([]);
    expect(await again.submitBlock(spending[0]!.block)).toMatchObject({ reject: { kind: "set-aside" } });
  });
});

test("a block of which only the header is here: what is in its way goes, and it is the tip when it comes", async () => {
  await withChain(async (chain) => {
    const [first, ...rest] = mineMany(GENESIS, 3, { salt: 1 });
    const rival = mineMany(first!, 5, { salt: 2 });
    await submitAll(chain, [first!, ...rival]);
    for (const { block } of rest) await chain.submitHeader(block.header);
    expect(await chain.returnTo(hashOf(rest[1]!))).toMatchObject({ ok: true });
    expect([tipOf(chain), chain.bestHeader.height]).toEqual([hex(first!), 3]);
    await submitAll(chain, rest);
    expect(tipOf(chain)).toBe(hex(rest[1]!));
  });
});

test("refuses a block that is not known, and changes nothing", async () => {
  await withChain(async (chain) => {
    const blocks = mineMany(GENESIS, 4, { salt: 1 });
    const [stranger] = mineMany(GENESIS, 1, { salt: 3 });
    await submitAll(chain, blocks);
    expect(await chain.returnTo(hashOf(stranger!))).toMatchObject({ ok: false, reject: { kind: "not-found" } });
    expect(tipOf(chain)).toBe(hex(blocks[3]!));
    await chain.returnTo(GENESIS.block.hash);
    expect(chain.height).toBe(0);
  });
});
