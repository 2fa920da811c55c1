import { BlockHeader } from "@bitfleet/protocol/primitives/block.ts";
import type { BlockHash, Hash256, MerkleRoot } from "@bitfleet/protocol/primitives/types.ts";
import { displayHash, ZERO_HASH } from "@bitfleet/protocol/primitives/types.ts";
import { ServiceFlag } from "@bitfleet/protocol/wire/services.ts";
import { describe, expect, test } from "vitest";
import { BlockIndex, type BlockIndexEntry } from "../../chain/block-index.ts";
import { BlockStatus } from "../../chain/block-index-codec.ts";
import { GENESIS, NETWORK } from "../../chain/test-kit.ts";
import { deliver, TestLog, TestPeers, testPeer } from "../test-kit.ts";
import { FilterServing } from "./filter-serving.ts";

const OFFERED = ServiceFlag.NETWORK | ServiceFlag.COMPACT_FILTERS;
/** 2,100 of them are more than the thirty days for which blocks beside the chain are served. */
const SPACING_SECONDS = 1300;

const number = (prefix: number, height: number) => Uint8Array.of(prefix, height & 0xff, height >> 8);
const hash = (prefix: number, height: number) => {
  const bytes = new Uint8Array(32) as Hash256;
  bytes.set(number(prefix, height));
  return bytes;
};

/** Headers of a chain that has 2,100 blocks on top of its genesis, and of a block beside its tip. */
function headers() {
  const index = new BlockIndex();
  const chain = [index.addHeader(GENESIS.block.header, undefined)];
  const next = (previous: BlockIndexEntry, nonce: number) => {
    const { bits, time } = previous;
    const merkleRoot = new Uint8Array(32) as MerkleRoot;
    const fields = { version: 4, previousBlockHash: previous.hash, merkleRoot, bits, nonce };
    return index.addHeader(new BlockHeader({ ...fields, time: time + SPACING_SECONDS }), previous);
  };
  while (chain.length <= 2100) chain.push(next(chain.at(-1)!, 0));
  const [stale, unchecked] = [next(chain.at(-2)!, 1), next(chain.at(-2)!, 2)];
  stale.raiseValidity(BlockStatus.VALID_SCRIPTS);
  const ancient = next(chain[0]!, 3);
  ancient.raiseValidity(BlockStatus.VALID_SCRIPTS);
  return { index, chain, stale, unchecked, ancient };
}

const BLOCKS = headers();

function setUp(indexedHeight = Number.POSITIVE_INFINITY) {
  const [log, peers] = [new TestLog(), new TestPeers()];
  const { index, chain } = BLOCKS;
  const heights = (start: number, stop: BlockIndexEntry) =>
    stop.height > indexedHeight ? undefined : Array.from({ length: stop.height - start + 1 }, (_, at) => start + at);
  const module = new FilterServing({
    chain: {
      find: (wanted) => index.find(wanted),
      isInActiveChain: (entry) => chain[entry.height] === entry,
      bestHeader: chain.at(-1)!,
      network: NETWORK,
    },
    index: {
      filters: async (start, stop) =>
        heights(start, stop)?.map((height) => ({
          blockHash: stop.ancestor(height)!.hash,
          filter: number(1, height),
        })) as never,
      filterHashes: async (start, stop) => heights(start, stop)?.map((height) => hash(2, height)),
      filterHeader: async ({ height }) => (height > indexedHeight ? undefined : hash(3, height)),
    },
    peers,
    log,
  });
  const add = (ourServices = OFFERED) => {
    const peer = testPeer({}, { ourServices });
    peers.add(peer);
    return peer;
  };
  return { log, peers, module, add, ends: () => peers.disconnected.map(({ why }) => why) };
}

const at = (height: number) => BLOCKS.chain[height]!.hash;

const request = (type: "getcfilters" | "getcfheaders", startHeight: number, stop: BlockHash, filterType = 0) => ({
  type,
  filterType,
  startHeight,
  stop,
});

describe("getcfilters (BIP157)", () => {
  test("is answered with one message a block", async () => {
    const { module, add } = setUp();
    const peer = add();
    await deliver(module, peer, request("getcfilters", 3, at(5)));
    expect(peer.connection.take("cfilter")).toEqual(
      [3, 4, 5].map((height) => ({ type: "cfilter", filterType: 0, blockHash: at(height), filter: number(1, height) })),
    );
  });

  test.each([
    [1001, 2000, true],
    [1000, 2000, false],
    [0, 999, true],
    [0, 1000, false],
    [5, 5, true],
  ])("from %i to %i is answered: %s", async (start, stop, isAnswered) => {
    const { module, add, ends } = setUp();
    const peer = add();
    await deliver(module, peer, request("getcfilters", start, at(stop)));
    const count = stop - start + 1;
    expect(peer.connection.take("cfilter")).toHaveLength(isAnswered ? count : 0);
    expect(ends()).toEqual(isAnswered ? [] : [`peer requested too many cfilters/cfheaders: ${count} / 1000`]);
  });

  test("is answered no faster than the peer reads, and no more once it has gone", async () => {
    const { module, add } = setUp();
    const peer = add();
    peer.connection.isSendPaused = true;
    const done = deliver(module, peer, request("getcfilters", 0, at(2)));
    await new Promise((resolve) => setImmediate(resolve));
    expect(peer.connection.sent).toEqual([]);
    peer.connection.close();
    await done;
    expect(peer.connection.sent).toEqual([]);
  });
});

