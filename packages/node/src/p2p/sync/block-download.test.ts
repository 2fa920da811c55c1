import { Block } from "@bitfleet/protocol/primitives/block.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { describe, expect, test } from "vitest";
import { GENESIS, mine, mineMany } from "../../chain/test-kit.ts";
import type { TestPeer } from "../test-kit.ts";
import { DOWNLOAD_WINDOW_BLOCKS } from "./next-blocks.ts";
import { blockOf, headersOf, mineHeaders, NOBAN, OUTBOUND, type SyncRig, withSync } from "./sync-test-kit.ts";

const MAIN = mineMany(GENESIS, 330);
const SYNCED = { blocks: MAIN.slice(0, 10), isSynced: true } as const;
const SPACING_SECONDS = 600;

const inflight = ({ sync }: SyncRig, peer: TestPeer) => sync.peerInfo(peer).inflight;
const upTo = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
const inMessage = (headers: ReturnType<typeof mineHeaders>) => ({ type: "headers", headers }) as const;

describe("requests", () => {
  test("go to every peer that has the blocks, sixteen each, none twice", async () => {
    await withSync({}, async (rig) => {
      const peers = [rig.connect({}, OUTBOUND), rig.connect({}, OUTBOUND), rig.connect({}, OUTBOUND)] as const;
      for (const peer of peers) await rig.deliver(peer, headersOf(MAIN.slice(0, 40)));
      expect(peers.map((peer) => inflight(rig, peer))).toEqual([upTo(1, 16), upTo(17, 32), upTo(33, 40)]);
      const [{ connection }] = peers;
      expect(connection.take("getdata")[0]!.items.map(({ kind }) => kind)).toEqual(Array(16).fill(0x40000002));
    });
  });

  test("the next goes out before the block that made room for it is checked", async () => {
    await withSync({}, async (rig) => {
      const peer = rig.connect({}, OUTBOUND);
      await rig.deliver(peer, headersOf(MAIN.slice(0, 40)));
      peer.connection.take("getdata");
      const handle = rig.sync.download.handlers.block!;
      const done = handle(peer, { type: "block", block: MAIN[0]!.block });
      expect(peer.connection.take("getdata")[0]!.items.map(({ hash }) => displayHash(hash))).toEqual([
        displayHash(MAIN[16]!.block.hash),
      ]);
      // The one that is being checked is not asked for again.
      const other = rig.connect({}, OUTBOUND);
      rig.sync.chains.updateBlockAvailability(other, MAIN[39]!.block.hash);
      rig.tick(other);
      expect(inflight(rig, other)).not.toContain(1);
      await done;
      await peer.backlog.settled();
      expect(rig.chain.height).toBe(1);
      expect(peer.lastBlockSeconds).toBe(rig.clock.seconds);
    });
  });

  test("only blocks that were asked for are looked at while the peer's next message comes", async () => {
    await withSync({}, async (rig) => {
      const peer = rig.connect({}, OUTBOUND);
      await rig.deliver(peer, headersOf(MAIN.slice(0, 4)));
      const handle = rig.sync.download.handlers.block!;
      await handle(peer, { type: "block", block: MAIN[0]!.block });
      expect(peer.backlog.size).toBe(1);
      await peer.backlog.settled();
      // The same once more, and one of another branch.
      for (const block of [MAIN[0]!.block, mine(GENESIS, { salt: 1 }).block]) {
        const handled = handle(peer, { type: "block", block });
        expect(peer.backlog.size).toBe(0);
        await handled;
      }
      expect(rig.chain.find(mine(GENESIS, { salt: 1 }).block.hash)).toBeDefined();
    });
  });

  test("blocks that come in any order are connected in theirs", async () => {
    await withSync({}, async (rig) => {
      const peer = rig.connect({}, OUTBOUND);
      await rig.deliver(peer, headersOf(MAIN.slice(0, 16)));
      for (const tip of MAIN.slice(1, 16).reverse()) await rig.deliver(peer, blockOf(tip));
      expect(rig.chain.height).toBe(0);
      expect(inflight(rig, peer)).toEqual([1]);
      await rig.deliver(peer, blockOf(MAIN[0]!));
      expect(rig.chain.height).toBe(16);
      expect(inflight(rig, peer)).toEqual([]);
    });
  });

  test("not below the minimum work, nor for chains worse than ours", async () => {
    await withSync({ minimumChainwork: 2n * 12n }, async (rig) => {
      const peer = rig.connect({}, NOBAN);
      await rig.deliver(peer, headersOf(MAIN.slice(0, 10)));
      expect(inflight(rig, peer)).toEqual([]);
      await rig.deliver(peer, headersOf(MAIN.slice(10, 11)));
      expect(inflight(rig, peer)).toEqual(upTo(1, 11));
    });
    const branch = mineMany(MAIN[4]!, 5, { salt: 1 });
    await withSync(SYNCED, async (rig) => {
      const peer = rig.connect();
      await rig.deliver(peer, headersOf(branch.slice(0, 4)));
      expect(inflight(rig, peer)).toEqual([]);
      await rig.deliver(peer, headersOf(branch.slice(4)));
      expect(inflight(rig, peer)).toEqual(upTo(6, 10));
    });
  });

  test("in the initial download not to inbound peers while others do the work", async () => {
    await withSync({}, async (rig) => {
      const [outbound, inbound] = [rig.connect({}, OUTBOUND), rig.connect()];
      await rig.deliver(outbound, headersOf(MAIN.slice(0, 20)));
      await rig.deliver(inbound, headersOf(MAIN.slice(0, 20)));
      expect(inflight(rig, inbound)).toEqual([]);
      rig.peers.disconnect(outbound, "");
      rig.tick(inbound);
      expect(inflight(rig, inbound)).toEqual(upTo(1, 16));
    });
  });

  test("limited peers are asked in the initial download for nothing, later for the last 286 blocks", async () => {
    const limited = { services: (1n << 10n) | (1n << 3n) };
    await withSync({}, async (rig) => {
      const peer = rig.connect(limited, OUTBOUND);
      await rig.deliver(peer, headersOf(MAIN.slice(0, 20)));
      expect(inflight(rig, peer)).toEqual([]);
    });
    await withSync(SYNCED, async (rig) => {
      const peer = rig.connect(limited, OUTBOUND);
      rig.clock.seconds = MAIN.at(-1)!.block.header.time;
      await rig.deliver(peer, headersOf(MAIN.slice(10, 300)));
      expect(inflight(rig, peer)).toEqual(upTo(15, 30));
    });
  });

  test("peers without witnesses are asked for none of those that may have them", async () => {
    await withSync(SYNCED, async (rig) => {
      const peer = rig.connect({ services: 1n }, OUTBOUND);
      await rig.deliver(peer, headersOf(MAIN.slice(10, 20)));
      expect(inflight(rig, peer)).toEqual([]);
    });
  });

  test("chains that turned out invalid are left alone", async () => {
    await withSync({}, async (rig) => {
      const peer = rig.connect({}, OUTBOUND);
      await rig.deliver(peer, headersOf(MAIN.slice(0, 30)));
      await rig.chain.invalidateBlock(MAIN[5]!.block.hash);
      rig.sync.requests.forget(peer);
      rig.tick(peer);
      expect(inflight(rig, peer)).toEqual(upTo(1, 5));
    });
  });

  test("what the operator asks for is asked of the peer that he names", async () => {
    await withSync(SYNCED, async (rig) => {
      const [peer, other] = [rig.connect(), rig.connect()];
      const old = rig.connect({ services: 1n });
      await rig.deliver(peer, headersOf(MAIN.slice(10, 11)));
      const entry = rig.chain.find(MAIN[10]!.block.hash)!;
      expect(rig.sync.download.fetchBlock(999_999, entry)).toBe("Peer does not exist");
      expect(rig.sync.download.fetchBlock(old.id, entry)).toBe("Pre-SegWit peer");
      expect(rig.sync.download.fetchBlock(rig.connect({ isReady: false }).id, entry)).toBe("Peer not fully connected");
      expect(inflight(rig, peer)).toEqual([11]);
      expect(rig.sync.download.fetchBlock(other.id, entry)).toBeUndefined();
      expect(other.connection.take("getdata")[0]!.items).toEqual([{ kind: 0x40000002, hash: entry.hash }]);
      expect(inflight(rig, peer)).toEqual([]);
      expect(inflight(rig, other)).toEqual([11]);
    });
  });
});

