import type { Secp256k1 } from "../crypto/secp256k1.ts";
import type { TransactionFields } from "../primitives/transaction.ts";
import type { ScriptFlags } from "./flags.ts";
import type { ScriptPhase, ScriptStep, ScriptTracer } from "./machine.ts";
import type { ScriptError } from "./script-error.ts";
import type { SighashCache } from "./sighash.ts";
import { verifyInput } from "./verify.ts";

/** Steps that a trace has at most. Scripts that are relayed have hundreds; a block may hold some with hundreds of thousands. */
export const TRACE_STEPS_MAX = 2000;
/** Stack items that all steps of a trace show together. */
export const TRACE_ITEMS_MAX = 50_000;

export interface TraceLimits {
  readonly stepsMax: number;
  readonly itemsMax: number;
}

/** A script that ran, or began to. */
export interface TracedPhase {
  readonly phase: ScriptPhase;
  /** Empty for `keyPath`, where one signature is checked and no script runs. */
  readonly script: Uint8Array;
  /** What it began with, bottom first; for `keyPath` the signature. */
  readonly stack: readonly Uint8Array[];
  /** Index of its first step. */
  readonly stepFrom: number;
  readonly stepCount: number;
}

export interface InputTrace {
  /** Why the input may not spend its output; nothing where it may, and where the trace was cut. */
  readonly error: ScriptError | undefined;
  /** In the order in which they ran. */
  readonly phases: readonly TracedPhase[];
  readonly steps: readonly ScriptStep[];
  /** Whether it ends at a limit: what came behind, and how it ended, is not known. */
  readonly isCut: boolean;
}

/**
 * What {@link verifyInput} does, script by script and instruction by instruction, up to a limit. Nothing is left running behind it: a
 * trace that is cut costs no more than what it shows.
 */
export function traceInput(
  tx: TransactionFields,
  inputIndex: number,
  cache: SighashCache,
  flags: ScriptFlags,
  secp256k1: Secp256k1,
  limits: TraceLimits = { stepsMax: TRACE_STEPS_MAX, itemsMax: TRACE_ITEMS_MAX },
): InputTrace {
  const recorder = new Recorder(limits);
  try {
    const error = verifyInput(tx, inputIndex, cache, flags, secp256k1, recorder);
    return { error, ...recorder.recorded(), isCut: false };
  } catch (thrown) {
    if (!(thrown instanceof LimitReached)) throw thrown;
    return { error: undefined, ...recorder.recorded(), isCut: true };
  }
}

/** Ends the run from within. */
class LimitReached extends Error {}

type Begun = Omit<TracedPhase, "stepCount">;

class Recorder implements ScriptTracer {
  readonly #limits: TraceLimits;
  readonly #phases: Begun[] = [];
  readonly #steps: ScriptStep[] = [];
  #itemCount = 0;

  constructor(limits: TraceLimits) {
    this.#limits = limits;
  }

  begin(phase: ScriptPhase, script: Uint8Array, stack: readonly Uint8Array[]): void {
    this.#count(stack.length);
    this.#phases.push({ phase, script, stack, stepFrom: this.#steps.length });
  }

  step(step: ScriptStep): void {
    if (this.#steps.length === this.#limits.stepsMax) throw new LimitReached();
    this.#count(step.stack.length + step.altStack.length);
    this.#steps.push(step);
  }

  recorded(): Pick<InputTrace, "phases" | "steps"> {
    const steps = this.#steps;
    const phases = this.#phases.map((begun, index) => {
      const end = this.#phases[index + 1]?.stepFrom ?? steps.length;
      return { ...begun, stepCount: end - begun.stepFrom };
    });
    return { phases, steps };
  }

  #count(items: number): void {
    this.#itemCount += items;
    if (this.#itemCount > this.#limits.itemsMax) throw new LimitReached();
  }
}
