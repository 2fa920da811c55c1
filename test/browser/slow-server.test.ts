import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { launchChromium, WatchedPage, whyNoChromium } from "./chromium.ts";
import { NodeGate } from "./node-gate.ts";
import { NodeProcess, whatIsNotBuilt } from "./node-process.ts";

const KEY = "key-of-the-operator";
const ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
const PATIENCE_MS = 40_000;
const eventually = <Value>(probe: () => Value | Promise<Value>) => expect.poll(probe, { timeout: PATIENCE_MS });

const missing = whyNoChromium() ?? whatIsNotBuilt();
if (missing !== undefined) process.stderr.write(`\nSKIPPED: the tests of a slow server, since ${missing}\n\n`);

/** What each page shows once the node has answered. */
const PAGES = [
  ["dashboard", "/", "12"],
  ["network", "/network", "No peer is connected"],
  ["mining", "/mining", "Start mining"],
] as const;

describe.skipIf(missing !== undefined)("a node that is slow, away, or refuses the key", () => {
  let browser: Browser;
  let node: NodeProcess;
  let gate: NodeGate;
  let opened: WatchedPage | undefined;

  beforeAll(async () => {
    [browser, node] = await Promise.all([launchChromium(), NodeProcess.start([`-webadminkey=${KEY}`])]);
    await node.rpc("generatetoaddress", 12, ADDRESS);
    gate = await NodeGate.open(node.url);
  });

  afterEach(async () => {
    await gate.restore();
    gate.release();
    gate.slow(0);
    await opened?.close();
    opened = undefined;
  });

  afterAll(async () => {
    await browser?.close();
    await gate?.close();
    await node?.remove();
  });

  const open = async (path: string, options: Parameters<typeof WatchedPage.open>[2] = {}) => {
    opened = await WatchedPage.open(browser, gate.url + path, options);
    return opened;
  };
  const alarms = ({ page }: WatchedPage) =>
    page.getByText(/does not answer|could not be loaded|not a number|undefined/i).count();

  test.each(PAGES)(
    "the %s waits with the shape of what comes, says so, and goes on by itself",
    async (name, path, text) => {
      gate.hold();
      const view = await open(path);
      const main = view.page.getByRole("main");
      await main.waitFor();
      const waiting = view.page.getByText("Still waiting for the node");
      await waiting.waitFor();
      expect(await alarms(view)).toBe(0);
      expect(await main.getByText(text, { exact: true }).count()).toBe(0);
      await view.picture(`slow-${name}-dark`);
      gate.release();
      await main.getByText(text, { exact: false }).first().waitFor();
      await eventually(() => waiting.count()).toBe(0);
      await eventually(() => alarms(view)).toBe(0);
      expect(view.complaints).toEqual([]);
    },
  );

  test("answers that take a second each are waited for without a word", async () => {
    gate.slow(1_000);
    const view = await open("/mining", { colorScheme: "light" });
    await view.page.getByRole("button", { name: "Start mining" }).waitFor({ timeout: PATIENCE_MS });
    await eventually(() => view.page.getByTestId("connection").textContent()).toBe("Live");
    await eventually(() => view.page.getByText("Still waiting for the node").count()).toBe(0);
    expect(await alarms(view)).toBe(0);
    expect(view.complaints).toEqual([]);
  });

  test("one that has gone is said to be away, since when, and the page goes on when it is back", async () => {
    const view = await open("/mining", { colorScheme: "light" });
    const { page } = view;
    const state = page.getByTestId("miner-state");
    await eventually(() => page.getByTestId("connection").textContent()).toBe("Live");
    await eventually(() => state.textContent()).toBe("off");
    // All that the page is made of is there: what cannot be loaded has it start anew.
    await page.locator("canvas").waitFor();
    await gate.cut();
    await page.getByText("The node does not answer").waitFor({ timeout: PATIENCE_MS });
    await page.getByText(/What you see is of its last answer, at \d\d?:\d\d:\d\d/).waitFor();
    // What was seen stays.
    await eventually(() => state.textContent()).toBe("off");
    await view.picture("stopped-mining-light");
    await node.rpc("setminer", "on-transaction", null, ADDRESS);
    await gate.restore();
    await eventually(() => state.textContent()).toBe("when transactions come");
    await eventually(() => page.getByText("The node does not answer").count()).toBe(0);
    await node.rpc("setminer", "off");
  });

  test("a wrong key that was remembered is given up at once, and asked for where it is needed", async () => {
    const view = await open("/settings");
    const { page } = view;
    const refused = () => gate.asked.filter((line) => line.includes("/api/admin/"));
    for (const [path, form] of [
      ["/network?tab=bans", "Entry of a key"],
      ["/mining?tab=next-block", undefined],
    ] as const) {
      await page.evaluate(() => sessionStorage.setItem("bitfleet.admin-key", "a key of yesterday"));
      gate.forget();
      await page.goto(gate.url + path);
      await page.getByTestId("toasts").getByText("The key was not taken").waitFor();
      await (form === undefined
        ? page.getByRole("button", { name: "Show them" })
        : page.getByRole("form", { name: form })
      ).waitFor();
      expect(refused().length, path).toBeLessThanOrEqual(2);
    }
    // A block comes, what everybody may see is asked for again, and nobody tries that key.
    gate.forget();
    await node.rpc("generatetoaddress", 1, ADDRESS);
    await eventually(() => gate.asked.some((line) => line.includes("/api/v1/mempool/blocks"))).toBe(true);
    expect(refused()).toEqual([]);
    await page.getByRole("button", { name: "Show them" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Admin key").fill("another guess");
    gate.forget();
    await page.keyboard.press("Enter");
    await dialog.getByText("The key is not known here").waitFor();
    expect(refused()).toHaveLength(1);
    await dialog.getByLabel("Admin key").fill(KEY);
    await page.keyboard.press("Enter");
    await page
      .getByText("Nothing waits: the block would have its coinbase alone.")
      .or(page.getByText("transactions"))
      .first()
      .waitFor();
    expect(view.complaints.filter((text) => !text.includes("401"))).toEqual([]);
  });
});
