import { Writer } from "@bitfleet/protocol/bytes/cursor.ts";
import { describe, expect, test } from "vitest";
import { feeBucketBounds } from "./fee-buckets.ts";
import type { FeeRecord } from "./fee-estimator.ts";
import { emptyRecord, HORIZON_SETTINGS, type HorizonRecord } from "./fee-horizon.ts";
import { decodeFeeRecord, encodeFeeRecord, FeeRecordError } from "./fee-record-codec.ts";
import { seededRandom } from "./test-kit.ts";

const BOUNDS = [100, 200.5];

/** A horizon of two buckets and `periods` periods of `scale` blocks, full of numbers. */
function horizonOf(fields: Partial<HorizonRecord> = {}, periods = 2): HorizonRecord {
  const random = seededRandom(periods);
  const counts = () => Float64Array.of(random(1000) / 7, random(1000) / 3);
  const rows = () => Array.from({ length: periods }, counts);
  const own = { decay: 0.9, scale: 2, feerates: counts(), confirmed: counts() };
  return { ...own, withinPeriod: rows(), failed: rows(), ...fields };
}

function recordOf(fields: Partial<FeeRecord> = {}, medium: Partial<HorizonRecord> = {}): FeeRecord {
  const horizons = {
    medium: horizonOf(medium),
    short: horizonOf({ scale: 1 }, 3),
    long: horizonOf({ decay: 0.99 }, 4),
  };
  return { bestHeight: 300, firstHeight: 100, lastHeight: 200, bounds: BOUNDS, horizons, ...fields };
}

