import { fromHex, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import {
  payToPublicKeyHash,
  payToScriptHash,
  payToWitnessProgram,
  payToWitnessPublicKeyHash,
  payToWitnessScriptHash,
} from "@bitfleet/protocol/script/templates.ts";
import { describe, expect, test } from "vitest";
import { addressGroupsOf } from "./address-groups.ts";
import { compareAddresses } from "./address-order.ts";
import { EMPTY_CHANGE_SET } from "./change-set.ts";
import { historyOf } from "./history.ts";
import { coinbaseTo, pay, scriptOf, TestLedger } from "./ledger-test-kit.ts";

const NAMES = Array.from({ length: 12 }, (_, index) => `my ${index}`).concat("their 0");

/** Groups by the names of their scripts, in no special order. */
function groupsOf(ledger: TestLedger): string[] {
  const nameOf = (script: Uint8Array) => NAMES.find((name) => toHex(scriptOf(name)) === toHex(script))!;
  return addressGroupsOf(ledger.store)
    .map((group) => group.map(nameOf).sort().join(", "))
    .sort();
}

const nameAddress = (ledger: TestLedger, name: string) =>
  ledger.store.apply({
    ...EMPTY_CHANGE_SET,
    addressBook: [{ script: scriptOf(name), label: "", purpose: "receive", isUsed: false }],
  });

describe("groups of addresses", () => {
  test("each address by itself, until something is spent", () => {
    const ledger = new TestLedger();
    ledger.connect([
      coinbaseTo("my 0"),
      pay(
        [],
        [
          ["my 1", 5],
          ["their 0", 5],
        ],
      ),
    ]);
    expect(groupsOf(ledger)).toEqual(["my 0", "my 1"]);
  });

  test("what is spent together is together, with its change, and with all that either was together with", () => {
    const ledger = new TestLedger();
    const fundings = ["my 0", "my 1", "my 2", "my 3"].map((name) => pay([], [[name, 10]]));
    ledger.connect([coinbaseTo("their 0"), ...fundings]);
    const [a, b, c, d] = fundings as [(typeof fundings)[0], ...typeof fundings];
    for (const name of ["my 0", "my 1", "my 2", "my 3", "my 5"]) nameAddress(ledger, name);
    const first = pay(
      [
        [a, 0],
        [b!, 0],
      ],
      [
        ["my 4", 12],
        ["my 5", 2],
        ["their 0", 5],
      ],
    );
    const second = pay(
      [
        [c!, 0],
        [d!, 0],
      ],
      [["their 0", 19]],
    );
    ledger.seen(first, second);
    // My 5 is in the address book, so that it is no change.
    expect(groupsOf(ledger)).toEqual(["my 0, my 1, my 4", "my 2, my 3", "my 5"]);
    ledger.seen(
      pay(
        [
          [first, 0],
          [first, 1],
        ],
        [["my 3", 13]],
      ),
    );
    expect(groupsOf(ledger)).toEqual(["my 0, my 1, my 4, my 5", "my 2, my 3"]);
    const again = pay([], [["my 3", 1]]);
    ledger.seen(again);
    ledger.seen(
      pay(
        [
          [again, 0],
          [pay([], [["my 6", 1]]), 0],
        ],
        [["my 7", 1]],
      ),
    );
    expect(groupsOf(ledger)).toEqual(["my 0, my 1, my 4, my 5", "my 2, my 3, my 7"]);
  });
});

test("addresses are listed by kind, then by what they stand for", () => {
  const [low, high] = [fromHex("11".repeat(20)), fromHex("22".repeat(20))];
  const [long, longer] = [fromHex("11".repeat(32)), fromHex("12".repeat(32))];
  const ordered = [
    payToPublicKeyHash(low),
    payToPublicKeyHash(high),
    payToScriptHash(low),
    payToScriptHash(high),
    payToWitnessScriptHash(long),
    payToWitnessScriptHash(longer),
    payToWitnessPublicKeyHash(low),
    payToWitnessPublicKeyHash(high),
    payToWitnessProgram(1, long),
    payToWitnessProgram(1, longer),
    payToWitnessProgram(1, fromHex("4e73")),
    payToWitnessProgram(2, high),
    payToWitnessProgram(3, low),
  ];
  expect([...ordered].reverse().sort(compareAddresses)).toEqual(ordered);
});

test("the whole history comes page by page, newest first", () => {
  const ledger = new TestLedger();
  const payments = Array.from({ length: 1003 }, () => pay([], [["my 0", 1]]));
  expect([...historyOf(ledger.store)]).toEqual([]);
  ledger.seen(...payments);
  const txids = [...historyOf(ledger.store)].map(({ txid }) => toHex(txid));
  expect(txids).toEqual(payments.map(({ txid }) => toHex(txid)).reverse());
});
