import fc from "fast-check";
import { BlockHeader } from "./block.ts";
import { Transaction } from "./transaction.ts";
import type { BlockHash, MerkleRoot, Txid } from "./types.ts";

/** Random transactions and headers for property tests, with the sizes at which encodings change their form. */

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const uint32 = fc.integer({ min: 0, max: 0xffffffff });
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.constantFrom(0, 1, 0xfc, 0xfd, 0x100).map((size) => new Uint8Array(size).fill(0x51)),
);

const inputs = fc.record({
  previousOutput: fc.record({ txid: bytes32.map((each) => each as Txid), index: uint32 }),
  scriptSig: bytes,
  sequence: uint32,
  witness: fc.array(bytes, { maxLength: 3 }),
});

const outputs = fc.record({
  value: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  scriptPubKey: bytes,
});

/** Transactions with at least one input, which every decoder reads. */
export const transactions = fc
  .record({
    version: uint32,
    inputs: fc.array(inputs, { minLength: 1, maxLength: 4 }),
    outputs: fc.array(outputs, { maxLength: 4 }),
    lockTime: uint32,
  })
  .map((fields) => new Transaction(fields));

export const headers = fc
  .record({
    version: fc.integer({ min: -0x80000000, max: 0x7fffffff }),
    previousBlockHash: bytes32.map((each) => each as BlockHash),
    merkleRoot: bytes32.map((each) => each as MerkleRoot),
    time: uint32,
    bits: uint32,
    nonce: uint32,
  })
  .map((fields) => new BlockHeader(fields));
