import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { makeCompactBlock } from "@bitfleet/protocol/wire/compact-blocks.ts";
import { encodeMessage, type Message } from "@bitfleet/protocol/wire/message.ts";
import { describe, expect, test } from "vitest";
import { GENESIS, mine, mineMany, rewardOf, spend, type Tip } from "../../chain/test-kit.ts";
import type { TestPeer } from "../test-kit.ts";
import { blockOf, headersOf, OUTBOUND, type SyncRig, withSync } from "./sync-test-kit.ts";

const MAIN = mineMany(GENESIS, 104);
const SPENDS = MAIN.slice(0, 4).map((tip) => spend([rewardOf(tip)]));
/** Four transactions behind the coinbase. */
const NEXT = mine(MAIN.at(-1)!, { transactions: SPENDS });
const HASH = NEXT.block.hash;
const NAME = displayHash(HASH);
const SYNCED = { blocks: MAIN, isSynced: true } as const;
const OFFER = { type: "sendcmpct", highBandwidth: false, version: 2n } as const;
const WHOLE = [{ kind: 0x40000002, hash: HASH }];

const compact = (tip: Tip, prefilled: readonly number[] = []): Message => makeCompactBlock(tip.block, 5n, prefilled);
const rest = (transactions: readonly Transaction[], tip = NEXT): Message => ({
  type: "blocktxn",
  blockHash: tip.block.hash,
  transactions,
});
const wholes = (peer: TestPeer) => peer.connection.take("getdata").map(({ items }) => items);

/** A peer that speaks compact blocks, and may send them unasked. */
async function trusted(rig: SyncRig, options = {}): Promise<TestPeer> {
  const peer = rig.connect({}, options);
  await rig.deliver(peer, OFFER);
  peer.highBandwidthTo = true;
  rig.tick(peer);
  peer.connection.sent.length = 0;
  return peer;
}

