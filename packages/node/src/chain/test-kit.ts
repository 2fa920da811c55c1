import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { concatBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { coinbaseHeightScript } from "@bitfleet/protocol/consensus/check-block.ts";
import { regtestNetwork } from "@bitfleet/protocol/consensus/networks.ts";
import { checkProofOfWork } from "@bitfleet/protocol/consensus/pow.ts";
import { blockSubsidy } from "@bitfleet/protocol/consensus/subsidy.ts";
import { commitToWitnesses } from "@bitfleet/protocol/consensus/witness-commitment.ts";
import { encodeDer } from "@bitfleet/protocol/crypto/der.ts";
import { hash160 } from "@bitfleet/protocol/crypto/hash.ts";
import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import { Block, BlockHeader } from "@bitfleet/protocol/primitives/block.ts";
import { blockMerkleRoot } from "@bitfleet/protocol/primitives/merkle.ts";
import {
  COINBASE_INDEX,
  type OutPoint,
  Transaction,
  type TxOutput,
} from "@bitfleet/protocol/primitives/transaction.ts";
import { type Sats, type Txid, ZERO_HASH } from "@bitfleet/protocol/primitives/types.ts";
import { pushData } from "@bitfleet/protocol/script/script.ts";
import { SighashCache, SighashType } from "@bitfleet/protocol/script/sighash.ts";
import { payToPublicKeyHash, payToWitnessPublicKeyHash } from "@bitfleet/protocol/script/templates.ts";
import type { Clock, Logger } from "../ports.ts";
import { Chain } from "./chain.ts";
import type { ChainDependencies, ChainOptions } from "./open-chain.ts";
import { ScriptPool } from "./script-pool.ts";
import { computeUtxoStats } from "./utxo-stats.ts";

/** Regtest chains with real proof of work and signatures, for tests, the kill test and benchmarks. */

export const NETWORK = regtestNetwork();
export const PRIVATE_KEY = new Uint8Array(32).fill(0x42);
const PUBLIC_KEY = portableSecp256k1.publicKeyOf(PRIVATE_KEY, true);
const KEY_HASH = hash160(PUBLIC_KEY);
/** Where test coins are paid to. */
export const KEY_SCRIPT = payToWitnessPublicKeyHash(KEY_HASH);
/** Blocks before a coinbase may be spent. */
export const COINBASE_MATURITY = 100;

/** A block and where it stands: what the next one is built upon. */
export interface Tip {
  readonly block: Block;
  readonly height: number;
}

export const GENESIS: Tip = { block: NETWORK.params.genesis, height: 0 };

export interface MineOptions {
  readonly transactions?: readonly Transaction[];
  /** Tells branches apart that would be equal otherwise. */
  readonly salt?: number;
  /** Instead of the whole subsidy. Fees are left behind. */
  readonly coinbaseValue?: Sats;
  readonly time?: number;
  /** Changes the transactions before the header commits to them. */
  readonly spoil?: (transactions: readonly Transaction[]) => readonly Transaction[];
}

/** A block on top of `previous`, valid unless the options see to it that it is not. */
export function mine(previous: Tip, options: MineOptions = {}): Tip {
  const { transactions = [], salt = 0, spoil = (list) => list } = options;
  const height = previous.height + 1;
  const value = options.coinbaseValue ?? blockSubsidy(height, NETWORK.params);
  const scriptSig = concatBytes(
    coinbaseHeightScript(height),
    pushData(Uint8Array.of(salt, salt >>> 8, salt >>> 16, 1)),
  );
  const previousOutput: OutPoint = { txid: ZERO_HASH as Txid, index: COINBASE_INDEX };
  const coinbase = new Transaction({
    version: 2,
    inputs: [{ previousOutput, scriptSig, sequence: 0xffffffff, witness: [] }],
    outputs: [{ value, scriptPubKey: KEY_SCRIPT }],
    lockTime: 0,
  });
  const all = spoil([commitToWitnesses(coinbase, transactions), ...transactions]);
  const time = options.time ?? previous.block.header.time + 60;
  return { block: solve(previous.block, all, time), height };
}

/** So large that ten blocks fill a file of `-fastprune`. */
const PADDING = Uint8Array.of(0x6a, ...new Uint8Array(6000));

/** For {@link MineOptions.spoil}: makes a block large, and leaves it valid, by an output that nobody can spend. */
export function padded([coinbase, ...rest]: readonly Transaction[]): Transaction[] {
  const { version, inputs, outputs, lockTime } = coinbase!;
  const padding = { value: 0n, scriptPubKey: PADDING };
  return [new Transaction({ version, inputs, outputs: [...outputs, padding], lockTime }), ...rest];
}

function solve(previous: Block, transactions: readonly Transaction[], time: number): Block {
  const { root } = blockMerkleRoot({ transactions });
  const { bits } = NETWORK.params.genesis.header;
  for (let nonce = 0; ; nonce++) {
    const fields = { version: 0x20000000, previousBlockHash: previous.hash, merkleRoot: root, time, bits, nonce };
    const header = new BlockHeader(fields);
    if (checkProofOfWork(header.hash, bits, NETWORK.params)) return new Block(header, transactions);
  }
}

/** `count` blocks, each on top of the one before. */
export function mineMany(previous: Tip, count: number, options: MineOptions = {}): Tip[] {
  const tips: Tip[] = [];
  while (tips.length < count) tips.push(mine(tips.at(-1) ?? previous, options));
  return tips;
}

/** An output that the test key can spend. */
export interface Spendable {
  readonly outPoint: OutPoint;
  readonly output: TxOutput;
}

export function spendableOf(tx: Transaction, index = 0): Spendable {
  return { outPoint: { txid: tx.txid, index }, output: tx.outputs[index]! };
}

/** The coinbase's reward. */
export function rewardOf(tip: Tip): Spendable {
  return spendableOf(tip.block.transactions[0]!);
}

export interface SpendOptions {
  /** Outputs that share the value; default 1. */
  readonly outputCount?: number;
  readonly fee?: Sats;
  /** Script that is paid instead of the test key's. */
  readonly to?: Uint8Array;
  /** Makes the signature of the last input wrong. */
  readonly badSignature?: boolean;
}

/** A transaction that spends `coins` to the test key, signed. */
export function spend(coins: readonly Spendable[], options: SpendOptions = {}): Transaction {
  const { outputCount = 1, fee = 1000n, to = KEY_SCRIPT } = options;
  const total = coins.reduce((sum, { output }) => sum + output.value, 0n) - fee;
  const value = total / BigInt(outputCount);
  const fields = {
    version: 2,
    inputs: coins.map(({ outPoint }) => ({
      previousOutput: outPoint,
      scriptSig: new Uint8Array(0),
      sequence: 0xfffffffe,
      witness: [] as readonly Uint8Array[],
    })),
    outputs: Array.from({ length: outputCount }, () => ({ value, scriptPubKey: to })),
    lockTime: 0,
  };
  const cache = new SighashCache(
    new Transaction(fields),
    coins.map(({ output }) => output),
  );
  const inputs = fields.inputs.map((input, index) => {
    const hash = cache.witnessV0Sighash(index, payToPublicKeyHash(KEY_HASH), SighashType.ALL);
    const isBad = options.badSignature === true && index === coins.length - 1;
    const signed = isBad ? Uint8Array.from(hash, (byte) => byte ^ 1) : hash;
    const signature = encodeDer(portableSecp256k1.signEcdsa(signed, PRIVATE_KEY));
    return { ...input, witness: [concatBytes(signature, Uint8Array.of(SighashType.ALL)), PUBLIC_KEY] };
  });
  return new Transaction({ ...fields, inputs });
}

/**
 * Blocks that each spend what the one before made: from height 101 on every block has a transaction with two outputs of the
 * reward that just matured, one that spends both at once in the same block, and one that spends the last block's change.
 */
export function mineSpending(rewards: readonly Tip[], count: number, salt = 0): Tip[] {
  const chain = [...rewards];
  let change: Spendable | undefined;
  for (let made = 0; made < count; made++) {
    const previous = chain.at(-1)!;
    const mature = chain.find(({ height }) => height === previous.height + 1 - COINBASE_MATURITY);
    if (mature === undefined) throw new Error("no mature reward to spend");
    const split = spend([rewardOf(mature)], { outputCount: 2 });
    const joined = spend([spendableOf(split, 0), spendableOf(split, 1)]);
    const moved = change && spend([change], { outputCount: 3 });
    chain.push(mine(previous, { transactions: [split, joined, ...(moved ? [moved] : [])], salt }));
    change = spendableOf(joined, 0);
  }
  return chain.slice(rewards.length);
}

/** A clock that stands at a month after regtest's genesis, until it is told to move. Timers fire only when a test rings them. */
export class ManualClock implements Clock {
  seconds = GENESIS.block.header.time + 30 * 24 * 60 * 60;
  elapsedMs = 0;
  readonly timers = new Set<{ readonly delayMs: number; readonly callback: () => void }>();

  nowMs(): number {
    return this.seconds * 1000;
  }

  monotonicMs(): number {
    return this.elapsedMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { delayMs, callback };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  /** Fires what waits now. */
  ring(): void {
    const due = [...this.timers];
    this.timers.clear();
    for (const { callback } of due) callback();
  }
}

/** Keeps what was logged. */
export class MemoryLog implements Logger {
  readonly lines: string[] = [];

  debug(): void {}

  info(message: string): void {
    this.lines.push(message);
  }

  warn(message: string): void {
    this.lines.push(message);
  }

  error(message: string, facts: object = {}): void {
    this.lines.push(`${message} ${JSON.stringify(facts)}`);
  }

  child(): Logger {
    return this;
  }
}

export interface TestChain {
  readonly chain: Chain;
  readonly clock: ManualClock;
  readonly log: MemoryLog;
  /** What stopped the chain, if anything did. */
  readonly fatal: () => Error | undefined;
}

/** Opens a chain below `dataPath` on real LevelDB and real files, with scripts checked on this thread. */
export async function openTestChain(
  dataPath: string,
  options: Partial<ChainOptions> = {},
  deps: Partial<ChainDependencies> = {},
): Promise<TestChain> {
  const clock = new ManualClock();
  const log = new MemoryLog();
  let fatal: Error | undefined;
  const pool = { threadCount: 0, preference: "portable" } as const;
  const chain = await Chain.open(
    { network: NETWORK, dataPath, checkBlocks: 1, cacheBytes: 32 * 1024 * 1024, ...options },
    {
      clock,
      log,
      scriptVerifier: new ScriptPool(pool, { secp256k1: portableSecp256k1, log }),
      secp256k1: portableSecp256k1,
      onFatal: (error) => {
        fatal = error;
      },
      ...deps,
    },
  );
  return { chain, clock, log, fatal: () => fatal };
}

/** Runs `work` with a directory that is removed afterwards. */
export async function inTemporaryDirectory<Value>(work: (path: string) => Promise<Value>): Promise<Value> {
  const path = await mkdtemp(join(tmpdir(), "bitfleet-chain-"));
  try {
    return await work(path);
  } finally {
    await rm(path, { recursive: true, force: true });
  }
}

/** Submits blocks in order; the last answer. */
export async function submitAll(chain: Chain, tips: readonly Tip[]) {
  let last: Awaited<ReturnType<Chain["submitBlock"]>> | undefined;
  for (const { block } of tips) last = await chain.submitBlock(block);
  return last!;
}

/** MuHash and number of the coins of the tip. */
export async function coinsOf(chain: Chain): Promise<{ readonly hash: string; readonly count: number }> {
  const snapshot = await chain.withFlushedCoins((coins) => coins.snapshot());
  try {
    const { hash, txouts } = await computeUtxoStats(snapshot, { hash: "muhash" });
    return { hash: Buffer.from(hash!).toString("hex"), count: txouts };
  } finally {
    await snapshot.close();
  }
}
