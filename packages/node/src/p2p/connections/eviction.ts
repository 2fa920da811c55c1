import type { NetworkKind } from "@bitfleet/protocol/wire/network-address.ts";

/** What eviction looks at. Times in seconds since 1970; 0 for never. */
export interface EvictionCandidate {
  readonly id: number;
  readonly isInbound: boolean;
  readonly isProtected: boolean;
  readonly connectedMs: number;
  readonly minPingUs: number;
  readonly lastBlockSeconds: number;
  readonly lastTransactionSeconds: number;
  readonly hasRelevantServices: boolean;
  readonly relaysTransactions: boolean;
  readonly hasBloomFilter: boolean;
  readonly networkGroupKey: bigint;
  readonly isPreferredForEviction: boolean;
  readonly isLocal: boolean;
  readonly network: NetworkKind;
}

/** Peers kept by each trait that is hard to fake. */
const PROTECTED_BY_GROUP = 4;
const PROTECTED_BY_PING = 8;
const PROTECTED_BY_TRANSACTIONS = 4;
const PROTECTED_BLOCKS_ONLY = 8;
const PROTECTED_BY_BLOCKS = 4;

/** Negative where `a` deserves protection less than `b`. */
type Merit = (a: EvictionCandidate, b: EvictionCandidate) => number;

const byUptime: Merit = (a, b) => b.connectedMs - a.connectedMs;

const byGroup: Merit = (a, b) =>
  a.networkGroupKey < b.networkGroupKey ? -1 : a.networkGroupKey > b.networkGroupKey ? 1 : 0;

const byPing: Merit = (a, b) => (a.minPingUs === b.minPingUs ? 0 : a.minPingUs > b.minPingUs ? -1 : 1);

const byTransactions: Merit = (a, b) =>
  a.lastTransactionSeconds - b.lastTransactionSeconds ||
  Number(a.relaysTransactions) - Number(b.relaysTransactions) ||
  Number(b.hasBloomFilter) - Number(a.hasBloomFilter) ||
  byUptime(a, b);

const byBlocks: Merit = (a, b) =>
  a.lastBlockSeconds - b.lastBlockSeconds ||
  Number(a.hasRelevantServices) - Number(b.hasRelevantServices) ||
  byUptime(a, b);

const byBlocksOnly: Merit = (a, b) => Number(b.relaysTransactions) - Number(a.relaysTransactions) || byBlocks(a, b);

/**
 * The inbound connection to give up for a new one, or `undefined` where all are protected. An attacker who wants all our
 * connections must be better than honest peers in every trait at once: network group, latency, transactions, blocks, uptime.
 */
export function selectPeerToEvict(all: Iterable<EvictionCandidate>): number | undefined {
  let left = [...all].filter((peer) => peer.isInbound && !peer.isProtected);
  left = withoutBest(left, byGroup, PROTECTED_BY_GROUP);
  left = withoutBest(left, byPing, PROTECTED_BY_PING);
  left = withoutBest(left, byTransactions, PROTECTED_BY_TRANSACTIONS);
  const servesBlocksOnly = (peer: EvictionCandidate) => !peer.relaysTransactions && peer.hasRelevantServices;
  left = withoutBest(left, byBlocksOnly, PROTECTED_BLOCKS_ONLY, servesBlocksOnly);
  left = withoutBest(left, byBlocks, PROTECTED_BY_BLOCKS);
  left = withoutHalf(left);
  const preferred = left.filter((peer) => peer.isPreferredForEviction);
  return youngestOfLargestGroup(preferred.length > 0 ? preferred : left)?.id;
}

/** Leaves out those of the best `count` by `merit` that also pass `isWorthy`. */
function withoutBest(
  peers: readonly EvictionCandidate[],
  merit: Merit,
  count: number,
  isWorthy: (peer: EvictionCandidate) => boolean = () => true,
): EvictionCandidate[] {
  const sorted = [...peers].sort(merit);
  const cut = Math.max(sorted.length - count, 0);
  return sorted.filter((peer, index) => index < cut || !isWorthy(peer));
}

interface SlowNetwork {
  readonly isMember: (peer: EvictionCandidate) => boolean;
  count: number;
}

/**
 * Protects half of the peers, those that are connected the longest; up to half of these places go to networks whose latency
 * loses against the others everywhere else.
 */
export function withoutHalf(peers: readonly EvictionCandidate[]): EvictionCandidate[] {
  const protectedCount = Math.floor(peers.length / 2);
  const slow = withoutSlowNetworks(peers, Math.floor(protectedCount / 2));
  const already = peers.length - slow.length;
  return withoutBest(slow, byUptime, protectedCount - already);
}

function withoutSlowNetworks(peers: readonly EvictionCandidate[], placesCount: number): readonly EvictionCandidate[] {
  const memberTests = [
    (peer: EvictionCandidate) => peer.network === "cjdns",
    (peer: EvictionCandidate) => peer.network === "i2p",
    (peer: EvictionCandidate) => peer.isLocal,
    (peer: EvictionCandidate) => peer.network === "onion",
  ];
  // The network with the fewest peers comes first, and so is the first to get places that another left over.
  const networks: SlowNetwork[] = memberTests
    .map((isMember) => ({ isMember, count: peers.filter(isMember).length }))
    .sort((a, b) => a.count - b.count);
  let left = peers;
  let placesLeft = placesCount;
  while (placesLeft > 0) {
    const present = networks.filter(({ count }) => count > 0);
    if (present.length === 0) break;
    const before = left.length;
    const share = Math.max(Math.floor(placesLeft / present.length), 1);
    for (const network of present) {
      if (placesLeft === 0) break;
      const kept = withoutNetwork(left, network, share);
      const taken = left.length - kept.length;
      network.count -= taken;
      placesLeft -= taken;
      left = kept;
    }
    if (left.length === before) break;
  }
  return left;
}

function withoutNetwork(
  peers: readonly EvictionCandidate[],
  { isMember }: SlowNetwork,
  count: number,
): EvictionCandidate[] {
  const merit: Merit = (a, b) => Number(isMember(a)) - Number(isMember(b)) || byUptime(a, b);
  return withoutBest(peers, merit, count, isMember);
}

/** The youngest connection of the network group with the most, of equal groups the one with the youngest member. */
function youngestOfLargestGroup(peers: readonly EvictionCandidate[]): EvictionCandidate | undefined {
  const groups = new Map<bigint, EvictionCandidate[]>();
  for (const peer of [...peers].sort(byUptime)) {
    const group = groups.get(peer.networkGroupKey);
    if (group === undefined) groups.set(peer.networkGroupKey, [peer]);
    else group.push(peer);
  }
  let best: EvictionCandidate[] | undefined;
  for (const group of groups.values()) {
    const isLarger = best === undefined || group.length > best.length;
    const isYounger =
      best !== undefined && group.length === best.length && group[0]!.connectedMs > best[0]!.connectedMs;
    if (isLarger || isYounger) best = group;
  }
  return best?.[0];
}
