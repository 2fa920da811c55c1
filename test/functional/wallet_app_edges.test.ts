import { expect, test } from "vitest";
import type { BitfleetNetwork } from "../../packages/node/src/network/network-api.ts";
import { regtestNetwork } from "../../packages/protocol/src/consensus/networks.ts";
import { encodeAddress } from "../../packages/protocol/src/script/address.ts";
import {
  PASSPHRASE,
  pay,
  ready,
  standing,
  type TestSession,
  testSession,
  until,
  walletNetwork,
  walletSession,
} from "./wallet-app-kit.ts";

/** Payments at the edges: two at once, what was meant for something else meanwhile, odd coins, amounts and addresses. */

let network: BitfleetNetwork;
let url: string;
const { kept } = walletNetwork((started) => {
  ({ network, url } = started);
}, holdsWhatTheNodeSays);

async function funded(...values: readonly bigint[]): Promise<TestSession> {
  const made = kept(await walletSession({ url }));
  for (const value of values) {
    const { txid } = await network.faucet(made.account().freshAddress("bech32m").address, value, { mine: 1 });
    await standing(made, txid, "confirmed");
  }
  return made;
}

const node = () => network.node("miner-0");
const elsewhere = () => node().rpc<string>("getnewaddress");

interface Unspents {
  readonly unspents: readonly { readonly txid: string; readonly vout: number; readonly amount: number }[];
}
interface Decoded {
  readonly vin: readonly { readonly txid: string; readonly vout: number }[];
  readonly vout: readonly {
    readonly value: number;
    readonly n: number;
    readonly scriptPubKey: { readonly hex: string };
  }[];
}
const sats = (amount: number) => BigInt(Math.round(amount * 1e8));

/** The balance, counted by the chain's coins and the mempool's transactions alone. */
async function truth({ account }: TestSession): Promise<bigint> {
  const descriptors = account().descriptors();
  const scan = descriptors.map((desc) => ({ desc, range: 60 }));
  const { unspents } = await node().rpc<Unspents>("scantxoutset", "start", scan);
  const coins = new Map(unspents.map(({ txid, vout, amount }) => [`${txid}:${vout}`, sats(amount)]));
  const waiting: (Decoded & { txid: string })[] = [];
  for (const txid of await node().rpc<string[]>("getrawmempool"))
    waiting.push({ txid, ...(await node().rpc<Decoded>("getrawtransaction", txid, 1)) });
  for (const { txid, vout } of waiting) {
    for (const { n, value, scriptPubKey } of vout) {
      const address = encodeAddress(Buffer.from(scriptPubKey.hex, "hex"), regtestNetwork().addressPrefixes);
      if (address && account().isMine(address)) coins.set(`${txid}:${n}`, sats(value));
    }
  }
  for (const { vin } of waiting) for (const { txid, vout } of vin) coins.delete(`${txid}:${vout}`);
  return [...coins.values()].reduce((sum, value) => sum + value, 0n);
}

async function holdsWhatTheNodeSays(made: TestSession): Promise<void> {
  const held = await truth(made);
  await until(() => {
    made.session.retryNow();
    expect(made.account().balance.total).toBe(held);
  });
}

const order = (address: string, amount: bigint | "all", feerateSatPerKvb = 2_000n) => ({
  recipients: [{ address, amount, label: "" }],
  feerateSatPerKvb,
});

test("a replacement that took a further coin does not undo another payment that has spent it meanwhile", async () => {
  const alice = await funded(1_000_000n, 2_000_000n);
  const [small, large] = [1_000_000n, 2_000_000n].map(
    (value) =>
      alice
        .account()
        .coins()
        .find((coin) => coin.value === value)!.outPoint,
  );
  const first = ready(
    await alice.account().preparePayment({ ...order(await elsewhere(), 999_000n, 1_000n), coins: [small!] }),
  );
  const txid = await alice.account().confirm(first);
  await standing(alice, txid, "pending");
  const bump = ready(await alice.account().prepareBump(txid, 30_000n));
  expect(bump.inputs).toHaveLength(2);
  const rent = ready(await alice.account().preparePayment({ ...order(await elsewhere(), 500_000n), coins: [large!] }));
  const paid = await alice.account().confirm(rent);
  await expect(alice.account().confirm(bump)).rejects.toThrow("spent meanwhile");
  await standing(alice, paid, "pending");
  await standing(alice, txid, "pending");
});

