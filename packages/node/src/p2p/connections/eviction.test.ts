import { describe, expect, test } from "vitest";
import { type EvictionCandidate, selectPeerToEvict, withoutHalf } from "./eviction.ts";

function candidate(id: number, fields: Partial<EvictionCandidate> = {}): EvictionCandidate {
  return {
    id,
    isInbound: true,
    isProtected: false,
    connectedMs: id * 1000,
    minPingUs: 1000 - id,
    lastBlockSeconds: 0,
    lastTransactionSeconds: 0,
    hasRelevantServices: false,
    relaysTransactions: true,
    hasBloomFilter: false,
    networkGroupKey: BigInt(id),
    isPreferredForEviction: false,
    isLocal: false,
    network: "ipv4",
    ...fields,
  };
}

function candidates(count: number, fields: (id: number) => Partial<EvictionCandidate> = () => ({})) {
  return Array.from({ length: count }, (_, id) => candidate(id, fields(id)));
}

/** Every peer that some order of the others leaves open to eviction: evicts one after the other until none is left. */
function evictable(peers: readonly EvictionCandidate[]): Set<number> {
  const gone = new Set<number>();
  for (;;) {
    const id = selectPeerToEvict(peers.filter((peer) => !gone.has(peer.id)));
    if (id === undefined) return gone;
    gone.add(id);
  }
}

describe("selectPeerToEvict", () => {
  test("none of few: 28 places are protected by a trait", () => {
    for (let count = 0; count <= 20; count++) expect(selectPeerToEvict(candidates(count))).toBeUndefined();
    expect(selectPeerToEvict(candidates(40))).toBeDefined();
  });

  test("never an outbound connection, never one with the noban permission", () => {
    const peers = candidates(60, (id) => (id % 2 === 0 ? { isInbound: false } : {}));
    expect([...evictable(peers)].every((id) => id % 2 === 1)).toBe(true);
    expect(selectPeerToEvict(candidates(60, () => ({ isProtected: true })))).toBeUndefined();
    expect(selectPeerToEvict(candidates(60, () => ({ isInbound: false })))).toBeUndefined();
  });

  test.each([
    ["the four of the largest group keys", 4, (id: number) => ({ networkGroupKey: BigInt(id) })],
    ["the eight with the lowest ping", 8, (id: number) => ({ networkGroupKey: 1n, minPingUs: 1000 - id })],
    [
      "the four that sent transactions last",
      4,
      (id: number) => ({ networkGroupKey: 1n, minPingUs: 50, lastTransactionSeconds: id }),
    ],
    [
      "the eight without transaction relay that sent blocks last",
      8,
      (id: number) => ({
        networkGroupKey: 1n,
        minPingUs: 50,
        lastBlockSeconds: id,
        relaysTransactions: id < 30,
        hasRelevantServices: true,
      }),
    ],
    [
      "the four that sent blocks last",
      4,
      (id: number) => ({ networkGroupKey: 1n, minPingUs: 50, lastBlockSeconds: id }),
    ],
  ])("protects %s", (_what, count, fields) => {
    // The newest connections, which nothing but the trait protects.
    const peers = candidates(60, (id) => ({ connectedMs: id * 1000, ...fields(id) }));
    const evicted = selectPeerToEvict(peers);
    expect(evicted).toBeDefined();
    const best = Array.from({ length: count }, (_, index) => 59 - index);
    expect(best).not.toContain(evicted);
    const gone = evictable(peers);
    expect(best.filter((id) => gone.has(id))).toEqual([]);
  });

  test("prefers those that were discouraged before", () => {
    const peers = candidates(60, (id) => ({ networkGroupKey: BigInt(id), isPreferredForEviction: id === 40 }));
    expect(selectPeerToEvict(peers)).toBe(40);
  });

  test("takes the youngest of the largest network group", () => {
    // 50 to 59 share a group; ping, uptime and the rest are alike.
    const peers = candidates(80, (id) => ({
      minPingUs: 100,
      networkGroupKey: id >= 50 && id < 60 ? 5n : BigInt(1000 + id),
    }));
    expect(selectPeerToEvict(peers)).toBe(59);
  });
});

describe("withoutHalf", () => {
  const left = (peers: readonly EvictionCandidate[]) => withoutHalf(peers).map(({ id }) => id);

  test("protects the half that is connected the longest", () => {
    expect(left(candidates(10)).sort((a, b) => a - b)).toEqual([5, 6, 7, 8, 9]);
    expect(left(candidates(11))).toHaveLength(6);
  });

  test("a quarter of the places goes to slow networks, youngest first to lose theirs", () => {
    // Of 20, ten are protected: five onion peers although they are the youngest, and the five oldest others.
    const peers = candidates(20, (id) => (id >= 14 ? { network: "onion" } : {}));
    const rest = left(peers);
    expect(rest).toHaveLength(10);
    expect(rest.filter((id) => id >= 14)).toEqual([19]);
    expect([0, 1, 2, 3, 4].filter((id) => rest.includes(id))).toEqual([]);
  });

  test("places that one slow network leaves over go to the others", () => {
    const peers = candidates(24, (id) =>
      id === 23 ? { network: "i2p" } : id >= 12 && id < 23 ? { isLocal: true } : {},
    );
    const rest = left(peers);
    expect(rest).toHaveLength(12);
    expect(rest).not.toContain(23);
    // Six places: one for i2p, five for localhost.
    expect(rest.filter((id) => id >= 12 && id < 23)).toHaveLength(6);
  });

  test("without any slow network all places go by uptime", () => {
    expect(left(candidates(4)).sort((a, b) => a - b)).toEqual([2, 3]);
  });
});
