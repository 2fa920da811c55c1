import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { deriveKey } from "../../packages/vault/src/passphrase-key.ts";
import { readBackup } from "../../packages/vault/src/vault-backup.ts";
import { expectAccessible } from "./accessibility.ts";
import { pressInTurn } from "./chromium.ts";
import { eventually } from "./page-kit.ts";
import { button, go, heading, WalletDevices, whyNoWalletApp } from "./wallet-app-devices.ts";
import { PASSPHRASE, unlockWallet } from "./wallet-app-kit.ts";

const missing = whyNoWalletApp();
if (missing !== undefined)
  process.stderr.write(`\nSKIPPED: the tests of how the wallet app is locked, since ${missing}\n\n`);

describe.skipIf(missing !== undefined)("the wallet app", () => {
  let devices: WalletDevices;

  beforeAll(async () => {
    devices = await WalletDevices.start();
  });
  afterEach(() => devices.closePages());
  afterAll(() => devices?.stop());

  describe("is locked", () => {
    test("by its button, and opened by the passphrase alone, at the page that was asked for; wrong ones wait longer and longer", async () => {
      const { view, page } = await devices.openWallet();
      await go(page, "Contacts");
      await heading(page, "Contacts");
      await button(page, "Lock").click();
      await heading(page, "Unlock your wallet");
      expect(await page.getByText("Contacts").count()).toBe(0);
      // What a reload would be told as.
      expect(await page.getByText("loaded anew").count()).toBe(0);
      await button(page, "Unlock").click();
      await page.getByText("Enter the passphrase.").waitFor();
      await page.evaluate(noteWaits);
      for (let tries = 1; tries <= 3; tries++) {
        await unlockWallet(page, `wrong horse ${tries}`);
        await page.getByText(`${tries} wrong`).waitFor();
      }
      await page.getByText("The passphrase is not the right one.").waitFor();
      // The first wait is over in a second: it was noted when it was shown.
      const waits = () => page.evaluate(() => (window as unknown as { waits: readonly Wait[] }).waits);
      await eventually(async () => (await waits()).length).toBeGreaterThan(0);
      await view.picture("wallet-app-unlock-wait-dark");
      for (const wait of await waits()) {
        expect(wait).toEqual({ text: expect.stringMatching(/^Wait \d+ seconds?/), isDisabled: true });
      }
      await eventually(() => button(page, "Unlock").isEnabled()).toBe(true);
      await unlockWallet(page);
      await heading(page, "Contacts");
      await pressInTurn(page, "g", "l");
      await heading(page, "Unlock your wallet");
    });

    test("by itself, when nobody did anything for as long as the settings say, in the background too", async () => {
      const { page } = await devices.openWallet();
      await go(page, "Settings");
      await page.getByLabel("Lock by itself").selectOption({ label: "After 1 minute" });
      await page.clock.install();
      // The session's timer began before the page's clock was in the test's hand.
      await page.getByLabel("Lock by itself").selectOption({ label: "After 5 minutes" });
      await eventually(() => page.getByLabel("Lock by itself").inputValue()).toBe("5");
      await page.clock.fastForward("04:30");
      await page.mouse.move(10, 10);
      await page.mouse.move(40, 40);
      await page.clock.fastForward("04:30");
      expect(await page.getByRole("heading", { level: 1, name: "Settings" }).count()).toBe(1);
      await page.clock.fastForward("05:30");
      await heading(page, "Unlock your wallet");
    });

    test("for who comes back to a computer that slept, whose timers slept too", async () => {
      const { page } = await devices.openWallet();
      await page.clock.install();
      await page.clock.setSystemTime(Date.now() + 9 * 60_000);
      await page.mouse.move(10, 10);
      await page.mouse.move(40, 40);
      expect(await page.getByRole("heading", { level: 1, name: /^Balance/ }).count()).toBe(1);
      await page.clock.setSystemTime(Date.now() + 20 * 60_000);
      await page.mouse.move(10, 10);
      await page.mouse.move(40, 40);
      await heading(page, "Unlock your wallet");
    });

    test("in a second tab while the first one has it open, which says so", async () => {
      const { view, page } = await devices.openWallet();
      const second = await page.context().newPage();
      await second.goto(`${devices.node.url}/wallet-app/`);
      await unlockWallet(second);
      await second.getByText("The vault is open in another window or tab.").waitFor();
      await button(page, "Lock").click();
      await heading(page, "Unlock your wallet");
      await unlockWallet(second);
      await heading(second, /^Balance/);
      expect(view.complaints).toEqual([]);
    });

    test("for good where the passphrase is forgotten, until everything is removed, which is typed first", async () => {
      const { view, page } = await devices.openWallet();
      await button(page, "Lock").click();
      await button(page, "I forgot the passphrase").click();
      await heading(page, "Nobody can reset the passphrase");
      await button(page, "Remove everything on this device").click();
      const dialog = page.getByRole("dialog");
      expect(await dialog.getByTestId("confirm").isDisabled()).toBe(true);
      await dialog.getByLabel("Type remove everything to confirm").fill("remove everything");
      await view.picture("wallet-app-forgotten-dark");
      await dialog.getByTestId("confirm").click();
      await heading(page, "A wallet whose keys never leave this device");
      await page.reload();
      await heading(page, "A wallet whose keys never leave this device");
    });

    test("and what is damaged is told, with the ways out of it", async () => {
      const { view, page } = await devices.openWallet();
      const backup = await savedBackup(page);
      await button(page, "Lock").click();
      await page.goto(`${devices.node.url}/health`);
      const rowCount = await page.evaluate(breakRows, { isOne: false });
      expect(rowCount).toBeGreaterThan(3);
      await page.goto(`${devices.node.url}/wallet-app/`);
      await unlockWallet(page);
      await heading(page, "What is kept on this device cannot be read");
      await view.picture("wallet-app-damaged-dark");
      await expectAccessible(page, "damaged");
      await button(page, "Save the file").click();
      await page.getByText("Enter the passphrase of this device.").waitFor();
      await page.getByLabel("Passphrase of this device").fill("not the one");
      await button(page, "Save the file").click();
      await page.getByText("The passphrase is not the right one.").waitFor();
      await page.getByLabel("Passphrase of this device").fill(PASSPHRASE);
      await button(page, "Save the file").click();
      await page.getByText("It has no wallet, the words of none, and 0 records in all.").waitFor();
      await button(page, "Restore a backup in its place").click();
      const input = page.locator('dialog input[type="file"]');
      await input.setInputFiles({ name: "mine", mimeType: "application/octet-stream", buffer: backup });
      await page.getByRole("dialog").getByLabel("Passphrase of the backup").fill(PASSPHRASE);
      await view.picture("wallet-app-damaged-restore-dark");
      await page.getByRole("dialog").getByRole("button", { name: "Restore", exact: true }).click();
      await page.getByText(/has one wallet \(My wallet\)/).waitFor();
      await page.getByLabel("Type replace everything to confirm").fill("replace everything");
      await page.getByTestId("confirm").click();
      await heading(page, /^Balance/);
      await button(page, "Lock").click();
      await unlockWallet(page);
      await heading(page, /^Balance/);
    });

    test("and what a later version wrote is left alone, with no button that removes it", async () => {
      const { page } = await devices.openWallet();
      await button(page, "Lock").click();
      await page.goto(`${devices.node.url}/health`);
      await page.evaluate(raiseVersion);
      await page.goto(`${devices.node.url}/wallet-app/`);
      await heading(page, "The wallet here was written by a later version");
      await page.getByText("Open it with that version.").waitFor();
      expect(await page.getByRole("button", { name: /remove/i }).count()).toBe(0);
      await expectAccessible(page, "later version");
    });

    test("and of what is damaged all else is saved as a backup that opens", async () => {
      const { view, page } = await devices.openWallet();
      await button(page, "Lock").click();
      await page.goto(`${devices.node.url}/health`);
      await page.evaluate(breakRows, { isOne: true });
      await page.goto(`${devices.node.url}/wallet-app/`);
      await unlockWallet(page);
      await heading(page, "What is kept on this device cannot be read");
      await page.getByLabel("Passphrase of this device").fill(PASSPHRASE);
      const [download] = await Promise.all([page.waitForEvent("download"), button(page, "Save the file").click()]);
      expect(download.suggestedFilename()).toMatch(/-salvaged\.bitfleet-backup$/);
      await page.getByText(/Not in it: 1 of \d+ \w+ cannot be read/).waitFor();
      await view.picture("wallet-app-salvaged-dark", true);
      const { records } = await readBackup(readFileSync(await download.path()), PASSPHRASE, { deriveKey });
      const wallets = records.filter(({ collection }) => collection === "wallets");
      const phraseCount = wallets.filter(({ key }) => key.endsWith("/phrase")).length;
      const count = (number: number, none: string, one: string) => (number === 0 ? none : `${number}${one}`);
      await eventually(() => page.getByRole("status").filter({ hasText: "Saved as" }).textContent()).toContain(
        `It has ${count(wallets.length - phraseCount, "no wallet", " wallet")}, the words of ${count(phraseCount, "none", "")}, and ${records.length} records in all`,
      );
    });
  });
});

