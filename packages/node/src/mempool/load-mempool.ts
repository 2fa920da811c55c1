import { DecodeError } from "@bitfleet/protocol/bytes/cursor.ts";
import type { Clock, Logger } from "../ports.ts";
import { SequentialReader } from "../storage/sequential-file.ts";
import { socketTurn } from "../turns.ts";
import type { Mempool } from "./mempool.ts";
import {
  readFeeDeltas,
  readMempoolHead,
  readStoredTransaction,
  readUnbroadcast,
  type StoredTransaction,
} from "./mempool-file.ts";

export interface LoadDependencies {
  readonly mempool: Pick<Mempool, "accept" | "get" | "has" | "options" | "prioritise" | "unbroadcast">;
  readonly clock: Pick<Clock, "nowMs">;
  readonly log: Logger;
  /** Ends it between two transactions. */
  readonly signal: AbortSignal;
}

/** What is taken over from the file besides its transactions. */
export interface LoadOptions {
  /** When transactions came: now, or when the file says. */
  readonly usesCurrentTime: boolean;
  readonly appliesFeeDeltas: boolean;
  readonly appliesUnbroadcast: boolean;
}

/** Of this node's own file. */
export const LOAD_ALL: LoadOptions = { usesCurrentTime: false, appliesFeeDeltas: true, appliesUnbroadcast: true };

interface Counts {
  succeeded: number;
  failed: number;
  expired: number;
  alreadyThere: number;
  unbroadcast: number;
}

/**
 * Takes the transactions of a mempool.dat as if they came now, one after the other, and lets others have their turns between
 * them. False where the file cannot be read to its end; what was read by then stays.
 */
export async function loadMempool(path: string, options: LoadOptions, deps: LoadDependencies): Promise<boolean> {
  const { log } = deps;
  const file = await SequentialReader.open(path).catch(() => undefined);
  if (file === undefined) {
    log.info("Failed to open mempool file. Continuing anyway.");
    return false;
  }
  try {
    return await loadFrom(file, options, deps);
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    log.info(`Failed to deserialize mempool data on file: ${error.message}. Continuing anyway.`);
    return false;
  } finally {
    await file.close();
  }
}

/** The file is to blame: it is damaged, or the disk does not give it. */
function isUnreadable(error: unknown): error is Error {
  return error instanceof DecodeError || (error instanceof Error && "syscall" in error);
}

async function loadFrom(file: SequentialReader, options: LoadOptions, deps: LoadDependencies): Promise<boolean> {
  const { mempool, log, signal } = deps;
  const total = await readMempoolHead(file);
  if (total === undefined) {
    log.info("The mempool file is of a version that is not known here. Continuing anyway.");
    return false;
  }
  const counts: Counts = { succeeded: 0, failed: 0, expired: 0, alreadyThere: 0, unbroadcast: 0 };
  log.info(`Loading ${total} mempool transactions from file...`);
  const progress = new Progress(total, log);
  for (let tried = 0; tried < total; tried++) {
    progress.report(tried);
    await take(await readStoredTransaction(file), options, deps, counts);
    if (signal.aborted) return false;
    await socketTurn();
  }
  for await (const { txid, delta } of readFeeDeltas(file)) {
    if (options.appliesFeeDeltas) mempool.prioritise(txid, delta);
  }
  for await (const txid of readUnbroadcast(file)) {
    if (!options.appliesUnbroadcast) continue;
    counts.unbroadcast++;
    const entry = mempool.get(txid);
    if (entry !== undefined) mempool.unbroadcast.add(entry.tx.txid);
  }
  log.info(
    `Imported mempool transactions from file: ${counts.succeeded} succeeded, ${counts.failed} failed, ` +
      `${counts.expired} expired, ${counts.alreadyThere} already there, ${counts.unbroadcast} waiting for initial broadcast`,
  );
  return true;
}

async function take(stored: StoredTransaction, options: LoadOptions, deps: LoadDependencies, counts: Counts) {
  const { mempool, clock } = deps;
  const { tx, feeDelta } = stored;
  const nowSeconds = Math.floor(clock.nowMs() / 1000);
  const timeSeconds = options.usesCurrentTime ? nowSeconds : stored.timeSeconds;
  if (feeDelta !== 0n && options.appliesFeeDeltas) mempool.prioritise(tx.txid, feeDelta);
  if (timeSeconds <= nowSeconds - mempool.options.expirySeconds) {
    counts.expired++;
    return;
  }
  const { kind } = await mempool.accept(tx, { timeSeconds });
  if (kind === "accepted") counts.succeeded++;
  else if (mempool.has(tx.txid)) counts.alreadyThere++;
  else counts.failed++;
}

/** Says so whenever a tenth more is done. */
class Progress {
  readonly #total: number;
  readonly #log: Logger;
  #tenths = 0;

  constructor(total: number, log: Logger) {
    this.#total = total;
    this.#log = log;
  }

  report(tried: number): void {
    const percent = Math.floor((100 * tried) / this.#total);
    const tenths = Math.floor(percent / 10);
    if (tenths <= this.#tenths) return;
    this.#tenths = tenths;
    const rest = `(tried ${tried}, ${this.#total - tried} remaining)`;
    this.#log.info(`Progress loading mempool transactions from file: ${percent}% ${rest}`);
  }
}
