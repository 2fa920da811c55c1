import { accessSync, constants, statSync } from "node:fs";
import { isAbsolute, join, normalize, resolve } from "node:path";
import type { NetworkName } from "@bitfleet/protocol/consensus/params.ts";
import { makeDirectory } from "../storage/make-directory.ts";
import {
  ConfigError,
  interpretBoolean,
  networkSetting,
  newSettingSources,
  parseCommandLine,
  parseConfigText,
  type SettingSources,
  settingOf,
  settingText,
} from "./settings.ts";
import { openSettingsFile, type SettingsFile } from "./settings-file.ts";
import { tryReadText } from "./try-read-text.ts";

const CONFIG_FILE_NAME = "bitcoin.conf";
const SETTINGS_FILE_NAME = "settings.json";

/** Folder of each network below the data directory. */
export const NETWORK_FOLDERS: Readonly<Record<NetworkName, string>> = {
  main: "",
  test: "testnet3",
  testnet4: "testnet4",
  signet: "signet",
  regtest: "regtest",
};

/** What configuration needs to know of the machine. */
export interface ConfigEnvironment {
  /** Used where `-datadir` is absent. Unlike Core's, so that no Core installation is ever opened by accident. */
  readonly defaultDataDir: string;
  readonly workingDir: string;
  /** How many files and sockets the process may have open; absent where the system does not say. */
  readonly openFilesMax?: number;
}

/** All settings, with the directories they lead to. Nothing is interpreted yet. */
export interface LoadedSettings {
  readonly sources: SettingSources;
  readonly network: NetworkName;
  readonly baseDir: string;
  readonly networkDir: string;
  /** Empty where `-noconf` says that none is read. */
  readonly configPath: string;
  /** For the log: which configuration file was read. */
  readonly configFileNote: string;
  /** For the log and stderr. */
  readonly warnings: readonly string[];
  /** For stderr alone, as they are. */
  readonly notices: readonly string[];
  /** For the log alone. */
  readonly logWarnings: readonly string[];
}

/** Reads the command line alone, for what comes before any directory is touched. Throws `ConfigError`. */
export function loadCommandLine(args: readonly string[], findOption?: SettingSources["findOption"]): SettingSources {
  const sources = newSettingSources(findOption);
  try {
    parseCommandLine(sources, args);
  } catch (error) {
    throw error instanceof ConfigError
      ? new ConfigError(`Error parsing command line arguments: ${error.message}`)
      : error;
  }
  return sources;
}

/**
 * Reads configuration files into `sources` and chooses the network, in Core's order and with Core's messages. Changes
 * nothing on disk. Throws `ConfigError`.
 */
export function readSettings(sources: SettingSources, environment: ConfigEnvironment): LoadedSettings {
  const notices: string[] = [];
  const logWarnings: string[] = [];
  const original = dataDirOf(sources, environment);
  if (original.given !== undefined && !isDirectory(original.path)) {
    throw new ConfigError(`Specified data directory "${original.given}" does not exist.`);
  }
  const configPath = configPathOf(sources, original.path);
  const configFileNote = readConfigFiles(sources, environment, configPath, notices, logWarnings);
  const network = knownNetwork(chooseNetwork(sources));
  sources.network = network;
  const baseDir = dataDirOf(sources, environment).path;
  const networkDir = join(baseDir, NETWORK_FOLDERS[network]);
  return { sources, network, baseDir, networkDir, configPath, configFileNote, warnings: [], notices, logWarnings };
}

/** As {@link readSettings}; then makes the directories, and reads and writes settings.json. Throws `ConfigError`. */
export function loadSettings(
  sources: SettingSources,
  environment: ConfigEnvironment,
): LoadedSettings & { readonly settingsFile: SettingsFile | undefined } {
  const originalDir = dataDirOf(sources, environment).path;
  const loaded = readSettings(sources, environment);
  makeDirectories(loaded.baseDir, loaded.networkDir);
  const ignored = ignoredConfigWarnings(sources, loaded.baseDir, originalDir, loaded.configPath);
  const unread = unreadConfigNotes(loaded);
  const settingsFile = exchangeSettingsFile(sources, loaded.networkDir);
  const unknown = [...sources.settingsFile.keys()]
    .filter((name) => !sources.findOption(name) && !sources.findOption(name.replace(/^no/, "")))
    .map((name) => `Ignoring unknown rw_settings value ${name}`);
  return { ...loaded, settingsFile, warnings: ignored, logWarnings: [...loaded.logWarnings, ...unread, ...unknown] };
}

