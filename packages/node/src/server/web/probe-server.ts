import type { FastifyInstance } from "fastify";
import type { Clock, Logger } from "../../ports.ts";
import { NodeWatch } from "../health/node-watch.ts";
import type { StorageWatchOptions } from "../health/storage-watch.ts";
import type { ListenAddress } from "../listen-address.ts";
import type { MetricSource } from "../metrics/metric-source.ts";
import { addressOf, opened } from "./open-app.ts";
import { createProbeApp } from "./probe-app.ts";
import type { WebNode } from "./web-state.ts";

export interface ProbeServerOptions {
  readonly listen: ListenAddress;
  readonly version: string;
  /** Directories to keep an eye on. */
  readonly watched: StorageWatchOptions;
}

export interface ProbeServerDependencies {
  readonly clock: Clock;
  readonly log: Logger;
  /** Counters of others. */
  readonly metricSources: readonly MetricSource[];
}

/** Health and metrics of a node that has no page, such as a miner. */
export class ProbeServer {
  readonly #options: ProbeServerOptions;
  readonly #deps: ProbeServerDependencies;
  readonly #watch: NodeWatch;
  #app: FastifyInstance | undefined;

  constructor(options: ProbeServerOptions, deps: ProbeServerDependencies) {
    this.#options = options;
    this.#deps = deps;
    this.#watch = new NodeWatch(options, deps);
  }

  /** Rejects with `ListenError`. */
  async listen(): Promise<void> {
    const { state, loop, storage, health } = this.#watch;
    const app = createProbeApp(this.#options, { ...this.#deps, state, loop, storage, health });
    this.#app = await opened(app, this.#options.listen);
    this.#watch.start();
  }

  /** Where it listens, with the real port. */
  get address(): ListenAddress {
    return addressOf(this.#app) ?? this.#options.listen;
  }

  ready(node: WebNode): void {
    this.#watch.state.ready(node);
  }

  async close(): Promise<void> {
    this.#watch.state.drain();
    await this.#app?.close();
    this.#watch.stop();
  }
}