describe("a compact block", () => {
  test("of transactions that are all at hand is whole at once", async () => {
    await withSync(SYNCED, async (rig) => {
      const peer = await trusted(rig);
      rig.mempool.push(...SPENDS.slice(0, 3));
      rig.sync.compactDownload.noteExtraTransaction(SPENDS[3]!);
      await rig.deliver(peer, compact(NEXT));
      expect(rig.chain.tip.hash).toEqual(HASH);
      expect(rig.sync.requests.size).toBe(0);
      expect(peer.lastBlockSeconds).toBe(rig.clock.seconds);
      const size = encodeMessage(compact(NEXT)).payload.length;
      expect(rig.log.lines).toContain(
        `[cmpctblock] Initialized PartiallyDownloadedBlock for block ${NAME} using a cmpctblock of ${size} bytes`,
      );
      const atHand = "1 txn prefilled, 4 txn from mempool (incl at least 1 from extra pool)";
      expect(rig.log.lines).toContain(
        `[cmpctblock] Successfully reconstructed block ${NAME} with ${atHand} and 0 txn (0 bytes) requested`,
      );
      expect(rig.log.lines).toContain(`Saw new cmpctblock header hash=${NAME} height=105 peer=${peer.id}`);
    });
  });

  test("of which some are missing is asked for them", async () => {
    await withSync(SYNCED, async (rig) => {
      const peer = await trusted(rig);
      rig.mempool.push(SPENDS[0]!, SPENDS[2]!);
      await rig.deliver(peer, compact(NEXT));
      expect(peer.connection.take("getblocktxn")).toEqual([{ type: "getblocktxn", blockHash: HASH, indexes: [2, 4] }]);
      expect(rig.sync.peerInfo(peer).inflight).toEqual([105]);
      await rig.deliver(peer, rest([SPENDS[1]!, SPENDS[3]!]));
      expect(rig.chain.tip.hash).toEqual(HASH);
      expect(rig.log.with(`Reconstructed block ${NAME} required tx`)).toHaveLength(2);
    });
  });

  test("is answered by a request for the whole where what came does not fit, once", async () => {
    await withSync(SYNCED, async (rig) => {
      const peer = await trusted(rig);
      await rig.deliver(peer, compact(NEXT));
      peer.connection.sent.length = 0;
      await rig.deliver(peer, rest([SPENDS[1]!, SPENDS[0]!, SPENDS[2]!, SPENDS[3]!]));
      expect(wholes(peer)).toEqual([WHOLE]);
      expect(rig.peers.misbehaviour).toEqual([]);
      await rig.deliver(peer, rest(SPENDS));
      expect(rig.peers.misbehaviour).toEqual([{ peer, why: "previous compact block reconstruction attempt failed" }]);
      expect(rig.sync.requests.size).toBe(0);
    });
  });

  test("the whole block that was asked for instead is taken", async () => {
    await withSync(SYNCED, async (rig) => {
      const peer = await trusted(rig);
      await rig.deliver(peer, compact(NEXT));
      await rig.deliver(peer, rest([SPENDS[1]!, SPENDS[0]!, SPENDS[2]!, SPENDS[3]!]));
      await rig.deliver(peer, blockOf(NEXT));
      expect(rig.chain.tip.hash).toEqual(HASH);
    });
  });

  test.each([
    ["too few", SPENDS.slice(0, 3)],
    ["too many", [...SPENDS, SPENDS[0]!]],
  ])("%s transactions are misbehaviour", async (_, transactions) => {
    await withSync(SYNCED, async (rig) => {
      const peer = await trusted(rig);
      await rig.deliver(peer, compact(NEXT));
      await rig.deliver(peer, rest(transactions));
      const why = "invalid compact block/non-matching block transactions";
      expect(rig.peers.misbehaviour).toEqual([{ peer, why }]);
      expect(rig.sync.requests.size).toBe(0);
    });
  });

  test("that makes no sense is misbehaviour", async () => {
    await withSync(SYNCED, async (rig) => {
      const peer = await trusted(rig);
      const message = makeCompactBlock(NEXT.block, 5n);
      await rig.deliver(peer, { ...message, shortIds: [], prefilled: [{ index: 1, tx: SPENDS[0]! }] });
      expect(rig.peers.misbehaviour).toEqual([{ peer, why: "invalid compact block" }]);
      expect(rig.sync.requests.size).toBe(0);
    });
  });

  test("twice from one peer is one too many", async () => {
    await withSync(SYNCED, async (rig) => {
      const peer = await trusted(rig);
      await rig.deliver(peer, compact(NEXT));
      await rig.deliver(peer, compact(NEXT));
      expect(peer.connection.take("getblocktxn")).toHaveLength(1);
      expect(rig.log.lines).toContain("[net] Peer sent us compact block we were already syncing!");
    });
  });

  test("transactions that nobody waits for are passed over", async () => {
    await withSync(SYNCED, async (rig) => {
      const peer = await trusted(rig);
      await rig.deliver(peer, rest(SPENDS));
      const line = `[net] Peer ${peer.id} sent us block transactions for block we weren't expecting`;
      expect(rig.log.lines).toContain(line);
    });
  });
});

