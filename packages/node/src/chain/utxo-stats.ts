import { createHash, type Hash } from "node:crypto";
import { Writer } from "@bitfleet/protocol/bytes/cursor.ts";
import type { Coin } from "@bitfleet/protocol/consensus/chain-view.ts";
import { sha256 } from "@bitfleet/protocol/crypto/hash.ts";
import { MuHash3072 } from "@bitfleet/protocol/crypto/muhash.ts";
import type { BlockHash, Hash256, OutPointKey, Sats } from "@bitfleet/protocol/primitives/types.ts";
import { HASH_SIZE, type HashKey, hashFromKey } from "@bitfleet/protocol/primitives/types.ts";
import { socketTurn } from "../turns.ts";
import type { CoinsSnapshot } from "./coins.ts";

/** `hash_type` of gettxoutsetinfo. */
export type UtxoHashType = "hash_serialized_3" | "muhash" | "none";

/** What gettxoutsetinfo says of the coins of one block. */
export interface UtxoStats {
  readonly bestBlock: BlockHash | undefined;
  /** Transactions with at least one unspent output. */
  readonly transactions: number;
  readonly txouts: number;
  /** Size of the set in a form that no database has, to compare by. */
  readonly bogosize: number;
  readonly totalAmount: Sats;
  readonly diskSizeBytes: number;
  /** Of the type asked for; `undefined` for `none`. */
  readonly hash: Hash256 | undefined;
}

/** txid, output index, height with flag, amount, size of the script: what bogosize counts beside the script. */
const BOGO_BYTES = 32 + 4 + 4 + 8 + 2;
/** Transactions between two turns of the event loop. */
const TRANSACTIONS_PER_TURN = 256;

/**
 * Counts and hashes every coin of `snapshot`. `onProgress` is told the part done, from 0 to 1, every so often, and may
 * throw to stop.
 */
export async function computeUtxoStats(
  snapshot: CoinsSnapshot,
  options: { readonly hash: UtxoHashType },
  onProgress: (done: number) => void = () => {},
): Promise<UtxoStats> {
  const hasher = hasherFor(options.hash);
  let transactions = 0;
  let txouts = 0;
  let bogosize = 0;
  let totalAmount = 0n;
  for await (const { txid, coins } of byTransaction(snapshot)) {
    transactions++;
    txouts += coins.length;
    for (const { key, coin } of coins) {
      bogosize += BOGO_BYTES + coin.output.scriptPubKey.length;
      totalAmount += coin.output.value;
      hasher?.add(encodeForHash(txid, key, coin));
    }
    if (transactions % TRANSACTIONS_PER_TURN === 0) {
      onProgress(((txid[0]! << 8) | txid[1]!) / 0x10000);
      await socketTurn();
    }
  }
  onProgress(1);
  const { bestBlock, diskSizeBytes } = snapshot;
  return { bestBlock, transactions, txouts, bogosize, totalAmount, diskSizeBytes, hash: hasher?.finish() };
}

interface KeyedCoin {
  readonly key: OutPointKey;
  readonly coin: Coin;
}

/**
 * The coins of one transaction after the other, ordered by output index. The database orders indexes by their encoding,
 * which is another order from 16512 on.
 */
async function* byTransaction(snapshot: CoinsSnapshot): AsyncGenerator<{ txid: Hash256; coins: KeyedCoin[] }> {
  let txidKey: string | undefined;
  let coins: KeyedCoin[] = [];
  const group = () => {
    coins.sort((a, b) => outputIndexOf(a.key) - outputIndexOf(b.key));
    return { txid: hashFromKey(txidKey as HashKey), coins };
  };
  for await (const [key, coin] of snapshot.coins()) {
    const nextTxid = key.slice(0, HASH_SIZE / 2);
    if (nextTxid !== txidKey && txidKey !== undefined) {
      yield group();
      coins = [];
    }
    txidKey = nextTxid;
    coins.push({ key, coin });
  }
  if (txidKey !== undefined) yield group();
}

function outputIndexOf(key: OutPointKey): number {
  return key.charCodeAt(HASH_SIZE / 2) + key.charCodeAt(HASH_SIZE / 2 + 1) * 0x10000;
}

/** A coin as the hashes over the set see it: outpoint, height with coinbase flag, output. */
export function encodeForHash(txid: Hash256, key: OutPointKey, coin: Coin): Uint8Array {
  const writer = new Writer(96);
  writer.bytes(txid).uint32(outputIndexOf(key));
  writer.uint32(coin.height * 2 + (coin.isCoinbase ? 1 : 0));
  writer.int64(coin.output.value).compactBytes(coin.output.scriptPubKey);
  return writer.finish();
}

interface SetHasher {
  add(bytes: Uint8Array): void;
  finish(): Hash256;
}

function hasherFor(type: UtxoHashType): SetHasher | undefined {
  if (type === "none") return undefined;
  if (type === "muhash") {
    const muhash = new MuHash3072();
    return { add: (bytes) => muhash.insert(bytes), finish: () => muhash.finalize() };
  }
  const hash: Hash = createHash("sha256");
  return { add: (bytes) => hash.update(bytes), finish: () => sha256(hash.digest()) };
}
