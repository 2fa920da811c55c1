import { JsonObject, type JsonValue, parseJson } from "@bitfleet/api/json.ts";
import { isTextOnCommandLine, rpcMethod } from "@bitfleet/api/rpc/rpc-methods.ts";
import type { Param } from "@bitfleet/api/rpc/rpc-schema.ts";

/** From words of a command line to JSON parameters: what is text by the method's declaration stays text, the rest is JSON. */

/** `echo` and this one declare the same parameters; they differ in what a client on the command line makes of its words. */
const ECHO_OF_JSON = "echojson";

/** Arguments by their place. Throws `Error` where one that must be JSON is none. */
export function positionalArguments(method: string, words: readonly string[]): readonly JsonValue[] {
  const params = paramsOf(method);
  return words.map((word, index) => argumentOf(params[index], word));
}

/** `name=value` words by name, others by place (`args`), as with `-named`. */
export function namedArguments(method: string, words: readonly string[]): JsonObject {
  const params = paramsOf(method);
  const positional: JsonValue[] = [];
  const named = new Map<string, JsonValue>();
  for (const word of words) {
    const next = params[positional.length];
    const equals = word.indexOf("=");
    const name = word.slice(0, Math.max(equals, 0));
    const nameable = [...params, ...params.flatMap(({ members = [] }) => members)];
    const param = nameable.find((one) => one.name === name || one.aliases.includes(name));
    if (equals === -1) positional.push(argumentOf(next, word));
    else if (param === undefined && next !== undefined && standsAlone(next, word))
      positional.push(argumentOf(next, word));
    else named.set(name, argumentOf(param, word.slice(equals + 1)));
  }
  const members = [...named];
  if (positional.length > 0) members.push(["args", positional]);
  return new JsonObject(members);
}

function paramsOf(method: string): readonly Param[] {
  const params: readonly Param[] = rpcMethod(method)?.params ?? [];
  return method === ECHO_OF_JSON ? params.map((param) => ({ ...param, kind: "structure" })) : params;
}

/** Text with `=` in it that is no name: it may be the value of a parameter by place (a label, a JSON object). */
function standsAlone(param: Param, word: string): boolean {
  return param.kind !== "json" && (isText(param) || tryJson(word) !== undefined);
}

function isText(param: Param | undefined): boolean {
  return param === undefined || isTextOnCommandLine(param);
}

function argumentOf(param: Param | undefined, word: string): JsonValue {
  if (isText(param)) return word;
  const value = tryJson(word);
  if (value !== undefined) return value;
  if (param!.kind === "heightOrHash") return word;
  throw new Error(`Error parsing JSON: ${word}`);
}

function tryJson(text: string): JsonValue | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
