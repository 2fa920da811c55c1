import { type Network, regtestNetwork } from "@bitfleet/protocol/consensus/networks.ts";
import { checkProofOfWork } from "@bitfleet/protocol/consensus/pow.ts";
import { sha256 } from "@bitfleet/protocol/crypto/hash.ts";
import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import { Block, BlockHeader, type BlockHeaderFields } from "@bitfleet/protocol/primitives/block.ts";
import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Sats, Txid } from "@bitfleet/protocol/primitives/types.ts";
import { payToWitnessScriptHash } from "@bitfleet/protocol/script/templates.ts";
import { Chain } from "../../packages/node/src/chain/chain.ts";
import { ScriptPool } from "../../packages/node/src/chain/script-pool.ts";
import { Generator, isGenerateRefusal } from "../../packages/node/src/mining/generate.ts";
import type { Logger } from "../../packages/node/src/ports.ts";
import { SeededRandom } from "./seeded-random.ts";
import { SimulatedDisk } from "./simulated-disk.ts";

/** What every simulation begins with: a network, and a chain with coins to spend that all nodes have. */

/** When simulations begin, milliseconds since 1970. */
export const START_MS = Date.UTC(2026, 0, 1);

/** A sixteenth of the largest target. */
const REGULAR_BITS = 0x2007ffff;

/**
 * Regtest, but sixteen times as hard: only blocks more than twenty minutes after the one before may be as easy as there. So a chain may be
 * longer than another and have less work.
 */
export const NETWORK: Network = harder(regtestNetwork());

const OP_TRUE = 0x51;
/** Anyone can spend what is paid here, in a way that every mempool takes: whose coins they are is of no importance. */
const ANYONE_WITNESS: readonly Uint8Array[] = [Uint8Array.of(OP_TRUE)];
export const ANYONE_SCRIPT: Uint8Array = payToWitnessScriptHash(sha256(Uint8Array.of(OP_TRUE)));

/** More than the window of blocks that a node downloads at once, so that one peer can hold it up. */
const BLOCK_COUNT = 1100;
/** Close enough for regular difficulty; all within the day that ends the initial download. */
const SPACING_SECONDS = 60;
const MATURITY = 100;
const SPLIT_COUNT = 10;
const COINS_PER_SPLIT = 40;
const SPLIT_FEE: Sats = 100_000n;

export interface BaseChain {
  readonly disk: SimulatedDisk;
  readonly tip: Pick<Chain["tip"], "hash" | "height" | "chainwork">;
  /** Coins that anyone can spend. */
  readonly coins: readonly SpendableCoin[];
}

export interface SpendableCoin {
  readonly txid: Txid;
  readonly index: number;
  readonly value: Sats;
}

let building: Promise<BaseChain> | undefined;

/** The same for all simulations of a process, and in every process. */
export function baseChain(): Promise<BaseChain> {
  building ??= buildBaseChain();
  return building;
}

/** Spends coins that anyone can spend into outputs that anyone can spend. */
export function spend(coins: readonly SpendableCoin[], values: readonly Sats[]): Transaction {
  return new Transaction({
    version: 2,
    inputs: coins.map(({ txid, index }) => ({
      previousOutput: { txid, index },
      scriptSig: new Uint8Array(0),
      sequence: 0xfffffffd,
      witness: ANYONE_WITNESS,
    })),
    outputs: values.map((value) => ({ value, scriptPubKey: ANYONE_SCRIPT })),
    lockTime: 0,
  });
}

export function coinsOf(tx: Transaction): readonly SpendableCoin[] {
  return tx.outputs.map(({ value }, index) => ({ txid: tx.txid, index, value }));
}

/** The header with proof of work. */
export function solve(fields: BlockHeaderFields, { params }: Pick<Network, "params"> = NETWORK): BlockHeader {
  for (let nonce = 0; ; nonce++) {
    const header = new BlockHeader({ ...fields, nonce });
    if (checkProofOfWork(header.hash, header.bits, params)) return header;
  }
}

function harder(network: Network): Network {
  const { genesis } = network.params;
  const { version, previousBlockHash, merkleRoot, time, nonce } = genesis.header;
  const header = solve({ version, previousBlockHash, merkleRoot, time, nonce, bits: REGULAR_BITS }, network);
  return { ...network, params: { ...network.params, genesis: new Block(header, genesis.transactions) } };
}

async function buildBaseChain(): Promise<BaseChain> {
  const disk = new SimulatedDisk();
  let nowMs = START_MS - BLOCK_COUNT * SPACING_SECONDS * 1000;
  const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs, after: () => () => {} };
  const scriptVerifier = new ScriptPool(
    { threadCount: 0, preference: "portable" },
    { secp256k1: portableSecp256k1, log: SILENT },
  );
  const chain = await Chain.open(
    { network: NETWORK, dataPath: "memory", storage: disk.open().storage },
    { clock, log: SILENT, scriptVerifier, secp256k1: portableSecp256k1 },
  );
  const random = new SeededRandom(0);
  const signal = new AbortController().signal;
  const mempool = { chunksInMiningOrder: () => [] };
  const generator = new Generator({}, { chain, mempool, clock, random, signal });
  const splits: Transaction[] = [];
  while (chain.height < BLOCK_COUNT) {
    nowMs += SPACING_SECONDS * 1000;
    const transactions = chain.height === MATURITY + SPLIT_COUNT ? splits : [];
    const block = await generator.generateBlock(ANYONE_SCRIPT, transactions, true);
    if (isGenerateRefusal(block)) throw new Error(`The base chain cannot be made: ${block.reason}`);
    if (splits.length < SPLIT_COUNT) splits.push(splitReward(block));
  }
  const { hash, height, chainwork } = chain.tip;
  await chain.close();
  return { disk, tip: { hash, height, chainwork }, coins: splits.flatMap(coinsOf) };
}

function splitReward(block: Block): Transaction {
  const [coin] = coinsOf(block.transactions[0]!);
  const share = (coin!.value - SPLIT_FEE) / BigInt(COINS_PER_SPLIT);
  return spend([coin!], new Array<Sats>(COINS_PER_SPLIT).fill(share));
}

const SILENT: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, child: () => SILENT };
