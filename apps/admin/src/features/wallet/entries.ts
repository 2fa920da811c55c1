import { satsFromCoins } from "@bitfleet/api/amount.ts";
import type { Unit } from "@bitfleet/ui/format.ts";
import { texts } from "./texts.ts";

/** What a person enters into the forms of a wallet, read before anything is sent. The node has the last word. */

const BTC_DECIMALS = 8;
/** As the interface takes them, in thousandths of a satoshi a vbyte. */
const MILLISATS_MIN = 1;
const MILLISATS_MAX = 100_000_000;
const NUMBER = /^(\d+\.?\d*|\.\d+)$/;
const SATS_MAX = 2_100_000_000_000_000n;

/** Satoshis of an amount in the unit, or what is wrong with it. */
export function readAmount(text: string, unit: Unit): { readonly sats: number } | { readonly problem: string } {
  if (text === "") return { problem: texts.entries.noAmount };
  if (!NUMBER.test(text)) return { problem: texts.entries.noNumber };
  const sats = unit === "sats" ? wholeSats(text) : satsOfCoins(text);
  if (sats === undefined) return { problem: texts.entries.tooFine };
  if (sats === 0n) return { problem: texts.entries.nothing };
  if (sats > SATS_MAX) return { problem: texts.entries.tooMuch };
  return { sats: Number(sats) };
}

/** Satoshis a vbyte to three decimals, or what is wrong with it. */
export function readFeerate(text: string): { readonly feerate: number } | { readonly problem: string } {
  if (!NUMBER.test(text)) return { problem: texts.entries.noFeerate };
  const milliSats = Math.round(Number(text) * 1000);
  if (milliSats < MILLISATS_MIN || milliSats > MILLISATS_MAX) return { problem: texts.entries.feerateRange };
  return { feerate: milliSats / 1000 };
}

/** The amount as it would be entered: all of a balance, say. */
export function amountEntry(sats: number, unit: Unit): string {
  if (unit === "sats") return String(sats);
  const digits = String(sats).padStart(BTC_DECIMALS + 1, "0");
  const fraction = digits.slice(-BTC_DECIMALS).replace(/0+$/, "");
  return `${digits.slice(0, -BTC_DECIMALS)}${fraction === "" ? "" : `.${fraction}`}`;
}

/** What is wrong with a new passphrase that was entered twice; `undefined` where nothing is. */
export function passphraseProblem(first: string, second: string): string | undefined {
  return first === second ? undefined : texts.entries.notTheSame;
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
