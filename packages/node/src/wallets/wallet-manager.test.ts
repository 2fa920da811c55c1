import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { COIN } from "@bitfleet/protocol/consensus/amount.ts";
import { balancesOf } from "@bitfleet/wallet/ledger/balances.ts";
import { transactionCreated } from "@bitfleet/wallet/ledger/own-rules.ts";
import { describe, expect, test } from "vitest";
import {
  GENESIS,
  inTemporaryDirectory,
  KEY_SCRIPT,
  mineMany,
  rewardOf,
  spend,
  submitAll,
  type Tip,
} from "../chain/test-kit.ts";
import type { NodeWallet } from "./node-wallet.ts";
import type { NodeWallets } from "./node-wallets.ts";
import { mineTo, openTestWallets, receiveScript, type TestWallets } from "./test-kit.ts";
import { TransactionRelay } from "./transaction-relay.ts";
import { WalletFlag } from "./wallet-flags.ts";
import { commitTransaction } from "./wallet-payments.ts";

const REWARD = 50n * COIN;

function balances(wallet: NodeWallet) {
  const { trusted, untrustedPending, immature } = balancesOf(wallet.ledger, wallet.queryContext());
  return { trusted, untrustedPending, immature };
}

const withWallets = (work: (kit: TestWallets, path: string) => Promise<void>) =>
  inTemporaryDirectory(async (path) => {
    const kit = await openTestWallets(path);
    try {
      await work(kit, path);
    } finally {
      await kit.close();
    }
  });

const named = (kit: TestWallets, name = "w") => kit.manager.get(name)!;

describe("a wallet follows the chain", () => {
  test("rewards are immature, then trusted; a reorganisation takes them back", () =>
    withWallets(async (kit) => {
      const { wallet } = await kit.manager.create({ name: "w" });
      const first = mineTo(GENESIS, receiveScript(wallet));
      await submitAll(kit.chain, [first]);
      expect(balances(named(kit))).toEqual({ trusted: 0n, untrustedPending: 0n, immature: REWARD });
      const rest = mineMany(first, 100);
      await submitAll(kit.chain, rest);
      expect(balances(named(kit))).toEqual({ trusted: REWARD, untrustedPending: 0n, immature: 0n });
      const other = mineMany(GENESIS, 102, { salt: 7 });
      await submitAll(kit.chain, other);
      expect(kit.chain.height).toBe(102);
      expect(balances(named(kit))).toEqual({ trusted: 0n, untrustedPending: 0n, immature: 0n });
      expect(named(kit).bestBlock).toEqual({ height: 102, hash: other.at(-1)!.block.hash });
    }));

  test("payments show in the mempool, and when they are confirmed", () =>
    withWallets(async (kit) => {
      const tips = mineMany(GENESIS, 101);
      await submitAll(kit.chain, tips);
      const { wallet } = await kit.manager.create({ name: "w" });
      const payment = payTo(receiveScript(wallet), tips[0]!);
      expect((await kit.mempool.accept(payment)).kind).toBe("accepted");
      expect(balances(named(kit))).toMatchObject({ untrustedPending: REWARD - 1000n, trusted: 0n });
      await submitAll(kit.chain, [
        mineTo(tips.at(-1)!, tips[0]!.block.transactions[0]!.outputs[0]!.scriptPubKey, { transactions: [payment] }),
      ]);
      expect(balances(named(kit))).toMatchObject({ untrustedPending: 0n, trusted: REWARD - 1000n });
    }));
});

describe("a wallet that followed another chain", () => {
  /** What it would be after a life on a chain with another first block, of whose blocks this one has none. */
  const moveAway = async (kit: TestWallets) => {
    const { wallet } = await kit.manager.create({ name: "w" });
    await submitAll(kit.chain, [mineTo(GENESIS, receiveScript(wallet))]);
    const elsewhere = new Uint8Array(32).fill(7);
    named(kit).database.settings.put("genesis", elsewhere);
    await kit.manager.unload(named(kit));
  };

  test("is refused in Core's words, and stays as it was", () =>
    withWallets(async (kit) => {
      await moveAway(kit);
      for (let attempt = 0; attempt < 2; attempt++) {
        await expect(kit.manager.load("w")).rejects.toMatchObject({
          code: "failed",
          message:
            "Wallet loading failed. Wallet files should not be reused across chains. Restart bitcoind with -walletcrosschain to override.",
        });
      }
    }));

  test("is loaded with -walletcrosschain, and belongs to this chain from then on", () =>
    inTemporaryDirectory(async (path) => {
      const allowing = await openTestWallets(path, { allowsOtherChains: true });
      await moveAway(allowing);
      await allowing.manager.load("w");
      expect(balances(named(allowing))).toMatchObject({ immature: REWARD });
      await allowing.close();
      const strict = await openTestWallets(path);
      await strict.manager.load("w");
      expect(balances(named(strict))).toMatchObject({ immature: REWARD });
      await strict.close();
    }));
});

