import { realpathSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import { COIN } from "@bitfleet/protocol/consensus/amount.ts";
import { feerateText } from "@bitfleet/protocol/policy/feerate.ts";
import type { Sats } from "@bitfleet/protocol/primitives/types.ts";
import { walletPathOf } from "../wallets/wallet-directory.ts";
import { isDirectory, pathSetting } from "./files.ts";
import { feerateSetting } from "./mempool.ts";
import { minesToWallet } from "./mining.ts";
import { ConfigError, isSet, type SettingSources, settingsOf } from "./settings.ts";
import { tryReadText } from "./try-read-text.ts";
import { booleanSetting, integerSetting, listSetting, saturatedSetting, textSetting } from "./values.ts";

/** Of the wallet of a miner. */
const OWN_NAME_DEFAULT = "miner";
const KEYPOOL_SIZE_DEFAULT = 1000;
const KEYPOOL_SIZE_MAX = 1_000_000;
const CONFIRM_TARGET_DEFAULT = 6;
/** Unconfirmed ancestors and descendants, the transaction itself counted: what mempools once kept to. */
const FAMILY_COUNT_MAX_DEFAULT = 25;
/** The longest that fees are estimated for. */
const CONFIRM_TARGET_MAX = 1008;

const MIN_FEERATE_DEFAULT: Sats = 1000n;
const DISCARD_FEERATE_DEFAULT: Sats = 10_000n;
const CONSOLIDATE_FEERATE_DEFAULT: Sats = 10_000n;
const MAX_FEE_DEFAULT: Sats = COIN / 10n;

/** Above these, what an option asks for is hardly meant: wallets say so when they are loaded. */
const HIGH_FEERATE_SAT_PER_KVB: Sats = COIN / 100n;
const HIGH_MAX_FEE_SATS: Sats = COIN;
const HIGH_PARTIAL_SPEND_FEE_SATS: Sats = COIN / 10_000n;

/** Names of the kinds of addresses that wallets make. */
const ADDRESS_TYPES = ["legacy", "p2sh-segwit", "bech32", "bech32m"] as const;
export type WalletAddressType = (typeof ADDRESS_TYPES)[number];

const FILE_PROTECTIONS = ["keyfile", "passphrase"] as const;
/** What opens a wallet's file: a key beside it, or nothing but the passphrase. */
export type WalletFileProtection = (typeof FILE_PROTECTIONS)[number];

/** Where wallets are, which are loaded at start, and how they behave. */
export interface WalletConfig {
  /** `-walletdir`: an absolute path. */
  readonly directory: string;
  /** `-wallet` and `settings.json`, each once; `undefined` where nobody says: then the unnamed wallet is loaded if there is one. */
  readonly names: readonly string[] | undefined;
  /** `-walletfile`: name of the node's own wallet, made where it is missing. One that mines without an address has one in any case. */
  readonly ownName: string | undefined;
  readonly fileProtection: WalletFileProtection;
  /** `-walletpassphrasefile`: could be read at start. */
  readonly passphraseFile: string | undefined;
  /** `-walletmnemonicfile`: what the node's own wallet is made from where it is missing. Read only then. */
  readonly mnemonicFile: string | undefined;
  readonly addressType: WalletAddressType;
  /** `undefined` where it follows from the transaction. */
  readonly changeType: WalletAddressType | undefined;
  /** At least 1. */
  readonly keypoolSize: number;
  readonly confirmTarget: number;
  readonly fees: WalletFeeConfig;
  readonly avoidsPartialSpends: boolean;
  readonly spendsUnconfirmedChange: boolean;
  readonly signalsReplaceability: boolean;
  readonly rejectsLongChains: boolean;
  /** `-limitancestorcount` and `-limitdescendantcount`: of the coins that payments are made of. */
  readonly ancestorCountMax: number;
  readonly descendantCountMax: number;
  readonly broadcasts: boolean;
  readonly allowsOtherChains: boolean;
  /** Not with `-unsafesqlitesync`. */
  readonly waitsForDisk: boolean;
  /** `-walletnotify` */
  readonly notifyCommand: string | undefined;
  /** What each wallet that is loaded or made warns of, in Core's words: in the answer, and on stderr at the start. */
  readonly loadWarnings: readonly string[];
}

/** Feerates are satoshis a thousand vbytes, fees are satoshis. */
export interface WalletFeeConfig {
  readonly minFeerateSatPerKvb: Sats;
  /** 0 for none: then nothing is paid where nothing can be estimated. */
  readonly fallbackFeerateSatPerKvb: Sats;
  readonly discardFeerateSatPerKvb: Sats;
  readonly consolidateFeerateSatPerKvb: Sats;
  readonly maxFeeSats: Sats;
  /** `-maxapsfee`; -1 where spending by address is never tried. */
  readonly partialSpendFeeMaxSats: Sats;
}

interface Remarks {
  /** For stderr and the log. */
  readonly warnings: string[];
  /** For the log. */
  readonly notes: string[];
}

/**
 * `undefined` with `-disablewallet`. Throws `ConfigError` in Core's words; other than Core, which looks at most of this when the first
 * wallet is loaded, at the start.
 */
export function walletConfigOf(
  sources: SettingSources,
  networkDir: string,
  minRelayFeerateSatPerKvb: Sats,
  remarks: Remarks,
): WalletConfig | undefined {
  if (booleanSetting(sources, "disablewallet")) {
    for (const name of listSetting(sources, "wallet")) {
      remarks.notes.push(`Parameter interaction: -disablewallet -> ignoring -wallet=${name}`);
    }
    return undefined;
  }
  const directory = directoryOf(sources, networkDir);
  const ownName = ownNameOf(sources, directory);
  const loadWarnings: string[] = [];
  const addressType = addressTypeOf(sources, "addresstype", "address") ?? "bech32";
  const changeType = addressTypeOf(sources, "changetype", "change");
  const fees = feesOf(sources, minRelayFeerateSatPerKvb, loadWarnings);
  return {
    directory,
    names: namesOf(sources, directory, remarks.warnings),
    ownName,
    fileProtection: fileProtectionOf(sources),
    passphraseFile: passphraseFileOf(sources, networkDir),
    mnemonicFile: mnemonicFileOf(sources, networkDir, ownName),
    addressType,
    changeType,
    keypoolSize: Math.min(Math.max(saturatedSetting(sources, "keypool") ?? KEYPOOL_SIZE_DEFAULT, 1), KEYPOOL_SIZE_MAX),
    confirmTarget: confirmTargetOf(sources),
    fees,
    avoidsPartialSpends: booleanSetting(sources, "avoidpartialspends") ?? false,
    spendsUnconfirmedChange: booleanSetting(sources, "spendzeroconfchange") ?? true,
    signalsReplaceability: signalsReplaceabilityOf(sources, loadWarnings),
    rejectsLongChains: booleanSetting(sources, "walletrejectlongchains") ?? true,
    ancestorCountMax: familyCountMaxOf(sources, "limitancestorcount"),
    descendantCountMax: familyCountMaxOf(sources, "limitdescendantcount"),
    broadcasts: broadcastsOf(sources, remarks.notes),
    allowsOtherChains: booleanSetting(sources, "walletcrosschain") ?? false,
    waitsForDisk: !(booleanSetting(sources, "unsafesqlitesync") ?? false),
    notifyCommand: textSetting(sources, "walletnotify") || undefined,
    loadWarnings,
  };
}

function directoryOf(sources: SettingSources, networkDir: string): string {
  const given = pathSetting(sources, "walletdir");
  if (given === undefined) {
    const usual = join(networkDir, "wallets");
    return isDirectory(usual) ? usual : networkDir;
  }
  const path = realPath(given);
  if (path === undefined) throw new ConfigError(`Specified -walletdir "${given}" does not exist`);
  if (!isDirectory(path)) throw new ConfigError(`Specified -walletdir "${given}" is not a directory`);
  if (!isAbsolute(given)) throw new ConfigError(`Specified -walletdir "${given}" is a relative path`);
  return path;
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

function namesOf(sources: SettingSources, directory: string, warnings: string[]): readonly string[] | undefined {
  if (!isSet(sources, "wallet")) return undefined;
  const byPath = new Map<string, string>();
  for (const value of settingsOf(sources, "wallet")) {
    if (typeof value !== "string") {
      throw new ConfigError(
        "Invalid value detected for '-wallet' or '-nowallet'. '-wallet' requires a string value, while '-nowallet' accepts only '1' to disable all wallets",
      );
    }
    const path = resolve(directory, value);
    if (byPath.has(path)) warnings.push(`Ignoring duplicate -wallet ${value}.`);
    else byPath.set(path, value);
  }
  return [...byPath.values()];
}

function ownNameOf(sources: SettingSources, directory: string): string | undefined {
  const name = textSetting(sources, "walletfile") || (minesToWallet(sources) ? OWN_NAME_DEFAULT : undefined);
  if (name === undefined) return undefined;
  const place = walletPathOf(directory, name);
  if ("error" in place) throw new ConfigError(`Invalid value '${name}' for -walletfile (WALLET_FILE): ${place.error}`);
  return name;
}

function fileProtectionOf(sources: SettingSources): WalletFileProtection {
  const text = textSetting(sources, "walletfileprotection") || "keyfile";
  const kind = FILE_PROTECTIONS.find((one) => one === text);
  if (kind !== undefined) return kind;
  throw new ConfigError(`Invalid value '${text}' for -walletfileprotection: keyfile or passphrase is expected.`);
}

function passphraseFileOf(sources: SettingSources, networkDir: string): string | undefined {
  const given = pathSetting(sources, "walletpassphrasefile");
  if (given === undefined) return undefined;
  const path = resolve(networkDir, given);
  const text = tryReadText(path);
  if (typeof text !== "string") {
    throw new ConfigError(`The file ${path} of -walletpassphrasefile cannot be read (${text.code}).`);
  }
  if (text.trim() === "") throw new ConfigError(`The file ${path} of -walletpassphrasefile holds no passphrase.`);
  return path;
}

function mnemonicFileOf(sources: SettingSources, networkDir: string, ownName: string | undefined): string | undefined {
  const given = pathSetting(sources, "walletmnemonicfile");
  if (given === undefined) return undefined;
  if (ownName !== undefined) return resolve(networkDir, given);
  throw new ConfigError(
    "-walletmnemonicfile (WALLET_MNEMONIC_FILE) needs -walletfile (WALLET_FILE): which wallet is made from the recovery phrase?",
  );
}

function addressTypeOf(sources: SettingSources, option: string, what: string): WalletAddressType | undefined {
  const text = textSetting(sources, option);
  if (text === undefined || text === "") return undefined;
  const type = ADDRESS_TYPES.find((one) => one === text);
  if (type === undefined) throw new ConfigError(`Unknown ${what} type '${text}'`);
  return type;
}

function confirmTargetOf(sources: SettingSources): number {
  const target = integerSetting(sources, "txconfirmtarget") ?? CONFIRM_TARGET_DEFAULT;
  if (target >= 1 && target <= CONFIRM_TARGET_MAX) return target;
  throw new ConfigError(`Invalid value '${target}' for -txconfirmtarget: 1 to ${CONFIRM_TARGET_MAX} is expected.`);
}

/** Below zero there is no limit to speak of: Core reads such a number as a very large one. */
function familyCountMaxOf(sources: SettingSources, option: string): number {
  const given = saturatedSetting(sources, option) ?? FAMILY_COUNT_MAX_DEFAULT;
  return given < 0 ? Number.MAX_SAFE_INTEGER : given;
}

function feesOf(sources: SettingSources, minRelay: Sats, warnings: string[]): WalletFeeConfig {
  const feerate = (name: string, byDefault: Sats, meaning: string) => {
    const given = feerateSetting(sources, name) ?? byDefault;
    if (given > HIGH_FEERATE_SAT_PER_KVB) warnings.push(`-${name} is set very high! ${meaning}`);
    return given;
  };
  // In Core's order, which the first error and the list of warnings follow.
  const minFeerateSatPerKvb = feerate(
    "mintxfee",
    MIN_FEERATE_DEFAULT,
    "This is the minimum transaction fee you pay on every transaction.",
  );
  const partialSpendFeeMaxSats = partialSpendFeeOf(sources, warnings);
  const fallbackFeerateSatPerKvb = feerate(
    "fallbackfee",
    0n,
    "This is the transaction fee you may pay when fee estimates are not available.",
  );
  const discardFeerateSatPerKvb = feerate(
    "discardfee",
    DISCARD_FEERATE_DEFAULT,
    "This is the transaction fee you may discard if change is smaller than dust at this level",
  );
  const maxFeeSats = maxFeeOf(sources, minRelay, warnings);
  const consolidateFeerateSatPerKvb = feerateSetting(sources, "consolidatefeerate") ?? CONSOLIDATE_FEERATE_DEFAULT;
  if (minRelay > HIGH_FEERATE_SAT_PER_KVB) {
    warnings.push("-minrelaytxfee is set very high! The wallet will avoid paying less than the minimum relay fee.");
  }
  return {
    minFeerateSatPerKvb,
    fallbackFeerateSatPerKvb,
    discardFeerateSatPerKvb,
    consolidateFeerateSatPerKvb,
    maxFeeSats,
    partialSpendFeeMaxSats,
  };
}

function partialSpendFeeOf(sources: SettingSources, warnings: string[]): Sats {
  if (textSetting(sources, "maxapsfee") === "-1") return -1n;
  const fee = feerateSetting(sources, "maxapsfee") ?? 0n;
  if (fee > HIGH_PARTIAL_SPEND_FEE_SATS) {
    warnings.push(
      "-maxapsfee is set very high! This is the maximum transaction fee you pay (in addition to the normal fee) to prioritize partial spend avoidance over regular coin selection.",
    );
  }
  return fee;
}

function maxFeeOf(sources: SettingSources, minRelay: Sats, warnings: string[]): Sats {
  const given = feerateSetting(sources, "maxtxfee");
  if (given === undefined) return MAX_FEE_DEFAULT;
  if (given > HIGH_MAX_FEE_SATS) {
    warnings.push("-maxtxfee is set very high! Fees this large could be paid on a single transaction.");
  }
  // A transaction of a thousand vbytes must be able to pay for its relay.
  if (given < minRelay) {
    throw new ConfigError(
      `Invalid amount for -maxtxfee=<amount>: '${textSetting(sources, "maxtxfee")}' (must be at least the minrelay fee of ${feerateText(minRelay)} to prevent stuck transactions)`,
    );
  }
  return given;
}

function signalsReplaceabilityOf(sources: SettingSources, warnings: string[]): boolean {
  const given = booleanSetting(sources, "walletrbf");
  if (given !== undefined) warnings.push("-walletrbf is deprecated and will be fully removed in the next release.");
  return given ?? true;
}

/** Who takes no transactions of peers sends none either: peers would know whose they are. */
function broadcastsOf(sources: SettingSources, notes: string[]): boolean {
  const given = booleanSetting(sources, "walletbroadcast");
  if (given !== undefined) return given;
  if (!booleanSetting(sources, "blocksonly")) return true;
  notes.push("Parameter interaction: -blocksonly=1 -> setting -walletbroadcast=0");
  return false;
}
