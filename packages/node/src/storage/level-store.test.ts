import { chmod, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { ClassicLevel } from "classic-level";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { OBFUSCATION_KEY } from "./keyspace.ts";
import { levelErrorFor, storageErrorFor } from "./level-errors.ts";
import { type LevelStoreOptions, openLevelStore } from "./level-store.ts";
import { StorageError, type StorageErrorKind } from "./storage-error.ts";

let path = "";
const options: LevelStoreOptions = { cacheBytes: 1 << 20, obfuscate: true, repairOption: "-reindex-chainstate" };

beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), "bitfleet-level-"));
});

afterEach(async () => {
  await rm(path, { recursive: true, force: true });
});

const nameOf = (index: number) => Uint8Array.of(0x43, index >> 8, index & 255);
const bytesOf = (index: number) => new Uint8Array(200).fill(index);

/** Entries in several tables and the log, or few of them in the log alone. */
async function fill(entryCount = 5000): Promise<void> {
  const store = await openLevelStore(path, { ...options, cacheBytes: 256 * 1024 });
  for (let start = 0; start < entryCount; start += 100) {
    const batch = store.newBatch();
    for (let index = start; index < start + 100; index++) batch.put(nameOf(index), bytesOf(index));
    await store.write(batch, { sync: false });
  }
  await store.close();
}

async function filesLike(pattern: RegExp): Promise<string[]> {
  return (await readdir(path)).filter((name) => pattern.test(name)).sort();
}

async function fileLike(pattern: RegExp): Promise<string> {
  return join(path, (await filesLike(pattern))[0]!);
}

async function flipByte(file: string, offset: number): Promise<void> {
  const bytes = await readFile(file);
  bytes[offset < 0 ? bytes.length + offset : offset]! ^= 0x10;
  await writeFile(file, bytes);
}

async function failure(): Promise<StorageError> {
  try {
    await (await openLevelStore(path, options)).close();
  } catch (error) {
    expect(error).toBeInstanceOf(StorageError);
    return error as StorageError;
  }
  throw new Error("the database opened");
}

async function expectCorrupt(what: RegExp): Promise<void> {
  const error = await failure();
  expect(error.kind).toBe("corrupt");
  expect(error.message).toMatch(what);
  expect(error.message).toContain(path);
  expect(error.message).toContain("-reindex-chainstate");
}

describe("damage", () => {
  beforeEach(() => fill());

  test("none", async () => {
    expect((await filesLike(/\.ldb$/)).length).toBeGreaterThan(1);
    const store = await openLevelStore(path, options);
    for (const index of [0, 2500, 4999]) expect(await store.get(nameOf(index))).toEqual(bytesOf(index));
    await store.close();
  });

  test("a table is missing", async () => {
    await rm(await fileLike(/\.ldb$/));
    await expectCorrupt(/\d+\.ldb is missing/);
  });

  test("a bit is flipped in a data block", async () => {
    await flipByte(await fileLike(/\.ldb$/), 1000);
    await expectCorrupt(/block at \d+ fails its checksum/);
  });

  test("a bit is flipped in the last data block, in the index and in the footer of a table", async () => {
    const table = await fileLike(/\.ldb$/);
    const whole = await readFile(table);
    for (const offset of [-100, -60, -4, Math.floor(whole.length * 0.9)]) {
      await flipByte(table, offset);
      await expectCorrupt(/\.ldb/);
      await writeFile(table, whole);
    }
  });

  test("a table is cut short", async () => {
    const table = await fileLike(/\.ldb$/);
    await truncate(table, (await stat(table)).size - 1);
    await expectCorrupt(/bytes instead of/);
  });

  test("CURRENT is missing: LevelDB alone would begin an empty database", async () => {
    await rm(join(path, "CURRENT"));
    await expectCorrupt(/CURRENT is missing/);
  });

  test("CURRENT is garbage", async () => {
    await writeFile(join(path, "CURRENT"), "MANIFEST-");
    await expectCorrupt(/CURRENT does not name a manifest/);
  });

  test("the manifest is missing", async () => {
    await rm(await fileLike(/^MANIFEST/));
    await expectCorrupt(/MANIFEST-\d+ is missing/);
  });

  test("the manifest is damaged or empty", async () => {
    const manifest = await fileLike(/^MANIFEST/);
    const whole = await readFile(manifest);
    await flipByte(manifest, 12);
    await expectCorrupt(/MANIFEST-\d+/);
    await writeFile(manifest, whole.subarray(0, 0));
    await expectCorrupt(/MANIFEST-\d+ holds no whole record/);
  });

  test("a leftover of an unfinished compaction is no damage", async () => {
    await writeFile(join(path, "999999.ldb"), "half a table");
    await (await openLevelStore(path, options)).close();
  });
});