/** A path setting: normalised, without a slash at its end; `undefined` where absent or negated. */
export function pathSetting(sources: SettingSources, name: string): string | undefined {
  const value = settingOf(sources, name);
  if (value === false) return undefined;
  const text = settingText(value);
  if (text === undefined || text === "") return undefined;
  const path = normalize(text);
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
}

function dataDirOf(
  sources: SettingSources,
  environment: ConfigEnvironment,
): { path: string; given: string | undefined } {
  const given = pathSetting(sources, "datadir");
  if (given === undefined) return { path: environment.defaultDataDir, given: undefined };
  return { path: resolve(environment.workingDir, given), given: settingText(settingOf(sources, "datadir")) };
}

export function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Empty where `-noconf` says that none is read. */
function configPathOf(sources: SettingSources, dataDir: string): string {
  if (settingOf(sources, "conf") === false) return "";
  const path = pathSetting(sources, "conf") ?? CONFIG_FILE_NAME;
  return isAbsolute(path) ? path : join(dataDir, path);
}

function readConfigFiles(
  sources: SettingSources,
  environment: ConfigEnvironment,
  configPath: string,
  notices: string[],
  logWarnings: string[],
): string {
  if (configPath === "") return "Config file: <disabled>";
  try {
    const found = readMainConfig(sources, configPath, notices, logWarnings, environment);
    const dataDir = dataDirOf(sources, environment);
    if (dataDir.given !== undefined && !isDirectory(dataDir.path)) {
      throw new ConfigError(`specified data directory "${dataDir.given}" does not exist.`);
    }
    return found ? `Config file: ${configPath}` : `Config file: ${configPath} (not found, skipping)`;
  } catch (error) {
    if (!(error instanceof ConfigError) || error instanceof NetworkChoiceError) throw error;
    throw new ConfigError(`Error reading configuration file: ${error.message}`);
  }
}

function readMainConfig(
  sources: SettingSources,
  configPath: string,
  notices: string[],
  logWarnings: string[],
  environment: ConfigEnvironment,
): boolean {
  if (isDirectory(configPath)) throw new ConfigError(`Config file "${configPath}" is a directory.`);
  const text = tryReadText(configPath);
  if (typeof text !== "string") {
    const exists = text.code !== "ENOENT";
    if (settingOf(sources, "conf") === undefined && !exists) return false;
    // Core passes over a default bitcoin.conf that it may not read, and so starts without what was configured. We say so.
    throw new ConfigError(`specified config file "${configPath}" could not be opened.`);
  }
  logWarnings.push(...parseConfigText(sources, text, configPath));
  if (sources.commandLine.has("includeconf")) return true;

  const network = chooseNetwork(sources);
  const before = new Map([network, ""].map((section) => [section, includesOf(sources, section).length]));
  const included = [...includesOf(sources, network), ...includesOf(sources, "")];
  for (const name of included) {
    logWarnings.push(...readIncluded(sources, name, dataDirOf(sources, environment).path));
  }
  const final = chooseNetwork(sources);
  const nested = [network, "", ...(final === network ? [] : [final])];
  for (const section of nested) {
    for (const name of includesOf(sources, section).slice(before.get(section) ?? 0)) {
      notices.push(`warning: -includeconf cannot be used from included files; ignoring -includeconf=${name}`);
    }
  }
  return true;
}

function readIncluded(sources: SettingSources, name: string, dataDir: string): readonly string[] {
  const path = isAbsolute(name) ? name : join(dataDir, name);
  if (isDirectory(path)) throw new ConfigError(`Included config file "${path}" is a directory.`);
  const text = tryReadText(path);
  if (typeof text !== "string") throw new ConfigError(`Failed to include configuration file ${name}`);
  return parseConfigText(sources, text, name);
}

