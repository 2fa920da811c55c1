import { Writer } from "../bytes/cursor.ts";
import type { OutPoint, Transaction } from "../primitives/transaction.ts";
import { HASH_SIZE } from "../primitives/types.ts";
import { ScriptCursor } from "../script/script.ts";
import { outputTypeOf } from "../script/templates.ts";
import { murmur3 } from "./murmur3.ts";

/** BIP37: largest filter and most hash functions a peer may load. */
export const BLOOM_FILTER_BYTES_MAX = 36_000;
export const BLOOM_HASH_FUNCTIONS_MAX = 50;

/** BIP37: which matched outputs the filter adds to itself, so that their spending matches too. The two lowest bits of the flags. */
export const BloomUpdate = { NONE: 0, ALL: 1, P2PUBKEY_ONLY: 2 } as const;
const UPDATE_MASK = 3;

/** Keeps the seeds of the hash functions far apart (BIP37). */
const SEED_STEP = 0xfba4c795;

/** A filter as `filterload` has it. */
export interface BloomFilterFields {
  readonly data: Uint8Array;
  readonly hashFunctionCount: number;
  /** Unsigned 32 bits. */
  readonly tweak: number;
  readonly flags: number;
}

/** BIP37's filter of a light client: a set of byte strings that says yes wrongly at times, and never wrongly no. */
export class BloomFilter implements BloomFilterFields {
  readonly data: Uint8Array;
  readonly hashFunctionCount: number;
  readonly tweak: number;
  readonly flags: number;

  /** The data is copied. A filter that breaks the limits is made as well: see {@link isWithinSizeConstraints}. */
  constructor(fields: BloomFilterFields) {
    this.data = fields.data.slice();
    this.hashFunctionCount = fields.hashFunctionCount;
    this.tweak = fields.tweak;
    this.flags = fields.flags;
  }

  /** An empty filter for that many elements with that share of wrong yeses, as near as BIP37's limits allow. */
  static sized(elementCount: number, falsePositiveRate: number, tweak: number, flags: number): BloomFilter {
    const bitsWanted = Math.trunc((-1 / Math.LN2 ** 2) * elementCount * Math.log(falsePositiveRate));
    const size = Math.floor(Math.min(bitsWanted, BLOOM_FILTER_BYTES_MAX * 8) / 8);
    const functionsWanted = Math.trunc(Math.floor((size * 8) / elementCount) * Math.LN2);
    const hashFunctionCount = Math.min(functionsWanted, BLOOM_HASH_FUNCTIONS_MAX);
    return new BloomFilter({ data: new Uint8Array(size), hashFunctionCount, tweak, flags });
  }

  /** False where BIP37 forbids the filter. Such a one is not to be asked anything: it could take forever. */
  isWithinSizeConstraints(): boolean {
    return this.data.length <= BLOOM_FILTER_BYTES_MAX && this.hashFunctionCount <= BLOOM_HASH_FUNCTIONS_MAX;
  }

  insert(bytes: Uint8Array): void {
    // CVE-2013-5700: the remainder by the size of an empty filter crashed nodes.
    if (this.data.length === 0) return;
    for (let index = 0; index < this.hashFunctionCount; index++) {
      const bit = this.#bitOf(index, bytes);
      this.data[bit >>> 3]! |= 1 << (bit & 7);
    }
  }

  insertOutPoint(outPoint: OutPoint): void {
    this.insert(encodeOutPoint(outPoint));
  }

  /** An empty filter has everything. */
  contains(bytes: Uint8Array): boolean {
    if (this.data.length === 0) return true;
    for (let index = 0; index < this.hashFunctionCount; index++) {
      const bit = this.#bitOf(index, bytes);
      if ((this.data[bit >>> 3]! & (1 << (bit & 7))) === 0) return false;
    }
    return true;
  }

  containsOutPoint(outPoint: OutPoint): boolean {
    return this.contains(encodeOutPoint(outPoint));
  }

  /**
   * Whether the client wants the transaction: its id, something an output script or an input script pushes, or an output it
   * spends is in the filter. Adds the outputs that matched, as the flags say.
   */
  isRelevantAndUpdate(tx: Transaction): boolean {
    if (this.data.length === 0) return true;
    let isFound = this.contains(tx.txid);
    tx.outputs.forEach(({ scriptPubKey }, index) => {
      if (!this.#containsPushOf(scriptPubKey)) return;
      isFound = true;
      if (this.#isAdded(scriptPubKey)) this.insertOutPoint({ txid: tx.txid, index });
    });
    return (
      isFound ||
      tx.inputs.some((input) => this.containsOutPoint(input.previousOutput) || this.#containsPushOf(input.scriptSig))
    );
  }

  #bitOf(functionIndex: number, bytes: Uint8Array): number {
    const seed = (Math.imul(functionIndex, SEED_STEP) + this.tweak) | 0;
    return murmur3(seed, bytes) % (this.data.length * 8);
  }

  /** Whether the script, as far as it can be read, pushes anything that is in the filter. */
  #containsPushOf(script: Uint8Array): boolean {
    const cursor = new ScriptCursor(script);
    while (cursor.next()) if (cursor.data.length > 0 && this.contains(cursor.data)) return true;
    return false;
  }

  /** Whether a matched output with that script is added. */
  #isAdded(script: Uint8Array): boolean {
    const update = this.flags & UPDATE_MASK;
    if (update !== BloomUpdate.P2PUBKEY_ONLY) return update === BloomUpdate.ALL;
    const type = outputTypeOf(script);
    return type === "pubkey" || type === "multisig";
  }
}

function encodeOutPoint(outPoint: OutPoint): Uint8Array {
  return new Writer(HASH_SIZE + 4).bytes(outPoint.txid).uint32(outPoint.index).finish();
}
