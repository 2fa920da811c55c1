import type { RestData } from "@bitfleet/api/rest-routes.ts";
import { encodeAddress } from "@bitfleet/protocol/script/address.ts";
import type { InjectOptions } from "fastify";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { GENESIS, KEY_SCRIPT, mineMany, NETWORK } from "../../chain/test-kit.ts";
import { asAdmin, openRestTestNode, type RestTestNode } from "./rest-test-kit.ts";

const BASE = "/api/wallet";
const FOREIGN = encodeAddress(KEY_SCRIPT, NETWORK.addressPrefixes)!;
const COIN = 100_000_000;
const REWARD = 50 * COIN;

const get = (path: string) => asAdmin("GET", `${BASE}${path}`);
const post = (path: string, body?: object) => asAdmin("POST", `${BASE}${path}`, body);

describe("one wallet", () => {
  let rest: RestTestNode;
  let address: string;
  beforeAll(async () => {
    rest = await openRestTestNode({ hasIndexes: false, hasWallets: true });
  }, 60_000);
  afterAll(() => rest?.close());
  const refusal = (request: InjectOptions) => rest.refusal(request);
  const mine = (count: number, to: string) => rest.node.call("generatetoaddress", [count, to]);

  test("nothing is answered of a wallet before there is one", async () => {
    expect(await rest.data("wallets", get("/wallets"))).toEqual([]);
    const none = "No wallet is loaded: POST /api/wallet/wallets makes one, and /api/wallet/wallets/load loads one.";
    for (const path of ["/info", "/balance", "/transactions", "/utxos", "/wallet/addresses"])
      expect(await refusal(get(path))).toEqual([404, none]);
    expect(await refusal(post("/wallet", {}))).toEqual([404, none]);
  });

  test("one is made, and tells no keys", async () => {
    const made = await rest.data("createWallet", post("/wallets", { name: "shop" }));
    expect(made).toMatchObject({
      ...{ name: "shop", is_own: false, is_encrypted: false, is_locked: false, unlocked_until: null },
      ...{ has_private_keys: true, avoids_reuse: false, is_scanning: false, transaction_count: 0, warnings: [] },
    });
    expect(await rest.data("wallets", get("/wallets"))).toEqual([{ name: "shop", is_loaded: true, is_own: false }]);
    const [status, error] = await refusal(post("/wallets", { name: "shop" }));
    expect(status).toBe(409);
    expect(error).toContain("shop");
    for (const name of ["", "/", "/tmp/shop", "shop\u0000"]) {
      expect(await refusal(post("/wallets", { name }))).toMatchObject({ 0: 400 });
      expect(await refusal(post("/wallets/load", { name }))).toMatchObject({ 0: 400 });
    }
    expect(await refusal(post("/wallets/load", { name: "shop" }))).toEqual([409, 'Wallet "shop" is already loaded.']);
  });

  test("it gives out addresses with a label or, as older programs say it, a name", async () => {
    const first = await rest.data("newWalletAddress", post("/wallet", { name: "order 17" }));
    expect(first).toMatchObject({ label: "order 17", wallet: "shop", public_key: expect.stringMatching(/^0[23]/) });
    const second = await rest.data("newWalletAddress", post("/wallet", { label: "", address_type: "bech32m" }));
    expect(second.address).toMatch(/^bcrt1p/);
    const third = await rest.data("newWalletAddress", post("/wallet", {}));
    address = third.address;
    const { items, total } = await rest.data("walletAddresses", get("/wallet/addresses"));
    expect(total).toBe(3);
    expect(items.map((one) => one.address).sort()).toEqual([first.address, second.address, address].sort());
    expect(items.every(({ is_used, balance }) => !is_used && balance === 0)).toBe(true);
    const page = await rest.data("walletAddresses", get("/wallet/addresses?limit=2&page=1"));
    expect(page.items).toEqual([items[2]]);

    const view = await rest.data("walletAddress", get(`/wallet/${address}`));
    expect(view).toMatchObject({
      address,
      label: "",
      is_mine: true,
      is_change: false,
      path: expect.stringMatching(/^m\/84/),
    });
    expect(
      await rest.data("labelWalletAddress", asAdmin("PUT", `${BASE}/wallet/${address}`, { label: "rent" })),
    ).toEqual({
      ...view,
      label: "rent",
    });
    expect(await rest.data("walletAddress", get(`/wallet/${FOREIGN}`))).toMatchObject({ is_mine: false, label: null });
    expect(await refusal(get("/wallet/xyz"))).toMatchObject({ 0: 400 });
  });

  test("it has what is mined to it", async () => {
    await mine(2, address);
    await mine(99, FOREIGN);
    expect(await rest.data("walletBalance", get("/balance"))).toMatchObject({
      ...{ confirmed: REWARD, unconfirmed: 0, immature: REWARD, total: 2 * REWARD, block_height: 101 },
    });
    expect(await rest.data("walletAddressBalance", get(`/wallet/${address}/balance`))).toMatchObject({
      ...{ address, balance: REWARD, unconfirmed_balance: 0, immature_balance: REWARD, utxo_count: 2 },
    });
    expect(await refusal(get(`/wallet/${FOREIGN}/balance`))).toEqual([
      404,
      "The wallet does not have the address; what any address has is at /api/v1/addresses/{address}/balance.",
    ]);
    const { items } = await rest.data("walletUtxos", get("/utxos"));
    expect(items).toMatchObject([{ address, label: "rent", value: REWARD, confirmations: 101, is_safe: true }]);
  });

  test("it pays, after it told what that would cost", async () => {
    const payment = { to_address: FOREIGN, amount: COIN, feerate: 2.5 };
    const preview = await rest.data("sendFromWallet", post("/transactions", { ...payment, is_preview: true }));
    expect(preview).toMatchObject({ txid: null, is_preview: true, amount: COIN });
    const { inputs, outputs, virtual_size: size, feerate } = preview.plan!;
    expect(inputs).toMatchObject([{ amount: REWARD, vout: 0 }]);
    const change = REWARD - COIN - preview.fee;
    expect(outputs.toSorted((a, b) => a.amount - b.amount)).toEqual([
      { address: FOREIGN, amount: COIN, is_change: false },
      { address: expect.any(String), amount: change, is_change: true },
    ]);
    expect(size).toBe(141);
    expect(Math.abs(feerate! - 2.5)).toBeLessThan(0.1);
    expect((await rest.data("walletHistory", get("/transactions"))).items).toHaveLength(2);
    const paid = await rest.data("sendFromWallet", post("/transactions", { ...payment, label: "landlord" }));
    expect(paid).toMatchObject({ is_preview: false, to_address: FOREIGN, amount: COIN, fee: preview.fee, plan: null });
    expect(paid.total).toBe(COIN + paid.fee);
    // 141 vbytes.
    expect(paid.fee).toBe(353);
    expect(await rest.data("walletAddress", get(`/wallet/${FOREIGN}`))).toMatchObject({ label: "landlord" });
    const seen = await rest.data("walletTransaction", get(`/transactions/${paid.txid}`));
    expect(seen).toMatchObject({
      ...{ txid: paid.txid, amount: -COIN, fee: 353, confirmations: 0, block_hash: null, is_abandoned: false },
      movements: [{ category: "send", address: FOREIGN, label: "landlord", amount: -COIN }],
    });

    const bumped = await rest.data("bumpWalletTransaction", post(`/transactions/${paid.txid}/bump`, { feerate: 10 }));
    expect(bumped).toMatchObject({ original_fee: 353, fee: 1410 });
    expect(await rest.data("walletTransaction", get(`/transactions/${paid.txid}`))).toMatchObject({
      replaced_by: bumped.txid,
    });
    expect(await refusal(post(`/transactions/${"11".repeat(32)}/bump`, {}))).toMatchObject({ 0: 404 });
    const [status, error] = await refusal(post(`/transactions/${bumped.txid}/abandon`));
    expect([status, error]).toEqual([409, "Transaction not eligible for abandonment."]);
    await mine(1, FOREIGN);
    expect(await rest.data("walletTransaction", get(`/transactions/${bumped.txid}`))).toMatchObject({
      confirmations: 1,
      block_height: 102,
    });
    expect(await refusal(post(`/transactions/${paid.txid}/abandon`))).toMatchObject({ 0: 409 });
  });

  test("what was not sent may be given up", async () => {
    const before = await rest.data("walletBalance", get("/balance"));
    Object.assign(rest.wallets!.config, { broadcasts: false });
    const { txid } = await rest.data("sendFromWallet", post("/transactions", { to_address: FOREIGN, amount: COIN }));
    Object.assign(rest.wallets!.config, { broadcasts: true });
    // Its coins are not there to be spent, nor is its change.
    const meanwhile = await rest.data("walletBalance", get("/balance"));
    expect(before.confirmed - meanwhile.confirmed).toBeGreaterThanOrEqual(COIN);
    expect(meanwhile.total).toBe(meanwhile.confirmed + meanwhile.unconfirmed + meanwhile.immature + meanwhile.used);
    const given = await rest.data("abandonWalletTransaction", post(`/transactions/${txid}/abandon`));
    expect(given).toMatchObject({ txid, is_abandoned: true, confirmations: 0 });
    expect(await rest.data("walletBalance", get("/balance"))).toEqual(before);
  });

  test("a fee may be taken off, and coins of one address alone be spent", async () => {
    const { address: poor } = await rest.data("newWalletAddress", post("/wallet", { label: "poor" }));
    await rest.data("sendFromWallet", post("/transactions", { to_address: poor, amount: COIN, feerate: 1 }));
    await mine(1, FOREIGN);
    const spend = (more: object) =>
      post("/transactions", { to_address: FOREIGN, from_address: poor, feerate: 1, ...more });
    expect(await refusal(spend({ amount: 2 * COIN }))).toEqual([
      409,
      "The coins of from_address are too few for the amount.",
    ]);
    const [status] = await refusal(spend({ amount: COIN }));
    expect(status).toBe(409);
    const paid = await rest.data("sendFromWallet", spend({ amount: COIN, subtract_fee: true }));
    expect(paid.amount).toBe(COIN - paid.fee);
    expect(paid.total).toBe(COIN);
    expect(await rest.data("walletAddressBalance", get(`/wallet/${poor}/balance`))).toMatchObject({ utxo_count: 0 });
    expect(await refusal(spend({ from_address: FOREIGN, amount: 1000 }))).toEqual([
      400,
      "from_address is no address of the wallet.",
    ]);
  });

  test("a payment whose label cannot be given is refused before it is made", async () => {
    const before = await rest.data("walletBalance", get("/balance"));
    const pay = post("/transactions", { to_address: FOREIGN, amount: COIN, feerate: 1, label: "*" });
    expect(await refusal(pay)).toEqual([400, "The label * cannot be given."]);
    expect(await rest.data("walletBalance", get("/balance"))).toEqual(before);
  });

  test("nothing is paid with coins that may yet go", async () => {
    const { address: hopeful } = await rest.data("newWalletAddress", post("/wallet", { label: "hopeful" }));
    await rest.data("createWallet", post("/wallets", { name: "payer" }));
    const { address: payers } = await rest.data("newWalletAddress", post("/wallet", { wallet: "payer" }));
    const give = (wallet: string, to_address: string, amount: number) =>
      post("/transactions", { wallet, to_address, amount, feerate: 1 });
    await rest.data("sendFromWallet", give("shop", payers, 3 * COIN));
    await mine(1, FOREIGN);
    await rest.data("sendFromWallet", give("payer", hopeful, 2 * COIN));
    const spend = post("/transactions", {
      ...{ wallet: "shop", from_address: hopeful, to_address: FOREIGN, amount: COIN, feerate: 1 },
    });
    expect(await refusal(spend)).toEqual([409, "The coins of from_address are too few for the amount."]);
    await mine(1, FOREIGN);
    expect(await rest.data("sendFromWallet", spend)).toMatchObject({ amount: COIN });
    await rest.data("unloadWallet", post("/wallets/unload", { name: "payer" }));
  });

  test("refuses what cannot be", async () => {
    const pay = (more: object) => refusal(post("/transactions", { to_address: FOREIGN, amount: 1000, ...more }));
    expect(await pay({ amount: 0 })).toMatchObject({ 0: 400 });
    expect(await pay({ amount: -5 })).toMatchObject({ 0: 400 });
    expect(await pay({ to_address: "nonsense" })).toMatchObject({ 0: 400 });
    expect(await pay({ feerate: 1, target: 2 })).toMatchObject({ 0: 400 });
    expect(await pay({ amount: 1000 * COIN })).toEqual([409, expect.stringMatching(/insufficient funds/i)]);
    expect(await refusal(get("/transactions?cursor=x1"))).toMatchObject({ 0: 400 });
    expect(await refusal(get(`/transactions/${"11".repeat(32)}`))).toMatchObject({ 0: 404 });
  });

  test("its history goes on behind a cursor, each transaction once", async () => {
    const all = await rest.data("walletHistory", get("/transactions?limit=100"));
    expect(all.next_cursor).toBeNull();
    expect(all.items.length).toBeGreaterThan(4);
    const seen: string[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const part: RestData<"walletHistory"> = await rest.data(
        "walletHistory",
        get(`/transactions?limit=2${cursor && `&cursor=${cursor}`}`),
      );
      expect(part.items.length).toBeLessThanOrEqual(2);
      seen.push(...part.items.map(({ txid }) => txid));
      cursor = part.next_cursor;
    }
    expect(seen).toEqual(all.items.map(({ txid }) => txid));
    expect(new Set(seen).size).toBe(seen.length);
  });

  test("a passphrase locks it", async () => {
    const noPassphrase = "The wallet has no passphrase; POST /api/wallet/encrypt gives it one.";
    expect(await refusal(post("/lock"))).toEqual([409, noPassphrase]);
    expect(await refusal(post("/unlock", { passphrase: "a", seconds: 60 }))).toEqual([409, noPassphrase]);
    expect(await rest.data("encryptWallet", post("/encrypt", { passphrase: "correct" }))).toMatchObject({
      is_encrypted: true,
      is_locked: true,
    });
    const pay = post("/transactions", { to_address: FOREIGN, amount: 1000, feerate: 1 });
    const locked = [409, "The wallet is locked: POST /api/wallet/unlock takes its passphrase."];
    expect(await refusal(pay)).toEqual(locked);
    const preview = post("/transactions", { to_address: FOREIGN, amount: 1000, feerate: 1, is_preview: true });
    expect((await rest.data("sendFromWallet", preview)).fee).toBeGreaterThan(0);
    expect(await refusal(post("/unlock", { passphrase: "wrong", seconds: 60 }))).toMatchObject({ 0: 422 });
    const unlocked = await rest.data("unlockWallet", post("/unlock", { passphrase: "correct", seconds: 60 }));
    expect(unlocked).toMatchObject({ is_locked: false, unlocked_until: expect.any(Number) });
    await rest.data("sendFromWallet", pay);
    expect(await rest.data("lockWallet", post("/lock"))).toMatchObject({ is_locked: true, unlocked_until: null });
    const change = (old_passphrase: string) => post("/passphrase", { old_passphrase, new_passphrase: "horse" });
    expect(await refusal(change("wrong"))).toMatchObject({ 0: 422 });
    await rest.data("changeWalletPassphrase", change("correct"));
    await rest.data("unlockWallet", post("/unlock", { passphrase: "horse", seconds: 1 }));
    expect(await refusal(post("/encrypt", { passphrase: "x" }))).toEqual([
      409,
      "The wallet has a passphrase; POST /api/wallet/passphrase changes it.",
    ]);
  });

  test("with several, one is named; one that is closed is not there until it is loaded", async () => {
    await rest.data("createWallet", post("/wallets", { name: "other", watch_only: true }));
    expect(await refusal(get("/info"))).toEqual([
      400,
      'Several wallets are loaded; say which (wallet): "shop", "other".',
    ]);
    expect(await rest.data("walletInfo", get("/info?wallet=other"))).toMatchObject({ has_private_keys: false });
    expect(await refusal(post("/wallet", { wallet: "other" }))).toMatchObject({ 0: 409 });
    expect(await rest.data("unloadWallet", post("/wallets/unload", { name: "other" }))).toEqual({
      name: "other",
      warnings: [],
    });
    expect(await refusal(get("/info?wallet=other"))).toEqual([
      404,
      'No wallet "other" is loaded; GET /api/wallet/wallets lists those that there are.',
    ]);
    expect(await rest.data("walletInfo", get("/info"))).toMatchObject({ name: "shop" });
    await rest.data("loadWallet", post("/wallets/load", { name: "other" }));
    // The node's own is meant where none is named.
    Object.assign(rest.wallets!, { own: rest.wallets!.manager.get("other") });
    expect(await rest.data("walletInfo", get("/info"))).toMatchObject({ name: "other", is_own: true });
  });

  test("where the node's own is closed, another one is not meant even if it is the only one", async () => {
    await rest.data("unloadWallet", post("/wallets/unload", { name: "other" }));
    const closed =
      'The node\'s own wallet "other" is not loaded: POST /api/wallet/wallets/load loads it; or say which one is meant (wallet).';
    expect(await refusal(get("/balance"))).toEqual([404, closed]);
    expect(await refusal(post("/wallet", {}))).toEqual([404, closed]);
    expect(await refusal(post("/transactions", { to_address: FOREIGN, amount: 1000 }))).toEqual([404, closed]);
    expect(await rest.data("walletInfo", get("/info?wallet=shop"))).toMatchObject({ name: "shop" });
  });

  test("of a node that is ending no wallet is said not to be there: it is back soon", async () => {
    await rest.wallets!.manager.stop();
    for (const path of ["/balance", "/info?wallet=shop"]) {
      expect(await refusal(get(path))).toEqual([503, "The node is stopping."]);
    }
    expect(await refusal(post("/transactions", { to_address: FOREIGN, amount: 1000 }))).toMatchObject({ 0: 503 });
  });
});

test("a node without wallets says what to do", async () => {
  await using rest = await openRestTestNode({ hasIndexes: false, tips: mineMany(GENESIS, 1) });
  expect(await rest.refusal(get("/info"))).toEqual([
    503,
    "This node keeps no wallets: start it without -disablewallet, or name the node that does with -walletnodeurl (WALLET_NODE_URL).",
  ]);
});
