import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { input, output } from "@bitfleet/protocol/consensus/test-kit.ts";
import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Txid } from "@bitfleet/protocol/primitives/types.ts";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openTestChain, rewardOf, type Spendable, spendableOf, submitAll, type TestChain } from "../chain/test-kit.ts";
import { ANCHOR, anchorChain } from "./acceptance-test-kit.ts";
import { LOAD_ALL, loadMempool } from "./load-mempool.ts";
import type { Mempool } from "./mempool.ts";
import { VERSION_OBFUSCATED, VERSION_PLAIN } from "./mempool-file.ts";
import { MempoolKeeper, type MempoolKeeperOptions } from "./mempool-keeper.ts";
import type { MempoolOptions } from "./mempool-options.ts";
import { openTestMempool } from "./test-kit.ts";

const RIPE_COUNT = 30;
const TIPS = anchorChain(99 + RIPE_COUNT);
const ABSENT = new Uint8Array(32).fill(7) as Txid;
const KEY_STEP = 37;
const NEVER = new AbortController().signal;

let folder: string;
let path: string;
let testChain: TestChain;
/** Every mempool that was opened. */
let opened: Mempool[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "bitfleet-mempool-"));
  path = join(folder, "mempool.dat");
  testChain = await openTestChain(folder);
  await submitAll(testChain.chain, TIPS);
  opened = [];
});
afterEach(async () => {
  for (const mempool of opened) mempool.close();
  await testChain.chain.close();
  await rm(folder, { recursive: true });
});

/** A mempool as after a restart, and its keeper. */
function restart(options: Partial<MempoolKeeperOptions> = {}, mempoolOptions: Partial<MempoolOptions> = {}) {
  const { chain, clock, log } = testChain;
  const mempool = openTestMempool(chain, clock, log, mempoolOptions);
  opened.push(mempool);
  const random = { bytes: (size: number) => Uint8Array.from({ length: size }, (_, index) => index * KEY_STEP + 1) };
  const keeper = new MempoolKeeper(
    { path, isPersistent: true, fileVersion: VERSION_OBFUSCATED, ...options },
    { mempool, clock, random, log },
  );
  log.lines.length = 0;
  return { mempool, keeper };
}

const reward = (number: number): Spendable => rewardOf(TIPS[number - 1]!);

/** Spends an anchor to two. */
function pay(coin: Spendable, fee = 1000n): Transaction {
  const value = coin.output.value - fee - 1000n;
  return new Transaction({
    version: 2,
    inputs: [input(coin.outPoint)],
    outputs: [output(value, ANCHOR), output(1000n, ANCHOR)],
    lockTime: 0,
  });
}

async function take(mempool: Mempool, ...transactions: readonly Transaction[]): Promise<void> {
  for (const tx of transactions) expect((await mempool.accept(tx)).kind).toBe("accepted");
}

/** What is kept of each, by transaction. */
function stateOf(mempool: Mempool) {
  const entries = [...mempool.entries()].map((entry) => [
    Buffer.from(entry.tx.wtxid).toString("hex"),
    { timeSeconds: entry.timeSeconds, modifiedFee: entry.modifiedFee, own: mempool.unbroadcast.has(entry.tx.txid) },
  ]);
  return Object.fromEntries(entries);
}

/** Parent and child, of which the child pays for both, and one beside, an hour later and of our own. */
async function fill(mempool: Mempool): Promise<readonly [Transaction, Transaction, Transaction]> {
  const parent = pay(reward(1), 200n);
  const child = pay(spendableOf(parent), 5000n);
  const beside = pay(reward(2));
  await take(mempool, parent, child);
  testChain.clock.seconds += 3600;
  await take(mempool, beside);
  mempool.unbroadcast.add(beside.txid);
  mempool.prioritise(child.txid, 70n);
  mempool.prioritise(ABSENT, -9n);
  return [parent, child, beside];
}

