import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { expectAccessible } from "./accessibility.ts";
import { pressInTurn } from "./chromium.ts";
import { DESK, eventually, expectFits, PHONE } from "./page-kit.ts";
import { ADDRESS, button, go, heading, setUpDevice, WalletDevices, whyNoWalletApp } from "./wallet-app-devices.ts";
import { enterWords, openInApp, PASSPHRASE, setUpWallet, someWords, unlockWallet } from "./wallet-app-kit.ts";

const SCRIPTS = path.resolve(import.meta.dirname, "../../apps/wallet/dist/assets");

const missing = whyNoWalletApp();
if (missing !== undefined) process.stderr.write(`\nSKIPPED: the tests of the wallet app's shell, since ${missing}\n\n`);

describe.skipIf(missing !== undefined)("the wallet app", () => {
  let devices: WalletDevices;

  beforeAll(async () => {
    devices = await WalletDevices.start();
  });
  afterEach(() => devices.closePages());
  afterAll(() => devices?.stop());

  describe("is found its way in", () => {
    test("from the explorer beside it, by an address that other programs open, and as an app of the device", async () => {
      const explorer = await devices.open("/");
      await explorer.page.getByRole("link", { name: "Wallet app" }).click();
      await heading(explorer.page, "A wallet whose keys never leave this device");
      await eventually(() => new URL(explorer.page.url()).pathname).toBe("/wallet-app/setup");

      const { page } = await devices.openWallet();
      await page.goto(
        `${devices.node.url}/wallet-app/send?uri=${encodeURIComponent(`bitcoin:${ADDRESS}?amount=0.25`)}`,
      );
      await heading(page, "Unlock your wallet");
      await unlockWallet(page);
      await heading(page, "Send");
      await eventually(() => page.getByRole("textbox").first().inputValue()).toContain(ADDRESS);

      const href = await page.locator("link[rel=manifest]").getAttribute("href");
      const manifest = (await (await fetch(new URL(href!, devices.node.url))).json()) as {
        readonly id: string;
        readonly protocol_handlers: readonly { readonly protocol: string; readonly url: string }[];
        readonly icons: readonly { readonly src: string; readonly type: string }[];
      };
      expect(manifest.id).toBe("/wallet-app/");
      expect(manifest.protocol_handlers).toEqual([{ protocol: "bitcoin", url: "send?uri=%s" }]);
      for (const { src, type } of manifest.icons) {
        const response = await fetch(new URL(src, new URL(href!, devices.node.url)));
        expect([response.status, response.headers.get("content-type")], src).toEqual([200, type]);
      }
      const { errors } = await (await page.context().newCDPSession(page)).send("Page.getAppManifest");
      expect(errors).toEqual([]);
    });

    test("with no WebAssembly in any of its scripts, which its policy forbids (Firefox notes each attempt as an error)", () => {
      const scripts = readdirSync(SCRIPTS).filter((name) => name.endsWith(".js"));
      expect(scripts.length).toBeGreaterThan(20);
      const named = scripts.filter((name) => readFileSync(path.join(SCRIPTS, name), "utf8").includes("WebAssembly"));
      expect(named).toEqual([]);
    });

    test("by a payment link before there is a wallet, which waits for it and is written nowhere", async () => {
      const link = (amount: string) => `send?uri=${encodeURIComponent(`bitcoin:${ADDRESS}?amount=${amount}`)}`;
      const view = await devices.open(`/wallet-app/${link("0.25")}`);
      const { page } = view;
      const waits = page.getByText("A payment link waits, and opens as soon as the wallet is open.");
      await heading(page, "A wallet whose keys never leave this device");
      await waits.waitFor();
      await button(page, "Begin").click();
      await button(page, "Back").click();
      await setUpDevice(page);
      // Set-up is left, and begun again where the first one ended: by its own address, and by another link, of which the last one counts.
      await openInApp(page, "contacts");
      await heading(page, "Add a wallet");
      await waits.waitFor();
      await openInApp(page, link("0.5"));
      await heading(page, "Add a wallet");
      await eventually(() => new URL(page.url()).search).toBe("");
      const kept = await page.evaluate(() =>
        JSON.stringify([{ ...localStorage }, { ...sessionStorage }, history.state]),
      );
      expect(kept).not.toContain(ADDRESS);
      await enterWords(page, someWords(), "Send");
      await eventually(() => page.getByLabel("Pay to").inputValue()).toBe(ADDRESS);
      await eventually(() => page.getByLabel("Amount in BTC").inputValue()).toBe("0.5");
      await eventually(() => new URL(page.url()).search).toBe("");
      // It is opened once.
      await go(page, "Home");
      await heading(page, /^Balance/);
      await page.goBack();
      await heading(page, "Send");
      await button(page, "Clear").click();
      await eventually(() => page.getByLabel("Pay to").inputValue()).toBe("");

      // Locked, it stays in the address bar, so that a reload keeps it.
      await button(page, "Lock").click();
      await page.goto(`${devices.node.url}/wallet-app/${link("0.75")}`);
      await heading(page, "Unlock your wallet");
      await waits.waitFor();
      await page.reload();
      await unlockWallet(page);
      await heading(page, "Send");
      await eventually(() => page.getByLabel("Amount in BTC").inputValue()).toBe("0.75");
      expect(view.complaints).toEqual([]);
    });

    test("by shortcuts, a palette, and a bar at the bottom of phones", async () => {
      const { page } = await devices.openWallet();
      await pressInTurn(page, "g", "s");
      await heading(page, "Send");
      await page.keyboard.press("Escape");
      await page.locator("h1").first().click();
      await page.keyboard.press("Control+k");
      const palette = page.getByRole("dialog", { name: "Pages and actions" });
      await page.keyboard.type("theme");
      await eventually(() => palette.getByRole("option", { selected: true }).textContent()).toContain("Settings");
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      await eventually(() => page.evaluate(() => document.documentElement.dataset.mantineColorScheme)).toBe("light");
      await page.keyboard.press("?");
      await page.getByRole("dialog", { name: "Shortcuts" }).getByText("Go to a page").waitFor();
      await page.keyboard.press("Escape");
      await page.goto(`${devices.node.url}/wallet-app/nowhere`);
      await unlockWallet(page);
      await heading(page, "There is no such page");

      await page.setViewportSize(PHONE);
      const bar = page.getByRole("navigation", { name: "Pages" });
      await bar.getByRole("link", { name: "Receive" }).click();
      await heading(page, /Receive/);
      await bar.getByRole("button", { name: "More" }).click();
      const drawer = page.getByRole("dialog", { name: "Menu" });
      await drawer.getByRole("link", { name: "Settings" }).click();
      await heading(page, "Settings");
      await eventually(() => drawer.count()).toBe(0);
    });

    test.each([
      ["dark", DESK],
      ["light", PHONE],
    ] as const)(
      "in %s, nothing serious in anybody's way, nothing wider than the screen",
      async (colorScheme, viewport) => {
        const view = await devices.open("/wallet-app/", { colorScheme, viewport });
        const { page } = view;
        const look = async (name: string) => {
          await view.picture(`wallet-app-${name}-${colorScheme}`, true);
          await expectAccessible(page, `${name} in ${colorScheme}`);
          await expectFits(page, name);
        };
        await heading(page, "A wallet whose keys never leave this device");
        await look("welcome");
        await button(page, "Restore a backup file").click();
        await heading(page, "Restore a backup");
        await look("setup-backup");
        await button(page, "Back").click();
        await button(page, "Begin").click();
        await heading(page, "Choose a passphrase for this device");
        await page.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
        await look("setup-passphrase");
        await page.getByLabel("The same once more").fill(PASSPHRASE);
        await button(page, "Encrypt this device").click();
        await page.getByTestId("network-facts").waitFor();
        await look("setup-network");
        await page
          .getByRole("region", { name: "This server" })
          .getByRole("button", { name: "Use this network" })
          .click();
        await heading(page, "Add a wallet");
        await look("setup-kind");
        await page.getByRole("button", { name: /^Create a new wallet/ }).click();
        await heading(page, "Write these words down");
        await look("setup-words-hidden");
        await page.getByText("24 words").click();
        await button(page, "Show the words").click();
        await look("setup-words");
        await button(page, "I have written them down").click();
        await heading(page, "Check what you wrote");
        await look("setup-check");
        await page.goBack();
        await page.goBack();
        await page.getByRole("button", { name: /^Watch without keys/ }).click();
        await heading(page, "Watch without keys");
        await look("setup-watch");
        await button(page, "Back").click();
        await page.getByRole("button", { name: /^Restore from words/ }).click();
        await page.getByLabel("This phrase has a passphrase of its own (BIP39)").check();
        await page.getByLabel("It may have payments behind a longer gap").check();
        await page.getByLabel("Unused addresses in a row").fill("30");
        await look("setup-restore");
        const words = someWords().split(" ");
        for (const [index, word] of words.entries()) {
          await page.getByRole("combobox", { name: `Word ${index + 1}`, exact: true }).fill(word);
        }
        await button(page, "Restore").click();
        await heading(page, /^Balance/);
        const inNavigation = async (name: string) => {
          if (viewport === PHONE) await page.getByRole("button", { name: "More" }).click();
          const place = viewport === PHONE ? page.getByRole("dialog", { name: "Menu" }) : page;
          await place.getByRole("link", { name, exact: true }).first().click();
          await heading(page, name);
        };
        await inNavigation("Wallets");
        await look("wallets");
        await inNavigation("Settings");
        await look("settings");
        await button(page, "Add a network").click();
        await look("network-dialog");
        await page.keyboard.press("Escape");
        await button(page, "Save a backup").click();
        await look("backup-dialog");
        await page.keyboard.press("Escape");
        await page.keyboard.press("Control+k");
        await page.getByRole("dialog", { name: "Pages and actions" }).getByRole("option").first().waitFor();
        await look("palette");
        await page.keyboard.press("Escape");
        await button(page, "Lock").click();
        await heading(page, "Unlock your wallet");
        await look("unlock");
        await button(page, "I forgot the passphrase").click();
        await heading(page, "Nobody can reset the passphrase");
        await look("forgotten");
        expect(view.complaints).toEqual([]);
      },
    );
  });

  // The last ones: the node is stopped meanwhile.
  describe("without its server", () => {
    test("opens all the same, shows what it knew, and goes on when the server is back", async () => {
      const view = await devices.open("/wallet-app/", { serviceWorkers: "allow" });
      const { page } = view;
      await setUpWallet(page, someWords());
      await page.evaluate(activeWorker);
      await page.reload();
      await unlockWallet(page);
      await heading(page, /^Balance/);
      // The worker keeps what it has answered behind the answer.
      await eventually(() => page.evaluate(keptPaths)).toContain("/wallet-app/");
      const kept = await page.evaluate(keptPaths);
      expect(kept.filter((path) => !path.startsWith("/wallet-app/"))).toEqual([]);
      await devices.node.stop();
      try {
        await page.reload();
        await unlockWallet(page);
        await heading(page, /^Balance/);
        await eventually(() => page.getByTestId("connection").textContent()).toBe("Offline");
        await view.picture("wallet-app-offline-dark");
        await page.goto(`${devices.node.url}/wallet-app/settings`);
        await unlockWallet(page);
        await heading(page, "Settings");
      } finally {
        await devices.node.start();
      }
      await eventually(() => page.getByTestId("connection").textContent()).toBe("Live");
    });

    test("is not what the explorer's own worker shows in its place", async () => {
      const { page } = await devices.open("/", { serviceWorkers: "allow" });
      await page.getByTestId("tip-height").waitFor();
      await page.evaluate(activeWorker);
      await page.reload();
      await page.getByTestId("tip-height").waitFor();
      await devices.node.stop();
      try {
        await page.goto(`${devices.node.url}/blocks`);
        await page.getByRole("heading", { name: "The node does not answer" }).waitFor();
        await expect(page.goto(`${devices.node.url}/wallet-app/`)).rejects.toThrow(/ERR_CONNECTION_REFUSED/);
      } finally {
        await devices.node.start();
      }
    });
  });
});

async function activeWorker(): Promise<void> {
  const { active } = await navigator.serviceWorker.ready;
  if (active === null || active.state === "activated") return;
  await new Promise((resolve) => active.addEventListener("statechange", resolve));
}

/** What the app's worker keeps. Runs in the page. */
async function keptPaths(): Promise<string[]> {
  const names = (await window.caches.keys()).filter((name) => name.includes("wallet-app"));
  const caches = await Promise.all(names.map((name) => window.caches.open(name)));
  const requests = (await Promise.all(caches.map((cache) => cache.keys()))).flat();
  return requests.map(({ url }) => new URL(url).pathname);
}
