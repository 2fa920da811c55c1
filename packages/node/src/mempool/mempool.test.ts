import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { input, output } from "@bitfleet/protocol/consensus/test-kit.ts";
import { Transaction, type TransactionFields } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Sats } from "@bitfleet/protocol/primitives/types.ts";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  mine,
  openTestChain,
  rewardOf,
  type Spendable,
  spendableOf,
  submitAll,
  type TestChain,
  type Tip,
} from "../chain/test-kit.ts";
import { ANCHOR, anchorChain, mineAnchors } from "./acceptance-test-kit.ts";
import type { Mempool } from "./mempool.ts";
import type { MempoolOptions } from "./mempool-options.ts";
import { openTestMempool } from "./test-kit.ts";

/** Rewards that the next block may spend. */
const RIPE_COUNT = 8;
const TIPS = anchorChain(99 + RIPE_COUNT);

let folder: string;
let testChain: TestChain;
let mempool: Mempool;
/** What happened, as `+` and the name of what came, `-` with the reason and the name of what went; sequences in their order. */
let happened: string[];
let sequences: number[];
let names: Map<string, string>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "bitfleet-mempool-"));
  testChain = await openTestChain(folder);
  await submitAll(testChain.chain, TIPS);
  open();
});
afterEach(async () => {
  mempool.close();
  await testChain.chain.close();
  await rm(folder, { recursive: true });
});

function open(options: Partial<MempoolOptions> = {}): void {
  mempool?.close();
  mempool = openTestMempool(testChain.chain, testChain.clock, testChain.log, options);
  happened = [];
  sequences = [];
  names = new Map();
  mempool.events.subscribe((event) => {
    const { tx } = event.entry;
    const name = names.get(Buffer.from(tx.txid).toString("hex")) ?? "?";
    happened.push(event.type === "transaction-added" ? `+${name}` : `-${event.reason} ${name}`);
    sequences.push(event.sequence);
  });
}

/** The reward of block `number`: an anchor, which needs no signature. */
const reward = (number: number): Spendable => rewardOf(TIPS[number - 1]!);

/** Spends anchors to `outputCount` more, all but the first worth a hundredth. */
function pay(
  name: string,
  coins: readonly Spendable[],
  fee: Sats,
  outputCount = 2,
  fields: Partial<TransactionFields> & { readonly sequence?: number } = {},
): Transaction {
  const { sequence = 0xfffffffd, ...rest } = fields;
  const valueIn = coins.reduce((sum, coin) => sum + coin.output.value, 0n);
  const share = valueIn / 100n;
  const first = valueIn - fee - share * BigInt(outputCount - 1);
  const tx = new Transaction({
    version: 2,
    inputs: coins.map(({ outPoint }) => input(outPoint, { sequence })),
    outputs: Array.from({ length: outputCount }, (_, index) => output(index === 0 ? first : share, ANCHOR)),
    lockTime: 0,
    ...rest,
  });
  names.set(Buffer.from(tx.txid).toString("hex"), name);
  return tx;
}

async function take(...transactions: readonly Transaction[]): Promise<void> {
  for (const tx of transactions) {
    const result = await mempool.accept(tx);
    if (result.kind === "rejected") throw new Error(`${result.reject.reason} ${result.reject.detail}`);
  }
}

async function reasonOf(tx: Transaction): Promise<string | undefined> {
  const result = await mempool.accept(tx);
  return result.kind === "rejected" ? result.reject.reason : undefined;
}

/** Connects a block with these on the tip; where `salt` is given, one that differs from others. */
async function connect(previous: Tip, transactions: readonly Transaction[], salt = 0): Promise<Tip> {
  const [tip] = mineAnchors(previous, 1, { transactions, salt });
  expect(await testChain.chain.submitBlock(tip!.block)).toMatchObject({ accepted: true });
  return tip!;
}

const TIP = TIPS.at(-1)!;
const inMempool = () => [...mempool.entries()].map(({ tx }) => names.get(Buffer.from(tx.txid).toString("hex"))).sort();

