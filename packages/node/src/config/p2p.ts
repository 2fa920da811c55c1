import type { Network } from "@bitfleet/protocol/consensus/networks.ts";
import { isPrivateNetwork } from "@bitfleet/protocol/consensus/private-network.ts";
import { formatEndpoint, parseEndpoint } from "@bitfleet/protocol/wire/address-text.ts";
import { endpointKey, type NetworkEndpoint, type NetworkKind } from "@bitfleet/protocol/wire/network-address.ts";
import { parseWhitebind, parseWhitelist } from "../p2p/addresses/permissions.ts";
import { isBadPort } from "../p2p/connections/bad-ports.ts";
import type { ListenOption } from "../p2p/connections/connection-manager.ts";
import { type SocksProxy, UNIX_SOCKET_PREFIX } from "../p2p/connections/sockets.ts";
import type { P2pConfig } from "../p2p/p2p-options.ts";
import { parseUploadTarget } from "../p2p/serving/upload-limit.ts";
import { pathSetting } from "./files.ts";
import { canBeHost } from "./host-name.ts";
import { ConfigError, interpretBoolean, type SettingSources, settingOf } from "./settings.ts";
import { booleanSetting, integerSetting, listSetting, portSetting, splitHostPort, textSetting } from "./values.ts";

const CONNECTIONS_MAX_DEFAULT = 125;
const PEER_TIMEOUT_SECONDS_DEFAULT = 60;
const CONNECT_TIMEOUT_MS_DEFAULT = 5000;
const RECEIVE_BUFFER_KB_DEFAULT = 5000;
const SEND_BUFFER_KB_DEFAULT = 1000;
const BAN_SECONDS_DEFAULT = 24 * 60 * 60;
const TOR_PROXY_PORT_DEFAULT = 9050;
/** Longest path of a socket that every system takes, its final zero left out. */
const UNIX_SOCKET_PATH_SIZE_MAX = 107;
const EXTRA_TRANSACTIONS_DEFAULT = 100;
const ADDRESS_CHECK_RATIO_MAX = 1_000_000;

const NETWORK_NAMES: readonly NetworkKind[] = ["ipv4", "ipv6", "onion", "i2p", "cjdns"];

/**
 * Whether all nodes are one owner's, so that there is nobody to keep from whose transactions they are (see `TxAnnouncementsOptions`). Never on public
 * networks. Nodes that come and go, which page or probes tell of, must not take with them what others have sent; a daemon without them does as Core.
 */
export function isOwnNetworkOf(sources: SettingSources, network: Network, hasPageOrProbes: boolean): boolean {
  return isPrivateNetwork(network) && (booleanSetting(sources, "ownnetwork") ?? hasPageOrProbes);
}

