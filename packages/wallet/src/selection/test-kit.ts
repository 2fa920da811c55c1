/** What tests of selection and building share: coins of given worth, and chance from a seed. */
import { feeFor } from "@bitfleet/protocol/policy/feerate.ts";
import type { OutPoint } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Sats, Txid } from "@bitfleet/protocol/primitives/types.ts";
import { payToWitnessPublicKeyHash } from "@bitfleet/protocol/script/templates.ts";
import { type Coin, type CoinPrices, type PricedCoin, priceCoin } from "./coin.ts";
import { makeGroup, type OutputGroup } from "./output-group.ts";
import type { RandomSource } from "./random.ts";
import type { SelectionParams } from "./select-coins.ts";
import { isSelected, type Selection, type SelectionOutcome } from "./selection.ts";

export const CENT: Sats = 1_000_000n;

/** Vbytes of an input and an output of a witness key hash. */
export const P2WPKH_INPUT = 68;
export const P2WPKH_OUTPUT = 31;

/** Mulberry32: the same numbers for the same seed. */
export function seededRandom(seed: number): RandomSource {
  let state = seed | 0;
  return {
    unit: () => {
      state = (state + 0x6d2b79f5) | 0;
      let word = Math.imul(state ^ (state >>> 15), 1 | state);
      word = (word + Math.imul(word ^ (word >>> 7), 61 | word)) ^ word;
      return ((word ^ (word >>> 14)) >>> 0) / 0x1_0000_0000;
    },
  };
}

let coinsMade = 0;

/** An outpoint that no other coin has. */
export function newOutPoint(): OutPoint {
  const txid = new Uint8Array(32);
  new DataView(txid.buffer).setUint32(0, ++coinsMade, true);
  return { txid: txid as Txid, index: 0 };
}

export interface CoinTraits extends Partial<Omit<Coin, "output">> {
  readonly script?: Uint8Array;
  readonly inputVirtualSize?: number;
}

export const script = (fill: number) => payToWitnessPublicKeyHash(new Uint8Array(20).fill(fill));

/** A confirmed coin of a witness key hash, unless told otherwise. */
export function coinOf(value: Sats, traits: CoinTraits = {}): Coin {
  const { script: scriptPubKey = script(1), inputVirtualSize = P2WPKH_INPUT, ...rest } = traits;
  return {
    outPoint: newOutPoint(),
    output: { value, scriptPubKey },
    type: "bech32",
    depth: 144,
    inputWeight: 4 * inputVirtualSize,
    isSegwit: true,
    isFromMe: false,
    isSafe: true,
    ...rest,
  };
}

/** A coin whose effective value is `worth`. */
export function coinWorth(worth: Sats, prices: CoinPrices, traits: CoinTraits = {}): PricedCoin {
  const size = traits.inputVirtualSize ?? P2WPKH_INPUT;
  return priceCoin(coinOf(worth + feeFor(prices.feerateSatPerKvb, size), traits), prices);
}

export function groupWorth(worth: Sats, prices: CoinPrices, inputVirtualSize = P2WPKH_INPUT): OutputGroup {
  return makeGroup([coinWorth(worth, prices, { inputVirtualSize })], { subtractsFee: false });
}

/** Parameters as a payment to a witness key hash has them, at a feerate. */
export function paramsAt(feerateSatPerKvb: Sats, others: Partial<SelectionParams> = {}): SelectionParams {
  const changeFee = feeFor(feerateSatPerKvb, P2WPKH_OUTPUT);
  const minViableChange = feeFor(3000n, P2WPKH_INPUT);
  return {
    feerateSatPerKvb,
    longTermFeerateSatPerKvb: 10_000n,
    changeTarget: 50_000n,
    changeOutputSize: P2WPKH_OUTPUT,
    changeFee,
    minViableChange,
    costOfChange: minViableChange + changeFee,
    sizeWithoutInputs: 11 + P2WPKH_OUTPUT,
    weightMax: 400_000,
    version: 2,
    subtractsFee: false,
    avoidsPartialSpends: false,
    includesUnsafe: false,
    spendsZeroConfirmationChange: true,
    rejectsLongChains: true,
    ancestorCountMax: 25,
    descendantCountMax: 25,
    combinedBumpFee: () => 0n,
    random: seededRandom(1),
    ...others,
  };
}

/** Effective values in rising order; an outcome without selection fails. */
export function worths(outcome: SelectionOutcome): readonly Sats[] {
  const selection = selected(outcome);
  return selection.coins.map((one) => one.effectiveValue).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

export function selected(outcome: SelectionOutcome): Selection {
  if (!isSelected(outcome)) throw new Error(`nothing selected: ${outcome.message ?? "too little"}`);
  return outcome;
}

/** What was said, where nothing was selected; the empty text where there was too little. */
export function failureOf(outcome: SelectionOutcome): string {
  if (isSelected(outcome)) throw new Error("something was selected");
  return outcome.message ?? "";
}

/** All subsets of a few items but the empty one. */
export function* subsetsOf<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  for (let mask = 1; mask < 1 << items.length; mask++) yield items.filter((_, index) => (mask >> index) & 1);
}
