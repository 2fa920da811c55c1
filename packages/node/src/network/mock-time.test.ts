import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { inTemporaryDirectory } from "../chain/test-kit.ts";
import { changedTime, mockTimeArguments, readMockTime, writeMockTime } from "./mock-time.ts";

test("a network's time is kept until it is real again", async () => {
  await inTemporaryDirectory(async (folder) => {
    expect([readMockTime(folder), mockTimeArguments(folder)]).toEqual([undefined, []]);
    writeMockTime(folder, 1_900_000_000);
    expect([readMockTime(folder), mockTimeArguments(folder)]).toEqual([1_900_000_000, ["-mocktime=1900000000"]]);
    writeMockTime(folder, undefined);
    writeMockTime(folder, undefined);
    expect(readMockTime(folder)).toBeUndefined();
    writeFileSync(join(folder, "mock-time.json"), "nonsense");
    expect(() => readMockTime(folder)).toThrow(/cannot be read; remove it/);
  });
});

test("a change goes on from the time that holds", () => {
  const now = { mockSeconds: undefined, realSeconds: 1_700_000_000 };
  expect(changedTime({ offsetSeconds: 7200 }, now)).toBe(1_700_007_200);
  expect(changedTime({ offsetSeconds: -100 }, { ...now, mockSeconds: 500 })).toBe(400);
  expect(changedTime({ seconds: 5 }, now)).toBe(5);
  expect(changedTime("real", { ...now, mockSeconds: 500 })).toBeUndefined();
  expect(changedTime({ seconds: 0xffff_ffff }, now)).toBe(0xffff_ffff);
  for (const change of [{ seconds: 0 }, { seconds: 2 ** 32 }, { seconds: 1.5 }, { offsetSeconds: -1_700_000_000 }])
    expect(() => changedTime(change, now), JSON.stringify(change)).toThrow(RangeError);
});
