import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { Reader } from "@bitfleet/protocol/bytes/cursor.ts";
import { decodeTransaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { writeMempoolFile } from "../packages/node/src/mempool/mempool-file.ts";
import { SequentialWriter } from "../packages/node/src/storage/sequential-file.ts";
import { descendants, mineRewards, splitReward } from "../test/browser/many-payments.ts";

/** Payments of one splitting transaction. */
const SPLIT_COUNT = 5000;
/** Of a split, one payment in so many has descendants, so many in turn: a fifth of all that wait are such. */
const PARENT_EACH = 20;
const CHAIN_LENGTHS = [1, 1, 2, 3, 18] as const;
/** A split's payments with all descendants. */
const GROUP_COUNT = SPLIT_COUNT + (SPLIT_COUNT / PARENT_EACH / CHAIN_LENGTHS.length) * sumOf(CHAIN_LENGTHS);

type Call = Parameters<typeof mineRewards>[0];

/**
 * Fills the mempool of a regtest node with at least `count` transactions of many feerates, as a file of another node's mempool would:
 * sent one by one they take longer. Some are alone, some in chains.
 */
export async function fillMempool(call: Call, count: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "bitfleet-mempool-"));
  try {
    const path = join(folder, "mempool.dat");
    await write(path, await hexOfMany(call, count));
    await call("importmempool", path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function hexOfMany(call: Call, count: number): Promise<readonly string[]> {
  const all: string[] = [];
  for (const reward of await mineRewards(call, Math.ceil(count / GROUP_COUNT))) {
    const payments = await splitReward(call, reward, SPLIT_COUNT);
    const later = payments.flatMap((payment, index) => {
      const length = index % PARENT_EACH === 0 ? CHAIN_LENGTHS[(index / PARENT_EACH) % CHAIN_LENGTHS.length]! : 0;
      return descendants(payment, length);
    });
    all.push(...[...payments, ...later].map(({ hex }) => hex));
  }
  return all;
}

async function write(path: string, hexes: readonly string[]): Promise<void> {
  const file = await SequentialWriter.create(path);
  const timeSeconds = Math.floor(Date.now() / 1000);
  const transactions = hexes.map((hex) => {
    return { tx: decodeTransaction(new Reader(fromHex(hex))), timeSeconds, feeDelta: 0n };
  });
  await writeMempoolFile(file, { transactions, feeDeltas: [], unbroadcast: [] }, undefined);
  await file.commit();
  await file.close();
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
