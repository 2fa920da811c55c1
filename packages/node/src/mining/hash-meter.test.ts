import { expect, test } from "vitest";
import { HashMeter } from "./hash-meter.ts";

function meterAt() {
  const state = { hashCount: 0n, ms: 0 };
  const meter = new HashMeter(
    () => state.hashCount,
    () => state.ms,
  );
  const work = (hashCount: bigint, ms: number) => {
    state.hashCount += hashCount;
    state.ms += ms;
  };
  return { meter, work };
}

test("measures while hashes are made, and not between", () => {
  const { meter, work } = meterAt();
  expect(meter.hashesPerSecond).toBe(0);
  meter.begin();
  work(500n, 100);
  expect(meter.hashesPerSecond).toBe(5000);
  work(1500n, 100);
  expect(meter.hashesPerSecond).toBe(10_000);
  meter.end();
  work(0n, 60_000);
  expect(meter.hashesPerSecond).toBe(10_000);
  meter.begin();
  work(2000n, 200);
  meter.end();
  expect(meter.hashesPerSecond).toBe(10_000);
});

test("what is long ago counts less and less", () => {
  const { meter, work } = meterAt();
  const measure = (hashCount: bigint) => {
    meter.begin();
    work(hashCount, 11_000);
    meter.end();
  };
  measure(11_000n);
  for (let round = 0; round < 8; round++) measure(110_000n);
  expect(meter.hashesPerSecond).toBeGreaterThan(9900);
  expect(meter.hashesPerSecond).toBeLessThan(10_000);
});
