import { Reader, Writer } from "@bitfleet/protocol/bytes/cursor.ts";
import {
  type BlockHash,
  HASH_SIZE,
  type HashKey,
  hashFromKey,
  hashKey,
  type Sats,
} from "@bitfleet/protocol/primitives/types.ts";
import { readVarInt, readVarInt64, writeVarInt, writeVarInt64 } from "../storage/varint.ts";
import type { PaidOutput, ScriptCoin, Touch, TransactionEffects } from "./address-effects.ts";

/** What the address index keeps under its keys (`storage/keyspace.ts`). Numbers are varints of up to 64 bits. */

/** All that a script has seen in the chain. */
export interface AddressTotals {
  /** Transactions that pay to it or spend from it. */
  transactionCount: number;
  outputCount: number;
  received: Sats;
  inputCount: number;
  sent: Sats;
  /** Its unspent outputs. */
  coinCount: number;
  /** What they are worth: received less sent, and less what nobody can spend. */
  balance: Sats;
}

export const NO_TOTALS: Readonly<AddressTotals> = {
  transactionCount: 0,
  outputCount: 0,
  received: 0n,
  inputCount: 0,
  sent: 0n,
  coinCount: 0,
  balance: 0n,
};

/** Adds a transaction (1) or takes it away (-1). */
export function addTouch(totals: AddressTotals, touch: Readonly<Touch>, sign: 1 | -1): void {
  const signed = BigInt(sign);
  totals.transactionCount += sign;
  totals.outputCount += sign * touch.outputCount;
  totals.received += signed * touch.received;
  totals.inputCount += sign * touch.inputCount;
  totals.sent += signed * touch.sent;
  totals.coinCount += sign * touch.coinCount;
  totals.balance += signed * touch.balance;
}

/** The fields in their order. */
export function encodeTotals(totals: Readonly<AddressTotals>): Uint8Array {
  const writer = new Writer(64);
  writeVarInt(writer, totals.transactionCount);
  writeVarInt(writer, totals.outputCount);
  writeVarInt64(writer, totals.received);
  writeVarInt(writer, totals.inputCount);
  writeVarInt64(writer, totals.sent);
  writeVarInt(writer, totals.coinCount);
  writeVarInt64(writer, totals.balance);
  return writer.finish();
}

/** Throws `DecodeError`. */
export function decodeTotals(bytes: Uint8Array): AddressTotals {
  const reader = new Reader(bytes);
  const totals = {
    transactionCount: readVarInt(reader),
    outputCount: readVarInt(reader),
    received: readVarInt64(reader),
    inputCount: readVarInt(reader),
    sent: readVarInt64(reader),
    coinCount: readVarInt(reader),
    balance: readVarInt64(reader),
  };
  reader.end();
  return totals;
}

/** A transaction of the chain as one script sees it. */
export interface HistoryRecord {
  readonly height: number;
  /** In its block. */
  readonly position: number;
  readonly txid: HashKey;
  readonly received: Sats;
  readonly sent: Sats;
  /** `undefined` for a coinbase, which is the transaction at position 0. */
  readonly fee: Sats | undefined;
}

/** Height, position, txid, received, sent, and the fee but for a coinbase. */
export function encodeHistory({ height, position, txid, received, sent, fee }: HistoryRecord): Uint8Array {
  const writer = new Writer(64);
  writeVarInt(writer, height);
  writeVarInt(writer, position);
  writer.bytes(hashFromKey(txid));
  writeVarInt64(writer, received);
  writeVarInt64(writer, sent);
  if (fee !== undefined) writeVarInt64(writer, fee);
  return writer.finish();
}

/** Throws `DecodeError`. */
export function decodeHistory(bytes: Uint8Array): HistoryRecord {
  const reader = new Reader(bytes);
  const height = readVarInt(reader);
  const position = readVarInt(reader);
  const txid = hashKey(reader.bytes(HASH_SIZE));
  const received = readVarInt64(reader);
  const sent = readVarInt64(reader);
  const fee = position === 0 ? undefined : readVarInt64(reader);
  reader.end();
  return { height, position, txid, received, sent, fee };
}

