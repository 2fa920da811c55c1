import type { Worker } from "node:worker_threads";
import { validTarget } from "@bitfleet/protocol/consensus/pow.ts";
import type { NonceSearchKind } from "@bitfleet/protocol/crypto/nonce-search.ts";
import { type BlockHeader, encodeBlockHeader } from "@bitfleet/protocol/primitives/block.ts";
import type { Clock, Logger } from "../ports.ts";
import { startThread } from "../worker-thread.ts";
import { HashMeter } from "./hash-meter.ts";
import type { HashReply, HashRequest, HashWorkerData } from "./hash-worker.ts";
import { type HeaderSearch, type SearchResult, searchNonce, withNonce } from "./proof-of-work.ts";
import { CONTROL_SIZE, HASH_COUNT_INDEX, JOB_INDEX } from "./search-part.ts";

/** More threads than this only share nonces that one machine never gets to. */
export const HASH_THREADS_MAX = 64;

const NONCE_COUNT = 2 ** 32;
/** Up to so many hashes expected, the calling thread finds a nonce before a worker would have been told: regtest needs two. */
const INLINE_WORK_MAX = 4096;
/** Workers that may crash before the pool gives them up and hashes on the calling thread. */
const CRASHES_MAX = 3;
const ALL_KINDS: readonly NonceSearchKind[] = ["four-lanes", "one-lane", "javascript"];

export interface HashPoolOptions {
  /** Worker threads; 0 hashes on the calling thread. */
  readonly threadCount: number;
  /** The worker's program: `hash-worker.ts` beside this file where absent, its bundle for the executables. */
  readonly workerUrl?: URL;
  /** Ways of hashing that may be used, best first; all where absent. */
  readonly kinds?: readonly NonceSearchKind[];
}

export interface HashPoolDependencies {
  readonly clock: Pick<Clock, "monotonicMs">;
  readonly log: Logger;
}

interface Job {
  readonly id: number;
  readonly header: BlockHeader;
  readonly waiting: Set<Worker>;
  triesCount: number;
  found: BlockHeader | undefined;
  readonly resolve: (result: SearchResult) => void;
}

/** Worker threads that look for nonces, started with the first header that is worth it. They do one header at a time. */
export class HashPool implements HeaderSearch {
  readonly #options: HashPoolOptions;
  readonly #deps: HashPoolDependencies;
  readonly #workers = new Set<Worker>();
  readonly #control = new SharedArrayBuffer(CONTROL_SIZE);
  readonly #wanted = new Int32Array(this.#control);
  readonly #hashCount = new BigInt64Array(this.#control);
  readonly #meter: HashMeter;
  #job: Job | undefined;
  #jobCount = 0;
  #inlineHashCount = 0n;
  #crashCount = 0;
  #isSearching = false;
  #isClosed = false;