describe("getcfheaders", () => {
  test("is answered with the hashes and the header before them", async () => {
    const { module, add } = setUp();
    const peer = add();
    await deliver(module, peer, request("getcfheaders", 3, at(5)));
    expect(peer.connection.take("cfheaders")).toEqual([
      {
        type: "cfheaders",
        filterType: 0,
        stop: at(5),
        previousHeader: hash(3, 2),
        filterHashes: [3, 4, 5].map((height) => hash(2, height)),
      },
    ]);
    await deliver(module, peer, request("getcfheaders", 0, at(0)));
    expect(peer.connection.take("cfheaders")[0]!.previousHeader).toEqual(ZERO_HASH);
  });

  test.each([
    [1, 2000, true],
    [0, 2000, false],
  ])("from %i to %i is answered: %s", async (start, stop, isAnswered) => {
    const { module, add, ends } = setUp();
    const peer = add();
    await deliver(module, peer, request("getcfheaders", start, at(stop)));
    expect(peer.connection.take("cfheaders").map(({ filterHashes }) => filterHashes.length)).toEqual(
      isAnswered ? [2000] : [],
    );
    expect(ends()).toEqual(isAnswered ? [] : ["peer requested too many cfilters/cfheaders: 2001 / 2000"]);
  });
});

test.each([
  [999, []],
  [1000, [1000]],
  [2099, [1000, 2000]],
])("getcfcheckpt up to %i is answered with the headers of %j", async (stop, heights) => {
  const { module, add } = setUp();
  const peer = add();
  await deliver(module, peer, { type: "getcfcheckpt", filterType: 0, stop: at(stop) });
  expect(peer.connection.take("cfcheckpt")).toEqual([
    { type: "cfcheckpt", filterType: 0, stop: at(stop), headers: heights.map((height) => hash(3, height)) },
  ]);
});

describe("who asks for what is not to be had is disconnected:", () => {
  const unknown = new Uint8Array(32).fill(9) as BlockHash;
  const { stale, unchecked, ancient } = BLOCKS;

  test.each([
    ["another type", request("getcfilters", 0, at(5), 1), "peer requested unsupported block filter type: 1"],
    [
      "of an unknown block",
      request("getcfheaders", 0, unknown),
      `peer requested invalid block hash: ${"09".repeat(32)}`,
    ],
    [
      "a start behind the end",
      request("getcfilters", 6, at(5)),
      "peer sent invalid getcfilters/getcfheaders with start height 6 and stop height 5",
    ],
    [
      "of a block beside the chain that was never checked",
      request("getcfilters", 2100, unchecked.hash),
      `peer requested invalid block hash: ${displayHash(unchecked.hash)}`,
    ],
    [
      "of an old block beside the chain",
      request("getcfilters", 1, ancient.hash),
      `peer requested invalid block hash: ${displayHash(ancient.hash)}`,
    ],
  ])("%s", async (_what, message, why) => {
    const { module, add, ends } = setUp();
    const peer = add();
    await deliver(module, peer, message);
    expect([ends(), peer.connection.sent]).toEqual([[why], []]);
  });

  test("anything at all where it was not offered", async () => {
    const { module, add, ends } = setUp();
    await deliver(module, add(ServiceFlag.NETWORK), request("getcfilters", 0, at(5)));
    await deliver(module, add(ServiceFlag.NETWORK), { type: "getcfcheckpt", filterType: 0, stop: at(5) });
    expect(ends()).toEqual([0, 0].map((type) => `peer requested unsupported block filter type: ${type}`));
  });

  test("not of a recent valid block beside the chain", async () => {
    const { module, add, ends } = setUp();
    const peer = add();
    await deliver(module, peer, request("getcfilters", stale.height, stale.hash));
    expect([ends(), peer.connection.take("cfilter").length]).toEqual([[], 1]);
  });
});

test.each([
  [request("getcfilters", 9, at(11)), "Failed to find block filter in index"],
  [request("getcfheaders", 9, at(11)), "Failed to find block filter hashes in index"],
  [request("getcfheaders", 12, at(12)), "Failed to find block filter header in index"],
  [{ type: "getcfcheckpt", filterType: 0, stop: at(1000) } as const, "Failed to find block filter header in index"],
])("what the index does not have yet is not answered, and nobody is to blame: %j", async (message, line) => {
  const { module, add, ends, log } = setUp(10);
  const peer = add();
  await deliver(module, peer, message);
  expect([ends(), peer.connection.sent]).toEqual([[], []]);
  expect(log.with(`${line}: filter_type=basic, start_height=`)).toHaveLength(1);
});
