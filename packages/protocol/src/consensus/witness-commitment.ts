import { concatBytes } from "../bytes/bytes.ts";
import { sha256d } from "../crypto/hash.ts";
import type { Block } from "../primitives/block.ts";
import { blockWitnessMerkleRoot } from "../primitives/merkle.ts";
import { Transaction, type TxOutput } from "../primitives/transaction.ts";
import type { Hash256, MerkleRoot } from "../primitives/types.ts";

/** BIP141: how the output that commits to a block's witnesses begins: OP_RETURN, a push of 36 bytes, four fixed ones. */
export const WITNESS_COMMITMENT_PREFIX: Uint8Array = Uint8Array.of(0x6a, 0x24, 0xaa, 0x21, 0xa9, 0xed);

/** BIP141: size of the prefix and the commitment behind it. What follows has no meaning (BIP325 uses it). */
export const WITNESS_COMMITMENT_SIZE_MIN = 38;

/** BIP141: size of the one item in the coinbase's witness. */
export const WITNESS_RESERVED_VALUE_SIZE = 32;

/** What miners put there as long as it has no use. */
export const WITNESS_RESERVED_VALUE: Uint8Array = new Uint8Array(WITNESS_RESERVED_VALUE_SIZE);

/** Which coinbase output commits to the witnesses: the last that begins like one, or `undefined` for none. */
export function witnessCommitmentIndex(block: Pick<Block, "transactions">): number | undefined {
  const index = block.transactions[0]?.outputs.findLastIndex(isWitnessCommitment) ?? -1;
  return index === -1 ? undefined : index;
}

function isWitnessCommitment({ scriptPubKey }: TxOutput): boolean {
  return (
    scriptPubKey.length >= WITNESS_COMMITMENT_SIZE_MIN &&
    WITNESS_COMMITMENT_PREFIX.every((byte, index) => scriptPubKey[index] === byte)
  );
}

/** BIP141: hash of the root over the wtxids and the reserved value. */
export function witnessCommitmentHash(witnessRoot: MerkleRoot, reservedValue: Uint8Array): Hash256 {
  return sha256d(concatBytes(witnessRoot, reservedValue));
}

/** The coinbase output that commits to the witnesses of `block`, whose coinbase may lack it yet, with the reserved value of zeros. */
export function witnessCommitmentOutput(block: Pick<Block, "transactions">): TxOutput {
  const hash = witnessCommitmentHash(blockWitnessMerkleRoot(block), WITNESS_RESERVED_VALUE);
  return { value: 0n, scriptPubKey: concatBytes(WITNESS_COMMITMENT_PREFIX, hash) };
}

/**
 * `coinbase` as the first of `transactions` (which leave it out), with its commitment and the reserved value in its
 * witness. One that has a commitment keeps it and gets the witness only.
 */
export function commitToWitnesses(coinbase: Transaction, transactions: readonly Transaction[]): Transaction {
  const block = { transactions: [coinbase, ...transactions] };
  const hasCommitment = witnessCommitmentIndex(block) !== undefined;
  return new Transaction({
    version: coinbase.version,
    inputs: coinbase.inputs.map((input) => ({ ...input, witness: [WITNESS_RESERVED_VALUE] })),
    outputs: hasCommitment ? coinbase.outputs : [...coinbase.outputs, witnessCommitmentOutput(block)],
    lockTime: coinbase.lockTime,
  });
}
