import { describe, expect, test } from "vitest";
import { itemMeaning } from "./item-words.ts";
import { instructionName, opcodeMeaning } from "./opcode-words.ts";

describe("what an instruction does", () => {
  test("every byte has a line", () => {
    for (let opcode = 0; opcode <= 0xff; opcode++) {
      for (const isTapscript of [false, true]) expect(opcodeMeaning(opcode, 0, isTapscript)).toMatch(/\.|\)$/);
    }
  });

  test("pushes and numbers tell what they push", () => {
    expect(instructionName(0x21, 33)).toBe("push 33 bytes");
    expect(instructionName(0x4c, 1)).toBe("push 1 byte");
    expect(instructionName(0x53, 0)).toBe("OP_3");
    expect(instructionName(0x4f, 0)).toBe("OP_1NEGATE");
    expect(instructionName(0x76, 0)).toBe("OP_DUP");
    expect(opcodeMeaning(0x5a, 0, false)).toContain("number 10");
  });

  test("the same byte may be switched off in one script and succeed in tapscript", () => {
    expect(opcodeMeaning(0x7e, 0, false)).toContain("Switched off");
    expect(opcodeMeaning(0x7e, 0, true)).toContain("OP_SUCCESS");
    expect(opcodeMeaning(0xba, 0, true)).toContain("BIP342");
  });
});

describe("what an item may be", () => {
  test.each([
    ["", "empty: 0, false"],
    ["01", "number 1"],
    ["81", "number -1"],
    ["80", "number 0"],
    ["e803", "number 1000"],
    ["ffffff7f", "number 2147483647"],
    [`02${"ab".repeat(32)}`, "public key"],
    [`30${"ab".repeat(70)}`, "signature, 71 bytes"],
    ["ab".repeat(64), "Schnorr signature, 64 bytes"],
    ["ab".repeat(32), "32 bytes: a hash or x-only key"],
    ["ab".repeat(20), "20 bytes: a hash"],
    ["68656c6c6f", "5 bytes · “hello”"],
    ["0102030405", "5 bytes"],
  ])("%s", (hex, meaning) => {
    expect(itemMeaning(hex)).toBe(meaning);
  });
});
