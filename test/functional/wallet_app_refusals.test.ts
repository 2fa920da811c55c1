import { expect, test } from "vitest";
import { KeptPayment } from "../../apps/wallet/src/session/kept-payment.ts";
import type { BitfleetNetwork } from "../../packages/node/src/network/network-api.ts";
import {
  isLive,
  PASSPHRASE,
  pay,
  ready,
  standing,
  type TestSession,
  testSession,
  until,
  walletNetwork,
} from "./wallet-app-kit.ts";

/** Payments that the network does not take, or that are no longer wanted when they are confirmed: what is said, and what becomes of them. */

let network: BitfleetNetwork;
const { kept, wallet } = walletNetwork((started) => {
  ({ network } = started);
});

let isReached = true;
const send: typeof fetch = (input, init) =>
  isReached ? fetch(input, init) : Promise.resolve(new Response("", { status: 503, headers: { "retry-after": "0" } }));

async function funded(...values: readonly bigint[]): Promise<TestSession> {
  const made = await wallet({ fetch: send });
  for (const value of values) {
    const { txid } = await network.faucet(made.account().freshAddress("bech32m").address, value, { mine: 1 });
    await standing(made, txid, "confirmed");
  }
  return made;
}

const node = () => network.node("miner-0");
const elsewhere = () => node().rpc<string>("getnewaddress");
const order = (address: string, amount: bigint, feerateSatPerKvb = 2_000n) => ({
  recipients: [{ address, amount, label: "" }],
  feerateSatPerKvb,
});
const standings = ({ account }: TestSession) =>
  new Map(
    account()
      .history()
      .map(({ txid, standing: each }) => [txid, each]),
  );

test("a raised fee that the network refuses changes nothing: the payment waits as before", async () => {
  const [alice, bob] = [await funded(100_000_000n), await funded()];
  const { txid } = await pay(alice, bob.account().freshAddress("bech32m").address, { feerate: 1_000n });
  await standing(bob, txid, "pending");
  // Who is paid builds on it, and a replacement has to pay for that as well (BIP125, rule 3).
  await bob.account().confirm(ready(await bob.account().prepareChild(txid, 200_000n)));
  const { total } = alice.account().balance;
  const bump = ready(await alice.account().prepareBump(txid, 5_000n));
  await expect(alice.account().confirm(bump)).rejects.toThrow(
    /choose a higher feerate.*The payment stays as it was before/,
  );
  expect([...standings(alice)].filter(([, each]) => each === "abandoned")).toHaveLength(1);
  await until(() => expect(alice.account().balance.total).toBe(total));
  const enough = ready(await alice.account().prepareBump(txid, 400_000n));
  const raised = await alice.account().confirm(enough);
  await standing(alice, raised, "pending");
  await network.mine(1);
  await standing(alice, raised, "confirmed");
  await standing(bob, raised, "confirmed");
});

test("of two raised fees that were prepared at once the second is not sent", async () => {
  const alice = await funded(100_000_000n);
  const { txid } = await pay(alice, await elsewhere(), { feerate: 1_000n });
  const [low, high] = [
    ready(await alice.account().prepareBump(txid, 3_000n)),
    ready(await alice.account().prepareBump(txid, 9_000n)),
  ];
  const raised = await alice.account().confirm(high);
  await expect(alice.account().confirm(low)).rejects.toThrow("spent meanwhile");
  await standing(alice, raised, "pending");
  expect(standings(alice).size).toBe(3);
  await network.mine(1);
  await standing(alice, raised, "confirmed");
  expect(await alice.account().prepareBump(txid, 20_000n)).toEqual({
    error: expect.stringMatching(/replaced by another|in a block already/),
  });
});

test("a fee that is raised while nobody answers is raised later; of several the last", async () => {
  const alice = await funded(100_000_000n);
  const { txid } = await pay(alice, await elsewhere(), { feerate: 1_000n });
  const high = ready(await alice.account().prepareBump(txid, 20_000n));
  const low = ready(await alice.account().prepareBump(txid, 5_000n));
  isReached = false;
  await expect(alice.account().confirm(high)).rejects.toThrow(KeptPayment);
  const [first] = alice.account().history();
  expect(first).toMatchObject({ standing: "unsent", direction: "out" });
  await expect(alice.account().confirm(high)).rejects.toThrow("made already");
  await expect(alice.account().confirm(low)).rejects.toThrow(KeptPayment);
  expect(standings(alice).get(first!.txid)).toBe("abandoned");
  const second = alice
    .account()
    .history()
    .find(({ standing: each }) => each === "unsent")!;
  isReached = true;
  alice.session.retryNow();
  await standing(alice, second.txid, "pending");
  await standing(alice, txid, "replaced");
  await network.mine(1);
  expect(await standing(alice, second.txid, "confirmed")).toMatchObject({ fee: low.fee });
});

