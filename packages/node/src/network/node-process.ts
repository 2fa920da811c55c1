import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Clock, Random } from "../ports.ts";
import { callRpc, type RpcTarget } from "./rpc-client.ts";

/** What the operator sees of a node's process. */
export type NodeState = "waiting" | "starting" | "running" | "restarting" | "failed" | "stopped";

const READY_POLL_MS = 50;
const READY_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 60_000;
/** Wait before the first restart; each further one waits twice as long, up to the maximum. */
const BACKOFF_MIN_MS = 250;
const BACKOFF_MAX_MS = 30_000;
/** Restarts without a longer run in between, after which the node is given up. */
const RESTARTS_MAX = 10;
/** A run of this length counts as a success. */
const STEADY_MS = 60_000;
/** Of what a process wrote to its error output the end is kept. */
const ERROR_TAIL_SIZE = 2000;

export interface NodeProcessOptions {
  readonly name: string;
  /** Program with the arguments that come before the node's own. */
  readonly command: readonly [string, ...string[]];
  /** Asked anew at each start. */
  readonly args: () => readonly string[];
  readonly environment: () => Readonly<Record<string, string>>;
  readonly target: RpcTarget;
}

export interface NodeProcessDependencies {
  readonly clock: Clock;
  readonly random: Pick<Random, "unit">;
  readonly onChange: () => void;
}

/**
 * A node in a process of its own. One that ends without being asked to is started again, after a wait that grows. It ends with
 * its parent, however that ends: its standard input closes then.
 */
export class NodeProcess {
  readonly options: NodeProcessOptions;
  readonly #deps: NodeProcessDependencies;
  #child: ChildProcess | undefined;
  #state: NodeState = "waiting";
  #restarts = 0;
  #startedMs = 0;
  #errorTail = "";
  #cancelRestart: (() => void) | undefined;

  constructor(options: NodeProcessOptions, deps: NodeProcessDependencies) {
    this.options = options;
    this.#deps = deps;
  }

  get state(): NodeState {
    return this.#state;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** What it last said before it ended by itself. */
  get lastError(): string {
    return this.#errorTail.trim();
  }

  /** Starts the node and resolves when it answers. Rejects, and does not try again, where it ends before. */
  async start(): Promise<void> {
    this.#enter("starting");
    const child = this.#spawn();
    await this.#ready(child).catch((error: Error) => {
      this.#enter("failed");
      child.kill("SIGKILL");
      throw error;
    });
    this.#follow(child);
  }

  /** Asks the node to end and resolves when it has; it is killed where that takes more than a minute. */
  async stop(): Promise<void> {
    this.#cancelRestart?.();
    this.#enter("stopped");
    const child = this.#child;
    if (child === undefined || hasEnded(child)) return;
    const exited = once(child, "exit");
    child.kill("SIGTERM");
    const cancel = this.#deps.clock.after(STOP_TIMEOUT_MS, () => void child.kill("SIGKILL"));
    await exited;
    cancel();
  }

  #spawn(): ChildProcess {
    const { command, args, environment } = this.options;
    const [program, ...first] = command;
    this.#errorTail = "";
    this.#startedMs = this.#deps.clock.monotonicMs();
    const child = spawn(program, [...first, ...args()], {
      // The parent's Ctrl-C is not for the children: they are ended in order.
      detached: true,
      stdio: ["pipe", "ignore", "pipe"],
      env: { ...process.env, ...environment(), BITFLEET_ENDS_WITH: "stdin" },
    });
    child.on("error", (error) => this.#noteError(`${error.message}\n`));
    child.stdin!.on("error", () => {});
    child.stderr!.setEncoding("utf8").on("data", (text: string) => this.#noteError(text));
    this.#child = child;
    return child;
  }

  async #ready(child: ChildProcess): Promise<void> {
    const { name, target } = this.options;
    const { clock } = this.#deps;
    const limitMs = clock.monotonicMs() + READY_TIMEOUT_MS;
    for (;;) {
      if (hasEnded(child) || child.pid === undefined) {
        // The pipe may hold what was said at the end still.
        await pause(clock);
        throw new Error(`${name} did not start: ${this.lastError.replace(/^Error: /, "") || "it says nothing of why"}`);
      }
      if (await answers(target)) return;
      if (clock.monotonicMs() > limitMs) throw new Error(`${name} does not answer after ${READY_TIMEOUT_MS / 1000} s.`);
      await pause(clock);
    }
  }

  #ended(): void {
    if (this.#state === "stopped") return;
    if (this.#deps.clock.monotonicMs() - this.#startedMs > STEADY_MS) this.#restarts = 0;
    if (this.#restarts >= RESTARTS_MAX) {
      this.#enter("failed");
      return;
    }
    this.#enter("restarting");
    const waitMs =
      Math.min(BACKOFF_MIN_MS * 2 ** this.#restarts, BACKOFF_MAX_MS) * (0.5 + this.#deps.random.unit() / 2);
    this.#restarts++;
    this.#cancelRestart = this.#deps.clock.after(waitMs, () => void this.#restart());
  }

  async #restart(): Promise<void> {
    const child = this.#spawn();
    try {
      await this.#ready(child);
      if (this.#state === "restarting") this.#follow(child);
    } catch {
      child.kill("SIGKILL");
      this.#ended();
    }
  }

  /** It answered, but may have ended since. */
  #follow(child: ChildProcess): void {
    this.#enter("running");
    if (hasEnded(child)) this.#ended();
    else child.once("exit", () => this.#ended());
  }

  #enter(state: NodeState): void {
    this.#state = state;
    this.#deps.onChange();
  }

  #noteError(text: string): void {
    this.#errorTail = (this.#errorTail + text).slice(-ERROR_TAIL_SIZE);
  }
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null;

const pause = (clock: Clock) => new Promise<void>((resolve) => clock.after(READY_POLL_MS, resolve));

/** Whether the node answers calls: not where nobody listens, nor while it warms up. */
async function answers(target: RpcTarget): Promise<boolean> {
  try {
    await callRpc(target, "getblockcount", []);
    return true;
  } catch {
    return false;
  }
}
