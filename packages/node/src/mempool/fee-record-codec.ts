import { DecodeError, Reader, Writer } from "@bitfleet/protocol/bytes/cursor.ts";
import type { FeeRecord } from "./fee-estimator.ts";
import type { HorizonRecord } from "./fee-horizon.ts";

/** What a file must say of itself to be read; one that says more is from the future, one that says less is of no use. */
const FILE_VERSION = 309_900;
const BUCKET_COUNT_MAX = 1000;
/** A week. */
const TARGET_MAX = 6 * 24 * 7;

/** A file that is none, in the words that Core writes to its log. */
export class FeeRecordError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "FeeRecordError";
  }
}

/** `fee_estimates.dat`, as Core writes it: numbers little-endian, fractions in the eight bytes of IEEE 754. */
export function encodeFeeRecord({ bestHeight, firstHeight, lastHeight, bounds, horizons }: FeeRecord): Uint8Array {
  const writer = new Writer();
  writer.int32(FILE_VERSION).uint32(bestHeight).uint32(firstHeight).uint32(lastHeight);
  writeFractions(writer, bounds);
  writeHorizon(writer, horizons.medium);
  writeHorizon(writer, horizons.short);
  writeHorizon(writer, horizons.long);
  return writer.finish();
}

/**
 * The record in a file, or the version of one that is too old to be of use. What follows behind it is not looked at. Throws
 * {@link FeeRecordError}.
 */
export function decodeFeeRecord(bytes: Uint8Array): FeeRecord | { readonly oldVersion: number } {
  const reader = new Reader(bytes);
  try {
    return readRecord(reader);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new FeeRecordError(coreMessage(error));
  }
}

function readRecord(reader: Reader): FeeRecord | { readonly oldVersion: number } {
  const version = reader.int32();
  if (version > FILE_VERSION) throw new FeeRecordError(`File version (${version}) too high to be read.`);
  const bestHeight = reader.uint32();
  if (version < FILE_VERSION) return { oldVersion: version };
  const firstHeight = reader.uint32();
  const lastHeight = reader.uint32();
  if (firstHeight > lastHeight || lastHeight > bestHeight)
    throw corrupt("Historical block range for estimates is invalid");
  const bounds = [...readFractions(reader)];
  if (bounds.length <= 1 || bounds.length > BUCKET_COUNT_MAX)
    throw corrupt("Must have between 2 and 1000 feerate buckets");
  // Core would go on, and search in what is not sorted.
  if (bounds.some((bound, index) => !(bound > (bounds[index - 1] ?? 0)))) throw corrupt("Feerate buckets must ascend");
  const medium = readHorizon(reader, bounds.length);
  const short = readHorizon(reader, bounds.length);
  const long = readHorizon(reader, bounds.length);
  return { bestHeight, firstHeight, lastHeight, bounds, horizons: { short, medium, long } };
}

function writeHorizon(
  writer: Writer,
  { decay, scale, feerates, confirmed, withinPeriod, failed }: HorizonRecord,
): void {
  writer.bytes(fractionBytes(decay)).uint32(scale);
  writeFractions(writer, feerates);
  writeFractions(writer, confirmed);
  for (const periods of [withinPeriod, failed]) {
    writer.compactSize(periods.length);
    for (const counts of periods) writeFractions(writer, counts);
  }
}

function readHorizon(reader: Reader, bucketCount: number): HorizonRecord {
  const decay = readFraction(reader);
  if (!(decay > 0 && decay < 1)) throw corrupt("Decay must be between 0 and 1 (non-inclusive)");
  const scale = reader.uint32();
  if (scale === 0) throw corrupt("Scale must be non-zero");
  const feerates = readCounts(reader, bucketCount, "Mismatch in feerate average bucket count");
  const confirmed = readCounts(reader, bucketCount, "Mismatch in tx count bucket count");
  const withinPeriod = readPeriods(reader, bucketCount, "Mismatch in feerate conf average bucket count", (count) => {
    const target = scale * count;
    if (target < 1 || target > TARGET_MAX)
      throw corrupt(" Must maintain estimates for between 1 and 1008 (one week) confirms");
  });
  const failed = readPeriods(reader, bucketCount, "Mismatch in one of failure average bucket counts", (count) => {
    if (count !== withinPeriod.length) throw corrupt("Mismatch in confirms tracked for failures");
  });
  return { decay, scale, feerates, confirmed, withinPeriod, failed };
}

function readPeriods(
  reader: Reader,
  bucketCount: number,
  mismatch: string,
  checkCount: (count: number) => void,
): readonly Float64Array[] {
  const count = reader.count(1);
  checkCount(count);
  return Array.from({ length: count }, () => readCounts(reader, bucketCount, mismatch));
}

/** Counts decay and grow by one: none is negative, and none beyond all bounds. Core would reckon with it all the same. */
function readCounts(reader: Reader, bucketCount: number, mismatch: string): Float64Array {
  const counts = readFractions(reader);
  if (counts.length !== bucketCount) throw corrupt(mismatch);
  if (counts.some((count) => !(count >= 0 && count < Number.POSITIVE_INFINITY))) throw corrupt("Invalid count");
  return counts;
}

function writeFractions(writer: Writer, values: ArrayLike<number>): void {
  const bytes = new Uint8Array(8 * values.length);
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < values.length; index++) view.setFloat64(8 * index, values[index]!, true);
  writer.compactSize(values.length).bytes(bytes);
}

function readFractions(reader: Reader): Float64Array {
  return Float64Array.from({ length: reader.count(8) }, () => readFraction(reader));
}

function fractionBytes(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value, true);
  return bytes;
}

function readFraction(reader: Reader): number {
  const bytes = reader.bytes(8);
  return new DataView(bytes.buffer, bytes.byteOffset, 8).getFloat64(0, true);
}

const corrupt = (what: string) => new FeeRecordError(`Corrupt estimates file. ${what}`);

/** The C++ library adds its part behind the colon. */
function coreMessage({ message }: DecodeError): string {
  if (message.startsWith("unexpected end of data")) return "AutoFile::read: end of file: iostream error";
  if (message.startsWith("size too large")) return "ReadCompactSize(): size too large: iostream error";
  return `${message.replace(/ \(at byte \d+\)$/, "")}: iostream error`;
}