describe("a restart", () => {
  test.each([VERSION_PLAIN, VERSION_OBFUSCATED] as const)("keeps everything (version %d)", async (fileVersion) => {
    const before = restart({ fileVersion });
    await before.keeper.load();
    await fill(before.mempool);
    await before.keeper.stop();
    expect(new DataView((await readFile(path)).buffer).getUint8(0)).toBe(fileVersion);

    testChain.clock.seconds += 100;
    const { mempool, keeper } = restart();
    expect(keeper.isLoaded).toBe(false);
    await keeper.load();
    expect(keeper.isLoaded).toBe(true);
    expect(stateOf(mempool)).toEqual(stateOf(before.mempool));
    expect(mempool.feeDeltas.entries()).toEqual(before.mempool.feeDeltas.entries());
    expect(testChain.log.lines).toEqual([
      "Loading 3 mempool transactions from file...",
      "Progress loading mempool transactions from file: 33% (tried 1, 2 remaining)",
      "Progress loading mempool transactions from file: 66% (tried 2, 1 remaining)",
      "Imported mempool transactions from file: 3 succeeded, 0 failed, 0 expired, 0 already there, 1 waiting for initial broadcast",
    ]);
  });

  test("says what it writes, and leaves no other file", async () => {
    const { mempool, keeper } = restart();
    await fill(mempool);
    expect(await keeper.save()).toBe(true);
    const { length } = await readFile(path);
    expect(testChain.log.lines).toEqual([
      "Writing 3 mempool transactions to file...",
      "Writing 1 unbroadcast transactions to file.",
      `Dumped mempool: 0.000s to copy, 0.000s to dump, ${length} bytes dumped to file`,
    ]);
    expect((await readdir(folder)).filter((name) => name.startsWith("mempool"))).toEqual(["mempool.dat"]);
  });

  test("drops what a block or another transaction has taken the coins of meanwhile", async () => {
    const before = restart();
    const [parent] = await fill(before.mempool);
    await before.keeper.save();
    const { mempool, keeper } = restart();
    await take(mempool, pay(reward(1), 60_000n));
    await keeper.load();
    expect(mempool.has(parent.txid)).toBe(false);
    expect(testChain.log.lines.at(-1)).toContain("1 succeeded, 2 failed, 0 expired, 0 already there");
  });

  test("drops what is too old by then, to the second", async () => {
    const expirySeconds = 10_000;
    const before = restart();
    const [parent, child, beside] = await fill(before.mempool);
    await before.keeper.save();
    testChain.clock.seconds += expirySeconds - 1;
    const last = restart({}, { expirySeconds });
    await last.keeper.load();
    expect([parent, child, beside].map(({ txid }) => last.mempool.has(txid))).toEqual([false, false, true]);
    expect(testChain.log.lines.at(-1)).toContain("1 succeeded, 0 failed, 2 expired");
    testChain.clock.seconds += 1;
    const { mempool, keeper } = restart({}, { expirySeconds });
    await keeper.load();
    expect(mempool.size).toBe(0);
    expect(testChain.log.lines.at(-1)).toContain("0 succeeded, 0 failed, 3 expired, 0 already there, 1 waiting");
    expect(mempool.unbroadcast.size).toBe(0);
  });

  test("without a file has an empty mempool, and says so", async () => {
    const { mempool, keeper } = restart();
    await keeper.load();
    expect([mempool.size, keeper.isLoaded]).toEqual([0, true]);
    expect(testChain.log.lines).toEqual(["Failed to open mempool file. Continuing anyway."]);
  });

  test("with -persistmempool=0 neither reads nor writes, unless asked to", async () => {
    const before = restart();
    await fill(before.mempool);
    await before.keeper.save();
    const bytes = await readFile(path);
    const { mempool, keeper } = restart({ isPersistent: false });
    await keeper.load();
    expect([mempool.size, keeper.isLoaded]).toEqual([0, true]);
    await take(mempool, pay(reward(3)));
    await keeper.stop();
    expect(await readFile(path)).toEqual(bytes);
    expect(await keeper.save()).toBe(true);
    expect(await readFile(path)).not.toEqual(bytes);
  });
});

