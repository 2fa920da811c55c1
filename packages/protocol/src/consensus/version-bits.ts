import { ancestorAt, type ChainLink } from "./chain-view.ts";
import { medianTimePast } from "./locktime.ts";
import {
  ALWAYS_ACTIVE,
  type ConsensusParams,
  NEVER_ACTIVE,
  NO_TIMEOUT,
  type VersionBitsDeployment,
  type VersionBitsParams,
} from "./params.ts";
import { difficultyInterval } from "./pow.ts";

/** BIP9: where a soft fork stands. All blocks of a period share a state, which depends on the blocks before the period. */
export type VersionBitsState = "defined" | "started" | "locked_in" | "active" | "failed";

/** BIP9: how the version of a block begins whose other bits are signals. */
export const VERSION_BITS_TOP_BITS = 0x20000000;
const VERSION_BITS_TOP_MASK = 0xe0000000 | 0;

/** BIP323: bits that soft forks may use. Miners use the others for work. */
export const VERSION_BITS_COUNT = 5;

/** A soft fork decided by what blocks signal. */
export interface ThresholdRule
  extends Pick<VersionBitsParams, "startTime" | "timeout" | "minActivationHeight" | "period" | "threshold"> {
  readonly signals: (link: ChainLink) => boolean;
}

/** States by the last block of the period before (`undefined`: before genesis). One cache serves one rule. */
export type ThresholdCache = Map<ChainLink | undefined, VersionBitsState>;

/** States of all soft forks of one network, kept between questions. Holds one entry for each fork and period. */
export type VersionBitsCache = Record<VersionBitsDeployment, ThresholdCache>;

export function newVersionBitsCache(): VersionBitsCache {
  return { testdummy: new Map() };
}

const DEPLOYMENTS: readonly VersionBitsDeployment[] = ["testdummy"];

/** BIP9: state of a soft fork for the block after `previous`. */
export function versionBitsState(
  deployment: VersionBitsDeployment,
  previous: ChainLink | undefined,
  params: Pick<ConsensusParams, "versionBits">,
  cache: VersionBitsCache = newVersionBitsCache(),
): VersionBitsState {
  return thresholdState(ruleOf(params.versionBits[deployment]), previous, cache[deployment]);
}

/** Whether a soft fork's rules hold for the block after `previous`. */
export function isVersionBitsActive(
  deployment: VersionBitsDeployment,
  previous: ChainLink | undefined,
  params: Pick<ConsensusParams, "versionBits">,
  cache?: VersionBitsCache,
): boolean {
  return versionBitsState(deployment, previous, params, cache) === "active";
}

/** BIP9: version of a block after `previous` that signals for every soft fork that can still be signalled for. */
export function computeBlockVersion(
  previous: ChainLink | undefined,
  params: Pick<ConsensusParams, "versionBits">,
  cache: VersionBitsCache = newVersionBitsCache(),
): number {
  let version = VERSION_BITS_TOP_BITS;
  for (const deployment of DEPLOYMENTS) {
    const state = versionBitsState(deployment, previous, params, cache);
    if (state === "started" || state === "locked_in") version |= 1 << params.versionBits[deployment].bit;
  }
  return version;
}

function ruleOf(deployment: VersionBitsParams): ThresholdRule {
  return { ...deployment, signals: (link) => signals(link.header.version, deployment.bit) };
}

function signals(version: number, bit: number): boolean {
  return (version & VERSION_BITS_TOP_MASK) === VERSION_BITS_TOP_BITS && ((version >> bit) & 1) === 1;
}

