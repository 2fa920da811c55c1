import { concatBytes, EMPTY_BYTES, equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { Writer } from "@bitfleet/protocol/bytes/cursor.ts";
import { taggedHash } from "@bitfleet/protocol/crypto/hash.ts";
import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import { COINBASE_INDEX, Transaction, type TransactionFields } from "@bitfleet/protocol/primitives/transaction.ts";
import { type Hash256, type Txid, ZERO_HASH } from "@bitfleet/protocol/primitives/types.ts";
import { Op } from "@bitfleet/protocol/script/opcodes.ts";
import { pushData, witnessProgramOf } from "@bitfleet/protocol/script/script.ts";
import { SighashType } from "@bitfleet/protocol/script/sighash.ts";
import { base64 } from "@scure/base";
import { signTransaction } from "./signer.ts";
import type { SigningMaterial } from "./signing-material.ts";

/**
 * Messages signed by whatever could spend an output (BIP322): a transaction that cannot exist spends an output that holds the message.
 * Here the two transactions and the making of signatures; `bip322-verify` checks them.
 */

/** What tells the forms of signatures apart: their first three characters. */
export const Bip322Prefix = { simple: "smp", full: "ful", proofOfFunds: "pof" } as const;

/** What `toSpend` commits to of the message. */
export function bip322MessageHash(message: string): Hash256 {
  return taggedHash("BIP0322-signed-message", new TextEncoder().encode(message)) as Hash256;
}

/** The transaction whose one output, worth nothing, has the script that is to be signed for. */
export function toSpendOf(message: string, script: Uint8Array): Transaction {
  const scriptSig = concatBytes(Uint8Array.of(Op.ZERO), pushData(bip322MessageHash(message)));
  const previousOutput = { txid: ZERO_HASH as Txid, index: COINBASE_INDEX };
  return new Transaction({
    version: 0,
    inputs: [{ previousOutput, scriptSig, sequence: 0, witness: [] }],
    outputs: [{ value: 0n, scriptPubKey: script }],
    lockTime: 0,
  });
}

/** What a script that waits for a time needs. A signature that says any of it is a full one. */
export interface Bip322Timing {
  /** 0 or 2. */
  readonly version?: number;
  readonly lockTime?: number;
  readonly sequence?: number;
}

/** The transaction that spends {@link toSpendOf}, not signed. */
export function toSignOf(toSpend: Transaction, { version = 0, lockTime = 0, sequence = 0 }: Bip322Timing = {}) {
  return {
    version,
    inputs: [{ previousOutput: { txid: toSpend.txid, index: 0 }, scriptSig: EMPTY_BYTES, sequence, witness: [] }],
    outputs: [{ value: 0n, scriptPubKey: Uint8Array.of(Op.RETURN) }],
    lockTime,
  } satisfies TransactionFields;
}

export interface Bip322Request {
  readonly message: string;
  /** The output script of the address that is signed for. */
  readonly script: Uint8Array;
  readonly timing?: Bip322Timing;
}

/**
 * Signs a message with the keys and scripts of `material`. The signature is a simple one where the address is a segwit one and nothing
 * is said of times, else a full one. `undefined` where keys or scripts are wanting.
 */
export function signBip322(
  { message, script, timing = {} }: Bip322Request,
  material: SigningMaterial,
  secp256k1: Secp256k1,
): string | undefined {
  const toSpend = toSpendOf(message, script);
  const toSign = toSignOf(toSpend, timing);
  const hashType = isTaproot(script) ? SighashType.DEFAULT : SighashType.ALL;
  const { transaction, errors } = signTransaction(toSign, toSpend.outputs, hashType, material, secp256k1);
  if (errors.size > 0) return undefined;
  const isPlain = toSign.version === 0 && toSign.lockTime === 0 && toSign.inputs[0]!.sequence === 0;
  return isPlain && witnessProgramOf(script) !== undefined
    ? Bip322Prefix.simple + base64.encode(witnessBytes(transaction.inputs[0]!.witness))
    : Bip322Prefix.full + base64.encode(transaction.bytes);
}

function isTaproot(script: Uint8Array): boolean {
  return witnessProgramOf(script)?.version === 1;
}

/** A witness stack as transactions have it: the number of items, and each behind its size. */
function witnessBytes(witness: readonly Uint8Array[]): Uint8Array {
  const writer = new Writer(256);
  writer.compactSize(witness.length);
  for (const item of witness) writer.compactBytes(item);
  return writer.toBytes();
}

/** Whether `tx` spends what holds the message, and does nothing else. */
export function isToSign(tx: TransactionFields, toSpend: Transaction): boolean {
  const [input] = tx.inputs;
  const [output, ...more] = tx.outputs;
  if (input === undefined || output === undefined || more.length > 0) return false;
  const { txid, index } = input.previousOutput;
  const isNothing = output.value === 0n && equalBytes(output.scriptPubKey, Uint8Array.of(Op.RETURN));
  return equalBytes(txid, toSpend.txid) && index === 0 && isNothing;
}
