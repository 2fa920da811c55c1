import { describe, expect, test } from "vitest";
import { RpcError } from "../errors.ts";
import { JsonNumber, JsonObject, parseJson } from "../json.ts";
import { argumentConversions, helpFor, helpIndex, rpcMethod, rpcMethods } from "./rpc-methods.ts";
import { bindParams } from "./rpc-params.ts";
import { type RpcMethod, required, withDefault } from "./rpc-schema.ts";

const bind = (name: string, params: string) => {
  const value = parseJson(params);
  return bindParams(name, rpcMethod(name)!, value as JsonObject).named;
};
const errorOf = (name: string, params: string) => {
  try {
    bind(name, params);
  } catch (error) {
    if (error instanceof RpcError) return { code: error.code, message: error.message };
    throw error;
  }
  return undefined;
};

describe("the table", () => {
  const entries = Object.entries<RpcMethod>(rpcMethods);

  test.each(entries)("%s is complete", (name, method) => {
    expect(method.description).not.toBe("");
    const names = method.params.flatMap((param) => [param.name, ...param.aliases]);
    expect(new Set(names).size).toBe(names.length);
    const firstOptional = method.params.findIndex((param) => !param.required);
    const lastRequired = method.params.findLastIndex((param) => param.required);
    // Their first or second parameters may be left out in favour of what follows.
    const mayLackEarly = ["prioritisetransaction", "sendmany", "walletcreatefundedpsbt"].includes(name);
    if (firstOptional >= 0 && !mayLackEarly) expect(lastRequired).toBeLessThan(firstOptional);
  });

  test.each(entries)("help of %s has Core's layout", (name, method) => {
    const lines = helpFor(name).split("\n");
    expect(lines[0]!.startsWith(name)).toBe(true);
    expect(lines[1]).toBe("");
    const visible = method.params.filter((param) => !param.hidden);
    expect(lines.includes("Arguments:")).toBe(visible.length > 0);
    visible.forEach((param, index) => {
      expect(lines.some((line) => line.startsWith(`${index + 1}. ${param.name}`))).toBe(true);
    });
    expect(lines.includes("Examples:")).toBe(method.examples.length > 0);
  });
});

describe("help", () => {
  test("of an array of objects and of an object whose members are named arguments: Core's structure", () => {
    const lines = helpFor("gettxspendingprevout").split("\n");
    expect(lines[0]).toBe(
      'gettxspendingprevout [{"txid":"hex","vout":n},...] ( {"mempool_only":bool,"return_spending_tx":bool,...} )',
    );
    const kinds = lines.slice(lines.indexOf("Arguments:"), lines.indexOf("Result:"));
    expect(kinds.map((line) => line.replace(/\).*/, ")"))).toEqual([
      "Arguments:",
      "1. outputs                 (json array, required)",
      "     [",
      "       {                   (json object)",
      '         "txid": "hex",    (string, required)',
      '         "vout": n,        (numeric, required)',
      "       },",
      "       ...",
      "     ]",
      "2. options                 (json object, optional)",
      "",
      "Named Arguments:",
      "mempool_only          (boolean, optional, default=true without -txospenderindex, otherwise false)",
      "return_spending_tx    (boolean, optional, default=false)",
      "",
    ]);
  });

  test.each([
    ["sendmsgtopeer", '> bitcoin-cli sendmsgtopeer 0 "addr" "ffffff"'],
    ["addconnection", '> bitcoin-cli addconnection "192.168.0.6:8333" "outbound-full-relay" true'],
    ["addpeeraddress", '> bitcoin-cli addpeeraddress "1.2.3.4" 8333 true'],
    ["getrawaddrman", "> bitcoin-cli getrawaddrman "],
  ])("of %s shows a call", (name, example) => {
    expect(helpFor(name).split("\n")).toContain(example);
  });

  test("of all methods: a heading for each category, nothing hidden", () => {
    const text = helpIndex();
    expect(text.split("\n")[0]).toBe("== Blockchain ==");
    expect(text.match(/^== \w+ ==$/gm)).toEqual([
      "== Blockchain ==",
      "== Control ==",
      "== Mining ==",
      "== Network ==",
      "== Rawtransactions ==",
      "== Util ==",
      "== Wallet ==",
      "== Zmq ==",
    ]);
    expect(text).toContain('\ngetblock "blockhash" ( verbosity )\n');
    expect(text).not.toContain("invalidateblock");
  });

  test("of one method", () => {
    expect(helpFor("getblockhash")).toBe(`getblockhash height

Returns the hash of the block of the active chain at a height.

Arguments:
1. height    (numeric, required) The height

Result:
"hex"    (string) The block hash

Examples:
> bitcoin-cli getblockhash 1000
> curl --user myusername --data-binary '{"jsonrpc": "2.0", "id": "curltest", "method": "getblockhash", "params": [1000]}' -H 'content-type: application/json' http://127.0.0.1:8332/
`);
    expect(helpFor("stop").split("\n")[0]).toBe("stop");
    expect(helpFor("generateblock").split("\n")[0]).toBe('generateblock "output" ["rawtx/txid",...] ( submit )');
    expect(helpFor("constructor")).toBe("help: unknown command: constructor");
  });

  test("columns are as wide as the longest line needs, and go on where it ends", () => {
    const text = helpFor("verifychain");
    expect(text).toContain("1. checklevel    (numeric, optional, default=3) How thorough");
    expect(text).toContain(`\n${" ".repeat(17)}- 0 reads the blocks\n`);
  });

  test("conversions for command lines", () => {
    expect(argumentConversions()).toContainEqual(["getblock", 1, "verbose", false]);
    expect(argumentConversions()).toContainEqual(["getblock", 0, "blockhash", true]);
  });
});

