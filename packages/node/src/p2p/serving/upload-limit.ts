import type { Clock } from "../../ports.ts";

/** Length of a cycle in which the limit holds. */
const CYCLE_SECONDS = 24 * 60 * 60;
/** Kept free for each ten minutes that are left of the cycle: a block of full size must always get out. */
const BLOCK_RESERVE_BYTES = 4_000_000;
const BLOCK_INTERVAL_SECONDS = 600;

const UNITS: Readonly<Record<string, number>> = {
  k: 1000,
  K: 1024,
  m: 1000 ** 2,
  M: 1024 ** 2,
  g: 1000 ** 3,
  G: 1024 ** 3,
  t: 1000 ** 4,
  T: 1024 ** 4,
};

/** Bytes of `-maxuploadtarget`: digits with a unit (k m g t in thousands, K M G T in 1024s; M where there is none), or `undefined`. */
export function parseUploadTarget(text: string): number | undefined {
  const [, digits, unit = "M"] = /^(\d+)([kKmMgGtT]?)$/.exec(text.trim()) ?? [];
  if (digits === undefined) return undefined;
  const bytes = Number(digits) * UNITS[unit === "" ? "M" : unit]!;
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** The state of the limit, as getnettotals shows it. */
export interface UploadTarget {
  readonly timeframeSeconds: number;
  readonly targetBytes: number;
  readonly isReached: boolean;
  readonly servesHistoricalBlocks: boolean;
  readonly bytesLeft: number;
  readonly secondsLeft: number;
}

/** `-maxuploadtarget`: how much may still be sent in the day that is under way. Counts all traffic besides. */
export class UploadLimit {
  readonly #targetBytes: number;
  readonly #clock: Clock;
  #cycleStartSeconds = 0;
  #cycleBytes = 0;
  bytesReceived = 0;
  bytesSent = 0;

  /** `targetBytes` 0: no limit. */
  constructor(targetBytes: number, clock: Clock) {
    this.#targetBytes = targetBytes;
    this.#clock = clock;
  }

  count(received: number, sent: number): void {
    this.bytesReceived += received;
    if (sent === 0) return;
    this.bytesSent += sent;
    const now = this.#nowSeconds();
    if (this.#cycleStartSeconds + CYCLE_SECONDS < now) {
      this.#cycleStartSeconds = now;
      this.#cycleBytes = 0;
    }
    this.#cycleBytes += sent;
  }

  /** Whether nothing more may be sent that can wait; for old blocks already while enough for new ones is left. */
  isReached(forHistoricalBlocks: boolean): boolean {
    const target = this.#targetBytes;
    if (target === 0) return false;
    if (!forHistoricalBlocks) return this.#cycleBytes >= target;
    const reserve = (this.#secondsLeft() / BLOCK_INTERVAL_SECONDS) * BLOCK_RESERVE_BYTES;
    return reserve >= target || this.#cycleBytes >= target - reserve;
  }

  state(): UploadTarget {
    const targetBytes = this.#targetBytes;
    return {
      timeframeSeconds: CYCLE_SECONDS,
      targetBytes,
      isReached: this.isReached(false),
      servesHistoricalBlocks: !this.isReached(true),
      bytesLeft: targetBytes === 0 ? 0 : Math.max(targetBytes - this.#cycleBytes, 0),
      secondsLeft: targetBytes === 0 ? 0 : this.#secondsLeft(),
    };
  }

  #secondsLeft(): number {
    if (this.#cycleStartSeconds === 0) return CYCLE_SECONDS;
    return Math.max(this.#cycleStartSeconds + CYCLE_SECONDS - this.#nowSeconds(), 0);
  }

  #nowSeconds(): number {
    return Math.floor(this.#clock.nowMs() / 1000);
  }
}
