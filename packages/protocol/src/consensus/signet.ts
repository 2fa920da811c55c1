import { equalBytes } from "../bytes/bytes.ts";
import { DecodeError, Reader, Writer } from "../bytes/cursor.ts";
import type { Secp256k1 } from "../crypto/secp256k1.ts";
import type { Block } from "../primitives/block.ts";
import { merkleRoot } from "../primitives/merkle.ts";
import { COINBASE_INDEX, Transaction, type TxInput, type TxOutput } from "../primitives/transaction.ts";
import { type Txid, ZERO_HASH } from "../primitives/types.ts";
import { ScriptFlag, type ScriptFlags } from "../script/flags.ts";
import { Op } from "../script/opcodes.ts";
import { ScriptBuilder, ScriptCursor } from "../script/script.ts";
import { SighashCache } from "../script/sighash.ts";
import { verifyInput } from "../script/verify.ts";
import type { ConsensusParams } from "./params.ts";
import { type BlockReject, blockReject } from "./verdict.ts";
import { witnessCommitmentIndex } from "./witness-commitment.ts";

/** BIP325: how the push in the witness commitment output begins that carries the block's solution. */
export const SIGNET_HEADER: Uint8Array = Uint8Array.of(0xec, 0xc7, 0xda, 0xa2);

/** BIP325: rules that the solution's scripts are held to. Taproot is not among them. */
export const SIGNET_SCRIPT_FLAGS: ScriptFlags =
  ScriptFlag.P2SH | ScriptFlag.WITNESS | ScriptFlag.DERSIG | ScriptFlag.NULLDUMMY;

/** What satisfies the challenge: as if the block were an input that spends an output locked by it. */
export interface SignetSolution {
  readonly scriptSig: Uint8Array;
  readonly witness: readonly Uint8Array[];
}

/** Of a block: version, previous block, merkle root and time, as its signers sign them. */
const BLOCK_DATA_SIZE = 72;

const NO_SOLUTION: SignetSolution = { scriptSig: new Uint8Array(0), witness: [] };

/** The two virtual transactions of BIP325: a signature of the second is a signature of the block. */
export interface SignetMessage {
  readonly toSpend: Transaction;
  /** Spends the only output of `toSpend`, with the block's solution where it has one. */
  readonly toSign: Transaction;
}

/** BIP325: on signet, every block but the first has to satisfy the network's challenge. Elsewhere there is nothing to check. */
export function checkSignetSolution(
  block: Block,
  params: Pick<ConsensusParams, "signetChallenge" | "genesis">,
  secp256k1: Secp256k1,
): BlockReject | undefined {
  const { signetChallenge } = params;
  if (signetChallenge === undefined || equalBytes(block.hash, params.genesis.hash)) return undefined;
  const message = signetMessage(block, signetChallenge);
  if (message !== undefined && isSignetSolved(message, secp256k1)) return undefined;
  return blockReject("consensus", "bad-signet-blksig", "signet block signature validation failure");
}

/** Whether the solution of `message` satisfies the challenge, by the rules of BIP325. */
export function isSignetSolved({ toSpend, toSign }: SignetMessage, secp256k1: Secp256k1): boolean {
  const cache = new SighashCache(toSign, toSpend.outputs);
  return verifyInput(toSign, 0, cache, SIGNET_SCRIPT_FLAGS, secp256k1) === undefined;
}

/** Whether blocks without solution satisfy the challenge, so that everybody can make them. */
export function isOpenChallenge(challenge: Uint8Array, secp256k1: Secp256k1): boolean {
  return isSignetSolved(trialMessage(challenge), secp256k1);
}

/** The message of no block, with a solution or none: what tells whether a key satisfies the challenge before there is a block. */
export function trialMessage(challenge: Uint8Array, solution: SignetSolution = NO_SOLUTION): SignetMessage {
  return messageOf(new Uint8Array(BLOCK_DATA_SIZE), challenge, solution);
}

/**
 * What the signers of `block` sign; `undefined` where the block has no witness commitment to carry a solution, or one
 * that cannot be read. A block without solution is allowed: a challenge like OP_TRUE needs none.
 */
