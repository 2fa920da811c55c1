import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { PassphraseScope } from "./change-passphrase.ts";
import { createTestWallet, keysFolderOf, openTestWallet, SECRET_ID, SECRETS, temporaryFolder } from "./test-kit.ts";

/** What is done in one step with the making of a wallet, or with its encryption: all of it is found, or nothing. */

const SCOPES: readonly (PassphraseScope | undefined)[] = [undefined, "secrets", "file"];
const PASSPHRASE = "a passphrase";

describe.each(SCOPES)("making a wallet with a passphrase for %s", (scope) => {
  const options = scope && { scope, passphrase: PASSPHRASE };

  test("it is found with what it begins with", async () => {
    const folder = join(temporaryFolder(), "w");
    const wallet = await createTestWallet(folder, {
      ...options,
      fill: async (database) => {
        expect(readdirSync(folder)).not.toContain("wallet.dat");
        expect(existsSync(keysFolderOf(folder))).toBe(false);
        if (scope !== undefined) await database.vault.unlock(PASSPHRASE);
        database.vault.put("seed", SECRET_ID, SECRETS.seed);
      },
    });
    expect(wallet.vault.isUnlocked).toBe(scope === undefined);
    if (scope !== undefined) await wallet.vault.unlock(PASSPHRASE);
    expect(wallet.vault.get("seed", SECRET_ID)).toEqual(SECRETS.seed);
    expect(readdirSync(folder).filter((name) => name.includes(".new"))).toEqual([]);
  });

  test("another that was made meanwhile is not overwritten", async () => {
    const folder = join(temporaryFolder(), "w");
    const database = join(folder, "wallet.dat");
    const fill = async () => writeFileSync(database, "another's");
    await expect(createTestWallet(folder, { ...options, fill })).rejects.toMatchObject({ code: "already-exists" });
    expect(readFileSync(database, "utf8")).toBe("another's");
    expect([readdirSync(folder).sort(), readdirSync(keysFolderOf(folder))]).toEqual([[".keys", "wallet.dat"], []]);
  });

  test("where that cannot be written, its name is free", async () => {
    const folder = join(temporaryFolder(), "w");
    const fill = async () => {
      throw new Error("no space");
    };
    await expect(createTestWallet(folder, { ...options, fill })).rejects.toThrow("no space");
    await expect(openTestWallet(folder)).rejects.toMatchObject({ code: "not-found" });
    expect(existsSync(keysFolderOf(folder))).toBe(false);
    await createTestWallet(folder, options);
  });
});

describe.each(["secrets", "file"] as const)("encrypting a wallet with a passphrase for %s", (scope) => {
  test("whoever finds it encrypted finds what was written along with it", async () => {
    const folder = join(temporaryFolder(), "w");
    const killed = join(temporaryFolder(), "w");
    const wallet = await createTestWallet(folder);
    wallet.vault.put("seed", SECRET_ID, SECRETS.seed);
    await wallet.encrypt(PASSPHRASE, scope, {
      change: (copy) => copy.vault.put("key", SECRET_ID, SECRETS.key),
      replaced: () => {
        // What a kill would leave now; and what was sealed by the old master key from here on would be lost.
        cpSync(folder, killed, { recursive: true });
        const put = () => wallet.vault.put("key", SECRETS.key, SECRETS.key);
        expect(put).toThrow(expect.objectContaining({ code: "locked" }));
      },
    });
    for (const path of [folder, killed]) {
      const found = path === folder ? wallet : await openTestWallet(path, { passphrase: PASSPHRASE });
      expect([found.vault.isEncrypted, found.vault.isUnlocked]).toEqual([true, false]);
      await found.vault.unlock(PASSPHRASE);
      expect(found.vault.get("seed", SECRET_ID)).toEqual(SECRETS.seed);
      expect(found.vault.get("key", SECRET_ID)).toEqual(SECRETS.key);
    }
  });

  test("where that cannot be written, the wallet is as it was", async () => {
    const wallet = await createTestWallet(join(temporaryFolder(), "w"));
    wallet.vault.put("seed", SECRET_ID, SECRETS.seed);
    const change = () => {
      throw new Error("no keys");
    };
    const replaced = () => expect.unreachable();
    await expect(wallet.encrypt(PASSPHRASE, scope, { change, replaced })).rejects.toThrow("no keys");
    expect(wallet.vault.isEncrypted).toBe(false);
    expect(wallet.vault.get("seed", SECRET_ID)).toEqual(SECRETS.seed);
    wallet.vault.put("key", SECRET_ID, SECRETS.key);
  });
});
