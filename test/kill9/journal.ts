import { closeSync, existsSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { type Block, decodeBlock } from "@bitfleet/protocol/primitives/block.ts";
import { type HashKey, hashKey } from "@bitfleet/protocol/primitives/types.ts";

/**
 * Every block that was ever made for a directory, kept where no pruning finds it: size in four bytes, then the block. What was
 * written is there after a kill, but for a last record that may be cut off.
 */

const fileIn = (dataPath: string) => join(dataPath, "journal.dat");

/** Returns the function that adds a block. */
export function openJournal(dataPath: string): (block: Block) => void {
  const file = openSync(fileIn(dataPath), "a");
  process.on("exit", () => closeSync(file));
  return ({ bytes }) => {
    const record = Buffer.alloc(4 + bytes.length);
    record.writeUInt32LE(bytes.length);
    record.set(bytes, 4);
    writeSync(file, record);
  };
}

/** The blocks by hash; what follows a record that was cut off is found no more. */
export function readJournal(dataPath: string): ReadonlyMap<HashKey, Block> {
  // None where the process was killed before it began.
  const bytes = existsSync(fileIn(dataPath)) ? readFileSync(fileIn(dataPath)) : Buffer.alloc(0);
  const blocks = new Map<HashKey, Block>();
  for (let start = 0; start + 4 <= bytes.length; ) {
    const end = start + 4 + bytes.readUInt32LE(start);
    if (end > bytes.length) break;
    const block = decodeBlock(Uint8Array.from(bytes.subarray(start + 4, end)));
    blocks.set(hashKey(block.hash), block);
    start = end;
  }
  return blocks;
}
