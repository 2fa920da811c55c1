import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { get } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ApiError } from "@bitfleet/api/errors.ts";
import { type FastifyError, type FastifyInstance, fastify } from "fastify";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { MemoryLog } from "../../chain/test-kit.ts";
import type { Clock } from "../../ports.ts";
import { failure, success } from "../web/envelope.ts";
import type { Access } from "./access.ts";
import { installAccess, requireRole } from "./access-hooks.ts";
import { ApiKeys, hashOfKey, type KeyGrant } from "./api-keys.ts";
import { AuditLog } from "./audit-log.ts";
import { NO_LIMITS, RateLimiter, type RateLimiterOptions } from "./rate-limiter.ts";

/** Somebody elsewhere: loopback is not limited. */
const ELSEWHERE = "192.0.2.7";
const KEYS = { admin: "the-admin-key", wallet: "the-wallet-key", reader: "the-public-key", pacer: "the-pacer-key" };

let nowMs = 0;
const clock: Clock = { nowMs: () => nowMs, monotonicMs: () => nowMs, after: () => () => {} };
let folder: string;
let log: MemoryLog;
let auditFile: string;
/** Bodies that were read. */
let bodies: unknown[];

beforeEach(() => {
  nowMs = 0;
  folder = mkdtempSync(join(tmpdir(), "bitfleet-access-"));
  auditFile = join(folder, "audit.log");
  log = new MemoryLog();
  bodies = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const grant = (name: string, role: KeyGrant["role"], key: string, more: Partial<KeyGrant> = {}): KeyGrant => ({
  name,
  role,
  hash: hashOfKey(key),
  ...more,
});

interface Given {
  readonly limits?: Partial<RateLimiterOptions>;
  readonly requiresKey?: boolean;
  readonly keys?: readonly KeyGrant[];
  readonly trustedProxies?: string[];
}

/** An application of a few routes, as the real one has them. */
function appWith(given: Given = {}): { readonly app: FastifyInstance; readonly access: Access } {
  const keys = new ApiKeys();
  keys.replace(
    given.keys ?? [
      grant("root", "admin", KEYS.admin),
      grant("shop", "wallet", KEYS.wallet),
      grant("reader", "public", KEYS.reader),
      grant("pacer", "admin", KEYS.pacer, { allow: ["setMining", "GET /api/admin/a*"] }),
    ],
  );
  const audit = new AuditLog(auditFile, { clock, log });
  audit.open();
  const limiter = new RateLimiter({ ...NO_LIMITS, ...given.limits }, { clock, log });
  const access = { keys, limiter, audit, requiresKey: given.requiresKey ?? false };
  const app = fastify({ trustProxy: given.trustedProxies ?? false, bodyLimit: 200 });
  // Its routes are none of the document's.
  app.decorate("isOfTest", true);
  app.setErrorHandler((error: FastifyError | ApiError, _request, reply) =>
    reply.code(error instanceof ApiError ? error.status : (error.statusCode ?? 500)).send(failure(error.message)),
  );
  app.setNotFoundHandler((_request, reply) => reply.code(404).send(failure("There is nothing.")));
  installAccess(app, access);
  const open = [
    "/api/v1/read/:what",
    "/esplora/tip",
    "/api/health",
    "/health",
    "/metrics",
    "/",
    "/api-docs/openapi.json",
  ];
  for (const url of open) app.get(url, (request) => success(request.caller.key?.name ?? "nobody"));
  for (const [url, role, routeName] of [
    ["/api/wallet/pay", "wallet", "pay"],
    ["/api/admin/mining", "admin", "setMining"],
    ["/api/admin/stop", "admin", "stop"],
  ] as const) {
    app.route({
      method: "PUT",
      url,
      config: { routeName, secretFields: ["note"] },
      schema: { body: { type: "object", properties: { count: { type: "integer" } } } },
      onRequest: async (request, reply) => requireRole(request, reply, role, access),
      handler: (request) => {
        bodies.push(request.body);
        return success(request.caller.key?.name);
      },
    });
  }
  app.get(
    "/api/admin/abc",
    { onRequest: async (request, reply) => requireRole(request, reply, "admin", access) },
    (request) => success(request.caller.key?.name),
  );
  return { app, access };
}

interface Call {
  readonly key?: string;
  readonly headers?: Record<string, string>;
  readonly method?: "GET" | "PUT" | "OPTIONS" | "HEAD";
  readonly body?: string;
  readonly from?: string;
}

async function call(app: FastifyInstance, url: string, { key, headers, method = "GET", body, from }: Call = {}) {
  const response = await app.inject({
    method,
    url,
    remoteAddress: from ?? ELSEWHERE,
    headers: {
      ...(key !== undefined && { "x-api-key": key }),
      ...(body !== undefined && { "content-type": "application/json" }),
      ...headers,
    },
    ...(body !== undefined && { payload: body }),
  });
  const envelope = response.body === "" ? {} : JSON.parse(response.body);
  return { status: response.statusCode, headers: response.headers, data: envelope.data, error: envelope.error };
}
const put = (app: FastifyInstance, url: string, given: Call = {}) =>
  call(app, url, { method: "PUT", body: '{"count":1}', ...given });
const auditLines = () =>
  readFileSync(auditFile, "utf8")
    .trim()
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));

