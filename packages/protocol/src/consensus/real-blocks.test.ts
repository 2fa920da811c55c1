import { describe, expect, test } from "vitest";
import { equalBytes } from "../bytes/bytes.ts";
import { DecodeError } from "../bytes/cursor.ts";
import { portableSecp256k1 } from "../crypto/portable-secp256k1.ts";
import { Block, decodeBlock } from "../primitives/block.ts";
import { blockMerkleRoot } from "../primitives/merkle.ts";
import { Transaction, type TxOutput } from "../primitives/transaction.ts";
import { displayHash } from "../primitives/types.ts";
import type { ScriptFlags } from "../script/flags.ts";
import { SighashCache } from "../script/sighash.ts";
import { verifyInput } from "../script/verify.ts";
import { totalValue } from "./amount.ts";
import type { ChainLink } from "./chain-view.ts";
import { checkBlock, contextualCheckBlock, isBlockMutated } from "./check-block.ts";
import { type BlockEffects, connectBlock, type ScriptCheck, scriptReject } from "./connect-block.ts";
import { isActiveAt } from "./deployments.ts";
import { disconnectBlock } from "./disconnect-block.ts";
import { MAINNET, type Network, TESTNET3 } from "./networks.ts";
import { blockSubsidy } from "./subsidy.ts";
import { hasVectors, linkAt, lookupOfSpent, readBlockWithSpent, readRealBlock, readVector } from "./test-kit.ts";
import { isReject } from "./verdict.ts";

const ALL = { pow: true, merkle: true, secp256k1: portableSecp256k1 };

const networkOf = (name: string): Network => (name.startsWith("mainnet") ? MAINNET : TESTNET3);
const heightOf = (name: string) => Number(name.split("-")[1]);

/** The block before a real one, as far as tests know it. */
function previousOf(name: string, block: Block): ChainLink {
  return linkAt(heightOf(name) - 1, { time: block.header.time - 600 });
}

function linkOf(name: string, block: Block): ChainLink {
  const previous = previousOf(name, block);
  const old = linkAt(0, { time: 1_231_006_505 });
  const link: ChainLink = {
    ...linkAt(heightOf(name)),
    header: block.header,
    previous,
    ancestor: (height) => (height === previous.height ? previous : old),
  };
  return link;
}

function connectReal(name: string): BlockEffects {
  const real = readBlockWithSpent(name);
  const effects = connectBlock(real.block, linkOf(name, real.block), networkOf(name).params, lookupOfSpent(real));
  if (isReject(effects)) throw new Error(`${effects.reason}: ${effects.detail}`);
  return effects;
}

/** Inputs that fail, by transaction. */
function failuresOf({ tx, spentOutputs }: ScriptCheck, flags: ScriptFlags): number[] {
  const cache = new SighashCache(tx, spentOutputs);
  return tx.inputs.flatMap((_, index) => (verifyInput(tx, index, cache, flags, portableSecp256k1) ? [index] : []));
}

const BLOCKS = ["mainnet-300025", "mainnet-413567", "mainnet-482683", "testnet3-928816"];

describe.skipIf(!hasVectors)("real blocks (need the vectors)", () => {
  test.each(BLOCKS)("%s passes every rule that needs no coins", (name) => {
    const block = readRealBlock(name);
    const { params } = networkOf(name);
    expect(checkBlock(block, params, ALL)).toBeUndefined();
    expect(contextualCheckBlock(block, previousOf(name, block), params)).toBeUndefined();
    expect(isBlockMutated(block, isActiveAt("segwit", heightOf(name), params))).toBe(false);
    expect(blockMerkleRoot(block).root).toEqual(block.header.merkleRoot);
    expect(equalBytes(new Block(block.header, block.transactions).bytes, readVector(`blocks/${name}.block`))).toBe(
      true,
    );
    expect(block.size).toBe(block.bytes.length);
    expect(block.weight).toBe(3 * block.strippedSize + block.size);
  });

  test.each(["mainnet-300025", "testnet3-928816"])("%s connects, pays no more than it may, and comes back", (name) => {
    const real = readBlockWithSpent(name);
    const { params } = networkOf(name);
    const effects = connectReal(name);
    const claimed = totalValue(real.block.transactions[0]!.outputs);
    const spentValue = totalValue(real.spent);
    const outValue = real.block.transactions.slice(1).reduce((sum, tx) => sum + totalValue(tx.outputs), 0n);
    expect(effects.fees).toBe(spentValue - outValue);
    expect(claimed <= blockSubsidy(real.height, params) + effects.fees).toBe(true);
    expect(effects.undo.transactions.flat().map((coin) => coin.output)).toEqual(real.spent);
    expect(effects.sigopsCost).toBeGreaterThan(real.block.transactions.length);

    const after = new Map(effects.created);
    const answer = disconnectBlock(real.block, linkOf(name, real.block), effects.undo, (key) => after.get(key));
    if ("failure" in answer) throw new Error(answer.failure);
    expect(answer.clean).toBe(true);
    expect(new Set(answer.spent)).toEqual(new Set(after.keys()));
    expect(new Set(answer.created.map(([key]) => key))).toEqual(new Set(effects.spent));
  });

  test.each(["mainnet-300025", "testnet3-928816"])(
    "%s has no script that fails",
    (name) => {
      const effects = connectReal(name);
      const failures = effects.scripts.flatMap((check) =>
        failuresOf(check, effects.scriptFlags).map((input) => `${displayHash(check.tx.txid)}:${input}`),
      );
      expect(failures).toEqual([]);
      const inputCount = effects.scripts.reduce((count, { tx }) => count + tx.inputs.length, 0);
      expect(inputCount).toBe(readBlockWithSpent(name).spent.length);
      console.info(`vectors run: block ${name}, scripts of ${inputCount} inputs`);
    },
    120_000,
  );

  test("a coinbase that pays a satoshi more than it may is refused", () => {
    const real = readBlockWithSpent("mainnet-300025");
    const [first, ...others] = real.block.transactions;
    const effects = connectReal("mainnet-300025");
    const limit = blockSubsidy(real.height, MAINNET.params) + effects.fees;
    const paying = (value: bigint) => {
      const coinbase = new Transaction({ ...fieldsOf(first!), outputs: [{ value, scriptPubKey: new Uint8Array(1) }] });
      const block = new Block(real.block.header, [coinbase, ...others]);
      return connectBlock(block, linkOf(real.name, block), MAINNET.params, lookupOfSpent(real));
    };
    expect(isReject(paying(limit))).toBe(false);
    expect(paying(limit + 1n)).toMatchObject({ reason: "bad-cb-amount" });
  });
});

