import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../packages/node/src/network/free-port.ts";
import { hasRedis, REDIS_PASSWORD, RedisServer } from "./redis-server.ts";
import { BITFLEET, eventually, run, TestNode, temporaryFolder } from "./test-node.ts";

/** Web servers that share their limits in a real Redis, which fails them. */

const TRIES_MAX = 10;
let callerCount = 0;

const isHere = hasRedis();
if (!isHere)
  console.warn("\n*** SKIPPED: no redis-server is installed, so nothing of limits in Redis was tested ***\n");

interface WebServer {
  readonly node: TestNode;
  readonly url: string;
}

async function startWeb(...args: string[]): Promise<WebServer> {
  const port = await freePort();
  const node = await TestNode.start(temporaryFolder(), [`-webport=${port}`, ...args]);
  return { node, url: `http://127.0.0.1:${port}` };
}

/** As another machine's call would look to a server behind a proxy on this one. */
async function call({ url }: WebServer, from: string, path = "/api/v1/mining") {
  const response = await fetch(url + path, { headers: { "x-forwarded-for": from } });
  return { status: response.status, left: response.headers.get("ratelimit-remaining"), body: await response.text() };
}

/** The check of limits, as health tells it. */
async function limitsCheck({ url }: WebServer): Promise<{ readonly status: string; readonly detail: string }> {
  const { data } = (await (await fetch(`${url}/health`)).json()) as { data: { checks: { name: string }[] } };
  return data.checks.find(({ name }) => name === "rate-limits") as never;
}
const hasStatus = (web: WebServer, status: string) =>
  eventually(async () => ((await limitsCheck(web)).status === status ? true : undefined));

/**
 * Runs `turn` for a caller of its own while the servers share. A Redis that has no answer within a quarter of a second is away for a
 * server, by design; on a machine with that much else to do it is, and then the turn has shown nothing and is done again.
 */
async function whileShared(servers: readonly WebServer[], turn: (from: string) => Promise<void>): Promise<void> {
  const failures = () => servers.reduce((count, { node }) => count + node.log.split("Redis failed").length - 1, 0);
  for (let tries = 1; ; tries++) {
    await Promise.all(servers.map((web) => hasStatus(web, "pass")));
    const before = failures();
    try {
      return await turn(`192.0.3.${++callerCount}`);
    } catch (error) {
      if (tries === TRIES_MAX || failures() === before) throw error;
    }
  }
}

