import type { Network } from "@bitfleet/protocol/consensus/networks.ts";
import { parseEndpoint } from "@bitfleet/protocol/wire/address-text.ts";
import { type GossipAddress, internalAddress, type NetworkKind } from "@bitfleet/protocol/wire/network-address.ts";
import { ServiceFlag } from "@bitfleet/protocol/wire/services.ts";
import type { Clock, Logger, Random } from "../../ports.ts";
import type { SocketPort } from "../connections/sockets.ts";
import type { AddressManager } from "./address-manager.ts";
import { FIXED_SEEDS } from "./fixed-seeds.ts";

/** Addresses taken from one DNS seed, so that none dominates. */
const SEED_ADDRESSES_MAX = 32;
const SEEDS_AT_ONCE = 3;
/** With so many addresses known, there is time to try them first. */
const MANY_ADDRESSES = 1000;
const DELAY_FEW_MS = 11_000;
const DELAY_MANY_MS = 5 * 60 * 1000;
/** Full-relay connections with which no seed is needed. */
export const CONNECTIONS_ENOUGH = 2;
/** How long `-seednode` and DNS have before the fixed seeds come in. */
const FIXED_SEEDS_AFTER_MS = 60_000;
const SEEDNODES_TIME_MS = 30_000;
const SEEDNODE_INTERVAL_MS = 10_000;
const STEP_MS = 500;
const ACTIVE_CHECK_MS = 1000;

/** Of what a seed says nobody knows how old it is: three to seven days are assumed. */
const AGE_MIN_SECONDS = 3 * 24 * 60 * 60;
const AGE_SPREAD_SECONDS = 4 * 24 * 60 * 60;
const FIXED_AGE_MIN_SECONDS = 7 * 24 * 60 * 60;
const FIXED_AGE_SPREAD_SECONDS = 7 * 24 * 60 * 60;

/** What a seed is asked for by the name `x9.<seed>`. */
const WANTED_SERVICES = ServiceFlag.NETWORK | ServiceFlag.WITNESS;

export interface AddressSeedingOptions {
  readonly network: Network;
  readonly dnsSeed: boolean;
  readonly forceDnsSeed: boolean;
  readonly fixedSeeds: boolean;
  readonly seedNodes: readonly string[];
  readonly hasAddedNodes: boolean;
  /** A proxy resolves names: we must not ask DNS ourselves. */
  readonly hasNameProxy: boolean;
}

export interface AddressSeedingDependencies {
  readonly sockets: Pick<SocketPort, "resolve">;
  readonly addresses: AddressManager;
  readonly reachableNetworks: readonly NetworkKind[];
  readonly fullRelayCount: () => number;
  readonly isActive: () => boolean;
  /** Connects to a node for its addresses alone. */
  readonly fetchFrom: (name: string) => void;
  readonly clock: Clock;
  readonly random: Pick<Random, "unit">;
  readonly log: Logger;
}

/** Finds first addresses for a node that knows none: from the operator's seed nodes, DNS, and a list that comes along. */
export class AddressSeeding {
  readonly #options: AddressSeedingOptions;
  readonly #deps: AddressSeedingDependencies;
  #seedNodes: string[];
  #isStopped = false;
  #hasFixedSeeds: boolean;
  #startMs = 0;
  #seedNodeMs = 0;
  #wake: (() => void) | undefined;

  constructor(options: AddressSeedingOptions, deps: AddressSeedingDependencies) {
    this.#options = options;
    this.#deps = deps;
    this.#seedNodes = this.#shuffled(options.seedNodes);
    this.#hasFixedSeeds = !options.fixedSeeds;
  }

