import type { Clock, Logger } from "../../ports.ts";
import { WebState } from "../web/web-state.ts";
import type { RateLimitStore } from "./health-checks.ts";
import { HealthMonitor } from "./health-monitor.ts";
import { LoopWatch } from "./loop-watch.ts";
import { StorageWatch, type StorageWatchOptions } from "./storage-watch.ts";

export interface NodeWatchOptions {
  /** Directories to keep an eye on; none where absent. */
  readonly watched?: StorageWatchOptions | undefined;
}

/** Everything that knows how the node is: where it stands, its event loop, its disk, and the checks of all. */
export class NodeWatch {
  readonly state = new WebState();
  readonly loop: LoopWatch;
  readonly storage: StorageWatch | undefined;
  readonly health: HealthMonitor;

  constructor(
    { watched }: NodeWatchOptions,
    deps: { readonly clock: Clock; readonly log: Logger; readonly rateLimits?: (() => RateLimitStore) | undefined },
  ) {
    this.loop = new LoopWatch(deps.clock);
    this.storage = watched && new StorageWatch(watched, deps.clock);
    const { state, loop, storage } = this;
    this.health = new HealthMonitor({ state, loop, storage, rateLimits: deps.rateLimits }, deps);
  }

  start(): void {
    this.loop.start();
    this.health.start();
    // The first look is not waited for: a disk that does not answer must not keep the node from saying so.
    void this.storage?.start();
  }

  stop(): void {
    this.storage?.stop();
    this.health.stop();
    this.loop.stop();
  }
}
