import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EMPTY_BYTES, fromHex, toHex } from "../bytes/bytes.ts";
import { disassembleScript, parseScript } from "./disassemble.ts";
import {
  ALL_SCRIPT_FLAGS,
  MANDATORY_SCRIPT_FLAGS,
  ScriptFlag,
  STANDARD_SCRIPT_FLAGS,
  scriptFlagNames,
  scriptFlagsFromNames,
} from "./flags.ts";
import { Op, opcodeName, opcodeNamed } from "./opcodes.ts";
import {
  countSigops,
  findAndDelete,
  hasValidOpcodes,
  isMinimalPush,
  isPushOnly,
  isUnspendable,
  pushData,
  ScriptBuilder,
  ScriptCursor,
  witnessProgramOf,
} from "./script.ts";
import { SCRIPT_ERRORS, scriptErrorMessage } from "./script-error.ts";
import { decodeScriptNumber, encodeScriptNumber, isTruthy } from "./script-number.ts";
import { isStrictDerSignature } from "./signature-encoding.ts";
import { dataOutput, outputTypeOf, payToMultisig, payToPublicKey, templateOf } from "./templates.ts";
import { script, verifySpend } from "./test-kit.ts";

describe("flags", () => {
  test("have names, and names have flags", () => {
    fc.assert(
      fc.property(fc.nat(ALL_SCRIPT_FLAGS), (flags) => {
        expect(scriptFlagsFromNames(scriptFlagNames(flags))).toBe(flags);
      }),
    );
    expect(() => scriptFlagsFromNames(["P2SH", "TASTE"])).toThrow(RangeError);
    expect(() => scriptFlagsFromNames(["toString"])).toThrow(RangeError);
  });

  test("law is part of taste, taste is all but SIGPUSHONLY", () => {
    expect(STANDARD_SCRIPT_FLAGS & MANDATORY_SCRIPT_FLAGS).toBe(MANDATORY_SCRIPT_FLAGS);
    expect(scriptFlagNames(ALL_SCRIPT_FLAGS & ~STANDARD_SCRIPT_FLAGS)).toEqual(["SIGPUSHONLY"]);
  });

  test("that make no sense together are our own bug", () => {
    for (const flags of [ScriptFlag.WITNESS, ScriptFlag.CLEANSTACK | ScriptFlag.P2SH]) {
      expect(() => verifySpend({ scriptPubKey: script("1") }, flags)).toThrow(RangeError);
    }
  });
});

describe("errors", () => {
  test("have Core's texts", () => {
    expect(scriptErrorMessage("EVAL_FALSE")).toBe(
      "Script evaluated without error but finished with a false/empty top stack element",
    );
    expect(new Set(SCRIPT_ERRORS.map(scriptErrorMessage)).size).toBe(SCRIPT_ERRORS.length);
  });
});

describe("numbers", () => {
  test.each([
    [0, ""],
    [1, "01"],
    [-1, "81"],
    [127, "7f"],
    [128, "8000"],
    [-128, "8080"],
    [255, "ff00"],
    [-255, "ff80"],
    [256, "0001"],
    [0x7fffffff, "ffffff7f"],
    [-0x7fffffff, "ffffffff"],
    [0x80000000, "0000008000"],
  ])("%i is %s", (number, hex) => {
    expect(toHex(encodeScriptNumber(number))).toBe(hex);
    expect(decodeScriptNumber(fromHex(hex), true, 5)).toBe(number);
  });

  test("round-trip, in the shortest form", () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 39) + 1, max: 2 ** 39 - 1 }), (number) => {
        const bytes = encodeScriptNumber(number);
        expect(decodeScriptNumber(bytes, true, 5)).toBe(number);
        expect(decodeScriptNumber(bytes, true)).toBe(bytes.length > 4 ? undefined : number);
        expect(isTruthy(bytes)).toBe(number !== 0);
      }),
    );
  });

  test("bytes that decode minimally are what encoding gives", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5 }), (bytes) => {
        const number = decodeScriptNumber(bytes, true, 5);
        const loose = decodeScriptNumber(bytes, false, 5)!;
        expect(number === undefined ? undefined : encodeScriptNumber(number)).toEqual(
          number === undefined ? undefined : bytes,
        );
        expect(number ?? loose).toBe(loose);
      }),
    );
  });

  test("negative zero is zero and falsy", () => {
    for (const hex of ["80", "0080", "00", "0000"]) {
      expect(decodeScriptNumber(fromHex(hex), false)).toBe(0);
      expect(decodeScriptNumber(fromHex(hex), true)).toBeUndefined();
      expect(isTruthy(fromHex(hex))).toBe(false);
    }
    expect(isTruthy(fromHex("8000"))).toBe(true);
  });
});

