import type { Txid } from "@bitfleet/protocol/primitives/types.ts";
import { expect, test } from "vitest";
import type { Lifecycle } from "./lifecycle.ts";
import { startTraffic, type TrafficParts } from "./start-traffic.ts";

const TXID = new Uint8Array(32) as Txid;

/** How long the end of a server's traffic waits for its peers, on a clock of its own, and what it warns of. */
async function endOf(peers: {
  /** When they have asked for the one transaction that its users sent, and when they answer a ping. */
  readonly askMs: number;
  readonly answerMs: number;
  readonly areThere?: boolean;
}): Promise<{ readonly waitedMs: number; readonly pingedMs: number | undefined; readonly warnings: number }> {
  let nowMs = 0;
  let pingedMs: number | undefined;
  let warnings = 0;
  const clock = {
    monotonicMs: () => nowMs,
    after: (delayMs: number, run: () => void) => {
      nowMs += delayMs;
      queueMicrotask(run);
      return () => {};
    },
  };
  const announcements = {
    hurry: () => {},
    undelivered: () => (nowMs < peers.askMs ? [TXID] : []),
    hasListeners: peers.areThere ?? true,
  };
  const ping = {
    pingAll: () => {
      pingedMs = nowMs;
    },
    get isAnswered() {
      return pingedMs !== undefined && nowMs >= peers.answerMs;
    },
  };
  const web = { drain: () => {}, finish: async () => {} };
  const log = { info: () => {}, warn: () => warnings++ };
  let stop: () => Promise<void> = () => Promise.reject(new Error("nothing was started"));
  const lifecycle = {
    beforeStop: () => {},
    start: async (_name: string, _start: () => void, end: () => Promise<void>) => {
      stop = end;
    },
  };
  const parts = { web, network: { announcements, ping }, clock, log } as unknown as TrafficParts;
  await startTraffic(1, lifecycle as unknown as Lifecycle, parts);
  await stop();
  return { waitedMs: nowMs, pingedMs, warnings };
}

test("a server ends when its peers have read what they asked for, and not when they have asked", async () => {
  expect(await endOf({ askMs: 1_000, answerMs: 3_000 })).toEqual({ waitedMs: 3_000, pingedMs: 1_000, warnings: 0 });
});

test("it waits no longer than it says for who does not ask, does not answer, or is not there", async () => {
  const never = Number.POSITIVE_INFINITY;
  expect(await endOf({ askMs: never, answerMs: 0 })).toMatchObject({ waitedMs: 15_000, warnings: 1 });
  expect(await endOf({ askMs: 1_000, answerMs: never })).toMatchObject({ waitedMs: 6_000, warnings: 0 });
  expect(await endOf({ askMs: never, answerMs: never, areThere: false })).toMatchObject({
    waitedMs: 5_000,
    warnings: 1,
  });
});
