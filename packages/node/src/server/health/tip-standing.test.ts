import { type Network, networkByName, signetNetwork } from "@bitfleet/protocol/consensus/networks.ts";
import { BlockHeader } from "@bitfleet/protocol/primitives/block.ts";
import { describe, expect, test } from "vitest";
import { BlockIndex, type BlockIndexEntry } from "../../chain/block-index.ts";
import { GENESIS } from "../../chain/test-kit.ts";
import { TestClock } from "../../p2p/test-kit.ts";
import { PEER_SILENCE_MS_MAX, SYNCING_PEER_QUIET_MS, TipStanding } from "./tip-standing.ts";

const REGTEST = networkByName("regtest")!;
/** Blocks of a chain that rests for an hour, ten seconds apart. */
const OLD_SECONDS = 3600;

interface RigOptions {
  readonly expectsPeers?: boolean;
  readonly hadBlocks?: boolean;
  readonly network?: Network;
}

interface RigPeer {
  best: BlockIndexEntry | undefined;
  isSyncing: boolean;
}

/** A node whose chain and peers are as the test says. */
class Rig {
  readonly clock = new TestClock();
  readonly index = new BlockIndex();
  readonly main: BlockIndexEntry[];
  readonly chain = { tip: undefined as never, bestHeader: undefined as never, isInitialBlockDownload: false };
  readonly heard: RigPeer[] = [];
  askedCount = 0;
  readonly standing: TipStanding;

  constructor({ expectsPeers = true, hadBlocks = false, network = REGTEST }: RigOptions = {}, length = 50) {
    this.main = [this.index.addHeader(GENESIS.block.header, undefined)];
    const nowSeconds = this.clock.nowMs() / 1000;
    for (let height = 1; height <= length; height++) this.grow(nowSeconds - OLD_SECONDS - 10 * (length - height));
    this.has(0);
    this.standing = new TipStanding(
      { expectsPeers, hadBlocks },
      {
        chain: Object.assign(this.chain, { network }),
        peers: { heardPeers: () => this.heard, askSyncingPeers: () => void this.askedCount++ },
        clock: this.clock,
      },
    );
  }

  /** One more header on the main chain. */
  grow(time: number): void {
    this.main.push(this.headerOn(this.main.at(-1)!, time));
  }

  headerOn(previous: BlockIndexEntry, time: number, nonce = 0): BlockIndexEntry {
    const fields = {
      version: 4,
      previousBlockHash: previous.hash,
      merkleRoot: new Uint8Array(32),
      time,
      bits: 0,
      nonce,
    };
    return this.index.addHeader(new BlockHeader({ ...fields, bits: previous.header.bits } as never), previous);
  }

  /** The tip and the best header that are known. */
  has(tip: number, bestHeader: number | BlockIndexEntry = tip): void {
    const best = typeof bestHeader === "number" ? this.main[bestHeader] : bestHeader;
    Object.assign(this.chain, { tip: this.main[tip], bestHeader: best });
  }

  /** A peer has told of all headers that it has, up to a height. */
  hears(height: number | BlockIndexEntry | undefined, isSyncing = false): RigPeer {
    const best = typeof height === "number" ? this.main[height] : height;
    const peer = { best, isSyncing };
    this.heard.push(peer);
    return peer;
  }

  pass(durationMs: number): void {
    this.clock.advance(durationMs);
  }

  get problem(): string | undefined {
    return this.standing.look().problem;
  }

  /** Ready, without a doubt. */
  get isSure(): boolean {
    const { problem, doubt } = this.standing.look();
    return problem === undefined && doubt === undefined;
  }
}

/** Begins to look by itself, as a node does. */
function started(options: RigOptions = {}, length?: number): Rig {
  const rig = new Rig(options, length);
  rig.standing.start();
  return rig;
}

describe("a node that is told of no peers", () => {
  test("is ready with its first block, and not before", () => {
    const rig = started({ expectsPeers: false });
    expect(rig.problem).toBe("The node has no block but the first yet.");
    rig.pass(10 * PEER_SILENCE_MS_MAX);
    expect(rig.problem).toBeDefined();
    rig.has(1);
    expect(rig.isSure).toBe(true);
    expect(rig.clock.timerCount).toBe(0);
  });
});

