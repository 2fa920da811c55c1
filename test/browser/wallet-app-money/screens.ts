import type { Locator, Page } from "playwright-core";
import { eventually } from "../page-kit.ts";
import { go } from "../wallet-app-devices.ts";

/** A figure of the home page. */
export const tile = (page: Page, name: string): Locator =>
  page.locator("dl > div", { has: page.getByRole("button", { name, exact: true }) }).locator("dd");

/** How far a transaction is, on its page. */
export const steps = (page: Page) => page.getByTestId("steps");

export const backupNotice = (page: Page) => page.getByText("This browser may throw away what is kept here");

/** The address on the page for receiving, which must be open. */
export async function shownAddress(page: Page): Promise<string> {
  return (await page.getByTestId("address").textContent())!.trim();
}

/** A figure of the home page, which is open then. */
export async function balanceOf(page: Page, name: string): Promise<Locator> {
  await go(page, "Home");
  return tile(page, name);
}

/** Of the transaction whose page is open. */
export const txidOf = (page: Page) => /\/tx\/([0-9a-f]{64})$/.exec(page.url())?.[1] ?? "";

/** The same, of a page that is just being opened. */
export async function openedTxid(page: Page): Promise<string> {
  await eventually(() => txidOf(page)).not.toBe("");
  return txidOf(page);
}