describe("the log", () => {
  beforeEach(() => fill(300));

  test("a write cut off at its end is dropped, the rest stays", async () => {
    const log = await fileLike(/\.log$/);
    await truncate(log, (await stat(log)).size - 10);
    const store = await openLevelStore(path, options);
    expect(await store.get(nameOf(150))).toEqual(bytesOf(150));
    expect(await store.get(nameOf(250))).toBeUndefined();
    await store.close();
  });

  test("a flipped bit with whole records behind it is damage", async () => {
    await flipByte(await fileLike(/\.log$/), 100);
    await expectCorrupt(/\.log: record at \d+ fails its checksum/);
  });
});

describe("opening", () => {
  test("in use", async () => {
    const store = await openLevelStore(path, options);
    const error = await failure();
    expect([error.kind, error.path]).toEqual(["locked", path]);
    expect(error.message).toBe(`The database in ${path} is in use by another process.`);
    await store.close();
    await (await openLevelStore(path, options)).close();
  });

  test("a file where the directory should be", async () => {
    await rm(path, { recursive: true });
    await writeFile(path, "");
    const error = await failure();
    expect([error.kind, error.message]).toEqual(["io", `${path} is not a directory.`]);
  });

  test.skipIf(process.getuid?.() === 0)("no permission", async () => {
    await chmod(path, 0o500);
    const error = await failure();
    expect([error.kind, error.message]).toEqual(["io", `No permission to read and write ${path}.`]);
    await chmod(path, 0o700);
  });

  test("wipe removes everything, damaged or not", async () => {
    await fill(300);
    await flipByte(await fileLike(/\.log$/), 100);
    const store = await openLevelStore(path, { ...options, wipe: true });
    expect(await store.get(nameOf(1))).toBeUndefined();
    await store.close();
  });

  test.each<[string, StorageErrorKind]>([
    ["IO error: /x/000012.ldb: No space left on device", "full"],
    ["IO error: /x/LOCK: Permission denied", "io"],
    ["IO error: /x/000012.ldb: No such file or directory", "corrupt"],
    ["IO error: /x/000012.ldb: Input/output error", "io"],
  ])("%s is %s", (text, kind) => {
    const inner = Object.assign(new Error(text), { code: "LEVEL_IO_ERROR" });
    expect(levelErrorFor(inner, "/x", "-reindex").kind).toBe(kind);
  });

  test.each<[string, StorageErrorKind]>([
    ["ENOSPC", "full"],
    ["ENOENT", "missing"],
    ["EACCES", "io"],
    ["ENOTDIR", "io"],
    ["EIO", "io"],
  ])("%s of the system is %s", (code, kind) => {
    const error = storageErrorFor(Object.assign(new Error("words"), { code }), "/x/y");
    expect(error.kind).toBe(kind);
    expect(error.message).toContain("/x/y");
  });
});

describe("obfuscation", () => {
  async function raw<Result>(read: (db: ClassicLevel<Uint8Array, Uint8Array>) => Promise<Result>): Promise<Result> {
    const db = new ClassicLevel<Uint8Array, Uint8Array>(path, { keyEncoding: "view", valueEncoding: "view" });
    await db.open();
    try {
      return await read(db);
    } finally {
      await db.close();
    }
  }

  test("values are XORed with the stored key", async () => {
    await fill(100);
    const [key, stored] = await raw((db) => db.getMany([OBFUSCATION_KEY, nameOf(7)]));
    expect(key!.length).toBe(9);
    expect(key![0]).toBe(8);
    const expected = bytesOf(7).map((byte, index) => byte ^ key![1 + (index % 8)]!);
    expect(equalBytes(stored!, expected)).toBe(true);
  });

  test("a database made without a key stays without", async () => {
    await raw((db) => db.put(nameOf(1), bytesOf(1)));
    const store = await openLevelStore(path, options);
    expect(await store.get(nameOf(1))).toEqual(bytesOf(1));
    await store.close();
    expect(await raw((db) => db.get(OBFUSCATION_KEY))).toBeUndefined();
  });

  test("a stored key is used though none is asked for", async () => {
    await fill(100);
    const store = await openLevelStore(path, { ...options, obfuscate: false });
    expect(await store.get(nameOf(1))).toEqual(bytesOf(1));
    await store.close();
  });
});
