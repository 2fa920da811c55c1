import type { Worker } from "node:worker_threads";
import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import type { Logger, ScriptFailure, ScriptVerifier, TransactionScripts } from "../ports.ts";
import { startThread } from "../worker-thread.ts";
import { batchesOf, encodeBatch, type ScriptPart, verifyParts } from "./script-batch.ts";
import type { ScriptWorkerData, ScriptWorkerReply, ScriptWorkerRequest } from "./script-worker.ts";

/** More threads than this have nothing to do on any block. */
export const SCRIPT_THREADS_MAX = 16;

/** Inputs in a batch: enough to be worth a message, few enough that workers end at about the same time. */
const BATCH_INPUTS_MIN = 16;
const BATCH_INPUTS_MAX = 128;

/** Batches at one worker: one that it checks and one that waits there, so that it is never idle while we encode. */
const WORKER_BATCHES_MAX = 2;

/** Workers that may crash before the pool gives them up and checks everything itself. */
const CRASHES_MAX = 3;

/**
 * Jobs up to both limits are checked on the calling thread: for two inputs the way to a worker and back costs more than their
 * signatures, and a private network whose blocks are small then never starts a worker at all (each loads its own library, 10 MB
 * and more). The worst that fits is 201 signature checks an input, the limit of operations: some tens of milliseconds.
 */
const INLINE_INPUTS_MAX = 2;
const INLINE_BYTES_MAX = 1000;

/** Inputs checked on the calling thread before it looks at its sockets again, where there are no workers. */
const INLINE_SLICE_INPUTS = 16;

export interface ScriptPoolOptions {
  /** Worker threads; 0 checks everything on the calling thread. See {@link scriptThreadCount}. */
  readonly threadCount: number;
  /** The worker's program: `script-worker.ts` beside this file where absent, its bundle for the executables. */
  readonly workerUrl?: URL;
  /** Which signature library the workers load. */
  readonly preference: "auto" | "native" | "portable";
}

export interface ScriptPoolDependencies {
  /** For what is checked on the calling thread. */
  readonly secp256k1: Secp256k1;
  readonly log: Logger;
}

/**
 * Worker threads for `-par=par` on a machine of `coreCount` cores: 0 one for each core, 1 none, below 0 so many cores left
 * free. The thread that reads sockets never joins in, so that the count is of workers.
 */
export function scriptThreadCount(par: number, coreCount: number): number {
  if (par === 1) return 0;
  if (par > 1) return Math.min(par, SCRIPT_THREADS_MAX);
  return Math.max(par === 0 ? 1 : 0, Math.min(coreCount + par, SCRIPT_THREADS_MAX));
}

/** One call of `verifyAll` on its way through the workers. */
interface Run {
  readonly batches: readonly (readonly ScriptPart[])[];
  readonly flags: number;
  next: number;
  outstanding: number;
  /** The earliest batch with a failure so far; later ones need no check. */
  failedBatch: number;
  failure: ScriptFailure | undefined;
  readonly resolve: (failure: ScriptFailure | undefined) => void;
  readonly reject: (error: unknown) => void;
}

interface Assignment {
  readonly run: Run;
  readonly batch: number;
}

interface PoolWorker {
  readonly worker: Worker;
  /** Oldest first, as the replies come. */
  readonly assigned: Assignment[];
}

/** Checks scripts in worker threads, which are started with the first job that needs them. */
export class ScriptPool implements ScriptVerifier {
  readonly #options: ScriptPoolOptions;
  readonly #deps: ScriptPoolDependencies;
  readonly #workers: PoolWorker[] = [];
  readonly #runs: Run[] = [];
  #crashCount = 0;
  #isClosed = false;

  constructor(options: ScriptPoolOptions, deps: ScriptPoolDependencies) {
    this.#options = options;
    this.#deps = deps;
  }

  /** Workers that are running now. */
  get workerCount(): number {
    return this.#workers.length;
  }

  /** Batches that no worker has yet. */
  get waitingBatchCount(): number {
    return this.#runs.reduce((count, { next, failedBatch }) => count + Math.max(failedBatch - next, 0), 0);
  }

