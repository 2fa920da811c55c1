import { open } from "node:fs/promises";
import type { Logger } from "../ports.ts";
import { replaceFile } from "../storage/replace-file.ts";
import type { FeeRecord } from "./fee-estimator.ts";
import { decodeFeeRecord, encodeFeeRecord, FeeRecordError } from "./fee-record-codec.ts";

export interface FeeFileOptions {
  /** `<datadir>/<network>/fee_estimates.dat` */
  readonly path: string;
  /** `-acceptstalefeeestimates`: however old the file is. */
  readonly acceptsStale: boolean;
}

/** Older files, in whole hours, are left alone: fees have become others. */
const FILE_AGE_HOURS_MAX = 60;
/** More than the largest record that the format allows. */
const FILE_SIZE_MAX = 64 * 2 ** 20;
const HOUR_MS = 60 * 60 * 1000;

/**
 * What the last run knew; `undefined` where there is nothing that can be used, which the log tells in Core's words. `nowMs` is
 * the machine's time, that of the file system, and not what a test pretends.
 */
export async function loadFeeRecord(
  { path, acceptsStale }: FeeFileOptions,
  deps: { readonly log: Logger; readonly nowMs: () => number },
): Promise<FeeRecord | undefined> {
  const { log } = deps;
  const file = await readFeeFile(path);
  if (file === undefined) {
    log.info(`${path} is not found. Continue anyway.`);
    return undefined;
  }
  const ageHours = Math.trunc((deps.nowMs() - file.modifiedMs) / HOUR_MS);
  if (ageHours > FILE_AGE_HOURS_MAX && !acceptsStale) {
    const age = `age=${ageHours} > ${FILE_AGE_HOURS_MAX} hours`;
    log.warn(`Fee estimation file ${path} too old (${age}) and will not be used to avoid serving stale estimates.`);
    return undefined;
  }
  try {
    const record = decodeFeeRecord(file.bytes);
    if (!("oldVersion" in record)) return record;
    log.warn(`Incompatible old fee estimation data (non-fatal). Version: ${record.oldVersion}`);
  } catch (error) {
    if (!(error instanceof FeeRecordError)) throw error;
    log.warn(`Unable to read policy estimator data (non-fatal): ${error.message}`);
    log.warn(`Failed to read fee estimates from ${path}. Continue anyway.`);
  }
  return undefined;
}

/** Replaces the file at once. A failure is told in the log, and costs nothing but what would have been saved. */
export async function saveFeeRecord(path: string, record: FeeRecord, log: Logger): Promise<void> {
  const bytes = encodeFeeRecord(record);
  try {
    await replaceFile(path, bytes);
    log.debug("estimatefee", `Flushed fee estimates to ${path}.`);
  } catch {
    log.warn(`Failed to write fee estimates to ${path}. Continue anyway.`);
  }
}

/** Contents and age of the file, `undefined` where it cannot be opened, for whatever reason. */
async function readFeeFile(path: string) {
  const file = await open(path, "r").catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const { mtimeMs, size } = await file.stat();
    const bytes = new Uint8Array(Math.min(size, FILE_SIZE_MAX));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0).catch(() => ({ bytesRead: 0 }));
    return { modifiedMs: mtimeMs, bytes: bytes.subarray(0, bytesRead) };
  } finally {
    await file.close();
  }
}
