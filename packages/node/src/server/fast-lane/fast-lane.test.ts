import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { PassThrough } from "node:stream";
import { afterEach, describe, expect, test } from "vitest";
import { FastLane, type LaneGate, READY_AGE_MAX_MS, READY_ANSWER_BYTES_MAX } from "./fast-lane.ts";
import { get, RawClient } from "./test-kit.ts";

const HOT = "/api/v1/blockchain";

/** A clock that the test moves. */
class HandClock {
  nowMs = 0;
  #callbacks: (() => void)[] = [];
  monotonicMs = () => this.nowMs;
  after = (_delayMs: number, callback: () => void) => {
    this.#callbacks.push(callback);
    return () => {
      this.#callbacks = this.#callbacks.filter((one) => one !== callback);
    };
  };
  /** Moves by whole seconds, each of which is a beat of the lane. */
  pass(seconds: number): void {
    for (let second = 0; second < seconds; second++) {
      this.nowMs += 1000;
      for (const callback of this.#callbacks.splice(0)) callback();
    }
  }
}

let server: Server;
let lane: FastLane;
let clock: HandClock;
/** Requests that reached the server. */
let seen: IncomingMessage[];
let version: number | undefined;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
const clients: RawClient[] = [];

const respond = (response: ServerResponse, text = `{"n":${seen.length}}`) => {
  response.setHeader("Content-Length", Buffer.byteLength(text));
  response.end(text);
};

async function open(gate?: LaneGate, stallMs?: number): Promise<void> {
  clock = new HandClock();
  seen = [];
  version = 1;
  answer = (_request, response) => respond(response);
  server = createServer({ keepAliveTimeout: 5000, headersTimeout: 3000, requestTimeout: 3000 }, (request, response) => {
    seen.push(request);
    answer(request, response);
  });
  const versions = { chain: () => version, node: () => version };
  lane = FastLane.open(server, { clock, versions, ...(gate && { gate }), ...(stallMs && { stallMs }) })!;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
}

async function client(): Promise<RawClient> {
  const made = await RawClient.open((server.address() as AddressInfo).port);
  clients.push(made);
  return made;
}

afterEach(async () => {
  for (const one of clients.splice(0)) one.socket.destroy();
  lane.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const bodyOf = (text: string) => text.slice(text.indexOf("\r\n\r\n") + 4);

describe("a ready answer", () => {
  test("is given to who asks the same, on any connection, without the server", async () => {
    await open();
    const [one, two] = [await client(), await client()];
    const first = await one.ask(get(HOT));
    expect(first).toContain("Connection: keep-alive\r\nKeep-Alive: timeout=5");
    expect(await one.ask(get(HOT))).toBe(first);
    expect(await two.ask(get(HOT, "User-Agent: other"))).toBe(first);
    expect(seen).toHaveLength(1);
    expect(seen[0]!.socket.remoteAddress).toBe("127.0.0.1");
    expect(seen[0]!.rawHeaders).toEqual(["Host", "localhost"]);
  });

  test("is made anew where the node changed, and never while it starts", async () => {
    await open();
    const one = await client();
    expect(bodyOf(await one.ask(get(HOT)))).toBe('{"n":1}');
    version = 2;
    expect(bodyOf(await one.ask(get(HOT)))).toBe('{"n":2}');
    version = undefined;
    expect(bodyOf(await one.ask(get(HOT)))).toBe('{"n":3}');
    expect(bodyOf(await one.ask(get(HOT)))).toBe('{"n":4}');
  });

  test("that was made while the node changed is given to nobody else", async () => {
    await open();
    answer = (_request, response) => {
      version = 2;
      respond(response);
    };
    const one = await client();
    await one.ask(get(HOT));
    expect(bodyOf(await one.ask(get(HOT)))).toBe('{"n":2}');
    expect(bodyOf(await one.ask(get(HOT)))).toBe('{"n":2}');
  });

  test("is a second old at most", async () => {
    await open();
    const one = await client();
    await one.ask(get(HOT));
    clock.nowMs += READY_AGE_MAX_MS;
    expect(bodyOf(await one.ask(get(HOT)))).toBe('{"n":1}');
    clock.nowMs += 1;
    expect(bodyOf(await one.ask(get(HOT)))).toBe('{"n":2}');
  });

  test("is another one for another query, method or encoding", async () => {
    await open();
    const one = await client();
    const requests = [get(HOT), get(`${HOT}?a=1`), get(HOT, "Accept-Encoding: br"), get(HOT).replace("GET", "HEAD")];
    for (const request of requests) await one.ask(request, request.startsWith("HEAD") ? "\r\n\r\n" : "}");
    expect(seen.map(({ method }) => method)).toEqual(["GET", "GET", "GET", "HEAD"]);
    const head = await one.ask(requests[3]!, "\r\n\r\n");
    expect(head).toContain("Content-Length: 7");
    expect(seen).toHaveLength(4);
  });

  test.each<[string, (response: ServerResponse) => void]>([
    ["an error", (response) => response.writeHead(404)],
    ["one that sets a cookie", (response) => response.setHeader("Set-Cookie", "a=b")],
    ["one that depends on another header", (response) => response.setHeader("Vary", "Accept-Encoding, Accept")],
    ["one of a connection that ends", (response) => response.setHeader("Connection", "close")],
  ])("is not kept of %s", async (_name, prepare) => {
    await open();
    answer = (_request, response) => {
      prepare(response);
      response.end("}");
    };
    const one = await client();
    await one.ask(get(HOT), /}|0\r\n\r\n$/);
    const two = await client();
    await two.ask(get(HOT), /}|0\r\n\r\n$/);
    expect(seen).toHaveLength(2);
  });

  test("is kept where it comes in chunks or depends on the encoding, and up to its largest size", async () => {
    await open();
    answer = (_request, response) => {
      response.setHeader("Vary", "accept-encoding, Origin");
      response.write("some ");
      setImmediate(() => response.end("chunks}"));
    };
    const one = await client();
    const first = await one.ask(get(HOT), "0\r\n\r\n");
    expect(await one.ask(get(HOT), "0\r\n\r\n")).toBe(first);
    expect(seen).toHaveLength(1);
    answer = (request, response) =>
      respond(response, `${"x".repeat(READY_ANSWER_BYTES_MAX - (request.url!.endsWith("l") ? 0 : 300))}}`);
    for (const url of ["?large", "?large", "?l", "?l"]) await one.ask(get(HOT + url));
    expect(seen.slice(1).map(({ url }) => url)).toEqual([`${HOT}?large`, `${HOT}?l`, `${HOT}?l`]);
  });
});

describe("connections", () => {
  test("that ask together share one answer of the server", async () => {
    await open();
    const waiting: ServerResponse[] = [];
    answer = (_request, response) => {
      waiting.push(response);
      if (waiting.length === 1) wake();
    };
    let wake = () => {};
    const asked = new Promise<void>((resolve) => {
      wake = resolve;
    });
    const [one, two] = [await client(), await client()];
    const first = one.ask(get(HOT));
    await asked;
    const second = two.ask(get(HOT) + get(HOT), /}(.|\s)*}$/);
    // The second is in the lane when a third, on another way, has been answered.
    const third = await client();
    answer = (_request, response) => respond(response, "third}");
    await third.ask(get("/other"));
    respond(waiting[0]!, '{"shared":1}');
    expect(bodyOf(await first)).toBe('{"shared":1}');
    expect((await second).match(/shared/g)).toHaveLength(2);
    expect(seen.map(({ url }) => url)).toEqual([HOT, "/other"]);
  });

