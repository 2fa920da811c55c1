import { expect, test } from "vitest";
import type { BitfleetNetwork } from "../../packages/node/src/network/network-api.ts";
import { startNetwork } from "../../packages/node/src/network/start-network.ts";
import {
  isLive,
  PASSPHRASE,
  standing,
  type TestSession,
  testSession,
  until,
  walletNetwork,
  walletSession,
} from "./wallet-app-kit.ts";

/** A server that says what cannot be: the wallet takes nothing of it, opens again, and goes on when it is told the truth. */

let network: BitfleetNetwork;
let url: string;
const { kept } = walletNetwork((started) => {
  ({ network, url } = started);
});

type Lie = (path: string, data: never) => unknown;
let lie: Lie | undefined;
/** Where requests go in place of the network, by their path. */
let elsewhere: ((path: string) => string) | undefined;

/** Answers as the server does, but for the data that `lie` puts in place of its own. */
const lying: typeof fetch = async (input, init) => {
  const { pathname: path, search } = new URL(String(input));
  const response = await fetch(elsewhere?.(path + search) ?? input, init);
  if (lie === undefined || path.includes("/events")) return response;
  const answer = JSON.parse(await response.text());
  const data = lie(path, answer.data as never);
  const said = data === undefined ? answer : { ...answer, data };
  return new Response(JSON.stringify(said), { status: response.status, headers: response.headers });
};

async function funded(): Promise<TestSession> {
  lie = undefined;
  const alice = kept(await walletSession({ url, fetch: lying }));
  const { txid } = await network.faucet(alice.account().freshAddress("bech32m").address, 50_000_000n, { mine: 1 });
  await standing(alice, txid, "confirmed");
  return alice;
}

/** The same vault, opened anew. */
async function reopened(alice: TestSession): Promise<TestSession> {
  alice.session.lock();
  const again = kept(testSession({ place: alice.place, fetch: lying }));
  await again.session.unlock(PASSPHRASE);
  return again;
}

const onTip =
  (change: object): Lie =>
  (path, data: object) =>
    path === "/api/v1/blockchain" ? { ...data, ...change } : undefined;
const onItems =
  (change: (item: Record<string, unknown>) => object): Lie =>
  (path, data: { items: Record<string, unknown>[] }) =>
    path === "/api/v1/watch/history"
      ? { ...data, items: data.items.map((item) => ({ ...item, ...change(item) })) }
      : undefined;

test.each([
  ["a height that is text", onTip({ height: "12" })],
  ["half a block", onTip({ height: 200.5 })],
  ["a height below nothing", onTip({ height: -5 })],
  ["no height", onTip({ height: null })],
  ["a height beyond all numbers", onTip({ height: 1e300 })],
  ["a hash that is a number", onTip({ last_block_hash: 7 })],
  ["transactions in half a block", onItems(() => ({ block_height: 101.5 }))],
  ["transactions in a block that is text", onItems(() => ({ block_height: "102" }))],
  ["a time that is text", onItems(() => ({ time: "yesterday" }))],
  ["a place that is text", onItems(() => ({ index: "1" }))],
  ["a fee below nothing", onItems(() => ({ fee: -1_000_000_000_000 }))],
  ["a fee that is text", onItems(() => ({ fee: "many" }))],
  [
    "a list that is none",
    ((path: string) => (path === "/api/v1/watch/history" ? { items: 5, next_cursor: null } : undefined)) as Lie,
  ],
  ["nothing", ((path: string) => (path === "/api/v1/watch/history" ? null : undefined)) as Lie],
])("%s is not believed", async (_what, said) => {
  const alice = await funded();
  const before = alice.account().balance;
  lie = said;
  await network.mine(1);
  await until(() => {
    alice.session.retryNow();
    expect(alice.open().connection).toMatchObject({
      kind: "offline",
      problem: expect.not.stringMatching(/in this program/),
    });
  });
  expect(alice.account().balance).toEqual(before);
  const again = await reopened(alice);
  expect(again.account().balance).toEqual(before);
  lie = undefined;
  again.session.retryNow();
  await isLive(again);
  expect(again.account().balance).toEqual(before);
});

test("what answers may begin another chain while it is followed: nothing is taken from that, and nothing sent to it", async () => {
  const alice = await funded();
  const before = { balance: alice.account().balance, history: alice.account().history() };
  const next = await startNetwork();
  try {
    await next.mine(150);
    const asked: string[] = [];
    const other = next.nodes[0]!.webUrl!;
    elsewhere = (path) => {
      asked.push(path);
      return other + path;
    };
    await until(() => {
      alice.session.retryNow();
      expect(alice.open().connection).toMatchObject({ kind: "refused", reason: "other-chain" });
    });
    expect(alice.account().balance).toEqual(before.balance);
    expect(alice.account().history()).toEqual(before.history);
    expect(asked.filter((path) => path.includes("broadcast"))).toEqual([]);
    elsewhere = undefined;
    alice.session.retryNow();
    await isLive(alice);
    expect(alice.account().balance).toEqual(before.balance);
  } finally {
    elsewhere = undefined;
    await next.stop();
  }
});

test.each([
  ["1e9 satoshis a vbyte", 1e12],
  ["less than nothing", -5_000],
  ["half a satoshi", 0.5],
  ["words", "cheap"],
  ["no number", null],
])("feerates that are %s neither break a payment nor raise what it costs", async (_what, feerate) => {
  const alice = await funded();
  const to = await network.node("miner-0").rpc<string>("getnewaddress");
  lie = (path, data: never) => {
    if (path === "/api/v1/mempool")
      return {
        ...(data as object),
        min_feerate_sat_per_kvb: feerate,
        relay_feerate_sat_per_kvb: feerate,
        incremental_feerate_sat_per_kvb: feerate,
      };
    if (path === "/api/v1/fees/estimates") return [{ target: 2, feerate_sat_per_kvb: feerate, source: "x" }];
    return undefined;
  };
  const choices = await alice.account().feeChoices();
  for (const { feerateSatPerKvb } of [choices.slow, choices.usual, choices.fast]) {
    expect(feerateSatPerKvb).toBeGreaterThan(0n);
    expect(feerateSatPerKvb).toBeLessThanOrEqual(1_000_000_000n);
  }
  const recipients = [{ address: to, amount: 1_000_000n, label: "" }];
  const prepared = await alice.account().preparePayment({ recipients, feerateSatPerKvb: 2_000n });
  expect(prepared).not.toHaveProperty("error");
  if (!("error" in prepared)) expect(prepared.fee).toBeLessThan(1_000n);
});
