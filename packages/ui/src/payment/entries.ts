import { satsFromCoins } from "@bitfleet/api/amount.ts";
import type { Unit } from "../format.ts";
import { paymentTexts as texts } from "./texts.ts";

/** Amounts and feerates as people enter them, read before anything is made of them. */

const BTC_DECIMALS = 8;
/** Satoshis a thousand virtual bytes: what interfaces and wallets take. */
const SATS_PER_KVB_MIN = 1;
const SATS_PER_KVB_MAX = 100_000_000;
const NUMBER = /^(\d+\.?\d*|\.\d+)$/;
const SATS_MAX = 2_100_000_000_000_000n;

/** Satoshis of an amount in the unit, or what is wrong with it. */
export function readAmount(text: string, unit: Unit): { readonly sats: bigint } | { readonly problem: string } {
  if (text === "") return { problem: texts.noAmount };
  if (!NUMBER.test(text)) return { problem: texts.noNumber };
  const sats = unit === "sats" ? wholeSats(text) : satsOfCoins(text);
  if (sats === undefined) return { problem: texts.tooFine };
  if (sats === 0n) return { problem: texts.nothing };
  if (sats > SATS_MAX) return { problem: texts.tooMuch };
  return { sats };
}

/** Satoshis a thousand virtual bytes of a feerate that is entered in satoshis a virtual byte, or what is wrong with it. */
export function readFeerate(text: string): { readonly satsPerKvb: number } | { readonly problem: string } {
  if (!NUMBER.test(text)) return { problem: texts.noFeerate };
  const satsPerKvb = Math.round(Number(text) * 1000);
  if (satsPerKvb < SATS_PER_KVB_MIN || satsPerKvb > SATS_PER_KVB_MAX) return { problem: texts.feerateRange };
  return { satsPerKvb };
}

/** The amount as it would be entered: all of a balance, say. */
export function amountEntry(sats: bigint, unit: Unit): string {
  if (unit === "sats") return String(sats);
  const digits = String(sats).padStart(BTC_DECIMALS + 1, "0");
  const fraction = digits.slice(-BTC_DECIMALS).replace(/0+$/, "");
  return `${digits.slice(0, -BTC_DECIMALS)}${fraction === "" ? "" : `.${fraction}`}`;
}

/** What was entered in one unit as it would be entered in the other; as it is where it is no amount. */
export function amountEntryIn(text: string, from: Unit, to: Unit): string {
  const read = readAmount(text.trim(), from);
  return from !== to && "sats" in read ? amountEntry(read.sats, to) : text;
}

function wholeSats(text: string): bigint | undefined {
  const [whole = "", fraction = ""] = text.split(".");
  return /^0*$/.test(fraction) ? BigInt(whole === "" ? "0" : whole) : undefined;
}

function satsOfCoins(text: string): bigint | undefined {
  const [whole = "", fraction = ""] = text.split(".");
  if (fraction.replace(/0+$/, "").length > BTC_DECIMALS) return undefined;
  // Beyond what that function reads there is no amount either.
  return satsFromCoins(`${whole.replace(/^0+(?=.)/, "") || "0"}.${fraction || "0"}`) ?? SATS_MAX + 1n;
}
