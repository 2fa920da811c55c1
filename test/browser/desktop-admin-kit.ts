import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { NO_KEYS, type ProfileDraft } from "../../apps/admin/src/desktop/profile.ts";
import { launchChromium, WatchedPage } from "./chromium.ts";
import { DesktopHost } from "./desktop-host.ts";
import { NodeGate } from "./node-gate.ts";
import { NodeProcess } from "./node-process.ts";

export const PASSPHRASE = "turtle harvest piano gravel";
export const KEY_A = "key-of-the-first-operator";
export const KEY_B = "key-of-the-other-operator";
export const ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
/** Blocks of the same second to the same address would be the same on both. */
export const ADDRESS_B = "bcrt1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qzf4jry";

interface Begin {
  /** The path that the window is opened at. */
  readonly page?: string;
  readonly profiles?: readonly ProfileDraft[];
}

/** Two networks, each behind a gate that sees what it is asked and with which keys; the desktop's process; and a browser for its window. */
export class AdminDesk {
  readonly browser: Browser;
  readonly nodes: readonly [NodeProcess, NodeProcess];
  readonly alpha: NodeGate;
  readonly beta: NodeGate;
  tipOfAlpha = "";
  tipOfBeta = "";
  #host: DesktopHost | undefined;
  #opened: WatchedPage | undefined;

  private constructor(browser: Browser, nodes: readonly [NodeProcess, NodeProcess], gates: readonly NodeGate[]) {
    this.browser = browser;
    this.nodes = nodes;
    [this.alpha, this.beta] = gates as [NodeGate, NodeGate];
  }

  static async start(): Promise<AdminDesk> {
    const start = (key: string, ...more: string[]) => NodeProcess.start([`-webadminkey=${key}`, ...more]);
    const [first, second, browser] = await Promise.all([
      start(KEY_A),
      start(KEY_B, "-webrequirekey"),
      launchChromium(),
    ]);
    await first.rpc("generatetoaddress", 12, ADDRESS);
    await second.rpc("generatetoaddress", 5, ADDRESS_B);
    const gates = await Promise.all([NodeGate.open(first.url), NodeGate.open(second.url)]);
    const desk = new AdminDesk(browser, [first, second], gates);
    await desk.noteTips();
    return desk;
  }

  /** After blocks were mined. */
  async noteTips(): Promise<void> {
    [this.tipOfAlpha, this.tipOfBeta] = (await Promise.all(
      this.nodes.map((node) => node.rpc<string>("getbestblockhash")),
    )) as [string, string];
  }

  /** The desktop's process of the test. */
  get host(): DesktopHost {
    if (this.#host === undefined) throw new Error("no process of the desktop was begun");
    return this.#host;
  }

  /** A device that remembers nothing yet; its process is to be started. */
  newHost(): DesktopHost {
    this.#host = new DesktopHost();
    return this.#host;
  }

  /** Its window. */
  open(options: BrowserContextOptions = {}, page?: string): Promise<WatchedPage> {
    return this.#watch(WatchedPage.open(this.browser, this.host.address(page), options));
  }

  /** Its window in a browser of its own, whose profile stays in the folder. */
  openWithProfile(folder: string): Promise<WatchedPage> {
    return this.#watch(WatchedPage.openWithProfile(folder, this.host.address()));
  }

  async #watch(opening: Promise<WatchedPage>): Promise<WatchedPage> {
    this.#opened = await opening;
    return this.#opened;
  }

  profileOf(name: "Alpha" | "Beta"): ProfileDraft {
    return name === "Alpha"
      ? { name, url: this.alpha.url, colour: "orange", keys: { ...NO_KEYS, admin: KEY_A } }
      : { name, url: this.beta.url, colour: "blue", keys: { ...NO_KEYS, admin: KEY_B, reading: KEY_B } };
  }

  /** A window that remembers both networks, or these, unlocked, with the first one shown. */
  async withBoth(options: BrowserContextOptions = {}, { page, profiles }: Begin = {}): Promise<WatchedPage> {
    const remembered = profiles ?? [this.profileOf("Alpha"), this.profileOf("Beta")];
    const host = this.newHost();
    await host.remember(PASSPHRASE, remembered);
    await host.start();
    const view = await this.open(options, page);
    await unlock(view.page);
    await shows(view.page, remembered[0]!.name);
    return view;
  }

  /** What a test has opened is closed, and both networks answer again. */
  async tidy(): Promise<void> {
    await this.#opened?.close();
    await this.#host?.remove();
    this.#opened = undefined;
    this.#host = undefined;
    for (const gate of [this.alpha, this.beta]) {
      gate.release();
      await gate.restore();
      gate.forget();
    }
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await Promise.all([this.alpha.close(), this.beta.close()]);
    await Promise.all(this.nodes.map((node) => node.remove()));
  }
}

export async function unlock(page: Page, passphrase = PASSPHRASE): Promise<void> {
  await page.getByLabel("Passphrase", { exact: true }).fill(passphrase);
  await page.getByRole("button", { name: "Unlock" }).click();
}

/** Until the network of this name is the one that is shown. */
export const shows = (page: Page, name: string) => page.getByRole("button", { name: `Network: ${name}.` }).waitFor();

export const isLive = (page: Page) => page.getByTestId("connection").getByText("Live").waitFor();

export async function switchTo(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name: /^Network: / }).click();
  await page.getByRole("dialog", { name: "Networks" }).getByRole("button", { name }).click();
  await shows(page, name);
}

/** All that stands on the page. */
export const textOf = (page: Page) => page.evaluate(() => document.body.textContent ?? "");

/** As pages shorten hashes. */
export const begins = (hash: string) => hash.slice(0, 8);
