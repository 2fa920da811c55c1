import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { StartNetworkOptions } from "./network-api.ts";
import { startNetwork } from "./start-network.ts";
import { checkStartOptions } from "./start-options.ts";

const folder = mkdtempSync(join(tmpdir(), "bitfleet-start-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  [{ minners: 2 }, TypeError, "startNetwork has no option 'minners'; there are miners, webservers, "],
  [{ toString: 1 }, TypeError, "startNetwork has no option 'toString'"],
  [{ interval: 0 }, RangeError, "interval is a number of seconds above zero, not 0."],
  [{ miningAddress: "abc" }, RangeError, "miningAddress is an address of regtest (bcrt1…), not 'abc': "],
  [
    { miningAddress: "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4" },
    RangeError,
    "miningAddress is an address of regtest (bcrt1…), not 'bc1q",
  ],
])("refuses %j", async (options, type, text) => {
  const started = startNetwork(options as StartNetworkOptions);
  await expect(started).rejects.toThrow(type);
  await expect(started).rejects.toThrow(text);
});

test("takes what there is", () => {
  const miningAddress = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
  const all = { miners: 1, webservers: 0, mode: "in-process", dataDir: "x", interval: 0.1, miningAddress } as const;
  expect(() => checkStartOptions(all)).not.toThrow();
  expect(() => checkStartOptions({})).not.toThrow();
});

test("refuses a file for its folder", async () => {
  const file = join(folder, "file");
  writeFileSync(file, "");
  for (const dataDir of [file, join(file, "below")])
    await expect(startNetwork({ dataDir })).rejects.toThrow(`dataDir ${dataDir} is no folder`);
});

test.skipIf(process.platform !== "linux")("refuses a place where nothing can be made", async () => {
  await expect(startNetwork({ dataDir: "/proc/bitfleet" })).rejects.toThrow(
    "dataDir /proc/bitfleet cannot be made (ENOENT); name another.",
  );
});
