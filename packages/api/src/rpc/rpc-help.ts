import { writeJson } from "../json.ts";
import type { Field, Param, Result, RpcMethod } from "./rpc-schema.ts";

/** Help in the layout of Bitcoin Core, which programs parse: a call on one line, arguments, results, examples. */

/** One line of a table of two columns; `right` may go over several lines. */
interface Row {
  readonly left: string;
  readonly right: string;
}

const COLUMN_GAP = 4;

/** The text of `help METHOD`, with a line break at the end. */
export function methodHelp(name: string, method: RpcMethod): string {
  const shown = method.params.filter((param) => !param.hidden);
  const argumentRows = shown.flatMap((param, index) => [
    { left: `${index + 1}. ${param.name}`, right: paramDescription(param) },
    ...itemRows(param),
  ]);
  return [
    `${callLine(name, method)}\n\n${method.description.trim()}\n`,
    argumentRows.length > 0 ? `\nArguments:\n${columns(argumentRows)}` : "",
    namedArgumentsText(shown),
    ...method.results.map(resultText),
    examplesText(name, method),
  ].join("");
}

/** The call on one line: `getblock "blockhash" ( verbosity )`. */
export function callLine(name: string, method: RpcMethod): string {
  let line = name;
  let inOptional = false;
  for (const param of method.params) {
    if (param.hidden) break;
    if (param.required && inOptional) line += " )";
    if (!param.required && !inOptional) line += " (";
    inOptional = !param.required;
    line += ` ${placeholder(param)}`;
  }
  return inOptional ? `${line} )` : line;
}

function placeholder(param: Param): string {
  if (param.placeholder !== undefined) return param.placeholder;
  if (param.kind === "string" || param.kind === "hex") return `"${param.name}"`;
  return param.kind === "strings" ? `["${param.itemName ?? param.name}",...]` : param.name;
}

const KIND_TEXT: Readonly<Record<Param["kind"], string>> = {
  string: "string",
  hex: "string",
  int: "numeric",
  int64: "numeric",
  uint32: "numeric",
  uint64: "numeric",
  number: "numeric",
  real: "numeric",
  bool: "boolean",
  verbosity: "numeric",
  strings: "json array",
  array: "json array",
  heightOrHash: "string or numeric",
  amount: "numeric or string",
  feerate: "numeric or string",
  object: "json object",
  structure: "json",
  json: "string",
};

function paramDescription(param: Param): string {
  const kind = param.members === undefined ? KIND_TEXT[param.kind] : "json object";
  return `(${kind}${presence(param)})${param.description === "" ? "" : ` ${param.description}`}`;
}

function presence(param: Param): string {
  if (param.required) return ", required";
  if (param.defaultValue !== undefined) return `, optional, default=${writeJson(param.defaultValue)}`;
  return param.defaultHint === undefined ? ", optional" : `, optional, default=${param.defaultHint}`;
}

/** Members of an object that may be given by name beside the other parameters. */
function namedArgumentsText(params: readonly Param[]): string {
  const rows = params.flatMap(({ members = [] }) =>
    members.flatMap((member) => [{ left: member.name, right: paramDescription(member) }, ...itemRows(member)]),
  );
  return rows.length === 0 ? "" : `\nNamed Arguments:\n${columns(rows)}`;
}

function itemRows(param: Param): Row[] {
  if (param.items !== undefined) return argumentItemRows(param.items);
  if (param.kind !== "strings") return [];
  return [
    { left: "     [", right: "" },
    { left: `       "${param.itemName ?? param.name}",`, right: "(string)" },
    { left: "       ...", right: "" },
    { left: "     ]", right: "" },
  ];
}

const ITEM_INDENT = 5;

