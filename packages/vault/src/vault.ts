/**
 * Where an app on a person's own device keeps what it knows: wallets with their keys, addresses, labels, history, contacts, settings,
 * networks. Everything is encrypted by a passphrase, and nothing of it stands anywhere in clear. In a browser it is IndexedDB
 * (`browser-vault.ts`), on the desktop one file (apps/desktop); both pass the tests of `vault-conformance.ts`.
 */

/** The kinds of records. Each is a table of the desktop's database. */
export const COLLECTIONS = [
  "settings",
  "networks",
  "wallets",
  "accounts",
  "addresses",
  "labels",
  "transactions",
  "contacts",
] as const;
export type Collection = (typeof COLLECTIONS)[number];

/** What a record holds: JSON, bytes being hex and amounts decimal text. */
export type RecordValue =
  | string
  | number
  | boolean
  | null
  | readonly RecordValue[]
  | { readonly [name: string]: RecordValue };

export interface VaultRecord {
  readonly key: string;
  readonly value: RecordValue;
}

/** One record to write, in place of the one with its key; without `value` that one is deleted. */
export interface VaultChange {
  readonly collection: Collection;
  readonly key: string;
  readonly value?: RecordValue;
}

/** Characters of a key. */
export const KEY_LENGTH_MAX = 256;
/** Characters of a record's value as JSON: the largest standard transaction in hex, and as much again. */
export const VALUE_LENGTH_MAX = 2_000_000;
/** Changes of one call of {@link OpenVault.write}, and the characters of all their values as JSON. */
export const CHANGES_MAX = 20_000;
export const CHANGES_LENGTH_MAX = 64_000_000;
/** Characters of a passphrase; the shortest that is taken for a new one. */
export const PASSPHRASE_LENGTH_MAX = 1024;
export const PASSPHRASE_LENGTH_MIN = 8;

/**
 * `absent`: none was made here yet. `damaged`: it is there and cannot be read; `problem` says what, and what to do. `news` of a locked one: what became of a
 * {@link Vault.replace} that was cut short, in sentences, until it is opened; not every place knows.
 */
export type VaultState =
  | { readonly kind: "absent" }
  | { readonly kind: "locked"; readonly news?: string | undefined }
  | { readonly kind: "open" }
  | { readonly kind: "damaged"; readonly problem: string };

/** What a person keeps under one passphrase on this device. All methods reject with {@link VaultError}. */
export interface Vault {
  state(): Promise<VaultState>;
  /** Makes an empty one; there must be none. */
  create(passphrase: string): Promise<OpenVault>;
  /** `wrong-passphrase` where it is another one; nothing is changed, however often it is tried. */
  unlock(passphrase: string): Promise<OpenVault>;
  /** Makes one with all records of a backup; there must be none. The new one opens with `passphrase`, the backup with its own. */
  restore(backup: Uint8Array, backupPassphrase: string, passphrase: string): Promise<OpenVault>;
  /**
   * The same in the place of what is here: open, locked, damaged or nothing. The backup is read and checked whole before anything is touched.
   * Then, at whatever moment it is interrupted, there is the old one with its passphrase or the new one with `passphrase`, and never neither; where
   * it rejects, the old one is there, open if it was. Afterwards whoever had the old one open finds it locked, and nothing of it is left, but for
   * the files of a damaged one where those are kept.
   */
  replace(backup: Uint8Array, backupPassphrase: string, passphrase: string): Promise<OpenVault>;
  /** Removes it and all that is in it, also where it is damaged. */
  destroy(): Promise<void>;
  /**
   * What can still be read of a damaged one, which stays as it is. `damaged` where its key is what is damaged: then nothing can. Not every place
   * has it.
   */
  salvage?(passphrase: string): Promise<Salvaged>;
}

export interface Salvaged {
  /** Opens with the passphrase of the vault. */
  readonly backup: Uint8Array;
  /** What is not in it, as part of a sentence: "1 of 20 labels cannot be read"; `undefined` where it is all there. */
  readonly lost: string | undefined;
}

/** A vault that was unlocked. After {@link lock}, by whomever, every other method rejects with `locked`. */
export interface OpenVault {
  get(collection: Collection, key: string): Promise<RecordValue | undefined>;
  /** All records whose keys begin with `prefix`, in the order of their keys (by UTF-16 code units). */
  list(collection: Collection, prefix?: string): Promise<readonly VaultRecord[]>;
  /** Writes all of the changes or none; when it resolves they survive a crash. A later change of the same key counts. */
  write(changes: readonly VaultChange[]): Promise<void>;
  /** Whatever is interrupted, the vault opens with one of the two and has everything. */
  changePassphrase(current: string, next: string): Promise<void>;
  /** Whether this is the passphrase: before a phrase is shown, say. */
  isPassphrase(passphrase: string): Promise<boolean>;
  /** Everything, encrypted by a passphrase, as a file that any vault restores (docs/wallet-app.md has its format). */
  backup(passphrase: string): Promise<Uint8Array>;
  /** Forgets the keys. */
  lock(): Promise<void>;
}

export type VaultErrorCode =
  | "absent"
  | "exists"
  | "locked"
  | "wrong-passphrase"
  /** Records, file or key are not as they were written: the message says which, and what can be done. */
  | "damaged"
  /** A backup that is none, or one of a later version. */
  | "not-a-backup"
  /** Made by a later version of the program. */
  | "too-new"
  /** Open in another window or process. */
  | "in-use"
  | "no-space"
  /** A key, value, number of changes or passphrase beyond its limit. */
  | "refused"
  /** The process that holds it does not answer. */
  | "unreachable"
  /** This browser, or this page, has no place to keep one: the message says what is missing. */
  | "unsupported";

export interface VaultErrorOptions extends ErrorOptions {
  /** With `wrong-passphrase`: no passphrase is looked at before this time has passed. */
  readonly retryAfterMs?: number | undefined;
}

/** Why it could not be done; the message is a sentence for people. */
export class VaultError extends Error {
  readonly code: VaultErrorCode;
  readonly retryAfterMs: number | undefined;

  constructor(code: VaultErrorCode, message: string, options?: VaultErrorOptions) {
    super(message, options);
    this.name = "VaultError";
    this.code = code;
    this.retryAfterMs = options?.retryAfterMs;
  }
}
