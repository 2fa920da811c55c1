import { checkProofOfWork } from "@bitfleet/protocol/consensus/pow.ts";
import { BlockHeader } from "@bitfleet/protocol/primitives/block.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import type { BlockHash, MerkleRoot } from "@bitfleet/protocol/primitives/types.ts";
import type { Message } from "@bitfleet/protocol/wire/message.ts";
import type { Chain, ChainOptions } from "../../chain/chain.ts";
import {
  inTemporaryDirectory,
  type ManualClock,
  NETWORK,
  openTestChain,
  submitAll,
  type Tip,
} from "../../chain/test-kit.ts";
import { parseWhitelist } from "../addresses/permissions.ts";
import type { Peer, PeerOptions } from "../peer.ts";
import type { PeerModule } from "../peer-module.ts";
import { TestLog, type TestPeer, TestPeers, testPeer } from "../test-kit.ts";
import { BlockSync, type BlockSyncOptions } from "./block-sync.ts";
import type { OutboundControl } from "./chain-sync-check.ts";

/** A real chain with everything that syncs it, and peers without sockets. */

/** Notes what the connection layer was asked for. */
export class TestOutbound implements OutboundControl {
  triesExtra = false;
  extraBlockRelayStarted = false;
  extraFullRelay = 0;
  extraBlockRelay = 0;
  chooses = true;

  setTryExtraOutbound(on: boolean): void {
    this.triesExtra = on;
  }

  startExtraBlockRelay(): void {
    this.extraBlockRelayStarted = true;
  }

  extraFullRelayCount(): number {
    return this.extraFullRelay;
  }

  extraBlockRelayCount(): number {
    return this.extraBlockRelay;
  }

  choosesPeers(): boolean {
    return this.chooses;
  }
}

export interface SyncRigOptions extends Partial<BlockSyncOptions> {
  /** Submitted before any peer is there. */
  readonly blocks?: readonly Tip[];
  /** Moves the clock to just behind the last of `blocks` first: the initial download is over. */
  readonly isSynced?: boolean;
  readonly chain?: Partial<ChainOptions>;
}

export interface SyncRig {
  readonly chain: Chain;
  readonly clock: ManualClock;
  readonly sync: BlockSync;
  readonly peers: TestPeers;
  readonly outbound: TestOutbound;
  /** Of the modules. */
  readonly log: TestLog;
  /** Transactions of the mempool. */
  readonly mempool: Transaction[];
  /** Periodic jobs, by their period. */
  readonly jobs: Map<number, () => void>;
  /** How often the event loop was given way. */
  readonly yieldCount: () => number;
  /** A peer that has greeted: inbound and of full services, unless told otherwise. */
  connect(fields?: Partial<Peer>, options?: Partial<PeerOptions>): TestPeer;
  /** Hands a message to the modules that handle it, then gives the peer its turn. */
  deliver(peer: Peer, message: Message): Promise<void>;
  /** Gives a peer, or all in order, a turn. */
  tick(peer?: Peer): void;
}

/** Runs `work` with a rig on a chain in a folder of its own. */
export function withSync(options: SyncRigOptions, work: (rig: SyncRig) => Promise<void>): Promise<void> {
  return inTemporaryDirectory(async (path) => {
    const { minimumChainwork = 0n, blocks = [] } = options;
    const { chain, clock } = await openTestChain(path, { minimumChainwork, ...options.chain });
    try {
      const last = blocks.at(-1);
      if (options.isSynced && last !== undefined) clock.seconds = last.block.header.time + 60;
      if (blocks.length > 0) await submitAll(chain, blocks);
      await work(makeRig(options, chain, clock));
    } finally {
      await chain.close();
    }
  });
}

