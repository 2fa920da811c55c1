import type { GossipAddress, NetworkAddress, NetworkEndpoint } from "@bitfleet/protocol/wire/network-address.ts";
import { inconsistencyOf } from "./address-check.ts";
import {
  AddressManager,
  type AddressManagerDependencies,
  type AddressQuery,
  type SelectedAddress,
} from "./address-manager.ts";
import type { AddressTables } from "./address-tables.ts";

export interface CheckOptions {
  /** `-checkaddrman`: one in so many operations is checked. */
  readonly checkRatio: number;
}

/** Checks before and after its operations that the tables fit together, and throws where they do not: our own mistake. For tests. */
export class CheckedAddressManager extends AddressManager {
  readonly #options: CheckOptions;
  readonly #deps: AddressManagerDependencies;

  constructor(options: CheckOptions, deps: AddressManagerDependencies, tables?: AddressTables) {
    super(deps, tables);
    this.#options = options;
    this.#deps = deps;
  }

  override add(addresses: readonly GossipAddress[], source: NetworkAddress, penaltySeconds = 0): boolean {
    return this.#checked(() => super.add(addresses, source, penaltySeconds));
  }

  override good(endpoint: NetworkEndpoint, nowSeconds: number): boolean {
    return this.#checked(() => super.good(endpoint, nowSeconds));
  }

  override attempt(endpoint: NetworkEndpoint, countsFailure: boolean, nowSeconds: number): void {
    this.#checked(() => super.attempt(endpoint, countsFailure, nowSeconds));
  }

  override connected(endpoint: NetworkEndpoint, nowSeconds: number): void {
    this.#checked(() => super.connected(endpoint, nowSeconds));
  }

  override setServices(endpoint: NetworkEndpoint, services: bigint): void {
    this.#checked(() => super.setServices(endpoint, services));
  }

  override select(options: Parameters<AddressManager["select"]>[0]): SelectedAddress | undefined {
    return this.#checked(() => super.select(options));
  }

  override getAddresses(query: AddressQuery): readonly GossipAddress[] {
    return this.#checked(() => super.getAddresses(query));
  }

  override resolveCollisions(): void {
    this.#checked(() => super.resolveCollisions());
  }

  override selectTriedCollision(): SelectedAddress | undefined {
    return this.#checked(() => super.selectTriedCollision());
  }

  #checked<Value>(operation: () => Value): Value {
    this.#check();
    const value = operation();
    this.#check();
    return value;
  }

  #check(): void {
    const { clock, log, random } = this.#deps;
    if (random.unit() * this.#options.checkRatio >= 1) return;
    const { newCount, triedCount, size } = this.tables;
    log.debug("addrman", `CheckAddrman: new ${newCount}, tried ${triedCount}, total ${size} started`);
    const startMs = clock.nowMs();
    const wrong = inconsistencyOf(this.tables);
    log.debug("addrman", `CheckAddrman: completed (${(clock.nowMs() - startMs).toFixed(2)}ms)`);
    if (wrong !== undefined) throw new Error(`ADDRMAN CONSISTENCY CHECK FAILED!!! err=${wrong}`);
  }
}
