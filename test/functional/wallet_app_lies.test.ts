import { expect, test } from "vitest";
import type { BitfleetNetwork } from "../../packages/node/src/network/network-api.ts";
import { startNetwork } from "../../packages/node/src/network/start-network.ts";
import type { ProofStanding } from "../../packages/wallet/src/self-custody/confirmation-proofs.ts";
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

/** What is answered in place of a node's own data; `undefined` leaves it to that. A number is a status. */
type Lie = (path: string, data: never) => unknown;
let lie: Lie | undefined;
/** Where requests go in place of the network, by their path. */
let elsewhere: ((path: string) => string) | undefined;
const asked: string[] = [];

/** Answers as the server does, but for what `lie` puts in place of its own: the data of an envelope, or all of an answer of Esplora's routes. */
const lying: typeof fetch = async (input, init) => {
  const { pathname: path, search } = new URL(String(input));
  asked.push(path + search);
  const response = await fetch(elsewhere?.(path + search) ?? input, init);
  if (lie === undefined || path.includes("/events")) return response;
  const text = await response.text();
  const answer = /^[[{]/.test(text) ? JSON.parse(text) : text;
  const isEnveloped = path.startsWith("/api/");
  const said = lie(path, (isEnveloped ? answer.data : answer) as never);
  if (typeof said === "number") return new Response("no such thing", { status: said });
  const told = said === undefined ? answer : isEnveloped ? { ...answer, data: said } : said;
  const status = said === undefined ? response.status : 200;
  const body = typeof told === "string" ? told : JSON.stringify(told);
  return new Response(body, { status, headers: response.headers });
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

/** What it shows of blocks. */

const PAID = 50_000_000n;

async function wallet(at = url): Promise<TestSession> {
  lie = undefined;
  return kept(await walletSession({ url: at, fetch: lying }));
}

async function pay({ account }: TestSession, mine: number): Promise<string> {
  const { address } = account().freshAddress("bech32m");
  const { txid } = await network.faucet(address, PAID, mine > 0 ? { mine } : {});
  return txid;
}

const proofIs = ({ session, account }: TestSession, txid: string, wanted: ProofStanding | undefined) =>
  until(() => {
    session.retryNow();
    expect(account().transaction(txid)?.proof).toBe(wanted);
  });

const proofRequests = () => asked.filter((path) => /merkle-proof|\/txids|\/headers?(\/|$)/.test(path));

test.each([
  ["a Bitfleet server", ""],
  ["an Esplora server", "/esplora"],
])("a payment is proved by its block and those upon it, by %s, once", async (_what, path) => {
  const alice = await wallet(url + path);
  const txid = await pay(alice, 0);
  await proofIs(alice, txid, undefined);
  await network.mine(2);
  await proofIs(alice, txid, "linked");
  expect(alice.account().balance).toMatchObject({ spendable: PAID, pending: 0n });
  asked.length = 0;
  const again = await reopened(alice);
  // Known at once, before any server answers, and not asked for again.
  expect(again.account().transaction(txid)!.proof).toBe("linked");
  const next = await pay(again, 1);
  await proofIs(again, next, "linked");
  expect(proofRequests().filter((one) => one.includes(txid))).toEqual([]);
  expect(proofRequests().filter((one) => one.includes(next))).toHaveLength(1);
});

test("a confirmation that is made up is not believed: it counts as what waits, and no payment is made of it", async () => {
  const alice = await wallet();
  const txid = await pay(alice, 0);
  const miner = network.node("miner-0");
  const best = await miner.rpc<string>("getbestblockhash");
  const tip = await miner.rpc<{ hash: string; height: number; time: number }>("getblockheader", best);
  lie = (path, data: { items: Record<string, unknown>[] }) => {
    if (path !== "/api/v1/watch/history") return undefined;
    const place = { block_hash: tip.hash, block_height: tip.height, index: 1, time: tip.time };
    return { ...data, items: data.items.map((item) => (item.txid === txid ? { ...item, ...place } : item)) };
  };
  await proofIs(alice, txid, "broken");
  expect(alice.account().transaction(txid)).toMatchObject({ standing: "doubted", confirmations: 0, height: undefined });
  expect(alice.account().balance).toMatchObject({ spendable: 0n, pending: PAID, total: PAID });
  expect(alice.account().coins()).toMatchObject([{ obstacle: "its block is not believed" }]);
  const { address } = alice.account().freshAddress("bech32");
  const request = { recipients: [{ address, amount: 1_000_000n, label: "" }], feerateSatPerKvb: 2_000n };
  expect(await alice.account().preparePayment(request)).toHaveProperty("error");
  // Remembered, also without the server; and forgotten when the block is there.
  const again = await reopened(alice);
  expect(again.account().transaction(txid)).toMatchObject({ standing: "doubted", proof: "broken" });
  expect(again.account().balance.spendable).toBe(0n);
  lie = undefined;
  await network.mine(1);
  await proofIs(again, txid, "linked");
  expect(again.account().transaction(txid)!.standing).toBe("confirmed");
  expect(again.account().balance).toMatchObject({ spendable: PAID, pending: 0n });
  expect(await again.account().preparePayment(request)).not.toHaveProperty("error");
});

const swapped = (hash: string) => hash.replace(/^../, (two) => (two === "00" ? "11" : "00"));
const onProof =
  (change: (proof: { merkle: string[]; pos: number }) => object | number): Lie =>
  (path, proof: { merkle: string[]; pos: number }) =>
    path.endsWith("/merkle-proof") ? change(proof) : undefined;
const withoutTxids =
  (first: Lie): Lie =>
  (path, answer: never) =>
    path.endsWith("/txids") ? 404 : first(path, answer);

test.each<readonly [string, ProofStanding, Lie]>([
  ["nothing", "unprovable", withoutTxids(onProof(() => 404))],
  ["no header", "unprovable", (path) => (path.includes("/header") ? 404 : undefined)],
  ["no branch, but all of the block's txids", "linked", onProof(() => 404)],
  [
    "a wrong branch, but the right txids",
    "linked",
    onProof(({ merkle, pos }) => ({ merkle: merkle.map(swapped), pos })),
  ],
  ["a wrong branch", "broken", withoutTxids(onProof(({ merkle, pos }) => ({ merkle: merkle.map(swapped), pos })))],
  ["a wrong place", "broken", withoutTxids(onProof(({ merkle, pos }) => ({ merkle, pos: pos ^ 1 })))],
  [
    "headers that cannot be asked for one upon the other",
    "alone",
    (path) => (path.includes("/headers/") ? 404 : undefined),
  ],
  [
    "headers in a row that do not link, but each by its hash",
    "linked",
    (path, headers: { hex: string }[]) =>
      path.includes("/headers/")
        ? headers.map((header) => ({ ...header, hex: header.hex.replace(/..$/, "ff") }))
        : undefined,
  ],
])("a server that shows %s leaves a payment %s", async (_what, standing, said) => {
  const alice = await wallet();
  lie = said;
  const txid = await pay(alice, 2);
  await proofIs(alice, txid, standing);
  const isBelieved = standing !== "broken";
  expect(alice.account().balance).toMatchObject(
    isBelieved ? { spendable: PAID, pending: 0n } : { spendable: 0n, pending: PAID },
  );
  // At another server, here the same one that has become honest, it is asked for anew.
  lie = undefined;
  const again = await reopened(alice);
  await proofIs(again, txid, "linked");
  expect(again.account().balance).toMatchObject({ spendable: PAID, pending: 0n });
});

test("a reorganisation throws away what was proved: in its new block the payment is proved anew", async () => {
  const alice = await wallet();
  const txid = await pay(alice, 1);
  await proofIs(alice, txid, "linked");
  const { blockHash: before } = alice.account().transaction(txid)!;
  await network.reorg(1);
  await until(() => {
    alice.session.retryNow();
    expect(alice.account().transaction(txid)!.blockHash).not.toBe(before);
  });
  if (alice.account().transaction(txid)!.blockHash === undefined) await network.mine(1);
  await proofIs(alice, txid, "linked");
  expect(alice.account().transaction(txid)!.blockHash).not.toBe(before);
});
