import { describe, expect, test } from "vitest";
import { MemoryLog } from "../chain/test-kit.ts";
import { PeersFirst } from "./peers-first.ts";

const QUIET_MS = 10_000;

/** A node at its start, whose time passes as the test says. */
class Rig {
  nowMs = 5000;
  hasHeard = false;
  work = 10;
  headersWork = 10;
  readonly log = new MemoryLog();
  readonly #waits = new Set<{ readonly dueMs: number; readonly callback: () => void }>();
  readonly #controller = new AbortController();
  readonly #gate: PeersFirst;
  /** What the wait came to; `undefined` while it goes on. */
  result: boolean | undefined;

  constructor(quietMsMax = QUIET_MS) {
    const entryOf = (chainwork: number) => ({ chainwork: BigInt(chainwork), height: chainwork }) as never;
    const rig = this;
    this.#gate = new PeersFirst(
      { quietMsMax },
      {
        chain: {
          get tip() {
            return entryOf(rig.work);
          },
          get bestHeader() {
            return entryOf(rig.headersWork);
          },
        },
        hasHeardPeer: () => this.hasHeard,
        clock: {
          monotonicMs: () => this.nowMs,
          after: (delayMs, callback) => {
            const wait = { dueMs: this.nowMs + delayMs, callback };
            this.#waits.add(wait);
            return () => void this.#waits.delete(wait);
          },
        },
        log: this.log,
      },
    );
  }

  async begin(signal = this.#controller.signal): Promise<void> {
    this.result = undefined;
    void this.#gate.wait(signal).then((isOpen) => {
      this.result = isOpen;
    });
    await settle();
  }

  abort(): Promise<void> {
    this.#controller.abort();
    return settle();
  }

  async pass(durationMs: number): Promise<void> {
    for (const endMs = this.nowMs + durationMs; this.nowMs < endMs; ) {
      this.nowMs += 50;
      for (const wait of [...this.#waits]) {
        if (wait.dueMs > this.nowMs) continue;
        this.#waits.delete(wait);
        wait.callback();
      }
      await settle();
    }
  }

  get waitCount(): number {
    return this.#waits.size;
  }
}

const settle = () => new Promise<void>((resume) => setImmediate(resume));

describe("a miner that starts", () => {
  test("alone begins at once, and says nothing", async () => {
    const rig = new Rig(0);
    await rig.begin();
    expect(rig.result).toBe(true);
    expect(rig.log.lines).toEqual([]);
  });

  test("begins when a peer has told of its headers and their blocks are here", async () => {
    const rig = new Rig();
    await rig.begin();
    await rig.pass(1000);
    expect(rig.result).toBeUndefined();
    // The peer is ahead, and its first headers are not all.
    rig.headersWork = 15;
    await rig.pass(1000);
    rig.headersWork = 20;
    rig.hasHeard = true;
    await rig.pass(1000);
    expect(rig.result).toBeUndefined();
    rig.work = 19;
    await rig.pass(1000);
    expect(rig.result).toBeUndefined();
    rig.work = 20;
    await rig.pass(50);
    expect(rig.result).toBe(true);
    expect(rig.log.lines).toEqual(["Waiting for what peers know before mining"]);
  });

  test("begins when a peer has nothing new", async () => {
    const rig = new Rig();
    await rig.begin();
    rig.hasHeard = true;
    await rig.pass(50);
    expect(rig.result).toBe(true);
  });

  test("does not wait for ever where nobody answers", async () => {
    const rig = new Rig();
    await rig.begin();
    await rig.pass(QUIET_MS - 50);
    expect(rig.result).toBeUndefined();
    await rig.pass(50);
    expect(rig.result).toBe(true);
    expect(rig.log.lines.at(-1)).toBe("Mining begins without peers: no peer answers");
    // And once it has begun, it never waits again.
    rig.headersWork = 100;
    await rig.begin();
    expect(rig.result).toBe(true);
  });

  test("waits on as long as there is news, however long all takes", async () => {
    const rig = new Rig();
    rig.hasHeard = true;
    rig.headersWork = 100;
    await rig.begin();
    for (; rig.work < 99; rig.work++) {
      await rig.pass(QUIET_MS - 1000);
      expect(rig.result).toBeUndefined();
    }
    await rig.pass(QUIET_MS - 1000);
    rig.work++;
    await rig.pass(50);
    expect(rig.result).toBe(true);
  });

  test("does not wait for ever for blocks that a peer told of and does not give", async () => {
    const rig = new Rig();
    rig.hasHeard = true;
    rig.headersWork = 11;
    await rig.begin();
    await rig.pass(QUIET_MS + 50);
    expect(rig.result).toBe(true);
    expect(rig.log.lines.at(-1)).toBe("Mining begins without peers: the blocks that peers told of do not come");
  });

  test("stops waiting at once where it is told otherwise, and then goes on where it was", async () => {
    const rig = new Rig();
    await rig.begin();
    await rig.pass(QUIET_MS - 1000);
    await rig.abort();
    expect([rig.result, rig.waitCount]).toEqual([false, 0]);
    await rig.begin(new AbortController().signal);
    await rig.pass(950);
    expect(rig.result).toBeUndefined();
    await rig.pass(50);
    expect(rig.result).toBe(true);
    expect(rig.log.lines.filter((line) => line.startsWith("Waiting"))).toHaveLength(1);
  });
});
