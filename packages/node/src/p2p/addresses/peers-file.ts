import { rename } from "node:fs/promises";
import { equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { DecodeError, Reader, Writer } from "@bitfleet/protocol/bytes/cursor.ts";
import { isValid } from "@bitfleet/protocol/wire/address-class.ts";
import { readAddress, UNSPECIFIED_ADDRESS, writeAddress } from "@bitfleet/protocol/wire/network-address.ts";
import { readIfThere, replaceFile } from "../../storage/replace-file.ts";
import { Inconsistency, inconsistencyOf } from "./address-check.ts";
import { AddressEntry } from "./address-entry.ts";
import { AddressManager, type AddressManagerDependencies } from "./address-manager.ts";
import { AddressTables } from "./address-tables.ts";
import { BUCKET_SIZE, NEW_BUCKETS, REFERENCES_MAX, TRIED_BUCKETS } from "./bucket-hash.ts";
import { CheckedAddressManager } from "./checked-address-manager.ts";
import { CheckedFileError, seal, unseal, verifyChecksum } from "./checked-file.ts";
import { readStoredAddress, writeStoredAddress } from "./stored-address.ts";

/** The format that we write, and the oldest program that can read it. */
const FORMAT = 4;
/** From here on addresses are in BIP155's form. */
const FORMAT_BIP155 = 3;
/** From here on the file names the map of autonomous systems by which the buckets were chosen. */
const FORMAT_ASMAP = 2;
const COMPATIBILITY_BASE = 32;
/** Keeps programs that do not look at the format from reading on. */
const BUCKETS_MARK = 1 << 30;
const KEY_SIZE = 32;
const KNOWN_KEY = Uint8Array.of(1, ...new Uint8Array(KEY_SIZE - 1));
/** No map of autonomous systems was used. */
const NO_ASMAP = new Uint8Array(32);

/** Of a newer program than this: to be put aside, not to be refused. */
class UnsupportedFormat extends Error {}

export interface PeersFileOptions {
  readonly path: string;
  readonly magic: Uint8Array;
  /** New tables have the secret 1, for tests. */
  readonly hasKnownKey?: boolean;
  /** `-checkaddrman`: one in so many operations on the tables is checked; 0 for none. */
  readonly checkRatio?: number;
}

/**
 * Reads peers.dat, or makes a new one where there is none or it is of a newer program. Throws {@link CheckedFileError} with one
 * sentence where it is damaged.
 */
export async function loadPeers(options: PeersFileOptions, deps: AddressManagerDependencies): Promise<AddressManager> {
  const { path, magic } = options;
  const { log } = deps;
  const startMs = deps.clock.nowMs();
  const bytes = await readIfThere(path);
  if (bytes === undefined) {
    log.info(`Creating peers.dat because the file was not found ("${path}")`);
    return createPeers(options, deps);
  }
  try {
    const tables = decodeTables(unseal(magic, bytes), deps);
    verifyChecksum(bytes);
    log.info(`Loaded ${tables.size} addresses from peers.dat ${deps.clock.nowMs() - startMs}ms`);
    return managerOf(options, deps, tables);
  } catch (error) {
    if (error instanceof UnsupportedFormat) {
      await rename(path, `${path}.bak`);
      log.warn(
        `Creating new peers.dat because the file version was not compatible ("${path}"). Original backed up to peers.dat.bak`,
      );
      return createPeers(options, deps);
    }
    if (!(error instanceof CheckedFileError) && !(error instanceof DecodeError)) throw error;
    // What is too short is by far the likeliest to be wrong with it, and named as Core does.
    const why = error instanceof DecodeError ? `AutoFile::read: end of file: ${error.message}` : error.message;
    throw new CheckedFileError(
      `Invalid or corrupt peers.dat (${why}). If you believe this is a bug, please report it to the issues of this repository. As a workaround, you can move the file ("${path}") out of the way (rename, move, or delete) to have a new one created on the next start.`,
    );
  }
}

async function createPeers(options: PeersFileOptions, deps: AddressManagerDependencies): Promise<AddressManager> {
  const { log, asmap } = deps;
  const tables = options.hasKnownKey ? new AddressTables(KNOWN_KEY, log, asmap) : undefined;
  const manager = managerOf(options, deps, tables);
  await savePeers(options, manager);
  return manager;
}

function managerOf(
  { checkRatio = 0 }: PeersFileOptions,
  deps: AddressManagerDependencies,
  tables: AddressTables | undefined,
): AddressManager {
  return checkRatio > 0 ? new CheckedAddressManager({ checkRatio }, deps, tables) : new AddressManager(deps, tables);
}

export async function savePeers({ path, magic }: PeersFileOptions, manager: AddressManager): Promise<void> {
  await replaceFile(path, seal(magic, encodeTables(manager.tables)));
}

/** The tables as in the file, without magic and checksum. */
export function encodeTables(tables: AddressTables): Uint8Array {
  const writer = new Writer(64 * 1024);
  writer
    .uint8(FORMAT)
    .uint8(COMPATIBILITY_BASE + FORMAT)
    .bytes(tables.key);
  const fresh = tables.all.filter(({ isTried }) => !isTried);
  const tried = tables.all.filter(({ isTried }) => isTried);
  writer
    .int32(fresh.length)
    .int32(tried.length)
    .int32(NEW_BUCKETS ^ BUCKETS_MARK);
  for (const entry of [...fresh, ...tried]) writeEntry(writer, entry);
  const indexes = new Map(fresh.map((entry, index) => [entry, index]));
  const buckets: number[][] = Array.from({ length: NEW_BUCKETS }, () => []);
  for (const { bucket, entry } of tables.places("new")) buckets[bucket]!.push(indexes.get(entry)!);
  for (const bucket of buckets) {
    writer.int32(bucket.length);
    for (const index of bucket) writer.int32(index);
  }
  writer.bytes(tables.asmap?.version ?? NO_ASMAP);
  return writer.toBytes();
}

function decodeTables(
  bytes: Uint8Array,
  { log, asmap }: Pick<AddressManagerDependencies, "log" | "asmap">,
): AddressTables {
  const reader = new Reader(bytes);
  const format = reader.uint8();
  const compatibility = reader.uint8();
  if (compatibility < COMPATIBILITY_BASE) {
    throw new CheckedFileError(
      `Corrupted addrman database: The compat value (${compatibility}) is lower than the expected minimum value ${COMPATIBILITY_BASE}.: iostream error`,
    );
  }
  if (compatibility - COMPATIBILITY_BASE > FORMAT) throw new UnsupportedFormat();
  const key = reader.bytes(KEY_SIZE).slice();
  const tables = new AddressTables(key, log, asmap);
  const newCount = countOf(reader, "nNew", NEW_BUCKETS * BUCKET_SIZE);
  const triedCount = countOf(reader, "nTried", TRIED_BUCKETS * BUCKET_SIZE);
  const bucketCount = reader.int32() ^ (format >= 1 ? BUCKETS_MARK : 0);
  const fresh = readEntries(reader, newCount, format);
  for (const entry of fresh) {
    if (tables.find(entry.endpoint) !== undefined) throw inconsistent(Inconsistency.NOT_FOUND);
    tables.create(entry);
  }
  let lostTried = 0;
  for (const entry of readEntries(reader, triedCount, format)) {
    if (!isValid(entry.endpoint.address) || !tables.createTried(entry)) lostTried++;
  }
  const references = readReferences(reader, bucketCount, fresh);
  const asmapVersion = format >= FORMAT_ASMAP ? reader.bytes(NO_ASMAP.length) : NO_ASMAP;
  const hasSameBuckets = bucketCount === NEW_BUCKETS && equalBytes(asmapVersion, asmap?.version ?? NO_ASMAP);
  if (!hasSameBuckets) log.debug("addrman", "Bucketing method was updated, re-bucketing addrman entries from disk");
  for (const { bucket, entry } of references) place(tables, entry, hasSameBuckets ? bucket : undefined);
  const homeless = fresh.filter((entry) => entry.referenceCount === 0);
  for (const entry of homeless) tables.delete(entry);
  if (homeless.length + lostTried > 0) {
    log.debug(
      "addrman",
      `addrman lost ${homeless.length} new and ${lostTried} tried addresses due to collisions or invalid addresses`,
    );
  }
  const wrong = inconsistencyOf(tables);
  if (wrong !== undefined) throw inconsistent(wrong);
  // What comes next is taken for the checksum.
  if (reader.remaining > 0) throw new CheckedFileError("Checksum mismatch, data corrupted");
  return tables;
}

function inconsistent(code: number): CheckedFileError {
  return new CheckedFileError(`Corrupt data. Consistency check failed with code ${code}: iostream error`);
}

function countOf(reader: Reader, name: string, max: number): number {
  const count = reader.int32();
  if (count >= 0 && count <= max) return count;
  throw new CheckedFileError(
    `Corrupt AddrMan serialization: ${name}=${count}, should be in [0, ${max}]: iostream error`,
  );
}

interface Reference {
  readonly bucket: number;
  readonly entry: AddressEntry;
}

function readReferences(reader: Reader, bucketCount: number, fresh: readonly AddressEntry[]): readonly Reference[] {
  const references: Reference[] = [];
  for (let bucket = 0; bucket < bucketCount; bucket++) {
    const count = reader.int32();
    for (let index = 0; index < count; index++) {
      const entry = fresh[reader.int32()];
      if (entry !== undefined) references.push({ bucket, entry });
    }
  }
  return references;
}

/** Puts an entry where it was, or where it belongs now; nowhere where that is taken. */
function place(tables: AddressTables, entry: AddressEntry, bucket: number | undefined): void {
  if (!isValid(entry.endpoint.address) || entry.referenceCount >= REFERENCES_MAX) return;
  const own = bucket === undefined ? undefined : tables.newPlaceIn(entry, bucket);
  const target = own !== undefined && tables.at("new", own) === undefined ? own : tables.newPlace(entry);
  if (tables.at("new", target) === undefined) tables.putNew(entry, target);
}

function readEntries(reader: Reader, count: number, format: number): AddressEntry[] {
  const entries: AddressEntry[] = [];
  for (let index = 0; index < count; index++) {
    const address = readStoredAddress(reader);
    const source = readAddress(reader, format >= FORMAT_BIP155 ? "v2" : "v1") ?? UNSPECIFIED_ADDRESS;
    const entry = new AddressEntry(address, { network: source.network, bytes: source.bytes.slice() });
    entry.lastSuccessSeconds = Number(reader.int64());
    entry.attemptCount = reader.int32();
    entries.push(entry);
  }
  return entries;
}

function writeEntry(writer: Writer, entry: AddressEntry): void {
  const { endpoint, services, timeSeconds, source, lastSuccessSeconds, attemptCount } = entry;
  writeStoredAddress(writer, { address: endpoint.address, port: endpoint.port, services, timeSeconds });
  writeAddress(writer, source, "v2");
  writer.int64(BigInt(lastSuccessSeconds)).int32(attemptCount);
}
