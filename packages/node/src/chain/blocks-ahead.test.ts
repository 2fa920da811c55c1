import { Block } from "@bitfleet/protocol/primitives/block.ts";
import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { describe, expect, test } from "vitest";
import type { ScriptFailure, ScriptVerifier, TransactionScripts } from "../ports.ts";
import { AHEAD_BLOCKS_MAX } from "./blocks-ahead.ts";
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
  spendableOf,
  submitAll,
  type TestChain,
  type Tip,
} from "./test-kit.ts";

const REWARDS = mineMany(GENESIS, 102);
const SPENDING = mineSpending(REWARDS, 40);

/** Holds scripts back until told, and says which are wrong. */
class SlowScripts implements ScriptVerifier {
  readonly waiting: { readonly txid: string; readonly answer: (failure?: ScriptFailure) => void }[] = [];
  mostAtOnce = 0;

  verifyAll(transactions: readonly TransactionScripts[]): Promise<ScriptFailure | undefined> {
    if (transactions.length === 0) return Promise.resolve(undefined);
    const txid = displayHash(transactions[0]!.tx.txid);
    return new Promise((resolve) => {
      this.waiting.push({ txid, answer: resolve });
      this.mostAtOnce = Math.max(this.mostAtOnce, this.waiting.length);
    });
  }

  async close(): Promise<void> {}
}

/** As many turns of the event loop as any step of the chain takes that waits for nothing outside. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
}

async function withChain(work: (opened: TestChain) => Promise<void>, scripts?: ScriptVerifier): Promise<void> {
  await inTemporaryDirectory(async (path) => {
    const opened = await openTestChain(path, {}, scripts && { scriptVerifier: scripts });
    await submitAll(opened.chain, REWARDS);
    await work(opened);
    await opened.chain.close();
    expect(opened.fatal()).toBeUndefined();
  });
}

/** Another block under the same hash: the header does not commit to what is behind the signature. */
function withLongerWitness({ header, transactions }: Block): Block {
  const { version, inputs, outputs, lockTime } = transactions.at(-1)!;
  const longer = inputs.map((input) => ({ ...input, witness: [...input.witness, Uint8Array.of(1)] }));
  return new Block(header, [
    ...transactions.slice(0, -1),
    new Transaction({ version, inputs: longer, outputs, lockTime }),
  ]);
}

const submitAtOnce = ({ chain }: TestChain, tips: readonly Tip[]) =>
  Promise.all(tips.map(({ block }) => chain.submitBlock(block)));

