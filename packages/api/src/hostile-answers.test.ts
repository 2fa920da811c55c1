import { expect, test } from "vitest";
import { createRpcClient } from "./client.ts";
import { ApiError } from "./errors.ts";
import { followEvents } from "./event-client.ts";
import { EVENT_LENGTH_MAX } from "./events/client-connection.ts";
import { openSse } from "./events/client-sse.ts";
import { bomb, endless, hostileServer, slowHeaders, trickle } from "./hostile-server-test-kit.ts";
import { type ClientOptions, createClientOf } from "./rest-client.ts";

/** Answers that have no end, that inflate, that come byte by byte, or that lead away. */

const MEGABYTE = 1024 * 1024;

const clientOf = (baseUrl: string, options: Partial<ClientOptions> = {}) =>
  createClientOf({ blockchain: { path: "/api/v1/blockchain" } }, { baseUrl, retries: 0, ...options });

const failureOf = (call: Promise<unknown>) =>
  call.then(
    () => expect.unreachable("it was answered"),
    (error: unknown) => error as ApiError,
  );

test("an answer without an end is read up to the limit, and its connection given up", async () => {
  const server = await hostileServer((response) => endless(response, { start: '{"success":true,"data":"' }));
  const client = clientOf(server.url, { answerBytesMax: MEGABYTE });
  const error = await failureOf(client.blockchain());
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({ kind: "too-long", message: expect.stringContaining("longer than 1,048,576 bytes") });
  await expect.poll(server.givenUp).toBe(1);
});

test("an answer at the limit is read, one of a byte more is not", async () => {
  const text = '{"success":true,"data":"good"}';
  const server = await hostileServer((response) => response.end(text));
  expect(await clientOf(server.url, { answerBytesMax: text.length }).blockchain()).toBe("good");
  const error = await failureOf(clientOf(server.url, { answerBytesMax: text.length - 1 }).blockchain());
  expect(error).toMatchObject({ kind: "too-long" });
});

test("bytes count as they are behind decompression, and what inflates is not inflated on", async () => {
  const server = await hostileServer(bomb);
  const error = await failureOf(clientOf(server.url, { answerBytesMax: MEGABYTE }).blockchain());
  expect(error).toMatchObject({ kind: "too-long" });
  await expect.poll(server.givenUp).toBe(1);
});

test("an error without an end is no error that is read", async () => {
  const server = await hostileServer((response) => {
    response.writeHead(400);
    endless(response, { start: '{"success":false,"error":"' });
  });
  const error = await failureOf(clientOf(server.url, { answerBytesMax: MEGABYTE }).blockchain());
  expect(error).toMatchObject({ kind: "too-long" });
});

test("a sentence that a server gives is shown as far as a sentence goes, and only where it is one", async () => {
  for (const [given, shown] of [
    ["x".repeat(100_000), "x".repeat(2_000)],
    [{ toString: 7 }, "The node answered with status 400."],
    ["", "The node answered with status 400."],
  ] as const) {
    const server = await hostileServer((response) => {
      response.writeHead(400).end(JSON.stringify({ success: false, data: null, error: given }));
    });
    expect((await failureOf(clientOf(server.url).blockchain())).message).toBe(shown);
  }
});

test("an answer that comes byte by byte has the time of any other", async () => {
  const slow = await hostileServer(trickle);
  expect(await failureOf(clientOf(slow.url, { timeoutMs: 300 }).blockchain())).toMatchObject({ kind: "timeout" });
  await expect.poll(slow.givenUp).toBe(1);
  const slower = await slowHeaders();
  expect(await failureOf(clientOf(slower.url, { timeoutMs: 300 }).blockchain())).toMatchObject({ kind: "timeout" });
});

test("whoever sends on to another place is not followed, and that place gets no key", async () => {
  const other = await hostileServer((response) => response.end('{"success":true,"data":1}'));
  for (const status of [301, 302, 303, 307, 308]) {
    const server = await hostileServer((response) => response.writeHead(status, { location: other.url }).end());
    const error = await failureOf(clientOf(server.url, { apiKey: "secret" }).blockchain());
    expect(error).toMatchObject({ kind: "unexpected", message: expect.stringContaining("another place") });
  }
  expect(other.asked).toHaveLength(0);
});