describe("a new node with peers", () => {
  test("is not ready with the blocks of the first headers, while its peer has told of no end", () => {
    const rig = started();
    rig.has(20);
    rig.pass(PEER_SILENCE_MS_MAX * 10);
    expect(rig.problem).toBe("No peer has told yet of a chain that is here.");
    rig.has(20, 50);
    rig.hears(50);
    rig.pass(2000);
    expect(rig.problem).toBe("The node is 30 blocks behind.");
    rig.has(46, 50);
    rig.pass(2000);
    expect(rig.problem).toBe("The node is 4 blocks behind.");
    // A few blocks are no delay for who was ready before; a new node has all of them first.
    rig.has(49, 50);
    rig.pass(2000);
    expect(rig.problem).toBe("No peer has told yet of a chain that is here.");
    rig.has(50);
    rig.pass(2000);
    expect(rig.isSure).toBe(true);
    expect(rig.clock.timerCount).toBe(0);
    rig.has(47, 50);
    rig.pass(2000);
    expect(rig.isSure).toBe(true);
  });

  test("is never ready where nobody answers", () => {
    const rig = started();
    rig.pass(60 * PEER_SILENCE_MS_MAX);
    expect(rig.problem).toBe("The node has no block but the first yet.");
    // Its peer goes in the middle of it.
    rig.has(20, 50);
    rig.pass(60 * PEER_SILENCE_MS_MAX);
    expect(rig.problem).toBe("The node is 30 blocks behind.");
  });

  test("is ready at once beside a peer whose last block is young", () => {
    const rig = started();
    rig.grow(rig.clock.nowMs() / 1000 - 100);
    rig.has(51);
    rig.hears(51);
    expect(rig.isSure).toBe(true);
  });

  test("waits a moment for more where the last block is old", () => {
    const rig = started();
    rig.has(50);
    rig.hears(50);
    expect(rig.problem).toBe("It is being seen whether peers have more blocks.");
    rig.pass(1000);
    expect(rig.isSure).toBe(true);
  });

  test("is not ready beside a peer that gets blocks itself, and tells of them as they come", () => {
    const rig = started({}, 300);
    rig.has(100);
    const peer = rig.hears(100);
    for (let height = 105; height <= 300; height += 5) {
      rig.pass(250);
      rig.has(height);
      peer.best = rig.main[height];
      expect(rig.problem, String(height)).toBeDefined();
    }
    rig.pass(3000);
    expect(rig.problem).toBe("The peers are catching up with the network themselves.");
    rig.pass(3000);
    expect(rig.isSure).toBe(true);
  });

  test("is not ready beside it either when the last blocks that it has so far are young", () => {
    const rig = started();
    const nowSeconds = rig.clock.nowMs() / 1000;
    for (let back = 110; back > 0; back -= 10) rig.grow(nowSeconds - back);
    rig.has(50);
    const peer = rig.hears(50);
    rig.pass(250);
    rig.has(52);
    peer.best = rig.main[52];
    expect(rig.problem).toBe("The peers are catching up with the network themselves.");
    rig.pass(6000);
    expect(rig.isSure).toBe(true);
  });

  test("is ready beside a miner whose clock is behind, though each block looks old", () => {
    const rig = started();
    const peer = rig.hears(50);
    for (let second = 0; second < 5; second++) {
      rig.grow(rig.clock.nowMs() / 1000 - 600);
      rig.has(rig.main.length - 1);
      peer.best = rig.main.at(-1);
      rig.pass(1000);
    }
    // The jump to the first of these blocks was seen, and is over.
    rig.pass(1000);
    expect(rig.isSure).toBe(true);
  });

  test("is not ready beside a peer in its own initial download, which is asked again until it rests", () => {
    const rig = started();
    rig.has(10);
    const peer = rig.hears(10, true);
    for (let height = 15; height <= 50; height += 5) {
      rig.pass(SYNCING_PEER_QUIET_MS - 500);
      rig.has(height);
      peer.best = rig.main[height];
      expect(rig.problem).toBe("The peers are fetching their own chain yet.");
    }
    expect(rig.askedCount).toBeGreaterThan(30);
    rig.pass(SYNCING_PEER_QUIET_MS - 500);
    expect(rig.problem).toBe("The peers are fetching their own chain yet.");
    rig.pass(1000);
    expect(rig.isSure).toBe(true);
  });

  test("gives a peer that ends its own download a moment to tell of what came last", () => {
    const rig = started();
    rig.has(10);
    // It has not said yet how it is.
    const peer = rig.hears(10);
    rig.pass(500);
    peer.isSyncing = true;
    rig.pass(5000);
    expect(rig.problem).toBe("The peers are fetching their own chain yet.");
    peer.isSyncing = false;
    rig.pass(500);
    expect(rig.problem).toBe("It is being seen whether peers have more blocks.");
    rig.has(10, 50);
    peer.best = rig.main[50];
    rig.pass(2000);
    expect(rig.problem).toBe("The node is 40 blocks behind.");
  });

  test("does not mistake a network without blocks for a chain that rests", () => {
    const rig = started();
    const peer = rig.hears(undefined, true);
    rig.pass(10 * SYNCING_PEER_QUIET_MS);
    expect(rig.problem).toBe("The node has no block but the first yet.");
    // The peer was not a network's first node: it begins to get blocks.
    rig.has(10);
    peer.best = rig.main[10];
    rig.pass(500);
    expect(rig.problem).toBe("The peers are fetching their own chain yet.");
    rig.heard.push({ best: rig.main[10], isSyncing: false });
    rig.pass(1500);
    expect(rig.isSure).toBe(true);
  });
});

