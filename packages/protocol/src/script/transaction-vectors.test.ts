import { expect, test } from "vitest";
import { concatBytes, fromHex, toHex } from "../bytes/bytes.ts";
import { Reader } from "../bytes/cursor.ts";
import { checkTransaction } from "../consensus/check-transaction.ts";
import { portableSecp256k1 } from "../crypto/portable-secp256k1.ts";
import { decodeTransaction, Transaction, type TxOutput } from "../primitives/transaction.ts";
import { type OutPointKey, outPointKey } from "../primitives/types.ts";
import { ALL_SCRIPT_FLAGS, ScriptFlag, type ScriptFlags, scriptFlagNames } from "./flags.ts";
import { pushData, ScriptCursor } from "./script.ts";
import type { ScriptError } from "./script-error.ts";
import { SighashCache } from "./sighash.ts";
import { isStrictDerSignature } from "./signature-encoding.ts";
import { outputTypeOf } from "./templates.ts";
import {
  ALL_FLAGS,
  describeVectors,
  fillFlags,
  flagsOf,
  outPoint,
  script,
  seededRandom,
  trimFlags,
  withFlippedBit,
} from "./test-kit.ts";
import { verifyInput } from "./verify.ts";

type Prevout = readonly [txid: string, index: number, script: string, value?: number];
type Case = readonly [prevouts: readonly Prevout[], tx: string, flags: string];

interface Loaded {
  readonly tx: Transaction;
  readonly spentOutputs: readonly TxOutput[];
  readonly flags: string;
}

function load([prevouts, hex, flags]: Case): Loaded {
  const tx = decodeTransaction(new Reader(fromHex(hex)));
  const outputs = new Map<OutPointKey, TxOutput>();
  for (const [txid, index, text, value] of prevouts) {
    outputs.set(outPointKey(outPoint(txid, index >>> 0)), { value: BigInt(value ?? 0), scriptPubKey: script(text) });
  }
  const spentOutputs = tx.inputs.map((input) => outputs.get(outPointKey(input.previousOutput))!);
  return { tx, spentOutputs, flags };
}

function verifyAll(
  { tx, spentOutputs }: Pick<Loaded, "tx" | "spentOutputs">,
  flags: ScriptFlags,
): ScriptError | undefined {
  const cache = new SighashCache(tx, spentOutputs);
  for (let index = 0; index < tx.inputs.length; index++) {
    const error = verifyInput(tx, index, cache, flags, portableSecp256k1);
    if (error !== undefined) return error;
  }
  return undefined;
}

/** Each flag taken out alone, as far as the flags then still make sense. */
function withoutEachFlag(flags: ScriptFlags): ScriptFlags[] {
  const without = ALL_FLAGS.map((flag) => trimFlags(flags & ~flag)).filter((fewer) => fewer !== flags);
  return [...new Set(without)];
}

const isCase = (one: readonly unknown[]): boolean => Array.isArray(one[0]);
const comments = (all: readonly (readonly unknown[])[], index: number): string => {
  const before = all[index - 1];
  return before === undefined || isCase(before) ? "" : String(before[0]);
};

describeVectors<readonly Case[]>(
  "core/tx_valid.json",
  (all) => `tx_valid.json: ${all.filter(isCase).length} transactions`,
  (all) => {
    test("no case is lost", () => {
      expect(all.filter(isCase).length).toBe(121);
    });

    all.forEach((one, index) => {
      if (!isCase(one)) return;
      test(`${index}: ${comments(all, index)} (${one[2]})`, () => {
        const loaded = load(one);
        expect(checkTransaction(loaded.tx)).toBeUndefined();
        const excluded = flagsOf(one[2]);
        const flags = ALL_SCRIPT_FLAGS & ~excluded;
        expect(flags).toBe(trimFlags(flags));
        expect(verifyAll(loaded, flags)).toBeUndefined();

        const random = seededRandom(index);
        for (const flag of ALL_FLAGS) {
          expect(verifyAll(loaded, trimFlags(flags & ~flag))).toBeUndefined();
          expect(verifyAll(loaded, trimFlags(flags & ~random(ALL_SCRIPT_FLAGS + 1)))).toBeUndefined();
        }
        for (const fewer of withoutEachFlag(excluded)) {
          const more = ALL_SCRIPT_FLAGS & ~fewer;
          expect(verifyAll(loaded, more), `${scriptFlagNames(more & ~flags)} need not be excluded`).toBeDefined();
        }
      });
    });
  },
);

