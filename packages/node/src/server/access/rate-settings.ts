import { readFile } from "node:fs/promises";
import { parseSubnet, type Subnet } from "../../p2p/addresses/subnet.ts";
import type { AddressLimit } from "./address-classes.ts";
import type { LimitRule } from "./limit-rules.ts";
import { redisUrlOf } from "./redis-url.ts";
import type { BucketPolicy } from "./token-buckets.ts";

/**
 * The seed's Settings.toml:
 *
 * ```toml
 * [rate_limiter]
 * redis_addr = "redis:6379"
 * ip_whitelist = ["10.0.0.0/8"]
 *
 * [[rate_limiter.limiter]]
 * strategy = "ip"
 * global_bucket = { tokens_count = 20, add_tokens_every = 6 }                                 # 20 at once, then one each 6 s
 * buckets_per_value = [{ value = "192.0.2.7", tokens_count = 100, add_tokens_every = 1 }]
 * ```
 */
export interface RateSettings {
  readonly redisUrl: string | undefined;
  readonly exempt: readonly Subnet[];
  /** Of each address; `undefined` where the file has limiters, and none for every address. */
  readonly address: BucketPolicy | undefined;
  readonly addressLimits: readonly AddressLimit[];
  readonly rules: readonly LimitRule[];
  /** Whether the file has any limiter: else the defaults hold. */
  readonly hasLimiters: boolean;
}

/** Settings that are none. The message is one sentence for the operator, and names file and field. */
export class RateSettingsError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "RateSettingsError";
  }
}

const TOKENS_MAX = 1_000_000;
const LIMITERS_MAX = 100;
const STRATEGIES: readonly string[] = ["ip", "url", "header", "query"];

/** The settings in `file`. Loads the reader of TOML only now. Rejects with {@link RateSettingsError}. */
export async function readRateSettings(file: string): Promise<RateSettings> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    throw new RateSettingsError(`The rate limits in ${file} cannot be read: ${(error as NodeJS.ErrnoException).code}.`);
  }
  const { parse } = await import("smol-toml");
  let content: unknown;
  try {
    content = parse(text);
  } catch (error) {
    // Its first line says what is wrong; the rest shows the text, which may hold the password of a Redis.
    const [reason] = (error as Error).message.split("\n");
    throw new RateSettingsError(`The rate limits in ${file} cannot be read: ${reason}.`);
  }
  return rateSettingsOf(content, file);
}

/** The same of what has been parsed. Throws {@link RateSettingsError}. */
export function rateSettingsOf(content: unknown, file: string): RateSettings {
  const read = new SettingsReader(file);
  const { rate_limiter: section } = read.table(content, "the content");
  const {
    redis_addr: redis,
    ip_whitelist: whitelist = [],
    limiter = [],
    ...rest
  } = read.table(section, "rate_limiter");
  read.noMore(rest, "rate_limiter");
  const limiters = read.list(limiter, "rate_limiter.limiter").map((one, index) => {
    return read.limiter(one, `rate_limiter.limiter[${index}]`);
  });
  if (limiters.filter(({ address }) => address !== undefined).length > 1)
    throw read.problem("rate_limiter.limiter", "has more than one global_bucket of the strategy ip");
  return {
    redisUrl: redis === undefined || redis === "" ? undefined : read.redis(redis),
    exempt: read.list(whitelist, "rate_limiter.ip_whitelist").map((one, index) => {
      return read.subnet(one, `rate_limiter.ip_whitelist[${index}]`);
    }),
    address: limiters.find(({ address }) => address !== undefined)?.address,
    addressLimits: limiters.flatMap(({ addressLimits }) => addressLimits),
    rules: limiters.flatMap(({ rules }) => rules),
    hasLimiters: limiters.length > 0,
  };
}

type Limiter = Pick<RateSettings, "address" | "addressLimits" | "rules">;

/** Reads values, and says of one that is none where it stands. */
class SettingsReader {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  problem(field: string, what: string): RateSettingsError {
    return new RateSettingsError(`The rate limits in ${this.#file} cannot be read: ${field} ${what}.`);
  }

  table(value: unknown, field: string): Record<string, unknown> {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
    throw this.problem(field, value === undefined ? "is missing" : "must be a table");
  }

