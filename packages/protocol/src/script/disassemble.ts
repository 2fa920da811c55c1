import { toHex, tryFromHex } from "../bytes/bytes.ts";
import { ScriptFlag } from "./flags.ts";
import { Op, opcodeName, opcodeNamed } from "./opcodes.ts";
import { isUnspendable, ScriptBuilder, ScriptCursor } from "./script.ts";
import { decodeScriptNumber, SCRIPT_NUMBER_SIZE_MAX } from "./script-number.ts";
import { SighashType } from "./sighash.ts";
import { checkSignatureEncoding } from "./signature-encoding.ts";

const HASH_TYPE_NAMES: ReadonlyMap<number, string> = new Map([
  [SighashType.ALL, "ALL"],
  [SighashType.ALL | SighashType.ANYONECANPAY, "ALL|ANYONECANPAY"],
  [SighashType.NONE, "NONE"],
  [SighashType.NONE | SighashType.ANYONECANPAY, "NONE|ANYONECANPAY"],
  [SighashType.SINGLE, "SINGLE"],
  [SighashType.SINGLE | SighashType.ANYONECANPAY, "SINGLE|ANYONECANPAY"],
]);

/**
 * A script as decoderawtransaction shows it (`asm`): pushes of up to four bytes as numbers, longer ones in hex, opcodes by
 * name, `[error]` where it breaks. With `sighashTypes` (for a scriptSig), what looks like a signature shows its hash type
 * by name: `3045…[ALL]`.
 */
export function disassembleScript(script: Uint8Array, options: { readonly sighashTypes?: boolean } = {}): string {
  // Data behind OP_RETURN may look like a signature, but is none.
  const sighashTypes = options.sighashTypes === true && !isUnspendable(script);
  const cursor = new ScriptCursor(script);
  const words: string[] = [];
  while (cursor.next()) {
    if (cursor.opcode > Op.PUSHDATA4) words.push(opcodeName(cursor.opcode));
    else if (cursor.dataEnd - cursor.dataStart > SCRIPT_NUMBER_SIZE_MAX)
      words.push(bytesWord(cursor.data, sighashTypes));
    else words.push(String(decodeScriptNumber(cursor.data, false)));
  }
  if (cursor.broken) words.push("[error]");
  return words.join(" ");
}

function bytesWord(data: Uint8Array, sighashTypes: boolean): string {
  const name = sighashTypes ? HASH_TYPE_NAMES.get(data.at(-1)!) : undefined;
  if (name === undefined || checkSignatureEncoding(data, ScriptFlag.STRICTENC) !== undefined) return toHex(data);
  return `${toHex(data.subarray(0, -1))}[${name}]`;
}

/** Numbers that {@link parseScript} takes: those of four bytes and a sign, either way. */
const PARSED_NUMBER_MAX = 0xffffffff;

/**
 * The script of text as Core's vectors and tools write it: opcodes by name, numbers as numbers, `'text'` pushed, `0x…` put
 * in as it stands. `undefined` at a word that is none of these.
 */
export function parseScript(text: string): Uint8Array | undefined {
  const builder = new ScriptBuilder();
  for (const word of text.split(/[ \t\n]/)) if (word !== "" && !appendWord(builder, word)) return undefined;
  return builder.bytes();
}

function appendWord(builder: ScriptBuilder, word: string): boolean {
  if (/^-?\d+$/.test(word)) {
    const number = Number(word);
    if (Math.abs(number) > PARSED_NUMBER_MAX) return false;
    builder.number(number);
    return true;
  }
  const raw = word.startsWith("0x") && word.length > 2 ? tryFromHex(word.slice(2)) : undefined;
  if (raw !== undefined) {
    builder.raw(raw);
    return true;
  }
  if (word.length >= 2 && word.startsWith("'") && word.endsWith("'")) {
    builder.push(new TextEncoder().encode(word.slice(1, -1)));
    return true;
  }
  const opcode = opcodeNamed(word);
  if (opcode !== undefined) builder.op(opcode);
  return opcode !== undefined;
}