describe("roles", () => {
  test.each([
    ["/api/wallet/pay", "wallet", 200],
    ["/api/wallet/pay", "admin", 200],
    ["/api/wallet/pay", "reader", 403],
    ["/api/admin/stop", "admin", 200],
    ["/api/admin/stop", "wallet", 403],
    ["/api/admin/stop", "reader", 403],
  ] as const)("%s with the %s key: %i", async (url, key, status) => {
    const answer = await put(appWith().app, url, { key: KEYS[key] });
    expect(answer.status).toBe(status);
    expect(answer.headers["www-authenticate"]).toBeUndefined();
    if (status === 403) expect(answer.error).toMatch(/^The key "\w+" is for \w+ calls; an? \w+.* key is needed\.$/);
  });

  test("a key comes in either header; one that is missing or none is 401, with the way to send one", async () => {
    const { app } = appWith();
    const bearer = { authorization: `Bearer ${KEYS.admin}` };
    expect((await put(app, "/api/admin/stop", { headers: bearer })).data).toBe("root");
    expect((await put(app, "/api/admin/stop", { headers: { authorization: `bearer  ${KEYS.admin}` } })).status).toBe(
      200,
    );
    for (const headers of [
      {},
      { "x-api-key": "" },
      { authorization: KEYS.admin },
      { authorization: `Basic ${KEYS.admin}` },
      { cookie: `x-api-key=${KEYS.admin}` },
    ]) {
      const { status, error, headers: told } = await put(app, "/api/admin/stop", { headers });
      expect([status, error]).toEqual([401, "An admin key is needed, in the header X-API-Key."]);
      expect(told["www-authenticate"]).toBe('Bearer realm="bitfleet"');
    }
    const wrong = await put(app, "/api/admin/stop", { key: `${KEYS.admin}x`, headers: bearer });
    expect([wrong.status, wrong.error]).toEqual([
      401,
      "The key is not known here: it is wrong, was revoked, or has expired.",
    ]);
    expect(wrong.headers["www-authenticate"]).toBe('Bearer realm="bitfleet", error="invalid_token"');
    expect((await put(app, "/api/wallet/pay")).error).toBe("A wallet or admin key is needed, in the header X-API-Key.");
  });

  test("where nobody has a key of the role, the answer says so", async () => {
    const { app } = appWith({ keys: [grant("shop", "wallet", KEYS.wallet)] });
    expect(await put(app, "/api/admin/stop")).toMatchObject({
      status: 403,
      error: expect.stringContaining("has no admin key"),
    });
    expect((await put(app, "/api/admin/stop", { key: KEYS.wallet })).status).toBe(403);
    const { app: keyless } = appWith({ keys: [] });
    expect((await call(keyless, "/api/v1/read/x", { key: "of another node" })).status).toBe(200);
    expect((await put(keyless, "/api/wallet/pay", { key: "x" })).error).toContain("has no wallet key");
  });

  test("who is refused learns nothing of the body, and nothing of it is read", async () => {
    const { app } = appWith();
    for (const given of [{}, { key: "wrong" }, { key: KEYS.wallet }])
      for (const body of ["{", '{"count":"x"}', "x".repeat(10_000)])
        expect([401, 403]).toContain((await put(app, "/api/admin/stop", { ...given, body })).status);
    expect(bodies).toEqual([]);
    expect((await put(app, "/api/admin/stop", { key: KEYS.admin, body: '{"count":"x"}' })).status).toBe(400);
  });

  test("a key that is none is refused on open routes as well; a key's name is known to the route", async () => {
    const { app } = appWith();
    expect((await call(app, "/api/v1/read/x", { key: "wrong" })).status).toBe(401);
    expect((await call(app, "/api/v1/read/x", { key: KEYS.reader })).data).toBe("reader");
    expect((await call(app, "/api/v1/read/x")).data).toBe("nobody");
    for (const url of ["/", "/health", "/api/health", "/metrics", "/api-docs/openapi.json"])
      expect((await call(app, url, { key: "wrong" })).data, url).toBe("nobody");
  });

  test("a revoked key is none from the next call on", async () => {
    const { app, access } = appWith();
    expect((await put(app, "/api/admin/stop", { key: KEYS.admin })).status).toBe(200);
    access.keys.replace([grant("other", "admin", "other")]);
    expect((await put(app, "/api/admin/stop", { key: KEYS.admin })).status).toBe(401);
  });
});

