import { expect, test } from "vitest";
import { isTickDue } from "./clock.ts";

const page = (visibilityState: DocumentVisibilityState, isAtHand: boolean) => ({
  visibilityState,
  hasFocus: () => isAtHand,
});

test("ages are renewed each second in the page at hand, now and then in another, and not in one that nobody sees", () => {
  const due = (visibility: DocumentVisibilityState, isAtHand: boolean) =>
    [0, 1, 4, 5, 60, -1, -60].map((later) => isTickDue(page(visibility, isAtHand), 1000, 1000 + later));
  expect(due("visible", true)).toEqual([false, true, true, true, true, true, true]);
  expect(due("visible", false)).toEqual([false, false, false, true, true, false, true]);
  expect(due("hidden", true)).toEqual([false, false, false, false, false, false, false]);
});
