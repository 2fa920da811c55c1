import { Op, smallNumberOf } from "@bitfleet/protocol/script/opcodes.ts";
import { ScriptBuilder, ScriptCursor } from "@bitfleet/protocol/script/script.ts";
import { decodeScriptNumber } from "@bitfleet/protocol/script/script-number.ts";

/** Multisig in tapscript (BIP387): `<key> CHECKSIG <key> CHECKSIGADD … m NUMEQUAL`. */

const X_ONLY_SIZE = 32;

export interface MultiA {
  readonly required: number;
  /** 32 bytes each, in the script's order. */
  readonly keys: readonly Uint8Array[];
}

export function multiAScript({ required, keys }: MultiA): Uint8Array {
  const builder = new ScriptBuilder();
  keys.forEach((key, index) => {
    builder.push(key).op(index === 0 ? Op.CHECKSIG : Op.CHECKSIGADD);
  });
  return builder.number(required).op(Op.NUMEQUAL).bytes();
}

/** What a script of that form says; `undefined` for others. */
export function multiAOf(script: Uint8Array): MultiA | undefined {
  const cursor = new ScriptCursor(script);
  const keys: Uint8Array[] = [];
  let more = cursor.next();
  while (more && cursor.data.length === X_ONLY_SIZE) {
    keys.push(cursor.data);
    const isCheck = cursor.next() && cursor.opcode === (keys.length === 1 ? Op.CHECKSIG : Op.CHECKSIGADD);
    if (!isCheck) return undefined;
    more = cursor.next();
  }
  if (!more || keys.length === 0) return undefined;
  const required = smallNumberOf(cursor.opcode) ?? decodeScriptNumber(cursor.data, true);
  const isEnd = cursor.next() && cursor.opcode === Op.NUMEQUAL && cursor.offset === script.length;
  if (!isEnd || required === undefined || required < 1 || required > keys.length) return undefined;
  return { required, keys };
}