  start(): void {
    const { log, clock } = this.#deps;
    this.#startMs = clock.nowMs();
    this.#seedNodeMs = clock.nowMs();
    if (this.#hasFixedSeeds) log.info("Fixed seeds are disabled");
    this.startDns();
    if (this.#deps.addresses.size() === 0) this.#useSeedNode();
    void this.#watch();
  }

  /** Asks DNS and nobody else: what there is to do where the operator named all connections, and DNS too. */
  startDns(): void {
    if (this.#options.dnsSeed) void this.#askDns();
    else this.#deps.log.info("DNS seeding disabled");
  }

  stop(): void {
    this.#isStopped = true;
    this.#wake?.();
  }

  async #watch(): Promise<void> {
    const { clock, fullRelayCount } = this.#deps;
    while (!this.#isStopped) {
      await this.#sleep(STEP_MS);
      const isDue = clock.nowMs() > this.#seedNodeMs + SEEDNODE_INTERVAL_MS;
      if (isDue && fullRelayCount() < CONNECTIONS_ENOUGH) {
        this.#seedNodeMs = clock.nowMs();
        this.#useSeedNode();
      }
      if (!this.#hasFixedSeeds) this.#considerFixedSeeds();
    }
  }

  #useSeedNode(): void {
    const name = this.#seedNodes.pop();
    if (name === undefined) return;
    const seconds = SEEDNODE_INTERVAL_MS / 1000;
    const why =
      this.#deps.addresses.size() === 0
        ? "Empty addrman, adding seednode"
        : `Couldn't connect to peers from addrman after ${seconds} seconds. Adding seednode`;
    this.#deps.fetchFrom(name);
    this.#deps.log.info(`${why} (${name}) to addrfetch`);
  }

  #considerFixedSeeds(): void {
    const { addresses, reachableNetworks, clock, log } = this.#deps;
    const { dnsSeed, hasAddedNodes } = this.#options;
    const empty = reachableNetworks.filter((network) => addresses.size({ network }) === 0);
    if (empty.length === 0) return;
    const hasNoOther = !dnsSeed && this.#options.seedNodes.length === 0 && !hasAddedNodes;
    if (clock.nowMs() > this.#startMs + FIXED_SEEDS_AFTER_MS) {
      log.info("Adding fixed seeds as 60 seconds have passed and addrman is empty for at least one reachable network");
    } else if (hasNoOther) {
      log.info(
        "Adding fixed seeds as -dnsseed=0 (or IPv4/IPv6 connections are disabled via -onlynet) and neither -addnode nor -seednode are provided",
      );
    } else return;
    this.#hasFixedSeeds = true;
    const seeds = FIXED_SEEDS[this.#options.network.name].flatMap((text) => this.#seedOf(text) ?? []);
    const wanted = seeds.filter(({ address }) => empty.includes(address.network));
    addresses.add(wanted, internalAddress("fixedseeds"));
    log.info(`Added ${wanted.length} fixed seeds from reachable networks.`);
  }

  #seedOf(text: string): GossipAddress | undefined {
    const endpoint = parseEndpoint(text, this.#options.network.p2pPort);
    const timeSeconds = this.#age(FIXED_AGE_MIN_SECONDS, FIXED_AGE_SPREAD_SECONDS);
    return endpoint && { ...endpoint, services: WANTED_SERVICES, timeSeconds };
  }

  async #askDns(): Promise<void> {
    const { addresses, log } = this.#deps;
    const { network, seedNodes, forceDnsSeed } = this.#options;
    const areSeedNodesEnough = seedNodes.length > 0 && (await this.#seedNodesSuffice());
    if (this.#isStopped) return;
    const seeds = this.#shuffled(network.dnsSeeds);
    let foundCount = 0;
    // Without any address, or by the operator's wish, all are asked at once.
    let atOnce = forceDnsSeed || addresses.size() === 0 ? seeds.length : 0;
    if (atOnce === 0 && areSeedNodesEnough) {
      log.info("Skipping DNS seeds. Enough peers have been found");
      return;
    }
    const waitMs = addresses.size() >= MANY_ADDRESSES ? DELAY_MANY_MS : DELAY_FEW_MS;
    for (const seed of seeds) {
      if (atOnce === 0) {
        atOnce = SEEDS_AT_ONCE;
        if (addresses.size() > 0 && (await this.#isHelpedWithin(waitMs, foundCount))) return;
      }
      await this.#untilActive();
      if (this.#isStopped) return;
      foundCount += await this.#ask(seed);
      atOnce--;
    }
    log.info(`${foundCount} addresses found from DNS seeds`);
  }

  async #seedNodesSuffice(): Promise<boolean> {
    const { log, clock, fullRelayCount } = this.#deps;
    const seconds = SEEDNODES_TIME_MS / 1000;
    log.info(`-seednode enabled. Trying the provided seeds for ${seconds} seconds before defaulting to the dnsseeds.`);
    const startMs = clock.nowMs();
    while (!this.#isStopped && clock.nowMs() <= startMs + SEEDNODES_TIME_MS) {
      await this.#sleep(STEP_MS);
      if (fullRelayCount() < CONNECTIONS_ENOUGH) continue;
      log.info("P2P peers available. Finished fetching data from seed nodes.");
      return true;
    }
    if (!this.#isStopped) {
      log.info("Couldn't connect to enough peers via seed nodes. Handing fetch logic to the DNS seeds.");
    }
    return false;
  }

  async #untilActive(): Promise<void> {
    const { isActive, log } = this.#deps;
    if (isActive()) return;
    log.info("Waiting for network to be reactivated before querying DNS seeds.");
    while (!isActive() && !this.#isStopped) await this.#sleep(ACTIVE_CHECK_MS);
  }

  /** Waits, as known addresses may do. True where they did, or the node stops. */
  async #isHelpedWithin(waitMs: number, foundCount: number): Promise<boolean> {
    const { log, fullRelayCount } = this.#deps;
    log.info(`Waiting ${waitMs / 1000} seconds before querying DNS seeds.`);
    for (let leftMs = waitMs; leftMs > 0; leftMs -= DELAY_FEW_MS) {
      await this.#sleep(Math.min(leftMs, DELAY_FEW_MS));
      if (this.#isStopped) return true;
      if (fullRelayCount() < CONNECTIONS_ENOUGH) continue;
      if (foundCount > 0) log.info(`${foundCount} addresses found from DNS seeds`);
      log.info(`P2P peers available. ${foundCount > 0 ? "Finished" : "Skipped"} DNS seeding.`);
      return true;
    }
    return false;
  }

  async #ask(seed: string): Promise<number> {
    const { sockets, addresses, fetchFrom, log } = this.#deps;
    log.info(`Loading addresses from DNS seed ${seed}`);
    const host = `x${WANTED_SERVICES.toString(16)}.${seed}`;
    const found = this.#options.hasNameProxy ? [] : await sockets.resolve(host, SEED_ADDRESSES_MAX);
    if (found.length === 0) {
      // It knows no such name, or must not be asked by us: one of its nodes is.
      fetchFrom(seed);
      return 0;
    }
    const gossip = found.map((address) => ({
      address,
      port: this.#options.network.p2pPort,
      services: WANTED_SERVICES,
      timeSeconds: this.#age(AGE_MIN_SECONDS, AGE_SPREAD_SECONDS),
    }));
    addresses.add(gossip, internalAddress(host));
    return found.length;
  }

  #age(minSeconds: number, spreadSeconds: number): number {
    const { clock, random } = this.#deps;
    return Math.floor(clock.nowMs() / 1000 - minSeconds - random.unit() * spreadSeconds);
  }

  #sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#deps.clock.after(delayMs, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }

  #shuffled<Item>(items: readonly Item[]): Item[] {
    return items
      .map((item) => ({ item, order: this.#deps.random.unit() }))
      .sort((a, b) => a.order - b.order)
      .map(({ item }) => item);
  }
}
