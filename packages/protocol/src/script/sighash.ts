import { concatBytes, EMPTY_BYTES } from "../bytes/bytes.ts";
import { Writer } from "../bytes/cursor.ts";
import { sha256, sha256d } from "../crypto/hash.ts";
import {
  type TransactionFields,
  type TxInput,
  type TxOutput,
  txOutputSize,
  writeTxOutput,
} from "../primitives/transaction.ts";
import { type Hash256, ZERO_HASH } from "../primitives/types.ts";
import { Op } from "./opcodes.ts";
import { ScriptCursor } from "./script.ts";

/** What a signature leaves open for others to change. */
export const SighashType = {
  /** BIP341 only: ALL, by leaving the byte out. */
  DEFAULT: 0x00,
  /** Nothing. */
  ALL: 0x01,
  /** The outputs. */
  NONE: 0x02,
  /** The outputs but the one at the input's index. */
  SINGLE: 0x03,
  /** The other inputs; together with one of the above. */
  ANYONECANPAY: 0x80,
} as const;

/** The bits that choose among ALL, NONE and SINGLE; all other values mean ALL. */
const OUTPUT_BITS = 0x1f;

/** An input without its script: outpoint, empty script, sequence. */
const BLANK_INPUT_SIZE = 41;
const OUT_POINT_SIZE = 36;
/** Room for what most signatures sign; it grows where that is more. */
const SCRATCH_SIZE = 256;

/** What SIGHASH_SINGLE signs where the input has no output at its index: the number one, a bug of old that is law. */
const ONE_HASH: Hash256 = Uint8Array.from(ZERO_HASH, (_, index) => (index === 0 ? 1 : 0));

/** An output as SIGHASH_SINGLE shows the ones it leaves open: value -1, no script. */
const OPEN_OUTPUT: TxOutput = { value: -1n, scriptPubKey: EMPTY_BYTES };
const OPEN_OUTPUT_SIZE = txOutputSize(OPEN_OUTPUT);

/**
 * The signature hashes of one transaction. What its inputs have in common is hashed once, when first asked for, so that
 * checking all of them costs linear time (in BIP143 and BIP341), or at least no encoding (before).
 */
export class SighashCache {
  readonly tx: TransactionFields;
  /** What the inputs spend, in their order. Who signs may not know all: BIP341 then has no hash. */
  readonly spentOutputs: readonly (TxOutput | undefined)[];
  /** For what is hashed at once: one piece of memory for all of it. */
  readonly #writer = new Writer(SCRATCH_SIZE);
  #prevoutsSha256: Hash256 | undefined;
  #sequencesSha256: Hash256 | undefined;
  #outputsSha256: Hash256 | undefined;
  #spentAmountsSha256: Hash256 | undefined;
  #spentScriptsSha256: Hash256 | undefined;
  #prevoutsSha256d: Hash256 | undefined;
  #sequencesSha256d: Hash256 | undefined;
  #outputsSha256d: Hash256 | undefined;
  #encodedOutputs: Uint8Array | undefined;
  #blankInputs: Uint8Array | undefined;
  #blankOpenInputs: Uint8Array | undefined;
  #openOutputs: Uint8Array | undefined;

  constructor(tx: TransactionFields, spentOutputs: readonly (TxOutput | undefined)[]) {
    this.tx = tx;
    this.spentOutputs = spentOutputs;
  }

