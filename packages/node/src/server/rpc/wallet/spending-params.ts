import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import { JsonNumber, type JsonValue } from "@bitfleet/api/json.ts";
import { feerateOf, integerOf, jsonTypeName, notOfType } from "@bitfleet/api/rpc/rpc-params.ts";
import type { Recipient } from "@bitfleet/wallet/building/build-request.ts";
import type { EstimateMode, FeeRequest } from "@bitfleet/wallet/building/fee-policy.ts";
import type { PsbtVersion } from "@bitfleet/wallet/psbt/psbt.ts";
import type { SpendingNode } from "../../../wallets/spending/spending-node.ts";
import type { NamedOutput } from "../create-transaction.ts";
import type { RpcDependencies } from "../rpc-dependencies.ts";
import { walletsOf } from "./requested-wallet.ts";

/** What calls that pay take, refused in Core's words. */

const INT32_MAX = 2 ** 31 - 1;

export const invalid = (message: string) => new RpcError(RpcErrorCode.INVALID_PARAMETER, message);

/** What paying from a wallet asks of the node. */
export function spendingNode(deps: RpcDependencies): SpendingNode {
  const { config: policy, random } = walletsOf(deps);
  const { chain, mempool, fees, clock } = deps;
  return { chain, mempool, fees, clock, policy, random };
}

/** How a caller wants to pay. */
export interface FeeParams {
  readonly confirmationTarget?: JsonValue | undefined;
  readonly estimateMode?: JsonValue | undefined;
  /** Satoshis a thousand vbytes, or as it was sent: satoshis a vbyte. */
  readonly feerate?: bigint | JsonValue | undefined;
  readonly replaceable?: boolean | undefined;
}

/** The fee as building wants to know it. `overridesMinimum`: an explicit feerate may be below every minimum. */
export function feeRequest(
  params: FeeParams,
  { fees }: Pick<SpendingNode, "fees">,
  overridesMinimum = false,
): FeeRequest {
  const { confirmationTarget, estimateMode, feerate, replaceable } = params;
  if (feerate !== undefined && feerate !== null) {
    if (confirmationTarget !== undefined) {
      throw invalid(`Cannot specify both conf_target and fee_rate. ${TARGET_OR_FEERATE}`);
    }
    if (estimateMode !== undefined && estimateMode !== "unset") {
      throw invalid("Cannot specify both estimate_mode and fee_rate");
    }
    const feerateSatPerKvb = typeof feerate === "bigint" ? feerate : feerateOf(feerate);
    return { feerateSatPerKvb, overridesMinimum, replaceable: replaceable ?? true };
  }
  return {
    replaceable,
    estimateMode: estimateMode === undefined ? undefined : estimateModeOf(estimateMode),
    confirmationTarget: confirmationTarget === undefined ? undefined : checkedTarget(confirmationTarget, fees),
  };
}

export const TARGET_OR_FEERATE =
  "Please provide either a confirmation target in blocks for automatic fee estimation, or an explicit fee rate.";

const MODES: ReadonlyMap<string, EstimateMode | undefined> = new Map([
  ["unset", undefined],
  ["economical", "economical"],
  ["conservative", "conservative"],
]);

function estimateModeOf(name: JsonValue): EstimateMode | undefined {
  if (typeof name !== "string") throw new RpcError(RpcErrorCode.TYPE_ERROR, notOfType(name, "string"));
  const known = name.toLowerCase();
  if (MODES.has(known)) return MODES.get(known);
  const names = [...MODES.keys()].map((each) => `"${each}"`).join(", ");
  throw invalid(`Invalid estimate_mode parameter, must be one of: ${names}`);
}

function checkedTarget(value: JsonValue, { estimator }: SpendingNode["fees"]): number {
  const blocks = integerOf(value, -INT32_MAX - 1, INT32_MAX);
  const most = estimator?.targetMax("long") ?? 0;
  if (blocks >= 1 && blocks <= most) return blocks;
  throw invalid(`Invalid conf_target, must be between 1 and ${most}`);
}

/** The places of outputs that pay the fee, which a caller names by place or by address. */
export function feePayersParam(given: readonly JsonValue[] | undefined, names: readonly string[]): ReadonlySet<number> {
  const places = new Set<number>();
  for (const one of given ?? []) {
    const place = feePayerOf(one, names);
    if (places.has(place)) throw wrongPayer(`duplicated position: ${place}`);
    if (place < 0) throw wrongPayer(`negative position: ${place}`);
    if (place >= names.length) throw wrongPayer(`position too large: ${place}`);
    places.add(place);
  }
  return places;
}

function feePayerOf(value: JsonValue, names: readonly string[]): number {
  if (value instanceof JsonNumber) return integerOf(value, -INT32_MAX - 1, INT32_MAX);
  if (typeof value !== "string") throw wrongPayer(`invalid value type: ${jsonTypeName(value)}`);
  const place = names.indexOf(value);
  if (place < 0) throw wrongPayer(`destination ${value} not found in tx outputs`);
  return place;
}

const wrongPayer = (what: string) => invalid(`Invalid parameter 'subtract fee from output', ${what}`);

/** Outputs as payments, of which some pay the fee. */
export function recipientsOf(outputs: readonly NamedOutput[], feePayers: ReadonlySet<number>): readonly Recipient[] {
  return outputs.map(({ output }, place) => ({
    scriptPubKey: output.scriptPubKey,
    amount: output.value,
    subtractsFee: feePayers.has(place),
  }));
}

/** A comment that says something. */
export const commentParam = (text: string | undefined) => (text === "" ? undefined : text);

/** The version of a PSBT that is to be made. */
export function psbtVersionParam(version: number): PsbtVersion {
  if (version !== 0 && version !== 2) throw invalid("The PSBT version can only be 2 or 0");
  return version;
}
