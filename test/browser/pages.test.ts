import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { type BitfleetNetwork, startNetwork } from "../../packages/node/src/network/start-network.ts";
import { expectAccessible } from "./accessibility.ts";
import { launchChromium, WatchedPage, whyNoChromium } from "./chromium.ts";
import { whatIsNotBuilt } from "./node-process.ts";
import { DESK, eventually, expectFits, PATIENCE_MS, PHONE } from "./page-kit.ts";

const KEY = "key-of-the-operator";
const TABLE = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../apps/admin/src/pages.ts");

/** Where each page of the table of pages is looked at: a page that is added there has to be added here. */
const ADDRESSES: Readonly<Record<string, readonly string[]>> = {
  "/": ["/"],
  "/blocks": ["/blocks"],
  "/block/$id": ["/block/TIP", "/block/TIP?tab=table", "/block/TIP?tab=header"],
  "/tx/$id": ["/tx/WAITING", "/tx/WAITING?tab=scripts", "/tx/COINBASE"],
  "/mempool": ["/mempool", "/mempool?tab=clusters"],
  "/descriptor": ["/descriptor"],
  "/address/$id": ["/address/ADDRESS"],
  "/broadcast": ["/broadcast"],
  "/mining": ["/mining", "/mining?tab=next-block"],
  "/network": ["/network", "/network?tab=local", "/network?tab=faucet", "/network?tab=bans"],
  "/wallet": ["/wallet"],
  "/wallet/$name": ["/wallet/miner", "/wallet/miner?tab=send"],
  "/console": ["/console", "/console?method=getblock"],
  "/status": ["/status"],
  "/settings": ["/settings"],
};

/** Pages that only a window of the desktop has: desktop-admin.test.ts looks at them. */
const OF_DESKTOP = ["/networks"];

const missing = whyNoChromium() ?? whatIsNotBuilt();
if (missing !== undefined) process.stderr.write(`\nSKIPPED: the tests of all pages, since ${missing}\n\n`);