describe("a key with a list of its own", () => {
  test("calls what is in it, by name and by path, and nothing else of its role", async () => {
    const { app } = appWith();
    const key = KEYS.pacer;
    expect((await put(app, "/api/admin/mining", { key })).data).toBe("pacer");
    expect((await call(app, "/api/admin/abc", { key })).data).toBe("pacer");
    expect(await put(app, "/api/admin/stop", { key })).toMatchObject({
      status: 403,
      error: 'The key "pacer" is for other calls; its list has not this one.',
    });
    const { app: other } = appWith({ keys: [grant("x", "admin", "x", { allow: ["PUT /api/admin/*ing"] })] });
    expect((await put(other, "/api/admin/stop?ing", { key: "x" })).status).toBe(403);
    expect((await put(other, "/api/admin/mining", { key: "x" })).status).toBe(200);
  });

  test("is not got around by a number sign, at which the router ends a path", async () => {
    const { app } = appWith({ keys: [grant("x", "admin", "x", { allow: ["GET /api/admin/*ing"] })] });
    await app.listen({ host: "127.0.0.1", port: 0 });
    const { port } = app.server.address() as AddressInfo;
    const statusOf = (path: string) =>
      new Promise((resolve, reject) => {
        get({ port, path, headers: { "x-api-key": "x" }, agent: false }, (reply) =>
          resolve(reply.resume().statusCode),
        ).on("error", reject);
      });
    // The key's list has it as it stands; what is called is another.
    expect([await statusOf("/api/admin/abc#ing"), await statusOf("/api/admin/abc")]).toEqual([403, 403]);
    await app.close();
  });

  test("reads what everybody may read; where a key is needed for that, only what is in its list", async () => {
    expect((await call(appWith().app, "/api/v1/read/x", { key: KEYS.pacer })).status).toBe(200);
    const { app } = appWith({ requiresKey: true });
    expect((await call(app, "/api/v1/read/x", { key: KEYS.pacer })).status).toBe(403);
  });
});

describe("where reading needs a key as well", () => {
  test("and there is none, it is said how to make one: no option does", async () => {
    const { error } = await call(appWith({ requiresKey: true, keys: [] }).app, "/api/v1/read/x");
    expect(error).toContain('"bitfleet keys add <name> --role public" gives it one.');
    expect(error).not.toContain("-webpublickey");
  });

  test("any role will do; health, documents and the page stay open", async () => {
    const { app } = appWith({ requiresKey: true });
    expect(await call(app, "/api/v1/read/x")).toMatchObject({
      status: 401,
      error: "A key is needed, in the header X-API-Key.",
    });
    expect((await call(app, "/esplora/tip")).status).toBe(401);
    for (const key of [KEYS.reader, KEYS.wallet, KEYS.admin])
      for (const url of ["/api/v1/read/x", "/esplora/tip"]) expect((await call(app, url, { key })).status).toBe(200);
    for (const url of ["/", "/health", "/api/health", "/metrics", "/api-docs/openapi.json"])
      expect((await call(app, url)).status, url).toBe(200);
    // A browser's question before the call carries no key.
    expect((await call(app, "/api/v1/read/x", { method: "OPTIONS" })).status).toBe(404);
  });

  test.each(["/%61pi/v1/read/x", "/api/%761/read/x", "http://node/api/v1/read/x", "/api/v1/re%61d/x"])(
    "%s, which leads to the same, is no way around it",
    async (url) => {
      expect((await call(appWith().app, url)).status).toBe(200);
      const { app } = appWith({ requiresKey: true, limits: { address: { capacity: 1, refillPerSecond: 1 } } });
      expect((await call(app, url)).status).toBe(401);
      expect((await call(app, url)).status).toBe(429);
    },
  );
});

