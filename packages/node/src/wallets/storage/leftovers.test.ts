import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { restoreWallet } from "./restore-wallet.ts";
import { createTestWallet, DEPENDENCIES, defaultsFor, keysFolderOf, temporaryFolder } from "./test-kit.ts";

/** What killed processes leave holds keys: the next work of the same kind removes it, and touches nothing else. */

const MINUTE_S = 60;

/** A file, or with a slash at its end a folder with one in it, last written so many minutes ago. */
function leave(path: string, minutes: number): void {
  const isFolder = path.endsWith("/");
  mkdirSync(isFolder ? path : dirname(path), { recursive: true });
  const file = isFolder ? join(path, "wallet.dat") : path;
  writeFileSync(file, "left");
  const time = Date.now() / 1000 - minutes * MINUTE_S;
  for (const each of isFolder ? [file, path] : [file]) utimesSync(each, time, time);
}

test("of restoring, backing up and writing keys", async () => {
  const folder = temporaryFolder();
  const at = (name: string) => join(folder, name);
  const keys = (name: string) => join(keysFolderOf(at("r")), name);
  const key = "0123456789abcdef".repeat(2);
  const left = [at(".r.restoring-01234567/"), at(".other.restoring-89abcdef/"), at("b.bak.unfinished-01234567")];
  left.push(keys(`${key}.json.0123`), keys(`${key}-01234567.json.4567`));
  const others = [at("b.bak.20261126"), at(".r.restoring/"), at("c.bak.unfinished-01234567")];
  others.push(keys(`${key}.json`), keys(`${key}.json.copy`));
  const atWork = [at(".s.restoring-01234567/"), at("b.bak.unfinished-89abcdef"), keys(`${key}.json.89ab`)];
  for (const path of [...left, ...others]) leave(path, 11);
  for (const path of atWork) leave(path, 9);
  // A restore that takes long has a folder that is older than what is in it.
  const old = Date.now() / 1000 - 60 * MINUTE_S;
  utimesSync(atWork[0]!, old, old);

  const wallet = await createTestWallet(at("w"));
  await wallet.backup(at("b.bak"));
  await restoreWallet(at("b.bak"), at("r"), defaultsFor(at("r")), DEPENDENCIES);
  for (const path of left) expect([path, existsSync(path)]).toEqual([path, false]);
  for (const path of [...others, ...atWork]) expect([path, existsSync(path)]).toEqual([path, true]);
  expect(readdirSync(at("r")).sort()).toEqual([".keys", "wallet.dat"]);
});
