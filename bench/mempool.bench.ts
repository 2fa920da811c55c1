/**
 * What a mempool costs as it grows: each job is done at one size and at the double, and the line tells how many times longer
 * the double takes. About 2 is as it should be; a step that looks at the whole pool for each transaction would make it 4.
 * Scripts are not checked, and every coin exists: it is the mempool's own work that is measured.
 * Run: `npx tsx bench/mempool.bench.ts`. Ratios carry from one machine to another; times do not.
 */
import { MemoryLog, NETWORK } from "@bitfleet/node/chain/test-kit.ts";
import { installHostSha256 } from "@bitfleet/node/crypto/host-hash.ts";
import { Mempool, type MempoolDependencies, type MempoolOptions } from "@bitfleet/node/mempool/mempool.ts";
import { MEMPOOL_DEFAULTS } from "@bitfleet/node/mempool/mempool-options.ts";
import { selectTransactions } from "@bitfleet/node/mining/select-transactions.ts";
import { Block } from "@bitfleet/protocol/primitives/block.ts";
import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Txid } from "@bitfleet/protocol/primitives/types.ts";
import { payToWitnessPublicKeyHash } from "@bitfleet/protocol/script/templates.ts";

const SCRIPT = payToWitnessPublicKeyHash(new Uint8Array(20).fill(7));
const COIN_VALUE = 10_000_000n;
const CHAIN_LENGTH = 25;
const BLOCK_TRANSACTIONS = 4000;
const ROUNDS = 3;

type Listener = Parameters<MempoolDependencies["chain"]["events"]["subscribe"]>[0];

/** A chain that stands at its first block and has every coin that is asked for. */
function standingChain() {
  const { genesis } = NETWORK.params;
  const tip = { header: genesis.header, height: 0, chainwork: 1n, previous: undefined, ancestor: () => tip };
  const coin = { output: { value: COIN_VALUE, scriptPubKey: SCRIPT }, height: 0, isCoinbase: false };
  let emit: Listener = () => {};
  const chain = {
    tip,
    coins: { fetch: async () => () => coin },
    atTip: (task: () => Promise<unknown>) => task(),
    settleWith: () => () => {},
    events: {
      subscribe: (listener: Listener) => {
        emit = listener;
        return () => {};
      },
    },
  };
  const connect = (block: Block) => void emit({ type: "block-connected", block } as unknown as Parameters<Listener>[0]);
  return { chain: chain as unknown as MempoolDependencies["chain"], connect };
}

function open(options: Partial<MempoolOptions> = {}) {
  const { chain, connect } = standingChain();
  const scriptVerifier = { verifyAll: async () => undefined, close: async () => {} };
  const deps = { chain, scriptVerifier, clock: { nowMs: () => 1_700_000_000_000 }, log: new MemoryLog() };
  return { mempool: new Mempool({ ...MEMPOOL_DEFAULTS, ...options }, deps), connect };
}

const WITNESS = [new Uint8Array(71).fill(1), new Uint8Array(33).fill(2)];

function pay(previous: { readonly txid: Txid; readonly value: bigint }, fee: bigint): Transaction {
  return new Transaction({
    version: 2,
    inputs: [
      {
        previousOutput: { txid: previous.txid, index: 0 },
        scriptSig: new Uint8Array(0),
        sequence: 0xffffffff,
        witness: WITNESS,
      },
    ],
    outputs: [{ value: previous.value - fee, scriptPubKey: SCRIPT }],
    lockTime: 0,
  });
}

function numbered(index: number): Txid {
  const txid = new Uint8Array(32).fill(9);
  new DataView(txid.buffer).setUint32(0, index);
  return txid as Txid;
}

/** The same numbers in every run, that look like none. */
const feeOf = (index: number) => 1000n + BigInt((index * 7919) % 10_007);

function independent(count: number): Transaction[] {
  return Array.from({ length: count }, (_, index) => pay({ txid: numbered(index), value: COIN_VALUE }, feeOf(index)));
}

/** Chains, one after the other; within each every transaction spends the one before. */
function chained(count: number): Transaction[] {
  const all: Transaction[] = [];
  for (let index = 0; index < count; index++) {
    const parent = index % CHAIN_LENGTH === 0 ? undefined : all.at(-1)!;
    const previous = parent
      ? { txid: parent.txid, value: parent.outputs[0]!.value }
      : { txid: numbered(index), value: COIN_VALUE };
    all.push(pay(previous, feeOf(index)));
  }
  return all;
}

