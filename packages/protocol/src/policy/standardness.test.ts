import { describe, expect, test } from "vitest";
import { concatBytes } from "../bytes/bytes.ts";
import { input, outPoint, output } from "../consensus/test-kit.ts";
import type { Transaction } from "../primitives/transaction.ts";
import { Op } from "../script/opcodes.ts";
import {
  dataOutput,
  payToAnchor,
  payToMultisig,
  payToPublicKey,
  payToPublicKeyHash,
  payToScriptHash,
  payToTaproot,
  payToWitnessProgram,
  payToWitnessScriptHash,
} from "../script/templates.ts";
import { script } from "../script/test-kit.ts";
import { checkStandard, checkStrippedSize, STANDARDNESS_DEFAULT, type StandardnessOptions } from "./standardness.ts";
import { ofWeight, STANDARD_SCRIPT, standardTransaction } from "./test-kit.ts";

const KEY = new Uint8Array(33).fill(2);
const VALUE = 100_000n;

/** Core's reason, or `undefined` where the transaction is standard. */
function faultOf(tx: Transaction, options: Partial<StandardnessOptions> = {}): string | undefined {
  const reject = checkStandard(tx, { ...STANDARDNESS_DEFAULT, ...options });
  if (reject !== undefined) expect(reject).toMatchObject({ kind: "not-standard", detail: "" });
  return reject?.reason;
}

const paying = (...scripts: readonly Uint8Array[]) =>
  standardTransaction({ outputs: scripts.map((each) => output(VALUE, each)) });
const unlocking = (scriptSig: Uint8Array) => standardTransaction({ inputs: [input(outPoint(1), { scriptSig })] });
/** `RETURN` and pushes, `size` bytes in all. */
function dataOfSize(size: number): Uint8Array {
  const data = new Uint8Array(size).fill(Op.ONE);
  data[0] = Op.RETURN;
  return data;
}

describe("a standard transaction", () => {
  test.each([1, 2, 3])("has version %i", (version) => {
    expect(faultOf(standardTransaction({ version }))).toBeUndefined();
  });

  test.each([0, 4, 0x7fffffff, 0x80000000, 0xffffffff])("does not have version %i", (version) => {
    expect(faultOf(standardTransaction({ version }))).toBe("version");
  });

  test("weighs 400,000 units at most", () => {
    expect(ofWeight(400_000).weight).toBe(400_000);
    expect(faultOf(ofWeight(400_000))).toBeUndefined();
    expect(faultOf(ofWeight(400_001))).toBe("tx-size");
  });

  test("has scriptSigs of 1,650 bytes at most", () => {
    expect(faultOf(unlocking(new Uint8Array(1650)))).toBeUndefined();
    expect(faultOf(unlocking(new Uint8Array(1651)))).toBe("scriptsig-size");
  });

  test("does nothing but push in scriptSigs", () => {
    expect(faultOf(unlocking(Uint8Array.of(Op.SIXTEEN)))).toBeUndefined();
    // Counts as a push, though it fails when it runs.
    expect(faultOf(unlocking(Uint8Array.of(Op.RESERVED)))).toBeUndefined();
    expect(faultOf(unlocking(Uint8Array.of(Op.NOP)))).toBe("scriptsig-not-pushonly");
    // A push whose bytes are not all there.
    expect(faultOf(unlocking(Uint8Array.of(2, 1)))).toBe("scriptsig-not-pushonly");
    const second = standardTransaction({
      inputs: [input(outPoint(1)), input(outPoint(2), { scriptSig: Uint8Array.of(Op.NOP) })],
    });
    expect(faultOf(second)).toBe("scriptsig-not-pushonly");
  });

  test("the first rule that it breaks is told", () => {
    const scriptSig = new Uint8Array(1651).fill(Op.NOP);
    const tx = standardTransaction({
      version: 4,
      inputs: [input(outPoint(1), { scriptSig })],
      outputs: [output(0n, Uint8Array.of(Op.NOP)), output(0n, Uint8Array.of(Op.NOP))],
    });
    expect(faultOf(tx)).toBe("version");
    expect(faultOf(standardTransaction({ inputs: tx.inputs, outputs: tx.outputs }))).toBe("scriptsig-size");
    expect(faultOf(standardTransaction({ outputs: tx.outputs }))).toBe("scriptpubkey");
  });
});

