import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { StartNetworkOptions } from "./network-api.ts";
import { startNetwork } from "./start-network.ts";
import { checkStartOptions } from "./start-options.ts";

const folder = mkdtempSync(join(tmpdir(), "bitfleet-start-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each<readonly [object, ErrorConstructor, string]>([
  [{ minners: 2 }, TypeError, "startNetwork has no option 'minners'; there are miners, webservers, "],
  [{ toString: 1 }, TypeError, "startNetwork has no option 'toString'"],
  [{ interval: 0 }, RangeError, "interval is a number of seconds above zero, not 0."],
  [{ miningAddress: "abc" }, RangeError, "miningAddress is an address of regtest (bcrt1…), not 'abc': "],
  [
    { miningAddress: "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4" },
    RangeError,
    "miningAddress is an address of regtest (bcrt1…), not 'bc1q",
  ],
  [
    { signet: true, miningAddress: "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080" },
    RangeError,
    "of signet (tb1…), not",
  ],
  [{ signet: "yes" }, TypeError, "signet is true, or an object with key and blockTime."],
  [{ signet: { blocktime: 3 } }, TypeError, "signet has no option 'blocktime'; there are key, blockTime."],
  [{ signet: { key: 7 } }, TypeError, "signet.key is a text."],
  ...[0, 3601, 1.5, Number.NaN].map(
    (blockTime) =>
      [
        { signet: { blockTime } },
        RangeError,
        `signet.blockTime is a whole number of seconds from 1 to 3600, not ${blockTime}.`,
      ] as const,
  ),
  [{ signet: { key: "no-such-file" } }, Error, "neither a key of a signet nor a file that can be read (ENOENT)"],
  [
    { signet: { key: "pk(02aa)" } },
    Error,
    "The signet's key cannot be used: it is no descriptor with keys of this network.",
  ],
])("refuses %j", async (options, type, text) => {
  const started = startNetwork(options as StartNetworkOptions);
  await expect(started).rejects.toThrow(type);
  await expect(started).rejects.toThrow(text);
});

test("takes what there is", () => {
  const miningAddress = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
  const all = {
    miners: 1,
    webservers: 0,
    mode: "in-process",
    dataDir: "x",
    interval: 0.1,
    miningAddress,
    signet: false,
  } as const;
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
