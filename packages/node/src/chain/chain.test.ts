import { regtestNetwork } from "@bitfleet/protocol/consensus/networks.ts";
import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { describe, expect, test } from "vitest";
import {
  coinsOf,
  GENESIS,
  inTemporaryDirectory,
  ManualClock,
  mine,
  mineMany,
  mineSpending,
  openTestChain,
  rewardOf,
  spend,
  submitAll,
} from "./test-kit.ts";

describe("a fresh directory", () => {
  test("has genesis, no coins, and opens again", async () => {
    await inTemporaryDirectory(async (path) => {
      const first = await openTestChain(path);
      expect(displayHash(first.chain.tip.hash)).toBe(displayHash(GENESIS.block.hash));
      expect(first.chain.height).toBe(0);
      expect((await coinsOf(first.chain)).count).toBe(0);
      expect(await first.chain.verify(4, 0)).toBe(true);
      await first.chain.close();
      const second = await openTestChain(path);
      expect(second.chain.height).toBe(0);
      expect((await second.chain.readBlock(second.chain.tip)).transactions.length).toBe(1);
      await second.chain.close();
    });
  });

  test("has genesis whatever rules begin with it", async () => {
    for (const rule of ["bip34", "dersig", "cltv", "csv", "segwit"]) {
      await inTemporaryDirectory(async (path) => {
        const { chain } = await openTestChain(path, { network: regtestNetwork({ activationHeights: { [rule]: 0 } }) });
        expect(await submitAll(chain, mineMany(GENESIS, 2))).toMatchObject({ accepted: true, isChecked: true });
        expect(chain.height).toBe(2);
        await chain.close();
      });
    }
  });
});

describe("a chain with spends", () => {
  test("grows, is logged as Core logs it, and stays over a restart", async () => {
    await inTemporaryDirectory(async (path) => {
      const { chain, log } = await openTestChain(path);
      const rewards = mineMany(GENESIS, 101);
      const spending = mineSpending(rewards, 10);
      const answer = await submitAll(chain, [...rewards, ...spending]);
      expect(answer).toMatchObject({ accepted: true, isNew: true, isChecked: true });
      expect(answer.reject).toBeUndefined();
      expect(chain.height).toBe(111);
      const line = log.lines.findLast((text) => text.startsWith("UpdateTip"));
      expect(line).toMatch(
        /^UpdateTip: new best=[0-9a-f]{64} height=111 version=0x20000000 log2_work=7\.807355 tx=141 date='2011-02-03T\d\d:\d\d:\d\dZ' progress=\d\.\d{6} cache=\d+\.\dMiB\(\d+txo\)$/,
      );
      const coins = await coinsOf(chain);
      expect(await chain.verify(4, 0)).toBe(true);
      await chain.close();
      const again = await openTestChain(path, { checkLevel: 4, checkBlocks: 0 });
      expect(again.chain.height).toBe(111);
      expect(await coinsOf(again.chain)).toEqual(coins);
      await again.chain.close();
    });
  });

  test("refuses a bad signature with Core's words and stays where it is", async () => {
    await inTemporaryDirectory(async (path) => {
      const { chain } = await openTestChain(path);
      const rewards = mineMany(GENESIS, 101);
      await submitAll(chain, rewards);
      const bad = mine(rewards.at(-1)!, { transactions: [spend([rewardOf(rewards[0]!)], { badSignature: true })] });
      const answer = await chain.submitBlock(bad.block);
      expect(answer).toMatchObject({ accepted: true, isNew: true, isChecked: true });
      expect(answer.reject?.reason).toMatch(/^block-script-verify-flag-failed \(/);
      expect(chain.height).toBe(101);
      expect((await chain.submitBlock(bad.block)).reject).toMatchObject({
        kind: "cached-invalid",
        reason: "duplicate-invalid",
      });
      const child = mine(bad);
      expect((await chain.submitBlock(child.block)).reject).toMatchObject({ reason: "bad-prevblk" });
      await chain.close();
    });
  });
});

test("a tip more than two hours ahead of the clock ends the start, two hours exactly do not", async () => {
  await inTemporaryDirectory(async (path) => {
    const { chain } = await openTestChain(path);
    await submitAll(chain, [mine(GENESIS)]);
    const { time } = chain.tip;
    await chain.close();
    const at = (seconds: number) => openTestChain(path, {}, { clock: Object.assign(new ManualClock(), { seconds }) });
    await expect(at(time - 7201)).rejects.toThrow(
      /^The block database contains a block which appears to be from the future\..*\nPlease restart with -reindex or/,
    );
    const { chain: again } = await at(time - 7200);
    expect(again.height).toBe(1);
    await again.close();
  });
});

test("blocks from before BIP141 held for them must be had again when it does", async () => {
  await inTemporaryDirectory(async (path) => {
    const later = regtestNetwork({ activationHeights: { segwit: 3 } });
    const { chain } = await openTestChain(path, { network: later });
    const strip = (list: readonly Transaction[]) =>
      list.map(({ version, inputs, outputs, lockTime }) => {
        return new Transaction({
          version,
          inputs: inputs.map((input) => ({ ...input, witness: [] })),
          outputs,
          lockTime,
        });
      });
    await submitAll(chain, mineMany(GENESIS, 2, { spoil: strip }));
    expect(chain.height).toBe(2);
    await chain.close();
    await expect(openTestChain(path)).rejects.toThrow(
      "Witness data for blocks after height 0 requires validation. Please restart with -reindex.",
    );
    const again = await openTestChain(path, { network: later });
    expect(again.chain.height).toBe(2);
    await again.chain.close();
  });
});

test("-stopatheight tells when the tip is there, while blocks come and while a rebuild connects them", async () => {
  await inTemporaryDirectory(async (path) => {
    let calls = 0;
    const deps = { onStopHeight: () => void calls++ };
    const { chain } = await openTestChain(path, { stopAtHeight: 3 }, deps);
    const tips = mineMany(GENESIS, 5);
    await submitAll(chain, tips.slice(0, 2));
    expect(calls).toBe(0);
    await submitAll(chain, tips.slice(2, 3));
    expect(calls).toBe(1);
    await chain.close();
    const other = await openTestChain(path);
    await submitAll(other.chain, tips.slice(3));
    await other.chain.close();
    const rebuilt = await openTestChain(path, { stopAtHeight: 3, reindex: "chainstate" }, deps);
    expect(calls).toBe(2);
    expect(rebuilt.chain.height).toBe(3);
    await rebuilt.chain.close();
  });
});
