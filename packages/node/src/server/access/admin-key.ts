import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import type { Random } from "../../ports.ts";
import { hashOfKey } from "./api-keys.ts";
import { parseKeyFile, parseOldKeyFile, type StoredKey, storedKeyOf } from "./key-file.ts";
import { changeKeys, readKeyText, replaceFile } from "./key-store.ts";

/** The first key, made where there is none yet: its hash among those of all keys, and beside them the key in clear, for its owner. */

const KEYS_FILE_NAME = "api-keys.json";
const ADMIN_FILE_NAME = "admin-key";
/** 192 bits, which nobody guesses. */
const KEY_SIZE = 24;
/** Its name among the keys. */
const ADMIN_KEY_NAME = "admin";

/** The key to what changes the network over HTTP. */
export interface AdminKey {
  /** Absent where it was revoked, or is kept nowhere in clear. */
  readonly key: string | undefined;
  /** Where it is kept in clear. */
  readonly file: string;
  /** Where its hash is, and those of all other keys. */
  readonly keysFile: string;
}

/** Where the hashes of a network's keys are. */
export const keysFileOf = (folder: string) => join(folder, KEYS_FILE_NAME);
export const adminKeyFileOf = (folder: string) => join(folder, ADMIN_FILE_NAME);

/** A new key: 48 hex digits. */
export function newKey(random: Pick<Random, "bytes">): string {
  return toHex(random.bytes(KEY_SIZE));
}

/**
 * The admin key of the network in `folder`, made where no key was made yet. Both files can be read by their owner alone. Rejects with
 * `KeyFileError` where one is damaged.
 */
export async function loadAdminKey(folder: string, random: Pick<Random, "bytes">): Promise<AdminKey> {
  const keysFile = keysFileOf(folder);
  const file = adminKeyFileOf(folder);
  if ((await makeFirstKey(keysFile, random)) === undefined) await bringToPresentForm(folder);
  const keys = parseKeyFile(readKeyText(keysFile) ?? "", keysFile);
  return { key: clearKeyAmong(keys, file), file, keysFile };
}

/**
 * Makes an admin key where `keysFile` is not there yet. Returns where it is kept in clear; `undefined` where there is a file. Rejects with
 * `KeyFileError` where that cannot be written.
 */
export async function makeFirstKey(keysFile: string, random: Pick<Random, "bytes">): Promise<string | undefined> {
  if (readKeyText(keysFile) !== undefined) return undefined;
  const file = adminKeyFileOf(dirname(keysFile));
  let isMade = false;
  await changeKeys(keysFile, (text) => {
    if (text !== undefined) return undefined;
    isMade = true;
    return [keptInClear(newKey(random), file)];
  });
  return isMade ? file : undefined;
}

/** Where an earlier version kept the admin key in clear among the keys, it goes into a file of its own. Rejects with `KeyFileError`. */
export async function bringToPresentForm(folder: string): Promise<void> {
  const keysFile = keysFileOf(folder);
  await changeOldKeys(keysFile, adminKeyFileOf(folder));
}

/** The same for a file anywhere; `clearFile`: where the key is kept in clear, nowhere if absent. */
export async function changeOldKeys(keysFile: string, clearFile?: string): Promise<void> {
  // The lock is for who has something to change.
  if (parseOldKeyFile(readKeyText(keysFile) ?? "") === undefined) return;
  await changeKeys(keysFile, (text = "") => {
    const old = parseOldKeyFile(text);
    if (old === undefined) return undefined;
    return [clearFile === undefined ? adminRecord(old.admin) : keptInClear(old.admin, clearFile)];
  });
}

/** The key in clear, where it is one of `keys`. */
export function clearKeyAmong(keys: readonly StoredKey[], file: string): string | undefined {
  let key: string;
  try {
    key = readFileSync(file, "utf8").trim();
  } catch {
    return undefined;
  }
  const hash = toHex(hashOfKey(key));
  return keys.some((one) => one.role === "admin" && toHex(one.hash) === hash) ? key : undefined;
}

/** What `bitfleet up` shows of it. */
export function adminKeyText({ key, file }: AdminKey): string {
  return key === undefined
    ? 'not kept in clear; "bitfleet keys add <name> --role admin" makes one'
    : `${key}  (for buttons of the page, /api/admin and /api/wallet; kept in ${file})`;
}

/** Written first: a key that is known nowhere opens nothing. */
function keptInClear(key: string, file: string): StoredKey {
  replaceFile(file, `${key}\n`);
  return adminRecord(key);
}

const adminRecord = (key: string) => storedKeyOf(key, { name: ADMIN_KEY_NAME, role: "admin", createdMs: Date.now() });
