import type { Clock, Random } from "../../ports.ts";
import { type KeyFile, type KeyHolder, writeKeyFile } from "./key-file.ts";
import { formerKeys } from "./key-folder.ts";
import { openHolder, sealHolder } from "./open-key.ts";
import {
  calibrate,
  type KdfCost,
  type KdfParameters,
  keyOfPassphrase,
  newSalt,
  type Passphrase,
} from "./passphrase-key.ts";
import { type DatabaseFiles, headOfKey, rebuildDatabase } from "./rebuild-database.ts";
import type { RecordCheck } from "./record-check.ts";
import { migrateSchema } from "./schema.ts";
import { clear, SEAL_KEY_SIZE } from "./sealed-box.ts";
import { SecretRows } from "./secret-rows.ts";
import { SettingRows } from "./setting-rows.ts";
import { FILE_KEY_SIZE, type SqlDatabase } from "./sql-database.ts";
import { type MasterKeeping, resealSecrets, sealMaster, type Vault, writeKeeping } from "./vault.ts";
import { WalletStorageError } from "./wallet-storage-error.ts";

/**
 * What a passphrase protects. `secrets`: seeds and private keys; the key of the file stands in the key file, so that an encrypted
 * wallet can be loaded and watched while it is locked, as in Core. `file`: everything; nothing of the wallet is read without it.
 */
export type PassphraseScope = "secrets" | "file";

export interface PassphraseDependencies {
  readonly random: Pick<Random, "bytes">;
  readonly clock: Pick<Clock, "monotonicMs">;
  /** What a guess costs, instead of what is measured to be right for this machine. */
  readonly kdfCost?: KdfCost | undefined;
}

/** A key from a passphrase and how it was made. */
export interface PassphraseKey {
  readonly key: Uint8Array;
  readonly kdf: KdfParameters;
}

/** How a wallet is encrypted, and what is done along with it. */
export interface EncryptOptions {
  readonly passphrase: Passphrase;
  readonly scope: PassphraseScope;
  /** Writes to the copy that takes the place of the database, under its old master key, as part of the same step. */
  readonly change: (copy: SqlDatabase, records: RecordCheck) => void;
  /** Called in the breath in which the copy has taken the place: what was read from the old database does not hold any more. */
  readonly replaced: (keyFile: KeyFile) => void;
}

/**
 * Gives a wallet its passphrase: a new master key for its secrets, a new key for its file, and the file written anew, so that the old
 * master key is in none of its pages. Until it resolves, the wallet may be found
 * as it was; afterwards it is encrypted, whatever happens. Copies made before, backups above all, stay without passphrase.
 */
export async function encryptDatabase(
  files: DatabaseFiles,
  keyFile: KeyFile,
  vault: Vault,
  { passphrase, scope, change, replaced }: EncryptOptions,
  deps: PassphraseDependencies,
): Promise<void> {
  const { walletId, current } = keyFile;
  const { random } = deps;
  if (vault.isEncrypted || current.kind !== "file") {
    const { database } = files.paths;
    throw new WalletStorageError(
      "already-encrypted",
      database,
      `The wallet ${database} has a passphrase already. Change it instead.`,
    );
  }
  const made = await newPassphraseKey(passphrase, files.paths, deps);
  const [fileKey, master] = [random.bytes(FILE_KEY_SIZE), random.bytes(SEAL_KEY_SIZE)];
  try {
    const protection = protect({ walletId, fileKey, master }, made, scope, random);
    const next = { ...protection.holder, head: headOfKey(fileKey, files.paths.newDatabase, files.library) };
    const changing: KeyFile = { ...keyFile, next };
    await writeKeyFile(files.paths.keyFile, changing);
    const secrets = { walletId, random, from: vault.openMaster(), to: master };
    rebuildDatabase(files, { old: current.fileKey, new: fileKey }, (copy) =>
      changeMaster(copy, protection.keeping, secrets, change),
    );
    // Copies of the file as it was until now stay readable, as long as the passphrase is not to protect all that is read.
    const former = formerKeys(next, { ...keyFile, current: { ...current, fileKey: current.fileKey.slice() } });
    const settled: KeyFile = { walletId, current: next, ...former, ...lastDatabaseOf(keyFile) };
    replaced(settled);
    // The database names its key by which holder opens it: where this is not written, the next opening writes it.
    await writeKeyFile(files.paths.keyFile, settled).catch(() => {});
    clear(current.fileKey);
  } finally {
    clear(made.key, fileKey, master);
  }
}

