import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { littleEndianFromBigInt } from "@bitfleet/protocol/bytes/bytes.ts";
import { MAX_BLOCK_WEIGHT } from "@bitfleet/protocol/consensus/limits.ts";
import type { Network } from "@bitfleet/protocol/consensus/networks.ts";
import { type BlockHash, HASH_SIZE, type Sats } from "@bitfleet/protocol/primitives/types.ts";
import type { PruneMode } from "../chain/pruning.ts";
import { scriptThreadCount } from "../chain/script-pool.ts";
import type { MempoolKeeperOptions } from "../mempool/mempool-keeper.ts";
import type { MempoolOptions } from "../mempool/mempool-options.ts";
import type { SignetKey } from "../mining/signet-key.ts";
import type { P2pConfig } from "../p2p/p2p-options.ts";
import type { ListenAddress } from "../server/listen-address.ts";
import type { ZmqPublication } from "../server/zmq/zmq-topics.ts";
import type { NotifyConfig } from "../shell-notify.ts";
import { type LogOptions, logOptionsOf } from "../telemetry-options.ts";
import { checkAcceptedOptions } from "./checks.ts";
import { type FeeConfig, feeConfigOf } from "./fees.ts";
import {
  type ConfigEnvironment,
  isDirectory,
  type LoadedSettings,
  loadCommandLine,
  loadSettings,
  NETWORK_FOLDERS,
  pathSetting,
} from "./files.ts";
import { type IndexConfig, indexConfigOf } from "./indexes.ts";
import { feerateSetting, mempoolKeeperOptionsOf, mempoolOptionsOf } from "./mempool.ts";
import { type MiningConfig, miningConfigOf } from "./mining.ts";
import { networkOf } from "./network.ts";
import { acceptedOptionNotes, testOptionWarnings } from "./notes.ts";
import { bindCount, connectionsThatFit, reducedText } from "./open-files.ts";
import { findOption, helpText } from "./options.ts";
import { isOwnNetworkOf, p2pConfigOf } from "./p2p.ts";
import { pruneModeOf } from "./prune.ts";
import { type RpcConfig, rpcConfigOf } from "./rpc.ts";
import { ConfigError, misplacedOptions, type SettingSources, settingOf } from "./settings.ts";
import { type StartupWallets, startupWallets } from "./startup-wallets.ts";
import { booleanSetting, integerSetting, listSetting, saturatedSetting, textSetting, userHex } from "./values.ts";
import { type WalletConfig, walletConfigOf } from "./wallet.ts";
import { type WalletNodeConfig, walletNodeOf } from "./wallet-node.ts";
import { probeListenOf, type WebConfig, webConfigOf } from "./web.ts";
import { zmqConfigOf } from "./zmq.ts";

const SCRIPT_MEMORY_MIB_DEFAULT = 32;
/** A Map takes 2^24 entries, which are about this much. */
const SCRIPT_MEMORY_MIB_MAX = 2048;
const DBCACHE_MIB_DEFAULT = 450;
const DBCACHE_MIB_MIN = 4;
const BLOCK_RESERVED_WEIGHT_DEFAULT = 8000;
const BLOCK_RESERVED_WEIGHT_MIN = 2000;
const BLOCK_MIN_FEERATE_DEFAULT: Sats = 1n;
const USER_AGENT_SIZE_MAX = 256;
/** What a user-agent comment may hold (BIP14), as in Core. */
const SAFE_COMMENT = /^[A-Za-z0-9 .,;\-_?@]*$/;

const TESTNET3_WARNING =
  "Warning: Support for testnet3 is deprecated and will be removed in an upcoming release. Consider switching to testnet4.";

