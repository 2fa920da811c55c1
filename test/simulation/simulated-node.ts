import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import type { Block } from "@bitfleet/protocol/primitives/block.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { formatAddress, formatEndpoint } from "@bitfleet/protocol/wire/address-text.ts";
import type { NetworkAddress, NetworkEndpoint } from "@bitfleet/protocol/wire/network-address.ts";
import { Chain } from "../../packages/node/src/chain/chain.ts";
import type { ChainEvent } from "../../packages/node/src/chain/chain-events.ts";
import { ScriptPool } from "../../packages/node/src/chain/script-pool.ts";
import { Mempool } from "../../packages/node/src/mempool/mempool.ts";
import { MEMPOOL_DEFAULTS } from "../../packages/node/src/mempool/mempool-options.ts";
import { Generator, isGenerateRefusal } from "../../packages/node/src/mining/generate.ts";
import { P2pNode, type P2pNodeOptions } from "../../packages/node/src/p2p/p2p-node.ts";
import type { JobScheduler, LogCategory, LogFacts, Logger } from "../../packages/node/src/ports.ts";
import { ANYONE_SCRIPT, NETWORK } from "./base-chain.ts";
import type { SeededRandom } from "./seeded-random.ts";
import type { SimulatedClock } from "./simulated-clock.ts";
import type { DiskSession, SimulatedDisk } from "./simulated-disk.ts";
import { hostOf, type SimulatedInternet } from "./simulated-sockets.ts";

export const NODE_PORT = 18_444;
const MEGABYTE = 1_000_000;

/** What a node of a simulation may take. */
export const CONNECTIONS_MAX = 35;
export const SEND_BUFFER_SIZE = MEGABYTE;
export const RECEIVE_BUFFER_SIZE = 5 * MEGABYTE;
const COINS_CACHE_BYTES = 8 * MEGABYTE;

/** A block dated so much after the one before may be of the lowest difficulty. */
const LATE_SECONDS = 2 * NETWORK.params.targetSpacingSeconds + 1;
/** Not so far ahead that others refuse the block. */
const AHEAD_MAX_MS = 7_000_000;

/** Is told of what happens in a node. */
export interface Observer {
  /** A line of a node's log. `category` is that of a debug line. */
  readonly onLine: (node: SimulatedNode, line: string, category?: LogCategory) => void;
  readonly onFatal: (node: SimulatedNode, error: Error) => void;
  readonly onMined: (node: SimulatedNode, block: Block) => void;
  /** A block was taken off the chain again. */
  readonly onDisconnected: (node: SimulatedNode) => void;
}

export interface World {
  readonly clock: SimulatedClock;
  readonly internet: SimulatedInternet;
  readonly observer: Observer;
}

export interface SimulatedNodeOptions {
  readonly name: string;
  readonly address: NetworkAddress;
  /** Nodes that it is told of. */
  readonly knows: readonly NetworkEndpoint[];
  /** Connects to nobody but these (`-connect`); else finds others by itself. */
  readonly isFixed: boolean;
  readonly usesV2: boolean;
  /** It takes all others for its owner's, as nodes with a page do on private networks. */
  readonly isOwnNetwork: boolean;
  /** Where peers.dat and its like are. */
  readonly folder: string;
}

/** One run of the node. */
interface Run {
  readonly disk: DiskSession;
  readonly chain: Chain;
  readonly mempool: Mempool;
  readonly p2p: P2pNode;
  readonly generator: Generator;
  readonly log: ObservedLog;
  readonly mining: AbortController;
}

/** A whole node: chain, mempool, peers and their files. Its databases and sockets are in memory; the databases outlive a restart. */
export class SimulatedNode {
  readonly options: SimulatedNodeOptions;
  readonly host: string;
  readonly #world: World;
  readonly #random: SeededRandom;
  readonly #disk: SimulatedDisk;
  #run: Run | undefined;
  /** Dates its blocks as late as it may: they are easier to make, and worth less. */
  isLenient = false;

