import { Reader, Writer } from "@bitfleet/protocol/bytes/cursor.ts";
import type { BlockUndo, Coin } from "@bitfleet/protocol/consensus/chain-view.ts";
import type { TxOutput } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Sats } from "@bitfleet/protocol/primitives/types.ts";
import { readVarInt, readVarInt64, writeVarInt, writeVarInt64 } from "../storage/varint.ts";
import { compressScript, readScript, writeScript } from "./script-compression.ts";

/** A coin takes at least a byte each for height, amount and script. */
const COIN_SIZE_MIN = 3;
const INT64_MAX = (1n << 63n) - 1n;
/** Up to here the compressed amount, about nine times as large, is still an exact number. */
const EXACT_AMOUNT_MAX = 10n ** 15n;

/** A coin as the chainstate database stores it: height and coinbase flag in one number, amount, script. */
export function encodeCoin(coin: Coin): Uint8Array {
  const writer = new Writer(48);
  writeVarInt(writer, coin.height * 2 + (coin.isCoinbase ? 1 : 0));
  writeOutput(writer, coin.output);
  return writer.finish();
}

/** Throws `DecodeError`. The script is a copy. */
export function decodeCoin(bytes: Uint8Array): Coin {
  const reader = new Reader(bytes);
  const code = readVarInt(reader);
  const output = readOutput(reader);
  reader.end();
  return { output, height: Math.floor(code / 2), isCoinbase: code % 2 === 1 };
}

/** What a block spent, as the rev files store it (without head and checksum): per transaction but the coinbase, per input. */
export function encodeUndo(undo: BlockUndo): Uint8Array {
  const writer = new Writer(1024);
  writer.compactSize(undo.transactions.length);
  for (const coins of undo.transactions) {
    writer.compactSize(coins.length);
    for (const coin of coins) writeSpentCoin(writer, coin);
  }
  return writer.finish();
}

/** Throws `DecodeError`. The scripts are copies. */
export function decodeUndo(bytes: Uint8Array): BlockUndo {
  const reader = new Reader(bytes);
  const transactionCount = reader.count(1);
  const transactions: Coin[][] = [];
  for (let index = 0; index < transactionCount; index++) {
    const coinCount = reader.count(COIN_SIZE_MIN);
    const coins: Coin[] = [];
    for (let input = 0; input < coinCount; input++) coins.push(readSpentCoin(reader));
    transactions.push(coins);
  }
  reader.end();
  return { transactions };
}

/** As a coin, but with a zero where old versions had the transaction's version number; they had none at height 0. */
function writeSpentCoin(writer: Writer, coin: Coin): void {
  writeVarInt(writer, coin.height * 2 + (coin.isCoinbase ? 1 : 0));
  if (coin.height > 0) writer.uint8(0);
  writeOutput(writer, coin.output);
}

function readSpentCoin(reader: Reader): Coin {
  const code = readVarInt(reader);
  const height = Math.floor(code / 2);
  if (height > 0) readVarInt(reader);
  return { output: readOutput(reader), height, isCoinbase: code % 2 === 1 };
}

function writeOutput(writer: Writer, output: TxOutput): void {
  writeAmount(writer, output.value);
  writeScript(writer, compressScript(output.scriptPubKey), output.scriptPubKey);
}

function readOutput(reader: Reader): TxOutput {
  const value = readAmount(reader);
  return { value, scriptPubKey: readScript(reader) };
}

/**
 * Amounts are mostly round, so they are stored with their trailing zeros counted: 0 as 0; an amount of e zeros (at most 9)
 * behind digits n d, d from 1 to 9, as 1 + 10 (9 n + d - 1) + e; one with 9 zeros or more behind n as 1 + 10 (n - 1) + 9.
 */
function writeAmount(writer: Writer, value: Sats): void {
  if (value <= EXACT_AMOUNT_MAX) writeVarInt(writer, compressAmount(Number(value)));
  else writeVarInt64(writer, compressLargeAmount(value));
}

function compressAmount(value: number): number {
  if (value === 0) return 0;
  let digits = value;
  let zeros = 0;
  while (zeros < 9 && digits % 10 === 0) {
    digits /= 10;
    zeros++;
  }
  if (zeros === 9) return 1 + (digits - 1) * 10 + 9;
  const last = digits % 10;
  return 1 + (((digits - last) / 10) * 9 + last - 1) * 10 + zeros;
}

function compressLargeAmount(value: bigint): bigint {
  let digits = value;
  let zeros = 0n;
  while (zeros < 9n && digits % 10n === 0n) {
    digits /= 10n;
    zeros++;
  }
  if (zeros === 9n) return 1n + (digits - 1n) * 10n + 9n;
  return 1n + ((digits / 10n) * 9n + (digits % 10n) - 1n) * 10n + zeros;
}

function readAmount(reader: Reader): Sats {
  const stored = readVarInt64(reader);
  if (stored === 0n) return 0n;
  const zeros = (stored - 1n) % 10n;
  const rest = (stored - 1n) / 10n;
  const digits = zeros === 9n ? rest + 1n : (rest / 9n) * 10n + (rest % 9n) + 1n;
  const value = digits * 10n ** zeros;
  if (value > INT64_MAX) reader.fail("amount too large");
  return value;
}
