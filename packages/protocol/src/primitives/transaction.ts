import { concatBytes } from "../bytes/bytes.ts";
import { compactSizeLength, type Reader, Writer } from "../bytes/cursor.ts";
import { sha256d, sha256dOfParts } from "../crypto/hash.ts";
import { HASH_SIZE, type Sats, type Txid, type Wtxid } from "./types.ts";

/** BIP141: a byte outside the witness weighs four units, a witness byte one. */
export const WITNESS_SCALE_FACTOR = 4;

/** Smallest encodings, for {@link Reader.count}: outpoint, empty script and sequence; value and empty script. */
const INPUT_SIZE_MIN = 41;
const OUTPUT_SIZE_MIN = 9;

/** `index` that together with a zero txid marks a coinbase's only input. */
export const COINBASE_INDEX = 0xffffffff;

export interface OutPoint {
  readonly txid: Txid;
  readonly index: number;
}

export interface TxInput {
  readonly previousOutput: OutPoint;
  readonly scriptSig: Uint8Array;
  readonly sequence: number;
  /** BIP141 stack, bottom first; empty where the input has none. */
  readonly witness: readonly Uint8Array[];
}

export interface TxOutput {
  readonly value: Sats;
  readonly scriptPubKey: Uint8Array;
}

export interface TransactionFields {
  /** Unsigned 32 bits, as relay and BIP68 read it. */
  readonly version: number;
  readonly inputs: readonly TxInput[];
  readonly outputs: readonly TxOutput[];
  readonly lockTime: number;
}

/** The bytes that a transaction was decoded from. */
export interface EncodedTransaction {
  readonly bytes: Uint8Array;
  /** Where the witnesses begin in them, and behind them; the same where there are none. */
  readonly witnessStart: number;
  readonly witnessEnd: number;
}

/** BIP144: marker and flag, behind the version. */
const VERSION_SIZE = 4;
const MARKER_SIZE = 2;

/**
 * A transaction with its encoding and hashes, each made once, on first use. What {@link decodeTransaction} returns holds
 * views of the decoded message: whoever keeps it longer than the message decodes a copy.
 */
export class Transaction implements TransactionFields {
  readonly version: number;
  readonly inputs: readonly TxInput[];
  readonly outputs: readonly TxOutput[];
  readonly lockTime: number;
  #bytes: Uint8Array | undefined;
  /** In {@link bytes}, where they were decoded: what is without witness need not be kept beside them. */
  readonly #witnessStart: number;
  readonly #witnessEnd: number;
  #strippedBytes: Uint8Array | undefined;
  #txid: Txid | undefined;
  #wtxid: Wtxid | undefined;
  #hasWitness: boolean | undefined;

  /** `encoded` is what the fields were decoded from, where they were. */
  constructor(fields: TransactionFields, encoded?: EncodedTransaction) {
    this.version = fields.version;
    this.inputs = fields.inputs;
    this.outputs = fields.outputs;
    this.lockTime = fields.lockTime;
    this.#bytes = encoded?.bytes;
    this.#witnessStart = encoded?.witnessStart ?? 0;
    this.#witnessEnd = encoded?.witnessEnd ?? 0;
    this.#strippedBytes = this.#isWitnessKnown ? undefined : encoded?.bytes;
  }

  get hasWitness(): boolean {
    this.#hasWitness ??= this.inputs.some((input) => input.witness.length > 0);
    return this.#hasWitness;
  }

  /** BIP144 encoding, with the witness where there is one. */
  get bytes(): Uint8Array {
    this.#bytes ??= this.hasWitness ? encode(this, true) : this.strippedBytes;
    return this.#bytes;
  }

  /** The encoding that the txid commits to: without witness. */
  get strippedBytes(): Uint8Array {
    if (this.#isWitnessKnown) return concatBytes(...this.#strippedParts);
    this.#strippedBytes ??= encode(this, false);
    return this.#strippedBytes;
  }

  get #isWitnessKnown(): boolean {
    return this.#witnessEnd > this.#witnessStart;
  }

