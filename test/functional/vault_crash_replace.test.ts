import { spawnSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type BuildOptions, build } from "esbuild";
import { beforeAll, describe, expect, test } from "vitest";
import { cheapVault, temporaryFolder } from "../../apps/desktop/src/vault/test-kit.ts";
import type { Vault } from "../../packages/vault/src/vault.ts";
import { replacementNews } from "../../packages/vault/src/vault-sentences.ts";
import { tinyDisk } from "../tiny-disk.ts";
import { BACKUP_FILE, BACKUP_PASSPHRASE, NEW_PASSPHRASE, OLD_PASSPHRASE } from "./vault-replace-kit.ts";

/**
 * A backup that takes the place of the desktop's vault, killed behind each change that it makes on the disk: one of the two is there
 * every time, whole, with its own passphrase, and nothing else.
 */
const CHANGES_MAX = 60;
/** Within the project, so that the native library is found. */
const CHILD = resolve(import.meta.dirname, "../../test-artifacts/vault-replace-child.mjs");

beforeAll(async () => {
  const entry = resolve(import.meta.dirname, "vault-replace-child.ts");
  const format = {
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    external: ["libsql"],
  } satisfies BuildOptions;
  await build({ entryPoints: [entry], outfile: CHILD, ...format });
});

/** A folder with a vault that has one label, and beside it a backup that has another. */
async function prepared(): Promise<string> {
  const folder = join(temporaryFolder(), "desktop");
  const vault = cheapVault(folder);
  const first = await vault.create(BACKUP_PASSPHRASE);
  await first.write([{ collection: "labels", key: "new", value: "of the backup" }]);
  writeFileSync(BACKUP_FILE(folder), await first.backup(BACKUP_PASSPHRASE));
  await vault.destroy();
  const open = await vault.create(OLD_PASSPHRASE);
  await open.write([{ collection: "labels", key: "old", value: "of the vault" }]);
  await open.lock();
  return folder;
}

function copyOf(original: string): string {
  const folder = join(temporaryFolder(), "desktop");
  cpSync(original, folder, { recursive: true });
  cpSync(BACKUP_FILE(original), BACKUP_FILE(folder));
  return folder;
}

/** Does it in a process that is killed behind a change. Answers how many changes there were where it came to its end. */
function run(folder: string, task: string, killAt: number): number | undefined {
  const { signal, status, stdout, stderr } = spawnSync(process.execPath, [CHILD, folder, task, String(killAt)]);
  if (signal === "SIGKILL") return undefined;
  expect({ status, stderr: stderr.toString() }).toEqual({ status: 0, stderr: "" });
  return Number(/done (\d+)/.exec(stdout.toString())![1]);
}

/** Which of the two a folder has, opened and looked through; nothing else is left in it then. `isTold`: it was said before, once. */
async function foundIn(folder: string, isSound = true): Promise<{ readonly which: "old" | "new"; isTold: boolean }> {
  const vault = cheapVault(folder);
  const state = await vault.state();
  expect(await vault.state()).toEqual(state);
  const which = await openedIn(folder, vault, isSound);
  const news = replacementNews(which === "new" ? "finished" : "forgotten");
  const isTold = "news" in state;
  expect(state).toEqual(isTold ? { kind: "locked", news } : { kind: "locked" });
  expect(await cheapVault(folder).state()).toEqual({ kind: "locked" });
  return { which, isTold };
}

async function openedIn(folder: string, vault: Vault, isSound: boolean): Promise<"old" | "new"> {
  const open = await vault.unlock(NEW_PASSPHRASE).catch((error) => {
    expect(error).toMatchObject({ code: "wrong-passphrase" });
    return undefined;
  });
  if (open === undefined && !isSound) {
    await expect(vault.unlock(OLD_PASSPHRASE)).rejects.toMatchObject({ code: "damaged" });
    return "old";
  }
  const found = open ?? (await vault.unlock(OLD_PASSPHRASE));
  const keys = (await found.list("labels")).map(({ key }) => key).filter((key) => key !== "late");
  expect(keys).toEqual([open === undefined ? "old" : "new"]);
  // It goes on as a vault does.
  await found.write([{ collection: "contacts", key: "a", value: 1 }]);
  await found.lock();
  expect(readdirSync(folder).filter((name) => !name.includes(".damaged-"))).toEqual(["vault.db", "vault.key"]);
  return open === undefined ? "old" : "new";
}

/** Which of the two was there behind each change. */
async function outcomes(task: string, prepare: (folder: string) => void = () => {}): Promise<string[]> {
  const original = await prepared();
  prepare(original);
  const found: string[] = [];
  for (let killAt = 0; killAt < CHANGES_MAX; killAt++) {
    const folder = copyOf(original);
    const count = run(folder, task, killAt);
    const { which, isTold } = await foundIn(folder, task !== "damaged");
    found.push(isTold ? `${which}, told` : which);
    if (count !== undefined) {
      expect(found.length).toBe(count + 1);
      return found;
    }
  }
  throw new Error("it makes more changes than expected");
}

