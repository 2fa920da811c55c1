import { type BigIntStats, lstatSync, statSync } from "node:fs";
import { type FileHandle, open, opendir, stat } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import type { Logger } from "../ports.ts";
import { isDatabaseOpen } from "./storage/wallet-file-lock.ts";
import { KEYS_FOLDER, type KeysPlace } from "./storage/wallet-files.ts";

/** Where wallets are: the path of a wallet's name, what lies there, and the list of all, as Bitcoin Core has them. */

/** The database in a wallet's folder; also how Core calls it. */
export const WALLET_DATABASE_FILE = "wallet.dat";

/** Smaller files are no database: lock files, and what was never written. */
const DATABASE_SIZE_MIN = 512;
const BERKELEY_SIZE_MIN = 4096;
const SQLITE_MAGIC = "SQLite format 3\0";
const BERKELEY_MAGIC = 0x53162;
const BERKELEY_MAGIC_OFFSET = 12;
const MAGIC_SIZE = 16;
/** What file systems take as the name of a file, with what a restore adds to it; and as a path, with the files in it. */
const NAME_BYTES_MAX = 255 - "..restoring-00000000".length;
const PATH_BYTES_MAX = 3_000;
/** The folder of keys, and what a restore or an export leaves that was interrupted: no wallets. */
const OWN_FOLDER = /^(\.keys|\..*\.restoring-[0-9a-f]{8}|\.exporting-\w{6})$/;
/** Folders that are looked into for a list: somebody may have named the root of the file system. */
const FOLDERS_LISTED_MAX = 100_000;

/** Whose database it is. Ours is encrypted as a whole, and so has no magic; Core's are plain SQLite, and Berkeley DB once. */
export type WalletFormat = "bitfleet" | "core" | "berkeley";

export interface ListedWallet {
  /** From the directory of wallets on; empty for the wallet that lies in it itself. */
  readonly name: string;
  readonly warnings: readonly string[];
}

/** What is known of a directory entry while the list is made. */
interface Item {
  readonly path: string;
  readonly isTop: boolean;
}

const WARNINGS: Readonly<Record<WalletFormat, readonly string[]>> = {
  bitfleet: [],
  core: [
    "This is a wallet of Bitcoin Core, which cannot be loaded here. Give what its listdescriptors answers to importdescriptors",
  ],
  berkeley: [
    "This wallet is a legacy wallet of Bitcoin Core, which cannot be loaded here. Migrate it there with migratewallet, and give what its listdescriptors answers to importdescriptors",
  ],
};

/**
 * Path of the wallet called `name`: a folder, or what could become one. `error` in Core's words where a name is not allowed, or where
 * something else is in its place.
 */
export function walletPathOf(directory: string, name: string): { readonly path: string } | { readonly error: string } {
  const problem = nameProblem(name);
  if (problem !== undefined) return { error: problem };
  const path = resolve(directory, name);
  if (canBeWallet(path, name)) return { path };
  return {
    error:
      `Invalid -wallet path '${name}'. -wallet path should point to a directory where wallet.dat and ` +
      "database/log.?????????? files can be stored, a location where such a directory could be created, " +
      `or (for backwards compatibility) the name of an existing data file in -walletdir (${JSON.stringify(directory)})`,
  };
}

function nameProblem(name: string): string | undefined {
  if (name.includes("\0")) return "Wallet name cannot have a null character";
  if (
    name.split("/").some((part) => Buffer.byteLength(part) > NAME_BYTES_MAX) ||
    Buffer.byteLength(name) > PATH_BYTES_MAX
  ) {
    return "Wallet name is too long";
  }
  if (!isNormalized(name)) return "Wallet name given as a path must be normalized";
  if (/^\.\.?(\/|$)/.test(name)) {
    return "Wallet name given as a relative path cannot begin with ./ or ../, for wallets not in the walletdir, please use an absolute path.";
  }
  // A wallet there would be in no list, and removed with what was left unfinished.
  if (name.split("/").some((part) => OWN_FOLDER.test(part)))
    return "Wallet name is one that the node keeps for its own folders";
  return /^\/+$/.test(name) ? "Wallet name cannot be the root path" : undefined;
}

/** Whether `std::filesystem` would leave the path as it is: several slashes count as one, and `..` stands at the beginning only. */
function isNormalized(name: string): boolean {
  if (name === "." || /^(\.\.\/+)*\.\.$/.test(name)) return true;
  const below = name.replace(/^(\.\.\/+)+/, "");
  const goesOn = below !== "" || name === "";
  return goesOn && !below.split("/").some((part) => part === "." || part === "..");
}

function canBeWallet(path: string, name: string): boolean {
  const entry = tryStat(() => lstatSync(path, { bigint: true }));
  if (entry === undefined || entry.isDirectory()) return true;
  if (entry.isSymbolicLink()) return tryStat(() => statSync(path, { bigint: true }))?.isDirectory() ?? false;
  // A database right in the directory, as Core once had them; its format is then found to be none of ours.
  return entry.isFile() && !name.includes("/");
}

function tryStat(look: () => BigIntStats): BigIntStats | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

/**
 * Where the keys of the wallet at `path` are: in the directory of wallets; of one that is elsewhere beside its folder, so that another node
 * finds them there too.
 */
export function keysPlaceOf(directory: string, path: string): KeysPlace {
  const keysFolder = resolve(directory, KEYS_FOLDER);
  if (path === resolve(directory) || path.startsWith(`${resolve(directory)}${sep}`)) return { keysFolder };
  return { keysFolder: join(dirname(path), KEYS_FOLDER), otherKeysFolders: [keysFolder] };
}

