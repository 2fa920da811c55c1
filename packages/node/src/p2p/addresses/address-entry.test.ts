import { parseEndpoint } from "@bitfleet/protocol/wire/address-text.ts";
import { describe, expect, test } from "vitest";
import { AddressEntry } from "./address-entry.ts";

const NOW = 1_700_000_000;
const MINUTE = 60;
const DAY = 86_400;

/** Seen now, never tried, unless `facts` say otherwise. */
function entryOf(facts: Partial<AddressEntry> = {}): AddressEntry {
  const endpoint = parseEndpoint("1.2.3.4:8333", 0)!;
  return Object.assign(new AddressEntry({ ...endpoint, services: 1n, timeSeconds: NOW }, endpoint.address), facts);
}

describe("an address is given up", () => {
  test.each<[string, Partial<AddressEntry>, boolean]>([
    ["that was just told of", {}, false],
    ["of ten minutes ahead", { timeSeconds: NOW + 10 * MINUTE }, false],
    ["of more than ten minutes ahead", { timeSeconds: NOW + 10 * MINUTE + 1 }, true],
    ["not seen for thirty days", { timeSeconds: NOW - 30 * DAY }, false],
    ["not seen for longer", { timeSeconds: NOW - 30 * DAY - 1 }, true],
    ["of which nobody says when it was seen", { timeSeconds: 0 }, true],
    ["that failed twice and never worked", { attemptCount: 2 }, false],
    ["that failed three times and never worked", { attemptCount: 3 }, true],
    ["that worked once and failed three times", { attemptCount: 3, lastSuccessSeconds: NOW - 8 * DAY }, false],
    ["that failed nine times in over a week", { attemptCount: 9, lastSuccessSeconds: NOW - 7 * DAY - 1 }, false],
    ["that failed ten times in a week", { attemptCount: 10, lastSuccessSeconds: NOW - 7 * DAY }, false],
    ["that failed ten times in over a week", { attemptCount: 10, lastSuccessSeconds: NOW - 7 * DAY - 1 }, true],
    ["tried a minute ago, whatever else", { timeSeconds: 0, lastTrySeconds: NOW - MINUTE }, false],
    ["tried longer ago", { timeSeconds: 0, lastTrySeconds: NOW - MINUTE - 1 }, true],
  ])("%s: %j %s", (_, facts, isTerrible) => {
    expect(entryOf(facts).isTerrible(NOW)).toBe(isTerrible);
  });
});

describe("the chance of an address to be taken", () => {
  test.each<[string, Partial<AddressEntry>, number]>([
    ["is whole at first", {}, 1],
    ["is a hundredth within ten minutes of an attempt", { lastTrySeconds: NOW - 10 * MINUTE + 1 }, 0.01],
    ["is whole again after ten minutes", { lastTrySeconds: NOW - 10 * MINUTE }, 1],
    ["is two thirds after a failure", { attemptCount: 1 }, 0.66],
    ["falls with each failure", { attemptCount: 8 }, 0.66 ** 8],
    ["does not fall further", { attemptCount: 9 }, 0.66 ** 8],
    ["has both reasons", { attemptCount: 2, lastTrySeconds: NOW }, 0.01 * 0.66 ** 2],
  ])("%s", (_, facts, chance) => {
    expect(entryOf(facts).chance(NOW)).toBeCloseTo(chance, 12);
  });
});