  /** BIP341: SHA-256 of all outpoints. */
  get prevoutsSha256(): Hash256 {
    this.#prevoutsSha256 ??= this.#hashInputs((writer, { previousOutput }) =>
      writer.bytes(previousOutput.txid).uint32(previousOutput.index),
    );
    return this.#prevoutsSha256;
  }

  /** BIP341: SHA-256 of all sequence numbers. */
  get sequencesSha256(): Hash256 {
    this.#sequencesSha256 ??= this.#hashInputs((writer, { sequence }) => writer.uint32(sequence));
    return this.#sequencesSha256;
  }

  /** BIP341: SHA-256 of all outputs. */
  get outputsSha256(): Hash256 {
    this.#outputsSha256 ??= sha256(this.encodedOutputs);
    return this.#outputsSha256;
  }

  /** BIP341: SHA-256 of all amounts spent; `undefined` where one is not known. */
  get spentAmountsSha256(): Hash256 | undefined {
    this.#spentAmountsSha256 ??= this.#hashSpent((writer, output) => writer.int64(output.value));
    return this.#spentAmountsSha256;
  }

  /** BIP341: SHA-256 of all scripts spent, each behind its length; `undefined` where one is not known. */
  get spentScriptsSha256(): Hash256 | undefined {
    this.#spentScriptsSha256 ??= this.#hashSpent((writer, output) => writer.compactBytes(output.scriptPubKey));
    return this.#spentScriptsSha256;
  }

  /** The outputs, one behind the other, without their number. */
  get encodedOutputs(): Uint8Array {
    this.#encodedOutputs ??= encodeOutputs(this.tx.outputs);
    return this.#encodedOutputs;
  }

  #hashSpent(write: (writer: Writer, output: TxOutput) => void): Hash256 | undefined {
    if (this.spentOutputs.length !== this.tx.inputs.length) return undefined;
    const writer = this.#writer.clear();
    for (const output of this.spentOutputs) {
      if (output === undefined) return undefined;
      write(writer, output);
    }
    return sha256(writer.finish());
  }

  #hashInputs(write: (writer: Writer, input: TxInput) => void): Hash256 {
    const writer = this.#writer.clear();
    for (const input of this.tx.inputs) write(writer, input);
    return sha256(writer.finish());
  }

  /** All inputs without scripts; with `open`, without sequence numbers as well, as NONE and SINGLE leave them to others. */
  #blank(open: boolean): Uint8Array {
    if (open) {
      this.#blankOpenInputs ??= blankInputs(this.tx, true);
      return this.#blankOpenInputs;
    }
    this.#blankInputs ??= blankInputs(this.tx, false);
    return this.#blankInputs;
  }

  /**
   * What signatures outside the witness sign. `hashType` may be any 32-bit number (the byte of a signature in practice).
   * `scriptCode` is the script from the last OP_CODESEPARATOR on, without the signature itself.
   */
  legacySighash(inputIndex: number, scriptCode: Uint8Array, hashType: number): Hash256 {
    const { tx } = this;
    const outputType = hashType & OUTPUT_BITS;
    if (outputType === SighashType.SINGLE && inputIndex >= tx.outputs.length) return ONE_HASH;
    const anyoneCanPay = (hashType & SighashType.ANYONECANPAY) !== 0;
    const open = outputType === SighashType.SINGLE || outputType === SighashType.NONE;

    const code = withoutCodeSeparators(scriptCode);
    const inputs = this.#blank(open);
    const start = inputIndex * BLANK_INPUT_SIZE;
    const inputsSize = anyoneCanPay ? BLANK_INPUT_SIZE : inputs.length;
    const writer = new Writer(inputsSize + code.bytes.length + (open ? 0 : this.encodedOutputs.length) + 32);
    writer.uint32(tx.version).compactSize(anyoneCanPay ? 1 : tx.inputs.length);
    if (!anyoneCanPay) writer.bytes(inputs.subarray(0, start));
    writer.bytes(inputs.subarray(start, start + OUT_POINT_SIZE));
    writer.compactSize(code.size).bytes(code.bytes).uint32(tx.inputs[inputIndex]!.sequence);
    if (!anyoneCanPay) writer.bytes(inputs.subarray(start + BLANK_INPUT_SIZE));
    this.#writeLegacyOutputs(writer, outputType, inputIndex);
    writer.uint32(tx.lockTime).int32(hashType);
    return sha256d(writer.finish());
  }

  #writeLegacyOutputs(writer: Writer, outputType: number, inputIndex: number): void {
    const { outputs } = this.tx;
    if (outputType === SighashType.NONE) {
      writer.compactSize(0);
    } else if (outputType === SighashType.SINGLE) {
      this.#openOutputs ??= encodeOutputs(Array<TxOutput>(outputs.length).fill(OPEN_OUTPUT));
      writer.compactSize(inputIndex + 1).bytes(this.#openOutputs.subarray(0, inputIndex * OPEN_OUTPUT_SIZE));
      writeTxOutput(writer, outputs[inputIndex]!);
    } else {
      writer.compactSize(outputs.length).bytes(this.encodedOutputs);
    }
  }

  /** BIP143: what signatures in version 0 witness scripts sign. The spent output of the input must be known. */
  witnessV0Sighash(inputIndex: number, scriptCode: Uint8Array, hashType: number): Hash256 {
    const { tx } = this;
    const input = tx.inputs[inputIndex]!;
    const spent = this.spentOutputs[inputIndex];
    if (spent === undefined) throw new Error(`the output that input ${inputIndex} spends is not known`);
    const outputType = hashType & OUTPUT_BITS;
    const anyoneCanPay = (hashType & SighashType.ANYONECANPAY) !== 0;
    const open = outputType === SighashType.SINGLE || outputType === SighashType.NONE;

    const prevouts = anyoneCanPay ? ZERO_HASH : this.#prevoutsTwice;
    const sequences = anyoneCanPay || open ? ZERO_HASH : this.#sequencesTwice;
    const outputs = this.#witnessV0Outputs(outputType, inputIndex);
    const writer = this.#writer.clear();
    writer.uint32(tx.version).bytes(prevouts).bytes(sequences);
    writer.bytes(input.previousOutput.txid).uint32(input.previousOutput.index);
    writer.compactBytes(scriptCode).int64(spent.value).uint32(input.sequence);
    writer.bytes(outputs);
    writer.uint32(tx.lockTime).int32(hashType);
    return sha256d(writer.finish());
  }

  get #prevoutsTwice(): Hash256 {
    this.#prevoutsSha256d ??= sha256(this.prevoutsSha256);
    return this.#prevoutsSha256d;
  }

  get #sequencesTwice(): Hash256 {
    this.#sequencesSha256d ??= sha256(this.sequencesSha256);
    return this.#sequencesSha256d;
  }

  #witnessV0Outputs(outputType: number, inputIndex: number): Hash256 {
    if (outputType === SighashType.SINGLE) {
      const output = this.tx.outputs[inputIndex];
      return output === undefined ? ZERO_HASH : sha256d(encodeOutputs([output]));
    }
    if (outputType === SighashType.NONE) return ZERO_HASH;
    this.#outputsSha256d ??= sha256(this.outputsSha256);
    return this.#outputsSha256d;
  }
}

