import { describe, expect, test } from "vitest";
import type { BitfleetNetwork } from "../../packages/node/src/network/network-api.ts";
import { VaultError } from "../../packages/vault/src/vault.ts";
import {
  isLive,
  type NewWallet,
  PASSPHRASE,
  pay,
  ready,
  standing,
  type TestSession,
  testSession,
  until,
  walletNetwork,
} from "./wallet-app-kit.ts";

let network: BitfleetNetwork;
const { kept, wallet } = walletNetwork((started) => {
  ({ network } = started);
});

test("receives, pays another wallet, and sees both confirmed", async () => {
  const alice = await wallet();
  const { address } = alice.account().freshAddress("bech32m");
  const { txid } = await network.faucet(address, 100_000_000n);
  const seen = await standing(alice, txid, "pending");
  expect(seen).toMatchObject({ delta: 100_000_000n, direction: "in", addresses: [address], confirmations: 0 });
  expect(alice.account().balance).toMatchObject({ pending: 100_000_000n, spendable: 0n, total: 100_000_000n });
  await network.mine(1);
  await standing(alice, txid, "confirmed", 1);
  expect(alice.account().freshAddress("bech32m").address).not.toBe(address);

  const bob = await wallet();
  const to = bob.account().freshAddress("bech32").address;
  const prepared = await alice.account().preparePayment({
    recipients: [{ address: to, amount: 30_000_000n, label: "rent" }],
    feerateSatPerKvb: 2_000n,
  });
  if ("error" in prepared) throw new Error(prepared.error);
  const [change, ...others] = prepared.outputs.filter(({ isChange }) => isChange);
  expect(others).toEqual([]);
  // The next one of each kind that change may go to.
  expect(alice.account().changeAddresses()).toMatchObject([
    { type: "bech32m", index: 0, isUsed: false },
    { type: "bech32", index: 0, isUsed: false },
  ]);
  expect(prepared.total).toBe(30_000_000n + prepared.fee);
  const payment = await alice.account().confirm(prepared);
  await standing(alice, payment, "pending");
  await standing(bob, payment, "pending");
  expect(alice.account().balance.spendable).toBe(70_000_000n - prepared.fee);
  await network.mine(1);
  await standing(bob, payment, "confirmed", 1);
  await standing(alice, payment, "confirmed", 1);
  expect(bob.account().balance.spendable).toBe(30_000_000n);
  const listed = alice.account().changeAddresses();
  expect(listed.filter(({ isUsed }) => isUsed)).toMatchObject([{ address: change!.address, received: change!.value }]);
  expect(listed).toHaveLength(3);
  const given = new Set(
    alice
      .account()
      .addresses()
      .map((one) => one.address),
  );
  expect(listed.filter((one) => given.has(one.address))).toEqual([]);
  expect(alice.account().history()[0]).toMatchObject({ direction: "out", label: "rent", fee: prepared.fee });
});

/** A wallet with confirmed coins, and the network's own to pay back to. */
async function funded(...values: readonly bigint[]): Promise<TestSession> {
  return fundedOf({}, ...values);
}

async function fundedOf(options: Partial<NewWallet>, ...values: readonly bigint[]): Promise<TestSession> {
  const made = await wallet(options);
  for (const value of values) {
    const { txid } = await network.faucet(made.account().freshAddress("bech32m").address, value, { mine: 1 });
    await standing(made, txid, "confirmed");
  }
  return made;
}

const elsewhere = () => network.node("miner-0").rpc<string>("getnewaddress");

test("raises a fee, shows which payment replaced which, and pulls a payment up by a child", async () => {
  const alice = await funded(50_000_000n);
  const bob = await wallet();
  const { txid, prepared } = await pay(alice, bob.account().freshAddress("bech32m").address, { feerate: 1_000n });
  await standing(bob, txid, "pending");
  expect(alice.account().transaction(txid)).toMatchObject({ canBump: true, canPullUp: true, direction: "out" });
  expect(bob.account().transaction(txid)).toMatchObject({ canBump: false, canPullUp: true, direction: "in" });

  expect(await alice.account().prepareBump(txid, 1_000n)).toEqual({ error: expect.stringMatching(/too little/) });
  const bump = ready(await alice.account().prepareBump(txid, 5_000n));
  expect(bump).toMatchObject({ replaces: txid });
  expect(bump.fee).toBeGreaterThan(prepared.fee);
  const better = await alice.account().confirm(bump);
  await standing(alice, better, "pending");
  expect(await standing(alice, txid, "replaced")).toMatchObject({ replacedBy: better, canBump: false });
  expect(alice.account().transaction(better)).toMatchObject({ replaces: txid });
  expect(await standing(bob, txid, "replaced")).toMatchObject({ replacedBy: better });
  await standing(bob, better, "pending");

  const child = ready(await bob.account().prepareChild(better, 20_000n));
  const childTxid = await bob.account().confirm(child);
  await standing(bob, childTxid, "pending");
  const [parent, own] = [bob.account().transaction(better)!, bob.account().transaction(childTxid)!];
  const together = ((parent.feerateSatPerKvb! * BigInt(parent.virtualSize)) / 1000n + own.fee!) * 1000n;
  expect(Number(together) / (parent.virtualSize + own.virtualSize)).toBeGreaterThan(19_500);
  await network.mine(1);
  await standing(alice, better, "confirmed");
  await standing(bob, childTxid, "confirmed");
  expect(await standing(alice, txid, "replaced")).toMatchObject({ replacedBy: better });
});

