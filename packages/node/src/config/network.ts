import { toHex, tryFromHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { parseTestActivationHeight, parseVbParams } from "@bitfleet/protocol/consensus/deployment-options.ts";
import { type Network, type NetworkOptions, networkByName } from "@bitfleet/protocol/consensus/networks.ts";
import type { NetworkName } from "@bitfleet/protocol/consensus/params.ts";
import type { SignetKey } from "../mining/signet-key.ts";
import { signetKeyOf } from "./mining.ts";
import { ConfigError, type SettingSources, settingOf } from "./settings.ts";
import { booleanSetting, integerSetting, listSetting } from "./values.ts";

/** Longer, and a period of difficulty would have few blocks. */
const BLOCK_TIME_SECONDS_MAX = 3600;

/** A network, and the key that signs its blocks where it is a signet and the key is ours. */
export interface ConfiguredNetwork {
  readonly network: Network;
  readonly signetKey: SignetKey | undefined;
}

/** The network with what the settings change about its rules. Throws `ConfigError`. */
export function networkOf(sources: SettingSources, name: NetworkName): ConfiguredNetwork {
  if (name === "main") {
    for (const option of ["testactivationheight", "vbparams"]) {
      if (settingOf(sources, option) !== undefined) {
        throw new ConfigError(`The -${option} option may not be used on mainnet.`);
      }
    }
  }
  const given = challengeOf(sources);
  const signetKey = signetKeyOf(sources, name, given, networkByName(name)!.addressPrefixes);
  const challenge = given ?? signetKey?.challenge;
  const blockTimeSeconds = blockTimeOf(sources, challenge !== undefined);
  const options: NetworkOptions = {
    activationHeights: Object.fromEntries(listSetting(sources, "testactivationheight").map(activationHeightOf)),
    versionBits: Object.fromEntries(listSetting(sources, "vbparams").map(versionBitsOf)),
    ...(challenge === undefined ? {} : { challenge }),
    ...(blockTimeSeconds === undefined ? {} : { blockTimeSeconds }),
    fastPrune: booleanSetting(sources, "fastprune") ?? false,
    enforceBip94: listSetting(sources, "test").includes("bip94"),
  };
  return { network: networkByName(name, options)!, signetKey };
}

/** What the log says of a signet, whose magic bytes follow from its challenge. */
export function signetMagicText(network: Network): string {
  return `Signet derived magic (message start): ${toHex(network.magic)}`;
}

function challengeOf(sources: SettingSources): Uint8Array | undefined {
  const values = listSetting(sources, "signetchallenge");
  if (values.length === 0) return undefined;
  if (values.length > 1) throw new ConfigError("-signetchallenge cannot be multiple values.");
  const challenge = tryFromHex(values[0]!);
  if (challenge === undefined) throw new ConfigError(`-signetchallenge must be hex, not '${values[0]}'.`);
  return challenge;
}

function blockTimeOf(sources: SettingSources, isCustom: boolean): number | undefined {
  const seconds = integerSetting(sources, "signetblocktime");
  if (seconds === undefined) return undefined;
  if (!isCustom) throw new ConfigError("-signetblocktime needs a -signetchallenge: the public signet has its own.");
  if (seconds < 1 || seconds > BLOCK_TIME_SECONDS_MAX) {
    throw new ConfigError(
      `Invalid value '${seconds}' for -signetblocktime: 1 to ${BLOCK_TIME_SECONDS_MAX} seconds are expected.`,
    );
  }
  return seconds;
}

function activationHeightOf(text: string) {
  const parsed = parseTestActivationHeight(text);
  if ("error" in parsed) throw new ConfigError(parsed.error);
  return [parsed.deployment, parsed.height] as const;
}

function versionBitsOf(text: string) {
  const parsed = parseVbParams(text);
  if ("error" in parsed) throw new ConfigError(parsed.error);
  return [parsed.deployment, parsed.override] as const;
}
