import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import type { Clock } from "../ports.ts";
import { freePort } from "./free-port.ts";
import { NodeProcess, STOP_TIMEOUT_MS } from "./node-process.ts";
import {
  BACKOFF_MAX_MS,
  BACKOFF_MIN_MS,
  type NodeState,
  RESTARTS_MAX,
  RestartPolicy,
  STEADY_MS,
} from "./node-runner.ts";

/** Real processes, under a clock whose hands the test moves: nothing that waits goes on before. */
class HandClock implements Clock {
  #nowMs = 0;
  readonly waits: { readonly delayMs: number; readonly callback: () => void }[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    const wait = { delayMs, callback };
    this.waits.push(wait);
    return () => {
      const index = this.waits.indexOf(wait);
      if (index >= 0) this.waits.splice(index, 1);
    };
  }

  advance(ms: number): void {
    this.#nowMs += ms;
  }

  /** Ends the only wait there is, and says how long it was. */
  pass(): number {
    expect(this.waits).toHaveLength(1);
    const [wait] = this.waits.splice(0);
    this.advance(wait!.delayMs);
    wait!.callback();
    return wait!.delayMs;
  }
}

const folder = mkdtempSync(join(tmpdir(), "bitfleet-process-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Answers every call with a number, on the port that it is given; what it does besides is `extra`. */
const answering = (extra = "") => `
  const server = require("node:http").createServer((request, response) => {
    response.end(JSON.stringify({ jsonrpc: "2.0", id: 1, result: 0 }), () => { ${extra} });
  });
  server.listen(Number(process.argv[1]), "127.0.0.1");
`;

interface Supervised {
  readonly node: NodeProcess;
  readonly clock: HandClock;
  readonly states: NodeState[];
  readonly logFile: string;
  /** What the next process of it runs. */
  program: string;
  /** Resolves when the node comes into that state, or is in it. */
  becomes(state: NodeState): Promise<void>;
  /** Resolves when it comes into a state the next time, be it the one that it is in. */
  nextChange(): Promise<void>;
}

const running: NodeProcess[] = [];
afterEach(() => {
  for (const node of running.splice(0)) node.kill();
});

async function supervise(program: string): Promise<Supervised> {
  const port = await freePort();
  const clock = new HandClock();
  const states: NodeState[] = [];
  const logFile = join(folder, `${port}.log`);
  const waiters = new Set<() => void>();
  const onChange = () => {
    states.push(node.state);
    for (const look of waiters) look();
  };
  const target = { host: "127.0.0.1", port, credentials: "", path: "/", timeoutMs: 1000 };
  const node: NodeProcess = new NodeProcess(
    {
      name: "miner-0",
      command: [process.execPath, "-e"],
      args: () => [supervised.program, String(port)],
      environment: () => ({ LOG_FILE: logFile }),
      target,
      logFile,
    },
    { clock, random: { unit: () => 1 }, onChange },
  );
  running.push(node);
  const becomes = (state: NodeState) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (node.state !== state) return;
        waiters.delete(look);
        resolve();
      };
      waiters.add(look);
      look();
    });
  const nextChange = () =>
    new Promise<void>((resolve) => {
      const look = () => {
        waiters.delete(look);
        resolve();
      };
      waiters.add(look);
    });
  const supervised: Supervised = { node, clock, states, logFile, program, becomes, nextChange };
  return supervised;
}

describe("the wait before a restart", () => {
  test("doubles from its minimum to its maximum, and ends after so many", () => {
    const policy = new RestartPolicy({ unit: () => 1 });
    const waits = Array.from({ length: RESTARTS_MAX }, () => policy.nextDelayMs(0));
    expect(waits.slice(0, 4)).toEqual([BACKOFF_MIN_MS, 500, 1000, 2000]);
    expect(waits.at(-1)).toBe(BACKOFF_MAX_MS);
    expect(policy.nextDelayMs(0)).toBeUndefined();
    expect(policy.nextDelayMs(STEADY_MS)).toBeUndefined();
  });

  test("begins anew after a long run, and when the operator starts it", () => {
    const policy = new RestartPolicy({ unit: () => 1 });
    policy.nextDelayMs(0);
    expect(policy.nextDelayMs(STEADY_MS + 1)).toBe(BACKOFF_MIN_MS);
    policy.reset();
    expect(policy.nextDelayMs(0)).toBe(BACKOFF_MIN_MS);
  });

  test("is half chance", () => {
    expect(new RestartPolicy({ unit: () => 0 }).nextDelayMs(0)).toBe(BACKOFF_MIN_MS / 2);
  });
});