describe("stalling", () => {
  const headers = mineHeaders(GENESIS.block.header, DOWNLOAD_WINDOW_BLOCKS + 20, 9);

  /** The window is full of requests: the first peer owes the lowest block. */
  async function fillWindow(rig: SyncRig, count: number): Promise<TestPeer[]> {
    const peers: TestPeer[] = [];
    while (peers.length < DOWNLOAD_WINDOW_BLOCKS / 16) {
      const peer = rig.connect({}, OUTBOUND);
      peers.push(peer);
      await rig.deliver(peer, inMessage(headers.slice(0, count)));
    }
    expect(rig.sync.requests.size).toBe(DOWNLOAD_WINDOW_BLOCKS);
    return peers;
  }

  test("nobody stalls as long as the window holds all there is", async () => {
    await withSync({}, async (rig) => {
      await fillWindow(rig, DOWNLOAD_WINDOW_BLOCKS);
      const idle = rig.connect({}, OUTBOUND);
      await rig.deliver(idle, inMessage(headers.slice(0, DOWNLOAD_WINDOW_BLOCKS)));
      expect(rig.log.with("Stall started")).toEqual([]);
    });
  });

  test("the peer with the lowest block has two seconds from when the window stops, the next one four", async () => {
    await withSync({}, async (rig) => {
      const peers = await fillWindow(rig, DOWNLOAD_WINDOW_BLOCKS + 1);
      const idle = rig.connect({}, OUTBOUND);
      await rig.deliver(idle, inMessage(headers.slice(0, DOWNLOAD_WINDOW_BLOCKS + 1)));
      expect(inflight(rig, idle)).toEqual([]);
      expect(rig.log.with("Stall started")).toEqual([`[net] Stall started peer=${peers[0]!.id}`]);
      rig.clock.seconds += 2;
      rig.tick(peers[0]);
      expect(rig.peers.disconnected).toEqual([]);
      rig.clock.seconds += 1;
      rig.tick(peers[0]);
      expect(rig.log.lines).toContain(`Peer is stalling block download, disconnecting peer=${peers[0]!.id}`);
      expect(rig.log.lines).toContain("[net] Increased stalling timeout temporarily to 4 seconds");
      // Another gets the lowest blocks, and then stalls for itself.
      rig.tick(idle);
      expect(inflight(rig, idle)).toEqual(upTo(1, 16));
      const late = rig.connect({}, OUTBOUND);
      await rig.deliver(late, inMessage(headers.slice(0, DOWNLOAD_WINDOW_BLOCKS + 1)));
      rig.clock.seconds += 4;
      rig.tick(idle);
      expect(idle.connection.isOpen).toBe(true);
      rig.clock.seconds += 1;
      rig.tick(idle);
      expect(idle.connection.isOpen).toBe(false);
      expect(rig.log.lines).toContain("[net] Increased stalling timeout temporarily to 8 seconds");
    });
  });

  test("the time shrinks with each block, down to two seconds", async () => {
    await withSync({}, async (rig) => {
      const stall = async () => {
        const peer = rig.connect({}, OUTBOUND);
        await rig.deliver(peer, headersOf(MAIN.slice(0, 1)));
        rig.sync.requests.markStalling(peer, rig.clock.nowMs());
        rig.clock.seconds += 65;
        rig.tick(peer);
      };
      for (let count = 0; count < 6; count++) await stall();
      expect(rig.log.with("Increased").map((line) => Number(/\d+/.exec(line)![0]))).toEqual([4, 8, 16, 32, 64]);
      const peer = rig.connect({}, OUTBOUND);
      await rig.deliver(peer, headersOf(MAIN.slice(0, 40)));
      for (const tip of MAIN.slice(0, 30)) await rig.deliver(peer, blockOf(tip));
      const seconds = rig.log.with("Decreased").map((line) => Number(/\d+/.exec(line)![0]));
      expect(seconds.slice(0, 4)).toEqual([54, 45, 38, 32]);
      expect(seconds.at(-1)).toBe(2);
      expect(new Set(seconds).size).toBe(seconds.length);
    });
  });
});

