import { expect, test } from "vitest";
import { findMetrics, groupOf, parseMetrics } from "./metrics.ts";

const TEXT = `# HELP bitfleet_chain_height Height of the tip
# TYPE bitfleet_chain_height gauge
bitfleet_chain_height 102
# HELP bitfleet_http_requests_total Requests
# TYPE bitfleet_http_requests_total counter
bitfleet_http_requests_total{method="GET",status="200"} 7
bitfleet_http_requests_total{method="PUT",status="401"} 1
# HELP bitfleet_rpc_seconds Time of a call
# TYPE bitfleet_rpc_seconds histogram
bitfleet_rpc_seconds_bucket{method="getblock",le="0.1"} 3
bitfleet_rpc_seconds_bucket{method="getblock",le="+Inf"} 4
bitfleet_rpc_seconds_sum{method="getblock"} 2
bitfleet_rpc_seconds_count{method="getblock"} 4
nonsense
nodejs_heap NaN
`;

test("gauges and counters are told as they are, histograms as mean and count", () => {
  expect(parseMetrics(TEXT).map(({ key, kind, value, count }) => [key, kind, value, count])).toEqual([
    ["bitfleet_chain_height", "gauge", 102, undefined],
    ['bitfleet_http_requests_total{method="GET",status="200"}', "counter", 7, undefined],
    ['bitfleet_http_requests_total{method="PUT",status="401"}', "counter", 1, undefined],
    ['bitfleet_rpc_seconds{method="getblock"}', "histogram", 0.5, 4],
  ]);
});

test("every word is looked for in names, labels and helps", () => {
  const found = (search: string) => findMetrics(parseMetrics(TEXT), search).map(({ name }) => name);
  expect(found("TIP")).toEqual(["bitfleet_chain_height"]);
  expect(found("requests 401")).toEqual(["bitfleet_http_requests_total"]);
  expect(found("requests tip")).toEqual([]);
  expect(found(" ")).toHaveLength(4);
});

test.each([
  ["bitfleet_chain_height", "chain"],
  ["nodejs_heap_size_total_bytes", "process"],
  ["process_cpu_seconds_total", "process"],
])("%s is of %s", (name, group) => expect(groupOf(name)).toBe(group));
