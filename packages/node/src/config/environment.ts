import { isIP } from "node:net";
import { type AddressPrefixes, decodeAddress } from "@bitfleet/protocol/script/address.ts";
import { splitHostPort } from "@bitfleet/protocol/wire/address-text.ts";
import { canBeHost } from "./host-name.ts";
import { WEB_INDEX_ARGUMENTS } from "./indexes.ts";
import { ConfigError } from "./settings.ts";

/** The peer port of a node in a container; the web server's page is at 8080 there. */
const P2P_PORT_DEFAULT = 2001;
const WEB_PORT_DEFAULT = 8080;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Options that the environment of a container asks for, to stand before those of the command line, which thereby win: what
 * Compose files and Kubernetes manifests set. None where neither `NODE_IS_MINER` nor `NODE_IS_WEB_SERVER` is set: a daemon on a
 * machine of its own is not to change by what happens to be in its environment. Throws {@link ConfigError}.
 */
export function environmentArguments(environment: Environment): readonly string[] {
  const isMiner = yesOrNo(environment, "NODE_IS_MINER");
  const isWebServer = yesOrNo(environment, "NODE_IS_WEB_SERVER");
  if (isMiner === undefined && isWebServer === undefined) return [];
  return [
    ...(isMiner ? miningArguments(environment) : []),
    ...(isWebServer ? webArguments(environment) : []),
    ...probeArguments(environment),
    ...Object.entries({ ...ACCESS_VARIABLES, ...WALLET_NODE_VARIABLES }).flatMap(([name, option]) =>
      textArguments(environment[name], option),
    ),
    ...addressArguments(environment),
    ...connectArguments(environment.NODE_CONNECT_NODES),
  ];
}

/** What of the environment has no effect although somebody seems to want it to, for the operator. */
export function environmentWarnings(environment: Environment): readonly string[] {
  const { NODE_CONNECT_NODES: nodes, NODE_IS_MINER: isMiner, NODE_IS_WEB_SERVER: isWebServer } = environment;
  if (!nodes || isMiner || isWebServer) return [];
  return [
    "NODE_CONNECT_NODES has no effect without a role: set NODE_IS_MINER or NODE_IS_WEB_SERVER to yes or no, or use -addnode.",
  ];
}

/** Throws {@link ConfigError} where `address`, which the node is to mine to, is none and comes from the environment. */
export function checkMiningAddress(environment: Environment, address: string | undefined, prefixes: AddressPrefixes) {
  const given = miningAddressOf(environment);
  if (address === undefined || address !== given?.address) return;
  const decoded = decodeAddress(address, prefixes);
  if ("error" in decoded) throw new ConfigError(`Invalid address '${address}' for ${given.variable}: ${decoded.error}`);
}

/** The address of `NODE_MINING_ADDRESS`, else that of `WALLET_ADDRESS_POOL` whose turn it is by the number at the end of `POD_NAME`. */
function miningAddressOf({ NODE_MINING_ADDRESS: address, WALLET_ADDRESS_POOL: pool = "", POD_NAME: pod }: Environment) {
  if (address !== undefined && address !== "") return { variable: "NODE_MINING_ADDRESS", address };
  const addresses = pool
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");
  const ordinal = Number(/-(\d{1,9})$/.exec(pod ?? "")?.[1] ?? 0);
  const chosen = addresses[ordinal % addresses.length];
  return chosen === undefined ? undefined : { variable: "WALLET_ADDRESS_POOL", address: chosen };
}

/** Options of the web server by the variables that set them, beside its address. Empty ones are as absent ones. */
const WEB_VARIABLES = {
  WEB_CORS: "webcors",
  WEB_LOG: "weblog",
  WEB_TLS_CERT: "webtlscert",
  WEB_TLS_KEY: "webtlskey",
} as const;

