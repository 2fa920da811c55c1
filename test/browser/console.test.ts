import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { expectAccessible } from "./accessibility.ts";
import { launchChromium, WatchedPage, whyNoChromium } from "./chromium.ts";
import { NodeProcess, whatIsNotBuilt } from "./node-process.ts";
import { eventually, expectFits, PHONE } from "./page-kit.ts";

const KEY = "key-of-the-operator";
const ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";

const missing = whyNoChromium() ?? whatIsNotBuilt();
if (missing !== undefined) process.stderr.write(`\nSKIPPED: the tests of the console, since ${missing}\n\n`);

describe.skipIf(missing !== undefined)("the console", () => {
  let browser: Browser;
  let node: NodeProcess;
  let opened: WatchedPage | undefined;

  beforeAll(async () => {
    [browser, node] = await Promise.all([launchChromium(), NodeProcess.start([`-webadminkey=${KEY}`])]);
    await node.rpc("generatetoaddress", 5, ADDRESS);
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
    const view = await WatchedPage.open(browser, node.url, options);
    opened = view;
    await view.page.evaluate((key) => sessionStorage.setItem("bitfleet.admin-key", key), KEY);
    await view.page.goto(`${node.url}${path}`);
    const results = view.page.getByRole("region", { name: "Results" });
    return { view, page: view.page, results, line: view.page.getByLabel("Command line") };
  };

  test("a method is found, its form filled in, and its answer shown as a tree", async () => {
    const { view, page, results } = await open("/console");
    await page.getByLabel("Find a method").fill("getblockh");
    const list = page.getByRole("navigation", { name: "Methods" });
    await eventually(() => list.getByRole("link").count()).toBe(2);
    await list.getByRole("link", { name: "getblockhash" }).click();
    await eventually(() => new URL(page.url()).search).toBe("?method=getblockhash");
    const form = page.getByRole("form", { name: "Parameters of getblockhash" });
    await form.getByRole("button", { name: "Call" }).click();
    await form.getByText("It is required.").waitFor();
    await form.getByLabel("height").fill("3");
    await form.getByRole("button", { name: "Call" }).click();
    const hash = await node.rpc<string>("getblockhash", 3);
    await results.getByText(`"${hash}"`).waitFor();

    await page.goto(`${node.url}/console?method=getblock`);
    await page.getByLabel("blockhash (required)").fill(hash);
    await page.getByRole("button", { name: "Call" }).click();
    await results.getByRole("treeitem", { name: /^height/ }).waitFor();
    await view.picture("console-dark", true);
    await expectAccessible(page);
    expect(view.complaints).toEqual([]);
  });

  test("every method opens, with its form and help", async () => {
    const { view, page } = await open("/console");
    const methods = page.getByRole("navigation", { name: "Methods" });
    await methods.getByRole("link", { name: "uptime" }).waitFor();
    // In the page itself: a hundred and more clicks from here would take longer than all they show.
    const wrong = await page.evaluate(async () => {
      const found: string[] = [];
      const links = [...document.querySelectorAll<HTMLAnchorElement>('nav[aria-label="Methods"] a')];
      for (const link of links) {
        link.click();
        const name = link.textContent ?? "";
        const form = () => document.querySelector(`form[aria-label="Parameters of ${name}"]`);
        const until = performance.now() + 10_000;
        while (form() === null && performance.now() < until) await new Promise(requestAnimationFrame);
        const help = form()?.parentElement?.querySelector("details:last-child pre")?.textContent ?? "";
        if (!help.startsWith(name)) found.push(name);
      }
      return links.length > 100 ? found : ["too few"];
    });
    expect(wrong).toEqual([]);
    expect(view.complaints).toEqual([]);
  });

  test("options are entered one by one, lists line by line, and Ctrl+Enter calls", async () => {
    const { view, page, results } = await open("/console?method=gettxoutproof");
    const hash = await node.rpc<string>("getblockhash", 2);
    const { tx } = await node.rpc<{ tx: string[] }>("getblock", hash);
    await page.getByLabel("txids (required)").fill(`${tx[0]}\n`);
    // What stands in the middle, or before, may be left out.
    await page.getByLabel("blockhash").fill(hash);
    await page.getByLabel("blockhash").press("Control+Enter");
    const proof = await node.rpc<string>("gettxoutproof", tx, hash);
    await results.getByText(proof.slice(0, 60)).waitFor();

    await page.goto(`${node.url}/console?method=gettxspendingprevout`);
    await page.getByLabel("outputs (required)").fill(`[{"txid":"${tx[0]}","vout":0}]`);
    await page.getByText("options", { exact: true }).click();
    await page.getByLabel("mempool_only").selectOption("true");
    await page.getByText("options: 1 set").waitFor();
    await view.picture("console-options-dark", true);
    await expectAccessible(page);
    await page.getByRole("button", { name: "Call", exact: true }).click();
    await results.getByText(`"${tx[0]}"`).first().waitFor();
    expect(view.complaints).toEqual([]);
  });

  test("a line is written as for bitcoin-cli, fails with the node's words, and comes back by the arrow keys", async () => {
    const { view, page, results, line } = await open("/console", { viewport: PHONE, colorScheme: "light" });
    await page.getByRole("link", { name: "getblockhash" }).waitFor();
    await line.fill("bitcoin-cli -named getblockhash height=100");
    await line.press("Enter");
    await results.getByRole("alert").getByText("Block height out of range").waitFor();
    await results.getByText("code -8").waitFor();
    // While one is under way the next is written.
    let answer = () => {};
    await page.route("**/api/admin/rpc", (route) => {
      answer = () => void route.continue();
    });
    await line.fill("getblockhash 4");
    const [asked] = await Promise.all([page.waitForRequest("**/api/admin/rpc"), line.press("Enter")]);
    await line.fill("getblock 'ab");
    answer();
    await results.getByText(`"${await node.rpc<string>("getblockhash", 4)}"`).waitFor();
    expect((await asked.response())?.status()).toBe(200);
    await page.unroute("**/api/admin/rpc");
    await eventually(() => line.inputValue()).toBe("getblock 'ab");
    await line.press("Enter");
    await page.getByText("A quote (') is not closed.").waitFor();
    await line.fill("");
    await line.press("ArrowUp");
    await eventually(() => line.inputValue()).toBe("getblockhash 4");
    await line.press("ArrowUp");
    await eventually(() => line.inputValue()).toBe("-named getblockhash height=100");
    // The tab remembers it.
    await page.reload();
    await page.getByRole("link", { name: "getblockhash" }).waitFor();
    for (const earlier of ["getblockhash 4", "-named getblockhash height=100"]) {
      await line.press("ArrowUp");
      await eventually(() => line.inputValue()).toBe(earlier);
    }
    await view.picture("console-phone-light", true);
    await expectFits(page);
    // The browser itself tells of the answers that are errors.
    expect(view.complaints.filter((text) => !/status of 4/.test(text))).toEqual([]);
  });

  test("what does harm is asked about, and what is secret is neither shown nor kept", async () => {
    const { page, results, line } = await open("/console");
    await page.getByRole("link", { name: "getblockhash" }).waitFor();
    const tip = await node.rpc<string>("getbestblockhash");
    await line.fill(`invalidateblock ${tip}`);
    await line.press("Enter");
    const question = page.getByRole("dialog", { name: "Call invalidateblock?" });
    await question.getByRole("button", { name: "Cancel" }).click();
    await eventually(() => question.count()).toBe(0);
    expect(await node.rpc("getblockcount")).toBe(5);
    await line.press("Enter");
    await page.getByTestId("confirm").click();
    await results.getByText("null").waitFor();
    expect(await node.rpc("getblockcount")).toBe(4);
    await node.rpc("reconsiderblock", tip);

    await line.fill("createwallet till false false horse");
    await line.press("Enter");
    await results.getByText("createwallet …").waitFor();
    expect(await page.evaluate(() => JSON.stringify(sessionStorage) + document.body.textContent)).not.toContain(
      "horse",
    );
  });
});
