import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import { JsonObject, type JsonValue } from "@bitfleet/api/json.ts";
import { jsonTypeName, notOfType } from "@bitfleet/api/rpc/rpc-params.ts";

/** Objects within parameters, checked in Core's words. */

type JsonType = "string" | "number" | "bool" | "array" | "object";
/** JSON type of each member; `any` where it is looked at later. */
export type MemberTypes = Readonly<Record<string, JsonType | "any">>;

/** The object that `value` must be. */
export function objectParam(value: JsonValue): JsonObject {
  if (value instanceof JsonObject) return value;
  throw new RpcError(RpcErrorCode.TYPE_ERROR, notOfType(value, "object"));
}

/**
 * Throws where a member is of the wrong type, unless `mayLack` where one is missing, and unless `mayHaveOthers` where one
 * has a name that is not in `types`.
 */
export function checkMembers(
  object: JsonObject,
  types: MemberTypes,
  { mayLack, mayHaveOthers = false }: { readonly mayLack: boolean; readonly mayHaveOthers?: boolean },
): void {
  // By name, as Core has them: of several mistakes it tells the first.
  for (const [name, type] of Object.entries(types).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const value = object.get(name) ?? null;
    if (value === null) {
      if (mayLack) continue;
      throw new RpcError(RpcErrorCode.TYPE_ERROR, `Missing ${name}`);
    }
    if (type === "any" || jsonTypeName(value) === type) continue;
    const message = `JSON value of type ${jsonTypeName(value)} for field ${name} is not of expected type ${type}`;
    throw new RpcError(RpcErrorCode.TYPE_ERROR, message);
  }
  if (mayHaveOthers) return;
  const stranger = object.members.find(([name]) => !Object.hasOwn(types, name));
  if (stranger !== undefined) throw new RpcError(RpcErrorCode.TYPE_ERROR, `Unexpected key ${stranger[0]}`);
}
