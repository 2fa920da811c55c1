import { displayHash } from "../primitives/types.ts";
import { ScriptFlag, type ScriptFlags, scriptFlagsFromNames } from "../script/flags.ts";
import type { ChainLink } from "./chain-view.ts";
import type { BuriedDeployment, ConsensusParams, VersionBitsDeployment } from "./params.ts";
import { isVersionBitsActive, type VersionBitsCache } from "./version-bits.ts";

/** Buried rules with the names that `getdeploymentinfo` shows them by, in its order. */
export const BURIED_DEPLOYMENT_NAMES: ReadonlyMap<BuriedDeployment, string> = new Map([
  ["bip34", "bip34"],
  ["dersig", "bip66"],
  ["cltv", "bip65"],
  ["csv", "csv"],
  ["segwit", "segwit"],
]);

/** BIP90: whether a buried rule holds for the block at `height`. */
export function isActiveAt(
  deployment: BuriedDeployment,
  height: number,
  params: Pick<ConsensusParams, "activationHeights">,
): boolean {
  return height >= params.activationHeights[deployment];
}

/** Whether a rule holds for the block after `previous` (`undefined`: for genesis). */
export function isActive(
  deployment: BuriedDeployment | VersionBitsDeployment,
  previous: ChainLink | undefined,
  params: ConsensusParams,
  cache?: VersionBitsCache,
): boolean {
  return deployment in params.activationHeights
    ? isActiveAt(deployment as BuriedDeployment, previous === undefined ? 0 : previous.height + 1, params)
    : isVersionBitsActive(deployment as VersionBitsDeployment, previous, params, cache);
}

/** What BIP16, BIP141 and BIP341 ask of scripts. One block on each network broke BIP16 and one BIP341: these rules hold from genesis on, but there. */
const FLAGS_SINCE_GENESIS: ScriptFlags = ScriptFlag.P2SH | ScriptFlag.WITNESS | ScriptFlag.TAPROOT;

/** Rules that came at a height, exceptions or not. */
const FLAGS_SINCE_ACTIVATION: readonly (readonly [BuriedDeployment, ScriptFlags])[] = [
  ["dersig", ScriptFlag.DERSIG],
  ["cltv", ScriptFlag.CHECKLOCKTIMEVERIFY],
  ["csv", ScriptFlag.CHECKSEQUENCEVERIFY],
  // BIP147
  ["segwit", ScriptFlag.NULLDUMMY],
];

/** The rules that scripts in the block `link` are held to. */
export function scriptFlagsFor(
  link: Pick<ChainLink, "header" | "height">,
  params: Pick<ConsensusParams, "scriptFlagExceptions" | "activationHeights">,
): ScriptFlags {
  const exception = params.scriptFlagExceptions.get(displayHash(link.header.hash));
  let flags = exception === undefined ? FLAGS_SINCE_GENESIS : scriptFlagsFromNames(exception);
  for (const [deployment, flag] of FLAGS_SINCE_ACTIVATION) {
    if (isActiveAt(deployment, link.height, params)) flags |= flag;
  }
  return flags;
}
