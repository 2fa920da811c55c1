import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { MemoryLog } from "../../chain/test-kit.ts";
import { freePort } from "../../network/free-port.ts";
import type { Logger } from "../../ports.ts";
import { ADMIN_KEY, openRestTestNode, type RestTestNode } from "./rest-test-kit.ts";
import { WalletForwarder } from "./wallet-forwarder.ts";

/** A web server without wallets before a node that has them, over real sockets. */

const INTERNAL_KEY = "aaaabbbbccccddddeeeeffff0000111122223333444455556666";
const CALLER_KEY = "fedcba9876543210fedcba9876543210fedcba9876543210";
const PASSPHRASE = "correct horse battery staple";

const opened: { close(): unknown }[] = [];
let owner: RestTestNode;
beforeEach(async () => {
  owner = await open({ hasWallets: true, app: { keys: [{ role: "wallet", key: INTERNAL_KEY }] } });
  await owner.wallets!.manager.create({ name: "shop" });
}, 60_000);
afterEach(async () => {
  for (const one of opened.reverse().splice(0)) await one.close();
});

async function open(options: Parameters<typeof openRestTestNode>[0]): Promise<RestTestNode> {
  const rest = await openRestTestNode({ hasIndexes: false, ...options });
  opened.push(rest);
  return rest;
}

function loggerInto(lines: string[]): Logger {
  const note = (message: string, facts: object = {}) => void lines.push(`${message} ${JSON.stringify(facts)}`);
  const logger: Logger = { debug() {}, info: note, warn: note, error: note, child: () => logger };
  return logger;
}

const listen = (app: FastifyInstance) => app.listen({ host: "127.0.0.1", port: 0 });

/** A web server that hands calls on to `url`, with its log. */
async function webServer(url: string, { key = INTERNAL_KEY, timeoutMs = 5_000 } = {}) {
  const log: string[] = [];
  const walletNode = new WalletForwarder({ url, key, timeoutMs }, loggerInto(log));
  const rest = await open({ walletNode, app: { keys: [{ role: "wallet", key: CALLER_KEY }] } });
  const origin = await listen(rest.app);
  const ask = async (method: string, path: string, body?: object, headers: Record<string, string> = {}) => {
    const response = await fetch(`${origin}/api/wallet${path}`, {
      method,
      headers: { "x-api-key": CALLER_KEY, ...(body && { "content-type": "application/json" }), ...headers },
      ...(body && { body: JSON.stringify(body) }),
    });
    const { data, error } = (await response.json()) as { data: unknown; error: string | null };
    return { status: response.status, data, error, headers: response.headers };
  };
  return { ask, log };
}

describe("calls of JSON-RPC", () => {
  const ADMIN = "1234567890abcdef1234567890abcdef1234567890abcdef";
  const adminOf = (key: string) => ({ keys: [{ role: "admin" as const, key }] });

  /** A web server whose key has the role at the owner. */
  async function consoleOf(role: "admin" | "wallet") {
    const wallets = await open({ hasWallets: true, app: { keys: [{ role, key: INTERNAL_KEY }] } });
    await wallets.wallets!.manager.create({ name: "one" });
    await wallets.wallets!.manager.create({ name: "two" });
    const url = await listen(wallets.app);
    const walletNode = new WalletForwarder({ url, key: INTERNAL_KEY, timeoutMs: 5_000 }, new MemoryLog());
    const rest = await open({ walletNode, app: adminOf(ADMIN) });
    const ask = async (method: string, params: unknown, wallet?: string, headers: Record<string, string> = {}) => {
      const response = await rest.app.inject({
        method: "POST",
        url: "/api/admin/rpc",
        headers: { "x-api-key": ADMIN, ...headers },
        payload: { method, params, ...(wallet !== undefined && { wallet }) },
      });
      return { status: response.statusCode, ...response.json() };
    };
    return { rest, ask };
  }

  test("of wallets are answered by the node that has them, with its codes; all others here", async () => {
    const { rest, ask } = await consoleOf("admin");
    expect(await ask("listwallets", [])).toMatchObject({ status: 200, data: { result: ["one", "two"] } });
    expect(await ask("getwalletinfo", [], "two")).toMatchObject({ data: { result: { walletname: "two" } } });
    expect(await ask("getwalletinfo", [], "three")).toMatchObject({ status: 404, details: { code: -18 } });
    expect(await ask("getwalletinfo", { nothing: 1 })).toMatchObject({ status: 400, details: { code: -8 } });
    expect(await ask("getblockcount", [])).toMatchObject({ data: { result: 0 } });
    expect(await ask("getnothing", [])).toMatchObject({ status: 404, details: { code: -32601 } });
    expect(await ask("listwallets", [], undefined, { "x-api-key": INTERNAL_KEY })).toMatchObject({ status: 401 });
    expect(await ask("listwallets", [], undefined, { "x-bitfleet-forwarded": "1" })).toMatchObject({ status: 503 });
    const methods = await rest.data("rpcMethods", "/api/v1/rpc/methods");
    const away = methods.filter((method) => method.is_elsewhere).map(({ name }) => name);
    expect(away).toContain("listwallets");
    expect(away).not.toContain("getblockcount");
  });

  test("take more than a key of the role wallet there: some show private keys", async () => {
    const { ask } = await consoleOf("wallet");
    const { status, error } = await ask("listdescriptors", [true], "one");
    expect(status).toBe(503);
    expect(error).toContain("give this server a key of the role admin there (WALLET_NODE_KEY)");
  });
});

