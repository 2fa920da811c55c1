import { describe, expect, test } from "vitest";
import { createClient } from "./client.ts";
import { ApiError, type ApiErrorKind } from "./errors.ts";
import type { RestRoute } from "./rest/route.ts";
import { type CallOptions, type ClientOptions, createClientOf, type RouteAddresses } from "./rest-client.ts";
import { restRoutes } from "./rest-routes.ts";
import { RETRY_AFTER_MS_MAX } from "./retry.ts";

interface Sent {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}
type Reply = Response | "no answer" | "silence";

/** Answers in turn, the last again and again; notes what was sent and how long was waited. */
function scripted(replies: readonly (() => Reply)[], options: Partial<ClientOptions> = {}) {
  const sent: Sent[] = [];
  const waits: number[] = [];
  const send = async (url: unknown, init: RequestInit = {}): Promise<Response> => {
    const { method = "GET", headers, body, signal } = init;
    sent.push({ url: String(url), method, headers: headers as Record<string, string>, body: body ?? undefined });
    const reply = replies[Math.min(sent.length, replies.length) - 1]!();
    if (reply === "no answer") throw new TypeError("fetch failed");
    if (reply !== "silence") return reply;
    signal!.throwIfAborted();
    return new Promise((_, reject) => signal!.addEventListener("abort", () => reject(signal!.reason)));
  };
  const client = createClient({
    baseUrl: "http://node",
    fetch: send as typeof fetch,
    random: () => 0.5,
    pause: async (delayMs) => void waits.push(delayMs),
    ...options,
  });
  return { client, sent, waits };
}

const envelope =
  (status: number, data: unknown, error: string | null, headers: Record<string, string> = {}) =>
  () =>
    new Response(JSON.stringify({ success: error === null, data, error, timestamp: "2026-01-01T00:00:00.000Z" }), {
      status,
      headers,
    });
const good = (data: unknown) => envelope(200, data, null);
const bad = (status: number, headers: Record<string, string> = {}) => envelope(status, null, "It is so.", headers);

async function failureOf(call: Promise<unknown>): Promise<ApiError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ApiError)) throw new Error(`no ApiError: ${error}`);
  return error;
}

describe("what is sent", () => {
  test("fields go where the route has them, and the key into its header", async () => {
    const { client, sent } = scripted([good({})], { apiKey: "k" });
    await client.blockTransactions({ block: "a/b", page: 2 });
    await client.setMining({ pacing: "off" }, { apiKey: "other" });
    await client.disconnectPeer({ id: 7 });
    await client.forgetPeer({ node: "[::1]:1" });
    await client.blockchain();
    expect(sent.map(({ method, url }) => `${method} ${url}`)).toEqual([
      "GET http://node/api/v1/blockchain/blocks/a%2Fb/transactions?page=2",
      "PUT http://node/api/admin/mining",
      "DELETE http://node/api/admin/peers/7",
      "DELETE http://node/api/admin/peers?node=%5B%3A%3A1%5D%3A1",
      "GET http://node/api/v1/blockchain",
    ]);
    expect(sent[1]!.body).toBe('{"pacing":"off"}');
    expect(sent.map(({ headers }) => [headers["x-api-key"], headers["content-type"]])).toEqual([
      ["k", undefined],
      ["other", "application/json"],
      ["k", undefined],
      ["k", undefined],
      ["k", undefined],
    ]);
  });

  test("the table leaves no doubt where a field goes", () => {
    const namesOf = (schema: unknown) => Object.keys((schema as { readonly properties?: object })?.properties ?? {});
    for (const [name, row] of Object.entries<RestRoute>(restRoutes)) {
      const inPath = [...row.path.matchAll(/\{(\w+)\}/g)].map(([, field]) => field!);
      expect(namesOf(row.params).sort(), name).toEqual(inPath.sort());
      if (row.body !== undefined) expect(namesOf(row.query), `${name} has both a query and a body`).toEqual([]);
      if ((row.method ?? "GET") === "GET" || row.method === "DELETE") expect(row.body, name).toBeUndefined();
      const own = [...inPath, ...namesOf(row.query), ...namesOf(row.body)];
      expect(new Set(own).size, `${name} has a name twice`).toBe(own.length);
      expect(["pages", "items"], name).not.toContain(name);
    }
  });

  test("addresses without the table are held to it by the compiler", () => {
    // @ts-expect-error the path is another one
    const wrongPath: RouteAddresses = { blockchain: { path: "/api/v1/chain" } };
    // @ts-expect-error it is a PUT
    const wrongMethod: RouteAddresses = { setMining: { path: "/api/admin/mining", hasBody: true } };
    // @ts-expect-error it takes a body
    const noBody: RouteAddresses = { setMining: { method: "PUT", path: "/api/admin/mining" } };
    // @ts-expect-error there is no such route
    const unknown: RouteAddresses = { nothing: { path: "/" } };
    expect([wrongPath, wrongMethod, noBody, unknown]).toHaveLength(4);
  });
});

