import { MIGRATIONS } from "@bitfleet/vault/migrations.ts";
import { deriveKey } from "@bitfleet/vault/passphrase-key.ts";
import type { RecordTables } from "@bitfleet/vault/record-tables.ts";
import { type OpenVault, VaultError } from "@bitfleet/vault/vault.ts";
import { readBackup, tablesOf } from "@bitfleet/vault/vault-backup.ts";
import { AccountKeeper } from "./account-keeper.ts";
import type { BackupContents } from "./session.ts";
import { prefixesOf, type SessionDependencies } from "./session-dependencies.ts";
import { UnreadableRecord } from "./stored.ts";
import { phraseOf, readStored, type Stored } from "./stored-wallets.ts";
import { networkIn, walletIn } from "./wallet-book.ts";

/** What reading needs of a vault. */
type Reader = Pick<OpenVault, "get" | "list" | "write">;

/**
 * Opens a backup and reads all of it as the app does once it is restored, so that one which this program cannot show takes nobody's place.
 * Rejects with why not, in a sentence.
 */
export async function readBackupContents(
  bytes: Uint8Array,
  passphrase: string,
  deps: Pick<SessionDependencies, "secp256k1" | "turns">,
): Promise<BackupContents> {
  const backup = await readBackup(bytes, passphrase, { deriveKey });
  try {
    const reader = readerOf(tablesOf(backup, MIGRATIONS));
    const stored = await readStored(reader);
    await readWallets(stored, reader, deps);
    return { madeAt: backup.madeAt, wallets: stored.wallets.map(({ name }) => name) };
  } catch (error) {
    if (error instanceof VaultError) throw error;
    throw unshownError(error);
  }
}

async function readWallets(
  stored: Stored,
  reader: Reader,
  { secp256k1, turns }: Pick<SessionDependencies, "secp256k1" | "turns">,
) {
  for (const { id, networkId, kind } of stored.wallets) {
    networkIn(stored, networkId);
    if (kind === "phrase" && (await phraseOf(id, reader)) === undefined) throw new UnreadableRecord("a phrase");
    if (!stored.accounts.some(({ walletId }) => walletId === id)) throw new UnreadableRecord("an account");
  }
  for (const account of stored.accounts) {
    const wallet = walletIn(stored, account.walletId);
    const context = { prefixes: prefixesOf(networkIn(stored, wallet.networkId)), secp256k1 };
    await AccountKeeper.open(account, reader, { signs: wallet.kind === "phrase" }, context, { turns });
  }
}

/** Writes nothing. */
function readerOf(tables: RecordTables): Reader {
  return {
    get: async (collection, key) => tables.get(collection, key),
    list: async (collection, prefix = "") => tables.list(collection, prefix),
    write: async () => {},
  };
}

function unshownError(error: unknown): Error {
  const what = error instanceof UnreadableRecord ? `a record in it (${error.what})` : "a record in it";
  const sentence = `The backup opens, but ${what} is not what this program writes. Nothing was changed. Use another backup, or restore your wallets from their words.`;
  return new Error(sentence, { cause: error });
}