describe("scripts", () => {
  test("push data behind the shortest length", () => {
    for (const [size, prefix] of [
      [0, "00"],
      [75, "4b"],
      [76, "4c4c"],
      [255, "4cff"],
      [256, "4d0001"],
      [0x10000, "4e00000100"],
    ] as const) {
      const pushed = pushData(new Uint8Array(size));
      expect(toHex(pushed.subarray(0, prefix.length / 2))).toBe(prefix);
      const cursor = new ScriptCursor(pushed);
      expect(cursor.next() && cursor.dataEnd - cursor.dataStart).toBe(size);
      expect(isMinimalPush(cursor.opcode, pushed, cursor.dataStart, cursor.dataEnd)).toBe(true);
      expect(cursor.next()).toBe(false);
      expect(cursor.broken).toBe(false);
      expect(isPushOnly(pushed.subarray(0, -1))).toBe(size === 0);
    }
  });

  test("push numbers by opcode where there is one", () => {
    expect(toHex(new ScriptBuilder().number(-1).number(0).number(1).number(16).number(17).number(-2).bytes())).toBe(
      "4f0051600111" + "0182",
    );
  });

  test("count signature operations", () => {
    expect(countSigops(script("CHECKSIG CHECKSIGVERIFY 3 CHECKMULTISIG"), true)).toBe(5);
    expect(countSigops(script("CHECKSIG CHECKSIGVERIFY 3 CHECKMULTISIG"), false)).toBe(22);
    expect(countSigops(script("0 CHECKMULTISIG"), true)).toBe(20);
    expect(countSigops(script("0x01 0x03 CHECKMULTISIG"), true)).toBe(20);
    expect(countSigops(script("CHECKSIG 0x4c"), true)).toBe(1);
    expect(countSigops(script("0x01 0xac"), true)).toBe(0);
  });

  test("with OP_RETURN in front, or over 10,000 bytes, are unspendable", () => {
    expect(isUnspendable(script("RETURN 1"))).toBe(true);
    expect(isUnspendable(script("1 RETURN"))).toBe(false);
    expect(isUnspendable(EMPTY_BYTES)).toBe(false);
    expect(isUnspendable(new Uint8Array(10_000))).toBe(false);
    expect(isUnspendable(new Uint8Array(10_001))).toBe(true);
  });

  test("find and delete at instructions only", () => {
    const deleted = (text: string, part: string) => toHex(findAndDelete(fromHex(text), fromHex(part)));
    expect(deleted("0302ff03", "0302ff03")).toBe("");
    expect(deleted("0302ff030302ff03", "0302ff03")).toBe("");
    expect(deleted("0302ff030302ff03", "02")).toBe("0302ff030302ff03");
    expect(deleted("0302ff030302ff03", "ff")).toBe("0302ff030302ff03");
    expect(deleted("0302ff030302ff03", "03")).toBe("02ff0302ff03");
    expect(deleted("02feed5169", "feed51")).toBe("02feed5169");
    expect(deleted("02feed5169", "02feed51")).toBe("69");
    expect(deleted("516902feed5169", "feed51")).toBe("516902feed5169");
    expect(deleted("0003feed", "03feed")).toBe("00");
  });

  test("have valid opcodes up to OP_NOP10 and pushes of up to 520 bytes", () => {
    expect(hasValidOpcodes(script("NOP10"))).toBe(true);
    expect(hasValidOpcodes(Uint8Array.of(Op.CHECKSIGADD))).toBe(false);
    expect(hasValidOpcodes(pushData(new Uint8Array(520)))).toBe(true);
    expect(hasValidOpcodes(pushData(new Uint8Array(521)))).toBe(false);
    expect(hasValidOpcodes(Uint8Array.of(5))).toBe(false);
  });

  test("are witness programs with 2 to 40 bytes behind a small number", () => {
    const program = (version: number, size: number) =>
      new ScriptBuilder().number(version).push(new Uint8Array(size)).bytes();
    for (const [version, size] of [
      [0, 2],
      [1, 32],
      [16, 40],
    ] as const) {
      expect(witnessProgramOf(program(version, size))).toEqual({ version, program: new Uint8Array(size) });
    }
    for (const [version, size] of [
      [0, 1],
      [0, 41],
      [17, 20],
      [-1, 20],
    ] as const) {
      expect(witnessProgramOf(program(version, size))).toBeUndefined();
    }
    expect(witnessProgramOf(script("1 0x4c 0x02 0x0102"))).toBeUndefined();
  });
});

describe("BIP66", () => {
  const valid = fromHex("3006020101020101" + "01");
  test("strict DER", () => {
    expect(isStrictDerSignature(valid)).toBe(true);
    for (const hex of [
      "",
      "01",
      "300602010102010101".replace("30", "31"),
      "300502010102010101",
      "300602008102010101",
      "300602010102018101",
      "30070202000102010101",
      "3006020101030101" + "01",
      "3005020002020101" + "01",
    ]) {
      expect(isStrictDerSignature(fromHex(hex)), hex).toBe(false);
    }
    expect(isStrictDerSignature(fromHex("30070202008102010101"))).toBe(true);
  });
});

