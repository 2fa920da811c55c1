import type { JsonText } from "@bitfleet/api/json.ts";
import { describe, expect, test } from "vitest";
import { writeInTurns, writeMembersInTurns } from "./write-in-turns.ts";

/** A clock that goes on by `stepMs` whenever it is looked at. */
function clockOf(stepMs: number) {
  let nowMs = 0;
  return {
    monotonicMs: () => {
      nowMs += stepMs;
      return nowMs;
    },
  };
}

/** What a large answer is, and whether anybody else ran between its first item and its last. */
async function written(stepMs: number, write: (clock: ReturnType<typeof clockOf>) => Promise<JsonText>) {
  let isOver = false;
  let othersRan = false;
  setImmediate(() => {
    othersRan = !isOver;
  });
  const { text } = await write(clockOf(stepMs));
  isOver = true;
  return { text, othersRan };
}

describe("an answer written in turns", () => {
  const array = (items: readonly string[]) => (clock: ReturnType<typeof clockOf>) =>
    writeInTurns(
      items.map((item) => () => item),
      clock,
    );

  test("is an array of the items, or an object of the members", async () => {
    expect((await written(1, array([]))).text).toBe("[]");
    expect((await written(1, array(["a", 'b"']))).text).toBe('["a","b\\""]');
    const members: readonly (readonly [string, () => object])[] = [
      ["a", () => ({ x: 1 })],
      ["b", () => []],
    ];
    const text = async (count: number) =>
      (await written(1, (clock) => writeMembersInTurns(members.slice(0, count) as never, clock))).text;
    expect([await text(0), await text(1), await text(2)]).toEqual(["{}", '{"a":{"x":1}}', '{"a":{"x":1},"b":[]}']);
  });

  test("lets others have a turn where it takes more than ten milliseconds, and not before", async () => {
    expect((await written(11, array(["a", "b"]))).othersRan).toBe(true);
    expect((await written(10, array(["a"]))).othersRan).toBe(false);
  });
});
