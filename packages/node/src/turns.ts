/** Handling this many bytes of a block in one step takes some milliseconds: between two such steps others have a turn. */
const LARGE_BLOCK_BYTES = 100_000;

/** Whether a block is worth a {@link socketTurn} between two steps of its handling. */
export function isLargeBlock({ bytes }: { readonly bytes: Uint8Array }): boolean {
  return bytes.length >= LARGE_BLOCK_BYTES;
}

/**
 * Lets sockets, timers and RPC have a turn in the middle of long work. One `setImmediate` does not do: called from a socket's
 * callback it runs before the event loop looks at its sockets again.
 */
export function socketTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}