describe("timeout of a block", () => {
  test("is one spacing, and half of one for each other peer that sends blocks", async () => {
    await withSync({}, async (rig) => {
      const [slow, other] = [rig.connect({}, OUTBOUND), rig.connect({}, OUTBOUND)];
      for (const peer of [slow, other]) await rig.deliver(peer, headersOf(MAIN.slice(0, 20)));
      rig.clock.seconds += 1.5 * SPACING_SECONDS;
      rig.tick();
      expect(rig.peers.disconnected).toEqual([]);
      rig.clock.seconds += 1;
      rig.tick(slow);
      const hash = displayHash(MAIN[0]!.block.hash);
      expect(rig.log.lines).toContain(`Timeout downloading block ${hash}, disconnecting peer=${slow.id}`);
      // Alone now, the other has less time.
      rig.tick(other);
      expect(other.connection.isOpen).toBe(false);
    });
  });

  test("runs anew with each block that comes", async () => {
    await withSync({}, async (rig) => {
      const peer = rig.connect({}, OUTBOUND);
      await rig.deliver(peer, headersOf(MAIN.slice(0, 3)));
      rig.clock.seconds += SPACING_SECONDS;
      await rig.deliver(peer, blockOf(MAIN[0]!));
      rig.clock.seconds += SPACING_SECONDS;
      rig.tick();
      expect(peer.connection.isOpen).toBe(true);
      rig.clock.seconds += 1;
      rig.tick();
      expect(peer.connection.isOpen).toBe(false);
    });
  });
});

