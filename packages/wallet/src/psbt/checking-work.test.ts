import { concatBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Txid } from "@bitfleet/protocol/primitives/types.ts";
import { Op } from "@bitfleet/protocol/script/opcodes.ts";
import { describe, expect, test } from "vitest";
import type { MusigShare } from "../signing/signature-data.ts";
import { checkingWorkOf } from "./checking-work.ts";
import { createPsbt, type PsbtInput, withInput } from "./psbt.ts";

const KEY_HASH = Uint8Array.of(Op.DUP, Op.HASH160, 20, ...new Uint8Array(20), Op.EQUALVERIFY, Op.CHECKSIG);
const checksigs = (count: number) => new Uint8Array(count).fill(Op.CHECKSIG);
/** As the final item of a scriptSig. */
const pushed = (script: Uint8Array) => concatBytes(Uint8Array.of(script.length), script);

function previousOf(scriptPubKey: Uint8Array): Transaction {
  const input = {
    previousOutput: { txid: new Uint8Array(32).fill(7) as Txid, index: 0 },
    ...{ scriptSig: new Uint8Array(0), witness: [], sequence: 0 },
  };
  return new Transaction({ version: 2, inputs: [input], outputs: [{ value: 1n, scriptPubKey }], lockTime: 0 });
}

/** Of so many inputs that spend such outputs, the first with further fields. */
function psbtOf(count: number, scriptPubKey: Uint8Array, first: Partial<PsbtInput> = {}) {
  const nonWitnessUtxo = previousOf(scriptPubKey);
  const input = {
    previousOutput: { txid: nonWitnessUtxo.txid, index: 0 },
    ...{ scriptSig: new Uint8Array(0), witness: [], sequence: 0 },
  };
  const outputs = [{ value: 1n, scriptPubKey: new Uint8Array(91) }];
  const fields = { version: 2, inputs: Array.from({ length: count }, () => input), outputs, lockTime: 0 };
  const blank = createPsbt(fields);
  const psbt = { ...blank, inputs: blank.inputs.map((one) => ({ ...one, nonWitnessUtxo })) };
  return withInput(psbt, 0, { ...psbt.inputs[0]!, ...first });
}

describe("the work of checking a PSBT", () => {
  test("is a signature of each input, and the whole transaction for each outside witnesses", () => {
    // Inputs of 41 bytes and an output of 100.
    expect(checkingWorkOf(psbtOf(10, KEY_HASH))).toEqual({ operations: 20, hashedBytes: 10 * (410 + 100) });
    expect(checkingWorkOf(psbtOf(20, KEY_HASH))).toEqual({ operations: 40, hashedBytes: 20 * (820 + 100) });
    const witness = Uint8Array.of(0, 20, ...new Uint8Array(20));
    expect(checkingWorkOf(psbtOf(10, witness))).toEqual({ operations: 10, hashedBytes: 0 });
  });

  test("counts every script that may be run", () => {
    const scriptHash = Uint8Array.of(Op.HASH160, 20, ...new Uint8Array(20), Op.EQUAL);
    const of = (first: Partial<PsbtInput>) => checkingWorkOf(psbtOf(1, scriptHash, first));
    expect(of({})).toEqual({ operations: 1, hashedBytes: 0 });
    expect(of({ redeemScript: checksigs(60) })).toEqual({ operations: 61, hashedBytes: 60 * 141 });
    expect(of({ finalScriptSig: pushed(checksigs(60)) })).toEqual({ operations: 61, hashedBytes: 60 * 141 });
    expect(of({ finalScriptSig: checksigs(60) }).operations).toBe(61);
    expect(of({ witnessScript: checksigs(60) })).toEqual({ operations: 61, hashedBytes: 0 });
    expect(of({ finalWitness: [checksigs(60)] }).operations).toBe(61);
    // Of 20 keys, and of as many as it says.
    expect(of({ witnessScript: Uint8Array.of(Op.CHECKMULTISIG) }).operations).toBe(21);
    expect(of({ witnessScript: Uint8Array.of(Op.ONE + 2, Op.CHECKMULTISIG) }).operations).toBe(4);
  });

  test("takes an output from a transaction that is another one for none", () => {
    const { inputs, ...psbt } = psbtOf(1, checksigs(60));
    const nonWitnessUtxo = previousOf(checksigs(61));
    expect(checkingWorkOf({ ...psbt, inputs }).operations).toBe(61);
    expect(checkingWorkOf({ ...psbt, inputs: [{ ...inputs[0]!, nonWitnessUtxo }] }).operations).toBe(1);
  });

  test("grows with the parts of aggregate signatures, the keys that they may be of, and the ways to those", () => {
    const taproot = Uint8Array.of(Op.ONE, 32, ...new Uint8Array(32));
    const key = new Uint8Array(33);
    const share: MusigShare = { participant: key, aggregateKey: key, leafHash: undefined, value: new Uint8Array(32) };
    const many = <Value>(count: number, value: Value) =>
      new Map(Array.from({ length: count }, (_, index) => [String(index), value]));
    const participants = { aggregateKey: key, participants: [key, key] };
    const derivation = { xOnlyKey: key.subarray(1), leafHashes: [], origin: { fingerprint: key, path: [1, 2, 3] } };
    const work = (parts: number, keys: number, ways: number) =>
      checkingWorkOf(
        psbtOf(1, taproot, {
          musigPartialSignatures: many(parts, share),
          musigParticipants: many(keys, participants),
          taprootDerivations: many(ways, derivation),
        }),
      ).operations;
    expect(work(1000, 0, 1000)).toBe(1);
    expect(work(0, 1, 0)).toBe(1 + 2 * 4);
    expect(work(0, 100, 0)).toBe(1 + 200 * 4);
    expect(work(1000, 1, 0)).toBe(1 + 2 * 4 + 1000 * 15);
    expect(work(1000, 1, 1000)).toBe(1 + 2 * 4 + 1000 * 15 + 3000);
  });
});
