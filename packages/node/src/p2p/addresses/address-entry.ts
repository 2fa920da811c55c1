import type { GossipAddress, NetworkAddress, NetworkEndpoint } from "@bitfleet/protocol/wire/network-address.ts";

const MINUTE_SECONDS = 60;
const DAY_SECONDS = 24 * 60 * MINUTE_SECONDS;

/** An address tried in the last minute is not thrown away: the attempt may be under way. */
const GRACE_SECONDS = MINUTE_SECONDS;
/** Times further ahead than this are made up. */
const FUTURE_SECONDS_MAX = 10 * MINUTE_SECONDS;
/** Not seen for as long, an address is of no use any more. */
const HORIZON_SECONDS = 30 * DAY_SECONDS;
/** Attempts after which an address that never worked is given up. */
const NEVER_WORKED_ATTEMPTS = 3;
/** An address that worked once is given up after as many attempts without success over as long. */
const FAILED_ATTEMPTS_MAX = 10;
const FAILED_SECONDS_MIN = 7 * DAY_SECONDS;

/** What is known of an address. Times are seconds since 1970; 0 for never. */
export class AddressEntry {
  readonly endpoint: NetworkEndpoint;
  /** Who told us first. */
  readonly source: NetworkAddress;
  services: bigint;
  /** When it was last seen, as far as gossip goes. */
  timeSeconds: number;
  lastTrySeconds = 0;
  /** Of the attempts that count against it. */
  lastCountedTrySeconds = 0;
  lastSuccessSeconds = 0;
  /** Since the last success. */
  attemptCount = 0;
  /** Places in the new table; 0 for those in the tried table. */
  referenceCount = 0;
  isTried = false;

  constructor(address: GossipAddress, source: NetworkAddress) {
    this.endpoint = { address: address.address, port: address.port };
    this.source = source;
    this.services = address.services;
    this.timeSeconds = address.timeSeconds;
  }

  /** Whether it may be thrown away for another. */
  isTerrible(nowSeconds: number): boolean {
    if (nowSeconds - this.lastTrySeconds <= GRACE_SECONDS) return false;
    if (this.timeSeconds > nowSeconds + FUTURE_SECONDS_MAX) return true;
    if (nowSeconds - this.timeSeconds > HORIZON_SECONDS) return true;
    if (this.lastSuccessSeconds === 0 && this.attemptCount >= NEVER_WORKED_ATTEMPTS) return true;
    return nowSeconds - this.lastSuccessSeconds > FAILED_SECONDS_MIN && this.attemptCount >= FAILED_ATTEMPTS_MAX;
  }

  /** How likely it is taken when drawn, from 0 to 1: less after a recent attempt, and with every failure. */
  chance(nowSeconds: number): number {
    const recent = nowSeconds - this.lastTrySeconds < 10 * MINUTE_SECONDS ? 0.01 : 1;
    return recent * 0.66 ** Math.min(this.attemptCount, 8);
  }
}
