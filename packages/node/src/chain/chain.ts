import type { BlockUndo } from "@bitfleet/protocol/consensus/chain-view.ts";
import type { Network } from "@bitfleet/protocol/consensus/networks.ts";
import type { BlockReject, BlockRejectKind, Reject } from "@bitfleet/protocol/consensus/verdict.ts";
import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import type { Block, BlockHeader } from "@bitfleet/protocol/primitives/block.ts";
import type { BlockHash } from "@bitfleet/protocol/primitives/types.ts";
import type { Clock, Logger, ScriptVerifier } from "../ports.ts";
import type { BlockIndexEntry } from "./block-index.ts";
import type { ChainEvents } from "./chain-events.ts";
import type { CoinsCache } from "./coins.ts";

export interface ChainOptions {
  readonly network: Network;
  /** `<datadir>/<network folder>`: `chainstate` is made below it, and `blocks` unless `blocksPath` says where. */
  readonly dataPath: string;
  readonly blocksPath?: string;
  /** `-dbcache` in bytes: shared among the coins cache and the two databases. Default 450 MiB. */
  readonly cacheBytes?: number;
  /** `all` rebuilds index and coins from the block files (`-reindex`), `chainstate` the coins alone (`-reindex-chainstate`). */
  readonly reindex?: "all" | "chainstate";
  /** `-assumevalid`: `undefined` takes the network's, `none` (`-assumevalid=0`) checks every script. */
  readonly assumeValid?: BlockHash | "none";
  /** `-minimumchainwork`; the network's where absent. */
  readonly minimumChainwork?: bigint;
  /** `-maxtipage`, in seconds. Default a day. */
  readonly maxTipAgeSeconds?: number;
  /** `-checkblocks` (default 6, 0 all) and `-checklevel` (default 3) of the check at start. */
  readonly checkBlocks?: number;
  readonly checkLevel?: number;
  /** `-fastprune`: block files of 64 KiB. */
  readonly fastPrune?: boolean;
  /** `-blocksxor`. Default true. */
  readonly useXor?: boolean;
  /** Longest time between two flushes of the coins, in milliseconds. */
  readonly flushIntervalMs?: number;
  /** `-stopatheight`: {@link ChainDependencies.onStopHeight} is called when the tip reaches it. */
  readonly stopAtHeight?: number;
}

export interface ChainDependencies {
  readonly clock: Clock;
  readonly log: Logger;
  /** Closed by whoever made it, after the chain. */
  readonly scriptVerifier: ScriptVerifier;
  /** For signet solutions, which are checked on the calling thread. */
  readonly secp256k1: Secp256k1;
  /** What the chain is doing while it opens or verifies, for the start-up status of RPC. */
  readonly onProgress?: (step: string, percent: number) => void;
  readonly onStopHeight?: () => void;
  /** The disk refused, or what it returned is damaged: the chain has stopped and the node must. */
  readonly onFatal?: (error: Error) => void;
}

/** Why the node cannot start, in one plain sentence for the operator. */
export declare class StartupError extends Error {}

/** `busy`: more than the lane's limit of tasks wait; try again later. */
export type SubmissionReject = Reject<BlockRejectKind | "busy">;

export interface BlockSubmission {
  /** The block is stored, now or before. It may still turn out invalid when its branch is tried: see `reject`. */
  readonly accepted: boolean;
  /** Stored by this call. */
  readonly isNew: boolean;
  /** All rules were checked during this call. False where the block waits on a weaker branch, or was known already. */
  readonly isChecked: boolean;
  /** The rule that this very block breaks. */
  readonly reject?: SubmissionReject;
  readonly entry?: BlockIndexEntry;
}

export interface BlockSubmitOptions {
  /** Asked for by us, or given by the operator: stored whatever its work. Default true. */
  readonly requested?: boolean;
  /** The header chain has enough work to be stored (anti-DoS). Default true. */
  readonly minPowChecked?: boolean;
}

