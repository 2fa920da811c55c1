import { isIP } from "node:net";
import { resolve } from "node:path";
import type { Network } from "@bitfleet/protocol/consensus/networks.ts";
import type { ListenAddress } from "../server/listen-address.ts";
import {
  CONNECTIONS_DEFAULT,
  type CrossOrigins,
  DRAIN_SECONDS_MAX,
  EVENT_CLIENTS_DEFAULT,
  EVENT_CLIENTS_PER_ADDRESS_DEFAULT,
} from "../server/web/web-limits.ts";
import { pathSetting } from "./files.ts";
import { ConfigError, type SettingSources } from "./settings.ts";
import { booleanSetting, integerSetting, listSetting, portSetting, splitHostPort, textSetting } from "./values.ts";
import { type WebAccessConfig, webAccessConfigOf } from "./web-access.ts";

/** How page, REST API, health and metrics are offered. */
export interface WebConfig {
  readonly host: string;
  readonly port: number;
  /** Who may call, and how often. */
  readonly access: WebAccessConfig;
  /** `-webnetwork` */
  readonly networkFolder: string | undefined;
  /** `-webcors` */
  readonly crossOrigins: CrossOrigins | undefined;
  /** `-weblog` */
  readonly logsRequests: boolean;
  /** `-webmetrics` */
  readonly hasMetrics: boolean;
  /** `-webmetricsbind` */
  readonly metricsListen: ListenAddress | undefined;
  /** `-webtlscert` and `-webtlskey` */
  readonly tlsFiles: { readonly certPath: string; readonly keyPath: string } | undefined;
  /** `-webmaxconnections` */
  readonly connectionsMax: number;
  /** `-webeventclients` and `-webeventclientsperaddress` */
  readonly events: { readonly clientsMax: number; readonly clientsPerAddressMax: number };
  /** `-webdrain`: so long it goes on answering when the node is to stop. */
  readonly drainSeconds: number;
}

/** Whether `-webport` asks for a web server. */
export function servesPage(sources: SettingSources): boolean {
  const text = textSetting(sources, "webport");
  return text !== undefined && text !== "0";
}

/** `undefined` without `-webport`. Throws `ConfigError`. */
export function webConfigOf(sources: SettingSources, network: Network, networkDir: string): WebConfig | undefined {
  if (!servesPage(sources)) return undefined;
  const host = textSetting(sources, "webbind") ?? "127.0.0.1";
  return {
    host,
    port: portSetting(sources, "webport")!,
    access: webAccessConfigOf(sources, network, networkDir, host),
    networkFolder: networkFolderOf(sources),
    crossOrigins: crossOriginsOf(sources),
    logsRequests: booleanSetting(sources, "weblog") ?? false,
    hasMetrics: booleanSetting(sources, "webmetrics") ?? true,
    metricsListen: metricsListenOf(sources),
    tlsFiles: tlsFilesOf(sources, networkDir),
    connectionsMax: countSetting(sources, "webmaxconnections", CONNECTIONS_DEFAULT),
    events: {
      clientsMax: countSetting(sources, "webeventclients", EVENT_CLIENTS_DEFAULT),
      clientsPerAddressMax: countSetting(sources, "webeventclientsperaddress", EVENT_CLIENTS_PER_ADDRESS_DEFAULT),
    },
    drainSeconds: drainSecondsOf(sources),
  };
}

function networkFolderOf(sources: SettingSources): string | undefined {
  const text = textSetting(sources, "webnetwork");
  return text === undefined || text === "" ? undefined : resolve(text);
}

/** `-webmetricsbind` of a node without a page: health and metrics alone. Throws `ConfigError`. */
export function probeListenOf(sources: SettingSources): ListenAddress | undefined {
  const hasPage = (textSetting(sources, "webport") ?? "0") !== "0";
  return hasPage ? undefined : metricsListenOf(sources);
}

/** Lists with commas, and the option several times, come to the same. */
function crossOriginsOf(sources: SettingSources): CrossOrigins | undefined {
  const origins = listSetting(sources, "webcors")
    .flatMap((text) => text.split(","))
    .map((text) => text.trim())
    .filter((text) => text !== "" && text !== "0");
  if (origins.length === 0) return undefined;
  if (origins.includes("*")) return "*";
  const wrong = origins.find((origin) => !isOrigin(origin));
  if (wrong !== undefined) {
    throw new ConfigError(
      `Invalid origin '${wrong}' for -webcors: a scheme and a host, as https://app.example.com, or * is expected.`,
    );
  }
  return origins;
}

/** Written exactly as browsers send it: what they send is compared as it is. */
function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}

function metricsListenOf(sources: SettingSources): ListenAddress | undefined {
  const text = textSetting(sources, "webmetricsbind");
  if (text === undefined || text === "") return undefined;
  const { host, port } = splitHostPort(text) ?? { host: "", port: undefined };
  if (isIP(host) === 0 || port === undefined) {
    throw new ConfigError(
      `Invalid value '${text}' for -webmetricsbind: an IP address with a port is expected, as 127.0.0.1:9332.`,
    );
  }
  return { host, port };
}

function tlsFilesOf(sources: SettingSources, networkDir: string): WebConfig["tlsFiles"] {
  const certPath = pathSetting(sources, "webtlscert");
  const keyPath = pathSetting(sources, "webtlskey");
  if (certPath === undefined && keyPath === undefined) return undefined;
  if (certPath === undefined) throw new ConfigError("-webtlskey needs -webtlscert, the certificate of that key.");
  if (keyPath === undefined) throw new ConfigError("-webtlscert needs -webtlskey, the key of that certificate.");
  return { certPath: resolve(networkDir, certPath), keyPath: resolve(networkDir, keyPath) };
}

function drainSecondsOf(sources: SettingSources): number {
  const seconds = integerSetting(sources, "webdrain") ?? 0;
  if (seconds < 0 || seconds > DRAIN_SECONDS_MAX) {
    throw new ConfigError(`Invalid value '${seconds}' for -webdrain: 0 to ${DRAIN_SECONDS_MAX} seconds are expected.`);
  }
  return seconds;
}

function countSetting(sources: SettingSources, name: string, byDefault: number): number {
  const count = integerSetting(sources, name) ?? byDefault;
  if (count < 1) throw new ConfigError(`-${name} must be 1 or more.`);
  return count;
}
