import { describe, expect, test } from "vitest";
import { BlockIndex } from "./block-index.ts";
import { type ChainEvent, ChainEventHub, EVENT_QUEUE_MAX } from "./chain-events.ts";
import { LANE_TASKS_MAX, Lane } from "./lane.ts";
import { GENESIS, MemoryLog } from "./test-kit.ts";

const ENTRY = new BlockIndex().addHeader(GENESIS.block.header, undefined);
const event = (): ChainEvent => ({ type: "header-tip", entry: ENTRY, isInitialBlockDownload: false });

/** A promise and the function that keeps it. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

describe("subscribers", () => {
  test("get events in order, one after the other, behind the caller's back", async () => {
    const hub = new ChainEventHub(new MemoryLog());
    const seen: string[] = [];
    hub.subscribe(async (got) => {
      seen.push(`begin ${got.type}`);
      await new Promise((resolve) => setImmediate(resolve));
      seen.push(`end ${got.type}`);
    });
    hub.emit(event());
    hub.emit({ type: "block-connected", entry: ENTRY, block: GENESIS.block, elapsedMs: 1 });
    expect(seen).toEqual([]);
    await hub.drained();
    expect(seen).toEqual(["begin header-tip", "end header-tip", "begin block-connected", "end block-connected"]);
  });

  test("that are called inline have it before emit returns", () => {
    const hub = new ChainEventHub(new MemoryLog());
    const seen: string[] = [];
    const unsubscribe = hub.subscribe((got) => void seen.push(got.type), { delivery: "inline" });
    hub.emit(event());
    unsubscribe();
    hub.emit(event());
    expect(seen).toEqual(["header-tip"]);
  });

  test("that throw are logged and go on", async () => {
    const log = new MemoryLog();
    const hub = new ChainEventHub(log);
    let count = 0;
    hub.subscribe(
      () => {
        count++;
        throw new Error("no");
      },
      { name: "clumsy" },
    );
    hub.emit(event());
    hub.emit(event());
    await hub.drained();
    expect(count).toBe(2);
    expect(log.lines.filter((line) => line.includes("clumsy")).length).toBe(2);
  });

  test("that end no longer hold anybody up", async () => {
    const hub = new ChainEventHub(new MemoryLog());
    const unsubscribe = hub.subscribe(() => gate().opened);
    for (let count = 0; count < EVENT_QUEUE_MAX; count++) hub.emit(event());
    let hasRoom = false;
    const room = hub.room().then(() => {
      hasRoom = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(hasRoom).toBe(false);
    unsubscribe();
    await room;
    await hub.drained();
  });

  test("that are slow hold the chain up at the limit, and not before", async () => {
    const hub = new ChainEventHub(new MemoryLog());
    const { opened, open } = gate();
    let count = 0;
    hub.subscribe(async () => {
      await opened;
      count++;
    });
    for (let emitted = 0; emitted < EVENT_QUEUE_MAX - 1; emitted++) hub.emit(event());
    await hub.room();
    hub.emit(event());
    const room = hub.room();
    expect(count).toBe(0);
    open();
    await room;
    await hub.drained();
    expect(count).toBe(EVENT_QUEUE_MAX);
  });

  test("that are slow and may lose events are told how many, and hold nobody up", async () => {
    const hub = new ChainEventHub(new MemoryLog());
    const { opened, open } = gate();
    const seen: ChainEvent[] = [];
    hub.subscribe(
      async (got) => {
        await opened;
        seen.push(got);
      },
      { overflow: "lose", name: "slow" },
    );
    hub.emit(event());
    await new Promise((resolve) => setImmediate(resolve));
    for (let emitted = 1; emitted < EVENT_QUEUE_MAX + 5; emitted++) hub.emit(event());
    await hub.room();
    open();
    await new Promise((resolve) => setImmediate(resolve));
    hub.emit(event());
    await hub.drained();
    expect(seen.map(({ type }) => type)).toEqual(["header-tip", "events-lost", "header-tip"]);
    // All but the one that was being handled.
    expect(seen[1]).toEqual({ type: "events-lost", count: EVENT_QUEUE_MAX + 4 });
  });
});

describe("the lane", () => {
  test("runs one task at a time, in order, also behind one that throws", async () => {
    const lane = new Lane();
    const steps: string[] = [];
    const task = (name: string) => async () => {
      steps.push(`${name} begins`);
      await new Promise((resolve) => setImmediate(resolve));
      steps.push(`${name} ends`);
      if (name === "b") throw new Error("b failed");
      return name;
    };
    const results = await Promise.allSettled(["a", "b", "c"].map((name) => lane.run(task(name))));
    expect(steps).toEqual(["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  });

  test("turns away what comes beyond its limit, and after it was closed", async () => {
    const lane = new Lane();
    const { opened, open } = gate();
    const running = Array.from({ length: LANE_TASKS_MAX }, () => lane.run(() => opened));
    expect(lane.isFull).toBe(true);
    expect(await lane.run(async () => {})).toEqual({ ran: false });
    let hasRun = false;
    const own = lane.always(async () => {
      hasRun = true;
    });
    const closing = lane.close();
    open();
    await closing;
    await Promise.all([...running, own]);
    expect(hasRun).toBe(true);
    expect(await lane.run(async () => {})).toEqual({ ran: false });
  });
});
