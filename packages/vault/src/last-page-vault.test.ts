import { expect, test } from "vitest";
import { type ClaimPage, lastPageVault } from "./last-page-vault.ts";
import { MemoryPlace, MemoryVault } from "./memory-vault.ts";

const PASSPHRASE = "correct horse battery";

/** Pages of one browser, each with a vault of one place that lets several have it open, as the desktop's process does. */
class Pages {
  readonly place = new MemoryPlace();
  #holder: { readonly onLost: () => void } | undefined;

  readonly #claim: ClaimPage = async (onLost) => {
    const mine = { onLost };
    this.#holder?.onLost();
    this.#holder = mine;
    return () => {
      if (this.#holder === mine) this.#holder = undefined;
    };
  };

  get isTaken(): boolean {
    return this.#holder !== undefined;
  }

  page() {
    const told = { isLost: false };
    const vault = lastPageVault(new MemoryVault({}, this.place), {
      claim: this.#claim,
      onLost: () => {
        told.isLost = true;
      },
    });
    return { vault, told };
  }
}

test("of two pages the one that opens the vault last has it, and the other is told and locked", async () => {
  const pages = new Pages();
  const [first, second] = [pages.page(), pages.page()];
  const before = await first.vault.create(PASSPHRASE);
  await before.write([{ collection: "settings", key: "wallet", value: 1 }]);
  pages.place.openedBy = undefined;
  await expect(second.vault.unlock("not the passphrase")).rejects.toMatchObject({ code: "wrong-passphrase" });
  expect(first.told.isLost).toBe(false);
  const after = await second.vault.unlock(PASSPHRASE);
  expect([first.told.isLost, second.told.isLost]).toEqual([true, false]);
  await expect(before.write([{ collection: "settings", key: "wallet", value: 2 }])).rejects.toMatchObject({
    code: "locked",
  });
  expect(await after.get("settings", "wallet")).toBe(1);
});

test("a page that locks gives it back, and opens it again without having lost it", async () => {
  const pages = new Pages();
  const { vault, told } = pages.page();
  await (await vault.create(PASSPHRASE)).lock();
  expect(pages.isTaken).toBe(false);
  await vault.unlock(PASSPHRASE);
  // The handle from before was locked by others, say: the same page opens it once more.
  const again = await vault.unlock(PASSPHRASE);
  expect([told.isLost, pages.isTaken]).toEqual([false, true]);
  await again.lock();
  expect(pages.isTaken).toBe(false);
});
