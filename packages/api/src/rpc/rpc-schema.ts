import type { JsonNumber, JsonObject, JsonValue } from "../json.ts";

/** How an RPC method is declared. From a declaration come its validation, its help text and the client's types. */

/**
 * What a parameter must be. `verbosity` is a number that may also be a boolean; `amount` is a number of coins, or that as
 * text, and comes as satoshis; `feerate` the same in satoshis a vbyte with three decimals, and comes as satoshis a thousand of them; `json` is anything; `structure` too, but an object or array is expected.
 */
export type ParamKind =
  | "string"
  | "hex"
  /** 32 bits. */
  | "int"
  /** 64 bits; within ±2⁵³. */
  | "int64"
  | "uint32"
  | "uint64"
  /** Any number, with its digits, for a method that looks at it later than at the rest. */
  | "number"
  /** Any number that a double can hold. */
  | "real"
  | "bool"
  | "verbosity"
  | "strings"
  /** An array of anything. */
  | "array"
  | "heightOrHash"
  | "amount"
  | "feerate"
  | "object"
  | "structure"
  | "json";

interface ParamValues {
  string: string;
  hex: string;
  int: number;
  int64: number;
  uint32: number;
  uint64: number;
  number: JsonNumber;
  real: number;
  bool: boolean;
  verbosity: number;
  strings: readonly string[];
  array: readonly JsonValue[];
  heightOrHash: number | string;
  amount: bigint;
  feerate: bigint;
  object: JsonObject;
  structure: JsonValue;
  json: JsonValue;
}

export interface Param<Name extends string = string, Value = unknown, Required extends boolean = boolean> {
  readonly name: Name;
  /** Further names a caller may use. */
  readonly aliases: readonly string[];
  readonly kind: ParamKind;
  readonly description: string;
  readonly required: Required;
  /** Taken where the caller gives none or null. */
  readonly defaultValue?: string | number | boolean;
  /** What stands for the default in help where it is no fixed value. */
  readonly defaultHint?: string;
  /** Accepted, and not shown in help. */
  readonly hidden: boolean;
  /** Name of an array's items in help. */
  readonly itemName?: string;
  /** An object's members that a caller by name may also give beside the other parameters, as parts of this one. */
  readonly members?: readonly Param[];
  /** What stands for the parameter in the line of the call, where not its name. */
  readonly placeholder?: string;
  /** What its items look like in help, as what it would be as a result. */
  readonly items?: Field;
  /** Type only. */
  readonly value?: Value;
}

interface ParamOptions {
  readonly aliases?: readonly string[];
  readonly hidden?: boolean;
  readonly itemName?: string;
  readonly members?: readonly Param[];
  readonly placeholder?: string;
  readonly items?: Field;
  readonly defaultHint?: string;
}

export function required<Name extends string, Kind extends ParamKind>(
  name: Name,
  kind: Kind,
  description: string,
  options: ParamOptions = {},
): Param<Name, ParamValues[Kind], true> {
  return { name, kind, description, required: true, aliases: [], hidden: false, ...options };
}

export function optional<Name extends string, Kind extends ParamKind>(
  name: Name,
  kind: Kind,
  description: string,
  options: ParamOptions = {},
): Param<Name, ParamValues[Kind] | undefined, false> {
  return { name, kind, description, required: false, aliases: [], hidden: false, ...options };
}

export function withDefault<
  Name extends string,
  Kind extends "string" | "int" | "int64" | "uint32" | "uint64" | "bool" | "verbosity",
>(
  name: Name,
  kind: Kind,
  defaultValue: ParamValues[Kind],
  description: string,
  options: ParamOptions = {},
): Param<Name, ParamValues[Kind], false> {
  return { name, kind, description, required: false, aliases: [], hidden: false, ...options, defaultValue };
}

/** The object in which a method takes what is seldom given; each member may also be given by name, beside the other parameters. */
export function options<Name extends string>(
  name: Name,
  members: readonly Param[],
  given: ParamOptions = {},
): Param<Name, JsonObject | undefined, false> {
  const description = "An object with any of the named arguments below, which may also be given by name.";
  return optional(name, "object", description, { ...given, members });
}

export type FieldKind =
  | "str"
  | "hex"
  | "num"
  | "time"
  | "amount"
  | "bool"
  | "none"
  | "any"
  | "arr"
  | "obj"
  /** An object whose names are data. */
  | "map"
  /** Stands in help for fields described elsewhere. */
  | "elision";

