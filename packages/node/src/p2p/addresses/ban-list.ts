import { RollingFilter } from "@bitfleet/protocol/filters/rolling-filter.ts";
import { addressKey, type NetworkAddress } from "@bitfleet/protocol/wire/network-address.ts";
import type { Clock, Logger, Random } from "../../ports.ts";
import { filterTweak } from "../random-values.ts";
import { compareSubnets, formatSubnet, isInSubnet, type Subnet, subnetKey, subnetOf } from "./subnet.ts";

/** Discouraged addresses that are remembered, and the rate of mistakes. */
const DISCOURAGED_COUNT = 50_000;
const DISCOURAGED_MISTAKE_RATE = 0.000001;

/** A range that the operator shut out. Times are seconds since 1970. */
export interface Ban {
  readonly subnet: Subnet;
  readonly createdSeconds: number;
  /** 64 bits, as large as the operator likes. */
  readonly untilSeconds: bigint;
}

export interface BanListOptions {
  /** `-bantime`. */
  readonly banSeconds: number;
}

export interface BanListDependencies {
  readonly clock: Pick<Clock, "nowMs">;
  readonly random: Pick<Random, "unit">;
  readonly log: Logger;
  /** The list changed. */
  readonly onChange: () => void;
}

/**
 * Whom not to talk to. Bans are the operator's, of ranges, for a time, and kept over restarts. Discouragement is for misbehaviour: such
 * an address is not connected to, and the first to go when connections are scarce; it is forgotten at the next start.
 */
export class BanList {
  readonly #options: BanListOptions;
  readonly #deps: BanListDependencies;
  readonly #bans = new Map<string, Ban>();
  readonly #discouraged: RollingFilter;

  constructor(options: BanListOptions, deps: BanListDependencies, bans: readonly Ban[] = []) {
    this.#options = options;
    this.#deps = deps;
    const tweak = filterTweak(deps.random);
    this.#discouraged = new RollingFilter(DISCOURAGED_COUNT, DISCOURAGED_MISTAKE_RATE, tweak);
    for (const ban of bans) this.#bans.set(subnetKey(ban.subnet), ban);
    this.#sweep();
  }

  /**
   * Shuts a range out: for `seconds` from now, or until then where `isAbsolute`; 0 for the usual time. A longer ban
   * stays. Beyond what 64 bits hold, time begins anew, as in Core: there is no such ban.
   */
  ban(subnet: Subnet, seconds = 0n, isAbsolute = false): void {
    const createdSeconds = this.#nowSeconds();
    const { banSeconds } = this.#options;
    const fromSeconds = isAbsolute && seconds > 0n ? 0n : BigInt(createdSeconds);
    const untilSeconds = BigInt.asIntN(64, fromSeconds + (seconds > 0n ? seconds : BigInt(banSeconds)));
    const known = this.#bans.get(subnetKey(subnet));
    if (untilSeconds <= (known?.untilSeconds ?? 0n)) return;
    this.#bans.set(subnetKey(subnet), { subnet, createdSeconds, untilSeconds });
    this.#deps.onChange();
  }

  /** False where exactly this range was not banned. */
  unban(subnet: Subnet): boolean {
    if (!this.#bans.delete(subnetKey(subnet))) return false;
    this.#deps.onChange();
    return true;
  }

  clear(): void {
    this.#bans.clear();
    this.#deps.onChange();
  }

  /** Bans that hold, by address. */
  list(): readonly Ban[] {
    this.#sweep();
    return [...this.#bans.values()].sort((a, b) => compareSubnets(a.subnet, b.subnet));
  }

  isBanned(address: NetworkAddress): boolean {
    const now = this.#nowSeconds();
    for (const { subnet, untilSeconds } of this.#bans.values()) {
      if (now < untilSeconds && isInSubnet(subnet, address)) return true;
    }
    return false;
  }

  /** Whether exactly this range is banned. */
  isSubnetBanned(subnet: Subnet): boolean {
    const ban = this.#bans.get(subnetKey(subnet));
    return ban !== undefined && this.#nowSeconds() < ban.untilSeconds;
  }

  discourage(address: NetworkAddress): void {
    this.#discouraged.insert(discouragedKey(address));
  }

  isDiscouraged(address: NetworkAddress): boolean {
    return this.#discouraged.contains(discouragedKey(address));
  }

  #sweep(): void {
    const now = this.#nowSeconds();
    let isChanged = false;
    for (const [key, { subnet, untilSeconds }] of this.#bans) {
      if (now <= untilSeconds) continue;
      this.#bans.delete(key);
      isChanged = true;
      this.#deps.log.debug("net", `Removed banned node address/subnet: ${formatSubnet(subnet)}`);
    }
    if (isChanged) this.#deps.onChange();
  }

  #nowSeconds(): number {
    return Math.floor(this.#deps.clock.nowMs() / 1000);
  }
}

/** The range of one address. */
export function banOf(address: NetworkAddress): Subnet {
  return subnetOf(address);
}

function discouragedKey(address: NetworkAddress): Uint8Array {
  return new TextEncoder().encode(addressKey(address));
}
