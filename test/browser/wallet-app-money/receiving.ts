import { expect, test } from "vitest";
import { expectAccessible } from "../accessibility.ts";
import { eventually } from "../page-kit.ts";
import { go } from "../wallet-app-devices.ts";
import { backupNotice, balanceOf, shownAddress } from "./screens.ts";
import type { TwoWallets } from "./two-wallets.ts";

/** How coins come, and what an address is given out for. */
export function receives(life: TwoWallets): void {
  test("an empty wallet says how coins are had", async () => {
    const { page } = life.alice;
    await page.getByText("Nothing has been paid here yet").waitFor();
    await page.getByText(/^bitfleet faucet bcrt1p/).waitFor();
    await life.alice.picture("wallet-app-home-empty-dark", true);
    await expectAccessible(page);
    await life.bob.picture("wallet-app-home-empty-light", true);
    await expectAccessible(life.bob.page);
    expect(await backupNotice(page).count()).toBe(0);
  });

  test("a payment from the faucet arrives on screen, waits, and is confirmed", async () => {
    const { page } = life.alice;
    await go(page, "Receive");
    const address = await shownAddress(page);
    expect(address).toMatch(/^bcrt1p/);
    await page.getByLabel("Amount in BTC").fill("2.5");
    await page.getByLabel("What it is for").fill("Wage of May");
    await page.getByLabel("What it is for").press("Enter");
    // The label is kept with the address, and the address stays the one that is shown.
    await page.getByRole("button", { name: "Wage of May" }).waitFor();
    expect(await shownAddress(page)).toBe(address);
    await page.getByText("Nothing has come to this address yet").waitFor();
    await life.alice.picture("wallet-app-receive-dark", true);
    await expectAccessible(page);

    await life.network.faucet(address, "2.5");
    const arrivals = page.getByTestId("arrivals");
    await arrivals.getByText("+2.50000000").waitFor();
    await arrivals.getByText("waits").waitFor();
    await life.network.mine(1);
    await arrivals.getByText("1 confirmation").waitFor();
    await page.getByText("Somebody has paid to this address already").waitFor();
    await life.alice.picture("wallet-app-received-dark", true);
    await eventually(async () => (await balanceOf(page, "Can be spent")).textContent()).toBe("2.50000000BTC");
    await page.getByTestId("entry").filter({ hasText: "Wage of May" }).waitFor();
    // There is something to lose now, and the browser has not agreed to keep it: told until it is put away.
    await backupNotice(page).waitFor();
    await expectAccessible(page);
    await life.alice.picture("wallet-app-backup-notice-dark", true);
    await page.getByRole("link", { name: "Go to Backup" }).click();
    await page.getByRole("button", { name: "Save a backup" }).waitFor();
    await go(page, "Home");
    await page.getByRole("button", { name: "Do not tell me again" }).click();
    await eventually(() => backupNotice(page).count()).toBe(0);
  });

  test("segwit is given out where it is asked for, and the next address where the first was given away", async () => {
    const { page } = life.bob;
    await go(page, "Receive");
    const taproot = await shownAddress(page);
    await page.getByText("Segwit", { exact: true }).click();
    await eventually(() => shownAddress(page)).toMatch(/^bcrt1q/);
    await page.getByText("Taproot", { exact: true }).click();
    await eventually(() => shownAddress(page)).toBe(taproot);
    await page.getByRole("button", { name: "Next address" }).click();
    await eventually(() => shownAddress(page)).not.toBe(taproot);
    expect(await page.getByTestId("address").textContent()).toMatch(/^bcrt1p/);
  });
}
