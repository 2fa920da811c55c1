import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { createRpcClient } from "@bitfleet/api/client.ts";
import { RpcError } from "@bitfleet/api/errors.ts";
import { afterEach, describe, expect, test } from "vitest";
import { MemoryLog } from "../../chain/test-kit.ts";
import { SystemClock } from "../../clock.ts";
import { ListenError } from "../listen-address.ts";
import { AUTHORIZATION, CREDENTIALS, PASSWORD, USER } from "../test-kit.ts";
import type { RpcHandlers } from "./rpc-dependencies.ts";
import { RPC_BODY_BYTES_MAX } from "./rpc-http.ts";
import { createRpcServer, type RpcServer, type RpcServerOptions } from "./rpc-server.ts";

interface Reply {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: string;
}

interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
}

const servers: RpcServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** Calls that wait until told. */
const waiting: ((value: number) => void)[] = [];
const handlers = {
  getblockcount: () => 7,
  echo: (_params, { positional }) => positional,
  getrpcinfo: (_params, { wallet }) => ({ wallet }),
  waitfornewblock: (_params, { signal }) =>
    new Promise((resolve) => {
      waiting.push((height) => resolve({ hash: "", height }));
      signal.addEventListener("abort", () => resolve({ hash: "", height: -1 }));
    }),
} satisfies Partial<RpcHandlers> as unknown as RpcHandlers;

async function started(options: Partial<RpcServerOptions> = {}) {
  const log = new MemoryLog();
  const server = createRpcServer(
    { listen: [{ host: "127.0.0.1", port: 0 }], allow: [], credentials: CREDENTIALS, ...options },
    { clock: new SystemClock(), log },
  );
  await server.listen();
  servers.push(server);
  server.ready(handlers);
  const { host, port } = server.addresses[0]!;
  const send = ({ method = "POST", path = "/", headers = {}, body = CALL }: Sent = {}): Promise<Reply> =>
    new Promise((resolve, reject) => {
      const all = { authorization: AUTHORIZATION, ...headers };
      const sent = httpRequest({ host, port, method, path, headers: all, agent: false }, (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (part: string) => {
          text += part;
        });
        response.on("end", () => resolve({ status: response.statusCode!, headers: response.headers, body: text }));
      });
      sent.on("error", reject);
      sent.end(body);
    });
  return { server, host, port, send, log };
}

const CALL = JSON.stringify({ method: "getblockcount", id: 1 });
const ANSWER = '{"result":7,"error":null,"id":1}\n';

