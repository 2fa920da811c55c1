import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { expectAccessible } from "./accessibility.ts";
import { ANYONE_CAN_SPEND } from "./anyone-can-spend.ts";
import { launchChromium, WatchedPage, whyNoChromium } from "./chromium.ts";
import { type FreeCoin, spendFreely } from "./free-coins.ts";
import { NodeProcess, whatIsNotBuilt } from "./node-process.ts";
import { eventually, expectFits, PHONE } from "./page-kit.ts";

const COINBASE_VALUE = 5_000_000_000n;

const missing = whyNoChromium() ?? whatIsNotBuilt();
if (missing !== undefined) process.stderr.write(`\nSKIPPED: the tests of the mempool's page, since ${missing}\n\n`);

/** The tests share one mempool, which grows from one to the next: they run in order and as a whole. */
describe.skipIf(missing !== undefined)("the page of the mempool", () => {
  let browser: Browser;
  let node: NodeProcess;
  let coins: FreeCoin[];
  let opened: WatchedPage | undefined;
  /** Of the cluster: a parent of two, and the child of both its coins that pays for it. */
  let parent: string;
  let child: string;

  const send = async (spent: readonly FreeCoin[], partCount: number, fee: bigint) => {
    const made = spendFreely(spent, partCount, fee);
    await node.rpc("sendrawtransaction", made.hex);
    return made;
  };

  beforeAll(async () => {
    [browser, node] = await Promise.all([launchChromium(), NodeProcess.start()]);
    const hashes = await node.rpc<string[]>("generatetoaddress", 101, ANYONE_CAN_SPEND);
    const { tx } = await node.rpc<{ tx: string[] }>("getblock", hashes[0]);
    const fan = await send([{ txid: tx[0]!, index: 0, value: COINBASE_VALUE }], 200, 50_000n);
    await node.rpc("generatetoaddress", 1, ANYONE_CAN_SPEND);
    coins = [...fan.coins];
    // 120 that pay 2 to 61 sat/vB, and a cluster.
    for (let index = 0; index < 120; index++) await send([coins.pop()!], 1, 96n * BigInt(2 + (index % 60)));
    const low = await send([coins.pop()!], 2, 150n);
    parent = low.txid;
    child = (await send(low.coins, 1, 30_000n)).txid;
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
  const rowsOf = (view: WatchedPage) => view.page.getByRole("grid", { name: "waiting transactions listed" });

  test("tells what waits, as the next block, by feerate and one by one, and follows it", async () => {
    const view = await open("/mempool");
    const { page, complaints } = view;
    await eventually(() => page.getByTestId("mempool-count").textContent()).toBe("122");
    await eventually(() => page.getByTestId("projected-blocks").getByRole("button").first().textContent()).toContain(
      "122 transactions",
    );
    await eventually(() => page.getByTestId("histogram").getByRole("button").count()).toBeGreaterThan(5);
    await rowsOf(view).getByText("2 parents").or(rowsOf(view).getByText("1 parent")).first().waitFor();
    await view.picture("mempool-dark", true);

    const { txid } = await send([coins.pop()!], 1, 96n * 150n);
    await eventually(() => page.getByTestId("mempool-count").textContent()).toBe("123");
    await rowsOf(view).getByText(txid.slice(0, 8)).waitFor();
    await expectAccessible(page);
    expect(complaints).toEqual([]);
  });

  test("more of the list comes as one scrolls, and what is read stays where it is", async () => {
    const view = await open("/mempool");
    const { page } = view;
    await page.getByText("100 of 123 are listed; more come as you scroll").waitFor();
    await rowsOf(view).press("End");
    await eventually(() => rowsOf(view).getAttribute("aria-rowcount")).toBe("124");
    await send([coins.pop()!], 1, 96n * 3n);
    await page.getByRole("button", { name: "The mempool has changed since: list it anew" }).click();
    await page.getByText("100 of 124 are listed; more come as you scroll").waitFor();
    const scrolledBy = () =>
      page
        .getByTestId("table-frame")
        .last()
        .evaluate(({ scrollTop }) => scrollTop);
    await eventually(scrolledBy).toBe(0);
    expect(view.complaints).toEqual([]);
  });

  test("an address filters the list; filters and bars change it", async () => {
    const view = await open("/mempool?from=50&order=feerate");
    const { page } = view;
    await eventually(() => rowsOf(view).getAttribute("aria-rowcount")).not.toBe("-1");
    const { items } = (await (
      await fetch(`${node.url}/api/v1/transactions/mempool?min_feerate_sat_per_kvb=50000&sort=feerate&limit=100`)
    )
      .json()
      .then((answer) => (answer as { data: unknown }).data)) as { items: { txid: string }[] };
    await eventually(() => rowsOf(view).getAttribute("aria-rowcount")).toBe(String(items.length + 1));
    await rowsOf(view).locator("tbody tr").first().getByText(items[0]!.txid.slice(0, 8)).waitFor();

    await page.getByRole("search").getByLabel("Relatives").selectOption("spends what waits");
    await eventually(() => new URL(page.url()).searchParams.get("relatives")).toBe("parents");
    await rowsOf(view).getByText(child.slice(0, 8)).waitFor();
    await page.getByRole("button", { name: "Clear the filters" }).click();
    await eventually(() => new URL(page.url()).search).toBe("?order=feerate");

    await page.getByTestId("histogram").getByRole("button", { name: "5 to 6.4 sat/vB" }).click();
    await eventually(() => Object.fromEntries(new URL(page.url()).searchParams)).toEqual({
      order: "feerate",
      from: "5",
      to: "6.399",
    });
    await eventually(() => rowsOf(view).getAttribute("aria-rowcount")).toBe("5");
    expect(view.complaints).toEqual([]);
  });

  test("clusters show who depends on whom", async () => {
    const view = await open("/mempool?tab=clusters");
    const { page } = view;
    await page.getByRole("link", { name: /^Show the cluster of/ }).click();
    const graph = page.getByTestId("cluster-graph");
    await graph.waitFor();
    await eventually(() => graph.getByRole("button").count()).toBe(2);
    // Child and parent are one chunk: alone, nobody would mine the parent.
    await graph.getByRole("button", { name: `2: ${child.slice(0, 8)}` }).click();
    await page.getByText("Chunk 1", { exact: true }).first().waitFor();
    await eventually(() => new URL(page.url()).searchParams.get("cluster")).toBe(parent);
    await page.keyboard.press("ArrowLeft");
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute("data-txid"));
    await eventually(focused).toBe(parent);
    await expectAccessible(page);
    await view.picture("mempool-cluster-dark", true);
    await page.getByRole("link", { name: "All clusters" }).click();
    await page.getByRole("grid", { name: "clusters" }).waitFor();
    expect(view.complaints).toEqual([]);
  });

  test("what is drawn, how far back and which clusters are in the address", async () => {
    const { page } = await open("/mempool?bars=fees&drawn=rate&span=6h&min=5&tab=clusters");
    for (const name of ["Fees", "Incoming", "6 h", "5"]) {
      await eventually(() => page.getByRole("radio", { name, exact: true }).first().isChecked()).toBe(true);
    }
    await page.getByText("No cluster").or(page.getByText("clusters").last()).first().waitFor();
    await page.getByRole("radio", { name: "24 h" }).check({ force: true });
    await page.getByRole("radio", { name: "2", exact: true }).check({ force: true });
    await eventually(() => new URL(page.url()).search).toBe("?bars=fees&drawn=rate&span=24h&tab=clusters");
    await page.goBack();
    await eventually(() => new URL(page.url()).pathname).not.toBe("/mempool");
  });

  test("is whole on a phone", async () => {
    const view = await open("/mempool", { viewport: PHONE, colorScheme: "light" });
    await view.page.getByText("1 parent").or(view.page.getByText("2 parents")).first().waitFor();
    await view.picture("mempool-phone-light", true);
    await expectFits(view.page);
    await expectAccessible(view.page);
    expect(view.complaints).toEqual([]);
  });

  test("100,000 transactions do not hold it up", async () => {
    const view = await open("/");
    const { page } = view;
    let isHeld = false;
    let release: (() => void) | undefined;
    await page.route("**/api/v1/transactions/mempool?*", async (request) => {
      if (isHeld) {
        await new Promise<void>((resume) => {
          release = resume;
        });
      }
      const url = new URL(request.request().url());
      const from = Number(url.searchParams.get("cursor") ?? 0);
      const items = Array.from({ length: 100 }, (_, index) => lineAt(from + index));
      return request.fulfill({ json: answerOf({ items, next_cursor: String(from + 100) }) });
    });
    await page.route("**/api/v1/mempool", async (request) => {
      const { data } = await (await request.fetch()).json();
      return request.fulfill({ json: answerOf({ ...data, transaction_count: 100_000 }) });
    });
    // Loaded anew: what the first page asked for before the routes stood would be shown until the mempool changes.
    await page.goto(`${node.url}/mempool`);
    await eventually(() => page.getByTestId("mempool-count").textContent()).toBe("100,000");
    const rowCount = async () => Number(await rowsOf(view).getAttribute("aria-rowcount"));
    // A key that is pressed before there are rows leads nowhere.
    await eventually(rowCount).toBe(101);
    // The end that is reached while the list is being renewed is not passed over.
    isHeld = true;
    await send([coins.pop()!], 1, 1_000n);
    await eventually(() => release !== undefined).toBe(true);
    await rowsOf(view).press("End");
    await eventually(() => rowsOf(view).locator("tbody tr[aria-rowindex='101']").count()).toBe(1);
    isHeld = false;
    release?.();
    await eventually(rowCount).toBe(201);
    for (let count = 201; count < 1_000; count += 100) {
      await rowsOf(view).press("End");
      await eventually(rowCount).toBeGreaterThan(count);
    }
    // However many are listed, the document has those in view.
    await eventually(() => rowsOf(view).locator("tbody tr").count()).toBeLessThan(60);
    expect(view.complaints).toEqual([]);
  });

  test("says what to do where nothing waits", async () => {
    await node.rpc("generatetoaddress", 1, ANYONE_CAN_SPEND);
    const view = await open("/mempool", { colorScheme: "light" });
    await view.page.getByText("No transaction waits.").waitFor();
    await view.page.getByText("Nothing waits: bars come with the first transaction.").waitFor();
    await view.picture("mempool-empty-light");
    await view.page.goto(`${node.url}/mempool?tab=clusters&cluster=${child}`);
    await view.page.getByRole("heading", { name: "This transaction waits no more" }).waitFor();
    expect(view.complaints.filter((one) => !one.includes("404"))).toEqual([]);
  });
});

const answerOf = (data: unknown) => ({ success: true, data, error: null, timestamp: new Date().toISOString() });

/** A made-up transaction of a list. */
function lineAt(index: number) {
  const txid = index.toString(16).padStart(64, "0");
  return {
    txid,
    wtxid: txid,
    time: 1_790_000_000 - index,
    fee: 1000 + index,
    virtual_size: 141,
    weight: 561,
    size_bytes: 222,
    feerate_sat_per_kvb: 7000 + index,
    input_count: 1,
    output_count: 2,
    total_output: 100_000,
    is_coinbase: false,
    parent_count: 0,
    child_count: 0,
    signals_replacement: true,
  };
}
