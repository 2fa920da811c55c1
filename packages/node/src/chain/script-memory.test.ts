import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { MANDATORY_SCRIPT_FLAGS, ScriptFlag, STANDARD_SCRIPT_FLAGS } from "@bitfleet/protocol/script/flags.ts";
import { describe, expect, test } from "vitest";
import type { ScriptFailure, ScriptVerifier, TransactionScripts } from "../ports.ts";
import { ScriptMemory } from "./script-memory.ts";
import { GENESIS, mineMany, rewardOf, spend } from "./test-kit.ts";

const ENTRY_BYTES = 130;
const COINS = mineMany(GENESIS, 4).map(rewardOf);
const ALL: readonly TransactionScripts[] = COINS.map((coin) => ({ tx: spend([coin]), spentOutputs: [coin.output] }));
const [A, B, C, D] = ALL as [TransactionScripts, TransactionScripts, TransactionScripts, TransactionScripts];

/** Notes what it is asked to check. */
class NotingVerifier implements ScriptVerifier {
  asked: { readonly txids: readonly string[]; readonly flags: number }[] = [];
  failure: ScriptFailure | undefined;

  async verifyAll(transactions: readonly TransactionScripts[], flags: number): Promise<ScriptFailure | undefined> {
    this.asked.push({ txids: transactions.map(({ tx }) => displayHash(tx.txid)), flags });
    return this.failure;
  }

  async close(): Promise<void> {}
}

function rig(entries = 100) {
  const verifier = new NotingVerifier();
  const memory = new ScriptMemory(entries * ENTRY_BYTES);
  return { verifier, memory, mempool: memory.remembering(verifier), chain: memory.recalling(verifier) };
}

/** Which of `transactions` the chain has checked. */
async function checkedByChain(
  { verifier, chain }: ReturnType<typeof rig>,
  transactions: readonly TransactionScripts[],
  flags: number,
) {
  verifier.asked = [];
  await chain.verifyAll(transactions, flags);
  return transactions.filter(({ tx }) => verifier.asked.some(({ txids }) => txids.includes(displayHash(tx.txid))));
}

describe("scripts that passed once", () => {
  test("are not run again under the same flags or fewer", async () => {
    const all = rig();
    await all.mempool.verifyAll([B], STANDARD_SCRIPT_FLAGS);
    expect(await checkedByChain(all, ALL, STANDARD_SCRIPT_FLAGS)).toEqual([A, C, D]);
    expect(await checkedByChain(all, ALL, MANDATORY_SCRIPT_FLAGS)).toEqual([A, C, D]);
    expect(await checkedByChain(all, [B], ScriptFlag.P2SH)).toEqual([]);
    expect(await checkedByChain(all, [B], 0)).toEqual([]);
  });

  test("are run again where a flag is there that was not, as when a fork becomes active", async () => {
    const all = rig();
    const before = MANDATORY_SCRIPT_FLAGS & ~ScriptFlag.TAPROOT;
    await all.mempool.verifyAll([A], before);
    expect(await checkedByChain(all, [A], MANDATORY_SCRIPT_FLAGS)).toEqual([A]);
    expect(await checkedByChain(all, [A], before)).toEqual([]);
  });

  test("count for the flags of the last time alone: two passes do not add up", async () => {
    const all = rig();
    await all.mempool.verifyAll([A], ScriptFlag.P2SH);
    await all.mempool.verifyAll([A], ScriptFlag.DERSIG);
    expect(await checkedByChain(all, [A], ScriptFlag.P2SH | ScriptFlag.DERSIG)).toEqual([A]);
    expect(await checkedByChain(all, [A], ScriptFlag.DERSIG)).toEqual([]);
  });

  test("are those of one witness: the same transaction with another one is checked", async () => {
    const all = rig();
    await all.mempool.verifyAll([A], STANDARD_SCRIPT_FLAGS);
    const { version, inputs, outputs, lockTime } = A.tx;
    const other = new Transaction({
      version,
      inputs: inputs.map((input) => ({ ...input, witness: [Uint8Array.of(1), ...input.witness.slice(1)] })),
      outputs,
      lockTime,
    });
    expect(displayHash(other.txid)).toBe(displayHash(A.tx.txid));
    const twin = { tx: other, spentOutputs: A.spentOutputs };
    expect(await checkedByChain(all, [twin], MANDATORY_SCRIPT_FLAGS)).toEqual([twin]);
  });

  test("are remembered by the mempool's checks alone", async () => {
    const all = rig();
    await all.chain.verifyAll([A], MANDATORY_SCRIPT_FLAGS);
    expect(all.memory.size).toBe(0);
    expect(await checkedByChain(all, [A], MANDATORY_SCRIPT_FLAGS)).toEqual([A]);
  });
});

test("a failure is not remembered, and is told with its place in the block", async () => {
  const all = rig();
  all.verifier.failure = { transactionIndex: 0, inputIndex: 3, error: "EVAL_FALSE" };
  expect(await all.mempool.verifyAll([A], STANDARD_SCRIPT_FLAGS)).toEqual(all.verifier.failure);
  expect(all.memory.size).toBe(0);
  all.verifier.failure = undefined;
  await all.mempool.verifyAll([A], STANDARD_SCRIPT_FLAGS);
  await all.mempool.verifyAll([C], STANDARD_SCRIPT_FLAGS);
  // Of A, B, C, D the chain checks B and D: the second of these is the fourth.
  all.verifier.failure = { transactionIndex: 1, inputIndex: 0, error: "EVAL_FALSE" };
  expect(await all.chain.verifyAll(ALL, MANDATORY_SCRIPT_FLAGS)).toMatchObject({ transactionIndex: 3, inputIndex: 0 });
});

describe("its memory", () => {
  test("holds as many as fit, and forgets the oldest", async () => {
    const all = rig(2);
    for (const scripts of [A, B]) await all.mempool.verifyAll([scripts], STANDARD_SCRIPT_FLAGS);
    expect(await checkedByChain(all, [A, B], MANDATORY_SCRIPT_FLAGS)).toEqual([]);
    // Passing once more makes it young again.
    await all.mempool.verifyAll([A], STANDARD_SCRIPT_FLAGS);
    await all.mempool.verifyAll([C], STANDARD_SCRIPT_FLAGS);
    expect(all.memory.size).toBe(2);
    expect(await checkedByChain(all, [A, B, C], MANDATORY_SCRIPT_FLAGS)).toEqual([B]);
  });

  test("may be none", async () => {
    const all = rig(0);
    await all.mempool.verifyAll([A], STANDARD_SCRIPT_FLAGS);
    expect(all.memory.size).toBe(0);
    expect(await checkedByChain(all, [A], MANDATORY_SCRIPT_FLAGS)).toEqual([A]);
  });
});
