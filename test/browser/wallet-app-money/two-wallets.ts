import type { Browser, Page } from "playwright-core";
import { launchChromium, WatchedPage } from "../chromium.ts";
import { go } from "../wallet-app-devices.ts";
import { setUpWallet, someWords, WalletNetwork } from "../wallet-app-kit.ts";
import { shownAddress, steps } from "./screens.ts";

/** One life of two wallets, in two browsers' profiles, on one network: what one test has paid the next ones see. */
export class TwoWallets {
  network!: WalletNetwork;
  browser!: Browser;
  /** In the dark theme. */
  alice!: WatchedPage;
  /** In the light one. */
  bob!: WatchedPage;
  readonly aliceWords = someWords();

  async begin(): Promise<void> {
    [this.network, this.browser] = await Promise.all([WalletNetwork.start(), launchChromium()]);
    const url = `${this.network.url}/wallet-app/`;
    this.alice = await WatchedPage.open(this.browser, url);
    this.bob = await WatchedPage.open(this.browser, url, { colorScheme: "light" });
    await setUpWallet(this.alice.page, this.aliceWords);
    await setUpWallet(this.bob.page, someWords());
  }

  async pictures(name: string): Promise<void> {
    await this.alice?.picture(`${name}-alice`);
    await this.bob?.picture(`${name}-bob`);
  }

  async end(): Promise<void> {
    await this.browser?.close();
    await this.network?.stop();
  }

  minerAddress(): Promise<string> {
    return this.network.rpc<string>("getnewaddress");
  }
}

/** The wallet's next address, on the page for receiving, which is open then. */
export async function freshAddress(page: Page): Promise<string> {
  await go(page, "Receive");
  return shownAddress(page);
}

/** Pays with a feerate of its own; the payment's page is open then. */
export async function pay({ page }: WatchedPage, address: string, amount: string, feerate: string): Promise<void> {
  await go(page, "Send");
  await page.getByLabel("Pay to").fill(address);
  await page.getByLabel("Amount in BTC").fill(amount);
  await page.getByText("Own feerate").click();
  await page.getByLabel("Feerate in sat/vB").fill(feerate);
  await page.getByRole("button", { name: "Review the payment" }).click();
  // A hand that trembles pays once.
  await page.getByTestId("send").dblclick();
  await steps(page).waitFor();
}
