import { expect, test } from "vitest";
import { boxOf, layTiles, tileAt, tileBeside } from "./treemap-layout.ts";

test("no tiles, and one that fills all", () => {
  expect(layTiles([], 100, 50)).toHaveLength(0);
  expect([...layTiles([7], 100, 50)]).toEqual([0, 0, 100, 50]);
});

test("equal sizes make a grid in their order", () => {
  const boxes = layTiles([1, 1, 1, 1], 100, 100);
  expect([0, 1, 2, 3].map((index) => boxOf(boxes, index))).toEqual([
    { x: 0, y: 0, width: 50, height: 50 },
    { x: 0, y: 50, width: 50, height: 50 },
    { x: 50, y: 0, width: 50, height: 50 },
    { x: 50, y: 50, width: 50, height: 50 },
  ]);
  expect(boxOf(boxes, 4)).toBeUndefined();
});

test("each tile has the area of its size, and each point of the rectangle one tile", () => {
  const sizes = Array.from({ length: 5000 }, (_, index) => 400 + ((index * 7919) % 4000) * (index % 97 === 0 ? 40 : 1));
  const [width, height] = [860, 340];
  const boxes = layTiles(sizes, width, height);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  for (const [index, size] of sizes.entries()) {
    const box = boxOf(boxes, index)!;
    expect((box.width * box.height) / (width * height)).toBeCloseTo(size / total, 5);
    expect(tileAt(boxes, box.x + box.width / 2, box.y + box.height / 2)).toBe(index);
  }
  expect(tileAt(boxes, -1, 5)).toBeUndefined();
  expect(tileAt(boxes, width + 1, 5)).toBeUndefined();
});

test("one giant leaves room for the small", () => {
  const boxes = layTiles([1, 1, 1000, 1], 100, 100);
  expect(boxOf(boxes, 2)!.width * boxOf(boxes, 2)!.height).toBeCloseTo(10_000 * (1000 / 1003), 0);
  expect(boxOf(boxes, 3)!.height * boxOf(boxes, 3)!.width).toBeGreaterThan(9);
});

test("from a tile to those beside it, and no further than the rim", () => {
  const boxes = layTiles([1, 1, 1, 1], 100, 100);
  expect(tileBeside(boxes, 0, "right")).toBe(2);
  expect(tileBeside(boxes, 0, "down")).toBe(1);
  expect(tileBeside(boxes, 3, "left")).toBe(1);
  expect(tileBeside(boxes, 3, "up")).toBe(2);
  for (const direction of ["left", "up"] as const) expect(tileBeside(boxes, 0, direction)).toBe(0);
  for (const direction of ["right", "down"] as const) expect(tileBeside(boxes, 3, direction)).toBe(3);
});
