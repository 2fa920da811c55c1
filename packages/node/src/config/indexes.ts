import { ConfigError, type SettingSources } from "./settings.ts";
import { booleanSetting, integerSetting, listSetting, textSetting } from "./values.ts";
import { servesPage } from "./web.ts";

/** What the node keeps beside the chain, to find things in it. */
export interface IndexConfig {
  /** `-txindex`: where every transaction of the chain stands. */
  readonly transactions: boolean;
  /** `-txospenderindex`: which transaction spends an output. */
  readonly spenders: boolean;
  /** `-addressindex`: what every script has. */
  readonly addresses: boolean;
  /** `-blockfilterindex`: BIP158's basic filters, the only type there is. */
  readonly blockFilters: boolean;
}

/** What a node is told whose page and API are to find every transaction of the chain, and what spends it. */
export const WEB_INDEX_ARGUMENTS: readonly string[] = ["-txindex", "-txospenderindex"];

/**
 * Reads which indexes are wanted; `network` is the chain's name. Throws `ConfigError` in Core's words, also where another option
 * needs one that is not.
 */
export function indexConfigOf(sources: SettingSources, network: string): IndexConfig {
  const blockFilters = wantsBlockFilters(sources);
  if (booleanSetting(sources, "peerblockfilters") && !blockFilters) {
    throw new ConfigError("Cannot set -peerblockfilters without -blockfilterindex.");
  }
  return {
    transactions: booleanSetting(sources, "txindex") ?? false,
    spenders: booleanSetting(sources, "txospenderindex") ?? false,
    addresses: booleanSetting(sources, "addressindex") ?? wantsAddressesUnasked(sources, network),
    blockFilters,
  };
}

/**
 * Whoever serves a page is asked for addresses. On main the index would take hundreds of gigabytes, so that there it must be
 * asked for; and with pruning it cannot be had.
 */
function wantsAddressesUnasked(sources: SettingSources, network: string): boolean {
  return servesPage(sources) && network !== "main" && (integerSetting(sources, "prune") ?? 0) === 0;
}

function wantsBlockFilters(sources: SettingSources): boolean {
  const value = textSetting(sources, "blockfilterindex") ?? "0";
  if (value === "" || value === "0" || value === "1") return value !== "0";
  const unknown = listSetting(sources, "blockfilterindex").find((name) => name !== "basic");
  if (unknown !== undefined) throw new ConfigError(`Unknown -blockfilterindex value ${unknown}.`);
  return true;
}
