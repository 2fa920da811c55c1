import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromHex, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { transaction } from "@bitfleet/protocol/consensus/test-kit.ts";
import type { Txid } from "@bitfleet/protocol/primitives/types.ts";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { SequentialReader, SequentialWriter } from "../storage/sequential-file.ts";
import {
  type MempoolContents,
  readFeeDeltas,
  readMempoolHead,
  readStoredTransaction,
  readUnbroadcast,
  writeMempoolFile,
} from "./mempool-file.ts";

const KEY = fromHex("0102030405060708");
const txidOf = (byte: number) => new Uint8Array(32).fill(byte) as Txid;
const TX = transaction();
const CONTENTS: MempoolContents = {
  transactions: [
    { tx: TX, timeSeconds: 1_700_000_000, feeDelta: -2n },
    { tx: TX, timeSeconds: 1, feeDelta: 0n },
  ],
  feeDeltas: [
    { txid: txidOf(9), delta: 5n },
    { txid: txidOf(8), delta: -1n },
  ],
  unbroadcast: [txidOf(2), txidOf(1)],
};

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bitfleet-test-"));
  path = join(folder, "mempool.dat");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function write(key: Uint8Array | undefined): Promise<Uint8Array> {
  const file = await SequentialWriter.create(path);
  await writeMempoolFile(file, CONTENTS, key);
  await file.commit();
  await file.close();
  return new Uint8Array(readFileSync(path));
}

async function read() {
  const file = await SequentialReader.open(path);
  try {
    const count = await readMempoolHead(file);
    const transactions: unknown[] = [];
    const feeDeltas: unknown[] = [];
    const unbroadcast: unknown[] = [];
    for (let index = 0; index < (count ?? 0); index++) transactions.push(await readStoredTransaction(file));
    if (count === undefined) return { count, transactions, feeDeltas, unbroadcast };
    for await (const delta of readFeeDeltas(file)) feeDeltas.push(delta);
    for await (const txid of readUnbroadcast(file)) unbroadcast.push(txid);
    return { count, transactions, feeDeltas, unbroadcast };
  } finally {
    await file.close();
  }
}

/** Version 1 of {@link CONTENTS}, field by field. */
const PLAIN = [
  "0100000000000000",
  "0200000000000000",
  `${toHex(TX.bytes)}00f1536500000000feffffffffffffff`,
  `${toHex(TX.bytes)}01000000000000000000000000000000`,
  `02${"08".repeat(32)}ffffffffffffffff${"09".repeat(32)}0500000000000000`,
  `02${"01".repeat(32)}${"02".repeat(32)}`,
].join("");

const SORTED = {
  count: 2,
  transactions: CONTENTS.transactions,
  feeDeltas: [...CONTENTS.feeDeltas].reverse(),
  unbroadcast: [...CONTENTS.unbroadcast].reverse(),
};

describe("version 1", () => {
  test("is plain, with both lists sorted", async () => {
    expect(toHex(await write(undefined))).toBe(PLAIN);
    expect(await read()).toMatchObject(SORTED);
  });
});

describe("version 2", () => {
  test("has its key behind the version, and is XORed with it from there on, by place in the file", async () => {
    const bytes = await write(KEY);
    expect(toHex(bytes.subarray(0, 17))).toBe(`020000000000000008${toHex(KEY)}`);
    const plain = bytes.map((byte, index) => (index < 17 ? byte : byte ^ KEY[index % 8]!));
    expect(toHex(plain.subarray(17))).toBe(PLAIN.slice(16));
    expect(await read()).toMatchObject(SORTED);
  });

  test.each([7, 9])("with a key of %d bytes is refused", async (size) => {
    writeFileSync(path, fromHex(`02000000000000000${size}${"00".repeat(40)}`));
    await expect(read()).rejects.toThrow("Obfuscation key size should be exactly 8 bytes long");
  });
});

test.each([0, 3, 255])("version %d is not known", async (version) => {
  writeFileSync(path, Uint8Array.of(version, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0));
  expect((await read()).count).toBeUndefined();
});
