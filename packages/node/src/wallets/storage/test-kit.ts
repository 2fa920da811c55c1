import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BlockHash, Txid, Wtxid } from "@bitfleet/protocol/primitives/types.ts";
import { EMPTY_CHANGE_SET } from "@bitfleet/wallet/ledger/change-set.ts";
import { onTestFinished } from "vitest";
import { systemRandom } from "../../clock.ts";
import { type CreateWalletOptions, createWalletDatabase } from "./create-wallet.ts";
import { readKeyFile } from "./key-file.ts";
import { type OpenWalletOptions, openWalletDatabase, type WalletStorageDependencies } from "./open-wallet.ts";
import { loadSqlLibrary, SqlDatabase } from "./sql-database.ts";
import type { WalletDatabase } from "./wallet-database.ts";
import { KEYS_FOLDER } from "./wallet-files.ts";

export const NETWORK_MAGIC = 0xfabfb5da;

/** A guess that costs next to nothing. */
export const CHEAP_COST = { n: 16, r: 1, p: 1 } as const;

export const DEPENDENCIES: WalletStorageDependencies = {
  random: systemRandom,
  clock: { monotonicMs: () => performance.now() },
  kdfCost: CHEAP_COST,
};

/** A folder that is removed with the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "bitfleet-wallet-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Where a wallet's key is, unless a test wants it elsewhere: with its folder, so that both are copied together. */
export function keysFolderOf(folder: string): string {
  return join(folder, KEYS_FOLDER);
}

/** The only key file there. */
export function keyFileIn(keysFolder: string): string {
  const [name, ...others] = readdirSync(keysFolder);
  if (name === undefined || others.length > 0) throw new Error(`not one key file in ${keysFolder}`);
  return join(keysFolder, name);
}

/** A new wallet, closed with the test. */
export async function createTestWallet(
  folder: string,
  options: Partial<CreateWalletOptions> = {},
  deps = DEPENDENCIES,
): Promise<WalletDatabase> {
  const wallet = await createWalletDatabase(folder, { ...defaultsFor(folder), ...options }, deps);
  onTestFinished(() => wallet.close());
  return wallet;
}

/** The wallet of a folder, closed with the test. */
export async function openTestWallet(
  folder: string,
  options: Partial<OpenWalletOptions> = {},
  deps = DEPENDENCIES,
): Promise<WalletDatabase> {
  const wallet = await openWalletDatabase(folder, { ...defaultsFor(folder), ...options }, deps);
  onTestFinished(() => wallet.close());
  return wallet;
}

/** What is the same for every wallet of the tests. */
export function defaultsFor(folder: string) {
  return { networkMagic: NETWORK_MAGIC, keysFolder: keysFolderOf(folder) };
}

/** Distinct bytes for a number. */
export function bytesOf(seed: number, size = 32): Uint8Array {
  return new Uint8Array(createHash("shake256", { outputLength: size }).update(String(seed)).digest());
}

export interface TestRandom {
  /** A whole number from 0 to `limit` - 1. */
  below(limit: number): number;
}

/** The same numbers in every run. */
export function seededRandom(seed: number): TestRandom {
  let count = 0;
  return { below: (limit) => new DataView(bytesOf(seed + ++count, 4).buffer).getUint32(0) % limit };
}

/** What the test wallet holds that nobody may read from its files: the bytes of each. */
export const TOLD = {
  txid: bytesOf(101),
  transaction: bytesOf(102, 150),
  parentTxid: bytesOf(103),
  blockHash: bytesOf(104),
  script: bytesOf(105, 22),
  spareScript: bytesOf(106, 34),
} as const;
export const TOLD_TEXTS = {
  label: "rent for the blue house",
  comment: "a gift of the quiet aunt",
  descriptor:
    "wpkh(tpubD6NzVbkrYhZ4WaWSyoBvQwbpLkojyoTZPRsgXELWz3Popb3qkjcJyJUGLnL4qHHoQvao8ESaAstxYSnhyswJ76uZPStJRJCTKvosUCJZL5B/0/*)",
  setting: "a word that stands nowhere else",
} as const;
/** Sealed in the vault. */
export const SECRETS = { seed: bytesOf(107, 64), key: bytesOf(108, 33) } as const;
export const SECRET_ID = bytesOf(109, 20);

type Fillable = Pick<WalletDatabase, "ledger" | "descriptors" | "settings">;