  async verifyAll(transactions: readonly TransactionScripts[], flags: number): Promise<ScriptFailure | undefined> {
    let inputCount = 0;
    let byteCount = 0;
    for (const { tx } of transactions) {
      inputCount += tx.inputs.length;
      byteCount += tx.size;
    }
    if (inputCount === 0) return undefined;
    const isTiny = inputCount <= INLINE_INPUTS_MAX && byteCount <= INLINE_BYTES_MAX;
    if (isTiny || !this.#startWorkers()) return this.#verifyHere(transactions, flags);
    const share = Math.ceil(inputCount / (this.#workers.length * 4));
    const batches = batchesOf(transactions, Math.min(Math.max(share, BATCH_INPUTS_MIN), BATCH_INPUTS_MAX));
    return new Promise((resolve, reject) => {
      const failedBatch = batches.length;
      this.#runs.push({ batches, flags, next: 0, outstanding: 0, failedBatch, failure: undefined, resolve, reject });
      this.#dispatch();
    });
  }

  /**
   * Ends the workers when each has answered what it has; what nobody has yet is checked on the calling thread. They are asked and not
   * terminated: a thread that ends in the middle of loading a native library (or of calling it) takes the whole process along, with SIGABRT,
   * as the library finds that it can neither call into JavaScript nor throw.
   */
  async close(): Promise<void> {
    this.#isClosed = true;
    const ends = this.#workers.map(({ worker }) => new Promise((resolve) => worker.once("exit", resolve)));
    const last: ScriptWorkerRequest = { bytes: undefined };
    for (const { worker } of this.#workers) {
      worker.ref();
      worker.postMessage(last);
    }
    await Promise.all(ends);
  }

  /** False where there are no workers, by option, after crashes, or because the pool is closed. */
  #startWorkers(): boolean {
    if (this.#isClosed || this.#crashCount >= CRASHES_MAX) return false;
    while (this.#workers.length < this.#options.threadCount) this.#workers.push(this.#startWorker());
    return this.#workers.length > 0;
  }

  #startWorker(): PoolWorker {
    const data: ScriptWorkerData = { secp256k1: this.#options.preference };
    const url = this.#options.workerUrl ?? new URL("./script-worker.ts", import.meta.url);
    const poolWorker: PoolWorker = { worker: startThread(url, data), assigned: [] };
    const { worker } = poolWorker;
    worker.unref();
    worker.on("message", (reply: ScriptWorkerReply) => this.#answered(poolWorker, reply.failure));
    worker.on("error", (error) => this.#deps.log.error("a script worker failed", { error: String(error) }));
    worker.on("exit", () => this.#exited(poolWorker));
    return poolWorker;
  }

  #dispatch(): void {
    if (this.#isClosed) return;
    // One batch to each worker before anyone gets its second.
    for (let load = 0; load < WORKER_BATCHES_MAX; load++) {
      for (const poolWorker of this.#workers) {
        if (poolWorker.assigned.length !== load) continue;
        const assignment = this.#nextAssignment();
        if (assignment === undefined) return;
        const bytes = encodeBatch(assignment.run.batches[assignment.batch]!, assignment.run.flags);
        const request: ScriptWorkerRequest = { bytes };
        if (poolWorker.assigned.push(assignment) === 1) poolWorker.worker.ref();
        poolWorker.worker.postMessage(request, [bytes.buffer]);
      }
    }
  }

  #nextAssignment(): Assignment | undefined {
    for (const run of this.#runs) {
      if (run.next >= run.failedBatch) continue;
      run.outstanding++;
      return { run, batch: run.next++ };
    }
    return undefined;
  }

  #answered(poolWorker: PoolWorker, failure: ScriptFailure | undefined): void {
    const assignment = poolWorker.assigned.shift()!;
    if (poolWorker.assigned.length === 0 && !this.#isClosed) poolWorker.worker.unref();
    this.#finish(assignment, failure);
    this.#dispatch();
  }

  #finish({ run, batch }: Assignment, failure: ScriptFailure | undefined): void {
    run.outstanding--;
    if (failure !== undefined && batch < run.failedBatch) {
      run.failedBatch = batch;
      run.failure = failure;
    }
    if (run.outstanding > 0 || run.next < run.failedBatch) return;
    const index = this.#runs.indexOf(run);
    if (index < 0) return;
    this.#runs.splice(index, 1);
    run.resolve(run.failure);
  }

  /** A worker is gone: whatever it had is checked here, so that no answer is ever missing. */
  #exited(poolWorker: PoolWorker): void {
    this.#workers.splice(this.#workers.indexOf(poolWorker), 1);
    if (!this.#isClosed) {
      this.#crashCount++;
      this.#deps.log.warn("a script worker ended; its work is done on the main thread", { crashes: this.#crashCount });
    }
    for (const assignment of poolWorker.assigned.splice(0)) this.#checkHere(assignment);
    // Nobody left to pull what waits.
    while (this.#workers.length === 0) {
      const assignment = this.#nextAssignment();
      if (assignment === undefined) break;
      this.#checkHere(assignment);
    }
    this.#dispatch();
  }

  #checkHere(assignment: Assignment): void {
    const { run, batch } = assignment;
    try {
      this.#finish(assignment, verifyParts(run.batches[batch]!, run.flags, this.#deps.secp256k1));
    } catch (error) {
      run.reject(error);
      const index = this.#runs.indexOf(run);
      if (index >= 0) this.#runs.splice(index, 1);
    }
  }

  async #verifyHere(transactions: readonly TransactionScripts[], flags: number): Promise<ScriptFailure | undefined> {
    for (const [index, batch] of batchesOf(transactions, INLINE_SLICE_INPUTS).entries()) {
      if (index > 0) await new Promise((resolve) => setImmediate(resolve));
      const failure = verifyParts(batch, flags, this.#deps.secp256k1);
      if (failure !== undefined) return failure;
    }
    return undefined;
  }
}
