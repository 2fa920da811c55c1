/** A JSON value as lines of a tree, of which only what is open is listed: pure, so that a value of megabytes costs what is seen of it. */

export type JsonValue =
  | null
  | boolean
  | number
  | string
  | bigint
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** Keys from the top down. */
export type JsonPath = readonly (string | number)[];

export interface JsonLine {
  readonly path: JsonPath;
  /** `pathText(path)`: names the line. */
  readonly id: string;
  readonly value: JsonValue;
  /** Of an array or object: entries in it; otherwise `undefined`. */
  readonly childCount: number | undefined;
  readonly isOpen: boolean;
}

/** Lines listed at once: what is beyond is said to be. */
export const LINES_MAX = 200_000;
/** Found places kept. */
export const MATCHES_MAX = 1_000;

/** Lines of the value, given which of its parts are open, by id. */
export function linesOf(root: JsonValue, open: ReadonlySet<string>): readonly JsonLine[] {
  const lines: JsonLine[] = [];
  const add = (path: JsonPath, value: JsonValue): void => {
    if (lines.length >= LINES_MAX) return;
    const id = pathText(path);
    const entries = isBranch(value) ? entriesOf(value) : undefined;
    const isOpen = entries !== undefined && open.has(id);
    lines.push({ path, id, value, childCount: entries?.length, isOpen });
    if (isOpen) for (const [key, child] of entries) add([...path, key], child);
  };
  add([], root);
  return lines;
}

/** Places whose key or value holds the text, whatever its case, in the order of the tree. */
export function findInJson(root: JsonValue, text: string): readonly JsonPath[] {
  const wanted = text.trim().toLowerCase();
  const found: JsonPath[] = [];
  if (wanted === "") return found;
  const path: (string | number)[] = [];
  const visit = (value: JsonValue): void => {
    if (found.length >= MATCHES_MAX) return;
    const key = path.at(-1);
    const isHit =
      (typeof key === "string" && key.toLowerCase().includes(wanted)) ||
      (!isBranch(value) && String(value).toLowerCase().includes(wanted));
    if (isHit) found.push([...path]);
    if (!isBranch(value)) return;
    for (const [name, child] of entriesOf(value)) {
      path.push(name);
      visit(child);
      path.pop();
    }
  };
  visit(root);
  return found;
}

/** As one writes it in a program: `$.vout[0].scriptPubKey`, `$["odd key"]`. */
export function pathText(path: JsonPath): string {
  let text = "$";
  for (const key of path) {
    if (typeof key === "number") text += `[${key}]`;
    else text += /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
  }
  return text;
}

/** Ids of the parts to open so that the place is seen. */
export function idsAbove(path: JsonPath): readonly string[] {
  return path.map((_, index) => pathText(path.slice(0, index)));
}

/** Ids of what is open at first: down to a depth, as long as it is not too much. */
export function firstOpen(root: JsonValue, depth: number, linesMax = 200): ReadonlySet<string> {
  const open = new Set<string>();
  let level: readonly (readonly [JsonPath, JsonValue])[] = [[[], root]];
  let lineCount = 1;
  for (let step = 0; step < depth; step++) {
    const next: (readonly [JsonPath, JsonValue])[] = [];
    for (const [path, value] of level) {
      if (!isBranch(value)) continue;
      const entries = entriesOf(value);
      if (lineCount + entries.length > linesMax && path.length > 0) continue;
      lineCount += entries.length;
      open.add(pathText(path));
      for (const [key, child] of entries) next.push([[...path, key], child]);
    }
    level = next;
  }
  return open;
}

/** The value as text, numbers beyond a double's reach included. */
export function jsonText(value: JsonValue): string {
  if (typeof value === "string") return value;
  return JSON.stringify(value, (_key, part) => (typeof part === "bigint" ? Number(part) : part), 2);
}

function isBranch(value: JsonValue): value is readonly JsonValue[] | { readonly [key: string]: JsonValue } {
  return typeof value === "object" && value !== null;
}

function entriesOf(value: readonly JsonValue[] | { readonly [key: string]: JsonValue }) {
  const entries: (readonly [string | number, JsonValue])[] = Array.isArray(value)
    ? value.map((child: JsonValue, index) => [index, child] as const)
    : Object.entries(value);
  return entries;
}
