import { RpcError } from "@bitfleet/api/errors.ts";
import { describe, expect, test } from "vitest";
import { MemoryLog } from "../../chain/test-kit.ts";
import { SystemClock } from "../../clock.ts";
import { parseRpcWhitelist, type RpcWhitelist } from "./auth.ts";
import type { RpcHandlers } from "./rpc-dependencies.ts";
import { RpcDispatcher } from "./rpc-dispatch.ts";

const signal = new AbortController().signal;
const handlers = {
  getblockcount: () => 7,
  echo: (_params, { positional }) => positional,
  getblockhash: () => {
    throw new RpcError(-8, "Block height out of range");
  },
  getdifficulty: () => {
    throw new Error("a bug");
  },
  getrpcinfo: (_params, { activeCalls }) => activeCalls().map(({ method }) => method),
} satisfies Partial<RpcHandlers> as unknown as RpcHandlers;

function dispatcher(whitelist?: RpcWhitelist) {
  const log = new MemoryLog();
  const made = new RpcDispatcher({ whitelist }, { clock: new SystemClock(), log });
  made.ready(handlers);
  const answer = async (body: unknown, user = "alice") => {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const reply = await made.answer(text, { user, wallet: undefined, signal });
    return [reply.status, reply.body === undefined ? undefined : JSON.parse(reply.body)];
  };
  return { made, answer, log };
}
const { answer, log } = dispatcher();

describe("version 1", () => {
  test("answers carry result and error", async () => {
    const wanted = [200, { result: 7, error: null, id: 1 }];
    expect(await answer({ method: "getblockcount", id: 1 })).toEqual(wanted);
    expect(await answer({ method: "getblockcount", id: 1, jsonrpc: "1.0" })).toEqual(wanted);
    expect(await answer({ method: "getblockcount", id: 1, jsonrpc: null, params: null })).toEqual(wanted);
    expect(await answer({ method: "getblockcount" })).toEqual([200, { result: 7, error: null }]);
    expect(await answer({ method: "getblockcount", id: null })).toEqual([200, { result: 7, error: null, id: null }]);
  });

  test("errors show in the status", async () => {
    const failed = (code: number, message: string, id: unknown = 1) => ({ result: null, error: { code, message }, id });
    expect(await answer({ method: "nosuch", id: 1 })).toEqual([404, failed(-32601, "Method not found")]);
    expect(await answer({ method: "constructor", id: 1 })).toEqual([404, failed(-32601, "Method not found")]);
    expect(await answer({ method: "getblockhash", params: [1], id: 1 })).toEqual([
      500,
      failed(-8, "Block height out of range"),
    ]);
    expect(await answer({ id: 1 })).toEqual([400, failed(-32600, "Missing method")]);
    expect(await answer({ method: 5, id: 1 })).toEqual([400, failed(-32600, "Method must be a string")]);
    expect(await answer({ method: "x", params: 5, id: 1 })).toEqual([
      400,
      failed(-32600, "Params must be an array or object"),
    ]);
    expect(await answer({ method: "x", jsonrpc: 2, id: 1 })).toEqual([
      400,
      failed(-32600, "jsonrpc field must be a string"),
    ]);
    expect(await answer({ method: "x", jsonrpc: "2.1", id: 1 })).toEqual([
      400,
      failed(-32600, "JSON-RPC version not supported"),
    ]);
    for (const body of ["", "{", "[1", "\u0000"]) {
      expect(await answer(body)).toEqual([500, failed(-32700, "Parse error", null)]);
    }
    for (const body of ["5", "null", '"x"']) {
      expect(await answer(body)).toEqual([500, failed(-32700, "Top-level object parse error", null)]);
    }
  });
});

describe("version 2", () => {
  const v2 = { jsonrpc: "2.0", id: "a" };

  test("answers carry one of result and error, with status 200", async () => {
    expect(await answer({ ...v2, method: "getblockcount" })).toEqual([200, { ...v2, result: 7 }]);
    expect(await answer({ ...v2, method: "nosuch" })).toEqual([
      200,
      { ...v2, error: { code: -32601, message: "Method not found" } },
    ]);
  });

  test("a notification is executed and not answered", async () => {
    expect(await answer({ jsonrpc: "2.0", method: "getblockcount" })).toEqual([204, undefined]);
    expect(await answer({ jsonrpc: "2.0", method: "nosuch" })).toEqual([204, undefined]);
  });

  test("a request that cannot be read is an error of HTTP too", async () => {
    expect(await answer({ ...v2 })).toEqual([400, { ...v2, error: { code: -32600, message: "Missing method" } }]);
  });
});

