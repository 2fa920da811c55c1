import { ADDED_CONNECTIONS_MAX } from "../p2p/connections/added-nodes.ts";
import { ConfigError, type SettingSources } from "./settings.ts";
import { listSetting } from "./values.ts";

/** Files that are kept for the databases and the log, as many as Core keeps. */
const OWN_FILES_COUNT = 151;

/** Sockets that listen, one at least. */
export function bindCount(sources: SettingSources): number {
  return Math.max(1, listSetting(sources, "bind").length + listSetting(sources, "whitebind").length);
}

/**
 * As many of the connections of `-maxconnections` as a process that may have `openFilesMax` files open has room for, behind what it
 * needs in any case. Throws `ConfigError` where it has not even room for that.
 */
export function connectionsThatFit(wanted: number, listenerCount: number, openFilesMax = Number.POSITIVE_INFINITY) {
  const required = OWN_FILES_COUNT + ADDED_CONNECTIONS_MAX + listenerCount;
  if (openFilesMax < required) {
    throw new ConfigError(`Not enough file descriptors available. ${openFilesMax} available, ${required} required.`);
  }
  return Math.min(wanted, openFilesMax - required);
}

/** Core's words for it. */
export function reducedText(wanted: number, possible: number): string {
  return `Reducing -maxconnections from ${wanted} to ${possible}, because of system limitations.`;
}