/** Everything the node is told at its start, interpreted and checked. */
export interface NodeConfig {
  readonly network: Network;
  readonly baseDir: string;
  /** `<datadir>/<network folder>`. */
  readonly networkDir: string;
  readonly blocksDir: string;
  readonly pidFile: string | undefined;
  readonly log: LogOptions;
  readonly chain: ChainConfig;
  readonly indexes: IndexConfig;
  readonly mempool: MempoolOptions;
  readonly fees: FeeConfig;
  readonly mempoolFile: MempoolKeeperOptions;
  readonly blockTemplate: BlockTemplateConfig;
  readonly mining: MiningConfig;
  /** Signs the blocks that are made here, on a signet. */
  readonly signetKey: SignetKey | undefined;
  readonly p2p: P2pConfig;
  /** All nodes of the network are one owner's: transactions are told of at once. */
  readonly isOwnNetwork: boolean;
  /** Absent with `-server=0`. */
  readonly rpc: RpcConfig | undefined;
  /** Absent without `-webport`. */
  readonly web: WebConfig | undefined;
  /** Absent with `-disablewallet`. */
  readonly wallet: WalletConfig | undefined;
  /** The node whose wallet the page and API use, where not this one's. */
  readonly walletNode: WalletNodeConfig | undefined;
  /** Which wallets are loaded at the next start. */
  readonly startupWallets: StartupWallets;
  /** `-zmqpub…` */
  readonly zmq: readonly ZmqPublication[];
  /** Where health and metrics are of a node without a page, if anywhere. */
  readonly probeListen: ListenAddress | undefined;
  readonly secp256k1: "auto" | "native" | "portable";
  /** Worker threads for scripts; 0 checks them on the main thread. */
  readonly scriptThreads: number;
  /** Memory for knowing which transactions' scripts have passed; 0 for none. */
  readonly scriptMemoryBytes: number;
  /** Seconds since 1970; 0 for the real clock. */
  readonly mockTimeSeconds: number;
  readonly userAgentComments: readonly string[];
  readonly notify: NotifyConfig;
  /** Detach from the terminal. */
  readonly daemon: boolean;
  readonly daemonWait: boolean;
  /** For stderr and the log. */
  readonly warnings: readonly string[];
  /** For stderr alone, as they are. */
  readonly notices: readonly string[];
  /** For the log alone. */
  readonly logLines: readonly string[];
  readonly logWarnings: readonly string[];
}

export interface ChainConfig {
  readonly cacheBytes: number;
  readonly reindex: "all" | "chainstate" | undefined;
  readonly assumeValid: BlockHash | "none" | undefined;
  readonly minimumChainwork: bigint | undefined;
  readonly maxTipAgeSeconds: number | undefined;
  readonly checkBlocks: number | undefined;
  readonly checkLevel: number | undefined;
  readonly fastPrune: boolean;
  /** `-prune`. */
  readonly prune: PruneMode | undefined;
  readonly useXor: boolean;
  readonly stopAtHeight: number | undefined;
  readonly loadBlocks: readonly string[];
}

export interface BlockTemplateConfig {
  readonly maxWeight: number;
  readonly reservedWeight: number;
  /** `-blockmintxfee`, satoshis a thousand vbytes. */
  readonly minFeerateSatPerKvb: Sats;
  /** `-blockversion`, on regtest. */
  readonly version: number | undefined;
  /** Not `-uniqueblocks`. */
  readonly makesCoreBlocks: boolean;
}

/** What the command line asks for: run a node, or print and leave. */
export type ConfigOutcome =
  | { readonly action: "run"; readonly config: NodeConfig }
  | { readonly action: "print"; readonly text: string };

/** Reads command line, configuration files and settings. Throws {@link ConfigError} with one message for the operator. */
export function readConfig(args: readonly string[], environment: ConfigEnvironment, version: string): ConfigOutcome {
  const print = textAskedFor(args, version);
  if (print !== undefined) return { action: "print", text: print };
  const sources = loadCommandLine(args);
  const loaded = loadSettings(sources, environment);
  const stray = args.find((arg) => !arg.startsWith("-"));
  if (stray !== undefined) {
    throw new ConfigError(`Command line contains unexpected token '${stray}', see bitcoind -h for a list of options.`);
  }
  return { action: "run", config: nodeConfigOf(loaded, environment) };
}

