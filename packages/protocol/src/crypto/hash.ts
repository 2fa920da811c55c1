import { concatBytes, equalBytes } from "../bytes/bytes.ts";
import {
  portableHmacSha256,
  portableRipemd160,
  portableSha1,
  portableSha256,
  portableSha256dOfPairs,
} from "./portable-hash.ts";
import { type HashKernel, loadHashKernel } from "./wasm/kernel.ts";
import { INPUT_SIZE_MAX } from "./wasm/layout.ts";

const BLOCK_SIZE = 64;

/** Tags whose midstates are kept. The protocol has about ten; whoever makes up more pays for each hash. */
const TAGS_CACHED_MAX = 64;

/** From this size a host's SHA-256 (with the CPU's own instructions) beats the kernel despite the cost of its call. */
export const HOST_SHA256_SIZE_MIN = 512;

/** Absent where the engine has no WebAssembly; then everything below falls back to plain JavaScript. */
const kernel: HashKernel | undefined = loadHashKernel();

let hostSha256: ((bytes: Uint8Array) => Uint8Array) | undefined;

/**
 * Lets a SHA-256 of the platform take over for input of {@link HOST_SHA256_SIZE_MIN} bytes and more: the browser has none
 * that is synchronous, Node's is two to six times as fast there. It changes no answer, so it is a setting of the thread
 * and not a parameter of every caller; a function that answers wrongly throws here. `undefined` takes it back.
 */
export function useHostSha256(host: ((bytes: Uint8Array) => Uint8Array) | undefined): void {
  const sample = Uint8Array.from({ length: 1000 }, (_, index) => index);
  if (host !== undefined && !equalBytes(host(sample), portableSha256(sample))) {
    throw new Error("the host's SHA-256 gives wrong answers");
  }
  hostSha256 = host;
}

/** True where the WebAssembly kernel is at work, for logs and benchmarks. */
export function hasHashKernel(): boolean {
  return kernel !== undefined;
}

export function sha256(bytes: Uint8Array): Uint8Array {
  const size = bytes.length;
  if (size >= HOST_SHA256_SIZE_MIN && hostSha256 !== undefined) return new Uint8Array(hostSha256(bytes));
  if (kernel === undefined) return portableSha256(bytes);
  if (size > INPUT_SIZE_MAX) kernel.finish(updateWithAllButLastPiece(kernel, bytes), lastPieceStart(size));
  else {
    kernel.input.set(bytes);
    kernel.sha256(size);
  }
  return new Uint8Array(kernel.digest32);
}

/** SHA-256 of SHA-256. */
export function sha256d(bytes: Uint8Array): Uint8Array {
  const size = bytes.length;
  if (kernel === undefined) return portableSha256(sha256(bytes));
  if (size >= HOST_SHA256_SIZE_MIN && hostSha256 !== undefined) {
    kernel.input.set(hostSha256(bytes));
    kernel.sha256(32);
  } else if (size > INPUT_SIZE_MAX) {
    kernel.finishDouble(updateWithAllButLastPiece(kernel, bytes), lastPieceStart(size));
  } else {
    kernel.input.set(bytes);
    kernel.sha256d(size);
  }
  return new Uint8Array(kernel.digest32);
}

/** {@link sha256d} of `parts`, joined. */
export function sha256dOfParts(parts: readonly Uint8Array[]): Uint8Array {
  let size = 0;
  for (const part of parts) size += part.length;
  if (kernel === undefined || size >= HOST_SHA256_SIZE_MIN) return sha256d(concatBytes(...parts));
  let offset = 0;
  for (const part of parts) {
    kernel.input.set(part, offset);
    offset += part.length;
  }
  kernel.sha256d(size);
  return new Uint8Array(kernel.digest32);
}

