/**
 * How smooth the web page is while a block of 5,000 transactions arrives and is opened: frames of the renderer's main thread in Chromium's own
 * trace, beside a blank page in the same browser for which the same node mines as large a block. Run:
 * `npm run build && npx tsx bench/web-page.bench.ts`. The ratio says how many of the blank page's frames are ours (1 is as smooth); it carries
 * from one machine to another, times do not.
 */
import type { CDPSession, Page } from "playwright-core";
import { freePort } from "../packages/node/src/network/free-port.ts";
import { launchChromium, whyNoChromium } from "../test/browser/chromium.ts";
import { manyPayments } from "../test/browser/many-payments.ts";
import { BenchNode, OURS } from "./bench-node.ts";

const PAYMENTS = 5000;
const CATEGORIES = "devtools.timeline,disabled-by-default-devtools.timeline.frame,toplevel";
/** Of pointing and scrolling. */
const STEPS = 60;
const IDLE_MS = 2000;
const VIEWPORT = { width: 1280, height: 860 };

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  readonly args: { readonly name?: string };
}

interface Smoothness {
  readonly framesPerSecond: number;
  /** Of the main thread. */
  readonly longestTaskMs: number;
}

/** Asks for every frame, as an animation does: without one a page that stands still has none. */
// As text: what this file is run by would put names of its own into a function.
const keepDrawing = (page: Page) => page.evaluate("(function draw() { requestAnimationFrame(draw); })()");

/** What the trace says of the page's main thread while `act` runs. */
async function traced(page: Page, act: () => Promise<void>): Promise<Smoothness> {
  const session = await page.context().newCDPSession(page);
  const events: TraceEvent[] = [];
  session.on("Tracing.dataCollected", ({ value }) => events.push(...(value as unknown as TraceEvent[])));
  await session.send("Tracing.start", {
    transferMode: "ReportEvents",
    traceConfig: { includedCategories: CATEGORIES.split(",") },
  });
  const startMs = performance.now();
  await act();
  const seconds = (performance.now() - startMs) / 1000;
  await endOf(session);
  const own = mainThreadOf(events);
  const frames = own.filter(({ name }) => name === "BeginMainThreadFrame").length;
  const longest = own.reduce(
    (most, { name, dur = 0 }) => (name === "RunTask" || name.endsWith("::RunTask") ? Math.max(most, dur) : most),
    0,
  );
  return { framesPerSecond: frames / seconds, longestTaskMs: longest / 1000 };
}

async function endOf(session: CDPSession): Promise<void> {
  const complete = new Promise((resolve) => session.once("Tracing.tracingComplete", resolve));
  await session.send("Tracing.end");
  await complete;
  await session.detach();
}

/** Events of the renderer's main thread that drew most: other tabs stand still. */
function mainThreadOf(events: readonly TraceEvent[]): readonly TraceEvent[] {
  const counts = new Map<string, number>();
  const threadOf = ({ pid, tid }: TraceEvent) => `${pid}:${tid}`;
  for (const event of events) {
    if (event.name === "BeginMainThreadFrame") counts.set(threadOf(event), (counts.get(threadOf(event)) ?? 0) + 1);
  }
  const [busiest] = [...counts].sort(([, a], [, b]) => b - a)[0] ?? [];
  if (busiest === undefined) throw new Error("the trace has no frames");
  return events.filter((event) => threadOf(event) === busiest);
}

function print(label: string, ours: Smoothness, blank: Smoothness): void {
  const cells = [
    ours.framesPerSecond.toFixed(1),
    blank.framesPerSecond.toFixed(1),
    (ours.framesPerSecond / blank.framesPerSecond).toFixed(2),
    ours.longestTaskMs.toFixed(0),
    blank.longestTaskMs.toFixed(0),
  ];
  console.log(`| ${label} | ${cells.join(" | ")} |`);
}

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
  const blankArrives = await traced(page, async () => {
    await first.mine();
    await page.waitForTimeout(IDLE_MS);
  });
  const blankIdle = await traced(page, () => page.waitForTimeout(IDLE_MS));

  const second = await manyPayments(call, PAYMENTS);
  await second.send();
  await page.goto(`http://127.0.0.1:${webPort}/blocks`);
  await page.getByTestId("connection").getByText("Live").waitFor();
  await keepDrawing(page);
  let hash = "";
  const arrives = await traced(page, async () => {
    hash = await second.mine();
    await page.locator(`tr a[href="/block/${hash}"]`).first().waitFor();
    await page.waitForTimeout(IDLE_MS);
  });
  const map = page.getByTestId("treemap");
  const opens = await traced(page, async () => {
    await page.locator(`tr a[href="/block/${hash}"]`).first().click();
    await map.waitFor();
    await page.waitForTimeout(IDLE_MS);
  });
  const pointed = await traced(page, async () => {
    const box = (await map.boundingBox())!;
    for (let step = 0; step < STEPS; step++) {
      await page.mouse.move(box.x + (box.width * step) / STEPS, box.y + (box.height * ((step * 7) % STEPS)) / STEPS);
      await page.waitForTimeout(16);
    }
  });
  await page.getByRole("tab", { name: "Table" }).click();
  await page.getByTestId("table-frame").hover();
  const scrolled = await traced(page, async () => {
    for (let step = 0; step < STEPS; step++) {
      await page.mouse.wheel(0, 400);
      await page.waitForTimeout(16);
    }
  });

  console.log(`A block of ${PAYMENTS} payments\n`);
  console.log("| | frames/s | blank page | ratio | longest task, ms | blank page |\n|---|---|---|---|---|---|");
  print("the block arrives, in the list of blocks", arrives, blankArrives);
  print("it is opened: figures, treemap, first transactions", opens, blankIdle);
  print("the pointer goes over its treemap", pointed, blankIdle);
  print("its table is scrolled", scrolled, blankIdle);
} finally {
  await browser.close();
  await node.stop();
}
