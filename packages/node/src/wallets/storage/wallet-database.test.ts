import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { EMPTY_CHANGE_SET } from "@bitfleet/wallet/ledger/change-set.ts";
import { describe, expect, test } from "vitest";
import { createWalletDatabase } from "./create-wallet.ts";
import { readKeyFile, writeKeyFile } from "./key-file.ts";
import { restoreWallet } from "./restore-wallet.ts";
import {
  bytesOf,
  CHEAP_COST,
  cloneOpenWallet,
  contentsOf,
  createFilledWallet,
  createTestWallet,
  DEPENDENCIES,
  defaultsFor,
  fillTestWallet,
  keyFileIn,
  keysFolderOf,
  openTestWallet,
  SECRET_ID,
  SECRETS,
  TOLD,
  temporaryFolder,
} from "./test-kit.ts";

const SCOPES = ["secrets", "file"] as const;
/** For wallets that are made of backups. */
const OPTIONS = () => defaultsFor(temporaryFolder());

describe("a wallet's database", () => {
  test("keeps everything from one opening to the next", async () => {
    const folder = join(temporaryFolder(), "w");
    const { wallet, contents } = await createFilledWallet(folder);
    await wallet.flush();
    await wallet.close();
    const again = await openTestWallet(folder);
    expect(contentsOf(again)).toEqual(contents);
    expect(again.identity).toEqual(wallet.identity);
    expect(again.vault.get("seed", SECRET_ID)).toEqual(SECRETS.seed);
    expect(again.vault.get("key", SECRET_ID)).toBeUndefined();
    expect(again.passphraseScope).toBeUndefined();
  });

  test("a transaction is written as a whole or not at all, what is in memory too", async () => {
    const { wallet, contents } = await createFilledWallet(temporaryFolder());
    const lock = { outPoint: { txid: TOLD.txid, index: 5 }, isPersistent: false } as never;
    const work = () => {
      wallet.ledger.apply({ ...EMPTY_CHANGE_SET, lockedCoins: [lock], removedAddresses: [TOLD.script] });
      wallet.settings.put("word", bytesOf(1));
      throw new Error("changed my mind");
    };
    expect(() => wallet.transaction(work)).toThrow("changed my mind");
    expect(contentsOf(wallet)).toEqual(contents);
  });

  test("forgets a descriptor with its scripts, as its id may be given again", async () => {
    const wallet = await createTestWallet(temporaryFolder());
    fillTestWallet(wallet);
    wallet.ledger.apply({ ...EMPTY_CHANGE_SET, scripts: [{ descriptorId: 2, index: 0, script: bytesOf(5) }] });
    wallet.descriptors.delete(1);
    expect(wallet.descriptors.all()).toEqual([]);
    expect([...wallet.scripts.all()].map((each) => each.descriptorId)).toEqual([2]);
  });

  test("joins the many rows of scripts that single addresses leave", async () => {
    const folder = temporaryFolder();
    const wallet = await createTestWallet(folder);
    const scripts = Array.from({ length: 300 }, (_, index) => ({ descriptorId: 1, index, script: bytesOf(index, 22) }));
    for (const script of scripts) wallet.scripts.append([script]);
    await wallet.close();
    const again = await openTestWallet(folder);
    expect([...again.scripts.all()]).toEqual(scripts);
    expect((await again.checkIntegrity()).rows.scripts).toBe(1);
  });

  test("is refused after it was closed", async () => {
    const wallet = await createTestWallet(temporaryFolder());
    await wallet.close();
    await wallet.close();
    expect(() => wallet.settings.put("word", bytesOf(1))).toThrow(expect.objectContaining({ code: "closed" }));
    await expect(wallet.compact()).rejects.toMatchObject({ code: "closed" });
  });
});

