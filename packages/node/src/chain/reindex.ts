import { join } from "node:path";
import { equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { DecodeError } from "@bitfleet/protocol/bytes/cursor.ts";
import { checkBlock } from "@bitfleet/protocol/consensus/check-block.ts";
import { rejectText } from "@bitfleet/protocol/consensus/verdict.ts";
import { type Block, decodeBlock } from "@bitfleet/protocol/primitives/block.ts";
import { displayHash, type HashKey, hashKey } from "@bitfleet/protocol/primitives/types.ts";
import type { FilePosition } from "../ports.ts";
import { blockFileName } from "../storage/block-files.ts";
import { holdsBlockData, listBlockFiles, scanBlockFile, scanBlockFiles } from "../storage/block-scan.ts";
import { StorageError } from "../storage/storage-error.ts";
import { socketTurn } from "../turns.ts";
import { acceptBlock } from "./accept-block.ts";
import type { Chainstate } from "./chainstate.ts";
import { StartupError } from "./startup-error.ts";

/** Blocks that stand in the files before the block they build upon. More are left out, and downloaded again. */
export const OUT_OF_ORDER_BLOCKS_MAX = 500_000;

/** Entries of the index that change before they are written, so that an interrupted reindex goes on from there. */
const FLUSH_ENTRIES = 10_000;
/** Blocks between two turns of the event loop. */
const BLOCKS_PER_TURN = 16;

export interface ReindexOptions {
  readonly useXor: boolean;
  readonly outOfOrderMax?: number;
  readonly onProgress?: (percent: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Puts every block that is in the block files into the index, without connecting any. Blocks that the index has are passed
 * over. False where it was interrupted; to be called again then.
 */
export async function importBlockFiles(state: Chainstate, options: ReindexOptions): Promise<boolean> {
  const { blocksPath, network } = state.options;
  const allFiles = await listBlockFiles(blocksPath);
  const importer = new Importer(state, options.outOfOrderMax ?? OUT_OF_ORDER_BLOCKS_MAX);
  let file = -1;
  let count = 0;
  let hasIntactBlock = false;
  for await (const { position, bytes, block } of scanBlockFiles({
    blocksPath,
    magic: network.magic,
    useXor: options.useXor,
  })) {
    if (position.file !== file) {
      file = position.file;
      const percent = Math.floor((allFiles.indexOf(file) * 100) / allFiles.length);
      state.deps.log.info(`Reindexing block file ${blockFileName("blk", file)} (${percent}% complete)...`);
      options.onProgress?.(percent);
    }
    state.deps.files.keepBlock(position, bytes.length);
    hasIntactBlock ||= isIntact(state, block);
    await importer.take(block, position);
    if (state.deps.index.dirtyCount >= FLUSH_ENTRIES) await state.flush();
    if (++count % BLOCKS_PER_TURN === 0) await socketTurn();
    if (options.signal?.aborted) return false;
  }
  if (!hasIntactBlock) await requireNoData(blocksPath, allFiles);
  const { storedCount, leftOutCount, waitingCount } = importer;
  state.deps.log.info("Loaded blocks from the block files", { storedCount, waitingCount, leftOutCount });
  if (waitingCount + leftOutCount > 0) {
    const lost = "Some blocks in the block files were left out: the block that they build upon is missing or broken";
    state.deps.log.warn(lost, { path: blocksPath, count: waitingCount + leftOutCount });
  }
  return true;
}

/**
 * Takes in every block of a file in the same format but without obfuscation (`-loadblock`), without connecting any. Blocks
 * that stand before the block they build upon are left out, as in Core. False where it was interrupted. Rejects with
 * `StorageError` of that path where the file cannot be read.
 */
export async function importBlockFile(state: Chainstate, path: string, signal?: AbortSignal): Promise<boolean> {
  const importer = new Importer(state, 0);
  let count = 0;
  for await (const { block } of scanBlockFile(path, state.options.network.magic)) {
    await importer.take(block, undefined);
    if (state.deps.index.dirtyCount >= FLUSH_ENTRIES) await state.flush();
    if (++count % BLOCKS_PER_TURN === 0) await socketTurn();
    if (signal?.aborted) return false;
  }
  const { storedCount, leftOutCount } = importer;
  state.deps.log.info(`Loaded ${storedCount} blocks from external file`, { path, leftOutCount });
  return true;
}

/** What a wrong key makes of a block decodes now and then, but its header commits to something else. */
function isIntact({ params, deps }: Chainstate, block: Block): boolean {
  return checkBlock(block, params, { pow: true, merkle: true, secp256k1: deps.secp256k1 }) === undefined;
}

/** Blocks that cannot be read are not written over, as the first new block would. */
async function requireNoData(blocksPath: string, files: readonly number[]): Promise<void> {
  for (const file of files) {
    if (!(await holdsBlockData(blocksPath, file))) continue;
    const path = join(blocksPath, blockFileName("blk", file));
    throw new StartupError(
      `No block can be read from ${path}, though it is not empty: xor.dat beside it is not the one it was written with, or the file is damaged. Put the right xor.dat back, or move the block files away to start anew.`,
    );
  }
}

class Importer {
  readonly #state: Chainstate;
  readonly #waitingMax: number;
  /** Where blocks stand whose previous block has not come yet, by that block. */
  readonly #waiting = new Map<HashKey, FilePosition[]>();
  waitingCount = 0;
  leftOutCount = 0;
  storedCount = 0;

  constructor(state: Chainstate, waitingMax: number) {
    this.#state = state;
    this.#waitingMax = waitingMax;
  }

  /** `position` where the block is in the block files already; else it is added to them. */
  async take(block: Block, position: FilePosition | undefined): Promise<void> {
    const { index, log } = this.#state.deps;
    const isGenesis = equalBytes(block.hash, this.#state.params.genesis.hash);
    const hasPrevious = isGenesis || index.find(block.header.previousBlockHash) !== undefined;
    if (!hasPrevious) {
      const [hash, parent] = [block.hash, block.header.previousBlockHash].map(displayHash);
      log.debug("reindex", `LoadExternalBlockFile: Out of order block ${hash}, parent ${parent} not known`);
      return this.#hold(block, position);
    }
    if (!this.#store(block, position)) return;
    const queue = [hashKey(block.hash)];
    for (let key = queue.shift(); key !== undefined; key = queue.shift()) {
      for (const child of this.#release(key)) {
        const held = await this.#read(child);
        if (held === undefined) continue;
        const [hash, parent] = [held.hash, held.header.previousBlockHash].map(displayHash);
        log.debug("reindex", `LoadExternalBlockFile: Processing out of order child ${hash} of ${parent}`);
        if (this.#store(held, child)) queue.push(hashKey(held.hash));
      }
    }
  }

  /** True where the index has the block's header now. */
  #store(block: Block, position: FilePosition | undefined): boolean {
    const state = this.#state;
    const { log, secp256k1, index } = state.deps;
    if (index.find(block.hash)?.hasData) return true;
    const reject = checkBlock(block, state.params, { pow: true, merkle: true, secp256k1 });
    const options = { requested: true, minPowChecked: true, ...(position && { position }) };
    const accepted = reject === undefined ? acceptBlock(state, block, options) : undefined;
    const refused = reject ?? accepted?.reject;
    if (refused !== undefined) {
      log.warn("a block in the block files was refused", {
        block: displayHash(block.hash),
        reason: rejectText(refused),
      });
      return false;
    }
    this.storedCount++;
    return true;
  }

  #hold(block: Block, position: FilePosition | undefined): void {
    if (position === undefined || this.waitingCount >= this.#waitingMax) {
      this.leftOutCount++;
      return;
    }
    this.waitingCount++;
    const key = hashKey(block.header.previousBlockHash);
    const held = this.#waiting.get(key);
    if (held === undefined) this.#waiting.set(key, [position]);
    else held.push(position);
  }

  #release(key: HashKey): readonly FilePosition[] {
    const held = this.#waiting.get(key) ?? [];
    this.#waiting.delete(key);
    this.waitingCount -= held.length;
    return held;
  }

  async #read(position: FilePosition): Promise<Block | undefined> {
    try {
      return decodeBlock(await this.#state.deps.files.readBlock(position));
    } catch (error) {
      if (error instanceof DecodeError || error instanceof StorageError) return undefined;
      throw error;
    }
  }
}
