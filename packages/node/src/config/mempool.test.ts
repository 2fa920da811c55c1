import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MEMPOOL_DEFAULTS } from "../mempool/mempool-options.ts";
import { readConfig } from "./config.ts";

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "bitfleet-config-mempool-"));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function read(...args: string[]) {
  const outcome = readConfig([`-datadir=${dir}`, "-regtest", ...args], { defaultDataDir: dir, workingDir: dir }, "0");
  if (outcome.action !== "run") throw new Error("expected a configuration to run");
  return outcome.config;
}
const mempool = (...args: string[]) => read(...args).mempool;

test("without options the mempool is Core's", () => {
  expect(mempool()).toEqual(MEMPOOL_DEFAULTS);
  expect(MEMPOOL_DEFAULTS).toMatchObject({
    minRelayFeerateSatPerKvb: 100n,
    incrementalFeerateSatPerKvb: 100n,
    usageBytesMax: 300_000_000,
    expirySeconds: 336 * 3600,
    clusterCountMax: 64,
    clusterVirtualSizeMax: 101_000,
    bytesPerSigop: 20,
    requiresStandard: true,
    standardness: { dustFeerateSatPerKvb: 3000n, dataCarrierSizeMax: 100_000, permitBareMultisig: true },
  });
});

describe("limits", () => {
  test.each([
    ["-maxmempool=5", { usageBytesMax: 5_000_000 }],
    ["-maxmempool=0", { usageBytesMax: 0 }],
    ["-mempoolexpiry=1", { expirySeconds: 3600 }],
    ["-mempoolexpiry=0", { expirySeconds: 0 }],
    ["-limitclustercount=64", { clusterCountMax: 64 }],
    ["-limitclustercount=1", { clusterCountMax: 1 }],
    ["-limitclustersize=50", { clusterVirtualSizeMax: 50_000 }],
    ["-bytespersigop=0", { bytesPerSigop: 0 }],
    ["-acceptnonstdtxn", { requiresStandard: false }],
    ["-acceptnonstdtxn=0", { requiresStandard: true }],
  ])("%s", (arg, expected) => {
    expect(mempool(arg)).toMatchObject(expected);
  });

  test("that make no sense are refused", () => {
    expect(() => mempool("-maxmempool=4")).toThrow("-maxmempool must be at least 5 MB");
    expect(() => mempool("-maxmempool=-1")).toThrow("-maxmempool must be at least 5 MB");
    expect(() => mempool("-limitclustercount=65")).toThrow("limitclustercount must be less than or equal to 64");
  });

  test("a mempool holds forty clusters of the largest size", () => {
    expect(mempool("-limitclustersize=100", "-maxmempool=4").usageBytesMax).toBe(4_000_000);
    expect(() => mempool("-limitclustersize=101", "-maxmempool=4")).toThrow("-maxmempool must be at least 5 MB");
    expect(() => mempool("-limitclustersize=251", "-maxmempool=10")).toThrow("-maxmempool must be at least 11 MB");
  });

  test("without transactions of peers the mempool is small, unless its size is given", () => {
    expect(mempool("-blocksonly").usageBytesMax).toBe(5_000_000);
    expect(mempool("-blocksonly", "-maxmempool=300").usageBytesMax).toBe(300_000_000);
    expect(mempool("-blocksonly=0").usageBytesMax).toBe(300_000_000);
  });
});

describe("feerates", () => {
  test.each([
    ["0.00001000", 1000n],
    ["0.00000001", 1n],
    ["0", 0n],
    [".5", 50_000_000n],
    [".", 0n],
    [" 1 ", 100_000_000n],
    ["0.12345678", 12_345_678n],
    ["0021000000.", 2_100_000_000_000_000n],
    ["007.", 700_000_000n],
  ])("%s coins a thousand vbytes", (text, satPerKvb) => {
    expect(mempool(`-dustrelayfee=${text}`).standardness.dustFeerateSatPerKvb).toBe(satPerKvb);
    expect(mempool(`-minrelaytxfee=${text}`).minRelayFeerateSatPerKvb).toBe(satPerKvb);
  });

  test.each(["", " ", "abc", "1.123456780", "-1", "1e3", "1.2.3", "1 0", "21000000.00000001", "00000000001"])(
    "%j is none",
    (text) => {
      for (const name of ["minrelaytxfee", "incrementalrelayfee", "dustrelayfee"]) {
        expect(() => mempool(`-${name}=${text}`)).toThrow(`Invalid amount for -${name}=<amount>: '${text}'`);
      }
    },
  );

  test("the minimum follows a higher increment, unless it is given", () => {
    expect(mempool("-incrementalrelayfee=0.00000100").minRelayFeerateSatPerKvb).toBe(100n);
    expect(mempool("-incrementalrelayfee=0.00000101")).toMatchObject({
      minRelayFeerateSatPerKvb: 101n,
      incrementalFeerateSatPerKvb: 101n,
    });
    const both = mempool("-incrementalrelayfee=0.00000500", "-minrelaytxfee=0.00000200");
    expect(both).toMatchObject({ minRelayFeerateSatPerKvb: 200n, incrementalFeerateSatPerKvb: 500n });
  });
});

test("data carriers are limited or not carried at all", () => {
  expect(mempool("-datacarriersize=83").standardness.dataCarrierSizeMax).toBe(83);
  expect(mempool("-datacarrier=0").standardness.dataCarrierSizeMax).toBeUndefined();
  expect(mempool("-datacarrier=0", "-datacarriersize=83").standardness.dataCarrierSizeMax).toBeUndefined();
  expect(mempool("-permitbaremultisig=0").standardness.permitBareMultisig).toBe(false);
});

test.each([
  [[], { isPersistent: true, fileVersion: 2 }],
  [["-persistmempool"], { isPersistent: true }],
  [["-persistmempool=0"], { isPersistent: false }],
  [["-nopersistmempool"], { isPersistent: false }],
  [["-persistmempoolv1"], { isPersistent: true, fileVersion: 1 }],
  [["-persistmempoolv1=0"], { fileVersion: 2 }],
])("%j says how the mempool is kept", (args, expected) => {
  expect(read(...args).mempoolFile).toMatchObject({ path: join(dir, "regtest", "mempool.dat"), ...expected });
});
