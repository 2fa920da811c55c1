import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { signetNetwork } from "@bitfleet/protocol/consensus/networks.ts";
import { encodeWif } from "@bitfleet/protocol/script/address.ts";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemRandom } from "../clock.ts";
import { chainOfFolder } from "./private-chain.ts";

const wifOf = (byte: number) =>
  encodeWif({ privateKey: new Uint8Array(32).fill(byte), compressed: true }, signetNetwork().addressPrefixes);

let folder: string;
let keyFile: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bitfleet-chain-"));
  keyFile = join(folder, "signet-key.txt");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const chainWith = (signetKey?: string, isBegun = true) =>
  chainOfFolder(folder, { isSignet: true, blockTimeSeconds: 30, signetKey, isBegun }, systemRandom);

test("a signet goes on with its key, and with no other", () => {
  const begun = chainWith(wifOf(1), false);
  expect(begun.args).toContain(`-signetblockkey=${keyFile}`);
  expect(chainWith()).toEqual(begun);
  expect(chainWith(wifOf(1))).toEqual(begun);
  expect(() => chainWith(wifOf(2))).toThrow("it is not the key of the network's challenge");
  expect(readFileSync(keyFile, "utf8")).toBe(`${wifOf(1)}\n`);
  expect(statSync(keyFile).mode & 0o777).toBe(0o600);
});

test("a key whose file is gone has to be given again, from a file of any system", () => {
  const begun = chainWith(wifOf(1), false);
  rmSync(keyFile);
  expect(() => chainWith()).toThrow(`${keyFile} is gone: the signet's key has to be given again.`);
  expect(() => chainWith(wifOf(2))).toThrow("it is not the key of the network's challenge");
  const other = join(folder, "saved");
  writeFileSync(other, `${wifOf(1)}\r\n`);
  expect(chainWith(other)).toEqual(begun);
  expect(readFileSync(keyFile, "utf8")).toBe(`${wifOf(1)}\n`);
  expect(chainWith()).toEqual(begun);
});
