import { askHealth, askMetrics, askProbe } from "@bitfleet/ui/node-probes.ts";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type Metric, parseMetrics } from "./metrics.ts";

/** No event tells of it: how often it is asked for while somebody looks. */
const LOOK_INTERVAL_MS = 3_000;
/** Values of a metric that are kept for its line. */
const VALUES_MAX = 60;

/** How the node is. */
export const useHealth = () =>
  useQuery({ queryKey: ["health"], queryFn: ({ signal }) => askHealth(signal), refetchInterval: LOOK_INTERVAL_MS });

/** Whether it lives, or takes traffic. */
export const useProbe = (name: "live" | "ready") =>
  useQuery({
    queryKey: ["health", name],
    queryFn: ({ signal }) => askProbe(name, signal),
    refetchInterval: LOOK_INTERVAL_MS,
  });

/** What a metric has been while the page was open, oldest first. */
export type MetricHistory = ReadonlyMap<string, readonly number[]>;

/** The metrics, and what each has been since the page was opened. */
export function useMetrics() {
  const query = useQuery({
    queryKey: ["metrics"],
    queryFn: async ({ signal }) => parseMetrics(await askMetrics(signal)),
    refetchInterval: LOOK_INTERVAL_MS,
    structuralSharing: false,
  });
  const [seen, setSeen] = useState<readonly Metric[]>();
  const [history, setHistory] = useState<MetricHistory>(new Map());
  if (query.data !== undefined && query.data !== seen) {
    setSeen(query.data);
    setHistory(withValues(history, query.data));
  }
  return { ...query, history };
}

function withValues(history: MetricHistory, metrics: readonly Metric[]): MetricHistory {
  return new Map(
    metrics.map(({ key, value, count }) => [key, [...(history.get(key) ?? []), count ?? value].slice(-VALUES_MAX)]),
  );
}