test("two payments that were prepared at once have no address for change in common", async () => {
  const alice = await funded(3_000_000n, 4_000_000n);
  const [one, other] = alice
    .account()
    .coins()
    .map(({ outPoint }) => outPoint);
  const to = [await elsewhere(), await elsewhere()] as const;
  const prepare = async (address: string, coin: string) =>
    ready(await alice.account().preparePayment({ ...order(address, 1_000_000n), coins: [coin] }));
  const [first, second] = [await prepare(to[0], one!), await prepare(to[1], other!)];
  const txids = [await alice.account().confirm(first)];
  await expect(alice.account().confirm(second)).rejects.toThrow(/used meanwhile/);
  txids.push(await alice.account().confirm(await prepare(to[1], other!)));
  for (const txid of txids) await standing(alice, txid, "pending");
  const changes = txids.map(
    (txid) =>
      alice
        .account()
        .transaction(txid)!
        .outputs.find(({ owner }) => owner === "change")!.address,
  );
  expect(new Set(changes).size).toBe(2);
});

test("refuses odd amounts, coins and addresses with a sentence, and warns of what anybody could take", async () => {
  const alice = await funded(5_000_000n, 6_000_000n);
  const to = await elsewhere();
  const [coin] = alice
    .account()
    .coins()
    .map(({ outPoint }) => outPoint);
  const problem = async (request: Parameters<ReturnType<TestSession["account"]>["preparePayment"]>[0]) => {
    const prepared = await alice.account().preparePayment(request);
    if (!("error" in prepared)) throw new Error("it was prepared");
    expect(prepared.error).toMatch(/^[A-Z].*\.$/s);
    return prepared.error;
  };
  expect(await problem({ ...order(to, 1_000n), coins: [coin!, coin!] })).toMatch(/twice/);
  expect(await problem({ ...order(to, "all"), coins: [coin!, coin!] })).toMatch(/twice/);
  expect(await problem(order(to, 0n))).toMatch(/above zero/);
  expect(await problem(order(to, -5n))).toMatch(/above zero/);
  expect(await problem(order(to, 100n))).toMatch(/so small/);
  expect(await problem(order(to, 21_000_001n * 100_000_000n))).toMatch(/not enough/);
  expect(await problem(order(to, 2n ** 70n))).toMatch(/not enough|so large|more/);
  expect(await problem(order(to, 11_000_000n))).toMatch(/not enough|not for its fee/);
  expect(await problem(order(to, 1_000_000n, 0n))).toMatch(/passes on nothing/);
  expect(await problem(order(to, 1_000_000n, -1_000n))).toMatch(/passes on nothing|feerate/);
  expect(await problem(order(to, 1_000_000n, 10n ** 12n))).toMatch(/fee/);
  expect(await problem(order(to, "all", 10n ** 8n))).toMatch(/fee|enough/);
  const mixed = to.slice(0, -1) + to.at(-1)!.toUpperCase();
  for (const address of [
    mixed === to ? `${to.slice(0, -2)}Q${to.at(-1)}` : mixed,
    "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
    "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx",
    "1BoatSLRHtKNngkdXEeobR76b53LETtpyT",
    `${to}x`,
    "lnbc1",
    "xyz",
  ])
    expect(await problem(order(address, 1_000_000n))).toMatch(/address/);
  const data = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
  for (const [text, what] of [
    [`sp1qq${data}${data}${data}`, /silent payments/],
    [`TSP1QQ${data.toUpperCase()}`, /silent payments/],
    [`lnbc2500u1${data}${data}`, /Lightning invoice/],
    [`lno1${data}`, /Lightning/],
  ] as const)
    expect(await problem(order(text, 1_000_000n))).toMatch(what);
  const { addressPrefixes } = regtestNetwork();
  for (const script of [
    Uint8Array.of(0x52, 2, 1, 2),
    Uint8Array.of(0x51, 2, 0x4e, 0x73),
    Uint8Array.of(0x51, 33, ...new Uint8Array(33).fill(1)),
  ]) {
    const { warnings } = ready(
      await alice.account().preparePayment(order(encodeAddress(script, addressPrefixes)!, 1_000_000n)),
    );
    expect(warnings).toContainEqual(expect.stringMatching(/anybody could take/));
  }
});

