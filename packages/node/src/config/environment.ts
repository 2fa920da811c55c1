import { isIP } from "node:net";
import { splitHostPort } from "@bitfleet/protocol/wire/address-text.ts";
import { ConfigError } from "./settings.ts";

/** The peer port of a node in a container; the web server's page is at 8080 there. */
const P2P_PORT_DEFAULT = 2001;
const WEB_PORT_DEFAULT = 8080;

/**
 * Options that the environment of a container asks for, to stand before those of the command line, which thereby win: what
 * Compose files and Kubernetes manifests set. None where neither `NODE_IS_MINER` nor `NODE_IS_WEB_SERVER` is set: a daemon on a
 * machine of its own is not to change by what happens to be in its environment. Throws {@link ConfigError}.
 */
export function environmentArguments(environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  const isMiner = yesOrNo(environment, "NODE_IS_MINER");
  const isWebServer = yesOrNo(environment, "NODE_IS_WEB_SERVER");
  if (isMiner === undefined && isWebServer === undefined) return [];
  return [
    ...(isMiner ? miningArguments(environment.NODE_MINING_ADDRESS) : []),
    ...(isWebServer ? ["-webbind=0.0.0.0", `-webport=${WEB_PORT_DEFAULT}`] : []),
    ...addressArguments(environment),
    ...connectArguments(environment.NODE_CONNECT_NODES),
  ];
}

/** Without an address of ours blocks are taken, not made: whoever has the key may set it later. */
function miningArguments(address: string | undefined): readonly string[] {
  return address === undefined || address === "" ? [] : ["-mining=interval", `-miningaddress=${address}`];
}

/** Where the node listens (`NODE_ADDR`), and where others reach it (`POD_IP`, for what listens on every address). */
function addressArguments({ NODE_ADDR: address, POD_IP: podIp }: Readonly<Record<string, string | undefined>>) {
  const { host, port = P2P_PORT_DEFAULT } = splitHostPort(address ?? `0.0.0.0:${P2P_PORT_DEFAULT}`);
  if (isIP(host) === 0) {
    throw new ConfigError(
      `Invalid value '${address}' for NODE_ADDR: an IP address with a port is expected, as 0.0.0.0:2001.`,
    );
  }
  if (podIp === undefined || podIp === "") return [`-bind=${bracketed(host)}:${port}`];
  if (isIP(podIp) === 0) throw new ConfigError(`Invalid value '${podIp}' for POD_IP: an IP address is expected.`);
  return [`-bind=${bracketed(host)}:${port}`, `-externalip=${bracketed(podIp)}:${port}`];
}

/** `local` connects to nobody. Names are resolved by the node at every attempt. */
function connectArguments(text = "local"): readonly string[] {
  const names = text.split(",").map((name) => name.trim());
  return names.filter((name) => name !== "" && name !== "local").map((name) => `-addnode=${name}`);
}

function yesOrNo(environment: Readonly<Record<string, string | undefined>>, name: string): boolean | undefined {
  const text = environment[name];
  if (text === undefined || text === "") return undefined;
  const value = text.toLowerCase();
  if (["yes", "true", "1"].includes(value)) return true;
  if (["no", "false", "0"].includes(value)) return false;
  throw new ConfigError(`Invalid value '${text}' for ${name}: yes or no is expected.`);
}

const bracketed = (host: string) => (host.includes(":") ? `[${host}]` : host);