function webArguments(environment: Environment): readonly string[] {
  const given = Object.entries(WEB_VARIABLES).filter(([name]) => (environment[name] ?? "") !== "");
  const options = given.map(([name, option]) => {
    const value = name === "WEB_LOG" ? Number(yesOrNo(environment, name)) : environment[name];
    return `-${option}=${value}`;
  });
  // It may be one of many that come and go: the wallet is at a node that stays.
  const wallets = yesOrNo(environment, "NODE_IS_MINER") ? [] : ["-disablewallet"];
  return ["-webbind=0.0.0.0", `-webport=${WEB_PORT_DEFAULT}`, ...WEB_INDEX_ARGUMENTS, ...wallets, ...options];
}

/** Also of a miner, which has no page. */
function probeArguments({ WEB_METRICS_BIND: address = "" }: Environment): readonly string[] {
  return address === "" ? [] : [`-webmetricsbind=${address}`];
}

/** Without an address the node mines to a wallet of its own, which it makes at the first start. */
function miningArguments(environment: Environment): readonly string[] {
  const given = miningAddressOf(environment);
  return [
    "-mining=interval",
    ...textArguments(given?.address, "miningaddress"),
    ...textArguments(environment.WALLET_FILE, "walletfile"),
    ...walletApiArguments(environment.WALLET_API_BIND),
  ];
}

/** Where a miner answers web servers that forward to its wallet (`WALLET_API_BIND`); nowhere without. */
function walletApiArguments(address = ""): readonly string[] {
  if (address === "") return [];
  const { host, port } = splitHostPort(address);
  if (isIP(host) === 0 || port === undefined) {
    throw new ConfigError(
      `Invalid value '${address}' for WALLET_API_BIND: an IP address with a port is expected, as 0.0.0.0:8080.`,
    );
  }
  return [`-webbind=${host}`, `-webport=${port}`];
}

/** Who may call the web server, and how often. */
const ACCESS_VARIABLES = {
  BITCOIN_API_ADMIN_KEY: "webadminkey",
  BITCOIN_API_WALLET_KEY: "webwalletkey",
  REDIS_URL: "webredis",
  RL_SETTINGS_PATH: "webratesettings",
  WEB_TRUST_PROXY: "webtrustproxy",
} as const;

/** Whose wallet the users of a web server have. */
const WALLET_NODE_VARIABLES = {
  WALLET_NODE_URL: "walletnodeurl",
  WALLET_NODE_KEY: "walletnodekey",
  WALLET_NODE_KEY_FILE: "walletnodekeyfile",
} as const;

/** An empty text, as of a secret that nobody has filled in, is none. */
function textArguments(text: string | undefined, option: string): readonly string[] {
  return text === undefined || text === "" ? [] : [`-${option}=${text}`];
}

/** Where the node listens (`NODE_ADDR`), and where others reach it (`POD_IP`, for what listens on every address). */
function addressArguments({ NODE_ADDR: address, POD_IP: podIp }: Environment) {
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
function connectArguments(text = ""): readonly string[] {
  if (text === "") return [];
  const names = text.split(",").map((name) => name.trim());
  const wrong = names.find((name) => !canBeNode(name));
  if (wrong !== undefined) {
    throw new ConfigError(
      `Invalid value '${wrong}' in NODE_CONNECT_NODES: local, or host:port of each node with commas between, is expected.`,
    );
  }
  return names.filter((name) => name !== "local").map((name) => `-addnode=${name}`);
}

function canBeNode(text: string): boolean {
  const { host, isValid } = splitHostPort(text);
  return isValid && canBeHost(host, true);
}

function yesOrNo(environment: Environment, name: string): boolean | undefined {
  const text = environment[name];
  if (text === undefined || text === "") return undefined;
  const value = text.toLowerCase();
  if (["yes", "true", "1"].includes(value)) return true;
  if (["no", "false", "0"].includes(value)) return false;
  throw new ConfigError(`Invalid value '${text}' for ${name}: yes or no is expected.`);
}

const bracketed = (host: string) => (host.includes(":") ? `[${host}]` : host);
