import { expect, test } from "vitest";
import { LongWork, WorkStopped } from "./long-work.ts";

const step = (done: number) => ({ work: "sign", done, total: 100 }) as const;

test("what is done within half a second is not spoken of", async () => {
  let nowMs = 0;
  const work = new LongWork(() => nowMs);
  let told = 0;
  work.subscribe(() => told++);
  await work.run(async ({ onStep }) => {
    nowMs = 499;
    onStep?.(step(99));
  });
  expect(told).toBe(0);
});

test("how far longer work has come is told ten times a second, and no more when it is done", async () => {
  let nowMs = 0;
  const work = new LongWork(() => nowMs);
  const told: (number | undefined)[] = [];
  work.subscribe(() => told.push(work.note()?.done));
  await work.run(async ({ onStep }) => {
    for (nowMs = 0; nowMs < 780; nowMs += 20) onStep?.(step(nowMs / 20));
    onStep?.(step(100));
  });
  expect(told).toEqual([25, 30, 35, 100, undefined]);
});

test("stopped, it ends with the reason; the next one does not", async () => {
  const work = new LongWork();
  const stopped = work.run(async ({ signal }) => {
    work.stop("You stopped it.");
    signal?.throwIfAborted();
  });
  await expect(stopped).rejects.toThrow(new WorkStopped("You stopped it."));
  expect(await work.run(async ({ signal }) => signal?.aborted)).toBe(false);
});
