import type { BlockHash, Sats, Txid } from "@bitfleet/protocol/primitives/types.ts";
import type { ShownPlace } from "@bitfleet/wallet/self-custody/block-proof.ts";
import type { ScriptRange } from "@bitfleet/wallet/self-custody/script-ranges.ts";
import type { ChainPlace } from "@bitfleet/wallet/self-custody/snapshot.ts";

/** What a wallet asks of a server that knows the chain. Two kinds answer it: Bitfleet's routes for wallets, and Esplora. */

export interface ChainTip {
  /** Hex, as displayed. */
  readonly hash: string;
  readonly height: number;
  /** Seconds, of its header. */
  readonly time: number;
}

/** What a server says of itself. */
export interface ServerFacts {
  /** "regtest", "signet", "main" … */
  readonly chain: string;
  readonly tip: ChainTip;
  /** Hash of block 1; `undefined` where there is none yet. */
  readonly firstBlock: string | undefined;
  /** Whether it is still catching up with its network: what it says is old. */
  readonly isCatchingUp: boolean;
  readonly hasFaucet: boolean;
}

/** A transaction of the wallet's scripts, by name. */
export interface FoundTransaction {
  readonly txid: Txid;
  /** `undefined`: in the mempool. */
  readonly place: ChainPlace | undefined;
  /** Seconds: since when it waits; 0 where that is not told. */
  readonly seenAt: number;
  /** `undefined` where it is not told. */
  readonly fee: Sats | undefined;
}

export interface History {
  readonly transactions: readonly FoundTransaction[];
  /** Height of the highest block that `isKnown` said yes to: nothing was asked for of blocks below. -1 where all was. */
  readonly knownUpTo: number;
}

/** Whether the wallet knows that a transaction is in a block, so that nothing below is asked for. */
export type IsKnown = (txid: Txid, blockHash: Uint8Array) => boolean;

/** Transactions of one look: with as many a vault still opens in seconds. More are not taken, whoever has them. */
export const TRANSACTIONS_MAX = 20_000;
/** Bytes of an answer, decompressed: the largest block in hex, and as much again. */
export const ANSWER_BYTES_MAX = 20_000_000;

/** Feerates in satoshis for 1000 vbytes. */
export interface ServerFees {
  /** Blocks within which to be confirmed, and what that takes; none where nothing can be estimated. */
  readonly estimates: readonly { readonly blocks: number; readonly feerateSatPerKvb: Sats }[];
  /** Less is not taken now. */
  readonly minimumSatPerKvb: Sats;
  /** Less is never relayed. */
  readonly relaySatPerKvb: Sats;
  /** What a replacement pays on top. */
  readonly incrementalSatPerKvb: Sats;
  /** Seconds between blocks, of the latest ones; `undefined` where they tell no pace. */
  readonly blockSeconds: number | undefined;
}

/** A transaction in the mempool that others of it depend on. */
export interface WaitingAncestor {
  readonly txid: Txid;
  readonly fee: Sats;
  readonly virtualSize: number;
  readonly parents: readonly Txid[];
}

/** What shows that transactions are in blocks: nothing of it is checked. `undefined` where the server does not show it. Rejects where it is offline or busy. */
export interface ProofSource {
  /** The 80 bytes of a block's header. */
  header(hash: BlockHash, signal: AbortSignal): Promise<Uint8Array | undefined>;
  /** Headers of the chain from a height down, the highest first: some, but not more than a part of what is wanted may come. */
  headersDown(height: number, wanted: number, signal: AbortSignal): Promise<readonly Uint8Array[] | undefined>;
  branch(txid: Txid, signal: AbortSignal): Promise<ShownPlace | undefined>;
  /** All of a block: for servers that do not find every transaction. */
  txids(hash: BlockHash, signal: AbortSignal): Promise<ShownPlace | undefined>;
}

export interface ChainSource {
  readonly protocol: "watch" | "esplora";
  /** See `pagesUrlOf`. */
  readonly pagesUrl: string | undefined;
  /** Rejects with {@link SourceProblem}, as all do. */
  facts(signal: AbortSignal): Promise<ServerFacts>;
  /** False where the server knows the chain, but has not these routes. Rejects with `no-index` where it has them to no use. */
  isServed(signal: AbortSignal): Promise<boolean>;
  tip(signal: AbortSignal): Promise<ChainTip>;
  /** Hash of the block at a height; `undefined` above the tip. */
  blockHash(height: number, signal: AbortSignal): Promise<string | undefined>;
  /**
   * All transactions of scripts, each once: the last word where one came twice. Without `isKnown` nothing of them is known. Rejects with `too-many`
   * where there are more than {@link TRANSACTIONS_MAX}.
   */
  history(ranges: readonly ScriptRange[], isKnown: IsKnown | undefined, signal: AbortSignal): Promise<History>;
  /** The same of a few scripts, by their hashes: the server is told nothing else of them. */
  scriptHistory(scripts: readonly Uint8Array[], signal: AbortSignal): Promise<History>;
  /** The bytes that the server has for a transaction: nothing is checked. */
  transactionBytes(found: Pick<FoundTransaction, "txid" | "place">, signal: AbortSignal): Promise<Uint8Array>;
  fees(signal: AbortSignal): Promise<ServerFees>;
  /** The transaction and all that it depends on in the mempool; empty where it is not there. */
  waitingFamily(txid: Txid, signal: AbortSignal): Promise<readonly WaitingAncestor[]>;
  /** Hands a transaction in. One that is in the mempool or a block already is no failure. */
  broadcast(bytes: Uint8Array, signal: AbortSignal): Promise<void>;
  readonly proofs: ProofSource;
  /** Tells of what happens to scripts and chain, until the signal; `undefined` where the server has nothing of the kind. */
  follow?(options: FollowOptions): Promise<void>;
}

export interface FollowOptions {
  /** The scripts whose payments are to be told of at once, the most important first; others wait for the next look. */
  readonly scripts: readonly Uint8Array[];
  readonly signal: AbortSignal;
  /** Something happened, or may have while nobody listened. */
  onNews(): void;
  onState(state: "live" | "waiting"): void;
}

/**
 * `offline`: no answer, or none in time. `key`: one that is wanted is missing or wrong. `no-index`: the server does not know what scripts have.
 * `not-a-server`: what answers is something else. `busy`: not now. `refused`: the transaction is not taken. `unexpected`: an answer that makes no sense.
 * `too-many`: more transactions than an account has room for. `behind`: it has fewer blocks than were seen before.
 */
export type SourceProblemKind =
  | "offline"
  | "key"
  | "no-index"
  | "not-a-server"
  | "busy"
  | "refused"
  | "unexpected"
  | "too-many"
  | "behind";

/** Why a server was of no help: a sentence for people. */
export class SourceProblem extends Error {
  readonly kind: SourceProblemKind;

  constructor(kind: SourceProblemKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "SourceProblem";
    this.kind = kind;
  }
}

export const tooManyTransactions = () =>
  new SourceProblem(
    "too-many",
    `The account's addresses have more than ${TRANSACTIONS_MAX.toLocaleString("en")} transactions, which is more than this app can hold. Remove the wallet here, and watch it with a node's own wallet (importdescriptors).`,
  );

/** A server that goes round in circles, or on without end. */
export const endlessList = () =>
  new SourceProblem("unexpected", "The server's list of transactions comes to no end: nothing is taken of it.");
