import { type BlockHash, displayHash, ZERO_HASH } from "@bitfleet/protocol/primitives/types.ts";
import { InventoryType } from "@bitfleet/protocol/wire/relay.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Chain } from "../../chain/chain.ts";
import {
  GENESIS,
  inTemporaryDirectory,
  mine,
  mineMany,
  openTestChain,
  submitAll,
  type Tip,
} from "../../chain/test-kit.ts";
import { systemRandom } from "../../clock.ts";
import { PeerChains } from "../sync/peer-chain.ts";
import { deliver, TestLog, TestPeers, testPeer } from "../test-kit.ts";
import { BlockAnnouncements } from "./block-announcements.ts";
import { BlockServing } from "./block-serving.ts";
import { RecentBlocks } from "./recent-blocks.ts";
import { UploadLimit } from "./upload-limit.ts";

const NOBAN = (1 << 4) | (1 << 6);
const DOWNLOAD = 1 << 6;
const LIMITED_ONLY = 0x408n;
const ZERO = ZERO_HASH as BlockHash;

const MAIN = mineMany(GENESIS, 600);
/** A block on block 598: not on the best chain any more since block 600 came. */
const SIDE = mineMany(MAIN[597]!, 1, { salt: 7 });

let chain: Chain;
let clock: { nowMs(): number };
let release: () => void = () => {};
let finished: Promise<void>;

beforeAll(async () => {
  await new Promise<void>((ready) => {
    finished = inTemporaryDirectory(async (path) => {
      const opened = await openTestChain(path);
      ({ chain } = opened);
      clock = opened.clock;
      await submitAll(chain, MAIN.slice(0, 598));
      await submitAll(chain, SIDE);
      await submitAll(chain, MAIN.slice(598));
      ready();
      await new Promise<void>((done) => {
        release = done;
      });
      await chain.close();
    });
  });
});

afterAll(async () => {
  release();
  await finished;
});

