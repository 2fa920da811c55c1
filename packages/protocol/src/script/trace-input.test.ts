import { describe, expect, test } from "vitest";
import { concatBytes, toHex } from "../bytes/bytes.ts";
import { hash160, sha256 } from "../crypto/hash.ts";
import { portableSecp256k1 } from "../crypto/portable-secp256k1.ts";
import { MANDATORY_SCRIPT_FLAGS } from "./flags.ts";
import { NO_CODE_SEPARATOR } from "./machine.ts";
import { opcodeName } from "./opcodes.ts";
import { pushData } from "./script.ts";
import { taprootSighash } from "./sighash-taproot.ts";
import { TAPSCRIPT_LEAF_VERSION, tapLeafHash, tapTweakHash } from "./taproot.ts";
import { payToScriptHash, payToTaproot, payToWitnessScriptHash } from "./templates.ts";
import { type Spend, script, spendingTransaction } from "./test-kit.ts";
import { type TraceLimits, traceInput } from "./trace-input.ts";
import { verifyInput } from "./verify.ts";

const SECRET = new Uint8Array(32).fill(7);

function trace(spend: Spend, limits?: TraceLimits) {
  const { tx, cache } = spendingTransaction(spend);
  return traceInput(tx, 0, cache, MANDATORY_SCRIPT_FLAGS, portableSecp256k1, limits);
}

const items = (stack: readonly Uint8Array[]) => stack.map(toHex).join(" ");

