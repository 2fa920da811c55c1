import { plainAddress } from "./caller.ts";
import type { RateLimiter } from "./rate-limiter.ts";
import type { Verdict } from "./token-buckets.ts";

/**
 * What an answer tells of its caller's limit: the names of the drafts that most clients know (draft-ietf-httpapi-ratelimit-headers-03 to
 * -07), and those of custom that came before. The one header that later drafts make of them has not settled yet.
 */
const HEADERS: readonly (readonly [name: string, valueIn: (verdict: Verdict) => number])[] = [
  ["RateLimit-Limit", ({ limit }) => limit],
  ["RateLimit-Remaining", ({ remaining }) => remaining],
  ["RateLimit-Reset", ({ resetSeconds }) => resetSeconds],
  ["X-RateLimit-Limit", ({ limit }) => limit],
  ["X-RateLimit-Remaining", ({ remaining }) => remaining],
];

/** Their names in lower case: no two answers share them. */
export const LIMIT_HEADERS: readonly string[] = HEADERS.map(([name]) => name.toLowerCase());

export function limitHeadersOf(verdict: Verdict): readonly (readonly [name: string, value: number])[] {
  return HEADERS.map(([name, valueIn]) => [name, valueIn(verdict)] as const);
}

/**
 * For who answers without the rest of the server: takes what a call without key from `address` costs, and answers the header lines that
 * go with it, none where there is no limit. `undefined` where the rest of the server has to look at it: Redis decides, or it is one too many.
 */
export function admitted(limiter: RateLimiter, address = ""): string | undefined {
  const ruling = limiter.takeNow(plainAddress(address));
  if (ruling === "unlimited") return "";
  if (typeof ruling !== "object" || !ruling.isAllowed) return undefined;
  return limitHeadersOf(ruling).reduce((lines, [name, value]) => `${lines}${name}: ${value}\r\n`, "");
}
