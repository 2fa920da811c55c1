import { describe, expect, test } from "vitest";
import type { AccountDescriptor } from "./account-descriptors.ts";
import { LookedIndexes, type RangeKind } from "./looked-indexes.ts";
import { farTurn, type ScriptRange, withoutRanges } from "./script-ranges.ts";

/** Which addresses a look asks for, where more are watched than wallets go to. */

function lookedAt(ends: { readonly lookedEnd: number; readonly farEnd?: number }, nextIndex: number, rangeEnd = 200) {
  const looked = new LookedIndexes();
  looked.load(1, ends, { nextIndex, rangeEnd });
  const spans = (reach = { nextIndex, rangeEnd }) =>
    Object.fromEntries((["looked", "new", "far"] as RangeKind[]).map((kind) => [kind, looked.spans(kind, 1, reach)]));
  return { looked, spans };
}

const range = (id: number, from: number, end: number): ScriptRange => ({
  descriptor: { id } as AccountDescriptor,
  isRanged: true,
  from,
  end,
  scripts: Array.from({ length: end - from }, (_, at) => Uint8Array.of(id, from + at)),
});
const short = (ranges: readonly ScriptRange[]) => ranges.map(({ descriptor: { id }, from, end }) => [id, from, end]);

describe("addresses that are watched", () => {
  test("are all new at first, and then the twentieth behind the last used one is the last of those that are known for good", () => {
    const { looked, spans } = lookedAt({ lookedEnd: 0 }, 0);
    expect(spans()).toEqual({ looked: [], new: [[0, 200]], far: [] });
    looked.note(1, [range(1, 100, 200), range(1, 0, 100)], { nextIndex: 5, rangeEnd: 205 });
    expect(spans({ nextIndex: 5, rangeEnd: 205 })).toEqual({ looked: [[0, 25]], new: [[200, 205]], far: [[25, 200]] });
    expect(looked.ends(1)).toEqual({ lookedEnd: 25, farEnd: 200 });
  });

  test("are new again, as far as that is known no more, where a far one was used: what happened since they were looked at is not known", () => {
    const { looked, spans } = lookedAt({ lookedEnd: 25, farEnd: 200 }, 5);
    const used = { nextIndex: 101, rangeEnd: 301 };
    expect(spans(used)).toEqual({
      looked: [[0, 25]],
      new: [
        [25, 121],
        [200, 301],
      ],
      far: [[121, 200]],
    });
    // Not all of them: those behind a part that was left out are not known.
    looked.note(1, [range(1, 25, 60), range(1, 61, 121)], used);
    expect(spans(used)).toEqual({
      looked: [[0, 60]],
      new: [
        [60, 121],
        [200, 301],
      ],
      far: [[121, 200]],
    });
    looked.note(1, [range(1, 60, 121), range(1, 200, 301)], used);
    expect(spans(used)).toEqual({ looked: [[0, 121]], new: [], far: [[121, 301]] });
  });

  test("of a record that says nothing of far ones are far from twenty behind the last used one on", () => {
    expect(lookedAt({ lookedEnd: 200 }, 5).spans()).toEqual({ looked: [[0, 25]], new: [], far: [[25, 200]] });
    expect(lookedAt({ lookedEnd: 25 }, 5, 25).spans()).toEqual({ looked: [[0, 25]], new: [], far: [] });
  });
});

describe("far addresses", () => {
  const all = [range(2, 30, 50), range(1, 20, 50)];

  test("have their turn one after the other, and again from the beginning", () => {
    const turns: unknown[] = [];
    let next = farTurn(all, undefined, 0).next;
    for (let turn = 0; turn < 5; turn++) {
      const taken = farTurn(all, next, 20);
      turns.push(short(taken.ranges));
      next = taken.next;
    }
    expect(turns).toEqual([
      [[1, 20, 40]],
      [
        [1, 40, 50],
        [2, 30, 40],
      ],
      [
        [2, 40, 50],
        [1, 20, 30],
      ],
      [[1, 30, 50]],
      [[2, 30, 50]],
    ]);
    expect(next).toEqual({ id: 1, index: 20 });
  });

  test("are all asked for at once where there is room, and each but once, with its scripts", () => {
    const { ranges } = farTurn(all, { id: 1, index: 33 }, Number.POSITIVE_INFINITY);
    expect(short(ranges)).toEqual([
      [1, 33, 50],
      [2, 30, 50],
      [1, 20, 33],
    ]);
    expect(ranges.at(-1)!.scripts.map(([, index]) => index)).toEqual(Array.from({ length: 13 }, (_, at) => 20 + at));
    expect(farTurn([], { id: 1, index: 33 }, 10)).toEqual({ ranges: [], next: { id: 1, index: 33 } });
    // What it was to go on with is watched no more.
    expect(short(farTurn(all, { id: 7, index: 3 }, 10).ranges)).toEqual([[1, 20, 30]]);
  });
});

test("what was asked for in parts is not asked for again in the same look", () => {
  const asked = [range(1, 40, 50), range(1, 10, 20), range(2, 0, 100)];
  expect(short(withoutRanges([range(1, 0, 60), range(2, 20, 40)], asked))).toEqual([
    [1, 0, 10],
    [1, 20, 40],
    [1, 50, 60],
  ]);
  const [, second] = withoutRanges([range(1, 0, 60)], asked);
  expect(second!.scripts[0]).toEqual(Uint8Array.of(1, 20));
});
