import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { VAULT_TESTS } from "../../packages/vault/src/vault-conformance.ts";
import { launchChromium, WatchedPage, whyNoChromium } from "./chromium.ts";
import { serveBuilt } from "./kit/serve-built.ts";

const missing = whyNoChromium();
if (missing !== undefined) process.stderr.write(`\nSKIPPED: the tests of a browser's vault, since ${missing}\n\n`);

describe.skipIf(missing !== undefined)("a vault in the browser", () => {
  let browser: Browser;
  let served: Awaited<ReturnType<typeof serveBuilt>>;
  let view: WatchedPage;

  beforeAll(async () => {
    [browser, served] = await Promise.all([launchChromium(), serveBuilt(`${import.meta.dirname}/vault-page`)]);
    view = await WatchedPage.open(browser, served.url);
  });

  afterEach(() => {
    expect(view.complaints.splice(0)).toEqual([]);
  });

  afterAll(async () => {
    await browser?.close();
    served?.close();
  });

  test.each(VAULT_TESTS.map(({ name }) => name))("%s", async (name) => {
    await view.page.evaluate((rule) => window.vaultPage.conforms(rule), name);
  });
});
