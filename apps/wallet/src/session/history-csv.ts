import type { HistoryEntry } from "./account.ts";

/** A history as a table for other programs (RFC 4180). */

const COLUMNS = [
  "date",
  "txid",
  "state",
  "direction",
  "amount_sat",
  "fee_sat",
  "height",
  "confirmations",
  "addresses",
  "label",
];

/** What spreadsheets take for the beginning of a formula: a label of somebody else's making must not be run. */
const FORMULA_START = /^[=+\-@\t\r]/;

/** The oldest last, as screens have it. */
export function historyCsv(entries: readonly HistoryEntry[]): string {
  const rows = entries.map((entry) => [
    new Date(entry.time * 1000).toISOString(),
    entry.txid,
    entry.standing,
    entry.direction,
    // A number is no formula, though it may begin with a minus.
    entry.delta.toString(),
    entry.fee?.toString() ?? "",
    entry.height?.toString() ?? "",
    entry.confirmations.toString(),
    guarded(entry.addresses.join(" ")),
    guarded(entry.label),
  ]);
  return [COLUMNS, ...rows].map((row) => `${row.map(quoted).join(",")}\r\n`).join("");
}

function guarded(text: string): string {
  return FORMULA_START.test(text) ? `'${text}` : text;
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
