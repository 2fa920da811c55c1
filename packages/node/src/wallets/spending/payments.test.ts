import { COIN, totalValue } from "@bitfleet/protocol/consensus/amount.ts";
import { isError } from "@bitfleet/wallet/building/build-request.ts";
import { transactionCreated } from "@bitfleet/wallet/ledger/own-rules.ts";
import { describe, expect, test } from "vitest";
import { GENESIS, inTemporaryDirectory, KEY_SCRIPT, mineMany, submitAll } from "../../chain/test-kit.ts";
import type { NodeWallet } from "../node-wallet.ts";
import { mineTo, openTestWallets, receiveScript, type TestWallets } from "../test-kit.ts";
import { buildPayment, buildSignedPayment } from "./payments.ts";
import type { SpendingNode } from "./spending-node.ts";

const POLICY: SpendingNode["policy"] = {
  addressType: "bech32",
  changeType: undefined,
  confirmTarget: 6,
  fees: {
    minFeerateSatPerKvb: 1000n,
    fallbackFeerateSatPerKvb: 20_000n,
    discardFeerateSatPerKvb: 10_000n,
    consolidateFeerateSatPerKvb: 10_000n,
    maxFeeSats: COIN / 10n,
    partialSpendFeeMaxSats: 0n,
  },
  avoidsPartialSpends: false,
  spendsUnconfirmedChange: true,
  signalsReplaceability: true,
  rejectsLongChains: true,
  ancestorCountMax: 25,
  descendantCountMax: 25,
  broadcasts: true,
  loadWarnings: [],
};

interface Spender extends TestWallets {
  readonly wallet: NodeWallet;
  readonly node: SpendingNode;
}

/** A wallet with two coins of 50 that are mature. */
const withSpender = (work: (kit: Spender) => Promise<void>) =>
  inTemporaryDirectory(async (path) => {
    const kit = await openTestWallets(path);
    await kit.manager.create({ name: "w" });
    const script = receiveScript(kit.manager.get("w")!);
    const first = mineTo(GENESIS, script);
    const second = mineTo(first, script);
    await submitAll(kit.chain, [first, second, ...mineMany(second, 100)]);
    const { chain, mempool, clock } = kit;
    const random = { bytes: (size: number) => new Uint8Array(size), unit: () => 0.5 };
    const node = { chain, mempool, clock, random, policy: POLICY, fees: { estimator: undefined } };
    await work({ ...kit, node, wallet: kit.manager.get("w")! });
    await kit.close();
  });

const pay = (amount: bigint) => ({ recipients: [{ scriptPubKey: KEY_SCRIPT, amount }] });

function nextChangeIndex(wallet: NodeWallet): number {
  return wallet.keychain.activeSource({ addressType: "bech32", isInternal: true })!.progress.nextIndex;
}

