import { loadRecords, newRecords, salvageRecords, storedState } from "./browser-records.ts";
import { BrowserStore, unsupportedError } from "./browser-store.ts";
import { checkNewPassphrase, checkPassphrase } from "./check-input.ts";
import { Lane } from "./lane.ts";
import { MIGRATIONS, type Migration, schemaVersion } from "./migrations.ts";
import { KEY_PURPOSE, OpenBrowserVault } from "./open-browser-vault.ts";
import { takePageLock } from "./page-lock.ts";
import { DEFAULT_COST, type DeriveKey, deriveKey, type KdfCost, KEY_SIZE } from "./passphrase-key.ts";
import { RecordTables } from "./record-tables.ts";
import { decodeSealedKey, encodeSealedKey, openKey, type PassphraseWork, sealKey } from "./sealed-key.ts";
import { type RowKeys, rowKeys } from "./sealed-rows.ts";
import { type OpenVault, type Salvaged, type Vault, VaultError, type VaultState } from "./vault.ts";
import { readBackupTables, writeBackup } from "./vault-backup.ts";
import { absentError, damagedError, existsError, tooNewError, wrongPassphraseError } from "./vault-sentences.ts";

export interface BrowserVaultOptions {
  /** Of the database: two vaults of one origin have different names. */
  readonly name?: string | undefined;
  /** Of a guess, for new passphrases. */
  readonly cost?: KdfCost | undefined;
  readonly migrations?: readonly Migration[] | undefined;
  /** Told how much of a passphrase's work is done, from 0 to 1. */
  readonly onProgress?: ((share: number) => void) | undefined;
}

export interface BrowserVaultDependencies {
  readonly deriveKey: DeriveKey;
}

/**
 * A vault in this browser's IndexedDB. A random master key is sealed by the passphrase; rows are sealed with AES-256-GCM by keys that come from
 * it, bound to their places, and stand under ids that are HMACs: what is stored says how many records there are and about how long
 * they are, and nothing else. Open records are in memory; a write is one transaction on disk. One page has it open: a lock of the browser's,
 * which a crash gives back, keeps others out, and a write finds what the last one left or writes nothing.
 */
export class BrowserVault implements Vault {
  readonly #name: string;
  readonly #cost: KdfCost;
  readonly #migrations: readonly Migration[];
  readonly #work: PassphraseWork;
  readonly #lane = new Lane();
  #open: OpenBrowserVault | undefined;
  /** A lock that was called and has not been awaited: the next opening does. */
  #ending: Promise<void> = Promise.resolve();
  /** Found when it was unlocked: only then rows can be looked at. */
  #problem: string | undefined;

  constructor(options: BrowserVaultOptions = {}, dependencies: BrowserVaultDependencies = { deriveKey }) {
    this.#name = options.name ?? "bitfleet-vault";
    this.#cost = options.cost ?? DEFAULT_COST;
    this.#migrations = options.migrations ?? MIGRATIONS;
    this.#work = { ...dependencies, onProgress: options.onProgress };
  }

  async state(): Promise<VaultState> {
    return this.#lane.run(async () => {
      if (this.#open !== undefined) return { kind: "open" };
      if (this.#problem !== undefined) return { kind: "damaged", problem: this.#problem };
      return this.#withStore(stateOf);
    });
  }

