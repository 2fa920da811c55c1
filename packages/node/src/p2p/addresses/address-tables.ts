import { formatEndpoint } from "@bitfleet/protocol/wire/address-text.ts";
import {
  endpointKey,
  type NetworkAddress,
  type NetworkEndpoint,
  type NetworkKind,
} from "@bitfleet/protocol/wire/network-address.ts";
import type { Logger } from "../../ports.ts";
import type { AddressEntry } from "./address-entry.ts";
import type { Asmap } from "./asmap.ts";
import { BUCKET_SIZE, BucketHash, NEW_BUCKETS, TRIED_BUCKETS } from "./bucket-hash.ts";
import { TakenBuckets } from "./taken-buckets.ts";

export type TableName = "new" | "tried";

/** A place in a table. */
export interface Place {
  readonly bucket: number;
  readonly position: number;
}

type Table = (AddressEntry | undefined)[];

/** Where the entries are: up to eight places in the new table, or one in the tried table. Only moves them; why is for others. */
export class AddressTables {
  readonly key: Uint8Array;
  /** By which places are chosen; none where groups are ranges of addresses. */
  readonly asmap: Asmap | undefined;
  readonly #log: Logger;
  readonly #hash: BucketHash;
  readonly #new: Table = new Array(NEW_BUCKETS * BUCKET_SIZE);
  readonly #tried: Table = new Array(TRIED_BUCKETS * BUCKET_SIZE);
  readonly #taken = { new: new TakenBuckets(NEW_BUCKETS), tried: new TakenBuckets(TRIED_BUCKETS) };
  readonly #byEndpoint = new Map<string, AddressEntry>();
  /** Every entry, for fair draws. */
  readonly #all: AddressEntry[] = [];
  readonly #indexes = new Map<AddressEntry, number>();
  readonly #counts = new Map<NetworkKind, { new: number; tried: number }>();
  newCount = 0;
  triedCount = 0;

  /** `key`: 32 secret bytes. */
  constructor(key: Uint8Array, log: Logger, asmap?: Asmap) {
    this.key = key;
    this.asmap = asmap;
    this.#log = log;
    this.#hash = new BucketHash(key, asmap);
  }

  get size(): number {
    return this.#all.length;
  }

  get all(): readonly AddressEntry[] {
    return this.#all;
  }

  /** Entries of a network, in one of the tables or in both. */
  countOf(network: NetworkKind, table?: TableName): number {
    const counts = this.#counts.get(network);
    if (counts === undefined) return 0;
    return table === undefined ? counts.new + counts.tried : counts[table];
  }

  find(endpoint: NetworkEndpoint): AddressEntry | undefined {
    return this.#byEndpoint.get(endpointKey(endpoint));
  }

  has(entry: AddressEntry): boolean {
    return this.#indexes.has(entry);
  }

  at(table: TableName, place: Place): AddressEntry | undefined {
    return this.#table(table)[place.bucket * BUCKET_SIZE + place.position];
  }

  bucketCount(table: TableName): number {
    return table === "new" ? NEW_BUCKETS : TRIED_BUCKETS;
  }

  /** Buckets of a table that have an entry, in no order. */
  takenBuckets(table: TableName): readonly number[] {
    return this.#taken[table].list;
  }

