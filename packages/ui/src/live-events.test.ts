import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { LiveEvents } from "./live-events.ts";

class FakeStream {
  readonly listeners = new Map<string, () => void>();
  isClosed = false;
  addEventListener(name: string, listener: () => void): void {
    this.listeners.set(name, listener);
  }
  close(): void {
    this.isClosed = true;
  }
  emit(name: string): void {
    this.listeners.get(name)?.();
  }
}

function setUp(isNodeThere = false) {
  const streams: FakeStream[] = [];
  const seen: string[] = [];
  let resyncCount = 0;
  const live = new LiveEvents(
    { url: "/events", names: ["tip-changed"] },
    {
      openStream: () => {
        const stream = new FakeStream();
        streams.push(stream);
        return stream as unknown as EventSource;
      },
      probe: async () => isNodeThere,
      onEvent: (name) => seen.push(name),
      onResync: () => resyncCount++,
    },
  );
  return { live, streams, seen, resyncs: () => resyncCount, last: () => streams.at(-1) as FakeStream };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("the stream", () => {
  test("is live once open, resynchronises and passes events on", () => {
    const { live, seen, resyncs, last } = setUp();
    live.start();
    expect(live.state).toBe("connecting");
    last().emit("open");
    expect(live.state).toBe("live");
    expect(resyncs()).toBe(1);
    last().emit("tip-changed");
    expect(seen).toEqual(["tip-changed"]);
  });

  test("opens once, however often it is started", () => {
    const { live, streams } = setUp();
    live.start();
    live.start();
    expect(streams).toHaveLength(1);
  });

  test("opens again after a break and resynchronises, since events were missed", () => {
    const { live, streams, resyncs, last } = setUp();
    live.start();
    last().emit("open");
    last().emit("error");
    expect(live.state).toBe("reconnecting");
    expect(streams[0]?.isClosed).toBe(true);
    vi.advanceTimersByTime(500);
    expect(streams).toHaveLength(2);
    last().emit("open");
    expect(live.state).toBe("live");
    expect(resyncs()).toBe(2);
  });

  test("waits longer after each failure, up to five seconds", () => {
    const { live, streams, last } = setUp();
    live.start();
    for (const delayMs of [500, 1000, 2000, 4000, 5000, 5000]) {
      const count = streams.length;
      last().emit("error");
      vi.advanceTimersByTime(delayMs - 1);
      expect(streams).toHaveLength(count);
      vi.advanceTimersByTime(1);
      expect(streams).toHaveLength(count + 1);
    }
  });

  test("is retried at once when asked", () => {
    const { live, streams, last } = setUp();
    live.start();
    last().emit("error");
    live.retryNow();
    expect(streams).toHaveLength(2);
    vi.advanceTimersByTime(60_000);
    expect(streams).toHaveLength(2);
  });

  test.each([
    [true, "polling"],
    [false, "offline"],
  ])("node answers: %s, so it is %s after the second failure, and not before", async (isNodeThere, state) => {
    const { live, last } = setUp(isNodeThere);
    live.start();
    last().emit("open");
    last().emit("error");
    await vi.advanceTimersByTimeAsync(500);
    expect(live.state).toBe("reconnecting");
    last().emit("error");
    await vi.advanceTimersByTimeAsync(0);
    expect(live.state).toBe(state);
    await vi.advanceTimersByTimeAsync(1000);
    last().emit("open");
    expect(live.state).toBe("live");
  });

  test("says nothing more once stopped", () => {
    const { live, streams, seen, last } = setUp();
    live.start();
    last().emit("open");
    live.stop();
    last().emit("tip-changed");
    last().emit("error");
    vi.advanceTimersByTime(60_000);
    expect(seen).toEqual([]);
    expect(streams).toHaveLength(1);
    expect(streams[0]?.isClosed).toBe(true);
  });

  test("tells its listeners of each change, until they leave", () => {
    const { live, last } = setUp();
    const states: string[] = [];
    const leave = live.subscribe(() => states.push(live.state));
    live.start();
    last().emit("open");
    last().emit("error");
    leave();
    vi.advanceTimersByTime(500);
    last().emit("open");
    expect(states).toEqual(["live", "reconnecting"]);
  });
});
