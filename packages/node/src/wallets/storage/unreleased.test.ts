import { existsSync, mkdirSync, renameSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createTestWallet, openTestWallet, SECRET_ID, SECRETS, temporaryFolder } from "./test-kit.ts";

/** A folder where SQLite's journal would be keeps it from leaving one file, as a full disk does. */
async function closedOnFullDisk() {
  const folder = join(temporaryFolder(), "w");
  const journal = join(folder, "wallet.dat-journal");
  const wallet = await createTestWallet(folder);
  wallet.vault.put("seed", SECRET_ID, SECRETS.seed);
  mkdirSync(journal);
  await wallet.close();
  return { folder, journal };
}

test("a wallet that was closed on a full disk is opened as soon as there is space, with all that was written", async () => {
  const { folder, journal } = await closedOnFullDisk();
  await expect(openTestWallet(folder)).rejects.toMatchObject({ code: "no-permission" });
  rmdirSync(journal);
  const again = await openTestWallet(folder);
  expect(again.vault.get("seed", SECRET_ID)).toEqual(SECRETS.seed);
  await again.close();
  expect(existsSync(join(folder, "wallet.dat-wal"))).toBe(false);
});

test("one whose files are gone meanwhile is not in the way of another", async () => {
  const { folder } = await closedOnFullDisk();
  renameSync(folder, `${folder}-away`);
  await createTestWallet(folder);
  rmSync(`${folder}-away`, { recursive: true });
});
