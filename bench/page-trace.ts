import type { Page } from "playwright-core";

/** What of Chromium's own trace is read. Times are microseconds. */
export interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  /** Processor time of its thread. */
  readonly tdur?: number;
  readonly args: {
    readonly data?: {
      readonly score?: number;
      readonly had_recent_input?: boolean;
      readonly navigationId?: string;
    };
  };
}

const CATEGORIES = [
  "devtools.timeline",
  "disabled-by-default-devtools.timeline",
  "disabled-by-default-devtools.timeline.frame",
  "toplevel",
  "loading",
  "blink.user_timing",
];

/** Everything that Chromium notes of a page, and of its own threads, while `act` runs. */
export async function traceOf(page: Page, act: () => Promise<void>): Promise<readonly TraceEvent[]> {
  const session = await page.context().newCDPSession(page);
  const events: TraceEvent[] = [];
  session.on("Tracing.dataCollected", ({ value }) => events.push(...(value as unknown as TraceEvent[])));
  await session.send("Tracing.start", {
    transferMode: "ReportEvents",
    traceConfig: { includedCategories: CATEGORIES },
  });
  await act();
  const complete = new Promise((resolve) => session.once("Tracing.tracingComplete", resolve));
  await session.send("Tracing.end");
  await complete;
  await session.detach();
  return events;
}

/** Events of the thread that has the most of one name: a renderer's main thread, of the page that is looked at. */
export function busiestThread(events: readonly TraceEvent[], name: string): readonly TraceEvent[] {
  const counts = new Map<string, number>();
  const threadOf = ({ pid, tid }: TraceEvent) => `${pid}:${tid}`;
  for (const event of events) {
    if (event.name === name) counts.set(threadOf(event), (counts.get(threadOf(event)) ?? 0) + 1);
  }
  const [busiest] = [...counts].sort(([, a], [, b]) => b - a)[0] ?? [];
  if (busiest === undefined) throw new Error(`the trace has no ${name}`);
  return events.filter((event) => threadOf(event) === busiest);
}

/** Tasks of a page's thread, by their processor time in milliseconds: what others on the machine do lengthens it little. */
export function taskLengths(thread: readonly TraceEvent[]): readonly number[] {
  return thread.filter(({ name }) => name === "RunTask").map(({ dur = 0, tdur = dur }) => tdur / 1000);
}

/** What moved without the reader having done anything: Chromium's score of each shift, added up. */
export function layoutShift(thread: readonly TraceEvent[]): number {
  return thread
    .filter(({ name, args }) => name === "LayoutShift" && args.data?.had_recent_input !== true)
    .reduce((sum, { args }) => sum + (args.data?.score ?? 0), 0);
}

export interface Smoothness {
  readonly framesPerSecond: number;
  /** Of the page's main thread; this and the next by processor time. */
  readonly longestTaskMs: number;
  /** Of the time, the page's main thread. */
  readonly busyShare: number;
  readonly layoutShift: number;
}

/** How smooth a page is that draws all the time ({@link keepDrawing}) while `act` runs. */
export async function smoothnessOf(page: Page, act: () => Promise<void>): Promise<Smoothness> {
  let seconds = 0;
  const events = await traceOf(page, async () => {
    const startMs = performance.now();
    await act();
    seconds = (performance.now() - startMs) / 1000;
  });
  const thread = busiestThread(events, "BeginMainThreadFrame");
  const frames = thread.filter(({ name }) => name === "BeginMainThreadFrame").length;
  return {
    framesPerSecond: frames / seconds,
    longestTaskMs: Math.max(0, ...taskLengths(thread)),
    busyShare: taskLengths(thread).reduce((sum, ms) => sum + ms, 0) / 1000 / seconds,
    layoutShift: layoutShift(thread),
  };
}

/** Asks for every frame, as an animation does: without one a page that stands still has none. */
// As text: what these files are run by would put names of its own into a function.
export const keepDrawing = (page: Page): Promise<unknown> =>
  page.evaluate("(function draw() { requestAnimationFrame(draw); })()");

/** A line of a table: a page of ours beside a blank one. */
export function printSmoothness(label: string, ours: Smoothness, blank: Smoothness): void {
  const cells = [
    ours.framesPerSecond.toFixed(1),
    blank.framesPerSecond.toFixed(1),
    (ours.framesPerSecond / blank.framesPerSecond).toFixed(2),
    ours.longestTaskMs.toFixed(0),
    blank.longestTaskMs.toFixed(0),
    `${(100 * ours.busyShare).toFixed(0)} %`,
    ours.layoutShift.toFixed(3),
  ];
  console.log(`| ${label} | ${cells.join(" | ")} |`);
}

export const SMOOTHNESS_HEAD =
  "| | frames/s | blank page | ratio | longest task, ms | blank page | thread busy | layout shift |\n|---|---|---|---|---|---|---|---|";
