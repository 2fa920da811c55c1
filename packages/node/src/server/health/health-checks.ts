import type { HealthCheckName, HealthCheckStatus } from "@bitfleet/api/rest/health.ts";
import { isToldOfPeers } from "../../p2p/connections/added-nodes.ts";
import type { WebNode, WebState } from "../web/web-state.ts";
import type { LoopWatch } from "./loop-watch.ts";
import type { StorageWatch } from "./storage-watch.ts";

/** What one check finds at a moment, with why as a sentence. */
export interface Finding {
  readonly name: HealthCheckName;
  readonly status: HealthCheckStatus;
  readonly detail: string;
}

/** Where rate limits are counted, and how that is. */
export interface RateLimitStore {
  readonly store: "memory" | "redis";
  /** Absent where no Redis was asked for. */
  readonly redis?: "up" | "down" | undefined;
  /** What happens to requests while it is down: counted in memory, let through, or refused. */
  readonly onFailure?: "memory" | "open" | "closed" | undefined;
}

/** What is looked at. What is not there is not checked. */
export interface HealthSubjects {
  readonly state: WebState;
  readonly loop?: Pick<LoopWatch, "meanWaitMs"> | undefined;
  readonly storage?: Pick<StorageWatch, "places"> | undefined;
  readonly rateLimits?: (() => RateLimitStore) | undefined;
}

/** A request waits so long for the event loop on average: people notice. */
export const LOOP_WAIT_MS_SLOW = 250;
/** So long that the process is no use, and may be replaced. */
export const LOOP_WAIT_MS_MAX = 2_000;
/** So little is left that somebody should make room: two days of full blocks. */
export const FREE_BYTES_LOW = 1_073_741_824;
/** A little above the 50 MB at which the node stops by itself, in time to turn traffic away. */
export const FREE_BYTES_MIN = 104_857_600;

/** Indexes that no route reads: it does not matter to a request whether they are built yet. */
const INDEXES_NOT_SERVED: ReadonlySet<string> = new Set(["basic block filter index"]);

/** Every check, what matters most first: the first that fails says why no traffic should come. */
export function findings(subjects: HealthSubjects): readonly Finding[] {
  const { state, loop, storage, rateLimits } = subjects;
  const { node } = state;
  return [
    nodeFinding(state),
    ...(node === undefined ? [] : [chainFinding(state), indexFinding(node), mempoolFinding(node), peerFinding(node)]),
    ...(storage === undefined ? [] : [storageFinding(storage)]),
    ...(loop === undefined ? [] : [loopFinding(loop)]),
    ...(rateLimits === undefined ? [] : [rateLimitFinding(rateLimits())]),
  ];
}

const pass = (name: HealthCheckName, detail: string): Finding => ({ name, status: "pass", detail });
const warn = (name: HealthCheckName, detail: string): Finding => ({ name, status: "warn", detail });
const fail = (name: HealthCheckName, detail: string): Finding => ({ name, status: "fail", detail });

function nodeFinding({ status }: WebState): Finding {
  if (status === "stopping") return fail("node", "The node is stopping.");
  return status === "starting" ? fail("node", "The node is starting.") : pass("node", "The node answers.");
}

function chainFinding(state: WebState): Finding {
  const { problem, doubt } = state.standing;
  if (problem !== undefined) return fail("chain", problem);
  if (doubt !== undefined) return warn("chain", doubt);
  const { tip, bestHeader } = state.node!.chain;
  const missing = bestHeader.height - tip.height;
  return pass(
    "chain",
    `The tip is at height ${tip.height}${missing > 0 ? `, ${missing} behind the best header` : ""}.`,
  );
}

function indexFinding({ indexes, chain }: WebNode): Finding {
  const behind = indexes.all.filter(({ isSynced }) => !isSynced);
  const texts = behind.map(({ name, best }) => `${name} is at height ${best?.height ?? 0} of ${chain.tip.height}`);
  if (texts.length === 0) return pass("indexes", "Every index has come to the tip.");
  const isServed = behind.some(({ name }) => !INDEXES_NOT_SERVED.has(name));
  return (isServed ? fail : warn)("indexes", `Being built: ${texts.join(", ")}.`);
}

/** No reason to turn traffic away: the mempool fills while it is read, and every node's is another one. */
function mempoolFinding({ mempool, mempoolKeeper }: WebNode): Finding {
  return mempoolKeeper.isLoaded
    ? pass(
        "mempool",
        mempool.size === 1 ? "1 transaction waits for a block." : `${mempool.size} transactions wait for a block.`,
      )
    : warn("mempool", "The mempool of the last run is still being read.");
}

/**
 * Never a failure: when the nodes that all web servers follow are gone, all of them would be taken out of service at once, though
 * each can still tell what the chain was.
 */
function peerFinding({ chain, peers, p2p }: WebNode): Finding {
  const { inbound, outbound } = peers();
  const count = inbound + outbound;
  const text = `Connected to ${count} ${count === 1 ? "node" : "nodes"}.`;
  if (count > 0) return pass("peers", text);
  const isAlone = chain.network.name === "regtest" && !isToldOfPeers(p2p);
  return isAlone ? pass("peers", "This node is told of no others.") : warn("peers", text);
}

function storageFinding({ places }: Pick<StorageWatch, "places">): Finding {
  const problem = places.find((place) => place.problem !== undefined)?.problem;
  if (problem !== undefined) return fail("storage", problem);
  const known = places.filter((place) => place.freeBytes !== undefined);
  const least = known.toSorted((a, b) => a.freeBytes! - b.freeBytes!)[0];
  if (least === undefined) return pass("storage", "The disk was not looked at yet.");
  const detail = `${megabytes(least.freeBytes!)} MB are free in ${least.path}.`;
  if (least.freeBytes! < FREE_BYTES_MIN) return fail("storage", `Only ${detail}`);
  return least.freeBytes! < FREE_BYTES_LOW ? warn("storage", `Only ${detail}`) : pass("storage", detail);
}

function loopFinding({ meanWaitMs }: Pick<LoopWatch, "meanWaitMs">): Finding {
  const detail = `Requests wait ${Math.round(meanWaitMs)} ms for the event loop, on average.`;
  if (meanWaitMs > LOOP_WAIT_MS_MAX) return fail("event-loop", detail);
  return meanWaitMs > LOOP_WAIT_MS_SLOW ? warn("event-loop", detail) : pass("event-loop", detail);
}

const REDIS_FAILURES = {
  memory: warn("rate-limits", "Redis is down: each server counts for itself."),
  open: warn("rate-limits", "Redis is down: nobody's rate is limited."),
  closed: fail("rate-limits", "Redis is down, and requests whose rate cannot be told are refused."),
} as const;

function rateLimitFinding({ store, redis, onFailure = "memory" }: RateLimitStore): Finding {
  if (redis === "down") return REDIS_FAILURES[onFailure];
  return pass("rate-limits", `Rates are counted in ${store === "redis" ? "Redis" : "memory"}.`);
}

const megabytes = (bytes: number) => Math.floor(bytes / 1_000_000);
