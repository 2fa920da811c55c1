import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { restWhileHidden } from "./rest-while-hidden.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function page(visibilityState: DocumentVisibilityState = "visible") {
  const happened: string[] = [];
  const target = Object.assign(new EventTarget(), { visibilityState });
  const live = { start: () => void happened.push("start"), stop: () => void happened.push("stop") };
  const end = restWhileHidden(target as unknown as Document, live, 1_000);
  const become = (next: DocumentVisibilityState) => {
    target.visibilityState = next;
    target.dispatchEvent(new Event("visibilitychange"));
  };
  return { happened, become, end };
}

test("the stream of a page that is hidden for a while is closed, and opened again at once when it is seen", () => {
  const { happened, become } = page();
  become("hidden");
  vi.advanceTimersByTime(999);
  expect(happened).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(happened).toEqual(["stop"]);
  become("visible");
  expect(happened).toEqual(["stop", "start"]);
});

test("a glance elsewhere closes nothing", () => {
  const { happened, become } = page();
  become("hidden");
  vi.advanceTimersByTime(500);
  become("visible");
  vi.advanceTimersByTime(5_000);
  expect(happened).toEqual(["start"]);
});

test("a page that comes hidden rests too, and one that ends does nothing more", () => {
  const hidden = page("hidden");
  vi.advanceTimersByTime(1_000);
  expect(hidden.happened).toEqual(["stop"]);
  const ended = page();
  ended.become("hidden");
  ended.end();
  vi.advanceTimersByTime(5_000);
  expect(ended.happened).toEqual([]);
});
