import type { NetworkAddress } from "@bitfleet/protocol/wire/network-address.ts";
import type { JobScheduler, Logger } from "../../ports.ts";
import type { AddressManager } from "./address-manager.ts";
import type { Asmap } from "./asmap.ts";

const INTERVAL_MS = 24 * 60 * 60 * 1000;

export interface AsmapHealthDependencies {
  readonly addresses: Pick<AddressManager, "getAddresses">;
  readonly scheduler: Pick<JobScheduler, "every">;
  readonly log: Logger;
}

/**
 * Logs now and every day how well the map knows the public addresses that we know, so that an operator sees that it is out of date.
 * Returns what ends it.
 */
export function watchAsmapHealth(asmap: Asmap, { addresses, scheduler, log }: AsmapHealthDependencies): () => void {
  const check = () => {
    const query = { countMax: 0, percentMax: 0, filtered: false };
    const found = (["ipv4", "ipv6"] as const).flatMap((network) => addresses.getAddresses({ ...query, network }));
    const all = found.map(({ address }) => address);
    log.info(healthText(asmap, all));
  };
  check();
  return scheduler.every(INTERVAL_MS, check);
}

function healthText(asmap: Asmap, addresses: readonly NetworkAddress[]): string {
  const systems = addresses.map((address) => asmap.systemOf(address));
  const unmappedCount = systems.filter((system) => system === 0).length;
  const systemCount = new Set(systems.filter((system) => system !== 0)).size;
  return `ASMap Health Check: ${addresses.length} clearnet peers are mapped to ${systemCount} ASNs with ${unmappedCount} peers being unmapped`;
}