describe.each(SCOPES)("a passphrase for %s", (scope) => {
  async function encrypted() {
    const folder = join(temporaryFolder(), "w");
    const { wallet, contents } = await createFilledWallet(folder);
    await wallet.encrypt("first", scope);
    return { folder, wallet, contents };
  }

  test("locks secrets and nothing else of an open wallet", async () => {
    const { wallet, contents } = await encrypted();
    expect(wallet.passphraseScope).toBe(scope);
    expect([wallet.vault.isEncrypted, wallet.vault.isUnlocked]).toEqual([true, false]);
    expect(contentsOf(wallet)).toEqual(contents);
    const locked = expect.objectContaining({ code: "locked" });
    expect(() => wallet.vault.get("seed", SECRET_ID)).toThrow(locked);
    expect(() => wallet.vault.put("key", SECRET_ID, SECRETS.key)).toThrow(locked);
    expect([wallet.vault.has("seed", SECRET_ID), wallet.vault.ids("seed")]).toEqual([true, [SECRET_ID]]);
    await expect(wallet.vault.unlock("second")).rejects.toMatchObject({ code: "wrong-passphrase" });
    await expect(wallet.vault.unlock("")).rejects.toMatchObject({ code: "wrong-passphrase" });
    await wallet.vault.unlock("first");
    wallet.vault.put("key", SECRET_ID, SECRETS.key);
    expect([...wallet.vault.all("seed")]).toEqual([{ id: SECRET_ID, secret: SECRETS.seed }]);
    // A wrong guess changes nothing.
    await expect(wallet.vault.unlock("second")).rejects.toMatchObject({ code: "wrong-passphrase" });
    expect(wallet.vault.get("key", SECRET_ID)).toEqual(SECRETS.key);
    await expect(wallet.encrypt("again")).rejects.toMatchObject({ code: "already-encrypted" });
  });

  test("overwrites the master key when it locks, and when it closes", async () => {
    const { wallet } = await encrypted();
    for (const end of [() => wallet.vault.lock(), () => wallet.close()]) {
      await wallet.vault.unlock(new TextEncoder().encode("first"));
      const master = wallet.vault.openMaster();
      expect(master.some((byte) => byte !== 0)).toBe(true);
      await end();
      expect(master).toEqual(new Uint8Array(32));
    }
  });

  test("is asked for where it is needed, from the next opening on", async () => {
    const { folder, wallet, contents } = await encrypted();
    await wallet.close();
    const withoutIt = openTestWallet(folder);
    if (scope === "file") await expect(withoutIt).rejects.toMatchObject({ code: "passphrase-needed" });
    else {
      const watching = await withoutIt;
      expect(contentsOf(watching)).toEqual(contents);
      expect(watching.vault.isUnlocked).toBe(false);
      await watching.close();
    }
    await expect(openTestWallet(folder, { passphrase: "other", unlock: true })).rejects.toMatchObject({
      code: "wrong-passphrase",
    });
    const again = await openTestWallet(folder, { passphrase: "first", unlock: true });
    expect(again.vault.get("seed", SECRET_ID)).toEqual(SECRETS.seed);
    expect(contentsOf(again)).toEqual(contents);
  });

  test("can be changed, locked or unlocked", async () => {
    const { folder, wallet } = await encrypted();
    await expect(wallet.changePassphrase("wrong", "second")).rejects.toMatchObject({ code: "wrong-passphrase" });
    await expect(wallet.changePassphrase("first", "")).rejects.toMatchObject({ code: "empty-passphrase" });
    await wallet.changePassphrase("first", "second");
    expect(wallet.vault.isUnlocked).toBe(false);
    await expect(wallet.vault.unlock("first")).rejects.toMatchObject({ code: "wrong-passphrase" });
    await wallet.vault.unlock("second");
    await wallet.changePassphrase("second", "third");
    expect(wallet.vault.get("seed", SECRET_ID)).toEqual(SECRETS.seed);
    await wallet.close();
    const again = await openTestWallet(folder, { passphrase: "third", unlock: true });
    expect(again.vault.get("seed", SECRET_ID)).toEqual(SECRETS.seed);
  });

  test("stands from the beginning where it is given then", async () => {
    const wallet = await createTestWallet(temporaryFolder(), { passphrase: "first", scope });
    expect([wallet.passphraseScope, wallet.vault.isUnlocked]).toEqual([scope, false]);
  });

  test("goes along in a backup", async () => {
    const { folder, wallet, contents } = await encrypted();
    const [backup, restored] = [join(folder, "../backup"), join(folder, "../restored")];
    await wallet.backup(backup);
    const refused = restoreWallet(backup, join(folder, "../r"), { ...OPTIONS(), passphrase: "wrong" }, DEPENDENCIES);
    if (scope === "file") await expect(refused).rejects.toMatchObject({ code: "wrong-passphrase" });
    else await refused;
    await restoreWallet(backup, restored, defaultsFor(restored), DEPENDENCIES);
    const again = await openTestWallet(restored, { passphrase: "first", unlock: true });
    expect(contentsOf(again)).toEqual(contents);
    expect(again.vault.get("seed", SECRET_ID)).toEqual(SECRETS.seed);
  });

  test("an encryption that was interrupted leaves the wallet as it was or encrypted", async () => {
    const { folder, wallet, contents } = await encrypted();
    await wallet.close();
    // What a kill leaves before the new file is in place: the old one, a part of the new one, and a key file with both keys.
    const plain = join(folder, "../plain");
    const old = await createTestWallet(plain);
    fillTestWallet(old);
    await old.close();
    const keyPath = (path: string) => keyFileIn(keysFolderOf(path));
    const keyFileOf = (path: string) => readKeyFile(keyPath(path));
    const [before, after] = [await keyFileOf(plain), await keyFileOf(folder)];
    writeFileSync(join(plain, "wallet.dat.new"), "half of it");
    await writeKeyFile(keyPath(plain), { ...before, next: after.current });
    const untouched = await openTestWallet(plain);
    expect(untouched.vault.isEncrypted).toBe(false);
    await untouched.close();
    expect(readdirSync(plain).sort()).toEqual([".keys", "wallet.dat"]);
    // The new key may be that of a file that was moved away.
    expect(await keyFileOf(plain)).toEqual({ ...before, former: [after.current] });
    // And after: the new one, and both keys still.
    const { former: _, ...rest } = after;
    await writeKeyFile(keyPath(folder), { ...rest, current: before.current, next: after.current });
    const done = await openTestWallet(folder, { passphrase: "first" });
    expect(contentsOf(done)).toEqual(contents);
    const former = scope === "secrets" ? { former: [before.current] } : {};
    expect(await keyFileOf(folder)).toEqual({ ...rest, ...former });
  });
});

