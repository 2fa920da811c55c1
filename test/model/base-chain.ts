import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { rewardOf, type Tip } from "../../packages/node/src/chain/test-kit.ts";
import { anchorChain, mineAnchors } from "../../packages/node/src/mempool/acceptance-test-kit.ts";
import { ANCHOR_SCRIPT, CONDITION_SCRIPT, STRANGE_SCRIPT } from "./scripts.ts";

/** Rewards that are old enough; some of them are split into coins of all kinds by the last block. */
const RIPE_COUNT = 24;
const SPLIT_COUNT = 8;
const COINS_PER_SPLIT = 12;
/** One reward becomes as many, for replacements of too many. */
const CROWD_COUNT = 102;

/** Blocks that every life begins upon, genesis left out. */
export function buildBaseChain(): Tip[] {
  const tips = anchorChain(99 + RIPE_COUNT);
  const splits = tips.slice(0, SPLIT_COUNT).map((tip, index) => {
    const count = index === 0 ? CROWD_COUNT : COINS_PER_SPLIT;
    const scripts = Array.from({ length: count }, (_, output) => {
      if (index === 1 && output === 0) return STRANGE_SCRIPT;
      return index > 0 && output % 3 === 0 ? CONDITION_SCRIPT : ANCHOR_SCRIPT;
    });
    const { outPoint, output } = rewardOf(tip);
    const value = (output.value - 1000n) / BigInt(count);
    return new Transaction({
      version: 2,
      inputs: [{ previousOutput: outPoint, scriptSig: new Uint8Array(0), sequence: 0xffffffff, witness: [] }],
      outputs: scripts.map((scriptPubKey) => ({ value, scriptPubKey })),
      lockTime: 0,
    });
  });
  return [...tips, ...mineAnchors(tips.at(-1)!, 1, { transactions: splits })];
}
