import { hashKey } from "@bitfleet/protocol/primitives/types.ts";
import { expect, test } from "vitest";
import { coinCursorText, historyCursorText, parseCoinCursor, parseHistoryCursor } from "./address-cursor.ts";

const txid = hashKey(Uint8Array.from({ length: 32 }, (_, index) => 7 * index));
const hex = Buffer.from(Uint8Array.from({ length: 32 }, (_, index) => 7 * index))
  .reverse()
  .toString("hex");

test.each([
  [`w.${hex}`, { waiting: txid }],
  [`c.120.3.${hex}`, { place: { height: 120, position: 3, txid } }],
  [`c.4294967295.0.${hex}`, { place: { height: 0xffffffff, position: 0, txid } }],
])("the cursor %s of a history", (text, cursor) => {
  expect(historyCursorText(cursor)).toBe(text);
  expect(parseHistoryCursor(text)).toEqual(cursor);
  expect(parseCoinCursor(text) === undefined || text.startsWith("c.")).toBe(true);
});

test.each([
  [`w.${hex}.7`, { waiting: { txid, index: 7 } }],
  [`c.120.${hex}.0`, { place: { height: 120, txid, index: 0 } }],
])("the cursor %s of coins", (text, cursor) => {
  expect(coinCursorText(cursor)).toBe(text);
  expect(parseCoinCursor(text)).toEqual(cursor);
  expect(parseHistoryCursor(text)).toBeUndefined();
});

test.each(["", "w", "w.", `w.${hex.slice(1)}`, `x.${hex}`, `c.1.${hex}`, `c.1.2.3.${hex}`, `c.-1.2.${hex}`])(
  "%j is no cursor of a history",
  (text) => {
    expect(parseHistoryCursor(text)).toBeUndefined();
  },
);

test.each([`c.4294967296.0.${hex}`, `c.1e3.0.${hex}`, `c.1. 2.${hex}`])("a number out of bounds: %s", (text) => {
  expect(parseHistoryCursor(text)).toBeUndefined();
});

test.each(["", `w.${hex}`, `c.5.${hex}`, `c.${hex}.5`, `w.1.${hex}.5`, `c.5.${hex}.4294967296`, `y.5.${hex}.1`])(
  "%j is no cursor of coins",
  (text) => {
    expect(parseCoinCursor(text)).toBeUndefined();
  },
);
