import { existsSync } from "node:fs";
import { mkdtemp, open, rm } from "node:fs/promises";
import { join } from "node:path";
import type { DescriptorRecord } from "@bitfleet/wallet/keychain/descriptor-record.ts";
import { type ChangeSet, EMPTY_CHANGE_SET } from "@bitfleet/wallet/ledger/change-set.ts";
import { transactionOf } from "@bitfleet/wallet/ledger/wallet-transaction.ts";
import { FLAGS_SETTING, type NodeWallet } from "./node-wallet.ts";
import type { WalletDatabase } from "./storage/wallet-database.ts";
import { WalletStorageError } from "./storage/wallet-storage-error.ts";
import { WalletFault } from "./wallet-fault.ts";
import { WalletFlag } from "./wallet-flags.ts";

/** Makes an empty database in a folder that is there. */
export type NewDatabase = (folder: string) => Promise<WalletDatabase>;

/**
 * Writes a backup of a wallet that watches what `wallet` has, and holds no private key of it: its descriptors in their public form, its
 * scripts, transactions, coins and address book. `workFolder`: where a database may be made for the time being. Rejects with
 * `WalletFault` in Core's words.
 */
export async function exportWatchOnly(
  wallet: NodeWallet,
  destination: string,
  workFolder: string,
  newDatabase: NewDatabase,
): Promise<void> {
  const refuse = (message: string, cause?: unknown) => new WalletFault("failed", `Error: ${message}`, { cause });
  if (destination === "") throw refuse("Export destination cannot be empty");
  if (existsSync(destination)) throw refuse(`Export destination '${destination}' already exists`);
  await createEmpty(destination).catch((error: unknown) => {
    throw refuse(`Could not create file '${destination}'`, error);
  });
  const folder = await mkdtemp(join(workFolder, ".exporting-"));
  try {
    if (wallet.keychain.isEmpty) throw refuse("Wallet has no descriptors to export");
    const copy = await newDatabase(folder);
    try {
      copyPublic(wallet, copy);
      await copy.backup(destination);
    } finally {
      await copy.close();
    }
  } catch (error) {
    await rm(destination, { force: true });
    if (!(error instanceof WalletStorageError)) throw error;
    wallet.log.error(`The wallet could not be exported: ${error.message}`);
    throw refuse("Unable to write the exported wallet", error);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** For its owner alone, as the backup that takes its place. */
async function createEmpty(path: string): Promise<void> {
  const file = await open(path, "wx", 0o600);
  await file.close();
}

function copyPublic({ database, flags, keychain, ledger }: NodeWallet, copy: WalletDatabase): void {
  copy.transaction(() => {
    copy.settings.putJson(FLAGS_SETTING, (flags | WalletFlag.disablePrivateKeys).toString());
    for (const { record } of keychain.sources) copy.descriptors.put(publicRecord(record));
    const descriptors = [...keychain.sources].map(({ progress }) => progress);
    copy.ledger.apply({ ...ledgerOf(ledger), descriptors, scripts: [...database.scripts.all()] });
  });
}

/** What needs no private key stands for itself; the rest keeps to the scripts that were derived. */
function publicRecord(record: DescriptorRecord): DescriptorRecord {
  const text = record.normalizedText ?? record.text;
  return { ...record, text, normalizedText: text };
}

/** All that a ledger holds, as the change set that makes an empty one the same. */
function ledgerOf(ledger: NodeWallet["ledger"]): ChangeSet {
  const unconfirmed = [...ledger.unconfirmedTransactions()];
  const known = new Set(unconfirmed.map(({ orderPosition }) => orderPosition));
  const inBlocks = [...ledger.transactionsSince(0)].filter(({ orderPosition }) => !known.has(orderPosition));
  const transactions = [...inBlocks, ...unconfirmed];
  const spends = transactions.flatMap((record) =>
    record.isCoinbase
      ? []
      : transactionOf(record).inputs.map(({ previousOutput: outPoint }) => ({ outPoint, txid: record.txid })),
  );
  return {
    ...EMPTY_CHANGE_SET,
    transactions,
    spends,
    coins: [...ledger.coins()],
    addressBook: [...ledger.addressBook()],
    lockedCoins: [...ledger.lockedCoins()].filter(({ isPersistent }) => isPersistent),
    bestBlock: ledger.bestBlock(),
  };
}
