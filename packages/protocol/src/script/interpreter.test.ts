import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concatBytes, EMPTY_BYTES, fromHex, toHex } from "../bytes/bytes.ts";
import { sha256 } from "../crypto/hash.ts";
import { portableSecp256k1 } from "../crypto/portable-secp256k1.ts";
import { disassembleScript } from "./disassemble.ts";
import { ALL_SCRIPT_FLAGS, ScriptFlag } from "./flags.ts";
import { Op } from "./opcodes.ts";
import { countSigops, findAndDelete, isPushOnly, lastPushOf, pushData } from "./script.ts";
import { SCRIPT_ERRORS } from "./script-error.ts";
import { outputTypeOf, payToMultisig, payToWitnessScriptHash } from "./templates.ts";
import { fillFlags, script, spendingTransaction, verifySpend } from "./test-kit.ts";
import { verifyInput, verifyScript } from "./verify.ts";

const opcodeSoup = fc
  .array(
    fc.oneof(
      fc.nat(255).map((opcode) => Uint8Array.of(opcode)),
      fc.uint8Array({ maxLength: 80 }).map(pushData),
      fc.constantFrom(...["1 IF", "ENDIF", "2DUP", "0 0 CHECKMULTISIG", "1 ROLL", "CODESEPARATOR"].map(script)),
    ),
    { maxLength: 30 },
  )
  .map((parts) => concatBytes(...parts));

const flagSets = fc.nat(ALL_SCRIPT_FLAGS).map(fillFlags);