test("spends what was mined a hundred blocks later, and no block sooner, and of itself nothing that others have sent before it is in a block", async () => {
  const alice = await funded();
  await node().rpc("generatetoaddress", 1, alice.account().freshAddress("bech32").address);
  const prepared = async () => alice.account().preparePayment(order(await elsewhere(), "all"));
  const confirmations = (count: number) =>
    until(() => expect(alice.account().coins()).toMatchObject([{ confirmations: count }]));
  await network.mine(99);
  await confirmations(100);
  expect(alice.account().balance).toMatchObject({ spendable: 0n, immature: alice.account().balance.total });
  expect(await prepared()).toMatchObject({ error: expect.stringContaining("what was mined 100 blocks later") });
  await network.mine(1);
  await confirmations(101);
  const txid = await alice.account().confirm(ready(await prepared()));
  await standing(alice, txid, "pending");

  const paid = await network.faucet(alice.account().freshAddress("bech32").address, 2_000_000n);
  await standing(alice, paid.txid, "pending");
  expect(await prepared()).toMatchObject({ error: expect.stringContaining("once they are in a block") });
});

test("abandons a payment that is confirmed all the same, and counts it", async () => {
  const alice = await funded(8_000_000n);
  let bytes = "";
  const send: typeof fetch = (input, init) => {
    if (!String(input).includes("/broadcast")) return fetch(input, init);
    bytes = JSON.parse(String(init!.body)).hex;
    return Promise.reject(new TypeError("offline"));
  };
  alice.session.lock();
  const again = kept(testSession({ place: alice.place, fetch: send }));
  await again.session.unlock(PASSPHRASE);
  await until(() => expect(again.open().connection.kind).toBe("live"));
  const prepared = ready(await again.account().preparePayment(order(await elsewhere(), 3_000_000n)));
  await expect(again.account().confirm(prepared)).rejects.toThrow("is kept");
  const [{ txid } = { txid: "" }] = again.account().history();
  await again.account().abandon(txid);
  expect(again.account().balance.spendable).toBe(8_000_000n);
  await node().rpc("sendrawtransaction", bytes);
  again.session.retryNow();
  await standing(again, txid, "pending");
  expect(again.account().balance.total).toBe(5_000_000n - prepared.fee);
  await network.mine(1);
  again.session.retryNow();
  await standing(again, txid, "confirmed");
});

test("a PSBT that gives all to its fee, spends frozen coins or those of another payment is warned of", async () => {
  const alice = await funded(10_000_000n);
  const [coin] = alice.account().coins();
  const [txid, vout] = coin!.outPoint.split(":");
  const own = alice.account().freshAddress("bech32m").address;
  const psbt = await node().rpc<string>("createpsbt", [{ txid, vout: Number(vout) }], [{ [own]: 0.0001 }]);
  const warnings = async () => {
    const read = await alice.account().readPsbt(psbt);
    if ("error" in read) throw new Error(read.error);
    expect(read.fee).toBe(9_990_000n);
    return read.warnings.join("\n");
  };
  expect(await warnings()).toMatch(/fee is more than a tenth/);
  expect(await warnings()).not.toMatch(/frozen|another payment/);
  await alice.account().freezeCoin(coin!.outPoint, true);
  expect(await warnings()).toMatch(/frozen/);
  await alice.account().freezeCoin(coin!.outPoint, false);
  const { txid: paid } = await pay(alice, await elsewhere());
  expect(await warnings()).toMatch(/another payment of this account/);
  await network.mine(1);
  await standing(alice, paid, "confirmed");
});

