import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { NetworkConnection, OpenState, SessionState } from "../../session/session.ts";
import { sendProblem } from "./send-problem.ts";
import { texts } from "./texts.ts";

const network = { id: "n", name: "n", url: "", apiKey: "", chain: "regtest", firstBlock: undefined };
const facts = {
  chain: "regtest",
  protocol: "watch",
  tipHeight: 1,
  tipTime: 0,
  pagesUrl: undefined,
  hasFaucet: false,
} as const;
const LIVE: NetworkConnection = { kind: "live", network, facts, by: "events" };
const CONNECTING: NetworkConnection = { kind: "connecting", network };
const OFFLINE: NetworkConnection = { kind: "offline", network, problem: "away", sinceMs: 0 };

class Connections {
  state: SessionState;
  readonly listeners = new Set<() => void>();

  constructor(connection: NetworkConnection) {
    this.state = openWith(connection);
  }

  subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };

  become(state: SessionState): void {
    this.state = state;
    for (const listener of [...this.listeners]) listener();
  }
}

const openWith = (connection: NetworkConnection) => ({ kind: "open", connection }) as unknown as OpenState;

describe("whether a payment can be sent", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("it can where the network is followed", async () => {
    const session = new Connections(LIVE);
    expect(await sendProblem(session)).toBeUndefined();
    expect(session.listeners.size).toBe(0);
  });

  test("it cannot offline, nor to a server that is refused", async () => {
    expect(await sendProblem(new Connections(OFFLINE))).toBe(texts.problems.notReachable);
    const refused = { kind: "refused", network, reason: "other-chain", problem: "another" } as const;
    expect(await sendProblem(new Connections(refused))).toBe(texts.problems.refused);
  });

  test("what is being connected is waited for", async () => {
    const session = new Connections(CONNECTING);
    const problem = sendProblem(session);
    session.become(openWith(CONNECTING));
    session.become(openWith(LIVE));
    expect(await problem).toBeUndefined();
    expect(session.listeners.size).toBe(0);
  });

  test("but not for ever, nor behind a lock", async () => {
    const problem = sendProblem(new Connections(CONNECTING));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await problem).toBe(texts.problems.notReachable);
    const session = new Connections(CONNECTING);
    const locked = sendProblem(session);
    session.become({ kind: "locked", failures: 0, waitUntilMs: 0 });
    expect(await locked).toBe(texts.problems.notReachable);
  });
});