  constructor(options: SimulatedNodeOptions, world: World, random: SeededRandom, disk: SimulatedDisk) {
    this.options = options;
    this.host = hostOf(options.address);
    this.#world = world;
    this.#random = random;
    this.#disk = disk;
  }

  get name(): string {
    return this.options.name;
  }

  get endpoint(): NetworkEndpoint {
    return { address: this.options.address, port: NODE_PORT };
  }

  get isRunning(): boolean {
    return this.#run !== undefined;
  }

  get chain(): Chain | undefined {
    return this.#run?.chain;
  }

  get mempool(): Mempool | undefined {
    return this.#run?.mempool;
  }

  get p2p(): P2pNode | undefined {
    return this.#run?.p2p;
  }

  /** To be called while the clock is held. */
  async start(): Promise<void> {
    const { clock, internet, observer } = this.#world;
    const random = this.#random.fork();
    const log = new ObservedLog(this, observer);
    const onFatal = (error: Error) => observer.onFatal(this, error);
    const disk = this.#disk.open();
    const secp256k1 = portableSecp256k1;
    const scriptVerifier = new ScriptPool({ threadCount: 0, preference: "portable" }, { secp256k1, log });
    const chain = await Chain.open(
      {
        network: NETWORK,
        dataPath: "memory",
        storage: disk.storage,
        cacheBytes: COINS_CACHE_BYTES,
        checkBlocks: 1,
      },
      { clock, log, scriptVerifier, secp256k1, onFatal },
    );
    const onEvent = ({ type }: ChainEvent) => {
      if (type === "block-disconnected") observer.onDisconnected(this);
    };
    chain.events.subscribe(onEvent, { name: "simulation", delivery: "inline" });
    const mempool = new Mempool(MEMPOOL_DEFAULTS, { chain, scriptVerifier, clock, log });
    const p2p = await P2pNode.load(this.#p2pOptions(), {
      chain,
      mempool,
      filterIndex: undefined,
      sockets: internet.portOf(this.options.address),
      clock,
      scheduler: heldScheduler(clock),
      random,
      log,
      yield: () => new Promise((resolve) => setImmediate(resolve)),
      onFatal,
    });
    await p2p.start();
    const mining = new AbortController();
    const minerClock = { nowMs: () => this.#blockTimeMs() };
    const generator = new Generator({}, { chain, mempool, clock: minerClock, random, signal: mining.signal });
    this.#run = { disk, chain, mempool, p2p, generator, log, mining };
  }

  /** Ends in order. To be called while the clock is held. */
  async stop(): Promise<void> {
    const run = this.#take();
    if (run === undefined) return;
    await run.p2p.stop();
    await run.chain.close();
  }

  /** Ends as if the power failed: without a word to anybody, and nothing is written. To be called while the clock is held. */
  async crash(): Promise<void> {
    const run = this.#take();
    if (run === undefined) return;
    run.log.isSilent = true;
    run.disk.cut();
    const path = join(this.options.folder, "peers.dat");
    const before = await readFile(path);
    // What is left of the process must not go on in this one.
    await run.p2p.stop();
    await writeFile(path, before);
    await rm(join(this.options.folder, "anchors.dat"), { force: true });
  }

