import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemRandom } from "../../clock.ts";
import { adminKeyText, loadAdminKey } from "./admin-key.ts";
import { ApiKeys } from "./api-keys.ts";
import { changeKeys, readKeys } from "./key-store.ts";

let folder: string;
let keysFile: string;
let clearFile: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bitfleet-admin-key-"));
  keysFile = join(folder, "api-keys.json");
  clearFile = join(folder, "admin-key");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const load = () => loadAdminKey(folder, systemRandom);
/** Whether a node that reads the file would take it. */
const opens = (key: string) => {
  const keys = new ApiKeys();
  keys.replace(readKeys(keysFile) ?? []);
  return keys.find(key)?.role === "admin";
};

test("is made once, of 192 bits, kept in clear beside its hash, and found again", async () => {
  const { key } = await load();
  expect(key).toMatch(/^[0-9a-f]{48}$/);
  expect(opens(key!)).toBe(true);
  expect(readFileSync(keysFile, "utf8")).not.toContain(key);
  for (const file of [keysFile, clearFile]) expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(await load()).toEqual({ key, file: clearFile, keysFile });
});

test("what an earlier version kept in clear goes on as it was, in two files", async () => {
  writeFileSync(keysFile, '{\n  "admin": "the-old-admin-key"\n}\n');
  expect((await load()).key).toBe("the-old-admin-key");
  expect(opens("the-old-admin-key")).toBe(true);
  expect(readFileSync(keysFile, "utf8")).not.toContain("the-old-admin-key");
  expect(readFileSync(clearFile, "utf8")).toBe("the-old-admin-key\n");
  expect((await load()).key).toBe("the-old-admin-key");
});

test("one that was revoked, or is in clear nowhere, is not made anew, and is said how to replace", async () => {
  const { key } = await load();
  rmSync(clearFile);
  expect((await load()).key).toBeUndefined();
  writeFileSync(clearFile, `${key}\n`);
  expect((await load()).key).toBe(key);
  await changeKeys(keysFile, () => []);
  const revoked = await load();
  expect(revoked.key).toBeUndefined();
  expect(adminKeyText(revoked)).toContain("bitfleet keys add <name> --role admin");
});

test("a damaged file is said, and left as it is", async () => {
  writeFileSync(keysFile, "{");
  await expect(load()).rejects.toThrow(/api-keys\.json cannot be read: it is no JSON\.$/);
  expect(readFileSync(keysFile, "utf8")).toBe("{");
});
