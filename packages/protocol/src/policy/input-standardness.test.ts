import { describe, expect, test } from "vitest";
import { concatBytes } from "../bytes/bytes.ts";
import { input, outPoint, output } from "../consensus/test-kit.ts";
import type { Transaction } from "../primitives/transaction.ts";
import { Op } from "../script/opcodes.ts";
import { pushData } from "../script/script.ts";
import {
  payToAnchor,
  payToMultisig,
  payToPublicKey,
  payToPublicKeyHash,
  payToScriptHash,
  payToTaproot,
  payToWitnessProgram,
  payToWitnessPublicKeyHash,
  payToWitnessScriptHash,
} from "../script/templates.ts";
import { script } from "../script/test-kit.ts";
import { checkInputsStandard, checkWitnessStandard, spendsWitnessProgram } from "./input-standardness.ts";
import { standardTransaction } from "./test-kit.ts";

const KEY = new Uint8Array(33).fill(2);
const P2SH = payToScriptHash(new Uint8Array(20));
const P2WPKH = payToWitnessPublicKeyHash(new Uint8Array(20));
const P2WSH = payToWitnessScriptHash(new Uint8Array(32));
const P2TR = payToTaproot(new Uint8Array(32));

/** What an input spends and how. Hashes are not looked at here, so none fits. */
interface Spent {
  readonly script: Uint8Array;
  readonly scriptSig?: Uint8Array;
  readonly witness?: readonly Uint8Array[];
}

function spendingAll(spent: readonly Spent[]): Transaction {
  return standardTransaction({
    inputs: spent.map(({ scriptSig = new Uint8Array(0), witness = [] }, index) =>
      input(outPoint(index), { scriptSig, witness }),
    ),
  });
}
const outputsOf = (spent: readonly Spent[]) => spent.map(({ script }) => output(1000n, script));

function inputFault(...spent: readonly Spent[]): string | undefined {
  const reject = checkInputsStandard(spendingAll(spent), outputsOf(spent));
  if (reject === undefined) return undefined;
  expect(reject).toMatchObject({ kind: "inputs-not-standard", reason: "bad-txns-nonstandard-inputs" });
  return reject.detail;
}

function isWitnessStandard(...spent: readonly Spent[]): boolean {
  const reject = checkWitnessStandard(spendingAll(spent), outputsOf(spent));
  if (reject !== undefined)
    expect(reject).toEqual({ kind: "witness-mutated", reason: "bad-witness-nonstandard", detail: "" });
  return reject === undefined;
}

const redeeming = (redeemScript: Uint8Array): Spent => ({ script: P2SH, scriptSig: pushData(redeemScript) });
const checksigs = (count: number) => new Uint8Array(count).fill(Op.CHECKSIG);
const sized = (size: number, count = 1) => Array.from({ length: count }, () => new Uint8Array(size));

describe("outputs that are spent", () => {
  test.each([
    ["pay to public key", payToPublicKey(KEY)],
    ["P2PKH", payToPublicKeyHash(new Uint8Array(20))],
    ["bare multisig of twenty keys, though nobody relays such an output", payToMultisig(1, Array(20).fill(KEY))],
    ["P2WPKH", P2WPKH],
    ["P2WSH", P2WSH],
    ["P2TR", P2TR],
    ["P2A", payToAnchor()],
  ])("%s is standard", (_, script) => {
    expect(inputFault({ script })).toBeUndefined();
  });

  test("unknown scripts are not", () => {
    expect(inputFault({ script: P2WPKH }, { script: Uint8Array.of(Op.ONE) })).toBe("input 1 script unknown");
    expect(inputFault({ script: payToWitnessProgram(0, new Uint8Array(31)) })).toBe("input 0 script unknown");
  });

  test.each([
    ["version 1 of another size", payToWitnessProgram(1, new Uint8Array(33))],
    ["version 2", payToWitnessProgram(2, new Uint8Array(32))],
    ["version 16", payToWitnessProgram(16, new Uint8Array(2))],
  ])("a witness program of %s has no meaning yet", (_, script) => {
    expect(inputFault({ script: P2TR }, { script })).toBe("input 1 witness program is undefined");
  });
});

