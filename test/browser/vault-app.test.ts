import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import path from "node:path";
import { mnemonicOf } from "@bitfleet/wallet/keys/mnemonic.ts";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findPlaintext } from "../../apps/desktop/src/vault/plaintext-test-kit.ts";
import { temporaryFolder } from "../functional/test-node.ts";
import { someKey } from "../functional/wallet-app-sweeps.ts";
import { expectAccessible } from "./accessibility.ts";
import { keepPicture, whyNoChromium } from "./chromium.ts";
import { NodeProcess, whatIsNotBuilt } from "./node-process.ts";
import { DESK, eventually, expectFits, PHONE } from "./page-kit.ts";
import { OwnChromium } from "./vault-page/own-chromium.ts";

const ELSEWHERE = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
const SECRET_WORDS = 4;

const WALLET_PAGE = path.resolve(import.meta.dirname, "../../apps/wallet/dist/index.html");

const missing =
  whyNoChromium() ??
  whatIsNotBuilt() ??
  (existsSync(WALLET_PAGE) ? undefined : "the wallet app is not built (npm run build)");
if (missing !== undefined) process.stderr.write(`\nSKIPPED: what the wallet app leaves on disk, since ${missing}\n\n`);

/** The app itself in a browser that keeps its profile, and is killed. */
describe.skipIf(missing !== undefined)("what the wallet app leaves on a disk", () => {
  let node: NodeProcess;

  beforeAll(async () => {
    node = await NodeProcess.start();
    await node.rpc("generatetoaddress", 3, ELSEWHERE);
  });

  afterAll(() => node?.remove());

  const go = (page: Page, name: string) =>
    page.getByRole("navigation", { name: "Main" }).getByRole("link", { name }).click();

  /** From a device without a vault to a wallet of these words, on the network of the page's server. */
  const setUp = async (page: Page, words: string, passphrase: string) => {
    await page.getByRole("button", { name: "Begin" }).click();
    await page.getByLabel("Passphrase", { exact: true }).fill(passphrase);
    await page.getByLabel("The same once more").fill(passphrase);
    await page.getByRole("button", { name: "Encrypt this device" }).click();
    const here = page.getByRole("region", { name: "This server" });
    await here.getByRole("button", { name: "Use this network" }).click();
    await page.getByRole("button", { name: /^Restore from words/ }).click();
    for (const [index, word] of words.split(" ").entries()) {
      await page.getByRole("combobox", { name: `Word ${index + 1}`, exact: true }).fill(word);
    }
    await page.getByRole("button", { name: "Restore", exact: true }).click();
    await page.getByRole("heading", { level: 1, name: /^Balance/ }).waitFor();
  };

  /** Brings what a private key has in three kinds of addresses into the account, by the keyboard alone. */
  const sweep = async (page: Page, { wif, addresses }: ReturnType<typeof someKey>) => {
    for (const address of addresses.slice(0, 3)) await node.rpc("generatetoaddress", 1, address);
    await node.rpc("generatetoaddress", 101, ELSEWHERE);
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").fill("paper wallet");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "Sweep a key" }).waitFor();
    const field = page.getByLabel("Private key in wallet import format");
    await eventually(() => field.evaluate((input) => input === document.activeElement)).toBe(true);
    await page.keyboard.type(`${wif.slice(0, -1)}${wif.endsWith("1") ? "2" : "1"}`);
    await page.keyboard.press("Enter");
    await page.getByText("The checksum of this private key does not fit").waitFor();
    await keepPicture(page, "wallet-app-sweep-checksum-light");
    await page.keyboard.press("Backspace");
    await page.keyboard.type(wif.at(-1)!);
    await page.keyboard.press("Enter");
    const found = page.getByTestId("found");
    await found.getByRole("listitem").nth(2).waitFor();
    for (const address of addresses.slice(0, 3)) await found.getByText(address).waitFor();
    await page.getByTestId("sums").getByText("149.9999").waitFor();
    const target = (await page.getByTestId("target").textContent())!;
    await page.setViewportSize(DESK);
    await keepPicture(page, "wallet-app-sweep-found-light", true);
    await expectAccessible(page);
    await page.setViewportSize(PHONE);
    await page.emulateMedia({ colorScheme: "dark" });
    await expectFits(page);
    await keepPicture(page, "wallet-app-sweep-found-phone-dark", true);
    await expectAccessible(page);
    await page.getByRole("button", { name: "Review the sweep" }).focus();
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog", { name: "Sweep all of this?" });
    await dialog.getByText(target).first().waitFor();
    await keepPicture(page, "wallet-app-sweep-review-phone-dark");
    await dialog.getByRole("button", { name: "Sweep", exact: true }).focus();
    await page.keyboard.press("Enter");
    const steps = page.getByTestId("steps");
    await steps.waitFor();
    await node.rpc("generatetoaddress", 1, ELSEWHERE);
    await eventually(() => steps.getAttribute("data-standing")).toBe("confirmed");
    await page.getByText(`Swept from ${addresses[0]} and 2 more`).first().waitFor();
    await expectFits(page);
    await keepPicture(page, "wallet-app-sweep-done-phone-dark", true);
    await page.setViewportSize(DESK);
    // The page is gone, and the key with it.
    expect(await page.evaluate(() => document.documentElement.outerHTML)).not.toContain(wif);
    expect(page.url()).not.toContain(wif);
  };

  test("has nothing of it in clear, and everything is there again after the passphrase", async () => {
    const profile = path.join(temporaryFolder(), "profile");
    const url = `${node.url}/wallet-app/`;
    const first = await OwnChromium.start(profile, url);
    const words = mnemonicOf(randomBytes(16));
    await setUp(first.page, words, "turtle harvest piano gravel");
    await go(first.page, "Receive");
    const address = (await first.page.getByTestId("address").textContent())!.trim();
    await first.page.getByLabel("What it is for").fill("Rent of the blue house");
    await first.page.getByLabel("What it is for").press("Enter");
    await first.page.getByRole("button", { name: "Rent of the blue house" }).waitFor();
    await node.rpc("generatetoaddress", 1, address);
    await first.page.getByTestId("arrivals").getByText(/^\+/).waitFor();
    const key = someKey();
    await sweep(first.page, key);
    const secrets = {
      phrase: words.split(" ").slice(0, SECRET_WORDS).join(" "),
      end: words.split(" ").slice(-SECRET_WORDS).join(" "),
      passphrase: "turtle harvest piano gravel",
      label: "Rent of the blue house",
      address,
      wif: key.wif,
      privateKey: key.hex,
    };
    // What stands in clear on purpose: the search finds what is there.
    await first.page.evaluate((text) => localStorage.setItem("search", text), "this text is not secret");
    const forms = { ...secrets, search: "this text is not secret" };
    await expect.poll(() => findPlaintext(profile, forms).join(), { timeout: 30_000 }).toContain("search in ");
    expect(findPlaintext(profile, secrets)).toEqual([]);
    await first.kill();
    expect(findPlaintext(profile, secrets)).toEqual([]);

    const second = await OwnChromium.start(profile, url);
    await second.page.getByLabel("Passphrase", { exact: true }).fill(secrets.passphrase);
    await second.page.getByRole("button", { name: "Unlock" }).click();
    await second.page.getByTestId("entry").filter({ hasText: secrets.label }).waitFor();
    await go(second.page, "Receive");
    await second.page.getByText(secrets.label).first().waitFor();
    await second.close();
    expect(findPlaintext(profile, secrets)).toEqual([]);
  });

  test("says so where the page came in clear from another machine, for which browsers do not encrypt", async () => {
    const { port } = new URL(node.url);
    const names = ["--host-resolver-rules=MAP wallet.example 127.0.0.1"];
    const profile = path.join(temporaryFolder(), "profile");
    const chromium = await OwnChromium.start(profile, `http://wallet.example:${port}/wallet-app/`, names);
    await chromium.page.getByText(/no means to encrypt\. Open it over HTTPS/).waitFor();
    expect(await chromium.page.getByRole("button", { name: "Begin" }).count()).toBe(0);
    await chromium.close();
  });
});