describe("what is in the way has an error of its own", () => {
  const open = (folder: string) => openTestWallet(folder);

  test("no wallet, a wallet already, no key file", async () => {
    const folder = join(temporaryFolder(), "w");
    await expect(open(folder)).rejects.toMatchObject({ code: "not-found", path: join(folder, "wallet.dat") });
    const wallet = await createTestWallet(folder);
    await expect(createWalletDatabase(folder, OPTIONS(), DEPENDENCIES)).rejects.toMatchObject({
      code: "already-exists",
    });
    await wallet.close();
    renameSync(keysFolderOf(folder), join(folder, "elsewhere"));
    await expect(open(folder)).rejects.toMatchObject({
      code: "key-file-missing",
      message: expect.stringContaining("Copy its key file there"),
    });
    renameSync(join(folder, "elsewhere"), keysFolderOf(folder));
    await open(folder);
  });

  test("a key file of another wallet opens nothing, and loses nothing that the log holds", async () => {
    const folder = temporaryFolder();
    const wallet = await createTestWallet(join(folder, "w"));
    await (await createTestWallet(join(folder, "other"))).close();
    fillTestWallet(wallet);
    const contents = contentsOf(wallet);
    const killed = cloneOpenWallet(join(folder, "w"), join(folder, "killed"));
    const right = keysFolderOf(killed);
    renameSync(right, join(folder, "right"));
    cpSync(keysFolderOf(join(folder, "other")), right, { recursive: true });
    // Both were last used for the same place: so the other one is tried, and what is there is called damaged.
    await expect(open(killed)).rejects.toMatchObject({ code: "damaged" });
    // One of those that say nothing of what their database begins with is really tried.
    const key = keyFileIn(right);
    const { walletId, current } = await readKeyFile(key);
    const { head: _, ...headless } = current;
    await writeKeyFile(key, { walletId, current: headless });
    await expect(open(killed)).rejects.toMatchObject({ code: "damaged" });
    rmSync(right, { recursive: true });
    renameSync(join(folder, "right"), right);
    expect(contentsOf(await open(killed))).toEqual(contents);
  });

  test("a wallet of Bitcoin Core, and other files", async () => {
    const folder = temporaryFolder();
    const write = (bytes: Uint8Array) => writeFileSync(join(folder, "wallet.dat"), bytes);
    write(Buffer.concat([Buffer.from("SQLite format 3\0"), Buffer.alloc(4080)]));
    await expect(open(folder)).rejects.toMatchObject({
      code: "not-a-wallet",
      message: expect.stringContaining("listdescriptors"),
    });
    write(Buffer.concat([Buffer.alloc(12), Buffer.from("62310500", "hex"), Buffer.alloc(4080)]));
    await expect(open(folder)).rejects.toMatchObject({ code: "not-a-wallet" });
    write(bytesOf(1, 4096));
    await expect(open(folder)).rejects.toMatchObject({ code: "key-file-missing" });
  });

  test("open here already", async () => {
    const folder = join(temporaryFolder(), "w");
    const wallet = await createTestWallet(folder);
    await expect(open(folder)).rejects.toMatchObject({ code: "in-use" });
    // And the refusal has not taken the lock from the first.
    wallet.settings.put("word", bytesOf(1));
    await wallet.close();
    await open(folder);
  });

  test("a full disk: nothing of the change is there, and the wallet goes on", async () => {
    const folder = temporaryFolder();
    const { wallet, contents } = await createFilledWallet(folder);
    wallet.limitPages(40);
    const large = () => wallet.settings.put("large", new Uint8Array(400_000));
    expect(large).toThrow(
      expect.objectContaining({ code: "disk-full", message: expect.stringContaining("Free some") }),
    );
    expect(contentsOf(wallet)).toEqual(contents);
    await expect(wallet.encrypt("passphrase")).resolves.toBeUndefined();
    wallet.limitPages(1_000_000);
    large();
    expect((await wallet.checkIntegrity()).problems).toEqual([]);
  });

  test("a place for a backup that is the wallet itself, or not there", async () => {
    const folder = temporaryFolder();
    const wallet = await createTestWallet(folder);
    await expect(wallet.backup(join(folder, "wallet.dat"))).rejects.toMatchObject({ code: "already-exists" });
    const linked = join(temporaryFolder(), "linked");
    symlinkSync(folder, linked);
    const other = await createTestWallet(temporaryFolder());
    for (const place of [linked, other.folder]) {
      for (const name of ["wallet.dat", "wallet.dat-wal"]) {
        await expect(wallet.backup(join(place, name))).rejects.toMatchObject({ code: "already-exists" });
      }
    }
    const [key] = readdirSync(join(folder, ".keys"));
    await expect(wallet.backup(join(folder, ".keys", key!))).rejects.toMatchObject({ code: "already-exists" });
    await expect(wallet.backup(join(folder, "nowhere/backup"))).rejects.toMatchObject({ code: "not-found" });
    // A device is none either, were it writable or not: the file would take its place.
    writeFileSync(join(folder, "notes"), "what somebody keeps");
    for (const place of [join(folder, "notes"), folder]) {
      await expect(wallet.backup(place)).rejects.toMatchObject({ code: "already-exists" });
    }
    expect(readFileSync(join(folder, "notes"), "utf8")).toBe("what somebody keeps");
    await wallet.backup(join(folder, "backup"));
    await wallet.backup(join(folder, "backup"));
    await expect(restoreWallet(join(folder, "backup"), folder, OPTIONS(), DEPENDENCIES)).rejects.toMatchObject({
      code: "already-exists",
    });
    await expect(
      restoreWallet(keyFileIn(keysFolderOf(folder)), join(folder, "r"), OPTIONS(), DEPENDENCIES),
    ).rejects.toMatchObject({ code: "not-a-wallet" });
    expect(existsSync(join(folder, "r"))).toBe(false);
  });
});

