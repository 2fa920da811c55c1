import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { expectAccessible } from "./accessibility.ts";
import { launchChromium, WatchedPage, whyNoChromium } from "./chromium.ts";
import { serveKit } from "./kit/serve-kit.ts";
import { eventually, expectFits, PHONE } from "./page-kit.ts";

const missing = whyNoChromium();
if (missing !== undefined) process.stderr.write(`\nSKIPPED: the tests of the pieces of pages, since ${missing}\n\n`);

describe.skipIf(missing !== undefined)("the pieces that pages are made of", () => {
  let browser: Browser;
  let kit: Awaited<ReturnType<typeof serveKit>>;
  let opened: WatchedPage | undefined;

  beforeAll(async () => {
    [browser, kit] = await Promise.all([launchChromium(), serveKit()]);
  });

  afterEach(async () => {
    await opened?.close();
    opened = undefined;
  });

  afterAll(async () => {
    await browser?.close();
    kit?.close();
  });

  const open = async (path: string, options: Parameters<typeof WatchedPage.open>[2] = {}) => {
    opened = await WatchedPage.open(browser, `${kit.url}${path}`, options);
    return opened;
  };

  test("a table of 100,000 rows has those in view in the document, sorts, and is walked by keys", async () => {
    const { page, complaints } = await open("/");
    const grid = page.getByRole("grid", { name: "transactions" });
    await page.getByText("Transactions: 100,000").waitFor();
    expect(await grid.getAttribute("aria-rowcount")).toBe("100001");
    expect(await grid.locator("tbody tr").count()).toBeLessThan(60);

    await grid.getByRole("button", { name: "Fee" }).click();
    await eventually(() => grid.getByRole("columnheader", { name: "Fee" }).getAttribute("aria-sort")).toBe(
      "descending",
    );
    await eventually(() => grid.locator("tbody tr").first().textContent()).toContain("0.00099999");
    await grid.getByRole("button", { name: "Fee" }).click();
    await eventually(() => grid.locator("tbody tr").first().textContent()).toContain("0.0000000");

    await grid.focus();
    await page.keyboard.press("End");
    await eventually(() => grid.locator("tbody tr[data-active=true]").getAttribute("aria-rowindex")).toBe("100001");
    await eventually(() => grid.locator("tbody tr[data-active=true]").textContent()).toContain("0.00099999");
    await page.keyboard.press("ArrowUp");
    const active = grid.locator("tbody tr[data-active=true]");
    await eventually(() => active.getAttribute("aria-rowindex")).toBe("100000");
    const txid = await active.locator("[title]").first().getAttribute("title");
    await page.keyboard.press("Enter");
    await eventually(() => page.locator("output").textContent()).toBe(txid);
    expect(complaints).toEqual([]);
  });

  test("rows that come in above do not move what is read", async () => {
    const { page, complaints } = await open("/");
    const frame = page.getByTestId("table-frame");
    await frame.evaluate((element) => element.scrollTo({ top: 40_000 }));
    const row = page.locator("tr[aria-rowindex='1003']");
    const key = await row.locator("[title]").first().getAttribute("title");
    const place = await row.boundingBox();
    await page.getByRole("button", { name: "Three more" }).click();
    await page.getByText("Transactions: 100,003").waitFor();
    const moved = page.locator("tr[aria-rowindex='1006']");
    await eventually(() => moved.locator("[title]").first().getAttribute("title")).toBe(key);
    await eventually(async () => (await moved.boundingBox())?.y).toBeCloseTo(place!.y, 0);
    expect(complaints).toEqual([]);
  });

  test("columns are chosen, and the choice is remembered", async () => {
    const { page } = await open("/");
    await page.getByText("Columns", { exact: true }).click();
    await page.getByLabel("Feerate").check();
    await page.getByLabel("Size").uncheck();
    const heads = () => page.getByRole("columnheader").allTextContents();
    await eventually(heads).toEqual(["Transaction", "Fee", "Feerate"]);
    await page.reload();
    await eventually(heads).toEqual(["Transaction", "Fee", "Feerate"]);
  });

  test("on a phone rows are cards, which sort too", async () => {
    const view = await open("/", { viewport: PHONE, colorScheme: "light" });
    const { page } = view;
    const list = page.getByRole("region", { name: "transactions" });
    await list.getByRole("listitem").first().waitFor();
    await page.getByLabel("Sort by").selectOption({ label: "Fee, most first" });
    await eventually(() => list.getByRole("listitem").first().textContent()).toContain("0.00099999");
    await expectFits(page);
    await view.picture("kit-cards-phone-light");
  });

  test("a JSON tree of megabytes opens, is searched, and its paths and values are copied", async () => {
    const view = await open("/?tab=json", { permissions: ["clipboard-read", "clipboard-write"] });
    const { page, complaints } = view;
    const tree = page.getByRole("tree");
    await tree.getByText("60,000 entries").click();
    await tree.getByText("3 entries").first().waitFor();
    expect(await tree.getByRole("treeitem").count()).toBeLessThan(100);
    const search = page.getByLabel("Find a key or value");
    await search.fill("59.999");
    await page.getByText("1 found").waitFor();
    await search.press("Enter");
    const found = tree.locator("[data-found=true]");
    await eventually(() => found.textContent()).toBe("value: 59.999");
    await found.hover();
    await found.getByRole("button", { name: "Copy path $.vout[59999].value" }).click();
    const copied = () => page.evaluate(() => navigator.clipboard.readText());
    await eventually(copied).toBe("$.vout[59999].value");
    await found.getByRole("button", { name: "Copy value" }).click();
    await eventually(copied).toBe("59.999");
    await view.picture("kit-json-dark");
    await tree.focus();
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("ArrowLeft");
    await eventually(() => tree.getByRole("treeitem", { selected: true }).getAttribute("aria-expanded")).toBe("false");
    expect(complaints).toEqual([]);
  });

  test("tabs are opened by click, key and address, and the way back leads out of the page", async () => {
    const { page } = await open("/");
    await page.getByRole("tab", { name: "Charts" }).click();
    await eventually(() => new URL(page.url()).search).toBe("?tab=charts");
    await page.keyboard.press("ArrowRight");
    await eventually(() => new URL(page.url()).search).toBe("?tab=json");
    await eventually(() => page.getByRole("tab", { selected: true }).textContent()).toBe("JSON");
    await page.keyboard.press("Home");
    await eventually(() => new URL(page.url()).search).toBe("");
  });

  test("a chart is drawn, read by arrow keys, and told in words", async () => {
    const { page, complaints } = await open("/?tab=charts");
    const chart = page.getByRole("img", { name: "Mempool size" });
    await chart.locator("canvas").waitFor();
    await chart.focus();
    await page.keyboard.press("ArrowLeft");
    const figure = page.getByRole("figure").first();
    const last = await figure.textContent();
    await page.keyboard.press("ArrowLeft");
    await eventually(() => figure.textContent()).not.toBe(last);
    await eventually(() => figure.textContent()).toContain("200 points. Size:");
    expect(complaints).toEqual([]);
  });

  test("a question keeps the focus, is answered by key or button, and gives the focus back", async () => {
    const view = await open("/?tab=small");
    const { page, complaints } = view;
    const ask = page.getByRole("button", { name: "Ask", exact: true });
    await ask.click();
    const dialog = page.getByRole("dialog", { name: "Send 0.5 BTC?" });
    await dialog.waitFor();
    const focused = () => page.evaluate(() => document.activeElement?.textContent);
    await eventually(focused).toBe("Cancel");
    for (let count = 0; count < 5; count++) {
      await page.keyboard.press("Tab");
      expect(
        await page.evaluate(
          () => document.activeElement?.closest("dialog") !== null || document.activeElement === document.body,
        ),
      ).toBe(true);
    }
    await page.keyboard.press("Escape");
    await eventually(() => page.locator("output").textContent()).toBe("no");
    await eventually(focused).toBe("Ask");
    // Under the pointer it stays, until it is dismissed.
    const refusal = page.getByRole("alert").getByText("Not sent");
    await refusal.hover();
    await page.getByRole("alert").getByRole("button", { name: "Dismiss" }).click();
    await eventually(() => refusal.count()).toBe(0);

    await page.getByRole("button", { name: "Ask for a word" }).click();
    const word = page.getByLabel("Type savings to confirm");
    await eventually(() => page.getByTestId("confirm").isDisabled()).toBe(true);
    await word.fill("savings");
    await view.picture("kit-question-dark");
    await word.press("Enter");
    await eventually(() => page.locator("output").textContent()).toBe("yes");
    await page.getByRole("status").getByText("0.5 BTC on their way").waitFor();
    expect(complaints).toEqual([]);
  });

  test("a dialog that comes by itself waits until the one that is open is closed, and stays when another comes over it", async () => {
    const { page, complaints } = await open("/?tab=small");
    const [list, preview] = ["The list", "The preview"].map((name) => page.getByRole("dialog", { name }));
    await page.getByRole("button", { name: "Open the list" }).click();
    await page.getByRole("button", { name: "Have the preview come" }).click();
    await list!.getByText("It is there.").waitFor();
    expect(await preview!.count()).toBe(0);
    await page.keyboard.press("Escape");
    await preview!.waitFor();
    expect(await list!.count()).toBe(0);
    await page.getByRole("button", { name: "Open the list over it" }).click();
    await list!.waitFor();
    expect(await preview!.getByRole("heading").count()).toBe(1);
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await eventually(() => page.getByRole("dialog").count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test.each(["dark", "light"] as const)(
    "nothing serious is in the way of anybody, in the %s theme",
    async (colorScheme) => {
      for (const [tab, content] of [
        ["table", "tbody tr"],
        ["charts", "canvas"],
        ["json", "[role=treeitem]"],
        ["small", "button"],
      ] as const) {
        const view = await open(`/?tab=${tab}`, { colorScheme });
        await view.page.getByRole("tabpanel").locator(content).first().waitFor();
        await expectAccessible(view.page, `${tab} in ${colorScheme}`);
        await view.picture(`kit-${tab}-${colorScheme}`);
        await view.close();
      }
    },
  );
});