  /** All but marker, flag and witnesses. */
  get #strippedParts(): readonly Uint8Array[] {
    const { bytes } = this;
    const body = bytes.subarray(VERSION_SIZE + MARKER_SIZE, this.#witnessStart);
    return [bytes.subarray(0, VERSION_SIZE), body, bytes.subarray(this.#witnessEnd)];
  }

  get txid(): Txid {
    this.#txid ??= (this.#isWitnessKnown ? sha256dOfParts(this.#strippedParts) : sha256d(this.strippedBytes)) as Txid;
    return this.#txid;
  }

  get wtxid(): Wtxid {
    this.#wtxid ??= (this.hasWitness ? sha256d(this.bytes) : this.txid) as Uint8Array as Wtxid;
    return this.#wtxid;
  }

  /** Bytes with the witness. */
  get size(): number {
    return this.bytes.length;
  }

  /** Bytes without the witness. */
  get strippedSize(): number {
    if (this.#isWitnessKnown) return this.size - MARKER_SIZE - (this.#witnessEnd - this.#witnessStart);
    return this.strippedBytes.length;
  }

  /** BIP141 weight units. */
  get weight(): number {
    return this.strippedSize * (WITNESS_SCALE_FACTOR - 1) + this.size;
  }

  /** BIP141 virtual size: weight in vbytes, rounded up. */
  get virtualSize(): number {
    return Math.ceil(this.weight / WITNESS_SCALE_FACTOR);
  }
}

/** True for the first transaction of a block: one input that spends nothing. */
export function isCoinbase(tx: TransactionFields): boolean {
  return tx.inputs.length === 1 && isNullOutPoint(tx.inputs[0]!.previousOutput);
}

export function isNullOutPoint(outPoint: OutPoint): boolean {
  return outPoint.index === COINBASE_INDEX && outPoint.txid.every((byte) => byte === 0);
}

/** An input whose witness is still to come. */
interface InputInDecoding extends TxInput {
  witness: readonly Uint8Array[];
}

function decodeInput(reader: Reader): InputInDecoding {
  const txid = reader.bytes(HASH_SIZE) as Txid;
  const index = reader.uint32();
  const scriptSig = reader.compactBytes();
  const sequence = reader.uint32();
  return { previousOutput: { txid, index }, scriptSig, sequence, witness: NO_WITNESS };
}

function writeInput(writer: Writer, input: TxInput): void {
  writer.bytes(input.previousOutput.txid).uint32(input.previousOutput.index);
  writer.compactBytes(input.scriptSig).uint32(input.sequence);
}

/** One output: value (int64), script behind its length. */
export function decodeTxOutput(reader: Reader): TxOutput {
  const value = reader.int64();
  const scriptPubKey = reader.compactBytes();
  return { value, scriptPubKey };
}

export function writeTxOutput(writer: Writer, output: TxOutput): void {
  writer.int64(output.value).compactBytes(output.scriptPubKey);
}

/** Bytes that {@link writeTxOutput} takes. */
export function txOutputSize(output: TxOutput): number {
  return 8 + compactSizeLength(output.scriptPubKey.length) + output.scriptPubKey.length;
}

const NO_WITNESS: readonly Uint8Array[] = [];

function decodeWitness(reader: Reader): readonly Uint8Array[] {
  const count = reader.count(1);
  if (count === 0) return NO_WITNESS;
  const items = new Array<Uint8Array>(count);
  for (let index = 0; index < count; index++) items[index] = reader.compactBytes();
  return items;
}

/** As long as it must be and no longer: a list that grows keeps room for sixteen items more, in each transaction of a mempool. */
function decodeList<Item>(reader: Reader, itemSizeMin: number, decodeItem: (reader: Reader) => Item): Item[] {
  const count = reader.count(itemSizeMin);
  const items = new Array<Item>(count);
  for (let index = 0; index < count; index++) items[index] = decodeItem(reader);
  return items;
}

/**
 * Decodes one transaction. BIP144: an input count of zero followed by flag 1 announces witnesses; with
 * `witness: "forbidden"` that form is not known, and zero inputs are zero inputs (BIP174 and createrawtransaction need it).
 * Throws `DecodeError` also on an announced witness that is empty for every input, and on unknown flags.
 */
export function decodeTransaction(reader: Reader, witness: "allowed" | "forbidden" = "allowed"): Transaction {
  const start = reader.offset;
  const version = reader.uint32();
  let inputs = decodeList(reader, INPUT_SIZE_MIN, decodeInput);
  let outputs: TxOutput[] = [];
  let flags = 0;
  if (inputs.length === 0 && witness === "allowed") {
    flags = reader.uint8();
    if (flags !== 0) {
      inputs = decodeList(reader, INPUT_SIZE_MIN, decodeInput);
      outputs = decodeList(reader, OUTPUT_SIZE_MIN, decodeTxOutput);
    }
  } else {
    outputs = decodeList(reader, OUTPUT_SIZE_MIN, decodeTxOutput);
  }
  const witnessStart = reader.offset;
  if ((flags & 1) !== 0) {
    flags ^= 1;
    for (const input of inputs) input.witness = decodeWitness(reader);
    if (inputs.every((input) => input.witness.length === 0)) reader.fail("superfluous witness record");
  }
  if (flags !== 0) reader.fail("unknown transaction optional data");
  const witnessEnd = reader.offset;
  const lockTime = reader.uint32();

  const bytes = reader.since(start);
  const encoded = { bytes, witnessStart: witnessStart - start, witnessEnd: witnessEnd - start };
  return new Transaction({ version, inputs, outputs, lockTime }, encoded);
}

function encode(tx: TransactionFields, withWitness: boolean): Uint8Array {
  const writer = new Writer();
  writer.uint32(tx.version);
  if (withWitness) writer.uint8(0).uint8(1);
  writer.compactSize(tx.inputs.length);
  for (const input of tx.inputs) writeInput(writer, input);
  writer.compactSize(tx.outputs.length);
  for (const output of tx.outputs) writeTxOutput(writer, output);
  if (withWitness) {
    for (const input of tx.inputs) {
      writer.compactSize(input.witness.length);
      for (const item of input.witness) writer.compactBytes(item);
    }
  }
  writer.uint32(tx.lockTime);
  return writer.toBytes();
}
