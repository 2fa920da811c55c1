import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Migration } from "./schema.ts";
import { MIGRATIONS } from "./schema.ts";
import {
  contentsOf,
  createFilledWallet,
  createTestWallet,
  DEPENDENCIES,
  NETWORK_MAGIC,
  openTestWallet,
  temporaryFolder,
} from "./test-kit.ts";

const withMigrations = (...further: Migration[]) => ({ ...DEPENDENCIES, migrations: [...MIGRATIONS, ...further] });

describe("a wallet of another schema", () => {
  test("an older one is brought up to date, once, with all that was in it", async () => {
    const folder = join(temporaryFolder(), "w");
    const { wallet: old, contents } = await createFilledWallet(folder);
    expect(old.identity.version).toBe(MIGRATIONS.length);
    await old.close();
    let runs = 0;
    const addColumn: Migration = (database) => {
      runs++;
      database.exec("ALTER TABLE coins ADD COLUMN colour TEXT");
      database.statement("UPDATE coins SET colour = ?").run("green");
    };
    for (let opening = 0; opening < 2; opening++) {
      const wallet = await openTestWallet(folder, {}, withMigrations(addColumn));
      expect(wallet.identity.version).toBe(MIGRATIONS.length + 1);
      expect(contentsOf(wallet)).toEqual(contents);
      await wallet.close();
    }
    expect(runs).toBe(1);
  });

  test("several steps are all taken or none", async () => {
    const folder = join(temporaryFolder(), "w");
    const { wallet: old, contents } = await createFilledWallet(folder);
    await old.close();
    const drop: Migration = (database) => database.exec("DROP TABLE coins");
    const fail: Migration = () => {
      throw new Error("half way");
    };
    await expect(openTestWallet(folder, {}, withMigrations(drop, fail))).rejects.toThrow("half way");
    const wallet = await openTestWallet(folder);
    expect(contentsOf(wallet)).toEqual(contents);
  });

  test("a newer one is refused and left as it is", async () => {
    const folder = join(temporaryFolder(), "w");
    const wallet = await createTestWallet(
      folder,
      {},
      withMigrations(() => {}),
    );
    await wallet.close();
    await expect(openTestWallet(folder)).rejects.toMatchObject({
      code: "newer-version",
      message: expect.stringMatching(
        /newer version of this program \(schema 2, this one knows 1\)\. Open it with that version\.$/,
      ),
    });
    await expect(
      openTestWallet(
        folder,
        {},
        withMigrations(() => {}),
      ),
    ).resolves.toBeDefined();
  });

  test("one of another network is refused", async () => {
    const folder = join(temporaryFolder(), "w");
    await (await createTestWallet(folder)).close();
    await expect(openTestWallet(folder, { networkMagic: 0xf9beb4d9 })).rejects.toMatchObject({ code: "other-network" });
    await expect(openTestWallet(folder, { networkMagic: NETWORK_MAGIC })).resolves.toBeDefined();
  });
});
