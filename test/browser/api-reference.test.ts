import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { launchChromium, WatchedPage, whyNoChromium } from "./chromium.ts";
import { NodeProcess, whatIsNotBuilt } from "./node-process.ts";
import { PATIENCE_MS } from "./page-kit.ts";

const ADMIN_KEY = "b1f0f6c1f2a74fa8";
/** The page is large, and the machine may be busy. */

const missing = whyNoChromium() ?? whatIsNotBuilt();
if (missing !== undefined) process.stderr.write(`\nSKIPPED: the tests of the API reference, since ${missing}\n\n`);

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId: string }>>>>;
}

describe.skipIf(missing !== undefined)("the interactive API reference", () => {
  let browser: Browser;
  let node: NodeProcess;
  let view: WatchedPage | undefined;

  beforeAll(async () => {
    [browser, node] = await Promise.all([launchChromium(), NodeProcess.start([`-webadminkey=${ADMIN_KEY}`])]);
  });
  afterEach(async () => {
    await view?.close();
    view = undefined;
  });
  afterAll(async () => {
    await browser?.close();
    await node?.remove();
  });

  /** Violations of the page's policy are errors in its console, and so complaints. */
  const open = async (path = "/swagger-ui") => {
    view = await WatchedPage.open(browser, `${node.url}${path}`);
    await view.page.locator(".opblock").first().waitFor({ timeout: PATIENCE_MS });
    return view;
  };

  test("shows every operation of the document, from this origin alone, within its policy", async () => {
    const { paths } = (await (await fetch(`${node.url}/api-docs/openapi.json`)).json()) as Document;
    const opened = await open();
    const { page, complaints } = opened;
    const all = Object.values(paths).flatMap((methods) => Object.values(methods));
    await expect.poll(() => page.locator(".opblock").count(), { timeout: PATIENCE_MS }).toBe(all.length);
    await page.locator("#operations-chain-blocks .opblock-summary-control").click();
    await page.locator("#operations-chain-blocks .responses-table").first().waitFor({ timeout: PATIENCE_MS });
    await opened.picture("api-reference", true);
    expect(complaints).toEqual([]);
  });

  test("tries an operation that is open to all", async () => {
    const { page, complaints } = await open("/swagger-ui/");
    const block = page.locator("#operations-chain-blockchain");
    await block.locator(".opblock-summary-control").click();
    await block.locator("button.execute").click();
    const answer = block.locator(".live-responses-table .response-col_description .microlight").first();
    await expect.poll(() => answer.textContent(), { timeout: PATIENCE_MS }).toContain('"chain": "regtest"');
    expect(complaints).toEqual([]);
  });

  test("tries one that takes a key, with the key", async () => {
    const { page, complaints } = await open();
    await page.locator("button.authorize").first().click();
    const dialog = page.locator(".modal-ux");
    await dialog.locator("input").first().fill(ADMIN_KEY);
    await dialog.locator("button.authorize").first().click();
    await dialog.locator("button.btn-done").first().click();
    const block = page.locator("#operations-mining-setMining");
    await block.locator(".opblock-summary-control").click();
    await block.locator("textarea").fill('{"interval_seconds": 77}');
    await block.locator("button.execute").click();
    const answer = block.locator(".live-responses-table .response-col_description .microlight").first();
    await expect.poll(() => answer.textContent(), { timeout: PATIENCE_MS }).toContain('"interval_seconds": 77');
    expect(complaints).toEqual([]);
  });
});
