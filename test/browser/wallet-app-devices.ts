import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { launchChromium, WatchedPage, whyNoChromium } from "./chromium.ts";
import { NodeProcess, whatIsNotBuilt } from "./node-process.ts";
import { eventually } from "./page-kit.ts";
import { PASSPHRASE, setUpWallet, someWords, whyNoWalletPage } from "./wallet-app-kit.ts";

export const OTHER_PASSPHRASE = "turtle harvest piano gravel";
/** Of nobody. */
export const ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";

/** Why the wallet app cannot be tried here; `undefined` where it can. */
export function whyNoWalletApp(): string | undefined {
  return whyNoChromium() ?? whatIsNotBuilt() ?? whyNoWalletPage();
}

/** A browser, and a node of regtest whose server has the wallet app. */
export class WalletDevices {
  readonly browser: Browser;
  readonly node: NodeProcess;
  readonly #opened: WatchedPage[] = [];

  private constructor(browser: Browser, node: NodeProcess) {
    this.browser = browser;
    this.node = node;
  }

  static async start(...browserArguments: readonly string[]): Promise<WalletDevices> {
    const [browser, node] = await Promise.all([launchChromium(...browserArguments), NodeProcess.start()]);
    await node.rpc("generatetoaddress", 3, ADDRESS);
    return new WalletDevices(browser, node);
  }

  /** A device that has nothing yet, at a path of the node, or of another one. */
  async open(
    at = "/wallet-app/",
    options: BrowserContextOptions = {},
    node: { readonly url: string } = this.node,
  ): Promise<WatchedPage> {
    const view = await WatchedPage.open(this.browser, `${node.url}${at}`, options);
    this.#opened.push(view);
    return view;
  }

  /** A wallet of words that nobody had before, on screen. */
  async openWallet(): Promise<{ readonly view: WatchedPage; readonly page: Page; readonly words: string }> {
    const view = await this.open();
    const words = someWords();
    await setUpWallet(view.page, words);
    return { view, page: view.page, words };
  }

  async closePages(): Promise<void> {
    await Promise.all(this.#opened.splice(0).map((view) => view.close()));
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await this.node.remove();
  }
}

/** From a device without a vault to the choice of how a wallet is added, on the network of the page's server. */
export async function setUpDevice(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Begin" }).click();
  await page.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
  await page.getByLabel("The same once more").fill(PASSPHRASE);
  await page.getByRole("button", { name: "Encrypt this device" }).click();
  await page.getByRole("region", { name: "This server" }).getByRole("button", { name: "Use this network" }).click();
  await page.getByRole("heading", { level: 1, name: "Add a wallet" }).waitFor();
}

/** By the navigation. */
export const go = (page: Page, name: string) =>
  page.getByRole("navigation", { name: "Main" }).getByRole("link", { name }).click();

/** Until the page is headed so. */
export const heading = (page: Page, name: string | RegExp) => page.getByRole("heading", { level: 1, name }).waitFor();

export const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });

/** The words of the phrase, as soon as they are shown; those of a phrase of `count` words, where it is given. */
export async function shownWords(page: Page, count?: number): Promise<string[]> {
  let words: string[] = [];
  await eventually(async () => {
    const items = await page.getByTestId("words").getByRole("listitem").allTextContents();
    words = items.map((text) => text.replace(/^\d+/, "").trim());
    return words.length > 0 && words.every((word) => /^[a-z]+$/.test(word)) && words.length === (count ?? words.length);
  }).toBe(true);
  return words;
}

/** Goes on by Tab until the element has the focus. */
export async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  for (let presses = 0; presses < 40; presses++) {
    await page.keyboard.press("Tab");
    const focused = await page.evaluate(() => {
      const element = document.activeElement;
      const labels = element instanceof HTMLInputElement ? [...(element.labels ?? [])] : [];
      return element?.getAttribute("aria-label") ?? labels[0]?.textContent ?? element?.textContent ?? "";
    });
    if (typeof name === "string" ? focused === name : name.test(focused)) return;
  }
  throw new Error(`Tab does not lead to ${name}`);
}
