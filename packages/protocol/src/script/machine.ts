import { EMPTY_BYTES } from "../bytes/bytes.ts";
import { ScriptFlag, type ScriptFlags } from "./flags.ts";
import { ScriptCursor } from "./script.ts";
import type { ScriptError } from "./script-error.ts";
import { decodeScriptNumber, encodeScriptNumber } from "./script-number.ts";

/** Which rules a script runs under: outside the witness, BIP141 version 0, BIP342. */
export type SigVersion = "base" | "witness-v0" | "tapscript";

/** What BIP341 and BIP342 signatures commit to beside the transaction. */
export interface TaprootContext {
  /** SHA-256 of the annex behind its length; `undefined` without annex. */
  readonly annexHash: Uint8Array | undefined;
  /** Hash of the script that runs; `undefined` when spending by key. */
  readonly leafHash: Uint8Array | undefined;
  /** Position (in instructions) of the last OP_CODESEPARATOR that ran. */
  codeSeparatorPosition: number;
  /** Witness bytes that signature checks may still use up (BIP342). */
  validationWeightLeft: number;
}

/** Position that stands for no OP_CODESEPARATOR. */
export const NO_CODE_SEPARATOR = 0xffffffff;

/** All that scripts ask about the transaction they run in. Answers, never throws. */
export interface SignatureChecker {
  /** Is `signature` (with its hash type byte) by `publicKey` over the input, `scriptCode` being what is signed? */
  checkEcdsa(signature: Uint8Array, publicKey: Uint8Array, scriptCode: Uint8Array, sigVersion: SigVersion): boolean;
  /** Why a BIP340 signature (64 bytes, or 65 with a hash type) is none by the 32-byte `publicKey`. */
  checkSchnorr(signature: Uint8Array, publicKey: Uint8Array, context: TaprootContext): ScriptError | undefined;
  /** BIP341: is `outputKey` the internal key plus `tweak` times G? */
  checkTaprootTweak(outputKey: Uint8Array, outputParity: 0 | 1, internalKey: Uint8Array, tweak: Uint8Array): boolean;
  /** BIP65: does the transaction wait for `lockTime`? */
  checkLockTime(lockTime: number): boolean;
  /** BIP112: does the input wait for `sequence`? */
  checkSequence(sequence: number): boolean;
}

/** Where a script comes from. */
export type ScriptPhase =
  | "scriptSig"
  | "scriptPubKey"
  | "redeemScript"
  | "witnessScript"
  | "tapscript"
  /** BIP341: no script, but one signature by the output's key. */
  | "keyPath";

/** One instruction that ran, or was passed over in a branch not taken. */
export interface ScriptStep {
  readonly phase: ScriptPhase;
  readonly script: Uint8Array;
  /** Where the instruction begins in `script`. */
  readonly offset: number;
  /** Bytes that it takes, with what it pushes. */
  readonly size: number;
  readonly opcode: number;
  /** What the instruction pushes; empty for other instructions. */
  readonly data: Uint8Array;
  /** False in a branch not taken. */
  readonly executed: boolean;
  /** IFs that are open after the instruction. */
  readonly openIfs: number;
  /** Whether the next instruction is in branches that are all taken. */
  readonly isTaken: boolean;
  /** Bottom first, after the instruction. */
  readonly stack: readonly Uint8Array[];
  readonly altStack: readonly Uint8Array[];
  /** Why the script ends here. */
  readonly error: ScriptError | undefined;
}

/** Is told of scripts while they run. What it throws ends the run, and comes out of it. */
export interface ScriptTracer {
  /** A script begins with `stack`, bottom first. */
  begin?(phase: ScriptPhase, script: Uint8Array, stack: readonly Uint8Array[]): void;
  step(step: ScriptStep): void;
}