  /** Where the entry goes in the new table for who told of it. */
  newPlace(entry: AddressEntry, source: NetworkAddress = entry.source): Place {
    return this.newPlaceIn(entry, this.#hash.newBucket(entry.endpoint, source));
  }

  newPlaceIn(entry: AddressEntry, bucket: number): Place {
    return { bucket, position: this.#hash.position("new", bucket, entry.endpoint) };
  }

  triedPlace(entry: AddressEntry): Place {
    const bucket = this.#hash.triedBucket(entry.endpoint);
    return { bucket, position: this.#hash.position("tried", bucket, entry.endpoint) };
  }

  /** Takes an entry up, without a place yet. */
  create(entry: AddressEntry): void {
    this.#byEndpoint.set(endpointKey(entry.endpoint), entry);
    this.#indexes.set(entry, this.#all.length);
    this.#all.push(entry);
    this.newCount++;
    this.#countsOf(entry).new++;
  }

  /** Drops an entry that has no place. */
  delete(entry: AddressEntry): void {
    const index = this.#indexes.get(entry)!;
    const last = this.#all.pop()!;
    if (last !== entry) {
      this.#all[index] = last;
      this.#indexes.set(last, index);
    }
    this.#indexes.delete(entry);
    this.#byEndpoint.delete(endpointKey(entry.endpoint));
    this.newCount--;
    this.#countsOf(entry).new--;
  }

  /** Puts an entry into a place of the new table, in the stead of what is there. */
  putNew(entry: AddressEntry, place: Place): void {
    this.clearNew(place);
    this.#set("new", place, entry);
    entry.referenceCount++;
  }

  /** Empties a place of the new table. An entry that has no other is dropped. */
  clearNew(place: Place): void {
    const entry = this.at("new", place);
    if (entry === undefined) return;
    this.#set("new", place, undefined);
    entry.referenceCount--;
    this.#log.debug(
      "addrman",
      `Removed ${formatEndpoint(entry.endpoint)} from new[${place.bucket}][${place.position}]`,
    );
    if (entry.referenceCount === 0) this.delete(entry);
  }

  /** Moves an entry into the tried table; what is in its place there goes back to the new one. */
  moveToTried(entry: AddressEntry): Place {
    this.#removeFromNew(entry);
    this.newCount--;
    this.#countsOf(entry).new--;
    const place = this.triedPlace(entry);
    const evicted = this.at("tried", place);
    if (evicted !== undefined) this.#moveToNew(evicted, place);
    this.putTried(entry, place);
    return place;
  }

  /** Puts an entry that has no place into an empty one of the tried table. */
  putTried(entry: AddressEntry, place: Place): void {
    this.#set("tried", place, entry);
    entry.isTried = true;
    this.triedCount++;
    this.#countsOf(entry).tried++;
  }

  /** Takes up an entry of a file that belongs into the tried table. False where its place is taken. */
  createTried(entry: AddressEntry): boolean {
    const place = this.triedPlace(entry);
    if (this.at("tried", place) !== undefined || this.find(entry.endpoint) !== undefined) return false;
    this.create(entry);
    this.newCount--;
    this.#countsOf(entry).new--;
    this.putTried(entry, place);
    return true;
  }

  /** Every taken place of a table, bucket by bucket. */
  *places(table: TableName): Iterable<Place & { readonly entry: AddressEntry }> {
    for (const [index, entry] of this.#table(table).entries()) {
      if (entry !== undefined) yield { bucket: Math.floor(index / BUCKET_SIZE), position: index % BUCKET_SIZE, entry };
    }
  }

  #removeFromNew(entry: AddressEntry): void {
    const start = this.#hash.newBucket(entry.endpoint, entry.source);
    for (let step = 0; step < NEW_BUCKETS && entry.referenceCount > 0; step++) {
      const place = this.newPlaceIn(entry, (start + step) % NEW_BUCKETS);
      if (this.at("new", place) !== entry) continue;
      this.#set("new", place, undefined);
      entry.referenceCount--;
    }
  }

  #moveToNew(entry: AddressEntry, from: Place): void {
    entry.isTried = false;
    this.#set("tried", from, undefined);
    this.triedCount--;
    this.#countsOf(entry).tried--;
    const place = this.newPlace(entry);
    this.clearNew(place);
    this.newCount++;
    this.#countsOf(entry).new++;
    this.#set("new", place, entry);
    entry.referenceCount = 1;
    const to = `new[${place.bucket}][${place.position}]`;
    const text = formatEndpoint(entry.endpoint);
    this.#log.debug("addrman", `Moved ${text} from tried[${from.bucket}][${from.position}] to ${to} to make space`);
  }

  #set(table: TableName, { bucket, position }: Place, entry: AddressEntry | undefined): void {
    const places = this.#table(table);
    const index = bucket * BUCKET_SIZE + position;
    const wasTaken = places[index] !== undefined;
    places[index] = entry;
    if (!wasTaken && entry !== undefined) this.#taken[table].added(bucket);
    else if (wasTaken && entry === undefined) this.#taken[table].removed(bucket);
  }

  #table(table: TableName): Table {
    return table === "new" ? this.#new : this.#tried;
  }

  #countsOf({ endpoint }: AddressEntry): { new: number; tried: number } {
    const { network } = endpoint.address;
    let counts = this.#counts.get(network);
    if (counts === undefined) {
      counts = { new: 0, tried: 0 };
      this.#counts.set(network, counts);
    }
    return counts;
  }
}
