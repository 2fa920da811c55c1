import { expect, test } from "vitest";
import { readyLine } from "./ready-line.ts";

const node = { name: "miner-1", rpcPort: 18444, webPort: undefined };

test("a node in sync has a height, one that is not is syncing", () => {
  const ready = "miner-1 ready: JSON-RPC http://127.0.0.1:18444, ";
  expect(readyLine(node, 101, 101)).toBe(`${ready}height 101`);
  expect(readyLine(node, 102, 101)).toBe(`${ready}height 102`);
  expect(readyLine(node, 100, 101)).toBe(`${ready}syncing, at height 100 of 101`);
  expect(readyLine(node, 0, undefined)).toBe(`${ready}height 0`);
  expect(readyLine({ ...node, webPort: 8080 }, 0, 0)).toBe(`${ready}page http://localhost:8080, height 0`);
});
