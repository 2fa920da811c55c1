import { ScriptFlag } from "./flags.ts";
import { Machine, type MachineOptions, type Operation, type ScriptPhase, type ScriptTracer } from "./machine.ts";
import { isDisabledOpcode, Op } from "./opcodes.ts";
import { CRYPTO_OPERATIONS, OPS_MAX } from "./ops-crypto.ts";
import { FLOW_OPERATIONS } from "./ops-flow.ts";
import { NUMBER_OPERATIONS } from "./ops-number.ts";
import { PUSH_OPERATIONS, STACK_OPERATIONS } from "./ops-stack.ts";
import { isMinimalPush, SCRIPT_SIZE_MAX, STACK_ITEM_SIZE_MAX } from "./script.ts";
import type { ScriptError } from "./script-error.ts";

/** Most items on both stacks together. */
export const STACK_ITEMS_MAX = 1000;

/** What each opcode does; nothing where it is not understood. */
const OPERATIONS: readonly (Operation | undefined)[] = (() => {
  const tables = {
    ...PUSH_OPERATIONS,
    ...FLOW_OPERATIONS,
    ...STACK_OPERATIONS,
    ...NUMBER_OPERATIONS,
    ...CRYPTO_OPERATIONS,
  };
  return Array.from({ length: 256 }, (_, opcode) => tables[opcode]);
})();

/**
 * Runs a script on `options.stack`, which afterwards holds what the script left. Returns why the script failed; whether
 * what is left means success is the caller's question.
 */
export function runScript(options: MachineOptions): ScriptError | undefined {
  const { script, sigVersion, tracer, phase } = options;
  tracer?.begin?.(phase, script, options.stack.slice());
  if (sigVersion !== "tapscript" && script.length > SCRIPT_SIZE_MAX) return "SCRIPT_SIZE";
  const machine = new Machine(options);
  const { cursor } = machine;
  let start = 0;
  while (cursor.next()) {
    const executed = machine.executing;
    const error = step(machine);
    if (tracer !== undefined) traceStep(tracer, machine, phase, start, executed, error);
    if (error !== undefined) return error;
    machine.position += 1;
    start = cursor.offset;
  }
  if (cursor.broken) return "BAD_OPCODE";
  return machine.openIfs === 0 ? undefined : "UNBALANCED_CONDITIONAL";
}

/** Runs the instruction that the cursor stands on. */
function step(machine: Machine): ScriptError | undefined {
  const { cursor, stack } = machine;
  const { opcode } = cursor;
  if (cursor.dataEnd - cursor.dataStart > STACK_ITEM_SIZE_MAX) return "PUSH_SIZE";
  if (opcode > Op.SIXTEEN) {
    if (machine.sigVersion !== "tapscript" && ++machine.opCount > OPS_MAX) return "OP_COUNT";
    // These fail also in a branch not taken.
    if (isDisabledOpcode(opcode)) return "DISABLED_OPCODE";
    if (opcode === Op.CODESEPARATOR && machine.sigVersion === "base" && machine.has(ScriptFlag.CONST_SCRIPTCODE))
      return "OP_CODESEPARATOR";
  }
  const { executing } = machine;
  if (opcode <= Op.PUSHDATA4) {
    if (executing) {
      if (machine.requireMinimal && !isMinimalPush(opcode, machine.script, cursor.dataStart, cursor.dataEnd))
        return "MINIMALDATA";
      stack.push(cursor.data);
    }
  } else if (executing || (opcode >= Op.IF && opcode <= Op.ENDIF)) {
    const operation = OPERATIONS[opcode];
    if (operation === undefined) return "BAD_OPCODE";
    if (stack.length < operation.operands) return "INVALID_STACK_OPERATION";
    const error = operation.run(machine);
    if (error !== undefined) return error;
  }
  return stack.length + machine.altStack.length > STACK_ITEMS_MAX ? "STACK_SIZE" : undefined;
}

function traceStep(
  tracer: ScriptTracer,
  machine: Machine,
  phase: ScriptPhase,
  offset: number,
  executed: boolean,
  error: ScriptError | undefined,
): void {
  const { script, cursor } = machine;
  tracer.step({
    phase,
    script,
    offset,
    size: cursor.offset - offset,
    opcode: cursor.opcode,
    data: cursor.data,
    executed,
    openIfs: machine.openIfs,
    isTaken: machine.executing,
    stack: machine.stack.slice(),
    altStack: machine.altStack.slice(),
    error,
  });
}
