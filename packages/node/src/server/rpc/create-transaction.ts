import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import { JsonNumber, JsonObject, type JsonValue } from "@bitfleet/api/json.ts";
import { amountOf, integerOf, notOfType } from "@bitfleet/api/rpc/rpc-params.ts";
import { tryFromHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { SEQUENCE_FINAL } from "@bitfleet/protocol/consensus/locktime.ts";
import { TRANSACTION_VERSION_MAX, TRANSACTION_VERSION_MIN } from "@bitfleet/protocol/policy/standardness.ts";
import { Transaction, type TxInput, type TxOutput } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Txid } from "@bitfleet/protocol/primitives/types.ts";
import { type AddressPrefixes, decodeAddress } from "@bitfleet/protocol/script/address.ts";
import { dataOutput } from "@bitfleet/protocol/script/templates.ts";
import { parseHashParam } from "../chain-json.ts";
import { hexOf } from "../hex.ts";
import { objectParam } from "./object-params.ts";

const LOCK_TIME_MAX = 0xffffffff;
const INT32_MAX = 2 ** 31 - 1;
/** BIP125: an input with this sequence or a lower one says that its transaction may be replaced. */
const SEQUENCE_REPLACEABLE_MAX = SEQUENCE_FINAL - 2;
/** The lock time counts, and nothing else is said. */
const SEQUENCE_NOT_FINAL = SEQUENCE_FINAL - 1;

/** What createrawtransaction was given. */
export interface TransactionRequest {
  readonly inputs: readonly JsonValue[];
  readonly outputs: JsonValue;
  readonly lockTime: number;
  readonly replaceable: boolean | undefined;
  readonly version: number;
}

/** The transaction that was asked for, without signatures. Throws `RpcError` in Core's words. */
export function createTransaction(request: TransactionRequest, prefixes: AddressPrefixes): Transaction {
  const { lockTime, version, replaceable } = request;
  if (lockTime < 0 || lockTime > LOCK_TIME_MAX) throw invalid("Invalid parameter, locktime out of range");
  if (version < TRANSACTION_VERSION_MIN || version > TRANSACTION_VERSION_MAX) {
    const range = `${TRANSACTION_VERSION_MIN}~${TRANSACTION_VERSION_MAX}`;
    throw invalid(`Invalid parameter, version out of range(${range})`);
  }
  const inputs = request.inputs.map((input) => inputOf(objectParam(input), request));
  const outputs = outputsParam(request.outputs, prefixes).map(({ output }) => output);
  const isReplaceable = inputs.some(({ sequence }) => sequence <= SEQUENCE_REPLACEABLE_MAX);
  if (replaceable === true && inputs.length > 0 && !isReplaceable) {
    throw invalid("Invalid parameter combination: Sequence number(s) contradict replaceable option");
  }
  return new Transaction({ version, inputs, outputs, lockTime });
}

const invalid = (message: string) => new RpcError(RpcErrorCode.INVALID_PARAMETER, message);

function inputOf(object: JsonObject, { replaceable, lockTime }: TransactionRequest): TxInput {
  const name = object.get("txid");
  if (typeof name !== "string") throw new RpcError(RpcErrorCode.TYPE_ERROR, notOfType(name ?? null, "string"));
  const txid = parseHashParam<Txid>(name, "txid");
  const vout = object.get("vout");
  if (!(vout instanceof JsonNumber)) throw invalid("Invalid parameter, missing vout key");
  const index = integerOf(vout, -INT32_MAX - 1, INT32_MAX);
  if (index < 0) throw invalid("Invalid parameter, vout cannot be negative");
  const usual = (replaceable ?? true) ? SEQUENCE_REPLACEABLE_MAX : lockTime !== 0 ? SEQUENCE_NOT_FINAL : SEQUENCE_FINAL;
  return {
    previousOutput: { txid, index },
    scriptSig: new Uint8Array(0),
    sequence: sequenceOf(object) ?? usual,
    witness: [],
  };
}

function sequenceOf(object: JsonObject): number | undefined {
  const given = object.get("sequence");
  if (!(given instanceof JsonNumber)) return undefined;
  const sequence = integerOf(given, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  if (sequence >= 0 && sequence <= SEQUENCE_FINAL) return sequence;
  throw invalid("Invalid parameter, sequence number is out of range");
}

/** An output, and the address (or `data`) by which the caller named it. */
export interface NamedOutput {
  readonly name: string;
  readonly output: TxOutput;
}

/** The outputs that an object, or a list of objects of one member each, stands for. Throws `RpcError` in Core's words. */
export function outputsParam(outputs: JsonValue, prefixes: AddressPrefixes): readonly NamedOutput[] {
  return outputsOf(pairsOf(outputs), prefixes);
}

/** Names and values of an object, or of a list of objects of one member each. */
function pairsOf(outputs: JsonValue): readonly (readonly [name: string, value: JsonValue])[] {
  if (outputs === null) throw invalid("Invalid parameter, output argument must be non-null");
  if (!(outputs instanceof JsonObject) && !Array.isArray(outputs))
    throw new RpcError(RpcErrorCode.TYPE_ERROR, notOfType(outputs, "array"));
  const pairs =
    outputs instanceof JsonObject
      ? outputs.members
      : (outputs as readonly JsonValue[]).map((output) => onlyPair(output));
  return pairs;
}

function onlyPair(output: JsonValue): readonly [string, JsonValue] {
  if (!(output instanceof JsonObject)) throw invalid("Invalid parameter, key-value pair not an object as expected");
  const [pair, ...others] = output.members;
  if (pair === undefined || others.length > 0)
    throw invalid("Invalid parameter, key-value pair must contain exactly one key");
  return pair;
}

/** Each address and the data once, so that a slip is noticed. */
function outputsOf(
  pairs: readonly (readonly [name: string, value: JsonValue])[],
  prefixes: AddressPrefixes,
): NamedOutput[] {
  const seen = new Set<string>();
  return pairs.map(([name, value]) => {
    if (name === "data" && seen.has(name)) throw invalid("Invalid parameter, duplicate key: data");
    const output = outputOf(name, value, prefixes);
    const key = name === "data" ? name : hexOf(output.scriptPubKey);
    if (seen.has(key)) throw invalid(`Invalid parameter, duplicated address: ${name}`);
    seen.add(key);
    return { name, output };
  });
}

function outputOf(name: string, value: JsonValue, prefixes: AddressPrefixes): TxOutput {
  if (name === "data") return { value: 0n, scriptPubKey: dataOutput(dataOf(value)) };
  const decoded = decodeAddress(name, prefixes);
  const amount = amountOf(value);
  if (!("script" in decoded))
    throw new RpcError(RpcErrorCode.INVALID_ADDRESS_OR_KEY, `Invalid Bitcoin address: ${name}`);
  return { value: amount, scriptPubKey: decoded.script };
}

function dataOf(value: JsonValue): Uint8Array {
  const text = value instanceof JsonNumber ? value.text : typeof value === "string" ? value : "";
  const bytes = text === "" ? undefined : tryFromHex(text);
  if (bytes === undefined) throw invalid(`Data must be hexadecimal string (not '${text}')`);
  return bytes;
}
