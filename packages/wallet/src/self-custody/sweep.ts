import { totalValue } from "@bitfleet/protocol/consensus/amount.ts";
import { dustThreshold } from "@bitfleet/protocol/policy/dust.ts";
import { feeFor, virtualSizeOf } from "@bitfleet/protocol/policy/feerate.ts";
import { STANDARD_WEIGHT_MAX } from "@bitfleet/protocol/policy/standardness.ts";
import { WITNESS_SCALE_FACTOR } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Sats } from "@bitfleet/protocol/primitives/types.ts";
import { encodeAddress, type WifKey } from "@bitfleet/protocol/script/address.ts";
import { satPerVbText } from "../building/fee-policy.ts";
import { maxSignedSize } from "../building/transaction-size.ts";
import { spentLookup } from "../ledger/trust.ts";
import { blocksToMaturity } from "../ledger/wallet-coin.ts";
import type { Coin } from "../selection/coin.ts";
import { type AccountContext, CustodyAccount } from "./custody-account.ts";
import { CustodySpending, type SpendingFacts } from "./custody-spending.ts";
import { newAccount } from "./kept-account.ts";
import { type DraftPayment, draftPayment } from "./payments.ts";
import { type SweptKind, sweptDescriptors, sweptKinds } from "./swept-key.ts";

/** All coins of one private key, to be paid to an address of a wallet. Errors are sentences for people. */

/** An account of nothing but what a private key can spend. The key is not in it: whoever signs has it. */
export function sweptAccount(key: WifKey, context: AccountContext): CustodyAccount {
  return new CustodyAccount(newAccount(sweptDescriptors(key, context.secp256k1)), { signs: true }, context);
}

export interface Tally {
  readonly count: number;
  readonly sats: Sats;
}

/** What a key has in outputs of one kind. */
export interface FoundOfKind {
  readonly kind: SweptKind;
  /** Outputs that pay to the key itself have none. */
  readonly address: string | undefined;
  /** In a block, and to be spent at once. */
  readonly ready: Tally;
  /** In no block yet: not swept before, since whoever pays them could take them back, and the sweep with them. */
  readonly waiting: Tally;
  /** Mined less than 100 blocks ago, and how many are to come. */
  readonly immature: Tally & { readonly blocks: number };
  /** Spent by what waits in the mempool. */
  readonly leaving: Tally;
}

/** What was found of a key, by kind; a kind that was never paid is left out. `account`: of {@link sweptAccount}, as of a snapshot. */
export function foundOfKey(account: CustodyAccount, key: Pick<WifKey, "compressed">): readonly FoundOfKind[] {
  const { ledger, tipHeight, context } = account;
  const spentBy = spentLookup(ledger);
  const used = new Set([...ledger.coins()].map(({ descriptorId }) => descriptorId));
  return sweptKinds(key).flatMap((kind, place): FoundOfKind[] => {
    const id = place + 1;
    if (!used.has(id)) return [];
    const found = { ready: NONE, waiting: NONE, immature: { ...NONE, blocks: 0 }, leaving: NONE };
    for (const coin of ledger.unspentCoins()) {
      if (coin.descriptorId !== id) continue;
      const blocks = coin.height === undefined ? 0 : blocksToMaturity(coin, tipHeight - coin.height + 1);
      if (spentBy(coin) !== undefined) found.leaving = plus(found.leaving, coin.value);
      else if (coin.height === undefined) found.waiting = plus(found.waiting, coin.value);
      else if (blocks === 0) found.ready = plus(found.ready, coin.value);
      else found.immature = { ...plus(found.immature, coin.value), blocks: Math.max(blocks, found.immature.blocks) };
    }
    return [{ kind, address: encodeAddress(account.scriptAt(id, 0)!, context.prefixes), ...found }];
  });
}

const NONE: Tally = { count: 0, sats: 0n };

const plus = ({ count, sats }: Tally, value: Sats): Tally => ({ count: count + 1, sats: sats + value });

const tallyOf = (coins: readonly Coin[]): Tally => ({
  count: coins.length,
  sats: totalValue(coins.map(({ output }) => output)),
});

export interface SweepDraft {
  readonly payment: DraftPayment;
  /** What stays with the key, since spending it costs more than it is worth. */
  readonly dust: Tally;
  /** What stays there since one payment has no room for more. */
  readonly beyond: Tally;
}

/** Where a sweep goes to. */
export interface SweepTarget {
  readonly script: Uint8Array;
  readonly address: string;
}

/** Pays all that a key has in blocks to one output: as much as one payment can spend, the largest first, without what costs more than it brings. */
export function draftSweep(
  account: CustodyAccount,
  target: SweepTarget,
  feerateSatPerKvb: Sats,
  facts: SpendingFacts,
): SweepDraft | { readonly error: string } {
  const output = { value: 0n, scriptPubKey: target.script };
  const ready = new CustodySpending(account, facts).spendableCoins().filter(({ depth }) => depth > 0);
  if (ready.length === 0) return { error: "This key has no coins that can be spent now." };
  const costOf = ({ inputWeight = 0 }: Coin) => feeFor(feerateSatPerKvb, virtualSizeOf(inputWeight));
  const worth = ready.filter((coin) => coin.output.value > costOf(coin));
  worth.sort((a, b) => Number(b.output.value - costOf(b) - (a.output.value - costOf(a))));
  const fitting = fittingCount(worth, maxSignedSize([], [output])!.weight);
  const chosen = worth.slice(0, fitting);
  const fee = feeFor(feerateSatPerKvb, maxSignedSize(chosen, [output])?.virtualSize ?? 0);
  const arrives = tallyOf(chosen).sats - fee;
  if (arrives < dustThreshold(output, facts.node.dustFeerateSatPerKvb))
    return {
      error: `At ${satPerVbText(feerateSatPerKvb)} the fee would leave nothing that could be passed on of what this key has: choose a lower feerate, or leave it there.`,
    };
  const order = { payees: [{ ...target, amount: "all" }], feerateSatPerKvb, isReplaceable: true } as const;
  const payment = draftPayment(account, { ...order, coins: chosen.map(({ outPoint }) => outPoint) }, facts);
  if ("error" in payment) return payment;
  const kept = new Set(worth);
  return {
    payment,
    dust: tallyOf(ready.filter((coin) => !kept.has(coin))),
    beyond: tallyOf(worth.slice(fitting)),
  };
}

/** What a transaction has besides inputs and outputs when it has more inputs: the mark of witnesses, and a longer count. */
const FRAME_WEIGHT_MAX = 2 + 4 * WITNESS_SCALE_FACTOR;

/** How many of the coins, from the first on, one transaction has room for. */
function fittingCount(coins: readonly Coin[], outputsWeight: number): number {
  let left = STANDARD_WEIGHT_MAX - outputsWeight - FRAME_WEIGHT_MAX;
  let count = 0;
  for (const { inputWeight = 0 } of coins) {
    left -= inputWeight;
    if (left < 0) break;
    count++;
  }
  return count;
}
