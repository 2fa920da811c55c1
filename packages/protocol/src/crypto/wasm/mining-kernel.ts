import { MINING_FOUR_LANES_BASE64, MINING_ONE_LANE_BASE64 } from "../generated/mining-module.ts";
import { moduleBytes } from "./kernel.ts";
import { FOUND_OFFSET, HEADER_OFFSET, MINING_MEMORY_PAGES, NEXT_NONCE_OFFSET } from "./mining-layout.ts";

const HEADER_SIZE = 80;

/** The functions of a mining module (what each does: `mining-module.ts`) and views of its memory. */
export interface MiningKernel {
  readonly lanes: 1 | 4;
  readonly header: Uint8Array;
  /** One word: not zero where the last search ended at a candidate. */
  readonly found: Uint32Array;
  /** One word: the nonce behind the last that was tried. */
  readonly nextNonce: Uint32Array;
  begin(): void;
  search(nonce: number, groupCount: number, topTarget: number): void;
}

type KernelExports = Pick<MiningKernel, "begin" | "search"> & { readonly memory: WebAssembly.Memory };

/** An instance of its own; `undefined` where the engine has no WebAssembly or, for four lanes, no SIMD. */
export function loadMiningKernel(lanes: 1 | 4): MiningKernel | undefined {
  const base64 = lanes === 4 ? MINING_FOUR_LANES_BASE64 : MINING_ONE_LANE_BASE64;
  let exports: KernelExports;
  try {
    exports = new WebAssembly.Instance(new WebAssembly.Module(moduleBytes(base64))).exports as unknown as KernelExports;
  } catch {
    return undefined;
  }
  const { memory, begin, search } = exports;
  if (memory.buffer.byteLength !== MINING_MEMORY_PAGES * 0x10000) {
    throw new Error("the mining module is not of this build");
  }
  return {
    lanes,
    header: new Uint8Array(memory.buffer, HEADER_OFFSET, HEADER_SIZE),
    found: new Uint32Array(memory.buffer, FOUND_OFFSET, 1),
    nextNonce: new Uint32Array(memory.buffer, NEXT_NONCE_OFFSET, 1),
    begin,
    search,
  };
}
