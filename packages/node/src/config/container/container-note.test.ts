import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadCommandLine } from "../files.ts";
import { findOption } from "../options.ts";
import { containerTargetArguments } from "./cli-places.ts";
import { noteContainer, notedContainer } from "./container-note.ts";

const before = process.env.TMPDIR;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bitfleet-note-"));
  process.env.TMPDIR = folder;
});
afterEach(() => {
  if (before === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = before;
  rmSync(folder, { recursive: true, force: true });
});

test("what a node has found is there for its clients, and for no other service", () => {
  expect(notedContainer("miner")).toBeUndefined();
  noteContainer("miner", { project: "shop", separator: "-", number: 2 });
  expect(notedContainer("miner")).toEqual({ project: "shop", separator: "-", number: 2 });
  expect(notedContainer("webserver")).toBeUndefined();
});

test("a link that somebody has put in its place leads nowhere", () => {
  const other = join(folder, "precious");
  writeFileSync(other, "as it was");
  symlinkSync(other, join(folder, `bitfleet-container-${hostname()}.new`));
  noteContainer("miner", { project: "shop", separator: "-", number: 2 });
  expect(readFileSync(other, "utf8")).toBe("as it was");
  expect(notedContainer("miner")?.number).toBe(2);
});

test("a place that cannot be written is nobody's trouble", () => {
  process.env.TMPDIR = join(folder, "absent");
  noteContainer("miner", { project: "shop", separator: "-", number: 2 });
  expect(notedContainer("miner")).toBeUndefined();
});

test("a client finds its node's folder by it, without any network", async () => {
  noteContainer("miner", { project: "shop", separator: "-", number: 2 });
  const environment = {
    ...{ NODE_IS_MINER: "yes", NODE_SERVICE: "miner", NODE_INSTANCE_DIRS: "yes" },
    ...{ NODE_DATA_DIR: "/app/data", NODE_WALLET_DIR: "/app/wallets" },
  };
  const args = await containerTargetArguments(environment, loadCommandLine([], findOption));
  expect(args).toEqual(["-datadir=/app/data/miner-2"]);
});