export interface Field<Value = unknown> {
  readonly kind: FieldKind;
  readonly description: string;
  readonly optional: boolean;
  readonly fields?: Readonly<Record<string, Field>>;
  readonly item?: Field;
  /** Name of a `map`'s example member in help. */
  readonly itemName?: string;
  /** Type only. */
  readonly value?: Value;
}

type Fields = Readonly<Record<string, Field>>;
type ValueOf<F> = F extends Field<infer Value> ? Value : never;
type OptionalNames<F extends Fields> = {
  [Name in keyof F]: undefined extends ValueOf<F[Name]> ? Name : never;
}[keyof F];
type ObjectOf<F extends Fields> = { readonly [Name in Exclude<keyof F, OptionalNames<F>>]: ValueOf<F[Name]> } & {
  readonly [Name in OptionalNames<F>]?: Exclude<ValueOf<F[Name]>, undefined>;
};

const leaf =
  <Value>(kind: FieldKind) =>
  (description = ""): Field<Value> => ({ kind, description, optional: false });

export const str = leaf<string>("str");
export const hex = leaf<string>("hex");
export const num = leaf<number>("num");
export const time = leaf<number>("time");
/** Coins with eight decimals. */
export const amount = leaf<number>("amount");
export const bool = leaf<boolean>("bool");
export const none = leaf<null>("none");
export const any = leaf<unknown>("any");
export const elision = (description: string): Field<never> => ({ kind: "elision", description, optional: false });

export function arr<F extends Field>(item: F, description = ""): Field<readonly ValueOf<F>[]> {
  return { kind: "arr", description, optional: false, item };
}

export function obj<F extends Fields>(fields: F, description = ""): Field<ObjectOf<F>> {
  return { kind: "obj", description, optional: false, fields };
}

export function map<F extends Field>(
  itemName: string,
  item: F,
  description = "",
): Field<Readonly<Record<string, ValueOf<F>>>> {
  return { kind: "map", description, optional: false, item, itemName };
}

/** The same field, which may be absent. */
export function maybe<Value>(field: Field<Value>): Field<Value | undefined> {
  return { ...field, optional: true };
}

/** The type of what a field describes. */
export type FieldValue<F extends Field> = ValueOf<F>;

export interface Result<Value = unknown> {
  /** `for verbosity = 1`; absent where there is one result only. */
  readonly condition?: string;
  readonly field: Field<Value>;
}

export type RpcCategory =
  | "blockchain"
  | "control"
  | "hidden"
  | "mining"
  | "network"
  | "rawtransactions"
  | "util"
  | "wallet"
  | "zmq";

export interface RpcMethod {
  readonly category: RpcCategory;
  readonly description: string;
  readonly params: readonly Param[];
  readonly results: readonly Result[];
  /** Parameter lists to show, each as its items in JSON. */
  readonly examples: readonly (readonly string[])[];
}

/** Keeps the literal types of a declaration. */
export function method<const Params extends readonly Param[], const Results extends readonly Result[]>(declaration: {
  readonly category: RpcCategory;
  readonly description: string;
  readonly params: Params;
  readonly results: Results;
  readonly examples?: readonly (readonly string[])[];
}) {
  return { examples: [], ...declaration };
}

/** One result under every condition. */
export const result = <Value>(field: Field<Value>): readonly [Result<Value>] => [{ field }];
/** The result under a condition, as help words it: `for verbosity = 1`. */
export const when = <Value>(condition: string, field: Field<Value>): Result<Value> => ({ condition, field });

/** Parameters of a method as a handler gets them: by name, defaults filled in. */
export type ParamsOf<M extends { readonly params: readonly Param[] }> = {
  readonly [P in M["params"][number] as P["name"]]: ParamValueOf<P>;
};

type ParamValueOf<P> = P extends Param<string, infer Value> ? Value : never;

/** Parameters of a method as a caller may give them by name. */
export type CallParamsOf<M extends { readonly params: readonly Param[] }> = {
  readonly [P in Extract<M["params"][number], { readonly required: true }> as P["name"]]: ParamValueOf<P>;
} & {
  readonly [P in Extract<M["params"][number], { readonly required: false }> as P["name"]]?: ParamValueOf<P>;
};

export type ResultOf<M extends { readonly results: readonly Result[] }> =
  M["results"][number] extends Result<infer Value> ? Value : never;
