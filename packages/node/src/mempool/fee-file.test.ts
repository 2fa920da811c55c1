import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { MemoryLog } from "../chain/test-kit.ts";
import { FeeEstimator } from "./fee-estimator.ts";
import { loadFeeRecord, saveFeeRecord } from "./fee-file.ts";

class DebugLog extends MemoryLog {
  override debug(category?: string, message?: string): void {
    this.lines.push(`[${category}] ${message}`);
  }
}

const HOUR_MS = 60 * 60 * 1000;

let folder: string;
let path: string;
let log: DebugLog;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bitfleet-fees-"));
  path = join(folder, "fee_estimates.dat");
  log = new DebugLog();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const record = () => new FeeEstimator(new MemoryLog()).record();
const load = (fields: { readonly nowMs?: number; readonly acceptsStale?: boolean } = {}) => {
  const { nowMs = Date.now(), acceptsStale = false } = fields;
  return loadFeeRecord({ path, acceptsStale }, { log, nowMs: () => nowMs });
};

test("what is saved is loaded, and nothing else is left behind", async () => {
  await saveFeeRecord(path, record(), log);
  expect(log.lines).toEqual([`[estimatefee] Flushed fee estimates to ${path}.`]);
  expect(await load()).toEqual(record());
  expect(readdirSync(folder)).toEqual(["fee_estimates.dat"]);
  expect(log.lines).toHaveLength(1);
});

test("no file is no failure", async () => {
  expect(await load()).toBeUndefined();
  expect(log.lines).toEqual([`${path} is not found. Continue anyway.`]);
});

test("a failure to save is told, and no more", async () => {
  mkdirSync(path);
  await saveFeeRecord(path, record(), log);
  expect(log.lines).toEqual([`Failed to write fee estimates to ${path}. Continue anyway.`]);
});

describe("a file's age", () => {
  const MODIFIED_SECONDS = 1_700_000_000;
  beforeEach(async () => {
    await saveFeeRecord(path, record(), log);
    utimesSync(path, MODIFIED_SECONDS, MODIFIED_SECONDS);
    log.lines.length = 0;
  });
  const atAge = (ageMs: number, acceptsStale = false) => load({ nowMs: MODIFIED_SECONDS * 1000 + ageMs, acceptsStale });

  test("counts in whole hours, of which sixty are allowed", async () => {
    expect(await atAge(61 * HOUR_MS - 1)).toEqual(record());
    expect(log.lines).toEqual([]);
    expect(await atAge(61 * HOUR_MS)).toBeUndefined();
    expect(log.lines).toEqual([
      `Fee estimation file ${path} too old (age=61 > 60 hours) and will not be used to avoid serving stale estimates.`,
    ]);
    expect(statSync(path).size).toBeGreaterThan(0);
  });

  test("does not matter where stale files are accepted, or where it lies in the future", async () => {
    expect(await atAge(1000 * HOUR_MS, true)).toEqual(record());
    expect(await atAge(-1000 * HOUR_MS)).toEqual(record());
    expect(log.lines).toEqual([]);
  });
});

describe("a file that cannot be read", () => {
  test("is told of twice, as in Core, and left alone", async () => {
    writeFileSync(path, "rubbish");
    expect(await load()).toBeUndefined();
    expect(log.lines).toEqual([
      expect.stringMatching(/^Unable to read policy estimator data \(non-fatal\): File version \(\d+\) too high/),
      `Failed to read fee estimates from ${path}. Continue anyway.`,
    ]);
    expect(statSync(path).size).toBe(7);
  });

  test("is an empty one, and a folder", async () => {
    writeFileSync(path, "");
    expect(await load()).toBeUndefined();
    rmSync(path);
    mkdirSync(path);
    expect(await load()).toBeUndefined();
    const reason = "Unable to read policy estimator data (non-fatal): AutoFile::read: end of file: iostream error";
    expect(log.lines.filter((line) => line === reason)).toHaveLength(2);
  });

  test("of an old version is told of once", async () => {
    writeFileSync(path, Uint8Array.of(0x9b, 0xb9, 0x04, 0, 1, 0, 0, 0));
    expect(await load()).toBeUndefined();
    expect(log.lines).toEqual(["Incompatible old fee estimation data (non-fatal). Version: 309659"]);
  });
});