describe("is ignored", () => {
  test("from peers that never offered, or may not send unasked", async () => {
    await withSync(SYNCED, async (rig) => {
      const [silent, low] = [rig.connect(), rig.connect()];
      silent.highBandwidthTo = true;
      await rig.deliver(low, OFFER);
      await rig.deliver(silent, compact(NEXT));
      expect(rig.chain.bestHeader.height).toBe(104);
      expect(rig.log.with("despite never having sent us a SENDCMPCT!")).toHaveLength(1);
      await rig.deliver(low, compact(NEXT));
      // The header is news all the same.
      expect(rig.chain.bestHeader.height).toBe(105);
      expect(rig.log.with("not marked as high-bandwidth, sent us an unsolicited compact block!")).toHaveLength(1);
      expect(low.connection.take("getblocktxn")).toEqual([]);
    });
  });

  test("with -blocksonly", async () => {
    await withSync({ ...SYNCED, ignoresTransactions: true }, async (rig) => {
      const peer = await trusted(rig);
      await rig.deliver(peer, compact(NEXT));
      expect(rig.chain.bestHeader.height).toBe(104);
      expect(rig.log.with("sent us a compact block even though we are blocksonly!")).toHaveLength(1);
    });
  });

  test("with less work than a chain must show", async () => {
    await withSync({ ...SYNCED, minimumChainwork: 2n * 107n }, async (rig) => {
      const peer = await trusted(rig);
      await rig.deliver(peer, compact(NEXT));
      expect(rig.log.lines).toContain(`[net] Ignoring low-work compact block from peer ${peer.id}`);
      expect(rig.chain.bestHeader.height).toBe(104);
    });
  });

  test("without its parent, which is asked for", async () => {
    await withSync(SYNCED, async (rig) => {
      const peer = await trusted(rig);
      await rig.deliver(peer, { type: "headers", headers: [] });
      peer.connection.sent.length = 0;
      await rig.deliver(peer, compact(mine(NEXT)));
      expect(peer.connection.take("getheaders")).toHaveLength(1);
      expect(rig.chain.bestHeader.height).toBe(104);
    });
  });

  test("with no more work than the tip, unless we asked for it", async () => {
    const rival = mine(MAIN[101]!, { salt: 8 });
    await withSync(SYNCED, async (rig) => {
      const peer = await trusted(rig);
      await rig.deliver(peer, compact(rival));
      expect(wholes(peer)).toEqual([]);
      rig.sync.download.fetchBlock(peer.id, rig.chain.find(rival.block.hash)!);
      peer.connection.sent.length = 0;
      await rig.deliver(peer, compact(rival));
      expect(wholes(peer)).toEqual([[{ kind: 0x40000002, hash: rival.block.hash }]]);
    });
  });

  test("on an old tip, where nobody was asked for the block", async () => {
    await withSync(SYNCED, async (rig) => {
      const peer = await trusted(rig);
      rig.clock.seconds += 20 * 600;
      await rig.deliver(peer, compact(NEXT));
      expect(peer.connection.take("getblocktxn")).toEqual([]);
      expect(rig.chain.bestHeader.height).toBe(105);
    });
  });

  test("more than two blocks above the tip: then it is a header like others", async () => {
    const above = mineMany(NEXT, 2);
    await withSync(SYNCED, async (rig) => {
      const peer = await trusted(rig);
      await rig.deliver(peer, headersOf([NEXT, above[0]!]));
      await rig.deliver(peer, compact(above[1]!));
      expect(peer.connection.take("getblocktxn")).toEqual([]);
      expect(rig.sync.peerInfo(peer).inflight).toEqual([105, 106, 107]);
    });
  });
});

describe("several at a time", () => {
  test("the second gets a request, the third only where it is outbound", async () => {
    await withSync(SYNCED, async (rig) => {
      const [first, second, third] = [await trusted(rig), await trusted(rig), await trusted(rig)];
      const [outbound, fourth] = [await trusted(rig, OUTBOUND), await trusted(rig)];
      const asked = async (peer: TestPeer) => {
        await rig.deliver(peer, compact(NEXT));
        return peer.connection.take("getblocktxn").length;
      };
      expect(await asked(first)).toBe(1);
      expect(await asked(second)).toBe(1);
      expect(await asked(third)).toBe(0);
      expect(rig.sync.requests.ofBlock(HASH)).toHaveLength(2);
      expect(await asked(outbound)).toBe(1);
      expect(await asked(fourth)).toBe(0);
      expect(rig.sync.requests.ofBlock(HASH)).toHaveLength(3);
      // Whoever is first completes it, for all.
      await rig.deliver(second, rest(SPENDS));
      expect(rig.chain.tip.hash).toEqual(HASH);
      expect(rig.sync.requests.size).toBe(0);
      await rig.deliver(first, rest(SPENDS));
      expect(rig.peers.misbehaviour).toEqual([]);
    });
  });

  test("an inbound peer may be the third where an outbound one is among the others", async () => {
    await withSync(SYNCED, async (rig) => {
      const peers = [await trusted(rig, OUTBOUND), await trusted(rig), await trusted(rig)];
      for (const peer of peers) await rig.deliver(peer, compact(NEXT));
      expect(rig.sync.requests.ofBlock(HASH)).toHaveLength(3);
    });
  });

  test("a block that nothing is missing of is taken whoever else was asked, and a bad one changes nothing", async () => {
    await withSync(SYNCED, async (rig) => {
      const [stalling, delivering] = [await trusted(rig), await trusted(rig)];
      await rig.deliver(stalling, compact(NEXT));
      const wrong = makeCompactBlock(NEXT.block, 5n);
      rig.mempool.push(...SPENDS);
      const coinbase = MAIN[0]!.block.transactions[0]!;
      await rig.deliver(delivering, { ...wrong, prefilled: [{ index: 0, tx: coinbase }] });
      expect(rig.chain.height).toBe(104);
      expect(rig.sync.requests.find(HASH, stalling)).toBeDefined();
      await rig.deliver(await trusted(rig), compact(NEXT));
      expect(rig.chain.tip.hash).toEqual(HASH);
      expect(rig.sync.requests.size).toBe(0);
    });
  });

  test("beyond three peers a block may still come complete", async () => {
    await withSync(SYNCED, async (rig) => {
      const three = [await trusted(rig, OUTBOUND), await trusted(rig), await trusted(rig)];
      for (const peer of three) await rig.deliver(peer, compact(NEXT));
      rig.mempool.push(...SPENDS);
      await rig.deliver(await trusted(rig), compact(NEXT));
      expect(rig.chain.tip.hash).toEqual(HASH);
      expect(rig.sync.requests.size).toBe(0);
    });
  });
});