test("a reorganisation that undoes payments is told: one waits again, a block's own coins are gone, one is replaced by its rival", async () => {
  const alice = await funded(20_000_000n, 30_000_000n);
  const node = network.node("miner-0");
  const { txid } = await pay(alice, await elsewhere(), { amount: 15_000_000n });
  const mined = alice.account().freshAddress("bech32").address;
  const [block] = await network.mine(1, { address: mined });
  await standing(alice, txid, "confirmed", 1);
  const coinbase = await until(() => {
    const found = alice
      .account()
      .history()
      .find(({ direction }) => direction === "mined");
    if (found === undefined) throw new Error("the block's coins are not seen");
    return found.txid;
  });
  expect(alice.account().balance.immature).toBeGreaterThan(0n);

  await node.rpc("invalidateblock", block);
  for (let count = 0; count < 2; count++) await node.rpc("generateblock", await elsewhere(), []);
  await standing(alice, txid, "pending");
  expect(await standing(alice, coinbase, "reorged")).toMatchObject({ confirmations: 0, direction: "mined" });
  expect(alice.account().balance.immature).toBe(0n);
  const [again] = await network.mine(1);
  await standing(alice, txid, "confirmed", 1);

  // What had been confirmed is not confirmed in the other branch, whose block has a rival.
  await node.rpc("invalidateblock", again);
  await standing(alice, txid, "pending");
  const bump = ready(await alice.account().prepareBump(txid, 9_000n));
  const rival = await alice.account().confirm(bump);
  await standing(alice, rival, "pending");
  await network.mine(2);
  await standing(alice, rival, "confirmed", 2);
  expect(await standing(alice, txid, "replaced")).toMatchObject({ replacedBy: rival });
});

test("sends all, sends two payments in a row from different coins, and leaves frozen ones alone", async () => {
  const alice = await funded(10_000_000n, 11_000_000n, 12_000_000n);
  const coins = alice.account().coins();
  expect(coins.map(({ value, obstacle }) => [value, obstacle])).toContainEqual([10_000_000n, undefined]);
  const frozen = coins.find(({ value }) => value === 12_000_000n)!;
  await alice.account().freezeCoin(frozen.outPoint, true);
  expect(alice.account().balance).toMatchObject({ frozen: 12_000_000n, spendable: 21_000_000n, total: 33_000_000n });

  const to = await elsewhere();
  const order = (amount: bigint) => ({ recipients: [{ address: to, amount, label: "" }], feerateSatPerKvb: 1_500n });
  const [first, second] = [
    ready(await alice.account().preparePayment(order(9_000_000n))),
    ready(await alice.account().preparePayment(order(9_000_000n))),
  ];
  const sent = await alice.account().confirm(first);
  await expect(alice.account().confirm(second)).rejects.toThrow("was spent meanwhile");
  const { txid: other } = await pay(alice, to, { amount: 9_000_000n });
  const inputsOf = (txid: string) =>
    alice
      .account()
      .transaction(txid)!
      .inputs.map(({ value }) => value);
  expect(inputsOf(sent)).not.toEqual(inputsOf(other));
  expect(await alice.account().preparePayment(order(15_000_000n))).toEqual({
    error: expect.stringMatching(/not enough/),
  });

  await network.mine(1);
  await standing(alice, other, "confirmed");
  const { txid: all, prepared } = await pay(alice, to, { amount: "all" });
  expect(prepared.change).toBe(0n);
  await network.mine(1);
  await standing(alice, all, "confirmed");
  expect(alice.account().balance).toMatchObject({ frozen: 12_000_000n, spendable: 0n, total: 12_000_000n });
  const chosen = { ...order(1_000_000n), coins: [frozen.outPoint] };
  expect(await alice.account().preparePayment(chosen)).toEqual({ error: expect.stringMatching(/frozen/) });
  await alice.account().freezeCoin(frozen.outPoint, false);
  ready(await alice.account().preparePayment(chosen));
});