describe("a node in a process", () => {
  test("runs when it answers, and ends when it is asked to", async () => {
    const { node, states } = await supervise(answering());
    await node.start();
    expect(node.pid).toBeGreaterThan(0);
    await node.stop();
    expect(states).toEqual(["starting", "running", "stopped"]);
    expect(() => process.kill(node.pid!, 0)).toThrow("ESRCH");
  });

  test("one that crashes is started again, after the wait", async () => {
    const { node, clock, becomes } = await supervise(answering());
    await node.start();
    const first = node.pid;
    node.kill();
    await becomes("restarting");
    expect(node.lastError).toBe("SIGKILL ended it");
    expect(clock.pass()).toBe(BACKOFF_MIN_MS);
    await becomes("running");
    expect(node.pid).not.toBe(first);
  });

  test("one that ends with its first answer counts as ended", async () => {
    const supervised = await supervise(answering("process.exit(3)"));
    const { node, clock, becomes, states } = supervised;
    await node.start();
    await becomes("restarting");
    expect(states.slice(0, 3)).toEqual(["starting", "running", "restarting"]);
    supervised.program = answering();
    clock.pass();
    await becomes("running");
  });

  test("one that never comes back is given up after the last try, with what it said", async () => {
    const supervised = await supervise(answering());
    const { node, clock, becomes, nextChange } = supervised;
    await node.start();
    supervised.program = 'process.stderr.write("Error: the disk is full\\n"); process.exitCode = 1;';
    node.kill();
    await becomes("restarting");
    for (let restart = 1; restart <= RESTARTS_MAX; restart++) {
      expect(node.state).toBe("restarting");
      const changed = nextChange();
      clock.pass();
      await changed;
    }
    expect(node.state).toBe("failed");
    expect(clock.waits).toHaveLength(0);
    expect(node.lastError).toBe("the disk is full");
  }, 60_000);

  test("a restart that is due does not come after stop", async () => {
    const { node, clock, becomes } = await supervise(answering());
    await node.start();
    node.kill();
    await becomes("restarting");
    await node.stop();
    expect(clock.waits).toHaveLength(0);
    expect(node.state).toBe("stopped");
  });

  test("one that does not heed SIGTERM is killed, and not before its time is over", async () => {
    const { node, clock } = await supervise(`process.on("SIGTERM", () => {}); ${answering()}`);
    await node.start();
    const stopped = node.stop();
    process.kill(node.pid!, 0);
    expect(clock.pass()).toBe(STOP_TIMEOUT_MS);
    await stopped;
    expect(() => process.kill(node.pid!, 0)).toThrow("ESRCH");
  });
});

describe("a start that fails", () => {
  test("says the node's own sentence and where its log is", async () => {
    const { node, states, logFile } = await supervise(
      'process.stderr.write("Error: no room\\n"); process.exitCode = 1;',
    );
    await expect(node.start()).rejects.toThrow(`miner-0 did not start: no room\nIts log is ${logFile}`);
    expect(states).toEqual(["starting", "failed"]);
  });

  test("shows what this start wrote to the log, where the node itself said nothing", async () => {
    const write =
      'require("node:fs").appendFileSync(process.env.LOG_FILE, "opening\\nreading\\n"); process.exitCode = 7;';
    const { node, logFile } = await supervise(write);
    writeFileSync(logFile, "of an earlier run\n");
    const error: Error = await node.start().then(
      () => expect.fail("it started"),
      (reason) => reason,
    );
    expect(error.message).toBe(
      `miner-0 did not start: it ended with code 7 without a word.\n  opening\n  reading\nThe whole log is ${logFile}`,
    );
  });

  test("names the signal, and that there is no log", async () => {
    const { node, logFile } = await supervise('process.kill(process.pid, "SIGABRT"); setInterval(() => {}, 1000);');
    await expect(node.start()).rejects.toThrow(
      `SIGABRT ended it without a word. It has written nothing to its log, ${logFile}`,
    );
    expect(existsSync(logFile)).toBe(false);
  });

  test("a program that cannot be run", async () => {
    const program = join(folder, "no-program");
    writeFileSync(program, "");
    chmodSync(program, 0o600);
    const { node } = await supervise("");
    const broken = new NodeProcess(
      { ...node.options, command: [program] },
      { clock: new HandClock(), random: { unit: () => 1 }, onChange: () => {} },
    );
    await expect(broken.start()).rejects.toThrow(/^miner-0 did not start: spawn .* EACCES/);
    await broken.stop();
  });

  test("stop in the middle of it ends it", async () => {
    const { node, becomes } = await supervise("setInterval(() => {}, 1000);");
    const start = expect(node.start()).rejects.toThrow("SIGTERM ended it");
    await becomes("starting");
    await node.stop();
    await start;
    expect(node.state).toBe("stopped");
  });
});
