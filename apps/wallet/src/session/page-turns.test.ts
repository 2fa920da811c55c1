import { expect, test } from "vitest";
import { PageTurns } from "./page-turns.ts";

test("a turn is due when work has gone on for some hundredths of a second, and anew behind it", async () => {
  let nowMs = 0;
  let given = 0;
  const turns = new PageTurns(
    async () => {
      given++;
    },
    () => nowMs,
  );
  expect(turns.isDue()).toBe(false);
  nowMs = 24;
  expect(turns.isDue()).toBe(false);
  nowMs = 25;
  expect(turns.isDue()).toBe(true);
  await turns.give();
  expect(given).toBe(1);
  expect(turns.isDue()).toBe(false);
  nowMs = 60;
  expect(turns.isDue()).toBe(true);
});

test("events that wait have their turn in it", async () => {
  const turns = new PageTurns();
  const seen: string[] = [];
  const { port1, port2 } = new MessageChannel();
  const heard = new Promise<void>((resolve) => {
    port1.onmessage = () => {
      seen.push("event");
      port1.close();
      resolve();
    };
  });
  port2.postMessage(undefined);
  await turns.give();
  seen.push("work");
  await heard;
  expect(seen).toEqual(["event", "work"]);
});
