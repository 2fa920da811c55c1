import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import { SighashType } from "@bitfleet/protocol/script/sighash.ts";

const { ALL, NONE, SINGLE, ANYONECANPAY } = SighashType;

/** Hash types by the names that calls take. */
const HASH_TYPES: ReadonlyMap<string, number> = new Map([
  ["DEFAULT", SighashType.DEFAULT],
  ["ALL", ALL],
  ["ALL|ANYONECANPAY", ALL | ANYONECANPAY],
  ["NONE", NONE],
  ["NONE|ANYONECANPAY", NONE | ANYONECANPAY],
  ["SINGLE", SINGLE],
  ["SINGLE|ANYONECANPAY", SINGLE | ANYONECANPAY],
]);

/** The hash type of that name; -8 where there is none. */
export function hashTypeParam(name: string): number {
  const hashType = HASH_TYPES.get(name);
  if (hashType !== undefined) return hashType;
  throw new RpcError(RpcErrorCode.INVALID_PARAMETER, `'${name}' is not a valid sighash parameter.`);
}

/** The name of a hash type, of which the lowest byte counts; DEFAULT and those that are none have no name. */
export function hashTypeName(hashType: number): string {
  const byte = hashType & 0xff;
  const named = [...HASH_TYPES].find(([, each]) => each === byte && each !== SighashType.DEFAULT);
  return named?.[0] ?? "";
}
