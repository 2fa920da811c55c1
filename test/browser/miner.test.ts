import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { launchChromium, WatchedPage, whyNoChromium } from "./chromium.ts";
import { NodeProcess, whatIsNotBuilt } from "./node-process.ts";

const KEY = "key-of-the-operator";
const ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
const PHONE = { width: 390, height: 844 };
const PATIENCE_MS = 15_000;
const eventually = <Value>(probe: () => Value | Promise<Value>) => expect.poll(probe, { timeout: PATIENCE_MS });

const missing = whyNoChromium() ?? whatIsNotBuilt();
if (missing !== undefined) process.stderr.write(`\nSKIPPED: the tests of the miner's controls, since ${missing}\n\n`);

interface MinerFacts {
  readonly pacing: string;
  readonly interval: number;
  readonly address?: string;
}

describe.skipIf(missing !== undefined)("the controls of the miner", () => {
  let browser: Browser;
  let node: NodeProcess;
  let opened: WatchedPage | undefined;

  beforeAll(async () => {
    [browser, node] = await Promise.all([launchChromium(), NodeProcess.start([`-webadminkey=${KEY}`])]);
    await node.rpc("generatetoaddress", 3, ADDRESS);
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
    return opened;
  };
  const miner = () => node.rpc<MinerFacts>("getminerinfo");

  test("start, pace and stop it with the key, which is asked for once", async () => {
    const view = await open();
    const form = view.page.getByRole("form", { name: "Control of the miner" });
    const start = form.getByRole("button", { name: "Start mining" });
    await form.waitFor();
    expect(await start.isDisabled()).toBe(true);
    await form.getByLabel("Admin key").fill("a guess");
    await form.getByLabel("Mean seconds").fill("600");
    await form.getByLabel("Pay coins to address").fill(ADDRESS);
    await start.click();
    await form
      .getByRole("alert")
      .getByText("The key is not known here: it is wrong, was revoked, or has expired.")
      .waitFor();
    await view.picture("miner-wrong-key");
    expect((await miner()).pacing).toBe("off");

    await form.getByLabel("Admin key").fill(KEY);
    await start.click();
    await form.getByRole("button", { name: "Stop mining" }).waitFor();
    expect(await miner()).toMatchObject({ pacing: "interval", interval: 600, address: ADDRESS });
    await view.page.getByText("every 10 min").waitFor();
    expect(await form.getByLabel("Admin key").count()).toBe(0);
    await form.scrollIntoViewIfNeeded();
    await view.picture("miner-running");

    await form.getByLabel("Blocks are made").selectOption({ label: "When transactions come" });
    await form.getByRole("button", { name: "Apply" }).click();
    await eventually(async () => (await miner()).pacing).toBe("on-transaction");

    await view.page.reload();
    await form.getByRole("button", { name: "Stop mining" }).click();
    await eventually(async () => (await miner()).pacing).toBe("off");
    await start.waitFor();
    // The browser itself tells of the answer 401.
    expect(view.complaints.filter((text) => !text.includes("401"))).toEqual([]);
  });

  test("what the terminal changes shows as it is, and on a phone nothing runs over", async () => {
    await node.rpc("setminer", "on-transaction");
    const view = await open({ viewport: PHONE, colorScheme: "light" });
    await view.page.getByText("when transactions come", { exact: true }).waitFor();
    const form = view.page.getByRole("form", { name: "Control of the miner" });
    await eventually(() => form.getByLabel("Blocks are made").inputValue()).toBe("on-transaction");
    const overflow = await view.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
    // A node by itself has no network whose coins it could give.
    expect(await view.page.getByRole("region", { name: "Faucet" }).count()).toBe(0);
    await form.scrollIntoViewIfNeeded();
    await view.picture("miner-phone");
    expect(view.complaints).toEqual([]);
  });
});