  test("get answers in the order they asked, hot or not", async () => {
    await open();
    answer = (request, response) => respond(response, `<${request.method} ${request.url}>`);
    const one = await client();
    const post = "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";
    one.send(get(HOT) + get(`${HOT}?a`) + get(HOT) + post + get(HOT));
    one.send(get("/end", "Connection: close"));
    const answers = (await one.closed()).match(/<.*?>/g);
    const hot = `<GET ${HOT}>`;
    expect(answers).toEqual([hot, `<GET ${HOT}?a>`, hot, "<POST /x>", hot, "<GET /end>"]);
    expect(lane.connectionCount).toBe(0);
  });

  test("that the server closes with its answer are closed", async () => {
    await open();
    answer = (_request, response) => {
      response.setHeader("Connection", "close");
      respond(response);
    };
    const one = await client();
    one.send(get(HOT) + get(HOT));
    expect(bodyOf(await one.closed())).toBe('{"n":1}');
  });

  test("whose request the server drops are closed without an answer", async () => {
    await open();
    answer = (request) => request.socket.destroy();
    const one = await client();
    one.send(get(HOT));
    expect(await one.closed()).toBe("");
  });

  test("with half a request are the server's, which waits for the other half", async () => {
    await open();
    const one = await client();
    await connected(1);
    const request = get(HOT);
    one.send(request.slice(0, 20));
    while (lane.connectionCount > 0) await turn();
    expect(bodyOf(await one.ask(request.slice(20)))).toBe('{"n":1}');
  });

  test("of clients that end their side are ended", async () => {
    await open();
    const one = await client();
    await one.ask(get(HOT));
    one.socket.end(get(HOT));
    expect(bodyOf(await one.closed())).toBe('{"n":1}');
  });

