import type { ApiError } from "./errors.ts";

/** Trying again: what is worth it, and after how long. */

const BACKOFF_MS = 200;
const BACKOFF_MS_MAX = 5_000;
/** A node that asks for a longer wait is not tried again: the caller is told how long it is. */
export const RETRY_AFTER_MS_MAX = 30_000;

/** Whether the same request may do better later. */
export function isPassing({ kind, retryAfterMs = 0 }: ApiError): boolean {
  const isSo = kind === "network" || kind === "timeout" || kind === "unavailable" || kind === "rate-limited";
  return isSo && retryAfterMs <= RETRY_AFTER_MS_MAX;
}

/**
 * How long to wait before try number `attempt` (from 1) is made: what the node asks for, or else any time up to a limit that doubles, so
 * that clients which failed together do not come back together.
 */
export function retryDelayMs(attempt: number, { retryAfterMs }: ApiError, random: () => number): number {
  const jitterMs = random() * Math.min(BACKOFF_MS_MAX, BACKOFF_MS * 2 ** (attempt - 1));
  return retryAfterMs === undefined ? jitterMs : retryAfterMs + random() * BACKOFF_MS;
}

/** `Retry-After` in milliseconds: seconds, or a date (RFC 9110, 10.2.3); `undefined` where it is neither. */
export function retryAfterMsOf(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined;
  if (/^\s*\d{1,9}\s*$/.test(header)) return Number(header) * 1000;
  const dateMs = Date.parse(header);
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs);
}

/** Waits. Rejects with the signal's reason where that comes first. */
export function pause(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const stop = () => {
      clearTimeout(timer);
      reject(signal!.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, delayMs);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