describe("events", () => {
  test("come in order, each with the next sequence number", async () => {
    const parent = pay("parent", [reward(1)], 1000n);
    const child = pay("child", [spendableOf(parent)], 1000n);
    const rival = pay("rival", [reward(1)], 9000n);
    const before = mempool.sequence;
    await take(parent, child);
    const taken = mempool.get(parent.txid);
    expect(taken?.sequence).toBe(before);
    await take(rival);
    expect(happened).toEqual(["+parent", "+child", "-replaced parent", "-replaced child", "+rival"]);
    expect(sequences).toEqual([0, 1, 2, 3, 4].map((step) => before + step));
    expect(mempool.sequence).toBe(before + 5);
  });

  test("there are none of what is refused or only tried", async () => {
    const before = [mempool.sequence, mempool.changeCount];
    await mempool.accept(pay("tried", [reward(1)], 1000n), { testOnly: true });
    expect(await reasonOf(pay("poor", [reward(1)], 0n))).toBe("min relay fee not met");
    expect([mempool.sequence, mempool.changeCount]).toEqual(before);
    expect(happened).toEqual([]);
  });
});

describe("a block", () => {
  test("takes out what it has, and what it has not may no longer be; descendants of the first stay", async () => {
    const parent = pay("parent", [reward(1)], 1000n);
    const child = pay("child", [spendableOf(parent)], 1000n);
    const loser = pay("loser", [reward(2)], 1000n);
    const heir = pay("heir", [spendableOf(loser, 1)], 1000n);
    await take(parent, child, loser, heir);
    happened = [];
    const winner = pay("winner", [reward(2)], 2000n);
    await connect(TIP, [parent, winner]);
    expect(happened).toEqual(["-block parent", "-conflict loser", "-conflict heir"]);
    expect(inMempool()).toEqual(["child"]);
    expect(mempool.get(child.txid)?.ancestorCount).toBe(1);
    expect(mempool.spender(reward(2).outPoint)).toBeUndefined();
    expect(await reasonOf(parent)).toBe("txn-already-known");
    expect(await reasonOf(loser)).toBe("bad-txns-inputs-missingorspent");
  });

  test("ends what the operator said of its transactions and of those it conflicts with, but of no others", async () => {
    const [mined, loser] = [pay("mined", [reward(1)], 1000n), pay("loser", [reward(2)], 1000n)];
    const child = pay("child", [spendableOf(loser)], 1000n);
    await take(mined, loser, child);
    const stranger = pay("stranger", [reward(3)], 1000n);
    for (const tx of [mined, loser, child, stranger]) mempool.prioritise(tx.txid, 5n);
    await connect(TIP, [mined, pay("winner", [reward(2)], 2000n)]);
    expect([mined, loser, child, stranger].map(({ txid }) => mempool.feeDeltas.get(txid))).toEqual([0n, 0n, 5n, 5n]);
  });
});

describe("a block that conflicts with a transaction and with its child", () => {
  const bothOrders = [
    { first: "the transaction", order: [0, 1], childDelta: 5n },
    { first: "the child", order: [1, 0], childDelta: 0n },
  ];
  test.each(bothOrders)("takes $first first, as its inputs have it", async ({ order, childDelta }) => {
    const loser = pay("loser", [reward(1)], 1000n);
    const child = pay("child", [spendableOf(loser), reward(2)], 1000n);
    await take(loser, child);
    for (const tx of [loser, child]) mempool.prioritise(tx.txid, 5n);
    await connect(TIP, [
      pay(
        "winner",
        order.map((index) => [reward(1), reward(2)][index]!),
        2000n,
      ),
    ]);
    expect([loser, child].map(({ txid }) => mempool.feeDeltas.get(txid))).toEqual([0n, childDelta]);
    expect(mempool.size).toBe(0);
  });
});

describe("what the operator adds to a fee", () => {
  test("counts before the transaction comes, while it is here, and after it went", async () => {
    const tx = pay("tx", [reward(1)], 0n);
    mempool.prioritise(tx.txid, 700n);
    mempool.prioritise(tx.txid, 300n);
    await take(tx);
    expect(mempool.get(tx.txid)).toMatchObject({ fee: 0n, modifiedFee: 1000n });
    mempool.prioritise(tx.txid, 50n);
    expect(mempool.get(tx.txid)?.modifiedFee).toBe(1050n);
    expect(mempool.totalFee).toBe(0n);
    // Replaced, it keeps it: who comes again pays it again.
    await take(pay("rival", [reward(1)], 9000n));
    expect(mempool.feeDeltas.entries()).toEqual([{ txid: tx.txid, delta: 1050n }]);
  });

  test("moves it among the others", async () => {
    const [one, two] = [pay("one", [reward(1)], 1000n), pay("two", [reward(2)], 2000n)];
    await take(one, two);
    const order = () => [...mempool.chunksInMiningOrder()].map(({ entries }) => entries[0]!.tx);
    expect(order()).toEqual([two, one]);
    mempool.prioritise(one.txid, 1001n);
    expect(order()).toEqual([one, two]);
    mempool.prioritise(one.txid, -2000n);
    expect(order()).toEqual([two, one]);
    expect(mempool.chunkOf(one.txid)?.fee).toBe(1n);
    expect(mempool.clusterOf(one.txid)?.entries).toHaveLength(1);
  });
});

