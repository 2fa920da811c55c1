import { expect, test } from "vitest";
import { fromHex } from "../bytes/bytes.ts";
import { Reader } from "../bytes/cursor.ts";
import { portableSecp256k1 } from "../crypto/portable-secp256k1.ts";
import { decodeTransaction, type TxOutput } from "../primitives/transaction.ts";
import { ScriptFlag } from "./flags.ts";
import { witnessProgramOf } from "./script.ts";
import { SighashCache } from "./sighash.ts";
import { describeVectors, script } from "./test-kit.ts";
import { verifyInput } from "./verify.ts";

type Case = readonly [prevouts: readonly (readonly [string, number, string, number?])[], tx: string, flags: string];

/** Examples of BIP143, and its difference to FindAndDelete, stand in tx_valid.json between comments that name the document. */
function examplesOf(all: readonly (Case | readonly [string])[]): Case[] {
  const examples: Case[] = [];
  let comment = "";
  for (const one of all) {
    if (one.length === 1) comment = one[0];
    else if (/^BIP143/.test(comment)) examples.push(one);
  }
  return examples;
}

describeVectors<readonly (Case | readonly [string])[]>(
  "core/tx_valid.json",
  (all) => `BIP143: ${examplesOf(all).length} transactions of the document and on FindAndDelete`,
  (all) => {
    const flags = ScriptFlag.P2SH | ScriptFlag.WITNESS;
    const examples = examplesOf(all).map(([prevouts, hex]) => {
      const tx = decodeTransaction(new Reader(fromHex(hex)));
      const spentOutputs = prevouts.map(([, , text, value]): TxOutput => {
        return { value: BigInt(value ?? 0), scriptPubKey: script(text) };
      });
      return { tx, spentOutputs };
    });

    test("no example is lost", () => {
      expect(examples.length).toBe(6);
    });

    test("signatures commit to the amount of the input they sign, in version 0 alone", () => {
      let committed = 0;
      for (const { tx, spentOutputs } of examples) {
        const verify = (outputs: readonly TxOutput[], index: number) =>
          verifyInput(tx, index, new SighashCache(tx, outputs), flags, portableSecp256k1);
        tx.inputs.forEach((input, index) => {
          expect(verify(spentOutputs, index)).toBeUndefined();
          const other = spentOutputs.map((output) => ({ ...output, value: output.value + 1n }));
          if (input.witness.length > 0) {
            committed += 1;
            expect(verify(other, index)).toBeDefined();
          } else {
            expect(witnessProgramOf(spentOutputs[index]!.scriptPubKey)).toBeUndefined();
            expect(verify(other, index)).toBeUndefined();
          }
        });
      }
      expect(committed).toBeGreaterThanOrEqual(5);
    });
  },
);
