import { transaction } from "@bitfleet/protocol/consensus/test-kit.ts";
import { expect, test } from "vitest";
import { entryOf } from "./acceptance-test-kit.ts";
import { type MempoolEvent, MempoolEvents } from "./mempool-events.ts";

const removed = (sequence: number): MempoolEvent => ({
  type: "transaction-removed",
  entry: entryOf(transaction(), 0n),
  reason: "block",
  sequence,
});

test("every listener has every event before emit returns, in the order of subscription, until it ends", () => {
  const events = new MempoolEvents();
  const seen: string[] = [];
  const listener = (name: string) => (event: MempoolEvent) => void seen.push(`${name}${event.sequence}`);
  events.emit(removed(1));
  const end = events.subscribe(listener("a"));
  events.subscribe(listener("b"));
  events.emit(removed(2));
  expect(seen).toEqual(["a2", "b2"]);
  end();
  end();
  events.emit(removed(3));
  expect(seen).toEqual(["a2", "b2", "b3"]);
});

test("one listener may be there twice, and end once", () => {
  const events = new MempoolEvents();
  let count = 0;
  const listener = () => void count++;
  const end = events.subscribe(listener);
  events.subscribe(listener);
  events.emit(removed(1));
  end();
  events.emit(removed(2));
  expect(count).toBe(3);
});
