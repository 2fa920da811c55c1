/**
 * How smooth the web page is while a block of 5,000 transactions arrives and is opened: frames of the renderer's main thread in Chromium's own
 * trace, beside a blank page in the same browser for which the same node mines as large a block. Run:
 * `npm run build && npx tsx bench/web-page.bench.ts`. The ratio says how many of the blank page's frames are ours (1 is as smooth); it carries
 * from one machine to another, times do not.
 */
import { freePort } from "../packages/node/src/network/free-port.ts";
import { launchChromium, whyNoChromium } from "../test/browser/chromium.ts";
import { manyPayments } from "../test/browser/many-payments.ts";
import { BenchNode, OURS } from "./bench-node.ts";
import { keepDrawing, printSmoothness, SMOOTHNESS_HEAD, smoothnessOf } from "./page-trace.ts";

const PAYMENTS = 5000;
/** Of pointing and scrolling. */
const STEPS = 60;
const IDLE_MS = 2000;
const VIEWPORT = { width: 1280, height: 860 };

const missing = whyNoChromium();
if (missing !== undefined) throw new Error(missing);
const webPort = await freePort();
const node = await BenchNode.spawn(OURS, [`-webport=${webPort}`]);
const browser = await launchChromium();
try {
  await node.ready();
  const call: Parameters<typeof manyPayments>[0] = (method, ...params) => node.call(method, ...params);
  const page = await (await browser.newContext({ viewport: VIEWPORT, serviceWorkers: "block" })).newPage();

  await page.goto("about:blank");
  await keepDrawing(page);
  const first = await manyPayments(call, PAYMENTS);
  await first.send();
  const blankArrives = await smoothnessOf(page, async () => {
    await first.mine();
    await page.waitForTimeout(IDLE_MS);
  });
  const blankIdle = await smoothnessOf(page, () => page.waitForTimeout(IDLE_MS));

  const second = await manyPayments(call, PAYMENTS);
  await second.send();
  await page.goto(`http://127.0.0.1:${webPort}/blocks`);
  await page.getByTestId("connection").getByText("Live").waitFor();
  await keepDrawing(page);
  let hash = "";
  const arrives = await smoothnessOf(page, async () => {
    hash = await second.mine();
    await page.locator(`tr a[href="/block/${hash}"]`).first().waitFor();
    await page.waitForTimeout(IDLE_MS);
  });
  const map = page.getByTestId("treemap");
  const opens = await smoothnessOf(page, async () => {
    await page.locator(`tr a[href="/block/${hash}"]`).first().click();
    await map.waitFor();
    await page.waitForTimeout(IDLE_MS);
  });
  const pointed = await smoothnessOf(page, async () => {
    const box = (await map.boundingBox())!;
    for (let step = 0; step < STEPS; step++) {
      await page.mouse.move(box.x + (box.width * step) / STEPS, box.y + (box.height * ((step * 7) % STEPS)) / STEPS);
      await page.waitForTimeout(16);
    }
  });
  await page.getByRole("tab", { name: "Table" }).click();
  await page.getByTestId("table-frame").hover();
  const scrolled = await smoothnessOf(page, async () => {
    for (let step = 0; step < STEPS; step++) {
      await page.mouse.wheel(0, 400);
      await page.waitForTimeout(16);
    }
  });

  console.log(`A block of ${PAYMENTS} payments\n`);
  console.log(SMOOTHNESS_HEAD);
  printSmoothness("the block arrives, in the list of blocks", arrives, blankArrives);
  printSmoothness("it is opened: figures, treemap, first transactions", opens, blankIdle);
  printSmoothness("the pointer goes over its treemap", pointed, blankIdle);
  printSmoothness("its table is scrolled", scrolled, blankIdle);
} finally {
  await browser.close();
  await node.stop();
}