describe("redeem scripts", () => {
  test("must be there", () => {
    expect(inputFault({ script: P2SH })).toBe("input 0 P2SH redeemscript missing");
    // An empty one is one.
    expect(inputFault({ script: P2SH, scriptSig: Uint8Array.of(Op.ZERO) })).toBeUndefined();
  });

  test("stand behind pushes that can run", () => {
    const redeem = pushData(Uint8Array.of(Op.ONE));
    const reserved = concatBytes(Uint8Array.of(Op.RESERVED), redeem);
    const text = "Opcode missing or not understood";
    expect(inputFault({ script: P2SH, scriptSig: reserved })).toBe(`p2sh scriptsig malformed (input 0: ${text})`);
    expect(inputFault({ script: P2SH, scriptSig: concatBytes(pushData(new Uint8Array(520)), redeem) })).toBeUndefined();
    expect(inputFault({ script: P2SH, scriptSig: concatBytes(pushData(new Uint8Array(521)), redeem) })).toBe(
      "p2sh scriptsig malformed (input 0: Push value size limit exceeded)",
    );
    expect(inputFault({ script: P2SH, scriptSig: Uint8Array.of(2, 1) })).toBe(
      `p2sh scriptsig malformed (input 0: ${text})`,
    );
  });

  test("stand behind 999 pushes at most: the stack holds no more", () => {
    const behind = (count: number): Spent => ({ script: P2SH, scriptSig: new Uint8Array(count + 1).fill(Op.ONE) });
    expect(inputFault(behind(999))).toBeUndefined();
    expect(inputFault({ script: P2WPKH }, behind(1000))).toBe(
      "p2sh scriptsig malformed (input 1: Stack size limit exceeded)",
    );
  });

  test("have 15 signature operations at most", () => {
    expect(inputFault(redeeming(checksigs(15)))).toBeUndefined();
    expect(inputFault(redeeming(checksigs(16)))).toBe("p2sh redeemscript sigops exceed limit (input 0: 16 > 15)");
  });

  test("a multisig counts for its keys where their number is an opcode, else for twenty", () => {
    expect(inputFault(redeeming(script("15 CHECKMULTISIG")))).toBeUndefined();
    expect(inputFault({ script: P2WPKH }, redeeming(script("16 CHECKMULTISIG")))).toBe(
      "p2sh redeemscript sigops exceed limit (input 1: 16 > 15)",
    );
    expect(inputFault(redeeming(script("0 CHECKMULTISIG")))).toBe(
      "p2sh redeemscript sigops exceed limit (input 0: 20 > 15)",
    );
  });
});

describe("BIP54: 2,500 signature operations run outside the witness at most", () => {
  const FAULT = "non-witness sigops exceed bip54 limit";
  const many = Array.from({ length: 166 }, () => redeeming(checksigs(15)));

  test("in redeem scripts", () => {
    expect(inputFault(...many, redeeming(checksigs(10)))).toBeUndefined();
    expect(inputFault(...many, redeeming(checksigs(11)))).toBe(FAULT);
  });

  test("in spent outputs", () => {
    const script = payToMultisig(1, [KEY, KEY, KEY]);
    expect(inputFault(...many, redeeming(checksigs(7)), { script })).toBeUndefined();
    expect(inputFault(...many, redeeming(checksigs(8)), { script })).toBe(FAULT);
    expect(inputFault(...many, redeeming(checksigs(10)), { script: payToPublicKey(KEY) })).toBe(FAULT);
  });

  test("not in witness programs", () => {
    expect(inputFault(...many, redeeming(checksigs(10)), { script: P2WPKH }, { script: P2TR })).toBeUndefined();
  });

  test("is looked at before the kinds of the outputs", () => {
    expect(inputFault({ script: checksigs(2500) })).toBe("input 0 script unknown");
    expect(inputFault({ script: checksigs(2501) })).toBe(FAULT);
  });
});

describe("witnesses", () => {
  test("stand only where a witness program is spent", () => {
    const witness = sized(1);
    expect(isWitnessStandard({ script: payToPublicKeyHash(new Uint8Array(20)) })).toBe(true);
    expect(isWitnessStandard({ script: payToPublicKeyHash(new Uint8Array(20)), witness })).toBe(false);
    expect(isWitnessStandard({ script: P2WPKH, witness }, { ...redeeming(checksigs(1)), witness })).toBe(false);
    expect(isWitnessStandard({ script: P2SH, witness })).toBe(false);
    expect(isWitnessStandard({ script: P2SH, scriptSig: Uint8Array.of(Op.NOP), witness })).toBe(false);
    expect(isWitnessStandard({ ...redeeming(P2WPKH), witness })).toBe(true);
  });

  test("an anchor needs none", () => {
    expect(isWitnessStandard({ script: payToAnchor() })).toBe(true);
    expect(isWitnessStandard({ script: payToAnchor(), witness: sized(0) })).toBe(false);
  });

  test("versions without meaning are not looked into", () => {
    const script = payToWitnessProgram(2, new Uint8Array(32));
    expect(isWitnessStandard({ script, witness: sized(1000, 200) })).toBe(true);
  });
});

