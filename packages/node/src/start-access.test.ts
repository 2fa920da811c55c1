import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { MemoryLog } from "./chain/test-kit.ts";
import { SystemClock } from "./clock.ts";
import { readConfig } from "./config/config.ts";
import { Lifecycle } from "./lifecycle.ts";
import type { OpenAccess } from "./server/access/access.ts";
import { formatKeyFile } from "./server/access/key-file.ts";
import { startAccess } from "./start-access.ts";

let folder: string;
let networkDir: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bitfleet-start-access-"));
  networkDir = folder;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function started(args: readonly string[], look: (access: OpenAccess, log: MemoryLog) => void): Promise<void> {
  const all = ["-regtest", `-datadir=${folder}`, "-webport=1", ...args];
  const outcome = readConfig(all, { defaultDataDir: folder, workingDir: folder }, "test");
  if (!("config" in outcome) || outcome.config.web === undefined) throw new Error("the configuration was not read");
  const keysFile = outcome.config.web.access.keysFile;
  const config = { ...outcome.config.web.access, auditFile: undefined };
  const inFolder =
    keysFile?.isRequired === false
      ? { ...config, keysFile: { ...keysFile, path: join(networkDir, "api-keys.json") } }
      : config;
  const lifecycle = new Lifecycle();
  const log = new MemoryLog();
  try {
    look(await startAccess(inFolder, "regtest", lifecycle, { clock: new SystemClock(), log }), log);
  } finally {
    await lifecycle.stopAll(new MemoryLog());
  }
}

const roleOf = (access: OpenAccess, key: string) => access.keys.find(key)?.role;
const clearFile = () => join(networkDir, "admin-key");

test("the first start makes a key, which is where the log says; the next start keeps it", async () => {
  await started([], (access, log) => {
    const key = readFileSync(clearFile(), "utf8").trim();
    expect(roleOf(access, key)).toBe("admin");
    expect(log.lines.join("\n")).toContain(clearFile());
    expect(log.lines.join("\n")).not.toContain(key);
  });
  const key = readFileSync(clearFile(), "utf8").trim();
  await started([], (access, log) => {
    expect(roleOf(access, key)).toBe("admin");
    expect(log.lines.join("\n")).not.toContain("Made a key");
  });
});

test("none is made where the operator said who may do what", async () => {
  const own = "0123456789abcdef0123456789abcdef";
  await started([`-webadminkey=${own}`], (access) => expect(roleOf(access, own)).toBe("admin"));
  await started([`-webwalletkey=${own}`], (access) => expect(roleOf(access, own)).toBe("wallet"));
  await started(["-nowebkeysfile"], (access) => expect(access.keys.has("admin")).toBe(false));
  expect(existsSync(clearFile())).toBe(false);
});

test("nor where all keys were revoked", async () => {
  writeFileSync(join(networkDir, "api-keys.json"), formatKeyFile([]), { mode: 0o600 });
  await started([], (access) => expect(access.keys.has("admin")).toBe(false));
  expect(existsSync(clearFile())).toBe(false);
});
