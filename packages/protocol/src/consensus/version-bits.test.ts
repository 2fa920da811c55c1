import { describe, expect, test } from "vitest";
import type { ChainLink } from "./chain-view.ts";
import { MAINNET, regtestNetwork } from "./networks.ts";
import { ALWAYS_ACTIVE, NEVER_ACTIVE, NO_TIMEOUT } from "./params.ts";
import { appendLink, chainOf, extendChain, header } from "./test-kit.ts";
import {
  computeBlockVersion,
  isVersionBitsActive,
  newVersionBitsCache,
  signalledDeployments,
  stateSinceHeight,
  type ThresholdRule,
  thresholdState,
  unknownActivations,
  versionBitsInfo,
  versionBitsState,
} from "./version-bits.ts";

const START = 1_000_000;
const TIMEOUT = 2_000_000;
const PERIOD = 10;
const SIGNAL = 0x20000100;

const rule = (fields: Partial<ThresholdRule> = {}): ThresholdRule => ({
  startTime: START,
  timeout: TIMEOUT,
  minActivationHeight: 0,
  period: PERIOD,
  threshold: 9,
  signals: (link) => (link.header.version & 0x100) !== 0,
  ...fields,
});

/** Periods of blocks: time of all blocks of the period, and how many of them signal (the last ones). */
function periods(...list: readonly (readonly [time: number, signals: number])[]): ChainLink[] {
  const chain: ChainLink[] = [];
  for (const [time, signals] of list) {
    for (let index = 0; index < PERIOD; index++) {
      appendLink(chain, header({ time, version: index >= PERIOD - signals ? SIGNAL : 0x20000000 }));
    }
  }
  return chain;
}

/** State of the period after each of the given ones, the first being that of genesis. */
function statesAfter(chain: readonly ChainLink[], one: ThresholdRule): string[] {
  const ends = chain.filter((link) => (link.height + 1) % PERIOD === 0);
  const cold = ends.map((end) => thresholdState(one, end));
  const cache = new Map();
  const warm = ends.map((end) => thresholdState(one, end, cache));
  const backwards = new Map();
  const reversed = ends.toReversed().map((end) => thresholdState(one, end, backwards));
  expect(warm).toEqual(cold);
  expect(reversed.toReversed()).toEqual(cold);
  return [thresholdState(one, undefined), ...cold];
}

