import { findOption, OPTION_DEFINITIONS, type OptionDefinition } from "./options.ts";

/**
 * Where settings come from and which of them wins, as Bitcoin Core has it: command line, then settings.json, then the
 * network's section of bitcoin.conf, then its head. Nothing here knows what an option means.
 */

/** `false` where negated, `true` where negated twice; numbers, null and lists come from settings.json only. */
export type SettingValue = string | number | boolean | null | readonly SettingValue[];

/** A section heading of a configuration file and where it stood. */
export interface SectionAppearance {
  readonly name: string;
  readonly file: string;
  readonly line: number;
}

export interface SettingSources {
  readonly commandLine: Map<string, SettingValue[]>;
  readonly settingsFile: Map<string, SettingValue>;
  /** By section (`""` for the head of the file), then by name. */
  readonly configFile: Map<string, Map<string, SettingValue[]>>;
  readonly sections: SectionAppearance[];
  /** Which options this program knows. */
  readonly findOption: (name: string) => OptionDefinition | undefined;
  /** The network whose section counts; `""` until it is chosen. */
  network: string;
  /** For the log: what was read as it stands and may have been meant otherwise. */
  readonly doubts: string[];
}

/** A configuration that cannot be used. `message` is for people, without the leading `Error: `. */
export class ConfigError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "ConfigError";
  }
}

export function newSettingSources(find: SettingSources["findOption"] = findOption): SettingSources {
  const files = { settingsFile: new Map(), configFile: new Map() };
  return { commandLine: new Map(), ...files, sections: [], network: "", doubts: [], findOption: find };
}

interface KeyInfo {
  readonly name: string;
  readonly section: string;
  readonly negated: boolean;
}

/** Reads `name`, `section.name`, `noname` and `section.noname`. */
function interpretKey(key: string): KeyInfo {
  const dot = key.indexOf(".");
  const section = dot === -1 ? "" : key.slice(0, dot);
  const rest = dot === -1 ? key : key.slice(dot + 1);
  return rest.startsWith("no")
    ? { name: rest.slice(2), section, negated: true }
    : { name: rest, section, negated: false };
}

/** The number that text begins with, zero where it begins with none: how Core reads numbers on its command line. */
export function leadingInteger(text: string): number {
  const match = /^[ \f\n\r\t\v]*([+-]?\d+)/.exec(text);
  return match === null ? 0 : Number(match[1]);
}

/** Empty text is yes, text that begins with a number other than zero is yes, all other is no. */
export function interpretBoolean(text: string): boolean {
  return text === "" || leadingInteger(text) !== 0;
}

function interpretValue(
  { doubts }: SettingSources,
  key: KeyInfo,
  value: string | undefined,
  option: OptionDefinition,
): SettingValue {
  if (key.negated) {
    if (option.noNegation) throw new ConfigError(`Negating of -${key.name} is meaningless and therefore forbidden`);
    // `-nofoo=0` means `-foo=1`.
    const isDouble = value !== undefined && !interpretBoolean(value);
    if (isDouble) doubts.push(`Parsed potentially confusing double-negative -${key.name}=${value}`);
    return isDouble;
  }
  if (value === undefined && option.noElision) {
    throw new ConfigError(`Can not set -${key.name} with no value. Please specify value with -${key.name}=value.`);
  }
  return value ?? "";
}

/**
 * Puts `-name=value`, `--name=value`, `-name` and `-noname` into `sources.commandLine`, up to the first argument that is
 * no option. Throws `ConfigError` on what is not known.
 */
export function parseCommandLine(sources: SettingSources, args: readonly string[]): void {
  for (const arg of args) {
    if (!arg.startsWith("-") || arg === "-") break;
    const [dashed, ...rest] = arg.split("=") as [string, ...string[]];
    const value = arg.includes("=") ? rest.join("=") : undefined;
    const key = interpretKey(dashed.replace(/^--?/, ""));
    const option = sources.findOption(key.name);
    if (option === undefined || key.section !== "") throw new ConfigError(`Invalid parameter ${arg}`);
    append(sources.commandLine, key.name, interpretValue(sources, key, value, option));
  }
  const includes = sources.commandLine.get("includeconf");
  const shown = includes && effective(includes)[0];
  if (shown !== undefined) {
    throw new ConfigError(`-includeconf cannot be used from commandline; -includeconf=${JSON.stringify(shown)}`);
  }
}

function append<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const values = map.get(key);
  if (values) values.push(value);
  else map.set(key, [value]);
}

/** Reads the lines of a configuration file into `sources`; `file` names it in messages. Returns warnings for the log. */
export function parseConfigText(sources: SettingSources, text: string, file: string): readonly string[] {
  const warnings: string[] = [];
  let prefix = "";
  // An editor's byte order mark would make the first name unknown, and so perhaps choose another network.
  text
    .replace(/^\uFEFF/, "")
    .split("\n")
    .forEach((raw, index) => {
      const line = index + 1;
      if (raw.includes("\0")) throw new ConfigError(`parse error on line ${line}: it holds a NUL byte`);
      const hash = raw.indexOf("#");
      const content = trim(hash === -1 ? raw : raw.slice(0, hash));
      if (content === "") return;
      if (content.startsWith("[") && content.endsWith("]")) {
        const name = content.slice(1, -1);
        sources.sections.push({ name, file, line });
        prefix = `${name}.`;
        return;
      }
      const equals = content.indexOf("=");
      if (content.startsWith("-") || equals === -1) throw new ConfigError(lineError(content, line));
      const name = prefix + trim(content.slice(0, equals));
      if (hash !== -1 && name.includes("rpcpassword")) {
        throw new ConfigError(
          `parse error on line ${line}, using # in rpcpassword can be ambiguous and should be avoided`,
        );
      }
      const dot = name.lastIndexOf(".");
      if (dot !== -1 && prefix.length <= dot) sources.sections.push({ name: name.slice(0, dot), file, line });
      const warning = addConfigValue(sources, name, trim(content.slice(equals + 1)));
      if (warning !== undefined) warnings.push(warning);
    });
  return warnings;
}