/** The tests share one network of a miner and the web server whose pages they are of. */
describe.skipIf(missing !== undefined)("all pages", () => {
  let browser: Browser;
  let network: BitfleetNetwork;
  let url: string;
  let opened: WatchedPage | undefined;
  let places: Readonly<Record<string, string>>;

  beforeAll(async () => {
    browser = await launchChromium();
    network = await startNetwork({ miners: 1, webservers: 1, mode: "processes", adminKey: KEY });
    url = network.node("webserver-0").webUrl!;
    await network.mine(102);
    const node = network.node("webserver-0");
    const tip = await node.rpc<string>("getbestblockhash");
    const { tx } = await node.rpc<{ readonly tx: readonly string[] }>("getblock", tip);
    const address = await newAddress(url);
    places = { TIP: tip, COINBASE: tx[0]!, ADDRESS: address, WAITING: await pay(url, address) };
    // The wallet is the miner's, from which the page's node hears of it.
    await vi.waitFor(async () => expect(await node.rpc("getrawmempool")).toContain(places.WAITING), PATIENCE_MS);
  });

  afterEach(async () => {
    await opened?.close();
    opened = undefined;
  });

  afterAll(async () => {
    await browser?.close();
    await network?.stop();
  });

  const openWithKey = async (options: Parameters<typeof WatchedPage.open>[2] = {}) => {
    opened = await WatchedPage.open(browser, `${url}/settings`, options);
    await opened.page.evaluate((key) => sessionStorage.setItem("bitfleet.admin-key", key), KEY);
    return opened;
  };

  test("each page of the table has an address below", () => {
    const paths = [...readFileSync(TABLE, "utf8").matchAll(/path: "([^"]+)"/g)].map(([, found]) => found);
    expect(paths.length).toBeGreaterThan(10);
    expect(paths.toSorted()).toEqual([...Object.keys(ADDRESSES), ...OF_DESKTOP].toSorted());
  });

  test.each(Object.keys(ADDRESSES))(
    "nothing serious is in anybody's way on %s, in both themes and on a phone",
    async (page) => {
      const view = await openWithKey();
      for (const address of ADDRESSES[page] ?? []) {
        const place = address.replace(/[A-Z]+$|[A-Z]{3,}(?=\?)/, (name) => places[name] ?? name);
        await view.page.setViewportSize(DESK);
        await view.page.emulateMedia({ colorScheme: "dark" });
        await view.page.goto(`${url}${place}`);
        await settled(view, "dark");
        await lookAt(view, `${address} in the dark`);
        await view.page.setViewportSize(PHONE);
        await view.page.emulateMedia({ colorScheme: "light" });
        await settled(view, "light");
        await lookAt(view, `${address} in the light, on a phone`);
      }
      // Of a machine that is busy enough the page of health is told that it is not ready, which the browser notes.
      const isBusy = (text: string) => page === "/status" && text.includes("status of 503");
      expect(view.complaints.filter((text) => !isBusy(text))).toEqual([]);
    },
  );

  const settled = async ({ page }: WatchedPage, theme: string) => {
    await page.locator("main h1").first().waitFor({ state: "attached" });
    await eventually(() => page.locator("main [role=status][aria-label]").count()).toBe(0);
    await eventually(() => page.getByTestId("connection").textContent()).toBe("Live");
    await eventually(() => page.locator("html").getAttribute("data-mantine-color-scheme")).toBe(theme);
  };
  const lookAt = async (view: WatchedPage, name: string) => {
    await expectAccessible(view.page, name);
    await expectFits(view.page, name);
    await view.picture(`page-${name.replaceAll(/[^a-z-]+/gi, "-")}`);
  };

  test("the palette finds peers, nodes, wallets and methods, and tells what was found of late", async () => {
    const { page, complaints } = await openWithKey();
    await page.goto(`${url}/settings`);
    await page.getByRole("heading", { name: "Settings" }).waitFor();
    const palette = page.getByRole("dialog", { name: "Search and commands" });
    const find = async (text: string, name: RegExp) => {
      await page.getByRole("button", { name: /^Height, hash/ }).click();
      await page.keyboard.type(text);
      await palette.getByRole("option", { name }).first().click();
      await eventually(() => palette.count()).toBe(0);
    };
    await find("getblockh", /^getblockhash/);
    await eventually(() => page.url()).toBe(`${url}/console?method=getblockhash`);
    await find("min", /^miner ?wallet/);
    await eventually(() => page.url()).toBe(`${url}/wallet/miner`);
    await find("webserver", /^webserver-0/);
    await eventually(() => page.url()).toBe(`${url}/network?tab=local`);
    await find("outbound", /^miner-0 ?peer/);
    await eventually(() => page.url()).toBe(`${url}/network?peer=0`);
    await page.getByRole("dialog", { name: /miner-0|Peer 0/ }).waitFor();
    await page.keyboard.press("Escape");
    await eventually(() => page.getByRole("dialog").count()).toBe(0);
    await page.keyboard.press("/");
    const recent = palette.getByRole("group", { name: "Found of late" }).getByRole("option");
    await eventually(() => recent.count()).toBe(4);
    await eventually(() => recent.nth(2).textContent()).toContain("miner");
    await opened?.picture("palette-recent-dark");
    await page.keyboard.type("nothing is called so");
    await palette.getByText("Nothing is called that").waitFor();
    expect(complaints).toEqual([]);
  });
});

const newAddress = (url: string) =>
  walletCall<{ readonly address: string }>(url, "/api/wallet/wallet", {}).then(({ address }) => address);

const pay = (url: string, address: string) =>
  walletCall<{ readonly txid: string }>(url, "/api/wallet/transactions", {
    to_address: address,
    amount: 1_000_000,
  }).then(({ txid }) => txid);

async function walletCall<Data>(url: string, place: string, body: object): Promise<Data> {
  const response = await fetch(`${url}${place}`, {
    method: "POST",
    headers: { "x-api-key": KEY, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const { data, error } = (await response.json()) as { readonly data: Data; readonly error: unknown };
  if (!response.ok) throw new Error(`${place}: ${JSON.stringify(error)}`);
  return data;
}