describe("output scripts", () => {
  test.each([
    ["pay to public key", payToPublicKey(KEY)],
    ["pay to uncompressed public key", payToPublicKey(new Uint8Array(65).fill(4))],
    ["P2PKH", payToPublicKeyHash(new Uint8Array(20))],
    ["P2SH", payToScriptHash(new Uint8Array(20))],
    ["P2WSH", payToWitnessScriptHash(new Uint8Array(32))],
    ["P2TR", payToTaproot(new Uint8Array(32))],
    ["P2A", payToAnchor()],
    ["a witness program of version 1 without meaning", payToWitnessProgram(1, new Uint8Array(33))],
    ["a witness program of version 16", payToWitnessProgram(16, new Uint8Array(2))],
    ["multisig of one key", payToMultisig(1, [KEY])],
    ["multisig of three keys", payToMultisig(3, [KEY, KEY, KEY])],
    ["data", dataOutput(new Uint8Array(80))],
    ["no data", Uint8Array.of(Op.RETURN)],
  ])("%s is standard", (_, scriptPubKey) => {
    expect(faultOf(paying(scriptPubKey))).toBeUndefined();
  });

  test.each([
    ["nothing", new Uint8Array(0)],
    ["OP_TRUE", Uint8Array.of(Op.ONE)],
    ["a witness program of version 0 of another size", payToWitnessProgram(0, new Uint8Array(21))],
    ["a witness program of one byte", payToWitnessProgram(1, new Uint8Array(1))],
    ["a witness program of 41 bytes", payToWitnessProgram(1, new Uint8Array(41))],
    ["multisig of four keys", payToMultisig(1, [KEY, KEY, KEY, KEY])],
    ["multisig that needs more keys than it has", concatBytes(script("2"), payToMultisig(1, [KEY]).subarray(1))],
    ["multisig that needs none", concatBytes(script("0"), payToMultisig(1, [KEY]).subarray(1))],
    ["data behind something else than a push", Uint8Array.of(Op.RETURN, Op.NOP)],
    ["data that is not all there", Uint8Array.of(Op.RETURN, 2, 1)],
  ])("%s is not", (_, scriptPubKey) => {
    expect(faultOf(paying(STANDARD_SCRIPT, scriptPubKey))).toBe("scriptpubkey");
  });

  test("bare multisig can be switched off", () => {
    const tx = paying(payToMultisig(1, [KEY]));
    expect(faultOf(tx, { permitBareMultisig: false })).toBe("bare-multisig");
    expect(faultOf(paying(payToMultisig(1, [KEY, KEY, KEY, KEY])), { permitBareMultisig: false })).toBe("scriptpubkey");
    expect(faultOf(paying(STANDARD_SCRIPT), { permitBareMultisig: false })).toBeUndefined();
  });
});

describe("data outputs", () => {
  test("take 100,000 bytes at most, all of them together", () => {
    // The weight limit leaves no room for so much: the limit shows where it is lower.
    expect(STANDARDNESS_DEFAULT.dataCarrierSizeMax).toBe(100_000);
    const limit = { dataCarrierSizeMax: 100 };
    expect(faultOf(paying(dataOfSize(100)), limit)).toBeUndefined();
    expect(faultOf(paying(dataOfSize(101)), limit)).toBe("datacarrier");
    expect(faultOf(paying(dataOfSize(60), STANDARD_SCRIPT, dataOfSize(40)), limit)).toBeUndefined();
    expect(faultOf(paying(dataOfSize(60), STANDARD_SCRIPT, dataOfSize(41)), limit)).toBe("datacarrier");
  });

  test("as large as the weight of the transaction lets them be are standard by default", () => {
    const frame = paying(dataOfSize(0x10000)).weight / 4 - 0x10000;
    expect(faultOf(paying(dataOfSize(100_000 - frame)))).toBeUndefined();
    expect(faultOf(paying(dataOfSize(100_001 - frame)))).toBe("tx-size");
  });

  test.each([undefined, 0])("are refused altogether with a limit of %s", (dataCarrierSizeMax) => {
    expect(faultOf(paying(Uint8Array.of(Op.RETURN)), { dataCarrierSizeMax })).toBe("datacarrier");
    expect(faultOf(paying(STANDARD_SCRIPT), { dataCarrierSizeMax })).toBeUndefined();
  });
});

describe("dust", () => {
  const dusty = (...values: readonly bigint[]) =>
    standardTransaction({ outputs: values.map((value) => output(value, STANDARD_SCRIPT)) });

  test("one output may be dust, two may not", () => {
    expect(faultOf(dusty(294n, 294n))).toBeUndefined();
    expect(faultOf(dusty(293n, 294n))).toBeUndefined();
    expect(faultOf(dusty(293n, 293n))).toBe("dust");
    expect(faultOf(dusty(0n, 294n, 293n))).toBe("dust");
  });

  test("is what -dustrelayfee makes it", () => {
    expect(faultOf(dusty(0n, 0n), { dustFeerateSatPerKvb: 0n })).toBeUndefined();
    expect(faultOf(dusty(588n, 588n), { dustFeerateSatPerKvb: 6000n })).toBeUndefined();
    expect(faultOf(dusty(587n, 587n), { dustFeerateSatPerKvb: 6000n })).toBe("dust");
  });
});

// CVE-2017-12842
test("a transaction takes 65 bytes at least without its witness", () => {
  const ofSize = (strippedSize: number, witness: readonly Uint8Array[] = []) =>
    standardTransaction({
      inputs: [input(outPoint(1), { witness })],
      outputs: [output(0n, new Uint8Array(strippedSize - 60))],
    });
  expect(ofSize(65).strippedSize).toBe(65);
  expect(checkStrippedSize(ofSize(65))).toBeUndefined();
  const reject = { kind: "not-standard", reason: "tx-size-small", detail: "" };
  expect(checkStrippedSize(ofSize(64))).toEqual(reject);
  expect(checkStrippedSize(ofSize(63, [new Uint8Array(100)]))).toEqual(reject);
});
