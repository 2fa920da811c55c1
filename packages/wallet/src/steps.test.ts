import { expect, test } from "vitest";
import { allAtOnce, inTurns, type Steps, type Turns } from "./steps.ts";

/** Counts to `total`, and notes how it ended. */
function* counting(total: number, ends: string[] = []): Steps<number> {
  let end = "ended early";
  try {
    for (let done = 1; done <= total; done++) yield { work: "sign", done, total };
    end = "done";
    return total;
  } finally {
    ends.push(end);
  }
}

/** A turn behind every `count`-th step, counted. */
function everySteps(
  count: number,
  onTurn: (turn: number) => void = () => {},
): Turns & { readonly given: () => number } {
  let steps = 0;
  let turns = 0;
  return {
    isDue: () => ++steps % count === 0,
    give: async () => onTurn(++turns),
    given: () => turns,
  };
}

test("led at once, others have no turn, and the result is the same", () => {
  expect(allAtOnce(counting(5))).toBe(5);
});

test("in turns, others have theirs whenever it is due, and each step is told", async () => {
  const turns = everySteps(3);
  const told: number[] = [];
  expect(await inTurns(counting(10), { turns, onStep: ({ done }) => told.push(done) })).toBe(10);
  expect(turns.given()).toBe(3);
  expect(told).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

test("what ends it in a turn of others ends it before the next step, and it tidies up", async () => {
  const ending = new AbortController();
  const turns = everySteps(2, (turn) => turn === 2 && ending.abort(new Error("locked")));
  const told: number[] = [];
  const ends: string[] = [];
  const led = inTurns(counting(10, ends), { turns, signal: ending.signal, onStep: ({ done }) => told.push(done) });
  await expect(led).rejects.toThrow("locked");
  expect(told).toEqual([1, 2, 3, 4]);
  expect(ends).toEqual(["ended early"]);
});

test("ended before it began, it does nothing", async () => {
  const told: number[] = [];
  const signal = AbortSignal.abort(new Error("locked"));
  const led = inTurns(counting(10), { turns: everySteps(1), signal, onStep: ({ done }) => told.push(done) });
  await expect(led).rejects.toThrow("locked");
  expect(told).toEqual([]);
});

test("what a step throws is what it rejects with", async () => {
  function* failing(): Steps<void> {
    yield { work: "check", done: 1, total: 2 };
    throw new Error("no key");
  }
  await expect(inTurns(failing(), { turns: everySteps(1) })).rejects.toThrow("no key");
});