describe.each([
  ["pay to witness script hash", (witness: readonly Uint8Array[]): Spent => ({ script: P2WSH, witness })],
  ["the same in a redeem script", (witness: readonly Uint8Array[]): Spent => ({ ...redeeming(P2WSH), witness })],
])("BIP141, %s", (_, spent) => {
  test("scripts of 3,600 bytes", () => {
    expect(isWitnessStandard(spent(sized(3600)))).toBe(true);
    expect(isWitnessStandard(spent(sized(3601)))).toBe(false);
  });

  test("100 items besides the script", () => {
    expect(isWitnessStandard(spent([...sized(1, 100), new Uint8Array(1)]))).toBe(true);
    expect(isWitnessStandard(spent([...sized(1, 101), new Uint8Array(1)]))).toBe(false);
  });

  test("items of 80 bytes", () => {
    expect(isWitnessStandard(spent([...sized(80, 3), new Uint8Array(1)]))).toBe(true);
    expect(isWitnessStandard(spent([...sized(80, 2), new Uint8Array(81), new Uint8Array(1)]))).toBe(false);
    expect(isWitnessStandard(spent([new Uint8Array(81), ...sized(80, 2), new Uint8Array(1)]))).toBe(false);
  });
});

describe("BIP341, taproot", () => {
  const control = (leafVersion: number) => Uint8Array.of(leafVersion, ...new Uint8Array(32));
  const taproot = (...witness: readonly Uint8Array[]): Spent => ({ script: P2TR, witness });

  test("spends by key have no limits of their own", () => {
    expect(isWitnessStandard(taproot(new Uint8Array(1000)))).toBe(true);
    // Alone it is no annex.
    expect(isWitnessStandard(taproot(Uint8Array.of(0x50)))).toBe(true);
  });

  test("no annex", () => {
    expect(isWitnessStandard(taproot(new Uint8Array(64), Uint8Array.of(0x50)))).toBe(false);
    expect(isWitnessStandard(taproot(new Uint8Array(1), control(0xc0), Uint8Array.of(0x50, 1)))).toBe(false);
  });

  test("BIP342: items for tapscripts of 80 bytes", () => {
    const leaf = new Uint8Array(5000);
    expect(isWitnessStandard(taproot(...sized(80, 200), leaf, control(0xc0)))).toBe(true);
    expect(isWitnessStandard(taproot(new Uint8Array(81), leaf, control(0xc0)))).toBe(false);
    expect(isWitnessStandard(taproot(...sized(80), new Uint8Array(81), leaf, control(0xc1)))).toBe(false);
  });

  test("leaf versions without meaning are not looked into", () => {
    expect(isWitnessStandard(taproot(new Uint8Array(81), new Uint8Array(1), control(0xc2)))).toBe(true);
  });

  test("a control block must be there", () => {
    expect(isWitnessStandard(taproot(new Uint8Array(1), new Uint8Array(0)))).toBe(false);
  });

  test("in a redeem script version 1 has no meaning yet", () => {
    const wrapped = redeeming(P2TR);
    expect(isWitnessStandard({ ...wrapped, witness: [new Uint8Array(64), Uint8Array.of(0x50)] })).toBe(true);
  });
});

describe("whether a witness is missed", () => {
  test.each<[string, Spent, boolean]>([
    ["P2WPKH", { script: P2WPKH }, true],
    ["P2TR", { script: P2TR }, true],
    ["a version without meaning", { script: payToWitnessProgram(5, new Uint8Array(5)) }, true],
    ["a wrapped program", redeeming(P2WSH), true],
    ["an anchor", { script: payToAnchor() }, false],
    ["P2PKH", { script: payToPublicKeyHash(new Uint8Array(20)) }, false],
    ["another redeem script", redeeming(checksigs(1)), false],
    ["no redeem script", { script: P2SH }, false],
  ])("%s", (_, spent, isMissed) => {
    const plain: Spent = { script: payToPublicKey(KEY) };
    expect(spendsWitnessProgram(spendingAll([plain, spent]), outputsOf([plain, spent]))).toBe(isMissed);
  });
});
