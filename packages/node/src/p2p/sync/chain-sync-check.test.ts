import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { describe, expect, test } from "vitest";
import { GENESIS, mineMany, submitAll } from "../../chain/test-kit.ts";
import type { TestPeer } from "../test-kit.ts";
import { BLOCK_RELAY, headersOf, MANUAL, OUTBOUND, type SyncRig, withSync } from "./sync-test-kit.ts";

const MAIN = mineMany(GENESIS, 20);
const SYNCED = { blocks: MAIN.slice(0, 10), isSynced: true } as const;
const CATCH_UP_SECONDS = 20 * 60;
const CALL_SECONDS = 2 * 60;

/** Everybody's turn after `seconds`. */
function pass(rig: SyncRig, seconds: number): void {
  rig.clock.seconds += seconds;
  rig.tick();
}

describe("an outbound peer without our chain", () => {
  test("has twenty minutes, then a last call and two minutes more", async () => {
    await withSync(SYNCED, async (rig) => {
      const peer = rig.connect({}, OUTBOUND);
      rig.tick();
      // What was asked at the start is answered with nothing.
      await rig.deliver(peer, { type: "headers", headers: [] });
      peer.connection.sent.length = 0;
      pass(rig, CATCH_UP_SECONDS);
      expect(peer.connection.take("getheaders")).toEqual([]);
      pass(rig, 1);
      const parent = displayHash(MAIN[8]!.block.hash);
      expect(displayHash(peer.connection.take("getheaders")[0]!.locator[0]!)).toBe(parent);
      const benchmark = displayHash(MAIN[9]!.block.hash);
      expect(rig.log.lines).toContain(
        `[net] sending getheaders to outbound peer=${peer.id} to verify chain work (current best known block:<none>, benchmark blockhash: ${benchmark})`,
      );
      pass(rig, CALL_SECONDS);
      expect(peer.connection.isOpen).toBe(true);
      pass(rig, 1);
      expect(rig.log.lines).toContain(
        `Outbound peer has old chain, best known block = <none>, disconnecting peer=${peer.id}`,
      );
      expect(peer.connection.isOpen).toBe(false);
    });
  });

  test("is named with the best that it had", async () => {
    await withSync(SYNCED, async (rig) => {
      const peer = rig.connect({}, OUTBOUND);
      await rig.deliver(peer, headersOf(MAIN.slice(0, 9)));
      pass(rig, CATCH_UP_SECONDS + 1);
      pass(rig, CALL_SECONDS + 1);
      const hash = displayHash(MAIN[8]!.block.hash);
      expect(rig.log.with(`Outbound peer has old chain, best known block = ${hash}`)).toHaveLength(1);
    });
  });

  test("has as long again where it reached what we had, while we went on", async () => {
    await withSync(SYNCED, async (rig) => {
      const peer = rig.connect({}, OUTBOUND);
      await rig.deliver(peer, headersOf(MAIN.slice(0, 9)));
      for (let height = 10; height < 14; height++) {
        await submitAll(rig.chain, MAIN.slice(height, height + 1));
        pass(rig, CATCH_UP_SECONDS + 1);
        await rig.deliver(peer, headersOf(MAIN.slice(height - 1, height)));
        pass(rig, CALL_SECONDS + 1);
        expect(peer.connection.isOpen).toBe(true);
      }
      // Once it has caught up, no time runs.
      await rig.deliver(peer, headersOf(MAIN.slice(0, 14)));
      pass(rig, CATCH_UP_SECONDS + 1);
      pass(rig, CALL_SECONDS + 1);
      expect(peer.connection.isOpen).toBe(true);
    });
  });

  test("is left alone where it once showed a chain as good as ours", async () => {
    await withSync(SYNCED, async (rig) => {
      const peer = rig.connect({}, OUTBOUND);
      await rig.deliver(peer, headersOf(MAIN.slice(0, 10)));
      await submitAll(rig.chain, MAIN.slice(10, 12));
      pass(rig, 0);
      pass(rig, CATCH_UP_SECONDS + 1);
      pass(rig, CALL_SECONDS + 1);
      expect(peer.connection.isOpen).toBe(true);
    });
  });

  test.each([
    ["block-relay peers go, whatever they once showed", BLOCK_RELAY, false],
    ["inbound peers stay", {}, true],
    ["peers that the operator named stay", MANUAL, true],
  ])("%s", async (_, options, stays) => {
    await withSync(SYNCED, async (rig) => {
      const peer = rig.connect({}, options);
      await rig.deliver(peer, headersOf(MAIN.slice(0, 10)));
      await submitAll(rig.chain, MAIN.slice(10, 12));
      pass(rig, 0);
      pass(rig, CATCH_UP_SECONDS + 1);
      pass(rig, CALL_SECONDS + 1);
      expect(peer.connection.isOpen).toBe(stays);
    });
  });
});

