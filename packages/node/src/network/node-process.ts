import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { lastLines, sizeOf } from "./log-tail.ts";
import {
  type LaunchDependencies,
  type LaunchOptions,
  type NodeRunner,
  type NodeState,
  RestartPolicy,
} from "./node-runner.ts";
import { callRpc, type RpcTarget } from "./rpc-client.ts";

export const READY_POLL_MS = 50;
export const READY_TIMEOUT_MS = 120_000;
export const STOP_TIMEOUT_MS = 60_000;
/** A single question whether it answers; the next one follows. */
const READY_ANSWER_MS = 10_000;
/** Of what a process wrote to its error output the end is kept. */
const ERROR_TAIL_SIZE = 2000;
/** Lines of the log that are shown of a node which died without a word. */
const LOG_LINES_SHOWN = 5;

export interface NodeProcessOptions extends LaunchOptions {
  /** Program with the arguments that come before the node's own. */
  readonly command: readonly [string, ...string[]];
}

/**
 * A node in a process of its own. It ends with its parent, however that ends: its standard input closes then.
 */
export class NodeProcess implements NodeRunner {
  readonly options: NodeProcessOptions;
  readonly #deps: LaunchDependencies;
  readonly #policy: RestartPolicy;
  #child: ChildProcess | undefined;
  #state: NodeState = "waiting";
  /** When it began to answer. */
  #runningMs = 0;
  #errorTail = "";
  /** Bytes in its log when the process was started. */
  #logSize = 0;
  #cancelRestart: (() => void) | undefined;

  constructor(options: NodeProcessOptions, deps: LaunchDependencies) {
    this.options = options;
    this.#deps = deps;
    this.#policy = new RestartPolicy(deps.random);
  }

  get state(): NodeState {
    return this.#state;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get lastError(): string {
    if (this.#said !== "" || this.#child === undefined || this.#state === "stopped") return this.#said;
    return hasEnded(this.#child) ? howEnded(this.#child) : "";
  }

  async start(): Promise<void> {
    this.#policy.reset();
    this.#enter("starting");
    const child = this.#spawn();
    await this.#ready(child).catch((error: Error) => {
      if (this.#state !== "stopped") this.#enter("failed");
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
    if (child === undefined || child.pid === undefined || hasEnded(child)) return;
    const exited = once(child, "exit");
    child.kill("SIGTERM");
    const cancel = this.#deps.clock.after(STOP_TIMEOUT_MS, () => void child.kill("SIGKILL"));
    await exited;
    cancel();
  }

  kill(): void {
    this.#child?.kill("SIGKILL");
  }

  #spawn(): ChildProcess {
    const { command, args, environment, logFile } = this.options;
    const [program, ...first] = command;
    this.#errorTail = "";
    this.#logSize = sizeOf(logFile);
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
        await pause();
        throw new Error(`${name} did not start: ${this.#reason(child)}`);
      }
      if (await answers(target)) return;
      if (clock.monotonicMs() > limitMs) {
        throw new Error(`${name} does not answer after ${READY_TIMEOUT_MS / 1000} s.${this.#logText()}`);
      }
      await pause();
    }
  }

  /** Its own sentence where it said one; else how it ended, and what its log says. */
  #reason(child: ChildProcess): string {
    const path = `Its log is ${this.options.logFile}`;
    return this.#said === "" ? `${howEnded(child)} without a word.${this.#logText()}` : `${this.#said}\n${path}`;
  }

  /** The last lines that it wrote to its log since it was started, and where that is. */
  #logText(): string {
    const { logFile } = this.options;
    const lines = lastLines(logFile, LOG_LINES_SHOWN, this.#logSize);
    if (lines.length === 0) return ` It has written nothing to its log, ${logFile}`;
    return `\n${lines.map((line) => `  ${line}\n`).join("")}The whole log is ${logFile}`;
  }

  /** `ranMs`: how long it answered. */
  #ended(ranMs: number): void {
    if (this.#state === "stopped") return;
    const waitMs = this.#policy.nextDelayMs(ranMs);
    if (waitMs === undefined) {
      this.#enter("failed");
      return;
    }
    this.#enter("restarting");
    this.#cancelRestart = this.#deps.clock.after(waitMs, () => void this.#restart());
  }

  async #restart(): Promise<void> {
    const child = this.#spawn();
    try {
      await this.#ready(child);
      if (this.#state === "restarting") this.#follow(child);
    } catch {
      child.kill("SIGKILL");
      this.#ended(0);
    }
  }

  /** It answered, but may have ended since. */
  #follow(child: ChildProcess): void {
    if (this.#state === "stopped") return;
    this.#enter("running");
    this.#runningMs = this.#deps.clock.monotonicMs();
    if (hasEnded(child)) this.#ended(0);
    else child.once("exit", () => this.#ended(this.#deps.clock.monotonicMs() - this.#runningMs));
  }

  /** Its own sentence. */
  get #said(): string {
    return this.#errorTail.trim().replace(/^Error: /, "");
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

const howEnded = ({ exitCode, signalCode }: ChildProcess) =>
  signalCode === null ? `it ended with code ${exitCode}` : `${signalCode} ended it`;

/** Real time, which keeps our process alive: the child that ended does so no longer. */
const pause = () => new Promise<void>((resolve) => setTimeout(resolve, READY_POLL_MS));

/** Whether the node answers calls: not where nobody listens, nor while it warms up. */
async function answers(target: RpcTarget): Promise<boolean> {
  try {
    await callRpc({ ...target, timeoutMs: READY_ANSWER_MS }, "getblockcount", []);
    return true;
  } catch {
    return false;
  }
}
