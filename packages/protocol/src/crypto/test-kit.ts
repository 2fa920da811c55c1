/** What the tests of cryptography and of the encrypted transport share: vectors in CSV, bytes from a seed. */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, describe, test } from "vitest";
import { chaCha20Keystream } from "./chacha20.ts";

const VECTORS_DIR = process.env.VECTORS_DIR ?? resolve(import.meta.dirname, "../../../../../shared/vectors");

/** One line of a file, by the names in the file's first line. */
export type CsvRow = Readonly<Record<string, string>>;

/** Describes a suite over a CSV file of vectors without quoted fields; where the file is absent, a skipped test says so. */
export function describeCsvVectors(path: string, body: (rows: readonly CsvRow[]) => void): void {
  const file = join(VECTORS_DIR, path);
  if (!existsSync(file)) {
    describe(path, () => test.skip("not found: set VECTORS_DIR to the folder of conformance vectors", () => {}));
    return;
  }
  const [header, ...lines] = readFileSync(file, "utf8").trim().split(/\r?\n/);
  const names = header!.split(",");
  const rows = lines.map((line) => {
    const fields = line.split(",");
    return Object.fromEntries(names.map((name, index) => [name, fields[index] ?? ""]));
  });
  describe(path, () => {
    afterAll(() => console.info(`vectors run: ${path}, ${rows.length}`));
    body(rows);
  });
}

/** A source of bytes that are the same on every run. */
export function seededBytes(seed: number): (size: number) => Uint8Array {
  const key = new Uint8Array(32);
  new DataView(key.buffer).setUint32(0, seed, true);
  let drawn = 0;
  return (size) => {
    const nonce = new Uint8Array(12);
    new DataView(nonce.buffer).setUint32(0, drawn++, true);
    return chaCha20Keystream(key, Math.ceil(size / 64), nonce).slice(0, size);
  };
}
