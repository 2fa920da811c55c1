import { methodHelp } from "@bitfleet/api/rpc/rpc-help.ts";
import { rpcMethods } from "@bitfleet/api/rpc/rpc-methods.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { GENESIS, mineMany } from "../../chain/test-kit.ts";
import { shownBody } from "../access/audit-fields.ts";
import { parseRpcWhitelist } from "../rpc/auth.ts";
import { consoleCallOf, namedParams, namesOfParams, shownUnknown } from "./console-call.ts";
import { asAdmin, openRestTestNode, type RestTestNode } from "./rest-test-kit.ts";

const RPC = "/api/admin/rpc";
const tips = mineMany(GENESIS, 3);

let rest: RestTestNode;
beforeAll(async () => {
  rest = await openRestTestNode({ tips, hasIndexes: false, hasWallets: true });
}, 60_000);
afterAll(() => rest.close());

const called = (method: string, params?: unknown, wallet?: string) =>
  asAdmin("POST", RPC, { method, ...(params !== undefined && { params }), ...(wallet !== undefined && { wallet }) });
const resultOf = async (...call: Parameters<typeof called>) => (await rest.data("callRpc", called(...call))).result;
const failureOf = async (...call: Parameters<typeof called>) => {
  const response = await rest.app.inject(called(...call));
  const { success, data, error, details } = response.json();
  expect([success, data]).toEqual([false, null]);
  return { status: response.statusCode, error, details };
};

describe("a call", () => {
  test("is answered as over JSON-RPC, with parameters in order or by name", async () => {
    const hash = displayHash(tips[1]!.block.hash);
    expect(await resultOf("getblockhash", [2])).toBe(hash);
    expect(await resultOf("getblockhash", { height: 2 })).toBe(hash);
    expect(await resultOf("getblockcount")).toBe(3);
    expect(await resultOf("getblockcount", null)).toBe(3);
    const { result } = await rest.node.call("getblock", [hash, 2]);
    expect(await resultOf("getblock", [hash, 2])).toEqual(result);
  });

  test("that fails has the code and message of JSON-RPC, and a sentence", async () => {
    expect(await failureOf("getblockhash", [9])).toEqual({
      status: 400,
      error: "Block height out of range.",
      details: { code: -8, message: "Block height out of range" },
    });
    expect(await failureOf("getnothing")).toEqual({
      status: 404,
      error: "Method not found.",
      details: { code: -32601, message: "Method not found" },
    });
    expect(await failureOf("getblockhash")).toEqual({
      status: 400,
      error: "The call is getblockhash height.",
      details: { code: -1, message: methodHelp("getblockhash", rpcMethods.getblockhash) },
    });
    const wrongType = await failureOf("getblockhash", ["2"]);
    expect(wrongType).toMatchObject({ status: 400, error: "Wrong type passed.", details: { code: -3 } });
    expect(await failureOf("getblockhash", { depth: 1 })).toMatchObject({ details: { code: -8 } });
    expect(await failureOf("getblockhash", 2)).toMatchObject({ details: { code: -32600 } });
    for (const name of ["__proto__", "constructor", "toString"])
      expect(await failureOf(name), name).toMatchObject({ status: 404, details: { code: -32601 } });
  });

  test("is about the wallet that it names", async () => {
    await rest.wallets!.manager.create({ name: "one" });
    await rest.wallets!.manager.create({ name: "two" });
    expect(await resultOf("getwalletinfo", [], "two")).toMatchObject({ walletname: "two" });
    expect(await failureOf("getwalletinfo", [])).toMatchObject({ details: { code: -19 } });
    expect(await failureOf("getwalletinfo", [], "three")).toMatchObject({ status: 404, details: { code: -18 } });
  });

  test("takes an admin key, and leaves what else fails without details", async () => {
    const { headers: _, ...keyless } = called("getblockcount");
    expect((await rest.refusal(keyless))[0]).toBe(401);
    const response = await rest.app.inject(asAdmin("POST", RPC, { method: "" }));
    expect([response.statusCode, "details" in response.json()]).toEqual([400, false]);
  });
});

test("the audit log is told parameters by their names, and no secrets", () => {
  const shown = (method: string, params: unknown) =>
    shownBody(namedParams(consoleCallOf({ method, params }, () => true)), { known: namesOfParams(method) });
  expect(shown("walletpassphrase", ["open sesame", 60])).toEqual({ passphrase: "(hidden)", timeout: 60 });
  expect(shown("walletpassphrase", { passphrase: "open sesame", timeout: 60 })).toEqual({
    passphrase: "(hidden)",
    timeout: 60,
  });
  expect(shown("signmessagewithprivkey", ["cRandom", "hello"])).toEqual({ privkey: "(hidden)", message: "hello" });
  const key = `c${"V".repeat(51)}`;
  expect(shown("importdescriptors", [[{ desc: `wpkh(${key})`, timestamp: 0 }]])).toEqual({
    requests: [{ desc: "(hidden)", timestamp: 0 }],
  });
  expect(shown("importdescriptors", [[{ "open sesame": 1, timestamp: 0 }]])).toEqual({
    requests: [{ "(unknown field)": "(hidden)", timestamp: 0 }],
  });
});

test("the audit log has no line that stands in the place of a method", () => {
  expect(shownUnknown("walletpassphrase opensesame 60")).toEqual({ method: "(hidden)" });
  expect(shownUnknown("walletpassphrase")).toBeUndefined();
});

test("-rpcwhitelist holds for keys, by their names", async () => {
  const rpcWhitelist = parseRpcWhitelist(["admin:getblockcount,help"], true);
  await using own = await openRestTestNode({ hasIndexes: false, app: { rpcWhitelist } });
  expect((await own.data("callRpc", called("getblockcount"))).result).toBe(0);
  expect(await own.refusal(called("stop"))).toEqual([403, '-rpcwhitelist does not let the key "admin" call stop.']);
});

describe("the methods", () => {
  test("are all there, with help, and parameters as JSON Schema", async () => {
    const methods = await rest.data("rpcMethods", "/api/v1/rpc/methods");
    expect(methods.map(({ name }) => name)).toEqual(Object.keys(rpcMethods).sort());
    const getblock = methods.find(({ name }) => name === "getblock")!;
    expect(getblock).toMatchObject({
      category: "blockchain",
      needs_wallet: false,
      call: 'getblock "blockhash" ( verbosity )',
      help: methodHelp("getblock", rpcMethods.getblock),
      params: [
        { name: "blockhash", is_required: true, is_text: true, schema: { type: "string" } },
        { name: "verbosity", aliases: ["verbose"], is_required: false, schema: { default: 1 } },
      ],
    });
    expect(getblock.results.map(({ condition }) => condition)).toContain("for verbosity = 1");
    expect(getblock.results.at(-1)!.schema).toMatchObject({ type: "object", properties: { tx: { type: "array" } } });
  });

  test("of wallets only where there are wallets", async () => {
    await using bare = await openRestTestNode({ hasIndexes: false });
    const names = (await bare.data("rpcMethods", "/api/v1/rpc/methods")).map(({ name }) => name);
    expect(names).toContain("getblock");
    expect(names).not.toContain("getbalance");
  });
});
