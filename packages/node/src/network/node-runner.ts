import type { Clock, Random } from "../ports.ts";
import type { RpcTarget } from "./rpc-client.ts";

/** What the operator sees of a node. */
export type NodeState = "waiting" | "starting" | "running" | "restarting" | "failed" | "stopped";

/** How a node of a network is started, wherever it runs. */
export interface LaunchOptions {
  readonly name: string;
  /** bitcoind's options. Asked anew at each start. */
  readonly args: () => readonly string[];
  /** What a container of the node's role has in its environment. Asked anew at each start. */
  readonly environment: () => Readonly<Record<string, string>>;
  /** Where it will answer. */
  readonly target: RpcTarget;
  /** Where it writes its log. */
  readonly logFile: string;
}

export interface LaunchDependencies {
  readonly clock: Clock;
  readonly random: Pick<Random, "unit">;
  readonly onChange: () => void;
}

/** A node under supervision: one that ends without being asked to is started again, after a wait that grows. */
export interface NodeRunner {
  readonly options: LaunchOptions;
  readonly state: NodeState;
  /** Of the process that it is in; absent before the first start. */
  readonly pid: number | undefined;
  /** What it last said before it ended by itself. */
  readonly lastError: string;
  /** Starts the node and resolves when it answers. Rejects, and does not try again, where it ends before. */
  start(): Promise<void>;
  /** Asks the node to end and resolves when it has; it is not started again. */
  stop(): Promise<void>;
  /** Ends it at once, as a crash would. Throws where it cannot be done. */
  kill(): void;
}

/** Wait before the first restart; each further one waits twice as long, up to the maximum. */
export const BACKOFF_MIN_MS = 250;
export const BACKOFF_MAX_MS = 30_000;
/** Restarts without a longer run in between, after which the node is given up. */
export const RESTARTS_MAX = 10;
/** A run of this length counts as a success. */
export const STEADY_MS = 60_000;

/** When a node that ended is started again. */
export class RestartPolicy {
  readonly #random: Pick<Random, "unit">;
  #restarts = 0;

  constructor(random: Pick<Random, "unit">) {
    this.#random = random;
  }

  /** How long to wait after a run of `ranMs`; `undefined` where the node is given up. Half of it is random, so that nodes that fell together do not start together. */
  nextDelayMs(ranMs: number): number | undefined {
    if (ranMs > STEADY_MS) this.#restarts = 0;
    if (this.#restarts >= RESTARTS_MAX) return undefined;
    const waitMs = Math.min(BACKOFF_MIN_MS * 2 ** this.#restarts, BACKOFF_MAX_MS);
    this.#restarts++;
    return waitMs * (0.5 + this.#random.unit() / 2);
  }

  /** The operator starts it: what was before does not count. */
  reset(): void {
    this.#restarts = 0;
  }
}
