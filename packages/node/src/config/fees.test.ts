import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readConfig } from "./config.ts";

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "bitfleet-config-fees-"));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function read(...args: string[]) {
  const outcome = readConfig([`-datadir=${dir}`, ...args], { defaultDataDir: dir, workingDir: dir }, "0");
  if (outcome.action !== "run") throw new Error("expected a configuration to run");
  return outcome.config;
}
const fees = (...args: string[]) => read("-regtest", ...args).fees;

test("without options there is no fallback, and stale files are left alone, as in Core", () => {
  expect(fees()).toEqual({ acceptsStaleFile: false, fallbackFeerateSatPerKvb: 0n });
});

test("the fallback is an amount, and none is another way to say 0", () => {
  expect(fees("-fallbackfee=0.0002").fallbackFeerateSatPerKvb).toBe(20_000n);
  expect(fees("-fallbackfee=0").fallbackFeerateSatPerKvb).toBe(0n);
  expect(() => fees("-fallbackfee=x")).toThrow("Invalid amount for -fallbackfee=<amount>: 'x'");
});

test("a fallback above a hundredth of a coin is told of in the log", () => {
  const warnings = (amount: string) =>
    read("-regtest", `-fallbackfee=${amount}`).logWarnings.filter((line) => line.startsWith("-fallbackfee"));
  expect(warnings("0.01")).toEqual([]);
  expect(warnings("0.01000001")).toEqual([
    "-fallbackfee is set very high! This is the transaction fee you may pay when fee estimates are not available.",
  ]);
});

test("stale files are accepted on regtest alone", () => {
  expect(fees("-acceptstalefeeestimates").acceptsStaleFile).toBe(true);
  expect(fees("-acceptstalefeeestimates=0").acceptsStaleFile).toBe(false);
  expect(() => read("-signet", "-acceptstalefeeestimates")).toThrow(
    "acceptstalefeeestimates is not supported on signet chain.",
  );
});
