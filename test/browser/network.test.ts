import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../packages/node/src/network/free-port.ts";
import { type BitfleetNetwork, startNetwork } from "../../packages/node/src/network/start-network.ts";
import { expectAccessible } from "./accessibility.ts";
import { launchChromium, WatchedPage, whyNoChromium } from "./chromium.ts";
import { NodeProcess, whatIsNotBuilt } from "./node-process.ts";
import { eventually, expectFits, PHONE } from "./page-kit.ts";

const KEY = "key-of-the-operator";

const missing = whyNoChromium() ?? whatIsNotBuilt();
if (missing !== undefined)
  process.stderr.write(`\nSKIPPED: the tests of the page of the network, since ${missing}\n\n`);

/** The tests share one network, which each leaves whole: two miners that stand still, and the web server that the page is of. */
describe.skipIf(missing !== undefined)("the page of a network of several nodes", () => {
  let browser: Browser;
  let network: BitfleetNetwork;
  let url: string;
  let opened: WatchedPage | undefined;

  beforeAll(async () => {
    browser = await launchChromium();
    network = await startNetwork({ miners: 2, webservers: 1, mode: "processes", adminKey: KEY });
    url = network.node("webserver-0").webUrl!;
    await network.mine(101);
  });

  afterEach(async () => {
    await opened?.close();
    opened = undefined;
  });

  afterAll(async () => {
    await browser?.close();
    await network?.stop();
  });

  const open = async (path: string, options: Parameters<typeof WatchedPage.open>[2] = {}) => {
    opened = await WatchedPage.open(browser, `${url}${path}`, options);
    return opened;
  };
  const giveKey = async ({ page }: WatchedPage) => {
    await page.getByRole("textbox", { name: "Admin key" }).fill(KEY);
    await page.keyboard.press("Enter");
  };

  test("peers are a picture and a table, which tell the same to everybody", async () => {
    const view = await open("/network");
    const { page } = view;
    const row = page.getByRole("row").filter({ hasText: "Peer 0" });
    await row.getByText("v2").waitFor();
    await row.getByText("/Bitfleet").waitFor();
    await eventually(() => row.textContent()).toContain("101");
    await page.getByTestId("peer-graph").getByRole("button", { name: "Peer 0, This node called it, v2" }).click();
    const details = page.getByRole("dialog", { name: "Peer 0" });
    await details.getByText("v2: encrypted (BIP324)").waitFor();
    await details.getByText("shown with the admin key").waitFor();
    await eventually(() => new URL(page.url()).searchParams.get("peer")).toBe("0");
    await view.picture("network-peer-dark");
    await page.keyboard.press("Escape");
    await eventually(() => details.count()).toBe(0);
    await expectAccessible(page);
    await view.picture("network-peers-dark");
    expect(view.complaints).toEqual([]);
  });

  test("the address of the page names direction, filter and peer", async () => {
    const view = await open("/network?direction=outbound&filter=v2&peer=0");
    const { page } = view;
    await page.getByRole("dialog", { name: "Peer 0" }).waitFor();
    await page.keyboard.press("Escape");
    await eventually(() => page.getByRole("searchbox", { name: "Filter peers" }).inputValue()).toBe("v2");
    await page.getByRole("row").filter({ hasText: "Peer 0" }).waitFor();
    await page.getByText("Inbound", { exact: true }).click();
    await page.getByText("No peer is like that.").waitFor();
    await eventually(() => new URL(page.url()).searchParams.get("direction")).toBe("inbound");
    expect(view.complaints).toEqual([]);
  });

  test("a node is connected to by hand and cut off again, with the key asked for once", async () => {
    const port = await freePort();
    const other = await NodeProcess.start(["-listen=1", `-port=${port}`, "-bind=127.0.0.1"]);
    try {
      const view = await open("/network", { colorScheme: "light" });
      const { page } = view;
      await page.getByRole("button", { name: "Connect to a node" }).click();
      const form = page.getByRole("form", { name: "Connect to a node" });
      await page.keyboard.press("Enter");
      await form.getByText("Enter the address of a node.").waitFor();
      await form.getByLabel("Address").fill(`127.0.0.1:${port}`);
      await page.keyboard.press("Enter");
      await giveKey(view);
      await page.getByTestId("toasts").getByText(`Connecting to 127.0.0.1:${port}`).waitFor();
      const row = page.getByRole("row").filter({ hasText: `127.0.0.1:${port}` });
      await row.waitFor();
      await view.picture("network-peers-light");
      await row.getByRole("button", { name: `Disconnect 127.0.0.1:${port}` }).click();
      await page.getByRole("dialog").getByText("And connect no more").waitFor();
      await page.getByTestId("confirm").click();
      await page.getByTestId("toasts").getByText(`127.0.0.1:${port} disconnected`).waitFor();
      await eventually(() => row.count()).toBe(0);
      expect(view.complaints).toEqual([]);
    } finally {
      await other.remove();
    }
  });

  test("an address range is banned, listed and let in again", async () => {
    const view = await open("/network?tab=bans");
    const { page } = view;
    await giveKey(view);
    await page.getByText("Nobody is banned.").waitFor();
    await page.getByRole("button", { name: "Ban an address" }).click();
    const form = page.getByRole("form", { name: "Ban an address" });
    await form.getByLabel("Address or range").fill("127.0.0.1");
    await form.getByText("This is the machine itself").waitFor();
    await form.getByLabel("Address or range").fill("192.0.2.0/24");
    await form.getByLabel("For").selectOption("one hour");
    await page.getByTestId("confirm").click();
    const row = page.getByRole("row").filter({ hasText: "192.0.2.0/24" });
    await row.getByText("in 59 min").or(row.getByText("in 1 h")).waitFor();
    await view.picture("network-bans-dark");
    await row.getByRole("button", { name: "Lift the ban of 192.0.2.0/24" }).click();
    await page.getByTestId("confirm").click();
    await page.getByText("Nobody is banned.").waitFor();
    expect(view.complaints).toEqual([]);
  });

  test("on a phone peers are cards, and nothing runs over", async () => {
    const view = await open("/network", { viewport: PHONE, colorScheme: "light" });
    await view.page.getByRole("listitem").filter({ hasText: "Peer 0" }).waitFor();
    await expectFits(view.page);
    await expectAccessible(view.page);
    await view.picture("network-peers-phone-light");
    expect(view.complaints).toEqual([]);
  });

  const openLocal = async (options: Parameters<typeof WatchedPage.open>[2] = {}) => {
    const view = await open("/network?tab=local", options);
    await view.page.getByTestId("lanes").waitFor();
    await view.page.getByText("Together", { exact: true }).waitFor();
    return view;
  };
  const lane = ({ page }: WatchedPage, name: string) => page.getByTestId("lane").filter({ hasText: name });
  const heightOf = (name: string) => network.node(name).rpc<number>("getblockcount");

  test("partition and heal are seen: two chains that part, their tips, and where they meet", async () => {
    const view = await openLocal();
    const { page } = view;
    const common = await heightOf("miner-0");
    await page.getByRole("region", { name: "Group 1" }).getByText("miner-1").waitFor();
    await page.locator('[data-node="miner-1"]').dragTo(page.getByRole("region", { name: "New group" }));
    await page.getByRole("region", { name: "Group 2" }).getByText("miner-1").waitFor();
    await page.getByRole("button", { name: "Separate the groups" }).click();
    await page.getByTestId("confirm").click();
    await giveKey(view);
    await page.getByTestId("story").getByText(`Parted at block ${common}: miner-0, webserver-0 | miner-1`).waitFor();

    const [own] = await network.mine(1, { node: "miner-0" });
    const others = await network.mine(2, { node: "miner-1" });
    await lane(view, "miner-0, webserver-0").getByText(own!.slice(-6)).waitFor();
    await lane(view, "miner-1").getByText(others[1]!.slice(-6)).waitFor();
    await page.getByText("2 tips").waitFor();
    await expectAccessible(page);
    await view.picture("network-parted-dark", true);

    await page.getByRole("button", { name: "Heal the network" }).click();
    await page.getByTestId("confirm").click();
    await page
      .getByTestId("story")
      .getByText(`Met at block ${common + 2}: 1 block left aside`)
      .waitFor();
    await lane(view, "This node's chain").getByText(others[1]!.slice(-6)).waitFor();
    await lane(view, "Left aside").getByText(own!.slice(-6)).waitFor();
    // What the page tells is what its own node knows.
    await eventually(() => heightOf("miner-0")).toBe(common + 2);
    await view.picture("network-healed-dark", true);
    expect(view.complaints).toEqual([]);
  });

  test("nodes are put into groups by keyboard too, and nothing is cut before that is confirmed", async () => {
    const view = await openLocal({ colorScheme: "light" });
    const { page } = view;
    const group = (name: string) => page.getByRole("region", { name });
    await page.getByLabel("Group of webserver-0").selectOption("New group");
    await group("Group 2").getByText("webserver-0").waitFor();
    await page.getByText("2 groups, not separated yet").waitFor();
    // By the arrow keys alone: there, back, and the handle keeps the focus.
    await page.getByRole("button", { name: "Move miner-1" }).focus();
    await page.keyboard.press("ArrowRight");
    await group("Group 2").getByText("miner-1").waitFor();
    await eventually(() => page.evaluate(() => document.activeElement?.getAttribute("data-handle"))).toBe("miner-1");
    await page.keyboard.press("ArrowLeft");
    await group("Group 1").getByText("miner-1").waitFor();
    await page.getByRole("button", { name: "Separate the groups" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByText("All nodes are together").waitFor();
    expect(await network.node("webserver-0").rpc("getconnectioncount")).toBe(1);
    expect(view.complaints).toEqual([]);
  });

  test("a finger drags a node into a group by its handle", async () => {
    const view = await openLocal({ viewport: PHONE, hasTouch: true, isMobile: true });
    const { page } = view;
    const handle = page.getByRole("button", { name: "Move miner-1" });
    await handle.scrollIntoViewIfNeeded();
    const from = (await handle.boundingBox())!;
    const to = (await page.getByRole("region", { name: "New group" }).boundingBox())!;
    const touch = await page.context().newCDPSession(page);
    const at = (box: typeof from) => [{ x: box.x + box.width / 2, y: box.y + box.height / 2 }];
    await touch.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: at(from) });
    for (const point of [{ ...from, y: from.y + 20 }, to])
      await touch.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints: at(point) });
    await view.picture("network-drag-phone-dark");
    await touch.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
    await page.getByRole("region", { name: "Group 2" }).getByText("miner-1").waitFor();
    expect(view.complaints).toEqual([]);
  });

  test("groups that met with the same work are said to wait for the next block, which is made at once", async () => {
    await network.partition("miner-0,webserver-0 | miner-1");
    const blocks = await Promise.all([network.mine(1, { node: "miner-0" }), network.mine(1, { node: "miner-1" })]);
    const view = await open("/network?tab=local");
    const { page } = view;
    await page.getByRole("button", { name: "Heal the network" }).click();
    await page.getByTestId("confirm").click();
    await giveKey(view);
    await page.getByTestId("toasts").getByText("The groups are connected again").waitFor();
    const decide = page.getByRole("button", { name: "Mine one block" });
    await decide.waitFor();
    await view.picture("network-tied-dark", true);
    await decide.click();
    await page.getByTestId("confirm").click();
    await eventually(() => decide.count()).toBe(0);
    await network.waitForSync();
    const kept = await network.node("webserver-0").rpc<string>("getblockhash", (await heightOf("miner-0")) - 1);
    expect(blocks.flat()).toContain(kept);
    expect(view.complaints).toEqual([]);
  });

  test("any miner of the network is led and looked at on the page of mining", async () => {
    const view = await open("/mining?node=miner-1", { colorScheme: "light" });
    const { page } = view;
    const state = page.getByTestId("miner-state");
    await eventually(() => state.textContent()).toBe("off");
    await eventually(() => page.getByRole("radio", { name: "miner-1" }).isChecked()).toBe(true);
    const form = page.getByRole("form", { name: "Control of the miner" });
    await form.getByLabel("Blocks are made").selectOption("All the time");
    await form.getByRole("button", { name: "Start mining" }).click();
    await page.getByRole("dialog").getByText("Start mining on miner-1?").waitFor();
    await page.getByTestId("confirm").click();
    await giveKey(view);
    await eventually(() => state.textContent()).toBe("all the time");
    // Blocks that are asked for come beside those of a miner that never rests.
    const blocks = page.getByRole("form", { name: "Blocks at once" });
    await blocks.getByLabel("Blocks").fill("12");
    await blocks.getByRole("button", { name: "Mine" }).click();
    await page.getByTestId("confirm").click();
    await page.getByTestId("toasts").getByText("12 blocks mined").waitFor();
    await form.getByRole("button", { name: "Stop mining" }).click();
    await eventually(() => state.textContent()).toBe("off");
    expect(await network.node("miner-0").rpc("getminerinfo")).toMatchObject({ pacing: "off", found: 0 });

    await network.waitForSync();
    const { found } = await network.node("miner-1").rpc<{ found: number }>("getminerinfo");
    await page.getByRole("tab", { name: "Found blocks" }).click();
    await eventually(() => page.getByTestId("found-blocks").textContent()).toBe(found.toLocaleString("en-US"));
    await page.getByRole("row").filter({ hasText: "In the chain" }).first().waitFor();
    await expectAccessible(page);
    await view.picture("mining-found-light", true);

    await page.getByText("miner-0", { exact: true }).click();
    await eventually(() => new URL(page.url()).searchParams.get("node")).toBe("miner-0");
    await page.getByText("It has found no block since its node started.").waitFor();
    expect(view.complaints).toEqual([]);
  });

  test("a reorganisation is seen, with the blocks that it replaced", async () => {
    const view = await openLocal({ colorScheme: "light" });
    const { page } = view;
    const replaced = await network.mine(2);
    await lane(view, "This node's chain").getByText(replaced[1]!.slice(-6)).waitFor();
    const form = page.getByRole("form", { name: "Reorganise" });
    await form.getByLabel("Depth").fill("0");
    await form.getByRole("button").click();
    await form.getByText("Enter a whole number from 1 to 1,000.").waitFor();
    await form.getByLabel("Depth").fill("2");
    await form.getByRole("button").click();
    await page.getByTestId("confirm").click();
    await giveKey(view);
    await page.getByTestId("toasts").getByText("The last 2 blocks were replaced").waitFor();
    await page.getByTestId("story").getByText("Reorganisation: 2 blocks left aside").waitFor();
    for (const hash of replaced) await lane(view, "Left aside").getByText(hash.slice(-6)).waitFor();
    await view.picture("network-reorg-light", true);
    expect(view.complaints).toEqual([]);
  });

  test("a node's log grows before the reader's eyes and is filtered; the node is started again", async () => {
    const view = await open("/network?tab=local&log=miner-1");
    const { page } = view;
    await giveKey(view);
    const log = page.getByTestId("log");
    await log.waitFor();
    const [hash] = await network.mine(1, { node: "miner-1" });
    await eventually(() => log.textContent()).toContain(hash);
    await page.getByLabel("Filter lines").fill(hash!.slice(0, 20));
    const lines = () => log.locator("[data-level]").allTextContents();
    await eventually(async () => (await lines()).every((line) => line.includes(hash!))).toBe(true);
    await view.picture("network-log-dark");
    // Held, it says how much has come since; then it goes on from there.
    await page.getByLabel("Filter lines").fill("");
    await page.getByRole("button", { name: "Pause" }).click();
    const [later] = await network.mine(1, { node: "miner-1" });
    await page.getByText(/\d+ more lines? since the pause/).waitFor();
    expect(await log.textContent()).not.toContain(later);
    await page.getByRole("button", { name: "Follow" }).click();
    await eventually(() => log.textContent()).toContain(later);
    await page.getByLabel("Level").selectOption("Errors");
    await eventually(async () => (await lines()).filter((line) => !line.includes("error]"))).toEqual([]);
    await page.getByLabel("Filter lines").fill("no line has this");
    await page.getByText("No line is like that.").waitFor();
    await page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
    await eventually(() => new URL(page.url()).searchParams.get("log")).toBeNull();

    await page.getByRole("button", { name: "Restart miner-1" }).click();
    await page.getByTestId("confirm").click();
    await page.getByTestId("toasts").getByText("miner-1 is back").waitFor();
    expect(view.complaints).toEqual([]);
  });

  test("a snapshot is taken, and all nodes go back to it", async () => {
    const view = await openLocal();
    const { page } = view;
    await eventually(() => Promise.all(network.nodes.map(({ name }) => heightOf(name)))).toSatisfy(
      (heights: number[]) => new Set(heights).size === 1,
    );
    const height = await heightOf("miner-0");
    const form = page.getByRole("form", { name: "Take a snapshot" });
    await form.getByLabel("Name").fill("-wrong");
    await form.getByRole("button").click();
    await form.getByText("A name begins with a letter or digit").waitFor();
    await form.getByLabel("Name").fill("before");
    await form.getByRole("button").click();
    await giveKey(view);
    const list = page.getByRole("list", { name: "Snapshots" });
    await list.getByText("before").waitFor();
    await network.mine(3);
    await lane(view, "This node's chain")
      .getByText(String(height + 3))
      .waitFor();
    await list.getByRole("button", { name: "Go back to before" }).click();
    await page.getByTestId("confirm").click();
    await page.getByTestId("toasts").getByText("Back at before").waitFor();
    await eventually(() => heightOf("webserver-0")).toBe(height);
    await list.getByRole("button", { name: "Remove before" }).click();
    await page.getByTestId("confirm").click();
    await page.getByText("No snapshot yet.").waitFor();
    expect(view.complaints).toEqual([]);
  });

  test("all nodes are taken to another time, and back", async () => {
    const before = await network.snapshot();
    const view = await openLocal();
    const { page } = view;
    await page.getByTestId("mock-time").getByText("real time").waitFor();
    await page.getByRole("button", { name: "+ 1 day" }).click();
    await page.getByTestId("confirm").click();
    await giveKey(view);
    await page.getByTestId("mock-time").getByText("stands at").waitFor();
    const [hash] = await network.mine(1, { node: "miner-0" });
    const { time } = await network.node("miner-0").rpc<{ time: number }>("getblockheader", hash);
    expect(time - Date.now() / 1000).toBeGreaterThan(23 * 3_600);
    await view.picture("network-time-dark", true);
    await page.getByRole("button", { name: "Real time again" }).click();
    await page.getByTestId("confirm").click();
    await page.getByTestId("mock-time").getByText("real time").waitFor();
    expect(view.complaints).toEqual([]);
    // Nothing is mined on a block of tomorrow.
    await network.revert(before);
  });

  test("on a phone nothing of the control room runs over", async () => {
    const view = await openLocal({ viewport: PHONE, colorScheme: "light" });
    await expectFits(view.page);
    await expectAccessible(view.page);
    await view.picture("network-local-phone-light", true);
    expect(view.complaints).toEqual([]);
  });

  test("a node by itself says what is missing, and how a network is started", async () => {
    const single = await NodeProcess.start();
    try {
      opened = await WatchedPage.open(browser, `${single.url}/network?tab=local`);
      const { page, complaints } = opened;
      await page.getByText("This node is part of no local network").waitFor();
      await page.getByText("bitfleet up --miners 2 --webservers 1").waitFor();
      await opened.picture("network-none-dark");
      await page.getByRole("tab", { name: "Peers" }).click();
      await page.getByText("No peer is connected").waitFor();
      expect(complaints).toEqual([]);
    } finally {
      await single.remove();
    }
  });
});