/** Warnings and notes of parameters that changed others go to `notes`, for the log. */
export function p2pConfigOf(sources: SettingSources, network: Network, notes: string[]): P2pConfig {
  const connect = connectOf(sources);
  const connectionsMax = integerSetting(sources, "maxconnections") ?? CONNECTIONS_MAX_DEFAULT;
  const proxies = proxiesOf(sources);
  const binds = listSetting(sources, "bind");
  const whitebinds = listSetting(sources, "whitebind");
  const isAlone = connect !== undefined || connectionsMax <= 0;
  const hasProxy = listSetting(sources, "proxy").some((text) => text !== "" && text !== "0");
  const listens = booleanSetting(sources, "listen") ?? (binds.length + whitebinds.length > 0 || !(isAlone || hasProxy));
  const onlyNetworks = onlyNetworksOf(sources);
  const reachesClearnet = onlyNetworks.length === 0 || onlyNetworks.some((name) => name === "ipv4" || name === "ipv6");
  const dnsSeed = dnsSeedOf(sources, isAlone, reachesClearnet);
  const forceDnsSeed = booleanSetting(sources, "forcednsseed") ?? false;
  if (forceDnsSeed && !dnsSeed)
    throw new ConfigError("Cannot set -forcednsseed to true when setting -dnsseed to false.");
  const isCjdnsReachable = booleanSetting(sources, "cjdnsreachable") ?? false;
  if (onlyNetworks.includes("cjdns") && !isCjdnsReachable) {
    throw new ConfigError(
      "Outbound connections restricted to CJDNS (-onlynet=cjdns) but -cjdnsreachable is not provided",
    );
  }
  if (onlyNetworks.includes("i2p") && textSetting(sources, "i2psam") === undefined) {
    throw new ConfigError("Outbound connections restricted to i2p (-onlynet=i2p) but -i2psam is not provided");
  }
  const port = portSetting(sources, "port") ?? network.p2pPort;
  const externalAddresses = listSetting(sources, "externalip");
  const ignoresTransactions = booleanSetting(sources, "blocksonly") ?? false;
  const isListeningOnAny = listens && binds.length + whitebinds.length === 0;
  if (isListeningOnAny && textSetting(sources, "port") !== undefined) warnOfBadPort("-port", port, notes);
  return {
    listen: listens ? listenOptions(binds, whitebinds, port, notes) : [],
    isListeningOnAny,
    port,
    connect,
    addNodes: listSetting(sources, "addnode"),
    seedNodes: listSetting(sources, "seednode"),
    dnsSeed,
    forceDnsSeed,
    fixedSeeds: booleanSetting(sources, "fixedseeds") ?? true,
    resolvesNames: booleanSetting(sources, "dns") ?? true,
    onlyNetworks,
    isCjdnsReachable,
    externalAddresses,
    discovers: booleanSetting(sources, "discover") ?? (listens && !hasProxy && externalAddresses.length === 0),
    connectionsMax,
    receiveBufferSize: (integerSetting(sources, "maxreceivebuffer") ?? RECEIVE_BUFFER_KB_DEFAULT) * 1000,
    sendBufferSize: (integerSetting(sources, "maxsendbuffer") ?? SEND_BUFFER_KB_DEFAULT) * 1000,
    uploadTargetBytes: uploadTargetOf(sources),
    peerTimeoutMs: (integerSetting(sources, "peertimeout") ?? PEER_TIMEOUT_SECONDS_DEFAULT) * 1000,
    connectTimeoutMs: positiveOr(integerSetting(sources, "timeout"), CONNECT_TIMEOUT_MS_DEFAULT),
    banSeconds: integerSetting(sources, "bantime") ?? BAN_SECONDS_DEFAULT,
    isActive: booleanSetting(sources, "networkactive") ?? true,
    usesV2: booleanSetting(sources, "v2transport") ?? true,
    proxies,
    whitelist: whitelistOf(sources),
    whitelistRelay: booleanSetting(sources, "whitelistrelay") ?? !ignoresTransactions,
    whitelistForceRelay: booleanSetting(sources, "whitelistforcerelay") ?? false,
    ignoresTransactions,
    servesBloomFilters: booleanSetting(sources, "peerbloomfilters") ?? false,
    servesBlockFilters: booleanSetting(sources, "peerblockfilters") ?? false,
    reconcilesTransactions: booleanSetting(sources, "txreconciliation") ?? false,
    extraTransactionsMax: Math.max(
      integerSetting(sources, "blockreconstructionextratxn") ?? EXTRA_TRANSACTIONS_DEFAULT,
      0,
    ),
    logsAddresses: booleanSetting(sources, "logips") ?? false,
    hasKnownAddressKey: listSetting(sources, "test").includes("addrman"),
    asmapPath: asmapPathOf(sources),
    addressCheckRatio: Math.min(Math.max(integerSetting(sources, "checkaddrman") ?? 0, 0), ADDRESS_CHECK_RATIO_MAX),
  };
}

/** Whether addresses of fc00::/8 are of CJDNS, and those of IPv6 no more. Throws `ConfigError` where `-onlynet` is wrong. */
export function reachesCjdns(sources: SettingSources): boolean {
  const onlyNetworks = onlyNetworksOf(sources);
  const isAllowed = onlyNetworks.length === 0 || onlyNetworks.includes("cjdns");
  return isAllowed && (booleanSetting(sources, "cjdnsreachable") ?? false);
}

