import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DecodeError, type Reader } from "@bitfleet/protocol/bytes/cursor.ts";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { SequentialReader, SequentialWriter } from "./sequential-file.ts";

const KEY = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const PIECE = 1 << 20;

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bitfleet-test-"));
  path = join(folder, "file.dat");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const record = (reader: Reader) => reader.compactBytes();

describe("writing", () => {
  test("obfuscates from where the key is given, counted from the beginning of the file", async () => {
    const file = await SequentialWriter.create(path);
    await file.write((writer) => writer.bytes(Uint8Array.of(9, 9, 9)));
    await file.useKey(KEY);
    await file.write((writer) => writer.bytes(new Uint8Array(10)));
    expect(file.size).toBe(13);
    await file.commit();
    await file.close();
    expect([...readFileSync(path)]).toEqual([9, 9, 9, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test("replaces what was there, and fails where that is no file", async () => {
    writeFileSync(path, "something long");
    const file = await SequentialWriter.create(path);
    await file.write((writer) => writer.uint8(1));
    await file.commit();
    await file.close();
    expect([...readFileSync(path)]).toEqual([1]);
    mkdirSync(`${path}.d`);
    await expect(SequentialWriter.create(`${path}.d`)).rejects.toThrow("EISDIR");
  });
});

describe("reading", () => {
  test("gives back records of every size, those that end within a piece and those that do not", async () => {
    const sizes = [0, 1, PIECE - 10, PIECE, 3, 3 * PIECE, 7];
    const records = sizes.map((size, index) => new Uint8Array(size).fill(index + 1));
    const writer = await SequentialWriter.create(path);
    await writer.write((piece) => piece.uint8(7));
    await writer.useKey(KEY);
    for (const bytes of records) await writer.write((piece) => piece.compactBytes(bytes));
    await writer.commit();
    await writer.close();

    const reader = await SequentialReader.open(path);
    expect(await reader.read((piece) => piece.uint8())).toBe(7);
    reader.useKey(KEY);
    const read: Uint8Array[] = [];
    for (const _ of sizes) read.push(await reader.read(record));
    // Compared when all are read: what was returned before stays as it was.
    for (const [index, bytes] of read.entries())
      expect(Buffer.compare(bytes, records[index]!), `record ${index}`).toBe(0);
    await expect(reader.read(record)).rejects.toThrow(DecodeError);
    await reader.close();
  });

  test("fails at the end of the file within a record, and goes on from its beginning", async () => {
    writeFileSync(path, Uint8Array.of(3, 1, 2));
    const reader = await SequentialReader.open(path);
    await expect(reader.read(record)).rejects.toThrow(DecodeError);
    expect(await reader.read((piece) => piece.uint8())).toBe(3);
    await reader.close();
  });

  test("waits for no record that is larger than there are", async () => {
    writeFileSync(path, new Uint8Array(12 * PIECE));
    const reader = await SequentialReader.open(path);
    let longest = 0;
    const greedy = (piece: Reader) => {
      longest = Math.max(longest, piece.remaining);
      return piece.bytes(10 * PIECE);
    };
    await expect(reader.read(greedy)).rejects.toThrow(DecodeError);
    expect(longest).toBeGreaterThan(4_000_000);
    expect(longest).toBeLessThan(10 * PIECE);
    await reader.close();
  });

  test("passes on what is wrong with the decoder", async () => {
    writeFileSync(path, Uint8Array.of(1));
    const reader = await SequentialReader.open(path);
    const broken = () => {
      throw new TypeError("broken");
    };
    await expect(reader.read(broken)).rejects.toThrow("broken");
    await reader.close();
  });

  test("fails where there is no file", async () => {
    await expect(SequentialReader.open(path)).rejects.toThrow("ENOENT");
  });
});