test("a payment of its own is told once when it is made, and again in its block", () =>
  inTemporaryDirectory(async (path) => {
    const told: string[] = [];
    const kit = await openTestWallets(path, {}, (_wallet, { state }) => told.push(state.kind));
    const tips = mineMany(GENESIS, 101);
    await submitAll(kit.chain, tips);
    const { wallet } = await kit.manager.create({ name: "w" });
    const { chain, mempool, manager } = kit;
    const relay = new TransactionRelay({ chain, mempool, announcer: undefined });
    const config = { broadcasts: true, fees: { maxFeeSats: COIN } };
    const payment = payTo(receiveScript(wallet), tips[0]!);
    await commitTransaction(wallet, payment, {}, { manager, relay, config } as NodeWallets);
    expect(told).toEqual(["inactive"]);
    expect(wallet.transaction(payment.txid)?.state.kind).toBe("in-mempool");
    await submitAll(chain, [mineTo(tips.at(-1)!, KEY_SCRIPT, { transactions: [payment] })]);
    expect(named(kit).bestBlock.height).toBe(102);
    expect(told).toEqual(["inactive", "confirmed"]);
    await kit.close();
  }));

/** A reward of the test key, paid on to a script. */
function payTo(script: Uint8Array, tip: Tip) {
  return spend([rewardOf(tip)], { to: script });
}

describe("a wallet that was not loaded", () => {
  test("finds what came meanwhile, and forgets what went", () =>
    withWallets(async (kit) => {
      // Blocks older than a wallet's keys are not looked at.
      kit.clock.seconds = GENESIS.block.header.time;
      const { wallet } = await kit.manager.create({ name: "w" });
      const script = receiveScript(wallet);
      const before = mineTo(GENESIS, script);
      await submitAll(kit.chain, [before]);
      await kit.manager.unload(named(kit));
      const branch = [mineTo(GENESIS, script, { salt: 3 })];
      branch.push(mineTo(branch[0]!, script, { salt: 3 }));
      await submitAll(kit.chain, branch);
      expect(kit.chain.height).toBe(2);
      await kit.manager.load("w");
      expect(balances(named(kit))).toEqual({ trusted: 0n, untrustedPending: 0n, immature: 2n * REWARD });
      expect(named(kit).ledger.counts()).toMatchObject({ transactions: 3, unconfirmed: 1 });
    }));

  test("of a chain that is gone keeps its keys and sees the new one", () =>
    inTemporaryDirectory(async (path) => {
      const first = await openTestWallets(path);
      const { wallet } = await first.manager.create({ name: "w" });
      const script = receiveScript(wallet);
      await submitAll(first.chain, [mineTo(GENESIS, script)]);
      expect(balances(named(first)).immature).toBe(REWARD);
      await first.close();
      for (const folder of ["blocks", "chainstate"]) rmSync(join(path, folder), { recursive: true });
      const second = await openTestWallets(path);
      await submitAll(second.chain, mineMany(GENESIS, 3, { salt: 9 }));
      await second.manager.load("w");
      expect(balances(named(second))).toEqual({ trusted: 0n, untrustedPending: 0n, immature: 0n });
      await submitAll(second.chain, [mineTo(mineMany(GENESIS, 3, { salt: 9 }).at(-1)!, script)]);
      expect(balances(named(second)).immature).toBe(REWARD);
      await second.close();
    }));
});

describe("keys", () => {
  test("of an encrypted wallet are not at hand until it is unlocked, and gone when it is locked", () =>
    withWallets(async (kit) => {
      const { wallet } = await kit.manager.create({ name: "w", passphrase: "secret" });
      expect(wallet.isLocked).toBe(true);
      expect(wallet.secrets.unlocked.privateKeys.size).toBe(0);
      expect(wallet.secrets.count).toBe(1);
      await expect(wallet.unlock("wrong")).rejects.toMatchObject({ code: "wrong-passphrase" });
      await wallet.unlock("secret");
      const [key] = [...wallet.secrets.unlocked.privateKeys.values()];
      expect(key!.privateKey.some((byte) => byte !== 0)).toBe(true);
      wallet.lock();
      expect(key!.privateKey.every((byte) => byte === 0)).toBe(true);
      expect(wallet.secrets.unlocked.privateKeys.size).toBe(0);
      // Addresses are given out all the same.
      expect(receiveScript(wallet)).toHaveLength(22);
    }));

  test("there are none in a blank wallet, and in one that has none for good", () =>
    withWallets(async (kit) => {
      const blank = await kit.manager.create({ name: "b", isBlank: true });
      const watching = await kit.manager.create({ name: "v", disablesPrivateKeys: true });
      for (const { wallet } of [blank, watching]) expect(wallet.keychain.isEmpty).toBe(true);
      expect(watching.wallet.has(WalletFlag.disablePrivateKeys)).toBe(true);
      const message = expect.stringContaining("private keys are disabled");
      const create = kit.manager.create({ name: "x", disablesPrivateKeys: true, passphrase: "p" });
      await expect(create).rejects.toMatchObject({ code: "failed", message });
    }));
});

