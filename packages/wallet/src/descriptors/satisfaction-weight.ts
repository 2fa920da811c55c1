import { compactSizeLength } from "@bitfleet/protocol/bytes/cursor.ts";
import { WITNESS_SCALE_FACTOR } from "@bitfleet/protocol/primitives/transaction.ts";
import { isWitnessProgram } from "@bitfleet/protocol/script/script.ts";
import { numberPushSize } from "../miniscript/bounds.ts";
import { witnessItemsOf } from "../miniscript/limits.ts";
import type { Descriptor } from "./descriptor.ts";
import { keySize } from "./key-expression.ts";

/**
 * What the inputs that spend a descriptor's outputs weigh at most once they are signed: what fees are computed from
 * before there are signatures. The same numbers as Core's, so that fees are the same; none where Core has none.
 */

/** How large signatures are taken to be. */
export interface SignatureSize {
  /** ECDSA signatures whose r was not ground, which may be a byte larger: of signers that one does not know. */
  readonly useMaxSig: boolean;
}

/** An ECDSA signature with its hash type, behind its length. */
const ecdsaSize = ({ useMaxSig }: SignatureSize) => 1 + (useMaxSig ? 72 : 71);
/** A BIP340 signature with its hash type, behind its length. */
const SCHNORR_SIZE = 1 + 65;

/**
 * Weight units of what satisfies an output: of the bytes of the script and of the witness, but not of their lengths.
 * Taproot outputs are taken to be spent by their key. `undefined` where it cannot be told.
 */
export function maxSatisfactionWeight(descriptor: Descriptor, size: SignatureSize): number | undefined {
  switch (descriptor.kind) {
    case "pk":
    case "pkh":
    case "multi":
    case "sortedmulti":
      return times(satisfactionSize(descriptor, size), WITNESS_SCALE_FACTOR);
    case "wpkh":
    case "wsh":
      return satisfactionSize(descriptor, size);
    case "sh": {
      const { inner } = descriptor;
      const bytes = satisfactionSize(inner, size);
      const scriptSize = scriptSizeOf(inner);
      if (bytes === undefined || scriptSize === undefined) return undefined;
      const isWitness = inner.kind === "wpkh" || inner.kind === "wsh";
      return (1 + scriptSize) * WITNESS_SCALE_FACTOR + bytes * (isWitness ? 1 : WITNESS_SCALE_FACTOR);
    }
    case "tr":
    case "rawtr":
      return SCHNORR_SIZE;
    default:
      return undefined;
  }
}

const times = (bytes: number | undefined, factor: number) => bytes && bytes * factor;

/** Bytes that satisfy a script, wherever they stand. */
function satisfactionSize(descriptor: Descriptor, size: SignatureSize): number | undefined {
  switch (descriptor.kind) {
    case "pk":
      return descriptor.xOnly ? SCHNORR_SIZE : ecdsaSize(size);
    case "pkh":
      return ecdsaSize(size) + 1 + keySize(descriptor.key);
    case "wpkh":
      return ecdsaSize(size) + 1 + 33;
    case "multi":
    case "sortedmulti":
      // CHECKMULTISIG takes an empty item more than it uses.
      return 1 + descriptor.required * ecdsaSize(size);
    case "multi_a":
    case "sortedmulti_a":
      return descriptor.required * SCHNORR_SIZE + descriptor.keys.length - descriptor.required;
    case "miniscript":
      return descriptor.node.witnessSizes.satisfied;
    case "wsh": {
      const bytes = satisfactionSize(descriptor.inner, size);
      const scriptSize = scriptSizeOf(descriptor.inner);
      if (bytes === undefined || scriptSize === undefined) return undefined;
      return compactSizeLength(scriptSize) + scriptSize + bytes;
    }
    default:
      return undefined;
  }
}

/** Items on the witness stack (or pushed by the script of an input without one) at most; `undefined` where it cannot be told. */
export function maxSatisfactionElements(descriptor: Descriptor): number | undefined {
  switch (descriptor.kind) {
    case "pk":
    case "tr":
    case "rawtr":
      return 1;
    case "pkh":
    case "wpkh":
      return 2;
    case "multi":
    case "sortedmulti":
      return 1 + descriptor.required;
    case "multi_a":
    case "sortedmulti_a":
      return descriptor.keys.length;
    case "miniscript":
      return witnessItemsOf(descriptor.node);
    case "sh":
    case "wsh": {
      const inner = maxSatisfactionElements(descriptor.inner);
      return inner === undefined ? undefined : 1 + inner;
    }
    default:
      return undefined;
  }
}

/** Bytes of the script that a descriptor stands for. */
function scriptSizeOf(descriptor: Descriptor): number | undefined {
  switch (descriptor.kind) {
    case "pk":
      return 1 + (descriptor.xOnly ? 32 : keySize(descriptor.key)) + 1;
    case "pkh":
      return 25;
    case "wpkh":
      return 22;
    case "sh":
      return 23;
    case "wsh":
    case "tr":
    case "rawtr":
      return 34;
    case "multi":
    case "sortedmulti": {
      const { required, keys } = descriptor;
      const keyBytes = keys.reduce((sum, key) => sum + 1 + keySize(key), 0);
      return 1 + numberPushSize(keys.length) + numberPushSize(required) + keyBytes;
    }
    case "multi_a":
    case "sortedmulti_a":
      return (1 + 32 + 1) * descriptor.keys.length + numberPushSize(descriptor.required) + 1;
    case "miniscript":
      return descriptor.node.scriptSize;
    case "addr":
    case "raw":
      return descriptor.script.length;
    default:
      return undefined;
  }
}

/** Whether a descriptor's outputs are spent by a witness, bare or behind a script hash. */
export function isWitnessDescriptor(descriptor: Descriptor): boolean {
  switch (descriptor.kind) {
    case "wpkh":
    case "wsh":
    case "tr":
    case "rawtr":
      return true;
    case "sh":
      return isWitnessDescriptor(descriptor.inner);
    case "addr":
    case "raw":
      return isWitnessProgram(descriptor.script);
    default:
      return false;
  }
}

/** An input's outpoint and sequence number. */
const INPUT_SIZE = 32 + 4 + 4;

/**
 * Weight units of a whole input that spends an output of the descriptor: outpoint and sequence number, the script with its
 * length, the witness with the number of its items. In a transaction where any input has a witness (`inWitnessTransaction`)
 * those without name the number of their items too, which is none. `undefined` where it cannot be told.
 */
export function maxInputWeight(
  descriptor: Descriptor,
  options: SignatureSize & { readonly inWitnessTransaction: boolean },
): number | undefined {
  const weight = maxSatisfactionWeight(descriptor, options);
  const elements = maxSatisfactionElements(descriptor);
  if (weight === undefined || elements === undefined) return undefined;
  const isWitness = isWitnessDescriptor(descriptor);
  const scriptLengthSize = isWitness ? 1 : compactSizeLength(Math.floor(weight / WITNESS_SCALE_FACTOR));
  const witnessCountSize = isWitness ? compactSizeLength(elements) : Number(options.inWitnessTransaction);
  return (INPUT_SIZE + scriptLengthSize) * WITNESS_SCALE_FACTOR + witnessCountSize + weight;
}
