import { resolve } from "node:path";
import { pathSetting } from "./config/files.ts";
import { ConfigError, type SettingSources, settingOf } from "./config/settings.ts";
import { booleanSetting, listSetting } from "./config/values.ts";
import type { LogCategory } from "./ports.ts";

/** Core's names of what `-debug` can say more about. */
export const LOG_CATEGORIES = [
  "addrman",
  "bench",
  "blockstorage",
  "cmpctblock",
  "coindb",
  "estimatefee",
  "http",
  "i2p",
  "ipc",
  "kernel",
  "leveldb",
  "mempool",
  "mempoolrej",
  "mining",
  "net",
  "privatebroadcast",
  "proxy",
  "prune",
  "qt",
  "rand",
  "reindex",
  "rpc",
  "scan",
  "selectcoins",
  "tor",
  "txpackages",
  "txreconciliation",
  "validation",
  "walletdb",
  "zmq",
] as const satisfies readonly LogCategory[];

/** Names that Core's builds know or knew, under which nothing is ever written. */
export const SILENT_CATEGORIES: readonly string[] = ["libevent", "lock"];

export const LOG_LEVELS = ["trace", "debug", "info"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What the log holds and where it goes. */
export interface LogOptions {
  /** Absent with `-nodebuglogfile`. */
  readonly file: string | undefined;
  readonly console: boolean;
  readonly timestamps: boolean;
  readonly timeMicros: boolean;
  readonly threadNames: boolean;
  readonly sourceLocations: boolean;
  readonly levelAlways: boolean;
  /** Categories of which debug messages are written. */
  readonly categories: ReadonlySet<string>;
  readonly level: LogLevel;
  readonly shrink: boolean;
}

export function logOptionsOf(sources: SettingSources, networkDir: string): LogOptions {
  const categories = enabledCategories(sources);
  const file = pathSetting(sources, "debuglogfile") ?? "debug.log";
  return {
    file: settingOf(sources, "debuglogfile") === false ? undefined : resolve(networkDir, file),
    console: booleanSetting(sources, "printtoconsole") ?? !(booleanSetting(sources, "daemon") ?? false),
    timestamps: booleanSetting(sources, "logtimestamps") ?? true,
    timeMicros: booleanSetting(sources, "logtimemicros") ?? false,
    threadNames: booleanSetting(sources, "logthreadnames") ?? false,
    sourceLocations: booleanSetting(sources, "logsourcelocations") ?? false,
    levelAlways: booleanSetting(sources, "loglevelalways") ?? false,
    categories,
    level: levelOf(sources),
    shrink: booleanSetting(sources, "shrinkdebugfile") ?? categories.size === 0,
  };
}

/** What `0` and `none` stand before counts for nothing; `-debugexclude` wins over `-debug`. */
function enabledCategories(sources: SettingSources): ReadonlySet<string> {
  const asked = listSetting(sources, "debug");
  const lastNone = asked.findLastIndex((name) => name === "0" || name === "none");
  const enabled = new Set(asked.slice(lastNone + 1).flatMap((name) => categoriesNamed(name, "debug")));
  for (const name of listSetting(sources, "debugexclude")) {
    for (const category of categoriesNamed(name, "debugexclude")) enabled.delete(category);
  }
  return enabled;
}

function categoriesNamed(name: string, option: string): readonly string[] {
  if (name === "" || name === "1" || name === "all") return LOG_CATEGORIES;
  if (SILENT_CATEGORIES.includes(name)) return [];
  if (LOG_CATEGORIES.some((category) => category === name)) return [name];
  throw new ConfigError(`Unsupported logging category -${option}=${name}.`);
}

/** The last global level wins. Levels of single categories are checked and otherwise as the global one. */
function levelOf(sources: SettingSources): LogLevel {
  let level: LogLevel = "debug";
  const isLevel = (text: string): text is LogLevel => LOG_LEVELS.some((one) => one === text);
  for (const text of listSetting(sources, "loglevel")) {
    if (isLevel(text)) {
      level = text;
      continue;
    }
    const [category, own, ...rest] = text.split(":") as [string, string?, ...string[]];
    if (own === undefined) {
      throw new ConfigError(`Unsupported global logging level -loglevel=${text}. Valid values: info, debug, trace.`);
    }
    const known = LOG_CATEGORIES.some((one) => one === category);
    if (!known || !isLevel(own) || rest.length > 0) {
      throw new ConfigError(
        `Unsupported category-specific logging level -loglevel=${text}. Expected -loglevel=<category>:<loglevel>. ` +
          `Valid categories: ${LOG_CATEGORIES.join(", ")}. Valid loglevels: info, debug, trace.`,
      );
    }
  }
  return level;
}
