import { closeSync, openSync, writeSync } from "node:fs";
import {
  COINBASE_MATURITY,
  GENESIS,
  mine,
  NETWORK,
  rewardOf,
  type Spendable,
  spendableOf,
  type Tip,
} from "@bitfleet/node/chain/test-kit.ts";
import { chooseSecp256k1 } from "@bitfleet/node/crypto/choose-backend.ts";
import { concatBytes, EMPTY_BYTES } from "@bitfleet/protocol/bytes/bytes.ts";
import { encodeDer } from "@bitfleet/protocol/crypto/der.ts";
import { hash160 } from "@bitfleet/protocol/crypto/hash.ts";
import type { Block } from "@bitfleet/protocol/primitives/block.ts";
import { Transaction, type TransactionFields, type TxOutput } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { pushData } from "@bitfleet/protocol/script/script.ts";
import { SighashCache, SighashType } from "@bitfleet/protocol/script/sighash.ts";
import { taprootSighash } from "@bitfleet/protocol/script/sighash-taproot.ts";
import { tapTweakHash } from "@bitfleet/protocol/script/taproot.ts";
import {
  outputTypeOf,
  payToPublicKeyHash,
  payToTaproot,
  payToWitnessPublicKeyHash,
} from "@bitfleet/protocol/script/templates.ts";

/** Chains for nodes that exchange blocks: signed spends of P2PKH, P2WPKH and P2TR outputs up to a tip of about now. */

const { backend: secp256k1 } = chooseSecp256k1("auto");
/** The key of the chain test kit, to which its coinbases pay. */
const PRIVATE_KEY = new Uint8Array(32).fill(0x42);
const PUBLIC_KEY = secp256k1.publicKeyOf(PRIVATE_KEY, true);
const KEY_HASH_SCRIPT = payToPublicKeyHash(hash160(PUBLIC_KEY));
const INTERNAL_KEY = PUBLIC_KEY.subarray(1);
const TAP_TWEAK = tapTweakHash(INTERNAL_KEY);
const TAPROOT_KEY = secp256k1.tweakPrivateKey(PRIVATE_KEY, TAP_TWEAK)!;
const ZERO_AUXILIARY = new Uint8Array(32);

/** One output script of each kind; outputs take them in turn. */
const SCRIPTS = [
  KEY_HASH_SCRIPT,
  payToWitnessPublicKeyHash(hash160(PUBLIC_KEY)),
  payToTaproot(secp256k1.tweakXOnly(INTERNAL_KEY, TAP_TWEAK)!.x),
] as const;

const FEE_PER_TRANSACTION = 5000n;
const BLOCK_SPACING_SECONDS = 30;
/** Default: recent enough for a node to leave the initial download, and not ahead of its clock when it mines on. */
const TIP_AGE_SECONDS = 600;

export interface ChainOptions {
  /** At least 103. */
  readonly blockCount: number;
  /** Outputs that the block at a height fans out to; the next block spends them all, two by two. */
  readonly fanOutWidth: (height: number) => number;
  /** Outputs that nobody spends: {@link InteropChain.coins}. */
  readonly spareCount: number;
  /** How far the tip's time lies in the past. */
  readonly tipAgeSeconds?: number;
}

export interface InteropChain {
  /** From height 1 to the tip. */
  readonly blocks: readonly Block[];
  /** Hash of the tip as the RPC interface has it. */
  readonly tipHash: string;
  /** Unspent and mature, of each kind in turn. */
  readonly coins: readonly Spendable[];
  readonly inputCount: number;
}