/** What `-version` or `-help` prints, before anything of the machine is looked at; `undefined` where neither is asked for. Throws {@link ConfigError}. */
export function textAskedFor(args: readonly string[], version: string): string | undefined {
  const sources = loadCommandLine(args);
  const title = `Bitfleet daemon version v${version} bitcoind\n`;
  if (booleanSetting(sources, "version")) return `${title}Released under the MIT license; see LICENSE.\n`;
  const debug = settingOf(sources, "help-debug") !== undefined;
  const asked = debug || ["?", "h", "help"].some((name) => settingOf(sources, name) !== undefined);
  return asked ? `${title}\nUsage: bitcoind [options]\n\n${helpText(debug)}` : undefined;
}

function nodeConfigOf(loaded: ReturnType<typeof loadSettings>, { openFilesMax }: ConfigEnvironment): NodeConfig {
  const { sources, networkDir } = loaded;
  const misplaced = misplacedOptions(sources);
  if (misplaced.length > 0)
    throw new ConfigError(misplaced.map((name) => misplacedText(name, loaded.network)).join(""));

  const { network, signetKey } = networkOf(sources, loaded.network);
  const warnings = [...loaded.warnings, ...sectionWarnings(sources), ...testOptionWarnings(sources)];
  const logWarnings = [...sources.doubts, ...loaded.logWarnings, ...acceptedOptionNotes(sources)];
  if (network.name === "test") logWarnings.push(TESTNET3_WARNING);
  checkAcceptedOptions(sources, loaded.network);
  const pid = settingOf(sources, "pid") === false ? undefined : (pathSetting(sources, "pid") ?? "bitcoind.pid");
  const rpc = rpcConfigOf(sources, network, networkDir, logWarnings);
  const p2p = p2pConfigOf(sources, network, logWarnings);
  const mempool = mempoolOptionsOf(sources, logWarnings);
  const probeListen = probeListenOf(sources);
  const web = webConfigOf(sources, network, networkDir);
  const connectionsMax = connectionsThatFit(p2p.connectionsMax, bindCount(sources), openFilesMax);
  if (connectionsMax < p2p.connectionsMax) warnings.push(reducedText(p2p.connectionsMax, connectionsMax));
  return {
    network,
    baseDir: loaded.baseDir,
    networkDir,
    blocksDir: blocksDirOf(loaded),
    pidFile: pid === undefined ? undefined : resolve(networkDir, pid),
    log: logOptionsOf(sources, networkDir),
    chain: chainConfigOf(sources),
    indexes: indexConfigOf(sources, loaded.network),
    mempool,
    fees: feeConfigOf(sources, logWarnings),
    mempoolFile: mempoolKeeperOptionsOf(sources, networkDir),
    blockTemplate: blockTemplateConfigOf(sources, loaded.network),
    mining: miningConfigOf(sources, network.name),
    signetKey,
    p2p: { ...p2p, connectionsMax },
    isOwnNetwork: isOwnNetworkOf(sources, network, (web ?? probeListen) !== undefined),
    rpc,
    probeListen,
    web,
    wallet: walletConfigOf(sources, networkDir, mempool.minRelayFeerateSatPerKvb, { warnings, notes: logWarnings }),
    walletNode: walletNodeOf(sources, networkDir),
    startupWallets: startupWallets(loaded.settingsFile),
    zmq: zmqConfigOf(sources),
    secp256k1: secp256k1Of(sources),
    scriptThreads: scriptThreadCount(integerSetting(sources, "par") ?? 0, availableParallelism()),
    scriptMemoryBytes: scriptMemoryBytesOf(sources),
    mockTimeSeconds: mockTimeOf(sources),
    userAgentComments: userAgentCommentsOf(sources),
    notify: {
      startup: textSetting(sources, "startupnotify"),
      block: textSetting(sources, "blocknotify"),
      alert: textSetting(sources, "alertnotify"),
      shutdown: listSetting(sources, "shutdownnotify"),
    },
    daemon: booleanSetting(sources, "daemon") ?? booleanSetting(sources, "daemonwait") ?? false,
    daemonWait: booleanSetting(sources, "daemonwait") ?? false,
    warnings,
    notices: loaded.notices,
    logLines: [loaded.configFileNote, ...argumentLines(sources)],
    logWarnings,
  };
}

