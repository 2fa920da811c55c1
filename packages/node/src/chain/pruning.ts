import type { PruneLock } from "./prune-plan.ts";

/** `-prune`: files go when an operator says so, or so that all of them stay below a size. */
export type PruneMode = { readonly kind: "manual" } | { readonly kind: "automatic"; readonly targetBytes: number };

/** As in Bitcoin Core: the last 288 blocks, undo data and orphans included, do not fit into less. */
export const PRUNE_TARGET_BYTES_MIN = 550 * 1024 * 1024;

const BYTES_PER_MIB = 1024 * 1024;

/** What is decided and remembered about the deletion of old blocks. */
export class Pruning {
  /** `undefined` where nothing is ever deleted. */
  readonly mode: PruneMode | undefined;
  /** Blocks were deleted, now or in an earlier run: data that is missing is no damage. */
  hasPruned: boolean;
  /** False until everybody who needs old blocks has said so: nothing is deleted before. */
  isStarted = false;
  /** Something was written that may have made the files too large. */
  isDue = false;
  readonly #locks = new Map<string, PruneLock>();

  constructor(mode: PruneMode | undefined, hasPruned: boolean) {
    this.mode = mode;
    this.hasPruned = hasPruned;
  }

  get locks(): Iterable<PruneLock> {
    return this.#locks.values();
  }

  /** Keeps the blocks from `height` on, and a few before, for whoever goes by `name`; in place of what was kept for it. */
  setLock(name: string, height: number): void {
    this.#locks.set(name, { name, height });
  }

  /** The names of the locks at `height` or above it, which are moved below: their owners will go back with the chain. */
  moveLocksBelow(height: number): readonly string[] {
    const moved = [...this.locks].filter((lock) => lock.height >= height).map(({ name }) => name);
    for (const name of moved) this.setLock(name, height - 1);
    return moved;
  }
}

/** What the operator is told at the start. */
export function pruneModeText(mode: PruneMode): string {
  if (mode.kind === "manual")
    return "Block pruning enabled. Use RPC call pruneblockchain(height) to manually prune block and undo files.";
  return `Prune configured to target ${Math.floor(mode.targetBytes / BYTES_PER_MIB)} MiB on disk for block and undo files.`;
}