function lastDatabaseOf({ lastDatabase }: KeyFile): Pick<KeyFile, "lastDatabase"> {
  return lastDatabase === undefined ? {} : { lastDatabase };
}

/** How the key of the file is had, and that of the secrets, once a passphrase protects them. What is handed in stays the caller's to clear. */
export function protect(
  { walletId, fileKey, master }: Readonly<Record<"walletId" | "fileKey" | "master", Uint8Array>>,
  made: PassphraseKey,
  scope: PassphraseScope,
  random: Pick<Random, "bytes">,
): { readonly holder: KeyHolder; readonly keeping: MasterKeeping } {
  const seal = { walletId, random };
  if (scope === "secrets") {
    const keeping = sealMaster(master, made.key, { kind: "passphrase", kdf: made.kdf }, seal);
    return { holder: { kind: "file", fileKey: fileKey.slice() }, keeping };
  }
  const wrapKey = random.bytes(SEAL_KEY_SIZE);
  const holder = sealHolder({ fileKey, wrapKey }, walletId, made, random);
  const keeping = sealMaster(master, wrapKey, { kind: "key-file" }, seal);
  clear(wrapKey);
  return { holder, keeping };
}

interface MasterChange {
  readonly walletId: Uint8Array;
  readonly random: Pick<Random, "bytes">;
  readonly from: Uint8Array;
  readonly to: Uint8Array;
}

/** One transaction, so that nothing is written to disk that only the old master key seals. */
function changeMaster(
  copy: SqlDatabase,
  keeping: MasterKeeping,
  { walletId, random, from, to }: MasterChange,
  change: EncryptOptions["change"],
): void {
  const { records } = migrateSchema(copy);
  copy.transaction(() => {
    change(copy, records);
    resealSecrets({ database: copy, secrets: new SecretRows(copy, records), walletId, random }, from, to);
    writeKeeping(new SettingRows(copy, records), keeping);
  });
}

/** Puts another passphrase in place of the old one. Rejects with `wrong-passphrase`, and then changes nothing. Answers the new key file. */
export async function changePassphrase(
  files: DatabaseFiles,
  keyFile: KeyFile,
  vault: Vault,
  settings: SettingRows,
  { from, to }: { readonly from: Passphrase; readonly to: Passphrase },
  deps: PassphraseDependencies,
): Promise<KeyFile> {
  const { walletId, current } = keyFile;
  if (current.kind === "passphrase") {
    const { fileKey, wrapKey } = await openHolder(current, walletId, from, files.paths.database);
    const made = await newPassphraseKey(to, files.paths, deps);
    const sealed = sealHolder({ fileKey, wrapKey: wrapKey! }, walletId, made, deps.random);
    const changed: KeyFile = { ...keyFile, current: { ...sealed, ...(current.head && { head: current.head }) } };
    clear(fileKey, wrapKey!, made.key);
    await writeKeyFile(files.paths.keyFile, changed);
    return changed;
  }
  const master = await vault.masterOf(from);
  const made = await newPassphraseKey(to, files.paths, deps);
  const keeping = sealMaster(
    master,
    made.key,
    { kind: "passphrase", kdf: made.kdf },
    { walletId, random: deps.random },
  );
  clear(master, made.key);
  writeKeeping(settings, keeping);
  // The seal by the old passphrase goes from the log too.
  files.database.checkpoint();
  vault.rereadKeeping();
  return keyFile;
}

/** Rejects with `empty-passphrase`, for the wallet at `database`. */
export async function newPassphraseKey(
  passphrase: Passphrase,
  { database }: { readonly database: string },
  { random, clock, kdfCost }: PassphraseDependencies,
): Promise<PassphraseKey> {
  if (passphrase.length === 0) {
    throw new WalletStorageError("empty-passphrase", database, "A passphrase has at least one character. Choose one.");
  }
  const kdf = { ...(kdfCost ?? (await calibrate(clock))), salt: newSalt(random) };
  return { key: await keyOfPassphrase(passphrase, kdf), kdf };
}