describe("the state machine of BIP9", () => {
  test("defined, started, locked in, active", () => {
    const chain = periods(
      [1, 0],
      [START - 1, 10],
      [START, 10],
      [START + 1, 8],
      [START + 2, 9],
      [START + 3, 0],
      [START + 4, 0],
    );
    expect(statesAfter(chain, rule())).toEqual([
      "defined",
      "defined",
      "defined",
      "started",
      "started",
      "locked_in",
      "active",
      "active",
    ]);
  });

  test("fails at the timeout, but not in the period that reaches the threshold", () => {
    expect(statesAfter(periods([START, 0], [TIMEOUT, 8], [TIMEOUT, 10]), rule())).toEqual([
      "defined",
      "started",
      "failed",
      "failed",
    ]);
    expect(statesAfter(periods([START, 0], [TIMEOUT, 9], [TIMEOUT, 0]), rule())).toEqual([
      "defined",
      "started",
      "locked_in",
      "active",
    ]);
    expect(statesAfter(periods([START, 0], [TIMEOUT - 1, 8], [TIMEOUT, 0]), rule()).at(-1)).toBe("failed");
    // Started for at least one period, even where time has run out before.
    expect(statesAfter(periods([TIMEOUT, 0]), rule())).toEqual(["defined", "started"]);
  });

  test("waits for the minimal activation height", () => {
    const chain = periods([START, 0], [START, 10], [START, 0], [START, 0], [START, 0]);
    const after = (minActivationHeight: number) => statesAfter(chain, rule({ minActivationHeight })).slice(2);
    expect(after(30)).toEqual(["locked_in", "active", "active", "active"]);
    expect(after(31)).toEqual(["locked_in", "locked_in", "active", "active"]);
    expect(after(40)).toEqual(["locked_in", "locked_in", "active", "active"]);
    expect(after(50)).toEqual(["locked_in", "locked_in", "locked_in", "active"]);
  });

  test("goes back with a reorg", () => {
    const cache = new Map();
    const base = periods([START, 0]);
    const yes = extendChain(base, PERIOD, () => ({ time: START, version: SIGNAL }));
    const no = extendChain(base, PERIOD, () => ({ time: START, version: 0x20000000 }));
    expect(thresholdState(rule(), yes.at(-1), cache)).toBe("locked_in");
    expect(thresholdState(rule(), no.at(-1), cache)).toBe("started");
    expect(thresholdState(rule(), yes.at(-1), cache)).toBe("locked_in");
  });

  test("gives every block of a period the same state", () => {
    const chain = periods([START, 0], [START, 10]);
    for (const link of chain.slice(9, 19)) expect(thresholdState(rule(), link)).toBe("started");
    expect(thresholdState(rule(), chain[8])).toBe("defined");
    expect(thresholdState(rule(), chain[19])).toBe("locked_in");
  });

  test("can be settled from the start", () => {
    const chain = periods([START, 10]);
    expect(thresholdState(rule({ startTime: ALWAYS_ACTIVE }), chain[0])).toBe("active");
    expect(thresholdState(rule({ startTime: NEVER_ACTIVE }), chain[9])).toBe("failed");
    expect(stateSinceHeight(rule({ startTime: ALWAYS_ACTIVE }), chain[0])).toBe(0);
    expect(stateSinceHeight(rule({ startTime: NEVER_ACTIVE }), chain[0])).toBe(0);
  });

  test("knows since when", () => {
    const chain = periods([1, 0], [START, 0], [START, 10], [START, 0], [START, 0], [START, 0]);
    const since = (height: number) => stateSinceHeight(rule(), chain[height - 1]);
    expect([0, 1, 19].map(since)).toEqual([0, 0, 0]);
    expect([20, 29, 30, 39, 40, 41, 49, 50, 59].map(since)).toEqual([20, 20, 30, 30, 40, 40, 40, 40, 40]);
  });
});

