import { BloomFilter, BloomUpdate } from "@bitfleet/protocol/filters/bloom.ts";
import { verifyPartialMerkleTree } from "@bitfleet/protocol/primitives/merkle-proof.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { describe, expect, test } from "vitest";
import { GENESIS, mineMany, mineSpending } from "../../chain/test-kit.ts";
import { deliver, TestPeers, testPeer } from "../test-kit.ts";
import { BloomServing } from "./bloom-serving.ts";

const WITH_BLOOM = 0x40dn;
const MEMPOOL = 1 << 5;
const NOBAN = (1 << 4) | (1 << 6);

function setUp(isLimitReached = false) {
  const peers = new TestPeers();
  const requests: number[] = [];
  const module = new BloomServing({
    peers,
    uploadLimit: { isReached: () => isLimitReached },
    onMempoolRequest: ({ id }) => void requests.push(id),
  });
  peers.register(module);
  const add = (permissions = 0, ourServices = WITH_BLOOM) => {
    const peer = testPeer({ relaysTransactions: false }, { permissions, ourServices });
    peers.add(peer);
    return peer;
  };
  return { peers, module, add, requests, ends: () => peers.disconnected.map(({ why }) => why) };
}

function loadOf(filter: BloomFilter) {
  const { data, hashFunctionCount, tweak, flags } = filter;
  return { type: "filterload" as const, data, hashFunctionCount, tweak, flags };
}

const smallFilter = () => BloomFilter.sized(10, 0.000001, 0, BloomUpdate.ALL);

describe("bloom filters", () => {
  test("a filter turns transaction relay on, and off it stays on", async () => {
    const { module, add } = setUp();
    const peer = add();
    await deliver(module, peer, loadOf(smallFilter()));
    expect([peer.hasBloomFilter, peer.relaysTransactions]).toEqual([true, true]);
    expect(module.filterOf(peer)).toBeDefined();
    await deliver(module, peer, { type: "filterclear" });
    expect([peer.hasBloomFilter, peer.relaysTransactions]).toEqual([false, true]);
    expect(module.filterOf(peer)).toBeUndefined();
  });

  test.each([
    ["36,000 bytes and 50 functions", 36_000, 50, true],
    ["one byte more", 36_001, 50, false],
    ["one function more", 36_000, 51, false],
  ])("%s", async (_what, size, hashFunctionCount, isAccepted) => {
    const { module, add, peers } = setUp();
    const peer = add();
    const message = { type: "filterload" as const, data: new Uint8Array(size), hashFunctionCount, tweak: 0, flags: 0 };
    await deliver(module, peer, message);
    expect(peers.misbehaviour.map(({ why }) => why)).toEqual(isAccepted ? [] : ["too-large bloom filter"]);
    expect(module.filterOf(peer) !== undefined).toBe(isAccepted);
  });

  test("items of up to 520 bytes can be added, to a filter that is there", async () => {
    const { module, add, peers } = setUp();
    const peer = add();
    const addItem = (size: number) => deliver(module, peer, { type: "filteradd", data: new Uint8Array(size) });
    await addItem(1);
    expect(peers.misbehaviour.splice(0)).toHaveLength(1);
    await deliver(module, peer, loadOf(smallFilter()));
    await addItem(520);
    expect(peers.misbehaviour).toEqual([]);
    expect(module.filterOf(peer)!.contains(new Uint8Array(520))).toBe(true);
    await addItem(521);
    expect(peers.misbehaviour.map(({ why }) => why)).toEqual(["bad filteradd message"]);
  });

  test("who was not offered them is disconnected", async () => {
    const { module, add, ends } = setUp();
    await deliver(module, add(0, 0x409n), loadOf(smallFilter()));
    await deliver(module, add(0, 0x409n), { type: "filteradd", data: new Uint8Array(1) });
    await deliver(module, add(0, 0x409n), { type: "filterclear" });
    expect(ends()).toEqual(
      ["filterload", "filteradd", "filterclear"].map((type) => `${type} received despite not offering bloom services`),
    );
  });

  test("of a block the peer gets a proof of what matches, and the transactions themselves", async () => {
    const { module, add } = setUp();
    const rewards = mineMany(GENESIS, 101);
    const { block } = mineSpending(rewards, 1)[0]!;
    const peer = add();
    module.sendFiltered(peer, block);
    expect(peer.connection.sent).toEqual([]);
    const filter = smallFilter();
    const wanted = block.transactions[1]!;
    filter.insert(wanted.txid);
    await deliver(module, peer, loadOf(filter));
    module.sendFiltered(peer, block);
    const [merkleBlock, ...transactions] = peer.connection.sent;
    if (merkleBlock?.type !== "merkleblock") throw new Error("a merkleblock comes first");
    const proof = verifyPartialMerkleTree(merkleBlock);
    expect(displayHash(proof!.root)).toBe(displayHash(block.header.merkleRoot));
    expect(transactions.map((one) => one.type === "tx" && displayHash(one.tx.txid))).toEqual([
      displayHash(wanted.txid),
    ]);
  });
});

describe("mempool (BIP35)", () => {
  test.each([
    ["is answered where bloom filters are served", WITH_BLOOM, 0, false, undefined],
    ["is answered with the permission", 0x409n, MEMPOOL, true, undefined],
    ["ends the connection without either", 0x409n, 0, false, "mempool request with bloom filters disabled"],
    ["ends it beyond the upload limit", WITH_BLOOM, 0, true, "mempool request with bandwidth limit reached"],
    ["is ignored of a friend without the permission", 0x409n, NOBAN, false, ""],
  ])("%s", async (_what, ourServices, permissions, isLimitReached, end) => {
    const { module, add, requests, ends } = setUp(isLimitReached);
    const peer = add(permissions, ourServices);
    await deliver(module, peer, { type: "mempool" });
    expect(requests).toEqual(end === undefined ? [peer.id] : []);
    expect(ends()).toEqual(end ? [end] : []);
  });
});
