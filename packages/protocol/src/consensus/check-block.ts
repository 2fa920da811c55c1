import { equalBytes } from "../bytes/bytes.ts";
import type { Secp256k1 } from "../crypto/secp256k1.ts";
import type { Block } from "../primitives/block.ts";
import { blockMerkleRoot, blockWitnessMerkleRoot } from "../primitives/merkle.ts";
import { isCoinbase, WITNESS_SCALE_FACTOR } from "../primitives/transaction.ts";
import { displayHash } from "../primitives/types.ts";
import { ScriptBuilder } from "../script/script.ts";
import type { ChainLink } from "./chain-view.ts";
import { checkBlockHeader } from "./check-header.ts";
import { checkTransaction } from "./check-transaction.ts";
import { isActiveAt } from "./deployments.ts";
import { MAX_BLOCK_WEIGHT } from "./limits.ts";
import { isFinal, medianTimePast } from "./locktime.ts";
import type { ConsensusParams } from "./params.ts";
import { checkSignetSolution } from "./signet.ts";
import { legacySigops, MAX_BLOCK_SIGOPS_COST } from "./sigops.ts";
import { type BlockReject, blockReject } from "./verdict.ts";
import {
  WITNESS_COMMITMENT_PREFIX,
  WITNESS_COMMITMENT_SIZE_MIN,
  WITNESS_RESERVED_VALUE_SIZE,
  witnessCommitmentHash,
  witnessCommitmentIndex,
} from "./witness-commitment.ts";

/** CVE-2017-12842: a transaction of this size can pose as a pair of hashes in the tree. */
const MERKLE_PAIR_SIZE = 64;

export interface BlockCheckOptions {
  /** Check the proof of work and, on signet, the solution. Off for block templates. */
  readonly pow: boolean;
  /** Check that the header commits to the transactions. Off for block templates. */
  readonly merkle: boolean;
  /** Checks signet's signatures; other networks do not use it. */
  readonly secp256k1: Secp256k1;
}

/**
 * All that can be said of a block without knowing its chain. First comes what shows that the data are not those of the
 * header: such a reject must not condemn the header. Witnesses are left to {@link contextualCheckBlock} for the same
 * reason.
 */
export function checkBlock(block: Block, params: ConsensusParams, options: BlockCheckOptions): BlockReject | undefined {
  if (options.pow) {
    const reject = checkBlockHeader(block.header, params) ?? checkSignetSolution(block, params, options.secp256k1);
    if (reject) return reject;
  }
  if (options.merkle) {
    const reject = checkMerkleRoot(block);
    if (reject) return reject;
  }
  return checkSizeLimits(block) ?? checkCoinbasePlace(block) ?? checkTransactions(block) ?? checkLegacySigops(block);
}

function checkMerkleRoot(block: Block): BlockReject | undefined {
  const { root, mutated } = blockMerkleRoot(block);
  if (!equalBytes(root, block.header.merkleRoot)) {
    return blockReject("mutated", "bad-txnmrklroot", "hashMerkleRoot mismatch");
  }
  // CVE-2012-2459: transactions at the end repeated, so that the root stays the same.
  if (mutated) return blockReject("mutated", "bad-txns-duplicate", "duplicate transaction");
  return undefined;
}

function checkSizeLimits(block: Block): BlockReject | undefined {
  const count = block.transactions.length;
  const isTooLong =
    count * WITNESS_SCALE_FACTOR > MAX_BLOCK_WEIGHT || block.strippedSize * WITNESS_SCALE_FACTOR > MAX_BLOCK_WEIGHT;
  return count === 0 || isTooLong ? blockReject("consensus", "bad-blk-length", "size limits failed") : undefined;
}

function checkCoinbasePlace(block: Block): BlockReject | undefined {
  const [first, ...others] = block.transactions;
  if (first === undefined || !isCoinbase(first)) {
    return blockReject("consensus", "bad-cb-missing", "first tx is not coinbase");
  }
  if (others.some(isCoinbase)) return blockReject("consensus", "bad-cb-multiple", "more than one coinbase");
  return undefined;
}

function checkTransactions(block: Block): BlockReject | undefined {
  for (const tx of block.transactions) {
    const reject = checkTransaction(tx);
    if (reject) {
      const detail = `Transaction check failed (tx hash ${displayHash(tx.txid)}) ${reject.detail}`;
      return blockReject("consensus", reject.reason, detail);
    }
  }
  return undefined;
}

/** An early, low estimate: redeem and witness scripts are counted when the block connects. */
function checkLegacySigops(block: Block): BlockReject | undefined {
  let count = 0;
  for (const tx of block.transactions) count += legacySigops(tx);
  return count * WITNESS_SCALE_FACTOR > MAX_BLOCK_SIGOPS_COST
    ? blockReject("consensus", "bad-blk-sigops", "out-of-bounds SigOpCount")
    : undefined;
}

