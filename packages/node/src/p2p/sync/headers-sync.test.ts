import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { HEADERS_MAX } from "@bitfleet/protocol/wire/relay.ts";
import { describe, expect, test } from "vitest";
import { GENESIS, mineMany } from "../../chain/test-kit.ts";
import { BLOCK_RELAY, headersOf, invOf, mineHeaders, NOBAN, OUTBOUND, withSync } from "./sync-test-kit.ts";

const MAIN = mineMany(GENESIS, 160);
const FORK = mineMany(MAIN[154]!, 3, { salt: 1 });
const WORK_EACH = 2n;

describe("headers", () => {
  test("go into the index, and their blocks are asked for", async () => {
    await withSync({ blocks: MAIN.slice(0, 10), isSynced: true }, async ({ chain, connect, deliver, sync, log }) => {
      const peer = connect();
      await deliver(peer, headersOf(MAIN.slice(10, 13)));
      expect(chain.bestHeader.height).toBe(13);
      expect(sync.chains.best(peer)).toBe(chain.bestHeader);
      const hash = displayHash(MAIN[12]!.block.hash);
      expect(log.lines).toContain(`Saw new header hash=${hash} height=13 peer=${peer.id}`);
      expect(sync.peerInfo(peer)).toMatchObject({ syncedHeaders: 13, inflight: [11, 12, 13] });
      expect(peer.connection.take("getdata")[0]!.items.map(({ hash }) => displayHash(hash))).toEqual(
        MAIN.slice(10, 13).map(({ block }) => displayHash(block.hash)),
      );
    });
  });

  test("tell when a peer has no more, which is known as long as it is here", async () => {
    await withSync({ blocks: MAIN.slice(0, 10), isSynced: true }, async ({ connect, deliver, sync }) => {
      const [peer, other] = [connect({}, OUTBOUND), connect({}, OUTBOUND)];
      expect(sync.hasHeardPreferred).toBe(false);
      await deliver(peer, headersOf([MAIN[20]!]));
      // Of a chain with a gap, which we ask for first.
      expect(sync.hasHeardPreferred).toBe(false);
      await deliver(peer, headersOf(MAIN.slice(10, 21)));
      expect(sync.hasHeardPreferred).toBe(true);
      for (const module of sync.headerModules) module.peerGone?.(peer);
      expect(sync.hasHeardPreferred).toBe(false);
      await deliver(other, { type: "headers", headers: [] });
      expect(sync.hasHeardPreferred).toBe(true);
    });
  });

  test("of who connected to us tell nothing of what others have", async () => {
    await withSync({}, async ({ connect, deliver, sync }) => {
      const [inbound, trusted] = [connect(), connect({}, NOBAN)];
      await deliver(inbound, { type: "headers", headers: [] });
      expect([[...sync.heardPeers()], sync.hasHeardPreferred]).toEqual([[inbound], false]);
      await deliver(trusted, { type: "headers", headers: [] });
      expect(sync.hasHeardPreferred).toBe(true);
    });
  });

  test("that fill a message are not all", async () => {
    const many = mineHeaders(GENESIS.block.header, HEADERS_MAX + 1);
    await withSync({}, async ({ connect, deliver, sync }) => {
      const peer = connect({}, NOBAN);
      await deliver(peer, { type: "headers", headers: many.slice(0, HEADERS_MAX) });
      expect(sync.hasHeardPreferred).toBe(false);
      await deliver(peer, { type: "headers", headers: many.slice(HEADERS_MAX) });
      expect(sync.hasHeardPreferred).toBe(true);
    });
  });

  test("that were there before are no news", async () => {
    await withSync({ blocks: MAIN.slice(0, 10), isSynced: true }, async ({ connect, deliver, log }) => {
      await deliver(connect(), headersOf(MAIN.slice(5, 10)));
      expect(log.with("Saw new header")).toEqual([]);
    });
  });

  test("without the work they claim are misbehaviour", async () => {
    await withSync({}, async ({ chain, peers, connect, deliver }) => {
      const peer = connect();
      const [header] = mineHeaders(GENESIS.block.header, 1);
      const bad = { ...header!, hash: new Uint8Array(32).fill(0xff) } as never;
      await deliver(peer, { type: "headers", headers: [bad] });
      expect(peers.misbehaviour).toEqual([{ peer, why: "header with invalid proof of work" }]);
      expect(chain.bestHeader.height).toBe(0);
    });
  });

  test("with a gap are misbehaviour, whatever is known of them", async () => {
    await withSync({ blocks: MAIN.slice(0, 5) }, async ({ peers, connect, deliver }) => {
      const peer = connect();
      await deliver(peer, headersOf([MAIN[0]!, MAIN[2]!]));
      expect(peers.misbehaviour).toEqual([{ peer, why: "non-continuous headers sequence" }]);
    });
  });

  test("that do not connect make us ask, not more often than it is answered", async () => {
    await withSync({ blocks: MAIN.slice(0, 5), isSynced: true }, async (rig) => {
      const { chain, connect, deliver, sync, log } = rig;
      const peer = connect({ services: 0n });
      await deliver(peer, headersOf([MAIN[8]!]));
      await deliver(peer, headersOf([MAIN[9]!]));
      const [request, ...others] = peer.connection.take("getheaders");
      expect(displayHash(request!.locator[0]!)).toBe(displayHash(chain.bestHeader.hash));
      expect(others).toEqual([]);
      const [hash, previous] = [MAIN[8]!.block.hash, MAIN[7]!.block.hash].map(displayHash);
      const what = `received header ${hash}: missing prev block ${previous}`;
      expect(log.with(what)).toEqual([`[net] ${what}, sending getheaders (5) to end (peer=${peer.id})`]);
      // What it announced counts as soon as the headers are there, from whom ever.
      await deliver(connect(), headersOf(MAIN.slice(5, 10)));
      sync.chains.processBlockAvailability(peer);
      expect(sync.chains.best(peer)?.height).toBe(10);
      await deliver(peer, { type: "headers", headers: [] });
      await deliver(peer, headersOf([MAIN[15]!]));
      expect(peer.connection.take("getheaders")).toHaveLength(1);
    });
  });

  test("a full message is followed by the next request, others are not", async () => {
    await withSync({}, async ({ chain, connect, deliver, yieldCount }) => {
      const peer = connect({ services: 0n });
      const headers = mineHeaders(GENESIS.block.header, 2001);
      await deliver(peer, { type: "headers", headers: headers.slice(0, 2000) });
      expect(displayHash(peer.connection.take("getheaders")[0]!.locator[0]!)).toBe(displayHash(headers[1999]!.hash));
      expect(yieldCount()).toBeGreaterThanOrEqual(7);
      await deliver(peer, { type: "headers", headers: headers.slice(2000) });
      expect(peer.connection.take("getheaders")).toEqual([]);
      expect(chain.bestHeader.height).toBe(2001);
    });
  });

  test("progress is told during the initial download", async () => {
    await withSync({}, async ({ connect, deliver, log }) => {
      await deliver(connect({ services: 0n }), headersOf(MAIN.slice(0, 14)));
      expect(log.with("Synchronizing blockheaders, height: 14 (~")).toHaveLength(1);
    });
    await withSync({ blocks: MAIN.slice(0, 5), isSynced: true }, async ({ connect, deliver, log }) => {
      await deliver(connect({ services: 0n }), headersOf(MAIN.slice(5, 14)));
      expect(log.with("Synchronizing blockheaders")).toEqual([]);
    });
  });

  test("of a chain that breaks a rule cost the peer", async () => {
    await withSync({ blocks: MAIN.slice(0, 10), isSynced: true }, async ({ chain, peers, connect, deliver }) => {
      await chain.invalidateBlock(MAIN[8]!.block.hash);
      const [peer, other] = [connect(), connect({}, OUTBOUND)];
      await deliver(peer, headersOf([MAIN[10]!]));
      expect(peers.misbehaviour).toEqual([{ peer, why: "invalid header received" }]);
      // Known to be invalid themselves: held against those that we chose only.
      await deliver(connect(), headersOf([MAIN[8]!]));
      expect(peers.misbehaviour).toHaveLength(1);
      await deliver(other, headersOf([MAIN[8]!]));
      expect(peers.misbehaviour[1]).toEqual({ peer: other, why: "invalid header received" });
    });
  });

  test("from the future cost nothing", async () => {
    await withSync({}, async ({ clock, chain, peers, connect, deliver, log }) => {
      clock.seconds = GENESIS.block.header.time + 60 - 7200 - 1;
      const peer = connect();
      await deliver(peer, headersOf([MAIN[0]!]));
      expect(peers.misbehaviour).toEqual([]);
      expect(log.lines).toContain(`[net] peer=${peer.id}: invalid header received`);
      clock.seconds++;
      await deliver(peer, headersOf([MAIN[0]!]));
      expect(chain.bestHeader.height).toBe(1);
    });
  });
});