/** BIP9's state machine: state of a rule for the block after `previous`. */
export function thresholdState(
  rule: ThresholdRule,
  previous: ChainLink | undefined,
  cache: ThresholdCache = new Map(),
): VersionBitsState {
  if (rule.startTime === ALWAYS_ACTIVE) return "active";
  if (rule.startTime === NEVER_ACTIVE) return "failed";

  // Back to a period whose state is known: cached, or before the start time, or before genesis.
  const undecided: ChainLink[] = [];
  let end = lastOfPeriodBefore(previous, rule.period);
  let state: VersionBitsState | undefined;
  while (state === undefined) {
    state = cache.get(end);
    if (state !== undefined) break;
    if (end === undefined || medianTimePast(end) < rule.startTime) {
      state = "defined";
      cache.set(end, state);
    } else {
      undecided.push(end);
      end = ancestorAt(end, end.height - rule.period);
    }
  }

  // And forward again, period by period.
  for (const link of undecided.reverse()) {
    state = nextState(rule, state, link);
    cache.set(link, state);
  }
  return state;
}

/** State of the period after `end`, the last block of one in `state`. */
function nextState(rule: ThresholdRule, state: VersionBitsState, end: ChainLink): VersionBitsState {
  switch (state) {
    case "defined":
      return medianTimePast(end) >= rule.startTime ? "started" : "defined";
    case "started":
      if (countSignals(rule, end, rule.period) >= rule.threshold) return "locked_in";
      return medianTimePast(end) >= rule.timeout ? "failed" : "started";
    case "locked_in":
      return end.height + 1 >= rule.minActivationHeight ? "active" : "locked_in";
    case "active":
    case "failed":
      return state;
  }
}

function countSignals(rule: ThresholdRule, end: ChainLink, blockCount: number): number {
  let count = 0;
  let link: ChainLink | undefined = end;
  for (let index = 0; index < blockCount && link !== undefined; index++, link = link.previous) {
    if (rule.signals(link)) count++;
  }
  return count;
}

/** The last block of the period before the one that the block after `previous` is in; `undefined` in the first period. */
function lastOfPeriodBefore(previous: ChainLink | undefined, period: number): ChainLink | undefined {
  return previous && ancestorAt(previous, previous.height - ((previous.height + 1) % period));
}

/** Height of the first block with the state that the block after `previous` has; 0 while nothing has happened. */
export function stateSinceHeight(
  rule: ThresholdRule,
  previous: ChainLink | undefined,
  cache: ThresholdCache = new Map(),
): number {
  if (rule.startTime === ALWAYS_ACTIVE || rule.startTime === NEVER_ACTIVE) return 0;
  const state = thresholdState(rule, previous, cache);
  if (state === "defined") return 0;
  let end = lastOfPeriodBefore(previous, rule.period);
  if (end === undefined) throw new Error("the first period is past the state defined");
  for (;;) {
    const earlier: ChainLink | undefined = ancestorAt(end, end.height - rule.period);
    if (earlier === undefined || thresholdState(rule, earlier, cache) !== state) return end.height + 1;
    end = earlier;
  }
}

/** Signals in the period of a block, up to that block. */
export interface VersionBitsStatistics {
  readonly period: number;
  /** Zero once locked in: nothing remains to be reached. */
  readonly threshold: number;
  readonly elapsed: number;
  readonly count: number;
  /** Whether the threshold can still be reached in this period; false once locked in. */
  readonly possible: boolean;
}

/** What `getdeploymentinfo` tells of a soft fork at a block. */
export interface VersionBitsInfo {
  readonly state: VersionBitsState;
  /** State of the block after it. */
  readonly nextState: VersionBitsState;
  /** Height of the first block with this state. */
  readonly since: number;
  /** While signals count or are still welcome. */
  readonly statistics: VersionBitsStatistics | undefined;
  /** Which blocks of the period signalled, first block first; empty where `statistics` is absent. */
  readonly signalling: readonly boolean[];
  /** First height at which the rules hold, where that is settled. */
  readonly activeSince: number | undefined;
}

