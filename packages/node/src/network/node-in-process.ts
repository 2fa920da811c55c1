import { readConfig } from "../config/config.ts";
import { environmentArguments } from "../config/environment.ts";
import { Lifecycle } from "../lifecycle.ts";
import { machineEnvironment } from "../machine.ts";
import { operatorMessage } from "../main.ts";
import { type NodePrograms, startNode } from "../node.ts";
import type { Logger } from "../ports.ts";
import { VERSION } from "../version.ts";
import {
  type LaunchDependencies,
  type LaunchOptions,
  type NodeRunner,
  type NodeState,
  RestartPolicy,
} from "./node-runner.ts";

/**
 * What a node does without that has a process to share. Scripts are checked on the thread that calls: twenty nodes would start
 * forty workers for the few signatures of a test. There is no process of its own to write the number of.
 */
const SHARED_PROCESS_OPTIONS = ["-par=1", "-nopid"];

/** One run of the node, from its start to its end. */
interface Run {
  readonly lifecycle: Lifecycle;
  log: Logger;
  /** When it began to answer. */
  runningMs: number;
}

/**
 * A node in this process: the same configuration, data directory and sockets as in a process of its own. Signals, output and the
 * exit of the process stay the caller's; what would end the process of a node ends the node alone.
 */
export class NodeInProcess implements NodeRunner {
  readonly options: LaunchOptions;
  readonly #deps: LaunchDependencies;
  readonly #programs: NodePrograms;
  readonly #policy: RestartPolicy;
  #state: NodeState = "waiting";
  #lastError = "";
  #run: Run | undefined;
  /** The start that is under way, or was. It never rejects. */
  #starting: Promise<unknown> = Promise.resolve();
  #cancelRestart: (() => void) | undefined;

  constructor(options: LaunchOptions, deps: LaunchDependencies, programs: NodePrograms) {
    this.options = options;
    this.#deps = deps;
    this.#programs = programs;
    this.#policy = new RestartPolicy(deps.random);
  }

  get state(): NodeState {
    return this.#state;
  }

  get pid(): number {
    return process.pid;
  }

  get lastError(): string {
    return this.#lastError;
  }

  async start(): Promise<void> {
    this.#policy.reset();
    this.#enter("starting");
    try {
      await this.#begin();
    } catch (error) {
      if (this.#state !== "stopped") this.#enter("failed");
      throw new Error(`${this.options.name} did not start: ${this.#lastError}\nIts log is ${this.options.logFile}`, {
        cause: error,
      });
    }
  }

  async stop(): Promise<void> {
    this.#cancelRestart?.();
    this.#enter("stopped");
    this.#run?.lifecycle.requestStop();
    await this.#starting;
    await this.#end();
  }

  kill(): void {
    throw new Error(
      `${this.options.name} shares the process of its caller and cannot be killed; start the network with mode: "processes".`,
    );
  }

  /** Rejects where the node does not start; {@link lastError} says why then. */
  #begin(): Promise<void> {
    const begun = this.#launch();
    this.#starting = begun.catch(() => {});
    return begun;
  }

  async #launch(): Promise<void> {
    const run: Run = { lifecycle: new Lifecycle(), log: SILENT, runningMs: 0 };
    this.#run = run;
    this.#lastError = "";
    try {
      const { environment, args } = this.options;
      const words = [...environmentArguments(environment()), ...args(), ...SHARED_PROCESS_OPTIONS];
      const outcome = readConfig(words, machineEnvironment(), VERSION);
      if (outcome.action !== "run") throw new Error("unreachable: no option of a network prints and leaves");
      const node = await startNode(outcome.config, run.lifecycle, this.#programs);
      run.log = node.log;
    } catch (error) {
      await run.lifecycle.stopAll(run.log);
      this.#lastError = operatorMessage(error).trimEnd();
      throw error;
    }
    run.runningMs = this.#deps.clock.monotonicMs();
    if (this.#state !== "stopped") this.#enter("running");
    void run.lifecycle.stopRequested().then(() => this.#endedByItself(run));
  }

  /** The `stop` call, or a failure that the node cannot go on with. */
  async #endedByItself(run: Run): Promise<void> {
    if (this.#state === "stopped" || this.#run !== run) return;
    this.#enter("restarting");
    await this.#end();
    this.#lastError = run.lifecycle.failure?.message ?? "";
    this.#startLater(this.#deps.clock.monotonicMs() - run.runningMs);
  }

  /** `ranMs`: how long it answered. */
  #startLater(ranMs: number): void {
    // While the node ended, the end of all may have been asked for.
    if ((this.#state as NodeState) === "stopped") return;
    const waitMs = this.#policy.nextDelayMs(ranMs);
    if (waitMs === undefined) {
      this.#enter("failed");
      return;
    }
    this.#cancelRestart = this.#deps.clock.after(waitMs, () => {
      this.#begin().catch(() => this.#startLater(0));
    });
  }

  async #end(): Promise<void> {
    const run = this.#run;
    if (run === undefined) return;
    run.log.info("Shutdown in progress...");
    await run.lifecycle.stopAll(run.log);
  }

  #enter(state: NodeState): void {
    this.#state = state;
    this.#deps.onChange();
  }
}

const SILENT: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => SILENT };