  test("of clients that do not read are not read from", async () => {
    await open();
    const text = `${"x".repeat(200_000)}}`;
    answer = (_request, response) => respond(response, text);
    const one = await client();
    await one.ask(get(HOT));
    one.socket.pause();
    const asked = 400;
    one.send(get(HOT).repeat(asked));
    await turn();
    // 80 MB of answers: far more than the system keeps for a socket, so that the rest waits until the client reads.
    one.socket.resume();
    const all = await one.until((received) => received.length > asked * text.length && received.endsWith("}"));
    expect(all.match(/HTTP\/1\.1 200/g)).toHaveLength(asked);
    expect(seen).toHaveLength(1);
  });

  test("that are silent are closed when the server would close them", async () => {
    await open();
    const [fresh, idle] = [await client(), await client()];
    await idle.ask(get(HOT));
    await connected(2);
    clock.pass(3);
    expect(lane.connectionCount).toBe(2);
    server.on("clientError", (error: NodeJS.ErrnoException, socket) => socket.end(`${error.code}`));
    clock.pass(1);
    expect(await fresh.closed()).toBe("ERR_HTTP_REQUEST_TIMEOUT");
    expect(await idle.ask(get(HOT))).toContain("200 OK");
    clock.pass(5);
    expect(lane.connectionCount).toBe(1);
    clock.pass(1);
    await idle.closed();
    expect(lane.connectionCount).toBe(0);
  });
});

describe("a lane that closes", () => {
  test("closes who waits for nothing, answers who waits, and leaves what comes to the server", async () => {
    await open();
    const waiting: ServerResponse[] = [];
    let wake = () => {};
    const asked = new Promise<void>((resolve) => {
      wake = resolve;
    });
    answer = (_request, response) => {
      waiting.push(response);
      wake();
    };
    const [idle, busy] = [await client(), await client()];
    busy.send(get(HOT));
    await asked;
    await connected(2);
    lane.close();
    await idle.closed();
    const late = await client();
    answer = (_request, response) => respond(response, "late}");
    expect(bodyOf(await late.ask(get(HOT)))).toBe("late}");
    respond(waiting[0]!, "busy}");
    expect(bodyOf(await busy.closed())).toBe("busy}");
    while (lane.connectionCount > 0) await turn();
  });
});

describe("a gate", () => {
  const facts: unknown[] = [];
  let line: string | undefined;
  const gate: LaneGate = {
    ownHeaders: ["x-left"],
    admit: () => line,
    answered: (...fact) => facts.push(fact),
  };

  test("counts what the lane answers, writes its headers, and turns away", async () => {
    await open(gate);
    answer = (_request, response) => {
      response.setHeader("X-Left", 9);
      respond(response);
    };
    const one = await client();
    expect(await one.ask(get(HOT))).toContain("X-Left: 9\r\n");
    expect(facts).toEqual([]);
    line = "X-Left: 8\r\n";
    const second = await one.ask(get(HOT));
    expect(second).toMatch(/^HTTP\/1\.1 200 OK\r\nX-Left: 8\r\nContent-Length: 7\r\n/);
    expect(facts).toEqual([["blockchain", "GET", second.length]]);
    line = "";
    expect(await one.ask(get(HOT))).not.toContain("X-Left");
    line = undefined;
    expect(bodyOf(await one.ask(get(HOT)))).toBe('{"n":2}');
    expect(lane.connectionCount).toBe(0);
  });
});

test("who watches connections sees those of clients, and of nobody else", async () => {
  await open();
  let count = 0;
  server.on("connection", () => count++);
  const other = createServer();
  other.on("connection", () => count++);
  FastLane.open(other, { clock, versions: { chain: () => 1, node: () => 1 } });
  other.emit("connection", new PassThrough());
  expect(count).toBe(1);
  await (await client()).ask(get(HOT));
  expect(count).toBe(2);
});

test("there is no lane in front of TLS", async () => {
  await open();
  const versions = { chain: () => 1, node: () => 1 };
  expect(FastLane.open(createTlsServer(), { clock, versions })).toBeUndefined();
});

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Until the server has taken that many connections: a client is connected a little before. */
async function connected(count: number): Promise<void> {
  while (lane.connectionCount < count) await turn();
}

test.each(["keep-alive", "close"])(
  "who does not read an answer (connection: %s) loses the connection",
  async (connection) => {
    await open(undefined, 200);
    answer = (_request, response) => {
      response.setHeader("Connection", connection);
      respond(response, "x".repeat(32 * 1024 * 1024));
    };
    const accepted = once(server, "connection");
    const one = await client();
    const [socket] = await accepted;
    const closed = once(socket, "close");
    one.socket.pause();
    one.send(get(HOT));
    await closed;
    expect(seen).toHaveLength(1);
    expect(lane.connectionCount).toBe(0);
  },
);
