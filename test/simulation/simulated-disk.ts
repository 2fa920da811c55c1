import type { ChainStorage } from "../../packages/node/src/chain/open-chain.ts";
import type { KvStore } from "../../packages/node/src/ports.ts";
import type { BlockStorage } from "../../packages/node/src/storage/block-files.ts";
import { openMemoryBlocks } from "../../packages/node/src/storage/memory-block-files.ts";
import { openMemoryStore } from "../../packages/node/src/storage/memory-store.ts";

/** A disk as one run of a node sees it. */
export interface DiskSession {
  readonly storage: ChainStorage;
  /** The process is dead: whatever is left of it writes no more. */
  cut(): void;
}

interface Contents {
  readonly chainstate: KvStore;
  readonly index: KvStore;
  readonly blocks: BlockStorage;
}

/** Databases and block files of one node, in memory. They outlive the node's restarts, as what is on a disk does. */
export class SimulatedDisk {
  readonly #contents: Contents;

  constructor(
    contents: Contents = { chainstate: openMemoryStore(), index: openMemoryStore(), blocks: openMemoryBlocks() },
  ) {
    this.#contents = contents;
  }

  /** Another disk with what this one holds now. */
  copy(): SimulatedDisk {
    const { chainstate, index, blocks } = this.#contents;
    return new SimulatedDisk({
      chainstate: openMemoryStore(chainstate),
      index: openMemoryStore(index),
      blocks: openMemoryBlocks(blocks),
    });
  }

  open(): DiskSession {
    let isCut = false;
    const guarded = (store: KvStore): KvStore => ({
      get: (key) => store.get(key),
      getMany: (keys) => store.getMany(keys),
      iterate: (range) => store.iterate(range),
      newBatch: () => store.newBatch(),
      write: (batch, options) => (isCut ? new Promise(() => {}) : store.write(batch, options)),
      snapshot: () => store.snapshot(),
      approximateSize: (range) => store.approximateSize(range),
      close: () => store.close(),
    });
    const { chainstate, index, blocks } = this.#contents;
    const stores = { chainstate: guarded(chainstate), index: guarded(index) };
    return {
      storage: { openStore: async (name) => stores[name], openBlocks: async () => blocks },
      cut: () => {
        isCut = true;
      },
    };
  }
}
