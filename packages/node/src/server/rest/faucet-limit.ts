import { ApiError } from "@bitfleet/api/errors.ts";
import type { Caller } from "../access/caller.ts";
import type { RateLimiter } from "../access/rate-limiter.ts";
import type { BucketPolicy } from "../access/token-buckets.ts";
import type { RouteContext } from "./rest-route.ts";

/** Payments to one address: ten at once, then one every ten seconds. */
export const FAUCET_ADDRESS_LIMIT: BucketPolicy = { capacity: 10, refillPerSecond: 1 / 10 };
/** Payments that one caller asks for: sixty at once, then one a second. */
export const FAUCET_CALLER_LIMIT: BucketPolicy = { capacity: 60, refillPerSecond: 1 };

const UNAVAILABLE_RETRY_SECONDS = 1;

/**
 * Takes what a payment of the faucet costs its caller and the address that gets it. Rejects with `ApiError` where either has had so many:
 * the mempool takes only so many payments that hang together before a block comes, and all ask the same purse.
 */
export async function takeFromFaucet(
  address: string,
  { caller, reply }: Pick<RouteContext, "caller" | "reply">,
  limiter: Pick<RateLimiter, "takeFrom">,
): Promise<void> {
  const ruling = await limiter.takeFrom([
    { id: `faucet:address:${nameOf(address)}`, policy: FAUCET_ADDRESS_LIMIT },
    { id: `faucet:caller:${callerName(caller)}`, policy: FAUCET_CALLER_LIMIT },
  ]);
  if (ruling === "unlimited") return;
  if (ruling === "unavailable") {
    reply.header("Retry-After", UNAVAILABLE_RETRY_SECONDS);
    throw new ApiError(503, "The limits of the faucet cannot be looked at now; try again later.");
  }
  if (ruling.isAllowed) return;
  reply.header("Retry-After", ruling.retryAfterSeconds);
  const times = `${FAUCET_ADDRESS_LIMIT.capacity} times an address, ${FAUCET_CALLER_LIMIT.capacity} times a caller`;
  throw new ApiError(
    429,
    `The faucet gives ${times}, and then more slowly; try again in ${ruling.retryAfterSeconds} s, or ask for more at a time.`,
  );
}

/** Segwit addresses are the same in upper case. */
const nameOf = (address: string) => (/^(bc|tb|bcrt)1/i.test(address) ? address.toLowerCase() : address);

const callerName = ({ key, address }: Caller) => (key === undefined ? address : `key:${key.name}`);
