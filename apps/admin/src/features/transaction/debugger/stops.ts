import type { InputTrace } from "@bitfleet/api/rest/input-trace.ts";
import { tryFromHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { ScriptCursor } from "@bitfleet/protocol/script/script.ts";

/** A trace as it is walked through: moments between instructions, and the scripts as lists of instructions. Pure functions. */

export type TracePhase = InputTrace["phases"][number];
export type TraceStep = InputTrace["steps"][number];

/** A moment at which the debugger stands: before the first instruction of a script, or behind one. */
export interface Stop {
  /** Index of the script. */
  readonly phase: number;
  /** The instruction that ran last; `undefined` at the beginning of the script. */
  readonly step: TraceStep | undefined;
  /** Indexes in the trace's items, bottom first. */
  readonly stack: readonly number[];
  readonly altStack: readonly number[];
}

/** Every moment of a trace, in order; there is one at least. */
export function stopsOf({ phases, steps }: Pick<InputTrace, "phases" | "steps">): readonly Stop[] {
  const stops = phases.flatMap((phase, index): readonly Stop[] => [
    { phase: index, step: undefined, stack: phase.stack, altStack: [] },
    ...steps.slice(phase.step_from, phase.step_from + phase.step_count).map((step) => ({
      phase: index,
      step,
      stack: step.stack,
      altStack: step.alt_stack,
    })),
  ]);
  return stops.length === 0 ? [{ phase: 0, step: undefined, stack: [], altStack: [] }] : stops;
}

/** How many items of two stacks are the same, from the bottom: what lies above in `after` is new. */
export function keptCount(before: readonly number[], after: readonly number[]): number {
  let count = 0;
  while (count < before.length && count < after.length && before[count] === after[count]) count++;
  return count;
}

/** One line of a script. */
export interface Instruction {
  readonly offset: number;
  readonly opcode: number;
  /** What it pushes, in hex; "" for other instructions. */
  readonly data: string;
  /** The script breaks here: what follows is no instruction. */
  readonly isBroken: boolean;
}

/** The instructions of a script, those too that never run. */
export function instructionsOf(scriptHex: string): readonly Instruction[] {
  const script = tryFromHex(scriptHex);
  if (script === undefined) return [];
  const cursor = new ScriptCursor(script);
  const lines: Instruction[] = [];
  for (;;) {
    const offset = cursor.offset;
    if (!cursor.next()) {
      if (cursor.broken)
        lines.push({ offset, opcode: script[offset]!, data: scriptHex.slice(offset * 2 + 2), isBroken: true });
      return lines;
    }
    const data = scriptHex.slice(cursor.dataStart * 2, cursor.dataEnd * 2);
    lines.push({ offset, opcode: cursor.opcode, data, isBroken: false });
  }
}
