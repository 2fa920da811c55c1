import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type JsonObject, parseJson } from "@bitfleet/api/json.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rewardOf, spend } from "../../chain/test-kit.ts";
import { systemRandom } from "../../clock.ts";
import { Generator } from "../../mining/generate.ts";
import { TestClock } from "../../p2p/test-kit.ts";
import { openTestNode, spendingChain, type TestNode } from "../test-kit.ts";
import { blockTemplateHandlers } from "./rpc-block-template.ts";

const ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
const SEGWIT = { rules: ["segwit"] };
const folder = mkdtempSync(join(tmpdir(), "bitfleet-test-"));
const tips = spendingChain();
let node: TestNode;

beforeAll(async () => {
  node = await openTestNode(folder, tips);
});
afterAll(async () => {
  await node.close();
  rmSync(folder, { recursive: true, force: true });
});

const template = (request: unknown) => node.call("getblocktemplate", [request]);
const propose = async (data: unknown) => template({ mode: "proposal", data });

describe("getblocktemplate", () => {
  test("the next block, as BIP22 describes it", async () => {
    const { result, error } = await template(SEGWIT);
    expect(error).toBeNull();
    const { hash } = (await node.call("getblockheader", [(await node.call("getbestblockhash")).result])).result;
    expect(result).toMatchObject({
      capabilities: ["proposal"],
      rules: expect.arrayContaining(["csv", "!segwit", "taproot"]),
      vbrequired: 0,
      previousblockhash: hash,
      transactions: [],
      coinbasevalue: 5_000_000_000,
      longpollid: `${hash}0`,
      target: `7fffff${"0".repeat(58)}`,
      mutable: ["time", "transactions", "prevblock"],
      noncerange: "00000000ffffffff",
      sigoplimit: 80_000,
      sizelimit: 4_000_000,
      weightlimit: 4_000_000,
      bits: "207fffff",
      height: 121,
      // Of a block whose only transaction is the coinbase: the hash of two times 32 zero bytes (BIP141).
      default_witness_commitment: "6a24aa21a9ede2f61c3f71d1defd3fa999dfa36953755c690689799962b48bebd836974e8cf9",
    });
    expect(result.curtime).toBeGreaterThanOrEqual(result.mintime);
  });

  test("requests that say no mode or too few rules", async () => {
    const errorOf = async (request: unknown) => (await template(request)).error;
    expect(await errorOf({})).toEqual({
      code: -8,
      message: 'getblocktemplate must be called with the segwit rule set (call with {"rules": ["segwit"]})',
    });
    expect(await errorOf({ mode: "x", ...SEGWIT })).toEqual({ code: -8, message: "Invalid mode" });
    expect(await errorOf({ mode: 1, ...SEGWIT })).toEqual({ code: -8, message: "Invalid mode" });
    expect(await errorOf({ longpollid: "00", ...SEGWIT })).toMatchObject({ code: -8 });
    expect(await errorOf({ rules: ["segwit", 1] })).toEqual({
      code: -3,
      message: "JSON value of type number is not of expected type string",
    });
    expect((await errorOf("segwit"))?.message).toContain("JSON value of type string is not of expected type object");
    expect((await errorOf(null))?.message).toContain("JSON value of type null is not of expected type object");
  });

  test("proposals: accepted, refused, known, and no block at all", async () => {
    const { hex } = (await node.call("generateblock", [ADDRESS, [], false])).result;
    expect(await propose(hex)).toMatchObject({ result: null, error: null });
    // The merkle root is at bytes 36 to 67.
    const spoiled = `${hex.slice(0, 72)}${hex.slice(72, 74) === "00" ? "01" : "00"}${hex.slice(74)}`;
    expect((await propose(spoiled)).result).toBe("bad-txnmrklroot");
    const tip = (await node.call("getbestblockhash")).result;
    expect((await propose((await node.call("getblock", [tip, 0])).result)).result).toBe("duplicate");
    expect((await propose("00")).error).toEqual({ code: -22, message: "Block decode failed" });
    expect((await propose(undefined)).error).toEqual({ code: -3, message: "Missing data String key for proposal" });
    expect((await node.call("getblockcount")).result).toBe(120);
  });

  test("a long poll looks at the mempool after a minute, then every ten seconds", async () => {
    const clock = new TestClock();
    const { chain, mempool, p2p } = node;
    const signal = new AbortController().signal;
    const generator = new Generator({}, { chain, mempool, clock, random: systemRandom, signal });
    const { getblocktemplate } = blockTemplateHandlers({ chain, mempool, p2p, clock, generator });
    const { longpollid } = (await template(SEGWIT)).result;
    const request = parseJson(JSON.stringify({ longpollid, ...SEGWIT })) as JsonObject;
    const context = { wallet: undefined, positional: [], signal, activeCalls: () => [] };
    let isAnswered = false;
    const waiting = getblocktemplate({ template_request: request }, context).then(() => {
      isAnswered = true;
    });
    const passes = async (ms: number) => {
      clock.advance(ms);
      await new Promise((resolve) => setImmediate(resolve));
      return isAnswered;
    };
    expect(await passes(60_000)).toBe(false);
    const tx = spend([rewardOf(tips[20]!)]);
    mempool.prioritise(tx.txid, 1n);
    expect(await passes(10_000), "a fee of what does not wait is no change").toBe(false);
    expect((await mempool.accept(tx)).kind).toBe("accepted");
    expect(await passes(9_999)).toBe(false);
    expect(await passes(1)).toBe(true);
    await waiting;
  });

  test("a long poll answers when the tip is another", async () => {
    const { longpollid } = (await template(SEGWIT)).result;
    const waiting = template({ longpollid, ...SEGWIT });
    await node.call("generatetoaddress", [1, ADDRESS]);
    expect((await waiting).result.height).toBe(122);
  });
});
