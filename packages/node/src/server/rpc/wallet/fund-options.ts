import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import { JsonNumber, type JsonObject, type JsonValue } from "@bitfleet/api/json.ts";
import { amountOf, integerOf, notOfType } from "@bitfleet/api/rpc/rpc-params.ts";
import { STANDARD_WEIGHT_MAX } from "@bitfleet/protocol/policy/standardness.ts";
import type { OutPoint } from "@bitfleet/protocol/primitives/transaction.ts";
import { type OutPointKey, outPointKey, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import { decodeAddress } from "@bitfleet/protocol/script/address.ts";
import type { BuildRequest } from "@bitfleet/wallet/building/build-request.ts";
import type { FeeRequest } from "@bitfleet/wallet/building/fee-policy.ts";
import { ADDRESS_TYPES, type AddressType } from "@bitfleet/wallet/keychain/descriptor-record.ts";
import type { SigningMaterial } from "@bitfleet/wallet/signing/signing-material.ts";
import type { SpendingNode } from "../../../wallets/spending/spending-node.ts";
import { parseHashParam } from "../../chain-json.ts";
import { checkMembers, type MemberTypes, objectParam } from "../object-params.ts";
import type { RpcDependencies } from "../rpc-dependencies.ts";
import { solvingDataParam } from "./solving-data.ts";
import { feeRequest, invalid, TARGET_OR_FEERATE } from "./spending-params.ts";

/** The options of calls that fund transactions, in their newer and their older names, refused in Core's words. */

/** Outpoint, sequence, an empty script and an empty witness. */
const INPUT_WEIGHT_MIN = 165;
const INT32_MAX = 2 ** 31 - 1;

const MEMBERS: MemberTypes = {
  add_inputs: "bool",
  include_unsafe: "bool",
  add_to_wallet: "bool",
  changeAddress: "string",
  change_address: "string",
  changePosition: "number",
  change_position: "number",
  change_type: "string",
  includeWatching: "bool",
  include_watching: "bool",
  inputs: "array",
  lockUnspents: "bool",
  lock_unspents: "bool",
  locktime: "number",
  fee_rate: "any",
  feeRate: "any",
  psbt: "bool",
  solving_data: "object",
  subtractFeeFromOutputs: "array",
  subtract_fee_from_outputs: "array",
  replaceable: "bool",
  conf_target: "number",
  estimate_mode: "string",
  minconf: "number",
  maxconf: "number",
  input_weights: "array",
  max_tx_weight: "number",
};

/** What the options say of building, and beside that. */
export interface FundOptions {
  readonly request: Omit<BuildRequest, "recipients">;
  /** What inputs weigh, by what they spend. */
  readonly weights: ReadonlyMap<OutPointKey, InputWeight>;
  readonly solving: SigningMaterial | undefined;
  readonly locksUnspents: boolean;
}

export interface InputWeight {
  readonly outPoint: OutPoint;
  /** Weight units. */
  readonly weight: number;
}

export interface FundSettings {
  readonly recipientCount: number;
  /** Whether coins may be added where the options do not say. */
  readonly allowsOtherInputs: boolean;
  /** Whether an explicit feerate may be below every minimum. */
  readonly overridesMinimum: boolean;
}

export function fundOptions(options: JsonObject, settings: FundSettings, deps: RpcDependencies): FundOptions {
  checkMembers(options, MEMBERS, { mayLack: true });
  requireNoNull(options);
  const member = (...names: readonly string[]) => firstOf(options, names);
  const allowsOtherInputs = (member("add_inputs") as boolean | undefined) ?? settings.allowsOtherInputs;
  const change = changeOptions(options, settings, deps);
  const locksUnspents = (member("lock_unspents", "lockUnspents") as boolean | undefined) ?? false;
  const feerateInCoins = feerateInCoinsOf(options);
  const { depthMin, depthMax } = depthOptions(options);
  const fee = feeOptions(options, deps, settings.overridesMinimum);
  const data = member("solving_data") as JsonObject | undefined;
  const context = { prefixes: deps.chain.network.addressPrefixes, secp256k1: deps.secp256k1 };
  const weightMax = integerMember(options, "max_tx_weight");
  return {
    solving: data && solvingDataParam(data, context),
    weights: new Map(((member("input_weights") ?? []) as readonly JsonValue[]).map(inputWeightParam)),
    locksUnspents,
    request: {
      ...{ ...change, ...fee, ...feerateInCoins, depthMin, depthMax, weightMax, allowsOtherInputs },
      includesUnsafe: member("include_unsafe") as boolean | undefined,
    },
  };
}

/** Members that say nothing where they are null. Others are refused then. */
const MAY_BE_NULL = new Set([
  "conf_target",
  "estimate_mode",
  "fee_rate",
  "inputs",
  "locktime",
  "includeWatching",
  "include_watching",
  "subtractFeeFromOutputs",
  "subtract_fee_from_outputs",
]);

function requireNoNull(options: JsonObject): void {
  for (const [name, value] of options.members) {
    if (value !== null || MAY_BE_NULL.has(name)) continue;
    throw new RpcError(RpcErrorCode.TYPE_ERROR, notOfType(null, MEMBERS[name]!));
  }
}

/** The fee that options of any call ask for. */
export function feeOptions(
  options: JsonObject,
  deps: Pick<SpendingNode, "fees">,
  overridesMinimum = false,
): FeeRequest {
  const params = {
    confirmationTarget: firstOf(options, ["conf_target"]),
    estimateMode: firstOf(options, ["estimate_mode"]),
    feerate: firstOf(options, ["fee_rate"]),
    replaceable: firstOf(options, ["replaceable"]) as boolean | undefined,
  };
  return feeRequest(params, deps, overridesMinimum);
}

/** The first of the members that is there. */
export function firstOf(options: JsonObject, names: readonly string[]): JsonValue | undefined {
  for (const name of names) {
    const value = options.get(name) ?? undefined;
    if (value !== undefined) return value;
  }
  return undefined;
}

/** A member that is an integer of 32 bits; `undefined` where it is not there. */
export function integerMember(options: JsonObject, name: string): number | undefined {
  const value = options.get(name) ?? undefined;
  return value === undefined ? undefined : integerOf(value, -INT32_MAX - 1, INT32_MAX);
}

function changeOptions(
  options: JsonObject,
  { recipientCount }: FundSettings,
  { chain }: Pick<RpcDependencies, "chain">,
): Pick<BuildRequest, "changePosition" | "changeScript" | "changeType"> {
  const address = firstOf(options, ["change_address", "changeAddress"]) as string | undefined;
  const decoded = address === undefined ? undefined : decodeAddress(address, chain.network.addressPrefixes);
  if (decoded !== undefined && !("script" in decoded)) {
    throw new RpcError(RpcErrorCode.INVALID_ADDRESS_OR_KEY, "Change address must be a valid bitcoin address");
  }
  const changePosition = integerMember(options, "change_position") ?? integerMember(options, "changePosition");
  if (changePosition !== undefined && (changePosition < 0 || changePosition > recipientCount)) {
    throw invalid("changePosition out of bounds");
  }
  const type = firstOf(options, ["change_type"]) as string | undefined;
  if (type !== undefined && address !== undefined) {
    throw invalid("Cannot specify both change address and address type options");
  }
  if (type !== undefined && !ADDRESS_TYPES.some((known) => known === type)) {
    throw new RpcError(RpcErrorCode.INVALID_ADDRESS_OR_KEY, `Unknown change type '${type}'`);
  }
  return { changeScript: decoded?.script, changePosition, changeType: type as AddressType | undefined };
}

/** `feeRate`, in coins a thousand vbytes, which no minimum holds for. */
function feerateInCoinsOf(options: JsonObject): FeeRequest {
  const given = firstOf(options, ["feeRate"]);
  if (given === undefined) return {};
  const has = (name: string) => options.get(name) !== undefined && options.get(name) !== null;
  if (has("fee_rate")) throw invalid("Cannot specify both fee_rate (sat/vB) and feeRate (BTC/kvB)");
  if (has("conf_target")) throw invalid(`Cannot specify both conf_target and feeRate. ${TARGET_OR_FEERATE}`);
  if (has("estimate_mode")) throw invalid("Cannot specify both estimate_mode and feeRate");
  return { feerateSatPerKvb: amountOf(given), overridesMinimum: true };
}

function depthOptions(options: JsonObject): Pick<BuildRequest, "depthMin" | "depthMax"> {
  const depthMin = integerMember(options, "minconf");
  if (depthMin !== undefined && depthMin < 0) throw invalid("Negative minconf");
  return { depthMin, depthMax: maxConfirmations(options, depthMin) };
}

/** `maxconf`, which must not be below the least. */
export function maxConfirmations(options: JsonObject, depthMin = 0): number | undefined {
  const depthMax = integerMember(options, "maxconf");
  if (depthMax !== undefined && depthMax < depthMin) {
    throw invalid(`maxconf can't be lower than minconf: ${depthMax} < ${depthMin}`);
  }
  return depthMax;
}

function inputWeightParam(value: JsonValue): readonly [OutPointKey, InputWeight] {
  const input = objectParam(value);
  const txid = parseHashParam<Txid>(input.get("txid") as string, "txid");
  const vout = input.get("vout");
  if (!(vout instanceof JsonNumber)) throw invalid("Invalid parameter, missing vout key");
  const index = integerOf(vout, -INT32_MAX - 1, INT32_MAX);
  if (index < 0) throw invalid("Invalid parameter, vout cannot be negative");
  const given = input.get("weight");
  if (!(given instanceof JsonNumber)) throw invalid("Invalid parameter, missing weight key");
  const weight = integerOf(given, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  if (weight < INPUT_WEIGHT_MIN) throw invalid(WEIGHT_TOO_LOW);
  if (weight > STANDARD_WEIGHT_MAX) {
    throw invalid(
      `Invalid parameter, weight cannot be greater than the maximum standard tx weight of ${STANDARD_WEIGHT_MAX}`,
    );
  }
  const outPoint = { txid, index };
  return [outPointKey(outPoint), { outPoint, weight }];
}

const WEIGHT_TOO_LOW =
  "Invalid parameter, weight cannot be less than 165 (41 bytes (size of outpoint + sequence + empty scriptSig) * 4 (witness scaling factor)) + 1 (empty witness)";

/** A member that is a list; what is none is refused with the other members. */
export function listOf(options: JsonObject, name: string): readonly JsonValue[] | undefined {
  const value = firstOf(options, [name]);
  return Array.isArray(value) ? value : undefined;
}
