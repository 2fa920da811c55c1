import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Answers } from "./answers.ts";

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Answers when it is told to. */
function heldFetch() {
  const held: ((response: Response) => void)[] = [];
  vi.stubGlobal("fetch", () => new Promise<Response>((resolve) => held.push(resolve)));
  return { answer: () => held.shift()?.(new Response("{}")) };
}

test("a read that takes long makes it slow, and its answer ends that", async () => {
  const node = heldFetch();
  const answers = new Answers();
  const heard = vi.fn();
  answers.subscribe(heard);
  const read = answers.fetch("/a");
  vi.advanceTimersByTime(3_999);
  expect(answers.state).toEqual({ lastMs: undefined, isSlow: false });
  vi.advanceTimersByTime(1);
  expect(answers.state.isSlow).toBe(true);
  node.answer();
  await read;
  expect(answers.state).toEqual({ lastMs: 1_004_000, isSlow: false });
  expect(heard).toHaveBeenCalledTimes(2);
});

test("it is slow until the last of them is there; what changes something may take its time", async () => {
  const node = heldFetch();
  const answers = new Answers();
  const reads = [answers.fetch("/a"), answers.fetch("/b", { method: "GET" })];
  vi.advanceTimersByTime(5_000);
  node.answer();
  await reads[0];
  expect(answers.state.isSlow).toBe(true);
  node.answer();
  await reads[1];
  expect(answers.state.isSlow).toBe(false);
  const change = answers.fetch("/c", { method: "POST" });
  vi.advanceTimersByTime(60_000);
  expect(answers.state.isSlow).toBe(false);
  node.answer();
  await change;
});

test("a read that fails is waited for no more, and is no answer", async () => {
  vi.stubGlobal("fetch", () => new Promise((_resolve, reject) => setTimeout(() => reject(new Error("away")), 6_000)));
  const answers = new Answers();
  const read = answers.fetch("/a").catch((error: Error) => error.message);
  vi.advanceTimersByTime(5_000);
  expect(answers.state.isSlow).toBe(true);
  vi.advanceTimersByTime(1_000);
  expect(await read).toBe("away");
  expect(answers.state).toEqual({ lastMs: undefined, isSlow: false });
});
