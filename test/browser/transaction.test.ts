import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { expectAccessible } from "./accessibility.ts";
import { ANYONE_CAN_SPEND, spendInTwo } from "./anyone-can-spend.ts";
import { launchChromium, WatchedPage, whyNoChromium } from "./chromium.ts";
import { NodeProcess, whatIsNotBuilt } from "./node-process.ts";
import { DESK, eventually, expectFits, PHONE } from "./page-kit.ts";

const SUBSIDY = 5_000_000_000n;
const FEE = 12_345n;
/** A page is not slower than this, however busy the machine. */

const missing = whyNoChromium() ?? whatIsNotBuilt();
if (missing !== undefined) process.stderr.write(`\nSKIPPED: the tests of the transaction's page, since ${missing}\n\n`);

/** The tests share one chain, which grows from one to the next: they run in order and as a whole. */
describe.skipIf(missing !== undefined)("the page of a transaction", () => {
  let browser: Browser;
  let node: NodeProcess;
  let opened: WatchedPage | undefined;

  beforeAll(async () => {
    [browser, node] = await Promise.all([
      launchChromium(),
      NodeProcess.start(["-txindex", "-txospenderindex", "-mempoolexpiry=1"]),
    ]);
    await generate(130);
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
  /** What spends the coinbase of the block at `height`. */
  const spendOf = async (height: number, fee: bigint) => {
    const block = await node.rpc<{ readonly tx: readonly string[] }>(
      "getblock",
      await node.rpc("getblockhash", height),
    );
    return { parent: block.tx[0]!, ...spendInTwo(block.tx[0]!, SUBSIDY, fee) };
  };
  /** The browser itself notes each answer of status 404. */
  const complaintsOf = (view: WatchedPage) => view.complaints.filter((text) => !/status of 404/.test(text));

  test("one that waits shows values, fee and relatives, and is confirmed and confirmed again without a reload", async () => {
    const made = await spendOf(1, FEE);
    await node.rpc("sendrawtransaction", made.hex);
    const view = await open(`/tx/${made.txid}`);
    const { page } = view;
    await page.getByRole("heading", { name: "Transaction", exact: true }).waitFor();
    await eventually(() => page.getByTestId("connection").textContent()).toBe("Live");
    await eventually(() => page.getByTestId("status").textContent()).toBe("Waits for a block");
    // Several answers of the node, each at its time.
    for (const text of [
      "0.00012345",
      "49.99987655",
      "expected in the next block",
      "It signals that it may be replaced",
    ]) {
      await eventually(() => page.getByRole("main").textContent()).toContain(text);
    }
    const outputs = page.getByRole("list", { name: "Outputs of the picture" }).getByRole("listitem");
    await eventually(() => outputs.count()).toBe(4);
    await view.picture("transaction-waiting-dark", true);

    await page.evaluate(() => Object.assign(window, { isSamePage: true }));
    await generate(1);
    await eventually(() => page.getByTestId("status").textContent()).toBe("1 confirmation");
    await generate(1);
    await eventually(() => page.getByTestId("status").textContent()).toBe("2 confirmations");
    expect(await page.evaluate(() => "isSamePage" in window)).toBe(true);
    await page.getByRole("link", { name: "131", exact: true }).first().click();
    await page.getByRole("heading", { name: "Block 131" }).waitFor();
    expect(view.complaints).toEqual([]);
  });

  test("inputs lead to what made them, whose outputs lead back to what spent them", async () => {
    const made = await spendOf(1, FEE);
    const view = await open(`/tx/${made.txid}`);
    const { page } = view;
    await page.getByRole("table", { name: "1 input" }).getByRole("link", { name: /:0$/ }).click();
    await eventually(() => page.getByTestId("txid").textContent()).toBe(made.parent);
    await eventually(() => new URL(page.url()).hash).toBe("#output-0");
    const marked = page.locator("tr[data-marked=true]");
    await eventually(() => marked.textContent()).toContain("in block 131");
    await page.getByText("Coinbase", { exact: true }).waitFor();
    await marked.getByRole("link", { name: /…/ }).last().click();
    await eventually(() => page.getByTestId("txid").textContent()).toBe(made.txid);
    expect(view.complaints).toEqual([]);
  });

  test("scripts, hex and JSON have addresses of their own", async () => {
    const made = await spendOf(1, FEE);
    const view = await open(`/tx/${made.txid}?tab=scripts`);
    await view.page.getByText("Witness script", { exact: true }).waitFor();
    await view.page.getByText("OP_RETURN 68656c6c6f").waitFor();
    await view.page.getByRole("tab", { name: "Hex" }).click();
    await view.page.getByText(made.hex).waitFor();
    await eventually(() => new URL(view.page.url()).search).toBe("?tab=hex");
    await view.page.getByRole("tab", { name: "JSON" }).click();
    await view.page.getByText("virtual_size").waitFor();
    expect(view.complaints).toEqual([]);
  });

  test("one that is replaced while it is shown says by what", async () => {
    const first = await spendOf(2, FEE);
    const second = await spendOf(2, FEE * 4n);
    await node.rpc("sendrawtransaction", first.hex);
    const view = await open(`/tx/${first.txid}`);
    await eventually(() => view.page.getByTestId("status").textContent()).toBe("Waits for a block");
    await eventually(() => view.page.getByTestId("connection").textContent()).toBe("Live");
    await node.rpc("sendrawtransaction", second.hex);
    await eventually(() => view.page.getByTestId("status").textContent()).toBe("Replaced");
    await view.page.getByText("Another transaction took its place").waitFor();
    await view.page.getByRole("link", { name: second.txid.slice(0, 8) }).click();
    await eventually(() => view.page.getByTestId("txid").textContent()).toBe(second.txid);
    expect(complaintsOf(view)).toEqual([]);
  });

  test("one that was replaced is whole from a fresh link, and both pages show who took whose place", async () => {
    const [first, second] = [await spendOf(2, FEE), await spendOf(2, FEE * 4n)];
    const view = await open(`/tx/${first.txid}`, { viewport: PHONE });
    const { page } = view;
    await eventually(() => page.getByTestId("status").textContent()).toBe("Replaced");
    await eventually(() => page.getByTestId("pays-more").textContent()).toContain("0.00037035");
    const steps = page.getByRole("list", { name: "Transactions that replaced one another" }).getByRole("listitem");
    await eventually(() => steps.count()).toBe(2);
    await eventually(() => steps.first().textContent()).toContain("this one");
    await page.getByRole("table", { name: "1 input" }).getByText("50.00000000").waitFor();
    await expectAccessible(page);
    await view.picture("transaction-replaced-phone-dark", true);
    await steps.last().getByRole("link").click();
    await eventually(() => page.getByTestId("txid").textContent()).toBe(second.txid);
    await eventually(() => steps.last().textContent()).toContain("waits");
    await page.evaluate(() => Object.assign(window, { isSamePage: true }));
    await generate(1);
    await eventually(() => page.getByTestId("status").textContent()).toBe("1 confirmation");
    await eventually(() => steps.last().textContent()).toContain("in a block");
    expect(await page.evaluate(() => "isSamePage" in window)).toBe(true);
    expect(complaintsOf(view)).toEqual([]);
  });

  test("scripts are stepped through, forward and back, and each step has an address", async () => {
    const made = await spendOf(1, FEE);
    const view = await open(`/tx/${made.txid}?input=0&step=2`);
    const { page } = view;
    const debug = page.getByTestId("debugger");
    // The moments: the empty input script, the output script's beginning and its two pushes, the witness script's beginning and OP_1.
    await debug.getByText("The input may spend").waitFor();
    await eventually(() => debug.getByTestId("step").textContent()).toBe("Step 2 of 5");
    await eventually(() => debug.getByTestId("words").textContent()).toContain("Pushes the number 0");
    await page.keyboard.press("ArrowRight");
    await eventually(() => new URL(page.url()).search).toBe("?input=0&step=3");
    await eventually(() => debug.getByTestId("words").textContent()).toContain("Pushes the 32 bytes");
    const stack = debug.getByRole("region", { name: "Stack" }).getByRole("listitem");
    await eventually(() => stack.count()).toBe(2);
    await debug.getByRole("button", { name: "To the end" }).click();
    await eventually(() => new URL(page.url()).search).toBe("?input=0&step=5");
    await eventually(() => debug.locator("button[aria-current=step]").textContent()).toContain("Witness script");
    await eventually(() => debug.locator("li[data-new=true]").getAttribute("data-hex")).toBe("01");
    await expectAccessible(page);
    await view.picture("debugger-dark", true);
    await debug.getByRole("button", { name: "Step back" }).click();
    await eventually(() => debug.getByTestId("step").textContent()).toBe("Step 4 of 5");
    await debug.getByRole("button", { name: "Output script" }).click();
    await eventually(() => debug.getByTestId("step").textContent()).toBe("Step 1 of 5");
    await debug.getByRole("button", { name: "Close the debugger" }).click();
    await eventually(() => debug.count()).toBe(0);
    await page.getByRole("link", { name: "Step through the scripts" }).click();
    await eventually(() => debug.getByTestId("step").textContent()).toBe("Step 0 of 5");
    expect(view.complaints).toEqual([]);
  });

  test("an input that there is not is said to be none", async () => {
    const made = await spendOf(1, FEE);
    const view = await open(`/tx/${made.txid}?input=7`, { viewport: PHONE, colorScheme: "light" });
    await view.page.getByText("This input cannot be stepped through").waitFor();
    expect(complaintsOf(view)).toEqual([]);
  });

  test.each([
    [`/tx/${"ab".repeat(32)}`, "in the mempool or in the chain"],
    ["/tx/nonsense", "64 hex digits"],
  ])("%s is said to be unknown", async (path, why) => {
    const view = await open(path);
    await view.page.getByRole("heading", { name: "Unknown transaction" }).waitFor();
    await view.page.getByText(why).waitFor();
    expect(view.complaints.filter((text) => !/status of 40[04]/.test(text))).toEqual([]);
  });

  describe.each(["dark", "light"] as const)("in the %s theme", (colorScheme) => {
    test.each([
      ["desktop", DESK],
      ["phone", PHONE],
    ])("it is accessible and no wider than a %s", async (device, viewport) => {
      const { txid } = await spendOf(1, FEE);
      const view = await open(`/tx/${txid}`, { colorScheme, viewport });
      await view.page.getByRole("table", { name: "1 input" }).waitFor();
      await expectFits(view.page);
      await expectAccessible(view.page);
      await view.picture(`transaction-${device}-${colorScheme}`, true);
      expect(view.complaints).toEqual([]);
    });
  });

  test("one that was too old is handed in again", async () => {
    const old = await spendOf(3, FEE);
    await node.rpc("sendrawtransaction", old.hex);
    // Nothing else may be made late by it: this is the last test.
    await node.rpc("setmocktime", Math.floor(Date.now() / 1000) + 2 * 3600);
    await node.rpc("sendrawtransaction", (await spendOf(4, FEE)).hex);
    const view = await open("/");
    const { page } = view;
    await page.getByTestId("tip-height").waitFor();
    await page.keyboard.press("/");
    await page.keyboard.insertText(old.txid);
    await page.getByRole("option", { name: "left the mempool" }).waitFor();
    await page.keyboard.press("Enter");
    await eventually(() => page.getByTestId("status").textContent()).toBe("Expired");
    await page.getByRole("link", { name: "Broadcast it again" }).click();
    await page.getByTestId("verdict").getByText("The mempool would take it").waitFor();
    expect(complaintsOf(view)).toEqual([]);
  });
});
