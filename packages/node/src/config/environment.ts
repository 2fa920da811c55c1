import { isIP } from "node:net";
import { type AddressPrefixes, decodeAddress } from "@bitfleet/protocol/script/address.ts";
import { splitHostPort } from "@bitfleet/protocol/wire/address-text.ts";
import { type Instance, instanceNeeds, isNumberedPod, LONE_INSTANCE } from "./container/instance.ts";
import {
  type Environment,
  hasRole,
  isMiner,
  isWebServer,
  listOf,
  textArguments,
  textOf,
  yesOrNo,
} from "./container/variables.ts";
import type { EarlierNode } from "./container/wait-for-earlier.ts";
import { canBeHost } from "./host-name.ts";
import { WEB_INDEX_ARGUMENTS } from "./indexes.ts";
import { ConfigError } from "./settings.ts";

/** The peer port of a node in a container; the web server's page is at 8080 there. */
const P2P_PORT_DEFAULT = 2001;
const WEB_PORT_DEFAULT = 8080;

/** Every variable that is read where the node has a role; `bitfleet up` lets none of its own through to its nodes. */
export const CONTAINER_VARIABLES: readonly string[] = [
  ...["BITCOIN_API_ADMIN_KEY", "BITCOIN_API_WALLET_KEY", "CLUSTER_DOMAIN", "INSTANCE_NUMBER"],
  ...["MINING_FIRST_BLOCKS", "MINING_INTERVAL_SECONDS"],
  ...["NODE_ADDR", "NODE_CONNECT_NODES", "NODE_DATA_DIR", "NODE_INSTANCE_DIRS", "NODE_IS_MINER", "NODE_IS_WEB_SERVER"],
  ...["NODE_MINING_ADDRESS", "NODE_NETWORK", "NODE_SERVICE", "NODE_WALLET_DIR"],
  ...["POD_IP", "POD_NAME", "POD_NAMESPACE", "POD_SERVICE", "REDIS_URL", "RL_SETTINGS_PATH", "SEQUENTIAL_STARTUP"],
  ...["WALLET_ADDRESS_POOL", "WALLET_API_BIND", "WALLET_FILE", "WALLET_MNEMONIC_FILE"],
  ...["WALLET_NODE_KEY", "WALLET_NODE_KEY_FILE", "WALLET_NODE_URL"],
  ...["WEB_CORS", "WEB_DRAIN_SECONDS", "WEB_LOG", "WEB_METRICS_BIND", "WEB_TLS_CERT", "WEB_TLS_KEY", "WEB_TRUST_PROXY"],
];

/** Those that somebody may set on a machine of their own and believe that they count. */
const ROLELESS = ["NODE_CONNECT_NODES", "NODE_NETWORK", "NODE_DATA_DIR", "NODE_WALLET_DIR"] as const;

/**
 * Options that the environment of a container asks for, to stand before those of the command line, which thereby win: what
 * Compose files and Kubernetes manifests set. None where neither `NODE_IS_MINER` nor `NODE_IS_WEB_SERVER` is set: a daemon on a
 * machine of its own is not to change by what happens to be in its environment. Network and directories are not among them
 * (places.ts). Throws {@link ConfigError}.
 */
export function environmentArguments(environment: Environment, instance = LONE_INSTANCE): readonly string[] {
  if (!hasRole(environment)) return [];
  const isWeb = isWebServer(environment);
  return [
    ...(isMiner(environment) ? miningArguments(environment, instance) : []),
    ...(isWeb ? [] : walletApiArguments(environment.WALLET_API_BIND)),
    ...(isWeb ? webArguments(environment) : []),
    ...(isMiner(environment) || !isWeb ? walletArguments(environment) : []),
    ...countArguments(environment, "WEB_DRAIN_SECONDS", "webdrain"),
    ...probeArguments(environment),
    // A secret that was made of a file ends with its line.
    ...Object.entries({ ...ACCESS_VARIABLES, ...WALLET_NODE_VARIABLES }).flatMap(([name, option]) =>
      textArguments(textOf(environment, name), option),
    ),
    ...addressArguments(environment),
    ...connectArguments(environment, instance),
  ];
}

/** What of the environment has no effect although somebody seems to want it to, for the operator. */
export function environmentWarnings(environment: Environment): readonly string[] {
  if (!hasRole(environment)) {
    return ROLELESS.filter((name) => environment[name]).map(
      (name) =>
        `${name} has no effect without a role: set NODE_IS_MINER or NODE_IS_WEB_SERVER to yes or no, or use ${INSTEAD[name]}.`,
    );
  }
  const pod = textOf(environment, "POD_NAME");
  if (pod === undefined) return [];
  const isNumbered = isNumberedPod(environment);
  return [
    ...(isNumbered && textOf(environment, "INSTANCE_NUMBER") !== undefined
      ? ["INSTANCE_NUMBER has no effect beside POD_NAME, whose number counts."]
      : []),
    ...(!isNumbered && instanceNeeds(environment).earlier
      ? [
          `POD_NAME '${pod}' has no number at its end, as pods of a StatefulSet have it: with NODE_CONNECT_NODES=local this miner connects to nobody.`,
        ]
      : []),
  ];
}

const INSTEAD: Readonly<Record<(typeof ROLELESS)[number], string>> = {
  NODE_CONNECT_NODES: "-addnode",
  NODE_NETWORK: "-chain",
  NODE_DATA_DIR: "-datadir",
  NODE_WALLET_DIR: "-walletdir",
};

