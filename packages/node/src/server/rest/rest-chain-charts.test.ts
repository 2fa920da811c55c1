import { SERIES_BLOCKS_MAX } from "@bitfleet/api/rest/chain-charts.ts";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { encodeBlockHeader } from "@bitfleet/protocol/primitives/block.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { GENESIS, mineMany, submitAll } from "../../chain/test-kit.ts";
import { spendingChain } from "../test-kit.ts";
import { openRestTestNode, type RestTestNode } from "./rest-test-kit.ts";

const tips = spendingChain();
const BLOCKS = "/api/v1/blockchain/blocks";
const SERIES = "/api/v1/blockchain/series";
const hashAt = (height: number) => displayHash(tips[height - 1]!.block.hash);
const timeAt = (height: number) => tips[height - 1]!.block.header.time;

let rest: RestTestNode;
beforeAll(async () => {
  rest = await openRestTestNode({ tips, hasIndexes: false });
}, 60_000);
afterAll(() => rest.close());

describe("the overview of a block", () => {
  const overview = (block: string | number) => rest.data("blockOverview", `${BLOCKS}/${block}/summary`);

  test("has each transaction's weight and fee in the order of the block", async () => {
    const { block } = tips[119]!;
    const { transactions, ...rest } = await overview(120);
    expect(rest).toMatchObject({ hash: hashAt(120), height: 120, is_active: true, siblings: [] });
    expect(rest.header_hex).toBe(toHex(encodeBlockHeader(block.header)));
    expect(transactions.txids).toEqual(block.transactions.map(({ txid }) => displayHash(txid)));
    expect(transactions.weights).toEqual(block.transactions.map(({ weight }) => weight));
    const { fees, feerates_sat_per_kvb: feerates } = transactions;
    expect(fees).toHaveLength(block.transactions.length);
    expect([fees![0], feerates![0]]).toEqual([0, 0]);
    for (const [index, { virtualSize }] of block.transactions.entries())
      expect(feerates![index]).toBe(Math.floor((fees![index]! * 1000) / virtualSize));
  });

  test.each([0, 1, 106, 113, 120])("counts block %i as getblockstats does", async (height) => {
    const { statistics, transactions } = await overview(height);
    const { result } = await rest.node.call("getblockstats", [height]);
    const stats = result as Record<string, number>;
    expect(statistics).toMatchObject({
      total_fee: stats.totalfee,
      subsidy: stats.subsidy,
      total_output: stats.total_out,
      min_fee: stats.minfee,
      median_fee: stats.medianfee,
      max_fee: stats.maxfee,
      input_count: stats.ins,
      output_count: stats.outs,
      segwit_count: stats.swtxs,
      segwit_size_bytes: stats.swtotal_size,
      segwit_weight: stats.swtotal_weight,
      total_weight: stats.total_weight,
      utxo_increase: stats.utxo_increase_actual,
      utxo_size_increase_bytes: stats.utxo_size_inc_actual,
    });
    // Core cuts off satoshis a vbyte, of the weight exactly; ours are of whole vbytes.
    const spread = statistics!.feerate_sat_per_kvb;
    expect(Math.abs(spread.min / 1000 - stats.minfeerate!)).toBeLessThan(1.01);
    expect(Math.abs(spread.max / 1000 - stats.maxfeerate!)).toBeLessThan(1.01);
    const feerates = transactions.feerates_sat_per_kvb!.slice(1);
    if (feerates.length > 0) expect([spread.min, spread.max]).toEqual([Math.min(...feerates), Math.max(...feerates)]);
    const { min, percentile_10, percentile_25, median, percentile_75, percentile_90, max } = spread;
    const ascending = [min, percentile_10, percentile_25, median, percentile_75, percentile_90, max];
    expect(ascending).toEqual([...ascending].sort((a, b) => a - b));
  });

  test("says what is not there in the node's words", async () => {
    expect(await rest.refusal(`${BLOCKS}/121/summary`)).toEqual([404, "There is no block at height 121."]);
    expect((await rest.refusal(`${BLOCKS}/x/summary`))[0]).toBe(400);
  });
});

