import type { Chain } from "../chain/chain.ts";
import type { KvStore } from "../ports.ts";
import { AddressView } from "./address-view.ts";
import { AddressWriter } from "./address-writer.ts";
import {
  DatabaseIndex,
  type DatabaseIndexDependencies,
  type DatabaseIndexOptions,
  openIndexParts,
} from "./database-index.ts";

export type AddressIndexDependencies = DatabaseIndexDependencies & { readonly chain: Pick<Chain, "isOnDisk"> };

/**
 * `-addressindex`: history, unspent outputs and totals of every script of the active chain. Unlike Core's indexes it goes back
 * with the tip, so that it never has what the chain has left.
 */
export class AddressIndex extends DatabaseIndex {
  /** Opens or creates the index. Rejects with `StorageError` or `StartupError`. */
  static async open(options: DatabaseIndexOptions, deps: AddressIndexDependencies): Promise<AddressIndex> {
    const { chain } = deps;
    const writerOf = (store: KvStore) => new AddressWriter({ store, chain, path: options.path });
    return new AddressIndex(await openIndexParts(options, deps, writerOf));
  }

  /** Reads the index as it is now, whatever blocks come meanwhile. */
  async read<Value>(work: (view: AddressView) => Promise<Value>): Promise<Value> {
    const snapshot = this.store.snapshot();
    try {
      return await work(new AddressView(snapshot));
    } finally {
      await snapshot.close();
    }
  }
}