describe("limits", () => {
  const limits = { address: { capacity: 2, refillPerSecond: 0.5 }, key: { capacity: 3, refillPerSecond: 1 } };

  test("are told in the headers, and end in 429 with the time to wait", async () => {
    const { app, access } = appWith({ limits });
    expect((await call(app, "/api/v1/read/x")).headers).toMatchObject({
      "ratelimit-limit": "2",
      "ratelimit-remaining": "1",
      "ratelimit-reset": "2",
      "x-ratelimit-limit": "2",
      "x-ratelimit-remaining": "1",
    });
    expect((await call(app, "/api/v1/read/x")).status).toBe(200);
    const refused = await call(app, "/api/v1/read/x");
    expect(refused).toMatchObject({ status: 429, error: "Too many calls; try again in 2 s." });
    expect(refused.headers).toMatchObject({ "retry-after": "2", "ratelimit-remaining": "0" });
    expect(access.limiter.counts.limited).toBe(1);
    nowMs = 2000;
    expect((await call(app, "/api/v1/read/x")).status).toBe(200);
  });

  test("count what does not exist, and what is refused", async () => {
    const { app } = appWith({ limits });
    expect((await call(app, "/esplora/tip")).status).toBe(200);
    expect((await call(app, "/api/v1/nothing", { from: "192.0.2.8" })).headers["ratelimit-remaining"]).toBe("1");
    expect((await put(app, "/api/admin/stop")).status).toBe(401);
    expect((await put(app, "/api/admin/stop")).status).toBe(429);
  });

  test("do not count probes, metrics, documents and the page", async () => {
    const { app } = appWith({ limits });
    for (let turn = 0; turn < 5; turn++)
      for (const url of ["/", "/health", "/api/health", "/metrics", "/api-docs/openapi.json"]) {
        const { status, headers } = await call(app, url);
        expect([status, headers["ratelimit-limit"]], url).toEqual([200, undefined]);
      }
  });

  test("of a key are the key's, wherever it comes from; a rate of its own goes first", async () => {
    const { app, access } = appWith({ limits });
    const ask = (key: string, from: string) => call(app, "/api/v1/read/x", { key, from });
    for (const from of ["192.0.2.1", "192.0.2.2", "192.0.2.3"]) expect((await ask(KEYS.reader, from)).status).toBe(200);
    expect((await ask(KEYS.reader, "192.0.2.4")).status).toBe(429);
    expect((await ask(KEYS.wallet, "192.0.2.4")).headers["ratelimit-limit"]).toBe("3");
    access.keys.replace([grant("fast", "public", "f", { rate: { capacity: 9, refillPerSecond: 1 } })]);
    expect((await ask("f", "192.0.2.4")).headers["ratelimit-limit"]).toBe("9");
  });

  test("of keys that are none: ten tries, then 429; who has the key gets through all the same", async () => {
    const { app, access } = appWith({ limits: { address: { capacity: 1000, refillPerSecond: 1 } } });
    for (let guess = 0; guess < 10; guess++)
      expect((await put(app, "/api/admin/stop", { key: `guess ${guess}` })).status).toBe(401);
    const refused = await put(app, "/api/admin/stop", { key: "guess" });
    expect([refused.status, refused.headers["retry-after"]]).toEqual([429, "6"]);
    expect(refused.headers["ratelimit-limit"]).toBeUndefined();
    expect((await put(app, "/api/admin/stop", { key: "guess", from: "192.0.2.9" })).status).toBe(401);
    expect((await put(app, "/api/admin/stop", { key: KEYS.admin })).status).toBe(200);
    expect(access.limiter.counts).toMatchObject({ failedKeys: 12, limited: 1 });
  });

  test("are not for loopback, unless somebody unknown passed the call on", async () => {
    const { app } = appWith({ limits });
    for (const from of ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
      for (let turn = 0; turn < 4; turn++)
        expect((await call(app, "/api/v1/read/x", { from })).headers["ratelimit-limit"], from).toBeUndefined();
    const forwarded = (client: string) =>
      call(app, "/api/v1/read/x", { from: "127.0.0.1", headers: { "x-forwarded-for": client } });
    expect((await forwarded("192.0.2.1")).headers["ratelimit-remaining"]).toBe("1");
    expect((await forwarded("127.0.0.1")).headers["ratelimit-remaining"]).toBe("0");
    expect((await forwarded("192.0.2.2")).status).toBe(429);
    expect(log.lines.filter((line) => line.includes("-webtrustproxy")).length).toBe(1);
  });

  test("are of the caller whom a trusted proxy names: the last one that is not trusted, from the right", async () => {
    const { app } = appWith({ limits, trustedProxies: ["10.0.0.0/8"] });
    const via = (chain: string, from = "10.0.0.1") =>
      call(app, "/api/v1/read/x", { from, headers: { "x-forwarded-for": chain } });
    expect((await via("192.0.2.1")).headers["ratelimit-remaining"]).toBe("1");
    expect((await via("192.0.2.2")).headers["ratelimit-remaining"]).toBe("1");
    // What stands before it the caller may have written.
    expect((await via("198.51.100.1, 127.0.0.1, 192.0.2.1, 10.9.9.9")).headers["ratelimit-remaining"]).toBe("0");
    expect((await via("198.51.100.2, 192.0.2.1")).status).toBe(429);
    // One that is not trusted says what it likes.
    expect((await via("192.0.2.3", "172.16.0.1")).headers["ratelimit-remaining"]).toBe("1");
    expect((await via("192.0.2.4", "172.16.0.1")).headers["ratelimit-remaining"]).toBe("0");
    // Text that is no address counts as the proxy's own.
    expect((await via("unknown")).status).toBe(200);
  });

  test("count the addresses of one IPv6 network as one", async () => {
    const { app } = appWith({ limits });
    const ask = (from: string) => call(app, "/api/v1/read/x", { from });
    expect((await ask("2001:db8:1:2::1")).headers["ratelimit-remaining"]).toBe("1");
    expect((await ask("2001:db8:1:2:ffff::9")).headers["ratelimit-remaining"]).toBe("0");
    expect((await ask("2001:db8:1:3::1")).headers["ratelimit-remaining"]).toBe("1");
  });
});

describe("the audit log", () => {
  test("has who called what, and what came of it, before the answer is there", async () => {
    const { app } = appWith();
    await put(app, "/api/admin/stop?token=hidden", { key: KEYS.admin, body: '{"count":7}' });
    await put(app, "/api/wallet/pay", { key: KEYS.wallet, body: '{"count":"many"}' });
    await put(app, "/api/admin/stop", { key: KEYS.wallet });
    await put(app, "/api/admin/stop", { key: "some-guess" });
    await call(app, "/api/admin/nothing");
    await call(app, "/api/v1/read/x", { key: KEYS.admin });
    const common = { time: expect.stringMatching(/^\d{4}-.*Z$/), address: ELSEWHERE, request_id: expect.any(String) };
    expect(auditLines()).toEqual([
      {
        ...common,
        key: "root",
        role: "admin",
        method: "PUT",
        path: "/api/admin/stop",
        status: 200,
        result: "ok",
        body: { count: 7 },
      },
      expect.objectContaining({
        key: "shop",
        path: "/api/wallet/pay",
        status: 400,
        result: "refused",
        error: expect.stringContaining("integer"),
      }),
      expect.objectContaining({
        key: "shop",
        status: 403,
        error: expect.stringContaining('The key "shop" is for wallet calls'),
      }),
      {
        ...common,
        key: null,
        role: null,
        method: "PUT",
        path: "/api/admin/stop",
        status: 401,
        result: "refused",
        error: expect.stringContaining("not known here"),
      },
      expect.objectContaining({ key: null, path: "/api/admin/nothing", status: 404 }),
    ]);
    expect(statSync(auditFile).mode & 0o777).toBe(0o600);
  });

  test("has no secrets: neither keys, nor what fields and values say of theirs", async () => {
    const { app } = appWith();
    const xprv = `tprv8ZgxMBicQKsPd${"A".repeat(80)}`;
    const words = Array.from({ length: 12 }, () => "abandon").join(" ");
    const secrets = {
      passphrase: "p-4711",
      note: "n-4711",
      inner: { private_key: "k-4711", address: "shown" },
      list: [xprv],
      text: words,
    };
    await put(app, "/api/admin/stop", {
      key: KEYS.admin,
      body: JSON.stringify({ passphrase: "p-4711", note: "n-4711" }),
    });
    const { shownBody } = await import("./audit-fields.ts");
    const shown = JSON.stringify(shownBody(secrets, { secret: ["note"] }));
    const written = readFileSync(auditFile, "utf8") + shown;
    for (const secret of ["4711", xprv, "abandon", KEYS.admin]) expect(written).not.toContain(secret);
    expect(shown).toContain("shown");
  });

  test("has nothing of a body that is no object", async () => {
    const { app } = appWith();
    for (const body of ['["p-4711"]', '"p-4711"']) await put(app, "/api/admin/stop", { key: KEYS.admin, body });
    expect(auditLines()).toMatchObject([{ body: "(hidden)" }, { body: "(hidden)" }]);
    expect(readFileSync(auditFile, "utf8")).not.toContain("4711");
  });

  test("has a call that is disguised as well", async () => {
    const { app } = appWith();
    await put(app, "/%61pi/admin/stop", { key: KEYS.admin });
    expect(bodies.length).toBe(1);
    expect(auditLines()).toMatchObject([{ key: "root", path: "/%61pi/admin/stop", status: 200 }]);
  });
});
