import { fromHex } from "@bitfleet/protocol/bytes/bytes.ts";
import type { ChainLink } from "@bitfleet/protocol/consensus/chain-view.ts";
import { type HashKey, hashKey } from "@bitfleet/protocol/primitives/types.ts";
import { describe, expect, test } from "vitest";
import { GENESIS, mine, mineMany, rewardOf, type Tip } from "../chain/test-kit.ts";
import { coinsMadeBy, effectsOf, scriptKeyOf, touchesOf } from "./address-effects.ts";
import { payFreely, SCRIPTS } from "./address-test-kit.ts";

const NO_UNDO = { transactions: [] };

/** A block as if it were in another chain. */
const linkOf = (height: number, displayedHash = "00".repeat(32)) =>
  ({ height, header: { hash: fromHex(displayedHash).reverse() } }) as unknown as ChainLink;

describe("a block's effects", () => {
  test("the outputs of genesis are no coins, those of the next block are", () => {
    expect(effectsOf(linkOf(0), GENESIS.block, NO_UNDO)[0]!.outputs.map(({ isCoin }) => isCoin)).toEqual([false]);
    const next = mine(GENESIS);
    const [coinbase] = effectsOf(linkOf(1), next.block, NO_UNDO);
    // The second commits to the witnesses.
    expect(coinbase!.outputs.map(({ isCoin }) => isCoin)).toEqual([true, false]);
    expect(coinbase).toMatchObject({ isCoinbase: true, position: 0, fee: undefined, spent: [], overwritten: [] });
  });

  test("inputs come with the coins of the undo data, and leave a fee", () => {
    const reward = rewardOf(mine(GENESIS));
    const tx = payFreely([reward], [{ value: 4_000_000_000n, scriptPubKey: SCRIPTS[0]! }]);
    const coin = { output: reward.output, height: 1, isCoinbase: true };
    const block = mine(GENESIS, { transactions: [tx] }).block;
    const [, effects] = effectsOf(linkOf(200), block, { transactions: [[coin]] });
    expect(effects!.fee).toBe(1_000_000_000n);
    expect(effects!.spent).toEqual([
      {
        script: scriptKeyOf(reward.output.scriptPubKey),
        txid: hashKey(reward.outPoint.txid),
        index: 0,
        value: 5_000_000_000n,
        height: 1,
        isCoinbase: true,
      },
    ]);
  });
});

describe("a coinbase that comes twice (BIP30)", () => {
  const [block]: readonly Tip[] = mineMany(GENESIS, 1);
  const REPEATING = [
    [91_842, "00000000000a4d0a398161ffc163c503763b1f4360639393e0e4c8e300e0caec", 91_812],
    [91_880, "00000000000743f190a18c5577a3c2d2a1f610ae9601ac046a38084ccb7cd721", 91_722],
  ] as const;

  test.each(REPEATING)("at height %d of main takes the coin away that it overwrites", (height, hash, before) => {
    const [coinbase] = effectsOf(linkOf(height, hash), block!.block, NO_UNDO);
    expect(coinbase!.overwritten).toEqual(coinsMadeBy(coinbase!, before));
    const script = scriptKeyOf(block!.block.transactions[0]!.outputs[0]!.scriptPubKey);
    // History and what was received count both; what there is to spend is one.
    expect(touchesOf(coinbase!).get(script)).toEqual({
      outputCount: 1,
      received: 5_000_000_000n,
      inputCount: 0,
      sent: 0n,
      coinCount: 0,
      balance: 0n,
    });
  });

  test.each(REPEATING)("is no other block at height %d, nor this one elsewhere", (height, hash) => {
    expect(effectsOf(linkOf(height), block!.block, NO_UNDO)[0]!.overwritten).toEqual([]);
    expect(effectsOf(linkOf(height + 1, hash), block!.block, NO_UNDO)[0]!.overwritten).toEqual([]);
  });
});

test("one touch for each script, whatever it is paid and spends", () => {
  const [a, b] = ["a", "b"] as unknown as [HashKey, HashKey];
  const outputs = [
    { script: a, value: 5n, isCoin: true },
    { script: a, value: 7n, isCoin: false },
    { script: b, value: 0n, isCoin: true },
  ];
  const touches = touchesOf({
    outputs,
    spent: [
      { script: a, value: 20n },
      { script: a, value: 1n },
    ],
  });
  expect([...touches]).toEqual([
    [a, { outputCount: 2, received: 12n, inputCount: 2, sent: 21n, coinCount: -1, balance: -16n }],
    [b, { outputCount: 1, received: 0n, inputCount: 0, sent: 0n, coinCount: 1, balance: 0n }],
  ]);
});