  constructor(options: HashPoolOptions, deps: HashPoolDependencies) {
    this.#options = options;
    this.#deps = deps;
    this.#meter = new HashMeter(
      () => this.hashCount,
      () => deps.clock.monotonicMs(),
    );
  }

  /** Workers that are running now. */
  get workerCount(): number {
    return this.#workers.size;
  }

  /** Hashes made since the start, those of a search under way included. */
  get hashCount(): bigint {
    return Atomics.load(this.#hashCount, HASH_COUNT_INDEX) + this.#inlineHashCount;
  }

  get hashesPerSecond(): number {
    return this.#meter.hashesPerSecond;
  }

  /** As {@link searchNonce}. Throws where a search is under way already. */
  async search(header: BlockHeader, powLimit: bigint, triesMax: number, signal: AbortSignal): Promise<SearchResult> {
    if (this.#isSearching) throw new Error("the hash pool does one header at a time");
    this.#isSearching = true;
    this.#meter.begin();
    try {
      return await this.#search(header, powLimit, triesMax, signal);
    } finally {
      this.#meter.end();
      this.#isSearching = false;
    }
  }

  async #search(header: BlockHeader, powLimit: bigint, triesMax: number, signal: AbortSignal): Promise<SearchResult> {
    if (signal.aborted) return { header: undefined, triesCount: 0 };
    const target = validTarget(header.bits, { powLimit });
    const isEasy = target !== undefined && (1n << 256n) / (target + 1n) <= INLINE_WORK_MAX;
    if (target === undefined || isEasy || triesMax <= 0 || !this.#startWorkers()) {
      const result = await searchNonce(header, powLimit, triesMax, signal);
      this.#inlineHashCount += BigInt(result.triesCount);
      return result;
    }
    const stop = () => this.#want(0);
    signal.addEventListener("abort", stop, { once: true });
    try {
      return await this.#run(header, target, triesMax);
    } finally {
      signal.removeEventListener("abort", stop);
      this.#job = undefined;
    }
  }

  /** Ends the workers, and with them what they search. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#want(0);
    await Promise.all([...this.#workers].map((worker) => worker.terminate()));
  }

  #run(header: BlockHeader, target: bigint, triesMax: number): Promise<SearchResult> {
    return new Promise((resolve) => {
      const id = (this.#jobCount % 0x7fff_ffff) + 1;
      this.#jobCount++;
      const job: Job = { id, header, waiting: new Set(this.#workers), triesCount: 0, found: undefined, resolve };
      this.#job = job;
      this.#want(id);
      const bytes = encodeBlockHeader(header);
      const total = Math.min(triesMax, NONCE_COUNT - header.nonce);
      const share = Math.ceil(total / job.waiting.size);
      for (const [index, worker] of [...job.waiting].entries()) {
        const from = header.nonce + index * share;
        const count = Math.max(0, Math.min(share, header.nonce + total - from));
        const request: HashRequest = { job: id, header: bytes, target, from, count };
        worker.ref();
        worker.postMessage(request);
      }
    });
  }

  /** Workers see it within their next slice; 0 is no job. */
  #want(job: number): void {
    Atomics.store(this.#wanted, JOB_INDEX, job);
  }

  /** False where there are no workers, by option, after crashes, or because the pool is closed. */
  #startWorkers(): boolean {
    if (this.#isClosed || this.#crashCount >= CRASHES_MAX) return false;
    while (this.#workers.size < this.#options.threadCount) this.#workers.add(this.#startWorker());
    return this.#workers.size > 0;
  }

  #startWorker(): Worker {
    const data: HashWorkerData = { control: this.#control, kinds: this.#options.kinds ?? ALL_KINDS };
    const worker = startThread(this.#options.workerUrl ?? new URL("./hash-worker.ts", import.meta.url), data);
    worker.unref();
    worker.on("message", (reply: HashReply) => this.#answered(worker, reply));
    worker.on("error", (error) => this.#deps.log.error("a hash worker failed", { error: String(error) }));
    worker.on("exit", () => this.#exited(worker));
    return worker;
  }

  #answered(worker: Worker, { job: id, nonce, triesCount }: HashReply): void {
    worker.unref();
    const job = this.#job;
    if (job === undefined || job.id !== id) return;
    job.triesCount += triesCount;
    if (nonce !== undefined && job.found === undefined) {
      job.found = withNonce(job.header, nonce);
      // One is enough: the others are told to stop.
      this.#want(0);
    }
    this.#left(worker, job);
  }

  /** A worker is gone: its nonces are not tried, and the others go on. */
  #exited(worker: Worker): void {
    this.#workers.delete(worker);
    if (!this.#isClosed) {
      this.#crashCount++;
      this.#deps.log.warn("a hash worker ended", { crashes: this.#crashCount });
    }
    if (this.#job !== undefined) this.#left(worker, this.#job);
  }

  #left(worker: Worker, job: Job): void {
    job.waiting.delete(worker);
    if (job.waiting.size > 0) return;
    job.resolve({ header: job.found, triesCount: job.triesCount });
  }
}
