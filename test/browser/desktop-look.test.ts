import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { launchChromium, WatchedPage, whyNoChromium } from "./chromium.ts";
import { DesktopHost } from "./desktop-host.ts";
import { whatIsNotBuilt } from "./node-process.ts";
import { PATIENCE_MS } from "./page-kit.ts";
import { whyNoWalletPage } from "./wallet-app-kit.ts";

const PASSPHRASE = "turtle harvest piano gravel";
const missing = whyNoChromium() ?? whatIsNotBuilt() ?? whyNoWalletPage();
if (missing !== undefined) process.stderr.write(`\nSKIPPED: the look of the desktop's windows, since ${missing}\n\n`);

/** What a page shows as its theme, from before its first paint on. */
const themesOf = (page: Page) =>
  page.evaluate(() => (globalThis as unknown as { themes: readonly string[] }).themes.join(" "));

describe.skipIf(missing !== undefined)("a window of the desktop", () => {
  let browser: Browser;
  let host: DesktopHost;
  const views: WatchedPage[] = [];

  beforeAll(async () => {
    browser = await launchChromium();
    host = new DesktopHost();
    await host.remember(PASSPHRASE, []);
  });
  afterEach(async () => {
    for (const view of views.splice(0)) await view.close();
  });
  afterAll(async () => {
    await host?.remove();
    await browser?.close();
  });

  const open = async (app: "wallet" | "admin") => {
    const context = { colorScheme: "dark" } as const;
    const view = await WatchedPage.open(browser, "about:blank", context);
    views.push(view);
    await view.page.addInitScript(() => {
      const themes: string[] = [];
      Object.assign(globalThis, { themes });
      const note = () => {
        const theme = document.documentElement?.getAttribute("data-mantine-color-scheme");
        if (theme && theme !== themes.at(-1)) themes.push(theme);
      };
      new MutationObserver(note).observe(document, { attributes: true, childList: true, subtree: true });
    });
    await view.page.goto(host.address(undefined, app));
    await view.page.getByLabel("Passphrase", { exact: true }).waitFor();
    return view.page;
  };

  test("has the theme that was chosen in any window, at the next start too and from the first paint on", async () => {
    await host.start();
    const first = host.origin;
    const wallet = await open("wallet");
    expect(await themesOf(wallet)).toBe("dark");
    await wallet.getByRole("button", { name: "Switch to the light theme" }).click();
    const file = path.join(host.folder, "look.json");
    await expect
      .poll(() => existsSync(file) && readFileSync(file, "utf8"), { timeout: PATIENCE_MS })
      .toBe('{"theme":"light"}\n');
    await wallet.reload();
    await wallet.getByLabel("Passphrase", { exact: true }).waitFor();
    expect(await themesOf(wallet)).toBe("light");

    await host.stop();
    await host.start();
    expect(host.origin).not.toBe(first);
    for (const app of ["wallet", "admin"] as const) {
      const page = await open(app);
      await page.getByRole("button", { name: "Switch to the dark theme" }).waitFor();
      expect(await themesOf(page)).toBe("light");
      expect(await page.evaluate(() => localStorage.length)).toBe(0);
    }
  });
});
