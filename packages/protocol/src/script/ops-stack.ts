import { equalBytes } from "../bytes/bytes.ts";
import { effect, type Machine, type Operation, type OperationTable, operation } from "./machine.ts";
import { Op } from "./opcodes.ts";
import { encodeScriptNumber, isTruthy } from "./script-number.ts";

/** Pushes copies of items that stand `depth` below the top, `count` times: with each push the next one stands there. */
function copy(depth: number, count: number): Operation {
  return effect(depth + 1, (machine) => {
    for (let copies = 0; copies < count; copies++) machine.push(machine.peek(depth));
  });
}

/** Moves the item `depth` below the top to the top, `count` times. */
function raise(depth: number, count = 1): Operation {
  return effect(depth + 1, (machine) => {
    for (let moves = 0; moves < count; moves++) raiseItem(machine.stack, depth);
  });
}

function raiseItem(stack: Uint8Array[], depth: number): void {
  const top = stack.length - 1;
  const item = stack[top - depth]!;
  for (let index = top - depth; index < top; index++) stack[index] = stack[index + 1]!;
  stack[top] = item;
}

/** Takes a depth from the stack and gives it, once it is known to be one. */
function atDepth(act: (machine: Machine, depth: number) => void): Operation {
  return operation(2, (machine) => {
    const depth = machine.peekNumber(0);
    if (depth === undefined) return "SCRIPTNUM";
    machine.drop(1);
    if (depth < 0 || depth >= machine.stack.length) return "INVALID_STACK_OPERATION";
    act(machine, depth);
    return undefined;
  });
}

function pushSmallNumber(number: number): Operation {
  const item = encodeScriptNumber(number);
  return effect(0, (machine) => {
    machine.push(item);
  });
}

/** Opcodes that push a number: -1 and 1 to 16. (0 is a push of no bytes.) */
export const PUSH_OPERATIONS: OperationTable = {
  [Op.ONE_NEGATE]: pushSmallNumber(-1),
  ...Object.fromEntries(Array.from({ length: 16 }, (_, index) => [Op.ONE + index, pushSmallNumber(index + 1)])),
};

/** Opcodes that move items about, and those that measure and compare them. The comments show the stack's top, rightmost. */
export const STACK_OPERATIONS: OperationTable = {
  // a → (a on the other stack)
  [Op.TOALTSTACK]: effect(1, (machine) => {
    machine.altStack.push(machine.pop());
  }),
  [Op.FROMALTSTACK]: operation(0, (machine) => {
    const item = machine.altStack.pop();
    if (item === undefined) return "INVALID_ALTSTACK_OPERATION";
    machine.push(item);
    return undefined;
  }),

  // a →
  [Op.DROP]: effect(1, (machine) => {
    machine.drop(1);
  }),
  // a b →
  [Op.TWO_DROP]: effect(2, (machine) => {
    machine.drop(2);
  }),
  // a b → b
  [Op.NIP]: effect(2, (machine) => {
    const top = machine.pop();
    machine.drop(1);
    machine.push(top);
  }),

  // a → a a
  [Op.DUP]: copy(0, 1),
  // a b → a b a b
  [Op.TWO_DUP]: copy(1, 2),
  // a b c → a b c a b c
  [Op.THREE_DUP]: copy(2, 3),
  // a b → a b a
  [Op.OVER]: copy(1, 1),
  // a b c d → a b c d a b
  [Op.TWO_OVER]: copy(3, 2),
  // a → a a, where a is truthy
  [Op.IFDUP]: effect(1, (machine) => {
    if (isTruthy(machine.peek(0))) machine.push(machine.peek(0));
  }),
  // a b → b a b
  [Op.TUCK]: effect(2, (machine) => {
    raiseItem(machine.stack, 1);
    machine.push(machine.peek(1));
  }),

  // a b → b a
  [Op.SWAP]: raise(1),
  // a b c → b c a
  [Op.ROT]: raise(2),
  // a b c d → c d a b
  [Op.TWO_SWAP]: raise(3, 2),
  // a b c d e f → c d e f a b
  [Op.TWO_ROT]: raise(5, 2),

  // … x … n → … x … x, x being n below
  [Op.PICK]: atDepth((machine, depth) => {
    machine.push(machine.peek(depth));
  }),
  // … x … n → … … x
  [Op.ROLL]: atDepth((machine, depth) => {
    raiseItem(machine.stack, depth);
  }),

  // → n, how many items there are
  [Op.DEPTH]: effect(0, (machine) => {
    machine.pushNumber(machine.stack.length);
  }),
  // a → a n, how many bytes a has
  [Op.SIZE]: effect(1, (machine) => {
    machine.pushNumber(machine.peek(0).length);
  }),

  // a b → whether they are the same bytes
  [Op.EQUAL]: effect(2, (machine) => {
    machine.pushBoolean(equalBytes(machine.pop(), machine.pop()));
  }),
  // a b →
  [Op.EQUALVERIFY]: operation(2, (machine) => (equalBytes(machine.pop(), machine.pop()) ? undefined : "EQUALVERIFY")),
};
