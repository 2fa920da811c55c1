import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DecodeError, Reader } from "../bytes/cursor.ts";
import { portableSecp256k1 } from "../crypto/portable-secp256k1.ts";
import { type Block, decodeBlock } from "../primitives/block.ts";
import {
  COINBASE_INDEX,
  decodeTransaction,
  Transaction,
  type TxInput,
  type TxOutput,
} from "../primitives/transaction.ts";
import { type Txid, ZERO_HASH } from "../primitives/types.ts";
import { MAX_MONEY } from "./amount.ts";
import { checkBlock, contextualCheckBlock, isBlockMutated } from "./check-block.ts";
import { checkTransaction } from "./check-transaction.ts";
import { bip30OutPointsOf, connectBlock, outPointsOf } from "./connect-block.ts";
import { disconnectBlock } from "./disconnect-block.ts";
import { regtestNetwork, signetNetwork } from "./networks.ts";
import { checkSignetSolution } from "./signet.ts";
import { appendLink, blockOf, chainOf, coin, coinbase, input, outPoint, output, transaction } from "./test-kit.ts";
import { isReject } from "./verdict.ts";
import { commitToWitnesses } from "./witness-commitment.ts";

/** Rules over anything that decodes: they answer, and never throw. */

const { params } = regtestNetwork();
const signet = signetNetwork().params;
const TEMPLATE = { pow: false, merkle: false, secp256k1: portableSecp256k1 };
const chain = chainOf(110, (height) => ({ time: 1_600_000_000 + height * 600 }));
const tip = chain[109]!;
const KNOWN_BIP34_CHAIN = { ...params, bip34Hash: chain[1]!.header.hash };

const bytes = fc.uint8Array({ maxLength: 40 });
const txid = fc.oneof(
  fc.integer({ min: 0, max: 3 }).map((number) => outPoint(number).txid),
  fc.constant(ZERO_HASH as Txid),
);
const index = fc.constantFrom(0, 1, 0xfffffffe, COINBASE_INDEX);
const uint32 = fc.oneof(
  fc.nat(20),
  fc.constantFrom(0xffffffff, 0x80000000, 0x00400001, 499_999_999, 500_000_000, 0xfffffffe),
);
const value = fc.oneof(
  fc.bigInt({ min: 0n, max: 10n }),
  fc.constantFrom(-1n, MAX_MONEY, MAX_MONEY + 1n, 2n ** 63n - 1n, -(2n ** 63n)),
);

const anyInput: fc.Arbitrary<TxInput> = fc.record({
  previousOutput: fc.record({ txid, index }),
  scriptSig: bytes,
  sequence: uint32,
  witness: fc.array(bytes, { maxLength: 2 }),
});
const anyOutput: fc.Arbitrary<TxOutput> = fc.record({ value, scriptPubKey: bytes });
const anyTransaction = fc
  .record({
    version: uint32,
    inputs: fc.array(anyInput, { maxLength: 3 }),
    outputs: fc.array(anyOutput, { maxLength: 3 }),
    lockTime: uint32,
  })
  .map((fields) => new Transaction(fields));

/** Blocks with a fair chance to pass: a proper coinbase, and transactions that often spend coins that exist. */
const anyBlock = fc
  .tuple(fc.boolean(), fc.boolean(), fc.array(anyTransaction, { maxLength: 4 }))
  .map(([proper, committed, transactions]) => {
    const first = proper ? coinbase(110) : transactions[0];
    if (first === undefined) return blockOf(transactions);
    const all = [
      committed && first.inputs.length > 0 ? commitToWitnesses(first, transactions) : first,
      ...transactions,
    ];
    return blockOf(all, { time: 1_600_070_000 });
  });

/** Runs every rule over a block; true where it connected. */
function runRules(block: Block): boolean {
  isBlockMutated(block, true);
  isBlockMutated(block, false);
  checkSignetSolution(block, signet, portableSecp256k1);
  checkBlock(block, params, { ...TEMPLATE, pow: true, merkle: true });
  if (checkBlock(block, params, TEMPLATE)) return false;
  contextualCheckBlock(block, tip, params);
  const links = [...chain];
  const link = appendLink(links, block.header);
  outPointsOf(block);
  bip30OutPointsOf(block, link, params);
  // Once with no coins at all, once with whatever is asked for (BIP30 off, or every output would be there already).
  connectBlock(block, link, params, () => undefined);
  const effects = connectBlock(block, link, KNOWN_BIP34_CHAIN, () => coin(9n));
  if (isReject(effects)) return false;
  disconnectBlock(block, link, effects.undo, () => undefined);
  return true;
}

describe("any block or transaction", () => {
  test("gets an answer from every rule", () => {
    let connected = 0;
    fc.assert(
      fc.property(anyBlock, (block) => {
        if (runRules(block)) connected++;
      }),
      { numRuns: 1500 },
    );
    expect(connected).toBeGreaterThan(10);
  });

  test("keeps amounts: no block that connects makes more coins than its subsidy", () => {
    fc.assert(
      fc.property(anyBlock, (block) => {
        if (checkBlock(block, params, TEMPLATE)) return;
        const links = [...chain];
        const link = appendLink(links, block.header);
        const effects = connectBlock(block, link, KNOWN_BIP34_CHAIN, () => coin(9n));
        if (isReject(effects)) return;
        const spent = effects.undo.transactions.flat().reduce((sum, one) => sum + one.output.value, 0n);
        const made = block.transactions.reduce(
          (sum, tx) => sum + tx.outputs.reduce((all, one) => all + one.value, 0n),
          0n,
        );
        expect(made - spent <= 5_000_000_000n).toBe(true);
        expect(effects.fees >= 0n).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test("that decodes at all is judged without a throw", () => {
    const seed = blockOf([
      commitToWitnesses(coinbase(110), []),
      transaction({
        inputs: [input(outPoint(1), { scriptSig: Uint8Array.of(1, 2), witness: [Uint8Array.of(1)] })],
        outputs: [output(1n)],
      }),
    ]).bytes;
    let decoded = 0;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(seed.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        (changes) => {
          const wrong = seed.slice();
          for (const [offset, byte] of changes) wrong[offset] = byte;
          try {
            runRules(decodeBlock(wrong));
            decoded++;
          } catch (error) {
            if (!(error instanceof DecodeError)) throw error;
          }
        },
      ),
      { numRuns: 1500 },
    );
    expect(decoded).toBeGreaterThan(100);
  });

  test("from bytes of no meaning throws DecodeError or gets an answer", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (raw) => {
        for (const judge of [
          () => runRules(decodeBlock(raw)),
          () => checkTransaction(decodeTransaction(new Reader(raw))),
        ]) {
          try {
            judge();
          } catch (error) {
            if (!(error instanceof DecodeError)) throw error;
          }
        }
      }),
      { numRuns: 1000 },
    );
  });
});
