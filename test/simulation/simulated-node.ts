import { regtestNetwork } from "@bitfleet/protocol/consensus/networks.ts";
import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import type { Block } from "@bitfleet/protocol/primitives/block.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { formatEndpoint } from "@bitfleet/protocol/wire/address-text.ts";
import type { NetworkAddress, NetworkEndpoint } from "@bitfleet/protocol/wire/network-address.ts";
import { Chain } from "../../packages/node/src/chain/chain.ts";
import type { ChainStorage } from "../../packages/node/src/chain/open-chain.ts";
import { ScriptPool } from "../../packages/node/src/chain/script-pool.ts";
import { Mempool } from "../../packages/node/src/mempool/mempool.ts";
import { MEMPOOL_DEFAULTS } from "../../packages/node/src/mempool/mempool-options.ts";
import { Generator, isGenerateRefusal } from "../../packages/node/src/mining/generate.ts";
import { AddressManager } from "../../packages/node/src/p2p/addresses/address-manager.ts";
import { BanList } from "../../packages/node/src/p2p/addresses/ban-list.ts";
import { AddedNodes } from "../../packages/node/src/p2p/connections/added-nodes.ts";
import { ConnectionManager } from "../../packages/node/src/p2p/connections/connection-manager.ts";
import { Dialer } from "../../packages/node/src/p2p/connections/dialer.ts";
import { PeerNetwork } from "../../packages/node/src/p2p/peer-network.ts";
import type { LogCategory, LogFacts, Logger } from "../../packages/node/src/ports.ts";
import { openMemoryBlocks } from "../../packages/node/src/storage/memory-block-files.ts";
import { openMemoryStore } from "../../packages/node/src/storage/memory-store.ts";
import type { SeededRandom, SimulatedClock } from "./simulated-clock.ts";
import type { SimulatedInternet } from "./simulated-sockets.ts";

export const NETWORK = regtestNetwork();

const SERVICES = 0x0c09n;
const PORT = 18_444;
const MEGABYTE = 1_000_000;

/** Anyone can spend it: mined coins are of no importance here. */
const MINING_SCRIPT = Uint8Array.of(0x51);

/** Every address is what it looks like. */
const NO_CJDNS = { withCjdns: (address: NetworkAddress) => address };

/** Hears of every line of every node: what two runs of one seed must agree on. */
export type Trace = (node: string, line: string) => void;

export interface SimulatedNodeOptions {
  readonly name: string;
  readonly address: NetworkAddress;
  /** Nodes that it connects to by itself. */
  readonly connectTo: readonly NetworkEndpoint[];
  readonly usesV2: boolean;
  readonly inboundCountMax: number;
}

export interface World {
  readonly clock: SimulatedClock;
  readonly internet: SimulatedInternet;
  readonly trace: Trace;
}

/** What a node's memory is bounded by, as it is now. */
export interface NodeLoad {
  readonly peerCount: number;
  readonly inboundCount: number;
  readonly requestedBlocks: number;
  readonly headerCount: number;
  readonly orphanWeight: number;
}

/** A whole node but for its disk and its sockets, which are in memory; the disk outlives a restart. */
export class SimulatedNode {
  readonly options: SimulatedNodeOptions;
  readonly #world: World;
  readonly #random: SeededRandom;
  readonly #disk = newDisk();
  #running: Running | undefined;
  #miningTail: Promise<unknown> = Promise.resolve();

  constructor(options: SimulatedNodeOptions, world: World, random: SeededRandom) {
    this.options = options;
    this.#world = world;
    this.#random = random;
  }

  get name(): string {
    return this.options.name;
  }

  get endpoint(): NetworkEndpoint {
    return { address: this.options.address, port: PORT };
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  get chain(): Chain | undefined {
    return this.#running?.chain;
  }

  /** Hash of the tip as people see it; "" while the node is down. */
  get tip(): string {
    return this.chain === undefined ? "" : displayHash(this.chain.tip.hash);
  }

  async start(): Promise<void> {
    this.#running = await startRunning(this.options, this.#world, this.#random.fork(), this.#disk);
  }

  /** `inOrder` false: as a crash, without a word to anybody and nothing written. */
  async stop(inOrder: boolean): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    this.#running = undefined;
    this.#world.internet.disconnectHost(formatEndpoint({ address: this.options.address, port: 0 }));
    await this.#miningTail;
    running.addedNodes.stop();
    running.network.stop();
    await running.connections.close();
    if (inOrder) await running.chain.close();
  }

  /** Mines a block on the tip. */
  mine(): void {
    const running = this.#running;
    if (running === undefined) return;
    const mining = this.#miningTail.then(() => running.generator.generate(MINING_SCRIPT, 1, 1_000_000));
    this.#miningTail = mining.then((result) => {
      if (isGenerateRefusal(result)) this.#world.trace(this.name, `refused own block: ${result.reason}`);
    });
  }

  /** A block on the tip that is not submitted. */
  async blockOnTip(): Promise<Block | undefined> {
    const made = await this.#running?.generator.generateBlock(MINING_SCRIPT, [], false);
    return made === undefined || isGenerateRefusal(made) ? undefined : made;
  }

  load(): NodeLoad | undefined {
    const running = this.#running;
    if (running === undefined) return undefined;
    const { network, chain } = running;
    return {
      peerCount: network.peers.size,
      inboundCount: network.peers.count((peer) => peer.isInbound),
      requestedBlocks: network.sync.requests.size,
      headerCount: [...chain.entries()].length,
      orphanWeight: network.orphanage.weight,
    };
  }
}

