import type { Histogram } from "./histogram.ts";

/** Names and values of labels; the values come from sets that are bounded. */
export type Labels = Readonly<Record<string, string>>;

/** One number, or one histogram, of a metric. */
export interface Sample {
  readonly labels?: Labels;
  readonly value: number | Histogram;
}

/** A metric with all its samples, read when it is asked for. */
export interface Metric {
  readonly name: string;
  /** A counter only grows while the process lives. */
  readonly type: "gauge" | "counter" | "histogram";
  readonly help: string;
  /** Quick, without reading a disk: whoever asks has all of the node's metrics told at once. */
  readonly samples: () => Iterable<Sample>;
}

/** A gauge without labels; `undefined` where the value is not known. */
export function gauge(name: string, help: string, read: () => number | undefined): Metric {
  return { name, help, type: "gauge", samples: () => known(read()) };
}

/** A counter without labels. */
export function counter(name: string, help: string, read: () => number): Metric {
  return { name, help, type: "counter", samples: () => known(read()) };
}

/** A gauge of one label, by its values. */
export function gaugeBy(
  name: string,
  help: string,
  label: string,
  read: () => Readonly<Record<string, number>>,
): Metric {
  return { name, help, type: "gauge", samples: () => labelled(label, read()) };
}

/** A counter of one label, by its values. */
export function counterBy(
  name: string,
  help: string,
  label: string,
  read: () => Readonly<Record<string, number>>,
): Metric {
  return { name, help, type: "counter", samples: () => labelled(label, read()) };
}

const known = (value: number | undefined): readonly Sample[] => (value === undefined ? [] : [{ value }]);

const labelled = (label: string, values: Readonly<Record<string, number>>): readonly Sample[] =>
  Object.entries(values).map(([name, value]) => ({ labels: { [label]: name }, value }));

/** Prometheus' text format, version 0.0.4. Metrics without a sample are left out: what is not known is not zero. */
export function expositionOf(metrics: readonly Metric[]): string {
  const parts: string[] = [];
  for (const { name, help, type, samples } of metrics) {
    const lines = [...samples()].flatMap((sample) => linesOf(name, sample));
    if (lines.length > 0) parts.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines);
  }
  return parts.length === 0 ? "" : `${parts.join("\n")}\n`;
}

function linesOf(name: string, { labels = {}, value }: Sample): readonly string[] {
  if (typeof value === "number") return [`${name}${labelText(labels)} ${value}`];
  const { bounds } = value;
  const counts = value.cumulative();
  const buckets = counts.map((count, index) => {
    const le = index < bounds.length ? String(bounds[index]) : "+Inf";
    return `${name}_bucket${labelText({ ...labels, le })} ${count}`;
  });
  const text = labelText(labels);
  return [...buckets, `${name}_sum${text} ${value.sum}`, `${name}_count${text} ${counts.at(-1)}`];
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

const escaped = (value: string) => value.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n");
