import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { expectAccessible } from "./accessibility.ts";
import { ANYONE_CAN_SPEND } from "./anyone-can-spend.ts";
import { launchChromium, WatchedPage, whyNoChromium } from "./chromium.ts";
import { spendFreely } from "./free-coins.ts";
import { NodeProcess, whatIsNotBuilt } from "./node-process.ts";
import { eventually, expectFits, PHONE } from "./page-kit.ts";

const COINBASE_VALUE = 5_000_000_000n;
/** The account of BIP84's mnemonic on a test network. */
const KEY =
  "tpubDC8msFGeGuwnKG9Upg7DM2b4DaRqg3CUZa5g8v2SRQ6K4NSkxUgd7HsL2XVWbVm39yBA4LAxysQAm397zwQSQoQgewGiYZqrA9DsP4zbQ1M";

const ADMIN_KEY = "0123456789abcdef0123456789abcdef0123456789abcdef";

const missing = whyNoChromium() ?? whatIsNotBuilt();
if (missing !== undefined) process.stderr.write(`\nSKIPPED: the tests of addresses' pages, since ${missing}\n\n`);

/** The tests share one chain: they run in order and as a whole. */
describe.skipIf(missing !== undefined)("the pages of addresses and descriptors", () => {
  let browser: Browser;
  let node: NodeProcess;
  let firstCoinbase: string;
  /** Of the account: its first receiving addresses. */
  let addresses: string[];
  let opened: WatchedPage | undefined;

  beforeAll(async () => {
    [browser, node] = await Promise.all([launchChromium(), NodeProcess.start([`-webadminkey=${ADMIN_KEY}`])]);
    const { descriptor } = await node.rpc<{ descriptor: string }>("getdescriptorinfo", `wpkh(${KEY}/0/*)`);
    addresses = await node.rpc<string[]>("deriveaddresses", descriptor, [0, 3]);
    const hashes = await node.rpc<string[]>("generatetoaddress", 101, ANYONE_CAN_SPEND);
    ({
      tx: [firstCoinbase],
    } = await node.rpc<{ tx: [string] }>("getblock", hashes[0]));
    await node.rpc("generatetoaddress", 2, addresses[0]);
    await node.rpc("generatetoaddress", 1, addresses[2]);
  });

  afterEach(async () => {
    await opened?.close();
    opened = undefined;
  });

  afterAll(async () => {
    await browser?.close();
    await node?.remove();
  });

  const open = async (path: string, options: Parameters<typeof WatchedPage.open>[2] = {}) => {
    opened = await WatchedPage.open(browser, `${node.url}${path}`, options);
    return opened;
  };
  const rowCount = (view: WatchedPage, name: string) =>
    view.page.getByRole("grid", { name }).getAttribute("aria-rowcount");

  test("an address tells what it has, and follows what happens to it", async () => {
    const view = await open(`/address/${ANYONE_CAN_SPEND}`);
    const { page, complaints } = view;
    await page.getByRole("heading", { name: "Address", level: 1 }).waitFor();
    const mature = await node.rpc<number>("getblockcount");
    await eventually(() => page.getByTestId("balance").textContent()).toContain(`${(mature - 100 + 1) * 50}.`);
    await page.getByText("P2WSH, SegWit to a script's hash").waitFor();
    await page.getByRole("img", { name: `QR code of ${ANYONE_CAN_SPEND}` }).waitFor();
    await eventually(() => page.getByTestId("reuse").textContent()).toContain("Paid 100+ times.");
    await eventually(() => rowCount(view, "transactions listed")).toBe("101");
    // The chart has all of it, however much of the list was read.
    await eventually(() => page.getByText("scroll the list for older ones").count()).toBe(0);
    await view.picture("address-dark", true);
    await expectAccessible(page);

    const { hex, txid } = spendFreely([{ txid: firstCoinbase, index: 0, value: COINBASE_VALUE }], 2, 30_000n);
    await node.rpc("sendrawtransaction", hex);
    await page.getByText("1 transaction waits").waitFor();
    const row = page.getByRole("grid", { name: "transactions listed" }).locator("tr", { hasText: txid.slice(0, 8) });
    await row.getByText("waits").waitFor();
    await node.rpc("generatetoaddress", 1, addresses[2]);
    await row.getByText("1 confirmation").waitFor();
    expect(complaints).toEqual([]);
  });

  test("its coins say what may be spent", async () => {
    const view = await open(`/address/${addresses[0]}?tab=coins`, { viewport: PHONE, colorScheme: "light" });
    await view.page.getByText("immature coinbase").first().waitFor();
    await view.picture("address-phone-light", true);
    await expectFits(view.page);
    await expectAccessible(view.page);
    expect(view.complaints).toEqual([]);
  });

  test("who has the key sees to which wallet an address belongs", async () => {
    await node.rpc("createwallet", "alice");
    const own = await node.rpc<string>("getnewaddress", "rent");
    const view = await open(`/address/${own}`);
    const { page } = view;
    await page.getByText("Never paid so far").waitFor();
    expect(await page.getByTestId("owner").count()).toBe(0);
    await page.evaluate((key) => sessionStorage.setItem("bitfleet.admin-key", key), ADMIN_KEY);
    await page.reload();
    await eventually(() => page.getByTestId("owner").textContent()).toContain("alice “rent”");
    await page.goto(`${node.url}/address/${ANYONE_CAN_SPEND}`);
    await eventually(() => page.getByTestId("reuse").textContent()).toContain("Paid");
    expect(await page.getByTestId("owner").count()).toBe(0);
    expect(view.complaints).toEqual([]);
  });

  test("an extended key is looked at as each kind of address, and leads on to its addresses", async () => {
    const view = await open(`/descriptor?d=${KEY}`, { colorScheme: "light" });
    const { page, complaints } = view;
    const uses = page.getByTestId("descriptor-uses").getByRole("listitem");
    await eventually(() => uses.count()).toBe(8);
    await eventually(() => uses.first().textContent()).toContain("2 used of 23 looked at");
    await eventually(() => uses.first().textContent()).toContain(addresses[3]!.slice(0, 11));
    await page.getByText("Used", { exact: true }).click();
    await eventually(() => rowCount(view, "addresses listed")).toBe("3");
    await view.picture("descriptor-light", true);
    await expectAccessible(page);
    await page.getByRole("grid", { name: "addresses listed" }).getByRole("link").first().click();
    await eventually(() => new URL(page.url()).pathname).toBe(`/address/${addresses[0]}`);
    expect(complaints).toEqual([]);
  });

  test("a private key is refused before anything is sent", async () => {
    const view = await open("/descriptor");
    const { page } = view;
    const sent: string[] = [];
    page.on("request", (request) => request.method() === "POST" && sent.push(request.url()));
    await page.getByLabel("Address, descriptor or extended public key").fill(`wpkh(tprv${"8".repeat(107)}/0/*)`);
    await page.getByRole("button", { name: "Look up" }).click();
    await page.getByText("This has a private key in it.").waitFor();
    expect(new URL(page.url()).search).toBe("");
    expect(sent).toEqual([]);
    expect(view.complaints).toEqual([]);
  });

  test("the palette leads to an address, and to what a descriptor has", async () => {
    const { page, complaints } = await open("/");
    await page.getByTestId("tip-height").waitFor();
    await page.keyboard.press("/");
    await page.keyboard.insertText(addresses[2]!);
    await page.getByRole("option", { name: "Address", exact: false }).first().waitFor();
    await page.keyboard.press("Enter");
    await eventually(() => new URL(page.url()).pathname).toBe(`/address/${addresses[2]}`);
    await page.keyboard.press("Control+k");
    await page.keyboard.insertText(`wpkh(${KEY}/0/*)`);
    await page.getByRole("option", { name: "Look up this descriptor" }).waitFor();
    await page.keyboard.press("Enter");
    await eventually(() => new URL(page.url()).searchParams.get("d")).toBe(`wpkh(${KEY}/0/*)`);
    await page.getByTestId("descriptor-uses").waitFor();
    expect(complaints).toEqual([]);
  });

  test("without the index a page says how to have it", async () => {
    const other = await NodeProcess.start(["-noaddressindex"]);
    try {
      opened = await WatchedPage.open(browser, `${other.url}/address/${addresses[0]}`);
      await opened.page.getByRole("heading", { name: "This node keeps no index of addresses" }).waitFor();
      await opened.page.getByText("Start the node with -addressindex").waitFor();
    } finally {
      await other.remove();
    }
  });
});
