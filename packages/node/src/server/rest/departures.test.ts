import { transaction } from "@bitfleet/protocol/consensus/test-kit.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { describe, expect, test } from "vitest";
import { ManualClock } from "../../chain/test-kit.ts";
import { entryOf } from "../../mempool/acceptance-test-kit.ts";
import type { Entry } from "../../mempool/entry.ts";
import { MempoolEvents, type RemovalReason } from "../../mempool/mempool-events.ts";
import { Departures } from "./departures.ts";

/** Told of one transaction after the other, a second apart; each has a lock time of its own. */
function openDepartures(options: ConstructorParameters<typeof Departures>[2] = {}) {
  const clock = new ManualClock();
  const events = new MempoolEvents();
  const departures = new Departures({ events }, clock, options);
  let sequence = 1;
  const add = (entry: Entry) =>
    events.emit({ type: "transaction-added", entry, spentOutputs: [], arrival: "alone", sequence: sequence++ });
  const remove = (entry: Entry, reason: RemovalReason, ...by: readonly Entry[]) => {
    clock.seconds++;
    const replacedBy = by.map(({ tx }) => tx.txid);
    events.emit({ type: "transaction-removed", entry, reason, replacedBy, sequence: sequence++ });
  };
  return {
    departures,
    add,
    remove,
    replace: (old: Entry, by: Entry) => {
      remove(old, "replaced", by);
      add(by);
    },
    /** As `1 replaced by 2`. */
    around: ({ tx }: Entry, countMax = 100) =>
      departures.around(tx.txid, countMax).map(({ txid, state, replacedBy }) => {
        const names = replacedBy.map((id) => nameOf(displayHash(id)));
        return [nameOf(displayHash(txid)), state, ...names].join(" ");
      }),
  };
}

const nameOf = (id: string) => names.get(id) ?? id;
const names = new Map<string, string>();
const ENTRIES = [0, 1, 2, 3, 4, 5].map((lockTime) => {
  const entry = entryOf(transaction({ lockTime }), BigInt(1000 * lockTime), {
    timeSeconds: lockTime,
    sequence: lockTime,
  });
  names.set(displayHash(entry.tx.txid), String(lockTime));
  return entry;
});
const [, A, B, C, D, E] = ENTRIES as [Entry, Entry, Entry, Entry, Entry, Entry];

describe("what is remembered of transactions that left", () => {
  test("a chain of replacements is the same from each of its members, and follows what becomes of the last", () => {
    const { replace, remove, around } = openDepartures();
    replace(A, B);
    replace(B, C);
    const chain = ["1 replaced 2", "2 replaced 3", "3 waiting"];
    for (const one of [A, B, C]) expect(around(one)).toEqual(chain);
    remove(C, "block");
    expect(around(A).at(-1)).toBe("3 block");
  });

  test("one that came and went with a block, and one that nobody knows, are not", () => {
    const { add, remove, around } = openDepartures();
    add(A);
    remove(A, "block");
    expect(around(A)).toEqual([]);
    expect(around(B)).toEqual([]);
  });

  test.each(["expiry", "sizelimit", "reorg"] as const)(
    "one that left for %s has no successor, and its bytes are kept",
    (reason) => {
      const { remove, around, departures } = openDepartures();
      remove(A, reason);
      expect(around(A)).toEqual([`1 ${reason}`]);
      expect(departures.bytesOf(A.tx.txid)).toEqual(A.tx.bytes);
    },
  );

  test("one that is back is waiting, and nothing stands in its place", () => {
    const { replace, remove, add, around, departures } = openDepartures();
    replace(A, B);
    remove(B, "reorg");
    add(A);
    expect(around(A)).toEqual([]);
    expect(around(B)).toEqual(["2 reorg"]);
    expect(departures.bytesOf(A.tx.txid)).toBeUndefined();
    // One that has replaced another keeps that.
    const again = openDepartures();
    again.replace(A, B);
    again.remove(B, "reorg");
    again.add(B);
    expect(again.around(A)).toEqual(["1 replaced 2", "2 waiting"]);
  });

  test("one that a block takes in the place of what replaced it has its place again", () => {
    const { replace, remove, around, departures } = openDepartures();
    replace(A, B);
    remove(B, "conflict", A);
    for (const one of [A, B]) expect(around(one)).toEqual(["1 block", "2 conflict 1"]);
    expect(departures.bytesOf(A.tx.txid)).toBeUndefined();
    expect(departures.bytesOf(B.tx.txid)).toEqual(B.tx.bytes);
  });

  test("the oldest are forgotten, and links to them lead nowhere", () => {
    const { replace, remove, around } = openDepartures({ countMax: 3 });
    replace(A, B);
    replace(C, D);
    expect(around(B)).toEqual(["2 waiting"]);
    remove(E, "expiry");
    expect(around(B)).toEqual([]);
    expect(around(C)).toEqual(["3 replaced 4", "4 waiting"]);
  });

  test("the bytes of the oldest go first", () => {
    const { remove, departures } = openDepartures({ keptBytesMax: 2 * A.tx.bytes.length });
    for (const one of [A, B, C]) remove(one, "expiry");
    expect([A, B, C].map(({ tx }) => departures.bytesOf(tx.txid) !== undefined)).toEqual([false, true, true]);
  });

  test("of many, those nearest are told", () => {
    const { replace, around } = openDepartures();
    replace(A, B);
    replace(B, C);
    replace(C, D);
    expect(around(D, 2)).toEqual(["3 replaced 4", "4 waiting"]);
    expect(around(A, 3)).toEqual(["1 replaced 2", "2 replaced 3", "3 replaced 4"]);
  });
});
