import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { EMPTY_CHANGE_SET } from "@bitfleet/wallet/ledger/change-set.ts";
import { base58 } from "@scure/base";
import { describe, expect, test } from "vitest";
import { systemRandom } from "../../clock.ts";
import { DescriptorRows } from "./descriptor-rows.ts";
import { type KeyFile, readKeyFile } from "./key-file.ts";
import { LibsqlLedgerStore } from "./libsql-ledger-store.ts";
import { createSchema } from "./schema.ts";
import { ScriptRows } from "./script-rows.ts";
import { SettingRows } from "./setting-rows.ts";
import { loadSqlLibrary, SqlDatabase, type SqlLibrary } from "./sql-database.ts";
import {
  bytesOf,
  createTestWallet,
  fillTestWallet,
  keyFileIn,
  keysFolderOf,
  NETWORK_MAGIC,
  openTestWallet,
  SECRET_ID,
  SECRETS,
  TOLD,
  TOLD_TEXTS,
  temporaryFolder,
} from "./test-kit.ts";
import type { WalletDatabase } from "./wallet-database.ts";

/** Every way in which bytes might stand in a file. */
function formsOf(bytes: Uint8Array): Buffer[] {
  const raw = Buffer.from(bytes);
  const texts = [toHex(bytes), toHex(bytes).toUpperCase(), base58.encode(bytes), raw.toString("base64")];
  return [
    raw,
    Buffer.from(raw).reverse(),
    ...texts.flatMap((text) => [Buffer.from(text), Buffer.from(text, "utf16le")]),
  ];
}

const TEXT_FORMS = Object.entries(TOLD_TEXTS).map(
  ([name, text]) => [name, [Buffer.from(text), Buffer.from(text, "utf16le")]] as const,
);
const PUBLIC_FORMS = [...Object.entries(TOLD).map(([name, bytes]) => [name, formsOf(bytes)] as const), ...TEXT_FORMS];
const SECRET_FORMS = Object.entries(SECRETS).map(([name, bytes]) => [name, formsOf(bytes)] as const);

/** What of it stands in which file below the folder. */
function foundIn(folder: string, forms: typeof PUBLIC_FORMS): string[] {
  const files = readdirSync(folder, { recursive: true }).map(String);
  return files.flatMap((file) => {
    const path = join(folder, file);
    if (!statSync(path).isFile()) return [];
    const bytes = readFileSync(path);
    return forms.filter(([, each]) => each.some((form) => bytes.includes(form))).map(([name]) => `${name} in ${file}`);
  });
}

function fillWithSecrets(wallet: WalletDatabase): void {
  fillTestWallet(wallet);
  wallet.vault.put("seed", SECRET_ID, SECRETS.seed);
  wallet.vault.put("key", SECRET_ID, SECRETS.key);
}

/** A closed database's pages as they are once decrypted, free ones among them. */
function decryptedPages(folder: string, { current }: KeyFile, library: SqlLibrary): Buffer {
  if (current.kind !== "file") throw new Error("the key file has no key");
  const database = new SqlDatabase(join(folder, "wallet.dat"), current.fileKey, library);
  try {
    return Buffer.concat(
      database
        .statement("SELECT data FROM sqlite_dbpage")
        .all()
        .map(([page]) => page as Uint8Array),
    );
  } finally {
    database.close();
  }
}