test("a stale block is beside the one that took its place, and the other way round", async () => {
  await using own = await openRestTestNode({ hasIndexes: false });
  const stale = mineMany(GENESIS, 2, { salt: 1 });
  const active = mineMany(GENESIS, 3, { salt: 2 });
  await submitAll(own.node.chain, [...stale, ...active]);
  const [old, present] = [displayHash(stale[1]!.block.hash), displayHash(active[1]!.block.hash)];
  const of = (hash: string) => own.data("blockOverview", `${BLOCKS}/${hash}/summary`);
  const { is_active, siblings, statistics } = await of(present);
  expect([is_active, statistics?.total_fee]).toEqual([true, 0]);
  expect(siblings).toEqual([
    {
      hash: old,
      timestamp: stale[1]!.block.header.time,
      seen: expect.any(Number),
      transaction_count: 1,
      status: "valid-fork",
    },
  ]);
  const other = await of(old);
  expect([other.is_active, other.seen]).toEqual([false, siblings[0]!.seen]);
  expect(other.siblings.map(({ hash, status }) => [hash, status])).toEqual([[present, "active"]]);
});

test("of a block that was never connected the fees are not known", async () => {
  await using own = await openRestTestNode({ tips: tips.slice(0, 3), hasIndexes: false });
  const branch = mineMany(tips[0]!, 1, { salt: 5 });
  await submitAll(own.node.chain, branch);
  const hash = displayHash(branch[0]!.block.hash);
  const { transactions, statistics, seen } = await own.data("blockOverview", `${BLOCKS}/${hash}/summary`);
  expect(transactions).toMatchObject({ fees: null, feerates_sat_per_kvb: null, weights: [expect.any(Number)] });
  expect([statistics, seen]).toEqual([null, null]);
});

describe("the block of a time", () => {
  const at = async (time: number) => (await rest.data("blockAtTime", `${BLOCKS}/at?time=${time}`)).height;

  test("is the last up to which none says a later one", async () => {
    expect(await at(timeAt(120))).toBe(120);
    expect(await at(0xffff_ffff)).toBe(120);
    const earlier = timeAt(60) - 1;
    const last = tips.findIndex(({ block }) => block.header.time > earlier);
    expect(await at(earlier)).toBe(last);
    expect(await at(GENESIS.block.header.time)).toBe(0);
  });

  test("is none before the first", async () => {
    const [status, error] = await rest.refusal(`${BLOCKS}/at?time=${GENESIS.block.header.time - 1}`);
    expect([status, error]).toEqual([404, "There is no block so early: the first says a later time."]);
    for (const query of ["", "?time=-1", "?time=4294967296", "?time=now"])
      expect((await rest.refusal(`${BLOCKS}/at${query}`))[0], query).toBe(400);
  });
});

describe("series", () => {
  test("of the last blocks have one place for each", async () => {
    const series = await rest.data("chainSeries", `${SERIES}?last=4`);
    expect(series.heights).toEqual([117, 118, 119, 120]);
    expect(series.times).toEqual([117, 118, 119, 120].map(timeAt));
    expect(series.time_before).toBe(timeAt(116));
    for (const [at, height] of series.heights.entries()) {
      const { block } = tips[height - 1]!;
      const { statistics } = await rest.data("blockOverview", `${BLOCKS}/${height}/summary`);
      expect([series.sizes_bytes[at], series.weights[at]]).toEqual([block.size, block.weight]);
      expect(series.transaction_counts[at]).toBe(block.transactions.length);
      const claimed = block.transactions[0]!.outputs.reduce((sum, { value }) => sum + Number(value), 0);
      expect(series.fees[at]).toBe(Math.max(0, claimed - statistics!.subsidy));
    }
    const { networkhashps } = await rest.data("miningInfo", "/api/v1/mining/info");
    expect(series.hash_rates.at(-1)).toBe(networkhashps);
  });

  test("of heights, to the tip where no end is said or it is beyond", async () => {
    const heights = async (query: string) => (await rest.data("chainSeries", `${SERIES}?${query}`)).heights;
    expect(await heights("from=0&to=2")).toEqual([0, 1, 2]);
    expect(await heights("from=119")).toEqual([119, 120]);
    expect(await heights("from=119&to=500")).toEqual([119, 120]);
    expect(await heights("to=3")).toEqual([0, 1, 2, 3]);
    expect(await heights("")).toHaveLength(121);
    expect((await rest.data("chainSeries", `${SERIES}?from=0&to=0`)).time_before).toBe(null);
  });

  test("that make no sense, or are too long, are refused", async () => {
    const refusal = (query: string) => rest.refusal(`${SERIES}?${query}`);
    expect(await refusal("last=1&from=0")).toEqual([400, "Say either last, or from and to."]);
    expect(await refusal("from=3&to=2")).toEqual([400, "from must not be above to."]);
    expect(await refusal("from=121")).toEqual([404, "There is no block at height 121."]);
    expect((await refusal(`last=${SERIES_BLOCKS_MAX + 1}`))[0]).toBe(400);
  });
});