describe("random scripts", () => {
  test("end in success or a script error, never in a throw", () => {
    const known = new Set<unknown>([undefined, ...SCRIPT_ERRORS]);
    fc.assert(
      fc.property(
        opcodeSoup,
        opcodeSoup,
        fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 4 }),
        flagSets,
        (one, other, items, flags) => {
          const witnessScript = { scriptPubKey: payToWitnessScriptHash(sha256(one)), witness: [...items, one] };
          expect(known.has(verifySpend({ scriptSig: one, scriptPubKey: other, witness: items }, flags))).toBe(true);
          expect(known.has(verifySpend(witnessScript, flags))).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });

  test("can be walked, counted, classified and disassembled", () => {
    fc.assert(
      fc.property(fc.oneof(opcodeSoup, fc.uint8Array({ maxLength: 100 })), (soup) => {
        expect(typeof disassembleScript(soup, { sighashTypes: true })).toBe("string");
        expect(outputTypeOf(soup).length).toBeGreaterThan(0);
        expect(countSigops(soup, true)).toBeLessThanOrEqual(countSigops(soup, false));
        expect(isPushOnly(soup)).toBe(lastPushOf(soup) !== undefined);
        expect(findAndDelete(soup, EMPTY_BYTES)).toBe(soup);
      }),
    );
  });
});

describe("limits outside tapscript", () => {
  test("10,000 bytes", () => {
    const long = (size: number) =>
      concatBytes(
        ...Array.from({ length: 19 }, () => pushData(new Uint8Array(520))),
        new Uint8Array(size - 19 * 523 - 1),
        script("1"),
      );
    expect(verifySpend({ scriptPubKey: long(10_000) }, 0)).toBeUndefined();
    expect(verifySpend({ scriptPubKey: long(10_001) }, 0)).toBe("SCRIPT_SIZE");
  });

  test("201 operations, CHECKMULTISIG counting its keys", () => {
    const nops = (count: number, rest: string) => concatBytes(new Uint8Array(count).fill(Op.NOP), script(rest));
    expect(verifySpend({ scriptPubKey: nops(201, "1") }, 0)).toBeUndefined();
    expect(verifySpend({ scriptPubKey: nops(202, "1") }, 0)).toBe("OP_COUNT");
    expect(verifySpend({ scriptPubKey: nops(197, "0 0 1 2 3 3 CHECKMULTISIG") }, 0)).toBeUndefined();
    expect(verifySpend({ scriptPubKey: nops(198, "0 0 1 2 3 3 CHECKMULTISIG") }, 0)).toBe("OP_COUNT");
  });

  test("1,000 items on both stacks", () => {
    const ones = (count: number, rest: string) => concatBytes(new Uint8Array(count).fill(Op.ONE), script(rest));
    expect(verifySpend({ scriptPubKey: ones(1000, "") }, 0)).toBeUndefined();
    expect(verifySpend({ scriptPubKey: ones(1001, "") }, 0)).toBe("STACK_SIZE");
    expect(verifySpend({ scriptPubKey: ones(1000, "TOALTSTACK 1 1") }, 0)).toBe("STACK_SIZE");
  });
});

describe("lock times", () => {
  const cltv = (operand: string) => script(`${operand} CHECKLOCKTIMEVERIFY`);
  const csv = (operand: string) => script(`${operand} CHECKSEQUENCEVERIFY`);
  test.each([
    ["100", 100, 0, undefined],
    ["101", 100, 0, "UNSATISFIED_LOCKTIME"],
    ["100", 100, 0xffffffff, "UNSATISFIED_LOCKTIME"],
    ["499999999", 500_000_000, 0, "UNSATISFIED_LOCKTIME"],
    ["500000000", 500_000_000, 0, undefined],
    ["-1", 0, 0, "NEGATIVE_LOCKTIME"],
    ["4294967295", 0xffffffff, 0, undefined],
    ["0x05 0x0000000001", 0xffffffff, 0, "UNSATISFIED_LOCKTIME"],
    ["0x06 0x000000000000", 100, 0, "SCRIPTNUM"],
  ])("BIP65: %s under lock time %i, sequence %i", (operand, lockTime, sequence, expected) => {
    const spend = { scriptPubKey: concatBytes(cltv(operand), script("DROP 1")), lockTime, sequence };
    expect(verifySpend(spend, ScriptFlag.CHECKLOCKTIMEVERIFY)).toBe(expected);
    expect(verifySpend(spend, 0)).toBeUndefined();
  });

  const inSeconds = 1 << 22;
  test.each([
    ["10", 10, 2, undefined],
    ["11", 10, 2, "UNSATISFIED_LOCKTIME"],
    ["10", 10, 1, "UNSATISFIED_LOCKTIME"],
    ["10", 0x80000000 + 10, 2, "UNSATISFIED_LOCKTIME"],
    ["10", inSeconds + 10, 2, "UNSATISFIED_LOCKTIME"],
    [String(inSeconds + 10), inSeconds + 10, 2, undefined],
    [String(inSeconds + 10), 10, 2, "UNSATISFIED_LOCKTIME"],
    ["2147483658", 0, 1, undefined],
    ["0x05 0x0a00008001", 0, 1, undefined],
    ["0x05 0x0a00000001", 9, 2, "UNSATISFIED_LOCKTIME"],
    ["0x05 0x0a00000001", 10, 2, undefined],
    ["-1", 10, 2, "NEGATIVE_LOCKTIME"],
  ])("BIP112: %s under sequence %i, version %i", (operand, sequence, version, expected) => {
    const spend = { scriptPubKey: concatBytes(csv(operand), script("DROP 1")), sequence, version };
    expect(verifySpend(spend, ScriptFlag.CHECKSEQUENCEVERIFY)).toBe(expected);
    expect(verifySpend(spend, 0)).toBeUndefined();
  });
});

describe("pay-to-anchor", () => {
  const scriptPubKey = script("1 0x02 0x4e73");
  test("is spent by anybody, without discouragement", () => {
    expect(verifySpend({ scriptPubKey }, ALL_SCRIPT_FLAGS)).toBeUndefined();
    expect(verifySpend({ scriptPubKey, scriptSig: script("1") }, ALL_SCRIPT_FLAGS)).toBe("WITNESS_MALLEATED");
    expect(verifySpend({ scriptPubKey: script("1 0x02 0x4e74") }, ALL_SCRIPT_FLAGS)).toBe(
      "DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM",
    );
  });
});

describe("signature checks", () => {
  test("hash once for all keys of a multisig that a signature is tried with", () => {
    let hashes = 0;
    const keys = [1, 2, 3].map((fill) => portableSecp256k1.publicKeyOf(new Uint8Array(32).fill(fill), true));
    const { tx, cache } = spendingTransaction({ scriptPubKey: payToMultisig(1, keys) });
    const scriptPubKey = payToMultisig(1, keys);
    const hash = cache.legacySighash(0, scriptPubKey, 1);
    const counted = new Proxy(cache, {
      get(target, name) {
        if (name === "legacySighash") hashes += 1;
        const value = Reflect.get(target, name, target) as unknown;
        return typeof value === "function" ? (value as () => unknown).bind(target) : value;
      },
    });
    const signature = portableSecp256k1.signEcdsa(hash, new Uint8Array(32).fill(1));
    const der = fromHex(derOf(signature));
    const scriptSig = concatBytes(script("0"), pushData(concatBytes(der, Uint8Array.of(1))));
    const signed = {
      ...tx,
      inputs: [{ ...tx.inputs[0]!, scriptSig }],
      outputs: tx.outputs,
      version: tx.version,
      lockTime: 0,
    };
    expect(verifyInput(signed, 0, counted, ALL_SCRIPT_FLAGS, portableSecp256k1)).toBeUndefined();
    expect(hashes).toBe(1);
  });
});

function derOf(signature: Uint8Array): string {
  const integer = (bytes: Uint8Array) => {
    let start = 0;
    while (bytes[start] === 0) start++;
    const hex = (bytes[start]! & 0x80 ? "00" : "") + toHex(bytes.subarray(start));
    return `02${(hex.length / 2).toString(16).padStart(2, "0")}${hex}`;
  };
  const body = integer(signature.subarray(0, 32)) + integer(signature.subarray(32));
  return `30${(body.length / 2).toString(16)}${body}`;
}

test("verifyScript asks its checker, whatever that is", () => {
  const checker = {
    checkEcdsa: () => true,
    checkSchnorr: () => undefined,
    checkTaprootTweak: () => true,
    checkLockTime: () => false,
    checkSequence: () => false,
  };
  expect(verifyScript(script("1"), script("1 CHECKSIG"), [], 0, checker)).toBeUndefined();
  expect(verifyScript(script("1"), script("CHECKLOCKTIMEVERIFY"), [], ScriptFlag.CHECKLOCKTIMEVERIFY, checker)).toBe(
    "UNSATISFIED_LOCKTIME",
  );
});
