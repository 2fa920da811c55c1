import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { concatBytes, fromHex, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { Block, BlockHeader } from "@bitfleet/protocol/primitives/block.ts";
import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import {
  type BlockHash,
  displayHash,
  type MerkleRoot,
  type Txid,
  ZERO_HASH,
} from "@bitfleet/protocol/primitives/types.ts";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { FilePosition } from "../ports.ts";
import { type BlockFilesOptions, type BlockStorage, openBlockFiles } from "./block-files.ts";
import { listBlockFiles, scanBlockFile, scanBlockFiles } from "./block-scan.ts";
import { StorageError } from "./storage-error.ts";

const MAGIC = fromHex("fabfb5da");
const PREVIOUS = new Uint8Array(32).fill(7) as BlockHash;
let blocksPath = "";
const opened: BlockStorage[] = [];

beforeEach(async () => {
  blocksPath = await mkdtemp(join(tmpdir(), "bitfleet-blocks-"));
});

afterEach(async () => {
  for (const files of opened.splice(0)) await files.close();
  await rm(blocksPath, { recursive: true, force: true });
});

async function open(options: Partial<BlockFilesOptions> = {}): Promise<BlockStorage> {
  const files = await openBlockFiles({ blocksPath, magic: MAGIC, useXor: false, files: [], ...options });
  opened.push(files);
  return files;
}

async function closed(files: BlockStorage): Promise<void> {
  opened.splice(opened.indexOf(files), 1);
  await files.close();
}

/** A block that decodes, of about `size` bytes, told from others by `nonce`. */
function blockOf(nonce: number, size = 300): Uint8Array {
  const previousOutput = { txid: ZERO_HASH as Txid, index: 0xffffffff };
  const input = { previousOutput, scriptSig: new Uint8Array(size - 150).fill(nonce), sequence: 0, witness: [] };
  const output = { value: 1n, scriptPubKey: Uint8Array.of(0x51) };
  const coinbase = new Transaction({ version: 1, inputs: [input], outputs: [output], lockTime: 0 });
  const header = new BlockHeader({
    version: 1,
    previousBlockHash: PREVIOUS,
    merkleRoot: ZERO_HASH as MerkleRoot,
    time: 1,
    bits: 0x207fffff,
    nonce,
  });
  return new Block(header, [coinbase]).bytes;
}

const fileOf = (name: string) => join(blocksPath, name);

async function flipBit(name: string, offset: number): Promise<void> {
  const bytes = await readFile(fileOf(name));
  bytes[offset]! ^= 1;
  await writeFile(fileOf(name), bytes);
}

async function expectStorageError(promise: Promise<unknown>, kind: string, text: RegExp): Promise<void> {
  const error = await promise.then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(StorageError);
  expect((error as StorageError).kind).toBe(kind);
  expect((error as StorageError).message).toMatch(text);
}

describe.each([
  ["with obfuscation", true],
  ["without obfuscation", false],
])("block files %s", (_name, useXor) => {
  test("what is appended reads back", async () => {
    const files = await open({ useXor });
    const first = files.appendBlock(blockOf(1), 0, 100);
    const second = files.appendBlock(blockOf(2, 1000), 1, 50);
    const undo = files.appendUndo(second.file, Uint8Array.of(1, 2, 3), PREVIOUS);
    expect([first, undo]).toEqual([
      { file: 0, offset: 8 },
      { file: 0, offset: 8 },
    ]);
    expect(second).toEqual({ file: 0, offset: 8 + blockOf(1).length + 8 });
    expect(toHex(await files.readBlock(first))).toBe(toHex(blockOf(1)));
    expect(toHex(await files.readBlock(second))).toBe(toHex(blockOf(2, 1000)));
    expect(await files.readUndo(undo, PREVIOUS)).toEqual(Uint8Array.of(1, 2, 3));
    await expectStorageError(files.readUndo(undo, ZERO_HASH as BlockHash), "corrupt", /checksum/);
  });

  test("parts of a block read back, and end where it ends", async () => {
    const files = await open({ useXor });
    files.appendBlock(blockOf(1), 0, 100);
    const block = blockOf(2, 1000);
    const position = files.appendBlock(block, 1, 50);
    files.appendBlock(blockOf(3), 2, 60);
    const size = block.length;
    const parts = [
      [0, 80],
      [3, 7],
      [81, 200],
      [size - 5, 5],
      [size - 5, 6],
      [size, 1],
      [size + 1, 10],
      [0, 0],
      [13, Number.POSITIVE_INFINITY],
    ] as const;
    for (const [start, sizeMax] of parts) {
      const expected = block.subarray(start, start + sizeMax);
      expect(toHex(await files.readBlock(position, { start, sizeMax })), `${start}, ${sizeMax}`).toBe(toHex(expected));
    }
    const nowhere = files.readBlock({ file: 0, offset: position.offset + 1 }, { start: 0, sizeMax: 1 });
    await expectStorageError(nowhere, "corrupt", /magic/);
  });

  test("statistics, told once", async () => {
    const files = await open({ useXor });
    files.appendBlock(blockOf(1), 5, 100);
    files.appendBlock(blockOf(2), 3, 120);
    files.appendUndo(0, new Uint8Array(10), PREVIOUS);
    const info = {
      blockCount: 2,
      sizeBytes: 2 * (8 + blockOf(1).length),
      undoSizeBytes: 8 + 10 + 32,
      heightFirst: 3,
      heightLast: 5,
      timeFirst: 100,
      timeLast: 120,
    };
    expect(files.takeDirtyFiles()).toEqual([[0, info]]);
    expect(files.takeDirtyFiles()).toEqual([]);
    expect(files.sizeOnDisk()).toBe(info.sizeBytes + info.undoSizeBytes);
  });

  test("goes on where the index says, over a tail that never got there", async () => {
    const before = await open({ useXor });
    const kept = before.appendBlock(blockOf(1), 0, 1);
    const recorded = before.files;
    const recordedThen = [...recorded];
    before.appendBlock(blockOf(2, 5000), 1, 2);
    await closed(before);
    await truncate(fileOf("blk00000.dat"), 8 + blockOf(1).length + 100);

    const after = await open({ useXor, files: recordedThen });
    const next = after.appendBlock(blockOf(3), 1, 3);
    expect(next.offset).toBe(8 + blockOf(1).length + 8);
    expect(toHex(await after.readBlock(kept))).toBe(toHex(blockOf(1)));
    expect(toHex(await after.readBlock(next))).toBe(toHex(blockOf(3)));
  });

  test("a scan finds all blocks in order, across files, with their positions", async () => {
    const files = await open({ useXor, fastPrune: true });
    const positions: FilePosition[] = [];
    for (let nonce = 0; nonce < 10; nonce++) positions.push(files.appendBlock(blockOf(nonce, 20_000), nonce, nonce));
    expect(positions.at(-1)!.file).toBeGreaterThan(1);
    await closed(files);
    const found: FilePosition[] = [];
    for await (const { position, bytes, block } of scanBlockFiles({ blocksPath, magic: MAGIC, useXor })) {
      expect(toHex(bytes)).toBe(toHex(blockOf(found.length, 20_000)));
      expect(block.header.nonce).toBe(found.length);
      found.push(position);
    }
    expect(found).toEqual(positions);
    expect(await listBlockFiles(blocksPath)).toEqual(
      Array.from({ length: positions.at(-1)!.file + 1 }, (_, file) => file),
    );
  });
});

describe("files on disk", () => {
  test("are pairs from the first block on", async () => {
    const files = await open({ fastPrune: true });
    files.appendBlock(blockOf(1), 0, 1);
    expect((await stat(fileOf("rev00000.dat"))).size).toBe(0);
    for (let nonce = 0; nonce < 4; nonce++) files.appendBlock(blockOf(nonce, 20_000), nonce, nonce);
    expect((await stat(fileOf("rev00001.dat"))).size).toBe(0);
    const late = files.appendUndo(0, Uint8Array.of(9), PREVIOUS);
    expect(await files.readUndo(late, PREVIOUS)).toEqual(Uint8Array.of(9));
    await closed(files);
  });

  test("grow in chunks and are cut to size when left", async () => {
    const files = await open();
    files.appendBlock(blockOf(1), 0, 1);
    files.appendUndo(0, new Uint8Array(5), PREVIOUS);
    expect((await stat(fileOf("blk00000.dat"))).size).toBe(16 * 1024 * 1024);
    expect((await stat(fileOf("rev00000.dat"))).size).toBe(1024 * 1024);
    await closed(files);
    await rm(fileOf("blk00000.dat"));
    await rm(fileOf("rev00000.dat"));

    const small = await open({ fastPrune: true });
    for (let nonce = 0; nonce < 4; nonce++) {
      small.appendBlock(blockOf(nonce, 20_000), nonce, nonce);
      if (nonce === 0) small.appendUndo(0, new Uint8Array(5), PREVIOUS);
    }
    const [left] = small.files;
    expect(small.files.length).toBe(2);
    expect((await stat(fileOf("blk00000.dat"))).size).toBe(left!.sizeBytes);
    expect((await stat(fileOf("rev00000.dat"))).size).toBe(left!.undoSizeBytes);

    const late = small.appendUndo(0, Uint8Array.of(9), PREVIOUS);
    expect(await small.readUndo(late, PREVIOUS)).toEqual(Uint8Array.of(9));
    expect((await stat(fileOf("rev00000.dat"))).size).toBe(small.files[0]!.undoSizeBytes);
  });

  test("a block larger than a small file gets one for itself", async () => {
    const files = await open({ fastPrune: true });
    files.appendBlock(blockOf(1), 0, 1);
    const large = files.appendBlock(blockOf(2, 100_000), 1, 1);
    const next = files.appendBlock(blockOf(3), 2, 1);
    expect([large.file, next.file]).toEqual([1, 2]);
    expect(toHex(await files.readBlock(large))).toBe(toHex(blockOf(2, 100_000)));
  });

  test("the record is magic, size, block; magic, size, undo data, checksum", async () => {
    const files = await open();
    files.appendBlock(blockOf(1), 0, 1);
    files.appendUndo(0, Uint8Array.of(1, 2, 3), PREVIOUS);
    const blk = await readFile(fileOf("blk00000.dat"));
    const size = blockOf(1).length;
    expect(toHex(blk.subarray(0, 8))).toBe(`fabfb5da${Buffer.of(size & 255, size >> 8, 0, 0).toString("hex")}`);
    expect(toHex(blk.subarray(8, 8 + size))).toBe(toHex(blockOf(1)));
    const rev = await readFile(fileOf("rev00000.dat"));
    expect(toHex(rev.subarray(0, 11))).toBe("fabfb5da03000000010203");
    // sha256d(07…07 010203)
    expect(toHex(rev.subarray(11, 43))).toBe("da3ae6b21bbebf93aa88d8f9a0feb41944b8cabb172ef5feddd7c759f7f7042f");
  });

  test("a pair is forgotten first, and removed then", async () => {
    const files = await open({ fastPrune: true });
    for (let nonce = 0; nonce < 4; nonce++) files.appendBlock(blockOf(nonce, 20_000), nonce, nonce);
    files.appendUndo(0, Uint8Array.of(1), PREVIOUS);
    files.takeDirtyFiles();
    expect([files.currentFile, await files.hasFile(0)]).toEqual([1, true]);
    await expect(files.removeFile(0)).rejects.toThrow(/in use/);

    files.forgetFile(0);
    expect(files.files[0]).toMatchObject({ blockCount: 0, sizeBytes: 0, undoSizeBytes: 0 });
    expect(files.takeDirtyFiles().map(([file]) => file)).toEqual([0]);
    expect(await files.hasFile(0)).toBe(true);
    await files.flush();

    expect(await files.removeFile(0)).toBe(true);
    expect(await files.hasFile(0)).toBe(false);
    await expect(stat(fileOf("rev00000.dat"))).rejects.toThrow(/ENOENT/);
    expect(await files.removeFile(0)).toBe(false);
    expect(() => files.forgetFile(1)).toThrow(/being written/);
    expect(files.appendBlock(blockOf(9), 9, 9).file).toBe(1);
  });

  test("growth by a chunk is told once", async () => {
    const files = await open({ fastPrune: true });
    expect(files.takeGrowth()).toBe(false);
    files.appendBlock(blockOf(1), 0, 1);
    expect([files.takeGrowth(), files.takeGrowth()]).toEqual([true, false]);
    files.appendBlock(blockOf(2), 1, 1);
    expect(files.takeGrowth()).toBe(false);
    files.appendUndo(0, Uint8Array.of(1), PREVIOUS);
    expect(files.takeGrowth()).toBe(true);
  });

  test("blocks noted by a reindex count, and the next goes behind them", async () => {
    const before = await open();
    before.appendBlock(blockOf(1), 0, 1);
    const second = before.appendBlock(blockOf(2), 1, 2);
    const expected = before.files[0]!;
    await closed(before);
    const after = await open();
    after.noteBlock({ file: 0, offset: 8 }, blockOf(1).length, 0, 1);
    after.noteBlock(second, blockOf(2).length, 1, 2);
    expect(after.files[0]).toEqual(expected);
    expect(after.appendBlock(blockOf(3), 2, 3).offset).toBe(expected.sizeBytes + 8);
  });
});

describe("the key", () => {
  test("is random on a fresh directory and kept", async () => {
    await closed(await open({ useXor: true }));
    const key = await readFile(fileOf("xor.dat"));
    expect(key.length).toBe(8);
    expect(toHex(key)).not.toBe("0000000000000000");
    await closed(await open({ useXor: true }));
    expect(toHex(await readFile(fileOf("xor.dat")))).toBe(toHex(key));
    const stored = `Stored key: '${toHex(key)}', stored path: '${fileOf("xor.dat")}'.`;
    await expectStorageError(
      open({ useXor: false }),
      "options",
      /can not be disabled when a random key was already stored/,
    );
    await expect(open({ useXor: false })).rejects.toThrow(stored);
  });

  test("is zeros where it is not wanted, or where files were written without", async () => {
    await closed(await open({ useXor: false }));
    expect(toHex(await readFile(fileOf("xor.dat")))).toBe("0000000000000000");
    await rm(fileOf("xor.dat"));
    await writeFile(fileOf("blk00000.dat"), "");
    await closed(await open({ useXor: true }));
    expect(toHex(await readFile(fileOf("xor.dat")))).toBe("0000000000000000");
  });

  test("cut short", async () => {
    await writeFile(fileOf("xor.dat"), "1234");
    await expectStorageError(open(), "corrupt", /xor\.dat holds 4 bytes/);
  });
});

describe("reading what is damaged names file and offset", () => {
  let files: BlockStorage;
  let position: FilePosition;

  beforeEach(async () => {
    files = await open();
    position = files.appendBlock(blockOf(1), 0, 1);
    files.appendUndo(0, Uint8Array.of(1, 2, 3), PREVIOUS);
  });

  test("magic", async () => {
    await flipBit("blk00000.dat", 0);
    const text = /offset 8 of .*blk00000\.dat cannot be read: its magic is fbbfb5da instead of fabfb5da/;
    await expectStorageError(files.readBlock(position), "corrupt", text);
  });

  test("size", async () => {
    await flipBit("blk00000.dat", 7);
    await expectStorageError(files.readBlock(position), "corrupt", /ends before|too large/);
    await writeFile(fileOf("blk00000.dat"), concatBytes(MAGIC, Uint8Array.of(255, 255, 255, 255)));
    await expectStorageError(files.readBlock(position), "corrupt", /size of 4294967295 bytes is too large/);
  });

  test("end of file", async () => {
    await truncate(fileOf("blk00000.dat"), 100);
    await expectStorageError(files.readBlock(position), "corrupt", /file ends before/);
    await expectStorageError(files.readBlock({ file: 0, offset: 5000 }), "corrupt", /file ends before/);
  });

  test("an impossible offset and a missing file", async () => {
    await expectStorageError(files.readBlock({ file: 0, offset: 0 }), "corrupt", /no record can begin/);
    await expectStorageError(files.readBlock({ file: 3, offset: 8 }), "missing", /blk00003\.dat does not exist/);
  });

  test("undo data", async () => {
    await flipBit("rev00000.dat", 9);
    await expectStorageError(files.readUndo({ file: 0, offset: 8 }, PREVIOUS), "corrupt", /rev00000\.dat.*checksum/);
  });

  test("at opening: a blk file is missing, or shorter than recorded", async () => {
    const recorded = [...files.files];
    await closed(files);
    await truncate(fileOf("blk00000.dat"), recorded[0]!.sizeBytes - 1);
    await expectStorageError(open({ files: recorded }), "corrupt", /blk00000\.dat has \d+ bytes.*-reindex/);
    await rm(fileOf("blk00000.dat"));
    await expectStorageError(open({ files: recorded }), "missing", /blk00000\.dat is missing.*-reindex/);
  });
});

describe("a scan over damage", () => {
  const record = (bytes: Uint8Array) =>
    concatBytes(MAGIC, Uint8Array.of(bytes.length & 255, bytes.length >> 8, 0, 0), bytes);
  const nonces = async (...parts: Uint8Array[]): Promise<number[]> => {
    await writeFile(fileOf("blk00000.dat"), concatBytes(...parts));
    const found: number[] = [];
    for await (const { block } of scanBlockFiles({ blocksPath, magic: MAGIC, useXor: false })) {
      found.push(block.header.nonce);
    }
    return found;
  };
  const [a, b, c] = [record(blockOf(1)), record(blockOf(2)), record(blockOf(3))] as const;

  test("garbage before, between and behind", async () => {
    const garbage = Uint8Array.from({ length: 5000 }, (_, index) => (index * 7919) >> 3);
    expect(await nonces(garbage, a, garbage, b, MAGIC, c, garbage)).toEqual([1, 2, 3]);
  });

  test("a tail cut off at every byte", async () => {
    for (let size = 0; size < b.length; size += 13) expect(await nonces(a, b.subarray(0, size))).toEqual([1]);
    expect(await nonces(a, b)).toEqual([1, 2]);
  });

  test("a torn record with whole ones behind it", async () => {
    expect(await nonces(a, b.subarray(0, 150), c)).toEqual([1, 3]);
  });

  test("a flipped bit in any byte of a head loses that block alone", async () => {
    for (let bit = 0; bit < 64; bit++) {
      const damaged = Uint8Array.from(b);
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      const found = await nonces(a, damaged, c);
      expect([bit, found]).toEqual([bit, [1, 3]]);
    }
  });

  test("zeros as preallocation leaves them", async () => {
    expect(await nonces(a, new Uint8Array(100_000), b)).toEqual([1, 2]);
  });

  test("blocks behind the window's end", async () => {
    const gap = new Uint8Array(16 * 1024 * 1024 - 10);
    expect(await nonces(gap, a, gap, b)).toEqual([1, 2]);
  });

  test("goes on behind a missing file; another file by its path", async () => {
    expect(await nonces(a)).toEqual([1]);
    await writeFile(fileOf("blk00002.dat"), b);
    expect(await nonces(a)).toEqual([1, 2]);
    const found: string[] = [];
    for await (const { block } of scanBlockFile(fileOf("blk00002.dat"), MAGIC)) found.push(displayHash(block.hash));
    expect(found.length).toBe(1);
    expect((await readdir(blocksPath)).sort()).toEqual(["blk00000.dat", "blk00002.dat", "xor.dat"]);
  });
});
