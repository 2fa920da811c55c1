import type { Hash256 } from "@bitfleet/protocol/primitives/types.ts";

/**
 * Hex through Node's own functions. A block has some ten thousand byte strings to show: put together digit by digit, as where
 * there is no Node, they would cost more than all else.
 */

/** Lower-case hex of `bytes`, first byte first. */
export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}

/** A hash as people write it, last byte first. */
export function hashText(hash: Hash256): string {
  return Buffer.from(hash).reverse().toString("hex");
}
