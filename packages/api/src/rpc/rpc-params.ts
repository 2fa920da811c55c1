import { isMoney } from "@bitfleet/protocol/consensus/amount.ts";
import { COIN_DECIMALS, unitsFromDecimal } from "../amount.ts";
import { RpcError, RpcErrorCode } from "../errors.ts";
import { JsonNumber, JsonObject, type JsonValue } from "../json.ts";
import { methodHelp } from "./rpc-help.ts";
import type { Param, ParamKind, RpcMethod } from "./rpc-schema.ts";

/** From what a caller sent to what a handler gets. */

const INT32_MAX = 2 ** 31 - 1;
const UINT32_MAX = 2 ** 32 - 1;
const INT32_MIN = -(2 ** 31);
/** Of a feerate in satoshis a vbyte. */
const FEERATE_DECIMALS = 3;

/** Parameters of a call as the caller gave them, in order, and by name with defaults filled in. */
export interface BoundParams {
  readonly positional: readonly JsonValue[];
  readonly named: Readonly<Record<string, unknown>>;
}

/**
 * Checks the parameters of a call, given as list or by name. Throws `RpcError`: -8 for names that do not fit, -1 with the
 * method's help for a wrong count or a number out of range, -3 for wrong types.
 */
export function bindParams(name: string, method: RpcMethod, given: readonly JsonValue[] | JsonObject): BoundParams {
  const positional = given instanceof JsonObject ? positionalFrom(method.params, given) : given;
  const requiredCount = requiredCountOf(method);
  if (positional.length < requiredCount || positional.length > method.params.length) {
    throw new RpcError(RpcErrorCode.MISC_ERROR, methodHelp(name, method));
  }
  const mismatches: string[] = [];
  method.params.forEach((param, index) => {
    const mismatch = typeMismatch(param, positional[index] ?? null);
    if (mismatch !== undefined)
      mismatches.push(`    "Position ${index + 1} (${namesOf(param).join("|")})": "${mismatch}"`);
  });
  if (mismatches.length > 0) {
    throw new RpcError(RpcErrorCode.TYPE_ERROR, `Wrong type passed:\n{\n${mismatches.join(",\n")}\n}`);
  }
  const named: Record<string, unknown> = {};
  method.params.forEach((param, index) => {
    const value = positional[index] ?? null;
    named[param.name] = value === null ? param.defaultValue : convert(param.kind, value);
  });
  return { positional, named };
}

function requiredCountOf({ params }: RpcMethod): number {
  let count = params.length;
  while (count > 0 && !params[count - 1]!.required) count--;
  return count;
}

const namesOf = (param: Param): readonly string[] => [param.name, ...param.aliases];

/** Named parameters in the method's order, null where one is left out before a given one. `args` begins the list. */
function positionalFrom(params: readonly Param[], given: JsonObject): readonly JsonValue[] {
  const rest = new Map<string, JsonValue>();
  for (const [name, value] of given.members) {
    if (rest.has(name)) {
      throw new RpcError(RpcErrorCode.INVALID_PARAMETER, `Parameter ${name} specified multiple times`);
    }
    rest.set(name, value);
  }
  const named: JsonValue[] = [];
  let firstIndex = -1;
  params.forEach((param, index) => {
    const name = namesOf(param).find((candidate) => rest.has(candidate));
    const members = (param.members ?? []).map((member) => member.name).filter((member) => rest.has(member));
    if (name === undefined && members.length === 0) return;
    if (name !== undefined && members.length > 0) {
      const message = `Parameter ${name} conflicts with parameter ${members[0]}`;
      throw new RpcError(RpcErrorCode.INVALID_PARAMETER, message);
    }
    while (named.length < index) named.push(null);
    named.push(
      name === undefined ? new JsonObject(members.map((member) => [member, rest.get(member)!])) : rest.get(name)!,
    );
    for (const taken of name === undefined ? members : [name]) rest.delete(taken);
    if (firstIndex < 0) firstIndex = index;
  });
  const leading = rest.get("args");
  rest.delete("args");
  if (Array.isArray(leading)) {
    if (firstIndex >= 0 && leading.length > firstIndex) {
      const names = namesOf(params[firstIndex]!).join("|");
      throw new RpcError(
        RpcErrorCode.INVALID_PARAMETER,
        `Parameter ${names} specified twice both as positional and named argument`,
      );
    }
    named.splice(0, leading.length, ...leading);
  }
  for (const name of rest.keys()) {
    throw new RpcError(RpcErrorCode.INVALID_PARAMETER, `Unknown named parameter ${name}`);
  }
  return named;
}