function makeRig(options: SyncRigOptions, chain: Chain, clock: ManualClock): SyncRig {
  const [log, peers, outbound] = [new TestLog(), new TestPeers(), new TestOutbound()];
  const mempool: Transaction[] = [];
  const jobs = new Map<number, () => void>();
  let yields = 0;
  const sync = new BlockSync(
    { minimumChainwork: 0n, ignoresTransactions: false, extraTransactionsMax: 100, ...options },
    {
      chain,
      mempool: {
        entries: () => mempool.map((tx) => ({ tx })),
        chunksInMiningOrder: () => mempool.map((tx) => ({ entries: [{ tx }] })),
      },
      peers,
      outbound,
      clock,
      scheduler: {
        every(periodMs, job) {
          jobs.set(periodMs, job);
          return () => jobs.delete(periodMs);
        },
      },
      random: { bytes: (size) => new Uint8Array(size).fill(7), unit: () => 0.5 },
      log,
      yield: () => {
        yields++;
        return new Promise((resolve) => setImmediate(resolve));
      },
    },
  );
  const modules: readonly PeerModule[] = [...sync.headerModules, ...sync.blockModules];
  peers.register(...modules);
  chain.events.subscribe((event) => sync.onChainEvent(event), { delivery: "inline" });
  const tick = (peer?: Peer) => {
    for (const one of peer === undefined ? [...peers.ready()] : [peer]) {
      for (const module of modules) if (one.connection.isOpen) module.tick?.(one, clock.nowMs());
    }
  };
  return {
    chain,
    clock,
    sync,
    peers,
    outbound,
    log,
    mempool,
    jobs,
    yieldCount: () => yields,
    tick,
    connect(fields = {}, peerOptions = {}) {
      const peer = testPeer(fields, { connectedMs: clock.nowMs(), ...peerOptions });
      for (const module of modules) module.peerVersion?.(peer);
      peers.add(peer);
      return peer;
    },
    async deliver(peer, message) {
      const offences = peers.misbehaviour.length;
      for (const module of modules) {
        const handle = module.handlers[message.type] as ((from: Peer, what: Message) => unknown) | undefined;
        if (peer.connection.isOpen) await handle?.(peer, message);
      }
      await peer.backlog.settled();
      // Who has just broken the protocol is disconnected before its turn.
      if (peers.misbehaviour.length === offences) tick(peer);
    },
  };
}

/** Options of a peer that is trusted whatever it does. */
export const NOBAN = { permissions: permissionsOf("noban") } as const;
export const OUTBOUND = { connectionType: "outbound-full-relay" } as const;
export const BLOCK_RELAY = { connectionType: "block-relay-only" } as const;
export const MANUAL = { connectionType: "manual" } as const;

function permissionsOf(name: string): number {
  const entry = parseWhitelist(`${name}@127.0.0.1`);
  if ("error" in entry) throw new Error(entry.error);
  return entry.permissions;
}

export const headersOf = (tips: readonly Tip[]): Message => ({
  type: "headers",
  headers: tips.map(({ block }) => block.header),
});

export const blockOf = (tip: Tip): Message => ({ type: "block", block: tip.block });

export const invOf = (...hashes: readonly BlockHash[]): Message => ({
  type: "inv",
  items: hashes.map((hash) => ({ kind: 2, hash })),
});

/** `count` headers with proof of work on top of `previous`, of blocks that nobody has. */
export function mineHeaders(previous: BlockHeader, count: number, salt = 0): BlockHeader[] {
  const headers: BlockHeader[] = [];
  for (let last = previous; headers.length < count; last = headers.at(-1)!) headers.push(nextHeader(last, salt));
  return headers;
}

function nextHeader(previous: BlockHeader, salt: number): BlockHeader {
  const merkleRoot = new Uint8Array(32).fill(salt) as MerkleRoot;
  const { bits, time } = previous;
  for (let nonce = 0; ; nonce++) {
    const header = new BlockHeader({
      version: 0x20000000,
      previousBlockHash: previous.hash,
      merkleRoot,
      time: time + 60,
      bits,
      nonce,
    });
    if (checkProofOfWork(header.hash, bits, NETWORK.params)) return header;
  }
}
