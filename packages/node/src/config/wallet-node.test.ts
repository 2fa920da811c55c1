import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readConfig } from "./config.ts";

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "bitfleet-config-wallet-node-"));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function walletNode(...args: string[]) {
  const words = [`-datadir=${dir}`, "-regtest", ...args];
  const outcome = readConfig(words, { defaultDataDir: dir, workingDir: dir }, "0");
  if (outcome.action !== "run") throw new Error("expected a configuration to run");
  return outcome.config.walletNode;
}
const URL = "-walletnodeurl=http://miner-service:8080";

test("there is none unless it is named, with and without wallets of this node", () => {
  expect(walletNode()).toBeUndefined();
  expect(walletNode("-walletnodeurl=", "-walletnodekey=k")).toBeUndefined();
  const expected = { url: "http://miner-service:8080", key: "k" };
  expect(walletNode(URL, "-walletnodekey=k")).toEqual(expected);
  expect(walletNode(`${URL}/`, "-walletnodekey=k", "-disablewallet")).toEqual(expected);
});

test.each(["miner:8080", "ftp://a", "http://a/api", "http://a/?b", "http://u:secret@a", "http://"])(
  "%s is no address of it",
  (text) => {
    expect(() => walletNode(`-walletnodeurl=${text}`, "-walletnodekey=k")).toThrow(
      "Invalid value for -walletnodeurl (WALLET_NODE_URL): a scheme, a host and a port are expected, as http://miner-service:8080.",
    );
  },
);

test("it needs a key, from one place, which is not shown", () => {
  const file = join(dir, "key");
  writeFileSync(file, "of-the-file\n");
  expect(() => walletNode(URL)).toThrow("-walletnodeurl needs -walletnodekey or -walletnodekeyfile");
  expect(() => walletNode(URL, "-walletnodekey=k", `-walletnodekeyfile=${file}`)).toThrow("cannot both be given");
  expect(() => walletNode(URL, "-walletnodekey=two words")).toThrow(
    "-walletnodekey must be 1 to 256 printable ASCII characters without spaces.",
  );
  expect(() => walletNode(URL, "-walletnodekeyfile=none")).toThrow(
    "none of -walletnodekeyfile cannot be read (ENOENT).",
  );
  expect(walletNode(URL, `-walletnodekeyfile=${file}`)?.key).toBe("of-the-file");
});
