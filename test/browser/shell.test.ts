import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { expectAccessible } from "./accessibility.ts";
import { launchChromium, pressInTurn, WatchedPage, whyNoChromium } from "./chromium.ts";
import { NodeGate } from "./node-gate.ts";
import { NodeProcess, whatIsNotBuilt } from "./node-process.ts";
import { eventually, expectFits, PHONE } from "./page-kit.ts";

const KEY = "key-of-the-operator";
const ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";

const missing = whyNoChromium() ?? whatIsNotBuilt();
if (missing !== undefined)
  process.stderr.write(`\nSKIPPED: the tests of what stands around pages, since ${missing}\n\n`);

describe.skipIf(missing !== undefined)("what stands around every page", () => {
  let browser: Browser;
  let node: NodeProcess;
  let opened: WatchedPage | undefined;

  beforeAll(async () => {
    [browser, node] = await Promise.all([launchChromium(), NodeProcess.start([`-webadminkey=${KEY}`, "-webcors=*"])]);
    await node.rpc("generatetoaddress", 12, ADDRESS);
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

  test("the navigation marks the page at hand, and the tab is called like it", async () => {
    const { page, complaints } = await open("/block/5");
    const navigation = page.getByRole("navigation", { name: "Main" });
    await eventually(() => page.title()).toBe("Block 5 · Bitfleet");
    const current = (name: string) => navigation.getByRole("link", { name }).getAttribute("aria-current");
    await eventually(() => current("Blocks")).toBe("true");
    await navigation.getByRole("link", { name: "Blocks" }).click();
    await eventually(() => page.title()).toBe("Blocks · Bitfleet");
    await eventually(() => current("Blocks")).toBe("page");
    await eventually(() => current("Dashboard")).toBeNull();
    await page.goto(`${node.url}/tx/${"ab".repeat(32)}`);
    await eventually(() => page.title()).toBe("Transaction ababab…ababab · Bitfleet");
    await page.goto(`${node.url}/nowhere`);
    await eventually(() => page.title()).toBe("No such page · Bitfleet");
    // The browser itself tells of the answer 404.
    expect(complaints.filter((text) => !text.includes("404"))).toEqual([]);
  });

  test("on a phone the navigation is a drawer, which closes when a page is chosen", async () => {
    const view = await open("/", { viewport: PHONE, colorScheme: "light" });
    const { page, complaints } = view;
    await page.getByRole("button", { name: "Open the menu" }).click();
    const drawer = page.getByRole("dialog", { name: "Menu" });
    await drawer.getByRole("link", { name: "Settings" }).waitFor();
    await view.picture("menu-phone-light");
    await drawer.getByRole("link", { name: "Settings" }).click();
    await page.getByRole("heading", { name: "Settings" }).waitFor();
    await eventually(() => drawer.count()).toBe(0);
    await expectFits(view.page);
    expect(complaints).toEqual([]);
  });

  test("shortcuts lead to pages, and ? tells them", async () => {
    const { page } = await open("/");
    await page.getByTestId("tip-height").waitFor();
    await pressInTurn(page, "g", "b");
    await page.getByRole("heading", { name: "Blocks", level: 1 }).waitFor();
    await page.keyboard.press("?");
    const list = page.getByRole("dialog", { name: "Shortcuts" });
    await list.getByText("Go to a page").waitFor();
    // Keys of the page sleep meanwhile.
    await pressInTurn(page, "g", "d");
    await page.keyboard.press("Escape");
    await eventually(() => list.count()).toBe(0);
    expect(new URL(page.url()).pathname).toBe("/blocks");
  });

  test("the palette finds pages, actions and what is in the chain", async () => {
    const view = await open("/", { permissions: ["clipboard-read", "clipboard-write"] });
    const { page, complaints } = view;
    await page.getByTestId("tip-height").waitFor();
    const palette = page.getByRole("dialog", { name: "Search and commands" });
    const marked = () => palette.getByRole("option", { selected: true }).textContent();

    await page.keyboard.press("Control+k");
    await palette.getByRole("option", { name: "Settings" }).waitFor();
    await page.keyboard.type("theme");
    await eventually(marked).toContain("Settings");
    await page.keyboard.press("ArrowDown");
    await eventually(marked).toContain("Switch to the light theme");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Switch to the dark theme" }).waitFor();

    await page.keyboard.press("Control+k");
    await page.keyboard.type("copy tip");
    await page.keyboard.press("Enter");
    const hash = await node.rpc<string>("getbestblockhash");
    await page.getByTestId("toasts").getByText(hash).waitFor();
    await eventually(() => page.evaluate(() => navigator.clipboard.readText())).toBe(hash);

    await page.keyboard.press("/");
    await page.keyboard.type(hash);
    await eventually(marked).toContain("Block 12");
    await view.picture("palette-light");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Block 12" }).waitFor();
    expect(complaints).toEqual([]);
  });

  test("the keyboard alone leads everywhere: past the navigation, into dialogs and back to where it was", async () => {
    const { page } = await open("/blocks");
    await page.getByRole("heading", { name: "Blocks", level: 1 }).waitFor();
    const focused = () => page.evaluate(() => document.activeElement?.textContent ?? "");
    await page.keyboard.press("Tab");
    await eventually(focused).toBe("Skip to content");
    await eventually(async () => (await page.getByText("Skip to content").boundingBox())!.y).toBeGreaterThanOrEqual(0);
    await page.keyboard.press("Enter");
    await eventually(() => page.evaluate(() => document.activeElement?.id)).toBe("content");
    await page.keyboard.press("Tab");
    await eventually(() => page.evaluate(() => document.activeElement?.closest("main") !== null)).toBe(true);
    // What has the focus by keys is seen to have it.
    expect(await page.evaluate(() => getComputedStyle(document.activeElement!).outlineStyle)).not.toBe("none");

    const shortcuts = page.getByRole("button", { name: "Shortcuts" });
    await shortcuts.focus();
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog", { name: "Shortcuts" });
    await dialog.waitFor();
    for (let presses = 0; presses < 4; presses++) {
      await page.keyboard.press("Tab");
      const isWithin = await page.evaluate(() => {
        const { activeElement: element } = document;
        return element === document.body || element?.closest("dialog[open]") !== null;
      });
      expect(isWithin).toBe(true);
    }
    await page.keyboard.press("Escape");
    await eventually(() => dialog.count()).toBe(0);
    await eventually(() => shortcuts.evaluate((element) => element === document.activeElement)).toBe(true);
    await page.keyboard.press("Control+k");
    await page.getByRole("dialog").getByRole("combobox").waitFor();
    await page.keyboard.press("Escape");
    await eventually(() => shortcuts.evaluate((element) => element === document.activeElement)).toBe(true);
  });

  test("a key is asked for where it is needed, again where it is wrong, and kept for as long as the reader wants", async () => {
    const view = await open("/settings");
    const { page } = view;
    const row = page.getByRole("listitem", { name: "Admin key" });
    await row.getByText("not entered").waitFor();
    await row.getByRole("button", { name: "Enter" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Admin key").fill("a guess");
    await page.keyboard.press("Enter");
    await dialog.getByRole("alert").getByText("The key is not known here").waitFor();
    await view.picture("settings-wrong-key-dark");
    await dialog.getByLabel("Admin key").fill(KEY);
    await page.keyboard.press("Enter");
    await row.getByText("kept until this tab closes").waitFor();
    const stored = () => page.evaluate(() => [sessionStorage.length, localStorage.getItem("bitfleet.admin-key")]);
    expect((await stored())[1]).toBeNull();
    await row.getByLabel("Remember on this device").check();
    await row.getByText("remembered on this device").waitFor();
    await eventually(async () => (await stored())[1]).toBe(KEY);
    await page.reload();
    await row.getByText("remembered on this device").waitFor();
    await row.getByRole("button", { name: "Forget" }).click();
    await row.getByText("not entered").waitFor();
    await eventually(async () => (await stored())[1]).toBeNull();
    // The browser itself tells of the answer 401.
    expect(view.complaints.filter((text) => !text.includes("401"))).toEqual([]);
  });

  test("who gives no key is not asked twice, and nothing is done", async () => {
    const { page } = await open("/settings");
    const row = page.getByRole("listitem", { name: "Wallet key" });
    await row.getByRole("button", { name: "Enter" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
    await eventually(() => page.getByRole("dialog").count()).toBe(0);
    await row.getByText("not entered").waitFor();
    expect(await page.getByRole("button", { name: "Dismiss" }).count()).toBe(0);
  });

  test("theme and unit are chosen in the settings, and the system's theme again", async () => {
    const { page } = await open("/settings", { colorScheme: "light" });
    const theme = () => page.evaluate(() => document.documentElement.dataset.mantineColorScheme);
    await page.getByRole("radio", { name: "Dark" }).check({ force: true });
    await eventually(theme).toBe("dark");
    await page.getByRole("radio", { name: "As the system" }).check({ force: true });
    await eventually(theme).toBe("light");
    await page.getByRole("radio", { name: "sats" }).check({ force: true });
    await eventually(() => page.getByRole("button", { name: "sats" }).getAttribute("aria-pressed")).toBe("true");
  });

  describe("another node", () => {
    let other: NodeProcess;
    beforeAll(async () => {
      other = await NodeProcess.start(["-webcors=*"]);
      await other.rpc("generatetoaddress", 3, ADDRESS);
    });
    afterAll(() => other?.remove());

    const use = async ({ page }: WatchedPage, address: string) => {
      await page.getByLabel("Address of the node").fill(address);
      await page.getByRole("button", { name: "Test and use" }).click();
    };

    test("is kept from a page that a node serves, which says so and leads to the other's own page", async () => {
      const view = await open("/settings");
      await use(view, other.url);
      const link = view.page.getByRole("link", { name: `Open ${other.url}` });
      expect(await link.getAttribute("href")).toBe(other.url);
      await use(view, "ftp://nowhere");
      await view.page.getByText("Enter an address as").waitFor();
    });

    test("is used by a page that may, once it has shown to be one", async () => {
      const view = await open("/settings", { bypassCSP: true });
      const { page } = view;
      await use(view, "127.0.0.1:1");
      await page.getByRole("alert").getByText("No answer that this page may read").waitFor();
      await use(view, other.url);
      await page.getByText("another node than the one that it came from").waitFor();
      await page.getByRole("link", { name: "Dashboard", exact: true }).click();
      await eventually(() => page.getByTestId("tip-height").textContent()).toBe("3");
      await eventually(() => page.getByTestId("connection").textContent()).toBe("Live");
      await page.goto(`${node.url}/settings`);
      await page.getByRole("button", { name: "Use this page's own node" }).click();
      await page.getByText("the node that it came from").waitFor();
    });
  });

  test("the page is installable", async () => {
    const { page } = await open("/");
    const href = await page.locator("link[rel=manifest]").getAttribute("href");
    const manifest = (await (await fetch(`${node.url}${href}`)).json()) as {
      readonly display: string;
      readonly icons: readonly { readonly src: string; readonly type: string }[];
    };
    expect(manifest.display).toBe("standalone");
    for (const { src, type } of manifest.icons) {
      const response = await fetch(`${node.url}${src}`);
      expect([response.status, response.headers.get("content-type")], src).toEqual([200, type]);
    }
    const session = await page.context().newCDPSession(page);
    const { errors } = await session.send("Page.getAppManifest");
    expect(errors).toEqual([]);
  });

  describe.each(["dark", "light"] as const)("in the %s theme", (colorScheme) => {
    test("nothing serious is in anybody's way in palette and drawer", async () => {
      const view = await open("/", { colorScheme, viewport: PHONE });
      await view.page.getByTestId("tip-height").waitFor();
      await view.page.keyboard.press("/");
      await view.page.getByRole("dialog").getByRole("option").first().waitFor();
      await expectAccessible(view.page, `palette in ${colorScheme}`);
      await view.page.keyboard.press("Escape");
      await view.page.getByRole("button", { name: "Open the menu" }).click();
      await view.page.getByRole("dialog", { name: "Menu" }).waitFor();
      await expectAccessible(view.page, `drawer in ${colorScheme}`);
    });
  });

  test("of a new build every page says that it is ready, takes it over when asked to, and has nothing to say where it came with it", async () => {
    const gate = await NodeGate.open(node.url);
    try {
      opened = await WatchedPage.open(browser, gate.url, { serviceWorkers: "allow" });
      const { page } = opened;
      await page.getByTestId("tip-height").waitFor();
      await page.evaluate(activeWorker);
      await page.reload();
      const other = await page.context().newPage();
      await other.goto(gate.url);
      for (const one of [page, other]) {
        await eventually(() => one.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);
        expect(new URL(await one.evaluate(ownScript)).search).toBe("");
      }
      const isNew = (one: Page) => one.getByTestId("toasts").getByText("A new version of this page is ready");
      const takesOver = async (one: Page, build: string) => {
        await one.getByRole("button", { name: "Reload" }).click();
        await eventually(() => one.evaluate(ownScript).catch(() => "")).toContain(`?${build}`);
        await one.getByTestId("tip-height").waitFor();
        await eventually(() => isNew(one).count()).toBe(0);
      };
      gate.change(ofBuild("second"));
      await page.evaluate(async () => void (await (await navigator.serviceWorker.ready).update()));
      for (const one of [page, other]) await isNew(one).waitFor();
      await opened.picture("new-version-dark");
      await takesOver(page, "second");
      await takesOver(other, "second");
      await eventually(() => page.evaluate(async () => (await navigator.serviceWorker.ready).waiting)).toBeNull();
      await other.close();

      // Of a third one the server sends the page before the worker knows of it.
      gate.change(ofBuild("third"));
      await page.reload();
      await page.evaluate(async () => void (await (await navigator.serviceWorker.ready).update()));
      await eventually(() => page.evaluate(() => window.caches.keys())).toEqual(["bitfleet-page-third"]);
      expect(await isNew(page).count()).toBe(0);
      await gate.cut();
      await page.reload();
      await page.getByRole("heading", { name: "The node does not answer" }).waitFor();
      expect(await page.evaluate(ownScript)).toContain("?third");
      await gate.restore();

      // Where the page that a worker is to keep is of another build than what it lists, it keeps nothing, and tries again later.
      gate.change((path, text) => ofBuild(path === "/sw.js" ? "fourth" : "third")(path, text));
      const failed = page.evaluate(async () => {
        const registration = await navigator.serviceWorker.ready;
        const found = new Promise<ServiceWorker>((resolve) =>
          registration.addEventListener("updatefound", () => resolve(registration.installing!)),
        );
        await registration.update().catch(() => undefined);
        const worker = await found;
        while (worker.state === "installing")
          await new Promise((resolve) => worker.addEventListener("statechange", resolve, { once: true }));
        return worker.state;
      });
      expect(await failed).toBe("redundant");
      expect(await page.evaluate(() => window.caches.keys())).toEqual(["bitfleet-page-third"]);
    } finally {
      await opened?.close();
      await gate.close();
    }
  });

  // The last one: the node is stopped.
  test("without its node the page opens all the same, every part of it, and says that the node is away", async () => {
    const view = await open("/", { serviceWorkers: "allow" });
    const { page } = view;
    await page.getByTestId("tip-height").waitFor();
    await page.evaluate(activeWorker);
    const kept = () =>
      page.evaluate(async () => {
        const caches = await Promise.all((await window.caches.keys()).map((name) => window.caches.open(name)));
        const requests = (await Promise.all(caches.map((cache) => cache.keys()))).flat();
        return requests.map(({ url }) => new URL(url).pathname);
      });
    await page.reload();
    await page.getByTestId("tip-height").waitFor();
    // The worker keeps what it has answered behind the answer.
    await eventually(kept).toContain("/");
    expect((await kept()).filter((path) => /^\/(api|health)/.test(path))).toEqual([]);

    await node.stop();
    await page.reload();
    await page.getByRole("heading", { name: "The node does not answer" }).waitFor();
    await eventually(() => page.getByTestId("connection").textContent()).toBe("Offline");
    await view.picture("offline-shell-dark");
    await page.getByRole("link", { name: "Settings" }).click();
    await page.getByRole("heading", { name: "Settings" }).waitFor();
    await page.goto(`${node.url}/blocks`);
    await page.getByRole("heading", { name: "The node does not answer" }).waitFor();
    await node.start();
    await eventually(() => page.getByTestId("connection").textContent()).toBe("Live");
    await page.getByText("13 in the active chain").waitFor();
  });
});

async function activeWorker(): Promise<void> {
  const { active } = await navigator.serviceWorker.ready;
  if (active === null || active.state === "activated") return;
  await new Promise((resolve) => active.addEventListener("statechange", resolve));
}

/** The page's first script, by which a build is known. */
const ownScript = () => document.querySelector<HTMLScriptElement>('script[type="module"][src]')!.src;

/** What a server with another build has: its first script has another name. */
const ofBuild = (name: string) => (_path: string, text: string) =>
  text
    .replace(/(assets\/index-[\w-]+\.js)(?=")/g, `$1?${name}`)
    .replace(/^const BUILD = "\w+"/m, `const BUILD = "${name}"`);
