import { expect, test } from "vitest";
import { expectAccessible } from "../accessibility.ts";
import { DESK, eventually, expectFits, PHONE } from "../page-kit.ts";
import { go } from "../wallet-app-devices.ts";
import { openInApp } from "../wallet-app-kit.ts";
import { steps, txidOf } from "./screens.ts";
import type { TwoWallets } from "./two-wallets.ts";

/** How its screens look once there is much on them. */
export function fits(life: TwoWallets): void {
  test("a label as long as may be makes no page wider, nor what stands beside it vanish", async () => {
    const { page } = life.alice;
    const long = "A label that goes on ".repeat(10).slice(0, 200);
    await go(page, "History");
    await page.getByRole("row").filter({ hasText: "Bob" }).first().click();
    await steps(page).waitFor();
    const block = page.getByRole("link", { name: /^Open the block at 127\.0\.0\.1:\d+, which learns/ });
    await eventually(() => block.getAttribute("href")).toMatch(/^\/block\/[0-9a-f]{64}$/);
    const link = page.getByRole("link", { name: /^Open at 127\.0\.0\.1:\d+, .* at this transaction$/ });
    const [explorer] = await Promise.all([page.context().waitForEvent("page"), link.click()]);
    await explorer.getByRole("heading", { level: 1, name: "Transaction" }).waitFor();
    expect(new URL(explorer.url()).pathname).toBe(`/tx/${txidOf(page)}`);
    await explorer.close();
    await page.getByTitle(/^(Add a|Change the) label/).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("textbox").fill(long);
    await dialog.getByRole("textbox").press("Enter");
    await dialog.waitFor({ state: "detached" });
    await go(page, "Receive");
    await page.getByRole("radio", { name: "Change" }).check();
    const change = page.getByRole("region", { name: "Addresses for change" });
    await change.getByText("used", { exact: true }).first().waitFor();
    await change.getByText("unused", { exact: true }).first().waitFor();
    // Nobody is to pay to them.
    expect(await change.getByRole("button", { name: /^Show / }).count()).toBe(0);
    await life.alice.picture("wallet-app-change-dark", true);
    await expectAccessible(page, "addresses for change");
    await page.getByRole("radio", { name: "To receive" }).check();
    await page.getByLabel("What it is for").fill(long);
    await page.getByLabel("What it is for").press("Enter");
    await page.getByRole("button", { name: "A label that goes on" }).waitFor();
    await page.setViewportSize(PHONE);
    const card = page.getByRole("listitem").filter({ hasText: "A label that goes on" });
    const [inner, outer] = await Promise.all([card.getByText("unused").boundingBox(), card.boundingBox()]);
    expect(inner!.x + inner!.width).toBeLessThanOrEqual(outer!.x + outer!.width);
    await page.goBack();
    await steps(page).waitFor();
    await expectFits(page);
    await page.setViewportSize(DESK);
    await expectFits(page);
  });

  test("every screen fits a phone, in both themes", async () => {
    for (const [view, theme] of [
      [life.alice, "dark"],
      [life.bob, "light"],
    ] as const) {
      const { page } = view;
      await page.setViewportSize(PHONE);
      for (const [path, name, heading] of SCREENS) {
        await openInApp(page, path);
        await page.getByRole("heading", { level: 1, name: heading }).waitFor();
        await view.picture(`wallet-app-${name}-phone-${theme}`, true);
        await expectAccessible(page, `${name} on a phone, ${theme}`);
        await expectFits(page, name);
      }
      await page.setViewportSize(DESK);
    }
  });

  test("no page complained, and none asked another host", () => {
    const known = /ERR_INTERNET_DISCONNECTED|net::ERR|400|401|404|422/;
    expect([...life.alice.complaints, ...life.bob.complaints].filter((text) => !known.test(text))).toEqual([]);
  });
}

const SCREENS = [
  ["", "home", /^Balance/],
  ["receive", "receive", "Receive"],
  ["sweep", "sweep", "Sweep a key"],
  ["send", "send", "Send"],
  ["history", "history", "History"],
  ["contacts", "contacts", "Contacts"],
  ["coins", "coins", "Coins"],
  ["psbt", "psbt", "PSBT"],
  ["messages", "messages", "Messages"],
] as const;