/** `-connect=0` and `-noconnect` mean nobody. */
function connectOf(sources: SettingSources): readonly string[] | undefined {
  const list = listSetting(sources, "connect");
  if (settingOf(sources, "connect") === false) return [];
  if (list.length === 0) return undefined;
  return list.length === 1 && list[0] === "0" ? [] : list;
}

/** Bitcoin Core can be built with a map inside, which `-asmap` without a file means. */
function asmapPathOf(sources: SettingSources): string | undefined {
  const text = textSetting(sources, "asmap");
  if (text === undefined || settingOf(sources, "asmap") === false) return undefined;
  if (interpretBoolean(text)) throw new ConfigError("Embedded asmap data not available");
  return pathSetting(sources, "asmap");
}

function dnsSeedOf(sources: SettingSources, isAlone: boolean, reachesClearnet: boolean): boolean {
  const given = booleanSetting(sources, "dnsseed");
  if (given === true && !reachesClearnet) {
    throw new ConfigError(
      "Incompatible options: -dnsseed=1 was explicitly specified, but -onlynet forbids connections to IPv4/IPv6",
    );
  }
  return given ?? (!isAlone && reachesClearnet);
}

function onlyNetworksOf(sources: SettingSources): readonly NetworkKind[] {
  return listSetting(sources, "onlynet").map((text) => {
    const found = NETWORK_NAMES.find((name) => name === text.toLowerCase());
    if (found === undefined) throw new ConfigError(`Unknown network specified in -onlynet: '${text}'`);
    return found;
  });
}

function listenOptions(
  binds: readonly string[],
  whitebinds: readonly string[],
  port: number,
  notes: string[],
): readonly ListenOption[] {
  const plain = binds.map((text) => bindOf(text, port));
  const white = whitebinds.map((text) => ({ ...parsedOr(parseWhitebind(text)), isOnion: false }));
  refuseDuplicates([...white, ...plain.filter(({ isOnion }) => !isOnion), ...plain.filter(({ isOnion }) => isOnion)]);
  const options = [...plain, ...white];
  for (const { endpoint, isOnion } of plain) if (!isOnion) warnOfBadPort("-bind", endpoint.port, notes);
  if (options.length > 0) return options;
  return ["::", "0.0.0.0"].map((host) => ({ endpoint: numeric(host, port)!, permissions: 0, isOnion: false }));
}

/** One address cannot have two purposes, nor one twice. Of several the first that comes again is named. */
function refuseDuplicates(options: readonly ListenOption[]): void {
  const seen = new Set<string>();
  for (const { endpoint } of options) {
    const key = endpointKey(endpoint);
    if (seen.has(key)) {
      throw new ConfigError(
        `Duplicate binding configuration for address ${formatEndpoint(endpoint)}. Please check your -bind, -bind=...=onion and -whitebind settings.`,
      );
    }
    seen.add(key);
  }
}

/** Connections that Tor forwards come, unless told otherwise, to the port behind the usual one. */
function bindOf(text: string, port: number): ListenOption {
  const [, address = "", suffix] = /^(.*?)(?:=([^=]*))?$/.exec(text) ?? [];
  const isOnion = suffix === "onion";
  const endpoint = suffix === undefined || isOnion ? numeric(address, isOnion ? port + 1 : port) : undefined;
  if (endpoint === undefined) throw new ConfigError(`Cannot resolve -bind address: '${text}'`);
  return { endpoint, permissions: 0, isOnion };
}

function numeric(text: string, port: number): NetworkEndpoint | undefined {
  return parseEndpoint(text, port);
}

function warnOfBadPort(option: string, port: number, notes: string[]): void {
  if (!isBadPort(port)) return;
  notes.push(
    `${option} request to listen on port ${port}. This port is considered "bad" and thus it is unlikely that any peer will connect to it. See doc/p2p-bad-ports.md for details and a full list.`,
  );
}

