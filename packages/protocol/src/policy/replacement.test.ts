import { describe, expect, test } from "vitest";
import { displayHash } from "../primitives/types.ts";
import { replacementShortfall } from "./replacement.ts";
import { standardTransaction } from "./test-kit.ts";

const { txid } = standardTransaction();
const shortfall = (replaced: bigint, replacing: bigint, replacingVirtualSize = 150) =>
  replacementShortfall({ replaced, replacing, replacingVirtualSize, incrementalFeerateSatPerKvb: 100n }, txid);

describe("BIP125", () => {
  test("rule 3: a replacement pays no less than what it replaces", () => {
    const text = `rejecting replacement ${displayHash(txid)}, less fees than conflicting txs; 0.00000999 < 0.00001`;
    expect(shortfall(1000n, 999n)).toBe(text);
    expect(shortfall(1000n, 1000n)).not.toContain("less fees");
  });

  test("rule 4: and for its own relay on top, to the satoshi", () => {
    const text = `rejecting replacement ${displayHash(txid)}, not enough additional fees to relay`;
    expect(shortfall(1000n, 1014n)).toBe(`${text}; 0.00000014 < 0.00000015`);
    expect(shortfall(1000n, 1015n)).toBeUndefined();
    // A vbyte more costs a whole satoshi more.
    expect(shortfall(1000n, 1015n, 151)).toBe(`${text}; 0.00000015 < 0.00000016`);
  });

  test("what is replaced may have a fee below zero by the operator's word", () => {
    expect(shortfall(-100n, -101n)).toContain("; -0.00000101 < -0.000001");
    expect(shortfall(-100n, -85n)).toBeUndefined();
  });
});
