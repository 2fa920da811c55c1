import { HASH_MODULE_BASE64 } from "../generated/hash-module.ts";
import { INPUT_OFFSET, INPUT_SIZE_MAX, MEMORY_PAGES, STATE_OFFSET } from "./layout.ts";

/** The functions of the hash module (what each does: `hash-module.ts`) and views of its memory. */
export interface HashKernel {
  /** The memory from the input on: input goes to its beginning. */
  readonly input: Uint8Array;
  /** The chaining state as words, to save and restore it. */
  readonly state: Uint32Array;
  readonly digest32: Uint8Array;
  readonly digest20: Uint8Array;
  reset(): void;
  update(blockCount: number): void;
  finish(size: number, sizeBefore: number): void;
  finishDouble(size: number, sizeBefore: number): void;
  sha256(size: number): void;
  sha256d(size: number): void;
  ripemd160(size: number): void;
  hash160(size: number): void;
  sha256dPairs(count: number): void;
}

type KernelExports = Omit<HashKernel, "input" | "state" | "digest32" | "digest20"> & {
  readonly memory: WebAssembly.Memory;
};

/** An instance of its own; `undefined` where there is no WebAssembly with SIMD, or a page's security policy forbids it. */
export function loadHashKernel(): HashKernel | undefined {
  let exports: KernelExports;
  try {
    exports = new WebAssembly.Instance(new WebAssembly.Module(moduleBytes(HASH_MODULE_BASE64)))
      .exports as unknown as KernelExports;
  } catch {
    return undefined;
  }
  const { memory, ...functions } = exports;
  if (memory.buffer.byteLength !== MEMORY_PAGES * 0x10000) throw new Error("the hash module is not of this build");
  return {
    ...functions,
    input: new Uint8Array(memory.buffer, INPUT_OFFSET, INPUT_SIZE_MAX),
    state: new Uint32Array(memory.buffer, STATE_OFFSET, 8),
    digest32: new Uint8Array(memory.buffer, STATE_OFFSET, 32),
    digest20: new Uint8Array(memory.buffer, STATE_OFFSET, 20),
  };
}

/** The bytes of a generated module. A loop, since `Uint8Array.from` walks the text by its iterator, which costs every start milliseconds. */
export function moduleBytes(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index);
  return bytes;
}
