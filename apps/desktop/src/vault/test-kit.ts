import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeKeyFile, type KeyFile, readKeyFile } from "@bitfleet/node/wallets/storage/key-file.ts";
import {
  loadSqlLibrary,
  SqlDatabase,
  type SqlRow,
  type SqlValue,
} from "@bitfleet/node/wallets/storage/sql-database.ts";
import { type Damage, PASSPHRASE, type VaultPlace } from "@bitfleet/vault/conformance-kit.ts";
import type { Migration } from "@bitfleet/vault/migrations.ts";
import { COLLECTIONS } from "@bitfleet/vault/vault.ts";
import { onTestFinished } from "vitest";
import { SqlVault } from "./sql-vault.ts";
import { vaultFiles } from "./vault-files.ts";
import { openKeys } from "./vault-keys.ts";

/** A guess that costs next to nothing. */
export const CHEAP_COST = { n: 16, r: 1, p: 1 } as const;

/** A folder that is removed with the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "bitfleet-vault-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A vault of the folder whose passphrases cost nothing; locked with the test. */
export function cheapVault(folder: string, options: { readonly migrations?: readonly Migration[] } = {}): SqlVault {
  return new SqlVault(folder, { kdfCost: CHEAP_COST, ...options });
}

/** The database of a vault that nobody has open, closed after `work`. */
export async function withDatabase(folder: string, work: (database: SqlDatabase) => void, passphrase = PASSPHRASE) {
  const files = vaultFiles(folder);
  const { fileKey } = await openKeys(await readKeyFile(files.key), passphrase, files);
  const database = new SqlDatabase(files.database, fileKey, await loadSqlLibrary(files.database));
  try {
    work(database);
  } finally {
    database.abandon();
  }
}

/** A folder for vaults, and what can happen to it. */
export class SqlPlace implements VaultPlace {
  readonly folder: string;
  #remembered: readonly SqlRow[] = [];

  constructor(folder: string) {
    this.folder = folder;
  }

  vault(options: { readonly migrations?: readonly Migration[] } = {}): SqlVault {
    return cheapVault(this.folder, options);
  }

  remember(): Promise<void> {
    return withDatabase(this.folder, (database) => {
      this.#remembered = labelsOf(database);
    });
  }

  async damage(kind: Damage): Promise<void> {
    if (kind.startsWith("key")) return damageKey(kind, vaultFiles(this.folder).key);
    await withDatabase(this.folder, (database) => {
      const [[key, , value], [otherKey, , otherValue]] = labelsOf(database) as [SqlRow, SqlRow];
      const put = (at: SqlValue | undefined, bytes: SqlValue | undefined) =>
        database.statement("UPDATE labels SET value = ? WHERE key = ?").run(bytes!, at!);
      if (kind === "record-changed") put(key, changed(value as Uint8Array));
      if (kind === "record-lost") database.statement("DELETE FROM labels WHERE key = ?").run(key!);
      if (kind === "all-records-lost") for (const name of COLLECTIONS) database.exec(`DELETE FROM ${name}`);
      if (kind === "records-exchanged") {
        put(key, otherValue);
        put(otherKey, value);
      }
      if (kind === "record-old") {
        for (const row of this.#remembered) {
          database.statement("INSERT OR REPLACE INTO labels (key, changed_at, value) VALUES (?, ?, ?)").run(...row);
        }
      }
    });
  }
}

function labelsOf(database: SqlDatabase): SqlRow[] {
  return database.statement("SELECT key, changed_at, value FROM labels ORDER BY key").all();
}

async function damageKey(kind: Damage, path: string): Promise<void> {
  if (kind === "key-lost") return rmSync(path);
  const text = readFileSync(path, "utf8");
  if (kind === "key-garbled") {
    const at = text.indexOf('"sealed"') + 20;
    const digit = text[at] === "0" ? "1" : "0";
    return writeFileSync(path, text.slice(0, at) + digit + text.slice(at + 1));
  }
  if (kind === "key-too-new") {
    const { check: _, ...body } = { ...JSON.parse(text), format: 2 };
    const check = createHash("sha256").update(JSON.stringify(body)).digest("hex").slice(0, 16);
    return writeFileSync(path, JSON.stringify({ ...body, check }));
  }
  const keyFile = (await readKeyFile(path)) as KeyFile & { current: { kind: "passphrase" } };
  const { current } = keyFile;
  const absurd = { ...current, kdf: { ...current.kdf, n: 2 ** 30 } };
  writeFileSync(path, encodeKeyFile({ ...keyFile, current: absurd }));
}

export function changed(bytes: Uint8Array, offset = bytes.length >> 1): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[offset]! ^= 1;
  return copy;
}
