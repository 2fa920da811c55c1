import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { expectAccessible, standStill } from "./accessibility.ts";
import { ANYONE_CAN_SPEND, spendInTwo } from "./anyone-can-spend.ts";
import { launchChromium, WatchedPage, whyNoChromium } from "./chromium.ts";
import { layoutShiftOf } from "./layout-shift.ts";
import { NodeProcess, whatIsNotBuilt } from "./node-process.ts";
import { DESK, eventually, PHONE } from "./page-kit.ts";

const SUBSIDY = 5_000_000_000n;
const FEE = 12_345n;

const missing = whyNoChromium() ?? whatIsNotBuilt();
if (missing !== undefined) process.stderr.write(`\nSKIPPED: the tests of the dashboard, since ${missing}\n\n`);

/** A block of so much feerate, nearly full. */
const full = (index: number, satPerVbyte: number) => ({
  index,
  transaction_count: 2_800 - index * 100,
  virtual_size: 998_000,
  weight: 3_992_000,
  total_fee: satPerVbyte * 998_000,
  feerate_range_sat_per_kvb: [0.8, 0.85, 0.9, 1, 1.5, 2.5, 12].map((factor) => Math.round(factor * satPerVbyte * 1000)),
});

/** The tests share one chain, which grows from one to the next: they run in order and as a whole. */
describe.skipIf(missing !== undefined)("the dashboard", () => {
  let browser: Browser;
  let node: NodeProcess;
  let opened: WatchedPage | undefined;

  beforeAll(async () => {
    [browser, node] = await Promise.all([launchChromium(), NodeProcess.start(["-acceptnonstdtxn"])]);
    await node.rpc("generatetoaddress", 110, ANYONE_CAN_SPEND);
  });

  afterEach(async () => {
    await opened?.close();
    opened = undefined;
  });

  afterAll(async () => {
    await browser?.close();
    await node?.remove();
  });

  const open = async (options: Parameters<typeof WatchedPage.open>[2] = {}) => {
    opened = await WatchedPage.open(browser, node.url, options);
    await eventually(() => opened?.page.getByTestId("connection").textContent()).toBe("Live");
    return opened;
  };
  /** Has the node answer with so many blocks to come, until told otherwise. */
  const projectBlocks = async (page: Page, count: number) => {
    const blocks = Array.from({ length: count }, (_, index) => full(index, 40 - index * 5));
    const remaining = { transaction_count: 0, virtual_size: 0, total_fee: 0 };
    await page.unroute("**/api/v1/mempool/blocks");
    await page.route("**/api/v1/mempool/blocks", (route) =>
      route.fulfill({ json: { success: true, data: { blocks, remaining }, error: null, timestamp: "" } }),
    );
  };
  const payment = async (height: number) => {
    const block = await node.rpc<{ readonly tx: readonly string[] }>(
      "getblock",
      await node.rpc("getblockhash", height),
    );
    const made = spendInTwo(block.tx[0] ?? "", SUBSIDY, FEE);
    await node.rpc("sendrawtransaction", made.hex, 0);
    return made;
  };
  const nextBlock = (view: WatchedPage) => view.page.getByTestId("projected-block").last();

  test("a payment shows in the next block and in the mempool, and then in the chain, without a reload", async () => {
    const view = await open();
    await view.page.getByText("Nothing waits yet").waitFor();
    await eventually(() => view.page.getByTestId("mempool-count").textContent()).toContain("0");
    await view.page.evaluate(() => Object.assign(window, { isSame: true }));
    await payment(1);
    await eventually(() => nextBlock(view).textContent()).toContain("1 transaction");
    await eventually(() => nextBlock(view).textContent()).toContain("sat/vB");
    await eventually(() => view.page.getByTestId("mempool-count").textContent()).toMatch(/^1\D/);
    await view.picture("dashboard-payment-waits");
    const [hash] = await node.rpc<string[]>("generatetoaddress", 1, ANYONE_CAN_SPEND);
    const cube = view.page.locator(`a[data-height="111"]`);
    await cube.getByText("2 transactions").waitFor();
    await eventually(() => cube.getAttribute("href")).toBe(`/block/${hash}`);
    await eventually(() => nextBlock(view).textContent()).toContain("Nothing waits yet");
    await eventually(() => view.page.getByTestId("mempool-count").textContent()).toMatch(/^0\D/);
    // Heard, and not only seen.
    await view.page.getByRole("status").filter({ hasText: "Block 111 arrived" }).waitFor({ state: "attached" });
    expect(await view.page.evaluate(() => (window as unknown as { isSame?: true }).isSame)).toBe(true);
    expect(view.complaints).toEqual([]);
  });

  test("blocks to come stand left of the tip, the last for those behind it, and the tip keeps its place", async () => {
    const view = await open();
    await projectBlocks(view.page, 8);
    await payment(2);
    const coming = view.page.getByTestId("projected-block");
    await eventually(() => coming.count()).toBe(3);
    await eventually(() => coming.nth(0).textContent()).toContain("+ 5 blocks behind it");
    await eventually(() => coming.nth(2).textContent()).toContain("Next block~40 sat/vB32 – 480 sat/vB");
    const leftOf = async (locator: typeof coming) => (await locator.boundingBox())!.x;
    await standStill(view.page);
    const tip = view.page.locator("a[data-tip=true]");
    const before = await leftOf(tip);
    expect(await leftOf(coming.nth(2))).toBeLessThan(before);
    expect(await leftOf(coming.nth(0))).toBeLessThan(await leftOf(coming.nth(1)));
    await view.picture("dashboard-full-mempool", true);
    await projectBlocks(view.page, 1);
    await node.rpc("generatetoaddress", 1, ANYONE_CAN_SPEND);
    await eventually(() => coming.count()).toBe(1);
    await standStill(view.page);
    await eventually(() => leftOf(tip)).toBe(before);
    expect(view.complaints).toEqual([]);
  });

  test("on a phone the next block alone stands beside the tip", async () => {
    const view = await open({ viewport: PHONE });
    await projectBlocks(view.page, 8);
    await payment(3);
    const coming = view.page.getByTestId("projected-block");
    await eventually(() => coming.textContent()).toContain("+ 7 blocks behind it");
    await standStill(view.page);
    const box = await view.page.locator("a[data-tip=true]").boundingBox();
    expect(box!.x + box!.width).toBeLessThan(PHONE.width);
    await view.picture("dashboard-full-mempool-phone");
    expect(view.complaints).toEqual([]);
  });

  test("who wants no motion gets none", async () => {
    const view = await open({ reducedMotion: "reduce" });
    // What is there at the first look does not come in.
    await view.page.locator("a[data-tip=true]").waitFor();
    await node.rpc("generatetoaddress", 1, ANYONE_CAN_SPEND);
    await view.page.locator(`li[data-entering=true] a[data-tip=true]`).waitFor();
    const durations = await view.page
      .locator("li[data-entering=true]")
      .first()
      .evaluate((element) => {
        const { animationDuration, transitionDuration } = getComputedStyle(element);
        return [animationDuration, transitionDuration];
      });
    expect(durations).toEqual(["0.001s", "0.001s"]);
    expect(view.complaints).toEqual([]);
  });

  test("its figures are those of the node, and the miner's lead to the page of mining", async () => {
    const view = await open();
    await view.page.getByText("Too few were confirmed so far to tell.").waitFor();
    await eventually(() => view.page.getByTestId("fee-estimate").first().textContent()).toBe("not known yet");
    await eventually(() => view.page.getByTestId("peer-count").textContent()).toBe("0");
    for (const name of ["Time between blocks", "Transactions per block", "Fees per block", "Network hash rate"]) {
      await view.page.getByRole("img", { name }).waitFor();
    }
    await view.page.getByTestId("miner-state").getByText("This node mines nothing").waitFor();
    await view.page.getByTestId("standing").getByText("Stands still: no peer, no miner").waitFor();
    await view.page.getByRole("link", { name: "Control" }).click();
    await view.page.getByRole("form", { name: "Control of the miner" }).waitFor();
    expect(view.complaints).toEqual([]);
  });

  test("charts tell what is pointed at by pointer and keys, and how far they look back is in the address", async () => {
    const view = await open();
    const { page, complaints } = view;
    const figure = page.locator("figure").filter({ hasText: "Transactions per block" });
    const chart = figure.getByRole("img");
    await eventually(() => figure.textContent()).toContain("mean");
    const { width } = (await chart.boundingBox())!;
    await chart.hover({ position: { x: width - 2, y: 20 } });
    const tip = await node.rpc<number>("getblockcount");
    await eventually(() => figure.textContent()).toContain(`${tip}: `);
    await page.mouse.move(0, 0);
    await chart.focus();
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("ArrowLeft");
    await eventually(() => figure.textContent()).toContain(`${tip - 1}: `);
    await page.keyboard.press("Tab");
    await eventually(() => figure.textContent()).toContain("mean");
    await page.getByRole("radio", { name: "144 blocks" }).check({ force: true });
    await eventually(() => new URL(page.url()).search).toBe("?blocks=144");
    await page.reload();
    await eventually(() => page.getByRole("radio", { name: "144 blocks" }).isChecked()).toBe(true);
    await eventually(() => figure.locator("rect").count()).toBe(tip + 1);
    await page.getByRole("radio", { name: "1,008 blocks" }).check({ force: true });
    await eventually(() => figure.locator("rect").count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test("nothing moves from the first look to the last answer, nor when a block comes", async () => {
    const view = await open();
    await view.page.getByRole("img", { name: "Network hash rate" }).waitFor();
    const height = await node.rpc<number>("getblockcount");
    await node.rpc("generatetoaddress", 1, ANYONE_CAN_SPEND);
    await view.page.locator(`a[data-tip=true][data-height="${height + 1}"]`).waitFor();
    await view.page
      .getByTestId("tip-height")
      .getByText(String(height + 1))
      .waitFor();
    // A figure of another width, and no more: a good page may have up to 0.1.
    expect(await layoutShiftOf(view.page)).toBeLessThan(0.005);
  });

  describe.each(["dark", "light"] as const)("in the %s theme", (colorScheme) => {
    test.each([
      ["desktop", DESK],
      ["phone", PHONE],
    ])("it is accessible on a %s", async (device, viewport) => {
      const view = await open({ colorScheme, viewport, bypassCSP: true });
      await projectBlocks(view.page, 3);
      await view.page.getByRole("img", { name: "Network hash rate" }).waitFor();
      await expectAccessible(view.page, `dashboard ${device} ${colorScheme}`);
    });
  });
});
