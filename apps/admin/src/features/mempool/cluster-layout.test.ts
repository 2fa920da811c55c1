import { expect, test } from "vitest";
import { layOutCluster } from "./cluster-layout.ts";

const transaction = (txid: string, dependsOn: readonly string[] = [], virtualSize = 100) => ({
  txid,
  fee: 100,
  virtual_size: virtualSize,
  depends_on: [...dependsOn],
  chunk: 0,
});

test("children stand to the right of all of their parents", () => {
  const { nodes, edges } = layOutCluster([
    transaction("a"),
    transaction("b", ["a"]),
    transaction("c", ["a", "b"]),
    transaction("d"),
    transaction("e", ["c", "d"]),
  ]);
  expect(edges).toHaveLength(5);
  for (const { from, to } of edges) expect(from.x).toBeLessThan(to.x);
  expect(new Set(nodes.map(({ x }) => x)).size).toBe(4);
});

test("no two lie on one another, and all are within the picture", () => {
  const wide = [
    transaction("root"),
    ...Array.from({ length: 63 }, (_, index) => transaction(`c${index}`, ["root"], 9e4)),
  ];
  const { nodes, width, height } = layOutCluster(wide);
  expect(new Set(nodes.map(({ x, y }) => `${x} ${y}`)).size).toBe(64);
  for (const { x, y, radius } of nodes) {
    expect(x - radius).toBeGreaterThanOrEqual(0);
    expect(x + radius).toBeLessThanOrEqual(width);
    expect(y - radius).toBeGreaterThanOrEqual(0);
    expect(y + radius).toBeLessThanOrEqual(height);
  }
});

test("lines do not cross where they need not", () => {
  const { nodes } = layOutCluster([
    transaction("a"),
    transaction("b"),
    transaction("x", ["b"]),
    transaction("y", ["a"]),
  ]);
  const at = (txid: string) => nodes.find((node) => node.txid === txid)?.y ?? 0;
  expect(at("a") < at("b")).toBe(at("y") < at("x"));
});
