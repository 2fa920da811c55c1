import { collectDefaultMetrics, Registry } from "prom-client";
import { FREE_BYTES_MIN } from "../health/health-checks.ts";
import type { HealthMonitor } from "../health/health-monitor.ts";
import type { LoopWatch } from "../health/loop-watch.ts";
import type { StorageWatch } from "../health/storage-watch.ts";
import type { WebState } from "../web/web-state.ts";
import { expositionOf, gauge, gaugeBy, type Metric } from "./exposition.ts";
import type { MetricSource } from "./metric-source.ts";
import { nodeMetrics } from "./node-metrics.ts";

export interface ServerMetricsDependencies {
  readonly state: WebState;
  readonly health: HealthMonitor;
  readonly loop?: LoopWatch | undefined;
  readonly storage?: StorageWatch | undefined;
  /** Counters that are kept elsewhere. */
  readonly metricSources: readonly MetricSource[];
}

/** Everything that Prometheus reads here: of the process, of the server, and of the node from when it answers. */
export class ServerMetrics {
  readonly #process = new Registry();
  readonly #deps: ServerMetricsDependencies;
  readonly #version: string;
  readonly #server: readonly Metric[];
  #node: readonly Metric[] = [];

  constructor(version: string, deps: ServerMetricsDependencies) {
    this.#deps = deps;
    this.#version = version;
    this.#server = [...healthMetrics(deps), ...deps.metricSources.flatMap((source) => source.metrics())];
    collectDefaultMetrics({ register: this.#process });
    for (const name of LEFT_OUT) this.#process.removeSingleMetric(name);
  }

  get contentType(): string {
    return this.#process.contentType;
  }

  /** All values as they are now, in Prometheus' text format. */
  async text(): Promise<string> {
    const { node } = this.#deps.state;
    if (node !== undefined && this.#node.length === 0) this.#node = nodeMetrics(node, this.#version);
    const own = expositionOf([...this.#node, ...this.#server]);
    // The event loop's mean lag, looked at twice within its resolution, is of no samples: left out, as what is not known is.
    return own + (await this.#process.metrics()).replace(/^\S+ NaN\n?/gim, "");
  }
}

/**
 * Of the process's own metrics. To list handles or requests aborts the whole process where one of them is just being
 * closed (an assertion of Node, seen with 20.20); `nodejs_active_resources` tells the same by kind without touching them.
 * And the total of those is a gauge under the name of a counter, which promtool complains of.
 */
const LEFT_OUT = [
  "nodejs_active_handles",
  "nodejs_active_handles_total",
  "nodejs_active_requests",
  "nodejs_active_requests_total",
  "nodejs_active_resources_total",
];

const STATUS_NUMBERS = { pass: 0, warn: 1, fail: 2 } as const;

function healthMetrics({ health, loop, storage }: ServerMetricsDependencies): readonly Metric[] {
  const places = (read: (place: StorageWatch["places"][number]) => number | undefined) => () => {
    const values = (storage?.places ?? []).map((place) => [place.name, read(place)] as const);
    return Object.fromEntries(values.filter((pair): pair is readonly [string, number] => pair[1] !== undefined));
  };
  return [
    gauge("bitfleet_ready", "1 where traffic may be sent here, as /health/ready says", () =>
      Number(health.notReady === undefined),
    ),
    gaugeBy(
      "bitfleet_health_check",
      "What /health says of each check: 0 for pass, 1 for warn, 2 for fail",
      "check",
      () => Object.fromEntries(health.checks().map(({ name, status }) => [name, STATUS_NUMBERS[status]])),
    ),
    gauge(
      "bitfleet_event_loop_wait_seconds",
      "How long a request waits for the event loop, on average",
      () => loop && loop.meanWaitMs / 1000,
    ),
    gauge(
      "bitfleet_event_loop_longest_block_seconds",
      "The longest time it was blocked in the last seconds",
      () => loop && loop.longestBlockMs / 1000,
    ),
    gaugeBy(
      "bitfleet_storage_free_bytes",
      "Bytes that are free on the disk of a directory",
      "place",
      places((place) => place.freeBytes),
    ),
    gauge("bitfleet_storage_min_free_bytes", "With fewer the node is not ready", () => storage && FREE_BYTES_MIN),
    gaugeBy(
      "bitfleet_storage_writable",
      "1 where the last write to a directory succeeded",
      "place",
      places((place) => Number(place.problem === undefined)),
    ),
    gaugeBy(
      "bitfleet_storage_write_seconds",
      "How long that write took, forced to the disk",
      "place",
      places((place) => place.writeSeconds),
    ),
    gaugeBy("bitfleet_storage_database_bytes", "Bytes of the databases on disk", "database", () => ({
      ...storage?.sizes,
    })),
  ];
}
