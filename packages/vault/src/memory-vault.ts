import { checkChanges, checkNewPassphrase, checkPassphrase, checkPlace, checkPrefix } from "./check-input.ts";
import { MIGRATIONS, type Migration, migrate, schemaVersion } from "./migrations.ts";
import { DEFAULT_COST, deriveKey, type KdfCost, normalPassphrase } from "./passphrase-key.ts";
import { RecordTables } from "./record-tables.ts";
import type { Collection, OpenVault, RecordValue, Vault, VaultChange, VaultRecord, VaultState } from "./vault.ts";
import { readBackupTables, writeBackup } from "./vault-backup.ts";
import { absentError, existsError, inUseError, lockedError, wrongPassphraseError } from "./vault-sentences.ts";

export interface MemoryVaultOptions {
  /** Of its backups. */
  readonly cost?: KdfCost | undefined;
  readonly migrations?: readonly Migration[] | undefined;
}

/** What stays while vaults of it come and go. */
export class MemoryPlace {
  kept: { passphrase: string; readonly tables: RecordTables; schema: number } | undefined;
  openedBy: MemoryVault | undefined;
}

/** A vault that is gone with the process and encrypts nothing but its backups: for tests, and for those who want nothing kept. */
export class MemoryVault implements Vault {
  readonly #place: MemoryPlace;
  readonly #cost: KdfCost;
  readonly #migrations: readonly Migration[];
  #open: OpenMemoryVault | undefined;

  constructor({ cost = DEFAULT_COST, migrations = MIGRATIONS }: MemoryVaultOptions = {}, place = new MemoryPlace()) {
    this.#cost = cost;
    this.#migrations = migrations;
    this.#place = place;
  }

  async state(): Promise<VaultState> {
    if (this.#place.kept === undefined) return { kind: "absent" };
    return { kind: this.#open === undefined ? "locked" : "open" };
  }

  async create(passphrase: string): Promise<OpenVault> {
    checkNewPassphrase(passphrase);
    if (this.#place.kept !== undefined) throw existsError();
    return this.#make(passphrase, new RecordTables());
  }

  async unlock(passphrase: string): Promise<OpenVault> {
    checkPassphrase(passphrase);
    const { kept, openedBy } = this.#place;
    if (kept === undefined) throw absentError();
    if (openedBy !== undefined && openedBy !== this) throw inUseError();
    if (kept.passphrase !== normalPassphrase(passphrase)) throw wrongPassphraseError();
    const tables = kept.tables.copy();
    migrate(kept.schema, this.#migrations, tables, (changes) => tables.apply(changes));
    this.#place.kept = { ...kept, tables, schema: schemaVersion(this.#migrations) };
    return this.#opened();
  }

  async restore(backup: Uint8Array, backupPassphrase: string, passphrase: string): Promise<OpenVault> {
    checkNewPassphrase(passphrase);
    checkPassphrase(backupPassphrase);
    if (this.#place.kept !== undefined) throw existsError();
    return this.#make(passphrase, await readBackupTables(backup, backupPassphrase, this.#migrations, { deriveKey }));
  }

  async replace(backup: Uint8Array, backupPassphrase: string, passphrase: string): Promise<OpenVault> {
    checkNewPassphrase(passphrase);
    checkPassphrase(backupPassphrase);
    const tables = await readBackupTables(backup, backupPassphrase, this.#migrations, { deriveKey });
    await this.destroy();
    return this.#make(passphrase, tables);
  }

  async destroy(): Promise<void> {
    const { openedBy } = this.#place;
    if (openedBy !== undefined && openedBy !== this) throw inUseError();
    await this.#open?.lock();
    this.#place.kept = undefined;
  }

  #make(passphrase: string, tables: RecordTables): OpenVault {
    if (this.#place.kept !== undefined) throw existsError();
    this.#place.kept = { passphrase: normalPassphrase(passphrase), tables, schema: schemaVersion(this.#migrations) };
    return this.#opened();
  }

  #opened(): OpenVault {
    void this.#open?.lock();
    this.#place.openedBy = this;
    const open = new OpenMemoryVault(this.#place, this.#cost, () => {
      if (this.#open === open) this.#open = this.#place.openedBy = undefined;
    });
    this.#open = open;
    return open;
  }
}

class OpenMemoryVault implements OpenVault {
  #place: MemoryPlace | undefined;
  readonly #cost: KdfCost;
  readonly #locked: () => void;

  constructor(place: MemoryPlace, cost: KdfCost, locked: () => void) {
    this.#place = place;
    this.#cost = cost;
    this.#locked = locked;
  }

  async get(collection: Collection, key: string): Promise<RecordValue | undefined> {
    checkPlace(collection, key);
    return this.#kept().tables.get(collection, key);
  }

  async list(collection: Collection, prefix = ""): Promise<readonly VaultRecord[]> {
    checkPrefix(collection, prefix);
    return this.#kept().tables.list(collection, prefix);
  }

  async write(changes: readonly VaultChange[]): Promise<void> {
    this.#kept().tables.apply(checkChanges(changes));
  }

  async changePassphrase(current: string, next: string): Promise<void> {
    checkNewPassphrase(next);
    if (!(await this.isPassphrase(current))) throw wrongPassphraseError();
    this.#kept().passphrase = normalPassphrase(next);
  }

  async isPassphrase(passphrase: string): Promise<boolean> {
    checkPassphrase(passphrase);
    return this.#kept().passphrase === normalPassphrase(passphrase);
  }

  async backup(passphrase: string): Promise<Uint8Array> {
    checkNewPassphrase(passphrase);
    const { tables, schema } = this.#kept();
    return writeBackup({ schema, madeAt: new Date(), records: [...tables.all()] }, passphrase, this.#cost, {
      deriveKey,
    });
  }

  async lock(): Promise<void> {
    if (this.#place === undefined) return;
    this.#place = undefined;
    this.#locked();
  }

  #kept() {
    const kept = this.#place?.kept;
    if (kept === undefined) throw lockedError();
    return kept;
  }
}