describe("batches", () => {
  test("answer each request in order, errors included, with status 200", async () => {
    const [status, replies] = await answer([
      { method: "getblockcount", id: 1 },
      { jsonrpc: "2.0", method: "getblockcount", id: 2 },
      { jsonrpc: "2.0", method: "getblockcount" },
      5,
      { method: "nosuch", id: 4 },
      { id: 5 },
    ]);
    expect(status).toBe(200);
    expect(replies).toEqual([
      { result: 7, error: null, id: 1 },
      { jsonrpc: "2.0", result: 7, id: 2 },
      { result: null, error: { code: -32600, message: "Invalid Request object" }, id: null },
      { result: null, error: { code: -32601, message: "Method not found" }, id: 4 },
      { result: null, error: { code: -32600, message: "Missing method" }, id: 5 },
    ]);
  });

  test("of nothing is an empty list; of notifications alone is no answer", async () => {
    expect(await answer([])).toEqual([200, []]);
    expect(await answer([{ jsonrpc: "2.0", method: "getblockcount" }])).toEqual([204, undefined]);
  });
});

test("ids and numbers come back digit for digit", async () => {
  const { made } = dispatcher();
  const body = '{"method":"echo","params":[1.50,18446744073709551615,null],"id":1e400}';
  const reply = await made.answer(body, { user: "alice", wallet: undefined, signal });
  expect(reply.body).toBe('{"result":[1.50,18446744073709551615,null],"error":null,"id":1e400}\n');
});

test("while the node starts every call is answered -28 with the step it is at", async () => {
  const starting = new RpcDispatcher({}, { clock: new SystemClock(), log });
  starting.warmUp("Loading block index…");
  const body = JSON.stringify({ method: "nosuch", id: 1 });
  const reply = await starting.answer(body, { user: "alice", wallet: undefined, signal });
  expect(reply.status).toBe(500);
  expect(JSON.parse(reply.body!).error).toEqual({ code: -28, message: "Loading block index…" });
});

test("a bug of ours is logged, and the caller sees no trace of it", async () => {
  const [status, reply] = await answer({ method: "getdifficulty", id: 1 });
  expect(status).toBe(500);
  expect(reply.error).toEqual({ code: -32603, message: "Internal error in getdifficulty; the log has more" });
  expect(log.lines.at(-1)).toContain("a bug");
});

test("calls under way are known", async () => {
  const [, reply] = await answer({ method: "getrpcinfo", id: 1 });
  expect(reply.result).toEqual(["getrpcinfo"]);
  const [, again] = await answer({ method: "getrpcinfo", id: 1 });
  expect(again.result).toEqual(["getrpcinfo"]);
});

test("a whitelist answers 403, for single calls and batches", async () => {
  const limited = dispatcher(parseRpcWhitelist(["alice:getblockcount"], true));
  expect((await limited.answer({ method: "getblockcount", id: 1 }))[0]).toBe(200);
  expect(await limited.answer({ method: "echo", id: 1 })).toEqual([403, undefined]);
  expect(await limited.answer([{ method: "getblockcount" }, { method: "echo" }])).toEqual([403, undefined]);
  expect(await limited.answer({ method: "getblockcount", id: 1 }, "bob")).toEqual([403, undefined]);
  expect(await limited.answer("nonsense", "bob")).toEqual([403, undefined]);
});

test("calls are counted by method, and names that are none together", async () => {
  const counted: [string | undefined, boolean][] = [];
  const meter = {
    count: (method: string | undefined, seconds: number, isError: boolean) => {
      expect(seconds).toBeGreaterThanOrEqual(0);
      counted.push([method, isError]);
    },
  };
  const made = new RpcDispatcher({}, { clock: new SystemClock(), log: new MemoryLog(), meter });
  made.ready({ ...handlers, getdifficulty: async () => 1 } as unknown as RpcHandlers);
  const call = (body: unknown) => made.answer(JSON.stringify(body), { user: "alice", wallet: undefined, signal });
  await call({ method: "getblockcount", id: 1 });
  await call({ method: "getblockhash", params: [9], id: 1 });
  await call({ method: "nosuchmethod", id: 1 });
  await call([
    { method: "getdifficulty", id: 1 },
    { method: "constructor", id: 2 },
  ]);
  expect(counted).toEqual([
    ["getblockcount", false],
    ["getblockhash", true],
    [undefined, true],
    ["getdifficulty", false],
    [undefined, true],
  ]);
});
