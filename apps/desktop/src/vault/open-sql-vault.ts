import { newPassphraseKey } from "@bitfleet/node/wallets/storage/change-passphrase.ts";
import { type KeyFile, readKeyFile, writeKeyFile } from "@bitfleet/node/wallets/storage/key-file.ts";
import { sealHolder } from "@bitfleet/node/wallets/storage/open-key.ts";
import type { KdfCost } from "@bitfleet/node/wallets/storage/passphrase-key.ts";
import { clear } from "@bitfleet/node/wallets/storage/sealed-box.ts";
import { WalletStorageError } from "@bitfleet/node/wallets/storage/wallet-storage-error.ts";
import {
  checkChanges,
  checkNewPassphrase,
  checkPassphrase,
  checkPlace,
  checkPrefix,
} from "@bitfleet/vault/check-input.ts";
import { Lane } from "@bitfleet/vault/lane.ts";
import { DEFAULT_COST, normalPassphrase } from "@bitfleet/vault/passphrase-key.ts";
import type { Collection, OpenVault, RecordValue, VaultChange, VaultRecord } from "@bitfleet/vault/vault.ts";
import { writeBackup } from "@bitfleet/vault/vault-backup.ts";
import { lockedError } from "@bitfleet/vault/vault-sentences.ts";
import { closeDatabase, type HeldDatabase, type OpenedDatabase } from "./open-database.ts";
import { movedError, vaultErrorFor } from "./vault-faults.ts";
import type { VaultFiles } from "./vault-files.ts";
import { nativeDeriveKey, openKeys, type SqlVaultDependencies } from "./vault-keys.ts";

/** `unclosed`: the database, where that could not be closed yet. `isMoved`: its file is no longer where it was. */
type LockedListener = (left: { readonly unclosed: HeldDatabase | undefined; readonly isMoved: boolean }) => void;

/** An unlocked vault of a folder. SQLite is synchronous: what is asked is done at once. */
export class OpenSqlVault implements OpenVault {
  readonly #files: VaultFiles;
  readonly #kdfCost: KdfCost | undefined;
  readonly #deps: SqlVaultDependencies;
  readonly #lane = new Lane();
  #opened: OpenedDatabase | undefined;
  #locked: LockedListener = () => {};
  #used: (() => Promise<void>) | undefined;

  constructor(opened: OpenedDatabase, files: VaultFiles, kdfCost: KdfCost | undefined, deps: SqlVaultDependencies) {
    this.#opened = opened;
    this.#files = files;
    this.#kdfCost = kdfCost;
    this.#deps = deps;
  }

  /** Called once, when it is locked. */
  onLocked(listener: LockedListener): void {
    this.#locked = listener;
  }

  /** Called once, before the first answer that it gives: whoever asks knows that it is there. */
  onUsed(listener: () => Promise<void>): void {
    this.#used = listener;
  }

  get(collection: Collection, key: string): Promise<RecordValue | undefined> {
    return this.#told(() => {
      checkPlace(collection, key);
      return this.#open().tables.get(collection, key);
    });
  }

  list(collection: Collection, prefix = ""): Promise<readonly VaultRecord[]> {
    return this.#told(() => {
      checkPrefix(collection, prefix);
      return this.#open().tables.list(collection, prefix);
    });
  }

  write(changes: readonly VaultChange[]): Promise<void> {
    return this.#told(() => {
      const checked = checkChanges(changes);
      const { database, tables, lock } = this.#open();
      if (checked.length === 0) return;
      try {
        database.transaction(() => {
          tables.apply(checked);
          // Into a file that was moved or removed everything can be written, and nothing of it is found again.
          if (!lock.isInPlace) throw movedError(database.path);
        });
      } catch (error) {
        // Where not even that can be read nothing is known of the file any more.
        try {
          if (!lock.isInPlace) throw error;
          tables.reread();
        } catch {
          void this.lock();
        }
        throw error;
      }
    });
  }

  isPassphrase(passphrase: string): Promise<boolean> {
    return this.#inTurn(async () => {
      checkPassphrase(passphrase);
      this.#open();
      const isRight = await this.#opens(await readKeyFile(this.#files.key), passphrase);
      this.#open();
      return isRight;
    });
  }

  changePassphrase(current: string, next: string): Promise<void> {
    return this.#inTurn(async () => {
      checkPassphrase(current);
      checkNewPassphrase(next);
      this.#inPlace();
      const keyFile = await readKeyFile(this.#files.key);
      const keys = await openKeys(keyFile, current, this.#files);
      try {
        const { random, clock } = this.#deps;
        const deps = { random, clock, kdfCost: this.#kdfCost };
        const made = await newPassphraseKey(normalPassphrase(next), this.#files, deps);
        const { head } = keyFile.current;
        const holder = { ...sealHolder(keys, keyFile.walletId, made, random), ...(head && { head }) };
        clear(made.key);
        this.#inPlace();
        // One file takes the place of another: whatever happens, one of the two is there.
        await writeKeyFile(this.#files.key, { walletId: keyFile.walletId, current: holder });
      } finally {
        clear(keys.fileKey, keys.wrapKey);
      }
    });
  }

  backup(passphrase: string): Promise<Uint8Array> {
    return this.#inTurn(async () => {
      checkNewPassphrase(passphrase);
      const { tables } = this.#open();
      const backup = { schema: tables.schema(), madeAt: new Date(this.#deps.clock.nowMs()), records: tables.all() };
      // The usual work, not this machine's: a telephone's browser restores it too.
      return writeBackup(backup, passphrase, this.#kdfCost ?? DEFAULT_COST, { deriveKey: nativeDeriveKey });
    });
  }

  async lock(): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    if (opened !== undefined) {
      opened.tables.forget();
      const isMoved = !opened.lock.isInPlace;
      // A moved one may come back, and could not be opened a second time then: it is closed when that is seen.
      this.#locked({ unclosed: isMoved || !closeDatabase(opened) ? opened : undefined, isMoved });
    }
    // A new passphrase that is being written would take the key's place in whatever comes next.
    await this.#lane.idle();
  }

  async #opens(keyFile: KeyFile, passphrase: string): Promise<boolean> {
    try {
      const keys = await openKeys(keyFile, passphrase, this.#files);
      clear(keys.fileKey, keys.wrapKey);
      return true;
    } catch (error) {
      if (error instanceof WalletStorageError && error.code === "wrong-passphrase") return false;
      throw error;
    }
  }

  async #told<Answer>(work: () => Answer | Promise<Answer>): Promise<Answer> {
    const used = this.#used;
    this.#used = undefined;
    try {
      await used?.();
      return await work();
    } catch (error) {
      throw vaultErrorFor(error, this.#files);
    }
  }

  #inTurn<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    return this.#told(() => this.#lane.run(work));
  }

  /** What is read and written by name would be another vault's. */
  #inPlace(): void {
    if (!this.#open().lock.isInPlace) throw movedError(this.#files.database);
  }

  #open(): OpenedDatabase {
    if (this.#opened === undefined) throw lockedError();
    return this.#opened;
  }
}
