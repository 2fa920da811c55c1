import { concatBytes, EMPTY_BYTES, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Txid } from "@bitfleet/protocol/primitives/types.ts";
import { expect, test } from "vitest";
import { decodePsbt, encodePsbt } from "./codec.ts";
import { psbtOfTransaction } from "./of-transaction.ts";
import { unsignedTransactionOf } from "./unsigned-transaction.ts";

const input = (index: number, scriptSig: Uint8Array, witness: readonly Uint8Array[]) => ({
  previousOutput: { txid: new Uint8Array(32).fill(7) as Txid, index },
  scriptSig,
  sequence: 0xfffffffd,
  witness,
});
const SIGNED = new Transaction({
  version: 2,
  inputs: [
    input(0, EMPTY_BYTES, [Uint8Array.of(1, 2), EMPTY_BYTES]),
    input(1, Uint8Array.of(3), []),
    input(2, EMPTY_BYTES, []),
  ],
  outputs: [{ value: 5n, scriptPubKey: Uint8Array.of(0x51) }],
  lockTime: 9,
});

test("a transaction is a PSBT with all that it is signed with", () => {
  const psbt = decodePsbt(encodePsbt(psbtOfTransaction(SIGNED.bytes)!), portableSecp256k1);
  expect(psbt.version).toBe(0);
  expect(psbt.inputs.map(({ finalScriptSig, finalWitness }) => [finalScriptSig, finalWitness])).toEqual([
    [undefined, [Uint8Array.of(1, 2), EMPTY_BYTES]],
    [Uint8Array.of(3), undefined],
    [undefined, undefined],
  ]);
  expect(toHex(unsignedTransactionOf(psbt)!.txid)).toBe(
    toHex(
      new Transaction({ ...SIGNED, inputs: SIGNED.inputs.map((one) => ({ ...one, scriptSig: EMPTY_BYTES })) }).txid,
    ),
  );
});

test.each([
  ["nothing", EMPTY_BYTES],
  ["one that is cut short", SIGNED.bytes.subarray(0, -1)],
  ["one with a byte behind it", concatBytes(SIGNED.bytes, Uint8Array.of(0))],
])("%s is none", (_name, bytes) => {
  expect(psbtOfTransaction(bytes)).toBeUndefined();
});
