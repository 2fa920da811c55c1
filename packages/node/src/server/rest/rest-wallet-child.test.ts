import { encodeAddress } from "@bitfleet/protocol/script/address.ts";
import type { InjectOptions } from "fastify";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { KEY_SCRIPT, NETWORK } from "../../chain/test-kit.ts";
import { asAdmin, openRestTestNode, type RestTestNode } from "./rest-test-kit.ts";

const BASE = "/api/wallet";
const FOREIGN = encodeAddress(KEY_SCRIPT, NETWORK.addressPrefixes)!;
const COIN = 100_000_000;

describe("a child pays for its parent", () => {
  let rest: RestTestNode;
  let now = 0;
  beforeAll(async () => {
    rest = await openRestTestNode({ hasIndexes: false, hasWallets: true });
    for (const name of ["payer", "shop", "chain"]) await rest.data("createWallet", post("/wallets", { name }));
    await mine(3, await address("payer"));
    for (const name of ["shop", "chain"]) await mine(1, await address(name));
    await mine(100, FOREIGN);
    now = (await rpc("getblockchaininfo")).time;
  }, 60_000);
  afterAll(() => rest?.close());

  const post = (path: string, body: object) => asAdmin("POST", `${BASE}${path}`, body);
  const mine = (count: number, to: string) => rest.node.call("generatetoaddress", [count, to]);
  const address = async (wallet: string) => (await rest.data("newWalletAddress", post("/wallet", { wallet }))).address;
  const pay = async (to: string, feerate: number, wallet = "payer", amount = COIN) =>
    (await rest.data("sendFromWallet", post("/transactions", { wallet, to_address: to, amount, feerate }))).txid!;
  const cpfp = (txid: string, more: object) => post(`/transactions/${txid}/cpfp`, { wallet: "shop", ...more });
  const refusal = (request: InjectOptions) => rest.refusal(request);
  // biome-ignore lint/suspicious/noExplicitAny: tests look into it
  const rpc = async (method: string, params: readonly unknown[] = []): Promise<any> =>
    (await rest.node.call(method, params)).result;
  const sats = (coins: number) => Math.round(coins * COIN);
  /** A new block to mine upon is put together at most once in so many seconds. */
  const minedOrder = async (): Promise<string[]> => {
    now += 10;
    await rpc("setmocktime", [now]);
    const { transactions } = await rpc("getblocktemplate", [{ rules: ["segwit"] }]);
    return transactions.map(({ txid }: { txid: string }) => txid);
  };

  test("a payment that comes in at a low feerate is mined before one that pays more than it does", async () => {
    const parent = await pay(await address("shop"), 1);
    const competitor = await pay(FOREIGN, 10, "shop");
    expect(await minedOrder()).toEqual([competitor, parent]);

    const preview = await rest.data("payForWalletTransaction", cpfp(parent, { feerate: 20, is_preview: true }));
    expect(preview).toMatchObject({ txid: null, is_preview: true });
    const made = await rest.data("payForWalletTransaction", cpfp(parent, { feerate: 20 }));
    expect(made).toMatchObject({ is_preview: false, fee: preview.fee });
    expect(await minedOrder()).toEqual([parent, made.txid, competitor]);

    const entry = await rpc("getmempoolentry", [made.txid]);
    expect(entry.depends).toEqual([parent]);
    expect(entry).toMatchObject({ ancestorcount: 2, ancestorsize: made.package_size, vsize: made.size });
    expect(sats(entry.fees.ancestor)).toBe(made.package_fee);
    expect(sats(entry.fees.chunk)).toBe(made.package_fee);
    expect(made.package_fee / made.package_size).toBeGreaterThanOrEqual(20);
    expect(made.package_fee / made.package_size).toBeLessThan(20.2);
    expect(made.package_feerate).toBeCloseTo(made.package_fee / made.package_size, 2);

    expect(await refusal(cpfp(parent, { feerate: 30 }))).toMatchObject({ 0: 409 });
    await mine(1, FOREIGN);
    expect(await refusal(cpfp(parent, { feerate: 30 }))).toEqual([
      409,
      "The transaction is not in the mempool: a child can do nothing for it.",
    ]);
  });

  test.each([
    ["what the parent waits for is paid too", 1, 3],
    ["what miners take anyway is not paid again", 50, 2],
  ])("%s", async (_, feerate, chunkCount) => {
    // With a single coin, the change goes on from one payment to the next.
    const first = await pay(FOREIGN, feerate, "chain");
    const parent = await pay(await address("shop"), 1, "chain");
    const made = await rest.data("payForWalletTransaction", cpfp(parent, { feerate: 15 }));
    const entries = await Promise.all([first, parent, made.txid].map((txid) => rpc("getmempoolentry", [txid])));
    const [, , { ancestorcount, chunkweight, fees }] = entries;
    expect(ancestorcount).toBe(3);
    expect(entries.filter((entry) => entry.chunkweight === chunkweight)).toHaveLength(chunkCount);
    const chunkFeerate = (sats(fees.chunk) * 4) / chunkweight;
    expect(chunkFeerate).toBeGreaterThanOrEqual(15);
    expect(chunkFeerate).toBeLessThan(15.2);
    expect(sats(fees.ancestor)).toBe(made.package_fee);
    await mine(1, FOREIGN);
  });

  test("what pays enough, is not the wallet's, or leaves too little is refused", async () => {
    const rich = await pay(await address("shop"), 20);
    expect(await refusal(cpfp(rich, { feerate: 19 }))).toEqual([
      409,
      "Miners who take 19.000 sat/vB take the transaction as it is: a child would pay for nothing.",
    ]);
    const foreign = await pay(FOREIGN, 1);
    expect(await refusal(cpfp(foreign, { feerate: 20 }))).toMatchObject({ 0: 404 });
    const small = await pay(await address("shop"), 1, "payer", 1000);
    const [status, error] = await refusal(cpfp(small, { feerate: 20 }));
    expect(status).toBe(409);
    expect(error).toMatch(/^The child would have to pay \d+ satoshis, .* is worth 1000: choose a lower feerate\.$/);
    expect(await refusal(cpfp(small, { feerate: 2, target: 3 }))).toMatchObject({ 0: 400 });
    expect(await refusal(cpfp(small, { feerate: 0.5 }))).toEqual([
      409,
      expect.stringContaining("lower than the minimum"),
    ]);
  });

  test("a locked wallet tells what it would cost, and pays when it is unlocked", async () => {
    await rest.data("encryptWallet", post("/encrypt", { wallet: "shop", passphrase: "correct" }));
    const parent = await pay(await address("shop"), 1);
    expect(await refusal(cpfp(parent, { feerate: 20 }))).toEqual([
      409,
      "The wallet is locked: POST /api/wallet/unlock takes its passphrase.",
    ]);
    const preview = await rest.data("payForWalletTransaction", cpfp(parent, { feerate: 20, is_preview: true }));
    await rest.data("unlockWallet", post("/unlock", { wallet: "shop", passphrase: "correct", seconds: 60 }));
    const made = await rest.data("payForWalletTransaction", cpfp(parent, { feerate: 20 }));
    expect(made.fee).toBe(preview.fee);
  });
});