describe("bad blocks", () => {
  test("other transactions than the header's cost the sender, and leave what others were asked for", async () => {
    await withSync(SYNCED, async (rig) => {
      const [honest, attacker] = [rig.connect({}, OUTBOUND), rig.connect()];
      await rig.deliver(honest, headersOf(MAIN.slice(10, 11)));
      const { header } = MAIN[10]!.block;
      const mutated = new Block(header, MAIN[11]!.block.transactions);
      await rig.deliver(attacker, { type: "block", block: mutated });
      expect(rig.peers.misbehaviour).toEqual([{ peer: attacker, why: "mutated block" }]);
      expect(rig.log.lines).toContain("[validation] Block mutated: bad-txnmrklroot, hashMerkleRoot mismatch");
      expect(inflight(rig, honest)).toEqual([11]);
      await rig.deliver(honest, blockOf(MAIN[10]!));
      expect(rig.chain.height).toBe(11);
    });
  });

  test("of an unknown chain cost the sender", async () => {
    await withSync(SYNCED, async (rig) => {
      const peer = rig.connect();
      await rig.deliver(peer, blockOf(MAIN[12]!));
      expect(rig.peers.misbehaviour).toEqual([{ peer, why: "" }]);
    });
  });

  test("that break a rule cost who sent them", async () => {
    await withSync(SYNCED, async (rig) => {
      const [peer, other] = [rig.connect(), rig.connect()];
      const bad = mine(MAIN[9]!, { coinbaseValue: 51n * 100_000_000n });
      await rig.deliver(other, headersOf([bad]));
      await rig.deliver(peer, blockOf(bad));
      expect(rig.peers.misbehaviour).toEqual([{ peer, why: "" }]);
    });
  });

  test("that turn out bad only when their branch is tried cost who sent them then", async () => {
    const bad = mine(MAIN[8]!, { coinbaseValue: 51n * 100_000_000n, salt: 3 });
    const next = mine(bad, { salt: 3 });
    await withSync(SYNCED, async (rig) => {
      const [first, second] = [rig.connect({}, OUTBOUND), rig.connect({}, OUTBOUND)];
      await rig.deliver(first, headersOf([bad]));
      await rig.deliver(first, blockOf(bad));
      expect(rig.peers.misbehaviour).toEqual([]);
      await rig.deliver(second, headersOf([next]));
      await rig.deliver(second, blockOf(next));
      expect(rig.peers.misbehaviour).toEqual([{ peer: first, why: "" }]);
      expect(rig.chain.height).toBe(10);
    });
  });

  test("nobody is punished who has gone", async () => {
    const bad = mine(MAIN[8]!, { coinbaseValue: 51n * 100_000_000n, salt: 3 });
    await withSync(SYNCED, async (rig) => {
      const first = rig.connect({}, OUTBOUND);
      await rig.deliver(first, headersOf([bad]));
      await rig.deliver(first, blockOf(bad));
      rig.peers.disconnect(first, "");
      await rig.deliver(rig.connect(), blockOf(mine(bad, { salt: 3 })));
      expect(rig.peers.misbehaviour).toEqual([]);
    });
  });
});

