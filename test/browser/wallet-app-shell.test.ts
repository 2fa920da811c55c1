import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { mnemonicOf } from "@bitfleet/wallet/keys/mnemonic.ts";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { expectAccessible } from "./accessibility.ts";
import { launchChromium, WatchedPage, whyNoChromium } from "./chromium.ts";
import { NodeProcess, whatIsNotBuilt } from "./node-process.ts";

const WALLET_PAGE = path.resolve(import.meta.dirname, "../../apps/wallet/dist/index.html");
const PASSPHRASE = "correct horse battery staple";
const ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
const OTHER_PASSPHRASE = "turtle harvest piano gravel";
const PHONE = { width: 390, height: 844 };
const PATIENCE_MS = 30_000;
const eventually = <Value>(probe: () => Value | Promise<Value>) => expect.poll(probe, { timeout: PATIENCE_MS });

const missing =
  whyNoChromium() ??
  whatIsNotBuilt() ??
  (existsSync(WALLET_PAGE) ? undefined : "the wallet app is not built (npm run build)");
if (missing !== undefined) process.stderr.write(`\nSKIPPED: the tests of the wallet app's shell, since ${missing}\n\n`);

describe.skipIf(missing !== undefined)("the wallet app", () => {
  let browser: Browser;
  let node: NodeProcess;
  const opened: WatchedPage[] = [];

  beforeAll(async () => {
    [browser, node] = await Promise.all([launchChromium(), NodeProcess.start()]);
    await node.rpc("generatetoaddress", 3, ADDRESS);
  });

  afterEach(async () => {
    await Promise.all(opened.splice(0).map((view) => view.close()));
  });

  afterAll(async () => {
    await browser?.close();
    await node?.remove();
  });

  const open = async (path = "/wallet-app/", options: BrowserContextOptions = {}) => {
    const view = await WatchedPage.open(browser, `${node.url}${path}`, options);
    opened.push(view);
    return view;
  };
  /** A wallet of words that nobody had before, on screen. */
  const openWallet = async (options: BrowserContextOptions = {}) => {
    const view = await open("/wallet-app/", options);
    const words = someWords();
    await setUpWallet(view.page, words);
    return { view, page: view.page, words };
  };
  const go = (page: Page, name: string) =>
    page.getByRole("navigation", { name: "Main" }).getByRole("link", { name }).click();
  const heading = (page: Page, name: string | RegExp) => page.getByRole("heading", { level: 1, name }).waitFor();
  const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });
  /** A node by itself has no faucet: that is asked, answered by 404, and told by the browser itself. */
  const graveOf = ({ complaints }: WatchedPage) => complaints.filter((text) => !text.includes("404"));
  const excessWidth = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  const shownWords = async (page: Page) => {
    const items = await page.getByTestId("words").getByRole("listitem").allTextContents();
    return items.map((text) => text.replace(/^\d+/, "").trim());
  };
  /** Goes on by Tab until the element has the focus. */
  const tabTo = async (page: Page, name: string | RegExp) => {
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
  };

  describe("leads from nothing to a wallet", () => {
    test("by the keyboard alone: passphrase, network, words that are written down and checked", async () => {
      const view = await open();
      const { page } = view;
      await heading(page, "A wallet whose keys never leave this device");
      await tabTo(page, "Begin");
      await page.keyboard.press("Enter");

      await heading(page, "Choose a passphrase for this device");
      // The field has the focus already.
      await page.keyboard.type("password1");
      await eventually(() => page.getByTestId("strength").textContent()).toMatch(/^Weak: .* a moment/);
      await page.keyboard.press("Control+a");
      await page.keyboard.type(PASSPHRASE);
      await page.keyboard.press("Enter");
      await page.getByText("The two are not the same.").waitFor();
      await tabTo(page, "The same once more");
      await page.keyboard.type(PASSPHRASE);
      await page.keyboard.press("Enter");

      await heading(page, "Connect to a network");
      const facts = page.getByRole("region", { name: "This server" }).getByTestId("network-facts");
      await eventually(() => facts.textContent()).toMatch(/Regtest.*3.*Bitfleet/);
      await tabTo(page, "Use this network");
      await page.keyboard.press("Enter");

      await heading(page, "Add a wallet");
      await tabTo(page, /^Create a new wallet/);
      await page.keyboard.press("Enter");

      await heading(page, "Write these words down");
      expect(await page.getByRole("button", { name: "I have written them down" }).isDisabled()).toBe(true);
      await tabTo(page, "Show the words");
      await page.keyboard.press("Enter");
      const words = await shownWords(page);
      expect(words).toHaveLength(12);
      expect(new Set(words.map((word) => /^[a-z]{3,8}$/.test(word)))).toEqual(new Set([true]));
      await tabTo(page, "I have written them down");
      await page.keyboard.press("Enter");

      await heading(page, "Check what you wrote");
      const places: number[] = [];
      for (let count = 0; count < 3; count++) {
        await tabTo(page, /^Word \d+$/);
        const label = await page.evaluate(() => (document.activeElement as HTMLInputElement).labels?.[0]?.textContent);
        places.push(Number(/\d+/.exec(label ?? "")?.[0]));
        await page.keyboard.type(count === 0 ? "zoo zoo" : words[places.at(-1)! - 1]!);
      }
      await page.keyboard.press("Enter");
      await page.getByText("That is not the word at this place.").waitFor();
      expect(await page.getByText("That is not the word at this place.").count()).toBe(1);
      await page.getByLabel(`Word ${places[0]}`, { exact: true }).focus();
      await page.keyboard.press("Control+a");
      await page.keyboard.type(words[places[0]! - 1]!);
      await page.keyboard.press("Enter");
      await heading(page, /^Balance/);
      await eventually(() => page.getByTestId("connection").textContent()).toBe("Live");
      expect(new URL(page.url()).pathname).toBe("/wallet-app/");

      // What was made is what was shown.
      await go(page, "Wallets");
      await button(page, "Show the words").click();
      const dialog = page.getByRole("dialog");
      await dialog.getByLabel("Passphrase of this device").fill(PASSPHRASE);
      await dialog.getByRole("button", { name: "Go on" }).click();
      await dialog.getByRole("button", { name: "Show the words" }).click();
      expect(await shownWords(page)).toEqual(words);
      expect(graveOf(view)).toEqual([]);
    });

    test("words that were not checked are stored nowhere, and what was chosen before is not asked again", async () => {
      const { page } = await open();
      await setUpDevice(page);
      await page.getByRole("button", { name: /^Create a new wallet/ }).click();
      await page.getByText("24 words").click();
      await button(page, "Show the words").click();
      const words = await shownWords(page);
      expect(words).toHaveLength(24);
      await button(page, "I have written them down").click();
      await heading(page, "Check what you wrote");
      await page.reload();
      await unlockWallet(page);
      await page.getByText("The words are gone, since this page was loaded anew.").waitFor();
      await button(page, "Make new words").click();
      await heading(page, "Write these words down");
      await button(page, "Show the words").click();
      expect(await shownWords(page)).not.toEqual(words);
      // The browser's Back is the one of the page.
      await page.goto(`${node.url}/wallet-app/`);
      await unlockWallet(page);
      await heading(page, "Add a wallet");
      await page.getByText("On This server (Regtest, a network for development).").waitFor();
      await page.getByRole("button", { name: /^Watch without keys/ }).click();
      await heading(page, "Watch without keys");
      await page.goBack();
      await heading(page, "Add a wallet");
      await page.getByRole("button", { name: /^Create a new wallet/ }).click();
      await heading(page, "Write these words down");
      await button(page, "Back").click();
      await heading(page, "Add a wallet");
    });

    test("a network that does not answer, or is none, is told; another server is tried before it is used", async () => {
      const view = await open();
      const { page } = view;
      await button(page, "Begin").click();
      await page.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
      await page.getByLabel("The same once more").fill(PASSPHRASE);
      await button(page, "Encrypt this device").click();
      const form = page.getByRole("form", { name: "Look what answers there" });
      const address = form.getByLabel("Address of the server");
      for (const [text, problem] of [
        ["", "Enter where the server is"],
        ["ftp://example.org", "That is no address of a server."],
        ["http://name:secret@example.org", "A name and password cannot stand in the address."],
      ] as const) {
        await address.fill(text);
        await form.getByRole("button").last().click();
        await page.getByText(problem).waitFor();
      }
      await address.fill("http://127.0.0.1:9");
      await form.getByRole("button", { name: "Look what answers there" }).click();
      await page.getByText("127.0.0.1:9 cannot be used").waitFor();
      // The same server by another name is another origin.
      const byName = node.url.replace("127.0.0.1", "localhost");
      await address.fill(byName);
      await form.getByRole("button", { name: "Look what answers there" }).click();
      await page.getByText(`${new URL(byName).host} cannot be used`).waitFor();
      await page.getByText(`-webcors=${node.url}`).waitFor();
      await address.fill(`${node.url}/`);
      await form.getByRole("button", { name: "Look what answers there" }).click();
      await page.getByText(`${new URL(node.url).host} answers`).waitFor();
      await page.getByLabel("Name", { exact: true }).fill("My own");
      await page
        .getByRole("form", { name: "Use this network" })
        .getByRole("button", { name: "Use this network" })
        .click();
      await page.getByText("On My own (Regtest").waitFor();
      // What was tried and refused is all that the browser complained of.
      expect(graveOf(view).filter((text) => !/127\.0\.0\.1:9|localhost|CORS|ERR_/.test(text))).toEqual([]);
    });

    test("words that somebody has are completed, pasted and checked, and what they own is found", async () => {
      const { page: first, words } = await openWallet();
      await go(first, "Receive");
      const address = (await first.getByTestId("address").textContent())!.trim();
      await node.rpc("generatetoaddress", 2, address);
      await node.rpc("generatetoaddress", 100, ADDRESS);

      const view = await open("/wallet-app/", { permissions: ["clipboard-read", "clipboard-write"] });
      const { page } = view;
      await setUpDevice(page);
      await page.getByRole("button", { name: /^Restore from words/ }).click();
      const word = (place: number) => page.getByRole("combobox", { name: `Word ${place}`, exact: true });
      await word(1).pressSequentially("aban");
      await page.getByRole("option", { name: "abandon" }).waitFor();
      await page.keyboard.press("Enter");
      expect(await word(1).inputValue()).toBe("abandon");
      // On to the next word.
      await page.keyboard.type("ab");
      await page.getByRole("option", { name: "ability" }).waitFor();
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      expect(await word(2).inputValue()).toBe("ability");
      await word(3).fill("bitcoinz");
      await page.getByText("Not in the list").waitFor();
      await view.picture("wallet-app-restore-dark", true);
      await button(page, "Restore").click();
      await page.getByText("9 words are missing.").waitFor();

      const paste = async (text: string) => {
        await page.evaluate((one) => navigator.clipboard.writeText(one), text);
        await word(1).focus();
        await page.keyboard.press("Control+v");
        await page.getByText("12 words pasted.").waitFor();
      };
      await paste(`${"abandon ".repeat(11)}abandon`);
      await button(page, "Restore").click();
      await page.getByText("All words are known, but they do not fit together").waitFor();
      await paste(
        words
          .split(" ")
          .map((one, index) => `${index + 1}. ${one.toUpperCase()}`)
          .join("\n"),
      );
      expect(await word(12).inputValue()).toBe(words.split(" ").at(-1));
      await word(5).fill("zzzz");
      await button(page, "Restore").click();
      await page.getByText("Word 5 is none of the word list.").waitFor();
      expect(await word(5).evaluate((element) => element === document.activeElement)).toBe(true);
      await word(5).fill(words.split(" ")[4]!);
      await button(page, "Restore").click();
      await heading(page, /^Balance/);
      await eventually(() => page.getByRole("heading", { level: 1 }).textContent()).toMatch(/100\.00000000/);
    });

    test("what is watched is read while it is typed, with an address to compare", async () => {
      const { page: owner } = await openWallet();
      await go(owner, "Receive");
      const address = (await owner.getByTestId("address").textContent())!.trim();
      await go(owner, "Wallets");
      await button(owner, "Public keys").click();
      const descriptor = await owner.getByRole("dialog").getByText(/^tr\(/).first().textContent();
      const { view, page } = await openWallet();
      await go(page, "Wallets");
      await page.getByRole("link", { name: "Add a wallet" }).click();
      await page.getByRole("button", { name: /^Watch without keys/ }).click();
      const text = page.getByLabel(/^Descriptor, extended public key/);
      await button(page, "Watch it").click();
      await page.getByText("Enter what is to be watched.").waitFor();
      await text.fill("tr(nonsense)");
      await eventually(() =>
        page.getByRole("form", { name: "Watch without keys" }).getByRole("status").first().textContent(),
      ).not.toBe("");
      await text.fill(descriptor!);
      await eventually(() => page.getByTestId("first-address").textContent()).toBe(address);
      await view.picture("wallet-app-watch-dark", true);
      await expectAccessible(page, "watching");
      await page.getByLabel("Name of the wallet").fill("Her coins");
      await button(page, "Watch it").click();
      await heading(page, /^Balance/);
      await page.getByRole("button", { name: /^Switch account, now Her coins/ }).waitFor();
      await go(page, "Wallets");
      await page.getByText("Watches", { exact: true }).first().waitFor();
    });
  });

  describe("is locked", () => {
    test("by its button, and opened by the passphrase alone, at the page that was asked for; wrong ones wait longer and longer", async () => {
      const { view, page } = await openWallet();
      await go(page, "Contacts");
      await heading(page, "Contacts");
      await button(page, "Lock").click();
      await heading(page, "Unlock your wallet");
      expect(await page.getByText("Contacts").count()).toBe(0);
      await button(page, "Unlock").click();
      await page.getByText("Enter the passphrase.").waitFor();
      for (let tries = 1; tries <= 3; tries++) {
        await unlockWallet(page, `wrong horse ${tries}`);
        await page.getByText(`${tries} wrong`).waitFor();
      }
      await page.getByText("The passphrase is not the right one.").waitFor();
      await eventually(() => page.getByTestId("unlock-wait").textContent()).toMatch(/^Wait \d+ seconds?/);
      await view.picture("wallet-app-unlock-wait-dark");
      expect(await button(page, "Unlock").isDisabled()).toBe(true);
      await eventually(() => button(page, "Unlock").isEnabled()).toBe(true);
      await unlockWallet(page);
      await heading(page, "Contacts");
      await page.keyboard.press("g");
      await page.keyboard.press("l");
      await heading(page, "Unlock your wallet");
    });

    test("by itself, when nobody did anything for as long as the settings say, in the background too", async () => {
      const { page } = await openWallet();
      await go(page, "Settings");
      await page.getByLabel("Lock by itself").selectOption({ label: "After 1 minute" });
      await page.clock.install();
      // The session's timer began before the page's clock was in the test's hand.
      await page.getByLabel("Lock by itself").selectOption({ label: "After 5 minutes" });
      await eventually(() => page.getByLabel("Lock by itself").inputValue()).toBe("5");
      await page.clock.fastForward("04:30");
      await page.mouse.move(10, 10);
      await page.mouse.move(40, 40);
      await page.clock.fastForward("04:30");
      expect(await page.getByRole("heading", { level: 1, name: "Settings" }).count()).toBe(1);
      await page.clock.fastForward("05:30");
      await heading(page, "Unlock your wallet");
    });

    test("for who comes back to a computer that slept, whose timers slept too", async () => {
      const { page } = await openWallet();
      await page.clock.install();
      await page.clock.setSystemTime(Date.now() + 9 * 60_000);
      await page.mouse.move(10, 10);
      await page.mouse.move(40, 40);
      expect(await page.getByRole("heading", { level: 1, name: /^Balance/ }).count()).toBe(1);
      await page.clock.setSystemTime(Date.now() + 20 * 60_000);
      await page.mouse.move(10, 10);
      await page.mouse.move(40, 40);
      await heading(page, "Unlock your wallet");
    });

    test("in a second tab while the first one has it open, which says so", async () => {
      const { view, page } = await openWallet();
      const second = await page.context().newPage();
      await second.goto(`${node.url}/wallet-app/`);
      await unlockWallet(second);
      await second.getByText("The vault is open in another window or tab.").waitFor();
      await button(page, "Lock").click();
      await heading(page, "Unlock your wallet");
      await unlockWallet(second);
      await heading(second, /^Balance/);
      expect(graveOf(view)).toEqual([]);
    });

    test("for good where the passphrase is forgotten, until everything is removed, which is typed first", async () => {
      const { view, page } = await openWallet();
      await button(page, "Lock").click();
      await button(page, "I forgot the passphrase").click();
      await heading(page, "Nobody can reset the passphrase");
      await button(page, "Remove everything on this device").click();
      const dialog = page.getByRole("dialog");
      expect(await dialog.getByTestId("confirm").isDisabled()).toBe(true);
      await dialog.getByLabel("Type remove everything to confirm").fill("remove everything");
      await view.picture("wallet-app-forgotten-dark");
      await dialog.getByTestId("confirm").click();
      await heading(page, "A wallet whose keys never leave this device");
      await page.reload();
      await heading(page, "A wallet whose keys never leave this device");
    });

    test("and what is damaged is told, with the ways out of it", async () => {
      const { view, page } = await openWallet();
      await button(page, "Lock").click();
      await page.goto(`${node.url}/health`);
      await page.evaluate(breakRows);
      await page.goto(`${node.url}/wallet-app/`);
      await unlockWallet(page);
      await heading(page, "What is kept on this device cannot be read");
      await view.picture("wallet-app-damaged-dark");
      await expectAccessible(page, "damaged");
      await button(page, "Remove it, and restore a backup").click();
      await page.getByLabel("Type remove everything to confirm").fill("remove everything");
      await page.getByTestId("confirm").click();
      await heading(page, "Restore a backup");
    });
  });

  describe("keeps", () => {
    test("everything in one encrypted file, which another device restores", async () => {
      const { view, page } = await openWallet();
      await go(page, "Settings");
      await button(page, "Save a backup").click();
      const dialog = page.getByRole("dialog");
      await dialog.getByLabel("Passphrase of this device").fill("something else");
      await dialog.getByLabel("The backup opens with the same passphrase").uncheck();
      await dialog.getByLabel("Passphrase of the backup").fill(OTHER_PASSPHRASE);
      await dialog.getByLabel("The same once more").fill(OTHER_PASSPHRASE);
      await view.picture("wallet-app-backup-dark");
      await button(page, "Save the file").click();
      await dialog.getByText("The passphrase is not the right one.").waitFor();
      await dialog.getByLabel("Passphrase of this device").fill(PASSPHRASE);
      const [download] = await Promise.all([page.waitForEvent("download"), button(page, "Save the file").click()]);
      expect(download.suggestedFilename()).toMatch(/^bitfleet-wallet-\d{4}-\d\d-\d\d\.bitfleet-backup$/);
      const bytes = readFileSync(await download.path());

      const other = await open();
      await button(other.page, "Restore a backup file").click();
      const file = (buffer: Buffer) => ({ name: "mine.bitfleet-backup", mimeType: "application/octet-stream", buffer });
      const input = other.page.locator('input[type="file"]');
      await button(other.page, "Restore").click();
      await other.page.getByText("Choose the backup file first.").waitFor();
      await input.setInputFiles(file(Buffer.from("no backup at all")));
      await other.page.getByLabel("Passphrase of the backup").fill(OTHER_PASSPHRASE);
      await button(other.page, "Restore").click();
      await other.page
        .getByRole("alert")
        .filter({ hasText: /backup/ })
        .waitFor();
      await input.setInputFiles(file(bytes));
      await other.page.getByLabel("Passphrase of the backup").fill("not this one");
      await button(other.page, "Restore").click();
      await other.page.getByText("The passphrase is not the backup's.").waitFor();
      await other.picture("wallet-app-restore-backup-dark", true);
      await other.page.getByLabel("Passphrase of the backup").fill(OTHER_PASSPHRASE);
      await button(other.page, "Restore").click();
      await heading(other.page, /^Balance/);
      await go(other.page, "Wallets");
      await button(other.page, "Show the words").click();
      await other.page.getByRole("dialog").getByLabel("Passphrase of this device").fill(OTHER_PASSPHRASE);
      await other.page.getByRole("dialog").getByRole("button", { name: "Go on" }).click();
      await other.page.getByRole("dialog").getByRole("button", { name: "Show the words" }).waitFor();

      // In the place of what is here: read first, so that a wrong passphrase costs nothing.
      await go(page, "Settings");
      await button(page, "Restore a backup").click();
      await page.locator('dialog input[type="file"]').setInputFiles(file(bytes));
      await page.getByRole("dialog").getByLabel("Passphrase of the backup").fill("not this one");
      await page.getByRole("dialog").getByRole("button", { name: "Restore", exact: true }).click();
      await page.getByRole("dialog").getByText("The passphrase is not the backup's.").waitFor();
      await page.getByRole("dialog").getByLabel("Passphrase of the backup").fill(OTHER_PASSPHRASE);
      await page.getByRole("dialog").getByRole("button", { name: "Restore", exact: true }).click();
      await page.getByLabel("Type replace everything to confirm").fill("replace everything");
      await page.getByTestId("confirm").click();
      await heading(page, /^Balance/);
      await button(page, "Lock").click();
      await unlockWallet(page, OTHER_PASSPHRASE);
      await heading(page, /^Balance/);
    });

    test("several wallets and accounts: added, named, switched, shown behind the passphrase, removed", async () => {
      const { view, page, words } = await openWallet();
      await go(page, "Wallets");
      await button(page, "Add an account").click();
      await page.getByRole("dialog").getByLabel("Name").fill("Holidays");
      await page.getByRole("dialog").getByRole("button", { name: "Add", exact: true }).click();
      await page.getByRole("button", { name: "Switch account, now My wallet Holidays" }).waitFor();
      const accounts = page.getByRole("list", { name: "Accounts of My wallet" });
      await eventually(() => accounts.getByRole("listitem").count()).toBe(2);
      await button(page, "Rename Holidays").click();
      await page.getByRole("dialog").getByLabel("Name").fill("");
      await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
      await page.getByText("Enter a name.").waitFor();
      await page.getByRole("dialog").getByLabel("Name").fill("Holidays in May");
      await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
      await accounts.getByText("Holidays in May").waitFor();
      await view.picture("wallet-app-wallets-dark", true);

      await page.getByRole("button", { name: "Switch account, now My wallet Holidays in May" }).click();
      const switcher = page.getByRole("dialog", { name: "Wallets and accounts" });
      await expectAccessible(page, "switcher");
      await view.picture("wallet-app-switcher-dark");
      await switcher.getByRole("listitem").first().getByRole("button").click();
      await eventually(() => page.getByRole("button", { name: /^Switch account/ }).textContent()).not.toMatch(
        /Holidays/,
      );

      await button(page, "Show the words").click();
      const dialog = page.getByRole("dialog");
      await dialog.getByLabel("Passphrase of this device").fill("not the one");
      await dialog.getByRole("button", { name: "Go on" }).click();
      await dialog.getByRole("alert").filter({ hasText: "passphrase" }).waitFor();
      expect(await dialog.getByTestId("words").count()).toBe(0);
      await dialog.getByLabel("Passphrase of this device").fill(PASSPHRASE);
      await dialog.getByRole("button", { name: "Go on" }).click();
      // Hidden ones are not in the document.
      await eventually(() => dialog.getByTestId("words").textContent()).not.toContain(words.split(" ")[0]!);
      await dialog.getByRole("button", { name: "Show the words" }).click();
      expect((await shownWords(page)).join(" ")).toBe(words);
      await view.picture("wallet-app-words-dark");
      await page.keyboard.press("Escape");

      await button(page, "Public keys").click();
      await page
        .getByRole("dialog")
        .getByText(/^tr\(\[/)
        .first()
        .waitFor();
      await page.getByRole("dialog").getByRole("button", { name: "As a QR code" }).first().click();
      await page.getByRole("img", { name: "QR code of the descriptor" }).waitFor();
      await view.picture("wallet-app-keys-dark");
      await page.keyboard.press("Escape");

      await button(page, "Remove Holidays in May").click();
      await page.getByTestId("confirm").click();
      await eventually(() => accounts.getByRole("listitem").count()).toBe(1);
      await button(page, "Remove My wallet").click();
      await page.getByLabel("Type My wallet to confirm").fill("My wallet");
      await page.getByTestId("confirm").click();
      await heading(page, "Add a wallet");
    });

    test("settings: theme, unit, kind of address, passphrase; and removes everything when asked to", async () => {
      const { view, page } = await openWallet();
      await go(page, "Settings");
      await page.getByText("Light", { exact: true }).click();
      await eventually(() => page.evaluate(() => document.documentElement.dataset.mantineColorScheme)).toBe("light");
      await page.getByText("Segwit", { exact: true }).click();
      await eventually(() => page.getByRole("radio", { name: "Segwit" }).isChecked()).toBe(true);
      await button(page, "Change the passphrase").click();
      const dialog = page.getByRole("dialog");
      await dialog.getByLabel("Passphrase now").fill("not this one");
      await dialog.getByLabel("New passphrase").fill(OTHER_PASSPHRASE);
      await dialog.getByLabel("The same once more").fill(OTHER_PASSPHRASE);
      await button(page, "Change it").click();
      await dialog.getByRole("alert").filter({ hasText: "passphrase" }).waitFor();
      await dialog.getByLabel("Passphrase now").fill(PASSPHRASE);
      await button(page, "Change it").click();
      await page.getByTestId("toasts").getByText("The passphrase is another one now").waitFor();
      await view.picture("wallet-app-settings-light", true);
      await page.reload();
      await unlockWallet(page, PASSPHRASE);
      await page.getByText("The passphrase is not the right one.").waitFor();
      await unlockWallet(page, OTHER_PASSPHRASE);
      await heading(page, "Settings");
      await eventually(() => page.getByRole("radio", { name: "Segwit" }).isChecked()).toBe(true);
      await go(page, "Receive");
      await eventually(() => page.getByTestId("address").textContent()).toMatch(/^bcrt1q/);
      await go(page, "Settings");
      await button(page, "Remove everything on this device").click();
      await page.getByLabel("Type remove everything to confirm").fill("remove everything");
      await page.getByTestId("confirm").click();
      await heading(page, "A wallet whose keys never leave this device");
    });
  });

  describe("is found its way in", () => {
    test("from the explorer beside it, by an address that other programs open, and as an app of the device", async () => {
      const explorer = await open("/");
      await explorer.page.getByRole("link", { name: "Wallet app" }).click();
      await heading(explorer.page, "A wallet whose keys never leave this device");
      expect(new URL(explorer.page.url()).pathname).toBe("/wallet-app/setup");

      const { page } = await openWallet();
      await page.goto(`${node.url}/wallet-app/send?uri=${encodeURIComponent(`bitcoin:${ADDRESS}?amount=0.25`)}`);
      await heading(page, "Unlock your wallet");
      await unlockWallet(page);
      await heading(page, "Send");
      await eventually(() => page.getByRole("textbox").first().inputValue()).toContain(ADDRESS);

      const href = await page.locator("link[rel=manifest]").getAttribute("href");
      const manifest = (await (await fetch(new URL(href!, node.url))).json()) as {
        readonly id: string;
        readonly icons: readonly { readonly src: string; readonly type: string }[];
      };
      expect(manifest.id).toBe("/wallet-app/");
      for (const { src, type } of manifest.icons) {
        const response = await fetch(new URL(src, new URL(href!, node.url)));
        expect([response.status, response.headers.get("content-type")], src).toEqual([200, type]);
      }
      const { errors } = await (await page.context().newCDPSession(page)).send("Page.getAppManifest");
      expect(errors).toEqual([]);
    });

    test("by shortcuts, a palette, and a bar at the bottom of phones", async () => {
      const { page } = await openWallet();
      await page.keyboard.press("g");
      await page.keyboard.press("s");
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
      await page.goto(`${node.url}/wallet-app/nowhere`);
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
      ["dark", { width: 1280, height: 860 }],
      ["light", PHONE],
    ] as const)(
      "in %s, nothing serious in anybody's way, nothing wider than the screen",
      async (colorScheme, viewport) => {
        const view = await open("/wallet-app/", { colorScheme, viewport });
        const { page } = view;
        const look = async (name: string) => {
          await view.picture(`wallet-app-${name}-${colorScheme}`, true);
          await expectAccessible(page, `${name} in ${colorScheme}`);
          expect(await excessWidth(page), name).toBeLessThanOrEqual(0);
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
        expect(graveOf(view)).toEqual([]);
      },
    );
  });

  describe("follows a network", () => {
    test("and takes nothing from another chain, until that is meant", async () => {
      const other = await NodeProcess.start();
      try {
        await other.rpc("generatetoaddress", 3, ADDRESS);
        const view = await WatchedPage.open(browser, `${other.url}/wallet-app/`);
        opened.push(view);
        const { page } = view;
        await setUpWallet(page, someWords());
        await eventually(() => page.getByTestId("connection").textContent()).toBe("Live");
        await go(page, "Receive");
        const address = (await page.getByTestId("address").textContent())!.trim();
        await other.rpc("generatetoaddress", 1, address);
        await go(page, "Home");
        await eventually(() => page.getByRole("heading", { level: 1 }).textContent()).toMatch(/50\.00000000/);

        await other.rpc("invalidateblock", await other.rpc("getblockhash", 1));
        await other.rpc("generatetoaddress", 6, ADDRESS);
        // Looked at when a connection begins.
        await button(page, "Lock").click();
        await unlockWallet(page);
        await eventually(() => page.getByTestId("connection").textContent()).toBe("Refused");
        await page.getByTestId("connection").click();
        await heading(page, "Settings");
        await view.picture("wallet-app-refused-dark");
        await expectAccessible(page, "refused");
        await button(page, "Use this chain from now on").click();
        await page.getByRole("dialog").getByText("Histories and heights of all wallets").waitFor();
        await page.getByTestId("confirm").click();
        await eventually(() => page.getByTestId("connection").textContent()).toBe("Live");
        await go(page, "Home");
        await eventually(() => page.getByRole("heading", { level: 1 }).textContent()).toMatch(/ 0\.00000000/);
      } finally {
        await other.remove();
      }
    });

    test("at other servers too, which are tried, named, changed and removed in the settings", async () => {
      const other = await NodeProcess.start(["-webcors=*"]);
      try {
        await other.rpc("generatetoaddress", 7, ADDRESS);
        const { page } = await openWallet();
        await go(page, "Settings");
        await button(page, "Add a network").click();
        const dialog = page.getByRole("dialog");
        await dialog.getByLabel("Address of the server").fill(new URL(other.url).host);
        await dialog.getByRole("button", { name: "Look what answers there" }).click();
        await eventually(() => dialog.getByTestId("network-facts").textContent()).toMatch(/Regtest.*7/);
        await dialog.getByLabel("Name", { exact: true }).fill("The other");
        await dialog.getByRole("button", { name: "Use this network" }).click();
        const row = page.getByRole("list", { name: "Networks" }).getByRole("listitem").filter({ hasText: "The other" });
        await eventually(() => row.textContent()).toContain(other.url);
        await row.getByRole("button", { name: "Change The other" }).click();
        await dialog.getByRole("button", { name: "Look what answers there" }).click();
        await dialog.getByLabel("Name", { exact: true }).fill("Another one");
        await dialog.getByRole("button", { name: "Save", exact: true }).click();
        await page.getByText("Another one", { exact: true }).waitFor();
        await page.getByRole("list", { name: "Networks" }).getByRole("button", { name: "Remove Another one" }).click();
        await page.getByTestId("confirm").click();
        await eventually(() => page.getByRole("list", { name: "Networks" }).getByRole("listitem").count()).toBe(1);
        // A network with a wallet on it cannot be removed.
        expect(
          await page
            .getByRole("list", { name: "Networks" })
            .getByRole("button", { name: /^Remove/ })
            .count(),
        ).toBe(0);
      } finally {
        await other.remove();
      }
    });
  });

  // The last ones: the node is stopped meanwhile.
  describe("without its server", () => {
    test("opens all the same, shows what it knew, and goes on when the server is back", async () => {
      const view = await open("/wallet-app/", { serviceWorkers: "allow" });
      const { page } = view;
      await setUpWallet(page, someWords());
      await page.evaluate(activeWorker);
      await page.reload();
      await unlockWallet(page);
      await heading(page, /^Balance/);
      const kept = await page.evaluate(keptPaths);
      expect(kept).toContain("/wallet-app/");
      expect(kept.filter((path) => !path.startsWith("/wallet-app/"))).toEqual([]);
      await node.stop();
      try {
        await page.reload();
        await unlockWallet(page);
        await heading(page, /^Balance/);
        await eventually(() => page.getByTestId("connection").textContent()).toBe("Offline");
        await view.picture("wallet-app-offline-dark");
        await page.goto(`${node.url}/wallet-app/settings`);
        await unlockWallet(page);
        await heading(page, "Settings");
      } finally {
        await node.start();
      }
      await eventually(() => page.getByTestId("connection").textContent()).toBe("Live");
    });

    test("is not what the explorer's own worker shows in its place", async () => {
      const { page } = await open("/", { serviceWorkers: "allow" });
      await page.getByTestId("tip-height").waitFor();
      await page.evaluate(activeWorker);
      await page.reload();
      await page.getByTestId("tip-height").waitFor();
      await node.stop();
      try {
        await page.goto(`${node.url}/blocks`);
        await page.getByRole("heading", { name: "The node does not answer" }).waitFor();
        await expect(page.goto(`${node.url}/wallet-app/`)).rejects.toThrow(/ERR_CONNECTION_REFUSED/);
      } finally {
        await node.start();
      }
    });
  });
});

/** Twelve words that nobody had before. */
const someWords = () => mnemonicOf(randomBytes(16));

/** From a device without a vault to the choice of how a wallet is added, on the network of the page's server. */
async function setUpDevice(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Begin" }).click();
  await page.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
  await page.getByLabel("The same once more").fill(PASSPHRASE);
  await page.getByRole("button", { name: "Encrypt this device" }).click();
  await page.getByRole("region", { name: "This server" }).getByRole("button", { name: "Use this network" }).click();
  await page.getByRole("heading", { level: 1, name: "Add a wallet" }).waitFor();
}

/** And on to a wallet of these words. */
async function setUpWallet(page: Page, words: string): Promise<void> {
  await setUpDevice(page);
  await page.getByRole("button", { name: /^Restore from words/ }).click();
  for (const [index, word] of words.split(" ").entries()) {
    await page.getByRole("combobox", { name: `Word ${index + 1}`, exact: true }).fill(word);
  }
  await page.getByRole("button", { name: "Restore", exact: true }).click();
  await page.getByRole("heading", { level: 1, name: /^Balance/ }).waitFor();
}

async function unlockWallet(page: Page, passphrase = PASSPHRASE): Promise<void> {
  await page.getByLabel("Passphrase", { exact: true }).fill(passphrase);
  await page.getByRole("button", { name: "Unlock" }).click();
}

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

/** Changes bytes of every row that the vault has in IndexedDB. Runs in the page. */
async function breakRows(): Promise<void> {
  const names = (await indexedDB.databases()).flatMap(({ name }) => (name === undefined ? [] : [name]));
  for (const name of names) {
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open(name);
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    for (const store of [...database.objectStoreNames].filter((one) => /row|record/i.test(one))) {
      const transaction = database.transaction(store, "readwrite");
      const request = transaction.objectStore(store).openCursor();
      request.onsuccess = () => {
        const cursor = request.result;
        if (cursor === null) return;
        const broken: unknown = structuredClone(cursor.value);
        const bytes =
          broken instanceof Uint8Array
            ? broken
            : (Object.values(broken as object).find((one) => one instanceof Uint8Array) as Uint8Array);
        bytes[bytes.length - 1]! ^= 1;
        cursor.update(broken);
        cursor.continue();
      };
      await new Promise((resolve) => {
        transaction.oncomplete = resolve;
      });
    }
    database.close();
  }
}
