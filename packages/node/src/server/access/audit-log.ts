import { closeSync, openSync, writeSync } from "node:fs";
import { withoutSecrets } from "@bitfleet/api/secrets.ts";
import type { Clock, Logger } from "../../ports.ts";
import { type BucketPolicy, TokenBuckets } from "./token-buckets.ts";

/** A call to what only some may do. */
export interface AuditEntry {
  /** The key, by name; absent where none was sent, or one that is none. */
  readonly key?: string | undefined;
  readonly role?: string | undefined;
  readonly address: string;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly status: number;
  /** Why it failed, as the answer says. */
  readonly error?: string | undefined;
  readonly requestId: string;
  /** Fields of the body, without secrets. */
  readonly body?: unknown;
}

/**
 * Of calls that were refused so many are written at once, and then six a minute: some megabytes a day, whoever floods the server. How
 * many were left out stands in the next line that is written.
 */
const REFUSED_LINES: BucketPolicy = { capacity: 100, refillPerSecond: 0.1 };
const PATH_SHOWN_MAX = 200;
const BODY_SHOWN_MAX = 2_000;
const ERROR_SHOWN_MAX = 200;
/** How often the log says that the file cannot be written. */
const COMPLAINT_MS = 60_000;

/**
 * The audit log: a JSON object a line, of every call to /api/admin and /api/wallet. A line is on its way to disk before the answer of
 * its call leaves. Readable by its owner alone.
 */
export class AuditLog {
  readonly #path: string;
  readonly #deps: { readonly clock: Pick<Clock, "monotonicMs">; readonly log: Logger };
  readonly #refused = new TokenBuckets(1);
  #leftOutCount = 0;
  #complainedMs = Number.NEGATIVE_INFINITY;
  #fd: number | undefined;

  constructor(path: string, deps: { readonly clock: Pick<Clock, "monotonicMs">; readonly log: Logger }) {
    this.#path = path;
    this.#deps = deps;
  }

  /** Throws the system's error where the file cannot be opened. */
  open(): void {
    this.#fd = openSync(this.#path, "a", 0o600);
  }

  /** Goes on in a new file of the same name, after the old one was moved away (log rotation). */
  reopen(): void {
    const old = this.#fd;
    if (old === undefined) return;
    try {
      this.open();
      closeSync(old);
    } catch (error) {
      this.#complain(error);
    }
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  write(entry: AuditEntry): void {
    if (this.#fd === undefined) return;
    if (
      isFromAnybody(entry) &&
      !this.#refused.take("refused", REFUSED_LINES, this.#deps.clock.monotonicMs()).isAllowed
    ) {
      this.#leftOutCount++;
      return;
    }
    const leftOutCount = this.#leftOutCount;
    this.#leftOutCount = 0;
    try {
      writeSync(this.#fd, lineOf(entry, leftOutCount));
    } catch (error) {
      // The call has been made by now. Whoever must not lose a line watches the disk.
      this.#complain(error);
    }
  }

  #complain(error: unknown): void {
    const nowMs = this.#deps.clock.monotonicMs();
    if (nowMs - this.#complainedMs < COMPLAINT_MS) return;
    this.#complainedMs = nowMs;
    const reason = String((error as NodeJS.ErrnoException).code ?? error);
    this.#deps.log.error("The audit log cannot be written", { file: this.#path, reason });
  }
}

/** Whether it was refused to somebody without a key, or beyond what the key is for: what anybody can do without end. */
function isFromAnybody({ key, status }: AuditEntry): boolean {
  return status >= 400 && (key === undefined || status === 403 || status === 429);
}

/** JSON escapes control characters, but not these, which a terminal might obey as well. */
const UNESCAPED = /[\x7f-\x9f\u2028\u2029]/g;
const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

const resultOf = (status: number) => (status < 400 ? "ok" : status < 500 ? "refused" : "failed");

function lineOf(
  { key, role, address, method, path, status, error, requestId, body }: AuditEntry,
  leftOutCount: number,
): string {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const line = {
    time: new Date().toISOString(),
    key: key ?? null,
    role: role ?? null,
    address,
    method,
    path: withoutSecrets(path).slice(0, PATH_SHOWN_MAX),
    status,
    result: resultOf(status),
    error: error === undefined ? undefined : withoutSecrets(error).slice(0, ERROR_SHOWN_MAX),
    request_id: requestId,
    body: text !== undefined && text.length > BODY_SHOWN_MAX ? `(${text.length} characters)` : body,
    left_out: leftOutCount === 0 ? undefined : leftOutCount,
  };
  return `${JSON.stringify(line).replace(UNESCAPED, escaped)}\n`;
}