/** What is kept of an unspent output besides its key: the amount, and a byte that says whether a coinbase made it. */
export function encodeScriptCoin({ value, isCoinbase }: Pick<ScriptCoin, "value" | "isCoinbase">): Uint8Array {
  const writer = new Writer(10);
  writeVarInt64(writer, value);
  return writer.uint8(isCoinbase ? 1 : 0).finish();
}

/** Throws `DecodeError`. */
export function decodeScriptCoin(bytes: Uint8Array): Pick<ScriptCoin, "value" | "isCoinbase"> {
  const reader = new Reader(bytes);
  const value = readVarInt64(reader);
  const isCoinbase = reader.uint8() === 1;
  reader.end();
  return { value, isCoinbase };
}

/** The height that the index has come to. */
export function encodeHeight(height: number): Uint8Array {
  const writer = new Writer(5);
  writeVarInt(writer, height);
  return writer.finish();
}

/** Throws `DecodeError`. */
export function decodeHeight(bytes: Uint8Array): number {
  const reader = new Reader(bytes);
  const height = readVarInt(reader);
  reader.end();
  return height;
}

/** A hash and at least a byte for each number. */
const OUTPUT_SIZE_MIN = HASH_SIZE + 2;
const COIN_SIZE_MIN = 2 * HASH_SIZE + 3;
const TRANSACTION_SIZE_MIN = HASH_SIZE + 4;

/** What takes a block back, whatever the chain has of it. */
export interface BlockRecord {
  readonly previousHash: BlockHash;
  /** Of its transactions, in block order. */
  readonly effects: readonly TransactionEffects[];
}

/** Hash of the block before, then transaction by transaction. */
export function encodeBlockRecord({ previousHash, effects }: BlockRecord): Uint8Array {
  const writer = new Writer(1024).bytes(previousHash).compactSize(effects.length);
  for (const { txid, isCoinbase, outputs, spent, overwritten } of effects) {
    writer.bytes(hashFromKey(txid)).uint8(isCoinbase ? 1 : 0);
    writer.compactSize(outputs.length);
    for (const output of outputs) writeOutput(writer, output);
    for (const coins of [spent, overwritten]) {
      writer.compactSize(coins.length);
      for (const coin of coins) writeCoin(writer, coin);
    }
  }
  return writer.finish();
}

/** Throws `DecodeError`. */
export function decodeBlockRecord(bytes: Uint8Array): BlockRecord {
  const reader = new Reader(bytes);
  const previousHash = reader.bytes(HASH_SIZE) as BlockHash;
  const effects = Array.from({ length: reader.count(TRANSACTION_SIZE_MIN) }, () => {
    const txid = hashKey(reader.bytes(HASH_SIZE));
    const isCoinbase = reader.uint8() === 1;
    const outputs = Array.from({ length: reader.count(OUTPUT_SIZE_MIN) }, () => readOutput(reader));
    const readCoins = () => Array.from({ length: reader.count(COIN_SIZE_MIN) }, () => readCoin(reader));
    const spent = readCoins();
    return { txid, isCoinbase, outputs, spent, overwritten: readCoins() };
  });
  reader.end();
  return { previousHash, effects };
}

function writeOutput(writer: Writer, { script, value, isCoin }: PaidOutput): void {
  writer.bytes(hashFromKey(script));
  writeVarInt64(writer, value);
  writer.uint8(isCoin ? 1 : 0);
}

function readOutput(reader: Reader): PaidOutput {
  const script = hashKey(reader.bytes(HASH_SIZE));
  const value = readVarInt64(reader);
  return { script, value, isCoin: reader.uint8() === 1 };
}

function writeCoin(writer: Writer, { script, txid, index, value, height, isCoinbase }: ScriptCoin): void {
  writer.bytes(hashFromKey(script)).bytes(hashFromKey(txid));
  writeVarInt(writer, index);
  writeVarInt64(writer, value);
  writeVarInt(writer, height * 2 + (isCoinbase ? 1 : 0));
}

function readCoin(reader: Reader): ScriptCoin {
  const script = hashKey(reader.bytes(HASH_SIZE));
  const txid = hashKey(reader.bytes(HASH_SIZE));
  const index = readVarInt(reader);
  const value = readVarInt64(reader);
  const code = readVarInt(reader);
  return { script, txid, index, value, height: Math.floor(code / 2), isCoinbase: code % 2 === 1 };
}
