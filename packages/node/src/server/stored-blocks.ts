import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import { DecodeError } from "@bitfleet/protocol/bytes/cursor.ts";
import type { BlockUndo } from "@bitfleet/protocol/consensus/chain-view.ts";
import { type Block, decodeBlock } from "@bitfleet/protocol/primitives/block.ts";
import type { BlockIndexEntry } from "../chain/block-index.ts";
import type { Chain } from "../chain/chain.ts";
import { StorageError } from "../storage/storage-error.ts";

/** Blocks and undo data from disk for calls that show them; what cannot be read is an error in Core's words. */

/** Bytes of a block that we should have. */
export async function storedBytes(chain: Pick<Chain, "readBlockBytes">, entry: BlockIndexEntry): Promise<Uint8Array> {
  if (!entry.hasData) throw new RpcError(RpcErrorCode.MISC_ERROR, "Block not available (not fully downloaded)");
  return orRpcError(chain.readBlockBytes(entry), RpcErrorCode.MISC_ERROR, "Block not found on disk");
}

/** A block that we should have. */
export async function storedBlock(chain: Pick<Chain, "readBlockBytes">, entry: BlockIndexEntry): Promise<Block> {
  return decodeStored(await storedBytes(chain, entry));
}

/** The coins that a block spent; -1 where it was never connected. Genesis spends none. */
export async function storedUndo(chain: Pick<Chain, "readUndo">, entry: BlockIndexEntry): Promise<BlockUndo> {
  if (entry.height === 0) return { transactions: [] };
  if (!entry.hasUndo) throw new RpcError(RpcErrorCode.MISC_ERROR, "Undo data not available");
  return orRpcError(chain.readUndo(entry), RpcErrorCode.MISC_ERROR, "Can't read undo data from disk");
}

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
