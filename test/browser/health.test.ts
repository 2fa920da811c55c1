import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { expectAccessible } from "./accessibility.ts";
import { launchChromium, WatchedPage, whyNoChromium } from "./chromium.ts";
import { NodeProcess, whatIsNotBuilt } from "./node-process.ts";
import { DESK, eventually, expectFits, PHONE } from "./page-kit.ts";

const ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";

const missing = whyNoChromium() ?? whatIsNotBuilt();
if (missing !== undefined) process.stderr.write(`\nSKIPPED: the tests of the page of health, since ${missing}\n\n`);

describe.skipIf(missing !== undefined)("the page of health", () => {
  let browser: Browser;
  let node: NodeProcess;
  let opened: WatchedPage | undefined;

  beforeAll(async () => {
    [browser, node] = await Promise.all([launchChromium(), NodeProcess.start()]);
    await node.rpc("generatetoaddress", 3, ADDRESS);
  });

  afterEach(async () => {
    await opened?.close();
    opened = undefined;
  });

  afterAll(async () => {
    await browser?.close();
    await node?.remove();
  });

  const open = async (options: Parameters<typeof WatchedPage.open>[2] = {}) => {
    opened = await WatchedPage.open(browser, `${node.url}/status`, options);
    await opened.page.getByTestId("health-status").waitFor();
    return opened;
  };

  test("state, checks and metrics are the node's, found by words, and renewed while they are looked at", async () => {
    const view = await open();
    const asked = async () => (await (await fetch(`${node.url}/health`)).json()).data;
    const health = await asked();
    // On a busy machine it may change meanwhile.
    await eventually(async () => {
      const shown = await view.page.getByTestId("health-status").textContent();
      return shown === (await asked()).status;
    }).toBe(true);
    for (const { name } of health.checks) await view.page.locator(`li[data-check="${name}"]`).waitFor();
    await view.page.getByLabel("Find a metric").fill("height tip");
    const height = view.page.locator(`li[data-metric="bitfleet_chain_height"]`);
    await eventually(() => height.locator("strong").textContent()).toBe("3");
    expect(await view.page.locator(`li[data-metric="process_open_fds"]`).count()).toBe(0);
    // What is looked for is in the address.
    await eventually(() => new URL(view.page.url()).searchParams.get("find")).toBe("height tip");
    await view.page.reload();
    await eventually(() => view.page.getByLabel("Find a metric").inputValue()).toBe("height tip");
    await node.rpc("generatetoaddress", 1, ADDRESS);
    await eventually(() => height.locator("strong").textContent()).toBe("4");
    await height.locator("polyline").waitFor({ state: "attached" });
    // The browser itself notes each answer of status 503.
    expect(view.complaints.filter((text) => !text.includes("503"))).toEqual([]);
  });

  test.each([
    ["dark", DESK],
    ["light", PHONE],
  ] as const)("in the %s theme it is accessible and not too wide", async (colorScheme, viewport) => {
    const view = await open({ colorScheme, viewport, bypassCSP: true });
    // Groups are closed at first: one is opened.
    await view.page.locator("details[data-group] summary").first().click();
    await view.page.locator("li[data-metric]:visible").first().waitFor();
    await expectFits(view.page);
    await view.picture(`health-${viewport.width}-${colorScheme}`);
    await expectAccessible(view.page, "health");
  });
});
