/**
 * How long a peer waits for a pong while the node is busy: with blocks of nearly 4,000,000 weight units and 5,000 signed inputs
 * that another peer sends, and with 1,000 blocks that it fetches. Run: `npm run build && npx tsx bench/ping-latency.bench.ts`.
 * With `CORE_BITCOIND=<path of bitcoind>` Bitcoin Core does the same, and is who 1,000 blocks are fetched from. Exit code 1
 * where a pong of ours took more than {@link PONG_MS_MAX}.
 */
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import {
  GENESIS,
  mine,
  mineMany,
  rewardOf,
  type Spendable,
  spendableOf,
  type Tip,
} from "@bitfleet/node/chain/test-kit.ts";
import { MAX_BLOCK_WEIGHT } from "@bitfleet/protocol/consensus/limits.ts";
import type { Block } from "@bitfleet/protocol/primitives/block.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { pay, writeBlockFile } from "../test/functional/interop-chain.ts";
import { BenchNode, CORE, OURS, type Program } from "./bench-node.ts";
import { frameOf, RawPeer } from "./raw-peer.ts";
import { syncChain } from "./sync-chain.ts";

const PING_INTERVAL_MS = 5;
const PONG_MS_MAX = 100;
/** The full blocks are of 2011, but come to a node that is done with the initial download. */
const ANY_TIP_AGE = "-maxtipage=1000000000";
const SYNC_BLOCKS = 1000;
const BIG_BLOCKS = 3;
const COINS_PER_BLOCK = 5000;
/** Outputs of each transaction that spends two coins: what fills a block of so many inputs. */
const OUTPUTS_EACH = 6;
/** For the coinbase and the header. */
const RESERVED_WEIGHT = 2000;

/** Pings at a fixed pace, whatever has been answered, and keeps how long each answer took. */
class Pinger {
  readonly latenciesMs: number[] = [];
  /** Longest delay of a ping by this program itself, which shares the processors with the node. */
  ownDelayMs = 0;
  #lastPingMs = performance.now();
  readonly #peer: RawPeer;
  readonly #sentMs = new Map<bigint, number>();
  readonly #timer: NodeJS.Timeout;
  #nonce = 0n;

  private constructor(peer: RawPeer) {
    this.#peer = peer;
    this.#timer = setInterval(() => this.#ping(), PING_INTERVAL_MS);
  }

  static async start(port: number): Promise<Pinger> {
    let pinger: Pinger | undefined;
    const peer = await RawPeer.connect(port, (message) => {
      if (message.type === "pong" && message.nonce !== undefined) pinger?.pong(message.nonce);
    });
    pinger = new Pinger(peer);
    return pinger;
  }

  #ping(): void {
    const nowMs = performance.now();
    this.ownDelayMs = Math.max(this.ownDelayMs, nowMs - this.#lastPingMs - PING_INTERVAL_MS);
    this.#lastPingMs = nowMs;
    this.#nonce += 1n;
    this.#sentMs.set(this.#nonce, nowMs);
    this.#peer.send({ type: "ping", nonce: this.#nonce });
  }

  pong(nonce: bigint): void {
    const sentMs = this.#sentMs.get(nonce);
    if (sentMs === undefined) return;
    this.#sentMs.delete(nonce);
    this.latenciesMs.push(performance.now() - sentMs);
  }

  /** Waits for the pongs that are still to come. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    while (this.#sentMs.size > 0) await pause(PING_INTERVAL_MS);
    this.#peer.end();
  }
}

interface BigBlocks {
  readonly baseFile: string;
  readonly baseHeight: number;
  /** The full blocks, and the same as messages. */
  readonly blocks: readonly Block[];
  readonly frames: readonly (readonly Uint8Array[])[];
  readonly inputCount: number;
}

/** A chain whose last blocks make {@link COINS_PER_BLOCK} coins each, and as many full blocks that spend them. */
function bigBlocks(): BigBlocks {
  const rewards = mineMany(GENESIS, 100);
  const chain = [...rewards];
  const coins: Spendable[][] = [];
  for (const tip of rewards.slice(0, BIG_BLOCKS)) {
    const fanOut = pay([rewardOf(tip)], COINS_PER_BLOCK);
    coins.push(fanOut.outputs.map((_, index) => spendableOf(fanOut, index)));
    chain.push(mine(chain.at(-1)!, { transactions: [fanOut] }));
  }
  const baseFile = join(tmpdir(), `bitfleet-bench-base-${process.pid}.dat`);
  writeBlockFile(
    baseFile,
    chain.map(({ block }) => block),
  );
  const big: Tip[] = [];
  for (const list of coins) big.push(mine(big.at(-1) ?? chain.at(-1)!, { transactions: fill(list) }));
  const inputCount = big[0]!.block.transactions.reduce((count, { inputs }) => count + inputs.length, 0) - 1;
  const blocks = big.map(({ block }) => block);
  const frames = blocks.map((block) => frameOf({ type: "block", block }));
  return { baseFile, baseHeight: chain.length, blocks, frames, inputCount };
}

