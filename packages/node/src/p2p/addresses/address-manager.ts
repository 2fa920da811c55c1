import { isRoutable, networkClassOf } from "@bitfleet/protocol/wire/address-class.ts";
import { formatAddress, formatEndpoint } from "@bitfleet/protocol/wire/address-text.ts";
import {
  equalAddresses,
  type GossipAddress,
  type NetworkAddress,
  type NetworkEndpoint,
  type NetworkKind,
} from "@bitfleet/protocol/wire/network-address.ts";
import type { Clock, Logger, Random } from "../../ports.ts";
import { AddressEntry } from "./address-entry.ts";
import { AddressTables, type Place, type TableName } from "./address-tables.ts";
import { type Asmap, systemOf } from "./asmap.ts";
import { BUCKET_SIZE, REFERENCES_MAX } from "./bucket-hash.ts";

const HOUR_SECONDS = 60 * 60;
const DAY_SECONDS = 24 * HOUR_SECONDS;

/** Addresses that wait for the one in their place of the tried table to be tested. */
const COLLISIONS_MAX = 10;
/** An address of the tried table that worked within this time keeps its place. */
const REPLACEMENT_SECONDS = 4 * HOUR_SECONDS;
/** Whoever waits for so long for a test that does not come gets the place. */
const TEST_WINDOW_SECONDS = 40 * 60;
/** Seconds for which an attempt counts as under way. */
const ATTEMPT_SECONDS = 60;
/** How much newer a time must be to be taken over: for addresses online now, and for others. */
const UPDATE_ONLINE_SECONDS = HOUR_SECONDS;
const UPDATE_OFFLINE_SECONDS = DAY_SECONDS;
const CONNECTED_UPDATE_SECONDS = 20 * 60;

const KEY_SIZE = 32;

export interface AddressManagerDependencies {
  readonly clock: Pick<Clock, "nowMs">;
  readonly random: Random;
  readonly log: Logger;
  /** `-asmap`: addresses of one autonomous system go to few places. */
  readonly asmap?: Asmap | undefined;
}

/** An address that was drawn. */
export interface SelectedAddress {
  readonly endpoint: NetworkEndpoint;
  readonly services: bigint;
  readonly timeSeconds: number;
  readonly lastTrySeconds: number;
}

export interface AddressQuery {
  /** 0: no limit. */
  readonly countMax: number;
  /** Of all addresses, 0 to 100; 0: no limit. */
  readonly percentMax: number;
  readonly network?: NetworkKind;
  /** Leave out those of no use any more. Default true. */
  readonly filtered?: boolean;
}

/**
 * Addresses of nodes that others told us of (`new`) and that worked for us (`tried`), in tables that nobody can fill with their own:
 * an address's place depends on a secret and on who told of it.
 */
export class AddressManager {
  readonly #deps: AddressManagerDependencies;
  readonly tables: AddressTables;
  readonly #collisions = new Set<AddressEntry>();
  /** Of the last success of any address, seconds since 1970: failures before the next count once. */
  #lastGoodSeconds = 1;

  /** `tables`: those of a file. */
  constructor(deps: AddressManagerDependencies, tables?: AddressTables) {
    this.#deps = deps;
    this.tables = tables ?? new AddressTables(deps.random.bytes(KEY_SIZE), deps.log, deps.asmap);
  }

  /** Takes up addresses that `source` told of. `penaltySeconds` makes them older, since rumours are. True where any was news. */
  add(addresses: readonly GossipAddress[], source: NetworkAddress, penaltySeconds = 0): boolean {
    let addedCount = 0;
    for (const address of addresses) if (this.#addOne(address, source, penaltySeconds)) addedCount++;
    if (addedCount > 0) {
      const { triedCount, newCount } = this.tables;
      this.#log(
        `Added ${addedCount} addresses (of ${addresses.length}) from ${formatAddress(source)}: ${triedCount} tried, ${newCount} new`,
      );
    }
    return addedCount > 0;
  }

