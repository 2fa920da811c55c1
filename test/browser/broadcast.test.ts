import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { expectAccessible } from "./accessibility.ts";
import { ANYONE_CAN_SPEND, spendInTwo } from "./anyone-can-spend.ts";
import { launchChromium, WatchedPage, whyNoChromium } from "./chromium.ts";
import { spendFreely } from "./free-coins.ts";
import { NodeProcess, whatIsNotBuilt } from "./node-process.ts";
import { DESK, eventually, expectFits, PHONE } from "./page-kit.ts";

const SUBSIDY = 5_000_000_000n;
const FEE = 12_345n;
/** A page is not slower than this, however busy the machine. */

const missing = whyNoChromium() ?? whatIsNotBuilt();
if (missing !== undefined) process.stderr.write(`\nSKIPPED: the tests of broadcasting, since ${missing}\n\n`);

/** The tests share one chain and mempool: they run in order and as a whole. */
describe.skipIf(missing !== undefined)("the page that broadcasts", () => {
  let browser: Browser;
  let node: NodeProcess;
  let opened: WatchedPage | undefined;

  beforeAll(async () => {
    [browser, node] = await Promise.all([launchChromium(), NodeProcess.start(["-txindex"])]);
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
    opened = await WatchedPage.open(browser, `${node.url}/broadcast`, options);
    await opened.page.getByRole("heading", { name: "Broadcast" }).waitFor();
    return opened;
  };
  /** What spends the coinbase of the block at `height`. */
  const spendOf = async (height: number, fee: bigint, hasNeedlessItem = false) =>
    spendInTwo(await coinbaseOf(height), SUBSIDY, fee, hasNeedlessItem);
  const coinbaseOf = async (height: number) => {
    const block = await node.rpc<{ readonly tx: readonly [string] }>(
      "getblock",
      await node.rpc("getblockhash", height),
    );
    return block.tx[0];
  };
  const box = (view: WatchedPage) => view.page.getByLabel("Signed transaction in hex, or a PSBT");
  const verdict = (view: WatchedPage) => view.page.getByTestId("verdict");
  const button = (view: WatchedPage) => view.page.getByRole("main").getByRole("button", { name: "Broadcast" });

  test("a good transaction is shown, tested, asked about, sent, and its page opens", async () => {
    const made = await spendOf(1, FEE);
    const view = await open();
    await box(view).fill(made.hex);
    await verdict(view).getByText("The mempool would take it").waitFor();
    // The verdict is another answer of the node than the picture.
    const preview = view.page.getByRole("region", { name: "As it will look" });
    await eventually(() => preview.textContent()).toContain("0.00012345");
    await eventually(() => preview.textContent()).toContain("50.00000000");
    await view.picture("broadcast-good-dark", true);

    await button(view).click();
    await view.page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
    expect(await node.rpc("getrawmempool")).toEqual([]);

    await button(view).click();
    await view.picture("broadcast-confirm-dark");
    await view.page.getByTestId("confirm").click();
    await view.page.waitForURL(`**/tx/${made.txid}`);
    await eventually(() => view.page.getByTestId("status").textContent()).toBe("Waits for a block");
    await view.page.getByText("The transaction is on its way").waitFor();
    expect(await node.rpc("getrawmempool")).toEqual([made.txid]);
    expect(view.complaints).toEqual([]);
  });

  test("one that waits already, and one that pays too little to take its place, are told apart", async () => {
    const view = await open();
    await box(view).fill((await spendOf(1, FEE)).hex);
    await verdict(view).getByText("It waits in the mempool already").waitFor();
    await view.page.getByRole("link", { name: "Open its page" }).waitFor();
    await box(view).fill((await spendOf(1, FEE + 1n)).hex);
    await verdict(view).getByText("Raise the fee").waitFor();
    await verdict(view).getByText("insufficient fee").waitFor();
    await eventually(() => button(view).isDisabled()).toBe(true);
    const sum = view.page.getByTestId("replacement");
    await sum.getByText("spends the same coins").waitFor();
    await sum.getByText("Too little by").waitFor();
    await box(view).fill((await spendOf(1, FEE * 2n)).hex);
    await verdict(view).getByText("The mempool would take it").waitFor();
    await eventually(() => sum.textContent()).toContain("0.00024690");
    await view.picture("broadcast-replacement-dark", true);
    expect(view.complaints).toEqual([]);
  });

  test("a refusal is explained, and the test is made anew when a block comes", async () => {
    const view = await open();
    await eventually(() => view.page.getByTestId("connection").textContent()).toBe("Live");
    // One block too young, as long as none comes.
    await box(view).fill((await spendOf(12, FEE)).hex);
    await verdict(view).getByText("Wait until they are mature").waitFor();
    await view.picture("broadcast-refused-dark");
    await node.rpc("generatetoaddress", 1, ANYONE_CAN_SPEND);
    await verdict(view).getByText("The mempool would take it").waitFor();
    expect(view.complaints).toEqual([]);
  });

  test("a fee that looks like a slip of the pen must be meant", async () => {
    const made = await spendOf(3, 100_000_000n);
    const view = await open();
    await box(view).fill(made.hex);
    await verdict(view).getByText("max-fee-exceeded").waitFor();
    await view.page.getByRole("checkbox").check();
    await verdict(view).getByText("The mempool would take it").waitFor();
    await button(view).click();
    await view.page.getByTestId("confirm").click();
    await view.page.waitForURL(`**/tx/${made.txid}`);
    expect(view.complaints).toEqual([]);
  });

  test("coins that are spent are told with what spends them", async () => {
    const spent = await spendOf(5, FEE);
    await node.rpc("generateblock", ANYONE_CAN_SPEND, [spent.hex]);
    const view = await open();
    await box(view).fill((await spendOf(5, FEE * 2n)).hex);
    await verdict(view).getByText("bad-txns-inputs-missingorspent").waitFor();
    await eventually(() => view.page.getByTestId("missing-coins").textContent()).toContain("is spent");
    expect(view.complaints).toEqual([]);
  });

  test("a script that fails is stepped through to its failure", async () => {
    const view = await open({ colorScheme: "light" });
    const { page } = view;
    await box(view).fill((await spendOf(6, FEE, true)).hex);
    await page.getByRole("button", { name: "Step through to the failure" }).click();
    const debug = page.getByTestId("debugger");
    await debug.getByText("The input may not spend").waitFor();
    await eventually(() => debug.getByTestId("words").textContent()).toContain("Stack size must be exactly one");
    await expectAccessible(page);
    await view.picture("broadcast-debugger-light", true);
    await debug.getByRole("button", { name: "Step back" }).click();
    await debug.getByRole("button", { name: "Close the debugger" }).click();
    await eventually(() => debug.count()).toBe(0);
    expect(view.complaints).toEqual([]);
  });

  test("a child and its parent, in whatever order, go as a package", async () => {
    const parent = spendFreely([{ txid: await coinbaseOf(7), index: 0, value: SUBSIDY }], 2, 0n);
    const child = spendFreely([parent.coins[0]!], 1, 8_000n);
    const view = await open({ viewport: PHONE });
    const { page } = view;
    await box(view).fill(JSON.stringify([child.hex, parent.hex]));
    await verdict(view).getByText("The mempool would take all 2").waitFor();
    const members = page.getByTestId("member");
    await eventually(() => members.first().textContent()).toContain(parent.txid.slice(0, 8));
    await eventually(() => members.first().textContent()).toContain("counted as");
    await members.last().getByRole("button", { name: "Show it" }).click();
    await members.last().getByRole("list", { name: "Outputs of the picture" }).waitFor();
    await expectAccessible(page);
    await view.picture("broadcast-package-phone-dark", true);
    await page.getByRole("button", { name: "Broadcast all" }).click();
    await page.getByTestId("confirm").click();
    await page.waitForURL(`**/tx/${child.txid}`);
    expect(await node.rpc("getrawmempool")).toEqual(expect.arrayContaining([parent.txid, child.txid]));
    expect(view.complaints).toEqual([]);
  });

  test("a PSBT without its signatures is shown with what each input wants; what is neither is said to be so", async () => {
    const view = await open();
    const { page } = view;
    const inputs = [{ txid: await coinbaseOf(8), vout: 0 }];
    const psbt = await node.rpc<string>("createpsbt", inputs, [{ [ANYONE_CAN_SPEND]: 49 }]);
    await box(view).fill(psbt);
    const card = page.getByTestId("psbt");
    await card.getByText("no signature yet").waitFor();
    await eventually(() => card.getByText("50.00000000").count()).toBe(1);
    await eventually(() => card.locator("[aria-current=step]").textContent()).toBe("Fill in");
    await page.getByRole("region", { name: "As it will look" }).getByText("when it is signed").waitFor();
    await expectAccessible(page);
    await view.picture("broadcast-psbt-dark", true);
    await box(view).fill("hello");
    await page.getByText("neither hex nor a PSBT").waitFor();
    await box(view).fill("00ff00ff00ff00ff00ff00ff");
    await page.getByRole("heading", { name: "This is no transaction" }).waitFor();
    expect(view.complaints.filter((text) => !/status of 400/.test(text))).toEqual([]);
  });

  test.each([
    ["desktop", "dark", DESK],
    ["phone", "light", PHONE],
  ] as const)("it is accessible and no wider than a %s (%s)", async (device, colorScheme, viewport) => {
    const view = await open({ colorScheme, viewport });
    await box(view).fill((await spendOf(4, FEE)).hex);
    await verdict(view).getByText("The mempool would take it").waitFor();
    await expectFits(view.page);
    await expectAccessible(view.page);
    await view.picture(`broadcast-${device}-${colorScheme}`, true);
    expect(view.complaints).toEqual([]);
  });
});
