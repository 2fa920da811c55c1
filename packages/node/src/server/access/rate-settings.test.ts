import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { formatSubnet } from "../../p2p/addresses/subnet.ts";
import { RateSettingsError, readRateSettings } from "./rate-settings.ts";
import { shownRedisUrl } from "./redis-url.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "bitfleet-settings-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const read = (toml: string) => {
  const file = join(folder, "Settings.toml");
  writeFileSync(file, toml);
  return readRateSettings(file);
};

describe("Settings.toml", () => {
  test("as the seed's containers have it", async () => {
    const settings = await read(`
      [rate_limiter]
      redis_addr = "redis:6379"
      ip_whitelist = []

      [[rate_limiter.limiter]]
      strategy = "ip"
      global_bucket = { tokens_count = 20, add_tokens_every = 6 }
    `);
    expect(settings).toEqual({
      redisUrl: "redis://redis:6379",
      exempt: [],
      address: { capacity: 20, refillPerSecond: 1 / 6 },
      addressLimits: [],
      rules: [],
      hasLimiters: true,
    });
  });

  test("with everything that it can have", async () => {
    const settings = await read(`
      [other]
      is = "somebody else's"
      [rate_limiter]
      redis_addr = "rediss://user:secret@cache.example:6380/3"
      ip_whitelist = ["127.0.0.1", "10.0.0.0/8", "2001:db8::/32"]
      [[rate_limiter.limiter]]
      strategy = "IP"
      buckets_per_value = [{ value = "192.0.2.7", tokens_count = 5, add_tokens_every = 10 }]
      [[rate_limiter.limiter]]
      strategy = "url"
      global_bucket = { tokens_count = 1, add_tokens_every = 1 }
      buckets_per_value = [{ value = "/api/v1/search", tokens_count = 2, add_tokens_every = 1 }]
      [[rate_limiter.limiter]]
      strategy = "header"
      buckets_per_value = [{ value = "X-User", tokens_count = 3, add_tokens_every = 1 }]
      [[rate_limiter.limiter]]
      strategy = "query"
      buckets_per_value = [{ value = "user", tokens_count = 4, add_tokens_every = 1 }]
    `);
    expect(settings.exempt.map(formatSubnet)).toEqual(["127.0.0.1/32", "10.0.0.0/8", "2001:db8::/32"]);
    expect(settings.redisUrl).toBe("rediss://user:secret@cache.example:6380/3");
    expect(shownRedisUrl(settings.redisUrl!)).toBe("cache.example:6380");
    expect(settings.address).toBeUndefined();
    expect(settings.addressLimits).toMatchObject([{ policy: { capacity: 5, refillPerSecond: 0.1 } }]);
    const each = (capacity: number) => ({ capacity, refillPerSecond: 1 });
    expect(settings.rules).toEqual([
      { strategy: "url", value: "/api/v1/search", policy: each(2) },
      { strategy: "url", policy: each(1) },
      { strategy: "header", value: "x-user", policy: each(3) },
      { strategy: "query", value: "user", policy: each(4) },
    ]);
  });

  test("without limiters leaves the defaults", async () => {
    expect(await read('[rate_limiter]\nredis_addr = ""')).toMatchObject({ redisUrl: undefined, hasLimiters: false });
  });

  const limiter = (text: string) => `[rate_limiter]\n[[rate_limiter.limiter]]\n${text}`;
  const bucket = "global_bucket = { tokens_count = 1, add_tokens_every = 1 }";
  test.each([
    ["", "rate_limiter is missing"],
    ["[rate_limiter", "cannot be read"],
    ["rate_limiter = 1", "rate_limiter must be a table"],
    ["[rate_limiter]\nredis = 1", "rate_limiter.redis is not known"],
    ['[rate_limiter]\nredis_addr = "http://s3cret@x"', "rate_limiter.redis_addr must be host:port"],
    ['[rate_limiter]\nip_whitelist = "all"', "rate_limiter.ip_whitelist must be a list"],
    ['[rate_limiter]\nip_whitelist = ["localhost"]', "rate_limiter.ip_whitelist[0] must be an IP address"],
    [limiter(bucket), "rate_limiter.limiter[0].strategy must be one of ip, url, header, query"],
    [limiter(`strategy = "cookie"\n${bucket}`), "limiter[0].strategy must be one of"],
    [limiter(`strategy = "body"\n${bucket}`), 'limiter[0].strategy cannot be "body"'],
    [limiter('strategy = "ip"'), "limiter[0] has neither global_bucket nor buckets_per_value"],
    [limiter(`strategy = "ip"\n${bucket}\nburst = 1`), "limiter[0].burst is not known"],
    [
      limiter('strategy = "ip"\nglobal_bucket = { tokens_count = 0, add_tokens_every = 1 }'),
      "global_bucket.tokens_count must be",
    ],
    [
      limiter('strategy = "ip"\nglobal_bucket = { tokens_count = 1, add_tokens_every = 1.5 }'),
      "global_bucket.add_tokens_every must be",
    ],
    [limiter('strategy = "ip"\nglobal_bucket = { tokens_count = 1 }'), "global_bucket.add_tokens_every must be"],
    [limiter(`strategy = "query"\n${bucket}`), "global_bucket cannot be had with the strategy query"],
    [
      limiter('strategy = "ip"\nbuckets_per_value = [{ value = "x", tokens_count = 1, add_tokens_every = 1 }]'),
      "value must be an IP address",
    ],
    [
      `${limiter(`strategy = "ip"\n${bucket}`)}\n[[rate_limiter.limiter]]\nstrategy = "ip"\n${bucket}`,
      "more than one global_bucket",
    ],
  ])("refuses %j", async (toml, reason) => {
    const error = await read(toml).catch((caught: Error) => caught);
    expect(error).toBeInstanceOf(RateSettingsError);
    expect((error as Error).message).toContain(reason);
    expect((error as Error).message).toContain(join(folder, "Settings.toml"));
    expect((error as Error).message).not.toContain("s3cret");
  });

  test("that is not there is said by its path", async () => {
    await expect(readRateSettings(join(folder, "none.toml"))).rejects.toThrow(/none\.toml cannot be read: ENOENT\.$/);
  });
});
