import { tryFromHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { ScriptCursor } from "@bitfleet/protocol/script/script.ts";

/** Characters that are shown. */
const TEXT_LENGTH_MAX = 400;
/** Control characters, and what stands for bytes that are no UTF-8. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a text has not
const NO_TEXT = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffd]/;

/** What an OP_RETURN output says, where what it pushes is text; `undefined` where it is something else. */
export function dataText(scriptHex: string): string | undefined {
  const script = tryFromHex(scriptHex);
  if (script === undefined) return undefined;
  const cursor = new ScriptCursor(script);
  // OP_RETURN itself.
  cursor.next();
  const parts: string[] = [];
  while (cursor.next()) {
    const data = script.subarray(cursor.dataStart, cursor.dataEnd);
    if (data.length > 0) parts.push(new TextDecoder().decode(data));
  }
  const text = parts.join(" ");
  return text.trim() === "" || NO_TEXT.test(text) ? undefined : text.slice(0, TEXT_LENGTH_MAX);
}
