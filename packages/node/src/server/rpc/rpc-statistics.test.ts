import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Tip } from "../../chain/test-kit.ts";
import { openTestNode, spendingChain, type TestNode } from "../test-kit.ts";

/** What these calls answer digit for digit is compared with Bitcoin Core in core-oracle.test.ts; here is what they mean. */

let folder: string;
let node: TestNode;
const tips: readonly Tip[] = spendingChain();
const blockAt = (height: number) => tips[height - 1]!.block;
const hashAt = (height: number) => displayHash(blockAt(height).hash);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bitfleet-rpc-statistics-"));
  node = await openTestNode(folder, tips);
}, 60_000);

afterAll(async () => {
  await node.close();
  await rm(folder, { recursive: true, force: true });
});

const resultOf = async (method: string, params?: unknown) => {
  const { result, error } = await node.call(method, params);
  expect(error).toBeNull();
  return result;
};
const errorOf = async (method: string, params?: unknown) => (await node.call(method, params)).error;

describe("getblockstats", () => {
  test("counts everything but the coinbase, from the block and the coins it spent", async () => {
    const height = 120;
    const block = blockAt(height);
    const spending = block.transactions.slice(1);
    const described = await resultOf("getblock", [hashAt(height), 3]);
    const stats = await resultOf("getblockstats", [height]);
    const fees = described.tx.slice(1).map((tx: { fee: number }) => Math.round(tx.fee * 1e8));
    const totalFee = fees.reduce((sum: number, fee: number) => sum + fee, 0);
    expect(stats).toMatchObject({
      height,
      blockhash: hashAt(height),
      txs: block.transactions.length,
      ins: spending.reduce((sum, tx) => sum + tx.inputs.length, 0),
      outs: block.transactions.reduce((sum, tx) => sum + tx.outputs.length, 0),
      total_size: spending.reduce((sum, tx) => sum + tx.size, 0),
      total_weight: spending.reduce((sum, tx) => sum + tx.weight, 0),
      totalfee: totalFee,
      maxfee: Math.max(...fees),
      minfee: Math.min(...fees),
      subsidy: 5_000_000_000,
    });
    expect(stats.feerate_percentiles).toHaveLength(5);
    expect(Object.keys(stats)).toHaveLength(31);
  });

  test("of a block without payments is zero; genesis makes no coin", async () => {
    const empty = await resultOf("getblockstats", [1]);
    expect(empty).toMatchObject({ txs: 1, ins: 0, minfee: 0, avgfeerate: 0, mediantxsize: 0, maxtxsize: 0 });
    expect(empty.feerate_percentiles).toEqual([0, 0, 0, 0, 0]);
    expect(await resultOf("getblockstats", [0])).toMatchObject({
      utxo_increase: 1,
      utxo_size_inc: 116,
      utxo_increase_actual: 0,
      utxo_size_inc_actual: 0,
    });
  });

  test("returns what is asked for, in the order of the names", async () => {
    expect(Object.keys(await resultOf("getblockstats", [hashAt(5), ["txs", "height", "txs"]]))).toEqual([
      "height",
      "txs",
    ]);
    const unknown = await errorOf("getblockstats", [1, ["minfee", "constructor"]]);
    expect(unknown).toEqual({ code: -8, message: "Invalid selected statistic 'constructor'" });
    expect((await errorOf("getblockstats", [121]))?.message).toBe("Target block height 121 after current tip 120");
    expect((await errorOf("getblockstats", [-1]))?.message).toBe("Target block height -1 is negative");
    expect((await errorOf("getblockstats", ["11".repeat(32)]))?.code).toBe(-5);
  });
});

test("getchaintxstats", async () => {
  const all = await resultOf("getchaintxstats");
  expect(all).toMatchObject({ window_block_count: 119, window_final_block_height: 120 });
  expect(await resultOf("getchaintxstats", [0])).not.toHaveProperty("window_interval");
  const total = tips.reduce((sum, { block }) => sum + block.transactions.length, 1);
  expect(all.txcount).toBe(total);
  expect((await errorOf("getchaintxstats", [120]))?.code).toBe(-8);
});

test("getdeploymentinfo", async () => {
  const info = await resultOf("getdeploymentinfo", [hashAt(3)]);
  expect(info).toMatchObject({ height: 3, hash: hashAt(3) });
  expect(info.deployments.testdummy).toMatchObject({ type: "bip9", active: false, bip9: { status: "defined" } });
  expect(info.deployments.segwit).toEqual({ type: "buried", active: true, height: 0 });
  // The largest number of 64 bits, digit for digit.
  const text = await node.resultText("getdeploymentinfo");
  expect(text).toContain('"timeout":9223372036854775807');
});

