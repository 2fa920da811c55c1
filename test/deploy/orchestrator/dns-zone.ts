/** The names of a cluster: addresses by name, and names by address. Names are in lower case, without a dot at the end. */
export interface DnsZone {
  readonly addresses: Readonly<Record<string, readonly string[]>>;
  readonly names: Readonly<Record<string, string>>;
}

export interface NamedService {
  readonly name: string;
  /** None for a headless one, whose name stands for its pods. */
  readonly clusterAddress: string | undefined;
  /** Pods behind it that are to be found by name, also those that are not ready where the service publishes them. */
  readonly pods: readonly { readonly address: string; readonly hostname: string | undefined }[];
}

/** What CoreDNS would answer of the services of a namespace. Of a pod with a name in a headless service that name too. */
export function zoneOf(namespace: string, domain: string, services: readonly NamedService[]): DnsZone {
  const addresses: Record<string, string[]> = {};
  const names: Record<string, string> = {};
  for (const { name, clusterAddress, pods } of services) {
    const full = `${name}.${namespace}.svc.${domain}`;
    if (clusterAddress !== undefined) {
      addresses[full] = [clusterAddress];
      names[clusterAddress] = full;
      continue;
    }
    // Without a pod there is the name and no address.
    addresses[full] = pods.map(({ address }) => address);
    for (const { address, hostname } of pods) {
      if (hostname === undefined) continue;
      const own = `${hostname}.${full}`;
      addresses[own] = [...(addresses[own] ?? []), address];
      names[address] = own;
    }
  }
  return { addresses, names };
}

/** `/etc/resolv.conf` of a pod. */
export function resolverFile(namespace: string, domain: string, server: string): string {
  return `search ${namespace}.svc.${domain} svc.${domain} ${domain}\nnameserver ${server}\noptions ndots:5\n`;
}
