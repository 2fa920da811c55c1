import type { Sats } from "@bitfleet/protocol/primitives/types.ts";
import { formatFeerate } from "@bitfleet/ui/format.ts";
import { readFeerate } from "@bitfleet/ui/payment/entries.ts";
import { moneyTexts } from "./texts.ts";
import type { AskedFees } from "./use-fee-choices.ts";

export const FEE_SPEEDS = ["slow", "usual", "fast"] as const;
export type FeeSpeed = (typeof FEE_SPEEDS)[number];

/** What the reader wants: a speed, or a feerate of their own as they entered it. */
export interface FeeWish {
  readonly speed?: FeeSpeed | "own" | undefined;
  readonly own?: string | undefined;
}

/** Whether the first answer is still on its way. */
export function isAsking({ choices, problem }: AskedFees): boolean {
  return choices === undefined && problem === undefined;
}

/** What the wish comes to where nothing was chosen: the usual, or one's own where nobody can be asked. */
export function speedOf(wish: FeeWish, { choices, problem }: AskedFees): FeeSpeed | "own" | undefined {
  if (choices === undefined) return problem === undefined ? wish.speed : "own";
  return wish.speed ?? "usual";
}

/** Satoshis a thousand virtual bytes that a wish comes to, or why it comes to none. */
export function feerateOf(
  wish: FeeWish,
  asked: AskedFees,
): { readonly feerateSatPerKvb: Sats } | { readonly problem: string } {
  const speed = speedOf(wish, asked);
  if (speed === undefined) return { problem: moneyTexts.fee.loading };
  if (speed !== "own" && asked.choices !== undefined)
    return { feerateSatPerKvb: asked.choices[speed].feerateSatPerKvb };
  const read = readFeerate((wish.own ?? "").trim());
  if ("problem" in read) return read;
  const minimum = asked.choices?.minimumSatPerKvb;
  if (minimum !== undefined && BigInt(read.satsPerKvb) < minimum) {
    return { problem: moneyTexts.fee.tooLow(formatFeerate(Number(minimum) / 1000)) };
  }
  return { feerateSatPerKvb: BigInt(read.satsPerKvb) };
}