/** One of everything but secrets. */
export function fillTestWallet({ ledger, descriptors, settings }: Fillable): void {
  const [txid, parentTxid] = [TOLD.txid as Txid, TOLD.parentTxid as Txid];
  const use = { addressType: "bech32", isInternal: false } as const;
  descriptors.put({ id: 1, text: TOLD_TEXTS.descriptor, normalizedText: undefined, createdAt: 5, activeFor: use });
  settings.put("word", new TextEncoder().encode(TOLD_TEXTS.setting));
  const owner = { descriptorId: 1, index: 0 };
  ledger.apply({
    ...EMPTY_CHANGE_SET,
    transactions: [
      {
        txid,
        wtxid: bytesOf(110) as Wtxid,
        bytes: TOLD.transaction,
        isCoinbase: false,
        isFromMe: true,
        orderPosition: 0,
        timeReceived: 1_700_000_000,
        timeSmart: 1_700_000_000,
        state: {
          kind: "confirmed",
          block: { hash: TOLD.blockHash as BlockHash, height: 9 },
          indexInBlock: 1,
          blockTime: 1_700_000_000,
        },
        notes: { comment: TOLD_TEXTS.comment },
        mempoolConflicts: [],
        trucChildInMempool: undefined,
      },
    ],
    coins: [
      {
        ...owner,
        outPoint: { txid, index: 1 },
        value: 5_000n,
        script: TOLD.script,
        isCoinbase: false,
        height: 9,
        spentHeight: undefined,
        isFromMe: true,
        time: 1_700_000_000,
      },
    ],
    spends: [{ outPoint: { txid: parentTxid, index: 7 }, txid }],
    addressBook: [{ script: TOLD.script, label: TOLD_TEXTS.label, purpose: "receive", isUsed: false }],
    lockedCoins: [{ outPoint: { txid, index: 1 }, isPersistent: true }],
    descriptors: [{ id: 1, nextIndex: 1, rangeStart: 0, rangeEnd: 2 }],
    scripts: [
      { ...owner, script: TOLD.script },
      { ...owner, index: 1, script: TOLD.spareScript },
    ],
    bestBlock: { hash: TOLD.blockHash as BlockHash, height: 9 },
  });
}

/** A new wallet with one of everything and a seed, and what {@link contentsOf} says of it. */
export async function createFilledWallet(folder: string, options: Partial<CreateWalletOptions> = {}) {
  const wallet = await createTestWallet(folder, options);
  fillTestWallet(wallet);
  wallet.vault.put("seed", SECRET_ID, SECRETS.seed);
  return { wallet, contents: contentsOf(wallet) };
}

/** All that {@link fillTestWallet} wrote, as it reads back. */
export function contentsOf(wallet: WalletDatabase): unknown {
  const { ledger, descriptors, scripts, settings } = wallet;
  return {
    history: ledger.history({ limit: 10 }),
    coins: [...ledger.coins()],
    spenders: ledger.spendersOf({ txid: TOLD.parentTxid as Txid, index: 7 }),
    addressBook: [...ledger.addressBook()],
    locks: [...ledger.lockedCoins()],
    bestBlock: ledger.bestBlock(),
    descriptors: descriptors.all(),
    scripts: [...scripts.all()].map(({ script, ...owner }) => ({ ...owner, script: Uint8Array.from(script) })),
    setting: settings.get("word"),
  };
}

/** A copy of an open wallet's files, log and all: what a killed process leaves. In another process, for the sake of the lock. */
export function cloneOpenWallet(folder: string, to: string): string {
  execFileSync("cp", ["-r", folder, to]);
  return to;
}

/** Changes a bit of the record of a table's first row, in a closed wallet without passphrase. */
export async function changeRow(folder: string, table: string): Promise<void> {
  const { current } = await readKeyFile(keyFileIn(keysFolderOf(folder)));
  if (current.kind !== "file") throw new Error("the key file has no key");
  const database = new SqlDatabase(join(folder, "wallet.dat"), current.fileKey, await loadSqlLibrary(folder));
  const column = table === "secrets" ? "sealed" : "record";
  const [key] = database.statement(`SELECT name FROM pragma_table_info('${table}') WHERE pk = 1`).get()!;
  const [id, stored] = database.statement(`SELECT ${key}, ${column} FROM ${table} LIMIT 1`).get()!;
  const changed = Uint8Array.from(stored as Uint8Array);
  changed[changed.length >> 1]! ^= 1;
  database.statement(`UPDATE ${table} SET ${column} = ? WHERE ${key} = ?`).run(changed, id!);
  database.close();
}
