import { type OutPointKey, outPointKey } from "@bitfleet/protocol/primitives/types.ts";
import { isFinalInput } from "./codec.ts";
import {
  createPsbt,
  Modifiable,
  mergedEntries,
  type Psbt,
  type PsbtInput,
  type PsbtOutput,
  type PsbtVersion,
} from "./psbt.ts";
import { lockTimeOf } from "./unsigned-transaction.ts";

/** The constructor (BIP370), what comes near it in version 0, and going from one version to the other. */

/** Why an input or output cannot be added. */
export type ConstructError = "duplicate-input" | "not-modifiable" | "lock-times-contradict" | "lock-time-is-signed";

export type Constructed = { readonly psbt: Psbt } | { readonly error: ConstructError };

/**
 * Adds an input at the end. In version 2 its {@link Modifiable} bit must allow it, its lock times must go with the others',
 * and change nothing that is signed (BIP370); in version 0 its signatures are taken off.
 */
export function withAddedInput(psbt: Psbt, input: PsbtInput): Constructed {
  const name = outPointKey(input.previousOutput);
  if (psbt.inputs.some(({ previousOutput }) => outPointKey(previousOutput) === name)) {
    return { error: "duplicate-input" };
  }
  if (psbt.version < 2) return { psbt: { ...psbt, inputs: [...psbt.inputs, withoutSignatures(input)] } };
  if (((psbt.modifiable ?? 0) & Modifiable.INPUTS) === 0) return { error: "not-modifiable" };
  const longer = { ...psbt, inputs: [...psbt.inputs, input] };
  const before = lockTimeOf(psbt);
  const after = lockTimeOf(longer);
  if (before === undefined || after === undefined) return { error: "lock-times-contradict" };
  if (before !== after && psbt.inputs.some(hasSignatures)) return { error: "lock-time-is-signed" };
  return { psbt: longer };
}

function withoutSignatures(input: PsbtInput): PsbtInput {
  return { ...input, partialSignatures: new Map(), finalScriptSig: undefined, finalWitness: undefined };
}

function hasSignatures(input: PsbtInput): boolean {
  return (
    isFinalInput(input) ||
    input.partialSignatures.size > 0 ||
    input.taprootKeySignature !== undefined ||
    input.taprootScriptSignatures.size > 0 ||
    input.musigPartialSignatures.size > 0
  );
}

/** Adds an output at the end; in version 2 its {@link Modifiable} bit must allow it. */
export function withAddedOutput(psbt: Psbt, output: PsbtOutput): Constructed {
  const isAllowed = psbt.version < 2 || ((psbt.modifiable ?? 0) & Modifiable.OUTPUTS) !== 0;
  return isAllowed ? { psbt: { ...psbt, outputs: [...psbt.outputs, output] } } : { error: "not-modifiable" };
}

/** Puts a list into an order that nobody foresees. */
export type Shuffle = <Item>(items: readonly Item[]) => readonly Item[];

/**
 * One PSBT of version 0 with the inputs, unsigned, and outputs of several, in another order; with the highest version and
 * the lowest lock time of theirs. `duplicate` is an input that two of them have.
 */
export function joinPsbts(
  psbts: readonly Psbt[],
  shuffle: Shuffle,
): { readonly psbt: Psbt } | { readonly duplicate: PsbtInput } {
  const version = Math.max(1, ...psbts.map(({ txVersion }) => txVersion));
  const lockTime = Math.min(0xffffffff, ...psbts.map(({ fallbackLockTime }) => fallbackLockTime ?? 0));
  const inputs = psbts.flatMap((psbt) => psbt.inputs);
  const seen = new Set<OutPointKey>();
  for (const input of inputs) {
    const name = outPointKey(input.previousOutput);
    if (seen.has(name)) return { duplicate: input };
    seen.add(name);
  }
  const blank = createPsbt({ version, inputs: [], outputs: [], lockTime }, { version: 0 });
  return {
    psbt: {
      ...blank,
      xpubs: psbts.map(({ xpubs }) => xpubs).reduce(mergedEntries, blank.xpubs),
      unknown: psbts.map(({ unknown }) => unknown).reduce(mergedEntries, blank.unknown),
      inputs: shuffle(inputs.map(withoutSignatures)),
      outputs: shuffle(psbts.flatMap(({ outputs }) => outputs)),
    },
  };
}

/**
 * The same in the other version. On the way to version 0 lock times that inputs ask for become the one that suits all, and
 * are lost; `undefined` where there is none.
 */
export function convertedPsbt(psbt: Psbt, version: PsbtVersion): Psbt | undefined {
  if (psbt.version === version) return psbt;
  if (version === 2) return { ...psbt, version };
  const fallbackLockTime = lockTimeOf(psbt);
  if (fallbackLockTime === undefined) return undefined;
  const inputs = psbt.inputs.map(({ sequence = 0xffffffff, ...input }) => {
    return { ...input, sequence, requiredTimeLock: undefined, requiredHeightLock: undefined };
  });
  return { ...psbt, version, fallbackLockTime, modifiable: undefined, inputs };
}
