import { balancesOf } from "@bitfleet/wallet/ledger/balances.ts";
import { expect, test } from "vitest";
import type { ChainEvent } from "../chain/chain-events.ts";
import {
  GENESIS,
  inTemporaryDirectory,
  MemoryLog,
  mine,
  mineMany,
  rewardOf,
  spend,
  submitAll,
} from "../chain/test-kit.ts";
import type { MempoolEvent } from "../mempool/mempool-events.ts";
import { openTestWallets, receiveScript } from "./test-kit.ts";
import { MEMPOOL_EVENTS_MAX, type WalletEvent, WalletFeed } from "./wallet-feed.ts";

test("where too much happens in the mempool, it is looked at anew behind everything that waits", () => {
  const fromMempool = new Listeners<MempoolEvent>();
  const fromChain = new Listeners<ChainEvent>();
  const taken: WalletEvent[] = [];
  const feed = new WalletFeed({
    chain: { events: fromChain } as never,
    mempool: { events: fromMempool } as never,
    sink: { isIdle: false, take: (events) => void taken.push(...events) },
    log: new MemoryLog(),
  });
  const { block } = mine(GENESIS);
  const entry = { tx: block.transactions[0]! };
  const removed = { type: "transaction-removed", reason: "sizelimit", entry } as unknown as MempoolEvent;
  const remove = (count: number) => {
    for (let told = 0; told < count; told++) fromMempool.first(removed);
  };
  remove(MEMPOOL_EVENTS_MAX);
  feed.catchUp();
  expect(taken.splice(0)).toHaveLength(MEMPOOL_EVENTS_MAX);
  remove(MEMPOOL_EVENTS_MAX + 5);
  fromChain.first({ type: "block-connected", block } as unknown as ChainEvent);
  feed.catchUp();
  expect(taken).toHaveLength(MEMPOOL_EVENTS_MAX + 2);
  expect(taken.slice(-2).map(({ type }) => type)).toEqual(["block-connected", "mempool-lost"]);
  feed.stop();
});

/** Whoever subscribed. */
class Listeners<Event> {
  first: (event: Event) => void = () => {};
  #count = 0;

  subscribe(listener: (event: Event) => void): () => void {
    if (this.#count++ === 0) this.first = listener;
    return () => {};
  }
}

test("what left the mempool unheard is not in the wallet's balance any more, what is there stays", () =>
  inTemporaryDirectory(async (path) => {
    const { chain, manager, mempool, close } = await openTestWallets(path);
    const tips = mineMany(GENESIS, 103);
    await submitAll(chain, tips);
    const { wallet } = await manager.create({ name: "w" });
    const [gone, stays, comes] = [0, 1, 2].map((index) =>
      spend([rewardOf(tips[index]!)], { to: receiveScript(wallet) }),
    );
    expect((await mempool.accept(stays!)).kind).toBe("accepted");
    wallet.takeEvents([{ type: "transaction-added", tx: gone! }]);
    const pending = () => balancesOf(manager.get("w")!.ledger, wallet.queryContext()).untrustedPending;
    const each = stays!.outputs[0]!.value;
    expect(pending()).toBe(2n * each);
    expect((await mempool.accept(comes!)).kind).toBe("accepted");
    wallet.takeEvents([{ type: "mempool-lost" }]);
    expect(wallet.transaction(gone!.txid)?.state).toEqual({ kind: "inactive", isAbandoned: false });
    for (const tx of [stays, comes]) expect(wallet.transaction(tx!.txid)?.state.kind).toBe("in-mempool");
    expect(pending()).toBe(2n * each);
    await close();
  }));