function misplacedText(name: string, network: string): string {
  return `Config setting for -${name} only applied on ${network} network when in [${network}] section.\n`;
}

function sectionWarnings(sources: SettingSources): readonly string[] {
  const unknown = sources.sections.filter(({ name }) => !Object.hasOwn(NETWORK_FOLDERS, name));
  if (unknown.length === 0) return [];
  return [unknown.map(({ name, file, line }) => `${file}:${line} Section [${name}] is not recognized.\n`).join("")];
}

/** The settings as given, for the log; secrets are left out. */
function argumentLines(sources: SettingSources): readonly string[] {
  const lines: string[] = [];
  const add = (prefix: string, name: string, value: unknown) => {
    const option = findOption(name);
    if (option) lines.push(`${prefix}${name}=${option.sensitive ? "****" : JSON.stringify(value)}`);
  };
  for (const [section, options] of sources.configFile) {
    const prefix = `Config file arg: ${section === "" ? "" : `[${section}] `}`;
    for (const [name, values] of options) for (const value of values) add(prefix, name, value);
  }
  for (const [name, value] of sources.settingsFile) {
    const shown = findOption(name)?.sensitive ? "****" : JSON.stringify(value);
    lines.push(`Setting file arg: ${name} = ${shown}`);
  }
  for (const [name, values] of sources.commandLine) for (const value of values) add("Command-line arg: ", name, value);
  return lines;
}

function blocksDirOf(loaded: LoadedSettings): string {
  const given = pathSetting(loaded.sources, "blocksdir");
  if (given === undefined) return resolve(loaded.networkDir, "blocks");
  const path = resolve(given);
  if (!isDirectory(path)) {
    const text = textSetting(loaded.sources, "blocksdir");
    throw new ConfigError(`Specified blocks directory "${text}" does not exist.`);
  }
  return resolve(path, NETWORK_FOLDERS[loaded.network], "blocks");
}

function scriptMemoryBytesOf(sources: SettingSources): number {
  const mib = saturatedSetting(sources, "maxsigcachesize") ?? SCRIPT_MEMORY_MIB_DEFAULT;
  return Math.max(0, Math.min(mib, SCRIPT_MEMORY_MIB_MAX)) * 1024 * 1024;
}

function chainConfigOf(sources: SettingSources): ChainConfig {
  const cacheMib = Math.max(integerSetting(sources, "dbcache") ?? DBCACHE_MIB_DEFAULT, DBCACHE_MIB_MIN);
  const work = textSetting(sources, "minimumchainwork");
  const minimumChainwork = work === undefined ? undefined : userHex(work);
  if (work !== undefined && minimumChainwork === undefined) {
    throw new ConfigError(`Invalid minimum work specified (${work}), must be up to 64 hex digits`);
  }
  const all = booleanSetting(sources, "reindex") ?? false;
  const chainstate = booleanSetting(sources, "reindex-chainstate") ?? false;
  return {
    cacheBytes: cacheMib * 2 ** 20,
    reindex: all ? "all" : chainstate ? "chainstate" : undefined,
    assumeValid: assumeValidOf(sources),
    minimumChainwork,
    maxTipAgeSeconds: saturatedSetting(sources, "maxtipage"),
    checkBlocks: integerSetting(sources, "checkblocks"),
    checkLevel: integerSetting(sources, "checklevel"),
    fastPrune: booleanSetting(sources, "fastprune") ?? false,
    prune: pruneModeOf(sources),
    useXor: booleanSetting(sources, "blocksxor") ?? true,
    stopAtHeight: integerSetting(sources, "stopatheight") || undefined,
    loadBlocks: listSetting(sources, "loadblock"),
  };
}