export interface HeaderSubmission {
  readonly accepted: boolean;
  /** The last header that was accepted or known. */
  readonly last?: BlockIndexEntry;
  readonly reject?: SubmissionReject;
}

/** A block that nothing builds upon, as `getchaintips` has it. */
export interface ChainTip {
  readonly entry: BlockIndexEntry;
  /** Blocks from the active chain to this tip; 0 for the active tip. */
  readonly branchLength: number;
  readonly status: "active" | "valid-fork" | "valid-headers" | "headers-only" | "invalid";
}

/** Answer of the operator's commands on the chain. */
export type ChainCommandResult =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly reject:
        | SubmissionReject
        | { readonly kind: "not-found"; readonly reason: string; readonly detail: string };
    };

/** The chain of blocks: everything others may ask of it and do to it. */
export declare class Chain {
  /** Opens or creates the data directory: loads, replays, repairs. Throws {@link StartupError}. */
  static open(options: ChainOptions, deps: ChainDependencies): Promise<Chain>;

  readonly network: Network;
  readonly coins: CoinsCache;
  readonly events: ChainEvents;
  get tip(): BlockIndexEntry;
  get height(): number;
  /** The header with the most work that is not known to be invalid. */
  get bestHeader(): BlockIndexEntry;
  get isInitialBlockDownload(): boolean;
  /** Estimated share of all transactions that are verified, from 0 to 1. */
  verificationProgress(entry?: BlockIndexEntry): number;
  /** Bytes of the block and undo files. */
  sizeOnDisk(): number;
  /** What `getblockchaininfo.warnings` shows. */
  warnings(): readonly string[];

  /** The block of the active chain at `height`. */
  blockAt(height: number): BlockIndexEntry | undefined;
  find(hash: BlockHash): BlockIndexEntry | undefined;
  isInActiveChain(entry: BlockIndexEntry): boolean;
  /** The block of the active chain on top of `entry`. */
  next(entry: BlockIndexEntry): BlockIndexEntry | undefined;
  /** The highest block of the active chain that `entry` builds upon (or is). */
  fork(entry: BlockIndexEntry): BlockIndexEntry;
  /** Most work first by height, as `getchaintips`. */
  tips(): readonly ChainTip[];

  /** Rejects with `StorageError` where the data is not there or damaged. */
  readBlock(entry: BlockIndexEntry): Promise<Block>;
  readBlockBytes(entry: BlockIndexEntry): Promise<Uint8Array>;
  readUndo(entry: BlockIndexEntry): Promise<BlockUndo>;

  submitBlock(block: Block, options?: BlockSubmitOptions): Promise<BlockSubmission>;
  submitHeader(header: BlockHeader, options?: { readonly minPowChecked?: boolean }): Promise<HeaderSubmission>;
  submitHeaders(
    headers: readonly BlockHeader[],
    options?: { readonly minPowChecked?: boolean },
  ): Promise<HeaderSubmission>;
  /** Whether `block` on top of the tip would be valid; proof of work and merkle root are checked where asked. No state changes. */
  testBlock(
    block: Block,
    options?: { readonly checkPow?: boolean; readonly checkMerkleRoot?: boolean },
  ): Promise<BlockReject | undefined>;
  invalidateBlock(hash: BlockHash): Promise<ChainCommandResult>;
  reconsiderBlock(hash: BlockHash): Promise<ChainCommandResult>;
  preciousBlock(hash: BlockHash): Promise<ChainCommandResult>;

  /** Checks the last `blockCount` blocks (0: all) as thoroughly as `level` (0 to 4) says. True where nothing is wrong. */
  verify(level: number, blockCount: number, onProgress?: (percent: number) => void): Promise<boolean>;
  /** Runs `work` while the tip stands still, with all coins on disk: for statistics and scans that begin with a snapshot. */
  withFlushedCoins<Result>(work: (coins: CoinsCache, tip: BlockIndexEntry) => Promise<Result>): Promise<Result>;
  flush(): Promise<void>;
  /** Waits for what is under way, writes everything and closes the files. */
  close(): Promise<void>;
}
