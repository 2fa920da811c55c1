import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { KEY_SCRIPT, rewardOf, spend } from "../../chain/test-kit.ts";
import { spendingChain } from "../test-kit.ts";
import { openRestTestNode, type RestTestNode } from "./rest-test-kit.ts";

const tips = spendingChain();
const waiting = spend([rewardOf(tips[0]!)], { fee: 5000n });
const [coinbase, confirmed] = tips[119]!.block.transactions;

let rest: RestTestNode;
beforeAll(async () => {
  rest = await openRestTestNode({ tips });
  expect((await rest.node.mempool.accept(waiting)).kind).toBe("accepted");
}, 60_000);
afterAll(() => rest.close());

const traceOf = (txid: string, input = 0) => `/api/v1/transactions/${txid}/trace?input=${input}`;

describe("the trace of an input", () => {
  test.each([
    ["of a block", confirmed!, true, "TAPROOT", "LOW_S"],
    ["of the mempool", waiting, false, "LOW_S", undefined],
  ])("%s has the scripts, the stacks behind each step, and the rules", async (_, tx, isConfirmed, has, hasNot) => {
    const trace = await rest.data("inputTrace", traceOf(displayHash(tx.txid)));
    expect(trace).toMatchObject({ is_confirmed: isConfirmed, is_valid: true, error: null, is_cut: false, input: 0 });
    expect(trace.prevout.script.hex).toBe(toHex(KEY_SCRIPT));
    expect(trace.flags).toContain(has);
    expect(trace.flags).not.toContain(hasNot);
    expect(trace.phases.map(({ name, step_count }) => [name, step_count])).toEqual([
      ["scriptSig", 0],
      ["scriptPubKey", 2],
      ["witnessScript", 5],
    ]);
    const items = (stack: readonly number[]) => stack.map((index) => trace.items[index]);
    const witness = tx.inputs[0]!.witness.map(toHex);
    expect(items(trace.phases[2]!.stack)).toEqual(witness);
    const steps = trace.steps.filter(({ phase }) => phase === 2);
    expect(steps.map(({ name, data_size }) => [name, data_size])).toEqual([
      ["OP_DUP", 0],
      ["OP_HASH160", 0],
      ["OP_UNKNOWN", 20],
      ["OP_EQUALVERIFY", 0],
      ["OP_CHECKSIG", 0],
    ]);
    expect(steps.map(({ offset, size }) => [offset, size])).toEqual([
      [0, 1],
      [1, 1],
      [2, 21],
      [23, 1],
      [24, 1],
    ]);
    expect(items(steps[0]!.stack)).toEqual([...witness, witness[1]]);
    expect(items(steps[4]!.stack)).toEqual(["01"]);
  });

  test("there is none where nothing is spent, or nothing known", async () => {
    expect(await rest.refusal(traceOf(displayHash(coinbase!.txid)))).toEqual([
      400,
      "This is a coinbase: it spends nothing, and no script runs for it.",
    ]);
    const [status, error] = await rest.refusal(traceOf(displayHash(waiting.txid), 1));
    expect([status, error]).toEqual([404, `Transaction ${displayHash(waiting.txid)} has 1 inputs, counted from 0.`]);
    expect((await rest.refusal(traceOf("11".repeat(32))))[0]).toBe(404);
    expect((await rest.refusal(`/api/v1/transactions/${displayHash(waiting.txid)}/trace`))[0]).toBe(400);
  });
});
