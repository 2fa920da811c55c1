import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { MemoryLog } from "../../chain/test-kit.ts";
import type { Clock } from "../../ports.ts";
import { openAccess } from "./access.ts";
import { ApiKeys } from "./api-keys.ts";
import { formatKeyFile, KeyFileError, parseKeyFile, storedKeyOf } from "./key-file.ts";
import { KEY_FILE_LOOK_MS, KeyFileWatch } from "./key-file-watch.ts";
import { changeKeys, readKeys } from "./key-store.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bitfleet-keys-"));
  file = join(folder, "keys.json");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const record = (name: string, key = `key of ${name}`, more: { expiresMs?: number } = {}) =>
  storedKeyOf(key, { name, role: "admin", createdMs: 0, ...more });
const add = (name: string) =>
  changeKeys(file, (text) => [...(text === undefined ? [] : parseKeyFile(text, file)), record(name)]);
const namesOf = () => readKeys(file)?.map(({ name }) => name);

describe("changing the file", () => {
  test("makes it, for its owner alone, and leaves nothing beside it", async () => {
    expect(readKeys(file)).toBeUndefined();
    await add("a");
    await add("b");
    expect(namesOf()).toEqual(["a", "b"]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(["keys.json"]);
  });

  test("many at a time lose nothing of one another", async () => {
    const names = Array.from({ length: 20 }, (_, i) => `k${i}`);
    await Promise.all(names.map(add));
    expect(namesOf()?.toSorted()).toEqual(names.toSorted());
  });

  test("that fails leaves the file as it was, and open to the next", async () => {
    await add("a");
    await expect(
      changeKeys(file, () => {
        throw new Error("no");
      }),
    ).rejects.toThrow("no");
    await changeKeys(file, () => undefined);
    await add("b");
    expect(namesOf()).toEqual(["a", "b"]);
  });

  test("goes by what somebody left behind who has long ended", async () => {
    writeFileSync(`${file}.lock`, "");
    const longAgo = Date.now() / 1000 - 31;
    utimesSync(`${file}.lock`, longAgo, longAgo);
    await add("a");
    expect(namesOf()).toEqual(["a"]);
    expect(existsSync(`${file}.lock`)).toBe(false);
  });

  test("reads no pipe, which would have the node wait for whoever writes, and no folder", () => {
    execFileSync("mkfifo", [file]);
    expect(() => readKeys(file)).toThrow("cannot be read: no file");
    expect(() => readKeys(folder)).toThrow("cannot be read: no file");
  });

  test("says where it cannot write", async () => {
    file = join(folder, "none", "keys.json");
    await expect(add("a")).rejects.toThrow(KeyFileError);
    await expect(add("a")).rejects.toThrow(/none\/keys\.json cannot be written: ENOENT\. Its folder does not exist/);
  });
});

describe("a node that runs", () => {
  let timers: (() => void)[];
  let clock: Clock;
  let log: MemoryLog;
  let keys: ApiKeys;
  beforeEach(() => {
    timers = [];
    log = new MemoryLog();
    keys = new ApiKeys([{ name: "given", role: "admin", key: "given" }]);
    clock = {
      nowMs: () => 0,
      monotonicMs: () => 0,
      after: (delayMs, run) => {
        expect(delayMs).toBe(KEY_FILE_LOOK_MS);
        timers.push(run);
        return () => {
          timers = timers.filter((one) => one !== run);
        };
      },
    };
  });
  const watching = (isRequired = false) => {
    const watch = new KeyFileWatch({ path: file, isRequired }, { keys, clock, log });
    watch.start();
    return watch;
  };
  /** What happens at its next look. */
  const look = () => timers.shift()!();
  const knows = (name: string) => keys.find(`key of ${name}`) !== undefined;

  test("sees keys come and go at its next look", async () => {
    await add("a");
    const watch = watching();
    expect(knows("a")).toBe(true);
    await add("b");
    expect(knows("b")).toBe(false);
    look();
    expect([knows("a"), knows("b")]).toEqual([true, true]);
    await changeKeys(file, () => [record("b")]);
    look();
    expect([knows("a"), knows("b")]).toEqual([false, true]);
    look();
    expect(log.lines.filter((line) => line.includes("API keys read")).length).toBe(2);
    watch.stop();
    expect(timers).toEqual([]);
  });

  test("sees a file that comes later, and one that goes takes its keys along", async () => {
    watching();
    await add("a");
    look();
    expect(knows("a")).toBe(true);
    rmSync(file);
    look();
    expect(knows("a")).toBe(false);
    expect(keys.find("given")).toBeDefined();
  });

  test("keeps the keys it has where the file is damaged, and says so once", async () => {
    await add("a");
    watching();
    writeFileSync(file, '{"version":1,"keys":[{"name":"evil"}]}');
    look();
    look();
    expect(knows("a")).toBe(true);
    const complaints = log.lines.filter((line) => line.includes("The keys that were read before stay."));
    expect(complaints.length).toBe(1);
    expect(complaints[0]).toContain("keys[0].role must be one of");
    writeFileSync(file, formatKeyFile([record("c")]));
    look();
    expect([knows("a"), knows("c")]).toEqual([false, true]);
  });

  test("does not start with a damaged file, nor without one that was named", () => {
    writeFileSync(file, "{");
    expect(() => watching()).toThrow(KeyFileError);
    rmSync(file);
    expect(() => watching(true)).toThrow(/There is no file .*keys\.json for -webkeysfile; "bitfleet keys add/);
    expect(keys.find("given")).toBeDefined();
  });

  test("reads it when it is told to, as after SIGHUP, though it seems the same", async () => {
    await add("a");
    const watch = watching();
    keys.replace([]);
    watch.reload();
    expect(knows("a")).toBe(true);
  });

  test("tells of keys that have ended, without the file having changed", () => {
    let nowMs = 0;
    keys = new ApiKeys([], () => nowMs);
    writeFileSync(file, formatKeyFile([record("a", "key of a", { expiresMs: 1000 })]));
    watching();
    const told: string[] = [];
    keys.onChange((gone) => told.push(...gone));
    look();
    expect(told).toEqual([]);
    nowMs = 1000;
    look();
    expect(told).toEqual(["a"]);
  });

  test("closes what it opened where it cannot start", async () => {
    writeFileSync(file, "{");
    const options = {
      keys: [],
      keysFile: { path: file, isRequired: false },
      requiresKey: false,
      auditFile: join(folder, "audit.log"),
      limits: {
        address: undefined,
        key: undefined,
        settingsFile: undefined,
        redisUrl: undefined,
        storeFailure: "memory",
      },
      redisPrefix: "x:",
    } as const;
    await expect(openAccess(options, { clock, log })).rejects.toThrow(KeyFileError);
    expect(timers).toEqual([]);
    rmSync(file);
    await expect(openAccess({ ...options, auditFile: folder }, { clock, log })).rejects.toThrow(/EISDIR/);
    expect(timers).toEqual([]);
    const access = await openAccess(options, { clock, log });
    expect(readFileSync(join(folder, "audit.log"), "utf8")).toBe("");
    access.close();
    expect(timers).toEqual([]);
  });
});
