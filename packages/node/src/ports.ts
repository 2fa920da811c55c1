import type { Transaction, TxOutput } from "@bitfleet/protocol/primitives/transaction.ts";
import type { BlockHash } from "@bitfleet/protocol/primitives/types.ts";
import type { ScriptError } from "@bitfleet/protocol/script/script-error.ts";

/** The narrow interfaces through which the node reaches disk, time, randomness, threads and its log. */

export interface KvBatch {
  put(key: Uint8Array, value: Uint8Array): void;
  delete(key: Uint8Array): void;
  /** Rough size in bytes of what the batch holds. */
  readonly sizeBytes: number;
}

export interface KvEntry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

export interface KvRange {
  /** First key, included. */
  readonly from: Uint8Array;
  /** First key behind the range; open-ended where absent. */
  readonly to?: Uint8Array;
  readonly reverse?: boolean;
  /** Most entries; all where absent. */
  readonly limit?: number;
}

export interface KvReader {
  get(key: Uint8Array): Promise<Uint8Array | undefined>;
  /** Values in the order of `keys`. */
  getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]>;
  /** Entries in key order, read in chunks; safe to stop early. */
  iterate(range: KvRange): AsyncIterable<KvEntry>;
}

export interface KvSnapshot extends KvReader {
  close(): Promise<void>;
}

/** An ordered map of byte strings on disk. */
export interface KvStore extends KvReader {
  /** An empty batch, to be written once. Throws `StorageError` where the store is closed. */
  newBatch(): KvBatch;
  /** All of the batch or nothing. `sync` returns only when it would survive a power cut. */
  write(batch: KvBatch, options: { readonly sync: boolean }): Promise<void>;
  /** What the store holds now, whatever is written later. */
  snapshot(): KvSnapshot;
  /** Approximate bytes on disk of a range. */
  approximateSize(range: Required<Pick<KvRange, "from" | "to">>): Promise<number>;
  close(): Promise<void>;
}

export interface Clock {
  /** Milliseconds since 1970, as the consensus rules see time (may be mocked). */
  nowMs(): number;
  /** Milliseconds that only grow, for durations. */
  monotonicMs(): number;
  /** Calls back once; returns the cancel function. Never keeps the process alive by itself. */
  after(delayMs: number, callback: () => void): () => void;
}

/** A clock that also measures what is over in less than a millisecond: the latency of a connection. */
export interface PreciseClock extends Clock {
  /** Whole microseconds since 1970; stands still where {@link Clock.nowMs} does. For differences: it may run apart from `nowMs`. */
  nowUs(): number;
}

/** Jobs for later that tests may bring forward (`mockscheduler`); like {@link Clock.after} in everything else. */
export interface JobScheduler {
  /** Calls back once; returns the cancel function. */
  after(delayMs: number, callback: () => void): () => void;
  /** Calls back every `periodMs`, for the first time after one period; returns the cancel function. */
  every(periodMs: number, callback: () => void): () => void;
}

export interface Random {
  bytes(size: number): Uint8Array;
  /** Uniform in [0, 1). */
  unit(): number;
}

/** Core's log categories as `-debug` names them, and `mining` of our own. */
export type LogCategory =
  | "addrman"
  | "bench"
  | "blockstorage"
  | "cmpctblock"
  | "coindb"
  | "estimatefee"
  | "http"
  | "i2p"
  | "ipc"
  | "kernel"
  | "leveldb"
  | "lock"
  | "mempool"
  | "mempoolrej"
  | "mining"
  | "net"
  | "privatebroadcast"
  | "proxy"
  | "prune"
  | "qt"
  | "rand"
  | "reindex"
  | "rpc"
  | "scan"
  | "selectcoins"
  | "tor"
  | "txpackages"
  | "txreconciliation"
  | "validation"
  | "walletdb"
  | "zmq";

export type LogFacts = Readonly<Record<string, string | number | bigint | boolean | undefined>>;

/** Facts, not sentences; `line` is for the lines of Core's debug.log that tools match on. */
export interface Logger {
  debug(category: LogCategory, message: string, facts?: LogFacts): void;
  info(message: string, facts?: LogFacts): void;
  warn(message: string, facts?: LogFacts): void;
  error(message: string, facts?: LogFacts): void;
  child(module: string): Logger;
}

/** A transaction whose inputs' scripts are to be checked, with the outputs they spend in input order. */
export interface TransactionScripts {
  readonly tx: Transaction;
  readonly spentOutputs: readonly TxOutput[];
}

export interface ScriptFailure {
  /** Position in the list given to {@link ScriptVerifier.verifyAll}, of the first failing transaction. */
  readonly transactionIndex: number;
  readonly inputIndex: number;
  readonly error: ScriptError;
}

/** Checks scripts off the thread that reads sockets. */
export interface ScriptVerifier {
  /** The failure that comes first in block order, or `undefined` where every script passes. `flags` as in `script/flags.ts`. */
  verifyAll(transactions: readonly TransactionScripts[], flags: number): Promise<ScriptFailure | undefined>;
  close(): Promise<void>;
}

/** Where a record begins in the block files: `blk<file>.dat`, byte `offset` of the data behind its 8-byte head. */
export interface FilePosition {
  readonly file: number;
  readonly offset: number;
}

/** Bytes of an encoded block: from `start`, at most `sizeMax`, fewer where the block ends before. */
export interface BlockPart {
  readonly start: number;
  readonly sizeMax: number;
}

/** Append-only storage of blocks and of the coins they spent, in Bitcoin Core's blk/rev format. */
export interface BlockFiles {
  /** Appends the encoded block; `height` and `timeSeconds` go to the file's statistics. */
  appendBlock(bytes: Uint8Array, height: number, timeSeconds: number): FilePosition;
  /** Appends undo data behind the block stored in `blockFile`. `previousHash` salts its checksum, as in Core. */
  appendUndo(blockFile: number, bytes: Uint8Array, previousHash: BlockHash): FilePosition;
  /** The encoded block, or a part of it. Rejects with `StorageError` naming file and offset where it cannot be read whole. */
  readBlock(position: FilePosition, part?: BlockPart): Promise<Uint8Array>;
  readUndo(position: FilePosition, previousHash: BlockHash): Promise<Uint8Array>;
  /** Forces everything appended so far to disk. */
  flush(): Promise<void>;
  close(): Promise<void>;
}
