import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { launchChromium, whyNoChromium } from "../browser/chromium.ts";
import { unlockWallet } from "../browser/wallet-app-kit.ts";
import { DesktopProcess, PATIENT, whatIsNotBuilt } from "./desktop-process.ts";
import { processesWith } from "./screen.ts";

const why =
  whatIsNotBuilt() ??
  whyNoChromium() ??
  (process.platform === "linux" ? undefined : "elsewhere it is not xdg-open that opens it");
/** As a person's browser is called: by the system, with the address of what it is to show. */
const OPENER = `#!/bin/sh
echo "$1" >> "$BITFLEET_TEST_OPENED"
`;

describe("the default browser as window", () => {
  if (why !== undefined) {
    test.skip(`is not tested: ${why}`, () => {});
    console.warn(`NO DEFAULT BROWSER WAS TESTED: ${why}`);
    return;
  }

  let folder: string;
  let data: string;
  let opened: string;
  let browser: Browser;
  const started: DesktopProcess[] = [];

  beforeAll(async () => {
    browser = await launchChromium();
  }, 120_000);
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "bitfleet-default-"));
    data = path.join(folder, "data");
    opened = path.join(folder, "opened");
    mkdirSync(path.join(folder, "bin"));
    writeFileSync(path.join(folder, "bin/xdg-open"), OPENER, { mode: 0o755 });
  });
  afterEach(async () => {
    for (const one of started.splice(0)) await one.stop("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });
  afterAll(() => browser?.close());

  const start = (...more: string[]) => startWith({}, "--window", "browser", ...more);
  const startWith = (environment: NodeJS.ProcessEnv, ...words: string[]) => {
    const one = new DesktopProcess(["wallet", "--data", data, ...words], {
      ...environment,
      PATH: `${path.join(folder, "bin")}:${process.env.PATH}`,
      BITFLEET_TEST_OPENED: opened,
    });
    started.push(one);
    return one;
  };
  const asked = () => (existsSync(opened) ? readFileSync(opened, "utf8").trim().split("\n") : []);
  /** The address that the browser is called with for the `count`-th time, once it is. */
  const askedFor = async (count: number) => {
    await expect.poll(() => asked().length, PATIENT).toBe(count);
    return asked().at(-1)!;
  };

  test("gets a file of this user's alone, whose token is on no command line, works once, and is gone with the page", async () => {
    const wallet = start();
    const url = await askedFor(1);
    const file = fileURLToPath(url);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const text = readFileSync(file, "utf8");
    const token = /name="token" value="([\w-]{43})"/.exec(text)![1]!;
    const origin = /action="(http:\/\/127\.0\.0\.1:\d+)\/open"/.exec(text)![1]!;
    expect(processesWith(token)).toEqual([]);
    const context = await browser.newContext();
    const page = await context.newPage();
    // The process knows of a page by that, and of its end.
    const isThere = page.waitForResponse(`${origin}/desktop/events`);
    await page.goto(url);
    await page.waitForURL(`${origin}/wallet-app/**`);
    await isThere;
    await page.getByRole("button", { name: "Begin" }).waitFor();
    expect(page.url()).not.toContain(token);
    await expect.poll(() => existsSync(file), PATIENT).toBe(false);
    // Whoever read it meanwhile comes too late.
    const body = new URLSearchParams({ token });
    expect((await fetch(`${origin}/open`, { method: "POST", body })).status).toBe(403);
    expect((await fetch(`${origin}/open?token=${token}`)).status).toBe(403);
    await context.close();
    expect(await wallet.ended()).toBe(0);
    expect([wallet.errors, existsSync(file)]).toEqual(["", false]);
  });

  test("has the wallet open in one page alone: the one that was unlocked last", async () => {
    const passphrase = "a long way from anywhere";
    const wallet = start();
    const context = await browser.newContext();
    const first = await context.newPage();
    await first.goto(await askedFor(1));
    await first.getByRole("button", { name: "Begin" }).click();
    await first.getByLabel("Passphrase", { exact: true }).fill(passphrase);
    await first.getByLabel("The same once more").fill(passphrase);
    await first.getByRole("button", { name: "Encrypt this device" }).click();
    await first.getByRole("button", { name: "Encrypt this device" }).waitFor({ state: "detached" });
    const second = await context.newPage();
    await second.goto(`${new URL(first.url()).origin}/wallet-app/`);
    const isLocked = (page: Page) => page.getByRole("button", { name: "Unlock" }).waitFor();
    await isLocked(second);
    for (const [opening, before] of [
      [second, first],
      [first, second],
    ] as const) {
      await unlockWallet(opening, passphrase);
      // The other is locked as soon as the passphrase is found right; what this one has to show takes it longer.
      await opening.getByRole("button", { name: "Unlock" }).waitFor({ state: "detached" });
      await isLocked(before);
      expect(await opening.getByRole("button", { name: "Unlock" }).count()).toBe(0);
    }
    await context.close();
    expect(await wallet.stop()).toBe(0);
  });

  test("is what is left where a screen cannot be opened and another browser ends at once, and says why", async () => {
    const wallet = startWith({ DISPLAY: ":65000", BITFLEET_CHROMIUM: "/bin/false" });
    await wallet.says(
      "is open in the default browser (a window of the installed browser cannot be opened: the browser",
    );
    expect(await askedFor(1)).toContain("open-wallet-1.html");
    expect(await wallet.stop()).toBe(0);
  });

  test("gets a link that is opened before its page is there, as soon as it is", async () => {
    const wallet = start();
    const unused = fileURLToPath(await askedFor(1));
    const second = start("bitcoin:bcrt1qlate?amount=0.25");
    expect(await second.ended()).toBe(0);
    expect(second.output).toContain("the link is shown once it does");
    const context = await browser.newContext();
    const told: string[] = [];
    context.on("request", (request) => {
      if (request.url().endsWith("/desktop/deep-link-taken")) told.push(request.postData() ?? "");
    });
    const page = await context.newPage();
    const opening = await askedFor(2);
    await page.goto(opening);
    await expect.poll(() => told, PATIENT).toEqual(['{"id":1}']);
    // The file of an opening goes when it is used, and no other: a browser that is slow comes for it later.
    expect([unused, fileURLToPath(opening)].map((file) => existsSync(file))).toEqual([true, false]);
    // The next one finds a page: a new one is opened in front, and takes it.
    const third = start("bitcoin:bcrt1qthird");
    const other = await context.newPage();
    await other.goto(await askedFor(3));
    await expect.poll(() => told, PATIENT).toEqual(['{"id":1}', '{"id":2}']);
    expect(await third.ended()).toBe(0);
    expect(await wallet.stop()).toBe(0);
    expect(existsSync(unused)).toBe(false);
    await context.close();
  });
});
