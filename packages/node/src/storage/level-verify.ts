import { open, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { DecodeError, Reader } from "@bitfleet/protocol/bytes/cursor.ts";
import { maskedCrc32c } from "./crc32c.ts";

/**
 * Checks a closed LevelDB directory before it is opened. Bitcoin Core asks LevelDB itself to do so ("paranoid checks"); the
 * binding for Node has no such option, and LevelDB left to its defaults drops a damaged end of its log without a word, makes
 * an empty database where CURRENT is missing, and hands out values from damaged blocks.
 */

/** Data blocks of this many bytes of tables, newest first, are checked at each opening; the structure of every table is. */
const CHECKED_DATA_BYTES_MAX = 64 * 1024 * 1024;

const LOG_BLOCK_SIZE = 32_768;
const LOG_HEAD_SIZE = 7;
const TABLE_FOOTER_SIZE = 48;
const TABLE_MAGIC = 0xdb4775248b80fb57n;
const BLOCK_TRAILER_SIZE = 5;

/** What is damaged, as part of a sentence: `000005.ldb: block at 4096 fails its checksum`. */
export type LevelDamage = string;

/** The first damage found in the database at `path`, or `undefined`. A directory without a database is not damaged. */
export async function findLevelDamage(path: string): Promise<LevelDamage | undefined> {
  const names = await readdir(path);
  if (!names.includes("CURRENT")) {
    const orphan = names.find((name) => /^MANIFEST-|\.(ldb|sst)$/.test(name));
    return orphan === undefined ? undefined : `CURRENT is missing beside ${orphan}`;
  }
  try {
    return await checkDatabase(path, names);
  } catch (error) {
    if (error instanceof DamageError) return error.message;
    throw error;
  }
}

class DamageError extends Error {}

async function checkDatabase(path: string, names: readonly string[]): Promise<undefined> {
  const current = (await readFile(join(path, "CURRENT"))).toString("latin1");
  if (!/^MANIFEST-\d+\n$/.test(current)) throw new DamageError("CURRENT does not name a manifest");
  const manifest = current.slice(0, -1);
  if (!names.includes(manifest)) throw new DamageError(`${manifest} is missing, which CURRENT names`);

  const { tables, logNumber } = readManifest(manifest, await readFile(join(path, manifest)));
  for (const name of names) {
    const number = /^(\d+)\.log$/.exec(name)?.[1];
    if (number !== undefined && Number(number) >= logNumber) readLog(name, await readFile(join(path, name)));
  }
  let checkedBytes = 0;
  const newestFirst = [...tables].sort(([a], [b]) => b - a);
  for (const [number, size] of newestFirst) {
    const stem = String(number).padStart(6, "0");
    const name = [`${stem}.ldb`, `${stem}.sst`].find((candidate) => names.includes(candidate));
    if (name === undefined) throw new DamageError(`${stem}.ldb is missing`);
    checkedBytes += size;
    await checkTable(path, name, size, checkedBytes <= CHECKED_DATA_BYTES_MAX);
  }
}

/** The records of a log file, whole. A record cut off at the very end is a write that never finished, and is left out. */
function readLog(name: string, file: Uint8Array): Uint8Array[] {
  const records: Uint8Array[] = [];
  let parts: Uint8Array[] = [];
  let offset = 0;
  while (offset < file.length) {
    const blockLeft = LOG_BLOCK_SIZE - (offset % LOG_BLOCK_SIZE);
    if (blockLeft < LOG_HEAD_SIZE) {
      offset += blockLeft;
      continue;
    }
    const record = logRecordAt(file, offset);
    if (record === undefined) {
      if (hasRecordBehind(file, offset)) throw new DamageError(`${name}: record at ${offset} fails its checksum`);
      break;
    }
    offset += LOG_HEAD_SIZE + record.data.length;
    // Types: 1 whole, 2 first, 3 middle, 4 last part.
    if (record.type === 1 || record.type === 2) parts = [];
    parts.push(record.data);
    if (record.type === 1 || record.type === 4) records.push(Buffer.concat(parts));
  }
  return records;
}

function logRecordAt(file: Uint8Array, offset: number): { type: number; data: Uint8Array } | undefined {
  const blockEnd = Math.min(file.length, offset - (offset % LOG_BLOCK_SIZE) + LOG_BLOCK_SIZE);
  if (offset + LOG_HEAD_SIZE > blockEnd) return undefined;
  const reader = new Reader(file, offset);
  const checksum = reader.uint32();
  const size = reader.uint16();
  const type = reader.uint8();
  const end = offset + LOG_HEAD_SIZE + size;
  if (end > blockEnd || type < 1 || type > 4 || maskedCrc32c(file.subarray(offset + 6, end)) !== checksum)
    return undefined;
  return { type, data: file.subarray(offset + LOG_HEAD_SIZE, end) };
}

/** True where something readable follows the bad record at `offset`: then it is damage, not a write cut off. */
function hasRecordBehind(file: Uint8Array, offset: number): boolean {
  const size = file.length >= offset + 6 ? file[offset + 4]! | (file[offset + 5]! << 8) : 0;
  if (logRecordAt(file, offset + LOG_HEAD_SIZE + size) !== undefined) return true;
  const firstBlock = offset - (offset % LOG_BLOCK_SIZE) + LOG_BLOCK_SIZE;
  for (let block = firstBlock; block < file.length; block += LOG_BLOCK_SIZE) {
    if (logRecordAt(file, block) !== undefined) return true;
  }
  return false;
}

/** Tables in use, by number, with their sizes, and the number of the first log in use. */
function readManifest(name: string, file: Uint8Array): { tables: Map<number, number>; logNumber: number } {
  const tables = new Map<number, number>();
  let logNumber = 0;
  const records = readLog(name, file);
  if (records.length === 0) throw new DamageError(`${name} holds no whole record`);
  try {
    for (const record of records) {
      const reader = new Reader(record);
      while (reader.remaining > 0) {
        const tag = readBase128(reader);
        if (tag === 2) logNumber = readBase128(reader);
        else if (tag === 3 || tag === 4 || tag === 9) readBase128(reader);
        else if (tag === 1) readString(reader);
        else if (tag === 5) {
          readBase128(reader);
          readString(reader);
        } else if (tag === 6) {
          readBase128(reader);
          tables.delete(readBase128(reader));
        } else if (tag === 7) {
          readBase128(reader);
          tables.set(readBase128(reader), readBase128(reader));
          readString(reader);
          readString(reader);
        } else reader.fail(`unknown tag ${tag}`);
      }
    }
  } catch (error) {
    if (error instanceof DecodeError) throw new DamageError(`${name}: ${error.message}`);
    throw error;
  }
  return { tables, logNumber };
}

async function checkTable(path: string, name: string, size: number, withData: boolean): Promise<void> {
  const file = await open(join(path, name), "r");
  try {
    const { size: actualSize } = await file.stat();
    if (actualSize !== size) throw new DamageError(`${name} has ${actualSize} bytes instead of ${size}`);
    const read = async (offset: number, length: number): Promise<Uint8Array> => {
      if (offset + length > size) throw new DamageError(`${name}: a block at ${offset} would end behind the file`);
      const bytes = new Uint8Array(length);
      const { bytesRead } = await file.read(bytes, 0, length, offset);
      if (bytesRead !== length) throw new DamageError(`${name}: cannot be read at ${offset}`);
      return bytes;
    };
    if (withData) {
      const whole = await read(0, size);
      await checkBlocks(name, size, async (offset, length) => whole.subarray(offset, offset + length), true);
    } else {
      await checkBlocks(name, size, read, false);
    }
  } catch (error) {
    if (error instanceof DecodeError) throw new DamageError(`${name}: ${error.message}`);
    throw error;
  } finally {
    await file.close();
  }
}

type ReadAt = (offset: number, length: number) => Promise<Uint8Array>;

async function checkBlocks(name: string, size: number, read: ReadAt, withData: boolean): Promise<void> {
  if (size < TABLE_FOOTER_SIZE) throw new DamageError(`${name} is too short`);
  const footer = new Reader(await read(size - TABLE_FOOTER_SIZE, TABLE_FOOTER_SIZE));
  const metaIndex = readHandle(footer);
  const index = readHandle(footer);
  if (new Reader(footer.source, TABLE_FOOTER_SIZE - 8).uint64() !== TABLE_MAGIC) {
    throw new DamageError(`${name} does not end as a table does`);
  }
  const checked = async (handle: BlockHandle): Promise<Uint8Array> => {
    if (handle.offset + handle.size + BLOCK_TRAILER_SIZE > size) {
      throw new DamageError(`${name}: a block at ${handle.offset} would end behind the file`);
    }
    const bytes = await read(handle.offset, handle.size + BLOCK_TRAILER_SIZE);
    const expected = new Reader(bytes, handle.size + 1).uint32();
    if (maskedCrc32c(bytes.subarray(0, handle.size + 1)) !== expected) {
      throw new DamageError(`${name}: block at ${handle.offset} fails its checksum`);
    }
    return bytes;
  };
  for (const indexHandle of [metaIndex, index]) {
    const block = await checked(indexHandle);
    const isCompressed = block[indexHandle.size] !== 0;
    if (!withData || isCompressed) continue;
    for (const handle of handlesIn(block.subarray(0, indexHandle.size))) await checked(handle);
  }
}

interface BlockHandle {
  readonly offset: number;
  readonly size: number;
}

/** The blocks that an index block points to. Its entries: shared and own key length, value length, key, value. */
function* handlesIn(block: Uint8Array): Generator<BlockHandle> {
  const restartCount = new Reader(block, block.length - 4).uint32();
  const entriesEnd = block.length - 4 - 4 * restartCount;
  const reader = new Reader(block);
  while (reader.offset < entriesEnd) {
    readBase128(reader);
    const keySize = readBase128(reader);
    const valueSize = readBase128(reader);
    reader.skip(keySize);
    yield readHandle(new Reader(reader.bytes(valueSize)));
  }
}

function readHandle(reader: Reader): BlockHandle {
  return { offset: readBase128(reader), size: readBase128(reader) };
}

/** LevelDB's own variable-length integers: base 128, least significant digit first. */
function readBase128(reader: Reader): number {
  let value = 0;
  for (let scale = 1; ; scale *= 128) {
    const byte = reader.uint8();
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
    if (scale > 2 ** 46) reader.fail("number too large");
  }
}

function readString(reader: Reader): Uint8Array {
  return reader.bytes(readBase128(reader));
}