export function signetMessage(
  block: Pick<Block, "header" | "transactions">,
  challenge: Uint8Array,
): SignetMessage | undefined {
  const coinbase = block.transactions[0];
  const index = witnessCommitmentIndex(block);
  if (coinbase === undefined || index === undefined) return undefined;
  const commitment = splitCommitment(coinbase.outputs[index]!.scriptPubKey);
  const solution = commitment.solution === undefined ? NO_SOLUTION : decodeSignetSolution(commitment.solution);
  if (solution === undefined) return undefined;

  const unsolved = withOutputScript(coinbase, index, commitment.script);
  const leaves = [unsolved.txid, ...block.transactions.slice(1).map((tx) => tx.txid)];
  const blockData = new Writer(BLOCK_DATA_SIZE)
    .int32(block.header.version)
    .bytes(block.header.previousBlockHash)
    .bytes(merkleRoot(leaves).root)
    .uint32(block.header.time)
    .finish();
  return messageOf(blockData, challenge, solution);
}

function messageOf(blockData: Uint8Array, challenge: Uint8Array, solution: SignetSolution): SignetMessage {
  const toSpend = virtualTransaction(
    {
      previousOutput: { txid: ZERO_HASH as Txid, index: COINBASE_INDEX },
      scriptSig: new ScriptBuilder().op(Op.ZERO).push(blockData).bytes(),
      sequence: 0,
      witness: [],
    },
    { value: 0n, scriptPubKey: challenge },
  );
  const toSign = virtualTransaction(
    { previousOutput: { txid: toSpend.txid, index: 0 }, sequence: 0, ...solution },
    { value: 0n, scriptPubKey: Uint8Array.of(Op.RETURN) },
  );
  return { toSpend, toSign };
}

function virtualTransaction(input: TxInput, output: TxOutput): Transaction {
  return new Transaction({ version: 0, inputs: [input], outputs: [output], lockTime: 0 });
}

/** The bytes that carry a solution: scriptSig behind its length, then the witness. */
export function encodeSignetSolution(solution: SignetSolution): Uint8Array {
  const writer = new Writer().compactBytes(solution.scriptSig).compactSize(solution.witness.length);
  for (const item of solution.witness) writer.compactBytes(item);
  return writer.toBytes();
}

/** Decodes {@link encodeSignetSolution}; `undefined` where the bytes are not a solution and nothing else. */
export function decodeSignetSolution(bytes: Uint8Array): SignetSolution | undefined {
  try {
    const reader = new Reader(bytes);
    const scriptSig = reader.compactBytes();
    const witness = Array.from({ length: reader.count(1) }, () => reader.compactBytes());
    reader.end();
    return { scriptSig, witness };
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

/** A commitment output's script with the solution put in: what a miner does when the signatures are there. */
export function withSignetSolution(commitmentScript: Uint8Array, solution: SignetSolution): Uint8Array {
  const push = new Uint8Array([...SIGNET_HEADER, ...encodeSignetSolution(solution)]);
  return new ScriptBuilder().raw(commitmentScript).push(push).bytes();
}

/**
 * Takes the solution out of a commitment script: the first push that begins with the header and goes on behind it is cut
 * down to the header. The script is then put together anew, so only shortest pushes survive; without a solution it stays
 * as it is.
 */
function splitCommitment(script: Uint8Array): {
  readonly script: Uint8Array;
  readonly solution: Uint8Array | undefined;
} {
  const rest = new ScriptBuilder();
  const cursor = new ScriptCursor(script);
  let solution: Uint8Array | undefined;
  while (cursor.next()) {
    const { data } = cursor;
    if (data.length === 0) {
      rest.op(cursor.opcode);
    } else if (solution === undefined && isSolutionPush(data)) {
      solution = data.subarray(SIGNET_HEADER.length);
      rest.push(SIGNET_HEADER);
    } else {
      rest.push(data);
    }
  }
  return solution === undefined ? { script, solution } : { script: rest.bytes(), solution };
}

function isSolutionPush(data: Uint8Array): boolean {
  return data.length > SIGNET_HEADER.length && SIGNET_HEADER.every((byte, index) => data[index] === byte);
}

function withOutputScript(tx: Transaction, outputIndex: number, scriptPubKey: Uint8Array): Transaction {
  const outputs = tx.outputs.map((output, index) => (index === outputIndex ? { ...output, scriptPubKey } : output));
  return new Transaction({ version: tx.version, inputs: tx.inputs, outputs, lockTime: tx.lockTime });
}
