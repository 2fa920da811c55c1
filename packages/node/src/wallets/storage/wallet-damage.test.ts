import { copyFileSync, cpSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { describe, expect, test } from "vitest";
import { restoreWallet } from "./restore-wallet.ts";
import {
  changeRow,
  cloneOpenWallet,
  contentsOf,
  createFilledWallet,
  createTestWallet,
  DEPENDENCIES,
  defaultsFor,
  fillTestWallet,
  keyFileIn,
  keysFolderOf,
  openTestWallet,
  SECRET_ID,
  SECRETS,
  seededRandom,
  type TestRandom,
  temporaryFolder,
} from "./test-kit.ts";
import { WalletStorageError } from "./wallet-storage-error.ts";

const FLIPS = 60;
const PAGE_SIZE = 4096;
/** Rows stand at the end of their pages. */
const FILLED_BYTES = 120;
const SEED = 20_261_126;

/** A closed wallet with something in every table. */
async function storedWallet(): Promise<{ readonly folder: string; readonly contents: unknown }> {
  const folder = join(temporaryFolder(), "w");
  const { wallet, contents } = await createFilledWallet(folder);
  await wallet.close();
  return { folder, contents };
}

/** What happens to whoever opens the wallet and reads all of it. */
async function outcomeOf(folder: string, contents: unknown): Promise<string> {
  try {
    const wallet = await openTestWallet(folder);
    try {
      const found = contentsOf(wallet);
      expect(wallet.vault.get("seed", SECRET_ID)).toEqual(SECRETS.seed);
      if (isDeepStrictEqual(found, contents)) return "unharmed";
      // A row whose key was hit is not found by it: then the check of everything must tell.
      expect((await wallet.checkIntegrity()).problems).not.toEqual([]);
      return "found by the check";
    } finally {
      await wallet.close();
    }
  } catch (error) {
    if (!(error instanceof WalletStorageError)) throw error;
    // One line for people, whatever bytes SQLite has come upon.
    expect(error.message).toMatch(/^[\x20-\x7e]+$/);
    return error.code;
  }
}

function flipBit(path: string, random: TestRandom, bitIn = (size: number) => random.below(size * 8)): number {
  const bytes = readFileSync(path);
  const bit = bitIn(bytes.length);
  bytes[bit >> 3]! ^= 1 << (bit & 7);
  writeFileSync(path, bytes);
  return bit;
}

describe("damage is noticed", () => {
  test("a changed bit of the database is an error, changes nothing that is read, or is found by the check of everything", {
    timeout: 120_000,
  }, async () => {
    const { folder, contents } = await storedWallet();
    const random = seededRandom(SEED);
    const outcomes = new Map<string, number>();
    for (let round = 0; round < FLIPS; round++) {
      const copy = join(folder, `../copy-${round}`);
      cpSync(folder, copy, { recursive: true });
      const atPageEnd = (size: number) =>
        ((random.below(size / PAGE_SIZE) + 1) * PAGE_SIZE - 1 - random.below(FILLED_BYTES)) * 8 + random.below(8);
      const bit = flipBit(join(copy, "wallet.dat"), random, round % 2 === 0 ? atPageEnd : undefined);
      const outcome = await outcomeOf(copy, contents).catch((error: Error) => {
        throw new Error(`bit ${bit}: ${error.message}`, { cause: error });
      });
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
    expect(
      [...outcomes.keys()].filter((each) => !["damaged", "unharmed", "found by the check"].includes(each)),
    ).toEqual([]);
    // Free space is most of the pages of a small file; rows are hit all the same.
    expect(outcomes.get("damaged")).toBeGreaterThan(FLIPS / 10);
  });

  test("every changed bit of a record is found by the check of everything", async () => {
    const { folder } = await storedWallet();
    const wallet = await openTestWallet(folder);
    expect(await wallet.checkIntegrity()).toMatchObject({
      problems: [],
      rows: { transactions: 1, coins: 1, spends: 1, secrets: 1, scripts: 1, address_book: 1 },
      hasCheckedSecrets: true,
    });
    const tables = [
      "settings",
      "descriptors",
      "descriptor_progress",
      "scripts",
      "transactions",
      "coins",
      "spends",
      "address_book",
    ];
    await wallet.close();
    for (const table of tables) {
      const copy = join(folder, `../${table}`);
      cpSync(folder, copy, { recursive: true });
      await changeRow(copy, table);
      const changed = await openTestWallet(copy);
      const { problems } = await changed.checkIntegrity();
      await changed.close();
      expect([table, problems.length, problems[0]]).toEqual([table, 1, expect.stringContaining(table)]);
    }
    // These are read when the wallet is opened.
    for (const table of ["locked_coins", "secrets"]) {
      const copy = join(folder, `../${table}`);
      cpSync(folder, copy, { recursive: true });
      await changeRow(copy, table);
      await expect(openTestWallet(copy)).rejects.toMatchObject({ code: "damaged" });
    }
  });

  test("a database that was cut off", { timeout: 60_000 }, async () => {
    const { folder, contents } = await storedWallet();
    const { size } = statSync(join(folder, "wallet.dat"));
    for (const kept of [0, 1, 15, 100, 511, 4096, 5000, size >> 1, size - 4096, size - 1]) {
      const copy = join(folder, `../cut-${kept}`);
      cpSync(folder, copy, { recursive: true });
      truncateSync(join(copy, "wallet.dat"), kept);
      expect([kept, await outcomeOf(copy, contents)]).toEqual([kept, "damaged"]);
    }
  });

  test("a log that was cut off or changed takes the wallet back to a state it had", { timeout: 60_000 }, async () => {
    const folder = join(temporaryFolder(), "w");
    const wallet = await createTestWallet(folder);
    wallet.settings.putJson("count", 0);
    const states = new Set<unknown>([undefined, 0]);
    for (let count = 1; count <= 20; count++) {
      wallet.settings.putJson("count", count);
      states.add(count);
    }
    const random = seededRandom(SEED);
    const log = readFileSync(join(folder, "wallet.dat-wal"));
    for (let round = 0; round < 20; round++) {
      const copy = cloneOpenWallet(folder, join(folder, `../killed-${round}`));
      const path = join(copy, "wallet.dat-wal");
      if (round % 2 === 0) truncateSync(path, random.below(log.length));
      else flipBit(path, random);
      const opened = await openTestWallet(copy);
      expect(states).toContain(opened.settings.getJson("count"));
      expect((await opened.checkIntegrity()).problems).toEqual([]);
      await opened.close();
    }
  });

  test("every changed bit of the key file, and every shorter one", async () => {
    const { folder, contents } = await storedWallet();
    const path = keyFileIn(keysFolderOf(folder));
    const good = readFileSync(path);
    for (let bit = 0; bit < good.length * 8; bit += 7) {
      const bytes = Buffer.from(good);
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      writeFileSync(path, bytes);
      const outcome = await outcomeOf(folder, contents);
      // A blank for another, a capital for a small letter of the key: the same key.
      if (outcome !== "unharmed") expect([bit, outcome]).toEqual([bit, "key-file-damaged"]);
    }
    for (const size of [0, 1, good.length >> 1, good.length - 3]) {
      writeFileSync(path, good.subarray(0, size));
      expect(await outcomeOf(folder, contents)).toBe("key-file-damaged");
    }
    writeFileSync(path, good);
    expect(await outcomeOf(folder, contents)).toBe("unharmed");
  });

  test("every changed bit of a backup, and every shorter one", async () => {
    const folder = temporaryFolder();
    const wallet = await createTestWallet(join(folder, "w"));
    fillTestWallet(wallet);
    const backup = join(folder, "backup");
    await wallet.backup(backup);
    const random = seededRandom(SEED);
    const restore = (path: string) =>
      restoreWallet(path, join(folder, "r"), defaultsFor(join(folder, "r")), DEPENDENCIES);
    const { size } = statSync(backup);
    for (let round = 0; round < 60; round++) {
      const copy = join(folder, "changed");
      copyFileSync(backup, copy);
      if (round < 40) flipBit(copy, random);
      else truncateSync(copy, random.below(size));
      const error = await restore(copy).catch((reason: WalletStorageError) => reason);
      expect(["damaged", "not-a-wallet", "key-file-damaged", "newer-version"]).toContain(
        (error as WalletStorageError).code,
      );
      expect(statSync(join(folder, "r"), { throwIfNoEntry: false })).toBeUndefined();
    }
    writeFileSync(join(folder, "longer"), Buffer.concat([readFileSync(backup), Buffer.alloc(1)]));
    await expect(restore(join(folder, "longer"))).rejects.toMatchObject({ code: "damaged" });
    await restore(backup);
    const restored = await openTestWallet(join(folder, "r"));
    expect(contentsOf(restored)).toEqual(contentsOf(wallet));
  });
});