describe.skipIf(!isHere)("two web servers on one Redis", () => {
  let redis: RedisServer;
  let first: WebServer;
  let second: WebServer;

  beforeAll(async () => {
    redis = await RedisServer.start();
    const args = ["-webtrustproxy=127.0.0.1", `-webredis=${redis.url}`, "-webratelimit=5/0.001"];
    [first, second] = await Promise.all([startWeb(...args), startWeb(...args)]);
  });
  afterAll(async () => {
    for (const { node } of [first, second]) node.child.kill("SIGTERM");
    await Promise.all([first.node.exit(), second.node.exit()]);
    await redis.kill();
  });

  test("share what a caller may", () =>
    whileShared([first, second], async (from) => {
      const left: (string | null)[] = [];
      for (const web of [first, second, first, second, first]) left.push((await call(web, from)).left);
      expect(left).toEqual(["4", "3", "2", "1", "0"]);
      for (const web of [first, second]) {
        const { status, body } = await call(web, from);
        expect([status, JSON.parse(body).error]).toEqual([
          429,
          expect.stringMatching(/^Too many calls; try again in \d+ s\.$/),
        ]);
      }
      expect((await call(second, `192.0.4.${callerCount}`)).left).toBe("4");
      expect(await limitsCheck(first)).toMatchObject({ status: "pass", detail: expect.stringContaining("Redis") });
    }));

  test("take no token twice, however many calls come at the same time", () =>
    whileShared([first, second], async (from) => {
      const calls = Array.from({ length: 40 }, (_, i) => call(i % 2 === 0 ? first : second, from));
      const statuses = (await Promise.all(calls)).map(({ status }) => status);
      expect(statuses.filter((status) => status === 200).length).toBe(5);
      expect(statuses.filter((status) => status === 429).length).toBe(35);
    }));

  test("keep nothing in it for good, under names that say whose it is", () =>
    whileShared([first, second], async (from) => {
      await call(first, from);
      const key = `bitfleet:regtest:limit:address:${from}`;
      expect(await redis.ask("KEYS", "*")).toContain(key);
      const ttlMs = Number(/:(\d+)/.exec((await redis.ask("PTTL", key)).split("\n")[1]!)![1]);
      expect(ttlMs).toBeGreaterThan(0);
    }));

  test("know their script no more after a FLUSH of scripts, and go on", () =>
    whileShared([first, second], async (from) => {
      await redis.ask("SCRIPT", "FLUSH");
      expect((await call(first, from)).left).toBe("4");
      expect((await call(second, from)).left).toBe("3");
      expect(await limitsCheck(first)).toMatchObject({ status: "pass" });
    }));

  test("go on by themselves while it is dead, under load, and share again when it is back", async () => {
    let isOver = false;
    const seen = new Map<number, number>();
    let slowestMs = 0;
    const load = async (web: WebServer, worker: number) => {
      for (let turn = 0; !isOver; turn++) {
        const beganMs = performance.now();
        const { status } = await call(web, `198.51.${worker}.${turn % 250}`);
        slowestMs = Math.max(slowestMs, performance.now() - beganMs);
        seen.set(status, (seen.get(status) ?? 0) + 1);
      }
    };
    const workers = Array.from({ length: 8 }, (_, i) => load(i % 2 === 0 ? first : second, i));
    await eventually(() => (seen.get(200) ?? 0) > 50 || undefined);
    await redis.kill();
    await Promise.all([hasStatus(first, "warn"), hasStatus(second, "warn")]);
    expect((await limitsCheck(first)).detail).toContain("Redis is down");
    const before = seen.get(200)!;
    await eventually(() => seen.get(200)! > before + 50 || undefined);
    // Each by itself now.
    for (const web of [first, second]) {
      const statuses: number[] = [];
      for (let turn = 0; turn < 6; turn++) statuses.push((await call(web, "192.0.2.9")).status);
      expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
    }
    await redis.start();
    await whileShared([first, second], async (from) => {
      expect((await call(first, from)).left).toBe("4");
      expect((await call(second, from)).left).toBe("3");
    });
    isOver = true;
    await Promise.all(workers);
    // Nothing but answers and refusals of who called too often; the slowest is for the reader of a failure.
    expect(
      [...seen.keys()].filter((status) => status !== 200 && status !== 429),
      `${slowestMs} ms`,
    ).toEqual([]);
  });

  test("wait for it no longer than a moment where it hangs, and then not at all", async () => {
    redis.freeze();
    try {
      expect((await call(first, "192.0.2.11")).status).toBe(200);
      await hasStatus(first, "warn");
      expect((await call(first, "192.0.2.11")).status).toBe(200);
    } finally {
      redis.thaw();
    }
    await hasStatus(first, "pass");
  });

  test("never write its password down", async () => {
    for (const { node } of [first, second]) {
      expect(node.log).toContain(`127.0.0.1:${redis.port}`);
      expect(node.log + node.stderr + node.stdout).not.toContain(REDIS_PASSWORD);
    }
  });

  test("refuse all, where the operator wants it so while it is away", async () => {
    const web = await startWeb("-webtrustproxy=127.0.0.1", "-webredis=127.0.0.1:1", "-webredisfailure=closed");
    const response = await fetch(`${web.url}/api/v1/mining`, { headers: { "x-forwarded-for": "192.0.2.1" } });
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "1"]);
    expect((await fetch(`${web.url}/health/live`)).status).toBe(200);
    expect((await fetch(`${web.url}/api/v1/mining`)).status).toBe(200);
    expect(await limitsCheck(web)).toMatchObject({ status: "fail" });
    await web.node.stop();
  });

  test("take both from the seed's Settings.toml", async () => {
    const settings = join(temporaryFolder(), "Settings.toml");
    writeFileSync(
      settings,
      `[rate_limiter]\nredis_addr = "${redis.url}"\nip_whitelist = ["203.0.113.0/24"]\n` +
        '[[rate_limiter.limiter]]\nstrategy = "ip"\nglobal_bucket = { tokens_count = 2, add_tokens_every = 600 }\n',
    );
    const web = await startWeb("-webtrustproxy=127.0.0.1", `-webratesettings=${settings}`);
    await whileShared([web], async (from) => {
      const statuses: number[] = [];
      for (let turn = 0; turn < 3; turn++) statuses.push((await call(web, from)).status);
      expect(statuses).toEqual([200, 200, 429]);
    });
    expect((await call(web, "203.0.113.9")).left).toBeNull();
    await hasStatus(web, "pass");
    expect((await limitsCheck(web)).detail).toContain("Redis");
    await web.node.stop();
  });
});