describe("while it loads", () => {
  const ALL = Array.from({ length: RIPE_COUNT }, (_, index) => index + 1);

  test("others have a turn after every transaction", async () => {
    const before = restart();
    await take(before.mempool, ...ALL.map((number) => pay(reward(number))));
    await before.keeper.save();
    const { keeper } = restart();
    let turns = 0;
    const count = () => {
      turns++;
      timer = setImmediate(count);
    };
    let timer = setImmediate(count);
    await keeper.load();
    clearImmediate(timer);
    expect(turns).toBeGreaterThanOrEqual(RIPE_COUNT);
    expect(testChain.log.lines.filter((line) => line.startsWith("Progress"))).toHaveLength(9);
  });

  test("it can be stopped between two, and then the file stays as it is", async () => {
    const before = restart();
    await take(before.mempool, ...ALL.map((number) => pay(reward(number))));
    await before.keeper.save();
    const bytes = await readFile(path);
    const { mempool, keeper } = restart();
    const stopped = new Promise<void>((resolve) => {
      const unsubscribe = mempool.events.subscribe(() => {
        unsubscribe();
        resolve(keeper.stop());
      });
    });
    await Promise.all([keeper.load(), stopped]);
    expect([mempool.size, keeper.isLoaded]).toEqual([1, false]);
    expect(await readFile(path)).toEqual(bytes);
  });
});

describe("a damaged file", () => {
  test("costs what is cut off, wherever that is", async () => {
    const before = restart();
    const [parent, child, beside] = await fill(before.mempool);
    await before.keeper.save();
    const whole = await readFile(path);
    // In the order of the file: parent and child are a chunk that pays better.
    const ends: number[] = [];
    for (const { size } of [parent, child, beside]) ends.push((ends.at(-1) ?? 25) + size + 16);
    const deltasEnd = ends.at(-1)! + 1 + 40;
    expect(whole.length).toBe(deltasEnd + 1 + 32);
    const edges = [8, 17, 25, ...ends, ends.at(-1)! + 1, deltasEnd, deltasEnd + 1, whole.length];
    const sizes = new Set([0, 1, 100, 333, ...edges.flatMap((edge) => [edge - 1, edge, edge + 1])]);
    for (const size of [...sizes].filter((cut) => cut < whole.length)) {
      await writeFile(path, whole);
      await truncate(path, size);
      const { mempool, keeper } = restart();
      expect(await keeper.import(path, LOAD_ALL)).toBe(false);
      expect(mempool.size, `cut at ${size}`).toBe(ends.filter((end) => end <= size).length);
      expect(mempool.feeDeltas.get(ABSENT)).toBe(size >= deltasEnd ? -9n : 0n);
      expect(testChain.log.lines.at(-1)).toMatch(
        /^Failed to deserialize mempool data on file: .+\. Continuing anyway\.$/,
      );
      mempool.close();
    }
    opened = [];
  });

  test("of another version, or of none, is not read", async () => {
    await writeFile(path, new Uint8Array(100).fill(3));
    const { mempool, keeper } = restart();
    await keeper.load();
    expect([mempool.size, keeper.isLoaded]).toEqual([0, true]);
  });

  test("that is a directory is no reason to stop", async () => {
    await mkdir(path);
    const { keeper } = restart();
    await keeper.load();
    expect(keeper.isLoaded).toBe(true);
    await rm(path, { recursive: true });
  });
});

