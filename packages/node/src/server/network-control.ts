import type { FoundBlockView } from "./found-block-view.ts";

/** What the routes of a web server can do to the network of this machine that its node is part of. */

/** `value`: what was asked for makes no sense; `unknown`: there is none of that name; `conflict`: not now; `unavailable`: nodes do not answer. */
export type NetworkFaultKind = "value" | "unknown" | "conflict" | "unavailable";

/** Why a network does not do what it is asked to: one sentence, for people. */
export class NetworkFault extends Error {
  readonly kind: NetworkFaultKind;

  constructor(kind: NetworkFaultKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "NetworkFault";
    this.kind = kind;
  }
}

/** A node of the network, as the others see it. */
export interface NodeView {
  readonly name: string;
  readonly role: "miner" | "webserver";
  readonly state: "waiting" | "starting" | "running" | "restarting" | "failed" | "stopped";
  /** Absent where it does not answer. */
  readonly tip: NetworkTip | undefined;
  /** Connections that it has, to nodes of the network and others; absent where it does not answer. */
  readonly peerCount: number | undefined;
  /** Absent where it is not known. */
  readonly p2pPort: number | undefined;
  /** Of its page; absent where it serves none. */
  readonly webUrl: string | undefined;
  /** Names of the nodes that it keeps a connection to, as the network is now. */
  readonly connectsTo: readonly string[];
  /** What its miner does; absent where it does not answer. */
  readonly miner: NodeMiner | undefined;
}

export interface NodeMiner {
  readonly pacing: string;
  /** Blocks that it has found since its start. */
  readonly foundCount: number;
  /** Of those: blocks that are not part of its chain. */
  readonly staleCount: number;
}

export interface NetworkTip {
  readonly height: number;
  /** As JSON shows it. */
  readonly hash: string;
}

export interface NetworkView {
  readonly chain: "regtest" | "signet";
  /** The node that answers; absent where it is none of the network's. */
  readonly self: string | undefined;
  readonly nodes: readonly NodeView[];
  /** Groups that do not talk to each other; empty where all do. */
  readonly partition: readonly (readonly string[])[];
  /** The time that all nodes are told, in seconds since 1970; absent where it is the real one. */
  readonly mockTimeSeconds: number | undefined;
}

/** To another time: from the one that holds, to a moment in seconds since 1970, or back to the real one. */
export type TimeChange = { readonly offsetSeconds: number } | { readonly seconds: number } | "real";

export interface TimeResult {
  /** Absent where the time is real. */
  readonly mockTimeSeconds: number | undefined;
  /** Nodes that do not answer: they have it when they start again. */
  readonly absent: readonly string[];
}

/** What came of a change of the connections. */
export interface PartitionResult {
  readonly partition: readonly (readonly string[])[];
  /** Nodes that do not answer: they have the new connections when they start again. */
  readonly absent: readonly string[];
}

export interface HealResult extends NetworkTip {
  /** Nodes that have that tip. */
  readonly nodes: number;
  /** Tips of which none has more work, where no miner is at work to decide it: the next block does. Empty where all nodes agree. */
  readonly tied: readonly string[];
  readonly absent: readonly string[];
}

export interface MineResult extends NetworkTip {
  /** Which node mined. */
  readonly node: string;
  /** Of the new blocks, oldest first. */
  readonly hashes: readonly string[];
}

/** The miner of a node, as it is led and has done. */
export interface MinerView {
  readonly pacing: string;
  readonly intervalSeconds: number;
  readonly minerCount: number;
  readonly hashesPerSecond: number;
  readonly foundCount: number;
  readonly staleCount: number;
  readonly hasAddress: boolean;
}

/** What a miner is told; what is left out stays. */
export interface MinerOrder {
  readonly pacing?: string | undefined;
  readonly intervalSeconds?: number | undefined;
  readonly address?: string | undefined;
}

/** A part of a log. */
export interface LogPart {
  /** The oldest first. */
  readonly lines: readonly string[];
  /** Where the last of them ends, in bytes of the log. */
  readonly end: number;
  /** Whether lines between what was asked for and these are left out. */
  readonly isCut: boolean;
}

export interface RestartResult {
  readonly node: string;
  /** Absent where the node is the one that answers, which goes now: it is back when it answers again. */
  readonly height: number | undefined;
  readonly pid: number | undefined;
}

export interface FaucetRequest {
  readonly address: string;
  readonly sats: bigint;
  /** Blocks to mine on it at once. Default none. */
  readonly mine?: number | undefined;
  /** The node that is to know the payment at once, and that mines. Default: the one that pays. */
  readonly node?: string | undefined;
}

export interface FaucetResult {
  readonly txid: string;
  readonly address: string;
  readonly sats: bigint;
  readonly feeSats: bigint;
  /** Blocks that were mined for it, oldest first; the transaction is in the first. */
  readonly hashes: readonly string[];
}

export interface SnapshotView extends NetworkTip {
  readonly name: string;
  /** Transactions that waited. */
  readonly transactions: number;
  /** RFC 3339. */
  readonly time: string;
}

export interface RevertResult extends NetworkTip {
  readonly name: string;
  readonly transactions: number;
  /** Nodes that are there now. */
  readonly nodes: readonly string[];
  /** Nodes that do not answer, or do not know the block: they follow. */
  readonly absent: readonly string[];
}

/** One change at a time, whoever asks; one that has to wait too long is refused. Every call rejects with {@link NetworkFault}. */
export interface NetworkControl {
  status(): Promise<NetworkView>;
  /** Nodes that are in no group form one more. */
  partition(groups: readonly (readonly string[])[]): Promise<PartitionResult>;
  heal(): Promise<HealResult>;
  /** Replaces the last `depth` blocks by one more. */
  reorg(depth: number, node?: string): Promise<MineResult>;
  mine(
    count: number,
    options?: { readonly address?: string | undefined; readonly node?: string | undefined },
  ): Promise<MineResult>;
  /** The miner of a node, with the last blocks that it found, newest first. */
  miner(node: string, blockCount: number): Promise<MinerView & { readonly blocks: readonly FoundBlockView[] }>;
  setMiner(node: string, order: MinerOrder): Promise<MinerView>;
  restart(node: string): Promise<RestartResult>;
  /** Has all nodes believe that it is another time, which then stands still until it is changed again. */
  setTime(change: TimeChange): Promise<TimeResult>;
  /** Whether there is a wallet that the faucet can pay from. Never throws. */
  hasFaucet(): boolean;
  faucet(request: FaucetRequest): Promise<FaucetResult>;
  /** One of that name is replaced. Without a name it gets a number. */
  snapshot(name?: string): Promise<SnapshotView>;
  /** The oldest first. */
  snapshots(): Promise<readonly SnapshotView[]>;
  removeSnapshot(name: string): Promise<void>;
  revert(name: string): Promise<RevertResult>;
  /** The last lines of a node's log; of those that end behind byte `after`, where that is said. */
  logs(node: string, lines: number, after?: number): Promise<LogPart>;
}
