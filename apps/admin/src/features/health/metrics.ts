/** One figure of the metrics page, as it is shown. */
export interface Metric {
  /** Family and labels together: the same from look to look. */
  readonly key: string;
  readonly name: string;
  /** `{method="getblock"}`, or "". */
  readonly labels: string;
  readonly help: string;
  readonly kind: "gauge" | "counter" | "histogram";
  /** Of a histogram the mean. */
  readonly value: number;
  /** Of a histogram: how many were measured. */
  readonly count?: number;
}

const SAMPLE = /^([a-zA-Z_:][\w:]*)(\{.*\})? (\S+)/;
const LE = /,?le="[^"]*"/;

/**
 * What Prometheus' text format says, family by family in its order: gauges and counters as they are, histograms as mean and count. Lines
 * that are none are left out.
 */
export function parseMetrics(text: string): readonly Metric[] {
  const metrics = new Map<string, Metric>();
  const helps = new Map<string, string>();
  const kinds = new Map<string, string>();
  const sums = new Map<string, number>();
  for (const line of text.split("\n")) {
    if (line.startsWith("# HELP ")) {
      const [, name = "", help = ""] = /^# HELP (\S+) (.*)$/.exec(line) ?? [];
      helps.set(name, help);
      continue;
    }
    if (line.startsWith("# TYPE ")) {
      const [, name = "", kind = ""] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? [];
      kinds.set(name, kind);
      continue;
    }
    const [, sample = "", labels = "", figure = ""] = SAMPLE.exec(line) ?? [];
    const value = Number(figure);
    if (sample === "" || line.startsWith("#") || !Number.isFinite(value)) continue;
    const family = sample.replace(/_(bucket|sum|count)$/, "");
    const help = helps.get(family) ?? helps.get(sample) ?? "";
    if (kinds.get(family) === "histogram") {
      if (LE.test(labels)) continue;
      const key = family + labels;
      if (sample.endsWith("_sum")) sums.set(key, value);
      else {
        const mean = value === 0 ? 0 : (sums.get(key) ?? 0) / value;
        metrics.set(key, { key, name: family, labels, help, kind: "histogram", value: mean, count: value });
      }
      continue;
    }
    const kind = kinds.get(sample) === "counter" ? "counter" : "gauge";
    const key = sample + labels;
    metrics.set(key, { key, name: sample, labels, help, kind, value });
  }
  return [...metrics.values()];
}

/** The part of the node that a metric is of: `bitfleet_chain_height` is of `chain`, what Node itself tells is of `process`. */
export function groupOf(name: string): string {
  const [prefix = "", part = ""] = name.split("_");
  return prefix === "bitfleet" ? part : "process";
}

/** Those that have every word in name, labels or help. */
export function findMetrics(metrics: readonly Metric[], search: string): readonly Metric[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return metrics;
  return metrics.filter(({ key, help }) => {
    const text = `${key} ${help}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
