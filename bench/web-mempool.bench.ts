/**
 * How smooth the web page is, and how long the node lets others wait, while 100,000 transactions wait for a block and more come in: frames of
 * the renderer's main thread in Chromium's own trace beside a blank page, and the longest wait for a small answer of the node beside that
 * while no page is open. Run: `npm run build && npx tsx bench/web-mempool.bench.ts [TRANSACTIONS]`. Ratios carry from one machine to another.
 */
import { freePort } from "../packages/node/src/network/free-port.ts";
import { launchChromium, whyNoChromium } from "../test/browser/chromium.ts";
import { manyPayments } from "../test/browser/many-payments.ts";
import { BenchNode, OURS } from "./bench-node.ts";
import { fillMempool } from "./large-mempool.ts";
import { keepDrawing, printSmoothness, SMOOTHNESS_HEAD, type Smoothness, smoothnessOf } from "./page-trace.ts";

const WAITING = Number(process.argv[2] ?? 100_000);
const VIEWPORT = { width: 1280, height: 860 };
/** That come in while a page is looked at, so many in each step. */
const STEPS = 40;
const A_STEP = 5;
const STEP_MS = 100;
/** Between two small questions to the node. */
const ASK_EACH_MS = 10;
const PAGES = [
  ["dashboard", "/", "mempool-count"],
  ["mempool, its newest transactions", "/mempool", "mempool-count"],
  ["mempool, its clusters", "/mempool?tab=clusters", "table-frame"],
] as const;

const missing = whyNoChromium();
if (missing !== undefined) throw new Error(missing);
const webPort = await freePort();
const node = await BenchNode.spawn(OURS, [`-webport=${webPort}`]);
const browser = await launchChromium();

/** Asks the node something small again and again until `work` is done: the longest that it took to answer, in milliseconds. */
async function longestWait(work: Promise<void>): Promise<number> {
  let isDone = false;
  void work.finally(() => {
    isDone = true;
  });
  let longest = 0;
  while (!isDone) {
    const startMs = performance.now();
    await (await fetch(`http://127.0.0.1:${webPort}/api/v1/blockchain`)).arrayBuffer();
    longest = Math.max(longest, performance.now() - startMs);
    await new Promise((resolve) => setTimeout(resolve, ASK_EACH_MS));
  }
  await work;
  return longest;
}

try {
  await node.ready();
  const call: Parameters<typeof manyPayments>[0] = (method, ...params) => node.call(method, ...params);
  const { payments } = await manyPayments(call, STEPS * A_STEP * (PAGES.length + 1));
  await fillMempool(call, WAITING);
  const { size } = await node.call<{ readonly size: number }>("getmempoolinfo");
  let sentCount = 0;
  const stream = async () => {
    for (let step = 0; step < STEPS; step++) {
      const some = payments.slice(sentCount, sentCount + A_STEP);
      sentCount += A_STEP;
      await Promise.all(some.map(({ hex }) => call("sendrawtransaction", hex, 0)));
      await new Promise((resolve) => setTimeout(resolve, STEP_MS));
    }
  };
  const page = await (await browser.newContext({ viewport: VIEWPORT, serviceWorkers: "block" })).newPage();
  await page.goto("about:blank");
  await keepDrawing(page);
  let blankWaitMs = 0;
  const blank = await smoothnessOf(page, async () => {
    blankWaitMs = await longestWait(stream());
  });
  const rows: { readonly label: string; readonly smoothness: Smoothness; readonly waitMs: number }[] = [];
  for (const [label, path, testId] of PAGES) {
    await page.goto(`http://127.0.0.1:${webPort}${path}`);
    await page.getByTestId(testId).first().waitFor();
    await keepDrawing(page);
    let waitMs = 0;
    const smoothness = await smoothnessOf(page, async () => {
      waitMs = await longestWait(stream());
    });
    rows.push({ label, smoothness, waitMs });
  }
  console.log(`${size} transactions wait, ${(A_STEP * 1000) / STEP_MS} more come in a second\n`);
  console.log(SMOOTHNESS_HEAD);
  for (const { label, smoothness } of rows) printSmoothness(label, smoothness, blank);
  console.log("\n| | longest wait for a small answer, ms | no page open | ratio |\n|---|---|---|---|");
  for (const { label, waitMs } of rows) {
    console.log(
      `| ${label} | ${waitMs.toFixed(0)} | ${blankWaitMs.toFixed(0)} | ${(waitMs / blankWaitMs).toFixed(1)} |`,
    );
  }
} finally {
  await browser.close();
  await node.stop();
}
