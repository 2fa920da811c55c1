import type { NetworkKind } from "@bitfleet/protocol/wire/network-address.ts";
import type { WhitelistEntry } from "./addresses/permissions.ts";
import type { ListenOption } from "./connections/connection-manager.ts";
import type { SocksProxy } from "./connections/sockets.ts";

/** What the operator says about other nodes. */
export interface P2pConfig {
  /** Empty with `-listen=0`. */
  readonly listen: readonly ListenOption[];
  /** No address was named: of the two defaults the one of IPv6 need not be there. */
  readonly isListeningOnAny: boolean;
  readonly port: number;
  /** `-connect`: only these. `undefined` where others may be found; empty with `-noconnect`. */
  readonly connect: readonly string[] | undefined;
  readonly addNodes: readonly string[];
  readonly seedNodes: readonly string[];
  readonly dnsSeed: boolean;
  readonly forceDnsSeed: boolean;
  readonly fixedSeeds: boolean;
  readonly resolvesNames: boolean;
  readonly onlyNetworks: readonly NetworkKind[];
  readonly isCjdnsReachable: boolean;
  readonly externalAddresses: readonly string[];
  readonly discovers: boolean;
  readonly connectionsMax: number;
  readonly receiveBufferSize: number;
  readonly sendBufferSize: number;
  readonly uploadTargetBytes: number;
  readonly peerTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly banSeconds: number;
  readonly isActive: boolean;
  readonly usesV2: boolean;
  readonly proxies: Readonly<Partial<Record<NetworkKind | "name", SocksProxy>>>;
  readonly whitelist: { readonly incoming: readonly WhitelistEntry[]; readonly outgoing: readonly WhitelistEntry[] };
  readonly whitelistRelay: boolean;
  readonly whitelistForceRelay: boolean;
  readonly ignoresTransactions: boolean;
  readonly servesBloomFilters: boolean;
  readonly servesBlockFilters: boolean;
  readonly reconcilesTransactions: boolean;
  readonly extraTransactionsMax: number;
  readonly logsAddresses: boolean;
  /** `-test=addrman`: new tables of addresses have the same secret in every run, so that tests know who gets in whose way. */
  readonly hasKnownAddressKey: boolean;
  /** `-asmap`: file with the map of autonomous systems, from the network's directory on. */
  readonly asmapPath: string | undefined;
  /** `-checkaddrman`: one in so many operations on the tables of addresses is checked; 0 for none. */
  readonly addressCheckRatio: number;
}
