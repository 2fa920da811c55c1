import { gzipSync } from "node:zlib";
import { fromHex, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { Reader } from "@bitfleet/protocol/bytes/cursor.ts";
import { BlockHeader, decodeBlockHeader, encodeBlockHeader } from "@bitfleet/protocol/primitives/block.ts";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { expectAccessible } from "./accessibility.ts";
import { ANYONE_CAN_SPEND, spendInTwo } from "./anyone-can-spend.ts";
import { launchChromium, WatchedPage, whyNoChromium } from "./chromium.ts";
import { NodeProcess, whatIsNotBuilt } from "./node-process.ts";
import { eventually } from "./page-kit.ts";

/** The dashboard's first load, as compressed script. */
const SCRIPT_SIZE_MAX = 200_000;
/** Below this the eye sees no jump (a good page may have up to 0.1). */
const LAYOUT_SHIFT_MAX = 0.005;
const SUBSIDY = 5_000_000_000n;
const FEE = 12_345n;

/** A page is not slower than this, however busy the machine. */

const missing = whyNoChromium() ?? whatIsNotBuilt();
if (missing !== undefined) process.stderr.write(`\nSKIPPED: the tests of the web page, since ${missing}\n\n`);

/** The tests share one chain, which grows from one to the next: they run in order and as a whole. */
describe.skipIf(missing !== undefined)("the web page of a node", () => {
  let browser: Browser;
  let node: NodeProcess;
  let opened: WatchedPage | undefined;
  let spend: { readonly txid: string; readonly height: number };

  beforeAll(async () => {
    [browser, node] = await Promise.all([launchChromium(), NodeProcess.start()]);
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
  const generate = (count: number) => node.rpc<readonly string[]>("generatetoaddress", count, ANYONE_CAN_SPEND);
  const shownTip = (view: WatchedPage) => view.page.getByTestId("tip-hash").getAttribute("data-hash");

  test("a new chain says how to go on, and follows its first block", async () => {
    const view = await open("/");
    await view.page.getByText("A chain of one block").waitFor();
    await view.page.getByRole("link", { name: "Mine the first block" }).waitFor();
    await expectAccessible(view.page);
    await view.picture("empty-chain-dark");
    const [hash] = await generate(1);
    await eventually(() => shownTip(view)).toBe(hash);
    await eventually(() => view.page.getByText("A chain of one block").count()).toBe(0);
    expect(view.complaints).toEqual([]);
  });

  test("the dashboard shows the true tip", async () => {
    await generate(119);
    const view = await open("/");
    await eventually(() => view.page.getByTestId("tip-height").textContent()).toBe("120");
    await eventually(() => shownTip(view)).toBe(await node.rpc("getbestblockhash"));
    await eventually(() => view.page.getByTestId("connection").textContent()).toBe("Live");
    expect(view.complaints).toEqual([]);
  });

  test("a new block appears without a reload, and nothing jumps", async () => {
    const view = await open("/");
    await eventually(() => view.page.getByTestId("connection").textContent()).toBe("Live");
    await view.page.locator(`a[data-height="120"]`).waitFor();
    await view.page.evaluate(() => {
      const shifts: number[] = [];
      Object.assign(window, { shifts });
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) shifts.push((entry as PerformanceEntry & { value: number }).value);
      }).observe({ type: "layout-shift" });
    });
    const hash = (await generate(1))[0];
    await view.page.locator(`a[data-height="121"]`).waitFor();
    await eventually(() => shownTip(view)).toBe(hash);
    await generate(5);
    await eventually(() => view.page.getByTestId("tip-height").textContent()).toBe("126");
    await view.page.waitForTimeout(800);
    const shifts = await view.page.evaluate(() => (window as unknown as { shifts?: readonly number[] }).shifts);
    // Undefined would mean that the page was loaded anew.
    expect(shifts).toBeDefined();
    expect((shifts ?? []).reduce((sum, shift) => sum + shift, 0)).toBeLessThan(LAYOUT_SHIFT_MAX);
    expect(view.complaints).toEqual([]);
  });

  test("a reorganisation takes blocks off the chain", async () => {
    const view = await open("/");
    await eventually(() => view.page.getByTestId("tip-height").textContent()).toBe("126");
    const tip = await node.rpc<string>("getbestblockhash");
    await node.rpc("invalidateblock", tip);
    await eventually(() => view.page.getByTestId("tip-height").textContent()).toBe("125");
    await eventually(() => view.page.locator(`a[data-height="126"]`).count()).toBe(0);
    await node.rpc("reconsiderblock", tip);
    await eventually(() => shownTip(view)).toBe(tip);
    expect(view.complaints).toEqual([]);
  });

  test("a block's page opens from a deep link by height and by hash, with its transactions", async () => {
    const first = await node.rpc<{ readonly tx: readonly string[] }>("getblock", await node.rpc("getblockhash", 1));
    const made = spendInTwo(first.tx[0] ?? "", SUBSIDY, FEE);
    const { hash } = await node.rpc<{ readonly hash: string }>("generateblock", ANYONE_CAN_SPEND, [made.hex]);
    spend = { txid: made.txid, height: 127 };
    for (const id of [hash, "127"]) {
      const view = await open(`/block/${id}`);
      await view.page.getByRole("heading", { name: "Block 127" }).waitFor();
      await eventually(() => view.page.getByTestId("block-hash").textContent()).toBe(hash);
      const cards = view.page.getByRole("article");
      await eventually(() => cards.count()).toBe(2);
      await eventually(() => cards.nth(0).textContent()).toContain("Coinbase");
      const card = view.page.locator(`[data-txid="${made.txid}"]`);
      for (const text of ["0.00012345", "49.99987655", "50.00000000", "1 witness item"]) {
        await eventually(() => card.textContent()).toContain(text);
      }
      await card.getByRole("button", { name: "Show scripts" }).click();
      await card.getByText("OP_RETURN 68656c6c6f").waitFor();
      expect(view.complaints).toEqual([]);
      await view.close();
    }
  });

  test("the tip's page learns of the block that follows it", async () => {
    const view = await open("/block/127");
    await view.page.getByText("Tip", { exact: true }).waitFor();
    await generate(1);
    await view.page.getByText("2 confirmations").waitFor();
    await view.page.keyboard.press("ArrowRight");
    await view.page.getByRole("heading", { name: "Block 128" }).waitFor();
    await view.page.getByRole("link", { name: "Previous block" }).click();
    await view.page.getByRole("heading", { name: "Block 127" }).waitFor();
    expect(view.complaints).toEqual([]);
  });

  test("blocks are paged by link, by click and by arrow key, and the address follows", async () => {
    const view = await open("/blocks?page=2");
    const firstHeight = () => view.page.locator("tbody tr").first().getAttribute("data-height");
    await eventually(firstHeight).toBe("108");
    await view.page.keyboard.press("ArrowRight");
    await eventually(firstHeight).toBe("88");
    await eventually(() => new URL(view.page.url()).search).toBe("?page=3");
    await view.page.getByRole("button", { name: "Page 1", exact: true }).click();
    await eventually(firstHeight).toBe("128");
    await eventually(() => new URL(view.page.url()).search).toBe("");
    await generate(1);
    await eventually(firstHeight).toBe("129");
    await view.page.goBack();
    await eventually(firstHeight).toBe("89");
    expect(view.complaints).toEqual([]);
  });

  test("the search box leads to a block and refuses what is none", async () => {
    const view = await open("/");
    await view.page.getByTestId("tip-height").waitFor();
    await view.page.keyboard.press("/");
    await view.page.keyboard.type("not a block");
    await view.page.keyboard.press("Enter");
    await view.page.getByText("Enter a height").waitFor();
    await view.page.keyboard.press("ControlOrMeta+A");
    await view.page.keyboard.type("42");
    await view.page.keyboard.press("Enter");
    await view.page.getByRole("heading", { name: "Block 42" }).waitFor();
    expect(view.complaints).toEqual([]);
  });

  test.each([
    ["/block/999999", "No block at height 999,999"],
    [`/block/${"ab".repeat(32)}`, "Unknown block"],
    ["/block/nonsense", "Unknown block"],
    ["/blocks?page=5000", "There is no page 5000"],
    ["/nowhere", "There is no such page"],
  ])("%s: %s", async (path, title) => {
    const view = await open(path);
    await view.page.getByRole("heading", { name: title }).waitFor();
    // The browser itself notes each answer of status 400 and 404.
    expect(view.complaints.filter((text) => !/status of 40[04]/.test(text))).toEqual([]);
  });

  test("a stopped node is said to be offline, and the page recovers by itself", async () => {
    const view = await open("/");
    await eventually(() => view.page.getByTestId("connection").textContent()).toBe("Live");
    expect(await node.stop()).toBe(0);
    await eventually(() => view.page.getByTestId("connection").textContent()).toBe("Offline");
    await view.page.getByText("The node does not answer").waitFor();
    await eventually(() => view.page.getByTestId("tip-height").textContent()).toBe("129");
    await view.picture("offline-dark");
    await node.start();
    await eventually(() => view.page.getByTestId("connection").textContent()).toBe("Live");
    const hash = (await generate(1))[0];
    await eventually(() => shownTip(view)).toBe(hash);
    // A node that is about to stop, or not quite there, answers 503.
    expect(view.complaints.filter((text) => !/ERR_(CONNECTION|INCOMPLETE|EMPTY)|status of 503/.test(text))).toEqual([]);
  });

  test("theme and unit are remembered", async () => {
    const view = await open(`/block/${spend.height}`);
    await view.page.getByRole("button", { name: "Switch to the light theme" }).click();
    await view.page.getByRole("button", { name: "sats", exact: true }).click();
    await view.page.getByText("5,000,000,000").first().waitFor();
    await view.page.reload();
    await view.page.getByText("5,000,000,000").first().waitFor();
    await view.page.getByRole("button", { name: "Switch to the dark theme" }).waitFor();
    expect(view.complaints).toEqual([]);
  });

  test("the first load is small, and the page's policy is strict", async () => {
    const view = await open("/");
    await view.page.getByTestId("tip-height").waitFor();
    const urls = await view.page.evaluate(() =>
      performance
        .getEntriesByType("resource")
        .map(({ name }) => name)
        .filter((name) => name.endsWith(".js")),
    );
    expect(urls.length).toBeGreaterThan(1);
    const scripts = await Promise.all(urls.map(async (url) => (await fetch(url)).arrayBuffer()));
    const size = scripts.reduce((sum, script) => sum + gzipSync(new Uint8Array(script)).length, 0);
    expect(size).toBeLessThan(SCRIPT_SIZE_MAX);
    const response = await fetch(node.url);
    const policy = response.headers.get("content-security-policy") ?? "";
    expect(policy).not.toBe("");
    expect(policy).not.toMatch(/unsafe-|https?:|\*/);
    expect(view.complaints).toEqual([]);
  });

  // The last one: from here on the node misses blocks.
  test("while blocks are missing the dashboard shows how many, and a bar", async () => {
    for (const header of await headersOnTip(3)) await node.rpc("submitheader", header);
    const view = await open("/");
    const sync = view.page.getByTestId("sync");
    await sync.getByText("Fetching blocks").waitFor();
    const { blocks: height } = await node.rpc<{ blocks: number }>("getblockchaininfo");
    await eventually(() => sync.textContent()).toContain(`${height} of ${height + 3}`);
    const filled = sync.getByRole("progressbar");
    const share = async () => Number(await filled.getAttribute("aria-valuenow"));
    await eventually(share).toBeCloseTo((100 * height) / (height + 3), 5);
    const box = await filled.boundingBox();
    expect(box!.height).toBeGreaterThan(0);
    expect(box!.width).toBeGreaterThan(900);
    await view.picture("synchronising-dark");
    expect(view.complaints).toEqual([]);
  });

  /** Headers of blocks that nobody has, one upon the other. */
  async function headersOnTip(count: number): Promise<string[]> {
    const bytes = fromHex(await node.rpc<string>("getblockheader", await node.rpc("getbestblockhash"), false));
    const found: string[] = [];
    let previous = decodeBlockHeader(new Reader(bytes));
    while (found.length < count) {
      for (let nonce = 0; ; nonce++) {
        const fields = { ...previous, previousBlockHash: previous.hash, time: previous.time + 1, nonce };
        const header = new BlockHeader(fields);
        // Regtest's target leaves the highest bit of a hash at 0, and asks for nothing else.
        if (header.hash[31]! >= 0x7f) continue;
        found.push(toHex(encodeBlockHeader(header)));
        previous = header;
        break;
      }
    }
    return found;
  }
});