/**
 * Whether a block that passed {@link checkBlock} may follow `previous` (`undefined` for genesis), as far as headers can
 * tell: lock times, the coinbase's height, witness commitment and weight.
 */
export function contextualCheckBlock(
  block: Block,
  previous: ChainLink | undefined,
  params: ConsensusParams,
): BlockReject | undefined {
  const height = previous === undefined ? 0 : previous.height + 1;
  return (
    checkFinality(block, height, previous, params) ??
    checkCoinbaseHeight(block, height, params) ??
    checkWitnesses(block, isActiveAt("segwit", height, params)) ??
    checkWeight(block)
  );
}

function checkFinality(
  block: Block,
  height: number,
  previous: ChainLink | undefined,
  params: ConsensusParams,
): BlockReject | undefined {
  // BIP113: measured against the chain's clock, so that a miner gains nothing by a time in the future.
  const usesMedianTime = previous !== undefined && isActiveAt("csv", height, params);
  const cutoff = usesMedianTime ? medianTimePast(previous) : block.header.time;
  return block.transactions.every((tx) => isFinal(tx, height, cutoff))
    ? undefined
    : blockReject("consensus", "bad-txns-nonfinal", "non-final transaction");
}

/** BIP34: what the coinbase's scriptSig begins with: the height, pushed the shortest way (OP_1 to OP_16 included). */
export function coinbaseHeightScript(height: number): Uint8Array {
  return new ScriptBuilder().number(height).bytes();
}

function checkCoinbaseHeight(block: Block, height: number, params: ConsensusParams): BlockReject | undefined {
  if (!isActiveAt("bip34", height, params)) return undefined;
  const expected = coinbaseHeightScript(height);
  const scriptSig = block.transactions[0]!.inputs[0]!.scriptSig;
  return equalBytes(scriptSig.subarray(0, expected.length), expected)
    ? undefined
    : blockReject("consensus", "bad-cb-height", "block height mismatch in coinbase");
}

/**
 * BIP141: the coinbase commits to all witnesses, or there are none. The header commits to them only through it, so a
 * mismatch may mean that somebody changed the witnesses on the way.
 */
function checkWitnesses(block: Block, expectCommitment: boolean): BlockReject | undefined {
  const index = expectCommitment ? witnessCommitmentIndex(block) : undefined;
  if (index === undefined) return checkNoWitness(block);
  const coinbase = block.transactions[0]!;
  const [reservedValue, ...others] = coinbase.inputs[0]!.witness;
  if (reservedValue?.length !== WITNESS_RESERVED_VALUE_SIZE || others.length > 0) {
    const detail = "CheckWitnessMalleation : invalid witness reserved value size";
    return blockReject("mutated", "bad-witness-nonce-size", detail);
  }
  const hash = witnessCommitmentHash(blockWitnessMerkleRoot(block), reservedValue);
  const committed = coinbase.outputs[index]!.scriptPubKey.subarray(
    WITNESS_COMMITMENT_PREFIX.length,
    WITNESS_COMMITMENT_SIZE_MIN,
  );
  if (!equalBytes(hash, committed)) {
    const detail = "CheckWitnessMalleation : witness merkle commitment mismatch";
    return blockReject("mutated", "bad-witness-merkle-match", detail);
  }
  return undefined;
}

/** Witnesses that nothing commits to could be filled with anything by anybody. */
function checkNoWitness(block: Block): BlockReject | undefined {
  return block.transactions.some((tx) => tx.hasWitness)
    ? blockReject("mutated", "unexpected-witness", "CheckWitnessMalleation : unexpected witness data found")
    : undefined;
}

/** BIP141. Only now, since before its witness was vouched for a coinbase could be made heavy by anybody. */
function checkWeight(block: Block): BlockReject | undefined {
  return block.weight > MAX_BLOCK_WEIGHT
    ? blockReject("consensus", "bad-blk-weight", "ContextualCheckBlock : weight limit failed")
    : undefined;
}

/** Whether there is a {@link blockMutation}. */
export function isBlockMutated(block: Block, checkWitness: boolean): boolean {
  return blockMutation(block, checkWitness) !== undefined;
}

/**
 * What shows that the transactions are certainly not those that the miner committed to, so that the same header may come with
 * others from somebody else; `undefined` where nothing does. `checkWitness` where BIP141 is active at the block's height.
 */
export function blockMutation(block: Block, checkWitness: boolean): BlockReject | undefined {
  const reject = checkMerkleRoot(block);
  if (reject !== undefined) return reject;
  const coinbase = block.transactions[0];
  if (coinbase !== undefined && isCoinbase(coinbase)) return checkWitnesses(block, checkWitness);
  // CVE-2017-12842: a level of the tree may have been given as the transactions.
  return block.transactions.some((tx) => tx.strippedSize === MERKLE_PAIR_SIZE)
    ? blockReject("mutated", "bad-cb-missing", "a pair of hashes may pose as a transaction")
    : undefined;
}