/** Proxies by network; `name` is asked for names that are not to be resolved here. */
function proxiesOf(sources: SettingSources): P2pConfig["proxies"] {
  const proxies: Partial<Record<NetworkKind | "name", SocksProxy>> = {};
  const how = {
    credentials: (booleanSetting(sources, "proxyrandomize") ?? true) ? "random" : "none",
    resolvesNames: booleanSetting(sources, "dns") ?? true,
  } as const;
  for (const text of listSetting(sources, "proxy")) {
    const [, address = "", network] = /^(.*?)(?:=([^=]*))?$/.exec(text) ?? [];
    if (network === "") throw new ConfigError(`Invalid -proxy address or hostname, ends with '=': '${text}'`);
    const proxy = address === "" || address === "0" ? undefined : proxyOf("-proxy", address, how);
    for (const name of proxyNetworks(network?.toLowerCase(), text)) {
      if (proxy === undefined) delete proxies[name];
      else proxies[name] = proxy;
    }
  }
  const onion = textSetting(sources, "onion") ?? "";
  const reachesOnionOnly = onlyNetworksOf(sources).includes("onion");
  if (onion === "0" && reachesOnionOnly) {
    throw new ConfigError(
      "Outbound connections restricted to Tor (-onlynet=onion) but the proxy for reaching the Tor network is explicitly forbidden: -onion=0",
    );
  }
  if (onion === "0") delete proxies.onion;
  else if (onion !== "") proxies.onion = proxyOf("-onion", onion, how);
  if (reachesOnionOnly && proxies.onion === undefined && booleanSetting(sources, "listenonion") === false) {
    throw new ConfigError(
      "Outbound connections restricted to Tor (-onlynet=onion) but the proxy for reaching the Tor network is not provided: none of -proxy, -onion or -listenonion is given",
    );
  }
  return proxies;
}

function proxyNetworks(network: string | undefined, text: string): readonly (NetworkKind | "name")[] {
  if (network === undefined) return ["ipv4", "ipv6", "name", "cjdns", "onion"];
  if (network === "ipv4" || network === "ipv6") return [network, "name"];
  if (network === "onion" || network === "cjdns") return [network];
  throw new ConfigError(`Unrecognized network in -proxy='${text}': '${network}'`);
}

function proxyOf(
  option: string,
  text: string,
  { credentials, resolvesNames }: { readonly credentials: SocksProxy["credentials"]; readonly resolvesNames: boolean },
): SocksProxy {
  if (text.startsWith(UNIX_SOCKET_PREFIX)) {
    const path = text.slice(UNIX_SOCKET_PREFIX.length);
    const { length } = new TextEncoder().encode(path);
    if (length > 0 && length <= UNIX_SOCKET_PATH_SIZE_MAX) return { path, credentials };
    throw new ConfigError(`Invalid ${option} address or hostname: '${text}'`);
  }
  const split = splitHostPort(text);
  if (split === undefined || !canBeHost(split.host, resolvesNames)) {
    throw new ConfigError(`Invalid ${option} address or hostname: '${text}'`);
  }
  return { host: split.host, port: split.port ?? TOR_PROXY_PORT_DEFAULT, credentials };
}

function whitelistOf(sources: SettingSources): P2pConfig["whitelist"] {
  const isCjdnsReachable = reachesCjdns(sources);
  const entries = listSetting(sources, "whitelist").map((text) => parsedOr(parseWhitelist(text, isCjdnsReachable)));
  return {
    incoming: entries.filter(({ direction }) => direction !== "out"),
    outgoing: entries.filter(({ direction }) => direction !== "in"),
  };
}

function uploadTargetOf(sources: SettingSources): number {
  const text = textSetting(sources, "maxuploadtarget") ?? "0M";
  const bytes = parseUploadTarget(text);
  if (bytes === undefined) throw new ConfigError(`Unable to parse -maxuploadtarget: '${text}'`);
  return bytes;
}

function parsedOr<Value extends object>(result: Value | { readonly error: string }): Value {
  if ("error" in result) throw new ConfigError(result.error as string);
  return result;
}

function positiveOr(value: number | undefined, fallback: number): number {
  return value !== undefined && value > 0 ? value : fallback;
}