describe("parameters", () => {
  const HASH = "0".repeat(64);

  test("by position, by name, and both through args", () => {
    const wanted = { blockhash: HASH, verbosity: 2 };
    expect(bind("getblock", `["${HASH}",2]`)).toEqual(wanted);
    expect(bind("getblock", `{"verbosity":2,"blockhash":"${HASH}"}`)).toEqual(wanted);
    expect(bind("getblock", `{"verbose":2,"blockhash":"${HASH}"}`)).toEqual(wanted);
    expect(bind("getblock", `{"args":["${HASH}"],"verbosity":2}`)).toEqual(wanted);
    expect(bind("getblock", `["${HASH}"]`)).toEqual({ blockhash: HASH, verbosity: 1 });
    expect(bind("getblock", `["${HASH}",null]`)).toEqual({ blockhash: HASH, verbosity: 1 });
    expect(bind("getblock", `["${HASH}",true]`)).toEqual({ blockhash: HASH, verbosity: 1 });
  });

  test("that are too few or too many are answered with help", () => {
    for (const params of ["[]", `["${HASH}",1,2]`, "{}", '{"verbosity":1,"args":[]}']) {
      const error = errorOf("getblock", params);
      if (params === '{"verbosity":1,"args":[]}') {
        expect(error?.code).toBe(-3);
      } else {
        expect(error?.code).toBe(-1);
        expect(error?.message).toBe(helpFor("getblock"));
      }
    }
  });

  test("whose names do not fit", () => {
    expect(errorOf("getblock", `{"blockhash":"${HASH}","blockhash":"x"}`)).toEqual({
      code: -8,
      message: "Parameter blockhash specified multiple times",
    });
    expect(errorOf("getblock", `{"blockhash":"${HASH}","verbosity":1,"verbose":1}`)).toEqual({
      code: -8,
      message: "Unknown named parameter verbose",
    });
    expect(errorOf("getblock", `{"args":["${HASH}",1],"verbosity":2}`)).toEqual({
      code: -8,
      message: "Parameter verbosity|verbose specified twice both as positional and named argument",
    });
    expect(errorOf("getblock", `{"blockhash":"${HASH}","__proto__":1}`)?.message).toBe(
      "Unknown named parameter __proto__",
    );
  });

  test("that are members of one of them are put into it", () => {
    const asked = { mempool_only: true, return_spending_tx: false };
    const options = new JsonObject(Object.entries(asked));
    const text = JSON.stringify(asked).slice(1, -1);
    expect(bind("gettxspendingprevout", `{"outputs":[],${text}}`)).toEqual({ outputs: [], options });
    expect(bind("gettxspendingprevout", `{"args":[[]],${text}}`)).toEqual({ outputs: [], options });
    expect(errorOf("gettxspendingprevout", `{"outputs":[],"options":{},${text}}`)).toEqual({
      code: -8,
      message: "Parameter options conflicts with parameter mempool_only",
    });
    expect(errorOf("gettxspendingprevout", `{"args":[[],{}],${text}}`)?.code).toBe(-8);
  });

  test("that may be left out between others", () => {
    const wanted = { txid: HASH, dummy: undefined, fee_delta: new JsonNumber("5") };
    expect(bind("prioritisetransaction", `["${HASH}",null,5]`)).toEqual(wanted);
    expect(bind("prioritisetransaction", `{"txid":"${HASH}","fee_delta":5}`)).toEqual(wanted);
    expect(bind("prioritisetransaction", `["${HASH}",0.5,5]`)).toEqual({ ...wanted, dummy: 0.5 });
    expect(errorOf("prioritisetransaction", `["${HASH}","foo",5]`)?.message).toContain(
      "JSON value of type string is not of expected type number",
    );
  });

  test("of wrong types are named all at once", () => {
    expect(errorOf("generatetoaddress", '["a",1]')).toEqual({
      code: -3,
      message: `Wrong type passed:
{
    "Position 1 (nblocks)": "JSON value of type string is not of expected type number",
    "Position 2 (address)": "JSON value of type number is not of expected type string"
}`,
    });
    expect(errorOf("getblockhash", "[null]")?.message).toContain("type null is not of expected type number");
    expect(errorOf("generateblock", '["x",["a",1]]')).toEqual({
      code: -3,
      message: "JSON value of type number is not of expected type string",
    });
  });

  test("integers at their edges", () => {
    const kinds = [
      ["int", -(2 ** 31), 2 ** 31 - 1],
      ["uint32", 0, 2 ** 32 - 1],
      ["int64", Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
      ["uint64", 0, Number.MAX_SAFE_INTEGER],
    ] as const;
    for (const [kind, minimum, maximum] of kinds) {
      const method: RpcMethod = { ...rpcMethods.uptime, params: [required("n", kind, "")] };
      const read = (text: string) => bindParams("x", method, [parseJson(text)] as never).named.n;
      expect(read(String(minimum))).toBe(minimum);
      expect(read(String(maximum))).toBe(maximum);
      for (const text of [
        `${BigInt(minimum) - 1n}`,
        `${BigInt(maximum) + 1n}`,
        "1.0",
        "1e0",
        "99999999999999999999999",
      ]) {
        expect(() => read(text)).toThrow("JSON integer out of range");
      }
    }
    expect(withDefault("n", "int", 5, "").defaultValue).toBe(5);
  });
});
