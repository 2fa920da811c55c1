import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RpcValue } from "@bitfleet/api/json.ts";
import { writeJson } from "@bitfleet/api/json.ts";
import type { Txid } from "@bitfleet/protocol/primitives/types.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MemoryLog } from "../../chain/test-kit.ts";
import { FeeEstimator } from "../../mempool/fee-estimator.ts";
import { openTestNode, type TestNode } from "../test-kit.ts";
import type { RpcCallContext } from "./rpc-dependencies.ts";
import { feeHandlers } from "./rpc-fees.ts";

describe("called over a chain without transactions", () => {
  let folder: string;
  let node: TestNode;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "bitfleet-rpc-fees-"));
    node = await openTestNode(folder);
  });
  afterAll(async () => {
    await node.close();
    await rm(folder, { recursive: true });
  });

  test.each([
    ["estimatesmartfee", []],
    ["estimatesmartfee", [1, "economical", 1]],
    ["estimaterawfee", []],
    ["estimaterawfee", [1, 1, 1]],
  ])("%s %j is answered with the help", async (method, params) => {
    const { error } = await node.call(method, params);
    expect(error?.code).toBe(-1);
    expect(error?.message).toContain(`${method} conf_target (`);
  });

  test.each([
    ["estimatesmartfee", ["6"], "Position 1 (conf_target)", "string is not of expected type number"],
    ["estimatesmartfee", [6, 1], "Position 2 (estimate_mode)", "number is not of expected type string"],
    ["estimaterawfee", ["6"], "Position 1 (conf_target)", "string is not of expected type number"],
    ["estimaterawfee", [6, "x"], "Position 2 (threshold)", "string is not of expected type number"],
  ])("%s %j is of a wrong type", async (method, params, position, type) => {
    const { error } = await node.call(method, params);
    expect(error).toEqual({
      code: -3,
      message: `Wrong type passed:\n{\n    "${position}": "JSON value of type ${type}"\n}`,
    });
  });

  const targetRange = { code: -8, message: "Invalid conf_target, must be between 1 and 1008" };
  test.each([
    ["estimatesmartfee", [0], targetRange],
    ["estimatesmartfee", [1009], targetRange],
    ["estimatesmartfee", [1.5], { code: -1, message: "JSON integer out of range" }],
    ["estimaterawfee", [-1], targetRange],
    ["estimaterawfee", [1009], targetRange],
    ["estimaterawfee", [1, -0.01], { code: -8, message: "Invalid threshold" }],
    ["estimaterawfee", [1, 1.01], { code: -8, message: "Invalid threshold" }],
    [
      "estimatesmartfee",
      [1, "foo"],
      {
        code: -8,
        message: 'Invalid estimate_mode parameter, must be one of: "unset", "economical", "conservative"',
      },
    ],
  ])("%s %j is refused", async (method, params, expected) => {
    expect((await node.call(method, params)).error).toEqual(expected);
  });

  test.each([[[1]], [[1008]], [[2, "ECONOMICAL"]], [[2, "Unset"]], [[2, "conservative"]], [[2, null]]])(
    "estimatesmartfee %j has too little to tell",
    async (params) => {
      expect(await node.resultText("estimatesmartfee", params)).toBe(
        '{"errors":["Insufficient data or no feerate found"],"blocks":0}',
      );
    },
  );

  test("estimaterawfee answers for the horizons that reach the target, each with what failed", async () => {
    const failed = (decay: number, scale: number) =>
      `{"decay":${decay},"scale":${scale},"fail":{"startrange":0,"endrange":1e+99,"withintarget":0,"totalconfirmed":0,` +
      '"inmempool":0,"leftmempool":0},"errors":["Insufficient data or no feerate found which meets threshold"]}';
    const long = `"long":${failed(0.99931, 24)}`;
    const medium = `"medium":${failed(0.9952, 2)}`;
    const short = `"short":${failed(0.962, 1)}`;
    expect(await node.resultText("estimaterawfee", [12, 0])).toBe(`{${short},${medium},${long}}`);
    expect(await node.resultText("estimaterawfee", [13, null])).toBe(`{${medium},${long}}`);
    expect(await node.resultText("estimaterawfee", [48, 1])).toBe(`{${medium},${long}}`);
    expect(await node.resultText("estimaterawfee", [49])).toBe(`{${long}}`);
  });
});

describe("over what an estimator knows", () => {
  const call = (
    method: "estimatesmartfee" | "estimaterawfee",
    params: Record<string, unknown>,
    fields: { readonly estimator?: FeeEstimator | undefined; readonly least?: bigint; readonly fallback?: bigint },
  ) => {
    const { estimator, least = 100n, fallback = 0n } = fields;
    const fees = { estimator, mempool: { minFeerateSatPerKvb: least }, fallbackFeerateSatPerKvb: fallback };
    const handler = feeHandlers({ fees })[method] as (given: object, context: RpcCallContext) => RpcValue;
    return writeJson(handler({ estimate_mode: "economical", ...params }, {} as RpcCallContext));
  };

  /** Thirty transactions of 5000 satoshis a thousand vbytes in each of ten blocks. */
  function busy(): FeeEstimator {
    const estimator = new FeeEstimator(new MemoryLog());
    for (let height = 0; height < 10; height++) {
      const waiting = Array.from({ length: 30 }, (_, index) => ({
        txid: new Uint8Array(32)
          .fill(height * 30 + index, 0, 1)
          .fill(height, 1, 2)
          .fill(index, 2, 3) as Txid,
        height,
        feerateSatPerKvb: 5000n,
      }));
      for (const transaction of waiting) estimator.transactionAdded({ ...transaction, isTelling: true });
      estimator.blockConnected(height + 1, waiting);
    }
    return estimator;
  }

  test("a smart estimate is in coins, and never below what the mempool takes", () => {
    const estimator = busy();
    expect(call("estimatesmartfee", { conf_target: 6 }, { estimator })).toBe('{"feerate":0.00005000,"blocks":4}');
    expect(call("estimatesmartfee", { conf_target: 6 }, { estimator, least: 5001n })).toBe(
      '{"feerate":0.00005001,"blocks":4}',
    );
  });

  test("the fallback is never an answer", () => {
    const estimator = new FeeEstimator(new MemoryLog());
    expect(call("estimatesmartfee", { conf_target: 6 }, { estimator, fallback: 1000n })).toBe(
      '{"errors":["Insufficient data or no feerate found"],"blocks":0}',
    );
  });

  test("a raw estimate shows counts in hundredths", () => {
    const { short } = JSON.parse(call("estimaterawfee", { conf_target: 1, threshold: 0.9 }, { estimator: busy() }));
    const sum = Array.from({ length: 10 }, (_, age) => 30 * 0.962 ** age).reduce((total, count) => total + count);
    expect(short).toEqual({
      feerate: 0.00005,
      decay: 0.962,
      scale: 1,
      pass: {
        startrange: 4956,
        endrange: 1e99,
        withintarget: Math.round(sum * 100) / 100,
        totalconfirmed: Math.round(sum * 100) / 100,
        inmempool: 0,
        leftmempool: 0,
      },
      fail: { startrange: 0, endrange: 4956, withintarget: 0, totalconfirmed: 0, inmempool: 0, leftmempool: 0 },
    });
  });

  test.each(["estimatesmartfee", "estimaterawfee"] as const)("%s is refused where fees are not estimated", (method) => {
    const refused = () => call(method, { conf_target: 6 }, { estimator: undefined, fallback: 1000n });
    expect(refused).toThrow(expect.objectContaining({ code: -32603, message: "Fee estimation disabled" }));
  });
});
