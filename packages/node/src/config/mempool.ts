import { join } from "node:path";
import { isMoney } from "@bitfleet/protocol/consensus/amount.ts";
import { feerateText } from "@bitfleet/protocol/policy/feerate.ts";
import { STANDARDNESS_DEFAULT } from "@bitfleet/protocol/policy/standardness.ts";
import type { Sats } from "@bitfleet/protocol/primitives/types.ts";
import { type MempoolFileVersion, VERSION_OBFUSCATED, VERSION_PLAIN } from "../mempool/mempool-file.ts";
import type { MempoolKeeperOptions } from "../mempool/mempool-keeper.ts";
import { MEMPOOL_DEFAULTS, type MempoolOptions } from "../mempool/mempool-options.ts";
import { ConfigError, type SettingSources } from "./settings.ts";
import { booleanSetting, integerSetting, saturatedSetting, textSetting } from "./values.ts";

const MEGABYTE = 1_000_000;
/** A node that takes no transactions of peers needs little room for them. */
const BLOCKS_ONLY_USAGE_BYTES_MAX = 5 * MEGABYTE;
/** Beyond the range of any amount of bytes or seconds that could matter, and safe to multiply with. */
const LIMIT_MAX = 1_000_000_000;

/** What the mempool takes. What one option changes in another goes to `notes`, for the log. Throws `ConfigError` in Core's words. */
export function mempoolOptionsOf(sources: SettingSources, notes: string[]): MempoolOptions {
  const increment = feerateSetting(sources, "incrementalrelayfee");
  const dataCarrier = booleanSetting(sources, "datacarrier") ?? true;
  return {
    standardness: {
      dustFeerateSatPerKvb: feerateSetting(sources, "dustrelayfee") ?? STANDARDNESS_DEFAULT.dustFeerateSatPerKvb,
      dataCarrierSizeMax: dataCarrier
        ? (limitSetting(sources, "datacarriersize") ?? STANDARDNESS_DEFAULT.dataCarrierSizeMax)
        : undefined,
      permitBareMultisig: booleanSetting(sources, "permitbaremultisig") ?? STANDARDNESS_DEFAULT.permitBareMultisig,
    },
    requiresStandard: !(booleanSetting(sources, "acceptnonstdtxn") ?? false),
    bytesPerSigop: limitSetting(sources, "bytespersigop") ?? MEMPOOL_DEFAULTS.bytesPerSigop,
    minRelayFeerateSatPerKvb: minRelayFeerateOf(sources, increment, notes),
    incrementalFeerateSatPerKvb: increment ?? MEMPOOL_DEFAULTS.incrementalFeerateSatPerKvb,
    usageBytesMax: usageBytesMaxOf(sources),
    expirySeconds: scaled(sources, "mempoolexpiry", 60 * 60) ?? MEMPOOL_DEFAULTS.expirySeconds,
    clusterCountMax: integerSetting(sources, "limitclustercount") ?? MEMPOOL_DEFAULTS.clusterCountMax,
    clusterVirtualSizeMax: scaled(sources, "limitclustersize", 1000) ?? MEMPOOL_DEFAULTS.clusterVirtualSizeMax,
  };
}

/** How the mempool is kept over a restart, in the network's directory. */
export function mempoolKeeperOptionsOf(sources: SettingSources, networkDir: string): MempoolKeeperOptions {
  const isPlain = booleanSetting(sources, "persistmempoolv1") ?? false;
  const fileVersion: MempoolFileVersion = isPlain ? VERSION_PLAIN : VERSION_OBFUSCATED;
  return {
    path: join(networkDir, "mempool.dat"),
    isPersistent: booleanSetting(sources, "persistmempool") ?? true,
    fileVersion,
  };
}

/** Up to ten digits and up to eight decimals; either may be missing, as in `.5` and `7.`. */
const AMOUNT = /^(?=.)(\d{0,10})(?:\.(\d{0,8}))?$/;
const DECIMALS = 8;

/** An amount in coins a thousand vbytes, as satoshis a thousand vbytes. */
export function feerateSetting(sources: SettingSources, name: string): Sats | undefined {
  const text = textSetting(sources, name);
  if (text === undefined) return undefined;
  const match = AMOUNT.exec(text.trim());
  const [, whole = "", decimals = ""] = match ?? [];
  const sats = BigInt(whole + decimals.padEnd(DECIMALS, "0"));
  if (match === null || !isMoney(sats)) throw new ConfigError(`Invalid amount for -${name}=<amount>: '${text}'`);
  return sats;
}

/** The increment alone may be given: a minimum below it would make no sense. */
function minRelayFeerateOf(sources: SettingSources, increment: Sats | undefined, notes: string[]): Sats {
  const given = feerateSetting(sources, "minrelaytxfee");
  if (given !== undefined) return given;
  const least = MEMPOOL_DEFAULTS.minRelayFeerateSatPerKvb;
  if (increment === undefined || increment <= least) return least;
  notes.push(`Increasing minrelaytxfee to ${feerateText(increment)} to match incrementalrelayfee`);
  return increment;
}

function usageBytesMaxOf(sources: SettingSources): number {
  const blocksOnly = booleanSetting(sources, "blocksonly") ?? false;
  const usual = blocksOnly ? BLOCKS_ONLY_USAGE_BYTES_MAX : MEMPOOL_DEFAULTS.usageBytesMax;
  return scaled(sources, "maxmempool", MEGABYTE) ?? usual;
}

function limitSetting(sources: SettingSources, name: string): number | undefined {
  const value = saturatedSetting(sources, name);
  return value === undefined ? undefined : Math.max(0, Math.min(value, LIMIT_MAX));
}

function scaled(sources: SettingSources, name: string, unit: number): number | undefined {
  const value = limitSetting(sources, name);
  return value === undefined ? undefined : value * unit;
}
