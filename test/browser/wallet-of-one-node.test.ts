import { existsSync } from "node:fs";
import path from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../functional/test-node.ts";
import { expectAccessible } from "./accessibility.ts";
import { launchChromium, WatchedPage, whyNoChromium } from "./chromium.ts";
import { NodeProcess, whatIsNotBuilt } from "./node-process.ts";
import { eventually, expectFits, PHONE } from "./page-kit.ts";

const FOREIGN = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";

const missing = whyNoChromium() ?? whatIsNotBuilt();
if (missing !== undefined)
  process.stderr.write(`\nSKIPPED: the tests of the pages of one node's wallets, since ${missing}\n\n`);

/** What it sends goes nowhere, so that it can be given up. */
describe.skipIf(missing !== undefined)("wallets of one node", () => {
  const KEY = "key-of-the-operator";
  const REWARDS = 500;
  let browser: Browser;
  let node: NodeProcess;
  let opened: WatchedPage | undefined;

  beforeAll(async () => {
    const options = [`-webadminkey=${KEY}`, "-walletbroadcast=0", "-fallbackfee=0.0001", "-keypool=5"];
    [browser, node] = await Promise.all([launchChromium(), NodeProcess.start(options)]);
    await node.rpc("createwallet", "till");
    await node.rpc("generatetoaddress", REWARDS, await node.rpc<string>("getnewaddress"));
  });

  afterEach(async () => {
    await opened?.close();
    opened = undefined;
  });

  afterAll(async () => {
    await browser?.close();
    await node?.remove();
  });

  const open = async (place: string, options: Parameters<typeof WatchedPage.open>[2] = {}) => {
    const view = await WatchedPage.open(browser, node.url, options);
    opened = view;
    await view.page.evaluate((text) => sessionStorage.setItem("bitfleet.admin-key", text), KEY);
    await view.page.goto(`${node.url}${place}`);
    return { view, page: view.page };
  };

  test("a history of hundreds is there to its end, and few of its rows are in the document", async () => {
    const { view, page } = await open("/wallet/till");
    const table = page.getByRole("grid", { name: "transactions of the wallet" });
    await table.getByRole("row").nth(3).waitFor();
    await eventually(async () => {
      const more = page.getByRole("button", { name: "Show older ones" });
      if ((await more.count()) > 0) await more.click({ timeout: 1_000 }).catch(() => undefined);
      return page.getByText(`Transactions of the wallet: ${REWARDS}`).count();
    }).toBe(1);
    expect(await table.getByRole("row").count()).toBeLessThan(150);
    await view.picture("wallet-many-dark");
    expect(view.complaints).toEqual([]);
  });

  test("amounts of thousands of coins fit on a phone", async () => {
    const { view, page } = await open("/wallet/till", { viewport: PHONE, colorScheme: "light" });
    await page.getByRole("button", { name: "Available", exact: true }).waitFor();
    await page.locator("dl dd").filter({ hasText: "," }).first().waitFor();
    const cut = await page.evaluate(
      () => [...document.querySelectorAll("dl > div")].filter((tile) => tile.scrollWidth > tile.clientWidth).length,
    );
    expect(cut).toBe(0);
    await expectFits(page);
    await view.picture("wallet-many-phone-light");
  });

  test("a passphrase is set, asked for, refused where it is wrong, and changed", async () => {
    const { view, page } = await open("/wallet/till?tab=security");
    await page.getByLabel("New passphrase", { exact: true }).fill("first");
    await page.getByLabel("New passphrase once more").fill("first");
    await page.getByRole("button", { name: "Set the passphrase" }).click();
    await page.getByText("locked", { exact: true }).waitFor();

    const change = async (old: string) => {
      await page.getByLabel("Present passphrase").fill(old);
      await page.getByLabel("New passphrase", { exact: true }).fill("second");
      await page.getByLabel("New passphrase once more").fill("second");
      await page.getByRole("button", { name: "Change it" }).click();
    };
    await change("a guess");
    await page.getByRole("alert").filter({ hasText: "passphrase" }).waitFor();
    await change("first");
    await page.getByText("The passphrase is changed").waitFor();
    await view.picture("wallet-security-dark", true);
    await expectAccessible(page);

    await page.getByRole("button", { name: "Unlock", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "Unlock the wallet" });
    await dialog.getByLabel("Passphrase of the wallet").fill("first");
    await page.keyboard.press("Enter");
    await dialog.getByRole("alert").waitFor();
    await view.picture("wallet-unlock-dark");
    await dialog.getByLabel("Passphrase of the wallet").fill("second");
    await dialog.getByText("10 minutes").click();
    await dialog.getByRole("button", { name: "Unlock" }).click();
    await page.getByText("unlocked", { exact: true }).waitFor();
    expect(view.complaints.filter((text) => !text.includes("422"))).toEqual([]);
  });

  test("a payment that is in no mempool is given up, and its coins are free again", async () => {
    const { view, page } = await open("/wallet/till?tab=send", { colorScheme: "light" });
    await page.clock.install();
    await page.reload();
    await page.getByLabel("Pay to address").fill(FOREIGN);
    await page.getByLabel("Amount in BTC").fill("3");
    await page.getByText("Own feerate").click();
    await page.getByLabel("Feerate in sat/vB").fill("2");
    await page.getByRole("button", { name: "Review the payment" }).click();
    await page.getByTestId("send").click();
    const dialog = page.getByRole("dialog", { name: "Transaction of the wallet" });
    await dialog.getByText("On its way to this server").waitFor();
    await page.clock.fastForward(40_000);
    await dialog.getByText("In no mempool that this server sees").waitFor();
    await view.picture("wallet-missing-light");
    await dialog.getByRole("button", { name: "Give it up" }).click();
    await page.getByTestId("confirm").click();
    await dialog.getByText("given up").waitFor();
    expect(view.complaints).toEqual([]);
  });

  test("a backup is written at the node, after a question", async () => {
    const { view, page } = await open("/wallet/till?tab=security");
    const file = path.join(temporaryFolder(), "till.bak");
    await page.getByLabel("File at the node").fill(file);
    await page.getByRole("button", { name: "Write the backup" }).click();
    await page.getByRole("dialog").getByText(file).waitFor();
    await page.getByTestId("confirm").click();
    await page.getByText("The backup is written").waitFor();
    expect(existsSync(file)).toBe(true);
    expect(view.complaints).toEqual([]);
  });

  test("a wallet that watches takes a public descriptor and shows what it has; private keys do not leave the page", async () => {
    const { view, page } = await open("/wallet", { viewport: PHONE });
    await page.getByRole("button", { name: "New wallet" }).click();
    const dialog = page.getByRole("dialog", { name: "New wallet" });
    await dialog.getByLabel("Name").fill("watcher");
    await dialog.getByLabel(/^Watch only/).check();
    await view.picture("wallet-create-phone-dark");
    await dialog.getByRole("button", { name: "Make the wallet" }).click();
    await page.getByRole("heading", { name: "watcher", level: 1 }).waitFor();
    await page.getByRole("tab", { name: "Security" }).click();
    const sent: string[] = [];
    page.on("request", (request) => sent.push(request.postData() ?? ""));
    const secret = "cMahea7zqjxrtgAbB7LSGbcQUr1uX1ojuat9jZodMN87JcbXMTcA";
    await page.getByRole("textbox", { name: "Descriptor" }).fill(`wpkh(${secret})`);
    await page.getByRole("button", { name: "Watch it" }).click();
    await page.getByText("This descriptor has private keys").waitFor();
    expect(sent.join()).not.toContain(secret);

    await node.rpc("generatetoaddress", 1, FOREIGN);
    await page.getByRole("textbox", { name: "Descriptor" }).fill(`addr(${FOREIGN})`);
    await page.getByLabel("Label").fill("a friend");
    await page.getByRole("button", { name: "Watch it" }).click();
    await page.getByText("The wallet watches it now").waitFor();
    await page.getByRole("tab", { name: "History" }).click();
    await page.getByText("Mined").first().waitFor();
    await view.picture("wallet-watcher-phone-dark", true);
    await page.getByRole("tab", { name: "Send" }).click();
    await page.getByRole("heading", { name: "This wallet only watches" }).waitFor();
    await view.picture("wallet-watcher-send-phone-dark");
    await expectAccessible(page);
    expect(view.complaints).toEqual([]);
  });
});
