import type { Sats } from "../primitives/types.ts";

/** Satoshis in one bitcoin. */
export const COIN: Sats = 100_000_000n;

/**
 * Largest amount that an output, or a sum of outputs, may have (CVE-2010-5139: without a bound a sum wrapped around and
 * made coins from nothing). Not the money supply, which stays a little below.
 */
export const MAX_MONEY: Sats = 21_000_000n * COIN;

/** Whether an amount is one that can exist: neither negative nor above {@link MAX_MONEY}. */
export function isMoney(amount: Sats): boolean {
  return amount >= 0n && amount <= MAX_MONEY;
}

/** Sum of the values of `outputs`, without a check of its range. */
export function totalValue(outputs: readonly { readonly value: Sats }[]): Sats {
  let total = 0n;
  for (const output of outputs) total += output.value;
  return total;
}

/** An amount in bitcoin as reject texts show it: no zeros at the end beyond the second decimal (`0.5` is `0.50`). */
export function formatMoney(amount: Sats): string {
  const magnitude = amount < 0n ? -amount : amount;
  const decimals = (magnitude % COIN)
    .toString()
    .padStart(8, "0")
    .replace(/0{1,6}$/, "");
  return `${amount < 0n ? "-" : ""}${magnitude / COIN}.${decimals}`;
}
