import { rm } from "node:fs/promises";
import { SystemClock, systemRandom } from "@bitfleet/node/clock.ts";
import { newPassphraseKey } from "@bitfleet/node/wallets/storage/change-passphrase.ts";
import {
  type KeyFile,
  readKeyFile,
  syncFolder,
  WALLET_ID_SIZE,
  writeKeyFile,
} from "@bitfleet/node/wallets/storage/key-file.ts";
import { sealHolder } from "@bitfleet/node/wallets/storage/open-key.ts";
import type { KdfCost } from "@bitfleet/node/wallets/storage/passphrase-key.ts";
import { createEmpty, readHead, syncPath, throwIfAny } from "@bitfleet/node/wallets/storage/rebuild-database.ts";
import { clear, SEAL_KEY_SIZE } from "@bitfleet/node/wallets/storage/sealed-box.ts";
import { FILE_KEY_SIZE, loadSqlLibrary, SqlDatabase } from "@bitfleet/node/wallets/storage/sql-database.ts";
import { isDatabaseOpen } from "@bitfleet/node/wallets/storage/wallet-file-lock.ts";
import { isFile, moveToFreeName, setLogAside } from "@bitfleet/node/wallets/storage/wallet-files.ts";
import { WalletStorageError } from "@bitfleet/node/wallets/storage/wallet-storage-error.ts";
import { checkNewPassphrase, checkPassphrase } from "@bitfleet/vault/check-input.ts";
import { Lane } from "@bitfleet/vault/lane.ts";
import { MIGRATIONS, type Migration, schemaVersion } from "@bitfleet/vault/migrations.ts";
import { DEFAULT_COST, normalPassphrase } from "@bitfleet/vault/passphrase-key.ts";
import type { RecordText } from "@bitfleet/vault/record-tables.ts";
import { type OpenVault, type Salvaged, type Vault, VaultError, type VaultState } from "@bitfleet/vault/vault.ts";
import { readBackupTables, writeBackup } from "@bitfleet/vault/vault-backup.ts";
import {
  absentError,
  existsError,
  inUseError,
  replacementNews,
  wrongPassphraseError,
} from "@bitfleet/vault/vault-sentences.ts";
import { closeDatabase, dropDatabase, type HeldDatabase, openDatabase, salvageDatabase } from "./open-database.ts";
import { OpenSqlVault } from "./open-sql-vault.ts";
import { damagedFileError, movedError, vaultErrorFor } from "./vault-faults.ts";
import {
  keepToOwner,
  nameFilesAside,
  prepareFolder,
  refuseOpenFolder,
  removeFiles,
  setFilesAside,
  settleFiles,
  type VaultFiles,
  vaultFiles,
} from "./vault-files.ts";
import { nativeDeriveKey, openKeys, type SqlVaultDependencies, type VaultKeys } from "./vault-keys.ts";
import { commitReplacement, finishReplacement, isOfKey, journalsOf, removeReplacement } from "./vault-replacement.ts";
import { VaultTables } from "./vault-tables.ts";

export interface SqlVaultOptions {
  readonly migrations?: readonly Migration[] | undefined;
  /** Of a guess, for new passphrases, instead of what is measured to be right for this machine. */
  readonly kdfCost?: KdfCost | undefined;
}

/** A database that was made, closed, and how it is opened. */
interface NewVault extends VaultKeys {
  readonly keyFile: KeyFile;
}

const DEPENDENCIES: SqlVaultDependencies = { random: systemRandom, clock: new SystemClock() };

/**
 * A vault in a folder: `vault.db`, encrypted as a whole by a random key of its own, and `vault.key`, which has that key sealed by the
 * passphrase. While it is open nobody else opens it, and the system gives it free however the process ends.
 */
