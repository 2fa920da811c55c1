import type { BlockchainInfo } from "@bitfleet/api/rest/chain.ts";
import { expect, test } from "vitest";
import { isCatchingUp, standingOf } from "./standing.ts";

const info = (chain: string, height: number, phase = "done", target = height) =>
  ({ chain, height, sync: { phase, target_height: target } }) as BlockchainInfo;

test.each([
  ["a node of a network", info("regtest", 12), 2, "off", "in-step"],
  ["a chain that begins", info("regtest", 0), 1, "off", "in-step"],
  ["a miner by itself", info("regtest", 12), 0, "interval", "mines-alone"],
  ["nobody mines, nobody is there", info("regtest", 12), 0, "off", "alone"],
  ["a public chain without peers", info("main", 0, "idle"), 0, "off", "unconnected"],
  ["peers have told nothing yet", info("signet", 0, "idle"), 1, "off", "no-headers"],
  ["headers come", info("main", 0, "headers", 900_000), 8, "off", "catching-up"],
] as const)("%s", (_, node, peers, pacing, standing) => {
  expect(standingOf(node, peers, { pacing })).toBe(standing);
});

test("the newest block is not caught up with, two are", () => {
  expect(isCatchingUp(info("main", 99, "blocks", 100))).toBe(false);
  expect(isCatchingUp(info("main", 98, "blocks", 100))).toBe(true);
});
