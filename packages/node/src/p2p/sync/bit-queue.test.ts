import { expect, test } from "vitest";
import { BitQueue } from "./bit-queue.ts";

test("bits come out in the order in which they went in, however many wait", () => {
  const queue = new BitQueue();
  const bitOf = (index: number) => (index * index) % 7 < 3;
  let taken = 0;
  for (let index = 0; index < 5000; index++) {
    queue.push(bitOf(index));
    if (index % 3 === 0) expect(queue.shift()).toBe(bitOf(taken++));
  }
  expect(queue.length).toBe(5000 - taken);
  while (taken < 5000) expect(queue.shift()).toBe(bitOf(taken++));
  expect(queue.shift()).toBeUndefined();
  expect(queue.length).toBe(0);
});
