import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { readConfig } from "../config/config.ts";
import { PRIVATE_NETWORK_ARGUMENTS } from "./private-network.ts";

const PLACES = { defaultDataDir: tmpdir(), workingDir: tmpdir() };

test("a miner without a page is told that the network is its owner's, so that it passes on payments at once too", () => {
  const read = (...more: readonly string[]) => {
    const outcome = readConfig(["-regtest", `-datadir=${tmpdir()}`, "-webport=0", ...more], PLACES, "9.9.9");
    if (outcome.action !== "run") throw new Error("no node is to be run");
    return outcome.config.isOwnNetwork;
  };
  expect([read(...PRIVATE_NETWORK_ARGUMENTS), read()]).toEqual([true, false]);
});