/** Something else that answers HTTP. */
async function otherServer(answer: RequestListener): Promise<string> {
  const server: Server = createServer(answer);
  await new Promise<void>((resume) => server.listen(0, "127.0.0.1", resume));
  opened.push({
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("calls reach the node that has the wallets, with answers and refusals as it gives them", async () => {
  const { ask } = await webServer(await listen(owner.app));
  expect(await ask("GET", "/wallets")).toMatchObject({ status: 200, data: [{ name: "shop", is_loaded: true }] });
  const made = await ask("POST", "/wallet", { wallet: "shop", label: "Zoë & Søn" });
  expect(made).toMatchObject({ status: 200, data: { label: "Zoë & Søn", wallet: "shop" } });
  const { address } = made.data as { address: string };
  expect(await ask("GET", `/wallet/${address}/balance`)).toMatchObject({ status: 200, data: { address, balance: 0 } });
  expect(await ask("PUT", `/wallet/${address}`, { label: "rent" })).toMatchObject({ data: { label: "rent" } });
  expect(await ask("GET", "/info?wallet=a%26b")).toMatchObject({
    status: 404,
    error: 'No wallet "a&b" is loaded; GET /api/wallet/wallets lists those that there are.',
  });
  expect(await ask("POST", "/transactions", { to_address: address, amount: 1000 })).toMatchObject({ status: 409 });
});

test("who may not is refused before the other node hears of it", async () => {
  let calls = 0;
  const { ask } = await webServer(await otherServer((_request, response) => response.end(String(++calls))));
  expect(await ask("GET", "/info", undefined, { "x-api-key": "" })).toMatchObject({ status: 401 });
  expect(await ask("GET", "/info", undefined, { "x-api-key": ADMIN_KEY })).toMatchObject({ status: 401 });
  expect(await ask("POST", "/wallet", { nonsense: 1 })).toMatchObject({ status: 400 });
  expect(calls).toBe(0);
});

test("a node that is down, or is no node, is said to be", async () => {
  const silent = "The node that has the wallets does not answer now; try again later.";
  const { ask, log } = await webServer(`http://127.0.0.1:${await freePort()}`);
  expect(await ask("GET", "/info")).toMatchObject({ status: 503, error: silent });
  expect(await ask("POST", "/unlock", { passphrase: PASSPHRASE, seconds: 5 })).toMatchObject({ status: 503 });
  expect(log.join()).toContain("ECONNREFUSED");
  for (const secret of [INTERNAL_KEY, CALLER_KEY, PASSPHRASE]) expect(log.join()).not.toContain(secret);

  const answers: readonly RequestListener[] = [
    (_request, response) => response.end("<html>"),
    (_request, response) => response.end('{"success":false,"data":1}'),
    (_request, response) => response.writeHead(302, { location: "http://127.0.0.1:1/" }).end(),
    (_request, response) => response.end("x".repeat(5_000_000)),
    (request) => request.socket.destroy(),
  ];
  for (const answer of answers) {
    const odd = await webServer(await otherServer(answer));
    expect(await odd.ask("GET", "/info")).toMatchObject({ status: 503, error: silent });
  }
});

test("of a payment without an answer it is said that it may have been made, and it is not made twice", async () => {
  let calls = 0;
  const url = await otherServer(() => {
    calls++;
  });
  const { ask } = await webServer(url, { timeoutMs: 200 });
  expect(await ask("POST", "/transactions", { to_address: "bcrt1q", amount: 1000 })).toMatchObject({
    status: 503,
    error:
      "The node that has the wallets did not answer, or not in time. It may have done what was asked: look before you ask again.",
  });
  expect(calls).toBe(1);

  const payment = { to_address: "bcrt1q", amount: 1000 };
  const answers: readonly RequestListener[] = [
    (request) => request.resume().on("end", () => request.socket.destroy()),
    (_request, response) => response.writeHead(502).end("<html>bad gateway"),
    (_request, response) => response.end("x".repeat(5_000_000)),
  ];
  for (const answer of answers) {
    const cut = await webServer(await otherServer(answer));
    const error = expect.stringContaining("It may have done what was asked");
    expect(await cut.ask("POST", "/transactions", payment)).toMatchObject({ status: 503, error });
  }
  const absent = await webServer(`http://127.0.0.1:${await freePort()}`);
  const error = expect.stringContaining("try again later");
  expect(await absent.ask("POST", "/transactions", payment)).toMatchObject({ status: 503, error });
});

test("a key that the other node does not take is the operator's matter, not the caller's", async () => {
  const { ask, log } = await webServer(await listen(owner.app), { key: "0".repeat(48) });
  expect(await ask("GET", "/info")).toMatchObject({
    status: 503,
    error:
      "The node that has the wallets does not take this server's key: it needs one of the role wallet there (WALLET_NODE_KEY).",
  });
  expect(log.join()).toContain("does not take our key");
});

test("limits of the other node are passed on", async () => {
  const url = await otherServer((_request, response) =>
    response
      .writeHead(429, { "retry-after": "7" })
      .end(JSON.stringify({ success: false, data: null, error: "Too many calls; try again in 7 s." })),
  );
  const { ask } = await webServer(url);
  const answer = await ask("GET", "/info");
  expect(answer).toMatchObject({ status: 429, error: "Too many calls; try again in 7 s." });
  expect(answer.headers.get("retry-after")).toBe("7");
});

test("web servers that name each other do not go in circles", async () => {
  const walletNode = (url: string) => new WalletForwarder({ url, key: INTERNAL_KEY }, new MemoryLog());
  const second = await open({
    walletNode: walletNode("http://127.0.0.1:1"),
    app: { keys: [{ role: "wallet", key: INTERNAL_KEY }] },
  });
  const { ask } = await webServer(await listen(second.app));
  expect(await ask("GET", "/info")).toMatchObject({
    status: 503,
    error:
      "This node hands wallet calls on itself: WALLET_NODE_URL of the node that asks must lead to the one that has the wallets.",
  });
});