/** The rows of an array that is given: a comma behind every member, and which members of its objects must be there. */
function argumentItemRows(items: Field): Row[] {
  const rows = fieldRows(items, ITEM_INDENT + 2, "", ",").map(({ left, right }) => ({
    left: left.replace(/^( +"[^"]*") : ([^,]*),?$/, "$1: $2,"),
    right:
      left.includes('": ') || left.includes('" : ') ? right.replace(/^\((string|numeric)\)/, "($1, required)") : right,
  }));
  const pad = " ".repeat(ITEM_INDENT);
  return [{ left: `${pad}[`, right: "" }, ...rows, { left: `${pad}  ...`, right: "" }, { left: `${pad}]`, right: "" }];
}

function resultText(result: Result): string {
  if (result.field.kind === "any") return "";
  const head = result.condition === undefined ? "Result" : `Result (${result.condition})`;
  return `\n${head}:\n${columns(fieldRows(result.field, 0, "", ""))}`;
}

/** What stands for a value of each simple kind, and how the kind is called. */
const SAMPLES: Readonly<Record<string, readonly [sample: string, kind: string]>> = {
  str: ['"str"', "string"],
  hex: ['"hex"', "string"],
  num: ["n", "numeric"],
  amount: ["n", "numeric"],
  time: ["xxx", "numeric"],
  bool: ["true|false", "boolean"],
  none: ["null", "json null"],
  any: ["...", "any"],
};

/** The rows of a field. `key` is its name within an object, written; `separator` what stands behind it. */
function fieldRows(field: Field, indent: number, key: string, separator: string): Row[] {
  const pad = " ".repeat(indent);
  const describe = (kind: string) =>
    `(${kind}${field.optional ? ", optional" : ""})${field.description === "" ? "" : ` ${field.description}`}`;
  if (field.kind === "elision") return [{ left: `${pad}...${separator}`, right: field.description }];
  const sample = SAMPLES[field.kind];
  if (sample) return [{ left: pad + key + sample[0] + separator, right: describe(sample[1]) }];
  if (field.kind === "arr") {
    const inner = fieldRows(field.item!, indent + 2, "", ",");
    return [
      { left: `${pad}${key}[`, right: describe("json array") },
      ...inner,
      { left: `${pad}  ...`, right: "" },
      { left: `${pad}]${separator}`, right: "" },
    ];
  }
  return objectRows(field, indent, key, separator, describe);
}

function objectRows(
  field: Field,
  indent: number,
  key: string,
  separator: string,
  describe: (kind: string) => string,
): Row[] {
  const pad = " ".repeat(indent);
  const members: readonly (readonly [string, Field])[] =
    field.kind === "map" ? [[field.itemName!, field.item!]] : Object.entries(field.fields!);
  if (members.length === 0) return [{ left: `${pad}${key}{}${separator}`, right: describe("empty JSON object") }];
  const inner = members.flatMap(([name, member], index) =>
    fieldRows(member, indent + 2, `"${name}" : `, field.kind === "obj" && index === members.length - 1 ? "" : ","),
  );
  return [
    { left: `${pad}${key}{`, right: describe("json object") },
    ...inner,
    ...(field.kind === "map" ? [{ left: `${pad}  ...`, right: "" }] : []),
    { left: `${pad}}${separator}`, right: "" },
  ];
}

function columns(rows: readonly Row[]): string {
  const width = Math.max(...rows.map((row) => row.left.length)) + COLUMN_GAP;
  const continuation = `\n${" ".repeat(width)}`;
  return rows
    .map(({ left, right }) =>
      right === "" ? `${left}\n` : `${left.padEnd(width)}${right.replace(/\n */g, continuation)}\n`,
    )
    .join("");
}

function examplesText(name: string, method: RpcMethod): string {
  if (method.examples.length === 0) return "";
  const cli = method.examples.map((items) => `> bitcoin-cli ${name} ${items.map(shellWord).join(" ")}\n`);
  const curl = method.examples.map(
    (items) =>
      `> curl --user myusername --data-binary '{"jsonrpc": "2.0", "id": "curltest", "method": "${name}", "params": [${items.join(", ")}]}' -H 'content-type: application/json' http://127.0.0.1:8332/\n`,
  );
  return `\nExamples:\n${[...cli, ...curl].join("")}`;
}

function shellWord(json: string): string {
  return /^[[{]/.test(json) ? `'${json}'` : json;
}
