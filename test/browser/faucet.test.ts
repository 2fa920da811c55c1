import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../packages/node/src/network/free-port.ts";
import { BITFLEET, run, TestProcess, temporaryFolder, eventually as untilThere } from "../functional/test-node.ts";
import { launchChromium, WatchedPage, whyNoChromium } from "./chromium.ts";
import { whatIsNotBuilt } from "./node-process.ts";
import { eventually, expectFits, PHONE } from "./page-kit.ts";

const ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
const OTHER_ADDRESS = "2N3oefVeg6stiTb5Kh3ozCSkaqmx91FDbsm";
/** The faucet gives an address so many at once. */
const PAYMENTS_AT_ONCE = 10;

const missing = whyNoChromium() ?? whatIsNotBuilt();
if (missing !== undefined) process.stderr.write(`\nSKIPPED: the tests of the faucet's panel, since ${missing}\n\n`);

interface WalletTransaction {
  readonly vout: readonly { readonly value: number; readonly scriptPubKey: { readonly address: string } }[];
  readonly confirmations?: number;
}

/** The tests share one network, whose coins get fewer from one to the next: they run in order and as a whole. */
describe.skipIf(missing !== undefined)("the faucet of a network that bitfleet up runs", () => {
  const folder = missing === undefined ? temporaryFolder() : "";
  let browser: Browser;
  let url: string;
  let key: string;
  let opened: WatchedPage | undefined;

  beforeAll(async () => {
    const [port, rpcPort] = [await freePort(), await freePort()];
    url = `http://127.0.0.1:${port}`;
    const options = [`--data=${folder}`, `--port=${port}`, `--rpc-port=${rpcPort}`, "--interval=100000"];
    const up = new TestProcess(BITFLEET, ["up", ...options]);
    browser = await launchChromium();
    await untilThere(() => {
      if (up.child.exitCode !== null) throw new Error(`bitfleet up ended: ${up.stderr}`);
      return /^height 101/m.test(up.stdout) ? true : undefined;
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

  const rpc = async <Result>(...words: string[]): Promise<Result> => {
    const { stdout, stderr } = await run(BITFLEET, ["rpc", `--data=${folder}`, ...words]);
    if (stderr !== "") throw new Error(stderr);
    return JSON.parse(stdout);
  };
  const open = async (options: Parameters<typeof WatchedPage.open>[2] = {}) => {
    const view = await WatchedPage.open(browser, url, options);
    opened = view;
    const panel = view.page.getByRole("region", { name: "Faucet" });
    const form = panel.getByRole("form", { name: "Payment of the faucet" });
    await form.waitFor();
    const send = () => form.getByRole("button").click();
    const confirmed = async () => {
      await send();
      await view.page.getByTestId("confirm").click();
    };
    /** What has the focus, by its label. */
    const focused = () =>
      view.page.evaluate(() => {
        const { activeElement: element } = document;
        return element instanceof HTMLInputElement ? element.labels?.[0]?.textContent : element?.textContent;
      });
    return { view, panel, form, send, confirmed, focused, txid: panel.getByRole("status").locator("dd").last() };
  };
  const withKey = async (options: Parameters<typeof WatchedPage.open>[2] = {}) => {
    const opening = await open(options);
    await opening.view.page.evaluate((text) => sessionStorage.setItem("bitfleet.admin-key", text), key);
    return opening;
  };
  const shownTxid = async ({ txid }: Awaited<ReturnType<typeof open>>) => (await txid.textContent())?.trim();
  const payElsewhere = () =>
    fetch(`${url}/api/admin/network/faucet`, {
      method: "POST",
      headers: { "x-api-key": key, "content-type": "application/json" },
      body: JSON.stringify({ address: ADDRESS, sats: 100_000 }),
    });
  /** Of the page: the panel is the last on it. */
  const showEnd = (view: WatchedPage) => view.page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));

  test("says what is missing or wrong before anything is sent, and puts the cursor there", async () => {
    const { view, form, send, focused } = await open();
    const requests: string[] = [];
    view.page.on("request", (request) => request.method() === "POST" && requests.push(request.url()));
    await send();
    await form.getByText("Enter the address that the coins go to.").waitFor();
    await eventually(focused).toBe("Address");
    const address = form.getByLabel("Address");
    await eventually(() => address.getAttribute("aria-invalid")).toBe("true");
    const noteId = await address.getAttribute("aria-describedby");
    await eventually(() => view.page.locator(`[id="${noteId}"]`).textContent()).toBe(
      "Enter the address that the coins go to.",
    );

    await address.fill(ADDRESS.replace("w508", "w509"));
    await form.getByText("Character 10 of the address is wrong.").waitFor();
    await address.fill("1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2");
    await form.getByText("This is an address of mainnet.").waitFor();
    await address.fill(ADDRESS);
    await eventually(() => address.getAttribute("aria-invalid")).toBe("false");

    const amount = form.getByLabel("Amount in BTC");
    await eventually(() => amount.inputValue()).toBe("1");
    await form.getByText("0.00001 to 1,000 at a time").waitFor();
    await amount.fill("1000.1");
    await form.getByText("The faucet gives 1,000 BTC at most.").waitFor();
    await send();
    await eventually(focused).toBe("Amount in BTC");
    await showEnd(view);
    await view.picture("faucet-problems-dark");
    await amount.fill("0.5");
    await amount.press("Enter");
    const question = view.page.getByRole("dialog", { name: "Send 0.5 BTC?" });
    await question.getByText(ADDRESS).waitFor();
    await question.getByRole("button", { name: "Cancel" }).click();
    await eventually(() => question.count()).toBe(0);
    expect(requests).toEqual([]);
    expect(view.complaints).toEqual([]);
  });

  test("pays, tells of the transaction, and of the block that confirms it, without a reload", async () => {
    const opening = await open();
    const { view, panel, form, confirmed, focused } = opening;
    await form.getByLabel("Address").fill(` ${ADDRESS} `);
    await form.getByLabel("Amount in BTC").fill("0.12345678");
    await confirmed();
    const entry = view.page.getByRole("dialog").getByLabel("Admin key");
    await entry.fill("a guess");
    await entry.press("Enter");
    await view.page.getByRole("dialog").getByText("The key is not known here").waitFor();
    await entry.fill(key);
    await entry.press("Enter");
    await panel.getByText("Waits for a block").waitFor();
    // The button keeps the focus, and the key is asked for no more, by the miner's controls neither.
    await eventually(focused).toBe("Send coins");
    expect(await view.page.getByLabel("Admin key").count()).toBe(0);
    const txid = await shownTxid(opening);
    expect(await rpc("getrawmempool")).toEqual([txid]);
    const transaction = await rpc<WalletTransaction>("getrawtransaction", txid!, "1");
    const paid = transaction.vout.filter(({ scriptPubKey }) => scriptPubKey.address === ADDRESS);
    expect(paid.map(({ value }) => value)).toEqual([0.12345678]);
    await eventually(() => panel.getByRole("status").textContent()).toContain("0.12345678");
    await showEnd(view);
    await view.picture("faucet-sent-dark");

    const [hash] = await rpc<string[]>("generatetoaddress", "1", OTHER_ADDRESS);
    const link = panel.getByRole("link", { name: "block 102" });
    await link.click();
    await view.page.locator(`[data-txid="${txid}"]`).waitFor();
    await eventually(() => view.page.url()).toBe(`${url}/block/${hash}`);
    // The browser itself tells of the answer 401 to the guess.
    expect(view.complaints.filter((text) => !text.includes("401"))).toEqual([]);
  });

  test("mines a block on it at once where that is wanted; the transaction's id can be copied", async () => {
    const opening = await withKey({ colorScheme: "light", permissions: ["clipboard-read", "clipboard-write"] });
    const { view, panel, form, confirmed } = opening;
    await form.getByLabel("Address").fill(OTHER_ADDRESS);
    await form.getByLabel("Mine a block on it").check();
    await confirmed();
    await panel.getByRole("link", { name: "block 103" }).waitFor();
    const txid = await shownTxid(opening);
    expect((await rpc<WalletTransaction>("getrawtransaction", txid!, "1")).confirmations).toBe(1);
    // It says so for a moment.
    await Promise.all([
      panel.getByRole("button", { name: "Copied txid" }).waitFor(),
      panel.getByRole("button", { name: "Copy txid" }).click(),
    ]);
    expect(await view.page.evaluate(() => navigator.clipboard.readText())).toBe(txid);
    await showEnd(view);
    await view.picture("faucet-sent-light");
    expect(view.complaints).toEqual([]);
  });

  test("refusals come in the node's words: too few coins, no address after all", async () => {
    const { view, panel, form, confirmed } = await withKey();
    await form.getByLabel("Address").fill(ADDRESS);
    await form.getByLabel("Amount in BTC").fill("900");
    await confirmed();
    const alert = panel.getByRole("alert");
    await alert
      .getByText(/^The faucet has [\d.]+ BTC to give, not 900 BTC and the fee; 49\d\d.* more can be/)
      .waitFor();
    await showEnd(view);
    await view.picture("faucet-refused-dark");

    // Base 58 with a wrong checksum: the page does not hash.
    const wrong = OTHER_ADDRESS.replace("2N3o", "2N3p");
    await form.getByLabel("Address").fill(wrong);
    await form.getByLabel("Amount in BTC").fill("1");
    await confirmed();
    await alert.getByText(`'${wrong}' is no address of this network.`).waitFor();
    expect(view.complaints.filter((text) => !/status of 4(09|00)/.test(text))).toEqual([]);
  });

  test("who asks too often is told when to ask again, and the time runs; on a phone nothing runs over", async () => {
    const { view, panel, form, confirmed } = await withKey({ viewport: PHONE, colorScheme: "light" });
    await form.getByLabel("Address").fill(ADDRESS);
    await form.getByLabel("Amount in BTC").fill("0.001");
    const limited = panel.getByRole("alert").getByText(/^The faucet gives 10 times an address.*try again in \d+ s/);
    // By others: so many at once leave none. Where this page is so slow that one is left again, once more.
    for (let round = 0; round < 5 && (await limited.count()) === 0; round++) {
      await Promise.all(Array.from({ length: PAYMENTS_AT_ONCE + 1 }, () => payElsewhere()));
      await confirmed();
      await eventually(() => form.getByRole("button").textContent()).toBe("Send coins");
    }
    await limited.waitFor();
    await panel.getByText(/^\d+ s to go$/).waitFor();
    await expectFits(view.page);
    await showEnd(view);
    await view.picture("faucet-phone-light");
    await panel.getByText("It can be tried again now.").waitFor();
    await confirmed();
    await eventually(() => limited.count()).toBe(0);
    await eventually(() => form.getByRole("button").textContent()).toBe("Send coins");
    expect(await panel.getByRole("alert").count()).toBe(0);
    expect(view.complaints.filter((text) => !/status of 429/.test(text))).toEqual([]);
  });

  test("an answer that does not come is no proof that nothing was sent", async () => {
    const { view, panel, form, confirmed } = await withKey({ viewport: PHONE });
    await view.page.route("**/faucet", (route) => route.abort());
    await form.getByLabel("Address").fill(ADDRESS);
    await confirmed();
    await panel.getByRole("alert").getByText("The payment may have been made all the same").waitFor();
    await expectFits(view.page);
    await showEnd(view);
    await view.picture("faucet-phone-dark");
    expect(view.complaints.filter((text) => !/ERR_FAILED/.test(text))).toEqual([]);
  });

  test("while it is under way the button says so, and a second press sends nothing", async () => {
    const { view, panel, form, confirmed } = await withKey({ colorScheme: "light" });
    let calls = 0;
    let goOn: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    await view.page.route("**/faucet", async (route) => {
      calls++;
      await held;
      await route.continue();
    });
    await form.getByLabel("Address").fill(OTHER_ADDRESS);
    await confirmed();
    const button = form.getByRole("button", { name: "Sending…" });
    await button.waitFor();
    expect(await button.getAttribute("aria-disabled")).toBe("true");
    await panel.getByRole("status").getByText("The coins are being sent.").waitFor();
    await button.press("Enter");
    await showEnd(view);
    await view.picture("faucet-sending-light");
    goOn();
    await panel.getByText("Waits for a block").waitFor();
    expect(calls).toBe(1);
    expect(view.complaints).toEqual([]);
  });
});
