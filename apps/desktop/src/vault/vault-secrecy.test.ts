import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findPlaintext } from "./plaintext-test-kit.ts";
import { SqlVault } from "./sql-vault.ts";
import { CHEAP_COST, cheapVault, temporaryFolder, withDatabase } from "./test-kit.ts";
import { vaultFiles } from "./vault-files.ts";

const SECRETS = {
  phrase: "legal winner thank year wave sausage worth useful legal winner thank yellow",
  address: "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080",
  label: "rent of the blue house",
  apiKey: "wallet-5f3c9a7d2e8b4610",
  passphrase: "a passphrase of five words",
  next: "and then six of them instead",
  backupPassphrase: "of the backup, another one",
} as const;

describe("what can be read from a vault's files", () => {
  test("nothing of what is kept, open or closed, changed or restored", async () => {
    const folder = temporaryFolder();
    const data = join(folder, "desktop");
    const found = () => findPlaintext(folder, SECRETS);
    const { phrase, address, label, apiKey, passphrase, next, backupPassphrase } = SECRETS;
    const vault = cheapVault(data);
    const open = await vault.create(passphrase);
    await open.write([
      { collection: "wallets", key: "w1", value: { phrase, name: label } },
      { collection: "addresses", key: `w1:${address}`, value: { address } },
      { collection: "labels", key: address, value: label },
      { collection: "networks", key: "network:1", value: { apiKey } },
      { collection: "transactions", key: "large", value: label.repeat(1000) },
    ]);
    expect(readdirSync(data).sort()).toEqual(["vault.db", "vault.db-wal", "vault.key"]);
    expect(found()).toEqual([]);
    await open.changePassphrase(passphrase, next);
    await open.write([{ collection: "labels", key: address }]);
    const backup = await open.backup(backupPassphrase);
    writeFileSync(join(folder, "backup"), backup);
    expect(found()).toEqual([]);
    await open.lock();
    expect(readdirSync(data).sort()).toEqual(["vault.db", "vault.key"]);
    expect(found()).toEqual([]);
    await vault.destroy();
    await (await vault.restore(backup, backupPassphrase, passphrase)).lock();
    expect(found()).toEqual([]);
    const [database, key] = ["vault.db", "vault.key"].map((name) => readFileSync(join(data, name)));
    await (await vault.replace(backup, backupPassphrase, next)).lock();
    expect(found()).toEqual([]);
    // Of the old one nothing is left but its name; an empty file says that nobody has used the new one yet.
    expect(readdirSync(data).sort()).toEqual(["vault.db", "vault.key", "vault.replaced"]);
    expect(readFileSync(join(data, "vault.replaced")).length).toBe(0);
    expect(readFileSync(join(data, "vault.db")).equals(database!)).toBe(false);
    expect(readFileSync(join(data, "vault.key")).equals(key!)).toBe(false);
    // The search finds what is there.
    writeFileSync(
      join(folder, "search"),
      Buffer.from(`x${Buffer.from(phrase, "utf16le").toString("base64")}`, "utf16le"),
    );
    expect(found()).toEqual(["phrase in search"]);
  });

  test("keys of wallets are sealed once more within the decrypted database; the rest of it is read there", async () => {
    const folder = temporaryFolder();
    const vault = cheapVault(folder);
    const open = await vault.create(SECRETS.passphrase);
    await open.write([
      { collection: "wallets", key: "w1", value: { phrase: SECRETS.phrase } },
      { collection: "labels", key: "a", value: SECRETS.label },
    ]);
    await open.lock();
    let pages = Buffer.alloc(0);
    const read = (database: Parameters<Parameters<typeof withDatabase>[1]>[0]) => {
      const rows = database.statement("SELECT data FROM sqlite_dbpage").all();
      pages = Buffer.concat(rows.map(([page]) => page as Uint8Array));
    };
    await withDatabase(folder, read, SECRETS.passphrase);
    expect(pages.includes(SECRETS.label)).toBe(true);
    expect(pages.includes(SECRETS.phrase)).toBe(false);
  });

  test("a passphrase costs what the least is, also in a backup", async () => {
    const vault = new SqlVault(temporaryFolder());
    const open = await vault.create(SECRETS.passphrase);
    const { kdf } = JSON.parse(await readText(vault.files.key)).key;
    expect(kdf).toMatchObject({ name: "scrypt", n: 2 ** 16, r: 8 });
    expect(kdf.p).toBeGreaterThanOrEqual(2);
    const view = new DataView((await open.backup(SECRETS.backupPassphrase)).buffer);
    // Behind magic and two formats.
    expect([view.getUint32(10, true), view.getUint32(14, true)]).toEqual([2 ** 16, 8]);
    expect(view.getUint32(18, true)).toBeGreaterThanOrEqual(2);
    await open.lock();
  });
});

describe.skipIf(process.platform === "win32")("who may read and write a vault's files", () => {
  const mode = (path: string) => statSync(path).mode & 0o777;

  test("only the owner, whatever the files came with", async () => {
    const folder = join(temporaryFolder(), "made", "desktop");
    const files = vaultFiles(folder);
    const vault = cheapVault(folder);
    const open = await vault.create(SECRETS.passphrase);
    await open.write([{ collection: "labels", key: "a", value: 1 }]);
    expect([files.database, files.log, files.key].map(mode)).toEqual([0o600, 0o600, 0o600]);
    expect(mode(folder)).toBe(0o700);
    await open.changePassphrase(SECRETS.passphrase, SECRETS.next);
    await open.lock();
    for (const path of [files.database, files.key]) chmodSync(path, 0o644);
    await (await vault.unlock(SECRETS.next)).lock();
    expect([files.database, files.key].map(mode)).toEqual([0o600, 0o600]);
  });

  test("a folder that others may write into is refused, with what to do", async () => {
    const folder = join(temporaryFolder(), "desktop");
    mkdirSync(folder);
    for (const open of [0o777, 0o770, 0o722]) {
      chmodSync(folder, open);
      const vault = cheapVault(folder);
      await expect(vault.create(SECRETS.passphrase)).rejects.toMatchObject({ code: "unsupported" });
      await expect(vault.state()).rejects.toThrow(`chmod 700 ${folder}`);
    }
    chmodSync(folder, 0o700);
    const open = await cheapVault(folder).create(SECRETS.passphrase);
    await open.lock();
    chmodSync(folder, 0o777);
    await expect(cheapVault(folder).unlock(SECRETS.passphrase)).rejects.toMatchObject({ code: "unsupported" });
  });

  test("a folder that cannot be made is told", async () => {
    const file = join(temporaryFolder(), "file");
    writeFileSync(file, "");
    const vault = new SqlVault(join(file, "desktop"), { kdfCost: CHEAP_COST });
    await expect(vault.create(SECRETS.passphrase)).rejects.toThrow(file);
  });
});

async function readText(path: string): Promise<string> {
  const { readFile } = await import("node:fs/promises");
  return readFile(path, "utf8");
}