test("a file that is no backup is refused with the words that Core has for the wallet that it would be", () =>
  withWallets(async (kit, path) => {
    const file = join(path, "none.bak");
    writeFileSync(file, "nothing");
    await expect(kit.manager.restore(file, "r")).rejects.toMatchObject({
      code: "not-found",
      message: expect.stringContaining(
        `Failed to load database path '${join(path, "wallets/r")}'. Data is not in recognized format.`,
      ),
    });
    expect(existsSync(join(path, "wallets/r"))).toBe(false);
  }));

describe("names", () => {
  test("are taken once, loaded once, and remembered where that is wanted", () =>
    withWallets(async (kit) => {
      await kit.manager.create({ name: "w", loadOnStartup: true });
      expect([...kit.startup]).toEqual(["w"]);
      await expect(kit.manager.create({ name: "w" })).rejects.toMatchObject({
        message: expect.stringContaining("Database already exists"),
      });
      await expect(kit.manager.load("w")).rejects.toMatchObject({ code: "already-loaded" });
      await kit.manager.unload(named(kit), { loadOnStartup: false });
      expect([...kit.startup]).toEqual([]);
      await expect(kit.manager.load("none")).rejects.toMatchObject({ code: "not-found" });
      await expect(kit.manager.create({ name: "" })).rejects.toMatchObject({ code: "bad-request" });
    }));
});

test("what was written is there after a restart", () =>
  inTemporaryDirectory(async (path) => {
    const first = await openTestWallets(path);
    const { wallet } = await first.manager.create({ name: "w" });
    const scripts = [receiveScript(wallet, "one"), receiveScript(wallet, "two")];
    const tips = mineMany(GENESIS, 101);
    await submitAll(first.chain, tips);
    const created = payTo(scripts[1]!, tips[0]!);
    wallet.apply(transactionCreated(wallet.ledger, created, { comment: "c" }, wallet.ruleContext()));
    await first.close();
    const second = await openTestWallets(path);
    await second.manager.load("w");
    const again = named(second);
    expect(again.ledger.transaction(created.txid)).toMatchObject({
      notes: { comment: "c" },
      state: { kind: "inactive" },
    });
    expect(scripts.map((script) => again.ledger.addressBookEntry(script)?.label)).toEqual(["one", "two"]);
    expect(receiveScript(again)).not.toEqual(scripts[1]);
    expect(again.keychain.ownerOf(scripts[0]!)).toMatchObject({ index: 0 });
    await second.close();
  }));

test("a wallet that is encrypted has new keys for new addresses, and keeps the old ones", () =>
  withWallets(async (kit) => {
    const { wallet } = await kit.manager.create({ name: "w" });
    const before = receiveScript(wallet);
    await kit.manager.encrypt(wallet, "secret");
    expect(wallet.isLocked).toBe(true);
    expect([...wallet.keychain.sources]).toHaveLength(16);
    expect(wallet.keychain.activeSources()).toHaveLength(8);
    const after = receiveScript(wallet);
    await kit.manager.unload(wallet);
    const again = (await kit.manager.load("w")).wallet;
    const oldOwner = again.keychain.ownerOf(before)!;
    expect(oldOwner.index).toBe(0);
    expect(again.keychain.source(oldOwner.descriptorId).record.activeFor).toBeUndefined();
    expect(again.keychain.ownerOf(after)).toMatchObject({ index: 0 });
    await again.unlock("secret");
    expect(again.secrets.unlocked.privateKeys.size).toBe(2);
    const blank = (await kit.manager.create({ name: "b", isBlank: true })).wallet;
    await kit.manager.encrypt(blank, "secret");
    expect(blank.keychain.isEmpty).toBe(true);
  }));

test("a wallet whose file its passphrase protects is loaded with it alone, and comes locked", () =>
  inTemporaryDirectory(async (path) => {
    const kit = await openTestWallets(path, { passphraseScope: "file" });
    const { wallet } = await kit.manager.create({ name: "w", passphrase: "secret" });
    await kit.manager.unload(wallet);
    await expect(kit.manager.load("w")).rejects.toMatchObject({ code: "wrong-passphrase" });
    await expect(kit.manager.load("w", { passphrase: "guess" })).rejects.toMatchObject({ code: "wrong-passphrase" });
    const loaded = await kit.manager.load("w", { passphrase: "secret" });
    expect(loaded.wallet.isLocked).toBe(true);
    await kit.close();
  }));

test("a wallet is as old as its oldest transaction, also after a restart", () =>
  withWallets(async (kit) => {
    const { wallet } = await kit.manager.create({ name: "w" });
    const keysBorn = wallet.birthTime;
    const script = receiveScript(wallet);
    await submitAll(kit.chain, [mineTo(GENESIS, script)]);
    const born = named(kit).birthTime;
    const [record] = [...named(kit).ledger.transactionsSince(0)];
    expect(born).toBe(record!.timeSmart);
    expect(born).toBeLessThan(keysBorn);
    await kit.manager.unload(named(kit));
    await kit.manager.load("w");
    expect(named(kit).birthTime).toBe(born);
  }));
