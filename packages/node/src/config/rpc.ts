import { resolve } from "node:path";
import type { Network } from "@bitfleet/protocol/consensus/networks.ts";
import { parseSubnet, type Subnet } from "../p2p/addresses/subnet.ts";
import type { ListenAddress } from "../server/listen-address.ts";
import { parseRpcAuth, parseRpcWhitelist, type RpcCredential, type RpcWhitelist } from "../server/rpc/auth.ts";
import { pathSetting } from "./files.ts";
import { reachesCjdns } from "./p2p.ts";
import { ConfigError, type SettingSources, settingOf } from "./settings.ts";
import { booleanSetting, integerSetting, listSetting, portSetting, splitHostPort, textSetting } from "./values.ts";

const WORK_QUEUE_DEFAULT = 64;
const TIMEOUT_SECONDS_DEFAULT = 30;

/** How JSON-RPC is offered. */
export interface RpcConfig {
  readonly listen: readonly ListenAddress[];
  readonly allow: readonly Subnet[];
  /** From `-rpcauth`. */
  readonly credentials: readonly RpcCredential[];
  /** From `-rpcuser` and `-rpcpassword`. */
  readonly password: { readonly user: string; readonly password: string } | undefined;
  /** Absent where there is a password, or with `-norpccookiefile`. */
  readonly cookie: { readonly path: string; readonly mode: number } | undefined;
  readonly whitelist: RpcWhitelist;
  /** `-rest` */
  readonly hasRest: boolean;
  readonly workQueueDepth: number;
  readonly timeoutMs: number;
  /** `-deprecatedrpc`: parts of answers that are still given to who asks for them here. */
  readonly deprecated: readonly string[];
}

/** `undefined` with `-server=0`. Warnings for the log are put into `logWarnings`. */
export function rpcConfigOf(
  sources: SettingSources,
  network: Network,
  networkDir: string,
  logWarnings: string[],
): RpcConfig | undefined {
  const port = portSetting(sources, "rpcport") ?? network.rpcPort;
  if (booleanSetting(sources, "server") === false) return undefined;
  const password = textSetting(sources, "rpcpassword") ?? "";
  const whitelists = listSetting(sources, "rpcwhitelist");
  return {
    listen: listenAddresses(sources, port, logWarnings),
    allow: listSetting(sources, "rpcallowip").map((text) => subnetOf(text, reachesCjdns(sources))),
    credentials: listSetting(sources, "rpcauth").map(credentialOf),
    password: password === "" ? undefined : { user: textSetting(sources, "rpcuser") ?? "", password },
    cookie: password === "" ? cookieOf(sources, networkDir) : undefined,
    whitelist: parseRpcWhitelist(whitelists, booleanSetting(sources, "rpcwhitelistdefault") ?? whitelists.length > 0),
    hasRest: booleanSetting(sources, "rest") ?? false,
    workQueueDepth: Math.max(integerSetting(sources, "rpcworkqueue") ?? WORK_QUEUE_DEFAULT, 1),
    timeoutMs: (integerSetting(sources, "rpcservertimeout") ?? TIMEOUT_SECONDS_DEFAULT) * 1000,
    deprecated: listSetting(sources, "deprecatedrpc"),
  };
}

/** Beyond loopback only where both `-rpcbind` and `-rpcallowip` ask for it: nobody opens their node by one slip. */
function listenAddresses(sources: SettingSources, port: number, logWarnings: string[]): readonly ListenAddress[] {
  const binds = listSetting(sources, "rpcbind");
  const allowed = listSetting(sources, "rpcallowip").length > 0;
  const addresses = binds.map((text) => {
    const parts = splitHostPort(text);
    if (parts === undefined || parts.host === "")
      throw new ConfigError(`Invalid port specified in -rpcbind: '${text}'`);
    return { host: parts.host, port: parts.port ?? port };
  });
  if (addresses.length > 0 && allowed) return addresses;
  if (allowed) {
    logWarnings.push("Option -rpcallowip was specified without -rpcbind; this doesn't usually make sense");
  }
  if (binds.length > 0) {
    logWarnings.push(
      "Option -rpcbind was ignored because -rpcallowip was not specified, refusing to allow everyone to connect",
    );
  }
  return [
    { host: "127.0.0.1", port },
    { host: "::1", port },
  ];
}

function subnetOf(text: string, isCjdnsReachable: boolean): Subnet {
  const subnet = parseSubnet(text, isCjdnsReachable);
  if (subnet === undefined) {
    throw new ConfigError(
      `Invalid -rpcallowip subnet specification: ${text}. Valid values are a single IP (e.g. 1.2.3.4), a network/netmask ` +
        "(e.g. 1.2.3.4/255.255.255.0), a network/CIDR (e.g. 1.2.3.4/24), all ipv4 (0.0.0.0/0), or all ipv6 (::/0). " +
        "RFC4193 is allowed only if -cjdnsreachable=0.",
    );
  }
  return subnet;
}

/** Core says no more than this, and its tests match it; what is wrong stays unsaid, since it is a secret. */
function credentialOf(text: string): RpcCredential {
  const credential = parseRpcAuth(text);
  if (credential === undefined) {
    throw new ConfigError("Unable to start HTTP server. See debug log for details.");
  }
  return credential;
}

const COOKIE_MODES: Readonly<Record<string, number>> = { owner: 0o600, group: 0o640, all: 0o644 };

function cookieOf(sources: SettingSources, networkDir: string): RpcConfig["cookie"] {
  if (settingOf(sources, "rpccookiefile") === false) return undefined;
  const readers = textSetting(sources, "rpccookieperms") ?? "owner";
  const mode = COOKIE_MODES[readers];
  if (mode === undefined) {
    throw new ConfigError(`Invalid -rpccookieperms=${readers}; must be one of 'owner', 'group', or 'all'.`);
  }
  return { path: resolve(networkDir, pathSetting(sources, "rpccookiefile") ?? ".cookie"), mode };
}
