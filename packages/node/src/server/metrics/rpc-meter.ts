import { counterBy, type Metric } from "./exposition.ts";
import { DURATION_BOUNDS_SECONDS, Histogram } from "./histogram.ts";

/** Stands for every name that is no method: callers could make up any number of them. */
const UNKNOWN_METHOD = "unknown";

/** Counts calls of JSON-RPC and how long they took, by method. */
export class RpcMeter {
  readonly #durations = new Map<string, Histogram>();
  readonly #errors = new Map<string, number>();

  /** A call was answered. `method` is `undefined` where the name is none of a method. */
  count(method: string | undefined, seconds: number, isError: boolean): void {
    const name = method ?? UNKNOWN_METHOD;
    let durations = this.#durations.get(name);
    if (durations === undefined) {
      durations = new Histogram(DURATION_BOUNDS_SECONDS);
      this.#durations.set(name, durations);
      this.#errors.set(name, 0);
    }
    durations.observe(seconds);
    if (isError) this.#errors.set(name, this.#errors.get(name)! + 1);
  }

  metrics(): readonly Metric[] {
    return [
      {
        name: "bitfleet_rpc_duration_seconds",
        type: "histogram",
        help: "Time that calls of JSON-RPC took, by method",
        samples: () => [...this.#durations].map(([method, value]) => ({ labels: { method }, value })),
      },
      counterBy("bitfleet_rpc_errors_total", "Calls of JSON-RPC that ended with an error", "method", () =>
        Object.fromEntries(this.#errors),
      ),
    ];
  }
}
