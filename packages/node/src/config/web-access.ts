import { isIP } from "node:net";
import { resolve } from "node:path";
import type { Network } from "@bitfleet/protocol/consensus/networks.ts";
import { isPrivateNetwork } from "@bitfleet/protocol/consensus/private-network.ts";
import { parseLimit } from "../server/access/limit-text.ts";
import { redisUrlOf } from "../server/access/redis-url.ts";
import type { BucketPolicy } from "../server/access/token-buckets.ts";
import { keyFormProblem, weakKeyProblem } from "../server/access/weak-keys.ts";
import { pathSetting } from "./files.ts";
import { ConfigError, type SettingSources, settingOf } from "./settings.ts";
import { booleanSetting, listSetting, textSetting } from "./values.ts";

/** Who may call what over HTTP, and how often. */
export interface WebAccessConfig {
  readonly adminKey: string | undefined;
  readonly walletKey: string | undefined;
  /** Of more keys. Must be there where the operator named it; absent where he wants none. */
  readonly keysFile: { readonly path: string; readonly isRequired: boolean } | undefined;
  readonly requiresKey: boolean;
  readonly auditFile: string | undefined;
  /** Addresses, ranges, and the words that Fastify knows for some of them. */
  readonly trustedProxies: readonly string[];
  readonly limits: {
    /** `undefined` where no option says. */
    readonly address: BucketPolicy | "off" | undefined;
    readonly key: BucketPolicy | "off" | undefined;
    readonly settingsFile: string | undefined;
    readonly redisUrl: string | undefined;
    readonly storeFailure: StoreFailure;
  };
}

const STORE_FAILURES = ["memory", "open", "closed"] as const;
type StoreFailure = (typeof STORE_FAILURES)[number];

/** Ranges that have a word. */
const PROXY_WORDS: readonly string[] = ["loopback", "linklocal", "uniquelocal"];

/** Reads those options. `host` is where the web server listens. Throws `ConfigError`; never with a key in its message. */
export function webAccessConfigOf(
  sources: SettingSources,
  network: Network,
  networkDir: string,
  host: string,
): WebAccessConfig {
  const isOthers = !isPrivateNetwork(network) || !isLoopback(host);
  return {
    adminKey: keyOf(sources, "webadminkey", isOthers),
    walletKey: keyOf(sources, "webwalletkey", isOthers),
    keysFile: keysFileOf(sources, networkDir),
    requiresKey: booleanSetting(sources, "webrequirekey") ?? false,
    auditFile: auditFileOf(sources, networkDir),
    trustedProxies: listSetting(sources, "webtrustproxy").flatMap(proxiesOf),
    limits: {
      address: limitOf(sources, "webratelimit"),
      key: limitOf(sources, "webkeyratelimit"),
      settingsFile: settingsFileOf(sources),
      redisUrl: redisOf(sources),
      storeFailure: storeFailureOf(sources),
    },
  };
}

const isLoopback = (host: string) => host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);

/**
 * A key that everybody knows, or that is soon guessed, is refused unless both hold: the network is private, and the server listens on
 * loopback alone. On either side of that others could use it.
 */
function keyOf(sources: SettingSources, name: string, isOthers: boolean): string | undefined {
  const key = textSetting(sources, name);
  // As of a secret that nobody has filled in.
  if (key === undefined || key === "") return undefined;
  const problem = keyFormProblem(key, `-${name}`) ?? (isOthers ? weakKeyProblem(key, sourceText(name)) : undefined);
  if (problem !== undefined) throw new ConfigError(problem);
  return key;
}

/** In a container the key comes by the name of a variable, which is what has to be changed there. */
const sourceText = (name: string) => `The key of -${name} (BITCOIN_API_${name.slice(3, -3).toUpperCase()}_KEY)`;

function keysFileOf(sources: SettingSources, networkDir: string): WebAccessConfig["keysFile"] {
  if (settingOf(sources, "webkeysfile") === false) return undefined;
  const file = pathSetting(sources, "webkeysfile");
  return { path: resolve(networkDir, file ?? "api-keys.json"), isRequired: file !== undefined };
}

function auditFileOf(sources: SettingSources, networkDir: string): string | undefined {
  const text = textSetting(sources, "webauditlog");
  if (text === "0" || settingOf(sources, "webauditlog") === false) return undefined;
  const path = text === undefined || text === "" || text === "1" ? undefined : pathSetting(sources, "webauditlog");
  return resolve(networkDir, path ?? "audit.log");
}

function proxiesOf(text: string): readonly string[] {
  const proxies = text.split(",").map((one) => one.trim());
  const wrong = proxies.find((one) => !isProxy(one));
  if (wrong === undefined) return proxies;
  throw new ConfigError(
    `Invalid value '${wrong}' for -webtrustproxy: addresses or ranges of proxies with commas between are expected, as 10.0.0.0/8.`,
  );
}

function isProxy(text: string): boolean {
  if (PROXY_WORDS.includes(text)) return true;
  const [, address, bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address ?? "");
  return version !== 0 && Number(bits ?? 0) <= (version === 4 ? 32 : 128);
}

function limitOf(sources: SettingSources, name: string): BucketPolicy | "off" | undefined {
  if (settingOf(sources, name) === false) return "off";
  const text = textSetting(sources, name);
  if (text === undefined) return undefined;
  const limit = text === "0" ? "off" : parseLimit(text);
  if (limit !== undefined) return limit;
  throw new ConfigError(
    `Invalid value '${text}' for -${name}: calls at once / calls a second are expected, as 600/60, or 0 for no limit.`,
  );
}

/** From the working directory on, as the seed's web server has it. */
function settingsFileOf(sources: SettingSources): string | undefined {
  const path = pathSetting(sources, "webratesettings");
  return path === undefined ? undefined : resolve(path);
}

function redisOf(sources: SettingSources): string | undefined {
  const text = textSetting(sources, "webredis");
  if (text === undefined || text === "" || text === "0") return undefined;
  const url = redisUrlOf(text);
  if (url !== undefined) return url;
  // There may be a password in it.
  throw new ConfigError(
    "Invalid value for -webredis (REDIS_URL): host:port or redis://[:password@]host:port[/database] is expected.",
  );
}

function storeFailureOf(sources: SettingSources): StoreFailure {
  const text = textSetting(sources, "webredisfailure") ?? "memory";
  const mode = STORE_FAILURES.find((one) => one === text);
  if (mode !== undefined) return mode;
  throw new ConfigError(`Invalid value '${text}' for -webredisfailure: memory, open or closed is expected.`);
}
