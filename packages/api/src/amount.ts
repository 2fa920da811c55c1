import { JsonNumber } from "./json.ts";

const SATS_PER_COIN = 100_000_000n;
/** Decimals of an amount in coins. */
export const COIN_DECIMALS = 8;
/** Core's bound on the digits an amount may have, so that nothing grows beyond 64 bits. */
const UPPER_BOUND = 10n ** 18n - 1n;

/** An amount as JSON-RPC shows it: coins with eight decimals, `0.00000001`. */
export function amountNumber(sats: bigint): JsonNumber {
  const digits = (sats < 0n ? -sats : sats).toString().padStart(COIN_DECIMALS + 1, "0");
  const sign = sats < 0n ? "-" : "";
  return new JsonNumber(`${sign}${digits.slice(0, -COIN_DECIMALS)}.${digits.slice(-COIN_DECIMALS)}`);
}

/** Satoshis of an amount in coins as it was written (`1`, `0.1`, `1e-8`), exactly; `undefined` where it is none or finer than a satoshi. */
export function satsFromCoins(text: string): bigint | undefined {
  return unitsFromDecimal(text, COIN_DECIMALS);
}

/** Units of ten to the minus `decimals` in a JSON number as it was written, exactly; `undefined` where it is none or finer. */
export function unitsFromDecimal(text: string, decimals: number): bigint | undefined {
  const match = /^(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/.exec(text);
  if (!match) return undefined;
  const [, sign, whole, fraction = "", power = "0"] = match;
  const digits = (whole! + fraction).replace(/^0+(?=.)/, "");
  if (/^0+$/.test(digits)) return 0n;
  const significant = digits.slice(0, significantCount(digits));
  const exponent = Number(power) - fraction.length + (digits.length - significant.length) + decimals;
  if (exponent < 0 || significant.length + exponent > 18) return undefined;
  const sats = BigInt(significant) * 10n ** BigInt(exponent);
  if (sats > UPPER_BOUND) return undefined;
  return sign === "-" ? -sats : sats;
}

/** Up to the zeros at the end. By hand: a pattern begins anew at each zero of a long number, which takes a call minutes. */
function significantCount(digits: string): number {
  let count = digits.length;
  while (digits[count - 1] === "0") count -= 1;
  return count;
}

/** Satoshis of an amount that came as a JSON number and was read as a double: exact for every amount that can exist. */
export function satsFromNumber(coins: number): bigint {
  return BigInt(Math.round(coins * Number(SATS_PER_COIN)));
}
