import { EMPTY_BYTES, equalBytes } from "../bytes/bytes.ts";
import { Writer } from "../bytes/cursor.ts";
import { Op, opcodeOfSmallNumber, smallNumberOf } from "./opcodes.ts";
import { encodeScriptNumber } from "./script-number.ts";

/** Longest script outside tapscript; a longer output can never be spent. */
export const SCRIPT_SIZE_MAX = 10_000;

/** Longest stack item. */
export const STACK_ITEM_SIZE_MAX = 520;

/** Most public keys that CHECKMULTISIG takes. */
export const MULTISIG_KEYS_MAX = 20;

/**
 * Walks over the instructions of a script without allocating. After {@link next} returned true, `opcode` is the
 * instruction and `dataStart`..`dataEnd` what it pushes (empty where it pushes none).
 */
export class ScriptCursor {
  readonly script: Uint8Array;
  /** Where the next instruction begins. Behind a broken instruction: as far as it could be read. */
  offset: number;
  opcode: number = Op.INVALIDOPCODE;
  dataStart = 0;
  dataEnd = 0;
  /** True after {@link next} met a push whose bytes are not all there. */
  broken = false;

  constructor(script: Uint8Array, offset = 0) {
    this.script = script;
    this.offset = offset;
  }

  /** The bytes that the instruction pushes, as a view. */
  get data(): Uint8Array {
    return this.dataStart === this.dataEnd ? EMPTY_BYTES : this.script.subarray(this.dataStart, this.dataEnd);
  }

  /** Moves to the next instruction; false at the end of the script and at a broken instruction. */
  next(): boolean {
    const script = this.script;
    const end = script.length;
    let offset = this.offset;
    if (offset >= end) return false;
    const opcode = script[offset++]!;
    let size = 0;
    if (opcode <= Op.PUSHDATA4) {
      if (opcode < Op.PUSHDATA1) {
        size = opcode;
      } else {
        const sizeBytes = opcode === Op.PUSHDATA1 ? 1 : opcode === Op.PUSHDATA2 ? 2 : 4;
        if (sizeBytes > end - offset) return this.#break(offset);
        for (let index = sizeBytes - 1; index >= 0; index--) size = size * 0x100 + script[offset + index]!;
        offset += sizeBytes;
      }
      if (size > end - offset) return this.#break(offset);
    }
    this.opcode = opcode;
    this.dataStart = offset;
    this.dataEnd = offset + size;
    this.offset = offset + size;
    return true;
  }

  #break(offset: number): false {
    this.opcode = Op.INVALIDOPCODE;
    this.offset = offset;
    this.dataStart = offset;
    this.dataEnd = offset;
    this.broken = true;
    return false;
  }
}

/** Puts a script together. Methods chain; {@link bytes} is the result. */
export class ScriptBuilder {
  readonly #writer = new Writer(64);

  op(...opcodes: readonly number[]): this {
    for (const opcode of opcodes) this.#writer.uint8(opcode);
    return this;
  }

