import { toReversedHex } from "@bitfleet/protocol/bytes/bytes.ts";
import type { NonceSearch } from "@bitfleet/protocol/crypto/nonce-search.ts";

/** Places in the memory that the pool shares with its workers: of 32-bit words, and of 64-bit words. */
export const JOB_INDEX = 0;
export const HASH_COUNT_INDEX = 1;
export const CONTROL_SIZE = 16;

const NONCE_OFFSET = 76;
/** A worker looks whether its job is wanted still every so many milliseconds or sooner: a new tip waits no longer than that. */
const SLICE_MS_MAX = 10;
const SLICE_HASHES_FIRST = 1024;
const SLICE_HASHES_MAX = 1 << 20;

/** Nonces of one header for one worker. */
export interface SearchPart {
  /** 80 bytes. */
  readonly header: Uint8Array;
  readonly target: bigint;
  readonly from: number;
  readonly count: number;
}

export interface SearchWatch {
  /** False when the search is to end. Asked every {@link SLICE_MS_MAX} or so. */
  readonly isWanted: () => boolean;
  /** Told of hashes as they are made. */
  readonly hashed: (count: number) => void;
  readonly nowMs: () => number;
}

/** Searches the part in slices of some milliseconds. `hash` is SHA-256d, for the few nonces whose first 32 bits fit. */
export function searchPart(
  { header, target, from, count }: SearchPart,
  search: NonceSearch,
  hash: (bytes: Uint8Array) => Uint8Array,
  watch: SearchWatch,
): { readonly nonce: number | undefined; readonly triesCount: number } {
  const bytes = Uint8Array.from(header);
  const view = new DataView(bytes.buffer);
  const topTarget = Number(target >> 224n);
  let sliceHashes = SLICE_HASHES_FIRST;
  let triesCount = 0;
  search.begin(header);
  while (triesCount < count && watch.isWanted()) {
    const sliceCount = Math.min(sliceHashes, count - triesCount);
    const startedMs = watch.nowMs();
    const nonce = search.find(from + triesCount, sliceCount, topTarget);
    const tried = nonce === undefined ? sliceCount : nonce - from - triesCount + 1;
    triesCount += tried;
    watch.hashed(tried);
    if (nonce !== undefined) {
      view.setUint32(NONCE_OFFSET, nonce, true);
      if (BigInt(`0x${toReversedHex(hash(bytes))}`) <= target) return { nonce, triesCount };
      continue;
    }
    const tookMs = watch.nowMs() - startedMs;
    if (tookMs > SLICE_MS_MAX / 2) sliceHashes = Math.max(Math.floor(sliceHashes / 2), SLICE_HASHES_FIRST / 16);
    else if (tookMs < SLICE_MS_MAX / 4) sliceHashes = Math.min(sliceHashes * 2, SLICE_HASHES_MAX);
  }
  return { nonce: undefined, triesCount };
}