describe("what comes of it", () => {
  test("an invalid block as compact block costs nothing, and a block on top of it does", async () => {
    const bad = mine(MAIN.at(-1)!, { coinbaseValue: 51n * 100_000_000n });
    await withSync(SYNCED, async (rig) => {
      const peer = await trusted(rig);
      await rig.deliver(peer, compact(bad));
      expect(rig.chain.find(bad.block.hash)!.isInvalid).toBe(true);
      await rig.deliver(peer, compact(bad));
      expect(rig.peers.misbehaviour).toEqual([]);
      await rig.deliver(peer, compact(mine(bad)));
      expect(rig.peers.misbehaviour).toEqual([{ peer, why: "invalid header via cmpctblock" }]);
    });
  });

  test("who brings the newest block may send the next one unasked", async () => {
    await withSync(SYNCED, async (rig) => {
      const [peer, other] = [rig.connect(), rig.connect()];
      for (const one of [peer, other]) await rig.deliver(one, OFFER);
      peer.connection.sent.length = 0;
      await rig.deliver(peer, blockOf(NEXT));
      expect(peer.connection.take("sendcmpct")).toEqual([{ type: "sendcmpct", highBandwidth: true, version: 2n }]);
      // While other blocks are under way, a block is not the newest.
      const [next, last] = mineMany(NEXT, 2);
      await rig.deliver(peer, headersOf([next!, last!]));
      await rig.deliver(other, blockOf(next!));
      expect(other.connection.take("sendcmpct")).toEqual([]);
    });
  });

  test("nobody is chosen in the initial download", async () => {
    await withSync({ blocks: MAIN.slice(0, 100) }, async (rig) => {
      const peer = rig.connect();
      await rig.deliver(peer, OFFER);
      await rig.deliver(peer, blockOf(MAIN[100]!));
      expect(rig.chain.height).toBe(101);
      expect(peer.connection.take("sendcmpct")).toEqual([]);
    });
  });

  test("the extra transactions are the newest so many", async () => {
    await withSync({ ...SYNCED, extraTransactionsMax: 2 }, async (rig) => {
      const peer = await trusted(rig);
      for (const tx of SPENDS) rig.sync.compactDownload.noteExtraTransaction(tx);
      await rig.deliver(peer, compact(NEXT));
      expect(peer.connection.take("getblocktxn")[0]!.indexes).toEqual([1, 2]);
    });
    await withSync({ ...SYNCED, extraTransactionsMax: 0 }, async (rig) => {
      const peer = await trusted(rig);
      for (const tx of SPENDS) rig.sync.compactDownload.noteExtraTransaction(tx);
      await rig.deliver(peer, compact(NEXT));
      expect(peer.connection.take("getblocktxn")[0]!.indexes).toEqual([1, 2, 3, 4]);
    });
  });
});