/** Builds the chain; the same for the same options and the same time. */
export function buildChain(options: ChainOptions, nowMs = Date.now()): InteropChain {
  const endSeconds = Math.floor(nowMs / 1000) - (options.tipAgeSeconds ?? TIP_AGE_SECONDS);
  const tips: Tip[] = [];
  let coins: readonly Spendable[] = [];
  let fanned: readonly Spendable[] = [];
  let inputCount = 0;
  for (let height = 1; height <= options.blockCount; height++) {
    const transactions = pairsOf(fanned).map((pair) => pay(pair, pair.length));
    fanned = [];
    const mature = tips[height - 1 - COINBASE_MATURITY];
    if (mature !== undefined) {
      const isSpare = coins.length === 0;
      const split = pay([rewardOf(mature)], isSpare ? options.spareCount : options.fanOutWidth(height));
      const outputs = split.outputs.map((_, index) => spendableOf(split, index));
      if (isSpare) coins = outputs;
      else fanned = outputs;
      transactions.push(split);
    }
    const time = endSeconds - (options.blockCount - height) * BLOCK_SPACING_SECONDS;
    tips.push(mine(tips.at(-1) ?? GENESIS, { transactions, time }));
    inputCount += transactions.reduce((count, { inputs }) => count + inputs.length, 0);
  }
  const blocks = tips.map(({ block }) => block);
  return { blocks, tipHash: displayHash(blocks.at(-1)!.hash), coins, inputCount };
}

function pairsOf(coins: readonly Spendable[]): Spendable[][] {
  return Array.from({ length: Math.ceil(coins.length / 2) }, (_, index) => coins.slice(2 * index, 2 * index + 2));
}

/** A signed transaction that divides `coins`, less a fee, among `outputCount` outputs of the kinds in turn. */
export function pay(coins: readonly Spendable[], outputCount: number): Transaction {
  const total = coins.reduce((sum, { output }) => sum + output.value, 0n) - FEE_PER_TRANSACTION;
  const value = total / BigInt(outputCount);
  const fields = {
    version: 2,
    inputs: coins.map(({ outPoint }) => {
      return { previousOutput: outPoint, scriptSig: EMPTY_BYTES, sequence: 0xfffffffd, witness: [] };
    }),
    outputs: Array.from({ length: outputCount }, (_, index) => ({ value, scriptPubKey: SCRIPTS[index % 3]! })),
    lockTime: 0,
  };
  return signed(
    fields,
    coins.map(({ output }) => output),
  );
}

function signed(fields: TransactionFields, spent: readonly TxOutput[]): Transaction {
  const cache = new SighashCache(fields, spent);
  const inputs = fields.inputs.map((input, index) => ({ ...input, ...unlock(cache, index, spent[index]!) }));
  return new Transaction({ ...fields, inputs });
}

function unlock(cache: SighashCache, index: number, { scriptPubKey }: TxOutput) {
  const type = outputTypeOf(scriptPubKey);
  if (type === "witness_v1_taproot") {
    const hash = taprootSighash(cache, index, SighashType.DEFAULT, {
      annexHash: undefined,
      leafHash: undefined,
      codeSeparatorPosition: 0xffffffff,
    });
    return { witness: [secp256k1.signSchnorr(hash!, TAPROOT_KEY, ZERO_AUXILIARY)] };
  }
  if (type === "pubkeyhash") {
    const signature = ecdsa(cache.legacySighash(index, scriptPubKey, SighashType.ALL));
    return { scriptSig: concatBytes(pushData(signature), pushData(PUBLIC_KEY)) };
  }
  return { witness: [ecdsa(cache.witnessV0Sighash(index, KEY_HASH_SCRIPT, SighashType.ALL)), PUBLIC_KEY] };
}

function ecdsa(hash: Uint8Array): Uint8Array {
  return concatBytes(encodeDer(secp256k1.signEcdsa(hash, PRIVATE_KEY)), Uint8Array.of(SighashType.ALL));
}

/** Writes blocks in the form that `-loadblock` takes. */
export function writeBlockFile(path: string, blocks: readonly Block[]): void {
  const file = openSync(path, "w");
  try {
    for (const { bytes } of blocks) {
      const head = new Uint8Array(8);
      head.set(NETWORK.magic);
      new DataView(head.buffer).setUint32(4, bytes.length, true);
      writeSync(file, head);
      writeSync(file, bytes);
    }
  } finally {
    closeSync(file);
  }
}