/** Why a wallet cannot be loaded from a path, or made there. */
export interface DatabaseProblem {
  readonly code: "not-found" | "bad-format" | "already-exists" | "legacy";
  /** In Core's words, as far as Core has the case. */
  readonly message: string;
}

/** Looks whether a wallet is at `path`, before it is opened. */
export async function databaseProblem(path: string, purpose: "load" | "create"): Promise<DatabaseProblem | undefined> {
  let format: WalletFormat | undefined;
  try {
    format = await formatAt(path);
  } catch (error) {
    // Links in circles, or folders that may not be entered.
    return {
      code: "bad-format",
      message: `Failed to ${purpose} database path '${path}'. ${(error as Error).message}.`,
    };
  }
  if (purpose === "create") {
    if (format === undefined && !isBelowFile(path)) return undefined;
    if (format === undefined) {
      const message = `Failed to create database path '${path}'. A part of it is a file and no folder.`;
      return { code: "not-found", message };
    }
    return { code: "already-exists", message: `Failed to create database path '${path}'. Database already exists.` };
  }
  if (format === "bitfleet") return undefined;
  const failed = `Failed to load database path '${path}'.`;
  if (format !== undefined) {
    const code = format === "berkeley" ? "legacy" : "bad-format";
    return { code, message: `${failed} Data is not in recognized format. ${WARNINGS[format][0]}.` };
  }
  const exists = tryStat(() => lstatSync(path, { bigint: true })) !== undefined;
  return exists
    ? { code: "bad-format", message: `${failed} Data is not in recognized format.` }
    : { code: "not-found", message: `${failed} Path does not exist.` };
}

/** Whether a file is where a folder would have to be. */
function isBelowFile(path: string): boolean {
  try {
    lstatSync(path);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOTDIR";
  }
}

/** Of a folder's database, or of a file that is one. */
async function formatAt(path: string): Promise<WalletFormat | undefined> {
  const entry = await statIfThere(path);
  if (entry === undefined) return undefined;
  return formatOf(entry.isFile() ? path : join(path, WALLET_DATABASE_FILE));
}

/**
 * Every wallet below `directory`, a folder before those in it, by name. Links to folders are wallets where a wallet is there, and are
 * not followed further. What cannot be read is logged and passed over.
 */
export async function listWalletDirectory(directory: string, log: Logger): Promise<readonly ListedWallet[]> {
  const found: ListedWallet[] = [];
  const waiting: Item[] = [];
  let folderCount = 0;
  const enter = async (folder: string, isTop: boolean) => {
    if (++folderCount > FOLDERS_LISTED_MAX) throw new Error(`more than ${FOLDERS_LISTED_MAX} folders`);
    const items = await itemsOf(folder, isTop);
    waiting.push(...items.reverse());
  };
  const scanningFailed = (error: unknown) => {
    log.warn(`Error scanning directory entries under ${directory}: ${(error as Error).message}`);
  };
  await enter(directory, true).catch(scanningFailed);
  for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) {
    const { path } = item;
    try {
      const entry = lstatSync(path);
      const isOwnFolder = OWN_FOLDER.test(basename(path));
      const format = isOwnFolder ? undefined : await listedFormat(item, entry.isFile());
      const isUnnamed = entry.isFile() && path === join(directory, WALLET_DATABASE_FILE);
      if (format !== undefined) {
        found.push({ name: isUnnamed ? "" : relative(directory, path), warnings: WARNINGS[format] });
      }
      if (!entry.isDirectory() || isOwnFolder) continue;
    } catch (error) {
      log.warn(`Error while scanning wallet dir item: ${(error as Error).message} [${path}].`);
      continue;
    }
    await enter(path, false).catch(scanningFailed);
    if (folderCount > FOLDERS_LISTED_MAX) break;
  }
  return found;
}

async function itemsOf(folder: string, isTop: boolean): Promise<Item[]> {
  const names: string[] = [];
  for await (const { name } of await opendir(folder)) names.push(name);
  return names.sort().map((name) => ({ path: join(folder, name), isTop }));
}

async function listedFormat({ path, isTop }: Item, isFile: boolean): Promise<WalletFormat | undefined> {
  if (!isFile) {
    const entry = await statIfThere(path);
    return entry?.isDirectory() ? formatOf(join(path, WALLET_DATABASE_FILE)) : undefined;
  }
  if (!isTop || path.endsWith(".bak")) return undefined;
  const format = await formatOf(path);
  return path.endsWith(`/${WALLET_DATABASE_FILE}`) || format === "berkeley" ? format : undefined;
}

/** Rejects with the system's error but for what is not there. */
async function statIfThere(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}

/** Whose database the file is; `undefined` where it is too small for one, or not there. */
async function formatOf(path: string): Promise<WalletFormat | undefined> {
  const entry = await statIfThere(path);
  if (entry === undefined || !entry.isFile() || entry.size < DATABASE_SIZE_MIN) return undefined;
  // Whoever opened it has seen what it is; and closing it here would take the lock that SQLite holds.
  if (isDatabaseOpen(path)) return "bitfleet";
  const file = await open(path, "r");
  try {
    const magic = await readMagic(file);
    if (magic.toString("latin1") === SQLITE_MAGIC) return "core";
    const words = [magic.readUInt32LE(BERKELEY_MAGIC_OFFSET), magic.readUInt32BE(BERKELEY_MAGIC_OFFSET)];
    return words.includes(BERKELEY_MAGIC) && entry.size >= BERKELEY_SIZE_MIN ? "berkeley" : "bitfleet";
  } finally {
    await file.close();
  }
}

async function readMagic(file: FileHandle): Promise<Buffer> {
  const { buffer } = await file.read(Buffer.alloc(MAGIC_SIZE), 0, MAGIC_SIZE, 0);
  return buffer;
}
