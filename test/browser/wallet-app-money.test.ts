import { readFileSync } from "node:fs";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { expectAccessible } from "./accessibility.ts";
import { launchChromium, WatchedPage, whyNoChromium } from "./chromium.ts";
import { NodeGate } from "./node-gate.ts";
import { whatIsNotBuilt } from "./node-process.ts";
import { DESK, eventually, excessWidth, PHONE } from "./page-kit.ts";
import { openInApp, setUpWallet, someWords, unlockWallet, WalletNetwork, whyNoWalletPage } from "./wallet-app-kit.ts";

const backupNotice = (page: Page) => page.getByText("This browser may throw away what is kept here");

const missing = whyNoChromium() ?? whatIsNotBuilt() ?? whyNoWalletPage();
if (missing !== undefined) process.stderr.write(`\nSKIPPED: the tests of the wallet app's money, since ${missing}\n\n`);

/** One life of two wallets, in two browsers' profiles: the tests run in order and as a whole. */
describe.skipIf(missing !== undefined)("money in the wallet app, on a real network", () => {
  let network: WalletNetwork;
  let browser: Browser;
  const aliceWords = someWords();
  let alice: WatchedPage;
  let bob: WatchedPage;

  beforeAll(async () => {
    [network, browser] = await Promise.all([WalletNetwork.start(), launchChromium()]);
    const url = `${network.url}/wallet-app/`;
    alice = await WatchedPage.open(browser, url);
    bob = await WatchedPage.open(browser, url, { colorScheme: "light" });
    await setUpWallet(alice.page, aliceWords);
    await setUpWallet(bob.page, someWords());
  }, 180_000);

  beforeEach(({ task, onTestFailed }) => {
    const name = `wallet-app-failed-${task.name.slice(0, 40).replaceAll(/\W+/g, "-")}`;
    onTestFailed(async () => {
      await alice?.picture(`${name}-alice`);
      await bob?.picture(`${name}-bob`);
    });
  });

  afterAll(async () => {
    await browser?.close();
    await network?.stop();
  });

  const go = (page: Page, name: string) =>
    page.getByRole("navigation", { name: "Main" }).getByRole("link", { name }).click();
  const tile = (page: Page, name: string): Locator =>
    page.locator("dl > div", { has: page.getByRole("button", { name, exact: true }) }).locator("dd");
  const steps = (page: Page) => page.getByTestId("steps");
  /** The address on the page for receiving, which must be open. */
  const shownAddress = async (page: Page) => (await page.getByTestId("address").textContent())!.trim();
  const freshAddress = async (page: Page) => {
    await go(page, "Receive");
    return shownAddress(page);
  };
  const balanceOf = async (page: Page, name: string) => {
    await go(page, "Home");
    return tile(page, name);
  };
  /** Of the transaction whose page is open. */
  const txidOf = (page: Page) => /\/tx\/([0-9a-f]{64})$/.exec(page.url())?.[1] ?? "";

  test("an empty wallet says how coins are had", async () => {
    const { page } = alice;
    await page.getByText("Nothing has been paid here yet").waitFor();
    await page.getByText(/^bitfleet faucet bcrt1p/).waitFor();
    await alice.picture("wallet-app-home-empty-dark", true);
    await expectAccessible(page);
    await bob.picture("wallet-app-home-empty-light", true);
    await expectAccessible(bob.page);
    expect(await backupNotice(page).count()).toBe(0);
  });

  test("a payment from the faucet arrives on screen, waits, and is confirmed", async () => {
    const { page } = alice;
    await go(page, "Receive");
    const address = await shownAddress(page);
    expect(address).toMatch(/^bcrt1p/);
    await page.getByLabel("Amount in BTC").fill("2.5");
    await page.getByLabel("What it is for").fill("Wage of May");
    await page.getByLabel("What it is for").press("Enter");
    // The label is kept with the address, and the address stays the one that is shown.
    await page.getByRole("button", { name: "Wage of May" }).waitFor();
    expect(await shownAddress(page)).toBe(address);
    await page.getByText("Nothing has come to this address yet").waitFor();
    await alice.picture("wallet-app-receive-dark", true);
    await expectAccessible(page);

    await network.faucet(address, "2.5");
    const arrivals = page.getByTestId("arrivals");
    await arrivals.getByText("+2.50000000").waitFor();
    await arrivals.getByText("waits").waitFor();
    await network.mine(1);
    await arrivals.getByText("1 confirmation").waitFor();
    await page.getByText("Somebody has paid to this address already").waitFor();
    await alice.picture("wallet-app-received-dark", true);
    await eventually(async () => (await balanceOf(page, "Can be spent")).textContent()).toBe("2.50000000BTC");
    await page.getByTestId("entry").filter({ hasText: "Wage of May" }).waitFor();
    // There is something to lose now, and the browser has not agreed to keep it: told until it is put away.
    await backupNotice(page).waitFor();
    await expectAccessible(page);
    await alice.picture("wallet-app-backup-notice-dark", true);
    await page.getByRole("link", { name: "Go to Backup" }).click();
    await page.getByRole("button", { name: "Save a backup" }).waitFor();
    await go(page, "Home");
    await page.getByRole("button", { name: "Do not tell me again" }).click();
    await eventually(() => backupNotice(page).count()).toBe(0);
  });

  test("segwit is given out where it is asked for, and the next address where the first was given away", async () => {
    const { page } = bob;
    await go(page, "Receive");
    const taproot = await shownAddress(page);
    await page.getByText("Segwit", { exact: true }).click();
    await eventually(() => shownAddress(page)).toMatch(/^bcrt1q/);
    await page.getByText("Taproot", { exact: true }).click();
    await eventually(() => shownAddress(page)).toBe(taproot);
    await page.getByRole("button", { name: "Next address" }).click();
    await eventually(() => shownAddress(page)).not.toBe(taproot);
    expect(await page.getByTestId("address").textContent()).toMatch(/^bcrt1p/);
  });

  test("what is wrong with a payment is said at its field, and nothing is sent", async () => {
    const { page } = alice;
    await go(page, "Send");
    await page.getByRole("button", { name: "Review the payment" }).click();
    await page.getByText("Enter the address that is paid.").waitFor();
    await page.getByText("Enter an amount.").waitFor();
    expect(await page.evaluate(() => document.activeElement?.getAttribute("aria-invalid"))).toBe("true");
    await alice.picture("wallet-app-send-wrong-dark", true);
    await expectAccessible(page);

    const to = await freshAddress(bob.page);
    await page.getByLabel("Pay to").fill("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4");
    await eventually(() => page.getByRole("alert").first().textContent()).toMatch(/network|prefix/i);
    await page.getByLabel("Pay to").fill(`bitcoin:${to}?amount=1&req-escrow=now`);
    await page.getByText('The payment URI requires "escrow", which is not supported here.').waitFor();
    await page.getByLabel("Pay to").fill(to);
    await page.getByLabel("Amount in BTC").fill("99");
    await page.getByRole("button", { name: "Review the payment" }).click();
    await eventually(() => page.getByRole("alert").last().textContent()).toMatch(/coins|funds|enough/i);
    await page.getByRole("button", { name: "Clear" }).click();
    expect(await page.getByLabel("Pay to").inputValue()).toBe("");
  });

  test("a payment is made by the keyboard alone, shows its preview, and lands with the other wallet at once", async () => {
    const to = await freshAddress(bob.page);
    const { page } = alice;
    await page.goto(`${network.url}/wallet-app/send?uri=${encodeURIComponent(`bitcoin:${to}?amount=0.5&label=Bob`)}`);
    await unlockWallet(page);
    await eventually(() => page.getByLabel("Pay to").inputValue()).toBe(to);
    // Read once: what is entered since is not begun anew by loading the page again.
    expect(new URL(page.url()).search).toBe("");
    expect(await page.getByLabel("Amount in BTC").inputValue()).toBe("0.5");
    expect(await page.getByLabel("What it is for").inputValue()).toBe("Bob");
    await page.getByText("Usual").waitFor();
    await alice.picture("wallet-app-send-dark", true);
    await expectAccessible(page);

    await page.getByLabel("Pay to").focus();
    await pressUntil(page, "Tab", () => isFocused(page, "Review the payment"));
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog", { name: "Is this right?" });
    await dialog.getByText("Leaves the wallet").waitFor();
    await dialog.getByText(to, { exact: true }).waitFor();
    await dialog.getByText(/change, back to you/).waitFor();
    await alice.picture("wallet-app-preview-dark");
    await expectAccessible(page);
    await pressUntil(page, "Tab", () => isFocused(page, "Send"));
    await page.keyboard.press("Enter");

    await steps(page).getByText("Waits in the mempool for a block").waitFor();
    await alice.picture("wallet-app-transaction-waits-dark", true);
    await expectAccessible(page);
    const other = bob.page.getByTestId("arrivals");
    await other.getByText("+0.50000000").waitFor();
    await eventually(async () => (await balanceOf(bob.page, "On its way in")).textContent()).toBe("0.50000000BTC");
    await bob.picture("wallet-app-home-pending-light", true);
    await expectAccessible(bob.page);
  });

  test("its fee is raised, the first one is shown as replaced, and the second is confirmed six times", async () => {
    const { page } = alice;
    const first = txidOf(page);
    await page.getByLabel("New feerate in sat/vB").fill("25");
    await page.getByRole("button", { name: "Look at it" }).click();
    const dialog = page.getByRole("dialog", { name: "Pay more for it?" });
    await dialog.getByText("Fee until now").waitFor();
    await dialog.getByText("Feerate from now on").waitFor();
    await alice.picture("wallet-app-bump-dark");
    await expectAccessible(page);
    await dialog.getByTestId("send").click();
    await eventually(() => txidOf(page)).not.toBe(first);
    const second = txidOf(page);
    expect(second).toMatch(/^[0-9a-f]{64}$/);
    await page.getByText("Takes the place of").waitFor();
    await page.locator(`a[href$="/tx/${first}"]`).click();
    await eventually(() => steps(page).getAttribute("data-standing")).toBe("replaced");
    await page.getByText("Replaced by").waitFor();
    await alice.picture("wallet-app-transaction-replaced-dark", true);
    await page.locator(`a[href$="/tx/${second}"]`).click();

    await network.mineWith(second);
    await eventually(() => steps(page).getAttribute("data-standing")).toBe("confirmed");
    await steps(page)
      .getByText(/^In block 1/)
      .waitFor();
    await network.mine(2);
    await steps(page).getByText("3 of 6 confirmations").waitFor();
    await network.mine(3);
    await steps(page).getByText("6 confirmations: as good as final").waitFor();
    await eventually(async () => (await balanceOf(bob.page, "Can be spent")).textContent()).toBe("0.50000000BTC");
    await go(page, "History");
    await page.getByRole("row").filter({ hasText: "replaced" }).waitFor();
    await page.getByRole("row").filter({ hasText: "6 confirmations" }).filter({ hasText: "Bob" }).waitFor();
    await alice.picture("wallet-app-history-dark", true);
    await expectAccessible(page);
  });

  test("who gets a payment that pays too little for it pulls it into a block by a child", async () => {
    await pay(alice, await freshAddress(bob.page), "0.1", "1");
    const { page } = bob;
    await page.getByTestId("arrivals").getByText("waits").waitFor();
    await page.getByTestId("arrivals").getByText("+0.10000000").click();
    const parent = txidOf(page);
    await page.getByLabel("Feerate of both in sat/vB").fill("20");
    await page.getByRole("button", { name: "Look at it" }).click();
    const dialog = page.getByRole("dialog", { name: "Pay for it with a child?" });
    await dialog.getByText("It pays nobody: what it spends comes back to you, less the fee.").waitFor();
    await bob.picture("wallet-app-child-light");
    await expectAccessible(page);
    await dialog.getByTestId("send").click();
    await eventually(() => txidOf(page)).not.toBe(parent);
    await steps(page).getByText("Waits in the mempool for a block").waitFor();
    await network.mineWith(txidOf(page));
    await eventually(() => steps(page).getAttribute("data-standing")).toBe("confirmed");
    await go(page, "History");
    await page.getByRole("row").filter({ hasText: "+0.10000000" }).waitFor();
    expect(await page.getByRole("row").filter({ hasText: "+0.10000000" }).count()).toBe(1);
  });

  test("a payment that is not taken at once is kept, and leaves no form behind from which it would be made again", async () => {
    const to = await freshAddress(bob.page);
    const { page } = alice;
    const refusal = { success: false, data: null, error: "mempool min fee not met, 141 < 1410.", timestamp: "" };
    await page.route("**/transactions/broadcast", (route) => route.fulfill({ status: 422, json: refusal }));
    await pay(alice, to, "0.1", "1");
    await page.getByText("Made, and not with the network yet").waitFor();
    await page.getByText(/The mempool is full.*The payment is kept and sent again/).waitFor();
    await eventually(() => steps(page).getAttribute("data-standing")).toBe("unsent");
    await alice.picture("wallet-app-kept-dark", true);
    await page.getByRole("button", { name: "Give it up" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Give it up" }).click();
    await eventually(() => steps(page).getAttribute("data-standing")).toBe("abandoned");
    await page.unroute("**/transactions/broadcast");
    await go(page, "Send");
    expect(await page.getByLabel("Pay to").inputValue()).toBe("");
  });

  test("coins are frozen and chosen by hand, and the payment spends those", async () => {
    await network.faucet(await freshAddress(alice.page), "0.75");
    await network.mine(1);
    const { page } = alice;
    await go(page, "Coins");
    const coin = page.getByRole("row").filter({ hasText: "0.75000000" });
    await coin.getByRole("button", { name: /^Freeze/ }).click();
    await coin.getByText("frozen").waitFor();
    expect(await coin.getByRole("checkbox").isDisabled()).toBe(true);
    await alice.picture("wallet-app-coins-dark", true);
    await expectAccessible(page);
    await eventually(async () => (await balanceOf(page, "Frozen")).textContent()).toBe("0.75000000BTC");
    await go(page, "Coins");
    await coin.getByRole("button", { name: /^Unfreeze/ }).click();
    await coin.getByRole("checkbox").check();
    await page.getByRole("button", { name: "Send with these" }).click();
    await page.getByText("Chosen coins:").waitFor();
    await page.getByRole("button", { name: "Untick all" }).waitFor();
    await page.getByLabel("Pay to").fill(await freshAddress(bob.page));
    await page.getByRole("button", { name: "Everything" }).click();
    await page.getByRole("button", { name: "Review the payment" }).click();
    const dialog = page.getByRole("dialog", { name: "Is this right?" });
    await dialog.getByText("Spends one coin").waitFor();
    await dialog.getByText("Makes one output").waitFor();
    await dialog.getByTestId("send").click();
    await steps(page).waitFor();
    await network.mineWith(txidOf(page));
    await eventually(() => steps(page).getAttribute("data-standing")).toBe("confirmed");

    // One that is gone by the time it is paid with is told, and not silently another one in its place.
    await openInApp(page, `send?coins=${"ab".repeat(32)}:0`);
    await page.getByText("One of the chosen coins cannot be spent any more.").waitFor();
    await page.getByRole("button", { name: "Leave out what is gone" }).click();
    await page.getByText("None is ticked: the wallet chooses.").waitFor();
  });

  test("a contact is kept, refused where its address is none here, paid by its name, and found in the history", async () => {
    const address = await freshAddress(bob.page);
    const { page } = alice;
    await go(page, "Contacts");
    await page.getByText("Nobody is in the address book yet").waitFor();
    await page.getByRole("button", { name: "New contact" }).click();
    const form = page.getByRole("dialog", { name: "New contact" });
    await form.getByLabel("Name").fill("Robert");
    await form.getByLabel("Address").fill("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4");
    await form.getByRole("button", { name: "Save" }).click();
    await form.getByRole("alert").waitFor();
    await form.getByLabel("Address").fill(address);
    await form.getByLabel("Note").fill("from the shop");
    await expectAccessible(page);
    await form.getByRole("button", { name: "Save" }).click();
    await page.getByRole("row").filter({ hasText: "Robert" }).waitFor();
    await alice.picture("wallet-app-contacts-dark");
    await expectAccessible(page);

    await go(page, "Send");
    await page.getByRole("button", { name: "Contacts" }).click();
    await page
      .getByRole("dialog")
      .getByRole("button", { name: /^Robert/ })
      .click();
    expect(await page.getByLabel("Pay to").inputValue()).toBe(address);
    await page.getByText("Contact: Robert").waitFor();
    await page.getByLabel("Amount in BTC").fill("0.01");
    await page.getByRole("button", { name: "Review the payment" }).click();
    await page.getByTestId("send").click();
    await steps(page).waitFor();
    await go(page, "History");
    await page.getByLabel("Find").fill("robert");
    await page.getByRole("row").filter({ hasText: "−0.01" }).waitFor();
    await eventually(() => page.getByRole("row").filter({ hasText: "Wage of May" }).count()).toBe(0);
    await network.mine(1);
  });

  test("several are paid at once, in satoshis", async () => {
    const [one, two] = [await freshAddress(bob.page), await minerAddress()];
    const { page } = alice;
    await page.getByRole("group", { name: "Unit of amounts" }).getByRole("button", { name: "sats" }).click();
    await go(page, "Send");
    await page.getByRole("button", { name: "Pay somebody else too" }).click();
    await page.getByLabel("Pay to").first().fill(one);
    await page.getByLabel("Amount in sats").first().fill("10000");
    await page.getByLabel("Pay to").last().fill(one);
    await page.getByLabel("Amount in sats").last().fill("20000");
    await page.getByRole("button", { name: "Review the payment" }).click();
    await page.getByText("This address stands above already").waitFor();
    await page.getByLabel("Pay to").last().fill(two);
    await alice.picture("wallet-app-send-several-dark", true);
    await page.getByRole("button", { name: "Review the payment" }).click();
    const dialog = page.getByRole("dialog", { name: "Is this right?" });
    await dialog.getByText("To 2 recipients").waitFor();
    await dialog
      .getByText(/30,000/)
      .first()
      .waitFor();
    await dialog.getByTestId("send").click();
    await steps(page).waitFor();
    await network.mineWith(txidOf(page));
    await page.getByRole("group", { name: "Unit of amounts" }).getByRole("button", { name: "BTC" }).click();
  });

  test("a reorganization undoes a payment: what was confirmed waits again, and what was mined is gone", async () => {
    const { page } = bob;
    const address = await freshAddress(page);
    await network.rpc("generatetoaddress", 1, address);
    await page.getByTestId("arrivals").getByText("immature").waitFor();
    await eventually(async () => (await balanceOf(page, "Immature")).textContent()).toMatch(/^[1-9]/);
    await bob.picture("wallet-app-home-immature-light", true);
    await network.reorg(1);
    await page.getByTestId("waiting").getByText("left the chain").waitFor();
    await page.getByTestId("waiting").getByText("left the chain").click();
    await eventually(() => steps(page).getAttribute("data-standing")).toBe("reorged");
    await bob.picture("wallet-app-transaction-reorged-light", true);
    await expectAccessible(page);
  });

  test("a payment that was confirmed is undone by one that spends the same coins in another branch", async () => {
    const { page } = bob;
    const address = await freshAddress(page);
    const txid = await network.rpc<string>("sendtoaddress", address, "0.3");
    await network.mine(1);
    await page.getByTestId("arrivals").getByText("1 confirmation").waitFor();
    const { tx } = await network.rpc<{ readonly tx: readonly string[] }>(
      "getblock",
      await network.rpc<string>("getbestblockhash"),
    );
    expect(tx).toContain(txid);
    await spendOtherwise(txid);
    const entry = page.getByTestId("arrivals").getByTestId("entry").filter({ hasText: "0.30000000" });
    // What took its place pays others, and so is not known here.
    await entry.getByText("left the chain").waitFor();
    await entry.click();
    await eventually(() => steps(page).getAttribute("data-standing")).toBe("reorged");
  });

  test("a message is signed by one and verified by the other", async () => {
    const { page } = alice;
    await go(page, "Messages");
    const address = await page.getByLabel("Address of this account").inputValue();
    await page.getByLabel("Message", { exact: true }).fill("Alice owes Bob a tea, May 2026");
    await page.getByRole("button", { name: "Sign", exact: true }).click();
    const signature = (await page.getByTestId("signature").textContent())!;
    await alice.picture("wallet-app-messages-dark", true);
    await expectAccessible(page);

    const other = bob.page;
    await go(other, "Messages");
    await other.getByRole("tab", { name: "Verify" }).click();
    await other.getByLabel("Address of whoever signed").fill(address);
    await other.getByLabel("Message, exactly as it was signed").fill("Alice owes Bob a tea, May 2026");
    await other.getByLabel("Signature in base64").fill(signature);
    await other.getByRole("button", { name: "Verify" }).click();
    await other.getByText("The signature is right").waitFor();
    await bob.picture("wallet-app-messages-verify-light", true);
    await expectAccessible(other);
    await other.getByLabel("Message, exactly as it was signed").fill("Alice owes Bob a cake, May 2026");
    await other.getByRole("button", { name: "Verify" }).click();
    await other.getByText("The signature is not right").waitFor();
  });

  test("the history is saved as CSV, with what it shows", async () => {
    const { page } = alice;
    await go(page, "History");
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Save as CSV" }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/-history-\d{4}-\d\d-\d\d\.csv$/);
    const csv = readFileSync(await download.path(), "utf8");
    const lines = csv.trim().split(/\r\n/);
    expect(lines.length - 1).toBe(
      await page
        .getByText(/^Payments: /)
        .textContent()
        .then((text) => Number(/\d+/.exec(text!)![0])),
    );
    expect(csv).toContain("Wage of May");
  });

  test("a wallet that watches makes a PSBT, which the one with the keys signs and sends", async () => {
    const { page } = alice;
    await go(page, "Wallets");
    const descriptor = await publicDescriptor(page);
    await watch(page, descriptor);
    await eventually(async () => (await balanceOf(page, "Can be spent")).textContent()).not.toBe("0.00000000BTC");
    await page.getByRole("link", { name: "Make a payment" }).click();
    await page.getByLabel("Pay to").fill(await freshAddress(bob.page));
    await page.getByLabel("Amount in BTC").fill("0.02");
    await page.getByRole("button", { name: "Review the payment" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Make a PSBT" }).click();
    await page.getByText("0 of 1 inputs signed").waitFor();
    const psbt = (await page.getByTestId("psbt").textContent())!;
    await alice.picture("wallet-app-psbt-watch-dark", true);
    await expectAccessible(page);

    await switchTo(page, "My wallet");
    await go(page, "PSBT");
    const entry = page.getByLabel("PSBT in base64");
    // As WebKitGTK hands on a file that is dropped: without the file.
    await entry.dispatchEvent("drop", { dataTransfer: await page.evaluateHandle(() => new DataTransfer()) });
    await page.getByText("No file arrived here. Choose it with the button.").waitFor();
    const dropped = await page.evaluateHandle((text) => {
      const transfer = new DataTransfer();
      transfer.setData("text/plain", text);
      return transfer;
    }, psbt);
    await entry.dispatchEvent("drop", { dataTransfer: dropped });
    expect(await entry.inputValue()).toBe(psbt);
    await entry.fill("nonsense");
    await page.getByRole("button", { name: "Open" }).click();
    await page.getByRole("alert").waitFor();
    await page.getByLabel("PSBT in base64").fill(psbt);
    await page.getByRole("button", { name: "Open" }).click();
    await page.getByRole("button", { name: "Sign", exact: true }).click();
    await page.getByTestId("confirm").click();
    await page.getByText("complete", { exact: true }).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Save as file" }).click(),
    ]);
    expect([...readFileSync(await download.path()).subarray(0, 5)]).toEqual([0x70, 0x73, 0x62, 0x74, 0xff]);
    await alice.picture("wallet-app-psbt-complete-dark", true);
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await page.getByTestId("confirm").click();
    await steps(page).waitFor();
    await network.mineWith(txidOf(page));
    await eventually(() => steps(page).getAttribute("data-standing")).toBe("confirmed");
  });

  test("the words bring everything back on another device, which opens offline too and keeps what is entered", async () => {
    const balance = await (await balanceOf(alice.page, "Can be spent")).textContent();
    const to = await freshAddress(bob.page);
    // Between the device and the server, which so can be away.
    const gate = await NodeGate.open(network.url);
    const device = await WatchedPage.open(browser, `${gate.url}/wallet-app/`);
    try {
      const { page } = device;
      await setUpWallet(page, aliceWords);
      await eventually(() => tile(page, "Can be spent").textContent()).toBe(balance);
      // What was shown once is there without the server too, as all of it is where the service worker may keep it.
      await go(page, "History");
      await go(page, "Send");
      await page.getByLabel("Pay to").fill(to);
      await page.getByLabel("Amount in BTC").fill("0.03");
      await gate.cut();
      const notice = page.getByTestId("reachability");
      await notice.getByText(/^Offline/).waitFor();
      await page.getByText("Own feerate").click();
      await page.getByLabel("Feerate in sat/vB").fill("3");
      await page.getByRole("button", { name: "Review the payment" }).click();
      await page.getByText("nothing can be sent now").waitFor();
      await device.picture("wallet-app-send-offline-dark", true);
      await expectAccessible(page);
      await go(page, "History");
      await page.getByText(/^Payments: [1-9]/).waitFor();
      await go(page, "Send");
      expect(await page.getByLabel("Pay to").inputValue()).toBe(to);
      await gate.restore();
      await notice.getByRole("button", { name: "Try now" }).click();
      await notice.waitFor({ state: "detached" });
      await page.getByRole("button", { name: "Review the payment" }).click();
      await page.getByTestId("send").click();
      await steps(page).waitFor();
      await network.mineWith(txidOf(page));
      // The other device has the same wallet.
      await go(alice.page, "History");
      await alice.page.getByRole("row").filter({ hasText: "−0.03" }).first().waitFor();

      // A server that takes its time: pressed twice, with Escape, and with a link that comes meanwhile, it is one payment; the link's is next.
      const isBroadcast = (path: string) => path.endsWith("/broadcast");
      const pay = async (amount: string) => {
        await go(page, "Send");
        await page.getByLabel("Pay to").fill(to);
        await page.getByLabel("Amount in BTC").fill(amount);
        await page.getByLabel("Amount in BTC").press("Enter");
        await page.getByTestId("send").waitFor();
      };
      await pay("0.04");
      gate.forget();
      gate.hold(isBroadcast);
      await page.getByTestId("send").dblclick();
      await eventually(() => gate.asked.some(isBroadcast)).toBe(true);
      await page.keyboard.press("Enter");
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
      expect(await page.getByTestId("send").isVisible()).toBe(true);
      await openInApp(page, `send?uri=${encodeURIComponent(`bitcoin:${to}?amount=0.07`)}`);
      expect(await page.getByTestId("send").isVisible()).toBe(true);
      gate.release();
      await page.getByRole("status").filter({ hasText: "The payment is sent" }).waitFor();
      expect(gate.asked.filter(isBroadcast)).toHaveLength(1);
      await eventually(() => page.getByLabel("Amount in BTC").inputValue()).toBe("0.07");
      await go(page, "History");
      await page.getByRole("row").filter({ hasText: "−0.04" }).filter({ hasText: "waits" }).waitFor();

      // Kept, and not sent yet, it is in its place too, and not once more in the form.
      await pay("0.05");
      gate.hold(isBroadcast);
      await page.getByTestId("send").click();
      await eventually(() => gate.asked.filter(isBroadcast).length).toBe(2);
      await gate.cut();
      gate.release();
      await page.getByRole("alert").filter({ hasText: "Made, and not with the network yet" }).waitFor();
      await eventually(() => steps(page).getAttribute("data-standing")).toBe("unsent");
      await go(page, "Send");
      expect(await page.getByLabel("Pay to").inputValue()).toBe("");
      await gate.restore();
      await page.goBack();
      await eventually(() => steps(page).getAttribute("data-standing")).toBe("pending");
    } finally {
      await device.close();
      await gate.close();
    }
  });

  test("after a reload and the passphrase everything is there", async () => {
    const { page } = alice;
    const balance = await (await balanceOf(page, "Can be spent")).textContent();
    await page.reload();
    await unlockWallet(page);
    await eventually(async () => (await balanceOf(page, "Can be spent")).textContent()).toBe(balance);
    expect(await backupNotice(page).count()).toBe(0);
    await go(page, "Contacts");
    await page.getByRole("heading", { level: 1, name: "Contacts" }).waitFor();
    await page.getByText("Robert").waitFor();
    await go(page, "History");
    await page.getByRole("row").filter({ hasText: "Bob" }).first().waitFor();
  });

  test("a label as long as may be makes no page wider, nor what stands beside it vanish", async () => {
    const { page } = alice;
    const long = "A label that goes on ".repeat(10).slice(0, 200);
    await go(page, "History");
    await page.getByRole("row").filter({ hasText: "Bob" }).first().click();
    await steps(page).waitFor();
    await page.getByTitle(/^(Add a|Change the) label/).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("textbox").fill(long);
    await dialog.getByRole("textbox").press("Enter");
    await dialog.waitFor({ state: "detached" });
    await go(page, "Receive");
    await page.getByLabel("What it is for").fill(long);
    await page.getByLabel("What it is for").press("Enter");
    await page.getByRole("button", { name: "A label that goes on" }).waitFor();
    await page.setViewportSize(PHONE);
    const card = page.getByRole("listitem").filter({ hasText: "A label that goes on" });
    const [inner, outer] = await Promise.all([card.getByText("unused").boundingBox(), card.boundingBox()]);
    expect(inner!.x + inner!.width).toBeLessThanOrEqual(outer!.x + outer!.width);
    await page.goBack();
    await steps(page).waitFor();
    expect(await excessWidth(page)).toBeLessThanOrEqual(0);
    await page.setViewportSize(DESK);
    expect(await excessWidth(page)).toBeLessThanOrEqual(0);
  });

  test("every screen fits a phone, in both themes", async () => {
    for (const [view, theme] of [
      [alice, "dark"],
      [bob, "light"],
    ] as const) {
      const { page } = view;
      await page.setViewportSize(PHONE);
      for (const [path, name] of SCREENS) {
        await page.evaluate((to) => {
          history.pushState({}, "", to);
          dispatchEvent(new PopStateEvent("popstate"));
        }, `/wallet-app${path}`);
        await page.getByRole("heading", { level: 1 }).first().waitFor();
        await view.picture(`wallet-app-${name}-phone-${theme}`, true);
        await expectAccessible(page, `${name} on a phone, ${theme}`);
        expect(await excessWidth(page), name).toBeLessThanOrEqual(0);
      }
      await page.setViewportSize(DESK);
    }
  });

  test("no page complained, and none asked another host", () => {
    const known = /ERR_INTERNET_DISCONNECTED|net::ERR|400|401|404|422/;
    expect([...alice.complaints, ...bob.complaints].filter((text) => !known.test(text))).toEqual([]);
  });

  async function pay(from: WatchedPage, address: string, amount: string, feerate: string): Promise<void> {
    const { page } = from;
    await go(page, "Send");
    await page.getByLabel("Pay to").fill(address);
    await page.getByLabel("Amount in BTC").fill(amount);
    await page.getByText("Own feerate").click();
    await page.getByLabel("Feerate in sat/vB").fill(feerate);
    await page.getByRole("button", { name: "Review the payment" }).click();
    // A hand that trembles pays once.
    await page.getByTestId("send").dblclick();
    await steps(page).waitFor();
  }

  function minerAddress(): Promise<string> {
    return network.rpc<string>("getnewaddress");
  }

  /** Takes the last block back, in which the transaction is, and mines a longer branch with another one that spends the same coins. */
  async function spendOtherwise(txid: string): Promise<void> {
    interface Spent {
      readonly vin: readonly { readonly txid: string; readonly vout: number }[];
      readonly vout: readonly { readonly value: number }[];
    }
    const block = await network.rpc<string>("getbestblockhash");
    const { vin, vout } = await network.rpc<Spent>("getrawtransaction", txid, 1, block);
    const worth = vout.reduce((sum, { value }) => sum + Math.round(value * 1e8), 0);
    await network.rpc("invalidateblock", block);
    const outputs = { [await minerAddress()]: (worth - 100_000) / 1e8 };
    const inputs = vin.map((one) => ({ txid: one.txid, vout: one.vout, sequence: 0xfffffffd }));
    const raw = await network.rpc<string>("createrawtransaction", inputs, outputs);
    const { hex } = await network.rpc<{ readonly hex: string }>("signrawtransactionwithwallet", raw);
    await network.rpc("sendrawtransaction", hex);
    await network.mine(2);
  }

  async function publicDescriptor(page: Page): Promise<string> {
    await page
      .getByRole("button", { name: /descriptor|public key/i })
      .first()
      .click();
    const dialog = page.getByRole("dialog");
    const text = (await dialog.getByText(/^tr\(/).first().textContent())!;
    await page.keyboard.press("Escape");
    // Of both kinds in one: to receive by, and for change.
    return text.trim().replace(/\/0\/\*\)#.*$/, "/<0;1>/*)");
  }

  async function watch(page: Page, descriptor: string): Promise<void> {
    await page.getByRole("link", { name: /Add a wallet/ }).click();
    await page.getByRole("button", { name: /^Watch without keys/ }).click();
    await page.getByLabel(/^Descriptor, extended public key/).fill(descriptor);
    await page.getByRole("button", { name: "Watch it" }).click();
    await page.getByRole("heading", { level: 1, name: /^Balance/ }).waitFor();
  }

  async function switchTo(page: Page, wallet: string): Promise<void> {
    await page.getByRole("button", { name: /^Switch account/ }).click();
    const one = page.getByRole("dialog").locator("section", { has: page.getByRole("heading", { name: wallet }) });
    await one.getByRole("button").first().click();
    await page.getByRole("button", { name: new RegExp(`^Switch account, now ${wallet}`) }).waitFor();
  }
});

const SCREENS = [
  ["/", "home"],
  ["/receive", "receive"],
  ["/send", "send"],
  ["/history", "history"],
  ["/contacts", "contacts"],
  ["/coins", "coins"],
  ["/psbt", "psbt"],
  ["/messages", "messages"],
] as const;

/** Whether the focus is on a button of this name. */
function isFocused(page: Page, name: string): Promise<boolean> {
  return page.evaluate((text) => document.activeElement?.textContent?.trim() === text, name);
}

const PRESSES_MAX = 60;

/** Presses a key until what is looked for is so. */
async function pressUntil(page: Page, key: string, isSo: () => Promise<boolean>): Promise<void> {
  for (let count = 0; count < PRESSES_MAX; count++) {
    if (await isSo()) return;
    await page.keyboard.press(key);
  }
  throw new Error(`${key} was pressed ${PRESSES_MAX} times in vain`);
}
