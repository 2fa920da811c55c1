/**
 * JSON without loss: numbers keep the digits they were written with, members keep their order and repetitions. Amounts and
 * 64-bit numbers pass through unharmed, which `JSON.parse` cannot promise.
 */

/** Nesting beyond this is refused, as in Core. */
export const JSON_DEPTH_MAX = 512;

/** A number by its digits. */
export class JsonNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A value that is written already. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** An object as written. The first member of a name counts. */
export class JsonObject {
  readonly members: readonly (readonly [name: string, value: JsonValue])[];

  constructor(members: readonly (readonly [name: string, value: JsonValue])[]) {
    this.members = members;
  }

  get(name: string): JsonValue | undefined {
    for (const member of this.members) if (member[0] === name) return member[1];
    return undefined;
  }
}

export type JsonValue = null | boolean | string | JsonNumber | readonly JsonValue[] | JsonObject;

/** What {@link writeJson} writes. Members that are `undefined` are left out; numbers are finite. */
export type RpcValue =
  | JsonValue
  | JsonText
  | undefined
  | number
  | bigint
  | readonly RpcValue[]
  | { readonly [name: string]: RpcValue };

/** Text that is no JSON. */
export class JsonSyntaxError extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(`${message} (at character ${offset})`);
    this.name = "JsonSyntaxError";
    this.offset = offset;
  }
}

