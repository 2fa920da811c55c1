import { ApiError } from "@bitfleet/api/errors.ts";
import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import type { Chain } from "../../chain/chain.ts";
import type { AddressBook } from "../../indexes/address-book.ts";
import type { NodeIndexes } from "../../indexes/node-indexes.ts";
import type { FeerateAdviser } from "../../mempool/fee-advice.ts";
import type { Mempool } from "../../mempool/mempool.ts";
import type { MempoolKeeper } from "../../mempool/mempool-keeper.ts";
import type { Generator } from "../../mining/generate.ts";
import type { Miner } from "../../mining/miner.ts";
import type { P2pNode } from "../../p2p/p2p-node.ts";
import type { SyncStatus } from "../../p2p/sync/sync-progress.ts";
import type { Clock } from "../../ports.ts";
import type { NodeWallets } from "../../wallets/node-wallets.ts";
import { type Standing, TipStanding } from "../health/tip-standing.ts";
import { ChainMeter } from "../metrics/chain-meter.ts";
import { BlockArrivals } from "../rest/block-arrivals.ts";
import { BlockOverviews } from "../rest/block-overview.ts";
import { BlockViews } from "../rest/block-views.ts";
import { Departures } from "../rest/departures.ts";
import { ClusterList } from "../rest/mempool-clusters.ts";
import { MempoolSamples } from "../rest/mempool-history.ts";
import { ProjectedMempool } from "../rest/projected-blocks.ts";
import type { RpcHandlers } from "../rpc/rpc-dependencies.ts";

/** What the routes read and change once the node runs. */
export interface WebNode {
  readonly chain: Chain;
  readonly mempool: Mempool;
  readonly mempoolKeeper: Pick<MempoolKeeper, "isLoaded">;
  readonly fees: FeerateAdviser;
  readonly indexes: NodeIndexes;
  /** Answers for addresses, with `-addressindex`. */
  readonly addresses: AddressBook | undefined;
  /** Puts blocks together. */
  readonly generator: Pick<Generator, "minFeerateSatPerKvb" | "select">;
  /** Makes blocks by itself. */
  readonly miner: Pick<Miner, "status" | "configure" | "watch" | "lastFound">;
  readonly p2p: P2pNode;
  /** What the methods of JSON-RPC do, for routes that do the same. */
  readonly handlers: RpcHandlers;
  readonly clock: Clock;
  readonly secp256k1: Secp256k1;
  /** Who called us, and whom we called. */
  readonly peers: () => { readonly inbound: number; readonly outbound: number };
  readonly sync: () => SyncStatus;
  /** Says whether the node is at the tip of its network; absent where there are no others. */
  readonly tipStanding?: TipStanding | undefined;
  /** Absent with `-disablewallet`. */
  readonly wallets?: NodeWallets | undefined;
  /** The threads that check scripts; absent where all is done on one. */
  readonly scripts?: ScriptThreads | undefined;
}

/** How busy the threads are that check scripts. */
export interface ScriptThreads {
  readonly workerCount: number;
  /** Batches of scripts that no thread has yet. */
  readonly waitingBatchCount: number;
}

type WebNodeParts = Omit<WebNode, "peers" | "sync">;

/** The routes' view of a node's parts. */
export function webNodeOf(parts: WebNodeParts): WebNode {
  const { peers, sync } = parts.p2p.network;
  const counts = () => {
    const inbound = peers.count((peer) => peer.isInbound);
    return { inbound, outbound: peers.size - inbound };
  };
  return {
    ...parts,
    peers: counts,
    sync: () => sync.progress.status(),
  };
}

/** The parts of a node, and what is made of them for routes and kept. */
export interface RunningWebNode extends WebNode {
  readonly views: BlockViews;
  readonly overviews: BlockOverviews;
  readonly projected: ProjectedMempool;
  readonly clusterList: ClusterList;
  readonly samples: MempoolSamples;
  readonly departures: Departures;
  readonly chainMeter: ChainMeter;
}

/** Where the node stands, for every route: starting until `ready`, then running, at last draining. */
export class WebState {
  #node: RunningWebNode | undefined;
  #tipStanding: TipStanding | undefined;
  #isDraining = false;

  ready(node: WebNode): void {
    const { chain, mempool, clock, generator } = node;
    this.#tipStanding = node.tipStanding ?? standingOfOne(node);
    this.#node = {
      ...node,
      views: new BlockViews(chain),
      overviews: new BlockOverviews(chain, new BlockArrivals(chain, clock)),
      projected: new ProjectedMempool(mempool, generator, clock),
      clusterList: new ClusterList(mempool, clock),
      samples: new MempoolSamples(mempool, clock),
      departures: new Departures(mempool, clock),
      chainMeter: new ChainMeter(chain),
    };
  }

  drain(): void {
    this.#isDraining = true;
  }

  /** Peers that the node is connected to. */
  get peerCount(): number {
    const { inbound, outbound } = this.#node?.peers() ?? { inbound: 0, outbound: 0 };
    return inbound + outbound;
  }

  get node(): RunningWebNode | undefined {
    return this.#node;
  }

  get status(): "starting" | "healthy" | "stopping" {
    if (this.#isDraining) return "stopping";
    return this.#node === undefined ? "starting" : "healthy";
  }

  /** Whether the chain is that of the network by now. */
  get standing(): Standing {
    return this.#tipStanding?.look() ?? { problem: "The chain is not open yet." };
  }
}

/** Of a node that is told of no others, as most in tests. */
const standingOfOne = (node: WebNode) =>
  new TipStanding({ expectsPeers: false, hadBlocks: true }, { ...node, peers: node.p2p.network });

/** What the node tells; until it can, the answer is that it is starting. */
export function runningNode({ node }: WebState): RunningWebNode {
  if (node === undefined) throw new ApiError(503, "The node is starting.");
  return node;
}
