import { counter, gaugeBy } from "../metrics/exposition.ts";
import type { MetricSource } from "../metrics/metric-source.ts";
import type { EventStream } from "./event-stream.ts";

/** What Prometheus is told of live events. */
export function eventMetrics(stream: Pick<EventStream, "counts">): MetricSource {
  return {
    metrics: () => [
      gaugeBy("bitfleet_event_clients", "Streams of live events that are open", "kind", () => stream.counts().clients),
      counter(
        "bitfleet_events_sent_total",
        "Events sent to clients, each counted for each",
        () => stream.counts().sent,
      ),
      counter(
        "bitfleet_event_clients_dropped_total",
        "Clients of live events that were dropped: too slow, gone, or breaking a rule",
        () => stream.counts().dropped,
      ),
    ],
  };
}