interface Wait {
  readonly text: string;
  readonly isDisabled: boolean;
}

/** Notes each word of a wait before the next try, with whether the button stands still. Runs in the page. */
function noteWaits(): void {
  const waits: Wait[] = [];
  Object.assign(window, { waits });
  new MutationObserver(() => {
    const text = document.querySelector('[data-testid="unlock-wait"]')?.textContent ?? "";
    const button = document.querySelector<HTMLButtonElement>('button[type="submit"]');
    if (text !== "" && text !== waits.at(-1)?.text) waits.push({ text, isDisabled: button?.disabled === true });
  }).observe(document.body, { attributes: true, characterData: true, childList: true, subtree: true });
}

/** Under the passphrase of the device. */
async function savedBackup(page: Page): Promise<Buffer> {
  await go(page, "Settings");
  await button(page, "Save a backup").click();
  await page.getByRole("dialog").getByLabel("Passphrase of this device").fill(PASSPHRASE);
  const [download] = await Promise.all([page.waitForEvent("download"), button(page, "Save the file").click()]);
  return readFileSync(await download.path());
}

/** Changes a byte of every row that the vault has in IndexedDB; or of the first alone. Answers of how many. Runs in the page. */
async function breakRows({ isOne }: { readonly isOne: boolean }): Promise<number> {
  let count = 0;
  const names = (await indexedDB.databases()).flatMap(({ name }) => (name === undefined ? [] : [name]));
  for (const name of names) {
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open(name);
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    for (const store of [...database.objectStoreNames].filter((one) => /row|record/i.test(one))) {
      const transaction = database.transaction(store, "readwrite");
      const request = transaction.objectStore(store).openCursor();
      request.onsuccess = () => {
        const cursor = request.result;
        if (cursor === null) return;
        const broken: unknown = structuredClone(cursor.value);
        const bytes =
          broken instanceof Uint8Array
            ? broken
            : (Object.values(broken as object).find((one) => one instanceof Uint8Array) as Uint8Array);
        bytes[bytes.length - 1]! ^= 1;
        cursor.update(broken);
        count++;
        if (!isOne) cursor.continue();
      };
      await new Promise((resolve) => {
        transaction.oncomplete = resolve;
      });
    }
    database.close();
  }
  return count;
}

/** As a later version of the vault would. Runs in the page. */
async function raiseVersion(): Promise<void> {
  await new Promise((resolve, reject) => {
    const request = indexedDB.open("bitfleet-vault", 1000);
    request.onsuccess = () => {
      request.result.close();
      resolve(undefined);
    };
    request.onerror = () => reject(request.error);
  });
}