function assumeValidOf(sources: SettingSources): BlockHash | "none" | undefined {
  const text = textSetting(sources, "assumevalid");
  if (text === undefined) return undefined;
  const value = userHex(text);
  if (value === undefined) {
    throw new ConfigError(
      `Invalid assumevalid block hash specified (${text}), must be up to 64 hex digits (or 0 to disable)`,
    );
  }
  return value === 0n ? "none" : (littleEndianFromBigInt(value, HASH_SIZE) as BlockHash);
}

function blockTemplateConfigOf(sources: SettingSources, network: string): BlockTemplateConfig {
  const maxWeight = integerSetting(sources, "blockmaxweight") ?? MAX_BLOCK_WEIGHT;
  const reservedWeight = integerSetting(sources, "blockreservedweight") ?? BLOCK_RESERVED_WEIGHT_DEFAULT;
  if (reservedWeight < BLOCK_RESERVED_WEIGHT_MIN) {
    throw new ConfigError(
      `-blockreservedweight (${reservedWeight}) is lower than minimum safety value of (${BLOCK_RESERVED_WEIGHT_MIN})`,
    );
  }
  for (const [name, weight] of [
    ["blockreservedweight", reservedWeight],
    ["blockmaxweight", maxWeight],
  ] as const) {
    if (weight > MAX_BLOCK_WEIGHT) {
      throw new ConfigError(`-${name} (${weight}) exceeds consensus maximum block weight (${MAX_BLOCK_WEIGHT})`);
    }
  }
  if (reservedWeight > maxWeight) {
    throw new ConfigError(`-blockreservedweight (${reservedWeight}) exceeds -blockmaxweight (${maxWeight})`);
  }
  const version = integerSetting(sources, "blockversion");
  const minFeerateSatPerKvb = feerateSetting(sources, "blockmintxfee") ?? BLOCK_MIN_FEERATE_DEFAULT;
  return {
    maxWeight,
    reservedWeight,
    minFeerateSatPerKvb,
    version: network === "regtest" ? version : undefined,
    makesCoreBlocks: !booleanSetting(sources, "uniqueblocks"),
  };
}

function secp256k1Of(sources: SettingSources): NodeConfig["secp256k1"] {
  const value = textSetting(sources, "secp256k1") ?? "auto";
  if (value !== "auto" && value !== "native" && value !== "portable") {
    throw new ConfigError(`Invalid value '${value}' for -secp256k1: auto, native or portable is expected.`);
  }
  return value;
}

function mockTimeOf(sources: SettingSources): number {
  const seconds = integerSetting(sources, "mocktime") ?? 0;
  if (seconds < 0) throw new ConfigError(`Invalid value '${seconds}' for -mocktime: it cannot be negative.`);
  return seconds;
}

function userAgentCommentsOf(sources: SettingSources): readonly string[] {
  const comments = listSetting(sources, "uacomment");
  for (const comment of comments) {
    if (!SAFE_COMMENT.test(comment)) {
      throw new ConfigError(`User Agent comment (${comment}) contains unsafe characters.`);
    }
  }
  const size = `/Bitfleet:0.0.0(${comments.join("; ")})/`.length;
  if (size > USER_AGENT_SIZE_MAX) {
    throw new ConfigError(
      `Total length of network version string (${size}) exceeds maximum length (${USER_AGENT_SIZE_MAX}). ` +
        "Reduce the number or size of uacomments.",
    );
  }
  return comments;
}
