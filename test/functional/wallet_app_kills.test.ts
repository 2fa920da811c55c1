import { afterAll, beforeAll, expect, test } from "vitest";
import type { PreparedPayment } from "../../apps/wallet/src/session/account.ts";
import type { BitfleetNetwork } from "../../packages/node/src/network/network-api.ts";
import { type End, type MortalSession, risen } from "./wallet-app-killed.ts";
import { ready, standing, until, walletNetwork } from "./wallet-app-kit.ts";

/**
 * The program is killed at each step of a payment, a raised fee, a child and a payment that is given up: each step is a write to the vault, or the payment's being
 * handed in. A new program on the same vault must find what was sent, send what was kept, and never pay twice.
 */

let network: BitfleetNetwork;
const { wallet } = walletNetwork((started) => {
  ({ network } = started);
});
/** The program that runs now. */
let alice: MortalSession;
let isTaken = true;

/** The network, which takes no payments for a while. */
const send: typeof fetch = async (input, init) => {
  if (isTaken || !String(input).endsWith("/broadcast")) return fetch(input, init);
  return Response.json({ success: false, data: null, error: "Not now.", timestamp: "" }, { status: 422 });
};

const node = () => network.node("miner-0");
const elsewhere = () => node().rpc<string>("getnewaddress");

beforeAll(async () => {
  const first = await wallet();
  for (let count = 0; count < 3; count++) {
    const { txid } = await network.faucet(first.account().freshAddress("bech32m").address, COINS, { mine: 1 });
    await standing(first, txid, "confirmed");
  }
  first.session.lock();
  alice = await risen(first.place, send);
});

afterAll(() => alice?.session.lock());

const COINS = 100_000_000n;
const AMOUNT = 1_000_000n;

interface Unspents {
  readonly unspents: readonly { readonly amount: number }[];
}

/** Of confirmed coins, by the chain alone. */
async function onChain(): Promise<bigint> {
  const scan = alice
    .account()
    .descriptors()
    .map((desc) => ({ desc, range: 200 }));
  const { unspents } = await node().rpc<Unspents>("scantxoutset", "start", scan);
  return unspents.reduce((sum, { amount }) => sum + BigInt(Math.round(amount * 1e8)), 0n);
}

/** What an address got in blocks, up to a new one. */
async function minedFor(address: string): Promise<bigint> {
  await network.mine(1);
  return BigInt(Math.round((await node().rpc<number>("getreceivedbyaddress", address)) * 1e8));
}

interface Tried {
  /** Whether the one who acted was told that it was done. */
  readonly isToldDone: boolean;
}

/** Acts, and is killed at each step in turn until one is not reached; a new program follows each time, and holds what the chain says when `check` is done. */
async function killedAtEach<Begun>(
  begin: () => Promise<Begun>,
  act: (begun: Begun) => Promise<unknown>,
  check: (begun: Begun, tried: Tried) => Promise<void>,
): Promise<void> {
  const ends: readonly (readonly [End, number])[] = [
    ["before", 1],
    ["after", 1],
    ["after", 2],
    ["unheard", 1],
    ["unheard", 2],
  ];
  for (const [end, at] of ends) {
    const begun = await begin();
    const { killer } = alice;
    killer.arm(at, end);
    let isToldDone = false;
    const acted = act(begun).then(
      () => {
        isToldDone = true;
      },
      () => {},
    );
    await Promise.race([acted, until(() => expect(killer.isDead).toBe(true))]);
    killer.isDead = true;
    alice.session.lock();
    isTaken = true;
    alice = await risen(alice.place, send);
    await check(begun, { isToldDone });
    await network.mine(1);
    const held = await onChain();
    await until(() => {
      alice.session.retryNow();
      expect({ end, at, held: alice.account().balance.total }).toEqual({ end, at, held });
    });
  }
}

const entriesTo = (address: string) =>
  alice
    .account()
    .history()
    .filter(({ addresses }) => addresses.includes(address));

async function prepared(address: string): Promise<PreparedPayment> {
  const recipients = [{ address, amount: AMOUNT, label: "rent" }];
  return ready(await alice.account().preparePayment({ recipients, feerateSatPerKvb: 2_000n }));
}

test("a payment is made once or not at all, and never without its label", async () => {
  await killedAtEach(
    async () => {
      const address = await elsewhere();
      return { address, payment: await prepared(address) };
    },
    ({ payment }) => alice.account().confirm(payment),
    async ({ address }, { isToldDone }) => {
      const [entry] = entriesTo(address);
      if (isToldDone) expect(entry).toBeDefined();
      if (entry !== undefined) expect(await standing(alice, entry.txid, "pending")).toMatchObject({ label: "rent" });
      expect(await minedFor(address)).toBe(entry === undefined ? 0n : AMOUNT);
    },
  );
});

test("a fee that was raised is raised by the next program, and else the payment waits as it did", async () => {
  await killedAtEach(
    async () => {
      const address = await elsewhere();
      const txid = await alice.account().confirm(await prepared(address));
      await standing(alice, txid, "pending");
      return { address, txid, bump: ready(await alice.account().prepareBump(txid, 10_000n)) };
    },
    ({ bump }) => alice.account().confirm(bump),
    async ({ address, txid }, { isToldDone }) => {
      const bump = entriesTo(address).find((entry) => entry.txid !== txid);
      if (isToldDone) expect(bump).toBeDefined();
      if (bump !== undefined) {
        expect(await standing(alice, bump.txid, "pending")).toMatchObject({ label: "rent" });
        await standing(alice, txid, "replaced");
      } else await standing(alice, txid, "pending");
      expect(await minedFor(address)).toBe(AMOUNT);
    },
  );
});

test("a child is made once or not at all", async () => {
  await killedAtEach(
    async () => {
      const { txid } = await network.faucet(alice.account().freshAddress("bech32m").address, 5_000_000n);
      await standing(alice, txid, "pending");
      return { txid, child: ready(await alice.account().prepareChild(txid, 30_000n)) };
    },
    ({ child }) => alice.account().confirm(child),
    async ({ txid }, { isToldDone }) => {
      const waiting = () =>
        alice
          .account()
          .history()
          .filter(({ standing: each }) => each === "pending" || each === "unsent");
      const child = waiting().find((entry) => entry.txid !== txid);
      if (isToldDone) expect(child).toBeDefined();
      if (child !== undefined) await standing(alice, child.txid, "pending");
      expect(waiting()).toHaveLength(child === undefined ? 1 : 2);
    },
  );
});

test("a payment is given up for good, or sent", async () => {
  await killedAtEach(
    async () => {
      isTaken = false;
      const address = await elsewhere();
      await expect(alice.account().confirm(await prepared(address))).rejects.toThrow("is kept");
      return { address, txid: entriesTo(address)[0]!.txid };
    },
    ({ txid }) => alice.account().abandon(txid),
    async ({ address, txid }, { isToldDone }) => {
      const [entry] = entriesTo(address);
      if (isToldDone) expect(entry).toMatchObject({ standing: "abandoned" });
      const isGivenUp = entry!.standing === "abandoned";
      if (!isGivenUp) await standing(alice, txid, "pending");
      expect(await minedFor(address)).toBe(isGivenUp ? 0n : AMOUNT);
    },
  );
});
