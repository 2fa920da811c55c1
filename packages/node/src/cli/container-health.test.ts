import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { healthPlaceOf, runHealth } from "./container-health.ts";

afterEach(() => vi.restoreAllMocks());

test("it is asked where it tells how it is", () => {
  const miner = { NODE_IS_MINER: "yes" };
  const web = { NODE_IS_WEB_SERVER: "yes" };
  const plain = (host: string, port: number) => ({ host, port, isTls: false });
  expect(healthPlaceOf({ ...miner, WEB_METRICS_BIND: "0.0.0.0:9332" })).toEqual(plain("127.0.0.1", 9332));
  expect(healthPlaceOf({ ...miner, WEB_METRICS_BIND: "[::]:9332" })).toEqual(plain("::1", 9332));
  expect(healthPlaceOf({ ...miner, WEB_METRICS_BIND: "10.0.0.7:9332" })).toEqual(plain("10.0.0.7", 9332));
  expect(healthPlaceOf({ ...web, WEB_METRICS_BIND: "0.0.0.0:9332", WEB_TLS_CERT: "/tls.crt" })).toEqual(
    plain("127.0.0.1", 9332),
  );
  expect(healthPlaceOf(web)).toEqual(plain("127.0.0.1", 8080));
  expect(healthPlaceOf({ ...web, WEB_TLS_CERT: "/tls.crt" })).toMatchObject({ port: 8080, isTls: true });
  // What a web server does not listen at.
  expect(healthPlaceOf({ ...web, WALLET_API_BIND: "0.0.0.0:9000" })).toEqual(plain("127.0.0.1", 8080));
  const wallet = { NODE_IS_MINER: "no", WALLET_API_BIND: "0.0.0.0:9000" };
  expect(healthPlaceOf(wallet)).toEqual(plain("127.0.0.1", 9000));
  expect(healthPlaceOf({ ...wallet, WEB_METRICS_BIND: "0.0.0.0:9332" })).toEqual(plain("127.0.0.1", 9332));
});

test("where it tells nobody, that is said", () => {
  const problem = (environment: Record<string, string>) => (healthPlaceOf(environment) as { problem: string }).problem;
  expect(problem({ WEB_METRICS_BIND: "0.0.0.0:9332" })).toMatch(/^This is no container of a node: /);
  expect(problem({ NODE_IS_MINER: "yes" })).toMatch(/^There is nobody to ask: WEB_METRICS_BIND says where/);
  for (const text of ["0.0.0.0", "0.0.0.0:0", "0.0.0.0:65536"]) {
    expect(problem({ NODE_IS_MINER: "yes", WEB_METRICS_BIND: text })).toMatch(
      /^Invalid value '\S+' for WEB_METRICS_BIND: /,
    );
    expect(problem({ NODE_IS_MINER: "no", WALLET_API_BIND: text })).toMatch(
      /^Invalid value '\S+' for WALLET_API_BIND: /,
    );
  }
});

test("the exit code says how it is, and a line why", async () => {
  const answers: Record<string, readonly [number, string]> = {
    "/health/live": [200, "{}"],
    "/health/ready": [503, '{"error":"It is 7 blocks behind."}'],
  };
  const server = createServer((request, response) => {
    const [status, body] = answers[request.url!]!;
    response.writeHead(status).end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const bind = `0.0.0.0:${(server.address() as AddressInfo).port}`;
  let printed = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    printed += text;
    return true;
  });
  vi.spyOn(process.stderr, "write").mockImplementation(() => true);
  const run = async (words: readonly string[], environment: Record<string, string>) => {
    printed = "";
    return [await runHealth(words, environment), printed];
  };
  const environment = { NODE_IS_MINER: "yes", WEB_METRICS_BIND: bind };
  expect(await run([], environment)).toEqual([1, "It is 7 blocks behind.\n"]);
  expect(await run(["--live"], environment)).toEqual([0, "alive\n"]);
  answers["/health/ready"] = [200, "{}"];
  expect(await run([], environment)).toEqual([0, "ready\n"]);
  expect(await run(["--alive"], environment)).toEqual([1, ""]);
  expect(await run([], { NODE_IS_MINER: "perhaps" })).toEqual([1, expect.stringMatching(/NODE_IS_MINER: yes or no/)]);
  server.close();
  server.closeAllConnections();
  await once(server, "close");
  expect(await run([], environment)).toEqual([1, "It cannot be reached (ECONNREFUSED).\n"]);
});
