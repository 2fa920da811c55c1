import { ApiError } from "@bitfleet/api/errors.ts";
import type { FastifyInstance } from "fastify";

/** Levels of lists and objects in a body: the deepest of ours has three. */
export const BODY_DEPTH_MAX = 16;
/** Commas between items and fields of a body: the longest of ours has some hundred. */
export const BODY_COMMAS_MAX = 10_000;

/**
 * Has bodies looked over before they are parsed. A parser takes a hundred times as long over a million brackets or items as over a long
 * text of the same size, a quarter of a second for a megabyte, and the whole node waits meanwhile.
 */
export function guardBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser("error", "error");
  app.addContentTypeParser<string>("application/json", { parseAs: "string" }, (request, body, done) => {
    if (isSimpleJson(body)) return parse(request, body, done);
    done(new ApiError(400, "The body has more levels or items than any call takes."));
  });
}

/** Whether text has no more levels and commas than bodies may, if it is JSON at all. Takes a time that grows with its length alone. */
export function isSimpleJson(text: string): boolean {
  let depth = 0;
  let commaCount = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (code === LIST || code === OBJECT) depth++;
    else if (code === LIST_END || code === OBJECT_END) depth--;
    else if (code === COMMA) commaCount++;
    if (depth > BODY_DEPTH_MAX || commaCount > BODY_COMMAS_MAX) return false;
  }
  return true;
}

/** Where the string that begins at `start` has its closing quote; the end of the text where it has none. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return end;
  }
  return text.length;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const LIST = 0x5b;
const BACKSLASH = 0x5c;
const LIST_END = 0x5d;
const OBJECT = 0x7b;
const OBJECT_END = 0x7d;
