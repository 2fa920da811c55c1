import { language } from "./language.ts";

/** What a person reads: amounts, ages, sizes and hashes as text, digits grouped as the language of the page has it. Pure functions. */

export type Unit = "BTC" | "sats";

const SATS_PER_BTC = 100_000_000n;

/** An amount in the chosen unit, with thousands separated: `12,345.00000000` or `1,234,500,000,000`. The unit's name is left to the caller. */
export function formatAmount(sats: bigint, unit: Unit): string {
  const { whole, fraction } = splitAmount(sats, unit);
  return fraction === "" ? whole : `${whole}.${fraction}`;
}

/** The amount in two parts, so that a screen can dim the fraction. `fraction` is empty for sats and has eight digits for BTC. */
export function splitAmount(sats: bigint, unit: Unit): { readonly whole: string; readonly fraction: string } {
  const sign = sats < 0n ? "−" : "";
  const magnitude = sats < 0n ? -sats : sats;
  if (unit === "sats") return { whole: sign + groupDigits(magnitude.toString()), fraction: "" };
  return {
    whole: sign + groupDigits((magnitude / SATS_PER_BTC).toString()),
    fraction: (magnitude % SATS_PER_BTC).toString().padStart(8, "0"),
  };
}

/** How long ago something was, in at most two units: `just now`, `42 s ago`, `3 min ago`, `1 h 5 min ago`, `2 d 3 h ago`. */
export function formatAge(seconds: number): string {
  // A block may carry a time ahead of this machine's clock (up to two hours, by consensus).
  if (seconds <= -60) return `in ${formatDuration(-seconds)}`;
  if (seconds < 1) return "just now";
  return `${formatDuration(seconds)} ago`;
}

