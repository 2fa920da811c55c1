import { expect, test } from "vitest";
import { counterBy, expositionOf, gauge } from "./exposition.ts";
import { Histogram } from "./histogram.ts";

test("a histogram counts each value once, at the first bound that is not below it", () => {
  const histogram = new Histogram([0.1, 1, 10]);
  for (const value of [0, 0.1, 0.10001, 1, 10, 10.5, 1e9]) histogram.observe(value);
  expect(histogram.cumulative()).toEqual([2, 4, 5, 7]);
  expect(histogram.sum).toBeCloseTo(1e9 + 21.70001, 3);
});

test("the text of gauges, counters and histograms", () => {
  const value = new Histogram([0.5, 2]);
  value.observe(0.25);
  value.observe(3);
  const text = expositionOf([
    gauge("height", "Of the tip", () => 7),
    counterBy("refused_total", "Why", "reason", () => ({ 'a"b\\c\nd': 1, plain: 2 })),
    { name: "seconds", type: "histogram", help: "How long", samples: () => [{ labels: { route: "block" }, value }] },
  ]);
  expect(text).toBe(
    [
      "# HELP height Of the tip",
      "# TYPE height gauge",
      "height 7",
      "# HELP refused_total Why",
      "# TYPE refused_total counter",
      'refused_total{reason="a\\"b\\\\c\\nd"} 1',
      'refused_total{reason="plain"} 2',
      "# HELP seconds How long",
      "# TYPE seconds histogram",
      'seconds_bucket{route="block",le="0.5"} 1',
      'seconds_bucket{route="block",le="2"} 1',
      'seconds_bucket{route="block",le="+Inf"} 2',
      'seconds_sum{route="block"} 3.25',
      'seconds_count{route="block"} 2',
      "",
    ].join("\n"),
  );
});

test("what is not known is left out, description and all", () => {
  expect(expositionOf([gauge("unknown", "Not yet", () => undefined), counterBy("none", "", "a", () => ({}))])).toBe("");
});
