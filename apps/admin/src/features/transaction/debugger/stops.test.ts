import { describe, expect, test } from "vitest";
import { instructionsOf, keptCount, stopsOf, type TraceStep } from "./stops.ts";

const phase = (name: "scriptSig" | "scriptPubKey" | "keyPath", step_from: number, step_count: number) => ({
  name,
  script_hex: "",
  stack: [7],
  step_from,
  step_count,
});
const step = (offset: number): TraceStep => ({
  phase: 0,
  offset,
  size: 1,
  data_size: 0,
  opcode: 0x51,
  name: "1",
  is_executed: true,
  open_ifs: 0,
  is_taken: true,
  stack: [offset],
  alt_stack: [],
  error: null,
});

describe("moments of a trace", () => {
  test("each script has one before its first instruction, and one behind each", () => {
    const stops = stopsOf({
      phases: [phase("scriptSig", 0, 0), phase("scriptPubKey", 0, 2)],
      steps: [step(0), step(1)],
    });
    expect(stops.map((stop) => [stop.phase, stop.step?.offset])).toEqual([
      [0, undefined],
      [1, undefined],
      [1, 0],
      [1, 1],
    ]);
    expect(stops[1]!.stack).toEqual([7]);
    expect(stops[3]!.stack).toEqual([1]);
  });

  test("there is one even where nothing ran", () => {
    expect(stopsOf({ phases: [], steps: [] })).toHaveLength(1);
  });
});

test("what lies above the common bottom of two stacks is new", () => {
  expect(keptCount([1, 2], [1, 2, 3])).toBe(2);
  expect(keptCount([1, 2], [1, 3])).toBe(1);
  expect(keptCount([1, 2], [1])).toBe(1);
  expect(keptCount([], [1])).toBe(0);
});

describe("the lines of a script", () => {
  test("an instruction is a line, with what it pushes", () => {
    expect(instructionsOf("76a902abcd4c01ff88")).toEqual([
      { offset: 0, opcode: 0x76, data: "", isBroken: false },
      { offset: 1, opcode: 0xa9, data: "", isBroken: false },
      { offset: 2, opcode: 0x02, data: "abcd", isBroken: false },
      { offset: 5, opcode: 0x4c, data: "ff", isBroken: false },
      { offset: 8, opcode: 0x88, data: "", isBroken: false },
    ]);
  });

  test("a push that is longer than the script is the last line, and broken", () => {
    expect(instructionsOf("5103aa")).toEqual([
      { offset: 0, opcode: 0x51, data: "", isBroken: false },
      { offset: 1, opcode: 0x03, data: "aa", isBroken: true },
    ]);
  });

  test("an empty script has none", () => {
    expect(instructionsOf("")).toEqual([]);
  });
});
