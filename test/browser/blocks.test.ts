import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { expectAccessible } from "./accessibility.ts";
import { ANYONE_CAN_SPEND } from "./anyone-can-spend.ts";
import { launchChromium, WatchedPage, whyNoChromium } from "./chromium.ts";
import { layoutShiftOf } from "./layout-shift.ts";
import { manyPayments } from "./many-payments.ts";
import { NodeProcess, whatIsNotBuilt } from "./node-process.ts";
import { DESK, eventually, expectFits, PHONE } from "./page-kit.ts";

const PAYMENT_COUNT = 600;

interface FullBlock {
  readonly hash: string;
  readonly height: number;
  readonly time: number;
  readonly merkleroot: string;
}

const missing = whyNoChromium() ?? whatIsNotBuilt();
if (missing !== undefined) process.stderr.write(`\nSKIPPED: the tests of the pages of blocks, since ${missing}\n\n`);

/** The tests share one chain, which grows from one to the next: they run in order and as a whole. */
describe.skipIf(missing !== undefined)("blocks", () => {
  let browser: Browser;
  let node: NodeProcess;
  let opened: WatchedPage | undefined;
  let full: FullBlock;
  let feeSum: bigint;
  let best: string;

  beforeAll(async () => {
    [browser, node] = await Promise.all([launchChromium(), NodeProcess.start()]);
    const { payments, send, mine } = await manyPayments(
      (method, ...params) => node.rpc(method, ...params),
      PAYMENT_COUNT,
    );
    await send();
    full = await node.rpc("getblock", await mine());
    feeSum = payments.reduce((sum, { fee }) => sum + fee, 0n);
    const stats = await node.rpc<{ readonly maxfeerate: number }>("getblockstats", full.hash);
    const { tx } = await node.rpc<{ tx: { txid: string; fee?: number; vsize: number }[] }>("getblock", full.hash, 2);
    best = tx.filter(({ fee }) => fee !== undefined).sort((a, b) => b.fee! / b.vsize - a.fee! / a.vsize)[0]!.txid;
    expect(stats.maxfeerate).toBeGreaterThan(200);
    await node.rpc("generatetoaddress", 3, ANYONE_CAN_SPEND);
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

  test("the block's page has its figures, fees as the RPC has them", async () => {
    const { page, complaints } = await open(`/block/${full.height}`);
    await page.getByRole("heading", { name: `Block ${full.height}` }).waitFor();
    const fees = `${feeSum / 100_000_000n}.${String(feeSum % 100_000_000n).padStart(8, "0")}`;
    await page.getByText(fees).first().waitFor();
    await page.getByText(`${PAYMENT_COUNT} inputs`).waitFor();
    await page.getByText(`${PAYMENT_COUNT} of ${PAYMENT_COUNT}`).waitFor();
    await eventually(() => page.title()).toBe(`Block ${full.height} · Bitfleet`);
    expect(complaints).toEqual([]);
  });

  test("the treemap is told by pointer and keys, and opens a transaction", async () => {
    const { page, complaints } = await open(`/block/${full.hash}`);
    const map = page.getByTestId("treemap");
    const readout = page.getByTestId("treemap-readout");
    await map.waitFor();
    await map.hover({ position: { x: 2, y: 2 } });
    await eventually(() => readout.textContent()).toContain(best.slice(0, 8));
    await page.mouse.move(0, 0);
    await eventually(() => readout.textContent()).toContain(`${PAYMENT_COUNT} payments`);
    await map.focus();
    await page.keyboard.press("Home");
    const option = map.getByRole("option");
    await eventually(() => option.textContent()).toContain(`1 of ${PAYMENT_COUNT} by feerate`);
    await eventually(() => option.textContent()).toContain(best);
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowDown");
    await eventually(() => option.textContent()).not.toContain(best);
    await page.keyboard.press("End");
    await eventually(() => option.textContent()).toContain(`${PAYMENT_COUNT} of ${PAYMENT_COUNT} by feerate`);
    // Arrow keys meant the map, not the next block.
    expect(new URL(page.url()).pathname).toBe(`/block/${full.hash}`);
    await map.click({ position: { x: 2, y: 2 } });
    await eventually(() => new URL(page.url()).pathname).toContain(best);
    expect(complaints).toEqual([]);
  });

  test("the table is sorted, filtered, and linked to with its filter", async () => {
    const { page, complaints } = await open(`/block/${full.hash}?tab=table&find=${best.slice(0, 12)}`);
    const table = page.getByRole("grid", { name: "transactions" });
    await page.getByText("Transactions: 1", { exact: true }).waitFor();
    await table.getByRole("link", { name: best.slice(0, 8) }).waitFor();
    await page.getByLabel("Part of a txid").fill("");
    await page.getByText(`Transactions: ${PAYMENT_COUNT + 1}`).waitFor();
    await table.getByRole("button", { name: "Feerate" }).click();
    await eventually(() => table.locator("tbody tr").first().textContent()).toContain(best.slice(0, 8));
    await page.getByLabel("sat/vB at least").fill("100");
    await eventually(() => new URL(page.url()).searchParams.get("feerate")).toBe("100");
    const { tx } = await node.rpc<{ tx: { fee?: number; vsize: number }[] }>("getblock", full.hash, 2);
    const count = tx.filter(({ fee, vsize }) => fee !== undefined && Math.round(fee * 1e8) / vsize >= 100).length;
    await page.getByText(`Transactions: ${count}`).waitFor();
    await page.getByLabel("Part of a txid").fill("zz");
    await page.getByText("No transaction of this block is like that.").waitFor();
    expect(complaints).toEqual([]);
  });

  test("a block that comes moves nothing on the page of another, and has its figures not asked for again", async () => {
    const { page, complaints } = await open(`/block/${full.hash}?tab=table`);
    const table = page.getByRole("grid", { name: "transactions" });
    await table.getByRole("link").first().waitFor();
    // All that the page is made of is there.
    await eventually(() => page.getByTestId("connection").textContent()).toBe("Live");
    await eventually(() => page.locator("main [role=status][aria-label]").count()).toBe(0);
    const asked: string[] = [];
    page.on("request", (request) => asked.push(new URL(request.url()).pathname));
    const shift = await layoutShiftOf(page);
    const { confirmations } = await node.rpc<{ readonly confirmations: number }>("getblock", full.hash);
    await node.rpc("generatetoaddress", 1, ANYONE_CAN_SPEND);
    await page.getByText(`${confirmations + 1} confirmations`).waitFor();
    await eventually(() => asked.includes("/api/v1/blockchain/tips")).toBe(true);
    expect(asked.filter((path) => path.endsWith("/summary"))).toEqual([]);
    expect(await layoutShiftOf(page)).toBe(shift);
    // Of all rows only those in view are there.
    expect(await table.getAttribute("aria-rowcount")).toBe(String(PAYMENT_COUNT + 2));
    expect(await table.locator("tbody tr").count()).toBeLessThan(60);
    expect(complaints).toEqual([]);
  });

  test("header and coinbase are explained, JSON and bytes shown", async () => {
    const { page, complaints } = await open(`/block/${full.hash}?tab=header`);
    await page.getByText(full.merkleroot).waitFor();
    await page.getByText("Witness commitment", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Merkle root", exact: true }).focus();
    await page.getByRole("tooltip").waitFor();
    await page.getByRole("tab", { name: "JSON" }).click();
    await page.getByRole("tree", { name: "block" }).getByText("header_hex").waitFor();
    await page.getByRole("tab", { name: "Hex" }).click();
    const hex = await node.rpc<string>("getblock", full.hash, 0);
    await page.getByText(hex.slice(0, 8)).first().waitFor();
    await eventually(() => new URL(page.url()).searchParams.get("tab")).toBe("hex");
    expect(complaints).toEqual([]);
  });

  test("a block that a reorganisation leaves says so at once, and leads to what took its place", async () => {
    const tip = await node.rpc<string>("getbestblockhash");
    const { height } = await node.rpc<FullBlock>("getblock", tip);
    const view = await open(`/block/${tip}`);
    const { page, complaints } = view;
    await page.getByText("Tip", { exact: true }).waitFor();
    await node.rpc("invalidateblock", tip);
    await page.getByTestId("stale").waitFor();
    const [other] = await node.rpc<readonly string[]>("generatetoaddress", 2, ANYONE_CAN_SPEND);
    await node.rpc("reconsiderblock", tip);
    expect(await node.rpc("getblockhash", height)).toBe(other);
    await page.getByTestId("stale").getByRole("link").click();
    await eventually(() => page.getByTestId("block-hash").textContent()).toContain(other);
    const sibling = page.locator(`[data-hash="${tip}"]`);
    await sibling.getByText("Stale").waitFor();
    await view.picture("block-stale-sibling-dark");
    await sibling.getByRole("link").click();
    await page.getByTestId("stale").waitFor();
    await view.picture("block-stale-dark");
    expect(complaints).toEqual([]);
  });

  test("the list goes to a height and to a day, and marks the block", async () => {
    const { page, complaints } = await open("/blocks");
    const marked = page.locator("tr[data-marked=true]");
    const fees = page.locator(`tr[data-height="${full.height}"]`);
    await fees.getByText("BTC").waitFor();
    await page.getByRole("textbox", { name: "Height" }).fill("999,999");
    await page.getByRole("button", { name: "Go: Height" }).click();
    await page.getByText("The newest block is").waitFor();
    await page.getByRole("textbox", { name: "Height" }).fill("7");
    await page.keyboard.press("Enter");
    await eventually(() => marked.getAttribute("data-height")).toBe("7");
    await eventually(() => new URL(page.url()).search).toBe("?at=7");
    const date = page.locator("input[type=datetime-local]");
    await date.fill("2009-01-03T00:00:00");
    await page.getByRole("button", { name: "Go: Day and time" }).click();
    await page.getByText("There was no block yet.").waitFor();
    await date.fill("2020-01-01T00:00:00");
    await page.getByRole("button", { name: "Go: Day and time" }).click();
    await eventually(() => marked.getAttribute("data-height")).toBe("0");
    expect(complaints.filter((text) => !/status of 404/.test(text))).toEqual([]);
  });

  test("a height that is not there yet is said to be so", async () => {
    const { page, complaints } = await open("/blocks?at=5000");
    await page.getByRole("heading", { name: "There is no block 5,000 yet" }).waitFor();
    expect(complaints).toEqual([]);
  });

  describe.each(["dark", "light"] as const)("in the %s theme", (colorScheme) => {
    test.each([
      ["desktop", DESK],
      ["phone", PHONE],
    ])("no page is wider than a %s, and axe finds nothing grave", async (device, viewport) => {
      const path = `/block/${full.hash}`;
      const pages = [
        ["list", `/blocks?at=${full.height}`],
        ["block", path],
        ["table", `${path}?tab=table`],
        ["header", `${path}?tab=header`],
        ["hex", `${path}?tab=hex`],
      ] as const;
      for (const [name, address] of pages) {
        const view = await open(address, { colorScheme, viewport });
        await eventually(() => view.page.getByTestId("connection").textContent()).toBe("Live");
        await view.page.getByRole("heading").first().waitFor();
        await eventually(() => view.page.locator("main [role=status][aria-label]").count()).toBe(0);
        await expectFits(view.page, name);
        await expectAccessible(view.page, `${name} on a ${device}, ${colorScheme}`);
        await view.picture(`blocks-${name}-${device}-${colorScheme}`, true);
        await view.close();
      }
    });
  });
});
