import { JsonNumber, JsonObject, type JsonValue } from "@bitfleet/api/json.ts";

const INDENT = 2;

/** A result as bitcoin-cli prints it: text as it is, nothing for null, all other as indented JSON. */
export function resultText(value: JsonValue): string {
  if (value === null) return "";
  return typeof value === "string" ? value : indented(value, 1);
}

function indented(value: JsonValue, level: number): string {
  if (value instanceof JsonNumber) return value.text;
  if (value instanceof JsonObject) {
    const members = value.members.map(([name, member]) => `${JSON.stringify(name)}: ${indented(member, level + 1)}`);
    return block("{", members, "}", level);
  }
  if (Array.isArray(value)) {
    return block(
      "[",
      value.map((item) => indented(item, level + 1)),
      "]",
      level,
    );
  }
  return JSON.stringify(value);
}

function block(open: string, lines: readonly string[], close: string, level: number): string {
  const inner = lines.map((line) => `${" ".repeat(level * INDENT)}${line}`).join(",\n");
  return `${open}\n${inner}${lines.length > 0 ? "\n" : ""}${" ".repeat((level - 1) * INDENT)}${close}`;
}
