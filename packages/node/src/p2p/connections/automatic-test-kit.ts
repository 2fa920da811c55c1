import { formatEndpoint, parseEndpoint } from "@bitfleet/protocol/wire/address-text.ts";
import type { NetworkEndpoint, NetworkKind } from "@bitfleet/protocol/wire/network-address.ts";
import { ServiceFlag } from "@bitfleet/protocol/wire/services.ts";
import { expect } from "vitest";
import type { SelectedAddress } from "../addresses/address-manager.ts";
import type { ConnectionType, Peer, PeerOptions } from "../peer.ts";
import { PeerSet } from "../peer-set.ts";
import { TestClock, TestLog, testPeer } from "../test-kit.ts";
import { AutomaticConnections, type AutomaticConnectionsOptions } from "./automatic-connections.ts";
import { recordOf } from "./connection-test-kit.ts";
import type { DialRequest } from "./dialer.ts";

/** What tests of automatic connections share: addresses, and connections that come about or not as a test says. */

const { NETWORK, WITNESS, P2P_V2 } = ServiceFlag;
export const STEP_MS = 500;
export const FEELER_MS = 2 * 60_000;
export const FIVE_MINUTES_MS = 5 * 60_000;
/** With this random number every wait is as long as its mean. */
export const MEAN = 1 - Math.exp(-1);

export const end = (text: string): NetworkEndpoint => parseEndpoint(text, 8333)!;
/** Addresses of as many network groups. */
export const group = (index: number) => `${20 + (index >> 8)}.${index & 0xff}.0.1:8333`;
/** Tor addresses, all of one group. */
export const onion = (index: number) =>
  formatEndpoint({ address: { network: "onion", bytes: new Uint8Array(32).fill(index, 1) }, port: 8333 });

type Answer = "connects" | "fails" | "hangs";

export function setUp(options: Partial<AutomaticConnectionsOptions> = {}) {
  const [clock, log] = [new TestClock(), new TestLog()];
  const peers = new PeerSet({ bans: { discourage: () => {} }, clock, log });
  const requests: DialRequest[] = [];
  const state = {
    answer: "connects" as Answer,
    isActive: true,
    unit: MEAN,
    reachable: ["ipv4", "ipv6"] as readonly NetworkKind[],
    added: [] as readonly string[],
    ours: [] as readonly string[],
    collision: undefined as SelectedAddress | undefined,
    good: [] as string[],
    draws: 0,
    lastDraw: undefined as { readonly newOnly: boolean; readonly networks: readonly NetworkKind[] } | undefined,
    /** The address of the given draw, counted from 0. */
    select: (draw: number): string | undefined => group(draw),
    facts: {} as Partial<SelectedAddress>,
  };
  const selected = (text: string): SelectedAddress => {
    const nowSeconds = Math.floor(clock.nowMs() / 1000);
    const facts = { services: NETWORK | WITNESS, timeSeconds: nowSeconds - 7200, lastTrySeconds: 0 };
    return { endpoint: end(text), ...facts, ...state.facts };
  };
  const connect = (text: string, connectionType: ConnectionType, more: Partial<PeerOptions> = {}): Peer => {
    const endpoint = end(text);
    const network = endpoint.address.network;
    const peer = testPeer({}, { endpoint, connectionType, network, name: text, ...more });
    peers.add(recordOf(peer));
    peers.markReady(peer);
    return peer;
  };
  const dial = (request: DialRequest): Promise<Peer | undefined> => {
    requests.push(request);
    if (state.answer === "hangs") return new Promise(() => {});
    if (state.answer === "fails") return Promise.resolve(undefined);
    return Promise.resolve(connect(formatEndpoint(request.target as NetworkEndpoint), request.connectionType));
  };
  const automatic = new AutomaticConnections(
    {
      fullRelayMax: 8,
      blockRelayMax: 2,
      outboundMax: 11,
      ourServices: NETWORK | WITNESS | P2P_V2,
      logsAddresses: false,
      ...options,
    },
    {
      dialer: { dial },
      peers,
      addresses: {
        select: (query) => {
          state.lastDraw = query;
          const text = state.select(state.draws++);
          return text === undefined ? undefined : selected(text);
        },
        selectTriedCollision: () => state.collision,
        resolveCollisions: () => {},
        good: (endpoint) => {
          state.good.push(formatEndpoint(endpoint));
          return true;
        },
        size: ({ network } = {}) => (network === undefined || network === "onion" ? 1 : 0),
      },
      addedNodes: { has: (endpoint) => state.added.includes(formatEndpoint(endpoint)) },
      isReachable: (network) => state.reachable.includes(network),
      isOurs: (endpoint) => state.ours.includes(formatEndpoint(endpoint)),
      isActive: () => state.isActive,
      hasDesirableServices: (services) => (services & (NETWORK | WITNESS)) === (NETWORK | WITNESS),
      clock,
      random: { unit: () => state.unit },
      log,
    },
  );
  /** Lets time pass in steps, with what was dialled settled in between. */
  const advance = async (byMs: number) => {
    for (let leftMs = byMs; leftMs > 0; leftMs -= STEP_MS) {
      clock.advance(Math.min(leftMs, STEP_MS));
      for (let count = 0; count < 5; count++) await Promise.resolve();
    }
  };
  const start = (...anchors: readonly string[]) =>
    automatic.start(anchors.map((text) => ({ endpoint: end(text), services: NETWORK | WITNESS })));
  const dialled = (from = 0) =>
    requests
      .slice(from)
      .map(({ target, connectionType }) => `${connectionType} ${formatEndpoint(target as NetworkEndpoint)}`);
  const types = (from = 0) => requests.slice(from).map(({ connectionType }) => connectionType);
  /** Starts and waits until nothing is missing. */
  const filled = async () => {
    start();
    await advance(10 * STEP_MS);
    expect(requests).toHaveLength(10);
  };
  return { clock, log, peers, automatic, requests, state, selected, connect, advance, start, dialled, types, filled };
}

/** What is connected to where nothing is missing, in order. */
export const FULL = Array.from({ length: 8 }, () => "outbound-full-relay");
export const ALL = [...FULL, "block-relay-only", "block-relay-only"];
