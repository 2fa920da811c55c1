import type { DecodedTransaction } from "@bitfleet/api/rest/transactions.ts";
import { describe, expect, test } from "vitest";
import { membersUpTo, orderedMembers } from "./package-members.ts";

/** Spends these outputs, and makes one of each value. */
function member(
  txid: string,
  spends: readonly (readonly [string, number])[],
  values: readonly number[],
  known?: number,
) {
  const prevout = known === undefined ? null : { value: known };
  const transaction = {
    txid,
    inputs: spends.map(([parent, vout]) => ({ txid: parent, vout, prevout })),
    outputs: values.map((value) => ({ value, script: { type: "anchor" } })),
    total_output: values.reduce((sum, value) => sum + value, 0),
    fee: known === undefined ? null : known - values.reduce((sum, value) => sum + value, 0),
  } as unknown as DecodedTransaction;
  return { hex: txid, transaction };
}

const parent = member("a", [["x", 0]], [60, 30], 100);
const other = member("b", [["a", 1]], [25]);
const child = member(
  "c",
  [
    ["a", 0],
    ["b", 0],
  ],
  [80],
);
const idsOf = (members: readonly { readonly hex: string }[]) => members.map(({ hex }) => hex);

describe("several transactions", () => {
  test.each([[[parent, other, child]], [[child, other, parent]], [[other, child, parent]]])(
    "stand parents first, in whatever order they came",
    (members) => {
      expect(idsOf(orderedMembers(members))).toEqual(["a", "b", "c"]);
    },
  );

  test("know what they spend of one another, and so their fees", () => {
    const [first, second, third] = orderedMembers([child, other, parent]);
    expect(first!.transaction.fee).toBe(10);
    expect(second!.transaction).toMatchObject({ fee: 5, inputs: [{ prevout: { value: 30, height: null } }] });
    expect(third!.transaction).toMatchObject({
      fee: 5,
      inputs: [{ prevout: { value: 60 } }, { prevout: { value: 25 } }],
    });
  });

  test("where a coin is not known, no fee is", () => {
    const [first] = orderedMembers([
      member(
        "d",
        [
          ["x", 0],
          ["y", 0],
        ],
        [1],
      ),
    ]);
    expect(first!.transaction.fee).toBeNull();
    // An output that the parent does not have.
    expect(orderedMembers([parent, member("e", [["a", 2]], [1])])[1]!.transaction.fee).toBeNull();
  });

  test("a run needs those before", () => {
    expect(membersUpTo(orderedMembers([child, other, parent]), "b")).toEqual(["a", "b"]);
  });
});