describe("chains with little work", () => {
  test("are passed over below the minimum, and taken at it", async () => {
    const minimumChainwork = 15n * WORK_EACH + WORK_EACH;
    await withSync({ minimumChainwork }, async ({ chain, connect, deliver, log }) => {
      const peer = connect();
      await deliver(peer, headersOf(MAIN.slice(0, 14)));
      expect(log.lines).toContain(`[net] Ignoring low-work chain (height=14) from peer=${peer.id}`);
      expect(chain.bestHeader.height).toBe(0);
      await deliver(peer, headersOf(MAIN.slice(0, 15)));
      expect(chain.bestHeader.height).toBe(15);
    });
  });

  test("are taken from peers that are trusted", async () => {
    await withSync({ minimumChainwork: 1000n }, async ({ chain, connect, deliver }) => {
      await deliver(connect({}, NOBAN), headersOf(MAIN.slice(0, 3)));
      expect(chain.bestHeader.height).toBe(3);
    });
  });

  test("may leave the best chain 144 blocks deep, not deeper", async () => {
    await withSync({ blocks: MAIN }, async ({ chain, connect, deliver }) => {
      const peer = connect();
      const forkAt = (height: number) => mineHeaders(MAIN[height - 1]!.block.header, 1, height);
      await deliver(peer, { type: "headers", headers: forkAt(14) });
      expect(chain.tips()).toHaveLength(1);
      await deliver(peer, { type: "headers", headers: forkAt(15) });
      expect(chain.tips()).toHaveLength(2);
    });
  });

  test("need no work where we have them", async () => {
    await withSync({ blocks: MAIN }, async ({ connect, deliver, sync }) => {
      const peer = connect();
      await deliver(peer, headersOf(MAIN.slice(0, 3)));
      expect(sync.chains.best(peer)?.height).toBe(3);
    });
  });

  test("are fetched twice where the peer has more of them", async () => {
    const headers = mineHeaders(GENESIS.block.header, 2500);
    const minimumChainwork = 2401n * WORK_EACH;
    await withSync({ minimumChainwork }, async ({ chain, connect, deliver, sync, log }) => {
      const peer = connect();
      const firstPart = { type: "headers" as const, headers: headers.slice(0, 2000) };
      const secondPart = { type: "headers" as const, headers: headers.slice(2000) };
      await deliver(peer, firstPart);
      expect(sync.peerInfo(peer).presyncedHeaders).toBe(2000);
      expect(sync.progress.status()).toMatchObject({ phase: "presync", headers: 2000 });
      expect(log.with("Pre-synchronizing blockheaders, height: 2000 (~")).toHaveLength(1);
      expect(chain.bestHeader.height).toBe(0);
      expect(displayHash(peer.connection.take("getheaders").at(-1)!.locator[0]!)).toBe(
        displayHash(headers[1999]!.hash),
      );
      await deliver(peer, secondPart);
      expect(displayHash(peer.connection.take("getheaders")[0]!.locator[0]!)).toBe(displayHash(GENESIS.block.hash));
      expect(chain.bestHeader.height).toBe(0);
      // The buffer holds more than come here: all are let through at the end.
      await deliver(peer, firstPart);
      expect(chain.bestHeader.height).toBe(0);
      await deliver(peer, secondPart);
      expect(chain.bestHeader.height).toBe(2500);
      expect(sync.peerInfo(peer)).toMatchObject({ presyncedHeaders: -1, syncedHeaders: 2500 });
    });
  });

  test("an empty message ends the attempt", async () => {
    const headers = mineHeaders(GENESIS.block.header, 2000);
    await withSync({ minimumChainwork: 5000n * WORK_EACH }, async ({ connect, deliver, sync }) => {
      const peer = connect();
      await deliver(peer, { type: "headers", headers });
      expect(sync.peerInfo(peer).presyncedHeaders).toBe(2000);
      await deliver(peer, { type: "headers", headers: [] });
      expect(sync.peerInfo(peer).presyncedHeaders).toBe(-1);
    });
  });

  test("of a peer that goes away are forgotten", async () => {
    const headers = mineHeaders(GENESIS.block.header, 2000);
    await withSync({ minimumChainwork: 5000n * WORK_EACH }, async ({ connect, deliver, sync, peers }) => {
      const peer = connect();
      await deliver(peer, { type: "headers", headers });
      peers.disconnect(peer, "");
      expect(sync.progress.status().phase).not.toBe("presync");
      expect(sync.peerInfo(peer)).toEqual({ presyncedHeaders: -1, syncedHeaders: -1, syncedBlocks: -1, inflight: [] });
    });
  });

  test("cost an outbound peer its place during the initial download, once it has no more", async () => {
    const minimumChainwork = 100n * WORK_EACH;
    await withSync({ minimumChainwork }, async ({ connect, deliver, peers, log }) => {
      const friend = connect({}, { ...NOBAN, ...OUTBOUND });
      const inbound = connect({}, NOBAN);
      const message = headersOf(MAIN.slice(0, 5));
      await deliver(inbound, message);
      expect(peers.disconnected).toEqual([]);
      await deliver(friend, message);
      expect(log.lines).toContain(`outbound peer headers chain has insufficient work, disconnecting peer=${friend.id}`);
      expect(peers.disconnected.map(({ peer }) => peer)).toEqual([friend]);
    });
  });
});

