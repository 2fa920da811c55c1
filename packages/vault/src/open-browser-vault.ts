import type { BrowserRecords } from "./browser-records.ts";
import type { BrowserStore } from "./browser-store.ts";
import { checkChanges, checkNewPassphrase, checkPassphrase, checkPlace, checkPrefix } from "./check-input.ts";
import { Lane } from "./lane.ts";
import type { KdfCost } from "./passphrase-key.ts";
import { decodeSealedKey, encodeSealedKey, openKey, type PassphraseWork, sealKey } from "./sealed-key.ts";
import type { Collection, OpenVault, RecordValue, VaultChange, VaultRecord } from "./vault.ts";
import { writeBackup } from "./vault-backup.ts";
import { damagedError, lockedError, wrongPassphraseError } from "./vault-sentences.ts";

/** What the key of a vault's records is sealed for. */
export const KEY_PURPOSE = "vault";

/** An unlocked vault in a browser. Reads are from memory. */
export class OpenBrowserVault implements OpenVault {
  readonly #records: BrowserRecords;
  readonly #cost: KdfCost;
  readonly #work: PassphraseWork;
  readonly #lane = new Lane();
  readonly #release: () => Promise<void>;
  #ending: Promise<void> | undefined;
  #locked: (ending: Promise<void>) => void = () => {};

  constructor(records: BrowserRecords, cost: KdfCost, work: PassphraseWork, release: () => Promise<void>) {
    this.#records = records;
    this.#cost = cost;
    this.#work = work;
    this.#release = release;
    records.store.onLost = () => void this.#look();
    records.onLost = () => void this.lock();
  }

  /** Called once, when it is locked; `ending` resolves when another may open it. */
  onLocked(listener: (ending: Promise<void>) => void): void {
    this.#locked = listener;
  }

  async get(collection: Collection, key: string): Promise<RecordValue | undefined> {
    checkPlace(collection, key);
    return this.#open().tables.get(collection, key);
  }

  async list(collection: Collection, prefix = ""): Promise<readonly VaultRecord[]> {
    checkPrefix(collection, prefix);
    return this.#open().tables.list(collection, prefix);
  }

  async write(changes: readonly VaultChange[]): Promise<void> {
    await this.#open().write(checkChanges(changes));
  }

  isPassphrase(passphrase: string): Promise<boolean> {
    return this.#lane.run(async () => {
      checkPassphrase(passphrase);
      const { master } = await this.#openKey(passphrase);
      master?.fill(0);
      return master !== undefined;
    });
  }

  changePassphrase(current: string, next: string): Promise<void> {
    return this.#lane.run(async () => {
      checkPassphrase(current);
      checkNewPassphrase(next);
      const { stored, master } = await this.#openKey(current);
      if (master === undefined) throw wrongPassphraseError();
      const key = encodeSealedKey(await sealKey(master, next, KEY_PURPOSE, this.#cost, this.#work));
      master.fill(0);
      // One value takes the place of another: whatever happens, one of the two is there.
      await this.#open().store.write({ singles: { key }, expected: { key: stored } });
    });
  }

  async backup(passphrase: string): Promise<Uint8Array> {
    checkNewPassphrase(passphrase);
    const { schema, tables } = this.#open();
    return writeBackup({ schema, madeAt: new Date(), records: [...tables.all()] }, passphrase, this.#cost, this.#work);
  }

  /**
   * Hands store and lock on to what `work` puts in its place, with nothing written in between; where that rejects, everything is as before.
   * `isLeft`: it was locked meanwhile, and so what has come is to be locked.
   */
  giveWay(work: (store: BrowserStore, release: () => Promise<void>) => Promise<OpenBrowserVault>) {
    return this.#lane.run(async () => {
      this.#open();
      const next = await this.#records.giveWay((store) => work(store, this.#release));
      const isLeft = this.#ending !== undefined;
      this.#ending ??= Promise.resolve();
      if (!isLeft) this.#locked(this.#ending);
      return { next, isLeft };
    });
  }

  lock(): Promise<void> {
    if (this.#ending === undefined) {
      this.#ending = this.#end();
      this.#locked(this.#ending);
    }
    return this.#ending;
  }

  async #end(): Promise<void> {
    await this.#records.lock();
    await this.#release();
  }

  /** Whoever clears what pages have stored ends it; that the browser opens its files anew does not. */
  async #look(): Promise<void> {
    if (this.#records.isLocked) return;
    const key = await this.#records.store.single("key").catch(() => undefined);
    if (key === undefined) await this.lock();
  }

  async #openKey(
    passphrase: string,
  ): Promise<{ readonly stored: Uint8Array; readonly master: Uint8Array | undefined }> {
    const stored = await this.#open().store.single("key");
    const sealedKey = stored && decodeSealedKey(stored);
    if (stored === undefined || typeof sealedKey !== "object") {
      throw damagedError("The record that has the key of all others in this browser is not as it was written");
    }
    const master = await openKey(sealedKey, passphrase, KEY_PURPOSE, this.#work);
    this.#open();
    return { stored, master };
  }

  #open(): BrowserRecords {
    if (this.#records.isLocked) throw lockedError();
    return this.#records;
  }
}
