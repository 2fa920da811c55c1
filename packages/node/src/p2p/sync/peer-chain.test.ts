import { beforeAll, describe, expect, test } from "vitest";
import { BlockIndex, type BlockIndexEntry } from "../../chain/block-index.ts";
import { GENESIS, mineMany, type Tip } from "../../chain/test-kit.ts";
import { testPeer } from "../test-kit.ts";
import { PeerChains } from "./peer-chain.ts";

const MAIN = mineMany(GENESIS, 4);
const SIDE = mineMany(MAIN[0]!, 2, { salt: 1 });

describe("what a peer has", () => {
  let index: BlockIndex;
  let chains: PeerChains;
  const peer = testPeer();

  function add(tip: Tip): BlockIndexEntry {
    return index.addHeader(tip.block.header, index.find(tip.block.header.previousBlockHash));
  }

  beforeAll(() => {
    index = new BlockIndex();
    chains = new PeerChains({ chain: index });
    index.addHeader(GENESIS.block.header, undefined);
  });

  test("nothing is known at first", () => {
    expect(chains.best(peer)).toBeUndefined();
    expect(chains.peerHasHeader(peer, index.find(GENESIS.block.hash)!)).toBe(false);
  });

  test("a block whose header is unknown counts when the header comes, and not before", () => {
    chains.updateBlockAvailability(peer, MAIN[1]!.block.hash);
    expect(chains.best(peer)).toBeUndefined();
    add(MAIN[0]!);
    chains.processBlockAvailability(peer);
    expect(chains.best(peer)).toBeUndefined();
    const entry = add(MAIN[1]!);
    chains.processBlockAvailability(peer);
    expect(chains.best(peer)).toBe(entry);
  });

  test("has every ancestor, and nothing beside them", () => {
    const [first, side] = [index.find(MAIN[0]!.block.hash)!, add(SIDE[0]!)];
    expect(chains.peerHasHeader(peer, first)).toBe(true);
    expect(chains.peerHasHeader(peer, side)).toBe(false);
    expect(chains.peerHasHeader(peer, add(MAIN[2]!))).toBe(false);
  });

  test("of equal work the later counts, less work does not", () => {
    const [side, known] = [index.find(SIDE[0]!.block.hash)!, index.find(MAIN[1]!.block.hash)!];
    chains.updateBlockAvailability(peer, side.hash);
    expect(chains.best(peer)).toBe(side);
    chains.updateBlockAvailability(peer, MAIN[0]!.block.hash);
    expect(chains.best(peer)).toBe(side);
    chains.updateBlockAvailability(peer, known.hash);
    expect(chains.best(peer)).toBe(known);
  });

  test("of several unknown blocks the last counts", () => {
    chains.updateBlockAvailability(peer, MAIN[3]!.block.hash);
    chains.updateBlockAvailability(peer, SIDE[1]!.block.hash);
    add(MAIN[3]!);
    chains.processBlockAvailability(peer);
    expect(chains.best(peer)).not.toBe(index.find(MAIN[3]!.block.hash));
    const side = add(SIDE[1]!);
    chains.processBlockAvailability(peer);
    expect(chains.best(peer)).toBe(side);
  });

  test("what we told it, it has; less than before after a reorganisation", () => {
    const [third, fourth] = [index.find(MAIN[2]!.block.hash)!, index.find(MAIN[3]!.block.hash)!];
    chains.setBestHeaderSent(peer, fourth);
    expect(chains.peerHasHeader(peer, fourth)).toBe(true);
    chains.setBestHeaderSent(peer, third);
    expect(chains.peerHasHeader(peer, fourth)).toBe(false);
    expect(chains.peerHasHeader(peer, third)).toBe(true);
  });

  test("a peer that is gone is forgotten", () => {
    chains.forget(peer);
    expect(chains.best(peer)).toBeUndefined();
    expect(chains.bestHeaderSent(peer)).toBeUndefined();
  });
});
