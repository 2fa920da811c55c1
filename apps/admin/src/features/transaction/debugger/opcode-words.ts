import { isDisabledOpcode, isOpSuccess, Op, opcodeName, smallNumberOf } from "@bitfleet/protocol/script/opcodes.ts";
import { opcodeTexts } from "./opcode-texts.ts";

type OpName = keyof typeof Op;

const NAME_BY_OPCODE: ReadonlyMap<number, OpName> = new Map(
  Object.entries(Op).map(([name, opcode]) => [opcode, name as OpName]),
);

/** What an instruction does, in one line. `dataSize`: bytes that it pushes. */
export function opcodeMeaning(opcode: number, dataSize: number, isTapscript: boolean): string {
  if (isTapscript && isOpSuccess(opcode)) return opcodeTexts.success;
  if (isDisabledOpcode(opcode)) return opcodeTexts.disabled;
  if (isPush(opcode)) return opcodeTexts.push(dataSize);
  const number = smallNumberOf(opcode);
  if (number !== undefined) return opcodeTexts.number(number);
  const name = NAME_BY_OPCODE.get(opcode);
  return name === undefined ? opcodeTexts.unknown : opcodeTexts.meanings[name];
}

/** The instruction as it is written: `OP_DUP`, `OP_3`, or the size of what it pushes. */
export function instructionName(opcode: number, dataSize: number): string {
  if (isPush(opcode)) return opcodeTexts.pushName(dataSize);
  const name = opcodeName(opcode);
  return /^-?\d/.test(name) ? `OP_${name.replace("-1", "1NEGATE")}` : name;
}

/** Whether it pushes bytes that stand behind it in the script. */
export function isPush(opcode: number): boolean {
  return opcode > Op.ZERO && opcode <= Op.PUSHDATA4;
}