describe("a node with blocks of an earlier run", () => {
  test("goes without its peers after a minute, with a doubt until one tells of its chain", () => {
    const rig = started({ hadBlocks: true });
    rig.has(30);
    expect(rig.problem).toBe("No peer has told yet of a chain that is here.");
    rig.pass(PEER_SILENCE_MS_MAX - 250);
    expect(rig.problem).toBeDefined();
    rig.pass(500);
    expect(rig.standing.look()).toEqual({ doubt: "No peer has told of its chain since the start." });
    rig.has(30, 50);
    rig.hears(50);
    expect(rig.problem).toBe("The node is 20 blocks behind.");
    rig.has(50);
    expect(rig.isSure).toBe(true);
  });

  test("is not ready after a minute of blocks that come", () => {
    const rig = started({ hadBlocks: true });
    for (let height = 10; height <= 40; height++) {
      rig.has(height, 50);
      rig.pass(PEER_SILENCE_MS_MAX / 2);
      expect(rig.problem).toBeDefined();
    }
  });
});

describe("a node that was at the tip", () => {
  const atTip = (options: RigOptions = {}) => {
    const rig = started(options);
    rig.has(30);
    rig.hears(30);
    rig.pass(1500);
    expect(rig.isSure).toBe(true);
    return rig;
  };

  test("stays ready when its peers are gone, and is not while it fetches what a partition kept from it", () => {
    const rig = atTip();
    rig.heard.length = 0;
    rig.pass(100 * PEER_SILENCE_MS_MAX);
    expect(rig.isSure).toBe(true);
    rig.has(30, 50);
    expect(rig.problem).toBe("The node is 20 blocks behind.");
    rig.has(48, 50);
    expect(rig.isSure).toBe(true);
  });

  test("does not wait for ever for blocks whose headers somebody made up, however many more there are", () => {
    const rig = atTip();
    let forged = rig.main[30]!;
    const forge = (count: number) => {
      for (let index = 0; index < count; index++) forged = rig.headerOn(forged, forged.time + 1, 7);
    };
    forge(100);
    let tip = 30;
    rig.has(tip, forged);
    for (let passedMs = 0; passedMs < PEER_SILENCE_MS_MAX; passedMs += 5000) {
      expect(rig.problem).toBe(`The node is ${forged.height - tip} blocks behind.`);
      rig.pass(5000);
      forge(1);
      // The real chain goes on meanwhile.
      rig.has(++tip, forged);
    }
    expect(rig.standing.look().problem).toBeUndefined();
    expect(rig.standing.look().doubt).toMatch(/^Peers tell of \d+ blocks more and give none of them\.$/);
  });

  test.each([
    ["many", 100],
    ["so few that the chain has passed them soon", 5],
  ])("nor for made-up headers that begin anew where the tip is by then: %s", (_, count) => {
    const rig = atTip();
    let nonce = 7;
    const forge = (from: number) => {
      let forged = rig.main[from]!;
      for (let index = 0; index < count; index++) forged = rig.headerOn(forged, forged.time + 1, nonce);
      nonce += 1;
      return forged;
    };
    let tip = 30;
    let forged = forge(tip);
    const readyFor = (endMs: number) => {
      const ready: boolean[] = [];
      for (let passedMs = 0; passedMs < endMs; passedMs += 5000) {
        rig.has(tip, forged.height > tip ? forged : tip);
        ready.push(rig.problem === undefined);
        rig.pass(5000);
        if (passedMs % 10_000 === 0) rig.grow(rig.main.at(-1)!.time + 10);
        if (passedMs % 10_000 === 0) tip += 1;
        // One more of the real chain, and they are in its way no more.
        if (forged.height - tip <= 3) {
          rig.has(tip, forged.height > tip ? forged : tip);
          rig.standing.look();
          forged = forge(tip);
        } else if (count > 5) forged = forge(tip);
      }
      return ready;
    };
    expect(readyFor(PEER_SILENCE_MS_MAX)).toContain(false);
    expect(readyFor(5 * PEER_SILENCE_MS_MAX)).not.toContain(false);
    // Who rests for as long is believed again: it may be another.
    rig.has(tip);
    rig.standing.look();
    rig.pass(PEER_SILENCE_MS_MAX);
    expect(rig.isSure).toBe(true);
    rig.has(tip, forge(tip));
    expect(rig.problem).toBe(`The node is ${count} blocks behind.`);
  });

  test("waits on while the missing blocks come, however slowly", () => {
    const rig = atTip();
    for (let height = 31; height <= 46; height++) {
      rig.has(height, 50);
      expect(rig.problem).toBe(`The node is ${50 - height} blocks behind.`);
      rig.pass(PEER_SILENCE_MS_MAX - 1000);
    }
  });

  test("on a public network, where headers cost work, does not give them up", () => {
    const rig = atTip({ network: networkByName("main")! });
    rig.has(30, 50);
    expect(rig.problem).toBeDefined();
    rig.pass(10 * PEER_SILENCE_MS_MAX);
    expect(rig.problem).toBe("The node is 20 blocks behind.");
  });

  test("is not ready in the initial download but on regtest", () => {
    const problemOn = (network: Network) => {
      const rig = atTip({ network });
      rig.chain.isInitialBlockDownload = true;
      return rig.problem;
    };
    expect(problemOn(REGTEST)).toBeUndefined();
    expect(problemOn(signetNetwork())).toBe("The node is catching up with the network.");
  });
});
