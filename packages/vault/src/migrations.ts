import { type CheckedChange, checkChanges } from "./check-input.ts";
import type { Collection, RecordValue, VaultChange, VaultRecord } from "./vault.ts";
import { tooNewError } from "./vault-sentences.ts";

/** What a migration reads: the records as the version before has them, and as steps before it left them. */
export interface MigratedRecords {
  get(collection: Collection, key: string): RecordValue | undefined;
  list(collection: Collection, prefix: string): readonly VaultRecord[];
}

/** What has to be written to bring records from one version to the next. Pure: it may run again where it was interrupted. */
export type Migration = (records: MigratedRecords) => readonly VaultChange[];

/** What made each version of the records out of the one before; the first is 1. Never changed, only added to. */
export const MIGRATIONS: readonly Migration[] = [];

/** The version that all of `migrations` lead to. */
export function schemaVersion(migrations: readonly Migration[] = MIGRATIONS): number {
  return 1 + migrations.length;
}

/** Runs what is missing since `from`, step by step; `apply` makes each step's changes visible to the next. Throws `too-new`. */
export function migrate(
  from: number,
  migrations: readonly Migration[],
  records: MigratedRecords,
  apply: (changes: readonly CheckedChange[]) => void,
): void {
  if (from > schemaVersion(migrations)) throw tooNewError(`What is kept on this device (version ${from})`);
  for (const step of migrations.slice(from - 1)) apply(checkChanges(step(records)));
}