  create(passphrase: string): Promise<OpenVault> {
    return this.#lane.run(async () => {
      checkNewPassphrase(passphrase);
      return this.#make(passphrase, async () => new RecordTables());
    });
  }

  restore(backup: Uint8Array, backupPassphrase: string, passphrase: string): Promise<OpenVault> {
    return this.#lane.run(async () => {
      checkNewPassphrase(passphrase);
      checkPassphrase(backupPassphrase);
      return this.#make(passphrase, () => readBackupTables(backup, backupPassphrase, this.#migrations, this.#work));
    });
  }

  replace(backup: Uint8Array, backupPassphrase: string, passphrase: string): Promise<OpenVault> {
    return this.#lane.run(async () => {
      checkNewPassphrase(passphrase);
      checkPassphrase(backupPassphrase);
      checkPage();
      const tables = await readBackupTables(backup, backupPassphrase, this.#migrations, this.#work);
      const write = await this.#newVault(passphrase, tables);
      const before = this.#open;
      if (before === undefined) return this.#opened(await this.#withLock(write));
      const { next, isLeft } = await before.giveWay(write);
      this.#opened(next);
      if (isLeft) await next.lock();
      return next;
    });
  }

  unlock(passphrase: string): Promise<OpenVault> {
    return this.#lane.run(async () => {
      checkPassphrase(passphrase);
      if (this.#open !== undefined) {
        if (!(await this.#open.isPassphrase(passphrase))) throw wrongPassphraseError();
        await this.#open.lock();
      }
      return this.#withLock((store, release) => this.#unlock(store, release, passphrase));
    });
  }

  destroy(): Promise<void> {
    return this.#lane.run(async () => {
      await this.#open?.lock();
      await this.#ending;
      const release = await takePageLock(this.#name);
      try {
        await BrowserStore.remove(this.#name);
        this.#problem = undefined;
      } finally {
        await release();
      }
    });
  }

  salvage(passphrase: string): Promise<Salvaged> {
    return this.#lane.run(async () => {
      checkPassphrase(passphrase);
      await this.#open?.lock();
      return this.#withLock(async (store, release) => {
        const keys = await this.#keysOf(store, passphrase);
        const found = await salvageRecords(store, keys, schemaVersion(this.#migrations));
        const backup = await writeBackup({ ...found, madeAt: new Date() }, passphrase, this.#cost, this.#work);
        store.close();
        await release();
        return { backup, lost: found.lost };
      });
    });
  }

  async #make(passphrase: string, tablesOf: () => Promise<RecordTables>): Promise<OpenVault> {
    if (this.#open !== undefined) throw existsError();
    return this.#withLock(async (store, release) => {
      const state = await stateOf(store);
      if (state.kind !== "absent") throw existsError();
      const write = await this.#newVault(passphrase, await tablesOf());
      return this.#opened(await write(store, release));
    });
  }

  /** How a vault of its own key with these records is put in the place of what is stored. */
  async #newVault(passphrase: string, tables: RecordTables) {
    const master = crypto.getRandomValues(new Uint8Array(KEY_SIZE));
    const sealedKey = encodeSealedKey(await sealKey(master, passphrase, KEY_PURPOSE, this.#cost, this.#work));
    const keys = await rowKeys(master);
    master.fill(0);
    const schema = schemaVersion(this.#migrations);
    return async (store: BrowserStore, release: () => Promise<void>) => {
      const before = await storedState(store);
      const records = await newRecords(store, keys, schema, sealedKey, [...tables.all()], before);
      void isKeptByBrowser();
      return new OpenBrowserVault(records, this.#cost, this.#work, release);
    };
  }

  async #unlock(store: BrowserStore, release: () => Promise<void>, passphrase: string): Promise<OpenVault> {
    try {
      const keys = await this.#keysOf(store, passphrase);
      const records = await loadRecords(store, keys, this.#migrations);
      void keepWhereAllowed();
      return this.#opened(new OpenBrowserVault(records, this.#cost, this.#work, release));
    } catch (error) {
      if (error instanceof VaultError && error.code === "damaged") this.#problem = error.message;
      throw error;
    }
  }

  /** Rejects with `wrong-passphrase`, `damaged` or `too-new`. */
  async #keysOf(store: BrowserStore, passphrase: string): Promise<RowKeys> {
    const state = await stateOf(store);
    if (state.kind === "absent") throw absentError();
    if (state.kind === "damaged") throw new VaultError("damaged", state.problem);
    const sealedKey = decodeSealedKey((await store.single("key"))!);
    if (sealedKey === "too-new") throw tooNewError("What is kept in this browser");
    if (sealedKey === "damaged") throw new VaultError("damaged", GARBLED_KEY.problem);
    const master = await openKey(sealedKey, passphrase, KEY_PURPOSE, this.#work);
    if (master === undefined) throw wrongPassphraseError();
    const keys = await rowKeys(master);
    master.fill(0);
    return keys;
  }

  #opened(open: OpenBrowserVault): OpenVault {
    this.#open = open;
    this.#problem = undefined;
    open.onLocked((ending) => {
      if (this.#open === open) this.#open = undefined;
      this.#ending = ending;
    });
    return open;
  }

  /** Does something while no other page may; what opens the vault keeps lock and store. */
  async #withLock<Answer>(
    work: (store: BrowserStore, release: () => Promise<void>) => Promise<Answer>,
  ): Promise<Answer> {
    checkPage();
    await this.#ending;
    const release = await takePageLock(this.#name);
    let store: BrowserStore | undefined;
    try {
      store = await BrowserStore.open(this.#name);
      return await work(store, release);
    } catch (error) {
      store?.close();
      await release();
      throw error;
    }
  }

  async #withStore<Answer>(work: (store: BrowserStore) => Promise<Answer>): Promise<Answer> {
    checkPage();
    const store = await BrowserStore.open(this.#name);
    try {
      return await work(store);
    } finally {
      store.close();
    }
  }
}

/**
 * Asks the browser to keep what this page stores also where the disk gets full, and answers whether it does. Chromium agrees where the app is
 * installed or much used. Where it does not, everything may be gone one day: so there should be a backup.
 */
export async function isKeptByBrowser(): Promise<boolean> {
  try {
    return await navigator.storage.persist();
  } catch {
    return false;
  }
}

/** As {@link isKeptByBrowser}, where the browser asks nobody: it may agree by now, since the app was installed. */
async function keepWhereAllowed(): Promise<void> {
  try {
    const { state } = await navigator.permissions.query({ name: "persistent-storage" });
    if (state === "granted") await isKeptByBrowser();
  } catch {
    // A browser that knows no such permission was asked when the vault was made.
  }
}

const GARBLED_KEY: VaultState & { kind: "damaged" } = {
  kind: "damaged",
  problem: damagedError("The record that has the key of all others in this browser is damaged").message,
};
const LOST_KEY: VaultState = {
  kind: "damaged",
  problem: damagedError("The record that has the key of all others in this browser is missing").message,
};

async function stateOf(store: BrowserStore): Promise<VaultState> {
  const key = await store.single("key");
  if (key !== undefined) return decodeSealedKey(key) === "damaged" ? GARBLED_KEY : { kind: "locked" };
  const isEmpty = (await store.single("tally")) === undefined && (await store.countRows()) === 0;
  return isEmpty ? { kind: "absent" } : LOST_KEY;
}

/** Browsers encrypt only for pages that nobody could have changed on the way. */
function checkPage(): void {
  if (typeof indexedDB === "undefined") throw unsupportedError("it has no database for pages (IndexedDB)");
  if (globalThis.crypto?.subtle === undefined) {
    throw unsupportedError(
      "it encrypts only for pages that come by https:// or from http://localhost; open this page so",
    );
  }
}
