import { describe, expect, test } from "vitest";
import { concatBytes } from "../bytes/bytes.ts";
import type { Transaction } from "../primitives/transaction.ts";
import { ScriptFlag } from "../script/flags.ts";
import { pushData } from "../script/script.ts";
import { legacySigops, redeemScriptSigops, sigopsCost, witnessSigops } from "./sigops.ts";
import { coinbase, input, outPoint, output, transaction } from "./test-kit.ts";

const CHECKSIG = 0xac;
const CHECKMULTISIG = 0xae;
const P2SH = ScriptFlag.P2SH;
const WITNESS = ScriptFlag.WITNESS;
const script = (...bytes: number[]) => Uint8Array.from(bytes);
const p2sh = concatBytes(script(0xa9, 20), new Uint8Array(20), script(0x87));
const p2wpkh = concatBytes(script(0, 20), new Uint8Array(20));
const p2wsh = concatBytes(script(0, 32), new Uint8Array(32));
const p2tr = concatBytes(script(0x51, 32), new Uint8Array(32));
/** `2 … CHECKMULTISIG`, of three keys as far as counting looks. */
const multisig = script(0x52, 0x53, CHECKMULTISIG);

function spending(scriptSig: Uint8Array, witness: readonly Uint8Array[] = []): Transaction {
  return transaction({ inputs: [input(outPoint(1), { scriptSig, witness })], outputs: [output(0n, script(0x51))] });
}

describe("legacy signature operations", () => {
  test("are counted in every script of the transaction, multisig as twenty", () => {
    const tx = transaction({
      inputs: [input(outPoint(1), { scriptSig: script(CHECKSIG) }), input(outPoint(2), { scriptSig: multisig })],
      outputs: [output(0n, script(CHECKSIG, CHECKSIG)), output(0n, multisig)],
    });
    expect(legacySigops(tx)).toBe(1 + 20 + 2 + 20);
    expect(sigopsCost(tx, [], P2SH | WITNESS)).toBe(43 * 4);
  });

  test("of a coinbase count, though its input spends nothing", () => {
    const tx = coinbase(1, { outputs: [output(0n, script(CHECKSIG))] });
    expect(sigopsCost(tx, [], P2SH | WITNESS)).toBe(4);
  });

  test("stop at a broken push", () => {
    expect(legacySigops(spending(script(CHECKSIG, 0x4b, CHECKSIG)))).toBe(1);
  });
});

describe("redeem scripts (BIP16)", () => {
  const tx = spending(concatBytes(script(0), pushData(multisig)));

  test("count exactly, four units each", () => {
    expect(sigopsCost(tx, [output(0n, p2sh)], P2SH)).toBe(3 * 4);
  });

  test("count only with the flag, and only for pay-to-script-hash", () => {
    expect(sigopsCost(tx, [output(0n, p2sh)], 0)).toBe(0);
    expect(sigopsCost(tx, [output(0n, script(0x51))], P2SH)).toBe(0);
  });

  test("count nothing where the scriptSig does more than push or is broken", () => {
    const operation = spending(concatBytes(script(0x61), pushData(multisig)));
    expect(redeemScriptSigops(operation.inputs[0]!, output(0n, p2sh))).toBe(0);
    const broken = spending(concatBytes(pushData(multisig), script(0x02, 0x01)));
    expect(redeemScriptSigops(broken.inputs[0]!, output(0n, p2sh))).toBe(0);
    expect(redeemScriptSigops(spending(script()).inputs[0]!, output(0n, p2sh))).toBe(0);
    // OP_1 leaves no script that could be counted.
    expect(redeemScriptSigops(spending(script(0x51)).inputs[0]!, output(0n, p2sh))).toBe(0);
  });
});

describe("witness programs (BIP141)", () => {
  test("of a key hash count one unit", () => {
    expect(sigopsCost(spending(script()), [output(0n, p2wpkh)], P2SH | WITNESS)).toBe(1);
    expect(sigopsCost(spending(script()), [output(0n, p2wpkh)], P2SH)).toBe(0);
  });

  test("of a script hash count what the last witness item says, exactly", () => {
    const tx = spending(script(), [script(CHECKSIG), multisig]);
    expect(sigopsCost(tx, [output(0n, p2wsh)], P2SH | WITNESS)).toBe(3);
    expect(sigopsCost(spending(script()), [output(0n, p2wsh)], P2SH | WITNESS)).toBe(0);
  });

  test("in a redeem script count the same", () => {
    const nested = spending(pushData(p2wsh), [multisig]);
    expect(sigopsCost(nested, [output(0n, p2sh)], P2SH | WITNESS)).toBe(3);
    const nestedKey = spending(pushData(p2wpkh), [script(1), script(2)]);
    expect(sigopsCost(nestedKey, [output(0n, p2sh)], P2SH | WITNESS)).toBe(1);
    const notOnlyPushes = spending(concatBytes(script(0x61), pushData(p2wpkh)));
    expect(witnessSigops(notOnlyPushes.inputs[0]!, output(0n, p2sh))).toBe(0);
  });

  test("of later versions, and of odd sizes, count none", () => {
    const tx = spending(script(), [multisig]);
    expect(sigopsCost(tx, [output(0n, p2tr)], P2SH | WITNESS)).toBe(0);
    const odd = concatBytes(script(0, 21), new Uint8Array(21));
    expect(sigopsCost(tx, [output(0n, odd)], P2SH | WITNESS)).toBe(0);
  });
});
