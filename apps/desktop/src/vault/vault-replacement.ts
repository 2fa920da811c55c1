import { readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { type KeyFile, readKeyFile, syncFolder, writeKeyFile } from "@bitfleet/node/wallets/storage/key-file.ts";
import { readHead } from "@bitfleet/node/wallets/storage/rebuild-database.ts";
import { isDatabaseOpen } from "@bitfleet/node/wallets/storage/wallet-file-lock.ts";
import { isFile } from "@bitfleet/node/wallets/storage/wallet-files.ts";
import { WalletStorageError } from "@bitfleet/node/wallets/storage/wallet-storage-error.ts";
import { equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { VaultError } from "@bitfleet/vault/vault.ts";
import { inUseError } from "@bitfleet/vault/vault-sentences.ts";

/**
 * How a vault takes the place of another. Two files cannot be renamed in one step, so there is a third state between the old and the new:
 *
 * 1. The new database is made beside the old one, as `vault.db.next`, whole and on disk. A crash until here leaves the old vault, and what is
 *    beside it is removed at the next look.
 * 2. The new key file gets its name, `vault.key.next`, by one rename: from here on the new vault counts, though the old files have the names still.
 * 3. The old log is removed, the new database takes the name of the old one, and then the new key file that of the old one. A crash before the end
 *    leaves `vault.key.next`, and the next look goes on from there.
 *
 * Before its last rename `vault.replaced` is made, which is there until the new vault is used: a program that ends between the two has told nobody that all is done,
 * and the next start does.
 *
 * The key file says what its database begins with (`head`), which no other database does: so it is known whether the new database has its name
 * already, and a key never comes to a database that is not its own, whatever other program looked or tidied up in between.
 */
export interface Replaceable {
  readonly folder: string;
  readonly database: string;
  readonly key: string;
  readonly nextDatabase: string;
  readonly nextKey: string;
  /** Says that a replacement is done and that nobody may have heard of it yet. */
  readonly replaced: string;
}

/** Step 2, of a database that is at its place as `nextDatabase`; `keyFile` has its head. */
export async function commitReplacement(files: Replaceable, keyFile: KeyFile): Promise<void> {
  await syncFolder(files.folder);
  await writeKeyFile(files.nextKey, keyFile);
}

/** Step 3: nobody has the old database open any more. Rejects with `in-use` where another program has taken the new files away; the old ones are there then. */
export async function finishReplacement(files: Replaceable): Promise<void> {
  const { head } = (await readKeyFile(files.nextKey)).current;
  if (isBeginning(files.nextDatabase, head)) {
    await removeJournals(files);
    await renameIfThere(files.nextDatabase, files.database);
  }
  if (!isBeginning(files.database, head)) {
    await removeReplacement(files);
    throw inUseError();
  }
  await removeJournals(files);
  // Only what is told depends on it.
  await writeFile(files.replaced, "", { mode: 0o600 }).catch(() => {});
  await syncFolder(files.folder);
  await renameIfThere(files.nextKey, files.key);
  await syncFolder(files.folder);
}

/** Ends a replacement that was cut short: finished where it counts, else forgotten. `undefined` where there was none. */
export async function settleReplacement(files: Replaceable): Promise<"finished" | "forgotten" | undefined> {
  // Looking into a file that is open here would give up its lock; and what is open is settled.
  if (isDatabaseOpen(files.database)) return undefined;
  await removeUnfinishedKeys(files);
  if (!isFile(files.nextKey)) {
    const wasBegun = isFile(files.nextDatabase);
    await removeReplacement(files);
    return wasBegun ? "forgotten" : undefined;
  }
  try {
    await finishReplacement(files);
    return "finished";
  } catch (error) {
    const isDamaged = error instanceof WalletStorageError && error.code === "key-file-damaged";
    const isForgotten = error instanceof VaultError && error.code === "in-use";
    // What fails for any other reason goes on at the next look: the old vault must not be opened meanwhile.
    if (!isDamaged && !isForgotten) throw error;
    await removeReplacement(files);
    return "forgotten";
  }
}

/** What stands beside the old vault, key first. */
export async function removeReplacement({ nextKey, nextDatabase }: Replaceable): Promise<void> {
  for (const path of [nextKey, ...journalsOf(nextDatabase), nextDatabase]) await rm(path, { force: true });
}

/** What SQLite may have beside a database. */
export function journalsOf(database: string): readonly string[] {
  return ["-wal", "-shm", "-journal"].map((suffix) => database + suffix);
}

/** Key files that were being written: of a replacement, or a change of the passphrase. */
async function removeUnfinishedKeys({ folder, key }: Replaceable): Promise<void> {
  const start = `${basename(key)}.`;
  const names = await readdir(folder).catch(() => []);
  const isUnfinished = (name: string) =>
    name.startsWith(start) && /^(next\.)?[0-9a-f]{4}$/.test(name.slice(start.length));
  for (const name of names.filter(isUnfinished)) await rm(join(folder, name), { force: true });
}

async function removeJournals({ database }: Replaceable): Promise<void> {
  for (const path of journalsOf(database)) await rm(path, { force: true });
}

/** Whether a database may be the one of a key file: `true` also where that does not say, or the database is open here and must not be looked into. */
export function isOfKey(database: string, { current: { head } }: KeyFile): boolean {
  return head === undefined || isDatabaseOpen(database) || isBeginning(database, head);
}

function isBeginning(database: string, head: Uint8Array | undefined): boolean {
  return head !== undefined && isFile(database) && !isDatabaseOpen(database) && equalBytes(readHead(database), head);
}

/** Another program may have done it already. */
async function renameIfThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
