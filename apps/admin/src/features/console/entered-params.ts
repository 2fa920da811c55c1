import type { RpcParamView } from "@bitfleet/api/rest/console.ts";
import type { JsonValue } from "@bitfleet/ui/json/json-lines.ts";
import { LineProblem, readWord } from "./command-line.ts";
import { texts } from "./texts.ts";

/** From what stands in the fields of a form to the parameters of a call. */

/** As much of JSON Schema as forms are made from. */
export interface ParamSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly ParamSchema[];
  readonly items?: ParamSchema;
  readonly properties?: Readonly<Record<string, ParamSchema>>;
}

/** By the names of the fields: `options.fee_rate` is one of an object. */
export type Entered = Readonly<Record<string, string>>;

export const schemaOf = ({ schema }: Pick<RpcParamView, "schema">) => schema as ParamSchema;

/** The fields of a parameter that is an object of known fields, named with it; none of any other. */
export function membersOf(param: RpcParamView): readonly RpcParamView[] {
  return Object.entries(schemaOf(param).properties ?? {}).map(([name, schema]) => ({
    name: `${param.name}.${name}`,
    aliases: [],
    is_required: false,
    default_hint: null,
    is_text: schema.type === "string",
    schema,
  }));
}

/** Whether texts may be entered one on each line. */
export const takesLines = ({ type, items }: ParamSchema) => type === "array" && items?.type === "string";

/** What was entered, as parameters by name, and what is wrong with it by the names of the fields. */
export function paramsOf(known: readonly RpcParamView[], entered: Entered) {
  const params: Record<string, JsonValue> = {};
  const problems = new Map<string, string>();
  const read = (param: RpcParamView, into: Record<string, JsonValue>, name: string): void => {
    const text = entered[param.name] ?? "";
    if (text === "") {
      if (param.is_required) problems.set(param.name, texts.form.missing);
      return;
    }
    try {
      into[name] = readEntry(param, text);
    } catch (error) {
      if (!(error instanceof LineProblem)) throw error;
      problems.set(param.name, error.message);
    }
  };
  for (const param of known) {
    const members = membersOf(param);
    if (members.length === 0) {
      read(param, params, param.name);
      continue;
    }
    const object: Record<string, JsonValue> = {};
    for (const member of members) read(member, object, member.name.slice(param.name.length + 1));
    if (Object.keys(object).length > 0 || param.is_required) params[param.name] = object;
  }
  return { params, problems };
}

function readEntry(param: RpcParamView, text: string): JsonValue {
  if (!takesLines(schemaOf(param)) || text.trimStart().startsWith("[")) return readWord(param, text);
  return text.split("\n").flatMap((line) => (line.trim() === "" ? [] : [line.trim()]));
}
