import { PRUNE_TARGET_BYTES_MIN, type PruneMode } from "../chain/pruning.ts";
import { ConfigError, type SettingSources } from "./settings.ts";
import { booleanSetting, integerSetting } from "./values.ts";

const BYTES_PER_MIB = 1024 * 1024;
const PRUNE_MIB_MIN = PRUNE_TARGET_BYTES_MIN / BYTES_PER_MIB;
/** The value that stands for pruning on request. */
const MANUAL = 1;

/** What cannot be had without old blocks, in the order in which Core refuses it. */
const INCOMPATIBLE = [
  ["txindex", ""],
  ["txospenderindex", ""],
  // Of our own.
  ["addressindex", ""],
  ["reindex-chainstate", " Use full -reindex instead."],
] as const;

/** `-prune`: MiB that block files may take; 1 leaves it to `pruneblockchain`, 0 is off. Throws `ConfigError` in Core's words. */
export function pruneModeOf(sources: SettingSources): PruneMode | undefined {
  const mebibytes = integerSetting(sources, "prune") ?? 0;
  if (mebibytes === 0) return undefined;
  for (const [option, hint] of INCOMPATIBLE)
    if (booleanSetting(sources, option)) throw new ConfigError(`Prune mode is incompatible with -${option}.${hint}`);
  if (mebibytes < 0) throw new ConfigError("Prune cannot be configured with a negative value.");
  if (mebibytes === MANUAL) return { kind: "manual" };
  if (mebibytes < PRUNE_MIB_MIN)
    throw new ConfigError(`Prune configured below the minimum of ${PRUNE_MIB_MIN} MiB.  Please use a higher number.`);
  return { kind: "automatic", targetBytes: mebibytes * BYTES_PER_MIB };
}
