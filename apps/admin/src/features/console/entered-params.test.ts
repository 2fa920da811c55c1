import type { RpcParamView } from "@bitfleet/api/rest/console.ts";
import { expect, test } from "vitest";
import { membersOf, paramsOf } from "./entered-params.ts";

const param = (name: string, schema: object, more: Partial<RpcParamView> = {}): RpcParamView => ({
  ...{ name, aliases: [], is_required: false, default_hint: null, is_text: false, schema },
  ...more,
});
const PARAMS = [
  param("address", { type: "string" }, { is_text: true, is_required: true }),
  param("amount", { type: ["number", "string"] }, { is_required: true }),
  param("minconf", { type: "integer" }),
  param("txids", { type: "array", items: { type: "string" } }),
  param("inputs", { type: "array", items: { type: "object", properties: { txid: { type: "string" } } } }),
  param("options", {
    type: "object",
    properties: {
      fee_rate: { type: ["number", "string"] },
      change_type: { type: "string" },
      psbt: { type: "boolean" },
    },
  }),
];
const read = (entered: Record<string, string>) => paramsOf(PARAMS, { address: "a", amount: "1", ...entered });

test("what is left out in the middle is left out, since all goes by names", () => {
  expect(read({ txids: '["x"]' }).params).toEqual({ address: "a", amount: 1, txids: ["x"] });
});

test("texts may stand one on each line", () => {
  expect(read({ txids: " x\n\ny " }).params.txids).toEqual(["x", "y"]);
});

test("objects and arrays are JSON, and said to be where they are none", () => {
  expect(read({ inputs: '[{"txid":"x","vout":1}]' }).params.inputs).toEqual([{ txid: "x", vout: 1 }]);
  const { params, problems } = read({ inputs: "x:1" });
  expect(params).not.toHaveProperty("inputs");
  expect(problems.get("inputs")).toContain("inputs is JSON");
});

test("options are entered one by one, and only those that are set are given", () => {
  expect(membersOf(PARAMS[5]!).map(({ name }) => name)).toEqual([
    "options.fee_rate",
    "options.change_type",
    "options.psbt",
  ]);
  expect(read({}).params).toEqual({ address: "a", amount: 1 });
  const entered = { "options.fee_rate": "2.5", "options.change_type": "bech32m", "options.psbt": "true" };
  expect(read(entered).params.options).toEqual({ fee_rate: 2.5, change_type: "bech32m", psbt: true });
  expect([...read({ "options.psbt": "x y" }).problems.keys()]).toEqual(["options.psbt"]);
});

test("what is required and missing is named", () => {
  expect([...paramsOf(PARAMS, {}).problems.keys()]).toEqual(["address", "amount"]);
});
