import { compactSizeLength } from "@bitfleet/protocol/bytes/cursor.ts";
import { WITNESS_ITEMS_MAX, WITNESS_SCRIPT_SIZE_MAX } from "@bitfleet/protocol/policy/input-standardness.ts";
import { STANDARD_WEIGHT_MAX } from "@bitfleet/protocol/policy/standardness.ts";
import { WITNESS_SCALE_FACTOR } from "@bitfleet/protocol/primitives/transaction.ts";
import { STACK_ITEMS_MAX } from "@bitfleet/protocol/script/interpreter.ts";
import { OPS_MAX } from "@bitfleet/protocol/script/ops-crypto.ts";
import { CONTROL_BLOCK_SIZE_MAX } from "@bitfleet/protocol/script/taproot.ts";
import type { Miniscript, MiniscriptContext } from "./expression.ts";
import { hasType } from "./types.ts";

/** What a miniscript may take so that every witness that satisfies it is valid and relayed. */

/**
 * Most fragments in a `thresh`. Whatever can be satisfied takes an item on the stack to be dissatisfied, so with more than
 * the stack holds none is sane; and the time to work out what one takes grows with the square of their number.
 */
export const THRESHOLD_ITEMS_MAX = STACK_ITEMS_MAX;

/** A BIP340 signature with hash type. */
const TAPSCRIPT_ITEM_SIZE_MAX = 65;
const TAPSCRIPT_WITNESS_SIZE_MAX =
  compactSizeLength(STACK_ITEMS_MAX) +
  STACK_ITEMS_MAX * (compactSizeLength(TAPSCRIPT_ITEM_SIZE_MAX) + TAPSCRIPT_ITEM_SIZE_MAX) +
  compactSizeLength(CONTROL_BLOCK_SIZE_MAX) +
  CONTROL_BLOCK_SIZE_MAX;

/** The bytes of a transaction with one input and one P2WSH output that are not witness: four weight units each. */
const BARE_TRANSACTION_SIZE = 4 + 1 + (36 + 1 + 4) + 1 + (8 + 1 + 34) + 4;
/** BIP144: marker and flag. */
const WITNESS_MARKER_SIZE = 2;

/** What of a transaction that is relayed is left for a tapscript and its length, where the witness is as large as it can be. */
const TAPSCRIPT_ROOM =
  STANDARD_WEIGHT_MAX -
  (BARE_TRANSACTION_SIZE * WITNESS_SCALE_FACTOR + WITNESS_MARKER_SIZE) -
  TAPSCRIPT_WITNESS_SIZE_MAX;
const TAPSCRIPT_SIZE_MAX = TAPSCRIPT_ROOM - compactSizeLength(TAPSCRIPT_ROOM);

/** Longest script of a miniscript. */
export function scriptSizeMax(context: MiniscriptContext): number {
  return context === "tapscript" ? TAPSCRIPT_SIZE_MAX : WITNESS_SCRIPT_SIZE_MAX;
}

/** Most opcodes that running it counts; `undefined` where nothing satisfies it. */
export function opsOf({ opcodeCount, checkedKeys }: Miniscript<unknown>): number | undefined {
  return checkedKeys.satisfied === undefined ? undefined : opcodeCount + checkedKeys.satisfied;
}

/** What a whole script leaves: nothing, where it is of kind V. */
const leftItems = ({ type }: Miniscript<unknown>) => Number(["B", "K", "W"].some((kind) => hasType(type, kind)));

/** Most witness items to satisfy it, the script apart; `undefined` where nothing does. */
export function witnessItemsOf(node: Miniscript<unknown>): number | undefined {
  return node.stack.satisfied && node.stack.satisfied.taken + leftItems(node);
}

/** Most items on the stack while it runs; `undefined` where nothing satisfies it. */
export function stackPeakOf(node: Miniscript<unknown>): number | undefined {
  return node.stack.satisfied && node.stack.satisfied.peak + leftItems(node);
}

/** Whether running it counts no more opcodes than may be: in tapscript they are not counted. */
export function isWithinOpsLimit(node: Miniscript<unknown>): boolean {
  return node.context === "tapscript" || (opsOf(node) ?? 0) <= OPS_MAX;
}

/** Whether the stack stays in its limit: of relay for P2WSH, of consensus in tapscript, which relay does not limit. */
export function isWithinStackLimit(node: Miniscript<unknown>): boolean {
  return node.context === "tapscript"
    ? (stackPeakOf(node) ?? 0) <= STACK_ITEMS_MAX
    : (witnessItemsOf(node) ?? 0) <= WITNESS_ITEMS_MAX;
}
