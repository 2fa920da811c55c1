/// <reference lib="esnext.disposable" preserve="true" />

/**
 * The types of the package `bitfleet`. They use nothing of other files: the declarations that are published with the bundle are this
 * file's and those of `start-network.ts`.
 */

export interface StartNetworkOptions {
  /** Default 1. */
  readonly miners?: number;
  /** Default 0: the first miner serves the page. */
  readonly webservers?: number;
  /**
   * Where nodes run. `"in-process"`, the default: in the process that calls, which is what a test file wants, for they start in a
   * fraction of the time, take a fraction of the memory, and breakpoints reach them. `"processes"`: each in a process of its own under
   * supervision, as `bitfleet up` runs them; for tests that kill nodes, that need more than one CPU, or that block their own thread.
   */
  readonly mode?: "in-process" | "processes";
  /** Where data is kept, for a network that is to go on later; a temporary folder, removed at the end, where absent. */
  readonly dataDir?: string;
  /** Mean seconds between blocks of all miners together; absent: blocks come only by {@link BitfleetNetwork.mine}. */
  readonly interval?: number;
  /** Where mined coins go. Default: to the wallet `miner` of the first miner, from which {@link BitfleetNetwork.faucet} pays. */
  readonly miningAddress?: string;
  /** Opens `/api/admin` of the web servers to who sends it; closed where absent. */
  readonly adminKey?: string;
  /** A signet of its own, with real proof of work and signed blocks, instead of regtest. A `dataDir` that holds one goes on with it anyway. */
  readonly signet?: boolean | SignetOptions;
}

export interface SignetOptions {
  /**
   * Signs the blocks: a descriptor with private keys, a private key in wallet import format, or the name of a file that holds one. Default:
   * a key made for this network.
   */
  readonly key?: string;
  /** Whole seconds between blocks that the difficulty aims at, 1 to 3600. Default: `interval`, or 10. */
  readonly blockTime?: number;
}

/** A call by place or by name. */
export type RpcParams = readonly unknown[] | Readonly<Record<string, unknown>>;

/** One node of a network, for test code. */
export interface BitfleetNode {
  /** `miner-0`, `miner-1`, …, `webserver-0`, … */
  readonly name: string;
  readonly role: "miner" | "webserver";
  /** `running` while it answers; `restarting` between a crash and the next start; `failed` where it is given up. */
  readonly state: "waiting" | "starting" | "running" | "restarting" | "failed" | "stopped";
  /** Without credentials, which are those of the cookie file. */
  readonly rpcUrl: string;
  /** `<user>:<password>` of this run of the node are in it. */
  readonly cookieFile: string;
  readonly p2pPort: number;
  /** Page, health and REST API; absent where the node serves none. */
  readonly webUrl: string | undefined;
  readonly dataDir: string;
  /** Calls a JSON-RPC method with parameters by place. Rejects with the node's message; `code` is Core's number of the error. */
  rpc<Result = unknown>(method: string, ...params: readonly unknown[]): Promise<Result>;
  /** Calls a JSON-RPC method with parameters by name, or by place in an array. */
  call<Result = unknown>(method: string, params?: RpcParams): Promise<Result>;
  /** Ends the node and starts it again, on the same data; resolves when it has its connections again. */
  restart(): Promise<void>;
  /** Ends the node's process at once, as a crash would; it is started again. Throws in mode `"in-process"`. */
  kill(): void;
}

export interface MineOptions {
  /** Which node mines. Default `miner-0`. */
  readonly node?: string;
  /** Where the coins go. Default: the network's `miningAddress`. */
  readonly address?: string;
}

export interface FaucetOptions {
  /** Blocks to mine on it at once, so that it is confirmed. Default none. */
  readonly mine?: number;
  /** The node that is to know it at once, and that mines. Default `miner-0`, which pays. */
  readonly node?: string;
}

export interface FaucetPayment {
  readonly txid: string;
  readonly feeSats: bigint;
  /** Hashes of the blocks that were mined on it, oldest first. */
  readonly blocks: readonly string[];
}

export interface NetworkSnapshot {
  readonly name: string;
  readonly height: number;
  /** Of the tip. */
  readonly hash: string;
  /** Transactions that waited. */
  readonly transactions: number;
}

export type NetworkTimeChange = { readonly offsetSeconds: number } | { readonly seconds: number } | "real";

export interface BitfleetNetwork {
  readonly nodes: readonly BitfleetNode[];
  readonly mode: "in-process" | "processes";
  readonly chain: "regtest" | "signet";
  /** Throws `RangeError` where there is none of that name. */
  node(name: string): BitfleetNode;
  /** Mines blocks at once, on the node of that name, and waits until every node that it reaches has them. The hashes, oldest first. */
  mine(count: number, on?: string | MineOptions): Promise<readonly string[]>;
  /** Separates groups of nodes: `"miner-0 | miner-1"` or `[["miner-0"], ["miner-1"]]`. Nodes that are not named are one more group. */
  partition(groups: string | readonly (readonly string[])[]): Promise<void>;
  /**
   * Ends a partition and waits until all agree. Where groups have the same work and no miner is at work, it rejects: they are connected again,
   * and the next block decides.
   */
  heal(): Promise<void>;
  /** Replaces the last `depth` blocks of a node (default `miner-0`) by `depth + 1` others; waits until every node that it reaches follows. */
  reorg(depth: number, on?: string): Promise<readonly string[]>;
  /**
   * Sends coins, in satoshis, from the wallet of the first miner. Many calls in a row are no trouble; each that is not confirmed may follow
   * those before it in the mempool, where the wallet lets 25 hang together.
   */
  faucet(address: string, sats: bigint | number, options?: FaucetOptions): Promise<FaucetPayment>;
  /** Keeps what all nodes have now: chain, mempool and mocked time. They must agree. Default name: the next number. */
  snapshot(name?: string): Promise<NetworkSnapshot>;
  /** Takes all nodes back to a snapshot, as often as wanted; ends a partition. */
  revert(snapshot: string | NetworkSnapshot): Promise<void>;
  /**
   * Has all nodes of a regtest network believe that it is another time: some seconds from the one that holds, a moment in seconds since
   * 1970, or `"real"`. It stands still until it is changed again; nodes that start again keep to it. Answers that time, or nothing.
   */
  setTime(change: NetworkTimeChange): Promise<number | undefined>;
  /** See {@link BitfleetNode.restart}. */
  restart(name: string): Promise<void>;
  /** Waits until all nodes have one tip; under a partition, until those of each group have. */
  waitForSync(options?: { readonly timeoutMs?: number }): Promise<void>;
  /** Ends all nodes, and removes their data where it is in a temporary folder. A second call waits for the first. */
  stop(): Promise<void>;
  /** {@link BitfleetNetwork.stop}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}