export class SqlVault implements Vault {
  readonly files: VaultFiles;
  readonly #migrations: readonly Migration[];
  readonly #kdfCost: KdfCost | undefined;
  readonly #deps: SqlVaultDependencies;
  readonly #lane = new Lane();
  #open: OpenSqlVault | undefined;
  /** Locked on a full disk, or while its file was elsewhere. */
  #unclosed: HeldDatabase | undefined;
  #problem: string | undefined;
  /** What became of a replacement that an earlier process had begun, until something is opened. */
  #replacement: "finished" | "forgotten" | undefined;
  /** Its files were gone when it was locked: that there are none is no news then, and no beginning. */
  #isMoved = false;

  constructor(folder: string, options: SqlVaultOptions = {}, dependencies: SqlVaultDependencies = DEPENDENCIES) {
    this.files = vaultFiles(folder);
    this.#migrations = options.migrations ?? MIGRATIONS;
    this.#kdfCost = options.kdfCost;
    this.#deps = dependencies;
  }

  state(): Promise<VaultState> {
    return this.#inTurn(async () => {
      if (this.#open !== undefined) return { kind: "open" };
      if (this.#problem !== undefined) return { kind: "damaged", problem: this.#problem };
      return this.#state();
    });
  }

  create(passphrase: string): Promise<OpenVault> {
    return this.#inTurn(async () => {
      checkNewPassphrase(passphrase);
      await this.#refuseExisting();
      return this.#make(passphrase, []);
    });
  }

  restore(backup: Uint8Array, backupPassphrase: string, passphrase: string): Promise<OpenVault> {
    return this.#inTurn(async () => {
      checkNewPassphrase(passphrase);
      checkPassphrase(backupPassphrase);
      await this.#refuseExisting();
      return this.#make(passphrase, await this.#recordsOf(backup, backupPassphrase));
    });
  }

  replace(backup: Uint8Array, backupPassphrase: string, passphrase: string): Promise<OpenVault> {
    return this.#inTurn(async () => {
      checkNewPassphrase(passphrase);
      checkPassphrase(backupPassphrase);
      const records = await this.#recordsOf(backup, backupPassphrase);
      const state = this.#open === undefined ? await this.#state() : undefined;
      if (state?.kind === "absent") return this.#make(passphrase, records);
      const isDamaged = this.#problem !== undefined || state?.kind === "damaged";
      return this.#replace(passphrase, records, isDamaged);
    });
  }

  unlock(passphrase: string): Promise<OpenVault> {
    return this.#inTurn(async () => {
      checkPassphrase(passphrase);
      if (this.#open !== undefined) {
        if (!(await this.#open.isPassphrase(passphrase))) throw wrongPassphraseError();
        await this.#open.lock();
      }
      return this.#unlock(passphrase);
    });
  }

  destroy(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#open?.lock();
      const unclosed = this.#takeUnclosed();
      if (unclosed !== undefined) dropDatabase(unclosed);
      this.#isMoved = false;
      if (!isFile(this.files.key) && !isFile(this.files.database)) return;
      if (this.#problem === undefined && (await this.#state()).kind !== "damaged") {
        // SQLite may still have the one that could not be closed, and it is ours.
        if (unclosed === undefined) await this.#refuseOpenElsewhere();
        await removeFiles(this.files);
      } else {
        await setFilesAside(this.files, new Date(this.#deps.clock.nowMs()));
      }
      this.#problem = undefined;
    });
  }

  salvage(passphrase: string): Promise<Salvaged> {
    return this.#inTurn(async () => {
      checkPassphrase(passphrase);
      await this.#open?.lock();
      const state = await this.#state();
      if (state.kind === "absent") throw absentError();
      if (state.kind === "damaged") throw new VaultError("damaged", state.problem);
      const keys = await openKeys(await readKeyFile(this.files.key), passphrase, this.files);
      try {
        const found = await salvageDatabase(
          this.files,
          keys,
          schemaVersion(this.#migrations),
          this.#deps,
          this.#takeUnclosed(),
        );
        const backup = { ...found, madeAt: new Date(this.#deps.clock.nowMs()) };
        const work = { deriveKey: nativeDeriveKey };
        return { backup: await writeBackup(backup, passphrase, this.#kdfCost ?? DEFAULT_COST, work), lost: found.lost };
      } finally {
        clear(keys.fileKey, keys.wrapKey);
      }
    });
  }

  async #inTurn<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    try {
      return await this.#lane.run(work);
    } catch (error) {
      throw vaultErrorFor(error, this.files);
    }
  }

  async #state(): Promise<VaultState> {
    const { files } = this;
    refuseOpenFolder(files.folder);
    this.#replacement = (await settleFiles(files)) ?? this.#replacement;
    const [hasKey, hasDatabase] = [isFile(files.key), isFile(files.database)];
    if (!hasKey && !hasDatabase && this.#isMoved) throw movedError(files.database);
    if (!hasKey && !hasDatabase) return { kind: "absent" };
    this.#isMoved = false;
    try {
      if (!hasDatabase) throw damagedFileError(files.database, "it is missing");
      await readKeyFile(files.key);
      return { kind: "locked", ...(this.#replacement && { news: replacementNews(this.#replacement) }) };
    } catch (error) {
      const told = vaultErrorFor(error, files);
      if (told instanceof VaultError && told.code === "damaged") return { kind: "damaged", problem: told.message };
      // A later program's: it says so when it is unlocked.
      if (told instanceof VaultError && told.code === "too-new") return { kind: "locked" };
      throw told;
    }
  }

  async #refuseExisting(): Promise<void> {
    if (this.#open !== undefined || (await this.#state()).kind !== "absent") throw existsError();
  }

  /** The files have their names when they are whole and on disk, the key first: a database without one would be lost. */
  async #make(passphrase: string, records: readonly RecordText[]): Promise<OpenVault> {
    const { files } = this;
    await prepareFolder(files.folder);
    await setLogAside(files.log);
    const made = await this.#newVault(files.newDatabase, passphrase, records);
    try {
      await writeKeyFile(files.key, made.keyFile);
      await moveToFreeName(files.newDatabase, files.database);
      await syncFolder(files.folder);
      return await this.#openWith(made);
    } catch (error) {
      await rm(files.newDatabase, { force: true }).catch(() => {});
      if (!isFile(files.database)) await rm(files.key, { force: true }).catch(() => {});
      throw error;
    } finally {
      clear(made.fileKey, made.wrapKey);
    }
  }

  async #replace(passphrase: string, records: readonly RecordText[], isDamaged: boolean): Promise<OpenVault> {
    const { files } = this;
    const made = await this.#newVault(files.nextDatabase, passphrase, records);
    const unclosed = this.#takeUnclosed();
    let aside: readonly string[] = [];
    try {
      // SQLite may still have the one that could not be closed, and it is ours.
      if (this.#open === undefined && unclosed === undefined && !isDamaged) await this.#refuseOpenElsewhere();
      if (isDamaged) aside = await nameFilesAside(files, new Date(this.#deps.clock.nowMs()));
      await commitReplacement(files, made.keyFile);
    } catch (error) {
      this.#unclosed = unclosed;
      for (const path of aside) await rm(path, { force: true }).catch(() => {});
      // Where they cannot be removed the next look finishes it: nothing more may be written into the old one.
      await removeReplacement(files).catch(() => this.#open?.lock());
      clear(made.fileKey, made.wrapKey);
      throw error;
    }
    try {
      await this.#open?.lock();
      for (const held of [unclosed, this.#takeUnclosed()]) if (held !== undefined) dropDatabase(held);
      this.#problem = undefined;
      await finishReplacement(files);
      return await this.#openWith(made, true);
    } finally {
      clear(made.fileKey, made.wrapKey);
    }
  }

  /** A database of its own keys, whole and on disk at `path`, and the key file that belongs to it; the keys are the caller's to clear. */
  async #newVault(path: string, passphrase: string, records: readonly RecordText[]): Promise<NewVault> {
    const { random } = this.#deps;
    const library = await loadSqlLibrary(path);
    const made = await this.#passphraseKey(passphrase);
    const [walletId, fileKey] = [random.bytes(WALLET_ID_SIZE), random.bytes(FILE_KEY_SIZE)];
    const wrapKey = random.bytes(SEAL_KEY_SIZE);
    const holder = sealHolder({ fileKey, wrapKey }, walletId, made, random);
    clear(made.key);
    try {
      for (const journal of journalsOf(path)) await rm(journal, { force: true });
      createEmpty(path);
      const database = new SqlDatabase(path, fileKey, library);
      try {
        VaultTables.create(database, wrapKey, this.#deps, schemaVersion(this.#migrations), records);
        throwIfAny(database.close());
      } finally {
        database.abandon();
      }
      syncPath(path);
      return { fileKey, wrapKey, keyFile: { walletId, current: { ...holder, head: readHead(path) } } };
    } catch (error) {
      for (const one of [path, ...journalsOf(path)]) await rm(one, { force: true }).catch(() => {});
      clear(fileKey, wrapKey);
      throw error;
    }
  }

  async #unlock(passphrase: string): Promise<OpenVault> {
    const { files } = this;
    try {
      const state = await this.#state();
      if (state.kind === "absent") throw absentError();
      if (state.kind === "damaged") throw new VaultError("damaged", state.problem);
      const keyFile = await readKeyFile(files.key);
      const keys = await openKeys(keyFile, passphrase, files);
      try {
        if (!isOfKey(files.database, keyFile)) {
          throw damagedFileError(files.database, "it is not the one that the key in vault.key is for");
        }
        return await this.#openWith(keys);
      } finally {
        clear(keys.fileKey, keys.wrapKey);
      }
    } catch (error) {
      const told = vaultErrorFor(error, files);
      if (told instanceof VaultError && told.code === "damaged") this.#problem = told.message;
      throw told;
    }
  }

  /** `isUnheard`: who asked for it does not know yet that it is there. */
  async #openWith(keys: VaultKeys, isUnheard = false): Promise<OpenVault> {
    keepToOwner(this.files);
    const opened = await openDatabase(this.files, keys, this.#migrations, this.#deps, this.#takeUnclosed());
    this.#problem = undefined;
    this.#replacement = undefined;
    const open = new OpenSqlVault(opened, this.files, this.#kdfCost, this.#deps);
    this.#open = open;
    const noteHeard = () => rm(this.files.replaced, { force: true }).catch(() => {});
    if (isUnheard) open.onUsed(noteHeard);
    else await noteHeard();
    open.onLocked(({ unclosed, isMoved }) => {
      if (this.#open === open) this.#open = undefined;
      this.#unclosed = unclosed;
      this.#isMoved = isMoved;
    });
    return open;
  }

  /** What was not closed when it was locked, where it cannot be closed now either: nobody could open it a second time. */
  #takeUnclosed(): HeldDatabase | undefined {
    const unclosed = this.#unclosed;
    this.#unclosed = undefined;
    return unclosed === undefined || closeDatabase(unclosed) ? undefined : unclosed;
  }

  async #recordsOf(backup: Uint8Array, passphrase: string): Promise<readonly RecordText[]> {
    const work = { deriveKey: nativeDeriveKey };
    return [...(await readBackupTables(backup, passphrase, this.#migrations, work)).all()];
  }

  #passphraseKey(passphrase: string) {
    const { random, clock } = this.#deps;
    return newPassphraseKey(normalPassphrase(passphrase), this.files, { random, clock, kdfCost: this.#kdfCost });
  }

  /** Opened by any key, SQLite says first whether somebody else has it. */
  async #refuseOpenElsewhere(): Promise<void> {
    const { database } = this.files;
    if (isDatabaseOpen(database)) throw inUseError();
    if (!isFile(database)) return;
    const library = await loadSqlLibrary(database);
    try {
      new SqlDatabase(database, this.#deps.random.bytes(FILE_KEY_SIZE), library).abandon();
    } catch (error) {
      if (error instanceof WalletStorageError && error.code === "in-use") throw error;
    }
  }
}