function includesOf(sources: SettingSources, section: string): readonly string[] {
  const values = sources.configFile.get(section)?.get("includeconf") ?? [];
  return values.slice(values.lastIndexOf(false) + 1).map(String);
}

/** Raised as it is, not as an error of the configuration file: it may come from the command line alone. */
class NetworkChoiceError extends ConfigError {}

/** The name of the network that the settings ask for; not checked, since `-chain` may say anything. */
export function chooseNetwork(sources: SettingSources): string {
  const flags = (["regtest", "signet", "testnet", "testnet4"] as const).filter((name) => networkSetting(sources, name));
  const chain = settingText(settingOf(sources, "chain"));
  if (flags.length + (chain === undefined ? 0 : 1) > 1) {
    throw new NetworkChoiceError(
      "Invalid combination of -regtest, -signet, -testnet, -testnet4 and -chain. Can use at most one.",
    );
  }
  const flag = flags[0];
  return chain ?? (flag === "testnet" ? "test" : (flag ?? "main"));
}

function knownNetwork(name: string): NetworkName {
  if (!Object.hasOwn(NETWORK_FOLDERS, name)) throw new ConfigError(`Unknown chain ${name}.`);
  return name as NetworkName;
}

/** A new directory gets an empty `wallets` folder at once, so that wallets never lie among other files. */
function makeDirectories(baseDir: string, networkDir: string): void {
  try {
    for (const path of [baseDir, networkDir]) if (!isDirectory(path)) makeDirectory(join(path, "wallets"));
    accessSync(networkDir, constants.W_OK);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "EACCES" || code === "EROFS") {
      throw new ConfigError(`Cannot write to directory '${networkDir}'; check permissions.`);
    }
    throw new ConfigError(`Cannot create directory '${networkDir}': ${code ?? error}.`);
  }
}

/** A bitcoin.conf that lies in the data directory and is not read is an error, since its owner believes it is read. */
function ignoredConfigWarnings(
  sources: SettingSources,
  baseDir: string,
  originalDir: string,
  configPath: string,
): readonly string[] {
  const local = join(baseDir, CONFIG_FILE_NAME);
  const localStat = statSync(local, { throwIfNoEntry: false });
  if (localStat === undefined || configPath === "") return [];
  const readStat = statSync(configPath, { throwIfNoEntry: false });
  if (readStat?.ino === localStat.ino && readStat.dev === localStat.dev) return [];
  const conf = settingText(settingOf(sources, "conf")) ?? "";
  const source = conf === "" ? `data directory "${originalDir}"` : `command line argument "-conf=${conf}"`;
  const message =
    `Data directory "${baseDir}" contains a "${CONFIG_FILE_NAME}" file which is ignored, because a different ` +
    `configuration file "${configPath}" from ${source} is being used instead. Possible ways to address this would be to:\n` +
    `- Delete or rename the "${CONFIG_FILE_NAME}" file in data directory "${baseDir}".\n` +
    "- Change datadir= or conf= options to specify one configuration file, not two, and use includeconf= to include any " +
    "other configuration files.";
  const allowed = settingText(settingOf(sources, "allowignoredconf"));
  if (allowed === undefined || !interpretBoolean(allowed)) {
    throw new ConfigError(
      `${message}\n- Set allowignoredconf=1 option to treat this condition as a warning, not an error.`,
    );
  }
  return [message];
}

function unreadConfigNotes({ configPath, baseDir }: LoadedSettings): readonly string[] {
  if (configPath !== "" || statSync(join(baseDir, CONFIG_FILE_NAME), { throwIfNoEntry: false }) === undefined)
    return [];
  return [
    `Data directory "${baseDir}" contains a "${CONFIG_FILE_NAME}" file which is explicitly ignored using -noconf.`,
  ];
}

/** `undefined` with `-nosettings`. */
function exchangeSettingsFile(sources: SettingSources, networkDir: string): SettingsFile | undefined {
  if (settingOf(sources, "settings") === false) return undefined;
  const file = openSettingsFile(resolve(networkDir, pathSetting(sources, "settings") ?? SETTINGS_FILE_NAME));
  for (const [name, value] of file.values) sources.settingsFile.set(name, value);
  return file;
}
