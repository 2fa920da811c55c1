import { expect, test } from "vitest";
import { mayOpen, noteOpen, watchOpen } from "./open-dialogs.ts";

test("one that waits may open when no other is open, and stays when another comes over it", () => {
  let toldCount = 0;
  const stop = watchOpen(() => toldCount++);
  expect(mayOpen("preview")).toBe(true);
  const closeList = noteOpen("list");
  expect([mayOpen("preview"), mayOpen("list"), toldCount]).toEqual([false, true, 1]);
  closeList();
  expect([mayOpen("preview"), toldCount]).toEqual([true, 2]);
  const closePreview = noteOpen("preview");
  const closeQuestion = noteOpen("question");
  expect([mayOpen("preview"), mayOpen("another")]).toEqual([true, false]);
  closeQuestion();
  closePreview();
  stop();
  noteOpen("list")();
  expect(toldCount).toBe(6);
});