function isInOrder(found: readonly string[]): void {
  // Several changes are made before the new key has its name, and after it. Where nothing was begun nothing is told; and where it is done, from its first use on.
  expect(found.join("; ")).toMatch(/^(old; )*old, told(; old, told)+(; new, told){3,}; new; new$/);
}

describe("a backup that takes the place of a vault, killed at each change on the disk", () => {
  test("of one that is open, with what was just written", async () => isInOrder(await outcomes("open")));

  test("of a damaged one that is locked, whose files stay beside it", async () => {
    const damage = (folder: string) => {
      const path = join(folder, "vault.db");
      const bytes = readFileSync(path);
      bytes.fill(0xa5, 4096, 8192);
      writeFileSync(path, bytes);
    };
    isInOrder(await outcomes("damaged", damage));
  });

  test("and killed again when it is finished at the next start", async () => {
    const original = await prepared();
    let cut = original;
    // Up to the first moment at which the new key has its name.
    for (let killAt = 0; !readdirSync(cut).includes("vault.key.next"); killAt++) {
      cut = copyOf(original);
      expect(run(cut, "open", killAt)).toBeUndefined();
    }
    expect(readdirSync(cut)).toEqual(["vault.db", "vault.db-wal", "vault.db.next", "vault.key", "vault.key.next"]);
    for (let count: number | undefined, at = 0; count === undefined; at++) {
      const folder = copyOf(cut);
      count = run(folder, "settle", at);
      expect((await foundIn(folder)).which).toBe("new");
      if (count !== undefined) expect(count).toBeGreaterThan(2);
    }
  });
});

test.each([0, 4096, 20_000, 200_000, 900_000, 1_500_000])(
  "a backup for which the disk has no space, with %i bytes left, takes nobody's place, and the vault goes on, open",
  async (left) => {
    // One of its own for each, and for nothing else: a database that is gone may give its space back later.
    const disk = tinyDisk(8);
    if (disk === undefined) return;
    const folder = join(disk, "desktop");
    const vault = cheapVault(folder);
    const value = "x".repeat(1_000_000);
    const elsewhere = cheapVault(join(temporaryFolder(), "desktop"));
    const first = await elsewhere.create(BACKUP_PASSPHRASE);
    await first.write([{ collection: "transactions", key: "large", value }]);
    const backup = await first.backup(BACKUP_PASSPHRASE);
    await elsewhere.destroy();
    const open = await vault.create(OLD_PASSPHRASE);
    await open.write([{ collection: "labels", key: "old", value: 1 }]);
    const filling = join(disk, "filling");
    const replaced = () => vault.replace(backup, BACKUP_PASSPHRASE, NEW_PASSPHRASE);
    writeFileSync(filling, Buffer.alloc(Math.max(0, statfsSync(disk).bavail * statfsSync(disk).bsize - left)));
    await expect(replaced()).rejects.toMatchObject({ code: "no-space" });
    expect(readdirSync(folder).sort()).toEqual(["vault.db", "vault.db-wal", "vault.key"]);
    expect(await open.get("labels", "old")).toBe(1);
    rmSync(filling);
    await open.write([{ collection: "labels", key: "later", value: 1 }]);
    await open.lock();
    const again = await vault.unlock(OLD_PASSPHRASE);
    expect((await again.list("labels")).map(({ key }) => key)).toEqual(["later", "old"]);
    const next = await replaced();
    expect(await next.get("transactions", "large")).toBe(value);
    await next.lock();
    expect(readdirSync(folder)).toEqual(["vault.db", "vault.key"]);
  },
);

test("a backup takes the place of a vault that was locked on a full disk and could not be closed", async () => {
  const disk = tinyDisk(8);
  if (disk === undefined) return;
  const folder = join(disk, "desktop");
  const vault = cheapVault(folder);
  const first = await vault.create(BACKUP_PASSPHRASE);
  await first.write([{ collection: "labels", key: "new", value: 1 }]);
  const backup = await first.backup(BACKUP_PASSPHRASE);
  await vault.destroy();
  const open = await vault.create(OLD_PASSPHRASE);
  const filling = join(disk, "filling");
  writeFileSync(filling, Buffer.alloc(statfsSync(disk).bavail * statfsSync(disk).bsize - 600_000));
  const fill = async () => {
    for (let index = 0; ; index++) {
      await open.write([{ collection: "transactions", key: `${index}`, value: "x".repeat(20_000) }]);
    }
  };
  await expect(fill()).rejects.toMatchObject({ code: "no-space" });
  await open.lock();
  const replaced = () => vault.replace(backup, BACKUP_PASSPHRASE, NEW_PASSPHRASE);
  await expect(replaced()).rejects.toMatchObject({ code: "no-space" });
  // The old one is there still, with what stands in its log alone.
  const again = await vault.unlock(OLD_PASSPHRASE);
  expect((await again.list("transactions")).length).toBeGreaterThan(5);
  await again.lock();
  rmSync(filling);
  const next = await replaced();
  expect((await next.list("labels")).map(({ key }) => key)).toEqual(["new"]);
  expect(await next.list("transactions")).toEqual([]);
  await next.lock();
  expect(readdirSync(folder)).toEqual(["vault.db", "vault.key"]);
});
