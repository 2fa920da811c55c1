import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Migration } from "@bitfleet/vault/migrations.ts";
import type { OpenVault } from "@bitfleet/vault/vault.ts";
import { describe, expect, test } from "vitest";
import { cheapVault, temporaryFolder } from "./test-kit.ts";
import { vaultFiles } from "./vault-files.ts";
import { FIXTURE_PASSPHRASE, FIXTURE_RECORDS } from "./version-1-test-kit.ts";

const FIXTURES = join(import.meta.dirname, "../../../../test/vault-fixtures");

/** What a later version may want: names of contacts in capitals, and every label with the time of its migration. */
const STEPS: readonly Migration[] = [
  (records) =>
    records.list("contacts", "").map(({ key, value }) => {
      const { name, ...rest } = value as { name: string };
      return { collection: "contacts", key, value: { ...rest, name: name.toUpperCase() } };
    }),
  (records) =>
    records.list("labels", "").map(({ key, value }) => ({ collection: "labels", key, value: { text: value } })),
];

async function expectRecords(open: OpenVault): Promise<void> {
  for (const { collection, key, value } of FIXTURE_RECORDS) expect(await open.get(collection, key)).toEqual(value);
}

function oldVault(): string {
  const folder = temporaryFolder();
  const files = vaultFiles(folder);
  copyFileSync(join(FIXTURES, "version-1.db"), files.database);
  copyFileSync(join(FIXTURES, "version-1.key"), files.key);
  return folder;
}

describe("what the first version wrote", () => {
  test("a vault opens", async () => {
    const open = await cheapVault(oldVault()).unlock(FIXTURE_PASSPHRASE);
    await expectRecords(open);
    await open.lock();
  });

  test("a backup is restored", async () => {
    const backup = readFileSync(join(FIXTURES, "version-1.backup"));
    const open = await cheapVault(temporaryFolder()).restore(backup, FIXTURE_PASSPHRASE, "another passphrase");
    await expectRecords(open);
    await open.lock();
  });

  test("both come to a later version's records, in order", async () => {
    const migrations = [...STEPS];
    const folder = oldVault();
    const backup = readFileSync(join(FIXTURES, "version-1.backup"));
    const vaults = [
      await cheapVault(folder, { migrations }).unlock(FIXTURE_PASSPHRASE),
      await cheapVault(temporaryFolder(), { migrations }).restore(backup, FIXTURE_PASSPHRASE, FIXTURE_PASSPHRASE),
    ];
    for (const open of vaults) {
      expect(await open.get("contacts", "c1")).toEqual({ name: "ANNA", note: "" });
      expect(await open.get("labels", "w1:0:grün")).toEqual({ text: "Miete \u{1F3E0}" });
      expect(await open.get("wallets", "w1")).toEqual({ phrase: "words of a phrase", kind: "phrase" });
      await open.lock();
    }
    await expect(cheapVault(folder, { migrations: [] }).unlock(FIXTURE_PASSPHRASE)).rejects.toMatchObject({
      code: "too-new",
    });
  });
});