describe("folders of wallets", () => {
  test("a wallet is restored into one that is in use otherwise", async () => {
    const folder = temporaryFolder();
    const wallet = await createTestWallet(join(folder, "w"));
    fillTestWallet(wallet);
    await wallet.backup(join(folder, "backup"));
    await restoreWallet(join(folder, "backup"), folder, defaultsFor(folder), DEPENDENCIES);
    expect(contentsOf(await openTestWallet(folder))).toEqual(contentsOf(wallet));
    expect(readdirSync(folder).sort()).toEqual([".keys", "backup", "w", "wallet.dat", "wallet.dat-wal"]);
  });

  test("a key whose database is gone stays", async () => {
    const folder = temporaryFolder();
    await (await createTestWallet(folder)).close();
    const path = keyFileIn(keysFolderOf(folder));
    const key = readFileSync(path);
    rmSync(join(folder, "wallet.dat"));
    await createTestWallet(folder);
    expect(readFileSync(path)).toEqual(key);
    expect(readdirSync(keysFolderOf(folder))).toHaveLength(2);
  });

  test("commits go on while a backup is written, and are not in it", async () => {
    const folder = temporaryFolder();
    const wallet = await createTestWallet(join(folder, "w"));
    wallet.settings.put("large", new Uint8Array(3_000_000));
    const backup = wallet.backup(join(folder, "backup"));
    let commits = 0;
    let isDone = false;
    const done = backup.then(() => {
      isDone = true;
    });
    while (!isDone) {
      wallet.settings.putJson("count", ++commits);
      await new Promise((resume) => setImmediate(resume));
    }
    await done;
    const options = defaultsFor(join(folder, "r"));
    await restoreWallet(join(folder, "backup"), join(folder, "r"), options, { ...DEPENDENCIES, kdfCost: CHEAP_COST });
    const restored = await openTestWallet(join(folder, "r"));
    // The copy is of the moment when its turn came.
    const count = (restored.settings.getJson("count") as number | undefined) ?? 0;
    expect(count).toBeLessThan(commits);
    expect(restored.settings.get("large")?.length).toBe(3_000_000);
  });
});
