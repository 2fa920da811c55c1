import { equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import {
  buildBasicFilter,
  FIRST_PREVIOUS_FILTER_HEADER,
  filterHashOf,
  filterHeaderOf,
} from "@bitfleet/protocol/filters/block-filter.ts";
import type { Hash256 } from "@bitfleet/protocol/primitives/types.ts";
import type { BlockIndexEntry } from "../chain/block-index.ts";
import type { KvBatch, KvReader } from "../ports.ts";
import { FILTER_END_KEY, INDEX_HEIGHTS_TO, indexHashKey, indexHeightKey } from "../storage/keyspace.ts";
import { StorageError } from "../storage/storage-error.ts";
import type { FilterFiles } from "./filter-files.ts";
import {
  decodeFilterRecordAtHeight,
  encodeFilterPosition,
  encodeFilterRecord,
  encodeFilterRecordAtHeight,
} from "./filter-record.ts";
import type { IndexedBlock, IndexWriter } from "./index-runner.ts";

/** Makes the filters of the block filter index, and puts them where it reads them. */
export class FilterWriter implements IndexWriter {
  readonly name = "basic block filter index";
  readonly needsUndo = true;
  readonly #store: KvReader;
  readonly #files: FilterFiles;
  readonly #path: string;
  /** Of the block that was taken in last. */
  #header: Hash256 = FIRST_PREVIOUS_FILTER_HEADER;

  /** `path` is the index's folder, for messages. */
  constructor(store: KvReader, files: FilterFiles, path: string) {
    this.#store = store;
    this.#files = files;
    this.#path = path;
  }

  async load(best: BlockIndexEntry | undefined): Promise<void> {
    this.#header = best === undefined ? FIRST_PREVIOUS_FILTER_HEADER : await this.#headerOf(best);
  }

  async append(batch: KvBatch, { entry, block, undo }: IndexedBlock): Promise<void> {
    const filter = buildBasicFilter(block, await undo());
    const filterHash = filterHashOf(filter);
    const header = filterHeaderOf(filterHash, this.#header);
    const position = await this.#files.append(entry.hash, filter);
    const record = { blockHash: entry.hash, filterHash, header, position };
    batch.put(indexHeightKey(entry.height), encodeFilterRecordAtHeight(record));
    this.#header = header;
  }

  /** Keeps under their hashes the blocks whose heights others are about to take. */
  async rewind(batch: KvBatch, fork: BlockIndexEntry): Promise<void> {
    const above = this.#store.iterate({ from: indexHeightKey(fork.height + 1), to: INDEX_HEIGHTS_TO });
    for await (const { value } of above) {
      const record = decodeFilterRecordAtHeight(value);
      batch.put(indexHashKey(record.blockHash), encodeFilterRecord(record));
    }
    this.#header = await this.#headerOf(fork);
  }

  async beforeWrite(batch: KvBatch): Promise<void> {
    await this.#files.flush();
    batch.put(FILTER_END_KEY, encodeFilterPosition(this.#files.end));
  }

  async #headerOf(entry: BlockIndexEntry): Promise<Hash256> {
    const value = await this.#store.get(indexHeightKey(entry.height));
    const record = value && decodeFilterRecordAtHeight(value);
    if (record !== undefined && equalBytes(record.blockHash, entry.hash)) return record.header.slice();
    throw new StorageError(
      "corrupt",
      this.#path,
      `The block filter index in ${this.#path} is damaged: the header at height ${entry.height} is missing. Restart with -reindex.`,
    );
  }
}
