import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { someKey } from "../functional/wallet-app-sweeps.ts";
import { expectAccessible } from "./accessibility.ts";
import { eventually } from "./page-kit.ts";
import {
  ADDRESS,
  button,
  go,
  heading,
  setUpDevice,
  shownWords,
  tabTo,
  WalletDevices,
  whyNoWalletApp,
} from "./wallet-app-devices.ts";
import { PASSPHRASE, unlockWallet } from "./wallet-app-kit.ts";

const missing = whyNoWalletApp();
if (missing !== undefined)
  process.stderr.write(`\nSKIPPED: the tests of how the wallet app is set up, since ${missing}\n\n`);

describe.skipIf(missing !== undefined)("the wallet app", () => {
  let devices: WalletDevices;

  beforeAll(async () => {
    devices = await WalletDevices.start();
  });
  afterEach(() => devices.closePages());
  afterAll(() => devices?.stop());

  describe("leads from nothing to a wallet", () => {
    test("by the keyboard alone: passphrase, network, words that are written down and checked", async () => {
      const view = await devices.open();
      const { page } = view;
      await heading(page, "A wallet whose keys never leave this device");
      await tabTo(page, "Begin");
      await page.keyboard.press("Enter");

      await heading(page, "Choose a passphrase for this device");
      // The field has the focus already.
      const field = page.getByLabel("Passphrase", { exact: true });
      await eventually(() => field.evaluate((element) => element === document.activeElement)).toBe(true);
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
      await eventually(() => page.getByText("That is not the word at this place.").count()).toBe(1);
      await page.getByLabel(`Word ${places[0]}`, { exact: true }).focus();
      await page.keyboard.press("Control+a");
      await page.keyboard.type(words[places[0]! - 1]!);
      await page.keyboard.press("Enter");
      await heading(page, /^Balance/);
      await eventually(() => page.getByTestId("connection").textContent()).toBe("Live");
      await eventually(() => new URL(page.url()).pathname).toBe("/wallet-app/");

      // Back leads into no set-up that is over: other words would be taken for those on paper.
      await page.goBack();
      await heading(page, "Add a wallet");
      await page.getByRole("link", { name: "Back to the wallet" }).click();
      await heading(page, /^Balance/);

      // What was made is what was shown.
      await go(page, "Wallets");
      await button(page, "Show the words").click();
      const dialog = page.getByRole("dialog");
      await dialog.getByLabel("Passphrase of this device").fill(PASSPHRASE);
      await dialog.getByRole("button", { name: "Go on" }).click();
      await dialog.getByRole("button", { name: "Show the words" }).click();
      expect(await shownWords(page)).toEqual(words);
      expect(view.complaints).toEqual([]);
    });

    test("words that were not checked are stored nowhere, and what was chosen before is not asked again", async () => {
      const { page } = await devices.open();
      await setUpDevice(page);
      await page.getByRole("button", { name: /^Create a new wallet/ }).click();
      await page.getByText("24 words").click();
      await button(page, "Show the words").click();
      const words = await shownWords(page, 24);
      // Each length has its own: what was written down meanwhile is right still.
      await page.getByText("12 words").click();
      const twelve = await shownWords(page, 12);
      await page.getByText("24 words").click();
      expect(await shownWords(page, 24)).toEqual(words);
      await page.getByText("12 words").click();
      expect(await shownWords(page, 12)).toEqual(twelve);
      await page.getByText("24 words").click();
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
      await page.goto(`${devices.node.url}/wallet-app/`);
      await unlockWallet(page);
      await heading(page, "Add a wallet");
      await page.getByText("Network: This server (Regtest, a network for development).").waitFor();
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
      const view = await devices.open();
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
      const byName = devices.node.url.replace("127.0.0.1", "localhost");
      await address.fill(byName);
      await form.getByRole("button", { name: "Look what answers there" }).click();
      await page.getByText(`${new URL(byName).host} cannot be used`).waitFor();
      await page.getByText(`-webcors=${devices.node.url}`).waitFor();
      await address.fill(`${devices.node.url}/`);
      await form.getByRole("button", { name: "Look what answers there" }).click();
      await page.getByText(`${new URL(devices.node.url).host} answers`).waitFor();
      await page.getByLabel("Name", { exact: true }).fill("My own");
      await page
        .getByRole("form", { name: "Use this network" })
        .getByRole("button", { name: "Use this network" })
        .click();
      await page.getByText("Network: My own (Regtest").waitFor();
      // What was tried and refused is all that the browser complained of.
      expect(view.complaints.filter((text) => !/127\.0\.0\.1:9|localhost|CORS|ERR_/.test(text))).toEqual([]);
    });

    test("words that somebody has are completed, pasted and checked, and what they own is found", async () => {
      const { page: first, words } = await devices.openWallet();
      await go(first, "Receive");
      const address = (await first.getByTestId("address").textContent())!.trim();
      await devices.node.rpc("generatetoaddress", 2, address);
      await go(first, "Wallets");
      await button(first, "Add an account").click();
      await first.getByRole("dialog").getByRole("button", { name: "Add", exact: true }).click();
      await first.getByRole("button", { name: /^Switch account, now My wallet Account 2/ }).waitFor();
      await first.getByTestId("connection").getByText("Live").waitFor();
      await go(first, "Receive");
      const shown = async () => (await first.getByTestId("address").textContent())!.trim();
      await eventually(shown).not.toBe(address);
      const second = await shown();
      await devices.node.rpc("generatetoaddress", 1, second);
      await devices.node.rpc("generatetoaddress", 100, ADDRESS);

      const view = await devices.open("/wallet-app/", { permissions: ["clipboard-read", "clipboard-write"] });
      const { page } = view;
      await setUpDevice(page);
      await page.getByRole("button", { name: /^Restore from words/ }).click();
      const word = (place: number) => page.getByRole("combobox", { name: `Word ${place}`, exact: true });
      await word(1).pressSequentially("aban");
      await page.getByRole("option", { name: "abandon" }).waitFor();
      await page.keyboard.press("Enter");
      await eventually(() => word(1).inputValue()).toBe("abandon");
      // On to the next word.
      await page.keyboard.type("ab");
      await page.getByRole("option", { name: "ability" }).waitFor();
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      await eventually(() => word(2).inputValue()).toBe("ability");
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
      await eventually(() => word(12).inputValue()).toBe(words.split(" ").at(-1));
      await word(5).fill("zzzz");
      await button(page, "Restore").click();
      await page.getByText("Word 5 is none of the word list.").waitFor();
      await eventually(() => word(5).evaluate((element) => element === document.activeElement)).toBe(true);
      await word(5).fill(words.split(" ")[4]!);
      await button(page, "Restore").click();
      await heading(page, /^Balance/);
      await eventually(() => page.getByRole("heading", { level: 1 }).textContent()).toMatch(/100\.00000000/);
      await page.getByText("Account 2 was found").waitFor();
      await view.picture("wallet-app-found-account-dark");
      await expectAccessible(page, "a found account");
      await button(page, "Show it").click();
      await eventually(() => page.getByRole("heading", { level: 1 }).textContent()).toMatch(/ 50\.00000000/);
    });

    test("what is watched is read while it is typed, with an address to compare", async () => {
      const { page: owner } = await devices.openWallet();
      await go(owner, "Receive");
      const address = (await owner.getByTestId("address").textContent())!.trim();
      await go(owner, "Wallets");
      await button(owner, "Public keys").click();
      const descriptor = await owner.getByRole("dialog").getByText(/^tr\(/).first().textContent();
      const { view, page } = await devices.openWallet();
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
      // A private key is said to be one, and shown no more.
      await text.fill(someKey().wif);
      await page.getByText("This holds a private key.").waitFor();
      expect(await text.inputValue()).toBe("");
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
});