/** As many spends of two coins each as a block has room for. */
function fill(coins: readonly Spendable[]): Transaction[] {
  const transactions: Transaction[] = [];
  let weight = RESERVED_WEIGHT;
  for (let index = 0; index + 1 < coins.length; index += 2) {
    const tx = pay(coins.slice(index, index + 2), OUTPUTS_EACH);
    weight += tx.weight;
    if (weight > MAX_BLOCK_WEIGHT) break;
    transactions.push(tx);
  }
  return transactions;
}

async function whileBlocksConnect(program: Program, big: BigBlocks): Promise<Pinger> {
  const node = await BenchNode.spawn(program, ["-connect=0", ANY_TIP_AGE, `-loadblock=${big.baseFile}`]);
  await node.reach(big.baseHeight);
  const sender = await RawPeer.connect(node.p2pPort);
  const pinger = await Pinger.start(node.p2pPort);
  for (const [index, frame] of big.frames.entries()) {
    sender.sendFrame(frame);
    await node.reach(big.baseHeight + index + 1);
  }
  await pinger.stop();
  sender.end();
  await node.stop();
  return pinger;
}

async function whileItSyncs(program: Program, server: BenchNode): Promise<Pinger> {
  const node = await BenchNode.spawn(program, [`-connect=${server.endpoint}`]);
  const pinger = await untilListening(() => Pinger.start(node.p2pPort));
  await node.reach(SYNC_BLOCKS);
  await pinger.stop();
  await node.stop();
  return pinger;
}

/** It begins to fetch at once, so that the first pings cannot wait for its first answer by RPC. */
async function untilListening<Value>(connect: () => Promise<Value>): Promise<Value> {
  for (;;) {
    const value = await connect().catch(() => undefined);
    if (value !== undefined) return value;
    await pause(1);
  }
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/** Prints one line, and another where we fail. "own" is {@link Pinger.ownDelayMs}. */
function report(program: Program, job: string, { latenciesMs, ownDelayMs }: Pinger): void {
  const sorted = latenciesMs.toSorted((a, b) => a - b);
  const waits = [0.5, 0.9, 0.99, 1].map((share) => quantile(sorted, share));
  const cells = [...waits, ownDelayMs].map((ms) => ms.toFixed(1).padStart(9));
  console.log(`${job.padEnd(34)}${program.name.padEnd(10)}${String(sorted.length).padStart(7)}${cells.join("")}`);
  const maxMs = quantile(sorted, 1);
  if (program === OURS && !(maxMs <= PONG_MS_MAX)) {
    console.error(`FAILED: a pong took ${maxMs.toFixed(0)} ms, more than ${PONG_MS_MAX} ms, while ${job}`);
    process.exitCode = 1;
  }
}

const big = bigBlocks();
const [first] = big.blocks;
const hint = CORE === undefined ? "; set CORE_BITCOIND to compare" : "";
console.log(
  `full blocks: ${first!.weight} weight units, ${big.inputCount} inputs; a ping every ${PING_INTERVAL_MS} ms${hint}`,
);
const columns = ["p50", "p90", "p99", "max, ms", "own"].map((name) => name.padStart(9));
console.log(`${"".padEnd(44)}${"pings".padStart(7)}${columns.join("")}`);
const programs = CORE === undefined ? [OURS] : [OURS, CORE];
for (const program of programs) report(program, "full blocks come in", await whileBlocksConnect(program, big));
rmSync(big.baseFile);
const chain = syncChain(SYNC_BLOCKS);
const server = await BenchNode.spawn(CORE ?? OURS, ["-connect=0", `-loadblock=${chain.path}`]);
await server.reach(SYNC_BLOCKS);
for (const program of programs) report(program, "blocks are fetched", await whileItSyncs(program, server));
await server.stop();
