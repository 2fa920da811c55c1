import { readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { expectAccessible } from "./accessibility.ts";
import { eventually } from "./page-kit.ts";
import {
  button,
  go,
  heading,
  OTHER_PASSPHRASE,
  shownWords,
  WalletDevices,
  whyNoWalletApp,
} from "./wallet-app-devices.ts";
import { PASSPHRASE, unlockWallet } from "./wallet-app-kit.ts";

const missing = whyNoWalletApp();
if (missing !== undefined)
  process.stderr.write(`\nSKIPPED: the tests of what the wallet app keeps, since ${missing}\n\n`);

describe.skipIf(missing !== undefined)("the wallet app", () => {
  let devices: WalletDevices;

  beforeAll(async () => {
    devices = await WalletDevices.start();
  });
  afterEach(() => devices.closePages());
  afterAll(() => devices?.stop());

  describe("keeps", () => {
    test("everything in one encrypted file, which another device restores", async () => {
      const { view, page } = await devices.openWallet();
      await go(page, "Settings");
      expect(await page.evaluate(() => navigator.storage.persisted())).toBe(false);
      await page.getByText("This browser may throw away what is kept here").waitFor();
      await button(page, "Save a backup").click();
      const dialog = page.getByRole("dialog");
      await dialog.getByLabel("Passphrase of this device").fill("something else");
      await dialog.getByLabel("The backup opens with the same passphrase").uncheck();
      await dialog.getByLabel("Passphrase of the backup").fill(OTHER_PASSPHRASE);
      await dialog.getByLabel("The same once more").fill(OTHER_PASSPHRASE);
      await view.picture("wallet-app-backup-dark");
      await button(page, "Save the file").click();
      await dialog.getByText("The passphrase is not the right one.").waitFor();
      await dialog.getByLabel("Passphrase of this device").fill(PASSPHRASE);
      const [download] = await Promise.all([page.waitForEvent("download"), button(page, "Save the file").click()]);
      expect(download.suggestedFilename()).toMatch(/^bitfleet-wallet-\d{4}-\d\d-\d\d\.bitfleet-backup$/);
      const bytes = readFileSync(await download.path());

      const other = await devices.open();
      await button(other.page, "Restore a backup file").click();
      const file = (buffer: Buffer) => ({ name: "mine.bitfleet-backup", mimeType: "application/octet-stream", buffer });
      const input = other.page.locator('input[type="file"]');
      await button(other.page, "Restore").click();
      await other.page.getByText("Choose the backup file first.").waitFor();
      await input.setInputFiles(file(Buffer.from("no backup at all")));
      await other.page.getByLabel("Passphrase of the backup").fill(OTHER_PASSPHRASE);
      await button(other.page, "Restore").click();
      await other.page
        .getByRole("alert")
        .filter({ hasText: /backup/ })
        .waitFor();
      await input.setInputFiles(file(bytes));
      await other.page.getByLabel("Passphrase of the backup").fill("not this one");
      await button(other.page, "Restore").click();
      await other.page.getByText("The passphrase is not the backup's.").waitFor();
      await other.picture("wallet-app-restore-backup-dark", true);
      await other.page.getByLabel("Passphrase of the backup").fill(OTHER_PASSPHRASE);
      await button(other.page, "Restore").click();
      await heading(other.page, /^Balance/);
      await go(other.page, "Wallets");
      await button(other.page, "Show the words").click();
      await other.page.getByRole("dialog").getByLabel("Passphrase of this device").fill(OTHER_PASSPHRASE);
      await other.page.getByRole("dialog").getByRole("button", { name: "Go on" }).click();
      await other.page.getByRole("dialog").getByRole("button", { name: "Show the words" }).waitFor();

      // In the place of what is here: read first, so that a wrong passphrase costs nothing.
      await go(page, "Settings");
      await button(page, "Restore a backup").click();
      await page.locator('dialog input[type="file"]').setInputFiles(file(bytes));
      await page.getByRole("dialog").getByLabel("Passphrase of the backup").fill("not this one");
      await page.getByRole("dialog").getByRole("button", { name: "Restore", exact: true }).click();
      await page.getByRole("dialog").getByText("The passphrase is not the backup's.").waitFor();
      await page.getByRole("dialog").getByLabel("Passphrase of the backup").fill(OTHER_PASSPHRASE);
      await page.getByRole("dialog").getByRole("button", { name: "Restore", exact: true }).click();
      await page.getByLabel("Type replace everything to confirm").fill("replace everything");
      await page.getByTestId("confirm").click();
      await heading(page, /^Balance/);
      await button(page, "Lock").click();
      await unlockWallet(page, OTHER_PASSPHRASE);
      await heading(page, /^Balance/);
    });

    test("several wallets and accounts: added, named, switched, shown behind the passphrase, removed", async () => {
      const { view, page, words } = await devices.openWallet();
      await go(page, "Wallets");
      await button(page, "Add an account").click();
      await page.getByRole("dialog").getByLabel("Name").fill("Holidays");
      await page.getByRole("dialog").getByRole("button", { name: "Add", exact: true }).click();
      await page.getByRole("button", { name: "Switch account, now My wallet Holidays" }).waitFor();
      const accounts = page.getByRole("list", { name: "Accounts of My wallet" });
      await eventually(() => accounts.getByRole("listitem").count()).toBe(2);
      await button(page, "Rename Holidays").click();
      await page.getByRole("dialog").getByLabel("Name").fill("");
      await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
      await page.getByText("Enter a name.").waitFor();
      await page
        .getByRole("dialog")
        .getByLabel("Name")
        .fill("Holidays in May, by the sea or in the mountains, as it comes");
      await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
      await accounts.getByText("Holidays in May, by the sea or in the mountains, as it comes").waitFor();
      await button(page, "Search further in My wallet").click();
      const search = page.getByRole("dialog", { name: "Search further in My wallet" });
      await search.getByLabel("Unused addresses in a row").fill("20");
      await search.getByRole("button", { name: "Search" }).click();
      await search.getByText("Enter a number from 21 to 1,000.").waitFor();
      await search.getByLabel("Unused addresses in a row").fill("25");
      await search.getByRole("button", { name: "Search" }).click();
      await page.getByText("There is nothing more than what was known before.").waitFor();
      await view.picture("wallet-app-wallets-dark", true);
      await button(page, "Search further in My wallet").click();
      await search.getByLabel("Unused addresses in a row").fill("25");
      await search.getByRole("button", { name: "Search" }).click();
      await search.getByText("It looks behind 25 now: enter another number.").waitFor();
      await search.getByLabel("Unused addresses in a row").fill("20");
      await search.getByRole("button", { name: "Look less far" }).waitFor();
      await view.picture("wallet-app-less-far-dark");
      await expectAccessible(page, "looking less far");
      await search.getByRole("button", { name: "Look less far" }).click();
      await page.getByText("It looks behind 20 unused addresses now").waitFor();

      await page
        .getByRole("button", {
          name: "Switch account, now My wallet Holidays in May, by the sea or in the mountains, as it comes",
        })
        .click();
      const switcher = page.getByRole("dialog", { name: "Wallets and accounts" });
      await expectAccessible(page, "switcher");
      await view.picture("wallet-app-switcher-dark");
      // A long name leaves room for what is in the accounts.
      const edge = (await switcher.boundingBox())!;
      for (const amount of await switcher.getByText("BTC").all()) {
        const { x, width } = (await amount.boundingBox())!;
        expect(x + width).toBeLessThan(edge.x + edge.width);
      }
      // The account on screen is in sight, however many stand above it.
      const { width, height } = page.viewportSize()!;
      await page.keyboard.press("Escape");
      await switcher.waitFor({ state: "hidden" });
      await page.setViewportSize({ width, height: 200 });
      await page.getByRole("button", { name: /^Switch account/ }).press("Enter");
      const shown = switcher.locator("[aria-current=true]");
      await eventually(async () => {
        const [row, list] = [await shown.boundingBox(), await switcher.boundingBox()];
        return row !== null && list !== null && row.y >= list.y && row.y + row.height <= list.y + list.height;
      }).toBe(true);
      await page.setViewportSize({ width, height });
      await switcher.getByRole("listitem").first().getByRole("button").click();
      await eventually(() => page.getByRole("button", { name: /^Switch account/ }).textContent()).not.toMatch(
        /Holidays/,
      );

      await button(page, "Show the words").click();
      const dialog = page.getByRole("dialog");
      await dialog.getByLabel("Passphrase of this device").fill("not the one");
      await dialog.getByRole("button", { name: "Go on" }).click();
      await dialog.getByRole("alert").filter({ hasText: "passphrase" }).waitFor();
      expect(await dialog.getByTestId("words").count()).toBe(0);
      await dialog.getByLabel("Passphrase of this device").fill(PASSPHRASE);
      await dialog.getByRole("button", { name: "Go on" }).click();
      // Hidden ones are not in the document.
      await eventually(() => dialog.getByTestId("words").textContent()).not.toContain(words.split(" ")[0]!);
      await dialog.getByRole("button", { name: "Show the words" }).click();
      expect((await shownWords(page)).join(" ")).toBe(words);
      await view.picture("wallet-app-words-dark");
      await page.keyboard.press("Escape");

      await button(page, "Public keys").click();
      await page
        .getByRole("dialog")
        .getByText(/^tr\(\[/)
        .first()
        .waitFor();
      await page.getByRole("dialog").getByRole("button", { name: "As a QR code" }).first().click();
      await page.getByRole("img", { name: "QR code of the descriptor" }).waitFor();
      await view.picture("wallet-app-keys-dark");
      await page.keyboard.press("Escape");

      await button(page, "Remove Holidays in May, by the sea or in the mountains, as it comes").click();
      await page.getByTestId("confirm").click();
      await eventually(() => accounts.getByRole("listitem").count()).toBe(1);
      await button(page, "Remove My wallet").click();
      await page.getByLabel("Type My wallet to confirm").fill("My wallet");
      await page.getByTestId("confirm").click();
      await heading(page, "Add a wallet");
    });

    test("settings: theme, unit, kind of address, passphrase; and removes everything when asked to", async () => {
      const { view, page } = await devices.openWallet();
      await go(page, "Settings");
      await page.getByText("Light", { exact: true }).click();
      await eventually(() => page.evaluate(() => document.documentElement.dataset.mantineColorScheme)).toBe("light");
      await page.getByText("Segwit", { exact: true }).click();
      await eventually(() => page.getByRole("radio", { name: "Segwit" }).isChecked()).toBe(true);
      await button(page, "Change the passphrase").click();
      const dialog = page.getByRole("dialog");
      await dialog.getByLabel("Passphrase now").fill("not this one");
      await dialog.getByLabel("New passphrase").fill(OTHER_PASSPHRASE);
      await dialog.getByLabel("The same once more").fill(OTHER_PASSPHRASE);
      await button(page, "Change it").click();
      await dialog.getByRole("alert").filter({ hasText: "passphrase" }).waitFor();
      await dialog.getByLabel("Passphrase now").fill(PASSPHRASE);
      await button(page, "Change it").click();
      await page.getByTestId("toasts").getByText("The passphrase is another one now").waitFor();
      await view.picture("wallet-app-settings-light", true);
      await page.reload();
      await unlockWallet(page, PASSPHRASE);
      await page.getByText("The passphrase is not the right one.").waitFor();
      await unlockWallet(page, OTHER_PASSPHRASE);
      await heading(page, "Settings");
      await eventually(() => page.getByRole("radio", { name: "Segwit" }).isChecked()).toBe(true);
      await go(page, "Receive");
      await eventually(() => page.getByTestId("address").textContent()).toMatch(/^bcrt1q/);
      await go(page, "Settings");
      await button(page, "Remove everything on this device").click();
      await page.getByLabel("Type remove everything to confirm").fill("remove everything");
      await page.getByTestId("confirm").click();
      await heading(page, "A wallet whose keys never leave this device");
    });
  });
});
