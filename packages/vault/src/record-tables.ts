import type { CheckedChange } from "./check-input.ts";
import { COLLECTIONS, type Collection, type RecordValue, type VaultRecord } from "./vault.ts";

/** A record as it is kept: its value as JSON. */
export interface RecordText {
  readonly collection: Collection;
  readonly key: string;
  readonly text: string;
}

/** All records of an open vault in memory, as JSON: what is answered is the caller's own, and what was given may change later. */
export class RecordTables {
  readonly #tables = new Map<Collection, Map<string, string>>(COLLECTIONS.map((name) => [name, new Map()]));

  get(collection: Collection, key: string): RecordValue | undefined {
    const text = this.#tables.get(collection)!.get(key);
    return text === undefined ? undefined : JSON.parse(text);
  }

  /** In the order of their keys. */
  list(collection: Collection, prefix: string): VaultRecord[] {
    const keys = [...this.#tables.get(collection)!.keys()].filter((key) => key.startsWith(prefix)).sort();
    return keys.map((key) => ({ key, value: this.get(collection, key)! }));
  }

  /** The same records, apart from these. */
  copy(): RecordTables {
    const copy = new RecordTables();
    for (const [name, table] of this.#tables) copy.#tables.set(name, new Map(table));
    return copy;
  }

  apply(changes: readonly CheckedChange[]): void {
    for (const { collection, key, text } of changes) {
      const table = this.#tables.get(collection)!;
      if (text === undefined) table.delete(key);
      else table.set(key, text);
    }
  }

  /** Every record, collection by collection. */
  *all(): Generator<RecordText> {
    for (const [collection, table] of this.#tables) for (const [key, text] of table) yield { collection, key, text };
  }

  clear(): void {
    for (const table of this.#tables.values()) table.clear();
  }
}