  /** A connection to it worked. Moves it to the tried table, or lets it wait where another has its place. True where it moved. */
  good(endpoint: NetworkEndpoint, nowSeconds: number): boolean {
    const entry = this.tables.find(endpoint);
    if (entry !== undefined) return this.#succeeded(entry, true, nowSeconds);
    this.#lastGoodSeconds = nowSeconds;
    return false;
  }

  /** A connection is attempted. A failure counts against it only where `countsFailure` says that we are online. */
  attempt(endpoint: NetworkEndpoint, countsFailure: boolean, nowSeconds: number): void {
    const entry = this.tables.find(endpoint);
    if (entry === undefined) return;
    entry.lastTrySeconds = nowSeconds;
    if (!countsFailure || entry.lastCountedTrySeconds >= this.#lastGoodSeconds) return;
    entry.lastCountedTrySeconds = nowSeconds;
    entry.attemptCount++;
  }

  /** We were connected to it until now. */
  connected(endpoint: NetworkEndpoint, nowSeconds: number): void {
    const entry = this.tables.find(endpoint);
    if (entry !== undefined && nowSeconds - entry.timeSeconds > CONNECTED_UPDATE_SECONDS)
      entry.timeSeconds = nowSeconds;
  }

  /** It said itself what it serves. */
  setServices(endpoint: NetworkEndpoint, services: bigint): void {
    const entry = this.tables.find(endpoint);
    if (entry !== undefined) entry.services = services;
  }

  find(endpoint: NetworkEndpoint): AddressEntry | undefined {
    return this.tables.find(endpoint);
  }

  size(query: { readonly network?: NetworkKind; readonly table?: TableName } = {}): number {
    const { network, table } = query;
    if (network !== undefined) return this.tables.countOf(network, table);
    if (table === undefined) return this.tables.size;
    return table === "new" ? this.tables.newCount : this.tables.triedCount;
  }

  /** Every taken place of a table. */
  entries(table: TableName): Iterable<Place & { readonly entry: AddressEntry }> {
    return this.tables.places(table);
  }

  /** Draws an address to connect to: from both tables alike, with a chance by how it did before. */
  select(options: {
    readonly newOnly: boolean;
    readonly networks: readonly NetworkKind[];
  }): SelectedAddress | undefined {
    const { newOnly, networks } = options;
    const countIn = (table: TableName) =>
      networks.reduce((sum, network) => sum + this.tables.countOf(network, table), 0);
    const newCount = countIn("new");
    const triedCount = newOnly ? 0 : countIn("tried");
    if (newCount + triedCount === 0) return undefined;
    const takesTried = triedCount > 0 && (newCount === 0 || this.#deps.random.unit() < 0.5);
    const table: TableName = takesTried ? "tried" : "new";
    // With every entry that is passed over the next is more likely to be taken: it ends.
    for (let factor = 1; ; ) {
      const entry = this.#drawFrom(table, networks);
      if (entry === undefined) continue;
      if (this.#deps.random.unit() >= factor * entry.chance(this.#nowSeconds())) {
        factor *= 1.2;
        continue;
      }
      this.#log(`Selected ${formatEndpoint(entry.endpoint)} from ${table}`);
      return selected(entry);
    }
  }

  /** Random addresses, to be told to others. */
  getAddresses({ countMax, percentMax, network, filtered = true }: AddressQuery): readonly GossipAddress[] {
    const { all } = this.tables;
    let count = all.length;
    if (percentMax > 0) count = Math.floor((Math.min(percentMax, 100) * count) / 100);
    if (countMax > 0) count = Math.min(count, countMax);
    const nowSeconds = this.#nowSeconds();
    const found: GossipAddress[] = [];
    for (const entry of this.#inRandomOrder(all)) {
      if (found.length >= count) break;
      if (network !== undefined && networkClassOf(entry.endpoint.address) !== network) continue;
      if (filtered && entry.isTerrible(nowSeconds)) continue;
      const { endpoint, services, timeSeconds } = entry;
      found.push({ address: endpoint.address, port: endpoint.port, services, timeSeconds });
    }
    this.#log(`GetAddr returned ${found.length} random addresses`);
    return found;
  }

  /** Settles who waits for a place of the tried table, where what is needed to know is known. */
  resolveCollisions(): void {
    const nowSeconds = this.#nowSeconds();
    for (const entry of [...this.#collisions]) {
      if (this.#resolve(entry, nowSeconds)) this.#collisions.delete(entry);
    }
  }

  /** The address that must be tested, since another waits for its place. */
  selectTriedCollision(): SelectedAddress | undefined {
    const waiting = [...this.#collisions];
    const entry = waiting[Math.floor(this.#deps.random.unit() * waiting.length)];
    if (entry === undefined) return undefined;
    const holder = this.tables.has(entry) ? this.tables.at("tried", this.tables.triedPlace(entry)) : undefined;
    if (holder === undefined) {
      this.#collisions.delete(entry);
      return undefined;
    }
    return selected(holder);
  }

  #addOne(address: GossipAddress, source: NetworkAddress, penalty: number): boolean {
    if (!isRoutable(address.address)) return false;
    // What a node says of itself is no rumour.
    const penaltySeconds = equalAddresses(address.address, source) ? 0 : penalty;
    const known = this.tables.find(address);
    if (known !== undefined && !this.#isNews(known, address, penaltySeconds)) return false;
    const entry = known ?? this.#create(address, source, penaltySeconds);
    const place = this.tables.newPlace(entry, source);
    const holder = this.tables.at("new", place);
    if (holder === entry) return false;
    const mayReplace =
      holder === undefined ||
      holder.isTerrible(this.#nowSeconds()) ||
      (holder.referenceCount > 1 && entry.referenceCount === 0);
    if (!mayReplace) {
      if (entry.referenceCount === 0) this.tables.delete(entry);
      return false;
    }
    this.tables.putNew(entry, place);
    this.#log(`Added ${this.#textOf(entry)} to new[${place.bucket}][${place.position}]`);
    return true;
  }

  #create(address: GossipAddress, source: NetworkAddress, penaltySeconds: number): AddressEntry {
    const entry = new AddressEntry(address, source);
    entry.timeSeconds = Math.max(address.timeSeconds - penaltySeconds, 0);
    this.tables.create(entry);
    return entry;
  }

  /** Brings what is known up to date. True where the address may get one more place in the new table. */
  #isNews(entry: AddressEntry, address: GossipAddress, penaltySeconds: number): boolean {
    const isOnline = this.#nowSeconds() - address.timeSeconds < DAY_SECONDS;
    const intervalSeconds = isOnline ? UPDATE_ONLINE_SECONDS : UPDATE_OFFLINE_SECONDS;
    if (entry.timeSeconds < address.timeSeconds - intervalSeconds - penaltySeconds)
      entry.timeSeconds = Math.max(address.timeSeconds - penaltySeconds, 0);
    entry.services |= address.services;
    if (address.timeSeconds <= entry.timeSeconds || entry.isTried || entry.referenceCount >= REFERENCES_MAX)
      return false;
    // Each place more is half as likely as the one before.
    return entry.referenceCount === 0 || Math.floor(this.#deps.random.unit() * 2 ** entry.referenceCount) === 0;
  }

  #succeeded(entry: AddressEntry, testsBeforeEvicting: boolean, nowSeconds: number): boolean {
    this.#lastGoodSeconds = nowSeconds;
    entry.lastSuccessSeconds = nowSeconds;
    entry.lastTrySeconds = nowSeconds;
    entry.attemptCount = 0;
    return this.#promote(entry, testsBeforeEvicting);
  }

  #promote(entry: AddressEntry, testsBeforeEvicting: boolean): boolean {
    if (entry.isTried || entry.referenceCount === 0) return false;
    const holder = this.tables.at("tried", this.tables.triedPlace(entry));
    if (holder !== undefined && testsBeforeEvicting) {
      if (this.#collisions.size < COLLISIONS_MAX) this.#collisions.add(entry);
      this.#log(
        `Collision with ${formatEndpoint(holder.endpoint)} while attempting to move ${formatEndpoint(entry.endpoint)} to tried table. Collisions=${this.#collisions.size}`,
      );
      return false;
    }
    const place = this.tables.moveToTried(entry);
    this.#log(`Moved ${this.#textOf(entry)} to tried[${place.bucket}][${place.position}]`);
    return true;
  }

  /** True where the matter is settled. */
  #resolve(entry: AddressEntry, nowSeconds: number): boolean {
    if (!this.tables.has(entry) || entry.isTried) return true;
    const holder = this.tables.at("tried", this.tables.triedPlace(entry));
    if (holder === undefined) {
      this.#succeeded(entry, false, nowSeconds);
      return true;
    }
    const holderText = formatEndpoint(holder.endpoint);
    const text = formatEndpoint(entry.endpoint);
    if (nowSeconds - holder.lastSuccessSeconds < REPLACEMENT_SECONDS) return true;
    if (nowSeconds - holder.lastTrySeconds < REPLACEMENT_SECONDS) {
      // It was tried and did not work; give the attempt a minute to end.
      if (nowSeconds - holder.lastTrySeconds <= ATTEMPT_SECONDS) return false;
      this.#log(`Replacing ${holderText} with ${text} in tried table`);
    } else {
      if (nowSeconds - entry.lastSuccessSeconds <= TEST_WINDOW_SECONDS) return false;
      this.#log(`Unable to test; replacing ${holderText} with ${text} in tried table anyway`);
    }
    // Taking the place counts as a success, as in Core.
    this.#succeeded(entry, false, nowSeconds);
    return true;
  }

  /**
   * The entry of a random place, or the next taken one of its bucket. Empty buckets, nearly all where few addresses are known, are not
   * drawn: to draw again until there is an entry comes to the same.
   */
  #drawFrom(table: TableName, networks: readonly NetworkKind[]): AddressEntry | undefined {
    const { random } = this.#deps;
    const taken = this.tables.takenBuckets(table);
    const bucket = taken[Math.floor(random.unit() * taken.length)]!;
    const start = Math.floor(random.unit() * BUCKET_SIZE);
    for (let step = 0; step < BUCKET_SIZE; step++) {
      const entry = this.tables.at(table, { bucket, position: (start + step) % BUCKET_SIZE });
      if (entry !== undefined && networks.includes(entry.endpoint.address.network)) return entry;
    }
    return undefined;
  }

  /** Lazily: who needs ten of ten thousand does not have all shuffled. */
  *#inRandomOrder(entries: readonly AddressEntry[]): Iterable<AddressEntry> {
    const moved = new Map<number, number>();
    for (let index = 0; index < entries.length; index++) {
      const other = index + Math.floor(this.#deps.random.unit() * (entries.length - index));
      const chosen = moved.get(other) ?? other;
      moved.set(other, moved.get(index) ?? index);
      yield entries[chosen]!;
    }
  }

  /** With its autonomous system, where that is known. */
  #textOf({ endpoint }: AddressEntry): string {
    const system = systemOf(this.#deps.asmap, endpoint.address);
    return formatEndpoint(endpoint) + (system === 0 ? "" : ` mapped to AS${system}`);
  }

  #nowSeconds(): number {
    return Math.floor(this.#deps.clock.nowMs() / 1000);
  }

  #log(message: string): void {
    this.#deps.log.debug("addrman", message);
  }
}

function selected({ endpoint, services, timeSeconds, lastTrySeconds }: AddressEntry): SelectedAddress {
  return { endpoint, services, timeSeconds, lastTrySeconds };
}
