import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writer } from "@bitfleet/protocol/bytes/cursor.ts";
import { parseEndpoint } from "@bitfleet/protocol/wire/address-text.ts";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { TestLog } from "../test-kit.ts";
import { saveAnchors, takeAnchors } from "./anchors-file.ts";
import { seal } from "./checked-file.ts";
import { writeStoredAddress } from "./stored-address.ts";

const MAGIC = Uint8Array.of(0xfa, 0xbf, 0xb5, 0xda);
const ANCHORS = ["1.2.3.4:8333", "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion:1"].map((text) => ({
  ...parseEndpoint(text, 0)!,
  services: 0x409n,
  timeSeconds: 0,
}));

let folder: string;
let path: string;
let log: TestLog;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bitfleet-test-"));
  path = join(folder, "anchors.dat");
  log = new TestLog();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const take = () => takeAnchors({ path, magic: MAGIC }, log);

/** Contents of a file that says it holds `count` addresses. */
function contents(count: number, anchors = ANCHORS, version?: number): Uint8Array {
  const writer = new Writer().compactSize(count);
  for (const anchor of anchors) writeStoredAddress(writer, anchor);
  const bytes = writer.toBytes();
  if (version !== undefined) new DataView(bytes.buffer, bytes.byteOffset).setUint32(1, version, true);
  return bytes;
}

test("what was written is read once, and gone then", async () => {
  await saveAnchors({ path, magic: MAGIC }, ANCHORS, log);
  expect(readdirSync(folder)).toEqual(["anchors.dat"]);
  expect(log.lines).toEqual([
    "DumpAnchors: Flush 2 outbound block-relay-only peer addresses to anchors.dat started",
    "DumpAnchors: Flush 2 outbound block-relay-only peer addresses to anchors.dat completed (0.00s)",
  ]);
  expect(await take()).toEqual(ANCHORS);
  expect(log.with('Loaded 2 addresses from "anchors.dat"')).toHaveLength(1);
  expect(existsSync(path)).toBe(false);
  expect(await take()).toEqual([]);
});

test("none were there", async () => {
  await saveAnchors({ path, magic: MAGIC }, [], log);
  expect(await take()).toEqual([]);
  expect(log.with('Loaded 0 addresses from "anchors.dat"')).toHaveLength(1);
});

describe("a damaged file gives none, and is gone, since it must not spoil the next start", () => {
  test.each([
    ["empty", new Uint8Array(0)],
    ["cut short", seal(MAGIC, contents(2)).slice(0, -1)],
    [
      "of another network",
      seal(
        MAGIC.map((byte) => byte ^ 1),
        contents(2),
      ),
    ],
    ["with a changed byte", seal(MAGIC, contents(2)).map((byte, index) => (index === 12 ? byte ^ 1 : byte))],
    [
      "with a changed checksum",
      seal(MAGIC, contents(2)).map((byte, index, all) => (index === all.length - 1 ? byte ^ 1 : byte)),
    ],
    ["with fewer addresses than it says", seal(MAGIC, contents(3))],
    ["with more than it says", seal(MAGIC, contents(1))],
    ["that announces millions", seal(MAGIC, contents(0x02000000))],
    ["of a future form", seal(MAGIC, contents(1, ANCHORS.slice(0, 1), 1 << 30))],
  ])("%s", async (_, bytes) => {
    writeFileSync(path, bytes);
    expect(await take()).toEqual([]);
    expect(log.lines).toEqual([]);
    expect(existsSync(path)).toBe(false);
  });
});