  #take(): Run | undefined {
    const run = this.#run;
    this.#run = undefined;
    run?.mining.abort();
    return run;
  }

  /** Mines a block on the tip. */
  async mine(): Promise<void> {
    const run = this.#run;
    if (run === undefined) return;
    const made = await run.generator.generate(ANYONE_SCRIPT, 1, Number.MAX_SAFE_INTEGER);
    if (isGenerateRefusal(made)) {
      run.log.error(`refused its own block: ${made.reason}`);
      return;
    }
    const [hash] = made;
    const entry = hash && run.chain.find(hash);
    if (entry !== undefined) this.#world.observer.onMined(this, await run.chain.readBlock(entry));
  }

  /** A block with proof of work on the tip that nobody else knows of. */
  async secretBlock(): Promise<Block | undefined> {
    const made = await this.#run?.generator.generateBlock(ANYONE_SCRIPT, [], false);
    return made === undefined || isGenerateRefusal(made) ? undefined : made;
  }

  /** Takes a transaction from its user and tells others of it. Why not, or `undefined`. */
  async send(tx: Transaction): Promise<string | undefined> {
    const run = this.#run;
    if (run === undefined) return "not running";
    const result = await run.mempool.accept(tx);
    if (result.kind === "rejected") return result.reject.reason;
    run.p2p.network.announcements.broadcast(tx);
    return undefined;
  }

  #blockTimeMs(): number {
    const nowMs = this.#world.clock.nowMs();
    if (!this.isLenient) return nowMs;
    const lateMs = (this.#run!.chain.tip.time + LATE_SECONDS) * 1000;
    return lateMs <= nowMs + AHEAD_MAX_MS ? Math.max(lateMs, nowMs) : nowMs;
  }

  #p2pOptions(): P2pNodeOptions {
    const { address, knows, isFixed, usesV2, isOwnNetwork, folder, name } = this.options;
    const names = knows.map(formatEndpoint);
    return {
      network: NETWORK,
      networkDir: folder,
      userAgent: `/${name}/`,
      minimumChainwork: 0n,
      minRelayFeerate: MEMPOOL_DEFAULTS.minRelayFeerateSatPerKvb,
      isOwnNetwork,
      listen: [{ endpoint: this.endpoint, permissions: 0, isOnion: false }],
      isListeningOnAny: false,
      port: NODE_PORT,
      connect: isFixed ? names : undefined,
      addNodes: isFixed ? [] : names,
      seedNodes: [],
      dnsSeed: false,
      forceDnsSeed: false,
      fixedSeeds: false,
      resolvesNames: false,
      onlyNetworks: [],
      isCjdnsReachable: false,
      externalAddresses: [formatAddress(address)],
      discovers: false,
      connectionsMax: CONNECTIONS_MAX,
      receiveBufferSize: RECEIVE_BUFFER_SIZE,
      sendBufferSize: SEND_BUFFER_SIZE,
      uploadTargetBytes: 0,
      peerTimeoutMs: 60_000,
      connectTimeoutMs: 5000,
      banSeconds: 86_400,
      isActive: true,
      usesV2,
      proxies: {},
      whitelist: { incoming: [], outgoing: [] },
      whitelistRelay: true,
      whitelistForceRelay: false,
      ignoresTransactions: false,
      servesBloomFilters: false,
      servesBlockFilters: false,
      reconcilesTransactions: false,
      extraTransactionsMax: 100,
      logsAddresses: false,
      hasKnownAddressKey: false,
      asmapPath: undefined,
      addressCheckRatio: 0,
    };
  }
}

/** Jobs that come again write files: time stands still until they have. */
function heldScheduler(clock: SimulatedClock): JobScheduler {
  return {
    after: clock.scheduler.after,
    every: (periodMs, callback) =>
      clock.scheduler.every(periodMs, () => {
        clock.hold(async () => {
          callback();
          await filesWritten();
        });
      }),
  };
}

const nextTurn = globalThis.setImmediate;

/** Resolves when no file is being read or written any more. */
async function filesWritten(): Promise<void> {
  do await new Promise((resolve) => nextTurn(resolve));
  while (process.getActiveResourcesInfo().includes("FSReqPromise"));
}

class ObservedLog implements Logger {
  readonly #node: SimulatedNode;
  readonly #observer: Observer;
  isSilent = false;

  constructor(node: SimulatedNode, observer: Observer) {
    this.#node = node;
    this.#observer = observer;
  }

  debug(category: LogCategory, message: string): void {
    if (!this.isSilent) this.#observer.onLine(this.#node, message, category);
  }

  info(message: string): void {
    if (!this.isSilent) this.#observer.onLine(this.#node, message);
  }

  warn(message: string): void {
    if (!this.isSilent) this.#observer.onLine(this.#node, message);
  }

  error(message: string, facts?: LogFacts): void {
    if (!this.isSilent) this.#observer.onLine(this.#node, `error: ${message} ${JSON.stringify(facts ?? {})}`);
  }

  child(): Logger {
    return this;
  }
}