describe("a payment of a wallet", () => {
  test("is taken by the mempool, pays what it says, and its change is the wallet's", () =>
    withSpender(async ({ wallet, node, mempool }) => {
      const payment = buildSignedPayment(pay(60n * COIN), wallet, node);
      if (isError(payment)) throw new Error(payment.error);
      const taken = await mempool.accept(payment.tx);
      expect(taken).toMatchObject({ kind: "accepted", entry: { fee: payment.fee } });
      expect(totalValue(payment.tx.outputs)).toBe(100n * COIN - payment.fee);
      const change = payment.tx.outputs[payment.changeIndex!]!;
      expect(wallet.keychain.ownerOf(change.scriptPubKey)).toBeDefined();
      expect(payment.feerate).toEqual({ feerateSatPerKvb: 20_000n, reason: "Fallback fee" });
      expect(nextChangeIndex(wallet)).toBe(1);
    }));

  test("weighs no more than was reckoned with, and at most a byte of a signature less", () =>
    withSpender(async ({ wallet, node }) => {
      const payment = buildSignedPayment(pay(60n * COIN), wallet, node);
      if (isError(payment)) throw new Error(payment.error);
      const slack = payment.size.weight - payment.tx.weight;
      expect(slack).toBeGreaterThanOrEqual(0);
      expect(slack).toBeLessThanOrEqual(payment.tx.inputs.length * 2);
    }));

  test("that cannot be made leaves the address for change to the next", () =>
    withSpender(async ({ wallet, node }) => {
      expect(buildPayment(pay(101n * COIN), wallet, node)).toEqual({ error: "Insufficient funds" });
      expect(buildPayment(pay(100n * COIN), wallet, node)).toEqual({
        error: expect.stringContaining("The total exceeds your balance when the"),
      });
      expect(nextChangeIndex(wallet)).toBe(0);
    }));

  test("of a wallet whose keys are away fails, and gives the address back", () =>
    withSpender(async ({ wallet, node }) => {
      wallet.secrets.clear();
      expect(buildSignedPayment(pay(COIN), wallet, node)).toEqual({ error: "Signing transaction failed" });
      expect(nextChangeIndex(wallet)).toBe(0);
    }));

  test("spends unconfirmed change, and makes up for what its ancestors lack", () =>
    withSpender(async ({ wallet, node, mempool, manager }) => {
      const cheap = buildSignedPayment({ ...pay(99n * COIN), feerateSatPerKvb: 1000n }, wallet, node);
      if (isError(cheap)) throw new Error(cheap.error);
      wallet.apply(transactionCreated(wallet.ledger, cheap.tx, {}, wallet.ruleContext()));
      await mempool.accept(cheap.tx);
      const child = buildSignedPayment({ ...pay(COIN / 2n), feerateSatPerKvb: 5000n }, manager.get("w")!, node);
      if (isError(child)) throw new Error(child.error);
      const together = child.fee + cheap.fee;
      const size = BigInt(child.size.virtualSize + cheap.tx.virtualSize);
      expect(together).toBeGreaterThanOrEqual(5n * size);
      expect(together).toBeLessThanOrEqual(5n * size + 5n);
    }));

  test("does not grow a chain that the mempool would not take, unless told to", () =>
    withSpender(async ({ wallet, node, mempool, manager }) => {
      const narrow = { ...mempool.options, clusterCountMax: 1 };
      const held = { ...node, mempool: withOptions(mempool, narrow) };
      const first = buildSignedPayment(pay(99n * COIN), wallet, node);
      if (isError(first)) throw new Error(first.error);
      wallet.apply(transactionCreated(wallet.ledger, first.tx, {}, wallet.ruleContext()));
      await mempool.accept(first.tx);
      const request = pay(COIN / 2n);
      expect(buildPayment(request, manager.get("w")!, held)).toEqual({
        error: "too many unconfirmed transactions in cluster",
      });
      const policy = { ...POLICY, rejectsLongChains: false };
      expect(isError(buildPayment(request, manager.get("w")!, { ...held, policy }))).toBe(false);
    }));

  test.each(["ancestorCountMax", "descendantCountMax"] as const)("%s keeps it from coins of long chains", (limit) =>
    withSpender(async ({ wallet, node, mempool, manager }) => {
      // Both coins, and two payments on the change: what is left has three unconfirmed transactions behind it.
      for (const amount of [99n * COIN, COIN / 10n, COIN / 10n]) {
        const payment = buildSignedPayment(pay(amount), manager.get("w")!, node);
        if (isError(payment)) throw new Error(payment.error);
        wallet.apply(transactionCreated(wallet.ledger, payment.tx, {}, wallet.ruleContext()));
        await mempool.accept(payment.tx);
      }
      const outcome = (most: number, others: Partial<SpendingNode["policy"]> = {}) =>
        buildPayment(pay(COIN / 10n), manager.get("w")!, { ...node, policy: { ...POLICY, [limit]: most, ...others } });
      expect(outcome(3)).toEqual({
        error:
          "Unconfirmed UTXOs are available, but spending them creates a chain of transactions that will be rejected by the mempool",
      });
      expect(isError(outcome(4))).toBe(false);
      expect(isError(outcome(3, { rejectsLongChains: false }))).toBe(false);
    }),
  );
});

function withOptions(
  mempool: TestWallets["mempool"],
  options: TestWallets["mempool"]["options"],
): SpendingNode["mempool"] {
  return {
    options,
    rollingFeerateSatPerKvb: 0n,
    get: (txid) => mempool.get(txid),
    clusterOf: (txid) => mempool.clusterOf(txid),
    spender: (outPoint) => mempool.spender(outPoint),
  };
}