test("a list whose next part is the same one again is no list", async () => {
  const server = await hostileServer((response) =>
    response.end('{"success":true,"data":{"items":[1],"next_cursor":"here"}}'),
  );
  const client = createClientOf({ transactions: { path: "/api/v1/transactions" } }, { baseUrl: server.url });
  const items: unknown[] = [];
  const failure = failureOf(
    (async () => {
      for await (const item of client.items("transactions")) items.push(item);
    })(),
  );
  expect(await failure).toMatchObject({ kind: "unexpected", message: expect.stringContaining("in a circle") });
  expect(items).toEqual([1, 1]);
});

test("a call of JSON-RPC that is answered by what is no object, or nothing", async () => {
  for (const text of ["null", "", "<html>", "7"]) {
    const server = await hostileServer((response) => response.writeHead(503).end(text));
    const client = createRpcClient({ url: server.url, user: "u", password: "p" });
    expect(await failureOf(client.callAny("getblockcount", [])), text).toMatchObject({ status: 503 });
  }
});

test.each([
  ["a line without an end", Buffer.alloc(64 * 1024, "x")],
  ["lines that end no event", Buffer.from("data: x\n".repeat(1000))],
])("of a stream of events, %s is read as far as an event may go", async (_what, piece) => {
  const server = await hostileServer((response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    endless(response, { start: "data: ", piece });
  });
  const { events } = openSse(fetch, { url: server.url, apiKey: undefined });
  const failure = await failureOf(
    (async () => {
      for await (const event of events) expect.unreachable(`an event came: ${event}`);
    })(),
  );
  expect(failure).toMatchObject({ kind: "too-long" });
  await expect.poll(server.givenUp).toBe(1);
});

test("events are whole in whatever pieces they come, also where a piece ends within an event's end", async () => {
  const text = 'id: 1\ndata: {"type":"a"}\n\n:\n\ndata: {"type":"b","x":"é"}\n\n\ndata: {"type":"c"}\n\n';
  for (const size of [1, 2, 3, 7]) {
    const server = await hostileServer(async (response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length; at += size) {
        response.write(bytes.subarray(at, at + size));
        await new Promise((resolve) => setImmediate(resolve));
      }
      response.end();
    });
    const types: string[] = [];
    for await (const event of openSse(fetch, { url: server.url, apiKey: undefined }).events) types.push(event.type);
    expect(types, `pieces of ${size}`).toEqual(["a", "b", "c"]);
  }
});

test("what comes over a socket and is no event ends the connection, and not the program", async () => {
  for (const message of ["{", "null", "7", `"${"x".repeat(EVENT_LENGTH_MAX)}"`]) {
    const heard: string[] = [];
    const ending = new AbortController();
    class OddSocket {
      onopen: ((event: never) => void) | null = null;
      onmessage: ((event: never) => void) | null = null;
      onclose: ((event: never) => void) | null = null;
      onerror: ((event: never) => void) | null = null;
      readonly readyState = 1;

      constructor() {
        setImmediate(() => {
          this.onmessage?.({ data: '{"type":"hello","cursor":"1"}' } as never);
          this.onmessage?.({ data: message } as never);
          this.onmessage?.({ data: '{"type":"tip","cursor":"2"}' } as never);
        });
      }
      send() {}
      close() {
        heard.push("closed");
      }
    }
    const subscription = followEvents({
      baseUrl: "http://127.0.0.1:9",
      WebSocket: OddSocket,
      signal: ending.signal,
      onState: (state) => {
        if (state === "waiting") ending.abort();
      },
    });
    for await (const { type } of subscription) heard.push(type);
    expect(heard.slice(0, 2).sort()).toEqual(["closed", "hello"]);
    expect(heard).not.toContain("tip");
  }
});
