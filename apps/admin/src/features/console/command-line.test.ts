import type { RpcMethodView, RpcParamView } from "@bitfleet/api/rest/console.ts";
import { describe, expect, test } from "vitest";
import { LineProblem, readLine, writeLine } from "./command-line.ts";

const param = (name: string, more: Partial<RpcParamView> = {}): RpcParamView => ({
  ...{ name, aliases: [], is_required: true, default_hint: null, is_text: false, schema: { type: "number" } },
  ...more,
});
const text = { is_text: true, schema: { type: "string" } };
const method = (name: string, ...params: RpcParamView[]): RpcMethodView => ({
  ...{
    name,
    params,
    category: "blockchain",
    needs_wallet: false,
    is_elsewhere: false,
    call: name,
    help: "",
    results: [],
    examples: [],
  },
});
const METHODS = [
  method("getblockcount"),
  method("getblock", param("blockhash", text), param("verbosity", { aliases: ["verbose"] })),
  method("getblockstats", param("hash_or_height", { schema: { anyOf: [{ type: "number" }, { type: "string" }] } })),
  method("sendtoaddress", param("address", text), param("amount"), param("comment", text)),
  method("createrawtransaction", param("inputs", { schema: { type: "array" } }), param("outputs")),
];
const read = (line: string) => readLine(line, METHODS);

describe("a line is read as bitcoin-cli would", () => {
  test.each([
    ["getblockcount", { method: "getblockcount", params: [] }],
    ["  bitcoin-cli  getblock 00ab  2 ", { method: "getblock", params: ["00ab", 2] }],
    ["getblock 12 2", { method: "getblock", params: ["12", 2] }],
    ["-named getblock blockhash=00ab verbosity=2", { method: "getblock", params: { blockhash: "00ab", verbosity: 2 } }],
    ["-named getblock 00ab verbose=0", { method: "getblock", params: { verbose: 0, args: ["00ab"] } }],
    ["getblockstats 5", { method: "getblockstats", params: [5] }],
    ["getblockstats 00ab", { method: "getblockstats", params: ["00ab"] }],
    ["-rpcwallet=shop getblockcount", { method: "getblockcount", params: [], wallet: "shop" }],
    ["-regtest -rpcwallet='my shop' getblockcount", { method: "getblockcount", params: [], wallet: "my shop" }],
    [
      `sendtoaddress bcrt1q 0.1 "it's \\"rent\\" \\n"`,
      { method: "sendtoaddress", params: ["bcrt1q", 0.1, `it's "rent" \\n`] },
    ],
    ["sendtoaddress bcrt1q 0.1 ''", { method: "sendtoaddress", params: ["bcrt1q", 0.1, ""] }],
    [`createrawtransaction '[]' '{"bcrt1q":0.5}'`, { method: "createrawtransaction", params: [[], { bcrt1q: 0.5 }] }],
    ["newer word 5", { method: "newer", params: ["word", "5"] }],
  ])("%s", (line, call) => {
    expect(read(line)).toEqual(call);
  });

  test.each([
    ["", "Enter the name of a method"],
    ["-rpcuser=me getblockcount", "-rpcuser=me"],
    ["getblock 00ab two", "verbosity"],
    ["createrawtransaction [{] {}", "inputs"],
    ["getblock 'ab", "quote"],
  ])("%j is refused", (line, part) => {
    expect(() => read(line)).toThrow(LineProblem);
    expect(() => read(line)).toThrow(part);
  });

  test.each([
    ["getblockcount", "getblockcount"],
    ["-named getblock blockhash=00ab verbosity=2", "-named getblock blockhash=00ab verbosity=2"],
    [`sendtoaddress bcrt1q 0.1 "it's"`, `sendtoaddress bcrt1q 0.1 'it'\\''s'`],
    [`createrawtransaction [] '{"a b":1}'`, `createrawtransaction '[]' '{"a b":1}'`],
    ["-rpcwallet='my shop' getblockcount", "-rpcwallet='my shop' getblockcount"],
  ])("%s is written as it would be entered", (line, written) => {
    expect(writeLine(read(line))).toBe(written);
    expect(read(writeLine(read(line)))).toEqual(read(line));
  });
});