describe("a full mempool", () => {
  const three = () => [
    pay("one", [reward(1)], 3000n),
    pay("two", [reward(2)], 1000n),
    pay("three", [reward(3)], 2000n),
  ];

  /** Opens one with room for what these take, and `spareBytes` more. */
  async function openFor(transactions: () => readonly Transaction[], spareBytes: number): Promise<void> {
    await take(...transactions());
    open({ usageBytesMax: mempool.usageBytes + spareBytes });
  }

  test("holds what fits to the byte", async () => {
    await openFor(three, 0);
    await take(...three());
    expect(inMempool()).toEqual(["one", "three", "two"]);
    expect(mempool.rollingFeerateSatPerKvb).toBe(0n);
  });

  test("throws out what pays least where one byte is missing, and asks for more than it paid", async () => {
    await openFor(three, -1);
    const [one, two, last] = three();
    await take(one!, two!, last!);
    expect(inMempool()).toEqual(["one", "three"]);
    expect(happened.slice(-2)).toEqual(["-sizelimit two", "+three"]);
    const feerate = (1000n * 1000n) / BigInt(two!.virtualSize) + 100n;
    expect([mempool.rollingFeerateSatPerKvb, mempool.minFeerateSatPerKvb]).toEqual([feerate, feerate]);
    // To the satoshi.
    const least = (feerate * BigInt(two!.virtualSize) + 999n) / 1000n;
    expect(await reasonOf(pay("short", [reward(4)], least - 1n))).toBe("mempool min fee not met");
    expect(await reasonOf(pay("enough", [reward(4)], least))).toBe("mempool full");
  });

  test("says so where the newcomer is the worst: it never came", async () => {
    await openFor(three, -1);
    const [one, two, last] = three();
    await take(one!, last!);
    expect(await reasonOf(two!)).toBe("mempool full");
    expect(happened.slice(-2)).toEqual(["+three", "-sizelimit two"]);
  });

  test("throws out a chunk as a whole, and leaves a parent that pays by itself", async () => {
    const family = () => {
      const parent = pay("parent", [reward(1)], 5000n);
      const rich = pay("rich", [reward(2)], 4000n);
      const poor = pay("poor", [spendableOf(parent)], 100n);
      const poorer = pay("poorer", [spendableOf(poor)], 110n);
      return [parent, rich, poor, poorer];
    };
    await openFor(family, -1);
    await take(...family().slice(0, 3));
    // The two poor ones are one chunk, as the child pays more than its parent.
    expect(await reasonOf(family()[3]!)).toBe("mempool full");
    expect(inMempool()).toEqual(["parent", "rich"]);
    expect(happened.slice(-2)).toEqual(["-sizelimit poor", "-sizelimit poorer"]);
  });

  test("of size nothing takes nothing", async () => {
    open({ usageBytesMax: 0 });
    expect(await reasonOf(pay("one", [reward(1)], 1000n))).toBe("mempool full");
    expect([mempool.size, mempool.usageBytes]).toEqual([0, 0]);
  });

  test("asks for less with time, once a block came", async () => {
    await openFor(three, -1);
    await take(...three());
    const feerate = mempool.rollingFeerateSatPerKvb;
    testChain.clock.seconds += 24 * 3600;
    expect(mempool.rollingFeerateSatPerKvb).toBe(feerate);
    await connect(TIP, []);
    testChain.clock.seconds += 12 * 3600;
    expect(mempool.rollingFeerateSatPerKvb).toBe(BigInt(Math.round(Number(feerate) / 2)));
  });
});

describe("expiry", () => {
  test("after 336 hours to the second, with descendants, when something comes", async () => {
    const old = pay("old", [reward(1)], 1000n);
    await take(old);
    testChain.clock.seconds += 3600;
    await take(pay("child", [spendableOf(old)], 1000n), pay("other", [reward(2)], 1000n));
    testChain.clock.seconds += 335 * 3600;
    await take(pay("third", [reward(3)], 1000n));
    expect(inMempool()).toEqual(["child", "old", "other", "third"]);
    testChain.clock.seconds += 1;
    expect(mempool.size).toBe(4);
    happened = [];
    await take(pay("fourth", [reward(4)], 1000n));
    expect(happened).toEqual(["-expiry old", "-expiry child", "+fourth"]);
    expect(inMempool()).toEqual(["fourth", "other", "third"]);
  });

  test("of what comes when it is already too old", async () => {
    open({ expirySeconds: -1 });
    expect(await reasonOf(pay("one", [reward(1)], 1000n))).toBe("mempool full");
  });
});

