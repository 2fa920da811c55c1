import { plainAddress } from "./caller.ts";
import type { RateLimiter } from "./rate-limiter.ts";
import type { Verdict } from "./token-buckets.ts";

/**
 * What an answer tells of its caller's limit: the names of the drafts that most clients know (draft-ietf-httpapi-ratelimit-headers-03 to
 * -07), and those of custom that came before. The one header that later drafts make of them has not settled yet.
 */
export function limitHeadersOf({ limit, remaining, resetSeconds }: Verdict): Readonly<Record<string, number>> {
  return {
    "RateLimit-Limit": limit,
    "RateLimit-Remaining": remaining,
    "RateLimit-Reset": resetSeconds,
    "X-RateLimit-Limit": limit,
    "X-RateLimit-Remaining": remaining,
  };
}

/** Their names in lower case: no two answers share them. */
export const LIMIT_HEADERS: readonly string[] = Object.keys(
  limitHeadersOf({ isAllowed: true, limit: 0, remaining: 0, resetSeconds: 0, retryAfterSeconds: 0 }),
).map((name) => name.toLowerCase());

/**
 * For who answers without the rest of the server: takes what a call without key from `address` costs, and answers the header lines that
 * go with it, none where there is no limit. `undefined` where the rest of the server has to look at it: Redis decides, or it is one too many.
 */
export function admitted(limiter: RateLimiter, address = ""): string | undefined {
  const ruling = limiter.takeNow(plainAddress(address));
  if (ruling === "unlimited") return "";
  if (typeof ruling !== "object" || !ruling.isAllowed) return undefined;
  const { limit, remaining, resetSeconds } = ruling;
  const standing = `RateLimit-Limit: ${limit}\r\nRateLimit-Remaining: ${remaining}\r\nRateLimit-Reset: ${resetSeconds}\r\n`;
  return `${standing}X-RateLimit-Limit: ${limit}\r\nX-RateLimit-Remaining: ${remaining}\r\n`;
}
