import { concatBytes } from "../bytes/bytes.ts";
import { Reader } from "../bytes/cursor.ts";
import { sha256d } from "../crypto/hash.ts";
import type { Block } from "../primitives/block.ts";
import type { TxOutput } from "../primitives/transaction.ts";
import { type BlockHash, type Hash256, ZERO_HASH } from "../primitives/types.ts";
import { Op } from "../script/opcodes.ts";
import { checkGcs, encodeGcs, type GcsParams, gcsMatchesAny } from "./gcs.ts";

/** BIP158: number of the basic filter in BIP157's messages. */
export const BASIC_FILTER_TYPE = 0;
/** BIP158: P and M of the basic filter. */
const BASIC_FILTER_RICE_BITS = 19;
const BASIC_FILTER_INVERSE_RATE = 784_931;

/** BIP157: what stands for the filter header before genesis. */
export const FIRST_PREVIOUS_FILTER_HEADER: Hash256 = ZERO_HASH;

/** The outputs that a block spent, transaction by transaction: `BlockUndo` is of this shape. */
export interface SpentOutputs {
  readonly transactions: readonly (readonly { readonly output: TxOutput }[])[];
}

/**
 * BIP158: the encoded basic filter of a block: every script that it pays to, but those that begin with OP_RETURN, and every
 * script whose output it spends. Empty scripts are left out.
 */
export function buildBasicFilter(block: Pick<Block, "hash" | "transactions">, spent: SpentOutputs): Uint8Array {
  return encodeGcs(basicFilterElements(block, spent), basicFilterParams(block.hash));
}

/**
 * Whether the block of that hash may pay to, or spend from, any of `scripts`: false is certain. Throws `DecodeError` where the
 * filter is none.
 */
export function basicFilterMatchesAny(
  filter: Uint8Array,
  blockHash: BlockHash,
  scripts: Iterable<Uint8Array>,
): boolean {
  return gcsMatchesAny(filter, scripts, basicFilterParams(blockHash));
}

/** How many scripts a basic filter has. Throws `DecodeError` where the bytes are no basic filter. */
export function checkBasicFilter(filter: Uint8Array): number {
  return checkGcs(filter, { riceBits: BASIC_FILTER_RICE_BITS });
}

/** BIP157: the hash of an encoded filter. */
export function filterHashOf(filter: Uint8Array): Hash256 {
  return sha256d(filter);
}

/** BIP157: the header that commits to a filter and, through the header before, to all of them. */
export function filterHeaderOf(filterHash: Hash256, previousHeader: Hash256): Hash256 {
  return sha256d(concatBytes(filterHash, previousHeader));
}

/** The key is the first half of the block's hash. */
function basicFilterParams(blockHash: BlockHash): GcsParams {
  const reader = new Reader(blockHash);
  return {
    key: { k0: reader.uint64(), k1: reader.uint64() },
    riceBits: BASIC_FILTER_RICE_BITS,
    inverseFalsePositiveRate: BASIC_FILTER_INVERSE_RATE,
  };
}

function* basicFilterElements(block: Pick<Block, "transactions">, spent: SpentOutputs): Iterable<Uint8Array> {
  for (const { outputs } of block.transactions) {
    for (const { scriptPubKey } of outputs) {
      if (scriptPubKey.length > 0 && scriptPubKey[0] !== Op.RETURN) yield scriptPubKey;
    }
  }
  for (const coins of spent.transactions) {
    for (const { output } of coins) if (output.scriptPubKey.length > 0) yield output.scriptPubKey;
  }
}
