import { type FastifyInstance, fastify } from "fastify";
import { afterEach, expect, test } from "vitest";
import { SystemClock } from "../../clock.ts";
import type { LogFacts, Logger } from "../../ports.ts";
import { expositionOf } from "../metrics/exposition.ts";
import { HttpMeter } from "../metrics/http-meter.ts";
import { failure, success } from "./envelope.ts";
import { watchRequests } from "./request-hooks.ts";
import { givenRequestId, requestIds } from "./request-id.ts";

let app: FastifyInstance;
afterEach(() => app.close());

/** An application of three routes, with what is logged and counted of it. */
function appOf(logsRequests: boolean) {
  const lines: (LogFacts & { readonly message: string })[] = [];
  const log = { info: (message: string, facts: LogFacts) => lines.push({ message, ...facts }) } as unknown as Logger;
  const meter = new HttpMeter();
  app = fastify({ genReqId: requestIds() });
  watchRequests(app, { logsRequests }, { clock: new SystemClock(), log, meter });
  app.get("/things/:id", { config: { routeName: "block" } }, () => "thing");
  app.post("/things", (_request, reply) => reply.code(429).send("slower"));
  app.get("/health/live", () => success("alive"));
  app.get("/health/ready", (_request, reply) => reply.code(503).send(failure("No.")));
  app.get("/api/v1/events", (_request, reply) => reply.type("text/event-stream").send("stream"));
  const text = () => expositionOf(meter.metrics());
  return { lines, text };
}

test("each request is a line, without its query, under the id that its answer has", async () => {
  const { lines } = appOf(true);
  const answer = await app.inject({ url: "/things/5?secret=1", headers: { "x-request-id": "abc-1" } });
  expect(answer.headers["x-request-id"]).toBe("abc-1");
  expect(lines).toEqual([
    {
      message: "Request",
      method: "GET",
      path: "/things/5",
      status: 200,
      ms: expect.any(Number),
      bytes: 5,
      from: "127.0.0.1",
      id: "abc-1",
    },
  ]);
  const own = await app.inject({ url: "/things/6" });
  expect(own.headers["x-request-id"]).toMatch(/^[0-9a-f]{8}-\w+$/);
  expect(lines[1]!.id).toBe(own.headers["x-request-id"]);
});

test("probes are a line only where they fail", async () => {
  const { lines } = appOf(true);
  await app.inject({ url: "/health/live" });
  expect(lines).toEqual([]);
  await app.inject({ url: "/health/ready" });
  expect(lines).toMatchObject([{ path: "/health/ready", status: 503 }]);
});

test("without the log an answer has an id where one was given, where it is refused, and where it changes something", async () => {
  const { lines } = appOf(false);
  const idOf = async (options: object) => (await app.inject(options)).headers["x-request-id"];
  expect(await idOf({ url: "/things/5" })).toBeUndefined();
  expect(await idOf({ url: "/things/5", headers: { "x-request-id": "mine" } })).toBe("mine");
  expect(await idOf({ url: "/nothing" })).toBeDefined();
  expect(await idOf({ method: "POST", url: "/things" })).toBeDefined();
  expect(lines).toEqual([]);
});

test("ids of others are taken over where they cannot confuse a log", () => {
  const given = (id: string) => givenRequestId({ headers: { "x-request-id": id } });
  for (const id of ["a", "a".repeat(64), "01HZX-3.b_c:d/e@f+g="]) expect(given(id)).toBe(id);
  for (const id of ["", "a".repeat(65), "a b", 'a"b', "a\nb", "é", "a,b", "\u001b[31m"])
    expect(given(id)).toBeUndefined();
  const next = requestIds();
  expect(next({ headers: {} })).not.toBe(next({ headers: {} }));
});

test("requests are counted by route, never by path; streams are not among them", async () => {
  const { text } = appOf(false);
  for (const url of ["/things/1", "/things/2", "/nothing/3", "/nothing/4", "/api/v1/events"]) {
    await app.inject({ url });
  }
  await app.inject({ method: "POST", url: "/things" });
  const counts = text()
    .split("\n")
    .filter((line) => line.startsWith("bitfleet_http_request_duration_seconds_count"));
  expect(counts).toEqual([
    'bitfleet_http_request_duration_seconds_count{route="block",method="GET",status="2xx"} 2',
    'bitfleet_http_request_duration_seconds_count{route="unmatched",method="GET",status="4xx"} 2',
    'bitfleet_http_request_duration_seconds_count{route="/things",method="POST",status="4xx"} 1',
  ]);
  expect(text()).toContain('bitfleet_http_refused_total{reason="rate-limited"} 1');
  expect(text()).toContain("bitfleet_http_requests_in_flight 0");
});
