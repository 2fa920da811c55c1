/** Service bits of `version`, `addr` and `addrv2`. */
export const ServiceFlag = {
  /** Serves the whole chain. */
  NETWORK: 1n,
  /** BIP111: serves bloom-filtered connections. */
  BLOOM: 1n << 2n,
  /** BIP144: serves blocks and transactions with their witnesses. */
  WITNESS: 1n << 3n,
  /** BIP157: serves block filters. */
  COMPACT_FILTERS: 1n << 6n,
  /** BIP159: serves the last 288 blocks. */
  NETWORK_LIMITED: 1n << 10n,
  /** BIP324: speaks the encrypted transport. */
  P2P_V2: 1n << 11n,
} as const;

/** Names of the bits that are set, lowest first, as getpeerinfo and getnetworkinfo show them. */
export function serviceNames(services: bigint): readonly string[] {
  const names: string[] = [];
  for (let bit = 0n; bit < 64n; bit++) {
    const flag = 1n << bit;
    if ((services & flag) !== 0n) names.push(SERVICE_NAMES.get(flag) ?? `UNKNOWN[2^${bit}]`);
  }
  return names;
}

const SERVICE_NAMES = new Map<bigint, string>(Object.entries(ServiceFlag).map(([name, flag]) => [flag, name]));