/** A length of time in at most two units: `0 s`, `42 s`, `3 min`, `1 h 5 min`, `2 d 3 h`, `1 y 34 d`. */
export function formatDuration(seconds: number): string {
  const total = Math.max(0, Math.floor(seconds));
  const minutes = Math.floor(total / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  const years = Math.floor(days / 365);
  if (minutes === 0) return `${total} s`;
  if (hours === 0) return `${minutes} min`;
  if (days === 0) return twoUnits(hours, "h", minutes % 60, "min");
  if (years === 0) return twoUnits(days, "d", hours % 24, "h");
  return twoUnits(years, "y", days % 365, "d");
}

/** A mean of seconds where tenths matter below a minute: `9.8 s`, `10 min`. */
export function formatMeanDuration(seconds: number): string {
  if (seconds >= 60) return formatDuration(seconds);
  return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
}

/** Date and time to the second, in the reader's time zone: `2026-03-01 09:05:07`. */
export function formatDateTime(unixSeconds: number): string {
  const date = new Date(unixSeconds * 1000);
  const two = (value: number) => value.toString().padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** A hash with its middle left out, keeping `edgeCount` digits on both sides; short text stays whole. */
export function shortHash(hash: string, edgeCount = 8): string {
  return hash.length <= edgeCount * 2 + 1 ? hash : `${hash.slice(0, edgeCount)}…${hash.slice(-edgeCount)}`;
}

/** A size in decimal units, three significant digits: `285 B`, `1.04 kB`, `3.99 MB`. */
export function formatBytes(bytes: number): string {
  return withMagnitude(bytes, ["B", "kB", "MB", "GB", "TB"]);
}

/** A block's or transaction's weight: `872 WU`, `3.99 MWU`. */
export function formatWeight(weight: number): string {
  return withMagnitude(weight, ["WU", "kWU", "MWU"]);
}

/** Hashes a second, three significant digits: `0.25 H/s`, `812 H/s`, `3.42 MH/s`; on regtest `4.09 µH/s`. */
export function formatHashRate(hashesPerSecond: number): string {
  const small = SMALL_RATES.find(([from]) => hashesPerSecond >= from && hashesPerSecond < SMALL_RATE_MAX);
  if (small !== undefined) return `${Number((hashesPerSecond / small[0]).toPrecision(3))} ${small[1]}`;
  if (hashesPerSecond > 0 && hashesPerSecond < SMALL_RATE_MAX) return "<1 nH/s";
  const rate = hashesPerSecond < 100 ? Number(hashesPerSecond.toPrecision(3)) : Math.round(hashesPerSecond);
  return withMagnitude(rate, ["H/s", "kH/s", "MH/s", "GH/s", "TH/s", "PH/s", "EH/s"]);
}

/** Below it a rate has a smaller unit. */
const SMALL_RATE_MAX = 0.01;
const SMALL_RATES = [
  [1e-3, "mH/s"],
  [1e-6, "µH/s"],
  [1e-9, "nH/s"],
] as const;

/** A whole number with thousands separated. */
export function formatCount(count: number): string {
  return WHOLE.format(Math.trunc(count));
}

/** Satoshis per virtual byte, without the unit: `0`, `0.1`, `1.05`, `12.3`, `1,250`. */
export function formatFeerate(satPerVbyte: number): string {
  return (satPerVbyte < 10 ? HUNDREDTHS : satPerVbyte < 100 ? TENTHS : WHOLE).format(satPerVbyte);
}

/** Day and time in words, in the reader's time zone: `Mar 1, 2026, 9:05 AM`. */
export function formatMoment(unixSeconds: number): string {
  return MOMENT.format(unixSeconds * 1000);
}

/** Time of the day, in the reader's time zone, with seconds where they matter: `09:05`, `09:05:07`. */
export function formatClock(unixSeconds: number, hasSeconds = false): string {
  return (hasSeconds ? CLOCK_SECONDS : CLOCK).format(unixSeconds * 1000);
}

/** Day of the year: `Mar 1`. */
export function formatDay(unixSeconds: number): string {
  return DAY.format(unixSeconds * 1000);
}

const WHOLE = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
const TENTHS = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
const HUNDREDTHS = new Intl.NumberFormat(language, { maximumFractionDigits: 2 });
const MOMENT = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
const CLOCK = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const CLOCK_SECONDS = new Intl.DateTimeFormat(language, { timeStyle: "medium", hourCycle: "h23" });
const DAY = new Intl.DateTimeFormat(language, { month: "short", day: "numeric" });

/** A share as a percentage that never rounds something to nothing: `0 %`, `<0.1 %`, `2.5 %`, `99.9 %`, `100 %`. */
export function formatShare(share: number): string {
  const percent = share * 100;
  if (percent <= 0) return "0 %";
  if (percent < 0.1) return "<0.1 %";
  if (percent >= 100) return "100 %";
  return percent < 10 ? `${percent.toFixed(1)} %` : `${Math.min(99.9, Math.floor(percent * 10) / 10)} %`;
}

/** Difficulty over the many orders of magnitude it takes: `4.66 × 10⁻¹⁰` on regtest, `1`, `110.45 T` on mainnet. */
export function formatDifficulty(difficulty: number): string {
  if (difficulty === 0) return "0";
  if (difficulty < 0.001) {
    const [mantissa = "", exponent = "0"] = difficulty.toExponential(2).split("e");
    return `${mantissa} × 10${superscript(exponent)}`;
  }
  for (const [size, name] of MAGNITUDES) if (difficulty >= size) return `${trimZeros(difficulty / size)} ${name}`;
  return trimZeros(difficulty);
}

const MAGNITUDES = [
  [1e15, "P"],
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
] as const;

function groupDigits(digits: string): string {
  return WHOLE.format(BigInt(digits));
}

function twoUnits(major: number, majorName: string, minor: number, minorName: string): string {
  return minor === 0 ? `${major} ${majorName}` : `${major} ${majorName} ${minor} ${minorName}`;
}

function withMagnitude(value: number, names: readonly string[]): string {
  let scaled = value;
  let index = 0;
  // 999.5 would be printed as 1000 of the smaller unit.
  while (scaled >= 999.5 && index < names.length - 1) {
    scaled /= 1000;
    index++;
  }
  const digits = index === 0 ? scaled.toString() : scaled.toFixed(scaled < 9.995 ? 2 : scaled < 99.95 ? 1 : 0);
  return `${digits} ${names[index]}`;
}

function trimZeros(value: number): string {
  return Number(value.toFixed(value < 1 ? 4 : 2)).toString();
}

function superscript(exponent: string): string {
  return [...exponent.replace("+", "")].map((sign) => (sign === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(sign)])).join("");
}
