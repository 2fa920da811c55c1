import { rename, rm } from "node:fs/promises";
import type { Clock, Logger, Random } from "../ports.ts";
import { OBFUSCATION_KEY_SIZE } from "../storage/obfuscation.ts";
import { SequentialWriter } from "../storage/sequential-file.ts";
import { LOAD_ALL, type LoadOptions, loadMempool } from "./load-mempool.ts";
import type { Mempool } from "./mempool.ts";
import { type MempoolContents, type MempoolFileVersion, VERSION_OBFUSCATED, writeMempoolFile } from "./mempool-file.ts";

export interface MempoolKeeperOptions {
  /** Of mempool.dat. */
  readonly path: string;
  /** `-persistmempool`: read at the start, written at the end. */
  readonly isPersistent: boolean;
  /** What is written; 1 with `-persistmempoolv1`. Both are read. */
  readonly fileVersion: MempoolFileVersion;
}

export interface MempoolKeeperDependencies {
  readonly mempool: Mempool;
  readonly clock: Pick<Clock, "nowMs" | "monotonicMs">;
  readonly random: Pick<Random, "bytes">;
  readonly log: Logger;
}

/** Keeps the mempool over a restart, in mempool.dat. */
export class MempoolKeeper {
  readonly path: string;
  readonly #options: MempoolKeeperOptions;
  readonly #deps: MempoolKeeperDependencies;
  readonly #stopping = new AbortController();
  /** Loads come one after the other, and so do writes. */
  #loading: Promise<unknown> = Promise.resolve();
  #saving: Promise<unknown> = Promise.resolve();
  #isLoaded = false;

  constructor(options: MempoolKeeperOptions, deps: MempoolKeeperDependencies) {
    this.path = options.path;
    this.#options = options;
    this.#deps = deps;
  }

  /** Whether reading the last run's mempool is over, with or without success. */
  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  /** Reads the last run's mempool; resolves when that is over. Whoever follows the mempool's events does so by now. */
  async load(): Promise<void> {
    if (this.#options.isPersistent) await this.import(this.path, LOAD_ALL);
    this.#isLoaded = !this.#stopping.signal.aborted;
  }

  /** Takes the transactions of a file. False where it cannot be read to its end, as the log says. */
  import(path: string, options: LoadOptions): Promise<boolean> {
    const run = () => loadMempool(path, options, { ...this.#deps, signal: this.#stopping.signal });
    const loaded = this.#loading.then(run);
    this.#loading = loaded.catch(() => {});
    return loaded;
  }

  /** Writes the file. False where that fails, as the log says: what was there stays. */
  save(): Promise<boolean> {
    const saved = this.#saving.then(() => this.#save());
    this.#saving = saved.catch(() => {});
    return saved;
  }

  /** Ends loading, and writes the file for the next run; but not where the last one was not read to its end: it has more. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loading;
    if (this.#isLoaded && this.#options.isPersistent) await this.save();
  }

  async #save(): Promise<boolean> {
    const { log, clock, random } = this.#deps;
    const temporary = `${this.path}.new`;
    const startMs = clock.monotonicMs();
    const contents = this.#contents();
    const copiedMs = clock.monotonicMs();
    const isObfuscated = this.#options.fileVersion === VERSION_OBFUSCATED;
    log.info(`Writing ${contents.transactions.length} mempool transactions to file...`);
    log.info(`Writing ${contents.unbroadcast.length} unbroadcast transactions to file.`);
    try {
      const key = isObfuscated ? random.bytes(OBFUSCATION_KEY_SIZE) : undefined;
      const size = await writeAll(temporary, contents, key);
      await rename(temporary, this.path);
      const [copy, dump] = [copiedMs - startMs, clock.monotonicMs() - copiedMs].map((ms) => (ms / 1000).toFixed(3));
      log.info(`Dumped mempool: ${copy}s to copy, ${dump}s to dump, ${size} bytes dumped to file`);
      return true;
    } catch (error) {
      if (!(error instanceof Error && "syscall" in error)) throw error;
      log.info(`Failed to dump mempool: ${error.message}. Continuing anyway.`);
      await rm(temporary, { force: true }).catch(() => {});
      return false;
    }
  }

  /** The mempool as it is now. */
  #contents(): MempoolContents {
    const { mempool } = this.#deps;
    const entries = [...mempool.chunksInMiningOrder()].flatMap((chunk) => chunk.entries);
    return {
      transactions: entries.map(({ tx, timeSeconds, feeDelta }) => ({ tx, timeSeconds, feeDelta })),
      feeDeltas: mempool.feeDeltas.entries().filter(({ txid }) => !mempool.has(txid)),
      unbroadcast: mempool.unbroadcast.txids(),
    };
  }
}

/** Size of the file, which is on disk then. */
async function writeAll(path: string, contents: MempoolContents, key: Uint8Array | undefined): Promise<number> {
  const file = await SequentialWriter.create(path);
  try {
    await writeMempoolFile(file, contents, key);
    await file.commit();
    return file.size;
  } finally {
    await file.close();
  }
}
