import { regtestNetwork } from "@bitfleet/protocol/consensus/networks.ts";
import { expect, test } from "vitest";
import type { MinerSettings, MinerStatus } from "../mining/miner.ts";
import { changeMining } from "./miner-change.ts";

const PREFIXES = regtestNetwork().addressPrefixes;
const STATUS: MinerStatus = {
  pacing: "off",
  intervalMs: 10_000,
  script: Uint8Array.of(0x51),
  minerCount: 1,
  hashesPerSecond: 0,
  hashCount: 0n,
  foundCount: 0,
  staleCount: 0,
  lacksKey: false,
};

/** A miner that only notes what it is told. */
function minerWith(status: Partial<MinerStatus>) {
  const told: Partial<MinerSettings>[] = [];
  return {
    told,
    status: () => ({ ...STATUS, ...status }),
    configure: (changes: Partial<MinerSettings>) => void told.push(changes),
  };
}

test("without the key of its signet a miner is not started, and may be stopped", () => {
  const miner = minerWith({ lacksKey: true });
  expect(changeMining(miner, { pacing: "continuous" }, PREFIXES)).toEqual({
    kind: "value",
    reason: "This node cannot sign blocks of its signet: -signetblockkey would give it the key",
  });
  expect(miner.told).toEqual([]);
  expect(changeMining(miner, { pacing: "off" }, PREFIXES)).toBeUndefined();
  expect(miner.told).toHaveLength(1);

  const other = minerWith({ lacksKey: false });
  expect(changeMining(other, { pacing: "continuous" }, PREFIXES)).toBeUndefined();
  expect(other.told).toMatchObject([{ pacing: "continuous" }]);
});
