import type { TransactionInputView } from "@bitfleet/api/rest/transactions.ts";
import { describe, expect, test } from "vitest";
import { redeemScriptOf, witnessPartsOf } from "./witness-names.ts";

const SIGNATURE = "30".repeat(71);
const KEY = `02${"ab".repeat(32)}`;

function inputOf(type: string, witness: readonly string[], scriptSig = ""): TransactionInputView {
  const script = { type, asm: "", hex: "", address: null };
  return {
    coinbase: null,
    txid: "00".repeat(32),
    vout: 0,
    script_sig_asm: "",
    script_sig_hex: scriptSig,
    witness: [...witness],
    sequence: 0,
    prevout: { value: 1, height: 1, is_coinbase: false, script },
  };
}

const named = (input: TransactionInputView) => witnessPartsOf(input).map(({ name }) => name);

describe("names of witness items", () => {
  test("a key hash takes a signature and the key", () => {
    expect(named(inputOf("witness_v0_keyhash", [SIGNATURE, KEY]))).toEqual(["Signature", "Public key"]);
  });

  test("the last item of a script hash is the script, in assembly", () => {
    const parts = witnessPartsOf(inputOf("witness_v0_scripthash", ["", "5187"]));
    expect(parts.map(({ name }) => name)).toEqual(["Witness item 0", "Witness script"]);
    expect(parts[1]!.asm).toBe("1 OP_EQUAL");
  });

  test("both nested in P2SH", () => {
    expect(named(inputOf("scripthash", [SIGNATURE, KEY], `160014${"11".repeat(20)}`))).toEqual([
      "Signature",
      "Public key",
    ]);
    expect(named(inputOf("scripthash", ["51"], `220020${"11".repeat(32)}`))).toEqual(["Witness script"]);
    expect(named(inputOf("scripthash", ["51"], "0151"))).toEqual(["Witness item 0"]);
  });

  test("taproot by key, by script, and with an annex", () => {
    const control = `c0${KEY.slice(2)}`;
    expect(named(inputOf("witness_v1_taproot", [SIGNATURE]))).toEqual(["Signature"]);
    expect(named(inputOf("witness_v1_taproot", [SIGNATURE, "5001"]))).toEqual(["Signature", "Annex"]);
    expect(named(inputOf("witness_v1_taproot", ["01", "51", control]))).toEqual([
      "Witness item 0",
      "Tapscript",
      "Control block",
    ]);
    expect(named(inputOf("witness_v1_taproot", ["51", control, "50"]))).toEqual([
      "Tapscript",
      "Control block",
      "Annex",
    ]);
    // Alone it can be no annex.
    expect(named(inputOf("witness_v1_taproot", ["5001"]))).toEqual(["Signature"]);
  });
});

describe("the redeem script", () => {
  test("is the last push of a P2SH input, and there is none for others or where the input script does more than push", () => {
    expect(redeemScriptOf(inputOf("scripthash", [], "0001025187".replace("01025187", "025187")))?.asm).toBe(
      "1 OP_EQUAL",
    );
    expect(redeemScriptOf(inputOf("scripthash", [], "6151"))).toBeUndefined();
    expect(redeemScriptOf(inputOf("pubkeyhash", [], "025187"))).toBeUndefined();
  });
});
