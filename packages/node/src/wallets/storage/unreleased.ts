import type { SqlDatabase } from "./sql-database.ts";
import type { WalletFileLock } from "./wallet-file-lock.ts";
import type { WalletStorageError, WalletStorageErrorCode } from "./wallet-storage-error.ts";

/**
 * Databases of wallets that are closed, and that could not be given back, because the disk is full. SQLite holds them as long as what is
 * in their logs is not in them: so each is tried again before a wallet is opened, and nobody else has the file meanwhile.
 */
const unreleased = new Set<Held>();

/** Why a database cannot be closed now, and perhaps later. */
const CURABLE: ReadonlySet<WalletStorageErrorCode> = new Set(["disk-full", "io", "no-permission"]);

interface Held {
  readonly database: SqlDatabase;
  readonly lock: WalletFileLock;
}

/** Closes a database and gives its lock back, now or as soon as that can be. */
export function release(held: Held): void {
  if (settle(held) !== undefined) unreleased.add(held);
}

/** Tries again with all that wait. Answers why the database of that name is still held, where it is. */
export function releaseHeld(path: string): WalletStorageError | undefined {
  let problem: WalletStorageError | undefined;
  for (const held of unreleased) {
    const refusal = settle(held);
    if (refusal === undefined) unreleased.delete(held);
    else if (held.lock.isOf(path)) problem = refusal;
  }
  return problem;
}

/** Answers why it has to wait. What is damaged will not be written, nor what somebody has removed or replaced: those are let go. */
function settle({ database, lock }: Held): WalletStorageError | undefined {
  const problem = database.close();
  if (problem !== undefined && CURABLE.has(problem.code) && lock.isInPlace) return problem;
  database.abandon();
  lock.release();
  return undefined;
}