const refusal = (bytes: Uint8Array) => {
  try {
    decodeFeeRecord(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(FeeRecordError);
    return (error as FeeRecordError).message;
  }
  return undefined;
};
const refusalOf = (record: FeeRecord) => refusal(encodeFeeRecord(record));

describe("a record", () => {
  test("is read as it was written", () => {
    expect(decodeFeeRecord(encodeFeeRecord(recordOf()))).toEqual(recordOf());
  });

  test("begins with version and heights, then bounds, then the medium, the short and the long horizon", () => {
    const bytes = encodeFeeRecord(recordOf());
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    expect([0, 4, 8, 12].map((offset) => view.getUint32(offset, true))).toEqual([309_900, 300, 100, 200]);
    expect([bytes[16], view.getFloat64(17, true), view.getFloat64(25, true)]).toEqual([2, 100, 200.5]);
    expect([view.getFloat64(33, true), view.getUint32(41, true), bytes[45]]).toEqual([0.9, 2, 2]);
    // A horizon of n periods: decay, scale, two lists, and twice n of them.
    const sizeOf = (periods: number) => 8 + 4 + 2 * 17 + 2 * (1 + periods * 17);
    const shortAt = 33 + sizeOf(2);
    expect(view.getUint32(shortAt + 8, true)).toBe(1);
    expect(view.getFloat64(shortAt + sizeOf(3), true)).toBe(0.99);
    expect(bytes).toHaveLength(shortAt + sizeOf(3) + sizeOf(4));
  });

  test("of nothing has the size that Core's has", () => {
    const bounds = feeBucketBounds();
    const horizons = {
      short: emptyRecord(HORIZON_SETTINGS.short, bounds.length),
      medium: emptyRecord(HORIZON_SETTINGS.medium, bounds.length),
      long: emptyRecord(HORIZON_SETTINGS.long, bounds.length),
    };
    const bytes = encodeFeeRecord({ bestHeight: 0, firstHeight: 0, lastHeight: 0, bounds, horizons });
    expect(bytes).toHaveLength(16 + 1897 + 3 * 12 + 2 * 3 * 1897 + 2 * 3 + 2 * (12 + 24 + 42) * 1897);
    expect(decodeFeeRecord(bytes)).toMatchObject({ bestHeight: 0, bounds });
  });

  test("may have more behind it, which Core does not look at either", () => {
    expect(decodeFeeRecord(Uint8Array.of(...encodeFeeRecord(recordOf()), 1, 2))).toEqual(recordOf());
  });

  test("that ends anywhere before its end is none", () => {
    const bytes = encodeFeeRecord(recordOf());
    for (let size = 0; size < bytes.length; size++)
      expect(refusal(bytes.subarray(0, size)), `${size} bytes`).toBe("AutoFile::read: end of file: iostream error");
  });
});

describe("a version", () => {
  const bytesOf = (version: number) => new Writer().int32(version).uint32(7).finish();

  test("that is newer is refused, one that is older is named", () => {
    expect(refusal(bytesOf(309_901))).toBe("File version (309901) too high to be read.");
    expect(decodeFeeRecord(bytesOf(309_899))).toEqual({ oldVersion: 309_899 });
    expect(decodeFeeRecord(bytesOf(-1))).toEqual({ oldVersion: -1 });
  });
});

describe("a corrupt file", () => {
  const heights = "Corrupt estimates file. Historical block range for estimates is invalid";
  test.each([
    [{ firstHeight: 200 }, undefined],
    [{ firstHeight: 201 }, heights],
    [{ lastHeight: 300 }, undefined],
    [{ lastHeight: 301 }, heights],
  ])("has heights that cannot be: %o", (fields, expected) => {
    expect(refusalOf(recordOf(fields))).toBe(expected);
  });

  test.each([0, 1, 1001])("has %i buckets", (count) => {
    const bounds = Array.from({ length: count }, (_, index) => index + 1);
    expect(refusalOf(recordOf({ bounds }))).toBe(
      "Corrupt estimates file. Must have between 2 and 1000 feerate buckets",
    );
  });

  test.each([[[200, 200]], [[200, 100]], [[0, 100]], [[Number.NaN, 100]], [[100, Number.NaN]]])(
    "has bounds that do not ascend from above zero: %o",
    (bounds) => {
      expect(refusalOf(recordOf({ bounds }))).toBe("Corrupt estimates file. Feerate buckets must ascend");
    },
  );

  test.each([0, 1, -0.5, Number.NaN, 2])("has a decay of %d", (decay) => {
    expect(refusalOf(recordOf({}, { decay }))).toBe(
      "Corrupt estimates file. Decay must be between 0 and 1 (non-inclusive)",
    );
  });

  test.each([
    [{ scale: 0 }, "Scale must be non-zero"],
    [{ feerates: new Float64Array(3) }, "Mismatch in feerate average bucket count"],
    [{ confirmed: new Float64Array(1) }, "Mismatch in tx count bucket count"],
    [{ withinPeriod: [new Float64Array(2), new Float64Array(3)] }, "Mismatch in feerate conf average bucket count"],
    [{ failed: [new Float64Array(2)] }, "Mismatch in confirms tracked for failures"],
    [{ failed: [new Float64Array(2), new Float64Array(1)] }, "Mismatch in one of failure average bucket counts"],
    [{ withinPeriod: [] }, " Must maintain estimates for between 1 and 1008 (one week) confirms"],
    [{ scale: 505 }, " Must maintain estimates for between 1 and 1008 (one week) confirms"],
    [{ confirmed: Float64Array.of(0, -1) }, "Invalid count"],
    [{ feerates: Float64Array.of(Number.POSITIVE_INFINITY, 0) }, "Invalid count"],
    [{ confirmed: Float64Array.of(Number.NaN, 0) }, "Invalid count"],
  ])("has a horizon that cannot be: %o", (fields, expected) => {
    expect(refusalOf(recordOf({}, fields))).toBe(`Corrupt estimates file. ${expected}`);
  });

  test("may reach for a week of blocks, and no block further", () => {
    expect(refusalOf(recordOf({}, { scale: 504 }))).toBeUndefined();
  });

  test("names sizes that cannot be as Core does", () => {
    const head = () => new Writer().int32(309_900).uint32(3).uint32(1).uint32(2);
    expect(refusal(head().compactSize(0x02000001).finish())).toBe("ReadCompactSize(): size too large: iostream error");
    expect(refusal(head().uint8(0xfd).uint16(3).finish())).toBe("non-canonical ReadCompactSize(): iostream error");
  });
});