describe("blocks that nobody asked for", () => {
  test("are kept where they have as much work as the tip", async () => {
    const branch = mineMany(MAIN[7]!, 3, { salt: 4 });
    await withSync(SYNCED, async (rig) => {
      const peer = rig.connect();
      await rig.deliver(peer, blockOf(branch[0]!));
      expect(rig.chain.find(branch[0]!.block.hash)!.hasData).toBe(false);
      await rig.deliver(peer, blockOf(branch[1]!));
      expect(rig.chain.find(branch[1]!.block.hash)!.hasData).toBe(true);
      expect(rig.peers.misbehaviour).toEqual([]);
    });
  });

  test("leave no trace below the work that a chain must show", async () => {
    await withSync({ minimumChainwork: 2n * 10n }, async (rig) => {
      const peer = rig.connect();
      await rig.deliver(peer, blockOf(MAIN[0]!));
      expect(rig.chain.bestHeader.height).toBe(0);
      expect(rig.peers.misbehaviour).toEqual([]);
    });
  });

  test("those that were asked of somebody else are kept as if they were of him", async () => {
    const branch = mineMany(MAIN[4]!, 6, { salt: 6 });
    await withSync(SYNCED, async (rig) => {
      const [asked, other] = [rig.connect(), rig.connect()];
      await rig.deliver(asked, headersOf(branch));
      expect(inflight(rig, asked)).toEqual(upTo(6, 11));
      await rig.deliver(other, blockOf(branch[0]!));
      expect(rig.chain.find(branch[0]!.block.hash)!.hasData).toBe(true);
      expect(inflight(rig, asked)).toEqual(upTo(7, 11));
    });
  });
});

describe("a busy chain", () => {
  test("holds the block back until there is room", async () => {
    await withSync(SYNCED, async (rig) => {
      const peer = rig.connect();
      const fillers: Promise<unknown>[] = [];
      while (!rig.chain.isBusy) fillers.push(rig.chain.submitHeader(MAIN[9]!.block.header));
      await rig.sync.download.handlers.block!(peer, { type: "block", block: MAIN[10]!.block });
      expect(rig.chain.height).toBe(11);
      expect(rig.yieldCount()).toBe(1);
      await Promise.all(fillers);
    });
  });
});