describe("a trace", () => {
  test("sees every instruction, with what it leaves, in each phase", () => {
    const redeemScript = script("1 IF ADD ELSE RETURN ENDIF 5 EQUAL");
    const spend = { scriptPubKey: redeemScript, scriptSig: script("2 3") };
    const { error, steps, isCut } = trace(spend);
    expect([error, isCut]).toEqual([undefined, false]);
    expect(
      steps.map((step) => [step.phase, opcodeName(step.opcode), step.executed, step.stack.map(toHex).join(" ")]),
    ).toEqual([
      ["scriptSig", "2", true, "02"],
      ["scriptSig", "3", true, "02 03"],
      ["scriptPubKey", "1", true, "02 03 01"],
      ["scriptPubKey", "OP_IF", true, "02 03"],
      ["scriptPubKey", "OP_ADD", true, "05"],
      ["scriptPubKey", "OP_ELSE", true, "05"],
      ["scriptPubKey", "OP_RETURN", false, "05"],
      ["scriptPubKey", "OP_ENDIF", false, "05"],
      ["scriptPubKey", "5", true, "05 05"],
      ["scriptPubKey", "OP_EQUAL", true, "01"],
    ]);
    expect(steps.map((step) => step.offset)).toEqual([0, 1, 0, 1, 2, 3, 4, 5, 6, 7]);
    expect(steps.map((step) => step.size)).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
    expect(steps.map((step) => [step.openIfs, step.isTaken]).slice(2, 8)).toEqual([
      [0, true],
      [1, true],
      [1, true],
      [1, false],
      [1, false],
      [0, true],
    ]);
  });

  test("sees the error where it happens, and changes no result", () => {
    const { tx, cache } = spendingTransaction({ scriptPubKey: script("1 0 VERIFY 1") });
    const { error, steps } = traceInput(tx, 0, cache, MANDATORY_SCRIPT_FLAGS, portableSecp256k1);
    expect(error).toBe("VERIFY");
    expect(steps.map((step) => step.error)).toEqual([undefined, undefined, "VERIFY"]);
    expect(verifyInput(tx, 0, cache, MANDATORY_SCRIPT_FLAGS, portableSecp256k1)).toBe("VERIFY");
  });

  test("names the scripts that run, and what each begins with", () => {
    const witnessScript = script("ADD 7 EQUAL");
    const program = payToWitnessScriptHash(sha256(witnessScript));
    const nested = trace({
      scriptPubKey: payToScriptHash(hash160(program)),
      scriptSig: pushData(program),
      witness: [script("3").map(() => 3), Uint8Array.of(4), witnessScript],
    });
    expect(nested.error).toBeUndefined();
    expect(
      nested.phases.map(({ phase, stack, stepFrom, stepCount }) => [phase, items(stack), stepFrom, stepCount]),
    ).toEqual([
      ["scriptSig", "", 0, 1],
      ["scriptPubKey", toHex(program), 1, 3],
      ["redeemScript", "", 4, 2],
      ["witnessScript", "03 04", 6, 3],
    ]);
    expect(toHex(nested.phases[3]!.script)).toBe(toHex(witnessScript));
    expect(nested.steps.slice(1, 4).map(({ size }) => size)).toEqual([1, 21, 1]);
  });

  test("shows a taproot output that is spent by its key as one signature, and by a script as that", () => {
    const key = portableSecp256k1.publicKeyOf(SECRET, true).subarray(1);
    const byKey = (signatureOf: (hash: Uint8Array) => Uint8Array) => {
      const spend = { scriptPubKey: payToTaproot(key), value: 5n };
      const { cache } = spendingTransaction(spend);
      const context = {
        annexHash: undefined,
        leafHash: undefined,
        codeSeparatorPosition: NO_CODE_SEPARATOR,
        validationWeightLeft: 0,
      };
      return trace({ ...spend, witness: [signatureOf(taprootSighash(cache, 0, 0, context)!)] });
    };
    const good = byKey((hash) => portableSecp256k1.signSchnorr(hash, SECRET, new Uint8Array(32)));
    expect([good.error, good.phases.map(({ phase }) => phase)]).toEqual([
      undefined,
      ["scriptSig", "scriptPubKey", "keyPath"],
    ]);
    expect(good.phases[2]).toMatchObject({ stepFrom: 2, stepCount: 0, stack: [expect.any(Uint8Array)] });
    expect(byKey(() => new Uint8Array(64)).error).toBe("SCHNORR_SIG");

    const leaf = script("2 EQUAL");
    const tweak = tapTweakHash(key, tapLeafHash(TAPSCRIPT_LEAF_VERSION, leaf));
    const output = portableSecp256k1.tweakXOnly(key, tweak)!;
    const controlBlock = concatBytes(Uint8Array.of(TAPSCRIPT_LEAF_VERSION | output.parity), key);
    const byScript = trace({ scriptPubKey: payToTaproot(output.x), witness: [Uint8Array.of(2), leaf, controlBlock] });
    expect([byScript.error, byScript.phases.at(-1)]).toMatchObject([undefined, { phase: "tapscript", stepCount: 2 }]);
    expect(items(byScript.phases.at(-1)!.stack)).toBe("02");
  });

  test("tells an error that no instruction made", () => {
    const { error, steps } = trace({ scriptPubKey: script("0") });
    expect([error, steps.map((step) => step.error)]).toEqual(["EVAL_FALSE", [undefined]]);
  });

  test("is cut at its limits, and only behind them", () => {
    const spend = { scriptSig: script("1 1 1"), scriptPubKey: script("DROP DROP") };
    const whole = trace(spend, { stepsMax: 5, itemsMax: 100 });
    expect([whole.isCut, whole.error, whole.steps.length]).toEqual([false, undefined, 5]);
    const short = trace(spend, { stepsMax: 4, itemsMax: 100 });
    expect([short.isCut, short.error, short.steps.length]).toEqual([true, undefined, 4]);
    // Stacks of 1, 2 and 3; 3 that the second script begins with; 2 and 1.
    expect(trace(spend, { stepsMax: 5, itemsMax: 12 }).isCut).toBe(false);
    const narrow = trace(spend, { stepsMax: 5, itemsMax: 11 });
    expect([narrow.isCut, narrow.steps.length, narrow.phases.length]).toEqual([true, 4, 2]);
  });
});