describe("errors", () => {
  const kinds: readonly (readonly [number, ApiErrorKind])[] = [
    [400, "invalid"],
    [401, "unauthorized"],
    [403, "forbidden"],
    [404, "not-found"],
    [409, "conflict"],
    [413, "invalid"],
    [415, "invalid"],
    [422, "invalid"],
    [429, "rate-limited"],
    [500, "unexpected"],
    [502, "unavailable"],
    [503, "unavailable"],
    [504, "unavailable"],
  ];
  test.each(kinds)("status %i is %s", async (status, kind) => {
    const { client } = scripted([bad(status, { "x-request-id": "r-1" })], { retries: 0 });
    expect(await failureOf(client.block({ block: "0" }))).toMatchObject({
      ...{ status, kind, route: "block", requestId: "r-1", message: "It is so." },
    });
  });

  test("no answer, an answer too late, and one that is no envelope", async () => {
    const none = scripted([() => "no answer"], { retries: 0 }).client.mempool();
    expect(await failureOf(none)).toMatchObject({ status: 0, kind: "network", route: "mempool" });
    const late = scripted([() => "silence"], { retries: 0, timeoutMs: 5 }).client.mempool();
    expect(await failureOf(late)).toMatchObject({ status: 0, kind: "timeout" });
    for (const text of ["<html>", "null", "[]", '{"data":1}', '{"success":false,"error":null}']) {
      const strange = scripted([() => new Response(text)]).client.mempool();
      expect(await failureOf(strange), text).toMatchObject({ status: 200, kind: "unexpected" });
    }
    const page = scripted([() => new Response("<html>", { status: 502 })], { retries: 0 }).client.mempool();
    expect(await failureOf(page)).toMatchObject({ kind: "unavailable", message: "The node answered with status 502." });
  });

  test("who ends the call gets the own reason, whether it is the call's signal or the client's", async () => {
    const reason = new Error("enough");
    const call = scripted([() => "silence"]);
    await expect(call.client.mempool({}, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const all = scripted([() => "silence"], { signal: controller.signal }).client.mempool();
    controller.abort(reason);
    await expect(all).rejects.toBe(reason);
    const waiting = new AbortController();
    const between = scripted([bad(503)], { pause: () => Promise.reject(reason) });
    await expect(between.client.mempool({}, { signal: waiting.signal })).rejects.toBe(reason);
    expect(between.sent).toHaveLength(1);
  });
});

describe("trying again", () => {
  test.each([
    ["no answer", () => "no answer" as const],
    ["502", bad(502)],
    ["503", bad(503)],
    ["504", bad(504)],
    ["429", bad(429)],
  ])("helps against %s", async (_name, reply) => {
    const { client, sent, waits } = scripted([reply, reply, good({ is_loaded: true })]);
    expect(await client.mempool()).toEqual({ is_loaded: true });
    expect(sent).toHaveLength(3);
    // Half of what is doubled each time.
    expect(waits).toEqual([100, 200]);
  });

  test.each([400, 401, 403, 404, 409, 413, 422, 500])("is of no use against %i", async (status) => {
    const { client, sent } = scripted([bad(status)]);
    await failureOf(client.block({ block: "0" }));
    expect(sent).toHaveLength(1);
  });

  test("is done with what is read, PUT, DELETE, and POSTs that do no harm twice; never with another POST", async () => {
    const tries = async (name: string): Promise<number> => {
      const { client, sent } = scripted([bad(503)], { retries: 1 });
      await failureOf((client as unknown as Record<string, (fields: object) => Promise<unknown>>)[name]!({}));
      return sent.length;
    };
    for (const [name, { method = "GET", isRepeatable }] of Object.entries<RestRoute>(restRoutes)) {
      expect(await tries(name), name).toBe(method !== "POST" || isRepeatable ? 2 : 1);
    }
    expect(await tries("decodeTransaction")).toBe(2);
    expect(await tries("generateToAddress")).toBe(1);
  });

  test("ends after the tries that are allowed, for the client or the call", async () => {
    const count = async (options: Partial<ClientOptions>, own?: CallOptions) => {
      const { client, sent } = scripted([bad(503)], options);
      await failureOf(client.mempool({}, own));
      return sent.length;
    };
    expect(await count({})).toBe(3);
    expect(await count({ retries: 0 })).toBe(1);
    expect(await count({ retries: 5 })).toBe(6);
    expect(await count({ retries: 5 }, { retries: 1 })).toBe(2);
  });

  test("waits as long as the node asks for, and not at all where that is too long", async () => {
    const asked = scripted([bad(429, { "retry-after": "3" }), good({})]);
    await asked.client.mempool();
    expect(asked.waits).toEqual([3100]);
    const tooLong = scripted([bad(429, { "retry-after": String(RETRY_AFTER_MS_MAX / 1000 + 1) })]);
    expect(await failureOf(tooLong.client.mempool())).toMatchObject({ retryAfterMs: RETRY_AFTER_MS_MAX + 1000 });
    expect(tooLong.waits).toEqual([]);
    const nonsense = scripted([bad(503, { "retry-after": "soon" }), good({})]);
    await nonsense.client.mempool();
    expect(nonsense.waits).toEqual([100]);
    const beyond = scripted([bad(503, { "retry-after": "20" })], { deadlineMs: 10_000 });
    await failureOf(beyond.client.mempool());
    expect(beyond.waits).toEqual([]);
  });

  test("no try lasts beyond the time of the whole call", async () => {
    const { client, sent } = scripted([() => "silence"], { timeoutMs: 60_000, deadlineMs: 20, retries: 9 });
    expect((await failureOf(client.mempool())).kind).toBe("timeout");
    expect(sent).toHaveLength(1);
  });
});

describe("lists in parts", () => {
  const part = (items: readonly string[], next: string | null) => good({ items, next_cursor: next });

  test("come one after the other until there is none, each asked for when it is wanted", async () => {
    const { client, sent } = scripted([part(["a", "b"], "c1"), part([], "c2"), part(["c"], null)]);
    const found: unknown[] = [];
    for await (const item of client.items("transactions", { limit: 2 })) {
      if (found.length === 0) expect(sent).toHaveLength(1);
      found.push(item);
    }
    expect(found).toEqual(["a", "b", "c"]);
    expect(sent.map(({ url }) => new URL(url).search)).toEqual([
      "?limit=2",
      "?limit=2&cursor=c1",
      "?limit=2&cursor=c2",
    ]);
  });

  test("begin where a cursor says, and end where nobody asks on", async () => {
    const { client, sent } = scripted([part(["x"], "c9")]);
    for await (const page of client.pages("mempoolTransactions", { cursor: "c8" })) {
      expect(page.next_cursor).toBe("c9");
      break;
    }
    expect(sent.map(({ url }) => new URL(url).search)).toEqual(["?cursor=c8"]);
  });

  test("fail where a part does", async () => {
    const { client } = scripted([part(["a"], "c1"), bad(400)]);
    const read = async () => {
      for await (const _ of client.items("transactions"));
    };
    expect((await failureOf(read())).status).toBe(400);
  });
});

test("a client of a few addresses has those functions, and calls as the whole one does", async () => {
  const send = async (url: unknown) => {
    expect(url).toBe("/api/v1/blockchain/blocks/5");
    return good({ height: 5 })();
  };
  const client = createClientOf(
    { block: { path: "/api/v1/blockchain/blocks/{block}" } },
    { baseUrl: "", fetch: send as typeof fetch },
  );
  expect((await client.block({ block: "5" })).height).toBe(5);
  expect(Object.keys(client).sort()).toEqual(["block", "items", "pages"]);
});
