import { expect, test } from "vitest";
import { expectAccessible } from "../accessibility.ts";
import { WatchedPage } from "../chromium.ts";
import { NodeGate } from "../node-gate.ts";
import { eventually } from "../page-kit.ts";
import { go } from "../wallet-app-devices.ts";
import { openInApp, setUpWallet, unlockWallet } from "../wallet-app-kit.ts";
import { backupNotice, balanceOf, openedTxid, steps, tile } from "./screens.ts";
import { freshAddress, type TwoWallets } from "./two-wallets.ts";

/** The wallet on another device, without its server, and after a reload. */
export function comesBack(life: TwoWallets): void {
  test("the words bring everything back on another device, which opens offline too and keeps what is entered", async () => {
    const balance = await (await balanceOf(life.alice.page, "Can be spent")).textContent();
    const to = await freshAddress(life.bob.page);
    // Between the device and the server, which so can be away.
    const gate = await NodeGate.open(life.network.url);
    const device = await WatchedPage.open(life.browser, `${gate.url}/wallet-app/`);
    try {
      const { page } = device;
      await setUpWallet(page, life.aliceWords);
      await eventually(() => tile(page, "Can be spent").textContent()).toBe(balance);
      // What was shown once is there without the server too, as all of it is where the service worker may keep it.
      await go(page, "History");
      await page.getByText(/^Payments: [1-9]/).waitFor();
      await go(page, "Send");
      await page.getByLabel("Pay to").fill(to);
      await page.getByLabel("Amount in BTC").fill("0.03");
      await gate.cut();
      const notice = page.getByTestId("reachability");
      await notice.getByText(/^Offline/).waitFor();
      await page.getByText("Own feerate").click();
      await page.getByLabel("Feerate in sat/vB").fill("3");
      await page.getByRole("button", { name: "Review the payment" }).click();
      await page.getByText("nothing can be sent now").waitFor();
      await device.picture("wallet-app-send-offline-dark", true);
      await expectAccessible(page);
      await go(page, "History");
      await page.getByText(/^Payments: [1-9]/).waitFor();
      await go(page, "Send");
      await eventually(() => page.getByLabel("Pay to").inputValue()).toBe(to);
      await gate.restore();
      await notice.getByRole("button", { name: "Try now" }).click();
      await notice.waitFor({ state: "detached" });
      await page.getByRole("button", { name: "Review the payment" }).click();
      await page.getByTestId("send").click();
      await steps(page).waitFor();
      await life.network.mineWith(await openedTxid(page));
      // The other device has the same wallet.
      await go(life.alice.page, "History");
      await life.alice.page.getByRole("row").filter({ hasText: "−0.03" }).first().waitFor();

      // A server that takes its time: pressed twice, with Escape, and with a link that comes meanwhile, it is one payment; the link's is next.
      const isBroadcast = (path: string) => path.endsWith("/broadcast");
      const pay = async (amount: string) => {
        await go(page, "Send");
        await page.getByLabel("Pay to").fill(to);
        await page.getByLabel("Amount in BTC").fill(amount);
        await page.getByLabel("Amount in BTC").press("Enter");
        await page.getByTestId("send").waitFor();
      };
      await pay("0.04");
      gate.forget();
      gate.hold(isBroadcast);
      await page.getByTestId("send").dblclick();
      await eventually(() => gate.asked.some(isBroadcast)).toBe(true);
      await page.keyboard.press("Enter");
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
      expect(await page.getByTestId("send").isVisible()).toBe(true);
      await openInApp(page, `send?uri=${encodeURIComponent(`bitcoin:${to}?amount=0.07`)}`);
      expect(await page.getByTestId("send").isVisible()).toBe(true);
      gate.release();
      await page.getByRole("status").filter({ hasText: "The payment is sent" }).waitFor();
      expect(gate.asked.filter(isBroadcast)).toHaveLength(1);
      await eventually(() => page.getByLabel("Amount in BTC").inputValue()).toBe("0.07");
      await go(page, "History");
      await page.getByRole("row").filter({ hasText: "−0.04" }).filter({ hasText: "waits" }).waitFor();

      // Kept, and not sent yet, it is in its place too, and not once more in the form.
      await pay("0.05");
      gate.hold(isBroadcast);
      await page.getByTestId("send").click();
      await eventually(() => gate.asked.filter(isBroadcast).length).toBe(2);
      await gate.cut();
      gate.release();
      await page.getByRole("alert").filter({ hasText: "Made, and not with the network yet" }).waitFor();
      await eventually(() => steps(page).getAttribute("data-standing")).toBe("unsent");
      await go(page, "Send");
      await eventually(() => page.getByLabel("Pay to").inputValue()).toBe("");
      await gate.restore();
      await page.goBack();
      await eventually(() => steps(page).getAttribute("data-standing")).toBe("pending");
    } finally {
      await device.close();
      await gate.close();
    }
  });

  test("after a reload and the passphrase everything is there", async () => {
    const { page } = life.alice;
    const balance = await (await balanceOf(page, "Can be spent")).textContent();
    await page.reload();
    await page.getByText("The page was loaded anew, which locks the wallet").waitFor();
    await life.alice.picture("wallet-app-reloaded-dark");
    await unlockWallet(page);
    await eventually(async () => (await balanceOf(page, "Can be spent")).textContent()).toBe(balance);
    expect(await backupNotice(page).count()).toBe(0);
    await go(page, "Contacts");
    await page.getByRole("heading", { level: 1, name: "Contacts" }).waitFor();
    await page.getByText("Robert").waitFor();
    await go(page, "History");
    await page.getByRole("row").filter({ hasText: "Bob" }).first().waitFor();
  });
}
