import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { WITNESS_SCALE_FACTOR } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Sats } from "@bitfleet/protocol/primitives/types.ts";
import type { CoinType, PricedCoin } from "./coin.ts";

/** Coins of one script that are put together: more would make fees that surprise. */
export const GROUP_COINS_MAX = 100;

/** Coins that are spent together or not at all. */
export interface OutputGroup {
  readonly coins: readonly PricedCoin[];
  readonly type: CoinType;
  /** What it counts for in selection: effective value, or plain value where recipients pay the fee. */
  readonly amount: Sats;
  readonly fee: Sats;
  readonly longTermFee: Sats;
  /** Weight units of the inputs, each rounded up to vbytes. */
  readonly weight: number;
  readonly isFromMe: boolean;
  /** Of the coin with the fewest confirmations. */
  readonly depth: number;
  /** Unconfirmed ancestors of all coins together, shared ones counted again. */
  readonly ancestorCount: number;
  /** Size of the largest mempool cluster of a coin. */
  readonly clusterCount: number;
  /** The rest of a script whose coins filled other groups. */
  readonly isPartial: boolean;
}

const DEPTH_MAX = 999;

export interface GroupOptions {
  /** The recipients pay the fee: plain values count. */
  readonly subtractsFee: boolean;
  /** Coins of one script go together, so that what is left does not tell who paid. */
  readonly avoidsPartialSpends: boolean;
}

/** Puts coins of one type together. */
export function makeGroup(
  coins: readonly PricedCoin[],
  options: { readonly subtractsFee: boolean },
  isPartial = false,
) {
  let [amount, fee, longTermFee] = [0n, 0n, 0n];
  let [virtualSize, depth, ancestorCount, clusterCount, isFromMe] = [0, DEPTH_MAX, 0, 0, true];
  for (const one of coins) {
    amount += options.subtractsFee ? one.coin.output.value : one.effectiveValue;
    fee += one.fee;
    longTermFee += one.longTermFee;
    virtualSize += one.inputVirtualSize;
    depth = Math.min(depth, one.coin.depth);
    ancestorCount += one.coin.ancestorCount ?? 0;
    clusterCount = Math.max(clusterCount, one.coin.clusterCount ?? 0);
    isFromMe &&= one.coin.isFromMe;
  }
  const type = coins[0]?.coin.type ?? "unknown";
  const weight = virtualSize * WITNESS_SCALE_FACTOR;
  const group: OutputGroup = {
    coins,
    type,
    amount,
    fee,
    longTermFee,
    weight,
    isFromMe,
    depth,
    ancestorCount,
    clusterCount,
    isPartial,
  };
  return group;
}

/** The same coins in two ways. */
export interface Groups {
  /** All coins, also those that cost more than they are worth. */
  readonly mixed: readonly OutputGroup[];
  /** Those that are worth something. */
  readonly positive: readonly OutputGroup[];
}

/** Coins in groups of one, or with {@link GroupOptions.avoidsPartialSpends} in groups of one script. */
export function groupCoins(coins: readonly PricedCoin[], options: GroupOptions): Groups {
  const isPositive = (group: OutputGroup) => group.amount > 0n;
  if (!options.avoidsPartialSpends) {
    const mixed = coins.map((coin) => makeGroup([coin], options));
    return { mixed, positive: mixed.filter(isPositive) };
  }
  const worthy = coins.filter(({ effectiveValue }) => effectiveValue > 0n);
  return { mixed: groupByScript(coins, options), positive: groupByScript(worthy, options).filter(isPositive) };
}

function groupByScript(coins: readonly PricedCoin[], options: GroupOptions): OutputGroup[] {
  const byScript = new Map<string, PricedCoin[]>();
  for (const one of coins) {
    const key = `${one.coin.type}:${toHex(one.coin.output.scriptPubKey)}`;
    const list = byScript.get(key);
    if (list === undefined) byScript.set(key, [one]);
    else list.push(one);
  }
  return [...byScript.values()].flatMap((list) => groupsOfScript(list, options));
}

function groupsOfScript(coins: readonly PricedCoin[], options: GroupOptions): OutputGroup[] {
  const groups: OutputGroup[] = [];
  for (let start = 0; start < coins.length; start += GROUP_COINS_MAX) {
    // The last group counts as a rest also where it happens to be full.
    const isPartial = start > 0 && start + GROUP_COINS_MAX >= coins.length;
    groups.push(makeGroup(coins.slice(start, start + GROUP_COINS_MAX), options, isPartial));
  }
  return groups;
}
