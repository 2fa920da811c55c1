import { fromHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { describe, expect, test } from "vitest";
import { BlockIndexEntry } from "../../chain/block-index.ts";
import { GENESIS, ManualClock, MemoryLog, NETWORK } from "../../chain/test-kit.ts";
import { BlockReader } from "./block-reader.ts";
import { CursorCodec } from "./event-cursor.ts";
import { type EventFrame, eventFrame } from "./event-frame.ts";
import { EventLog } from "./event-log.ts";
import { EventSession } from "./event-session.ts";
import type { EventSink, Farewell } from "./event-sink.ts";
import { Interests } from "./interests.ts";
import { parseTopic, TopicSet } from "./topic-set.ts";

/** When a client is too slow: connections that take nothing, and a clock that stands still. */

const genesis = new BlockIndexEntry(GENESIS.block.header, undefined);

class FakeSink implements EventSink {
  readonly kind = "websocket";
  isOpen = true;
  hasRoom = true;
  readonly sent: EventFrame[] = [];
  farewell: Farewell | undefined;
  #wake = () => {};

  room(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  take(): void {
    this.hasRoom = true;
    this.#wake();
  }

  send(frame: EventFrame): void {
    this.sent.push(frame);
  }

  probe(): boolean {
    return true;
  }

  end(farewell: Farewell, last?: EventFrame): void {
    this.farewell = farewell;
    if (last !== undefined) this.sent.push(last);
  }

  destroy(): void {}
}

function setUp({ eventsMax = 100, backlogBytesMax = 10_000, stallMs = 1000 } = {}) {
  const clock = new ManualClock();
  const events = new EventLog({ eventsMax }, genesis);
  const interests = new Interests(clock, () => events.last);
  const cursors = new CursorCodec({ instance: fromHex("0102030405060708"), magic: NETWORK.magic });
  const chain = { find: () => genesis, readBlock: () => Promise.reject(), readUndo: () => Promise.reject() };
  const sink = new FakeSink();
  let droppedCount = 0;
  const session = new EventSession(
    sink,
    {
      topics: new TopicSet([parseTopic("peers", NETWORK.addressPrefixes)]),
      backlogBytesMax,
      stallMs,
      replayBlocksMax: 10,
    },
    {
      ...{ events, interests, cursors, chain, clock, prefixes: NETWORK.addressPrefixes, log: new MemoryLog() },
      reader: new BlockReader(chain),
      onSent: () => {},
      onDropped: () => droppedCount++,
    },
  );
  /** Tells of so many peers, each of about `size` bytes. */
  const tell = async (count: number, size = 10) => {
    for (let index = 0; index < count; index++) {
      const sequence = events.last + 1;
      const fields = () => ({ id: sequence, direction: "inbound" as const, user_agent: "x".repeat(size) });
      const frame = eventFrame("peer-connected", () => cursors.text(genesis, sequence), fields);
      void frame.json;
      events.append({ kind: "peers", position: genesis, frame });
      session.pump();
      session.judge();
    }
    // Sessions go on in microtasks alone: this is behind them.
    await new Promise((resolve) => setImmediate(resolve));
  };
  const ids = () => sink.sent.flatMap(({ json }) => (JSON.parse(json) as { id?: number }).id ?? []);
  return { clock, sink, session, tell, ids, dropped: () => droppedCount };
}

const range = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe("a client", () => {
  test("that takes everything is told everything, more than the log holds too", async () => {
    const { tell, ids, session } = setUp({ eventsMax: 5 });
    for (let round = 0; round < 30; round++) await tell(3);
    expect(ids()).toEqual(range(90));
    expect(session.isOver).toBe(false);
  });

  test("may pause, and goes on where it was", async () => {
    const { tell, ids, sink, clock, session } = setUp();
    sink.hasRoom = false;
    await tell(10);
    expect(ids()).toEqual([]);
    clock.elapsedMs += 999;
    session.judge();
    sink.take();
    await tell(1);
    expect(ids()).toEqual(range(11));
    // The pause is forgotten.
    clock.elapsedMs += 10_000;
    session.judge();
    expect(session.isOver).toBe(false);
  });

  test("that takes nothing for too long is dropped, and told why if there is room", async () => {
    const { tell, sink, clock, session, dropped } = setUp();
    sink.hasRoom = false;
    await tell(1);
    clock.elapsedMs += 1000;
    session.judge();
    expect(sink.farewell).toMatchObject({ code: 4008, reason: expect.stringContaining("Too slow") });
    expect(dropped()).toBe(1);
    expect(sink.sent.map(({ name }) => name)).toEqual(["hello"]);
  });

  test("is dropped when too many bytes wait behind what it is taking, however large that is itself", async () => {
    const { tell, sink, session } = setUp({ backlogBytesMax: 10_000 });
    sink.hasRoom = false;
    await tell(1, 50_000);
    expect(session.isOver).toBe(false);
    await tell(1, 9000);
    expect(session.isOver).toBe(false);
    await tell(1, 1000);
    expect(session.isOver).toBe(true);
    expect(sink.farewell?.code).toBe(4008);
  });

  test("is dropped when the log has let go of what it was to be told next", async () => {
    const { tell, sink, session } = setUp({ eventsMax: 5, backlogBytesMax: 1_000_000 });
    sink.hasRoom = false;
    await tell(6);
    expect(session.isOver).toBe(false);
    await tell(1);
    expect(session.isOver).toBe(true);
    sink.take();
    await tell(1);
    expect(sink.sent.map(({ name }) => name)).toEqual(["hello"]);
  });

  test("that asks and does not take the answers is dropped", () => {
    const { sink, session } = setUp();
    session.refuse("What?");
    expect(sink.sent.map(({ name }) => name)).toEqual(["hello", "error"]);
    expect(sink.sent[1]!.cursor).toBe(sink.sent[0]!.cursor);
    sink.hasRoom = false;
    session.refuse("What?");
    expect(session.isOver).toBe(true);
  });
});
