import type { LedgerStore } from "@bitfleet/wallet/ledger/ledger-store.ts";
import { writeBackup } from "./backup.ts";
import {
  changePassphrase,
  encryptDatabase,
  type PassphraseDependencies,
  type PassphraseScope,
} from "./change-passphrase.ts";
import { DescriptorRows } from "./descriptor-rows.ts";
import { GroupSync } from "./group-sync.ts";
import { checkIntegrity, type IntegrityReport } from "./integrity.ts";
import type { KeyFile } from "./key-file.ts";
import { LibsqlLedgerStore } from "./libsql-ledger-store.ts";
import { openHolder } from "./open-key.ts";
import type { Passphrase } from "./passphrase-key.ts";
import type { DatabaseFiles } from "./rebuild-database.ts";
import type { RecordCheck } from "./record-check.ts";
import type { DatabaseIdentity } from "./schema.ts";
import { ScriptRows } from "./script-rows.ts";
import { clear } from "./sealed-box.ts";
import { SecretRows } from "./secret-rows.ts";
import { SettingRows } from "./setting-rows.ts";
import type { SqlDatabase } from "./sql-database.ts";
import { release } from "./unreleased.ts";
import { Vault } from "./vault.ts";
import { damagedError } from "./wallet-storage-error.ts";

/** What opening leaves to the wallet. */
export interface OpenedFiles extends DatabaseFiles {
  readonly keyFile: KeyFile;
  readonly identity: DatabaseIdentity;
  readonly records: RecordCheck;
}

/** What may be done along with encrypting. */
export interface EncryptSteps {
  readonly change?: (copy: WalletDatabase) => void;
  readonly replaced?: () => void;
}

/**
 * One wallet's encrypted database, open for this process alone.
 *
 * What a write guarantees: every call that changes something (and every {@link transaction}) is one commit, all or nothing, which a
 * kill of the process does not undo. It survives a power cut when a {@link flush} that was called later resolves; without
 * one, some seconds of commits may be missing after a power cut, the newest first, and the database is whole all the same. So flush
 * before new keys are used, an address is given out, or a transaction is broadcast; one flush does for many commits.
 * Creating, encrypting, changing the passphrase, backing up and closing are flushed when they resolve.
 *
 * Methods throw and reject with `WalletStorageError`.
 */
export class WalletDatabase {
  readonly folder: string;
  readonly identity: DatabaseIdentity;
  readonly settings: SettingRows;
  readonly descriptors: DescriptorRows;
  readonly scripts: ScriptRows;
  readonly ledger: LedgerStore;
  readonly vault: Vault;
  readonly #files: OpenedFiles;
  readonly #deps: PassphraseDependencies;
  readonly #sync: GroupSync;
  #keyFile: KeyFile;
  /** Long operations, one after the other. */
  #lane: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(files: OpenedFiles, dependencies: PassphraseDependencies) {
    const { database, records, identity, paths, keyFile } = files;
    this.#files = files;
    this.#deps = dependencies;
    this.#keyFile = keyFile;
    this.#sync = new GroupSync(paths.log);
    this.folder = paths.folder;
    this.identity = identity;
    this.settings = new SettingRows(database, records);
    this.scripts = new ScriptRows(database, records);
    this.descriptors = new DescriptorRows(database, records, this.scripts);
    this.ledger = new LibsqlLedgerStore(database, records, this.settings, this.scripts);
    this.vault = new Vault({
      database,
      secrets: new SecretRows(database, records),
      settings: this.settings,
      walletId: identity.walletId,
      random: dependencies.random,
      wrapKeyOf: async (passphrase) => {
        const held = await openHolder(this.#keyFile.current, identity.walletId, passphrase, paths.database);
        clear(held.fileKey);
        if (held.wrapKey === undefined)
          throw damagedError(paths.database, "its key file is that of another state of it");
        return held.wrapKey;
      },
    });
  }

  /** What the passphrase protects; `undefined` where there is none. */
  get passphraseScope(): PassphraseScope | undefined {
    if (this.#keyFile.current.kind === "passphrase") return "file";
    return this.vault.isEncrypted ? "secrets" : undefined;
  }

  /** Several changes as one commit: all or, where `work` throws, none of them. Cheaper, too: most of a small change is the commit. */
  transaction<Answer>(work: () => Answer): Answer {
    return this.#files.database.transaction(work);
  }

  /** Resolves when every change made before the call survives a power cut. Many callers at once share the same writing. */
  flush(): Promise<void> {
    return this.#sync.flush();
  }

  /**
   * Gives a wallet without passphrase one. The wallet is locked afterwards. Copies of its files made before stay open to anybody; seeds
   * that were in them should be replaced: `change` may write new ones to the copy that takes this database's place, and whoever finds
   * the wallet encrypted finds them too. Right after that, with nothing in between, `replaced` is called: all that was read is to be read
   * anew. Reads and writes wait while the file is written, some seconds for a very large wallet.
   */
  encrypt(passphrase: Passphrase, scope: PassphraseScope = "secrets", steps: EncryptSteps = {}): Promise<void> {
    return this.#inTurn(() => {
      const files = this.#files;
      const options = {
        passphrase,
        scope,
        change: (database: SqlDatabase, records: RecordCheck) => {
          const copy = new WalletDatabase({ ...files, database, records, keyFile: this.#keyFile }, this.#deps);
          steps.change?.(copy);
          copy.vault.close();
        },
        replaced: (keyFile: KeyFile) => {
          this.#keyFile = keyFile;
          this.vault.reread();
          steps.replaced?.();
        },
      };
      return encryptDatabase(files, this.#keyFile, this.vault, options, this.#deps);
    });
  }

  /** Puts another passphrase in place of the old one; locked or unlocked stays as it is. Rejects with `wrong-passphrase`. */
  changePassphrase(from: Passphrase, to: Passphrase): Promise<void> {
    return this.#inTurn(async () => {
      this.#keyFile = await changePassphrase(
        this.#files,
        this.#keyFile,
        this.vault,
        this.settings,
        { from, to },
        this.#deps,
      );
    });
  }

  /** Writes the wallet as it is now to one file, which `restoreWallet` understands. Reads and writes go on meanwhile. */
  backup(path: string): Promise<void> {
    return this.#inTurn(() => writeBackup(path, this.#files, this.#keyFile));
  }

  /** Looks through everything: pages, records and, while it is unlocked, secrets. Lets others have a turn in between. */
  checkIntegrity(): Promise<IntegrityReport> {
    return this.#inTurn(() => checkIntegrity(this.#files.database, this.#files.records, this.vault));
  }

  /** Gives space that is no longer used back to the disk. Reads and writes wait meanwhile. */
  compact(): Promise<void> {
    return this.#inTurn(async () => {
      this.#files.database.exec("VACUUM");
      this.#files.database.checkpoint();
    });
  }

  /** How large the database may become, in pages of 4 kB, or in those that it has: beyond, writing fails as on a full disk. */
  limitPages(count: number): void {
    this.#files.database.exec(`PRAGMA max_page_count = ${count}`);
  }

  /** Ends what is under way, clears the keys, writes everything into one file and gives the lock back. */
  close(): Promise<void> {
    this.#closing ??= this.#lane
      .catch(() => {})
      .then(() => {
        this.vault.close();
        const { current, former = [] } = this.#keyFile;
        for (const holder of [current, ...former]) if (holder.kind === "file") clear(holder.fileKey);
        release(this.#files);
      });
    return this.#closing;
  }

  #inTurn<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    const answer = this.#lane.catch(() => {}).then(work);
    this.#lane = answer;
    return answer;
  }
}