/** Where a soft fork stands at the block `link`. */
export function versionBitsInfo(
  deployment: VersionBitsDeployment,
  link: ChainLink,
  params: Pick<ConsensusParams, "versionBits">,
  cache: VersionBitsCache = newVersionBitsCache(),
): VersionBitsInfo {
  const rule = ruleOf(params.versionBits[deployment]);
  const state = thresholdState(rule, link.previous, cache[deployment]);
  const following = thresholdState(rule, link, cache[deployment]);
  const since = stateSinceHeight(rule, link.previous, cache[deployment]);
  const showsSignals = state === "started" || state === "locked_in";
  const signalling = showsSignals ? signalsOfPeriod(rule, link) : [];
  return {
    state,
    nextState: following,
    since,
    statistics: showsSignals ? statisticsOf(rule, signalling, state) : undefined,
    signalling,
    activeSince: state === "active" ? since : following === "active" ? link.height + 1 : undefined,
  };
}

function statisticsOf(
  rule: ThresholdRule,
  signalling: readonly boolean[],
  state: VersionBitsState,
): VersionBitsStatistics {
  const elapsed = signalling.length;
  const count = signalling.filter((signal) => signal).length;
  const isLockedIn = state === "locked_in";
  return {
    period: rule.period,
    threshold: isLockedIn ? 0 : rule.threshold,
    elapsed,
    count,
    possible: !isLockedIn && rule.period - rule.threshold >= elapsed - count,
  };
}

function signalsOfPeriod(rule: ThresholdRule, end: ChainLink): boolean[] {
  const signalling: boolean[] = [];
  let link: ChainLink | undefined = end;
  for (let rest = 1 + (end.height % rule.period); rest > 0 && link !== undefined; rest--, link = link.previous) {
    signalling.push(rule.signals(link));
  }
  return signalling.reverse();
}

/** Soft forks under way for the block after `previous`, as `getblocktemplate` tells miners. Those that are over or not begun are left out. */
export function signalledDeployments(
  previous: ChainLink,
  params: Pick<ConsensusParams, "versionBits">,
  cache: VersionBitsCache = newVersionBitsCache(),
): readonly { readonly name: VersionBitsDeployment; readonly bit: number; readonly state: VersionBitsState }[] {
  return DEPLOYMENTS.map((name) => ({
    name,
    bit: params.versionBits[name].bit,
    state: versionBitsState(name, previous, params, cache),
  })).filter(({ state }) => state !== "defined" && state !== "failed");
}

/** Signals of miners for soft forks that we know nothing of: the network may be moving to rules that we lack. */
export interface UnknownActivation {
  readonly bit: number;
  readonly isActive: boolean;
}

/** Threshold on mainnet (BIP341's); other networks take three quarters of a difficulty period. */
const WARNING_PERIOD = 2016;
const WARNING_THRESHOLD = 1815;

/** One cache for each bit, kept between questions. */
export type UnknownActivationCache = readonly ThresholdCache[];

export function newUnknownActivationCache(): UnknownActivationCache {
  return Array.from({ length: VERSION_BITS_COUNT }, () => new Map());
}

/** Unknown soft forks that are locked in or active for the block after `previous`. */
export function unknownActivations(
  previous: ChainLink,
  params: ConsensusParams,
  cache: UnknownActivationCache = newUnknownActivationCache(),
  versionBitsCache: VersionBitsCache = newVersionBitsCache(),
): UnknownActivation[] {
  const isMainnet = params.network === "main";
  const period = isMainnet ? WARNING_PERIOD : difficultyInterval(params);
  const threshold = isMainnet ? WARNING_THRESHOLD : Math.floor((period * 3) / 4);
  return cache.flatMap((states, bit) => {
    const isUnknown = (link: ChainLink) =>
      ((computeBlockVersion(link.previous, params, versionBitsCache) >> bit) & 1) === 0;
    const rule: ThresholdRule = {
      startTime: 0,
      timeout: NO_TIMEOUT,
      minActivationHeight: 0,
      period,
      threshold,
      signals: (link) =>
        link.height >= params.versionBitsWarningHeight && signals(link.header.version, bit) && isUnknown(link),
    };
    const state = thresholdState(rule, previous, states);
    return state === "locked_in" || state === "active" ? [{ bit, isActive: state === "active" }] : [];
  });
}
