import { BODY_BYTES_DEFAULT, type RestRoute } from "@bitfleet/api/rest/route.ts";
import { type RestRouteName, restRoutes } from "@bitfleet/api/rest-routes.ts";
import type { InjectOptions } from "fastify";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RestTestNode } from "../../packages/node/src/server/rest/rest-test-kit.ts";
import { WebState } from "../../packages/node/src/server/web/web-state.ts";
import { CASES, type Case, type Request } from "./cases.ts";
import { openKeylessNode, openWorld, WALLET_KEY, type World } from "./world.ts";

/**
 * Every route of the table against a live node: success, each failure that it declares, and what all of its kind refuse. That an
 * answer fits the document is held of every answer of every test (test/setup/check-answers.ts).
 */

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: { readonly success: boolean; readonly data: unknown; readonly error: string | null };
}
type Sender = (request: Request) => Promise<Answer>;

const ROWS = Object.entries<RestRoute>(restRoutes) as readonly (readonly [RestRouteName, RestRoute])[];
const rowsWith = (holds: (row: RestRoute) => boolean) => ROWS.filter(([, row]) => holds(row));

/** Answered by the application itself. */
function injected(rest: RestTestNode): Sender {
  return async (request) => {
    const response = await rest.app.inject(typeof request === "string" ? { method: "GET", url: request } : request);
    return answerOf(response.statusCode, String(response.headers["content-type"]), response.body);
  };
}

/** Answered over a socket. */
async function socketed(rest: RestTestNode): Promise<Sender> {
  const origin = await rest.app.listen({ host: "127.0.0.1", port: 0 });
  return async (request) => {
    const {
      method = "GET",
      url,
      headers,
      payload,
    } = typeof request === "string" ? { url: request } : (request as InjectOptions & { url: string });
    const response = await fetch(`${origin}${url}`, {
      method,
      headers: {
        ...(payload !== undefined && { "content-type": "application/json" }),
        ...(headers as Record<string, string>),
      },
      ...(payload !== undefined && { body: typeof payload === "string" ? payload : JSON.stringify(payload) }),
    });
    return answerOf(response.status, String(response.headers.get("content-type")), await response.text());
  };
}

function answerOf(status: number, type: string, text: string): Answer {
  return { status, type, body: JSON.parse(text) };
}

function expectFailure({ status, type, body }: Answer, expected: number, what: string): void {
  expect({ status, success: body.success, data: body.data }, `${what}: ${body.error}`).toEqual({
    status: expected,
    success: false,
    data: null,
  });
  expect(type).toBe("application/json; charset=utf-8");
  expect(body.error, what).toMatch(/^\S.*[.?!]$/s);
}

describe.each([
  ["the application", async (rest: RestTestNode) => injected(rest)],
  ["a socket", socketed],
] as const)("every route, over %s,", (_name, senderOf) => {
  let world: World;
  let send: Sender;
  beforeAll(async () => {
    world = await openWorld();
    send = await senderOf(world.rest);
  }, 240_000);
  afterAll(() => world?.close());
  const requestOf = (request: Case["request"]) => (typeof request === "function" ? request(world) : request);

  test.each(ROWS.map(([name]) => name))("%s: success, and each failure that it declares", async (name) => {
    const cases = CASES[name];
    if (cases === undefined)
      throw new Error(`${name} has no cases: say in test/contract/cases.ts how it succeeds and fails`);
    expect(cases.success.length).toBeGreaterThan(0);
    for (const one of cases.success) {
      const request = await requestOf(one);
      const { status, body } = await send(request);
      expect({ status, error: body.error }, JSON.stringify(request)).toEqual({ status: 200, error: null });
    }
    const declared = (restRoutes[name] as RestRoute).failures.filter((status) => status !== 503);
    expect(Object.keys(cases.failures ?? {}).map(Number), "statuses that are provoked").toEqual(
      expect.arrayContaining(declared),
    );
    for (const [status, given] of Object.entries(cases.failures ?? {})) {
      const one: Case = typeof given === "object" && "request" in given ? given : { request: given };
      if (one.node === undefined) expectFailure(await send(await requestOf(one.request)), Number(status), name);
      else {
        await using other = await one.node();
        expectFailure(await injected(other)(await requestOf(one.request)), Number(status), name);
      }
    }
  });
});

