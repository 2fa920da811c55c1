import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { parseAddress } from "@bitfleet/protocol/wire/address-text.ts";
import { afterEach, beforeEach, expect, test } from "vitest";
import { StartupError } from "../../chain/startup-error.ts";
import { TestLog } from "../test-kit.ts";
import { loadAsmap } from "./asmap-file.ts";
import { encodeAsmap } from "./asmap-test-kit.ts";

let folder: string;
let path: string;
let log: TestLog;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bitfleet-test-"));
  path = join(folder, "asmap.dat");
  log = new TestLog();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("a map is read, and named in the log", async () => {
  const bytes = encodeAsmap([["8.0.0.0/8", 64_512]]);
  writeFileSync(path, bytes);
  const asmap = await loadAsmap(path, log);
  expect(asmap!.systemOf(parseAddress("8.8.8.8")!)).toBe(64_512);
  expect(log.lines).toEqual([
    `Opened asmap file "${path}" (${bytes.length} bytes) from disk`,
    `Using asmap version ${displayHash(asmap!.version)} for IP bucketing`,
  ]);
});

test("none is asked for", async () => {
  expect(await loadAsmap(undefined, log)).toBeUndefined();
  expect(log.lines).toEqual(["Using /16 prefix for IP bucketing"]);
});

test("a file that is missing", async () => {
  await expect(loadAsmap(path, log)).rejects.toThrow(new StartupError(`Could not find asmap file "${path}"`));
});

test.each([
  ["empty", new Uint8Array(0)],
  ["cut short", encodeAsmap([["8.0.0.0/8", 1]]).slice(0, -2)],
  ["longer than its map", Uint8Array.of(...encodeAsmap([["8.0.0.0/8", 1]]), 0)],
])("a file that is %s", async (_, bytes) => {
  writeFileSync(path, bytes);
  await expect(loadAsmap(path, log)).rejects.toThrow(new StartupError(`Could not parse asmap file "${path}"`));
  expect(log.with(`Sanity check of asmap file "${path}" failed`)).toHaveLength(1);
});
