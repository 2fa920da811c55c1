import { test } from "vitest";
import { expectAccessible } from "../accessibility.ts";
import { eventually } from "../page-kit.ts";
import { go } from "../wallet-app-devices.ts";
import { openInApp } from "../wallet-app-kit.ts";
import { balanceOf, openedTxid, steps } from "./screens.ts";
import { freshAddress, type TwoWallets } from "./two-wallets.ts";

/** Which coins are spent, and who is paid. */
export function chooses(life: TwoWallets): void {
  test("coins are frozen and chosen by hand, and the payment spends those", async () => {
    await life.network.faucet(await freshAddress(life.alice.page), "0.75");
    await life.network.mine(1);
    const { page } = life.alice;
    await go(page, "Coins");
    const coin = page.getByRole("row").filter({ hasText: "0.75000000" });
    await coin.getByRole("button", { name: /^Freeze/ }).click();
    await coin.getByText("frozen").waitFor();
    await eventually(() => coin.getByRole("checkbox").isDisabled()).toBe(true);
    await life.alice.picture("wallet-app-coins-dark", true);
    await expectAccessible(page);
    await eventually(async () => (await balanceOf(page, "Frozen")).textContent()).toBe("0.75000000BTC");
    await go(page, "Coins");
    await coin.getByRole("button", { name: /^Unfreeze/ }).click();
    await coin.getByRole("checkbox").check();
    await page.getByRole("button", { name: "Send with these" }).click();
    await page.getByText("Chosen coins:").waitFor();
    await page.getByRole("button", { name: "Untick all" }).waitFor();
    await page.getByLabel("Pay to").fill(await freshAddress(life.bob.page));
    await page.getByRole("button", { name: "Everything" }).click();
    await page.getByRole("button", { name: "Review the payment" }).click();
    const dialog = page.getByRole("dialog", { name: "Is this right?" });
    await dialog.getByText("Spends one coin").waitFor();
    await dialog.getByText("Makes one output").waitFor();
    await dialog.getByTestId("send").click();
    await steps(page).waitFor();
    await life.network.mineWith(await openedTxid(page));
    await eventually(() => steps(page).getAttribute("data-standing")).toBe("confirmed");

    // One that is gone by the time it is paid with is told, and not silently another one in its place.
    await openInApp(page, `send?coins=${"ab".repeat(32)}:0`);
    await page.getByText("One of the chosen coins cannot be spent any more.").waitFor();
    await page.getByRole("button", { name: "Leave out what is gone" }).click();
    await page.getByText("None is ticked: the wallet chooses.").waitFor();
  });

  test("a contact is kept, refused where its address is none here, paid by its name, and found in the history", async () => {
    const address = await freshAddress(life.bob.page);
    const { page } = life.alice;
    await go(page, "Contacts");
    await page.getByText("Nobody is in the address book yet").waitFor();
    await page.getByRole("button", { name: "New contact" }).click();
    const form = page.getByRole("dialog", { name: "New contact" });
    await form.getByLabel("Name").fill("Robert");
    await form.getByLabel("Address").fill("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4");
    await form.getByRole("button", { name: "Save" }).click();
    await form.getByRole("alert").waitFor();
    await form.getByLabel("Address").fill(address);
    await form.getByLabel("Note").fill("from the shop");
    await expectAccessible(page);
    await form.getByRole("button", { name: "Save" }).click();
    await page.getByRole("row").filter({ hasText: "Robert" }).waitFor();
    await life.alice.picture("wallet-app-contacts-dark");
    await expectAccessible(page);

    await go(page, "Send");
    await page.getByRole("button", { name: "Contacts" }).click();
    await page
      .getByRole("dialog")
      .getByRole("button", { name: /^Robert/ })
      .click();
    await eventually(() => page.getByLabel("Pay to").inputValue()).toBe(address);
    await page.getByText("Contact: Robert").waitFor();
    await page.getByLabel("Amount in BTC").fill("0.01");
    await page.getByRole("button", { name: "Review the payment" }).click();
    await page.getByTestId("send").click();
    await steps(page).waitFor();
    await go(page, "History");
    await page.getByLabel("Find").fill("robert");
    await page.getByRole("row").filter({ hasText: "−0.01" }).waitFor();
    await eventually(() => page.getByRole("row").filter({ hasText: "Wage of May" }).count()).toBe(0);
    await life.network.mine(1);
  });

  test("several are paid at once, in satoshis", async () => {
    const [one, two] = [await freshAddress(life.bob.page), await life.minerAddress()];
    const { page } = life.alice;
    await page.getByRole("group", { name: "Unit of amounts" }).getByRole("button", { name: "sats" }).click();
    await go(page, "Send");
    await page.getByRole("button", { name: "Pay somebody else too" }).click();
    await page.getByLabel("Pay to").first().fill(one);
    await page.getByLabel("Amount in sats").first().fill("10000");
    await page.getByLabel("Pay to").last().fill(one);
    await page.getByLabel("Amount in sats").last().fill("20000");
    await page.getByRole("button", { name: "Review the payment" }).click();
    await page.getByText("This address stands above already").waitFor();
    await page.getByLabel("Pay to").last().fill(two);
    await life.alice.picture("wallet-app-send-several-dark", true);
    await page.getByRole("button", { name: "Review the payment" }).click();
    const dialog = page.getByRole("dialog", { name: "Is this right?" });
    await dialog.getByText("To 2 recipients").waitFor();
    await dialog
      .getByText(/30,000/)
      .first()
      .waitFor();
    await dialog.getByTestId("send").click();
    await steps(page).waitFor();
    await life.network.mineWith(await openedTxid(page));
    await page.getByRole("group", { name: "Unit of amounts" }).getByRole("button", { name: "BTC" }).click();
  });
}