function trim(text: string): string {
  return text.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "");
}

function lineError(content: string, line: number): string {
  if (content.startsWith("-")) {
    return `parse error on line ${line}: ${content}, options in configuration file must be specified without leading -`;
  }
  const hint = content.startsWith("no")
    ? `, if you intended to specify a negated option, use ${content}=1 instead`
    : "";
  return `parse error on line ${line}: ${content}${hint}`;
}

/** Unknown names are only warned of, since a file may be shared with another version. */
function addConfigValue(sources: SettingSources, name: string, value: string): string | undefined {
  const key = interpretKey(name);
  if (key.name === "conf") {
    throw new ConfigError(
      "conf cannot be set in the configuration file; use includeconf= if you want to include additional config files",
    );
  }
  const option = sources.findOption(key.name);
  if (option === undefined) return `Ignoring unknown configuration value ${name}`;
  let section = sources.configFile.get(key.section);
  if (section === undefined) {
    section = new Map();
    sources.configFile.set(key.section, section);
  }
  append(section, key.name, interpretValue(sources, key, value, option));
  if (key.name === "reindex")
    return (
      "reindex=1 is set in the configuration file, which will significantly slow down startup. Consider removing or " +
      "commenting out this option for better performance, unless there is currently a condition which makes rebuilding " +
      "the indexes necessary"
    );
  return undefined;
}

/** Values behind the last negation. */
function effective(values: readonly SettingValue[]): readonly SettingValue[] {
  return values.slice(values.lastIndexOf(false) + 1);
}

type Origin = "command-line" | "settings-file" | "section" | "head";

/** What each source says of `name`, the strongest source first. */
function* valuesBySource(
  sources: SettingSources,
  section: string,
  name: string,
): Iterable<[Origin, readonly SettingValue[]]> {
  const commandLine = sources.commandLine.get(name);
  if (commandLine) yield ["command-line", commandLine];
  const setting = sources.settingsFile.get(name);
  if (setting !== undefined) yield ["settings-file", [setting]];
  const inSection = section === "" ? undefined : sources.configFile.get(section)?.get(name);
  if (inSection) yield ["section", inSection];
  const inHead = sources.configFile.get("")?.get(name);
  if (inHead) yield ["head", inHead];
}

/** The head of the file counts for main, and elsewhere for options that are not bound to a network. */
function headCounts(sources: SettingSources, name: string): boolean {
  return sources.network === "main" || sources.network === "" || !(sources.findOption(name)?.sectionOnly ?? false);
}

/** The value that wins, or `undefined` where nobody set one. In a file the first line of a name wins, elsewhere the last. */
export function settingOf(sources: SettingSources, name: string): SettingValue | undefined {
  for (const [origin, values] of valuesBySource(sources, sources.network, name)) {
    const negated = values.at(-1) === false;
    // A negation in the head counts even for options bound to a network, as in Core.
    if (origin === "head" && !negated && !headCounts(sources, name)) continue;
    if (negated) return false;
    const shown = effective(values).flat() as SettingValue[];
    if (shown.length > 0) return origin === "section" || origin === "head" ? shown[0] : shown.at(-1);
  }
  return undefined;
}

/** Whether a network was asked for by `-regtest` and the like. Here the last line of a file wins and `-noregtest` is as if absent. */
export function networkSetting(sources: SettingSources, name: string): boolean {
  for (const [, values] of valuesBySource(sources, "", name)) {
    const last = values.at(-1);
    if (last === undefined || last === false) continue;
    return typeof last === "string" ? interpretBoolean(last) : Boolean(last);
  }
  return false;
}

/** All values of an option that may be given several times. A negation drops what weaker sources say. */
export function settingsOf(sources: SettingSources, name: string): readonly SettingValue[] {
  const all: SettingValue[] = [];
  let done = false;
  let negatedToNothing = false;
  for (const [origin, values] of valuesBySource(sources, sources.network, name)) {
    const inFile = origin === "section" || origin === "head";
    if (origin === "head" && !headCounts(sources, name)) continue;
    // A negation followed by a value on the command line brings the file's values back, as in Core.
    if (!done || (inFile && !negatedToNothing)) all.push(...(effective(values).flat() as SettingValue[]));
    done ||= values.includes(false);
    negatedToNothing ||= values.at(-1) === false && all.length === 0;
  }
  return all;
}

/** Options bound to a network that only the head of the file sets, though the network is not main. */
export function misplacedOptions(sources: SettingSources): readonly string[] {
  if (sources.network === "" || sources.network === "main") return [];
  const misplaced = [...OPTION_DEFINITIONS.values()].filter((option) => {
    if (!option.sectionOnly) return false;
    const origins = [...valuesBySource(sources, sources.network, option.name)]
      .filter(([, values]) => effective(values).length > 0)
      .map(([origin]) => origin);
    return origins.length === 1 && origins[0] === "head";
  });
  return misplaced.map((option) => option.name).sort();
}

/** Whether anybody set it, be it by a negation or an empty list: where not, what is by default may be done. */
export function isSet(sources: SettingSources, name: string): boolean {
  return settingOf(sources, name) !== undefined || sources.settingsFile.has(name);
}

/** A setting as text: `1` and `0` for the two booleans. */
export function settingText(value: SettingValue | undefined): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "boolean") return value ? "1" : "0";
  return String(value);
}