describe("what can be read from a wallet's files", () => {
  test("the search finds it all in a database that is not encrypted", async () => {
    const folder = temporaryFolder();
    const Library = await loadSqlLibrary(folder);
    class Plain extends (Library as new (path: string) => { exec(sql: string): void }) {
      override exec(sql: string): void {
        if (!sql.includes("hexkey")) super.exec(sql);
      }
    }
    const database = new SqlDatabase(join(folder, "plain.dat"), bytesOf(1), Plain as SqlLibrary);
    const walletId = bytesOf(2, 16);
    const records = createSchema(database, { networkMagic: NETWORK_MAGIC, walletId }, systemRandom);
    const [settings, scripts] = [new SettingRows(database, records), new ScriptRows(database, records)];
    const ledger = new LibsqlLedgerStore(database, records, settings, scripts);
    fillTestWallet({ ledger, settings, descriptors: new DescriptorRows(database, records, scripts) });
    const inLog = foundIn(folder, PUBLIC_FORMS);
    database.close();
    expect(inLog).toEqual(PUBLIC_FORMS.map(([name]) => `${name} in plain.dat-wal`));
    expect(foundIn(folder, PUBLIC_FORMS)).toEqual(PUBLIC_FORMS.map(([name]) => `${name} in plain.dat`));
  });

  for (const passphrase of [undefined, "secrets", "file"] as const) {
    test(`nothing, open or closed, in a backup or not: passphrase for ${passphrase ?? "nothing"}`, async () => {
      const folder = temporaryFolder();
      const wallet = await createTestWallet(join(folder, "w"));
      fillWithSecrets(wallet);
      const everything = [...PUBLIC_FORMS, ...SECRET_FORMS];
      expect(readdirSync(wallet.folder).sort()).toEqual([".keys", "wallet.dat", "wallet.dat-wal"]);
      expect(foundIn(folder, everything)).toEqual([]);
      if (passphrase !== undefined) await wallet.encrypt("a passphrase of five words", passphrase);
      await wallet.backup(join(folder, "backup"));
      wallet.ledger.apply({
        ...EMPTY_CHANGE_SET,
        addressBook: [{ script: TOLD.script, label: "new", purpose: "send", isUsed: true }],
      });
      const words: typeof PUBLIC_FORMS = [["passphrase", [Buffer.from("a passphrase of five words")]]];
      expect(foundIn(folder, [...everything, ...words])).toEqual([]);
      await wallet.close();
      expect(readdirSync(wallet.folder).sort()).toEqual([".keys", "wallet.dat"]);
      expect(foundIn(folder, [...everything, ...words])).toEqual([]);
    });
  }

  test("only the owner may read the files", async () => {
    const folder = temporaryFolder();
    const wallet = await createTestWallet(join(folder, "w"));
    fillWithSecrets(wallet);
    await wallet.backup(join(folder, "backup"));
    const modes = (name: string) => statSync(join(folder, name)).mode & 0o777;
    const key = relative(folder, keyFileIn(join(folder, "w/.keys")));
    const files = ["w/wallet.dat", "w/wallet.dat-wal", key, "backup"];
    expect(files.map(modes)).toEqual([0o600, 0o600, 0o600, 0o600]);
    expect([modes("w"), modes("w/.keys")]).toEqual([0o700, 0o700]);
    await wallet.encrypt("passphrase");
    expect(modes("w/wallet.dat")).toBe(0o600);
  });

  test("who has the key of the file reads everything but secrets, once there is a passphrase", async () => {
    const folder = temporaryFolder();
    const library = await loadSqlLibrary(folder);
    const wallet = await createTestWallet(folder);
    fillWithSecrets(wallet);
    const master = Buffer.from(wallet.vault.openMaster());
    await wallet.close();
    // While there is none, the master key is there: so the search would find it.
    const before = decryptedPages(folder, await readKeyFile(keyFileIn(keysFolderOf(folder))), library);
    expect(before.includes(master)).toBe(true);
    const again = await openTestWallet(folder);
    await again.encrypt("passphrase");
    await again.close();
    const keyFile = await readKeyFile(keyFileIn(keysFolderOf(folder)));
    const pages = decryptedPages(folder, keyFile, library);
    expect(pages.includes(Buffer.from(TOLD_TEXTS.label))).toBe(true);
    expect(pages.includes(master)).toBe(false);
    for (const secret of Object.values(SECRETS)) expect(pages.includes(Buffer.from(secret))).toBe(false);
  });
});