describe("a tip that may be stale", () => {
  const STALE_SECONDS = 3 * 600;

  test("calls for one more connection, until blocks come again", async () => {
    await withSync(SYNCED, async (rig) => {
      rig.sync.start();
      expect(rig.jobs.has(45_000)).toBe(true);
      const check = rig.jobs.get(45_000)!;
      check();
      expect(rig.outbound.triesExtra).toBe(false);
      expect(rig.outbound.extraBlockRelayStarted).toBe(true);
      await submitAll(rig.chain, MAIN.slice(10, 11));
      rig.clock.seconds += STALE_SECONDS;
      check();
      expect(rig.outbound.triesExtra).toBe(false);
      // Ten minutes to the next look.
      rig.clock.seconds += 600;
      check();
      expect(rig.outbound.triesExtra).toBe(false);
      rig.clock.seconds += 1;
      check();
      expect(rig.outbound.triesExtra).toBe(true);
      const line = `Potential stale tip detected, will try using extra outbound peer (last tip update: ${STALE_SECONDS + 601} seconds ago)`;
      expect(rig.log.lines).toContain(line);
      await submitAll(rig.chain, MAIN.slice(11, 12));
      rig.clock.seconds += 601;
      check();
      expect(rig.outbound.triesExtra).toBe(false);
      rig.sync.stop();
      expect(rig.jobs.size).toBe(0);
    });
  });

  test("not while blocks are under way, nor where the operator named all peers", async () => {
    await withSync(SYNCED, async (rig) => {
      const peer = rig.connect();
      await rig.deliver(peer, headersOf(MAIN.slice(10, 11)));
      rig.sync.chainSync.check();
      rig.clock.seconds += STALE_SECONDS + 1;
      rig.sync.chainSync.check();
      expect(rig.outbound.triesExtra).toBe(false);
      rig.sync.requests.forget(peer);
      rig.outbound.chooses = false;
      rig.clock.seconds += 601;
      rig.sync.chainSync.check();
      expect(rig.outbound.triesExtra).toBe(false);
      rig.outbound.chooses = true;
      rig.clock.seconds += 601;
      rig.sync.chainSync.check();
      expect(rig.outbound.triesExtra).toBe(true);
    });
  });

  test("extra block-relay connections begin when the tip is recent", async () => {
    await withSync({ blocks: MAIN.slice(0, 10) }, async (rig) => {
      rig.sync.chainSync.check();
      expect(rig.outbound.extraBlockRelayStarted).toBe(false);
    });
  });
});

describe("extra connections", () => {
  /** A peer that is old enough to be judged. */
  const settled = (rig: SyncRig, fields = {}, options = {}): TestPeer =>
    rig.connect(fields, { ...options, connectedMs: rig.clock.nowMs() - 31_000 });
  const open = (peers: readonly TestPeer[]) => peers.map(({ connection }) => connection.isOpen);

  test("the newest block-relay peer goes, unless it brought a block since the one before it did", async () => {
    await withSync(SYNCED, async (rig) => {
      rig.outbound.extraBlockRelay = 1;
      const peers = [settled(rig, {}, BLOCK_RELAY), settled(rig, {}, BLOCK_RELAY), settled(rig, {}, BLOCK_RELAY)];
      rig.sync.chainSync.check();
      expect(open(peers)).toEqual([true, true, false]);
      const better = settled(rig, { lastBlockSeconds: 5 }, BLOCK_RELAY);
      rig.sync.chainSync.check();
      expect(open([...peers, better])).toEqual([true, false, false, true]);
      expect(rig.log.with("disconnecting extra block-relay-only peer")).toHaveLength(2);
    });
  });

  test("of full-relay peers the one whose last new block is the longest ago goes, and the wish for more ends", async () => {
    await withSync(SYNCED, async (rig) => {
      rig.outbound.extraFullRelay = 1;
      rig.outbound.triesExtra = true;
      // Announcing protects as well; these four take all the places for that.
      for (let count = 0; count < 4; count++)
        await rig.deliver(settled(rig, {}, OUTBOUND), headersOf(MAIN.slice(0, 10)));
      const peers = [settled(rig, {}, OUTBOUND), settled(rig, {}, OUTBOUND), settled(rig, {}, OUTBOUND)] as const;
      await rig.deliver(peers[2], headersOf(MAIN.slice(10, 11)));
      await rig.deliver(peers[2], { type: "block", block: MAIN[10]!.block });
      rig.sync.chainSync.check();
      expect(open(peers)).toEqual([true, false, true]);
      expect(rig.outbound.triesExtra).toBe(false);
      const line = `[net] disconnecting extra outbound peer=${peers[1].id} (last block announcement received at time 0)`;
      expect(rig.log.lines).toContain(line);
    });
  });

  test("not in the first thirty seconds, nor while it owes us a block", async () => {
    await withSync(SYNCED, async (rig) => {
      rig.outbound.extraFullRelay = 1;
      rig.outbound.extraBlockRelay = 1;
      for (const options of [OUTBOUND, BLOCK_RELAY]) {
        const [, newest] = [settled(rig, {}, options), rig.connect({}, options)];
        rig.sync.chainSync.check();
        expect(newest.connection.isOpen).toBe(true);
        rig.clock.seconds += 31;
        rig.sync.chains.updateBlockAvailability(newest, MAIN[9]!.block.hash);
        rig.sync.requests.add(newest, rig.chain.tip);
        rig.sync.chainSync.check();
        expect(newest.connection.isOpen).toBe(true);
        rig.sync.requests.remove(rig.chain.tip.hash);
        rig.sync.chainSync.check();
        expect(newest.connection.isOpen).toBe(false);
      }
      expect(rig.log.with("keeping outbound peer=").length).toBeGreaterThan(0);
      expect(rig.log.with("keeping block-relay-only peer=").length).toBeGreaterThan(0);
    });
  });

  test("the only way into a network stays", async () => {
    await withSync(SYNCED, async (rig) => {
      rig.outbound.extraFullRelay = 1;
      const onion = settled(rig, {}, { ...OUTBOUND, network: "onion" });
      const others = [settled(rig, {}, OUTBOUND), settled(rig, {}, OUTBOUND)];
      rig.sync.chainSync.check();
      expect(open([onion, ...others])).toEqual([true, true, false]);
      // A peer that the operator named is a way as well.
      settled(rig, {}, { ...MANUAL, network: "onion" });
      rig.peers.disconnect(others[0]!, "");
      rig.sync.chainSync.check();
      expect(onion.connection.isOpen).toBe(false);
    });
  });
});