async function acceptAll(mempool: Mempool, transactions: readonly Transaction[], kinds = ["accepted"]): Promise<void> {
  for (const tx of transactions) {
    const result = await mempool.accept(tx);
    const kind = result.kind === "rejected" ? result.reject.reason : result.kind;
    if (!kinds.includes(kind)) throw new Error(kind);
  }
}

async function filled(count: number, make: (count: number) => Transaction[], options: Partial<MempoolOptions> = {}) {
  const opened = open(options);
  await acceptAll(opened.mempool, make(count));
  return opened;
}

interface Job {
  readonly name: string;
  readonly count: number;
  /** Prepares the job at a size; what it returns is measured. */
  readonly prepare: (count: number) => Promise<() => Promise<unknown> | unknown>;
}

const accepting = (make: (count: number) => Transaction[]) => async (count: number) => {
  const transactions = make(count);
  return () => acceptAll(open().mempool, transactions);
};

/** A pool that is full with `count`, and in order, takes some more: the old ones go, the worst first. */
const acceptingFull = (make: (count: number) => Transaction[]) => async (count: number) => {
  const { mempool } = await filled(count, make);
  const small = open({ usageBytesMax: mempool.usageBytes });
  const all = make(count + FULL_MORE);
  await acceptAll(small.mempool, all.slice(0, count));
  small.mempool.chunksInMiningOrder();
  const kinds = ["accepted", "mempool full", "mempool min fee not met", "bad-txns-inputs-missingorspent"];
  return () => acceptAll(small.mempool, all.slice(count), kinds);
};

/** The same at every size: what is left is what the size of the pool adds. */
const FULL_MORE = 500;

const JOBS: readonly Job[] = [
  { name: "accept, independent", count: 10_000, prepare: accepting(independent) },
  { name: `accept, in chains of ${CHAIN_LENGTH}`, count: 10_000, prepare: accepting(chained) },
  { name: `${FULL_MORE} into a full pool of independent ones`, count: 25_000, prepare: acceptingFull(independent) },
  { name: `${FULL_MORE} into a full pool of chains`, count: 10_000, prepare: acceptingFull(chained) },
  {
    name: "block of half the pool, independent",
    count: BLOCK_TRANSACTIONS,
    prepare: async (count) => {
      const { mempool, connect } = await filled(2 * count, independent);
      const block = new Block(NETWORK.params.genesis.header, independent(count));
      mempool.chunksInMiningOrder();
      return () => {
        connect(block);
        return [...mempool.chunksInMiningOrder()];
      };
    },
  },
  {
    name: "block of half the pool, chains",
    count: BLOCK_TRANSACTIONS,
    prepare: async (count) => {
      const { mempool, connect } = await filled(2 * count, chained);
      const block = new Block(NETWORK.params.genesis.header, chained(count));
      mempool.chunksInMiningOrder();
      return () => {
        connect(block);
        return [...mempool.chunksInMiningOrder()];
      };
    },
  },
  {
    name: "template again after one more, independent",
    count: 25_000,
    prepare: async (count) => {
      const { mempool } = await filled(count, independent);
      const limits = { maxWeight: 4_000_000, reservedWeight: 8000, minFeerateSatPerKvb: 1n, height: 1, medianTime: 1 };
      selectTransactions(mempool.chunksInMiningOrder(), limits);
      const [more] = independent(count + 1).slice(-1);
      return async () => {
        await mempool.accept(more!);
        return selectTransactions(mempool.chunksInMiningOrder(), limits);
      };
    },
  },
];

/** Processor time, which other programs of the machine do not lengthen as they do the clock's. */
async function bestMs({ prepare }: Job, count: number): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const work = await prepare(count);
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / 1000);
  }
  return best;
}

installHostSha256();
const wanted = process.argv[2] ?? "";
for (const job of JOBS.filter(({ name }) => name.includes(wanted))) {
  const once = await bestMs(job, job.count);
  const twice = await bestMs(job, 2 * job.count);
  const sizes = `${job.count} ${once.toFixed(1)} ms, ${2 * job.count} ${twice.toFixed(1)} ms`;
  console.log(`${job.name.padEnd(46)} ${sizes.padEnd(40)} ${(twice / once).toFixed(2)} times`);
}
