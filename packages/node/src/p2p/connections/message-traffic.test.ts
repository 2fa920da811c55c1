import { expect, test } from "vitest";
import { MessageTraffic } from "./message-traffic.ts";

test("messages and their bytes, by type and direction", () => {
  const traffic = new MessageTraffic();
  expect(traffic.by("sent").size).toBe(0);
  traffic.count("sent", "ping", 32);
  traffic.count("sent", "ping", 32);
  traffic.count("received", "ping", 40);
  expect(Object.fromEntries(traffic.by("sent"))).toEqual({ ping: { count: 2, bytes: 64 } });
  expect(Object.fromEntries(traffic.by("received"))).toEqual({ ping: { count: 1, bytes: 40 } });
});
