/**
 * What Lighthouse asks of a page, from Chromium's own trace: pages of the web app opened cold (nothing in the cache, no service worker) on a
 * node with real blocks, each beside the same document of the same server without its scripts, which is all that a server can do about it.
 * Run: `npm run build && npx tsx bench/web-load.bench.ts`. Ratios carry from one machine to another, times do not.
 */
import type { Browser, Page } from "playwright-core";
import { freePort } from "../packages/node/src/network/free-port.ts";
import { launchChromium, whyNoChromium } from "../test/browser/chromium.ts";
import { manyPayments } from "../test/browser/many-payments.ts";
import { BenchNode, OURS } from "./bench-node.ts";
import { layoutShift, type TraceEvent, taskLengths, traceOf } from "./page-trace.ts";

const PAYMENTS = 2000;
const ROUNDS = 3;
const VIEWPORT = { width: 1280, height: 860 };
/** From here on a task blocks: what is above it counts, as in Lighthouse's total blocking time. */
const BLOCKING_MS = 50;
/** For what comes late and moves something. */
const SETTLE_MS = 2000;

/** Marks the frame in which a figure of the node is seen and its events come. As text: what runs this file would put names of its own in. */
const markLive = (figure: string) => `
  (function look() {
    const pill = document.querySelector("[data-testid=connection]");
    const isThere = document.querySelector(${JSON.stringify(figure)}) !== null;
    if (isThere && pill?.dataset.state === "live") performance.mark("bitfleet-live");
    else requestAnimationFrame(look);
  })();`;

interface Load {
  /** Milliseconds from the beginning of the navigation. */
  readonly firstPaint: number;
  readonly firstContentfulPaint: number;
  readonly largestContentfulPaint: number;
  readonly live: number;
  /** Processor time of the page's main thread until then. */
  readonly work: number;
  readonly blocking: number;
  readonly layoutShift: number;
  readonly scriptBytes: number;
}

async function load(browser: Browser, url: string, figure: string): Promise<Load> {
  const context = await browser.newContext({ viewport: VIEWPORT, serviceWorkers: "block" });
  const page = await context.newPage();
  await page.addInitScript(markLive(figure));
  const events = await traceOf(page, async () => {
    await page.goto(url);
    await page.locator(figure).first().waitFor();
    await page.locator("[data-testid=connection][data-state=live]").waitFor();
    await page.waitForTimeout(SETTLE_MS);
  });
  const scriptBytes = await scriptBytesOf(page);
  await context.close();
  const start = navigationOf(events);
  const thread = events.filter(({ pid, tid }) => pid === start?.pid && tid === start.tid);
  const at = timesOf(events);
  return {
    firstPaint: at("firstPaint"),
    firstContentfulPaint: at("firstContentfulPaint"),
    largestContentfulPaint: at("largestContentfulPaint::Candidate"),
    live: at("bitfleet-live"),
    work: sumOf(
      taskLengths(thread.filter(({ ts }) => start !== undefined && ts < start.ts + at("bitfleet-live") * 1000)),
    ),
    blocking: sumOf(taskLengths(thread).map((ms) => Math.max(0, ms - BLOCKING_MS))),
    layoutShift: layoutShift(thread),
    scriptBytes,
  };
}

/** The same document without its scripts: what it says then is the first that is painted. */
async function loadBlank(browser: Browser, url: string): Promise<number> {
  const context = await browser.newContext({ viewport: VIEWPORT, serviceWorkers: "block", javaScriptEnabled: false });
  const page = await context.newPage();
  const events = await traceOf(page, async () => {
    await page.goto(url);
    await page.waitForTimeout(SETTLE_MS);
  });
  await context.close();
  return timesOf(events)("firstContentfulPaint");
}

/** The beginning of the navigation that painted, noted by the page's main thread; `undefined` where none did in time. */
function navigationOf(events: readonly TraceEvent[]): TraceEvent | undefined {
  const painted = events.findLast(({ name }) => name === "firstContentfulPaint")?.args.data?.navigationId;
  if (painted === undefined) return undefined;
  return events.find(({ name, args }) => name === "navigationStart" && args.data?.navigationId === painted);
}

/** When something happened, the last time it did, in milliseconds from the beginning of the navigation. */
function timesOf(events: readonly TraceEvent[]): (name: string) => number {
  const start = navigationOf(events);
  return (name) => {
    const event = events.findLast((each) => each.name === name && each.pid === start?.pid);
    return event === undefined || start === undefined ? Number.NaN : (event.ts - start.ts) / 1000;
  };
}

/** Of all scripts so far, compressed. */
const scriptBytesOf = (page: Page): Promise<number> =>
  page.evaluate(`performance.getEntriesByType("resource")
    .filter(({ name }) => name.endsWith(".js"))
    .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)`);

const sumOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

/** Of those that are known. */
function median(values: readonly number[]): number {
  const known = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  return known[known.length >> 1] ?? Number.NaN;
}

const missing = whyNoChromium();
if (missing !== undefined) throw new Error(missing);
const webPort = await freePort();
const node = await BenchNode.spawn(OURS, [`-webport=${webPort}`]);
const browser = await launchChromium();
try {
  await node.ready();
  const call: Parameters<typeof manyPayments>[0] = (method, ...params) => node.call(method, ...params);
  const mined = await manyPayments(call, PAYMENTS);
  await mined.send();
  const hash = await mined.mine();
  const waiting = await manyPayments(call, PAYMENTS);
  await waiting.send();
  const PAGES = [
    ["dashboard", "/", "[data-testid=tip-height]"],
    ["blocks", "/blocks", "tr[data-height]"],
    [`a block of ${PAYMENTS} payments`, `/block/${hash}`, "[data-testid=treemap]"],
    [`mempool of ${PAYMENTS} transactions`, "/mempool", "[data-testid=mempool-count]"],
  ] as const;

  console.log("Milliseconds from the beginning of the navigation, medians\n");
  console.log(
    "| | first paint of the document alone | first contentful paint, ratio | largest, ratio | live data, ratio | live data | work of the thread until then | blocking | layout shift | script, kB |",
  );
  console.log("|---|---|---|---|---|---|---|---|---|---|");
  for (const [label, path, figure] of PAGES) {
    const url = `http://127.0.0.1:${webPort}${path}`;
    const loads: Load[] = [];
    const blanks: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      blanks.push(await loadBlank(browser, url));
      loads.push(await load(browser, url, figure));
    }
    const blank = median(blanks);
    const of = (name: keyof Load) => median(loads.map((each) => each[name]));
    const ratio = (name: keyof Load) => (of(name) / blank).toFixed(1);
    const cells = [
      blank.toFixed(0),
      ratio("firstContentfulPaint"),
      ratio("largestContentfulPaint"),
      ratio("live"),
      of("live").toFixed(0),
      of("work").toFixed(0),
      of("blocking").toFixed(0),
      of("layoutShift").toFixed(4),
      (of("scriptBytes") / 1000).toFixed(0),
    ];
    console.log(`| ${label} | ${cells.join(" | ")} |`);
  }
} finally {
  await browser.close();
  await node.stop();
}
