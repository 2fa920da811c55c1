import { type Operation, type OperationTable, operation } from "./machine.ts";
import { Op } from "./opcodes.ts";

/** a → f(a) */
function unary(compute: (a: number) => number): Operation {
  return operation(1, (machine) => {
    const a = machine.peekNumber(0);
    if (a === undefined) return "SCRIPTNUM";
    machine.drop(1);
    machine.pushNumber(compute(a));
    return undefined;
  });
}

/** a b → f(a, b) */
function binary(compute: (a: number, b: number) => number): Operation {
  return operation(2, (machine) => {
    const a = machine.peekNumber(1);
    const b = machine.peekNumber(0);
    if (a === undefined || b === undefined) return "SCRIPTNUM";
    machine.drop(2);
    machine.pushNumber(compute(a, b));
    return undefined;
  });
}

/** a b → 1 where the test holds, else 0 */
function test(holds: (a: number, b: number) => boolean): Operation {
  return binary((a, b) => (holds(a, b) ? 1 : 0));
}

/**
 * Arithmetic on numbers of up to four bytes. Results may take five: such an item may be compared as bytes, not computed
 * with again.
 */
export const NUMBER_OPERATIONS: OperationTable = {
  [Op.ONE_ADD]: unary((a) => a + 1),
  [Op.ONE_SUB]: unary((a) => a - 1),
  [Op.NEGATE]: unary((a) => -a),
  [Op.ABS]: unary((a) => Math.abs(a)),
  [Op.NOT]: unary((a) => (a === 0 ? 1 : 0)),
  [Op.ZERO_NOTEQUAL]: unary((a) => (a === 0 ? 0 : 1)),

  [Op.ADD]: binary((a, b) => a + b),
  [Op.SUB]: binary((a, b) => a - b),
  [Op.MIN]: binary((a, b) => Math.min(a, b)),
  [Op.MAX]: binary((a, b) => Math.max(a, b)),

  [Op.BOOLAND]: test((a, b) => a !== 0 && b !== 0),
  [Op.BOOLOR]: test((a, b) => a !== 0 || b !== 0),
  [Op.NUMEQUAL]: test((a, b) => a === b),
  [Op.NUMNOTEQUAL]: test((a, b) => a !== b),
  [Op.LESSTHAN]: test((a, b) => a < b),
  [Op.GREATERTHAN]: test((a, b) => a > b),
  [Op.LESSTHANOREQUAL]: test((a, b) => a <= b),
  [Op.GREATERTHANOREQUAL]: test((a, b) => a >= b),

  // a b →
  [Op.NUMEQUALVERIFY]: operation(2, (machine) => {
    const a = machine.peekNumber(1);
    const b = machine.peekNumber(0);
    if (a === undefined || b === undefined) return "SCRIPTNUM";
    machine.drop(2);
    return a === b ? undefined : "NUMEQUALVERIFY";
  }),

  // x low high → 1 where low ≤ x < high, else 0
  [Op.WITHIN]: operation(3, (machine) => {
    const x = machine.peekNumber(2);
    const low = machine.peekNumber(1);
    const high = machine.peekNumber(0);
    if (x === undefined || low === undefined || high === undefined) return "SCRIPTNUM";
    machine.drop(3);
    machine.pushBoolean(low <= x && x < high);
    return undefined;
  }),
};
