import { existsSync, mkdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { DESK } from "./page-kit.ts";

/** The same engine without the browser's own windows takes half the processor time. */
const PATHS = ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium"] as const;
const EXECUTABLE = process.env.CHROMIUM_PATH ?? PATHS.find((path) => existsSync(path)) ?? PATHS[1];
const ARTIFACTS = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../test-artifacts");

/** Why there is no browser to test with; `undefined` where there is one. */
export function whyNoChromium(): string | undefined {
  return existsSync(EXECUTABLE) ? undefined : `there is no Chromium at ${EXECUTABLE} (CHROMIUM_PATH names another)`;
}

export const CHROMIUM_PATH = EXECUTABLE;
export const CHROMIUM_ARGUMENTS: readonly string[] = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export function launchChromium(...others: readonly string[]): Promise<Browser> {
  return chromium.launch({ executablePath: EXECUTABLE, args: [...CHROMIUM_ARGUMENTS, ...others] });
}

/** What the browser's driver says where a worker is kept out. */
const BLOCKED_WORKER = "Service Worker registration blocked by Playwright";

const CONTEXT: BrowserContextOptions = {
  viewport: DESK,
  colorScheme: "dark",
  // What a page is tested with comes from the node; the worker has a test of its own.
  serviceWorkers: "block",
};

/** A page that notes what must not happen: errors in the console, exceptions, requests to other hosts. */
export class WatchedPage {
  readonly page: Page;
  readonly complaints: string[] = [];
  readonly #context: BrowserContext;

  private constructor(context: BrowserContext, page: Page, origin: string) {
    this.#context = context;
    this.page = page;
    page.on("console", (message) => {
      if (message.text().includes(BLOCKED_WORKER)) return;
      if (message.type() === "error" || message.type() === "warning") this.complaints.push(message.text());
    });
    page.on("pageerror", (error) => this.complaints.push(String(error)));
    page.on("request", (request) => {
      if (new URL(request.url()).origin !== origin) this.complaints.push(`request to ${request.url()}`);
    });
  }

  static async open(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<WatchedPage> {
    return WatchedPage.#openIn(await browser.newContext({ ...CONTEXT, ...options }), url);
  }

  /** In a browser of its own, whose profile stays in the folder. */
  static async openWithProfile(folder: string, url: string, options: BrowserContextOptions = {}): Promise<WatchedPage> {
    const launch = { executablePath: EXECUTABLE, args: [...CHROMIUM_ARGUMENTS] };
    return WatchedPage.#openIn(
      await chromium.launchPersistentContext(folder, { ...launch, ...CONTEXT, ...options }),
      url,
    );
  }

  static async #openIn(context: BrowserContext, url: string): Promise<WatchedPage> {
    const watched = new WatchedPage(context, await context.newPage(), new URL(url).origin);
    await watched.page.goto(url);
    return watched;
  }

  /** Keeps a picture of the page in /test-artifacts. */
  async picture(name: string, isWhole = false): Promise<void> {
    await keepPicture(this.page, name, isWhole);
  }

  close(): Promise<void> {
    return this.#context.close();
  }
}

/** Keeps a picture of a page in /test-artifacts. */
export async function keepPicture(page: Page, name: string, isWhole = false): Promise<void> {
  mkdirSync(ARTIFACTS, { recursive: true });
  await page.screenshot({ path: path.join(ARTIFACTS, `${name}.png`), fullPage: isWhole });
}

/** Keys of a sequence, which must follow one upon the other soon: none waits here for what became of the one before. */
export async function pressInTurn(page: Page, ...keys: readonly string[]): Promise<void> {
  await Promise.all(keys.map((key) => page.keyboard.press(key)));
}