describe("protection", () => {
  test("is for the first four full-relay peers with a chain as good as ours", async () => {
    await withSync({ blocks: MAIN.slice(0, 10), isSynced: true }, async ({ connect, deliver, log }) => {
      const behind = connect({}, OUTBOUND);
      await deliver(behind, headersOf(MAIN.slice(0, 9)));
      await deliver(connect({}, BLOCK_RELAY), headersOf(MAIN.slice(0, 10)));
      await deliver(connect(), headersOf(MAIN.slice(0, 10)));
      expect(log.with("Protecting outbound peer")).toEqual([]);
      const five = Array.from({ length: 5 }, () => connect({}, OUTBOUND));
      for (const peer of five) await deliver(peer, headersOf(MAIN.slice(0, 10)));
      await deliver(five[0]!, headersOf(MAIN.slice(0, 10)));
      expect(log.with("Protecting outbound peer")).toEqual(
        five.slice(0, 4).map(({ id }) => `[net] Protecting outbound peer=${id} from eviction`),
      );
    });
  });
});

describe("direct fetch", () => {
  test("asks for sixteen blocks at most, lowest first, and for none twice", async () => {
    await withSync({ blocks: MAIN.slice(0, 10), isSynced: true }, async ({ connect, deliver, sync }) => {
      const peer = connect({ services: 1n << 3n });
      await deliver(peer, headersOf(MAIN.slice(10, 26)));
      expect(sync.peerInfo(peer).inflight).toEqual(Array.from({ length: 16 }, (_, index) => 11 + index));
      peer.connection.take("getdata");
      await deliver(peer, headersOf(MAIN.slice(26, 27)));
      expect(peer.connection.take("getdata")).toEqual([]);
      const other = connect({ services: 1n << 3n });
      await deliver(other, headersOf(MAIN.slice(10, 27)));
      expect(sync.peerInfo(other).inflight).toEqual([27]);
    });
  });

  test("leaves large reorganisations to the window of downloads", async () => {
    const branch = mineMany(MAIN[0]!, 30, { salt: 5 });
    await withSync({ blocks: MAIN.slice(0, 10), isSynced: true }, async ({ connect, deliver, sync, log }) => {
      const peer = connect({ services: 1n << 3n });
      await deliver(peer, headersOf(branch));
      expect(log.with("Large reorg, won't direct fetch to")).toHaveLength(1);
      expect(sync.peerInfo(peer).inflight).toEqual([]);
    });
  });

  test("not where the tip is old, nor towards less work, but towards equal work", async () => {
    await withSync({ blocks: MAIN.slice(0, 157), isSynced: true }, async ({ clock, connect, deliver, sync }) => {
      const peer = connect({ services: 1n << 3n });
      await deliver(peer, headersOf(FORK.slice(0, 1)));
      expect(sync.peerInfo(peer).inflight).toEqual([]);
      await deliver(peer, headersOf(FORK.slice(1, 2)));
      expect(sync.peerInfo(peer).inflight).toEqual([156, 157]);
      clock.seconds += 20 * 600;
      const late = connect({ services: 1n << 3n });
      await deliver(late, headersOf(MAIN.slice(157, 158)));
      expect(sync.peerInfo(late).inflight).toEqual([]);
    });
  });

  test("a single new block is asked for as a compact block of who has them", async () => {
    const offer = { type: "sendcmpct", highBandwidth: false, version: 2n } as const;
    await withSync({ blocks: MAIN.slice(0, 10), isSynced: true }, async ({ connect, deliver }) => {
      const [plain, peer] = [connect(), connect()];
      await deliver(peer, offer);
      await deliver(peer, headersOf([MAIN[10]!]));
      expect(peer.connection.take("getdata")[0]!.items.map(({ kind }) => kind)).toEqual([4]);
      // Now something is under way.
      await deliver(peer, headersOf([MAIN[11]!]));
      expect(peer.connection.take("getdata")[0]!.items[0]!.kind).toBe(0x40000002);
      await deliver(plain, headersOf([MAIN[12]!]));
      expect(plain.connection.take("getdata")[0]!.items[0]!.kind).toBe(0x40000002);
    });
    const blocksonly = { blocks: MAIN.slice(0, 10), isSynced: true, ignoresTransactions: true };
    await withSync(blocksonly, async ({ connect, deliver }) => {
      const peer = connect();
      await deliver(peer, offer);
      await deliver(peer, headersOf([MAIN[10]!]));
      expect(peer.connection.take("getdata")[0]!.items[0]!.kind).toBe(0x40000002);
    });
  });

  test("peers without witnesses are asked for none", async () => {
    await withSync({ blocks: MAIN.slice(0, 10), isSynced: true }, async ({ connect, deliver }) => {
      const peer = connect({ services: 1n });
      await deliver(peer, headersOf([MAIN[10]!]));
      expect(peer.connection.take("getdata")).toEqual([]);
    });
  });
});

describe("inventory", () => {
  test("of an unknown block makes us ask for headers, of a known one tells what the peer has", async () => {
    await withSync(
      { blocks: MAIN.slice(0, 10), isSynced: true },
      async ({ chain, connect, deliver, sync, log, tick }) => {
        const peer = connect();
        tick();
        await deliver(peer, { type: "headers", headers: [] });
        peer.connection.take("getheaders");
        await deliver(peer, invOf(MAIN[6]!.block.hash));
        expect(sync.chains.best(peer)?.height).toBe(7);
        expect(peer.connection.take("getheaders")).toEqual([]);
        await deliver(peer, invOf(MAIN[10]!.block.hash, MAIN[11]!.block.hash));
        expect(displayHash(peer.connection.take("getheaders")[0]!.locator[0]!)).toBe(displayHash(chain.tip.hash));
        const hash = displayHash(MAIN[11]!.block.hash);
        expect(log.lines).toContain(`[net] getheaders (10) ${hash} to peer=${peer.id}`);
        expect(log.lines).toContain(`[net] got inv: block ${hash} new peer=${peer.id}`);
        expect(log.with(`got inv: block ${displayHash(MAIN[6]!.block.hash)} have`)).toHaveLength(1);
      },
    );
  });
});
