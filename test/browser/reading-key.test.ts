import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { launchChromium, WatchedPage, whyNoChromium } from "./chromium.ts";
import { NodeProcess, whatIsNotBuilt } from "./node-process.ts";

const KEY = "key-of-the-operator";
const ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";

const missing = whyNoChromium() ?? whatIsNotBuilt();
if (missing !== undefined)
  process.stderr.write(`\nSKIPPED: the page of a node that asks for a key, since ${missing}\n\n`);

describe.skipIf(missing !== undefined)("the page of a node that asks for a key", () => {
  let browser: Browser;
  let node: NodeProcess;
  let view: WatchedPage | undefined;

  beforeAll(async () => {
    const options = ["-webrequirekey", `-webadminkey=${KEY}`];
    [browser, node] = await Promise.all([launchChromium(), NodeProcess.start(options)]);
    await node.rpc("generatetoaddress", 3, ADDRESS);
  });

  afterEach(async () => view?.close());

  afterAll(async () => {
    await browser?.close();
    await node?.remove();
  });

  test("takes it, says where it is wrong, and is then live as any other, also after a reload", async () => {
    view = await WatchedPage.open(browser, node.url);
    const { page } = view;
    await page.getByText("This node asks for a key").waitFor();
    const form = page.getByRole("form", { name: "Key of the node" });
    await form.getByLabel("API key").fill("a guess");
    await form.getByRole("button").click();
    await form.getByRole("alert").getByText("The key is not known here").waitFor();
    await view.picture("reading-key");

    await form.getByLabel("API key").fill(KEY);
    await form.getByRole("button").click();
    const state = page.getByTestId("connection");
    await state.getByText("Live").waitFor();
    await page.getByText("Block 3", { exact: true }).first().waitFor();
    await node.rpc("generatetoaddress", 1, ADDRESS);
    await page.getByText("Block 4", { exact: true }).first().waitFor();

    await page.reload();
    await state.getByText("Live").waitFor();
    expect(await form.count()).toBe(0);
  });
});
