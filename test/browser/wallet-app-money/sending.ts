import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { expectAccessible } from "../accessibility.ts";
import { eventually } from "../page-kit.ts";
import { go } from "../wallet-app-devices.ts";
import { unlockWallet } from "../wallet-app-kit.ts";
import { balanceOf, openedTxid, steps, txidOf } from "./screens.ts";
import { freshAddress, pay, type TwoWallets } from "./two-wallets.ts";

/** Payments from what is wrong with them to the sixth confirmation, raised, pulled along and kept. */
export function sends(life: TwoWallets): void {
  test("what is wrong with a payment is said at its field, and nothing is sent", async () => {
    const { page } = life.alice;
    await go(page, "Send");
    await page.getByRole("button", { name: "Review the payment" }).click();
    await page.getByText("Enter the address that is paid.").waitFor();
    await page.getByText("Enter an amount.").waitFor();
    await eventually(() => page.evaluate(() => document.activeElement?.getAttribute("aria-invalid"))).toBe("true");
    await life.alice.picture("wallet-app-send-wrong-dark", true);
    await expectAccessible(page);

    const to = await freshAddress(life.bob.page);
    await page.getByLabel("Pay to").fill("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4");
    await eventually(() => page.getByRole("alert").first().textContent()).toMatch(/network|prefix/i);
    await page.getByLabel("Pay to").fill(`bitcoin:${to}?amount=1&req-escrow=now`);
    await page.getByText('The payment URI requires "escrow", which is not supported here.').waitFor();
    await page.getByLabel("Pay to").fill(to);
    await page.getByLabel("Amount in BTC").fill("99");
    await page.getByRole("button", { name: "Review the payment" }).click();
    await eventually(() => page.getByRole("alert").last().textContent()).toMatch(/coins|funds|enough/i);
    await page.getByRole("button", { name: "Clear" }).click();
    await eventually(() => page.getByLabel("Pay to").inputValue()).toBe("");
  });

  test("a payment is made by the keyboard alone, shows its preview, and lands with the other wallet at once", async () => {
    const to = await freshAddress(life.bob.page);
    const { page } = life.alice;
    await page.goto(
      `${life.network.url}/wallet-app/send?uri=${encodeURIComponent(`bitcoin:${to}?amount=0.5&label=Bob`)}`,
    );
    await unlockWallet(page);
    await eventually(() => page.getByLabel("Pay to").inputValue()).toBe(to);
    // Read once: what is entered since is not begun anew by loading the page again.
    await eventually(() => new URL(page.url()).search).toBe("");
    await eventually(() => page.getByLabel("Amount in BTC").inputValue()).toBe("0.5");
    await eventually(() => page.getByLabel("What it is for").inputValue()).toBe("Bob");
    await page.getByText("Usual").waitFor();
    await life.alice.picture("wallet-app-send-dark", true);
    await expectAccessible(page);

    await page.getByLabel("Pay to").focus();
    await pressUntil(page, "Tab", () => isFocused(page, "Review the payment"));
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog", { name: "Is this right?" });
    await dialog.getByText("Leaves the wallet").waitFor();
    await dialog.getByText(to, { exact: true }).waitFor();
    await dialog.getByText(/change, back to you/).waitFor();
    await life.alice.picture("wallet-app-preview-dark");
    await expectAccessible(page);
    await pressUntil(page, "Tab", () => isFocused(page, "Send"));
    await page.keyboard.press("Enter");

    await steps(page).getByText("Waits in the mempool for a block").waitFor();
    await life.alice.picture("wallet-app-transaction-waits-dark", true);
    await expectAccessible(page);
    const other = life.bob.page.getByTestId("arrivals");
    await other.getByText("+0.50000000").waitFor();
    await eventually(async () => (await balanceOf(life.bob.page, "On its way in")).textContent()).toBe("0.50000000BTC");
    await life.bob.picture("wallet-app-home-pending-light", true);
    await expectAccessible(life.bob.page);
  });

  test("its fee is raised, the first one is shown as replaced, and the second is confirmed six times", async () => {
    const { page } = life.alice;
    const first = await openedTxid(page);
    await page.getByLabel("New feerate in sat/vB").fill("25");
    await page.getByRole("button", { name: "Look at it" }).click();
    const dialog = page.getByRole("dialog", { name: "Pay more for it?" });
    await dialog.getByText("Fee until now").waitFor();
    await dialog.getByText("Feerate from now on").waitFor();
    await life.alice.picture("wallet-app-bump-dark");
    await expectAccessible(page);
    await dialog.getByTestId("send").click();
    await eventually(() => txidOf(page)).not.toBe(first);
    const second = txidOf(page);
    expect(second).toMatch(/^[0-9a-f]{64}$/);
    await page.getByText("Takes the place of").waitFor();
    await page.locator(`a[href$="/tx/${first}"]`).click();
    await eventually(() => steps(page).getAttribute("data-standing")).toBe("replaced");
    await page.getByText("Replaced by").waitFor();
    await life.alice.picture("wallet-app-transaction-replaced-dark", true);
    await page.locator(`a[href$="/tx/${second}"]`).click();

    await life.network.mineWith(second);
    await eventually(() => steps(page).getAttribute("data-standing")).toBe("confirmed");
    await steps(page)
      .getByText(/^In block 1/)
      .waitFor();
    await life.network.mine(2);
    await steps(page).getByText("3 of 6 confirmations").waitFor();
    await life.network.mine(3);
    await steps(page).getByText("6 confirmations: as good as final").waitFor();
    await eventually(async () => (await balanceOf(life.bob.page, "Can be spent")).textContent()).toBe("0.50000000BTC");
    await go(page, "History");
    await page.getByRole("row").filter({ hasText: "replaced" }).waitFor();
    await page.getByRole("row").filter({ hasText: "6 confirmations" }).filter({ hasText: "Bob" }).waitFor();
    await life.alice.picture("wallet-app-history-dark", true);
    await expectAccessible(page);
  });

  test("a payment is taken back while it waits: it comes back but for the fee, and who was to get it sees that it is gone", async () => {
    await pay(life.alice, await freshAddress(life.bob.page), "0.02", "1");
    const { page } = life.alice;
    const paid = txidOf(page);
    await life.bob.page.getByTestId("arrivals").getByText("waits").waitFor();
    await page.getByLabel("Feerate of the other one in sat/vB").fill("20");
    await page.getByRole("button", { name: "Look at what comes back" }).click();
    const dialog = page.getByRole("dialog", { name: "Take this payment back?" });
    await dialog.getByText("It pays nobody: what it spends comes back to you, less the fee.").waitFor();
    await life.alice.picture("wallet-app-take-back-dark");
    await expectAccessible(page);
    await dialog.getByTestId("send").click();
    await eventually(() => txidOf(page)).not.toBe(paid);
    await page.getByText("Takes the place of").waitFor();
    await steps(page).getByText("Waits in the mempool for a block").waitFor();
    await life.bob.page.getByTestId("arrivals").getByText("dropped").waitFor();
    await life.network.mineWith(txidOf(page));
    await eventually(() => steps(page).getAttribute("data-standing")).toBe("confirmed");
  });

  test("who gets a payment that pays too little for it pulls it into a block by a child", async () => {
    await pay(life.alice, await freshAddress(life.bob.page), "0.1", "1");
    const { page } = life.bob;
    await page.getByTestId("arrivals").getByText("waits").waitFor();
    await page.getByTestId("arrivals").getByText("+0.10000000").click();
    const parent = await openedTxid(page);
    await page.getByLabel("Feerate of both in sat/vB").fill("20");
    await page.getByRole("button", { name: "Look at it" }).click();
    const dialog = page.getByRole("dialog", { name: "Pay for it with a child?" });
    await dialog.getByText("It pays nobody: what it spends comes back to you, less the fee.").waitFor();
    await life.bob.picture("wallet-app-child-light");
    await expectAccessible(page);
    await dialog.getByTestId("send").click();
    await eventually(() => txidOf(page)).not.toBe(parent);
    await steps(page).getByText("Waits in the mempool for a block").waitFor();
    await life.network.mineWith(await openedTxid(page));
    await eventually(() => steps(page).getAttribute("data-standing")).toBe("confirmed");
    await go(page, "History");
    await page.getByRole("row").filter({ hasText: "+0.10000000" }).waitFor();
    expect(await page.getByRole("row").filter({ hasText: "+0.10000000" }).count()).toBe(1);
  });

  test("a payment that is not taken at once is kept, and leaves no form behind from which it would be made again", async () => {
    const to = await freshAddress(life.bob.page);
    const { page } = life.alice;
    const refusal = { success: false, data: null, error: "mempool min fee not met, 141 < 1410.", timestamp: "" };
    await page.route("**/transactions/broadcast", (route) => route.fulfill({ status: 422, json: refusal }));
    await pay(life.alice, to, "0.1", "1");
    await page.getByText("Made, and not with the network yet").waitFor();
    await page.getByText(/The mempool is full.*The payment is kept and sent again/).waitFor();
    await eventually(() => steps(page).getAttribute("data-standing")).toBe("unsent");
    await life.alice.picture("wallet-app-kept-dark", true);
    await page.getByRole("button", { name: "Give it up" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Give it up" }).click();
    await eventually(() => steps(page).getAttribute("data-standing")).toBe("abandoned");
    await page.unroute("**/transactions/broadcast");
    await go(page, "Send");
    await eventually(() => page.getByLabel("Pay to").inputValue()).toBe("");
  });
}

/** Whether the focus is on a button of this name. */
function isFocused(page: Page, name: string): Promise<boolean> {
  return page.evaluate((text) => document.activeElement?.textContent?.trim() === text, name);
}

const PRESSES_MAX = 60;

/** Presses a key until what is looked for is so. */
async function pressUntil(page: Page, key: string, isSo: () => Promise<boolean>): Promise<void> {
  for (let count = 0; count < PRESSES_MAX; count++) {
    if (await isSo()) return;
    await page.keyboard.press(key);
  }
  throw new Error(`${key} was pressed ${PRESSES_MAX} times in vain`);
}