test("a payment is taken back while it waits: all comes back but the fee, also where it was everything, and without its label", async () => {
  const made = await funded(1_000_000n);
  const { account } = made;
  for (const [amount, outputs] of [
    [300_000n, 2],
    ["all", 1],
  ] as const) {
    const before = account().balance.total;
    const address = await elsewhere();
    const { txid } = await pay(made, address, { amount });
    await account().labelTransaction(txid, "Rent");
    expect(account().transaction(txid)?.outputs).toHaveLength(outputs);
    // With one output less it is smaller, and so a little more for each byte is less altogether.
    const little = await account().prepareTakeBack(txid, 2_100n);
    expect("error" in little && /pays the old fee/.test(little.error)).toBe(outputs === 2);

    const back = ready(await account().prepareTakeBack(txid, 5_000n));
    expect([back.outputs.length, back.outputs[0]?.isChange, back.total === back.fee]).toEqual([1, true, true]);
    const newTxid = await account().confirm(back);
    await standing(made, newTxid, "pending");
    await standing(made, txid, "replaced");
    expect(account().transaction(newTxid)).toMatchObject({ replaces: txid, label: "", direction: "self" });
    expect(await account().prepareTakeBack(txid, 9_000n)).toEqual({
      error: expect.stringMatching(/replaced by another/),
    });
    await network.mine(1);
    await standing(made, newTxid, "confirmed");
    expect(account().balance.total).toBe(before - back.fee);
    expect(await account().prepareTakeBack(newTxid, 9_000n)).toEqual({
      error: expect.stringMatching(/in a block already/),
    });
  }
});

test("labels go to another wallet of the same words and come back by a file, and what is not of the account is passed over", async () => {
  const made = await funded(1_000_000n, 2_000_000n);
  const { account } = made;
  const [coin] = account().coins();
  const { txid } = await pay(made, await elsewhere(), { amount: 1_500_000n });
  const { address } = account().freshAddress("bech32");
  await account().labelTransaction(txid, 'Rent, "March" 🏠');
  await account().labelAddress(address, "Tips");
  await network.mine(1);
  await standing(made, txid, "confirmed");
  const kept = account()
    .coins()
    .find(({ outPoint }) => outPoint !== coin!.outPoint)!;
  await account().freezeCoin(kept.outPoint, true);
  const file = account().labelsFile();

  await account().labelTransaction(txid, "");
  await account().labelAddress(address, "Other");
  await account().freezeCoin(kept.outPoint, false);
  const foreign = JSON.stringify({ type: "addr", ref: await elsewhere(), label: "Not ours" });
  expect(await account().takeLabels(`${file}${foreign}\n`)).toEqual({ taken: 3, passedOver: 1 });
  expect(account().transaction(txid)?.label).toBe('Rent, "March" 🏠');
  expect(
    account()
      .addresses()
      .find((one) => one.address === address)?.label,
  ).toBe("Tips");
  expect(
    account()
      .coins()
      .find(({ outPoint }) => outPoint === kept.outPoint)?.isFrozen,
  ).toBe(true);
  expect(account().labelsFile()).toBe(file);
  await expect(account().takeLabels("date,txid\n")).rejects.toThrow(/Line 1 is no label/);

  // Also behind the lock.
  made.session.lock();
  await made.session.unlock(PASSPHRASE);
  expect(account().labelsFile()).toBe(file);
});
