import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { expectAccessible } from "./accessibility.ts";
import { ANYONE_CAN_SPEND, spendInTwo } from "./anyone-can-spend.ts";
import { launchChromium, WatchedPage, whyNoChromium } from "./chromium.ts";
import { NodeProcess, whatIsNotBuilt } from "./node-process.ts";
import { DESK, eventually, expectFits, PHONE } from "./page-kit.ts";

const KEY = "key-of-the-operator";
const ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
const SUBSIDY = 5_000_000_000n;
const FEE = 12_345n;

const missing = whyNoChromium() ?? whatIsNotBuilt();
if (missing !== undefined) process.stderr.write(`\nSKIPPED: the tests of the page of mining, since ${missing}\n\n`);

interface MinerFacts {
  readonly pacing: string;
  readonly interval: number;
  readonly address?: string;
}

/** The tests share one chain, which grows from one to the next: they run in order and as a whole. */
describe.skipIf(missing !== undefined)("the page of mining", () => {
  let browser: Browser;
  let node: NodeProcess;
  let opened: WatchedPage | undefined;

  beforeAll(async () => {
    const options = [`-webadminkey=${KEY}`, "-acceptnonstdtxn"];
    [browser, node] = await Promise.all([launchChromium(), NodeProcess.start(options)]);
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

  const open = async (path: string, options: Parameters<typeof WatchedPage.open>[2] = {}) => {
    opened = await WatchedPage.open(browser, node.url + path, options);
    return opened;
  };
  const miner = () => node.rpc<MinerFacts>("getminerinfo");
  const height = () => node.rpc<number>("getblockcount");
  /** Answers the question for the key. */
  const enterKey = async (view: WatchedPage, key: string) => {
    const dialog = view.page.getByRole("dialog").filter({ hasText: "The admin key is needed" });
    await dialog.getByLabel("Admin key").fill(key);
    await dialog.getByLabel("Admin key").press("Enter");
    return dialog;
  };

  test("start, pace and stop the miner: a start is confirmed, and the key is asked for once", async () => {
    const view = await open("/mining");
    const form = view.page.getByRole("form", { name: "Control of the miner" });
    const start = form.getByRole("button", { name: "Start mining" });
    await form.waitFor();
    await form.getByLabel("Mean seconds").fill("600");
    await start.click();
    await form.getByText("Enter where the coins are to go.").waitFor();
    await form.getByLabel("Pay coins to address").fill(ADDRESS);
    await start.click();
    await view.page.getByRole("dialog").getByText("every 10 min").waitFor();
    await view.page.getByRole("button", { name: "Cancel" }).click();
    await start.click();
    await view.page.getByTestId("confirm").click();
    const asked = await enterKey(view, "a guess");
    await asked.getByText("The key is not known here: it is wrong, was revoked, or has expired.").waitFor();
    await view.picture("mining-wrong-key");
    expect((await miner()).pacing).toBe("off");

    await enterKey(view, KEY);
    await view.page.getByText("The miner works").waitFor();
    expect(await miner()).toMatchObject({ pacing: "interval", interval: 600, address: ADDRESS });
    await eventually(() => view.page.getByTestId("miner-state").textContent()).toBe("every 10 min");
    await view.picture("mining-running");

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

  test("what the terminal changes shows at once, on a phone too", async () => {
    const view = await open("/mining", { viewport: PHONE, colorScheme: "light" });
    await eventually(() => view.page.getByTestId("miner-state").textContent()).toBe("off");
    await eventually(() => view.page.getByTestId("connection").textContent()).toBe("Live");
    await node.rpc("setminer", "on-transaction");
    await eventually(() => view.page.getByTestId("miner-state").textContent()).toBe("when transactions come");
    const form = view.page.getByRole("form", { name: "Control of the miner" });
    await eventually(() => form.getByLabel("Blocks are made").inputValue()).toBe("on-transaction");
    await node.rpc("setminer", "off");
    expect(view.complaints).toEqual([]);
  });

  test("blocks at once are confirmed first, and lead to their pages", async () => {
    const before = await height();
    const view = await open("/mining");
    const form = view.page.getByRole("form", { name: "Blocks at once" });
    await form.getByLabel("Pay to address").fill(ADDRESS);
    await form.getByLabel("Blocks").fill("3");
    await form.getByRole("button", { name: "Mine" }).click();
    await view.page.getByText("Mine 3 blocks?").waitFor();
    expect(await height()).toBe(before);
    await view.page.getByTestId("confirm").click();
    await enterKey(view, KEY);
    await view.page.getByText("3 blocks mined").waitFor();
    expect(await height()).toBe(before + 3);
    await form.getByRole("listitem").first().getByRole("link").click();
    await view.page.getByRole("heading", { name: `Block ${before + 3}` }).waitFor();
    expect(view.complaints).toEqual([]);
  });

  test("an address that is none is said to be none", async () => {
    const view = await open("/mining");
    const form = view.page.getByRole("form", { name: "Blocks at once" });
    await form.getByLabel("Pay to address").fill("nonsense");
    await form.getByRole("button", { name: "Mine" }).click();
    await view.page.getByTestId("confirm").click();
    await enterKey(view, KEY);
    await view.page.getByText("Nothing was mined").waitFor();
    expect(view.complaints.filter((text) => !text.includes("400"))).toEqual([]);
  });

  test("the next block fills while it is looked at, and who has the key sees its transactions", async () => {
    const view = await open("/mining?tab=next-block");
    await eventually(() => view.page.getByTestId("next-transactions").textContent()).toBe("0");
    await eventually(() => view.page.getByTestId("connection").textContent()).toBe("Live");
    const first = await node.rpc<{ readonly tx: readonly string[] }>("getblock", await node.rpc("getblockhash", 1));
    const made = spendInTwo(first.tx[0] ?? "", SUBSIDY, FEE);
    await node.rpc("sendrawtransaction", made.hex, 0);
    await eventually(() => view.page.getByTestId("next-transactions").textContent()).toBe("1");
    await view.page.getByRole("button", { name: "Show them" }).click();
    await enterKey(view, KEY);
    const row = view.page.getByRole("row").filter({ hasText: made.txid.slice(0, 10) });
    await row.waitFor();
    await eventually(() => row.textContent()).toContain("0.00012345");
    await view.picture("mining-next-block", true);
    await node.rpc("generatetoaddress", 1, ANYONE_CAN_SPEND);
    await eventually(() => view.page.getByTestId("next-transactions").textContent()).toBe("0");
    await eventually(() => row.count()).toBe(0);
    expect(view.complaints).toEqual([]);
  });

  test("a block that lost its place is listed", async () => {
    const view = await open("/mining?tab=stale");
    await view.page.getByText("No branch beside the chain is known.").waitFor();
    const tip = await node.rpc<string>("getbestblockhash");
    await node.rpc("invalidateblock", tip);
    await node.rpc("generatetoaddress", 2, ADDRESS);
    const row = view.page.getByRole("row").filter({ hasText: tip.slice(0, 12) });
    await row.getByText("invalid").waitFor();
    await row.getByRole("link", { name: "Block" }).waitFor();
    expect(view.complaints).toEqual([]);
  });

  test("a block that was found and lost its place says which took it", async () => {
    await node.rpc("setminer", "continuous", null, ADDRESS);
    await eventually(async () => (await node.rpc<{ found: number }>("getminerinfo")).found).toBeGreaterThan(1);
    await node.rpc("setminer", "off");
    // What was under way is made when a block that is asked for has its turn; the last that was found stands below it.
    await node.rpc("generatetoaddress", 1, ADDRESS);
    const { blocks } = await node.rpc<{ blocks: { hash: string }[] }>("getminerinfo", 1);
    const lost = blocks[0]!.hash;
    await node.rpc("invalidateblock", lost);
    const [instead] = await node.rpc<string[]>("generatetoaddress", 1, ADDRESS);
    const view = await open("/mining?tab=found", { colorScheme: "light" });
    const row = view.page.getByRole("row").filter({ hasText: lost.slice(0, 6) });
    await row.getByText("Stale", { exact: true }).waitFor();
    await view.picture("mining-found-stale-light");
    await row.locator(`a[href="/block/${instead}"]`).click();
    await eventually(() => new URL(view.page.url()).pathname).toBe(`/block/${instead}`);
    await node.rpc("reconsiderblock", lost);
    expect(view.complaints).toEqual([]);
  });

  describe.each(["dark", "light"] as const)("in the %s theme", (colorScheme) => {
    test.each([
      ["desktop", DESK],
      ["phone", PHONE],
    ])("it is accessible and no wider than a %s", async (device, viewport) => {
      for (const [name, path] of [
        ["mining", "/mining"],
        ["mining-found", "/mining?tab=found&chart=time"],
        ["mining-next", "/mining?tab=next-block"],
        ["mining-stale", "/mining?tab=stale"],
      ] as const) {
        const view = await open(path, { colorScheme, viewport, bypassCSP: true });
        await view.page.getByTestId("miner-state").waitFor();
        await eventually(() => view.page.locator("main [role=status][aria-label]").count()).toBe(0);
        await expectFits(view.page, name);
        await expectAccessible(view.page, name);
        await view.picture(`${name}-${device}-${colorScheme}`, true);
        await view.close();
      }
    });
  });
});