describe("a call over a socket", () => {
  test("is answered with exactly this", async () => {
    const { send } = await started();
    const reply = await send();
    expect(reply.status).toBe(200);
    expect(reply.headers["content-type"]).toBe("application/json");
    expect(reply.body).toBe(ANSWER);
  });

  test("comes to / or to a wallet", async () => {
    const { send } = await started();
    const body = JSON.stringify({ method: "getrpcinfo", id: 1 });
    expect((await send({ path: "/wallet/a%20b%2Fc", body })).body).toContain('{"wallet":"a b/c"}');
    expect((await send({ path: "/wallet/", body })).body).toContain('{"wallet":""}');
    expect((await send({ path: "/?x=1", body })).status).toBe(404);
    expect((await send({ path: "/elsewhere" })).status).toBe(404);
    expect((await send({ path: "/wallet/%zz" })).status).toBe(404);
    expect((await send({ method: "GET", path: "/elsewhere", body: "" })).status).toBe(404);
  });

  test("is a POST", async () => {
    const { send } = await started();
    for (const method of ["GET", "PUT", "DELETE"]) {
      const reply = await send({ method, body: "" });
      expect(reply.status).toBe(405);
      expect(reply.body).toBe("JSONRPC server handles only POST requests");
    }
  });

  test("needs a user and the right password", async () => {
    const { port, send, log } = await started();
    const wrong = `Basic ${Buffer.from(`${USER}:wrong`).toString("base64")}`;
    const reply = await send({ headers: { authorization: wrong } });
    expect(reply.status).toBe(401);
    expect(reply.headers["www-authenticate"]).toBe('Basic realm="jsonrpc"');
    expect(log.lines.join("\n")).toContain("ThreadRPCServer incorrect password attempt");
    const bare = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body: CALL });
    expect(bare.status).toBe(401);
    expect(bare.headers.get("www-authenticate")).toBe('Basic realm="jsonrpc"');
    expect((await send()).status).toBe(200);
    expect((await send()).status).toBe(200);
  });

  test("with bytes that are no UTF-8 or no JSON is a parse error", async () => {
    const { send } = await started();
    for (const body of [
      Buffer.from([0xff, 0xfe]),
      "{",
      "",
      Buffer.concat([Buffer.from('{"method":"'), Buffer.from([0xc3, 0x28])]),
    ]) {
      const reply = await send({ body });
      expect(reply.status).toBe(500);
      expect(JSON.parse(reply.body).error).toEqual({ code: -32700, message: "Parse error" });
    }
  });

  test("of more bytes than allowed is refused, announced or not", async () => {
    const { send, host, port } = await started();
    expect(
      (
        await send({ headers: { "content-length": String(RPC_BODY_BYTES_MAX + 1) }, body: "" }).catch(() => ({
          status: 413,
        }))
      ).status,
    ).toBe(413);
    const status = await new Promise<string>((resolve, reject) => {
      const socket = connect(port, host);
      let text = "";
      socket.on("data", (part) => {
        text += part.toString();
      });
      socket.on("close", () => resolve(text.split("\r\n")[0]!));
      socket.on("error", () => (text === "" ? reject(new Error("no answer")) : undefined));
      socket.write(
        `POST / HTTP/1.1\r\nHost: x\r\nAuthorization: ${AUTHORIZATION}\r\nTransfer-Encoding: chunked\r\n\r\n`,
      );
      const chunk = Buffer.alloc(1 << 20, 0x20);
      const write = (left: number) => {
        if (left === 0 || socket.destroyed || text !== "") return;
        socket.write(`${chunk.length.toString(16)}\r\n`);
        socket.write(chunk);
        socket.write("\r\n", () => write(left - 1));
      };
      write(34);
    });
    expect(status).toBe("HTTP/1.1 413 Payload Too Large");
  });

  test("shares its connection with the next ones, pipelined or not", async () => {
    const { host, port } = await started();
    const one = `POST / HTTP/1.1\r\nHost: x\r\nAuthorization: ${AUTHORIZATION}\r\nContent-Length: ${CALL.length}\r\n\r\n${CALL}`;
    const text = await new Promise<string>((resolve) => {
      const socket = connect(port, host, () => socket.write(one + one + one));
      let all = "";
      socket.on("data", (part) => {
        all += part.toString();
        if (all.split(ANSWER).length === 4) socket.end();
      });
      socket.on("close", () => resolve(all));
    });
    expect(text.split(ANSWER).length - 1).toBe(3);
  });
});