describe("routes of a kind", () => {
  let world: World;
  let keyless: RestTestNode;
  let send: Sender;
  beforeAll(async () => {
    world = await openWorld();
    keyless = await openKeylessNode();
    send = injected(world.rest);
  }, 240_000);
  afterAll(async () => {
    await world?.close();
    await keyless?.close();
  });

  /** Each route's own first success, as it would be sent. */
  async function validRequest(name: RestRouteName): Promise<InjectOptions & { readonly url: string }> {
    const first = CASES[name]?.success[0];
    // Who is refused is refused before anything is looked for, so nothing needs to be there.
    const request = typeof first === "function" ? fallbackOf(name) : first;
    return (typeof request === "string" ? { method: "GET", url: request } : request) as InjectOptions & { url: string };
  }
  function fallbackOf(name: RestRouteName): InjectOptions {
    const { method = "GET", path, example } = restRoutes[name] as RestRoute;
    const url = path.replace(/\{(\w+)\}/g, (_, field: string) => String(example?.params?.[field] ?? "0"));
    const query = new URLSearchParams(Object.entries(example?.query ?? {}).map(([key, value]) => [key, String(value)]));
    return { method, url: `${url}?${query}`, headers: KEY_HEADER, ...(example?.body && { payload: example.body }) };
  }
  const KEY_HEADER = { "x-api-key": "0123456789abcdef0123456789abcdef0123456789abcdef" };

  // A network of which the node is part is there before the node is.
  const ofNode = rowsWith(({ tag }) => tag !== "network").map(([name]) => name);
  test.each(ofNode)("%s is not answered while the node starts", async (name) => {
    const state = world.rest.state;
    const node = Object.getOwnPropertyDescriptor(WebState.prototype, "node")!;
    Object.defineProperty(state, "node", { configurable: true, get: () => undefined });
    try {
      expectFailure(await send(await validRequest(name)), 503, name);
    } finally {
      Object.defineProperty(state, "node", { ...node, configurable: true });
    }
  });

  test.each(rowsWith(({ role }) => role !== undefined))(
    "%s takes a key of its role, and no other",
    async (name, row) => {
      const request = await validRequest(name);
      const withKey = (headers: Record<string, string>) => send({ ...request, headers });
      for (const headers of [
        {},
        { "x-api-key": "" },
        { "x-api-key": "some-guess" },
        { authorization: "Bearer some-guess" },
        { authorization: "Basic eDp5" },
      ]) {
        expectFailure(await withKey(headers), 401, `${name} ${JSON.stringify(headers)}`);
      }
      if (row.role === "admin") {
        const answer = await withKey({ "x-api-key": WALLET_KEY });
        expectFailure(answer, answer.status === 401 ? 401 : 403, name);
      }
      expectFailure(await injected(keyless)(request), 403, name);
    },
  );

  test.each(rowsWith(({ body }) => body !== undefined))("%s refuses bodies that it cannot read", async (name, row) => {
    const { url, method, headers } = await validRequest(name);
    const sent = (payload: string, type = "application/json") =>
      send({ method: method!, url, headers: { ...headers, ...KEY_HEADER, "content-type": type }, payload });
    for (const payload of [
      "{",
      "nonsense",
      "",
      "[]",
      "null",
      "5",
      '"text"',
      '{"no_such_field":1}',
      '{"__proto__":{}}',
      "[".repeat(500),
    ]) {
      expectFailure(await sent(payload), 400, `${name} ${payload.slice(0, 40)}`);
    }
    const large = `{"x":"${"x".repeat(row.bodyBytesMax ?? BODY_BYTES_DEFAULT)}"}`;
    expectFailure(await sent(large), 413, name);
    for (const type of ["text/plain", "application/xml", "application/x-www-form-urlencoded"]) {
      expectFailure(await sent("{}", type), 415, `${name} ${type}`);
    }
  });

  test.each(rowsWith(({ method }) => method === undefined || method === "GET"))(
    "%s is told 304 by its ETag where it is open to all",
    async (name, row) => {
      if (row.role !== undefined) return;
      const request = await validRequest(name);
      const first = await world.rest.app.inject(request);
      const { etag } = first.headers;
      if (etag === undefined) return expect(first.statusCode, first.body).toBeGreaterThanOrEqual(400);
      const again = await world.rest.app.inject({ ...request, headers: { "if-none-match": String(etag) } });
      // What moves by itself, like the time since something, is another answer.
      if (again.statusCode !== 304) expect(again.headers.etag).not.toBe(etag);
      else expect(again.body).toBe("");
    },
  );
});

test("cases are of routes that there are", () => {
  expect(Object.keys(restRoutes)).toEqual(expect.arrayContaining(Object.keys(CASES)));
});