/** The node that `SEQUENTIAL_STARTUP` has this one wait for, if any, with where its health is. Throws {@link ConfigError}. */
export function nodeToWaitFor(environment: Environment, { earlier }: Instance): EarlierNode | undefined {
  if (!yesOrNo(environment, "SEQUENTIAL_STARTUP") || !instanceNeeds(environment).earlier) return undefined;
  const text = textOf(environment, "WEB_METRICS_BIND");
  const port = text === undefined ? undefined : splitHostPort(text).port;
  if (port === undefined) {
    throw new ConfigError(
      "SEQUENTIAL_STARTUP=yes needs WEB_METRICS_BIND with a port, as 0.0.0.0:9332: there the node before is asked whether it is ready.",
    );
  }
  return earlier && { ...earlier, port };
}

/** Throws {@link ConfigError} where `address`, which the node is to mine to, is none and comes from the environment. */
export function checkMiningAddress(
  environment: Environment,
  instance: Instance,
  address: string | undefined,
  prefixes: AddressPrefixes,
): void {
  const given = miningAddressOf(environment, instance);
  if (address === undefined || address !== given?.address) return;
  const decoded = decodeAddress(address, prefixes);
  if ("error" in decoded) throw new ConfigError(`Invalid address '${address}' for ${given.variable}: ${decoded.error}`);
}

/** The address of `NODE_MINING_ADDRESS`, else that of `WALLET_ADDRESS_POOL` whose turn it is: the first instance takes the first. */
function miningAddressOf(environment: Environment, { index }: Instance) {
  const address = textOf(environment, "NODE_MINING_ADDRESS");
  if (address !== undefined) return { variable: "NODE_MINING_ADDRESS", address };
  const addresses = listOf(environment.WALLET_ADDRESS_POOL);
  const chosen = addresses[index % addresses.length];
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
  const wallets = isMiner(environment) ? [] : ["-disablewallet"];
  return ["-webbind=0.0.0.0", `-webport=${WEB_PORT_DEFAULT}`, ...WEB_INDEX_ARGUMENTS, ...wallets, ...options];
}

/** Also of a miner, which has no page. */
function probeArguments({ WEB_METRICS_BIND: address = "" }: Environment): readonly string[] {
  return address === "" ? [] : [`-webmetricsbind=${address}`];
}

/** Without an address the node mines to a wallet of its own, which it makes at the first start. */
function miningArguments(environment: Environment, instance: Instance): readonly string[] {
  const seconds = textOf(environment, "MINING_INTERVAL_SECONDS");
  if (seconds !== undefined && !(/^\d+(\.\d+)?$/.test(seconds) && Number(seconds) > 0)) {
    throw new ConfigError(
      `Invalid value '${seconds}' for MINING_INTERVAL_SECONDS: a number of seconds above zero is expected.`,
    );
  }
  return [
    "-mining=interval",
    ...textArguments(seconds, "mininginterval"),
    ...countArguments(environment, "MINING_FIRST_BLOCKS", "miningfirstblocks"),
    ...textArguments(miningAddressOf(environment, instance)?.address, "miningaddress"),
  ];
}

/** Of a node with wallets: what its own is. */
function walletArguments(environment: Environment): readonly string[] {
  return [
    ...textArguments(environment.WALLET_FILE, "walletfile"),
    ...textArguments(environment.WALLET_MNEMONIC_FILE, "walletmnemonicfile"),
  ];
}

function countArguments(environment: Environment, name: string, option: string): readonly string[] {
  const text = textOf(environment, name);
  if (text === undefined || /^\d{1,9}$/.test(text)) return textArguments(text, option);
  throw new ConfigError(`Invalid value '${text}' for ${name}: a whole number is expected.`);
}

/** Where a node that is no web server answers those that forward to its wallet (`WALLET_API_BIND`); nowhere without. */
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

/** Where the node listens (`NODE_ADDR`), and where others reach it (`POD_IP`, for what listens on every address). */
function addressArguments(environment: Environment) {
  const { POD_IP: podIp } = environment;
  const address = textOf(environment, "NODE_ADDR");
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

/**
 * `local` connects to nobody; a miner that is not the first of its set, to the one before it. Names are resolved by the node at every
 * attempt.
 */
function connectArguments(environment: Environment, { earlier }: Instance): readonly string[] {
  const { NODE_CONNECT_NODES: text = "" } = environment;
  if (text === "") return [];
  const names = text.split(",").map((name) => name.trim());
  const wrong = names.find((name) => !canBeNode(name));
  if (wrong !== undefined) {
    throw new ConfigError(
      `Invalid value '${wrong}' in NODE_CONNECT_NODES: local, or host:port of each node with commas between, is expected.`,
    );
  }
  if (earlier !== undefined && !canBeHost(earlier.host, true)) {
    throw new ConfigError(
      `The name of the node before this one, '${earlier.host}', cannot be a host's: see POD_SERVICE, POD_NAMESPACE and CLUSTER_DOMAIN.`,
    );
  }
  return names.flatMap((name) => {
    if (name !== "local") return [`-addnode=${name}`];
    return earlier === undefined ? [] : [`-addnode=${earlier.host}:${peerPortOf(environment)}`];
  });
}

function canBeNode(text: string): boolean {
  const { host, isValid } = splitHostPort(text);
  return isValid && canBeHost(host, true);
}

/** Of each node of a set. */
const peerPortOf = (environment: Environment) =>
  splitHostPort(textOf(environment, "NODE_ADDR") ?? "").port ?? P2P_PORT_DEFAULT;

const bracketed = (host: string) => (host.includes(":") ? `[${host}]` : host);
