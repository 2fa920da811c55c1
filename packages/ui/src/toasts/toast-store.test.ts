import { afterEach, expect, test, vi } from "vitest";
import { dismissToast, shownToasts, toast, watchToasts } from "./toast-store.ts";

afterEach(() => {
  for (const { id } of shownToasts()) dismissToast(id);
});

test("messages are shown oldest first, until they are dismissed", () => {
  const listener = vi.fn();
  const unwatch = watchToasts(listener);
  const id = toast.good("Mined");
  toast.failure("Nothing was sent", new Error("no coins"));
  expect(shownToasts().map(({ tone, title, text }) => [tone, title, text])).toEqual([
    ["good", "Mined", undefined],
    ["bad", "Nothing was sent", "no coins"],
  ]);
  dismissToast(id);
  expect(shownToasts().map(({ title }) => title)).toEqual(["Nothing was sent"]);
  expect(listener).toHaveBeenCalledTimes(3);
  unwatch();
  toast.plain("unheard");
  expect(listener).toHaveBeenCalledTimes(3);
});

test("the same message twice is shown once, and four at most", () => {
  toast.good("Mined");
  toast.good("Mined");
  expect(shownToasts()).toHaveLength(1);
  for (const title of ["a", "b", "c", "d"]) toast.plain(title);
  expect(shownToasts().map(({ title }) => title)).toEqual(["a", "b", "c", "d"]);
});

test("what went wrong stays longer than what went well", () => {
  toast.good("good");
  toast.bad("bad");
  const [good, bad] = shownToasts();
  expect(bad!.lifeMs).toBeGreaterThan(good!.lifeMs);
});
