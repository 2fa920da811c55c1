import { type JsonValue, type RpcValue, writeJson } from "@bitfleet/api/json.ts";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { type Hash256, parseDisplayHash } from "@bitfleet/protocol/primitives/types.ts";

/** What Bitcoin Core's REST interface reads of a request, and the forms of its answers. */

export type RestFormat = "bin" | "hex" | "json";

export interface RestRequest {
  /** Path and query as they were sent. */
  readonly target: string;
  /** Of the path, what stands behind the prefix of the call; query included. */
  readonly rest: string;
  readonly body: Uint8Array;
}

export interface RestAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Uint8Array;
}

/** An answer that says why not, in Core's words. */
export class RestError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export const badRequest = (message: string) => new RestError(400, message);
export const notFound = (message: string) => new RestError(404, message);

/** Path and format of `rest`: the format is an ending, `undefined` where there is none that is known, which then stays in the path. */
export function splitFormat(rest: string): { readonly path: string; readonly format: RestFormat | undefined } {
  const query = rest.lastIndexOf("?");
  const whole = query < 0 ? rest : rest.slice(0, query);
  const dot = whole.lastIndexOf(".");
  const ending = dot < 0 ? undefined : whole.slice(dot + 1);
  if (ending === "bin" || ending === "hex" || ending === "json") return { path: whole.slice(0, dot), format: ending };
  return { path: ending === "" ? whole.slice(0, dot) : whole, format: undefined };
}

/** The value of a field of the query, its escapes resolved; "" for one without a value, `undefined` where it is absent. */
export function queryField(target: string, name: string): string | undefined {
  const start = target.indexOf("?");
  if (start < 0) return undefined;
  for (const field of target
    .slice(start + 1)
    .split("#", 1)[0]!
    .split("&")) {
    const equals = field.indexOf("=");
    const key = equals < 0 ? field : field.slice(0, equals);
    if (unescaped(key) === name) return equals < 0 ? "" : unescaped(field.slice(equals + 1));
  }
  return undefined;
}

/** What is no escape stays as it is. */
const unescaped = (text: string) =>
  text.replace(/%([0-9a-fA-F]{2})/g, (_whole, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));

/** Throws `RestError` where the text is no hash. */
export function hashIn<H extends Hash256>(text: string): H {
  const hash = parseDisplayHash<H>(text);
  if (hash === undefined) throw badRequest(`Invalid hash: ${text}`);
  return hash;
}

/** A whole number without a sign that fits into so many bits; `undefined` for any other text. */
export function unsignedIn(text: string, bits: 32 | 64): bigint | undefined {
  if (!/^[0-9]{1,40}$/.test(text)) return undefined;
  const value = BigInt(text);
  return value < 1n << BigInt(bits) ? value : undefined;
}

/** How many headers are asked for. Throws `RestError`. */
export function countIn(text: string): number {
  const count = unsignedIn(text, 64);
  if (count === undefined || count < 1n || count > BigInt(HEADERS_COUNT_MAX)) {
    const range = `(1-${HEADERS_COUNT_MAX})`;
    throw badRequest(`Header count is invalid or out of acceptable range ${range}: ${text}`);
  }
  return Number(count);
}

export const HEADERS_COUNT_MAX = 2000;
/** Where the query does not say. */
export const HEADERS_COUNT_DEFAULT = "5";

/** How an answer can be given; of a call that has no form for a format, that is absent. */
export interface RestForms {
  readonly bytes?: () => Uint8Array | Promise<Uint8Array>;
  /** In place of the bytes' own hex. */
  readonly hex?: () => string;
  readonly json?: () => RpcValue | Promise<RpcValue>;
}

/** The answer in the format that was asked for. Throws `RestError` where there is none. */
export async function answerIn(format: RestFormat | undefined, forms: RestForms): Promise<RestAnswer> {
  if (format === "json" && forms.json) return jsonAnswer(await forms.json());
  if (format === "hex" && (forms.hex ?? forms.bytes)) {
    return textAnswer(200, `${forms.hex?.() ?? toHex(await forms.bytes!())}\n`);
  }
  if (format === "bin" && forms.bytes) {
    return { status: 200, contentType: "application/octet-stream", body: await forms.bytes() };
  }
  throw formatNotFound(forms.bytes ? ALL_FORMATS : "json");
}

export const ALL_FORMATS = ".bin, .hex, .json";

export const formatNotFound = (formats: string) => notFound(`output format not found (available: ${formats})`);

/** What came in the path goes out byte for byte; a text of our own may have other characters, as in `Loading block index…`. */
export function textAnswer(status: number, text: string): RestAnswer {
  const isOfBytes = [...text].every((character) => character <= "\u00ff");
  return { status, contentType: "text/plain", body: Buffer.from(text, isOfBytes ? "latin1" : "utf8") };
}

function jsonAnswer(value: RpcValue | JsonValue): RestAnswer {
  return { status: 200, contentType: "application/json", body: Buffer.from(`${writeJson(value)}\n`) };
}
