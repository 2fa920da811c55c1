import type { Txid } from "@bitfleet/protocol/primitives/types.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { beforeEach, expect, test } from "vitest";
import { UnbroadcastSet } from "./unbroadcast.ts";

const txidOf = (number: number) => new Uint8Array(32).fill(number) as Txid;

let lines: string[];
let set: UnbroadcastSet;

beforeEach(() => {
  lines = [];
  set = new UnbroadcastSet({ debug: (category, message) => lines.push(`[${category}] ${message}`) });
});

test("a transaction is in it once, until a peer gets it or it leaves the mempool", () => {
  const [first, second] = [txidOf(1), txidOf(2)];
  for (const txid of [first, second, first]) set.add(txid);
  expect(set.txids()).toEqual([first, second]);
  expect([set.has(first), set.has(second), set.has(txidOf(3))]).toEqual([true, true, false]);

  set.delivered(first);
  expect([set.size, set.has(first)]).toEqual([1, false]);
  set.left(second);
  expect(set.size).toBe(0);
  expect(lines).toEqual([
    `[mempool] Removed ${displayHash(first)} from set of unbroadcast txns`,
    `[mempool] Removed ${displayHash(second)} from set of unbroadcast txns before confirmation that txn was sent out`,
  ]);
});

test("nothing is said of transactions that are not in it", () => {
  set.left(txidOf(1));
  set.delivered(txidOf(1));
  expect(lines).toEqual([]);
});
