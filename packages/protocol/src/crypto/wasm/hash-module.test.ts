import { expect, test } from "vitest";
import { HASH_MODULE_BASE64 } from "../generated/hash-module.ts";
import { MINING_FOUR_LANES_BASE64, MINING_ONE_LANE_BASE64 } from "../generated/mining-module.ts";
import { FunctionBuilder, I32_WORDS, i32, load32 } from "./emitter.ts";
import { generatedHashModuleSource, generatedMiningModuleSource } from "./generated-source.ts";
import { loadHashKernel } from "./kernel.ts";
import { SHA256_INITIAL_STATE } from "./sha256-code.ts";

test("the committed modules are what the generator writes (else: npx tsx scripts/generate-hash-module.ts)", () => {
  expect(generatedHashModuleSource()).toContain(`"${HASH_MODULE_BASE64}"`);
  const mining = generatedMiningModuleSource();
  for (const base64 of [MINING_FOUR_LANES_BASE64, MINING_ONE_LANE_BASE64]) expect(mining).toContain(`"${base64}"`);
});

test("each kernel has a memory of its own", () => {
  const [first, second] = [loadHashKernel()!, loadHashKernel()!];
  first.reset();
  expect([...first.state]).toEqual(SHA256_INITIAL_STATE);
  expect([...second.state]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
});

test("without WebAssembly there is no kernel, and nothing is thrown", () => {
  const { WebAssembly: original } = globalThis;
  try {
    Reflect.deleteProperty(globalThis, "WebAssembly");
    expect(loadHashKernel()).toBeUndefined();
  } finally {
    globalThis.WebAssembly = original;
  }
});

test("constants are folded as 32-bit words", () => {
  expect(I32_WORDS.add(i32(0xffffffff), i32(2)).constant).toBe(1);
  expect(I32_WORDS.rotateRight(i32(1), 1).constant).toBe(-0x80000000);
  expect(I32_WORDS.shiftRight(i32(-1), 28).constant).toBe(15);
  const variable = load32(i32(0));
  expect(I32_WORDS.add(i32(0), variable)).toBe(variable);
});

test("only locals are set", () => {
  expect(() => new FunctionBuilder(0).set(i32(1), i32(2))).toThrow(TypeError);
});
