import { concatBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { Reader, Writer } from "@bitfleet/protocol/bytes/cursor.ts";
import type { Random } from "../../ports.ts";
import { type KdfParameters, keyOfPassphrase, type Passphrase } from "./passphrase-key.ts";
import { clear, openSeal, SEAL_KEY_SIZE, seal } from "./sealed-box.ts";
import type { SecretRows } from "./secret-rows.ts";
import type { SettingRows } from "./setting-rows.ts";
import type { SqlDatabase } from "./sql-database.ts";
import { damagedError, WalletStorageError, wrongPassphraseError } from "./wallet-storage-error.ts";

/** What a secret is. With its id, chosen by the caller, it names the secret. */
export type SecretKind =
  /** What a mnemonic stands for. */
  | "seed"
  /** An extended private key. */
  | "extended-key"
  /** A single private key. */
  | "key"
  /** A descriptor with its private keys. */
  | "descriptor";

const KIND_NUMBERS: Readonly<Record<SecretKind, number>> = { seed: 1, "extended-key": 2, key: 3, descriptor: 4 };

/** How the master key, under which every secret is sealed, is kept. */
export type MasterKeeping =
  /** As it is: the wallet has no passphrase. The encryption of the file still covers it. */
  | { readonly kind: "open"; readonly master: Uint8Array }
  /** Sealed by the passphrase. */
  | { readonly kind: "passphrase"; readonly kdf: KdfParameters; readonly sealed: Uint8Array }
  /** Sealed by a key that the key file keeps, itself sealed by the passphrase. */
  | { readonly kind: "key-file"; readonly sealed: Uint8Array };

export interface VaultDependencies {
  readonly database: SqlDatabase;
  readonly secrets: SecretRows;
  readonly settings: SettingRows;
  readonly walletId: Uint8Array;
  readonly random: Pick<Random, "bytes">;
  /** The key that a key file sealed by a passphrase keeps for the master key, to be cleared by the caller. Rejects with `wrong-passphrase`. */
  readonly wrapKeyOf: (passphrase: Passphrase) => Promise<Uint8Array>;
}

const MASTER_SETTING = "master-key";

/**
 * A wallet's secrets, each sealed with AES-256-GCM under a master key and bound to wallet, kind and id. Where the wallet has a
 * passphrase, the master key is in memory only while it is unlocked, and overwritten when it is locked. Methods that need it throw
 * `locked`; every one may throw another `WalletStorageError`.
 */
export class Vault {
  readonly #deps: VaultDependencies;
  #keeping: MasterKeeping;
  #master: Uint8Array | undefined;

  constructor(dependencies: VaultDependencies) {
    this.#deps = dependencies;
    this.#keeping = readKeeping(dependencies);
    dependencies.secrets.all();
    if (this.#keeping.kind === "open") this.#master = this.#keeping.master;
  }

  /** Whether the wallet has a passphrase. */
  get isEncrypted(): boolean {
    return this.#keeping.kind !== "open";
  }

  /** Whether secrets can be read and added: always where there is no passphrase. */
  get isUnlocked(): boolean {
    return this.#master !== undefined;
  }

  /** Rejects with `wrong-passphrase`, and then changes nothing. Takes as long as one guess shall take. */
  async unlock(passphrase: Passphrase): Promise<void> {
    const master = await this.masterOf(passphrase);
    this.#forget();
    this.#master = master;
  }

  /** Overwrites the master key in memory; nothing where there is no passphrase. */
  lock(): void {
    if (this.isEncrypted) this.#forget();
  }

  /** A copy of the secret, which the caller clears after use; `undefined` where there is none. */
  get(kind: SecretKind, id: Uint8Array): Uint8Array | undefined {
    const master = this.#unlocked();
    const sealed = this.#deps.secrets.get(KIND_NUMBERS[kind], id);
    if (sealed === undefined) return undefined;
    const secret = openSeal(master, sealed, placeOf(this.#deps.walletId, KIND_NUMBERS[kind], id));
    if (secret === undefined) throw damagedError(this.#deps.database.path, `a secret of kind ${kind} does not open`);
    return secret;
  }

  /** Whether there is such a secret; locked or not. */
  has(kind: SecretKind, id: Uint8Array): boolean {
    return this.#deps.secrets.get(KIND_NUMBERS[kind], id) !== undefined;
  }

  /** The ids of all secrets of a kind; locked or not. */
  ids(kind: SecretKind): readonly Uint8Array[] {
    const number = KIND_NUMBERS[kind];
    return this.#deps.secrets.all().flatMap((row) => (row.kind === number ? [row.id] : []));
  }

  /** Every secret of a kind, each to be cleared by the caller. */
  *all(kind: SecretKind): Generator<{ readonly id: Uint8Array; readonly secret: Uint8Array }> {
    for (const id of this.ids(kind)) {
      const secret = this.get(kind, id);
      if (secret !== undefined) yield { id, secret };
    }
  }

  /** Adds a secret, or puts it in place of the one of the same name. */
  put(kind: SecretKind, id: Uint8Array, secret: Uint8Array): void {
    const place = placeOf(this.#deps.walletId, KIND_NUMBERS[kind], id);
    const sealed = seal(this.#unlocked(), secret, place, this.#deps.random);
    this.#deps.secrets.put({ kind: KIND_NUMBERS[kind], id, sealed });
  }

  delete(kind: SecretKind, id: Uint8Array): void {
    this.#deps.secrets.delete(KIND_NUMBERS[kind], id);
  }

  /** The master key for a passphrase, for the caller to clear. Rejects with `wrong-passphrase`, or `not-encrypted`. */
  async masterOf(passphrase: Passphrase): Promise<Uint8Array> {
    const { database, walletId, wrapKeyOf } = this.#deps;
    const keeping = this.#keeping;
    if (keeping.kind === "open") {
      throw new WalletStorageError(
        "not-encrypted",
        database.path,
        `The wallet ${database.path} has no passphrase. Encrypt it first.`,
      );
    }
    const key = await (keeping.kind === "passphrase"
      ? keyOfPassphrase(passphrase, keeping.kdf)
      : wrapKeyOf(passphrase));
    const master = openSeal(key, keeping.sealed, placeOfMaster(walletId, keeping));
    clear(key);
    if (master === undefined) throw wrongPassphraseError(database.path);
    return master;
  }

  /** As {@link unlock}, by the key that a key file keeps for the master key. Throws `damaged` where it does not fit. */
  unlockWith(wrapKey: Uint8Array): void {
    const keeping = this.#keeping;
    const { database, walletId } = this.#deps;
    const master =
      keeping.kind === "key-file" ? openSeal(wrapKey, keeping.sealed, placeOfMaster(walletId, keeping)) : undefined;
    if (master === undefined) throw damagedError(database.path, "its master key does not open");
    this.#forget();
    this.#master = master;
  }

  /** The master key of a wallet without passphrase; the vault's own, not to be cleared. Throws `locked` where there is one. */
  openMaster(): Uint8Array {
    return this.#unlocked();
  }

  /** How many secrets do not open: 0 in a sound database. `undefined` while locked. */
  countDamaged(): number | undefined {
    const master = this.#master;
    if (master === undefined) return undefined;
    return this.#deps.secrets.all().filter(({ kind, id, sealed }) => {
      const secret = openSeal(master, sealed, placeOf(this.#deps.walletId, kind, id));
      if (secret !== undefined) clear(secret);
      return secret === undefined;
    }).length;
  }

  /** After the database was rebuilt or its keeping of the master key written anew: what holds now. Locks where there is a passphrase. */
  reread(): void {
    this.#forget();
    this.#keeping = readKeeping(this.#deps);
    if (this.#keeping.kind === "open") this.#master = this.#keeping.master;
  }

  /** As {@link reread}, and unlocked if it was: the master key is the same as before. */
  rereadKeeping(): void {
    this.#keeping = readKeeping(this.#deps);
  }

  /** Overwrites what is in memory, whatever the wallet is. */
  close(): void {
    this.#forget();
  }

  #forget(): void {
    if (this.#master !== undefined) clear(this.#master);
    this.#master = undefined;
  }

  #unlocked(): Uint8Array {
    if (this.#master !== undefined) return this.#master;
    const { path } = this.#deps.database;
    throw new WalletStorageError("locked", path, `The wallet ${path} is locked. Unlock it with its passphrase first.`);
  }
}

/** Seals every secret under another master key. Within a transaction of the caller. */
export function resealSecrets(
  { database, secrets, walletId, random }: Pick<VaultDependencies, "database" | "secrets" | "walletId" | "random">,
  from: Uint8Array,
  to: Uint8Array,
): void {
  for (const { kind, id, sealed } of secrets.all()) {
    const place = placeOf(walletId, kind, id);
    const secret = openSeal(from, sealed, place);
    if (secret === undefined) throw damagedError(database.path, "a secret does not open");
    secrets.put({ kind, id, sealed: seal(to, secret, place, random) });
    clear(secret);
  }
}

/** Seals a master key; the answer is what {@link writeKeeping} takes. */
export function sealMaster(
  master: Uint8Array,
  key: Uint8Array,
  how: { readonly kind: "key-file" } | { readonly kind: "passphrase"; readonly kdf: KdfParameters },
  { walletId, random }: Pick<VaultDependencies, "walletId" | "random">,
): MasterKeeping {
  return { ...how, sealed: seal(key, master, placeOfMaster(walletId, how), random) };
}

export function writeKeeping(settings: SettingRows, keeping: MasterKeeping): void {
  const writer = new Writer(128);
  if (keeping.kind === "open") writer.uint8(0).bytes(keeping.master);
  else if (keeping.kind === "key-file") writer.uint8(2).compactBytes(keeping.sealed);
  else {
    const { n, r, p, salt } = keeping.kdf;
    writer.uint8(1).uint32(n).uint32(r).uint32(p).compactBytes(salt).compactBytes(keeping.sealed);
  }
  const bytes = writer.finish();
  settings.put(MASTER_SETTING, bytes);
  clear(bytes);
}

function readKeeping({ settings, database }: Pick<VaultDependencies, "settings" | "database">): MasterKeeping {
  const value = settings.get(MASTER_SETTING);
  if (value === undefined) throw damagedError(database.path, "its master key is missing");
  return decodeKeeping(new Reader(value));
}

function decodeKeeping(reader: Reader): MasterKeeping {
  switch (reader.uint8()) {
    case 0:
      return { kind: "open", master: reader.bytes(SEAL_KEY_SIZE) };
    case 1: {
      const [n, r, p, salt] = [reader.uint32(), reader.uint32(), reader.uint32(), reader.compactBytes()];
      return { kind: "passphrase", kdf: { n, r, p, salt }, sealed: reader.compactBytes() };
    }
    case 2:
      return { kind: "key-file", sealed: reader.compactBytes() };
    default:
      return reader.fail("no such keeping of a master key");
  }
}

function placeOf(walletId: Uint8Array, kind: number, id: Uint8Array): Uint8Array {
  return concatBytes(new TextEncoder().encode("bitfleet wallet secret 1 "), walletId, Uint8Array.of(kind), id);
}

function placeOfMaster(
  walletId: Uint8Array,
  how: { readonly kind: "key-file" } | { readonly kind: "passphrase"; readonly kdf: KdfParameters },
): Uint8Array {
  const text = how.kind === "key-file" ? "by key file" : `by scrypt ${how.kdf.n} ${how.kdf.r} ${how.kdf.p} `;
  const salt = how.kind === "key-file" ? new Uint8Array(0) : how.kdf.salt;
  return concatBytes(new TextEncoder().encode(`bitfleet wallet master key 1 ${text}`), walletId, salt);
}