/** Name of a value's JSON type in messages. */
export function jsonTypeName(value: JsonValue): string {
  if (value === null) return "null";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "string") return "string";
  if (value instanceof JsonNumber) return "number";
  return value instanceof JsonObject ? "object" : "array";
}

/** JSON type each kind needs; none where the kind looks for itself. */
const JSON_TYPES: Readonly<Record<ParamKind, string | undefined>> = {
  string: "string",
  hex: "string",
  int: "number",
  int64: "number",
  uint32: "number",
  uint64: "number",
  number: "number",
  real: "number",
  bool: "bool",
  strings: "array",
  array: "array",
  object: "object",
  verbosity: undefined,
  heightOrHash: undefined,
  amount: undefined,
  feerate: undefined,
  structure: undefined,
  json: undefined,
};

function typeMismatch(param: Param, value: JsonValue): string | undefined {
  const expected = JSON_TYPES[param.kind];
  if (value === null && !param.required) return undefined;
  if (expected === undefined || jsonTypeName(value) === expected) return undefined;
  return notOfType(value, expected);
}

/** That a value is of the wrong type, in Core's words. */
export const notOfType = (value: JsonValue, expected: string) =>
  `JSON value of type ${jsonTypeName(value)} is not of expected type ${expected}`;

/** Throws the error Core gives for a value of the wrong type found inside a parameter. */
function expectType(value: JsonValue, expected: string): void {
  if (jsonTypeName(value) !== expected) throw new RpcError(RpcErrorCode.TYPE_ERROR, notOfType(value, expected));
}

function convert(kind: ParamKind, value: JsonValue): unknown {
  switch (kind) {
    case "int":
      return integerOf(value, INT32_MIN, INT32_MAX);
    case "int64":
      return integerOf(value, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
    case "uint32":
      return integerOf(value, 0, UINT32_MAX);
    case "uint64":
      return integerOf(value, 0, Number.MAX_SAFE_INTEGER);
    case "real":
      return realOf(value);
    case "verbosity":
      return typeof value === "boolean" ? Number(value) : integerOf(value, INT32_MIN, INT32_MAX);
    case "heightOrHash":
      return value instanceof JsonNumber ? integerOf(value, INT32_MIN, INT32_MAX) : textOf(value);
    case "amount":
      return amountOf(value);
    case "feerate":
      return feerateOf(value);
    case "strings":
      return (value as readonly JsonValue[]).map(textOf);
    default:
      return value;
  }
}

function textOf(value: JsonValue): string {
  expectType(value, "string");
  return value as string;
}

/** Satoshis of an amount in coins, as number or text; what is none, or cannot exist, is refused in Core's words. */
export function amountOf(value: JsonValue): bigint {
  return fixedPointOf(value, COIN_DECIMALS);
}

/** Satoshis a thousand vbytes of a feerate in satoshis a vbyte, in Core's words as an amount. */
export function feerateOf(value: JsonValue): bigint {
  return fixedPointOf(value, FEERATE_DECIMALS);
}

function fixedPointOf(value: JsonValue, decimals: number): bigint {
  const text = value instanceof JsonNumber ? value.text : value;
  if (typeof text !== "string") throw new RpcError(RpcErrorCode.TYPE_ERROR, "Amount is not a number or string");
  const sats = unitsFromDecimal(text, decimals);
  if (sats === undefined) throw new RpcError(RpcErrorCode.TYPE_ERROR, "Invalid amount");
  if (!isMoney(sats)) throw new RpcError(RpcErrorCode.TYPE_ERROR, "Amount out of range");
  return sats;
}

function realOf(value: JsonValue): number {
  expectType(value, "number");
  const real = Number((value as JsonNumber).text);
  if (!Number.isFinite(real)) throw new RpcError(RpcErrorCode.MISC_ERROR, "JSON double out of range");
  return real;
}

/** The integer of 64 bits that a JSON number is, exactly; anything else is refused in Core's words. */
export function int64Of({ text }: JsonNumber): bigint {
  const integer = /^-?[0-9]{1,20}$/.test(text) ? BigInt(text) : undefined;
  if (integer === undefined || BigInt.asIntN(64, integer) !== integer) {
    throw new RpcError(RpcErrorCode.MISC_ERROR, "JSON integer out of range");
  }
  return integer;
}

/** The integer a JSON number is; anything with a fraction, an exponent or out of bounds is refused in Core's words. */
export function integerOf(value: JsonValue, minimum: number, maximum: number): number {
  expectType(value, "number");
  const { text } = value as JsonNumber;
  const integer = /^-?[0-9]{1,20}$/.test(text) ? Number(text) : Number.NaN;
  if (!(integer >= minimum && integer <= maximum)) {
    throw new RpcError(RpcErrorCode.MISC_ERROR, "JSON integer out of range");
  }
  return integer;
}