describe("blocks that come in a row during the initial download", () => {
  test("end with the same coins as one after the other, though each spends what the one before made", async () => {
    let expected: Awaited<ReturnType<typeof coinsOf>> | undefined;
    await withChain(async ({ chain }) => {
      await submitAll(chain, SPENDING);
      expected = await coinsOf(chain);
    });
    await withChain(async (opened) => {
      const outcomes = await submitAtOnce(opened, SPENDING);
      for (const outcome of outcomes) expect(outcome).toMatchObject({ accepted: true, isNew: true, isChecked: true });
      expect(opened.chain.height).toBe(142);
      expect(await coinsOf(opened.chain)).toEqual(expected);
    });
  });

  test("have their scripts run at once, as many as may be under trial, and connect in order whichever is done first", async () => {
    const scripts = new SlowScripts();
    await withChain(async (opened) => {
      const { chain } = opened;
      const done = submitAtOnce(opened, SPENDING.slice(0, AHEAD_BLOCKS_MAX + 4));
      await settle();
      expect(scripts.waiting.length).toBe(AHEAD_BLOCKS_MAX);
      const first = scripts.waiting.shift()!;
      for (const { answer } of scripts.waiting.splice(0)) answer();
      await settle();
      expect(chain.height).toBe(102);
      first.answer();
      await settle();
      expect(chain.height).toBe(102 + AHEAD_BLOCKS_MAX);
      expect(scripts.waiting.length).toBe(4);
      for (const { answer } of scripts.waiting.splice(0).reverse()) answer();
      await done;
      expect(chain.height).toBe(102 + AHEAD_BLOCKS_MAX + 4);
      expect(scripts.mostAtOnce).toBe(AHEAD_BLOCKS_MAX);
    }, scripts);
  });

  test("stop before one whose script fails; what was tried on top of it leaves nothing", async () => {
    let expected: Awaited<ReturnType<typeof coinsOf>> | undefined;
    await withChain(async ({ chain }) => {
      await submitAll(chain, SPENDING.slice(0, 5));
      expected = await coinsOf(chain);
    });
    await withChain(async (opened) => {
      const { chain } = opened;
      const bad = mine(SPENDING[4]!, { transactions: [spend([rewardOf(REWARDS[7]!)], { badSignature: true })] });
      const outcomes = await submitAtOnce(opened, [...SPENDING.slice(0, 5), bad, ...mineMany(bad, 3)]);
      expect(outcomes[4]).toMatchObject({ accepted: true, isChecked: true });
      expect(outcomes[5]).toMatchObject({ isChecked: true, reject: { kind: "consensus" } });
      expect(outcomes[5]!.reject!.reason).toMatch(/^block-script-verify-flag-failed/);
      for (const outcome of outcomes.slice(6)) expect(outcome.isChecked).toBe(false);
      expect(chain.height).toBe(107);
      expect(await coinsOf(chain)).toEqual(expected);
      // Those on top are invalid with it, and the good branch goes on.
      expect(chain.find(outcomes[8]!.entry!.hash)!.isInvalid).toBe(true);
      expect(await submitAll(chain, SPENDING.slice(5))).toMatchObject({ accepted: true, isChecked: true });
      expect(chain.height).toBe(142);
    });
  });

  test("may not spend what one before them, not yet connected, has spent", async () => {
    await withChain(async (opened) => {
      const coin = rewardOf(REWARDS[0]!);
      const once = mine(REWARDS.at(-1)!, { transactions: [spend([coin])] });
      const again = mine(once, { transactions: [spend([coin], { fee: 5000n })] });
      const outcomes = await submitAtOnce(opened, [SPENDING[0]!, once, again, mine(again)]);
      expect(opened.chain.height).toBe(103);
      const reject = { reason: "bad-txns-inputs-missingorspent" };
      // The other branch has more work; its second block fails, and the first one alone is no better than the old tip.
      expect(outcomes[1]).toMatchObject({ accepted: true, isChecked: true });
      expect(outcomes[2]).toMatchObject({ isChecked: true, reject });
      expect(displayHash(opened.chain.tip.hash)).toBe(displayHash(SPENDING[0]!.block.hash));
    });
  });

  test("may spend what one before them has made in the meantime, spent there or not", async () => {
    await withChain(async (opened) => {
      const split = spend([rewardOf(REWARDS[0]!)], { outputCount: 3 });
      const inner = spend([spendableOf(split, 0)]);
      const first = mine(REWARDS.at(-1)!, { transactions: [split, inner] });
      const second = mine(first, { transactions: [spend([spendableOf(split, 1), spendableOf(inner, 0)])] });
      const third = mine(second, { transactions: [spend([spendableOf(split, 2)])] });
      const fourth = mine(third, { transactions: [spend([spendableOf(split, 0)])] });
      const outcomes = await submitAtOnce(opened, [first, second, third, fourth]);
      expect(outcomes.map(({ reject }) => reject?.reason)).toEqual([
        undefined,
        undefined,
        undefined,
        "bad-txns-inputs-missingorspent",
      ]);
      expect(opened.chain.height).toBe(105);
    });
  });

  test("are tried as they were stored, though a copy with other witnesses came along", async () => {
    for (const order of ["copy behind", "copy first"]) {
      await withChain(async (opened) => {
        const real = SPENDING[0]!;
        const copy: Tip = { block: withLongerWitness(real.block), height: real.height };
        const tips = order === "copy first" ? [copy, real, copy] : [real, copy];
        const outcomes = await submitAtOnce(opened, [...tips, SPENDING[1]!]);
        expect(opened.chain.height).toBe(104);
        expect(opened.chain.find(real.block.hash)!.isInvalid).toBe(false);
        const expected = [
          { accepted: true, isNew: true, isChecked: true },
          { accepted: true, isNew: false, isChecked: false },
          { accepted: true, isNew: true, isChecked: true },
        ];
        expect(outcomes.slice(-3)).toMatchObject(expected);
        for (const outcome of outcomes.slice(-3)) expect(outcome.reject).toBeUndefined();
        if (order === "copy first") expect(outcomes[0]).toMatchObject({ accepted: false, reject: { kind: "mutated" } });
      });
    }
  });

  test("that come twice tell the first one what came out", async () => {
    await withChain(async (opened) => {
      const bad = mine(SPENDING[0]!, { transactions: [spend([rewardOf(REWARDS[7]!)], { badSignature: true })] });
      const outcomes = await submitAtOnce(opened, [SPENDING[0]!, SPENDING[0]!, bad, bad]);
      expect(outcomes[0]).toMatchObject({ accepted: true, isNew: true, isChecked: true });
      expect(outcomes[1]).toMatchObject({ accepted: true, isNew: false, isChecked: false });
      expect(outcomes[2]).toMatchObject({ isNew: true, isChecked: true, reject: { kind: "consensus" } });
      expect(outcomes[3]).toMatchObject({ isNew: false, isChecked: false });
    });
  });

  test("are connected again from disk the same way", async () => {
    await withChain(async (opened) => {
      const { chain } = opened;
      await submitAll(chain, SPENDING);
      const expected = await coinsOf(chain);
      const bottom = chain.find(SPENDING[0]!.block.hash)!;
      expect(await chain.invalidateBlock(bottom.hash)).toEqual({ ok: true });
      expect(chain.height).toBe(102);
      expect(await chain.reconsiderBlock(bottom.hash)).toEqual({ ok: true });
      expect(chain.height).toBe(142);
      expect(await coinsOf(chain)).toEqual(expected);
    });
  });
});

test("a chain that is done with the initial download takes one block after the other", async () => {
  const scripts = new SlowScripts();
  await withChain(async (opened) => {
    opened.clock.seconds = SPENDING.at(-1)!.block.header.time;
    await opened.chain.submitBlock(mine(REWARDS.at(-1)!, { time: opened.clock.seconds }).block);
    expect(opened.chain.isInitialBlockDownload).toBe(false);
    const base = mine(REWARDS.at(-1)!, { time: opened.clock.seconds });
    const next = mine(base, { transactions: [spend([rewardOf(REWARDS[1]!)])] });
    const last = mine(next, { transactions: [spend([rewardOf(REWARDS[2]!)])] });
    const done = submitAtOnce(opened, [next, last]);
    await settle();
    expect(scripts.waiting.length).toBe(1);
    scripts.waiting.shift()!.answer();
    await settle();
    expect(opened.chain.height).toBe(104);
    scripts.waiting.shift()!.answer();
    await done;
    expect(opened.chain.height).toBe(105);
    expect(scripts.mostAtOnce).toBe(1);
  }, scripts);
});