/** Outputs one behind the other, as transactions have them. */
export function encodeOutputs(outputs: readonly TxOutput[]): Uint8Array {
  const size = outputs.reduce((sum, output) => sum + txOutputSize(output), 0);
  const writer = new Writer(size);
  for (const output of outputs) writeTxOutput(writer, output);
  return writer.finish();
}

function blankInputs(tx: TransactionFields, open: boolean): Uint8Array {
  const writer = new Writer(tx.inputs.length * BLANK_INPUT_SIZE);
  for (const { previousOutput, sequence } of tx.inputs) {
    writer.bytes(previousOutput.txid).uint32(previousOutput.index);
    writer.compactSize(0).uint32(open ? 0 : sequence);
  }
  return writer.finish();
}

/**
 * The script as legacy signatures see it: without OP_CODESEPARATORs. A script that ends in a broken push is announced
 * with its full length but hashed only up to where it breaks; it fails later, but which check fails first may depend on it.
 */
function withoutCodeSeparators(script: Uint8Array): { readonly size: number; readonly bytes: Uint8Array } {
  const cursor = new ScriptCursor(script);
  const parts: Uint8Array[] = [];
  let start = 0;
  while (cursor.next()) {
    if (cursor.opcode !== Op.CODESEPARATOR) continue;
    parts.push(script.subarray(start, cursor.offset - 1));
    start = cursor.offset;
  }
  const rest = start === 0 && !cursor.broken ? script : script.subarray(start, cursor.offset);
  if (parts.length === 0) return { size: script.length, bytes: rest };
  return { size: script.length - parts.length, bytes: concatBytes(...parts, rest) };
}