/** The chain as a node with `-prune` has it. */
function asPruning(): Chain {
  return new Proxy(chain, {
    get(target, name) {
      if (name === "pruneMode") return { kind: "manual" };
      const value = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

function setUp(options: { minimumChainwork?: bigint; uploadTarget?: number; isPruning?: boolean } = {}) {
  const [log, peers, chains] = [new TestLog(), new TestPeers(), new PeerChains({ chain })];
  const recent = new RecentBlocks(systemRandom);
  const announcements = new BlockAnnouncements({ chain, peers, chains, recent, log });
  const uploadLimit = new UploadLimit(options.uploadTarget ?? 0, {
    ...clock,
    monotonicMs: () => 0,
    after: () => () => {},
  });
  const filtered: string[] = [];
  const serving = new BlockServing(
    { minimumChainwork: options.minimumChainwork ?? 0n },
    {
      chain: options.isPruning ? asPruning() : chain,
      peers,
      chains,
      announcements,
      recent,
      uploadLimit,
      sendFiltered: (_peer, block) => void filtered.push(displayHash(block.hash)),
      clock: { nowMs: () => MAIN.at(-1)!.block.header.time * 1000 },
      log,
    },
  );
  peers.register(serving, announcements);
  return { log, peers, chains, recent, announcements, uploadLimit, serving, filtered };
}

const hashOf = (tip: Tip) => tip.block.hash;

describe("getheaders", () => {
  test("answers what follows the fork, up to the stop", async () => {
    const { serving, peers, chains } = setUp();
    const peer = testPeer();
    peers.add(peer);
    await deliver(serving, peer, { type: "getheaders", locator: [hashOf(MAIN[9]!)], stop: hashOf(MAIN[11]!) });
    const [answer] = peer.connection.take("headers");
    expect(answer!.headers.map(({ hash }) => displayHash(hash))).toEqual(
      [MAIN[10]!, MAIN[11]!].map((tip) => displayHash(hashOf(tip))),
    );
    expect(chains.bestHeaderSent(peer)?.height).toBe(12);
  });

  test("from a fork, from an unknown block, and to the end", async () => {
    const { serving, chains } = setUp();
    const peer = testPeer();
    await deliver(serving, peer, { type: "getheaders", locator: [hashOf(SIDE[0]!), hashOf(MAIN[597]!)], stop: ZERO });
    expect(peer.connection.take("headers")[0]!.headers).toHaveLength(2);
    await deliver(serving, peer, {
      type: "getheaders",
      locator: [new Uint8Array(32).fill(9) as BlockHash],
      stop: ZERO,
    });
    expect(peer.connection.take("headers")[0]!.headers).toHaveLength(600);
    expect(chains.bestHeaderSent(peer)).toBe(chain.tip);
    await deliver(serving, peer, { type: "getheaders", locator: [chain.tip.hash], stop: ZERO });
    expect(peer.connection.take("headers")[0]!.headers).toEqual([]);
  });

  test("an empty locator asks for the one block at the stop", async () => {
    const { serving } = setUp();
    const peer = testPeer();
    await deliver(serving, peer, { type: "getheaders", locator: [], stop: hashOf(MAIN[599]!) });
    expect(peer.connection.take("headers")[0]!.headers).toHaveLength(1);
    await deliver(serving, peer, { type: "getheaders", locator: [], stop: new Uint8Array(32).fill(9) as BlockHash });
    expect(peer.connection.sent).toEqual([]);
  });

  test("a chain with too little work is nobody's model, save for who has the download permission", async () => {
    const { serving, log } = setUp({ minimumChainwork: chain.tip.chainwork + 1n });
    const [peer, friend] = [testPeer(), testPeer({}, { permissions: DOWNLOAD })];
    const message = { type: "getheaders" as const, locator: [hashOf(MAIN[9]!)], stop: ZERO };
    await deliver(serving, peer, message);
    expect(peer.connection.take("headers")[0]!.headers).toEqual([]);
    expect(log.with(`Ignoring getheaders from peer=${peer.id} because active chain has too little work`)).toHaveLength(
      1,
    );
    await deliver(serving, friend, message);
    expect(friend.connection.take("headers")[0]!.headers).toHaveLength(590);
  });
});

describe("getblocks", () => {
  test("tells of 500 hashes, and of the tip once the last of them was fetched", async () => {
    const { serving, announcements } = setUp();
    const peer = testPeer();
    await deliver(serving, peer, { type: "getblocks", locator: [hashOf(MAIN[0]!)], stop: ZERO });
    announcements.tick(peer);
    const [inventory] = peer.connection.take("inv");
    expect(inventory!.items).toHaveLength(500);
    expect(displayHash(inventory!.items[499]!.hash)).toBe(displayHash(hashOf(MAIN[500]!)));
    await serving.serve(peer, InventoryType.WITNESS_BLOCK, hashOf(MAIN[499]!));
    expect(peer.connection.take("inv")).toEqual([]);
    await serving.serve(peer, InventoryType.WITNESS_BLOCK, hashOf(MAIN[500]!));
    expect(peer.connection.take("inv")[0]!.items.map(({ hash }) => displayHash(hash))).toEqual([
      displayHash(chain.tip.hash),
    ]);
  });

  test("ends before the stop", async () => {
    const { serving, announcements } = setUp();
    const peer = testPeer();
    await deliver(serving, peer, { type: "getblocks", locator: [hashOf(MAIN[0]!)], stop: hashOf(MAIN[3]!) });
    announcements.tick(peer);
    expect(peer.connection.take("inv")[0]!.items).toHaveLength(2);
  });
});

describe("getblocks of a node that prunes", () => {
  test("tells of no block that may go within the hour", async () => {
    const { serving, announcements } = setUp({ isPruning: true });
    // 282 blocks below the tip, six an hour less than are kept.
    const toldFrom = async (height: number) => {
      const peer = testPeer();
      await deliver(serving, peer, { type: "getblocks", locator: [hashOf(MAIN[height - 2]!)], stop: ZERO });
      announcements.tick(peer);
      return peer.connection.take("inv")[0]?.items.length ?? 0;
    };
    expect(await toldFrom(318)).toBe(0);
    expect(await toldFrom(319)).toBe(282);
  });
});

describe("blocks", () => {
  test.each([
    ["with witnesses", InventoryType.WITNESS_BLOCK, true],
    ["without", InventoryType.BLOCK, false],
  ])("%s", async (_what, kind, hasWitness) => {
    const { serving } = setUp();
    const peer = testPeer();
    await serving.serve(peer, kind, hashOf(MAIN[5]!));
    const [message] = peer.connection.take("block");
    expect(displayHash(message!.block.hash)).toBe(displayHash(hashOf(MAIN[5]!)));
    expect(message!.block.transactions[0]!.hasWitness).toBe(hasWitness);
  });

  test("nothing for a block that nobody knows, and for one that is known by its header alone", async () => {
    const { serving } = setUp();
    const peer = testPeer();
    await serving.serve(peer, InventoryType.WITNESS_BLOCK, new Uint8Array(32).fill(1) as BlockHash);
    expect(peer.connection.sent).toEqual([]);
  });

  test("compact down to five below the tip, whole below that", async () => {
    const { serving } = setUp();
    const peer = testPeer();
    await serving.serve(peer, InventoryType.COMPACT_BLOCK, hashOf(MAIN[594]!));
    expect(peer.connection.sent.map(({ type }) => type)).toEqual(["cmpctblock"]);
    await serving.serve(peer, InventoryType.COMPACT_BLOCK, hashOf(MAIN[593]!));
    expect(peer.connection.sent.map(({ type }) => type)).toEqual(["cmpctblock", "block"]);
  });

  test("filtered blocks go through the filter", async () => {
    const { serving, filtered } = setUp();
    await serving.serve(testPeer(), InventoryType.FILTERED_BLOCK, hashOf(MAIN[5]!));
    expect(filtered).toEqual([displayHash(hashOf(MAIN[5]!))]);
  });

  test("a node with recent blocks only ends the connection over an older one, but not a friend's", async () => {
    const { serving, peers } = setUp();
    const peer = testPeer({}, { ourServices: LIMITED_ONLY });
    const friend = testPeer({}, { ourServices: LIMITED_ONLY, permissions: NOBAN });
    peers.add(peer, friend);
    // 600 − 290 is the last that is served.
    await serving.serve(peer, InventoryType.WITNESS_BLOCK, hashOf(MAIN[309]!));
    expect(peer.connection.take("block")).toHaveLength(1);
    await serving.serve(peer, InventoryType.WITNESS_BLOCK, hashOf(MAIN[308]!));
    expect(peers.disconnected.map(({ why }) => why)).toEqual([
      "Ignore block request below NODE_NETWORK_LIMITED threshold",
    ]);
    await serving.serve(friend, InventoryType.WITNESS_BLOCK, hashOf(MAIN[308]!));
    expect(friend.connection.take("block")).toHaveLength(1);
  });
});

describe("blocktxn", () => {
  test("ten below the tip, the whole block below that, and misbehaviour beyond its end", async () => {
    const { serving, peers } = setUp();
    const peer = testPeer();
    peers.add(peer);
    await deliver(serving, peer, { type: "getblocktxn", blockHash: hashOf(MAIN[589]!), indexes: [0] });
    expect(peer.connection.take("blocktxn")[0]!.transactions).toHaveLength(1);
    await deliver(serving, peer, { type: "getblocktxn", blockHash: hashOf(MAIN[588]!), indexes: [0] });
    expect(peer.connection.take("block")).toHaveLength(1);
    await deliver(serving, peer, { type: "getblocktxn", blockHash: hashOf(MAIN[599]!), indexes: [1] });
    expect(peers.misbehaviour.map(({ why }) => why)).toEqual(["getblocktxn with out-of-bounds tx indices"]);
  });
});

describe("announcements", () => {
  const tip = () => chain.tip;
  const newTip = (module: BlockAnnouncements, forkHeight: number) =>
    module.onChainEvent({
      type: "tip-changed",
      entry: tip(),
      fork: chain.blockAt(forkHeight),
      isInitialBlockDownload: false,
    });

  test("by inventory of the tip alone, unless the peer asked for headers", () => {
    const { announcements, peers } = setUp();
    const peer = testPeer();
    peers.add(peer);
    newTip(announcements, 598);
    announcements.tick(peer);
    expect(peer.connection.take("inv").map(({ items }) => items.length)).toEqual([1]);
    announcements.tick(peer);
    expect(peer.connection.sent).toEqual([]);
  });

  test("by headers that connect to what the peer has", async () => {
    const { announcements, peers, chains } = setUp();
    const peer = testPeer();
    peers.add(peer);
    await deliver(announcements, peer, { type: "sendheaders" });
    chains.updateBlockAvailability(peer, hashOf(MAIN[597]!));
    newTip(announcements, 597);
    announcements.tick(peer);
    expect(peer.connection.take("headers")[0]!.headers).toHaveLength(2);
    expect(chains.bestHeaderSent(peer)).toBe(tip());
    // It has them now: nothing more to tell.
    newTip(announcements, 597);
    announcements.tick(peer);
    expect(peer.connection.sent).toEqual([]);
  });

  test.each([
    ["headers would not connect", 590, undefined],
    ["there are more than eight", 590, 591],
  ])("by inventory where %s", async (_what, fork, known) => {
    const { announcements, peers, chains } = setUp();
    const peer = testPeer();
    peers.add(peer);
    await deliver(announcements, peer, { type: "sendheaders" });
    if (known !== undefined) chains.updateBlockAvailability(peer, hashOf(MAIN[known]!));
    newTip(announcements, fork);
    if (known !== undefined) newTip(announcements, fork);
    announcements.tick(peer);
    expect(peer.connection.sent.map(({ type }) => type)).toEqual(["inv"]);
  });

  test("as a compact block to who wants one at once, before it is checked, and only where it connects", () => {
    const { announcements, peers, chains } = setUp();
    const wanting = testPeer({ highBandwidthFrom: true });
    const behind = testPeer({ highBandwidthFrom: true });
    const other = testPeer();
    peers.add(wanting, behind, other);
    chains.updateBlockAvailability(wanting, hashOf(MAIN[598]!));
    chains.updateBlockAvailability(other, hashOf(MAIN[598]!));
    const arrived = { type: "block-arrived" as const, entry: tip(), block: MAIN[599]!.block };
    announcements.onChainEvent(arrived);
    announcements.onChainEvent(arrived);
    expect(wanting.connection.sent.map(({ type }) => type)).toEqual(["cmpctblock"]);
    expect(behind.connection.sent).toEqual([]);
    expect(other.connection.sent).toEqual([]);
    // And not again when it has become the tip.
    newTip(announcements, 599);
    announcements.tick(wanting);
    expect(wanting.connection.sent).toHaveLength(1);
  });

  test("nothing in the initial download", () => {
    const { announcements, peers } = setUp();
    const peer = testPeer();
    peers.add(peer);
    announcements.onChainEvent({ type: "tip-changed", entry: tip(), fork: undefined, isInitialBlockDownload: true });
    announcements.tick(peer);
    expect(peer.connection.sent).toEqual([]);
  });
});

describe("the upload limit", () => {
  test("ends connections that ask for old blocks, not for new ones, nor those of friends", async () => {
    const { serving, peers } = setUp({ uploadTarget: 1 });
    // All blocks of this chain are of today: only a filtered block counts as historical whatever its age.
    const [peer, friend] = [testPeer(), testPeer({}, { permissions: DOWNLOAD })];
    peers.add(peer, friend);
    await serving.serve(peer, InventoryType.WITNESS_BLOCK, hashOf(MAIN[599]!));
    expect(peer.connection.take("block")).toHaveLength(1);
    await serving.serve(friend, InventoryType.FILTERED_BLOCK, hashOf(MAIN[599]!));
    expect(peers.disconnected).toEqual([]);
    await serving.serve(peer, InventoryType.FILTERED_BLOCK, hashOf(MAIN[599]!));
    expect(peers.disconnected.map(({ why }) => why)).toEqual(["historical block serving limit reached"]);
  });
});

test("a block beside the best chain is served while it is young", async () => {
  const { serving, log } = setUp();
  const peer = testPeer();
  await serving.serve(peer, InventoryType.WITNESS_BLOCK, hashOf(SIDE[0]!));
  expect(peer.connection.take("block")).toHaveLength(1);
  // One that was stored and never tried is no valid one.
  const untried = mine(MAIN[300]!, { salt: 3 });
  await chain.submitBlock(untried.block);
  await serving.serve(peer, InventoryType.WITNESS_BLOCK, hashOf(untried));
  expect(peer.connection.sent).toEqual([]);
  expect(log.with("ignoring request from peer=")).toHaveLength(1);
});