function fieldsOf({ version, inputs, outputs, lockTime }: Transaction) {
  return { version, inputs, outputs, lockTime };
}

/** A byte of `bytes` changed, somewhere in its middle. */
function changed(bytes: Uint8Array, offset = bytes.length >> 1): Uint8Array {
  const copy = bytes.slice();
  copy[offset]! ^= 1;
  return copy;
}

describe.skipIf(!hasVectors)("real blocks with one byte changed (need the vectors)", () => {
  /** About thirty inputs spread over the block. */
  function sample(name: string): [ScriptCheck, number][] {
    const { scripts } = connectReal(name);
    const step = Math.ceil(scripts.length / 30);
    return scripts.filter((_, index) => index % step === 0).map((check) => [check, check.tx.inputs.length >> 1]);
  }

  function verify(check: ScriptCheck, index: number, name: string) {
    const cache = new SighashCache(check.tx, check.spentOutputs);
    return verifyInput(check.tx, index, cache, connectFlags(name), portableSecp256k1);
  }

  const flagsOf = new Map<string, ScriptFlags>();
  function connectFlags(name: string): ScriptFlags {
    const flags = flagsOf.get(name) ?? connectReal(name).scriptFlags;
    flagsOf.set(name, flags);
    return flags;
  }

  function withInput(check: ScriptCheck, index: number, change: Partial<Transaction["inputs"][number]>): ScriptCheck {
    const inputs = check.tx.inputs.map((one, at) => (at === index ? { ...one, ...change } : one));
    return { ...check, tx: new Transaction({ ...fieldsOf(check.tx), inputs }) };
  }

  function withSpent(check: ScriptCheck, index: number, change: Partial<TxOutput>): ScriptCheck {
    return {
      ...check,
      spentOutputs: check.spentOutputs.map((one, at) => (at === index ? { ...one, ...change } : one)),
    };
  }

  test.each(["mainnet-300025", "testnet3-928816"])(
    "%s: no changed signature, output or spent script passes",
    (name) => {
      for (const [check, index] of sample(name)) {
        const { scriptSig, witness } = check.tx.inputs[index]!;
        expect(verify(check, index, name)).toBeUndefined();
        // The middle of the first push is inside r or s.
        if (scriptSig.length > 60) {
          const error = verify(withInput(check, index, { scriptSig: changed(scriptSig, 20) }), index, name);
          expect(error).toBeDefined();
          expect(scriptReject(check.tx, index, error!).reason).toMatch(/^block-script-verify-flag-failed \(.+\)$/);
        }
        const signature = witness.findIndex((item) => item.length > 60);
        if (signature !== -1) {
          const items = witness.map((item, at) => (at === signature ? changed(item, 20) : item));
          expect(verify(withInput(check, index, { witness: items }), index, name)).toBeDefined();
          const { value } = check.spentOutputs[index]!;
          expect(verify(withSpent(check, index, { value: value + 1n }), index, name)).toBeDefined();
        }
        const outputs = check.tx.outputs.map((one, at) => (at === 0 ? { ...one, value: one.value + 1n } : one));
        expect(
          verify({ ...check, tx: new Transaction({ ...fieldsOf(check.tx), outputs }) }, index, name),
        ).toBeDefined();
        const scriptPubKey = changed(check.spentOutputs[index]!.scriptPubKey, 5);
        expect(verify(withSpent(check, index, { scriptPubKey }), index, name)).toBeDefined();
      }
    },
    60_000,
  );

  test.each([
    ["mainnet-482683", 300],
    ["mainnet-300025", 25],
  ])(
    "%s: no changed byte of the block passes, and none throws anything but DecodeError",
    (name, count) => {
      const bytes = readVector(`blocks/${name}.block`);
      const { params } = networkOf(name);
      const original = decodeBlock(bytes);
      const previous = previousOf(name, original);
      const reasons = new Set<string>();
      for (let index = 0; index < count; index++) {
        // Every byte of the header in the small block, then spread evenly.
        const offset = index < 80 && count > 80 ? index : 80 + Math.floor((index * (bytes.length - 80)) / count);
        const wrong = changed(bytes, offset);
        try {
          const block = decodeBlock(wrong);
          const reject = checkBlock(block, params, ALL) ?? contextualCheckBlock(block, previous, params);
          reasons.add(reject?.reason ?? `accepted with byte ${offset} changed`);
        } catch (error) {
          if (!(error instanceof DecodeError)) throw error;
          reasons.add("DecodeError");
        }
      }
      const known = [
        "DecodeError",
        "bad-txnmrklroot",
        "bad-witness-merkle-match",
        "bad-witness-nonce-size",
        "high-hash",
        "unexpected-witness",
      ];
      expect([...reasons].filter((reason) => !known.includes(reason))).toEqual([]);
      expect(reasons).toContain("bad-txnmrklroot");
    },
    60_000,
  );
});
