import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import { DecodeError } from "@bitfleet/protocol/bytes/cursor.ts";
import type { BlockUndo } from "@bitfleet/protocol/consensus/chain-view.ts";
import { type Block, decodeBlock } from "@bitfleet/protocol/primitives/block.ts";
import type { BlockIndexEntry } from "../chain/block-index.ts";
import type { Chain } from "../chain/chain.ts";
import { StorageError } from "../storage/storage-error.ts";

/** Blocks and undo data from disk for calls that show them; what cannot be read is an error in Core's words. */

/** Bytes of a block that we should have. */
export async function storedBytes(
  chain: Pick<Chain, "readBlockBytes" | "isPruned">,
  entry: BlockIndexEntry,
): Promise<Uint8Array> {
  if (!entry.hasData) {
    const why = chain.isPruned(entry) ? "pruned data" : "not fully downloaded";
    throw new RpcError(RpcErrorCode.MISC_ERROR, `Block not available (${why})`);
  }
  return orRpcError(chain.readBlockBytes(entry), RpcErrorCode.MISC_ERROR, "Block not found on disk");
}

/** A block that we should have. */
export async function storedBlock(
  chain: Pick<Chain, "readBlockBytes" | "isPruned">,
  entry: BlockIndexEntry,
): Promise<Block> {
  return decodeStored(await storedBytes(chain, entry));
}

/** The coins that a block spent; -1 where it was never connected. Genesis spends none. */
export async function storedUndo(
  chain: Pick<Chain, "readUndo" | "isPruned">,
  entry: BlockIndexEntry,
): Promise<BlockUndo> {
  if (entry.height === 0) return { transactions: [] };
  if (!entry.hasUndo) {
    const message = `Undo data not available${chain.isPruned(entry) ? " (pruned data)" : ""}`;
    throw new RpcError(RpcErrorCode.MISC_ERROR, message);
  }
  return orRpcError(chain.readUndo(entry), RpcErrorCode.MISC_ERROR, "Can't read undo data from disk");
}

/** The coins that a block spent, for who has seen that we should have them; -32603 where they cannot be read. */
export function expectedUndo(chain: Pick<Chain, "readUndo">, entry: BlockIndexEntry): Promise<BlockUndo> {
  return orRpcError(chain.readUndo(entry), RpcErrorCode.INTERNAL_ERROR, unreadable("Undo"));
}

/** A block that we should have, for who has seen a transaction of it; -32603 where it cannot be read. */
export function expectedBlock(chain: Pick<Chain, "readBlock">, entry: BlockIndexEntry): Promise<Block> {
  return orRpcError(chain.readBlock(entry), RpcErrorCode.INTERNAL_ERROR, unreadable("Block"));
}

const unreadable = (what: string) =>
  `${what} data expected but can't be read. This could be due to disk corruption or a conflict with a pruning event.`;

/** What the disk holds was a block when it was written. */
export function decodeStored(bytes: Uint8Array): Block {
  try {
    return decodeBlock(bytes);
  } catch (error) {
    if (error instanceof DecodeError) throw new RpcError(RpcErrorCode.MISC_ERROR, "Block not found on disk");
    throw error;
  }
}

/** What `read` brings; the given error where the disk holds no such thing. */
export async function orRpcError<Value>(read: Promise<Value>, code: number, message: string): Promise<Value> {
  try {
    return await read;
  } catch (error) {
    if (error instanceof StorageError || error instanceof DecodeError) throw new RpcError(code, message);
    throw error;
  }
}
