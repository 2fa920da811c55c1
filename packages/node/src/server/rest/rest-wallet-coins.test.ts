import { encodeAddress } from "@bitfleet/protocol/script/address.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { KEY_SCRIPT, NETWORK } from "../../chain/test-kit.ts";
import { asAdmin, openRestTestNode, type RestTestNode } from "./rest-test-kit.ts";

const BASE = "/api/wallet";
const FOREIGN = encodeAddress(KEY_SCRIPT, NETWORK.addressPrefixes)!;
/** Of BIP173, with the prefix of this network. */
const OTHER = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
const COIN = 100_000_000;
const REWARD = 50 * COIN;

describe("coins are chosen by hand", () => {
  let rest: RestTestNode;
  beforeAll(async () => {
    rest = await openRestTestNode({ hasIndexes: false, hasWallets: true });
    await rest.data("createWallet", post("/wallets", { name: "shop" }));
    const { address } = await rest.data("newWalletAddress", post("/wallet", { label: "mined" }));
    await mine(4, address);
    await mine(100, FOREIGN);
  }, 60_000);
  afterAll(() => rest?.close());

  const get = (path: string) => asAdmin("GET", `${BASE}${path}`);
  const post = (path: string, body: object) => asAdmin("POST", `${BASE}${path}`, body);
  const mine = (count: number, to: string) => rest.node.call("generatetoaddress", [count, to]);
  const coins = async (query = "") => (await rest.data("walletUtxos", get(`/utxos?limit=100${query}`))).items;
  const named = ({ txid, vout }: { txid: string; vout: number }) => ({ txid, vout });
  const lock = ({ txid, vout }: { txid: string; vout: number }, is_locked: boolean) =>
    asAdmin("PUT", `${BASE}/utxos/${txid}/${vout}`, { is_locked });
  const order = (more: object) => post("/transactions", { to_address: FOREIGN, feerate: 2, ...more });
  const preview = (more: object) => rest.data("sendFromWallet", order({ is_preview: true, ...more }));

  test("a coin that is set aside is listed where it is asked for, and spent by nobody until it is let go", async () => {
    const [first] = await coins();
    expect(first).toMatchObject({ value: REWARD, label: "mined", is_locked: false, is_used: false, is_safe: true });
    for (const _ of "12")
      expect(await rest.data("lockWalletCoin", lock(first!, true))).toMatchObject({ is_locked: true });
    expect((await coins()).length).toBe(3);
    expect((await coins("&with_locked=true")).filter((one) => one.is_locked).map(named)).toEqual([named(first!)]);
    const all = await preview({ send_all: true });
    expect(all.plan!.inputs.map(named)).not.toContainEqual(named(first!));
    expect(await rest.refusal(order({ amount: COIN, coins: [named(first!)] }))).toEqual([
      409,
      `The coin ${first!.txid}:${first!.vout} cannot be spent: it is spent, locked, immature or not the wallet's.`,
    ]);
    for (const _ of "12")
      expect(await rest.data("lockWalletCoin", lock(first!, false))).toMatchObject({ is_locked: false });
    expect((await coins()).length).toBe(4);
    const none = { txid: "11".repeat(32), vout: 0 };
    expect(await rest.refusal(lock(none, true))).toEqual([404, `The wallet has no coin ${none.txid}:0 to spend.`]);
  });

  test("those are spent, and no others", async () => {
    const [, second, third] = await coins();
    const chosen = [named(second!), named(third!)];
    const { plan } = await preview({ amount: COIN, coins: chosen });
    expect(plan!.inputs.map(named).sort(byTxid)).toEqual(chosen.sort(byTxid));
    expect(await rest.refusal(order({ amount: 2 * REWARD, coins: chosen }))).toMatchObject({ 0: 409 });
    expect(await rest.refusal(order({ amount: COIN, coins: [] }))).toMatchObject({ 0: 400 });
  });

  test("a coin counts once, and of one address where that is named too", async () => {
    const [coin] = await coins();
    const { txid, vout, address } = coin!;
    const twice = { send_all: true, coins: [named(coin!), { txid: txid.toUpperCase(), vout }] };
    expect(await rest.refusal(order(twice))).toEqual([400, `The coin ${txid}:${vout} is named twice.`]);
    const { address: other } = await rest.data("newWalletAddress", post("/wallet", {}));
    const of = (from_address: string | null) => ({ amount: COIN, coins: [named(coin!)], from_address });
    expect((await preview(of(address))).plan!.inputs.map(named)).toEqual([named(coin!)]);
    expect(await rest.refusal(order(of(other)))).toEqual([
      409,
      `The coin ${txid}:${vout} cannot be spent: it is spent, locked, immature or not at from_address.`,
    ]);
  });

  test("a feerate has whole satoshis a thousand vbytes", async () => {
    expect((await preview({ amount: COIN, feerate: 1.001 })).fee).toBeGreaterThan(0);
    expect(await rest.refusal(order({ amount: COIN, feerate: 1.0015 }))).toEqual([
      400,
      "feerate must have 3 decimals at most.",
    ]);
  });

  test("what was looked at is what is sent, where its coins are named", async () => {
    const planned = await preview({ amount: COIN });
    const paid = await rest.data("sendFromWallet", order({ amount: COIN, coins: planned.plan!.inputs.map(named) }));
    expect(paid).toMatchObject({ fee: planned.fee, amount: COIN });
    const { result } = await rest.node.call("getrawtransaction", [paid.txid, true]);
    expect(result.vin.map(named)).toEqual(planned.plan!.inputs.map(named));
    await mine(1, FOREIGN);
  });

  test("several are paid at once, each with a label, and a fee is taken off all of them", async () => {
    const others = [{ to_address: OTHER, amount: 3 * COIN, label: "landlord" }];
    const planned = await preview({ amount: COIN, recipients: others, subtract_fee: true });
    expect(planned.amount + planned.fee).toBe(4 * COIN);
    const paid = await rest.data("sendFromWallet", order({ amount: COIN, recipients: others, label: "shop" }));
    expect(paid).toMatchObject({ amount: 4 * COIN, total: 4 * COIN + paid.fee });
    const { movements } = await rest.data("walletTransaction", get(`/transactions/${paid.txid}`));
    expect(movements.map(({ label, amount }) => [label, amount]).sort()).toEqual([
      ["landlord", -3 * COIN],
      ["shop", -COIN],
    ]);
    const bad = [{ to_address: OTHER, amount: COIN, label: "*" }];
    expect(await rest.refusal(order({ amount: COIN, recipients: bad }))).toEqual([400, "The label * cannot be given."]);
    expect(
      await rest.refusal(order({ amount: COIN, recipients: [{ to_address: FOREIGN, amount: COIN }] })),
    ).toMatchObject({ 0: 400 });
    await mine(1, FOREIGN);
  });

  test("everything goes: no change, less the fee and what others get; of one coin too", async () => {
    const all = await coins();
    const [coin] = all;
    const one = await preview({ send_all: true, coins: [named(coin!)] });
    expect(one.plan).toMatchObject({ inputs: [named(coin!)], outputs: [{ amount: coin!.value - one.fee }] });
    const shared = await preview({ send_all: true, recipients: [{ to_address: OTHER, amount: COIN }] });
    expect(shared.plan!.outputs.find(({ address }) => address === OTHER)).toMatchObject({ amount: COIN });
    expect(shared.plan!.outputs.length).toBe(2);
    for (const wrong of [{}, { send_all: true, amount: COIN }])
      expect(await rest.refusal(order(wrong))).toEqual([
        400,
        "Give an amount, or send_all to pay whatever there is: one of the two.",
      ]);
    const paid = await rest.data("sendFromWallet", order({ send_all: true }));
    expect(paid.total).toBe(all.reduce((sum, { value }) => sum + value, 0));
    await mine(1, FOREIGN);
    expect(await rest.data("walletBalance", get("/balance"))).toMatchObject({ total: 0 });
    expect(await rest.refusal(order({ send_all: true }))).toEqual([409, "There are no coins to spend."]);
  });
});

const byTxid = (a: { readonly txid: string }, b: { readonly txid: string }) => (a.txid < b.txid ? -1 : 1);
