import {
  copyFileSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { PASSPHRASE } from "@bitfleet/vault/conformance-kit.ts";
import { VaultError } from "@bitfleet/vault/vault.ts";
import { describe, expect, test } from "vitest";
import { changed, cheapVault, temporaryFolder } from "./test-kit.ts";
import { vaultFiles } from "./vault-files.ts";

const LABELS = 300;
const PAGE_SIZE = 4096;

/** A vault with some pages, closed; answers a backup of it. */
async function filledVault(folder: string): Promise<Uint8Array> {
  const open = await cheapVault(folder).create(PASSPHRASE);
  const labels = Array.from({ length: LABELS }, (_, index) => labelAt(index));
  await open.write([...labels, { collection: "wallets", key: "w", value: "the words" }]);
  const backup = await open.backup(PASSPHRASE);
  await open.lock();
  return backup;
}

function labelAt(index: number) {
  return { collection: "labels", key: String(index), value: `a label for number ${index}` } as const;
}

/** What unlocking answers: everything, or that it is damaged. Anything else throws. */
async function outcomeOf(folder: string): Promise<"whole" | VaultError> {
  const vault = cheapVault(folder);
  try {
    const open = await vault.unlock(PASSPHRASE);
    expect((await open.list("labels")).map(({ value }) => value).sort()).toEqual(
      Array.from({ length: LABELS }, (_, index) => labelAt(index).value as string).sort(),
    );
    expect(await open.get("wallets", "w")).toBe("the words");
    await open.lock();
    return "whole";
  } catch (error) {
    if (error instanceof VaultError) return error;
    throw error;
  }
}

describe("damage to a vault's files", () => {
  test("a bit anywhere in the database is told, or changes nothing", async () => {
    const folder = temporaryFolder();
    await filledVault(folder);
    const { database } = vaultFiles(folder);
    const sound = readFileSync(database);
    const pageCount = sound.length / PAGE_SIZE;
    expect(pageCount).toBeGreaterThan(10);
    let toldCount = 0;
    for (let page = 0; page < pageCount; page++) {
      for (const offset of [3, 300, PAGE_SIZE / 2, PAGE_SIZE - 20]) {
        writeFileSync(database, changed(sound, page * PAGE_SIZE + offset));
        const outcome = await outcomeOf(folder);
        if (outcome === "whole") continue;
        expect(outcome.code, outcome.message).toBe("damaged");
        expect(outcome.message).toMatch(new RegExp(`^The file ${database} is damaged \\(.+\\)\\. .*restore a backup`));
        toldCount++;
      }
    }
    // Not every byte of a page stands for something.
    expect(toldCount).toBeGreaterThan(pageCount);
    writeFileSync(database, sound);
    expect(await outcomeOf(folder)).toBe("whole");
  });

  test("of a page that cannot be read what stands in the others is salvaged", async () => {
    const folder = temporaryFolder();
    await filledVault(folder);
    const { database } = vaultFiles(folder);
    const sound = readFileSync(database);
    const counts: number[] = [];
    for (let page = 1; page < sound.length / PAGE_SIZE; page++) {
      const damaged = Buffer.from(sound);
      damaged.fill(0xa5, page * PAGE_SIZE, (page + 1) * PAGE_SIZE);
      writeFileSync(database, damaged);
      if ((await outcomeOf(folder)) === "whole") continue;
      const { backup, lost } = await cheapVault(folder).salvage(PASSPHRASE);
      const restored = await cheapVault(temporaryFolder()).restore(backup, PASSPHRASE, PASSPHRASE);
      const labels = await restored.list("labels");
      for (const { key, value } of labels) expect(value).toBe(labelAt(Number(key)).value);
      const count = labels.length + (await restored.list("wallets")).length;
      // A page of an empty table costs nothing; without the one of the sum nobody knows.
      if (lost === undefined) expect(count).toBe(LABELS + 1);
      counts.push(count);
      await restored.lock();
    }
    // A page of many costs its own records; a table's root costs the table.
    expect(counts.filter((count) => count > LABELS / 2).length).toBeGreaterThan(counts.length / 2);
  });

  test.each([
    ["cut short", (path: string) => truncateSync(path, PAGE_SIZE * 3)],
    ["empty", (path: string) => truncateSync(path, 0)],
    ["missing", (path: string) => rmSync(path)],
    ["another program's", (path: string) => writeFileSync(path, "not a database at all, but a text of some length")],
    ["zeros", (path: string) => writeFileSync(path, new Uint8Array(5 * PAGE_SIZE))],
  ])("a database that is %s", async (_, damage) => {
    const folder = temporaryFolder();
    const backup = await filledVault(folder);
    const { database } = vaultFiles(folder);
    damage(database);
    expect(await outcomeOf(folder)).toMatchObject({ code: "damaged" });
    const vault = cheapVault(folder);
    await expect(vault.unlock(PASSPHRASE)).rejects.toThrow(`The file ${database} is damaged`);
    await vault.destroy();
    const restored = await vault.restore(backup, PASSPHRASE, PASSPHRASE);
    expect((await restored.list("labels")).length).toBe(LABELS);
    await restored.lock();
  });

  test("damaged files stay under other names when the vault is removed, and whole ones do not", async () => {
    const folder = temporaryFolder();
    await filledVault(folder);
    const { database, key } = vaultFiles(folder);
    const damaged = changed(readFileSync(database), PAGE_SIZE + 3);
    writeFileSync(database, damaged);
    const vault = cheapVault(folder);
    await expect(vault.unlock(PASSPHRASE)).rejects.toMatchObject({ code: "damaged" });
    const keyBytes = readFileSync(key);
    await vault.destroy();
    const names = readdirSync(folder).sort();
    expect(names).toEqual([
      expect.stringMatching(/^vault\.db\.damaged-\d{8}T\d{6}Z$/),
      expect.stringMatching(/^vault\.key\.damaged-/),
    ]);
    // SQLite writes into the first page what kind of log there is.
    const aside = readFileSync(join(folder, names[0]!));
    expect(aside.subarray(PAGE_SIZE).equals(damaged.subarray(PAGE_SIZE))).toBe(true);
    expect(readFileSync(join(folder, names[1]!)).equals(keyBytes)).toBe(true);
    expect(await vault.state()).toEqual({ kind: "absent" });
    await filledVault(folder);
    await vault.destroy();
    expect(readdirSync(folder).sort()).toEqual(names);
  });

  test("a log of another database beside a new one is not taken for its own", async () => {
    const folder = temporaryFolder();
    await filledVault(folder);
    const { database, key, log } = vaultFiles(folder);
    for (const path of [database, key]) rmSync(path);
    writeFileSync(log, new Uint8Array(PAGE_SIZE));
    await filledVault(folder);
    expect(await outcomeOf(folder)).toBe("whole");
  });

  test("a creation or a removal that was cut short is ended", async () => {
    const folder = temporaryFolder();
    await filledVault(folder);
    const files = vaultFiles(folder);
    const [database, key] = [readFileSync(files.database), readFileSync(files.key)];
    // The key was written, and the database has not its name yet.
    rmSync(files.database);
    writeFileSync(files.newDatabase, database);
    expect(await outcomeOf(folder)).toBe("whole");
    expect(existsSync(files.newDatabase)).toBe(false);
    // A database without a key, of a creation: nothing was made.
    rmSync(files.key);
    rmSync(files.database);
    writeFileSync(files.newDatabase, database);
    expect(await cheapVault(folder).state()).toEqual({ kind: "absent" });
    await filledVault(folder);
    // The key was taken away first.
    writeFileSync(files.removedKey, key);
    rmSync(files.key);
    expect(await cheapVault(folder).state()).toEqual({ kind: "absent" });
    expect(readdirSync(folder)).toEqual([]);
    expect(statSync(folder).isDirectory()).toBe(true);
  });

  test("the key of one vault beside the database of another is told, whichever passphrase is tried", async () => {
    const [folder, other] = [temporaryFolder(), temporaryFolder()];
    await filledVault(folder);
    await (await cheapVault(other).create("of another vault")).lock();
    copyFileSync(vaultFiles(other).key, vaultFiles(folder).key);
    const vault = cheapVault(folder);
    await expect(vault.unlock(PASSPHRASE)).rejects.toMatchObject({ code: "wrong-passphrase" });
    await expect(vault.unlock("of another vault")).rejects.toThrow(
      /vault\.db is damaged \(it is not the one that the key/,
    );
    expect((await vault.state()).kind).toBe("damaged");
  });
});

describe("a vault's folder that goes while it is open", () => {
  const label = (key: string) => ({ collection: "labels", key, value: 1 }) as const;
  const isLocked = { code: "locked", message: expect.stringMatching(/moved or removed/) };

  async function openVault() {
    const folder = join(temporaryFolder(), "desktop");
    const vault = cheapVault(folder);
    const open = await vault.create(PASSPHRASE);
    await open.write([label("before")]);
    return { folder, vault, open };
  }

  test("moved away: no write is told as done that nobody finds again, and nothing that was written is lost", async () => {
    const { folder, vault, open } = await openVault();
    renameSync(folder, `${folder}-elsewhere`);
    await expect(open.changePassphrase(PASSPHRASE, "a new passphrase")).rejects.toMatchObject(isLocked);
    expect((await open.list("labels")).length).toBe(1);
    await expect(open.write([label("after")])).rejects.toMatchObject(isLocked);
    await expect(open.list("labels")).rejects.toMatchObject({ code: "locked" });
    // Not that there is nothing yet: nobody makes another one by mistake.
    for (const work of [
      () => vault.state(),
      () => vault.unlock(PASSPHRASE),
      () => vault.create("another passphrase"),
    ]) {
      await expect(work()).rejects.toMatchObject(isLocked);
    }
    const moved = await cheapVault(copied(`${folder}-elsewhere`)).unlock(PASSPHRASE);
    expect((await moved.list("labels")).map(({ key }) => key)).toEqual(["before"]);
    await moved.lock();
    renameSync(`${folder}-elsewhere`, folder);
    expect(await vault.state()).toEqual({ kind: "locked" });
    const back = await vault.unlock(PASSPHRASE);
    expect((await back.list("labels")).map(({ key }) => key)).toEqual(["before"]);
    await back.lock();
  });

  test("removed: that is told with the next write, and another one can be made there", async () => {
    const { folder, vault, open } = await openVault();
    rmSync(folder, { recursive: true });
    await expect(open.write([label("after")])).rejects.toMatchObject(isLocked);
    await expect(vault.state()).rejects.toMatchObject(isLocked);
    await vault.destroy();
    expect(await vault.state()).toEqual({ kind: "absent" });
    await (await vault.create("of another vault")).lock();
    expect(readdirSync(folder)).toEqual(["vault.db", "vault.key"]);
  });

  test("a copy in its place keeps what stands in its log alone", async () => {
    const { folder, vault, open } = await openVault();
    cpSync(folder, `${folder}-copy`, { recursive: true });
    renameSync(folder, `${folder}-elsewhere`);
    renameSync(`${folder}-copy`, folder);
    await expect(open.write([label("after")])).rejects.toMatchObject(isLocked);
    await open.lock();
    const copy = await vault.unlock(PASSPHRASE);
    expect((await copy.list("labels")).map(({ key }) => key)).toEqual(["before"]);
    await copy.lock();
  });
});

/** Of files that SQLite may still have in this process. */
function copied(folder: string): string {
  const copy = join(temporaryFolder(), "copy");
  cpSync(folder, copy, { recursive: true });
  return copy;
}
