import { NETWORK_NAMES } from "@bitfleet/protocol/consensus/networks.ts";
import { describe, expect, test } from "vitest";
import { impossibleTip, isPublicChain } from "./possible-tip.ts";

const seconds = (text: string) => Date.parse(text) / 1000;
const tip = (height: number, time: number) => ({ hash: "00".repeat(32), height, time });

describe("a chain as it was", () => {
  // The halvings of the main network, and what else is known of heights and times.
  test.each([
    ["main", 0, 1_231_006_505],
    ["main", 1, 1_231_469_665],
    ["main", 210_000, seconds("2012-11-28T15:24:38Z")],
    ["main", 420_000, seconds("2016-07-09T16:46:13Z")],
    ["main", 630_000, seconds("2020-05-11T19:23:43Z")],
    ["main", 840_000, seconds("2024-04-20T00:09:27Z")],
    ["test", 2_500_000, seconds("2023-09-05T00:00:00Z")],
    ["testnet4", 0, 1_714_777_860],
  ])("of %s has block %i", (chain, height, time) => {
    expect(impossibleTip(chain, tip(height, time), time)).toBeUndefined();
    // The device's clock may be some hours behind.
    expect(impossibleTip(chain, tip(height, time), time - 8 * 3600)).toBeUndefined();
  });
});

describe("a server that says what cannot be", () => {
  const now = seconds("2026-11-26T12:00:00Z");

  test("more blocks than there was time for", () => {
    const heightMax = Math.floor(((now - 1_231_006_505) / 600) * (9 / 8)) + 2016;
    expect(impossibleTip("main", tip(heightMax, now), now)).toBeUndefined();
    expect(impossibleTip("main", tip(heightMax + 1, now), now)).toMatch(
      /there cannot be more than [\d,]+: nothing of it/,
    );
    for (const chain of ["main", "test", "testnet4"])
      expect(impossibleTip(chain, tip(1_000_000_000, now), now), chain).toMatch("1,000,000,000 blocks");
  });

  test("many blocks that would be old", () => {
    expect(impossibleTip("main", tip(900_000, seconds("2020-01-01T00:00:00Z")), now)).toMatch("by 2020-01-01");
    expect(impossibleTip("main", tip(900_000, 0), now)).toMatch("by 1970-01-01 there cannot be more than 2,016");
  });

  test("a block of a time to come, which may be the device's clock", () => {
    const ahead = 26 * 3600;
    expect(impossibleTip("main", tip(900_000, now + ahead), now)).toBeUndefined();
    const problem = impossibleTip("main", tip(900_000, now + ahead + 1), now);
    expect(problem).toMatch("is of 2026-11-27, and on this device it is 2026-11-26. Set the clock");
    expect(impossibleTip("main", tip(900_000, Number.MAX_SAFE_INTEGER), now)).toMatch("second 9007199254740991");
  });
});

test("private chains are as those who run them like", () => {
  for (const chain of NETWORK_NAMES) {
    const isPublic = ["main", "test", "testnet4"].includes(chain);
    expect(isPublicChain(chain), chain).toBe(isPublic);
    expect(impossibleTip(chain, tip(1_000_000_000, 5_000_000_000), 1_800_000_000) !== undefined, chain).toBe(isPublic);
  }
});