export interface MachineOptions {
  readonly script: Uint8Array;
  /** The machine's own: it grows and shrinks in place. */
  readonly stack: Uint8Array[];
  readonly flags: ScriptFlags;
  readonly sigVersion: SigVersion;
  readonly checker: SignatureChecker;
  readonly phase: ScriptPhase;
  /** Given for tapscript only. */
  readonly taproot?: TaprootContext | undefined;
  readonly tracer?: ScriptTracer | undefined;
}

const TRUE_ITEM = encodeScriptNumber(1);

/** The state of one running script. Stack items are never written into, so they may be shared and be views. */
export class Machine {
  readonly script: Uint8Array;
  readonly stack: Uint8Array[];
  readonly altStack: Uint8Array[] = [];
  readonly flags: ScriptFlags;
  readonly sigVersion: SigVersion;
  readonly checker: SignatureChecker;
  readonly taproot: TaprootContext | undefined;
  readonly requireMinimal: boolean;
  readonly cursor: ScriptCursor;
  /** Instructions that count towards the limit so far. */
  opCount = 0;
  /** Number of instructions before this one. */
  position = 0;
  /** Where the script that legacy and version 0 signatures sign begins: behind the last OP_CODESEPARATOR. */
  signedFrom = 0;
  /** Open IFs, and the outermost of them whose branch is not taken (-1: all are). Inner branches cannot be told apart. */
  #openIfs = 0;
  #firstFalse = -1;

  constructor(options: MachineOptions) {
    this.script = options.script;
    this.stack = options.stack;
    this.flags = options.flags;
    this.sigVersion = options.sigVersion;
    this.checker = options.checker;
    this.taproot = options.taproot;
    this.requireMinimal = (options.flags & ScriptFlag.MINIMALDATA) !== 0;
    this.cursor = new ScriptCursor(options.script);
  }

  has(flag: ScriptFlags): boolean {
    return (this.flags & flag) !== 0;
  }

  /** True outside branches that are not taken. */
  get executing(): boolean {
    return this.#firstFalse === -1;
  }

  get openIfs(): number {
    return this.#openIfs;
  }

  openIf(taken: boolean): void {
    if (!taken && this.#firstFalse === -1) this.#firstFalse = this.#openIfs;
    this.#openIfs += 1;
  }

  /** Takes the other branch of the innermost IF. */
  flipIf(): void {
    const innermost = this.#openIfs - 1;
    if (this.#firstFalse === -1) this.#firstFalse = innermost;
    else if (this.#firstFalse === innermost) this.#firstFalse = -1;
  }

  closeIf(): void {
    this.#openIfs -= 1;
    if (this.#firstFalse === this.#openIfs) this.#firstFalse = -1;
  }

  /** The item `depth` below the top (0: the top). The caller knows that it is there. */
  peek(depth: number): Uint8Array {
    return this.stack[this.stack.length - 1 - depth]!;
  }

  pop(): Uint8Array {
    return this.stack.pop()!;
  }

  drop(count: number): void {
    this.stack.length -= count;
  }

  push(item: Uint8Array): void {
    this.stack.push(item);
  }

  pushNumber(number: number): void {
    this.stack.push(encodeScriptNumber(number));
  }

  pushBoolean(value: boolean): void {
    this.stack.push(value ? TRUE_ITEM : EMPTY_BYTES);
  }

  /** The item `depth` below the top as a number; `undefined` (SCRIPTNUM) where it is none. */
  peekNumber(depth: number): number | undefined {
    return decodeScriptNumber(this.peek(depth), this.requireMinimal);
  }
}

/** What an opcode does. */
export interface Operation {
  /** Stack items that must be there before it runs. */
  readonly operands: number;
  readonly run: (machine: Machine) => ScriptError | undefined;
}

/** Operations by opcode. */
export type OperationTable = Readonly<Record<number, Operation>>;

/** An operation that may fail. */
export function operation(operands: number, run: (machine: Machine) => ScriptError | undefined): Operation {
  return { operands, run };
}

/** An operation that cannot fail once its operands are there. */
export function effect(operands: number, run: (machine: Machine) => void): Operation {
  return {
    operands,
    run(machine) {
      run(machine);
      return undefined;
    },
  };
}