/** Reads one JSON value and nothing behind it. Throws {@link JsonSyntaxError}. */
export function parseJson(text: string): JsonValue {
  const parser = new Parser(text);
  const value = parser.value(1);
  parser.end();
  return value;
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const SPACE = /[ \t\n\r]*/y;
/** Characters of a string up to its end or the first that needs a closer look. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what may not stand in a JSON string
const PLAIN = /[^"\\\u0000-\u001f]*/y;
/** With `u` a whole pair is one character, which this does not match. */
const HALF_PAIR = /\p{Surrogate}/u;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

class Parser {
  readonly #text: string;
  #offset = 0;

  constructor(text: string) {
    this.#text = text;
  }

  #fail(message: string): never {
    throw new JsonSyntaxError(message, this.#offset);
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#offset;
    const found = pattern.exec(this.#text)?.[0] ?? "";
    this.#offset += found.length;
    return found;
  }

  /** The next character behind white space, not taken; "" at the end. */
  #peek(): string {
    const code = this.#text.charCodeAt(this.#offset);
    if (code <= 0x20) this.#match(SPACE);
    return this.#text.charAt(this.#offset);
  }

  #take(character: string): boolean {
    if (this.#peek() !== character) return false;
    this.#offset++;
    return true;
  }

  end(): void {
    if (this.#peek() !== "") this.#fail("unexpected text behind the value");
  }

  value(depth: number): JsonValue {
    if (depth > JSON_DEPTH_MAX) this.#fail("nested too deeply");
    const first = this.#peek();
    if (first === '"') return this.#string();
    if (first === "{") return this.#object(depth);
    if (first === "[") return this.#array(depth);
    if (first === "-" || (first >= "0" && first <= "9")) {
      const digits = this.#match(NUMBER);
      if (digits === "") this.#fail("malformed number");
      return new JsonNumber(digits);
    }
    for (const [word, value] of WORDS) {
      if (this.#text.startsWith(word, this.#offset)) {
        this.#offset += word.length;
        return value;
      }
    }
    return this.#fail(first === "" ? "unexpected end" : "unexpected character");
  }

  #array(depth: number): JsonValue[] {
    this.#offset++;
    const items: JsonValue[] = [];
    if (this.#take("]")) return items;
    do items.push(this.value(depth + 1));
    while (this.#take(","));
    if (!this.#take("]")) this.#fail("expected , or ]");
    return items;
  }

  #object(depth: number): JsonObject {
    this.#offset++;
    const members: [string, JsonValue][] = [];
    if (this.#take("}")) return new JsonObject(members);
    do {
      if (this.#peek() !== '"') this.#fail("expected a name");
      const name = this.#string();
      if (!this.#take(":")) this.#fail("expected :");
      members.push([name, this.value(depth + 1)]);
    } while (this.#take(","));
    if (!this.#take("}")) this.#fail("expected , or }");
    return new JsonObject(members);
  }

  #string(): string {
    this.#offset++;
    let text = this.#match(PLAIN);
    let mayBeHalf = false;
    for (;;) {
      const stop = this.#text.charAt(this.#offset);
      if (stop === '"') {
        this.#offset++;
        if (mayBeHalf && HALF_PAIR.test(text)) this.#fail("half of a surrogate pair in a string");
        return text;
      }
      if (stop !== "\\") this.#fail(stop === "" ? "unexpected end of a string" : "control character in a string");
      const escaped = this.#escape();
      mayBeHalf ||= escaped >= "\ud800" && escaped <= "\udfff";
      text += escaped + this.#match(PLAIN);
    }
  }

  #escape(): string {
    const kind = this.#text.charAt(this.#offset + 1);
    if (kind === "u") {
      const digits = this.#text.slice(this.#offset + 2, this.#offset + 6);
      if (!/^[0-9a-fA-F]{4}$/.test(digits)) this.#fail("malformed \\u escape");
      this.#offset += 6;
      return String.fromCharCode(Number.parseInt(digits, 16));
    }
    const character = ESCAPES[kind];
    if (character === undefined) this.#fail("unknown escape");
    this.#offset += 2;
    return character;
  }
}

const WORDS: readonly (readonly [string, JsonValue])[] = [
  ["true", true],
  ["false", false],
  ["null", null],
];

/** Writes a value without white space. */
export function writeJson(value: RpcValue): string {
  switch (typeof value) {
    case "string":
      return stringText(value);
    case "number":
      return numberText(value);
    case "boolean":
      return value ? "true" : "false";
    case "bigint":
      return value.toString();
    case "undefined":
      return "null";
  }
  if (value === null) return "null";
  if (value instanceof JsonNumber || value instanceof JsonText) return value.text;
  if (Array.isArray(value)) {
    let text = "[";
    for (let index = 0; index < value.length; index++) text += (index === 0 ? "" : ",") + writeJson(value[index]);
    return `${text}]`;
  }
  let text = "";
  if (value instanceof JsonObject) {
    for (const [name, member] of value.members) {
      text += `${text === "" ? "" : ","}${stringText(name)}:${writeJson(member)}`;
    }
    return `{${text}}`;
  }
  const fields = value as Readonly<Record<string, RpcValue>>;
  for (const name of Object.keys(fields)) {
    const member = fields[name];
    if (member !== undefined) text += (text === "" ? "" : ",") + nameText(name) + writeJson(member);
  }
  return `{${text}}`;
}

const DELETE = "\x7f";

/** A string as Core quotes it: the control character behind ASCII's letters is escaped as those before them. */
function stringText(value: string): string {
  const text = JSON.stringify(value);
  return value.includes(DELETE) ? text.replaceAll(DELETE, "\\u007f") : text;
}

/** Names of our own objects, quoted and with their colon: they are few, and written again and again. */
const NAME_TEXTS_MAX = 1024;
const nameTexts = new Map<string, string>();

function nameText(name: string): string {
  let text = nameTexts.get(name);
  if (text === undefined) {
    text = `${stringText(name)}:`;
    if (nameTexts.size < NAME_TEXTS_MAX) nameTexts.set(name, text);
  }
  return text;
}

/** Significant digits of a fraction, as Core prints doubles. */
const FRACTION_DIGITS = 16;

/** A number as C's `%.16g` has it, which is how Core prints difficulties and progress: `4.656542373906925e-10`. */
function numberText(value: number): string {
  if (Number.isSafeInteger(value)) return Object.is(value, -0) ? "-0" : String(value);
  if (!Number.isFinite(value)) throw new TypeError(`${value} has no form in JSON`);
  const [mantissa, power] = value.toExponential(FRACTION_DIGITS - 1).split("e") as [string, string];
  const exponent = Number(power);
  if (exponent >= -4 && exponent < FRACTION_DIGITS) {
    return withoutTrailingZeros(value.toFixed(FRACTION_DIGITS - 1 - exponent));
  }
  const sign = exponent < 0 ? "-" : "+";
  return `${withoutTrailingZeros(mantissa)}e${sign}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

function withoutTrailingZeros(digits: string): string {
  return digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits;
}

/** A parsed value as plain JavaScript, for consumers that want no exactness: numbers become doubles. */
export function toPlain(value: JsonValue): unknown {
  if (value instanceof JsonNumber) return Number(value.text);
  if (value instanceof JsonObject) {
    const members = new Map<string, unknown>();
    for (const [name, member] of value.members) if (!members.has(name)) members.set(name, toPlain(member));
    return Object.fromEntries(members);
  }
  return Array.isArray(value) ? value.map(toPlain) : value;
}
