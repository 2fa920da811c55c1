import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { balancesOf } from "@bitfleet/wallet/ledger/balances.ts";
import { expect, test } from "vitest";
import { GENESIS, inTemporaryDirectory, mine, rewardOf, spend, spendableOf, submitAll } from "../chain/test-kit.ts";
import { abandonLostPayments } from "./lost-payments.ts";
import { mineTo, openTestWallets, receiveScript } from "./test-kit.ts";

test("payments that neither chain nor mempool has are given up, with what spends them; nothing else is", () =>
  inTemporaryDirectory(async (path) => {
    const { chain, manager, close } = await openTestWallets(path);
    const { wallet } = await manager.create({ name: "w" });
    const first = mineTo(GENESIS, receiveScript(wallet));
    const second = mineTo(first, receiveScript(wallet));
    const others = mine(second);
    await submitAll(chain, [first, second, others]);
    manager.all();

    const lost = spend([rewardOf(first)]);
    const childOfLost = spend([spendableOf(lost)], { to: receiveScript(wallet) });
    const waiting = spend([rewardOf(second)]);
    const incoming = spend([rewardOf(others)], { to: receiveScript(wallet) });
    for (const tx of [lost, childOfLost, waiting]) wallet.takeCreated(tx, {});
    wallet.takeEvents([
      { type: "transaction-added", tx: waiting },
      { type: "transaction-added", tx: incoming },
      { type: "transaction-removed", tx: incoming, reason: "reorg" },
    ]);
    const stateOf = ({ txid }: Transaction) => wallet.transaction(txid)?.state;
    const immature = () => balancesOf(wallet.ledger, wallet.queryContext()).immature;
    const before = immature();

    for (let round = 0; round < 2; round++) {
      abandonLostPayments(manager);
      expect(stateOf(lost)).toEqual({ kind: "inactive", isAbandoned: true });
      expect(stateOf(childOfLost)).toEqual({ kind: "inactive", isAbandoned: true });
      expect(stateOf(waiting)).toEqual({ kind: "in-mempool" });
      expect(stateOf(incoming)).toEqual({ kind: "inactive", isAbandoned: false });
    }
    expect(immature() - before).toBe(rewardOf(first).output.value);
    await close();
  }));

test("a wallet that cannot be written is unloaded, and the others go on", () =>
  inTemporaryDirectory(async (path) => {
    const { chain, manager, close } = await openTestWallets(path);
    const wallets = [];
    for (const name of ["broken", "whole"]) wallets.push((await manager.create({ name })).wallet);
    const tips = [mineTo(GENESIS, receiveScript(wallets[0]!))];
    tips.push(mineTo(tips[0]!, receiveScript(wallets[1]!)));
    await submitAll(chain, tips);
    manager.all();
    const lost = tips.map((tip) => spend([rewardOf(tip)]));
    for (const [index, tx] of lost.entries()) wallets[index]!.takeCreated(tx, {});
    await wallets[0]!.database.close();

    abandonLostPayments(manager);
    expect(manager.all().map(({ name }) => name)).toEqual(["whole"]);
    expect(wallets[1]!.transaction(lost[1]!.txid)?.state).toEqual({ kind: "inactive", isAbandoned: true });
    await close();
  }));
