import { ScriptFlag } from "./flags.ts";
import { effect, type Machine, type Operation, type OperationTable, operation } from "./machine.ts";
import { Op } from "./opcodes.ts";
import type { ScriptError } from "./script-error.ts";
import { decodeScriptNumber, isTruthy, LOCK_TIME_NUMBER_SIZE_MAX } from "./script-number.ts";

/** BIP68: a sequence number with this bit is no relative lock time. */
const SEQUENCE_LOCK_TIME_DISABLED = 1 << 31;

/** IF takes its branch where the item is truthy, NOTIF where it is not. In a branch not taken both only count. */
function branch(takenIf: boolean): Operation {
  return operation(0, (machine) => {
    if (!machine.executing) {
      machine.openIf(false);
      return undefined;
    }
    if (machine.stack.length === 0) return "INVALID_STACK_OPERATION";
    const item = machine.peek(0);
    if (item.length > 1 || (item.length === 1 && item[0] !== 1)) {
      const error = conditionError(machine);
      if (error) return error;
    }
    machine.openIf(isTruthy(machine.pop()) === takenIf);
    return undefined;
  });
}

/** What a condition other than empty or 01 means: third parties could replace it (BIP342 law, in version 0 taste). */
function conditionError(machine: Machine): ScriptError | undefined {
  if (machine.sigVersion === "tapscript") return "TAPSCRIPT_MINIMALIF";
  return machine.sigVersion === "witness-v0" && machine.has(ScriptFlag.MINIMALIF) ? "MINIMALIF" : undefined;
}

/** A lock time on top of the stack, which stays there, so that the opcode is a NOP to old nodes. */
function lockTimeCheck(flag: number, check: (machine: Machine, lockTime: number) => boolean): Operation {
  return operation(0, (machine) => {
    if (!machine.has(flag)) return undefined;
    if (machine.stack.length === 0) return "INVALID_STACK_OPERATION";
    const lockTime = decodeScriptNumber(machine.peek(0), machine.requireMinimal, LOCK_TIME_NUMBER_SIZE_MAX);
    if (lockTime === undefined) return "SCRIPTNUM";
    if (lockTime < 0) return "NEGATIVE_LOCKTIME";
    return check(machine, lockTime) ? undefined : "UNSATISFIED_LOCKTIME";
  });
}

const upgradableNop = operation(0, (machine) =>
  machine.has(ScriptFlag.DISCOURAGE_UPGRADABLE_NOPS) ? "DISCOURAGE_UPGRADABLE_NOPS" : undefined,
);

/** Branches, ends, lock times, and the NOPs that later rules may use. */
export const FLOW_OPERATIONS: OperationTable = {
  [Op.NOP]: effect(0, () => {}),

  [Op.IF]: branch(true),
  [Op.NOTIF]: branch(false),
  [Op.ELSE]: operation(0, (machine) => {
    if (machine.openIfs === 0) return "UNBALANCED_CONDITIONAL";
    machine.flipIf();
    return undefined;
  }),
  [Op.ENDIF]: operation(0, (machine) => {
    if (machine.openIfs === 0) return "UNBALANCED_CONDITIONAL";
    machine.closeIf();
    return undefined;
  }),

  // x →
  [Op.VERIFY]: operation(1, (machine) => {
    if (!isTruthy(machine.peek(0))) return "VERIFY";
    machine.drop(1);
    return undefined;
  }),
  [Op.RETURN]: operation(0, () => "OP_RETURN"),

  // BIP65: x → x, where the transaction's lock time is at least x
  [Op.CHECKLOCKTIMEVERIFY]: lockTimeCheck(ScriptFlag.CHECKLOCKTIMEVERIFY, (machine, lockTime) =>
    machine.checker.checkLockTime(lockTime),
  ),
  // BIP112: x → x, where the input's relative lock time is at least x; an x that is no lock time is left to later rules
  [Op.CHECKSEQUENCEVERIFY]: lockTimeCheck(
    ScriptFlag.CHECKSEQUENCEVERIFY,
    (machine, sequence) => (sequence & SEQUENCE_LOCK_TIME_DISABLED) !== 0 || machine.checker.checkSequence(sequence),
  ),

  [Op.NOP1]: upgradableNop,
  [Op.NOP4]: upgradableNop,
  [Op.NOP5]: upgradableNop,
  [Op.NOP6]: upgradableNop,
  [Op.NOP7]: upgradableNop,
  [Op.NOP8]: upgradableNop,
  [Op.NOP9]: upgradableNop,
  [Op.NOP10]: upgradableNop,
};
