import { encodeAddress } from "@bitfleet/protocol/script/address.ts";
import { expect, test } from "vitest";
import { KEY_SCRIPT, NETWORK } from "../../chain/test-kit.ts";
import { scriptKeyOf } from "../../indexes/address-effects.ts";
import { spendingChain } from "../test-kit.ts";
import { addressSeries } from "./address-series.ts";
import { openRestTestNode } from "./rest-test-kit.ts";

const ADDRESS = encodeAddress(KEY_SCRIPT, NETWORK.addressPrefixes)!;
const NOBODY = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";

test("a balance over time ends in what there is, and goes on from block to block", async () => {
  const tips = spendingChain();
  await using rest = await openRestTestNode({ tips });
  const url = (address: string) => `/api/v1/addresses/${address}/series`;
  const series = await rest.data("addressSeries", url(ADDRESS));
  const { confirmed, transaction_count } = await rest.data("addressBalance", `/api/v1/addresses/${ADDRESS}/balance`);
  expect(series).toMatchObject({ is_whole: true, balance_before: 0, block_height: 120 });
  expect(series.heights).toEqual(Array.from({ length: 120 }, (_, index) => index + 1));
  expect(series.times).toEqual(tips.map(({ block }) => block.header.time));
  expect(series.balances.at(-1)).toBe(confirmed);
  expect(series.transaction_counts.reduce((sum, count) => sum + count, 0)).toBe(transaction_count);
  let balance = 0;
  for (const [at, now] of series.balances.entries()) {
    balance += series.received[at]! - series.sent[at]!;
    expect(now).toBe(balance);
  }
  expect(await rest.data("addressSeries", url(NOBODY))).toMatchObject({ is_whole: true, heights: [], balances: [] });
  const part = addressSeries(ADDRESS, await rest.state.node!.addresses!.past(scriptKeyOf(KEY_SCRIPT), 10));
  expect(part.is_whole).toBe(false);
  const from = series.heights.indexOf(part.heights[1]!);
  expect(part.balances.slice(1)).toEqual(series.balances.slice(from));
  expect(part.balances.at(-1)).toBe(confirmed);
});
