import { expect, test } from "vitest";
import { EVENT_NAMES, topicsOf } from "./event-names.ts";

test.each([
  ["block-connected", ["chain", "mempool"]],
  ["tip-changed", ["chain", "mempool"]],
  ["mempool-summary", ["mempool"]],
  ["peer-disconnected", ["peers"]],
  ["miner-block-stale", ["miner"]],
  ["transaction-added", []],
])("%s puts %o out of date", (event, topics) => {
  expect(topicsOf(event)).toEqual(topics);
});

test("no event is listened to in vain", () => {
  for (const name of EVENT_NAMES) expect(topicsOf(name), name).not.toEqual([]);
});
