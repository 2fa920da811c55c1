import { toReversedHex, tryFromHex } from "../bytes/bytes.ts";

declare const brand: unique symbol;
type Brand<Value, Name extends string> = Value & { readonly [brand]: Name };

/** 32 raw bytes in internal order (as hashed and as on the wire). */
export type Hash256 = Uint8Array;
/** Hash of a transaction without its witness. */
export type Txid = Brand<Uint8Array, "Txid">;
/** Hash of a transaction with its witness (BIP141). */
export type Wtxid = Brand<Uint8Array, "Wtxid">;
/** Hash of a block header. */
export type BlockHash = Brand<Uint8Array, "BlockHash">;
/** Root of a block's transaction tree. */
export type MerkleRoot = Brand<Uint8Array, "MerkleRoot">;

/** A hash as the key of a Map: 16 UTF-16 units that carry its 32 bytes. Never shown, never stored. */
export type HashKey = Brand<string, "HashKey">;
/** An outpoint as the key of a Map: 18 UTF-16 units that carry its 36 bytes. Never shown, never stored. */
export type OutPointKey = Brand<string, "OutPointKey">;

/** An amount in satoshis. */
export type Sats = bigint;

export const HASH_SIZE = 32;

/** Thirty-two zero bytes: the previous block of a genesis block, the txid a coinbase spends. */
export const ZERO_HASH: Hash256 = new Uint8Array(HASH_SIZE);

/** Hash as people see it: hex, last byte first. */
export function displayHash(hash: Hash256): string {
  return toReversedHex(hash);
}

/** Bytes of a hash as people write it (64 hex digits, last byte first), or `undefined` where the text is none. */
export function parseDisplayHash<H extends Hash256 = Hash256>(text: string): H | undefined {
  if (text.length !== 2 * HASH_SIZE) return undefined;
  return tryFromHex(text)?.reverse() as H | undefined;
}

/** The Map key of a 32-byte hash. */
export function hashKey(hash: Hash256): HashKey {
  const h = hash;
  return String.fromCharCode(
    h[0]! | (h[1]! << 8),
    h[2]! | (h[3]! << 8),
    h[4]! | (h[5]! << 8),
    h[6]! | (h[7]! << 8),
    h[8]! | (h[9]! << 8),
    h[10]! | (h[11]! << 8),
    h[12]! | (h[13]! << 8),
    h[14]! | (h[15]! << 8),
    h[16]! | (h[17]! << 8),
    h[18]! | (h[19]! << 8),
    h[20]! | (h[21]! << 8),
    h[22]! | (h[23]! << 8),
    h[24]! | (h[25]! << 8),
    h[26]! | (h[27]! << 8),
    h[28]! | (h[29]! << 8),
    h[30]! | (h[31]! << 8),
  ) as HashKey;
}

/** The bytes behind {@link hashKey}. */
export function hashFromKey<H extends Hash256 = Hash256>(key: HashKey): H {
  const hash = new Uint8Array(HASH_SIZE);
  for (let unit = 0; unit < HASH_SIZE / 2; unit++) {
    const code = key.charCodeAt(unit);
    hash[2 * unit] = code;
    hash[2 * unit + 1] = code >> 8;
  }
  return hash as H;
}

/** The Map key of output `index` of the transaction whose key is `txid`. */
export function outPointKeyOf(txid: HashKey, index: number): OutPointKey {
  return (txid + String.fromCharCode(index & 0xffff, index >>> 16)) as OutPointKey;
}

/** The Map key of an outpoint. */
export function outPointKey(outPoint: { readonly txid: Txid; readonly index: number }): OutPointKey {
  return outPointKeyOf(hashKey(outPoint.txid), outPoint.index);
}

/** The outpoint behind an {@link OutPointKey}. */
export function outPointFromKey(key: OutPointKey): { readonly txid: Txid; readonly index: number } {
  const txid = hashFromKey<Txid>(key as string as HashKey);
  const index = key.charCodeAt(HASH_SIZE / 2) + key.charCodeAt(HASH_SIZE / 2 + 1) * 0x10000;
  return { txid, index };
}