test("a server that answers all but payments leaves the wallet up to date, with the payment kept", async () => {
  let isOpen = false;
  const closed: typeof fetch = async (input, init) => {
    if (isOpen || !String(input).endsWith("/broadcast")) return fetch(input, init);
    return Response.json({ success: false, data: null, error: "Not with this key.", timestamp: "" }, { status: 403 });
  };
  const alice = await wallet({ fetch: closed });
  const { txid } = await network.faucet(alice.account().freshAddress("bech32m").address, 10_000_000n, { mine: 1 });
  await standing(alice, txid, "confirmed");
  const payment = ready(await alice.account().preparePayment(order(await elsewhere(), 1_000_000n)));
  await expect(alice.account().confirm(payment)).rejects.toThrow(/wants a key.*is kept/);
  const { place } = alice;
  alice.session.lock();
  const again = kept(testSession({ place, fetch: closed }));
  await again.session.unlock(PASSPHRASE);
  await isLive(again);
  const unsent = again.account().history()[0]!;
  expect(unsent).toMatchObject({ standing: "unsent", direction: "out" });
  const { txid: later } = await network.faucet(again.account().freshAddress("bech32m").address, 2_000_000n);
  await standing(again, later, "pending");
  isOpen = true;
  again.session.lock();
  const third = kept(testSession({ place }));
  await third.session.unlock(PASSPHRASE);
  await standing(third, unsent.txid, "pending");
});

test("a child for what was replaced or confirmed meanwhile is not made", async () => {
  const [alice, bob] = [await funded(100_000_000n), await funded()];
  const { address } = bob.account().freshAddress("bech32m");
  const { txid } = await pay(alice, address, { feerate: 1_000n });
  await standing(bob, txid, "pending");
  const child = ready(await bob.account().prepareChild(txid, 20_000n));
  const raised = await alice.account().confirm(ready(await alice.account().prepareBump(txid, 5_000n)));
  await standing(bob, txid, "replaced");
  await expect(bob.account().confirm(child)).rejects.toThrow("waits in no mempool any more");
  await standing(bob, raised, "pending");
  const other = ready(await bob.account().prepareChild(raised, 20_000n));
  await network.mine(1);
  await standing(bob, raised, "confirmed");
  await expect(bob.account().confirm(other)).rejects.toThrow("in a block by now");
  expect(bob.account().balance.spendable).toBe(1_000_000n);
});

test("says why no more can be made of what waits, and refuses a feerate that no server takes", async () => {
  const alice = await funded(100_000_000n);
  const to = await elsewhere();
  for (let count = 0; count < 25; count++) {
    const txid = await alice
      .account()
      .confirm(ready(await alice.account().preparePayment(order(to, 100_000n, 1_000n))));
    await standing(alice, txid, "pending");
  }
  expect(await alice.account().preparePayment(order(to, 100_000n))).toEqual({
    error: expect.stringMatching(/^Too many payments that wait hang together already/),
  });
  await network.mine(1);
  await until(() => expect([...new Set(standings(alice).values())]).toEqual(["confirmed"]));
  const most = ready(await alice.account().preparePayment(order(to, 100_000n, 9_900_000n)));
  expect(await alice.account().preparePayment(order(to, 100_000n, 10_000_000n))).toEqual({
    error: "No server takes 10000.000 sat/vB or more: choose a lower feerate.",
  });
  await standing(alice, await alice.account().confirm(most), "pending");
});

test("a PSBT that was sent before is sent again without being written anew, and one that comes too early is kept", async () => {
  const alice = await funded(100_000_000n);
  const [coin] = alice.account().coins();
  const [id, vout] = coin!.outPoint.split(":");
  const to = await elsewhere();
  const signed = async (amount: number, locktime: number) => {
    const inputs = [{ txid: id, vout: Number(vout), sequence: 0 }];
    const psbt = await node().rpc<string>("createpsbt", inputs, [{ [to]: amount }], locktime);
    return (await alice.account().signPsbt(psbt)).psbt;
  };
  const late = await signed(0.9, 5_000_000);
  await expect(alice.account().sendPsbt(late)).rejects.toThrow(/still to come.*is kept/);
  const [unsent] = alice.account().history();
  await alice.account().abandon(unsent!.txid);
  const psbt = await signed(0.999, 0);
  const txid = await alice.account().sendPsbt(psbt);
  await standing(alice, txid, "pending");
  expect(await alice.account().sendPsbt(psbt)).toBe(txid);
  await network.mine(1);
  await standing(alice, txid, "confirmed");
  expect(await alice.account().sendPsbt(psbt)).toBe(txid);
  expect(standings(alice).get(txid)).toBe("confirmed");
  await isLive(alice);
});