describe("a reorganisation", () => {
  /** Replaces the block on top of `TIP`, and whatever is on it, by `count` empty ones. */
  async function reorganise(count: number, from: Tip = TIP): Promise<void> {
    const branch = mineAnchors(from, count, { salt: 7 });
    await submitAll(testChain.chain, branch);
    expect(testChain.chain.tip.header.hash).toEqual(branch.at(-1)!.block.hash);
  }

  test("brings back what was confirmed, before what spends it, whatever it pays", async () => {
    const free = pay("free", [reward(1)], 0n);
    const child = pay("child", [spendableOf(free)], 0n);
    const heir = pay("heir", [spendableOf(child)], 1000n);
    const tip = await connect(TIP, [free]);
    await connect(tip, [child]);
    await take(heir);
    happened = [];
    await reorganise(3);
    expect(happened).toEqual(["+free", "+child"]);
    expect(mempool.get(free.txid)?.sequence).toBe(0);
    expect(mempool.get(heir.txid)?.ancestorCount).toBe(3);
    expect(mempool.clusterOf(heir.txid)?.entries.map(({ tx }) => tx)).toEqual([free, child, heir]);
  });

  test("leaves what the new branch has confirmed", async () => {
    const [both, one] = [pay("both", [reward(1)], 1000n), pay("one", [reward(2)], 1000n)];
    await connect(TIP, [both, one]);
    const other = mine(TIP, { transactions: [both], salt: 7 });
    await submitAll(testChain.chain, [other, mine(other, { salt: 7 })]);
    expect(inMempool()).toEqual(["one"]);
  });

  test("that ends where it began, as the other branch breaks a rule, takes what was in that branch alone", async () => {
    const [own, theirs] = [pay("own", [reward(1)], 1000n), pay("theirs", [reward(2)], 1000n)];
    await connect(TIP, [own]);
    const other = mine(TIP, { transactions: [theirs], salt: 7 });
    const broken = mine(other, { salt: 7, coinbaseValue: 1_000_000_000_000n });
    const { tip } = testChain.chain;
    await submitAll(testChain.chain, [other, broken]);
    expect(testChain.chain.tip).toBe(tip);
    expect(happened).toEqual(["+theirs"]);
  });

  test("loses what the new branch has spent otherwise, and what depends on it", async () => {
    const tx = pay("tx", [reward(1)], 1000n);
    await connect(TIP, [tx]);
    await take(pay("heir", [spendableOf(tx)], 1000n));
    happened = [];
    const other = mine(TIP, { transactions: [pay("winner", [reward(1)], 2000n)], salt: 7 });
    await submitAll(testChain.chain, [other, mine(other, { salt: 7 })]);
    expect(happened).toEqual(["-reorg heir"]);
    expect(mempool.size).toBe(0);
  });

  test("drops what spends a coinbase that is too young then, and keeps what spends one that is just ripe", async () => {
    // A shorter chain, as `invalidateblock` leaves it: the tip falls by one, and with it what is ripe.
    const ripe = pay("ripe", [reward(RIPE_COUNT)], 1000n);
    const later = pay("later", [reward(RIPE_COUNT + 1)], 1000n);
    const heir = pay("heir", [spendableOf(later)], 1000n);
    expect(await reasonOf(later)).toBe("bad-txns-premature-spend-of-coinbase");
    const tip = await connect(TIP, []);
    await take(ripe, later, heir);
    happened = [];
    await testChain.chain.invalidateBlock(tip.block.hash);
    expect(happened.sort()).toEqual(["-reorg heir", "-reorg later"]);
    expect(inMempool()).toEqual(["ripe"]);
  });

  test("drops what spends the coinbase of a lost block", async () => {
    const chain = [...TIPS, ...mineAnchors(TIP, 100)];
    await submitAll(testChain.chain, chain.slice(TIPS.length));
    const young = pay("young", [rewardOf(chain[TIPS.length]!)], 1000n);
    await take(young, pay("old", [reward(1)], 1000n));
    happened = [];
    await reorganise(101);
    expect(happened).toEqual(["-reorg young"]);
    expect(inMempool()).toEqual(["old"]);
  });

  test("of more than ten blocks, which an operator wants, brings back what was in the last ten", async () => {
    const source = pay("source", [reward(1)], 1000n, 12);
    const tips = [await connect(TIP, [source])];
    for (let number = 1; number < 12; number++) {
      tips.push(await connect(tips.at(-1)!, [pay(`${number}`, [spendableOf(source, number)], 1000n)]));
    }
    const [lost, kept] = [1, 2].map((number) => spendableOf(tips[number]!.block.transactions[1]!));
    await take(pay("of lost", [lost!], 1000n), pay("of kept", [kept!], 1000n));
    await testChain.chain.invalidateBlock(tips[1]!.block.hash);
    const back = Array.from({ length: 10 }, (_, index) => `${index + 2}`);
    expect(inMempool()).toEqual([...back, "of kept"].sort());
  });

  test("of any length brings everything back where another branch has more work", async () => {
    const source = pay("source", [reward(1)], 1000n, 12);
    let tip = await connect(TIP, [source]);
    for (let number = 1; number < 12; number++) {
      tip = await connect(tip, [pay(`${number}`, [spendableOf(source, number)], 1000n)]);
    }
    await reorganise(13);
    expect(mempool.size).toBe(12);
  });

  test("drops what is not final in the next block any more", async () => {
    const height = TIP.height + 1;
    const now = pay("now", [reward(1)], 1000n, 2, { lockTime: height - 1 });
    const locked = pay("locked", [reward(2)], 1000n, 2, { lockTime: height });
    expect(await reasonOf(locked)).toBe("non-final");
    const tip = await connect(TIP, []);
    await take(now, locked, pay("heir", [spendableOf(locked)], 1000n));
    await testChain.chain.invalidateBlock(tip.block.hash);
    expect(inMempool()).toEqual(["now"]);
  });

  test("drops what waits for the age of its coins again", async () => {
    // BIP68: sequences that ask for two blocks and for one.
    const source = pay("source", [reward(1)], 1000n, 3);
    const low = await connect(TIP, [source]);
    const waiting = pay("waiting", [spendableOf(source, 1)], 1000n, 2, { sequence: 2 });
    const met = pay("met", [spendableOf(source, 2)], 1000n, 2, { sequence: 1 });
    expect(await reasonOf(waiting)).toBe("non-BIP68-final");
    const high = await connect(low, []);
    await take(waiting, met);
    await testChain.chain.invalidateBlock(high.block.hash);
    expect(inMempool()).toEqual(["met"]);
    // Its coin becomes unconfirmed, which is no age at all.
    await testChain.chain.invalidateBlock(low.block.hash);
    expect(inMempool()).toEqual(["source"]);
  });

  test("trims a cluster that is too large when what was confirmed comes back", async () => {
    open({ clusterCountMax: 4 });
    const parent = pay("parent", [reward(1)], 1000n, 6);
    const child = pay("child", [spendableOf(parent, 5)], 900n);
    await connect(TIP, [parent, child]);
    const fees = [400n, 300n, 500n, 100n];
    await take(...fees.map((fee, index) => pay(`${fee}`, [spendableOf(parent, index + 1)], fee)));
    happened = [];
    await reorganise(2);
    expect(happened.slice(0, 2)).toEqual(["+parent", "+child"]);
    expect(happened.slice(2).sort()).toEqual(["-sizelimit 100", "-sizelimit 300"]);
    expect(inMempool()).toEqual(["400", "500", "child", "parent"]);
  });

  test("does not go over the limit of the mempool's size", async () => {
    const [rich, poor] = [pay("rich", [reward(1)], 9000n), pay("poor", [reward(2)], 1000n)];
    await take(rich);
    open({ usageBytesMax: mempool.usageBytes });
    names.set(Buffer.from(rich.txid).toString("hex"), "rich");
    names.set(Buffer.from(poor.txid).toString("hex"), "poor");
    await connect(TIP, [rich, poor]);
    await reorganise(2);
    expect(inMempool()).toEqual(["rich"]);
    expect(happened).toEqual(["+rich", "+poor", "-sizelimit poor"]);
  });
});

test("a closed mempool follows the chain no longer", async () => {
  const tx = pay("tx", [reward(1)], 1000n);
  await take(tx);
  mempool.close();
  await connect(TIP, [tx]);
  expect(mempool.has(tx.txid)).toBe(true);
  expect(mempool.hasWtxid(tx.wtxid)).toBe(true);
});