  /** Pushes bytes behind the shortest length; see {@link pushData}. */
  push(data: Uint8Array): this {
    writePush(this.#writer, data);
    return this;
  }

  /** Pushes a number, by one opcode from -1 to 16. */
  number(number: number): this {
    if (number === -1) return this.op(Op.ONE_NEGATE);
    if (number >= 0 && number <= 16) return this.op(opcodeOfSmallNumber(number));
    return this.push(encodeScriptNumber(number));
  }

  /** Appends script bytes as they are. */
  raw(script: Uint8Array): this {
    this.#writer.bytes(script);
    return this;
  }

  bytes(): Uint8Array {
    return this.#writer.toBytes();
  }
}

/** The script that pushes `data` behind the shortest length. Short numbers are pushed as bytes, not by OP_1 to OP_16. */
export function pushData(data: Uint8Array): Uint8Array {
  const writer = new Writer(data.length + 5);
  writePush(writer, data);
  return writer.finish();
}

function writePush(writer: Writer, data: Uint8Array): void {
  const size = data.length;
  if (size < Op.PUSHDATA1) writer.uint8(size);
  else if (size <= 0xff) writer.uint8(Op.PUSHDATA1).uint8(size);
  else if (size <= 0xffff) writer.uint8(Op.PUSHDATA2).uint16(size);
  else writer.uint8(Op.PUSHDATA4).uint32(size);
  writer.bytes(data);
}

/** BIP62 rule 3: is `opcode` the shortest way to push what stands in `script` from `start` to `end`? */
export function isMinimalPush(opcode: number, script: Uint8Array, start: number, end: number): boolean {
  const size = end - start;
  if (size === 0) return opcode === Op.ZERO;
  if (size === 1) {
    const byte = script[start]!;
    return opcode === 1 && byte !== 0x81 && !(byte >= 1 && byte <= 16);
  }
  if (size < Op.PUSHDATA1) return opcode === size;
  if (size <= 0xff) return opcode === Op.PUSHDATA1;
  return size > 0xffff || opcode === Op.PUSHDATA2;
}

/** True where every instruction from `offset` on pushes (OP_RESERVED counts as a push) and none is broken. */
export function isPushOnly(script: Uint8Array, offset = 0): boolean {
  const cursor = new ScriptCursor(script, offset);
  while (cursor.next()) if (cursor.opcode > Op.SIXTEEN) return false;
  return !cursor.broken;
}

/** What the last push of a script leaves (the redeem script of a BIP16 input); `undefined` unless the script only pushes. */
export function lastPushOf(script: Uint8Array): Uint8Array | undefined {
  const cursor = new ScriptCursor(script);
  while (cursor.next()) if (cursor.opcode > Op.SIXTEEN) return undefined;
  return cursor.broken ? undefined : cursor.data;
}

/** BIP16 output: `HASH160 <20 bytes> EQUAL`. */
export function isPayToScriptHash(script: Uint8Array): boolean {
  return script.length === 23 && script[0] === Op.HASH160 && script[1] === 20 && script[22] === Op.EQUAL;
}

/** Program of pay-to-anchor, version 1. */
export const ANCHOR_PROGRAM: Uint8Array = Uint8Array.of(0x4e, 0x73);

const ANCHOR_SCRIPT: Uint8Array = Uint8Array.of(Op.ONE, 2, ...ANCHOR_PROGRAM);

/** Pay-to-anchor: `1 <4e73>`, which anybody may spend, with an empty witness. */
export function isPayToAnchor(script: Uint8Array): boolean {
  return equalBytes(script, ANCHOR_SCRIPT);
}

export interface WitnessProgram {
  /** 0 to 16. */
  readonly version: number;
  /** 2 to 40 bytes, as a view of the script. */
  readonly program: Uint8Array;
}

/** BIP141: version and program of an output (or redeem script) that pushes a small number and 2 to 40 bytes. */
export function witnessProgramOf(script: Uint8Array): WitnessProgram | undefined {
  const version = witnessVersionOf(script);
  return version === undefined ? undefined : { version, program: script.subarray(2) };
}

/** Whether {@link witnessProgramOf} finds one, at less cost. */
export function isWitnessProgram(script: Uint8Array): boolean {
  return witnessVersionOf(script) !== undefined;
}

function witnessVersionOf(script: Uint8Array): number | undefined {
  if (script.length < 4 || script.length > 42 || script[1] !== script.length - 2) return undefined;
  return smallNumberOf(script[0]!);
}

/** True where no input can ever spend the output: its coin need not be kept. */
export function isUnspendable(script: Uint8Array): boolean {
  return script[0] === Op.RETURN || script.length > SCRIPT_SIZE_MAX;
}

/** False where the script holds a broken push, a push over 520 bytes or an opcode without any meaning. */
export function hasValidOpcodes(script: Uint8Array): boolean {
  const cursor = new ScriptCursor(script);
  while (cursor.next()) {
    if (cursor.opcode > Op.NOP10 || cursor.dataEnd - cursor.dataStart > STACK_ITEM_SIZE_MAX) return false;
  }
  return !cursor.broken;
}

/**
 * Signature operations that a script announces. A CHECKMULTISIG counts as the number of keys before it where `accurate`
 * (BIP16, BIP141) and that number is one opcode, else as twenty. Counting ends at a broken instruction.
 */
export function countSigops(script: Uint8Array, accurate: boolean): number {
  const cursor = new ScriptCursor(script);
  let count = 0;
  let previous: number = Op.INVALIDOPCODE;
  while (cursor.next()) {
    const opcode = cursor.opcode;
    if (opcode === Op.CHECKSIG || opcode === Op.CHECKSIGVERIFY) {
      count += 1;
    } else if (opcode === Op.CHECKMULTISIG || opcode === Op.CHECKMULTISIGVERIFY) {
      const keys = accurate && previous !== Op.ZERO ? smallNumberOf(previous) : undefined;
      count += keys ?? MULTISIG_KEYS_MAX;
    }
    previous = opcode;
  }
  return count;
}

/**
 * The script without any occurrence of `part` that begins at an instruction: in legacy scripts a signature cannot sign
 * itself, so its push is taken out of what is signed. The same array where nothing was found.
 */
export function findAndDelete(script: Uint8Array, part: Uint8Array): Uint8Array {
  if (part.length === 0 || part.length > script.length) return script;
  let kept: Writer | undefined;
  let keptTo = 0;
  const cursor = new ScriptCursor(script);
  do {
    const at = cursor.offset;
    while (startsWithAt(script, cursor.offset, part)) cursor.offset += part.length;
    if (cursor.offset !== at) {
      kept ??= new Writer(script.length);
      kept.bytes(script.subarray(keptTo, at));
      keptTo = cursor.offset;
    }
  } while (cursor.next());
  return kept === undefined ? script : kept.bytes(script.subarray(keptTo)).toBytes();
}

function startsWithAt(script: Uint8Array, offset: number, part: Uint8Array): boolean {
  if (part.length > script.length - offset) return false;
  for (let index = 0; index < part.length; index++) if (script[offset + index] !== part[index]) return false;
  return true;
}
