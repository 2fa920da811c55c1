import { COIN } from "../consensus/amount.ts";
import { WITNESS_SCALE_FACTOR } from "../primitives/transaction.ts";
import type { Sats } from "../primitives/types.ts";

/** `-bytespersigop`: weight units that a unit of signature operation cost counts for at least. */
export const BYTES_PER_SIGOP_DEFAULT = 20;

/** A fee and what it pays for: vbytes or weight units, as long as both sides of a comparison count the same. */
export interface FeeAndSize {
  readonly fee: Sats;
  readonly size: number;
}

/** Fee for `virtualSize` vbytes at a feerate in satoshis a thousand vbytes, rounded up. */
export function feeFor(feerateSatPerKvb: Sats, virtualSize: number): Sats {
  return (feerateSatPerKvb * BigInt(virtualSize) + 999n) / 1000n;
}

/** Satoshis a thousand vbytes, rounded down; 0 for nothing at all. A fee may be negative where the operator changed it. */
export function feerateSatPerKvb(fee: Sats, virtualSize: number): Sats {
  if (virtualSize <= 0) return 0n;
  const size = BigInt(virtualSize);
  const scaled = fee * 1000n;
  const quotient = scaled / size;
  return scaled < 0n && quotient * size !== scaled ? quotient - 1n : quotient;
}

/** Below 0 where `a` pays less for its size than `b`, above 0 where it pays more. Exact: nothing is divided. */
export function compareFeerates(a: FeeAndSize, b: FeeAndSize): number {
  // Numbers that are exact cost a tenth of bigints, and nearly all are.
  const first = Number(a.fee) * b.size;
  const second = Number(b.fee) * a.size;
  if (Math.abs(first) <= Number.MAX_SAFE_INTEGER && Math.abs(second) <= Number.MAX_SAFE_INTEGER)
    return Math.sign(first - second);
  const difference = a.fee * BigInt(b.size) - b.fee * BigInt(a.size);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** A feerate as messages show it: `0.00001000 BTC/kvB`. */
export function feerateText(satPerKvb: Sats): string {
  const magnitude = satPerKvb < 0n ? -satPerKvb : satPerKvb;
  const decimals = (magnitude % COIN).toString().padStart(8, "0");
  return `${satPerKvb < 0n ? "-" : ""}${magnitude / COIN}.${decimals} BTC/kvB`;
}

/** Weight that limits and feerates are reckoned with: a transaction full of signature operations counts as larger than it is. */
export function adjustedWeight(weight: number, sigopsCost: number, bytesPerSigop: number): number {
  return Math.max(weight, sigopsCost * bytesPerSigop);
}

/** Vbytes of a weight, rounded up. */
export function virtualSizeOf(weight: number): number {
  return Math.ceil(weight / WITNESS_SCALE_FACTOR);
}