describe("proofs", () => {
  const block = blockAt(120);
  const txids = block.transactions.map((tx) => displayHash(tx.txid));

  test("show what they were made for, and nothing else", async () => {
    const proof = await resultOf("gettxoutproof", [txids.slice(1), hashAt(120)]);
    expect(await resultOf("verifytxoutproof", [proof])).toEqual(txids.slice(1));
    const found = await resultOf("gettxoutproof", [[txids[0]]]);
    expect(await resultOf("verifytxoutproof", [found])).toEqual([txids[0]]);
  });

  test("that claim another number of transactions or another header prove nothing", async () => {
    const proof: string = await resultOf("gettxoutproof", [[txids[0]], hashAt(120)]);
    const count = proof.slice(160, 168);
    const otherCount = proof.slice(0, 160) + count.replace(/^../, "7f") + proof.slice(168);
    expect(await resultOf("verifytxoutproof", [otherCount])).toEqual([]);
    expect((await errorOf("verifytxoutproof", [`ff${proof.slice(2)}`]))?.message).toBe("Block not found in chain");
    expect((await errorOf("verifytxoutproof", [proof.slice(0, 100)]))?.code).toBe(-1);
    expect((await errorOf("verifytxoutproof", ["zz"]))?.message).toBe("proof must be hexadecimal string (not 'zz')");
  });

  test("need the block where nothing of the transaction is unspent", async () => {
    const spent = block.transactions[1]!.inputs[0]!.previousOutput.txid;
    const { message } = (await errorOf("gettxoutproof", [[displayHash(spent)]]))!;
    expect(message).toBe("Transaction not yet in block");
    expect((await errorOf("gettxoutproof", [[txids[0], txids[0]]]))?.message).toContain("duplicated txid");
    expect((await errorOf("gettxoutproof", [[]]))?.code).toBe(-8);
  });
});

describe("scantxoutset", () => {
  const script = toHex(blockAt(1).transactions[0]!.outputs[0]!.scriptPubKey);

  test("finds every coin of a script, as of the tip", async () => {
    const found = await resultOf("scantxoutset", ["start", [`raw(${script})`]]);
    const { txouts, total_amount: total } = await resultOf("gettxoutsetinfo");
    expect(found).toMatchObject({ success: true, txouts, height: 120, bestblock: hashAt(120) });
    expect(found.total_amount).toBeLessThanOrEqual(total);
    expect(found.unspents.length).toBeGreaterThan(0);
    for (const coin of found.unspents) {
      expect(await resultOf("gettxout", [coin.txid, coin.vout])).toMatchObject({
        value: coin.amount,
        coinbase: coin.coinbase,
        confirmations: coin.confirmations,
      });
    }
  });

  test("searches once at a time", async () => {
    expect(await resultOf("scantxoutset", ["status"])).toBeNull();
    expect(await resultOf("scantxoutset", ["abort"])).toBe(false);
    const first = resultOf("scantxoutset", ["start", [`raw(${script})`]]);
    expect((await errorOf("scantxoutset", ["start", []]))?.message).toContain("Scan already in progress");
    expect(await resultOf("scantxoutset", ["status"])).toEqual({ progress: 0 });
    expect(await resultOf("scantxoutset", ["abort"])).toBe(true);
    await first;
    expect(await resultOf("scantxoutset", ["status"])).toBeNull();
  });

  test("refuses what is no scan object, and can be used again after", async () => {
    expect((await errorOf("scantxoutset", ["start"]))?.code).toBe(-1);
    expect((await errorOf("scantxoutset", ["start", [{}]]))?.code).toBe(-8);
    expect((await errorOf("scantxoutset", ["start", [{ desc: 1 }]]))?.code).toBe(-3);
    expect((await errorOf("scantxoutset", ["start", ["pk(00)"]]))?.code).toBe(-5);
    expect((await errorOf("scantxoutset", ["go"]))?.message).toBe("Invalid action 'go'");
    expect((await resultOf("scantxoutset", ["start", []])).unspents).toEqual([]);
  });
});

test("calls that clients make at the start", async () => {
  expect(await resultOf("getindexinfo")).toEqual({});
  expect(await resultOf("getpeerinfo")).toEqual([]);
  expect(await resultOf("listbanned")).toEqual([]);
  expect(await resultOf("getnettotals")).toMatchObject({ totalbytesrecv: 0, totalbytessent: 0 });
  expect(await resultOf("getmemoryinfo")).toMatchObject({ locked: { used: 0 } });
  expect((await errorOf("getmemoryinfo", ["mallocinfo"]))?.message).toBe("mallocinfo mode not available");
  expect((await errorOf("getmemoryinfo", ["x"]))?.message).toBe("unknown mode x");
  expect((await resultOf("getchainstates")).chainstates).toHaveLength(1);
});