test("opens again offline with all that it knew, keeps a payment that could not be sent, and sends it later", async () => {
  let isOnline = true;
  /** What is asked waits for it; a payment is handed in at once. */
  let answers: Promise<void> | undefined;
  const send: typeof fetch = async (input, init) => {
    if (!isOnline) throw new TypeError("offline");
    if (!String(input).includes("/broadcast")) await answers;
    return fetch(input, init);
  };
  const alice = await wallet({ fetch: send });
  const { address } = alice.account().freshAddress("bech32");
  await alice.account().labelAddress(address, "from the faucet");
  const { txid } = await network.faucet(address, 40_000_000n, { mine: 1 });
  await standing(alice, txid, "confirmed");
  const before = { history: alice.account().history(), balance: alice.account().balance };
  alice.session.lock();
  expect(() => alice.account()).toThrow("locked");

  isOnline = false;
  const again = kept(testSession({ place: alice.place, fetch: send }));
  await again.session.unlock(PASSPHRASE);
  expect(again.account().history()).toEqual(before.history);
  expect(again.account().balance).toEqual(before.balance);
  expect(again.account().history()[0]).toMatchObject({ label: "from the faucet" });
  await until(() => expect(again.open().connection).toMatchObject({ kind: "offline" }));
  await expect(again.account().feeChoices()).rejects.toThrow("does not answer");

  const recipients = [{ address: await elsewhere(), amount: 5_000_000n, label: "later" }];
  const prepared = ready(await again.account().preparePayment({ recipients, feerateSatPerKvb: 2_000n }));
  await expect(again.account().confirm(prepared)).rejects.toThrow("is kept");
  const [unsent] = again.account().history();
  expect(unsent).toMatchObject({ standing: "unsent", isTaken: false, label: "later", canBump: true });
  expect(again.account().balance).toMatchObject({ spendable: 0n, total: 35_000_000n - prepared.fee });
  again.session.lock();

  isOnline = true;
  const third = kept(testSession({ place: alice.place, fetch: send }));
  await third.session.unlock(PASSPHRASE);
  await standing(third, unsent!.txid, "pending");

  // One that the server has taken is not told as one that was not sent, also before the next look.
  const [first] = recipients;
  const taken = ready(await third.account().preparePayment({ recipients: [first!], feerateSatPerKvb: 2_000n }));
  let look: () => void = () => {};
  answers = new Promise((resolve) => {
    look = resolve;
  });
  const sent = await third.account().confirm(taken);
  expect(third.account().transaction(sent)).toMatchObject({ standing: "unsent", isTaken: true });
  look();
  expect(await standing(third, sent, "pending")).toMatchObject({ isTaken: false });
});

test("gives up a payment that nobody took, and has its coins again", async () => {
  let refuses = false;
  const send: typeof fetch = (input, init) =>
    refuses && String(input).includes("/broadcast") ? Promise.reject(new TypeError("offline")) : fetch(input, init);
  const alice = await wallet({ fetch: send });
  const { txid } = await network.faucet(alice.account().freshAddress("bech32m").address, 7_000_000n, { mine: 1 });
  await standing(alice, txid, "confirmed");
  refuses = true;
  const recipients = [{ address: await elsewhere(), amount: 1_000_000n, label: "" }];
  const prepared = ready(await alice.account().preparePayment({ recipients, feerateSatPerKvb: 2_000n }));
  await expect(alice.account().confirm(prepared)).rejects.toThrow("is kept");
  const [unsent] = alice.account().history();
  await expect(alice.account().abandon(txid)).rejects.toThrow("cannot be given up");
  await alice.account().abandon(unsent!.txid);
  expect(alice.account().history()[0]).toMatchObject({ standing: "abandoned" });
  expect(alice.account().balance).toMatchObject({ spendable: 7_000_000n, total: 7_000_000n });
});

