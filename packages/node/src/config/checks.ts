import type { NetworkName } from "@bitfleet/protocol/consensus/params.ts";
import { MEMPOOL_DEFAULTS } from "../mempool/mempool-options.ts";
import { ZMQ_TOPICS } from "../server/zmq/zmq-topics.ts";
import { ConfigError, type SettingSources } from "./settings.ts";
import { booleanSetting, integerSetting, listSetting, splitHostPort, textSetting } from "./values.ts";

const CLUSTER_COUNT_MAX = 64;

/**
 * Refuses values and combinations that Core refuses, of options that are accepted but not in use yet, with Core's words: a
 * configuration that starts here must be one that could mean something. Throws `ConfigError`.
 */
export function checkAcceptedOptions(sources: SettingSources, network: NetworkName): void {
  const reason = CHECKS.map((check) => check(sources, network)).find((one) => one !== undefined);
  if (reason !== undefined) throw new ConfigError(reason);
}

type Check = (sources: SettingSources, network: NetworkName) => string | undefined;

const CHECKS: readonly Check[] = [connectionReason, hostPortReason, mempoolReason, testOnlyReason];

function connectionReason(sources: SettingSources): string | undefined {
  if (booleanSetting(sources, "forcednsseed") && booleanSetting(sources, "dnsseed") === false) {
    return "Cannot set -forcednsseed to true when setting -dnsseed to false.";
  }
  const binds = listSetting(sources, "bind").length + listSetting(sources, "whitebind").length;
  const listens = booleanSetting(sources, "listen") ?? true;
  if (binds > 0 && !listens) return "Cannot set -bind or -whitebind together with -listen=0";
  if (!listens && booleanSetting(sources, "listenonion")) return "Cannot set -listen=0 together with -listenonion=1";
  if ((integerSetting(sources, "maxconnections") ?? 0) < 0) {
    return "-maxconnections must be greater or equal than zero";
  }
  if ((integerSetting(sources, "peertimeout") ?? 1) <= 0) return "peertimeout must be a positive integer.";
  const upload = textSetting(sources, "maxuploadtarget");
  if (upload !== undefined && !/^\d+[kKmMgGtT]?$/.test(upload)) return `Unable to parse -maxuploadtarget: '${upload}'`;
  return undefined;
}

/** Whether a unix socket and a suffix behind `=` are allowed, by option. */
const HOST_PORT_OPTIONS = [
  { name: "i2psam" },
  { name: "onion", unix: true },
  { name: "proxy", unix: true, suffix: true },
  { name: "bind", suffix: true },
  { name: "rpcbind" },
  { name: "torcontrol" },
  { name: "whitebind" },
  ...ZMQ_TOPICS.map((topic) => ({ name: `zmqpub${topic}`, unix: true })),
] as readonly { readonly name: string; readonly unix?: true; readonly suffix?: true }[];

function hostPortReason(sources: SettingSources): string | undefined {
  for (const { name, unix, suffix } of HOST_PORT_OPTIONS) {
    for (const value of listSetting(sources, name)) {
      if (unix && value.startsWith("unix:")) continue;
      // ZMQ addresses carry their protocol, and -whitebind its permissions, before the host.
      const address = value.replace(/^[a-z]+:\/\//, "").replace(/^.*@/, "");
      const bare = suffix && address.includes("=") ? address.slice(0, address.lastIndexOf("=")) : address;
      if (splitHostPort(bare) === undefined) return `Invalid port specified in -${name}: '${value}'`;
    }
  }
  return undefined;
}

const CLUSTER_KVB_DEFAULT = MEMPOOL_DEFAULTS.clusterVirtualSizeMax / 1000;
/** A mempool that holds fewer clusters of the largest size makes no sense. */
const FULL_CLUSTERS_MIN = 40;

function mempoolReason(sources: SettingSources, network: NetworkName): string | undefined {
  const megabytes = integerSetting(sources, "maxmempool") ?? Number.POSITIVE_INFINITY;
  const clusterKvb = integerSetting(sources, "limitclustersize") ?? CLUSTER_KVB_DEFAULT;
  const leastMegabytes = (clusterKvb * FULL_CLUSTERS_MIN) / 1000;
  // None at all is allowed.
  if (megabytes < 0 || (megabytes > 0 && megabytes < leastMegabytes)) {
    return `-maxmempool must be at least ${Math.ceil(leastMegabytes)} MB`;
  }
  if ((integerSetting(sources, "limitclustercount") ?? 0) > CLUSTER_COUNT_MAX) {
    return `limitclustercount must be less than or equal to ${CLUSTER_COUNT_MAX}`;
  }
  return network === "main" && booleanSetting(sources, "acceptnonstdtxn")
    ? "acceptnonstdtxn is not currently supported for main chain"
    : undefined;
}

function testOnlyReason(sources: SettingSources, network: NetworkName): string | undefined {
  if (listSetting(sources, "test").length > 0 && network !== "regtest") {
    return "-test=<option> can only be used with regtest";
  }
  if (booleanSetting(sources, "acceptstalefeeestimates") && network !== "regtest") {
    return `acceptstalefeeestimates is not supported on ${network} chain.`;
  }
  const threads = integerSetting(sources, "prevoutfetchthreads") ?? 0;
  return threads < 0
    ? `-prevoutfetchthreads must be non-negative (got ${threads}). Use 0 to disable parallel input fetching.`
    : undefined;
}
