import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import type { RpcValue } from "@bitfleet/api/json.ts";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { medianTimePast } from "@bitfleet/protocol/consensus/locktime.ts";
import { targetFromBits } from "@bitfleet/protocol/consensus/pow.ts";
import type { Block } from "@bitfleet/protocol/primitives/block.ts";
import { type BlockHash, displayHash, type Hash256, parseDisplayHash } from "@bitfleet/protocol/primitives/types.ts";
import type { BlockIndexEntry } from "../chain/block-index.ts";
import type { Chain } from "../chain/chain.ts";

/** Headers and blocks in Core's JSON, and the block that a caller means. */

const HASH_HEX_SIZE = 64;

/** Mantissa and exponent of the lowest difficulty, 1. */
const DIFFICULTY_ONE_MANTISSA = 0xffff;
const DIFFICULTY_ONE_SIZE = 29;

/** Difficulty of compact bits, in Core's floating-point steps so that every digit agrees. */
export function difficultyOf(bits: number): number {
  const size = bits >>> 24;
  let difficulty = DIFFICULTY_ONE_MANTISSA / (bits & 0xffffff);
  for (let at = size; at < DIFFICULTY_ONE_SIZE; at++) difficulty *= 256;
  for (let at = size; at > DIFFICULTY_ONE_SIZE; at--) difficulty /= 256;
  return difficulty;
}

export const bitsText = (bits: number) => bits.toString(16).padStart(8, "0");
export const hex256 = (value: bigint) => value.toString(16).padStart(HASH_HEX_SIZE, "0");
export const targetText = (bits: number) => hex256(targetFromBits(bits).target);

/** The hash a parameter says. Core names the parameter in its errors in ways of its own: `name`. */
export function parseHashParam<H extends Hash256 = Hash256>(text: string, name: string): H {
  const hash = parseDisplayHash<H>(text);
  if (hash !== undefined) return hash;
  const size = Buffer.byteLength(text);
  throw new RpcError(
    RpcErrorCode.INVALID_PARAMETER,
    size === HASH_HEX_SIZE
      ? `${name} must be hexadecimal string (not '${text}')`
      : `${name} must be of length ${HASH_HEX_SIZE} (not ${size}, for '${text}')`,
  );
}

/** The known block of that hash; -5 where there is none. */
export function blockOfHash(chain: Pick<Chain, "find">, text: string, name: string): BlockIndexEntry {
  const entry = chain.find(parseHashParam<BlockHash>(text, name));
  if (entry === undefined) throw new RpcError(RpcErrorCode.INVALID_ADDRESS_OR_KEY, "Block not found");
  return entry;
}

/** Blocks from `entry` to the tip, both counted; -1 outside the active chain. */
export function confirmationsOf(chain: Pick<Chain, "tip" | "isInActiveChain">, entry: BlockIndexEntry): number {
  return chain.isInActiveChain(entry) ? chain.tip.height - entry.height + 1 : -1;
}

/** A block and those behind it in the active chain, at most `count`; outside the active chain the block alone. */
export function headersFrom(
  chain: Pick<Chain, "isInActiveChain" | "next">,
  first: BlockIndexEntry,
  count: number,
): BlockIndexEntry[] {
  const entries = [first];
  let next = chain.isInActiveChain(first) ? chain.next(first) : undefined;
  while (next !== undefined && entries.length < count) {
    entries.push(next);
    next = chain.next(next);
  }
  return entries;
}

/** What getblockheader answers. */
export function headerJson(
  chain: Pick<Chain, "tip" | "isInActiveChain" | "next">,
  entry: BlockIndexEntry,
): Record<string, RpcValue> {
  const { header } = entry;
  const next = chain.isInActiveChain(entry) ? chain.next(entry) : undefined;
  return {
    hash: displayHash(entry.hash),
    confirmations: confirmationsOf(chain, entry),
    height: entry.height,
    version: header.version,
    versionHex: bitsText(header.version >>> 0),
    merkleroot: displayHash(header.merkleRoot),
    time: header.time,
    mediantime: medianTimePast(entry),
    nonce: header.nonce,
    bits: bitsText(header.bits),
    target: targetText(header.bits),
    difficulty: difficultyOf(header.bits),
    chainwork: hex256(entry.chainwork),
    nTx: entry.transactionCount,
    previousblockhash: entry.previous && displayHash(entry.previous.hash),
    nextblockhash: next && displayHash(next.hash),
  };
}

/** What getblock adds for the block's data; the transactions come behind. */
export function blockDataJson(block: Block): Record<string, RpcValue> {
  const coinbase = block.transactions[0];
  const input = coinbase?.inputs[0];
  return {
    strippedsize: block.strippedSize,
    size: block.size,
    weight: block.weight,
    coinbase_tx: coinbase &&
      input && {
        version: coinbase.version,
        locktime: coinbase.lockTime,
        sequence: input.sequence,
        coinbase: toHex(input.scriptSig),
        witness: input.witness[0] && toHex(input.witness[0]),
      },
  };
}
