/** What is wrong with a wallet's files, as far as a program may have to tell cases apart. */
export type WalletStorageErrorCode =
  /** There is no wallet in the folder. */
  | "not-found"
  /** There is one already, and nothing is overwritten. */
  | "already-exists"
  /** A file is there, but none of ours: another program's database, or not a backup. */
  | "not-a-wallet"
  | "key-file-missing"
  | "key-file-damaged"
  /** The database opens only with a passphrase, and none was given. */
  | "passphrase-needed"
  | "wrong-passphrase"
  /** The database, or a backup, is not what was written. */
  | "damaged"
  /** Made for another network. */
  | "other-network"
  /** Written by a newer version of this program. */
  | "newer-version"
  /** Open here already, or in another process. */
  | "in-use"
  | "disk-full"
  | "no-permission"
  /** Anything else the operating system refused. */
  | "io"
  /** The database library is not installed for this machine. */
  | "library-missing"
  /** The wallet was closed. */
  | "closed"
  /** Secrets were asked for while they are locked. */
  | "locked"
  /** There is a passphrase already: it can be changed, not set. */
  | "already-encrypted"
  /** There is no passphrase to lock, unlock or change. */
  | "not-encrypted"
  | "empty-passphrase"
  /** Passphrases are checked one after the other, and too many wait. */
  | "busy";

/** One plain sentence that names the file and what to do next. */
export class WalletStorageError extends Error {
  readonly code: WalletStorageErrorCode;
  /** File or folder. */
  readonly path: string;

  constructor(code: WalletStorageErrorCode, path: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "WalletStorageError";
    this.code = code;
    this.path = path;
  }
}

/** Core's sentence where another process holds a wallet: `loadwallet` answers it, and tools match on it. */
export function exclusiveLockSentence(clientName: string): string {
  return `SQLiteDatabase: Unable to obtain an exclusive lock on the database, is it being used by another instance of ${clientName}?`;
}

/** The database cannot be trusted as it is. `what` says what was noticed; SQLite does so in several lines, with bytes that it has found. */
export function damagedError(path: string, what: string, cause?: unknown): WalletStorageError {
  const noticed = what.replace(/^\*\*\*.*\*\*\*\n/, "").replace(/[^\x20-\x7e]+/g, "?");
  const sentence = `The wallet file ${path} is damaged (${noticed}). Restore it from a backup; keep the damaged file until that is done.`;
  return new WalletStorageError("damaged", path, sentence, { cause });
}

export function wrongPassphraseError(path: string): WalletStorageError {
  return new WalletStorageError(
    "wrong-passphrase",
    path,
    `The passphrase does not open ${path}. Check it and try again.`,
  );
}

/** What SQLite's and the operating system's codes mean for a wallet's file. */
export function walletErrorFor(error: unknown, path: string): WalletStorageError {
  if (error instanceof WalletStorageError) return error;
  const code = String((error as { readonly code?: unknown }).code ?? "");
  const refused = (kind: WalletStorageErrorCode, sentence: string) =>
    new WalletStorageError(kind, path, sentence, { cause: error });
  const family = FAMILIES.find(([pattern]) => pattern.test(code))?.[1];
  switch (family) {
    case "in-use":
      return refused("in-use", `The wallet file ${path} is in use by another process. Unload it there first.`);
    case "damaged":
      return damagedError(path, textOf(error), error);
    case "disk-full":
      return refused("disk-full", `No space is left on the disk while writing to ${path}. Free some and try again.`);
    case "no-permission":
      return refused(
        "no-permission",
        `No permission to read and write ${path}. Check who owns the file and its folder.`,
      );
    case "not-found":
      return refused("not-found", `${path} does not exist. Check the wallet's name.`);
    default:
      return refused("io", `Cannot access ${path}: ${textOf(error)}. Check the disk and try again.`);
  }
}

const FAMILIES: readonly (readonly [code: RegExp, WalletStorageErrorCode])[] = [
  [/^SQLITE_(BUSY|LOCKED|PROTOCOL)/, "in-use"],
  [/^SQLITE_(CORRUPT|NOTADB|FORMAT|IOERR_SHORT_READ|IOERR_DATA)/, "damaged"],
  [/^(SQLITE_FULL|ENOSPC|EDQUOT)/, "disk-full"],
  [/^(SQLITE_(READONLY|PERM|AUTH|CANTOPEN)|EACCES|EPERM|EROFS)/, "no-permission"],
  [/^ENOENT$/, "not-found"],
];

function textOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\.$/, "");
}
