import type { RpcMethodView, RpcParamView } from "@bitfleet/api/rest/console.ts";
import type { JsonValue } from "@bitfleet/ui/json/json-lines.ts";
import { texts } from "./texts.ts";

/** A command line as bitcoin-cli takes it, read into a call. What it does to words is done here too, so that examples can be copied. */

/** A call as the interface takes it. */
export interface Call {
  readonly method: string;
  readonly params: readonly JsonValue[] | { readonly [name: string]: JsonValue };
  readonly wallet?: string;
}

/** What is wrong with a line, for its writer. */
export class LineProblem extends Error {}

type ParamOf = (method: string) => readonly RpcParamView[];

/** The call that a line means. Throws {@link LineProblem}. Without the methods at hand every word that is no JSON is text. */
export function readLine(line: string, methods: readonly RpcMethodView[]): Call {
  const words = wordsOf(line.trim());
  if (words[0] === "bitcoin-cli") words.shift();
  let isNamed = false;
  let wallet: string | undefined;
  while (words[0]?.startsWith("-")) {
    const option = words.shift()!;
    const [, name, value] = /^--?([^=]+)(?:=(.*))?$/s.exec(option) ?? [];
    if (name === "named") isNamed = true;
    else if (name === "rpcwallet" && value !== undefined) wallet = value;
    // The chain is that of the node.
    else if (!["regtest", "signet", "testnet", "testnet4"].includes(name ?? "")) {
      throw new LineProblem(texts.line.noOption(option));
    }
  }
  const method = words.shift();
  if (method === undefined) throw new LineProblem(texts.line.noMethod);
  const paramsOf: ParamOf = (name) => methods.find((one) => one.name === name)?.params ?? [];
  const known = paramsOf(method);
  const params = isNamed ? namedParams(known, words) : words.map((word, index) => readWord(known[index], word));
  return { method, params, ...(wallet !== undefined && { wallet }) };
}

/** The value that a word stands for: text as it is where the parameter takes text, else JSON. Throws {@link LineProblem}. */
export function readWord(param: RpcParamView | undefined, word: string): JsonValue {
  if (param === undefined || param.is_text) return word;
  try {
    return JSON.parse(word) as JsonValue;
  } catch {
    // A hash where a height may stand as well.
    if (takesText(param)) return word;
    throw new LineProblem(texts.line.noJson(param.name, word));
  }
}

/** A call written as bitcoin-cli would take it, by names. */
export function writeLine({ method, params, wallet }: Call): string {
  const option = wallet === undefined ? [] : [`-rpcwallet=${quoted(wallet)}`];
  if (Array.isArray(params)) return [...option, method, ...params.map((value) => quoted(wordOf(value)))].join(" ");
  const named = Object.entries(params).map(([name, value]) => quoted(`${name}=${wordOf(value)}`));
  return [...(named.length > 0 ? ["-named"] : []), ...option, method, ...named].join(" ");
}

const wordOf = (value: JsonValue) => (typeof value === "string" ? value : JSON.stringify(value));
const quoted = (word: string) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

/** Words as a shell parts them: by spaces, save within quotes; a backslash keeps what follows it. */
function wordsOf(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let at = 0; at < line.length; at++) {
    const sign = line[at]!;
    if (sign === quote) quote = "";
    else if (quote === "'") word += sign;
    else if (sign === "\\" && (quote === "" || /["\\$`]/.test(line[at + 1] ?? "")))
      word = (word ?? "") + (line[++at] ?? "");
    else if (quote === '"') word += sign;
    else if (sign === "'" || sign === '"') {
      quote = sign;
      word ??= "";
    } else if (/\s/.test(sign)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? "") + sign;
  }
  if (quote !== "") throw new LineProblem(texts.line.openQuote(quote));
  if (word !== undefined) words.push(word);
  return words;
}

/** `name=value` words by name; what has no name goes by its place. */
function namedParams(known: readonly RpcParamView[], words: readonly string[]): { readonly [name: string]: JsonValue } {
  const named: [string, JsonValue][] = [];
  const placed: JsonValue[] = [];
  for (const word of words) {
    const equals = word.indexOf("=");
    const name = word.slice(0, Math.max(0, equals));
    const param = known.find((one) => one.name === name || one.aliases.includes(name));
    if (param !== undefined) named.push([name, readWord(param, word.slice(equals + 1))]);
    else if (equals > 0 && /^\w+$/.test(name)) named.push([name, jsonOrText(word.slice(equals + 1))]);
    else placed.push(readWord(known[placed.length], word));
  }
  return Object.fromEntries([...named, ...(placed.length > 0 ? [["args", placed] as const] : [])]);
}

/** For names that belong to an object of options, whose kinds are not told. */
function jsonOrText(word: string): JsonValue {
  try {
    return JSON.parse(word) as JsonValue;
  } catch {
    return word;
  }
}

function takesText({ schema }: RpcParamView): boolean {
  const { type, anyOf } = schema as {
    readonly type?: unknown;
    readonly anyOf?: readonly { readonly type?: unknown }[];
  };
  return type === "string" || (Array.isArray(anyOf) && anyOf.some((one) => one.type === "string"));
}
