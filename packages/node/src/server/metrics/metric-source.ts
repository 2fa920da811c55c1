import type { Metric } from "./exposition.ts";

/** Whoever has metrics to tell. */
export interface MetricSource {
  metrics(): readonly Metric[];
}
