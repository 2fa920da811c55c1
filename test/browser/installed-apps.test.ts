import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type BrowserContext, type CDPSession, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findChromium } from "../../apps/desktop/src/window/chromium/find-chromium.ts";
import { CHROMIUM_ARGUMENTS } from "./chromium.ts";
import { NodeProcess, whatIsNotBuilt } from "./node-process.ts";
import { eventually } from "./page-kit.ts";
import { whyNoWalletPage } from "./wallet-app-kit.ts";

/** The browser as a person has it: the one of the other tests installs nothing. */
const EXECUTABLE = findChromium();
const missing =
  whatIsNotBuilt() ?? whyNoWalletPage() ?? (EXECUTABLE === undefined ? "no whole Chromium is installed" : undefined);
if (missing !== undefined) process.stderr.write(`\nSKIPPED: the tests of installed web apps, since ${missing}\n\n`);

const APPS = [
  {
    name: "Bitfleet Admin",
    at: "/",
    title: "Dashboard",
    heading: /^Dashboard$/,
    without: "The node does not answer",
    handles: undefined,
  },
  {
    name: "Bitfleet Wallet",
    at: "/wallet-app/",
    title: "Set up",
    heading: /^A wallet whose keys never leave this device$/,
    without: "A wallet whose keys never leave this device",
    handles: "x-scheme-handler/bitcoin",
  },
] as const;

describe.skipIf(missing !== undefined)("the web apps, installed by a browser", () => {
  let node: NodeProcess;
  let folder: string;
  let home: string;
  let context: BrowserContext;
  let tools: CDPSession;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "bitfleet-installed-"));
    home = path.join(folder, "home");
    mkdirSync(home);
    const launch = {
      executablePath: EXECUTABLE!,
      args: ["--headless=new", ...CHROMIUM_ARGUMENTS.filter((one) => one !== "--headless")],
      // Where it puts what it installs.
      env: { ...process.env, HOME: home, XDG_DATA_HOME: path.join(home, ".local/share") } as Record<string, string>,
    };
    [node, context] = await Promise.all([
      NodeProcess.start(),
      chromium.launchPersistentContext(path.join(folder, "profile"), launch),
    ]);
    await node.rpc("generatetoaddress", 1, "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080");
    tools = await context.newCDPSession(await context.newPage());
  });
  afterAll(async () => {
    await context?.close();
    await node?.remove();
    // Its last processes may be writing yet.
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  });

  /** What Playwright has no types for. */
  const ask = <Answer>(session: CDPSession, method: string, params: object = {}): Promise<Answer> =>
    (session.send as (method: string, params: object) => Promise<unknown>)(method, params) as Promise<Answer>;
  const launched = async (manifestId: string): Promise<Page> => {
    const [page] = await Promise.all([context.waitForEvent("page"), ask(tools, "PWA.launch", { manifestId })]);
    return page;
  };
  const isApp = (page: Page) => page.evaluate(() => matchMedia("(display-mode: standalone)").matches);

  test.each(APPS)("$name: nothing is in its way, and it opens as a program, without its node too", async (app) => {
    const url = node.url + app.at;
    const page = await context.newPage();
    await page.goto(url);
    await page.evaluate(async () => {
      const { active } = await navigator.serviceWorker.ready;
      if (active?.state === "activating")
        await new Promise((resolve) => active.addEventListener("statechange", resolve));
    });
    const session = await context.newCDPSession(page);
    await eventually(() => ask(session, "Page.getInstallabilityErrors")).toEqual({ installabilityErrors: [] });
    const { appId } = await ask<{ readonly appId: string }>(session, "Page.getAppId");
    expect(appId).toBe(url);
    await ask(tools, "PWA.install", { manifestId: appId, installUrlOrBundleUrl: url });
    await ask(tools, "PWA.changeAppUserSettings", { manifestId: appId, displayMode: "standalone" });
    await page.close();

    const program = await launched(appId);
    await program.getByRole("heading", { level: 1, name: app.heading }).waitFor();
    expect(await isApp(program)).toBe(true);
    // Before it the browser puts the app's name.
    await eventually(() => program.title()).toBe(app.title);
    if (process.platform === "linux") {
      const entries = path.join(home, ".local/share/applications");
      const read = () =>
        readdirSync(entries)
          .filter((name) => name.endsWith(".desktop"))
          .map((name) => readFileSync(path.join(entries, name), "utf8"));
      await eventually(() => read().filter((entry) => entry.includes(`\nName=${app.name}\n`)).length).toBe(1);
      const entry = read().find((one) => one.includes(`\nName=${app.name}\n`))!;
      expect(/^MimeType=([^;]+);/m.exec(entry)?.[1]).toBe(app.handles);
      // One is drawn for each size that desktops ask for, the largest from the icon's own pixels.
      const icon = readFileSync(/^Icon=(.+)$/m.exec(entry)![1]!);
      expect([icon.readUInt32BE(16), icon.readUInt32BE(20)]).toEqual([512, 512]);
    }
    await program.close();

    await node.stop();
    try {
      const offline = await launched(appId);
      await offline.getByRole("heading", { level: 1, name: app.without }).waitFor();
      expect(await isApp(offline)).toBe(true);
      await offline.close();
    } finally {
      await node.start();
    }
  });
});