describe("keys, while a node runs", () => {
  test("are made and revoked from the terminal, and every call is in the audit log", async () => {
    const web = await startWeb();
    const file = join(web.node.networkDir, "api-keys.json");
    const keys = (...words: string[]) => run(BITFLEET, ["keys", ...words, `--file=${file}`]);
    const put = async (key: string) => {
      const response = await fetch(`${web.url}/api/admin/mining`, {
        method: "PUT",
        headers: { "x-api-key": key, "content-type": "application/json" },
        body: '{"pacing":"off"}',
      });
      return response.status;
    };
    expect(await put("anything")).toBe(401);
    const made = await keys(
      "add",
      "ci",
      "--role",
      "admin",
      "--allow",
      "setMining",
      "--rate",
      "5/s",
      "--expires",
      "30d",
    );
    expect(made).toMatchObject({ code: 0, stderr: expect.stringContaining('Key "ci" (admin), shown this once') });
    const key = made.stdout.trim();
    expect(key).toMatch(/^[0-9a-f]{48}$/);
    expect((await keys("add", "ci", "--role", "admin")).stderr).toContain('There is a key "ci" in');
    expect((await keys("list")).stdout).toMatch(/^ci +admin +\d{4}-.* 10 at once, then 5 a second +setMining$/m);
    expect(readFileSync(file, "utf8")).not.toContain(key);
    // The command ends when nodes know of it, as scripts use a key in their next line.
    expect(await put(key)).toBe(200);
    expect(await keys("revoke", "ci")).toMatchObject({ code: 0, stdout: expect.stringContaining("is revoked") });
    expect((await keys("revoke", "ci")).stderr).toContain('There is no key "ci"');
    expect(await put(key)).toBe(401);
    const lines = readFileSync(join(web.node.networkDir, "audit.log"), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.find(({ status }) => status === 200)).toMatchObject({
      key: "ci",
      role: "admin",
      path: "/api/admin/mining",
      body: { pacing: "off" },
    });
    expect(lines.at(-1)).toMatchObject({ key: null, status: 401 });
    expect(await web.node.stop()).toMatchObject({ code: 0, stderr: "" });
  });

  test("that everybody knows keep a node from starting where others reach it", async () => {
    const node = await TestNode.spawn(temporaryFolder(), [
      `-webport=${await freePort()}`,
      "-webbind=0.0.0.0",
      "-webadminkey=admin-secret",
    ]);
    expect(await node.exit()).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^Error: The key of -webadminkey \(BITCOIN_API_ADMIN_KEY\) is a placeholder .*openssl rand -hex 24/,
      ),
    });
  });

  test("in a damaged file keep it from starting, with file and field", async () => {
    const folder = temporaryFolder();
    const file = join(folder, "keys.json");
    writeFileSync(file, '{"version":1,"keys":[{"name":"a"}]}');
    const node = await TestNode.spawn(folder, [`-webport=${await freePort()}`, `-webkeysfile=${file}`]);
    expect(await node.exit()).toMatchObject({
      code: 1,
      stderr: `Error: The API keys in ${file} cannot be read: keys[0].role must be one of public, wallet, admin.\n`,
    });
  });
});
