import type { BucketStore } from "./shared-buckets.ts";
import type { BucketRequest } from "./token-buckets.ts";

/** A command that has no answer by then has none. */
const COMMAND_TIMEOUT_MS = 250;
const CONNECT_TIMEOUT_MS = 2_000;
const RECONNECT_MS_MIN = 100;
const RECONNECT_MS_MAX = 2_000;

/**
 * Takes a token from each bucket of KEYS, or none where one is empty: one step of Redis, so that two web servers never take the same
 * token. ARGV has capacity and tokens per second of each. Answers 1 or 0, then the tokens left in each. The time is that of Redis,
 * which all share; should it go back, nothing is refilled meanwhile. What nobody uses goes when its bucket would be full.
 */
const TAKE_SCRIPT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local left, allowed = {}, 1
for i = 1, #KEYS do
  local capacity, refill = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local kept = redis.call('HMGET', KEYS[i], 'tokens', 'at')
  left[i] = capacity
  if kept[1] and kept[2] then
    local passed = math.max(0, now - tonumber(kept[2]))
    left[i] = math.min(capacity, tonumber(kept[1]) + passed * refill / 1000)
  end
  if left[i] < 1 then allowed = 0 end
end
local answer = { allowed }
for i = 1, #KEYS do
  local capacity, refill = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  if allowed == 1 then
    left[i] = left[i] - 1
    redis.call('HSET', KEYS[i], 'tokens', string.format('%.6f', left[i]), 'at', string.format('%.0f', now))
    redis.call('PEXPIRE', KEYS[i], string.format('%.0f', math.ceil((capacity - left[i]) / refill * 1000) + 1000))
  end
  answer[i + 1] = string.format('%.6f', left[i])
end
return answer
`;

/** A Redis client, as far as is used here. */
interface TakingClient {
  takeTokens(keyCount: number, ...keysAndNumbers: (string | number)[]): Promise<unknown>;
}

/**
 * Buckets in the Redis at `url`, under `prefix`. Loads the client only now: a plain node needs none. Connects by itself, again and
 * again; until it is connected commands fail at once. Errors that it rejects with never show the URL, which may hold a password.
 */
export async function openRedisStore(url: string, prefix: string): Promise<BucketStore> {
  const { Redis } = await import("ioredis");
  const client = new Redis(url, {
    lazyConnect: true,
    // What cannot be asked now is not asked later: the request that it was for has gone on.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    commandTimeout: COMMAND_TIMEOUT_MS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    retryStrategy: (attempt) => Math.min(RECONNECT_MS_MIN * 2 ** Math.min(attempt, 10), RECONNECT_MS_MAX),
    connectionName: "bitfleet",
    // Sent as EVALSHA, and whole where Redis does not know it, as after its restart.
    scripts: { takeTokens: { lua: TAKE_SCRIPT } },
  });
  // Every failure is met at a command; without a listener the client would print them.
  client.on("error", () => {});
  await firstConnection(client);
  return {
    take: (requests) => take(client as unknown as TakingClient, prefix, requests),
    close: () => client.disconnect(),
  };
}

/** Waits for the first connection no longer than a command may take; it goes on behind. */
async function firstConnection(client: { connect(): Promise<void> }): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resume) => {
    timer = setTimeout(resume, COMMAND_TIMEOUT_MS);
  });
  await Promise.race([client.connect().catch(() => {}), patience]);
  clearTimeout(timer);
}

async function take(client: TakingClient, prefix: string, requests: readonly BucketRequest[]) {
  const keys = requests.map(({ id }) => prefix + id);
  const numbers = requests.flatMap(({ policy }) => [policy.capacity, policy.refillPerSecond]);
  const answer = await client.takeTokens(keys.length, ...keys, ...numbers);
  const numbersIn = Array.isArray(answer) ? answer.map(Number) : [];
  if (numbersIn.length !== requests.length + 1 || !numbersIn.every(Number.isFinite))
    throw new Error("an answer of another form");
  const [isAllowed, ...tokens] = numbersIn;
  return { isAllowed: isAllowed === 1, tokens };
}