test("requests of one connection are handled one after the other", async () => {
  const { host, port } = await started();
  const framed = (body: string) =>
    `POST / HTTP/1.1\r\nAuthorization: ${AUTHORIZATION}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const before = waiting.length;
  let text = "";
  const socket = connect(port, host, () =>
    socket.write(framed(JSON.stringify({ method: "waitfornewblock", id: 1 })) + framed(CALL)),
  );
  socket.on("data", (part) => {
    text += part.toString();
  });
  await expect.poll(() => waiting.length).toBe(before + 1);
  expect(text).toBe("");
  waiting.at(-1)!(5);
  await expect.poll(() => text).toContain(ANSWER);
  expect(text.indexOf('"height":5')).toBeLessThan(text.indexOf(ANSWER));
  socket.destroy();
});

describe("the server protects itself", () => {
  test("a request that never ends is cut off", async () => {
    const { host, port } = await started({ timeoutMs: 300 });
    const text = await new Promise<string>((resolve) => {
      const socket = connect(port, host, () =>
        socket.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{"),
      );
      let all = "";
      socket.on("data", (part) => {
        all += part.toString();
      });
      socket.on("close", () => resolve(all));
      socket.on("error", () => {});
    });
    expect(text).toMatch(/^(HTTP\/1\.1 401 |$)/);
  });

  test("a head beyond the limit is answered 400, in one header or in many", async () => {
    const { send } = await started();
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`header-${index}`, "foo"]));
    expect((await send({ headers: many })).status).toBe(400);
    expect((await send({ headers: { one: "x".repeat(8192) } })).status).toBe(400);
    expect((await send({ path: `/${"x".repeat(7000)}` })).status).toBe(404);
  });

  test("a broken request line is answered 400", async () => {
    const { host, port } = await started();
    const text = await new Promise<string>((resolve) => {
      const socket = connect(port, host, () => socket.write("NONSENSE\r\n\r\n"));
      let all = "";
      socket.on("data", (part) => {
        all += part.toString();
      });
      socket.on("close", () => resolve(all));
    });
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
  });

  test("calls beyond the work queue are turned away, and the others answered", async () => {
    const { send } = await started({ concurrency: 1, workQueueDepth: 1 });
    const wait = JSON.stringify({ method: "waitfornewblock", id: 1 });
    const before = waiting.length;
    const running = send({ body: wait });
    await expect.poll(() => waiting.length).toBe(before + 1);
    // Of these one waits, whichever comes first, and is answered when the one that runs is.
    const replies: Reply[] = [];
    const sent = Array.from({ length: 3 }, async () => replies.push(await send()));
    await expect.poll(() => replies.length).toBe(2);
    for (const { status, body } of replies) expect([status, body]).toEqual([503, "Work queue depth exceeded"]);
    waiting.at(-1)!(1);
    expect((await running).status).toBe(200);
    await Promise.all(sent);
    expect(replies[2]!.body).toBe(ANSWER);
  });

  test("closing lets running calls answer", async () => {
    const { send, server } = await started();
    const before = waiting.length;
    const running = send({ body: JSON.stringify({ method: "waitfornewblock", id: 1 }) });
    await expect.poll(() => waiting.length).toBe(before + 1);
    await server.close();
    expect(JSON.parse((await running).body).result.height).toBe(-1);
  });

  test("a taken port is said in one sentence, also beside a free one; an address that is not there may be missing", async () => {
    const { port } = await started();
    const options = { allow: [], credentials: CREDENTIALS };
    const deps = { clock: new SystemClock(), log: new MemoryLog() };
    const taken = { host: "127.0.0.1", port };
    const alone = createRpcServer({ ...options, listen: [taken] }, deps);
    await expect(alone.listen()).rejects.toThrow(ListenError);
    await expect(alone.listen()).rejects.toThrow(
      `cannot listen on 127.0.0.1:${port}: the port is taken by another program`,
    );
    const free = { host: "127.0.0.1", port: 0 };
    const half = createRpcServer({ ...options, listen: [free, taken] }, deps);
    await expect(half.listen()).rejects.toThrow("the port is taken by another program");
    const absent = { host: "192.0.2.1", port: 0 };
    const both = createRpcServer({ ...options, listen: [absent, free] }, deps);
    await both.listen();
    servers.push(both);
    expect(both.addresses.length).toBe(1);
  });
});

describe("the typed client", () => {
  test("calls with names, rejects with the server's errors", async () => {
    const { port } = await started();
    const client = createRpcClient({ url: `http://127.0.0.1:${port}`, user: USER, password: PASSWORD });
    const count: number = await client.call("getblockcount");
    expect(count).toBe(7);
    expect(await client.callAny("echo", [1, "x"])).toEqual([1, "x"]);
    await expect(client.callAny("nosuch", [])).rejects.toEqual(new RpcError(-32601, "Method not found"));
    const stranger = createRpcClient({ url: `http://127.0.0.1:${port}/`, user: USER, password: "x" });
    await expect(stranger.call("getblockcount")).rejects.toThrow("User or password is wrong.");
    const nobody = createRpcClient({ url: "http://127.0.0.1:1", user: USER, password: "x" });
    await expect(nobody.call("uptime")).rejects.toThrow("The node does not answer.");
  });
});