describe("writing that fails", () => {
  test("keeps the file that was there", async () => {
    const { mempool, keeper } = restart();
    await fill(mempool);
    await keeper.save();
    const bytes = await readFile(path);
    await take(mempool, pay(reward(3)));
    await mkdir(`${path}.new`);
    expect(await keeper.save()).toBe(false);
    expect(testChain.log.lines.at(-1)).toMatch(/^Failed to dump mempool: .+\. Continuing anyway\.$/);
    expect(await readFile(path)).toEqual(bytes);
    await rm(`${path}.new`, { recursive: true });
    expect(await keeper.save()).toBe(true);
    expect(await readFile(path)).not.toEqual(bytes);
  });

  test("in the middle leaves the last file whole: a crash leaves at most half a file of another name", async () => {
    const before = restart();
    await fill(before.mempool);
    await before.keeper.save();
    await writeFile(`${path}.new`, "half of it");
    const { mempool, keeper } = restart();
    await keeper.load();
    expect(mempool.size).toBe(3);
    await keeper.stop();
    expect((await readdir(folder)).filter((name) => name.startsWith("mempool"))).toEqual(["mempool.dat"]);
  });

  test("saves come one after the other", async () => {
    const { mempool, keeper } = restart();
    await fill(mempool);
    expect(await Promise.all([keeper.save(), keeper.save(), keeper.save()])).toEqual([true, true, true]);
    const { mempool: later, keeper: reader } = restart();
    await reader.load();
    expect(later.size).toBe(3);
  });
});

describe("another node's file", () => {
  const FOREIGN = { usesCurrentTime: true, appliesFeeDeltas: false, appliesUnbroadcast: false };

  /** What importing does to a mempool that has one of the three already. */
  async function imported(options: Partial<typeof FOREIGN>) {
    const source = restart();
    const [, child, beside] = await fill(source.mempool);
    await source.keeper.save();
    testChain.clock.seconds += 1000;
    const { mempool, keeper } = restart({ isPersistent: false });
    await keeper.load();
    await take(mempool, beside);
    expect(await keeper.import(path, { ...FOREIGN, ...options })).toBe(true);
    return { mempool, child: mempool.get(child.txid)!, beside: mempool.get(beside.txid)! };
  }

  test("gives transactions alone by default, as come now", async () => {
    const { mempool, child } = await imported({});
    expect(mempool.size).toBe(3);
    expect(child).toMatchObject({ timeSeconds: testChain.clock.seconds, modifiedFee: 5000n });
    expect([mempool.unbroadcast.size, mempool.feeDeltas.entries()]).toEqual([0, []]);
    expect(testChain.log.lines.at(-1)).toContain("2 succeeded, 0 failed, 0 expired, 1 already there, 0 waiting");
  });

  test("gives times where wanted, but not of what is here", async () => {
    const { child, beside } = await imported({ usesCurrentTime: false });
    expect(child.timeSeconds).toBe(testChain.clock.seconds - 4600);
    expect(beside.timeSeconds).toBe(testChain.clock.seconds);
  });

  test("gives fee deltas where wanted, on top of those here", async () => {
    const { mempool, child } = await imported({ appliesFeeDeltas: true });
    expect([child.modifiedFee, mempool.feeDeltas.get(ABSENT)]).toEqual([5070n, -9n]);
    await loadMempool(path, { ...FOREIGN, appliesFeeDeltas: true }, { ...testChain, mempool, signal: NEVER });
    expect([child.modifiedFee, mempool.feeDeltas.get(ABSENT)]).toEqual([5140n, -18n]);
  });

  test("gives what nobody has asked for where wanted", async () => {
    const { mempool, beside } = await imported({ appliesUnbroadcast: true });
    expect(mempool.unbroadcast.txids()).toEqual([beside.tx.txid]);
  });
});

test("what leaves the mempool is no longer waited for to be asked for", async () => {
  const { mempool } = restart();
  const [, , beside] = await fill(mempool);
  expect(mempool.unbroadcast.has(beside.txid)).toBe(true);
  await take(mempool, pay(reward(2), 60_000n));
  expect(mempool.unbroadcast.size).toBe(0);
});