describe("disassembly", () => {
  const signature = "3006020101020101";
  test.each([
    ["00", "0"],
    ["5160", "1 16"],
    ["4f", "-1"],
    ["0180", "0"],
    ["02ff80", "-255"],
    ["04ffffffff", "-2147483647"],
    ["050000000001", "0000000001"],
    ["4c00", "0"],
    ["76a97c", "OP_DUP OP_HASH160 OP_SWAP"],
    ["b1b2ba", "OP_CHECKLOCKTIMEVERIFY OP_CHECKSEQUENCEVERIFY OP_CHECKSIGADD"],
    ["bbfeff", "OP_UNKNOWN OP_UNKNOWN OP_INVALIDOPCODE"],
    ["5102ff", "1 [error]"],
    ["4d", "[error]"],
  ])("%s is %s", (hex, asm) => {
    expect(disassembleScript(fromHex(hex))).toBe(asm);
    expect(disassembleScript(fromHex(hex), { sighashTypes: true })).toBe(asm);
  });

  test.each([
    ["01", "[ALL]"],
    ["02", "[NONE]"],
    ["03", "[SINGLE]"],
    ["81", "[ALL|ANYONECANPAY]"],
    ["82", "[NONE|ANYONECANPAY]"],
    ["83", "[SINGLE|ANYONECANPAY]"],
    ["00", "00"],
    ["04", "04"],
  ])("a signature of hash type %s ends in %s", (type, suffix) => {
    const push = toHex(pushData(fromHex(signature + type)));
    expect(disassembleScript(fromHex(push), { sighashTypes: true })).toBe(signature + suffix);
    expect(disassembleScript(fromHex(push))).toBe(signature + type);
    expect(disassembleScript(fromHex(`6a${push}`), { sighashTypes: true })).toBe(`OP_RETURN ${signature}${type}`);
  });

  test("names parse back", () => {
    for (let opcode = Op.NOP; opcode <= Op.NOP10; opcode++) {
      expect(opcodeNamed(opcodeName(opcode))).toBe(opcode);
      expect(opcodeNamed(opcodeName(opcode).slice(3))).toBe(opcode);
    }
    for (const none of ["OP_PUSHDATA1", "OP_1", "OP_CHECKSIGADD", "OP_UNKNOWN", "", "OP_"])
      expect(opcodeNamed(none)).toBeUndefined();
    expect(parseScript("FOO")).toBeUndefined();
    expect(parseScript("4294967296")).toBeUndefined();
    expect(parseScript("0xf")).toBeUndefined();
    expect(toHex(parseScript("  'az' \n -5 0x51\tOP_RESERVED ")!)).toBe("02617a01855150");
  });
});

describe("output templates", () => {
  const key = fromHex(`02${"11".repeat(32)}`);
  const uncompressed = fromHex(`04${"11".repeat(64)}`);

  test("public keys of both sizes", () => {
    expect(templateOf(payToPublicKey(key))).toEqual({ type: "pubkey", publicKey: key });
    expect(outputTypeOf(payToPublicKey(uncompressed))).toBe("pubkey");
    expect(outputTypeOf(payToPublicKey(fromHex(`05${"11".repeat(32)}`)))).toBe("nonstandard");
  });

  test("multisig of 1 to 20 keys", () => {
    for (const [required, count] of [
      [1, 1],
      [2, 3],
      [16, 16],
      [17, 20],
      [20, 20],
    ] as const) {
      const publicKeys = Array<Uint8Array>(count).fill(key);
      expect(templateOf(payToMultisig(required, publicKeys))).toEqual({ type: "multisig", required, publicKeys });
    }
    for (const [required, count] of [
      [0, 1],
      [2, 1],
      [1, 21],
      [1, 0],
    ] as const) {
      expect(outputTypeOf(payToMultisig(required, Array<Uint8Array>(count).fill(key)))).toBe("nonstandard");
    }
    const loose = new ScriptBuilder().raw(fromHex("0101")).push(key).number(1).op(Op.CHECKMULTISIG).bytes();
    expect(outputTypeOf(loose)).toBe("nonstandard");
  });

  test("data", () => {
    expect(outputTypeOf(dataOutput(key))).toBe("nulldata");
    expect(outputTypeOf(script("RETURN"))).toBe("nulldata");
    expect(outputTypeOf(script("RETURN 1 0x02 0x0102"))).toBe("nulldata");
    expect(outputTypeOf(script("RETURN DUP"))).toBe("nonstandard");
    expect(outputTypeOf(script("RETURN 0x05"))).toBe("nonstandard");
  });

  test.each([
    ["0 0x14 0x1111111111111111111111111111111111111111", "witness_v0_keyhash"],
    [`0 0x20 0x${"11".repeat(32)}`, "witness_v0_scripthash"],
    ["0 0x02 0x4e73", "nonstandard"],
    [`1 0x20 0x${"11".repeat(32)}`, "witness_v1_taproot"],
    ["1 0x02 0x4e73", "anchor"],
    ["1 0x02 0x4e74", "witness_unknown"],
    [`2 0x20 0x${"11".repeat(32)}`, "witness_unknown"],
    [`HASH160 0x14 0x${"11".repeat(20)} EQUAL`, "scripthash"],
    [`DUP HASH160 0x14 0x${"11".repeat(20)} EQUALVERIFY CHECKSIG`, "pubkeyhash"],
    ["", "nonstandard"],
  ])("%s is %s", (text, type) => {
    expect(outputTypeOf(script(text))).toBe(type);
  });
});