/** {@link sha256d} of each 64 bytes of `pairs`, joined: one level of a merkle tree. `pairs.length` is a multiple of 64. */
export function sha256dOfPairs(pairs: Uint8Array): Uint8Array {
  if (pairs.length % BLOCK_SIZE !== 0) throw new RangeError("expected whole pairs of 32-byte hashes");
  if (kernel === undefined) return portableSha256dOfPairs(pairs);
  const hashes = new Uint8Array(pairs.length / 2);
  for (let offset = 0; offset < pairs.length; offset += INPUT_SIZE_MAX) {
    const piece = pairs.subarray(offset, offset + INPUT_SIZE_MAX);
    kernel.input.set(piece);
    kernel.sha256dPairs(piece.length / BLOCK_SIZE);
    hashes.set(kernel.input.subarray(0, piece.length / 2), offset / 2);
  }
  return hashes;
}

export function ripemd160(bytes: Uint8Array): Uint8Array {
  if (kernel === undefined || bytes.length > INPUT_SIZE_MAX) return portableRipemd160(bytes);
  kernel.input.set(bytes);
  kernel.ripemd160(bytes.length);
  return new Uint8Array(kernel.digest20);
}

/** For OP_SHA1 only: broken as a hash, and rare. */
export function sha1(bytes: Uint8Array): Uint8Array {
  return portableSha1(bytes);
}

/** RIPEMD-160 of SHA-256: what addresses and pay-to-hash outputs carry. */
export function hash160(bytes: Uint8Array): Uint8Array {
  if (kernel === undefined || bytes.length >= HOST_SHA256_SIZE_MIN) return ripemd160(sha256(bytes));
  kernel.input.set(bytes);
  kernel.hash160(bytes.length);
  return new Uint8Array(kernel.digest20);
}

export function hmacSha256(key: Uint8Array, bytes: Uint8Array): Uint8Array {
  return portableHmacSha256(key, bytes);
}

interface TagPrefix {
  /** The tag's hash, twice: exactly one block. */
  readonly block: Uint8Array;
  /** The state after that block, where the kernel made it. */
  readonly midstate: Uint32Array | undefined;
}

const tagPrefixes = new Map<string, TagPrefix>();

/** BIP340: SHA-256 whose input begins with the tag's hash twice, so that no two uses collide. The parts are hashed joined. */
export function taggedHash(tag: string, ...parts: readonly Uint8Array[]): Uint8Array {
  const prefix = tagPrefixes.get(tag) ?? tagPrefixOf(tag);
  let size = 0;
  for (const part of parts) size += part.length;
  if (kernel === undefined || prefix.midstate === undefined || size > INPUT_SIZE_MAX) {
    return sha256(concatBytes(prefix.block, ...parts));
  }
  let offset = 0;
  for (const part of parts) {
    kernel.input.set(part, offset);
    offset += part.length;
  }
  kernel.state.set(prefix.midstate);
  kernel.finish(size, BLOCK_SIZE);
  return new Uint8Array(kernel.digest32);
}

function tagPrefixOf(tag: string): TagPrefix {
  const tagHash = sha256(new TextEncoder().encode(tag));
  const block = concatBytes(tagHash, tagHash);
  let midstate: Uint32Array | undefined;
  if (kernel !== undefined) {
    kernel.input.set(block);
    kernel.reset();
    kernel.update(1);
    midstate = new Uint32Array(kernel.state);
  }
  const prefix = { block, midstate };
  if (tagPrefixes.size < TAGS_CACHED_MAX) tagPrefixes.set(tag, prefix);
  return prefix;
}

/** Compresses every full piece but the last, leaves the last as the kernel's input and returns its size. */
function updateWithAllButLastPiece(kernel: HashKernel, bytes: Uint8Array): number {
  const end = lastPieceStart(bytes.length);
  kernel.reset();
  for (let offset = 0; offset < end; offset += INPUT_SIZE_MAX) {
    kernel.input.set(bytes.subarray(offset, offset + INPUT_SIZE_MAX));
    kernel.update(INPUT_SIZE_MAX / BLOCK_SIZE);
  }
  kernel.input.set(bytes.subarray(end));
  return bytes.length - end;
}

function lastPieceStart(size: number): number {
  return size - (size % INPUT_SIZE_MAX);
}
