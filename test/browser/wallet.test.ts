import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../packages/node/src/network/free-port.ts";
import { BITFLEET, run, TestProcess, temporaryFolder, eventually as untilThere } from "../functional/test-node.ts";
import { expectAccessible } from "./accessibility.ts";
import { launchChromium, WatchedPage, whyNoChromium } from "./chromium.ts";
import { NodeProcess, whatIsNotBuilt } from "./node-process.ts";
import { eventually, expectFits, PHONE } from "./page-kit.ts";

const PASSPHRASE = "correct horse battery staple";
const FOREIGN = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";

const missing = whyNoChromium() ?? whatIsNotBuilt();
if (missing !== undefined) process.stderr.write(`\nSKIPPED: the tests of the wallets' pages, since ${missing}\n\n`);

/** The tests share one network and its wallets: they run in order and as a whole. */
describe.skipIf(missing !== undefined)("wallets of a network of two nodes, through its web server", () => {
  const folder = missing === undefined ? temporaryFolder() : "";
  let browser: Browser;
  let url: string;
  let key: string;
  let opened: WatchedPage | undefined;
  /** Of the wallet that is made here, given out on its page. */
  let ownAddress: string;

  beforeAll(async () => {
    const [port, rpcPort] = [await freePort(), await freePort()];
    url = `http://127.0.0.1:${port}`;
    const options = [`--data=${folder}`, `--port=${port}`, `--rpc-port=${rpcPort}`, "--interval=100000"];
    const up = new TestProcess(BITFLEET, ["up", "--miners=1", "--webservers=1", ...options]);
    browser = await launchChromium();
    await untilThere(() => {
      if (up.child.exitCode !== null) throw new Error(`bitfleet up ended: ${up.stderr}`);
      return /^height 101 .* 2 of 2 nodes/m.test(up.stdout) ? true : undefined;
    });
    key = /Admin key +(\S+)/.exec(up.stdout)![1]!;
  });

  afterEach(async () => {
    await opened?.close();
    opened = undefined;
  });

  afterAll(async () => {
    await browser?.close();
    if (folder !== "") await run(BITFLEET, ["down", `--data=${folder}`]);
  });

  const open = async (place: string, options: Parameters<typeof WatchedPage.open>[2] = {}) => {
    const view = await WatchedPage.open(browser, url, options);
    opened = view;
    await view.page.evaluate((text) => sessionStorage.setItem("bitfleet.admin-key", text), key);
    await view.page.goto(`${url}${place}`);
    return view;
  };
  const mine = (count: number) => run(BITFLEET, ["mine", `--data=${folder}`, String(count)]);
  const callWallet = async (method: string, route: string, body?: object): Promise<Record<string, string>> => {
    const response = await fetch(`${url}/api/wallet${route}`, {
      method,
      headers: { "x-api-key": key, ...(body && { "content-type": "application/json" }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as { readonly data: Record<string, string> | null; readonly error: string };
    if (answer.data === null) throw new Error(answer.error);
    return answer.data;
  };
  const minerAddress = async () => (await callWallet("POST", "/wallet", { wallet: "miner" })).address!;
  const tile = (page: Page, name: string): Locator =>
    page.locator("dl > div", { has: page.getByRole("button", { name, exact: true }) }).locator("dd");

  test("the key opens the page, which lists the wallet of the network", async () => {
    const view = await WatchedPage.open(browser, `${url}/wallet`);
    opened = view;
    const { page } = view;
    await page.getByRole("textbox", { name: "Wallet key" }).fill(key);
    await page.keyboard.press("Enter");
    await page.getByRole("listitem").filter({ hasText: "miner" }).getByText("50.00000000").waitFor();
    await view.picture("wallets-dark");
    await expectAccessible(page);
    expect(view.complaints).toEqual([]);
  });

  test("a wallet is made with a passphrase, and gives out an address with a label and a QR code", async () => {
    const view = await open("/wallet", { colorScheme: "light" });
    const { page } = view;
    await page.getByRole("button", { name: "New wallet" }).click();
    const dialog = page.getByRole("dialog", { name: "New wallet" });
    await dialog.getByLabel("Name").fill("shop");
    await dialog.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
    await dialog.getByLabel("Passphrase once more").fill("another");
    await dialog.getByText("The two are not the same.").waitFor();
    await dialog.getByLabel("Passphrase once more").fill(PASSPHRASE);
    await dialog.getByRole("button", { name: "Make the wallet" }).click();
    await page.getByRole("heading", { name: "shop", level: 1 }).waitFor();
    await page.getByText("locked", { exact: true }).waitFor();
    await page.getByText("Nothing was paid yet").waitFor();

    await page.getByRole("tab", { name: "Receive" }).click();
    await eventually(() => new URL(page.url()).search).toBe("?tab=receive");
    await page.getByLabel("What it is for").fill("order 17");
    await page.getByRole("button", { name: "Give out an address" }).click();
    const code = page.getByRole("img", { name: /^QR code of bcrt1/ });
    ownAddress = (await code.getAttribute("aria-label"))!.replace("QR code of ", "");
    await page.getByRole("button", { name: "order 17" }).waitFor();
    await view.picture("wallet-receive-light", true);
    await expectAccessible(page);

    await page.getByRole("button", { name: "order 17" }).click();
    await page.getByRole("dialog").getByLabel("What it is for").fill("order 18");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "order 18" }).waitFor();
    expect(view.complaints).toEqual([]);
  });

  test("a payment is looked at, sent, waits in the mempool, and is mined and settled on screen without a reload", async () => {
    const receiver = await WatchedPage.open(browser, url, { colorScheme: "light" });
    await receiver.page.evaluate((text) => sessionStorage.setItem("bitfleet.admin-key", text), key);
    await receiver.page.goto(`${url}/wallet/shop`);
    await eventually(() => tile(receiver.page, "Pending").textContent()).toBe("0.00000000BTC");

    const view = await open("/wallet/miner?tab=send");
    const { page } = view;
    await page.getByLabel("Pay to address").fill(ownAddress.replace("bcrt1q", "bcrt1p"));
    await page.getByLabel("Amount in BTC").fill("1.5");
    await page.getByText("Within 2 blocks").waitFor();
    await page.getByRole("button", { name: "Review the payment" }).click();
    await page.getByRole("alert").waitFor();
    // A payment URI fills in the rest, or says what is wrong with it.
    const uri = (address: string) => `bitcoin:${address}?amount=0.75&label=order%2018&message=two%20hats`;
    // What reads it is fetched then: who is quicker waits for it.
    let giveReader = () => {};
    const reader = new Promise<void>((resolve) => {
      giveReader = resolve;
    });
    await page.route("**/payment-uri-*.js", async (route) => {
      await reader;
      await route.continue();
    });
    await page.getByLabel("Pay to address").fill(uri(ownAddress));
    await page.getByRole("button", { name: "Review the payment" }).click();
    giveReader();
    const dialog = page.getByRole("dialog", { name: "Is this right?" });
    await dialog.getByText("Spends one coin").waitFor();
    await dialog.getByText("0.75000000").first().waitFor();
    await dialog.getByRole("button", { name: "Back" }).click();
    await page.getByLabel("Pay to address").fill(uri(`${ownAddress}x`));
    await page.getByText("no address of this network").waitFor();
    await page.getByLabel("Pay to address").fill(uri(ownAddress));
    await page.getByText("Its message: two hats").waitFor();
    await eventually(() => page.getByLabel("Pay to address").inputValue()).toBe(ownAddress);
    await eventually(() => page.getByLabel("Amount in BTC").inputValue()).toBe("0.75");
    await eventually(() => page.getByLabel("What it is for").inputValue()).toBe("order 18");
    await page.getByLabel("Amount in BTC").fill("1.5");
    await page.getByText("Own feerate").click();
    await page.getByLabel("Feerate in sat/vB").fill("2.5");
    await view.picture("wallet-send-dark", true);
    await expectAccessible(page);
    await page.getByRole("button", { name: "Review the payment" }).click();
    await dialog.getByText("Spends one coin").waitFor();
    await dialog.getByText("change, back to the wallet").waitFor();
    await view.picture("wallet-preview-dark");
    await expectAccessible(page);
    await dialog.getByTestId("send").click();

    const steps = page.getByRole("dialog", { name: "Transaction of the wallet" }).getByTestId("steps");
    await steps.getByText("Waits in the mempool").waitFor();
    await eventually(() => new URL(page.url()).search).toMatch(/^\?tx=[0-9a-f]{64}$/);
    await view.picture("wallet-transaction-waits-dark");
    await expectAccessible(page);
    await eventually(() => tile(receiver.page, "Pending").textContent()).toBe("1.50000000BTC");
    await receiver.page.getByText("waits", { exact: true }).waitFor();

    await mine(1);
    await eventually(() => steps.getAttribute("data-standing")).toBe("confirmed");
    await steps.getByText("In block 102").waitFor();
    await eventually(() => tile(receiver.page, "Available").textContent()).toBe("1.50000000BTC");
    await receiver.page.getByText("1 confirmation").waitFor();
    await receiver.picture("wallet-history-light");
    await mine(5);
    await steps.getByText("6 confirmations").waitFor();
    expect([...view.complaints, ...receiver.complaints].filter((text) => !text.includes("400"))).toEqual([]);
    await receiver.close();
  });

  test("a locked wallet pays with its passphrase, and the payment is bumped to another that takes its place", async () => {
    const view = await open("/wallet/shop?tab=send", { viewport: PHONE });
    const { page } = view;
    await page.getByLabel("Pay to address").fill(await minerAddress());
    await page.getByLabel("Amount in BTC").fill("0.25");
    await page.getByText("Own feerate").click();
    await page.getByLabel("Feerate in sat/vB").fill("1");
    await page.getByRole("button", { name: "Review the payment" }).click();
    const dialog = page.getByRole("dialog", { name: "Is this right?" });
    await dialog.getByLabel("Passphrase of the wallet").fill("a guess");
    await page.keyboard.press("Enter");
    await dialog.getByRole("alert").waitFor();
    await dialog.getByLabel("Passphrase of the wallet").fill(PASSPHRASE);
    await view.picture("wallet-preview-phone-dark");
    // Nothing is offered to be paid more before it is known what is paid now.
    let tellFee = () => {};
    const fee = new Promise<void>((resolve) => {
      tellFee = resolve;
    });
    await page.route(/\/api\/v1\/transactions\/[0-9a-f]{64}$/, async (route) => {
      await fee;
      await route.continue();
    });
    await page.keyboard.press("Enter");
    const transaction = page.getByRole("dialog", { name: "Transaction of the wallet" });
    await transaction.getByText("Waits in the mempool").waitFor();
    await expectFits(view.page);
    expect(await transaction.getByLabel("Feerate in sat/vB").inputValue()).toBe("");
    tellFee();
    await eventually(() => transaction.getByLabel("Feerate in sat/vB").inputValue()).toBe("2");
    const first = new URL(page.url()).searchParams.get("tx");

    await transaction.getByLabel("Feerate in sat/vB").fill("5");
    await transaction.getByRole("button", { name: "Pay more" }).click();
    await page.getByTestId("confirm").click();
    await eventually(() => new URL(page.url()).searchParams.get("tx")).not.toBe(first);
    await transaction.getByText("Waits in the mempool").waitFor();
    await page.goto(`${url}/wallet/shop?tx=${first}`);
    await transaction.getByText("Another took its place").waitFor();
    // The browser itself tells of the answer 422 to the guess.
    expect(view.complaints.filter((text) => !text.includes("422"))).toEqual([]);
  });

  test("coins are chosen and locked by hand, several are paid, and everything goes", async () => {
    const view = await open("/wallet/miner?tab=send");
    const { page } = view;
    const recipient = (place: number) => page.getByRole("group", { name: `Recipient ${place}` });
    await page.getByRole("button", { name: "Pay somebody else too" }).click();
    for (const [place, address] of [ownAddress, FOREIGN].entries()) {
      await recipient(place + 1)
        .getByLabel("Pay to address")
        .fill(address);
      await recipient(place + 1)
        .getByLabel("Amount in BTC")
        .fill(String(place + 1));
    }
    await page.getByText("Choose the coins").click();
    const coins = page.getByRole("grid", { name: "coins of the wallet" });
    const fifty = coins.getByRole("row").filter({ hasText: "50.00000000" });
    const small = coins.getByRole("row").filter({ hasText: "0.2" }).filter({ hasNotText: "50.00000000" });
    await small.first().getByRole("checkbox").check();
    await page.getByText("lacks").waitFor();
    await small.first().getByRole("checkbox").uncheck();
    await fifty
      .first()
      .getByRole("button", { name: /^Lock / })
      .click();
    await coins.getByText("locked", { exact: true }).waitFor();
    await coins.getByRole("button", { name: /^Unlock / }).click();
    await eventually(() => coins.getByText("locked", { exact: true }).count()).toBe(0);
    await fifty.first().getByRole("checkbox").check();
    await page.getByText("and the fee").waitFor();
    await view.picture("wallet-coins-dark", true);
    await expectAccessible(page);
    await page.getByText("Own feerate").click();
    await page.getByLabel("Feerate in sat/vB").fill("2");
    await page.getByRole("button", { name: "Review the payment" }).click();
    const dialog = page.getByRole("dialog", { name: "Is this right?" });
    await dialog.getByText("To 2 recipients").waitFor();
    await dialog.getByText("Spends one coin").waitFor();
    await view.picture("wallet-preview-several-dark");
    await dialog.getByRole("button", { name: "Back" }).click();

    await recipient(1).getByRole("button", { name: "Everything" }).click();
    await page.getByText("all of it is sent, less the fee").waitFor();
    await page.getByRole("button", { name: "Review the payment" }).click();
    await dialog.getByTestId("send").waitFor();
    expect(await dialog.getByText("change, back to the wallet").count()).toBe(0);
    await dialog.getByTestId("send").click();
    await page.getByTestId("steps").getByText("Waits in the mempool").waitFor();
    expect(view.complaints).toEqual([]);
  });

  test("a payment that came in is pulled along by a child, with the passphrase of the locked wallet", async () => {
    await callWallet("POST", "/lock?wallet=shop");
    const made = await callWallet("POST", "/transactions", {
      wallet: "miner",
      to_address: ownAddress,
      amount: 70_000,
      feerate: 1,
    });
    const view = await open(`/wallet/shop?tx=${made.txid}`);
    const { page } = view;
    const dialog = page.getByRole("dialog", { name: "Transaction of the wallet" });
    await dialog.getByLabel("Feerate in sat/vB").fill("20");
    await dialog.getByLabel("Passphrase of the wallet").fill(PASSPHRASE);
    await view.picture("wallet-child-dark");
    await dialog.getByRole("button", { name: "Add a child" }).click();
    await page.getByTestId("confirm").click();
    await eventually(() => new URL(page.url()).searchParams.get("tx")).not.toBe(made.txid);
    await dialog.getByText("Waits in the mempool").waitFor();
    expect(view.complaints).toEqual([]);
  });

  test("the console of the web server calls wallets at the node that has them", async () => {
    const view = await open("/console?method=getwalletinfo&wallet=shop");
    const { page } = view;
    await page.getByText("The node that has the wallets answers it.").waitFor();
    await page.getByRole("button", { name: "Call", exact: true }).click();
    const results = page.getByRole("region", { name: "Results" });
    await results.getByText('"shop"').waitFor();
    await page.getByRole("combobox", { name: "Wallet" }).selectOption("miner");
    await page.getByRole("button", { name: "Call", exact: true }).click();
    await results.getByText('"miner"').waitFor();
    await eventually(() => new URL(page.url()).searchParams.get("wallet")).toBe("miner");
    await view.picture("console-wallet-dark");
    expect(view.complaints).toEqual([]);
  });

  test("a wallet is unloaded after a question, says how it is used again, and is loaded", async () => {
    const view = await open("/wallet/shop?tab=security");
    const { page } = view;
    await page.getByRole("button", { name: "Unload the wallet" }).click();
    await page.getByTestId("confirm").click();
    await page.getByRole("listitem").filter({ hasText: "not loaded" }).waitFor();
    await page.goto(`${url}/wallet/shop`);
    await page.getByRole("heading", { name: "Wallet shop is not loaded" }).waitFor();
    await page.getByRole("button", { name: "Load" }).click();
    await page.getByRole("tab", { name: "History" }).waitFor();
    expect(view.complaints.filter((text) => !text.includes("404"))).toEqual([]);
  });

  test("a server without wallets says how to give it some", async () => {
    const node = await NodeProcess.start(["-disablewallet", `-webadminkey=${key}`]);
    try {
      const view = await WatchedPage.open(browser, node.url);
      opened = view;
      await view.page.evaluate((text) => sessionStorage.setItem("bitfleet.admin-key", text), key);
      await view.page.goto(`${node.url}/wallet`);
      await view.page.getByRole("heading", { name: "No wallet can be reached from here" }).waitFor();
      await view.page.getByText("WALLET_NODE_URL=http://miner:8080").waitFor();
      await view.picture("wallet-away-dark");
    } finally {
      await node.remove();
    }
  });
});