  list(value: unknown, field: string): readonly unknown[] {
    if (Array.isArray(value) && value.length <= LIMITERS_MAX) return value;
    throw this.problem(field, `must be a list of at most ${LIMITERS_MAX}`);
  }

  noMore(rest: Record<string, unknown>, field: string): void {
    const [unknown] = Object.keys(rest);
    if (unknown !== undefined) throw this.problem(`${field}.${unknown}`, "is not known");
  }

  redis(value: unknown): string {
    const url = typeof value === "string" ? redisUrlOf(value) : undefined;
    if (url !== undefined) return url;
    throw this.problem(
      "rate_limiter.redis_addr",
      'must be host:port or redis://[:password@]host:port, as "redis:6379"',
    );
  }

  subnet(value: unknown, field: string): Subnet {
    const subnet = typeof value === "string" ? parseSubnet(value) : undefined;
    if (subnet?.prefixBits !== undefined) return subnet;
    throw this.problem(field, 'must be an IP address or a range of them, as "10.0.0.0/8"');
  }

  limiter(value: unknown, field: string): Limiter {
    const { strategy, global_bucket: common, buckets_per_value: own = [], ...rest } = this.table(value, field);
    this.noMore(rest, field);
    const kind = typeof strategy === "string" ? strategy.toLowerCase() : "";
    if (kind === "body")
      throw this.problem(`${field}.strategy`, 'cannot be "body": limits are looked at before a body is read');
    if (!STRATEGIES.includes(kind)) throw this.problem(`${field}.strategy`, `must be one of ${STRATEGIES.join(", ")}`);
    const global = common === undefined ? undefined : this.bucket(common, `${field}.global_bucket`);
    const perValue = this.list(own, `${field}.buckets_per_value`).map((one, index) => {
      return this.valueBucket(one, `${field}.buckets_per_value[${index}]`);
    });
    if (global === undefined && perValue.length === 0)
      throw this.problem(field, "has neither global_bucket nor buckets_per_value");
    if (kind === "ip") return this.addressLimiter(global, perValue, field);
    if (kind === "query" && global !== undefined)
      throw this.problem(
        `${field}.global_bucket`,
        "cannot be had with the strategy query: name the fields in buckets_per_value",
      );
    return { address: undefined, addressLimits: [], rules: rulesOf(kind as LimitRule["strategy"], global, perValue) };
  }

  addressLimiter(address: BucketPolicy | undefined, perValue: readonly ValueBucket[], field: string): Limiter {
    const addressLimits = perValue.map(({ value, policy }, index) => {
      return { range: this.subnet(value, `${field}.buckets_per_value[${index}].value`), policy };
    });
    return { address, addressLimits, rules: [] };
  }

  valueBucket(value: unknown, field: string): ValueBucket {
    const { value: text, ...bucket } = this.table(value, field);
    if (typeof text !== "string" || text === "") throw this.problem(`${field}.value`, "must be a text");
    return { value: text, policy: this.bucket(bucket, field) };
  }

  bucket(value: unknown, field: string): BucketPolicy {
    const { tokens_count: count, add_tokens_every: every, ...rest } = this.table(value, field);
    this.noMore(rest, field);
    const isWhole = (number: unknown) =>
      Number.isInteger(number) && (number as number) > 0 && (number as number) <= TOKENS_MAX;
    if (!isWhole(count)) throw this.problem(`${field}.tokens_count`, `must be a whole number from 1 to ${TOKENS_MAX}`);
    if (!isWhole(every))
      throw this.problem(`${field}.add_tokens_every`, `must be whole seconds from 1 to ${TOKENS_MAX}`);
    return { capacity: count as number, refillPerSecond: 1 / (every as number) };
  }
}

interface ValueBucket {
  readonly value: string;
  readonly policy: BucketPolicy;
}

function rulesOf(
  strategy: LimitRule["strategy"],
  global: BucketPolicy | undefined,
  perValue: readonly ValueBucket[],
): readonly LimitRule[] {
  const rules: LimitRule[] = perValue.map(({ value, policy }) => {
    return { strategy, value: strategy === "header" ? value.toLowerCase() : value, policy };
  });
  return global === undefined ? rules : [...rules, { strategy, policy: global }];
}