test("a payment that cannot be written is neither sent nor made", async () => {
  let isFull = false;
  const sent: string[] = [];
  const send: typeof fetch = (input, init) => {
    if (String(input).includes("/broadcast")) sent.push(String(input));
    return fetch(input, init);
  };
  const beforeWrite = () => {
    if (isFull) throw new VaultError("no-space", "There is no space left.");
  };
  const alice = await wallet({ fetch: send, beforeWrite });
  const { txid } = await network.faucet(alice.account().freshAddress("bech32m").address, 7_000_000n, { mine: 1 });
  await standing(alice, txid, "confirmed");
  const recipients = [{ address: await elsewhere(), amount: 1_000_000n, label: "" }];
  const prepared = ready(await alice.account().preparePayment({ recipients, feerateSatPerKvb: 2_000n }));
  isFull = true;
  await expect(alice.account().confirm(prepared)).rejects.toThrow("no space left");
  expect(sent).toEqual([]);
  expect(alice.account().history()).toHaveLength(1);
  expect(alice.account().balance.spendable).toBe(7_000_000n);
  // What the network tells meanwhile cannot be kept either: it is said, and made up for.
  const { txid: later } = await network.faucet(alice.account().freshAddress("bech32m").address, 1_000_000n);
  await until(() =>
    expect(alice.open().connection).toMatchObject({ kind: "offline", problem: "There is no space left." }),
  );
  isFull = false;
  alice.session.retryNow();
  // What could not be written may be shown before the server is asked again.
  await until(() => expect(alice.open().connection.kind).toBe("live"));
  await standing(alice, later, "pending");
  const payment = await alice.account().confirm(prepared);
  await standing(alice, payment, "pending");
  expect(sent).toHaveLength(1);
  alice.session.lock();
  const again = kept(testSession({ place: alice.place }));
  await again.session.unlock(PASSPHRASE);
  expect(
    again
      .account()
      .history()
      .map((entry) => entry.txid)
      .sort(),
  ).toEqual([txid, later, payment].sort());
});

describe("a payment of several coins, locked while it is being signed", () => {
  const COINS = [10_000_000n, 20_000_000n, 30_000_000n];
  /** What happens in the turn behind the second of the signatures. */
  const duringSigning = (act: () => void) => {
    let turns: number | undefined;
    return {
      arm: () => {
        turns = 0;
      },
      onTurn: () => {
        if (turns !== undefined && ++turns === 2) act();
      },
    };
  };
  const all = async (made: TestSession) => {
    const recipients = [{ address: await elsewhere(), amount: "all" as const, label: "rent" }];
    return ready(await made.account().preparePayment({ recipients, feerateSatPerKvb: 2_000n }));
  };
  const mempool = async () => (await network.node("miner-0").rpc<string[]>("getrawmempool")).sort();
  const written = ({ place }: TestSession) =>
    (["transactions", "labels"] as const).map((collection) => place.kept!.tables.list(collection, ""));

  test("is not made: nothing is sent or written down, and it can be made when it is unlocked again", async () => {
    const lock = duringSigning(() => made.session.lock());
    const made: TestSession = await fundedOf({ onTurn: lock.onTurn }, ...COINS);
    const prepared = await all(made);
    expect(prepared.inputs).toHaveLength(COINS.length);
    const before = { rows: written(made), mempool: await mempool() };
    lock.arm();
    const told: number[] = [];
    const confirmed = made.account().confirm(prepared, { onStep: ({ done }) => told.push(done) });
    await expect(confirmed).rejects.toThrow("was locked");
    expect(made.session.state).toMatchObject({ kind: "locked" });
    expect(told).toEqual([1, 2]);
    expect(written(made)).toEqual(before.rows);
    expect(await mempool()).toEqual(before.mempool);

    await made.session.unlock(PASSPHRASE);
    await isLive(made);
    expect(
      made
        .account()
        .history()
        .map(({ direction }) => direction),
    ).toEqual(["in", "in", "in"]);
    expect(made.account().balance.spendable).toBe(60_000_000n);
    // What was prepared before is of no use any more.
    await expect(made.account().confirm(prepared)).rejects.toThrow("prepare it again");
    await standing(made, await made.account().confirm(await all(made)), "pending");
  });

  test("is stopped by who waits for it, and no other one is made meanwhile", async () => {
    const stopping = new AbortController();
    const stop = duringSigning(() => stopping.abort(new Error("stopped")));
    const made: TestSession = await fundedOf({ onTurn: stop.onTurn }, ...COINS);
    const [first, second] = [await all(made), await all(made)];
    stop.arm();
    await expect(made.account().confirm(first, { signal: stopping.signal })).rejects.toThrow("stopped");
    expect(made.account().balance.spendable).toBe(60_000_000n);
    const both = await Promise.allSettled([made.account().confirm(first), made.account().confirm(second)]);
    expect(both.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    expect(both[1]).toMatchObject({ reason: { message: expect.stringMatching(/spent meanwhile/) } });
  });

  test("as a PSBT is not signed either", async () => {
    const lock = duringSigning(() => made.session.lock());
    const made: TestSession = await fundedOf({ onTurn: lock.onTurn }, ...COINS);
    const psbt = await made.account().toPsbt(await all(made));
    lock.arm();
    await expect(made.account().signPsbt(psbt)).rejects.toThrow("was locked");
    await made.session.unlock(PASSPHRASE);
    await isLive(made);
    expect(await made.account().signPsbt(psbt)).toMatchObject({ isComplete: true });
  });
});
