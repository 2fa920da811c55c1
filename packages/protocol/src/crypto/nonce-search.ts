import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { sha256d } from "./hash.ts";
import { loadMiningKernel, type MiningKernel } from "./wasm/mining-kernel.ts";

const HEADER_SIZE = 80;
const NONCE_OFFSET = 76;
/** What no nonce changes: the first block of SHA-256. */
const MIDSTATE_SIZE = 64;
const NONCE_COUNT = 2 ** 32;

/** How nonces are tried: four at a time (SIMD), one at a time in WebAssembly, or in plain JavaScript. Each a few times the next. */
export type NonceSearchKind = "four-lanes" | "one-lane" | "javascript";

/** Looks for nonces that give the header of a block its proof of work. For one thread and one header at a time. */
export interface NonceSearch {
  readonly kind: NonceSearchKind;
  /** Takes the 80 bytes of a header; the nonce in them does not matter. */
  begin(header: Uint8Array): void;
  /**
   * The first of the `count` nonces from `from` on whose hash has first 32 bits, in the order in which hashes are shown, of at most
   * `topTarget`: the caller compares the rest. `undefined` where there is none. No nonce is beyond 32 bits.
   */
  find(from: number, count: number, topTarget: number): number | undefined;
}

/** The fastest that the engine has of those that `kinds` allows; plain JavaScript always works. */
export function loadNonceSearch(
  kinds: readonly NonceSearchKind[] = ["four-lanes", "one-lane", "javascript"],
): NonceSearch {
  for (const kind of kinds) {
    if (kind === "javascript") return new PortableSearch();
    const kernel = loadMiningKernel(kind === "four-lanes" ? 4 : 1);
    if (kernel !== undefined) return new KernelSearch(kind, kernel);
  }
  return new PortableSearch();
}

class KernelSearch implements NonceSearch {
  readonly kind: NonceSearchKind;
  readonly #kernel: MiningKernel;
  readonly #header = new HeaderWithNonce();

  constructor(kind: NonceSearchKind, kernel: MiningKernel) {
    this.kind = kind;
    this.#kernel = kernel;
  }

  begin(header: Uint8Array): void {
    this.#header.set(header);
    this.#kernel.header.set(this.#header.bytes);
    this.#kernel.begin();
  }

  find(from: number, count: number, topTarget: number): number | undefined {
    const kernel = this.#kernel;
    const end = Math.min(from + count, NONCE_COUNT);
    if (from >= end) return undefined;
    kernel.search(from, Math.ceil((end - from) / kernel.lanes), topTarget);
    if (kernel.found[0] === 0) return undefined;
    // Lanes of the last group may lie behind the end, or around behind the last nonce there is.
    const first = (kernel.nextNonce[0]! - kernel.lanes) >>> 0;
    for (let nonce = first; nonce < Math.min(first + kernel.lanes, end); nonce++) {
      if (topOf(sha256d(this.#header.withNonce(nonce))) <= topTarget) return nonce;
    }
    return undefined;
  }
}

class PortableSearch implements NonceSearch {
  readonly kind = "javascript";
  readonly #header = new HeaderWithNonce();
  #midstate = nobleSha256.create();

  begin(header: Uint8Array): void {
    this.#header.set(header);
    this.#midstate = nobleSha256.create().update(this.#header.bytes.subarray(0, MIDSTATE_SIZE));
  }

  find(from: number, count: number, topTarget: number): number | undefined {
    const end = Math.min(from + count, NONCE_COUNT);
    for (let nonce = from; nonce < end; nonce++) {
      const tail = this.#header.withNonce(nonce).subarray(MIDSTATE_SIZE);
      if (topOf(nobleSha256(this.#midstate.clone().update(tail).digest())) <= topTarget) return nonce;
    }
    return undefined;
  }
}

class HeaderWithNonce {
  readonly bytes = new Uint8Array(HEADER_SIZE);
  readonly #view = new DataView(this.bytes.buffer);

  set(header: Uint8Array): void {
    if (header.length !== HEADER_SIZE) throw new RangeError("a block header has 80 bytes");
    this.bytes.set(header);
  }

  /** The same bytes at every call. */
  withNonce(nonce: number): Uint8Array {
    this.#view.setUint32(NONCE_OFFSET, nonce, true);
    return this.bytes;
  }
}

/** The first 32 bits of a hash as it is shown, which are its last. */
function topOf(hash: Uint8Array): number {
  return (hash[31]! * 0x1000000 + (hash[30]! << 16) + (hash[29]! << 8) + hash[28]!) >>> 0;
}