describeVectors<readonly Case[]>(
  "core/tx_invalid.json",
  (all) => `tx_invalid.json: ${all.filter(isCase).length} transactions`,
  (all) => {
    test("no case is lost", () => {
      expect(all.filter(isCase).length).toBe(93);
    });

    all.forEach((one, index) => {
      if (!isCase(one)) return;
      test(`${index}: ${comments(all, index)} (${one[2]})`, () => {
        const loaded = load(one);
        if (one[2] === "BADTX") {
          expect(checkTransaction(loaded.tx)).toBeDefined();
          return;
        }
        expect(checkTransaction(loaded.tx)).toBeUndefined();
        const flags = flagsOf(one[2]);
        expect(flags).toBe(fillFlags(flags));
        expect(verifyAll(loaded, flags)).toBeDefined();

        const random = seededRandom(index);
        for (const flag of ALL_FLAGS) {
          expect(verifyAll(loaded, fillFlags(flags | flag))).toBeDefined();
          expect(verifyAll(loaded, fillFlags(flags | random(ALL_SCRIPT_FLAGS + 1)))).toBeDefined();
        }
        for (const fewer of withoutEachFlag(flags)) {
          expect(verifyAll(loaded, fewer), `${scriptFlagNames(flags & ~fewer)} are not needed`).toBeUndefined();
        }
      });
    });
  },
);

/** An input that its transaction's flags hold to a strict DER signature, with where that stands. */
interface SignedInput {
  readonly loaded: Loaded;
  readonly flags: ScriptFlags;
  readonly inputIndex: number;
  /** Position in the witness; `undefined` for the first push of the scriptSig. */
  readonly witnessIndex: number | undefined;
  readonly signature: Uint8Array;
}

function signedInputsOf(loaded: Loaded): SignedInput[] {
  const flags = ALL_SCRIPT_FLAGS & ~flagsOf(loaded.flags);
  return loaded.tx.inputs.flatMap((input, inputIndex): SignedInput[] => {
    const type = outputTypeOf(loaded.spentOutputs[inputIndex]!.scriptPubKey);
    const cursor = new ScriptCursor(input.scriptSig);
    if (type === "pubkeyhash" && cursor.next()) {
      const signature = cursor.data;
      return isStrictDerSignature(signature) ? [{ loaded, flags, inputIndex, witnessIndex: undefined, signature }] : [];
    }
    const witnessIndex = input.witness.findIndex(isStrictDerSignature);
    if (witnessIndex === -1 || type === "witness_unknown" || (flags & ScriptFlag.WITNESS) === 0) return [];
    return [{ loaded, flags, inputIndex, witnessIndex, signature: input.witness[witnessIndex]! }];
  });
}

/** The transaction with `signature` in place of the input's own. */
function withSignature({ loaded, inputIndex, witnessIndex }: SignedInput, signature: Uint8Array): Loaded {
  const inputs = loaded.tx.inputs.map((input, at) => {
    if (at !== inputIndex) return input;
    if (witnessIndex !== undefined) return { ...input, witness: input.witness.with(witnessIndex, signature) };
    const scriptSig = concatBytes(pushData(signature), input.scriptSig.subarray(1 + signature.length));
    return { ...input, scriptSig };
  });
  return { ...loaded, tx: new Transaction({ ...loaded.tx, inputs }) };
}

function withSpent({ loaded, inputIndex }: SignedInput, change: (output: TxOutput) => TxOutput): Loaded {
  const spentOutputs = loaded.spentOutputs.map((output, at) => (at === inputIndex ? change(output) : output));
  return { ...loaded, spentOutputs };
}

describeVectors<readonly Case[]>(
  "core/tx_valid.json",
  (all) => `mutations of ${all.filter(isCase).map(load).flatMap(signedInputsOf).length} signed inputs of tx_valid.json`,
  (all) => {
    const signed = all.filter(isCase).map(load).flatMap(signedInputsOf);
    const inWitness = signed.filter((one) => one.witnessIndex !== undefined);
    const random = seededRandom(7);

    test("the sample is no accident", () => {
      expect(inWitness.length).toBeGreaterThan(20);
      expect(signed.length - inWitness.length).toBeGreaterThan(5);
    });

    test("unchanged they pass", () => {
      for (const one of signed) expect(verifyAll(withSignature(one, one.signature), one.flags)).toBeUndefined();
    });

    test("a flipped bit of the signature is refused", () => {
      for (const one of signed) {
        for (let flips = 0; flips < 3; flips++) {
          const at = random(one.signature.length - 1);
          const mutated = withSignature(one, withFlippedBit(one.signature, at, random(8)));
          expect(verifyAll(mutated, one.flags), `byte ${at} of ${toHex(one.signature)}`).toBeDefined();
        }
      }
    });

    test("another amount is refused by witness signatures alone", () => {
      const changed = (one: SignedInput) => withSpent(one, (output) => ({ ...output, value: output.value + 1n }));
      for (const one of inWitness) expect(verifyAll(changed(one), one.flags)).toBeDefined();
      for (const one of signed) {
        if (!inWitness.includes(one) && !one.loaded.tx.hasWitness) {
          expect(verifyAll(changed(one), one.flags)).toBeUndefined();
        }
      }
    });

    test("a flipped bit of the script that is spent is refused", () => {
      for (const one of signed) {
        const mutated = withSpent(one, ({ value, scriptPubKey }) => ({
          value,
          scriptPubKey: withFlippedBit(scriptPubKey, random(scriptPubKey.length), random(8)),
        }));
        expect(verifyAll(mutated, one.flags)).toBeDefined();
      }
    });
  },
);