describe("testdummy on regtest", () => {
  const { params } = regtestNetwork();
  const signal = 0x30000000;
  const cache = newVersionBitsCache();
  const chain = chainOf(144 * 4, (height) => ({
    time: 1_296_688_602 + height,
    // 108 of the second period's 144 blocks signal.
    version: height >= 144 && height < 144 + 108 ? signal : 0x20000000,
  }));

  test("passes through its states", () => {
    const states = [143, 287, 431].map((height) => versionBitsState("testdummy", chain[height], params, cache));
    expect(states).toEqual(["started", "locked_in", "active"]);
    expect(versionBitsState("testdummy", chain[142], params, cache)).toBe("defined");
    expect(isVersionBitsActive("testdummy", chain[430], params, cache)).toBe(false);
    expect(isVersionBitsActive("testdummy", chain[431], params, cache)).toBe(true);
  });

  test("needs one more signal than 107", () => {
    const short = chainOf(288, (height) => ({
      time: height + 1,
      version: height >= 144 && height < 251 ? signal : 0x20000000,
    }));
    expect(versionBitsState("testdummy", short[287], params)).toBe("started");
  });

  test("is signalled by new blocks while that helps", () => {
    const versions = [142, 143, 287, 431].map((height) => computeBlockVersion(chain[height], params, cache));
    expect(versions).toEqual([0x20000000, 0x30000000, 0x30000000, 0x20000000]);
    expect(computeBlockVersion(undefined, params)).toBe(0x20000000);
    expect(computeBlockVersion(chain[143], MAINNET.params)).toBe(0x20000000);
  });

  test("is not signalled by versions of another form", () => {
    const other = chainOf(288, (height) => ({ time: height + 1, version: 0x70000000 | 0 }));
    expect(versionBitsState("testdummy", other[287], params)).toBe("started");
    const negative = chainOf(288, (height) => ({ time: height + 1, version: -1 }));
    expect(versionBitsState("testdummy", negative[287], params)).toBe("started");
  });

  test("is told to miners", () => {
    const told = (height: number) => signalledDeployments(chain[height]!, params, cache);
    expect(told(142)).toEqual([]);
    expect(told(143)).toEqual([{ name: "testdummy", bit: 28, state: "started" }]);
    expect(told(431)).toEqual([{ name: "testdummy", bit: 28, state: "active" }]);
    expect(signalledDeployments(chain[143]!, MAINNET.params)).toEqual([]);
  });

  test("reports its statistics", () => {
    const info = (height: number) => versionBitsInfo("testdummy", chain[height]!, params, cache);
    expect(info(0)).toEqual({
      state: "defined",
      nextState: "defined",
      since: 0,
      statistics: undefined,
      signalling: [],
      activeSince: undefined,
    });
    expect(info(143)).toMatchObject({ state: "defined", nextState: "started" });
    const midway = info(144 + 109);
    expect(midway).toMatchObject({ state: "started", since: 144, activeSince: undefined });
    expect(midway.statistics).toEqual({ period: 144, threshold: 108, elapsed: 110, count: 108, possible: true });
    expect(midway.signalling).toEqual([...Array(108).fill(true), false, false]);
    expect(info(288).statistics).toEqual({ period: 144, threshold: 0, elapsed: 1, count: 0, possible: false });
    expect(info(431)).toMatchObject({ state: "locked_in", nextState: "active", since: 288, activeSince: 432 });
    expect(info(500)).toMatchObject({ state: "active", since: 432, activeSince: 432, statistics: undefined });
  });

  test("knows when the threshold is out of reach", () => {
    const silent = chainOf(288, (height) => ({ time: height + 1 }));
    const possible = (height: number) => versionBitsInfo("testdummy", silent[height]!, params).statistics?.possible;
    expect(possible(144 + 35)).toBe(true);
    expect(possible(144 + 36)).toBe(false);
  });

  test("is moved by -vbparams", () => {
    const at = (startTime: number) =>
      regtestNetwork({ versionBits: { testdummy: { startTime, timeout: NO_TIMEOUT, minActivationHeight: 0 } } }).params;
    expect(versionBitsState("testdummy", undefined, at(ALWAYS_ACTIVE))).toBe("active");
    expect(versionBitsState("testdummy", chain[431], at(NEVER_ACTIVE))).toBe("failed");
    expect(versionBitsState("testdummy", chain[431], at(2 ** 40))).toBe("defined");
  });
});

describe("unknown soft forks", () => {
  const { params } = regtestNetwork();

  test("are noticed once three quarters of a period signal", () => {
    const signalled = (count: number, bit: number) => {
      const version = 0x20000000 | (1 << bit);
      return chainOf(144 * 4, (height) => ({
        time: height + 1,
        version: height >= 144 && height < 144 + count ? version : 0x20000000,
      }));
    };
    const at = (chain: readonly ChainLink[], height: number) => unknownActivations(chain[height]!, params);
    expect(at(signalled(107, 3), 431)).toEqual([]);
    expect(at(signalled(108, 3), 287)).toEqual([{ bit: 3, isActive: false }]);
    expect(at(signalled(108, 3), 431)).toEqual([{ bit: 3, isActive: true }]);
    // BIP323: only the five lowest bits can mean a soft fork.
    expect(at(signalled(108, 4), 431)).toEqual([{ bit: 4, isActive: true }]);
    expect(at(signalled(108, 5), 431)).toEqual([]);
  });

  test("are not looked for below the height of the last buried one", () => {
    const late = { ...params, versionBitsWarningHeight: 300 };
    const chain = chainOf(432, (height) => ({ time: height + 1, version: height < 288 ? 0x20000008 : 0x20000000 }));
    expect(unknownActivations(chain[431]!, late)).toEqual([]);
    expect(unknownActivations(chain[431]!, params)).toEqual([{ bit: 3, isActive: true }]);
  });
});
