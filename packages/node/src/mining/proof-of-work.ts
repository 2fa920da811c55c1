import { toReversedHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { validTarget } from "@bitfleet/protocol/consensus/pow.ts";
import { sha256d } from "@bitfleet/protocol/crypto/hash.ts";
import { BlockHeader, encodeBlockHeader } from "@bitfleet/protocol/primitives/block.ts";
import type { BlockHash } from "@bitfleet/protocol/primitives/types.ts";

const NONCE_OFFSET = 76;
const NONCE_COUNT = 2 ** 32;

/** Hashes between two looks at the event loop: a few milliseconds of work. */
const TRIES_PER_TURN = 5_000;

export interface SearchResult {
  /** The header with its proof of work; absent where the tries or all nonces did not suffice, or the search was stopped. */
  readonly header: BlockHeader | undefined;
  readonly triesCount: number;
}

/** Who looks for nonces; {@link searchNonce} does on this thread. */
export interface HeaderSearch {
  search(header: BlockHeader, powLimit: bigint, triesMax: number, signal: AbortSignal): Promise<SearchResult>;
  /** While it searches; 0 where nothing has been measured. */
  readonly hashesPerSecond: number;
}

/** Looks for a nonce, from the header's own on, that gives `header` its proof of work. Lets the event loop run meanwhile. */
export async function searchNonce(
  header: BlockHeader,
  powLimit: bigint,
  triesMax: number,
  signal: AbortSignal,
): Promise<SearchResult> {
  const target = validTarget(header.bits, { powLimit });
  if (target === undefined) return { header: undefined, triesCount: 0 };
  const bytes = encodeBlockHeader(header);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const topTarget = Number(target >> 224n);
  const last = Math.min(header.nonce + triesMax, NONCE_COUNT);
  for (let nonce = header.nonce; nonce < last; nonce++) {
    view.setUint32(NONCE_OFFSET, nonce, true);
    const hash = sha256d(bytes);
    if (isBelow(hash, target, topTarget)) {
      return { header: withNonce(header, nonce, hash as BlockHash), triesCount: nonce - header.nonce + 1 };
    }
    if ((nonce - header.nonce) % TRIES_PER_TURN === TRIES_PER_TURN - 1) {
      await nextTurn();
      if (signal.aborted) return { header: undefined, triesCount: nonce - header.nonce + 1 };
    }
  }
  return { header: undefined, triesCount: last - header.nonce };
}

/** The first four bytes decide nearly always; a number of 256 bits is made for the rest. */
function isBelow(hash: Uint8Array, target: bigint, topTarget: number): boolean {
  const top = (hash[31]! * 0x1000000 + (hash[30]! << 16) + (hash[29]! << 8) + hash[28]!) >>> 0;
  if (top !== topTarget) return top < topTarget;
  return BigInt(`0x${toReversedHex(hash)}`) <= target;
}

/** The header with another nonce; `hash` where it is known. */
export function withNonce(header: BlockHeader, nonce: number, hash?: BlockHash): BlockHeader {
  const { version, previousBlockHash, merkleRoot, time, bits } = header;
  return new BlockHeader({ version, previousBlockHash, merkleRoot, time, bits, nonce }, hash);
}

/** Lets sockets, timers and signals have their turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