interface Running {
  readonly chain: Chain;
  readonly network: PeerNetwork;
  readonly connections: ConnectionManager;
  readonly addedNodes: AddedNodes;
  readonly generator: Generator;
}

/** Databases and block files that are opened again after a restart. */
function newDisk(): ChainStorage {
  const stores = { chainstate: openMemoryStore(), index: openMemoryStore() };
  const blocks = openMemoryBlocks();
  return { openStore: async (name) => stores[name], openBlocks: async () => blocks };
}

async function startRunning(
  options: SimulatedNodeOptions,
  { clock, internet, trace }: World,
  random: SeededRandom,
  storage: ChainStorage,
): Promise<Running> {
  const log = new TraceLog(options.name, trace);
  const onFatal = (error: Error) => {
    throw error;
  };
  const pool = { threadCount: 0, preference: "portable" } as const;
  const scriptVerifier = new ScriptPool(pool, { secp256k1: portableSecp256k1, log });
  const chain = await Chain.open(
    { network: NETWORK, dataPath: "memory", storage, cacheBytes: 8 * MEGABYTE, checkBlocks: 1 },
    {
      clock,
      log,
      scriptVerifier,
      secp256k1: portableSecp256k1,
      onFatal,
    },
  );
  const shared = {
    chain,
    clock,
    random,
    log,
    mempool: new Mempool(MEMPOOL_DEFAULTS, { chain, scriptVerifier, clock, log }),
    sockets: internet.portOf(options.address),
    addresses: new AddressManager({ clock, random, log }),
    bans: new BanList({ banSeconds: 86_400 }, { clock, random, log, onChange: () => {} }),
  };
  const network = new PeerNetwork(
    {
      userAgent: `/${options.name}/`,
      minimumChainwork: 0n,
      peerTimeoutMs: 60_000,
      ignoresTransactions: false,
      reconcilesTransactions: false,
      extraTransactionsMax: 100,
      minRelayFeerate: 100n,
      uploadTargetBytes: 0,
    },
    {
      ...shared,
      filterIndex: undefined,
      outbound: {
        setTryExtraOutbound: () => {},
        startExtraBlockRelay: () => {},
        extraFullRelayCount: () => 0,
        extraBlockRelayCount: () => 0,
        choosesPeers: () => false,
      },
      addressRelay: undefined,
      onOurAddress: () => {},
      scheduler: clock.scheduler,
      yield: () => new Promise((resolve) => setImmediate(resolve)),
      onFatal,
    },
  );
  const { peers, handshake } = network;
  let redial: (name: string) => void = () => {};
  const connections = new ConnectionManager(
    {
      magic: NETWORK.magic,
      ourServices: options.usesV2 ? SERVICES : SERVICES & ~0x800n,
      inboundCountMax: options.inboundCountMax,
      receiveBufferSize: 5 * MEGABYTE,
      sendBufferSize: MEGABYTE,
      whitelist: { incoming: [], outgoing: [] },
      whitelistRelay: true,
      whitelistForceRelay: false,
      logsAddresses: false,
    },
    {
      ...shared,
      peers,
      networks: NO_CJDNS,
      pump: () => network.pump,
      hasDesirableServices: (services) => handshake.hasDesirableServices(services),
      greet: (peer) => handshake.greet(peer),
      retryWithV1: (peer) => redial(peer.options.name),
      onTraffic: (received, sent) => network.uploadLimit.count(received, sent),
    },
  );
  const dialer = new Dialer(
    { defaultPort: PORT, timeoutMs: 5000, proxies: {}, resolvesNames: false },
    {
      ...shared,
      connections,
      peers,
      networks: NO_CJDNS,
      isUnwanted: () => false,
      isOurs: () => false,
      signal: new AbortController().signal,
    },
  );
  redial = (name) => void dialer.dial({ target: name, connectionType: "manual", useV2: false });
  const addedNodes = new AddedNodes(
    { defaultPort: PORT, connectionsMax: 8 },
    { dialer, peers, networks: NO_CJDNS, clock, random },
  );
  for (const endpoint of options.connectTo) addedNodes.add({ name: formatEndpoint(endpoint), useV2: options.usesV2 });
  await connections.listen({ endpoint: { address: options.address, port: PORT }, permissions: 0, isOnion: false });
  network.start();
  addedNodes.start();
  const signal = new AbortController().signal;
  const generator = new Generator({}, { chain, mempool: shared.mempool, clock, random, signal });
  return { chain, network, connections, addedNodes, generator };
}

class TraceLog implements Logger {
  readonly #name: string;
  readonly #trace: Trace;

  constructor(name: string, trace: Trace) {
    this.#name = name;
    this.#trace = trace;
  }

  debug(category: LogCategory, message: string): void {
    if (category === "net") this.#trace(this.#name, `[net] ${message}`);
  }

  info(message: string): void {
    this.#trace(this.#name, message);
  }

  warn(message: string): void {
    this.#trace(this.#name, message);
  }

  error(message: string, facts?: LogFacts): void {
    this.#trace(this.#name, `error: ${message} ${JSON.stringify(facts ?? {})}`);
  }

  child(): Logger {
    return this;
  }
}
