import { closeSync, fstatSync, openSync, readSync, writeSync } from "node:fs";
import type { LogCategory, LogFacts, Logger } from "./ports.ts";
import { LOG_CATEGORIES, type LogOptions, SILENT_CATEGORIES } from "./telemetry-options.ts";

/** What is kept of a log file that has grown by more than a tenth beyond it, in bytes, as Core keeps it. */
const LOG_HISTORY_BYTES = 10_000_000;

/** What is remembered of the time before the file is open, in lines. */
const EARLY_LINES_MAX = 1000;

type Level = "debug" | "info" | "warning" | "error";

/** Where one part of the program writes from. */
interface Origin {
  readonly thread: string;
}

/**
 * Bitcoin Core's debug.log: `2026-11-23T16:37:42Z [thread] [category] message`. Each line is on its way to disk when the
 * call returns, so that a caller who then gets an answer finds the line. Lines written before {@link open} wait for it.
 */
export class Telemetry {
  readonly #options: LogOptions;
  readonly #enabled: Set<string>;
  #fd: number | undefined;
  #isOpen = false;
  readonly #early: string[] = [];
  readonly #mockTime: () => number;

  constructor(options: LogOptions, mockTimeSeconds: () => number) {
    this.#options = options;
    this.#mockTime = mockTimeSeconds;
    this.#enabled = new Set(options.categories);
  }

  /** Full path of the file, or "" where none is written. */
  get file(): string {
    return this.#options.file ?? "";
  }

  /** Throws the system's error where the file cannot be opened. */
  open(): void {
    const { file } = this.#options;
    if (file !== undefined) {
      if (this.#options.shrink) shrinkLogFile(file);
      this.#fd = openSync(file, "a", 0o600);
      writeSync(this.#fd, "\n\n\n\n\n");
    }
    this.#isOpen = true;
    for (const line of this.#early.splice(0)) this.#emit(line);
  }

  /** Goes on in a new file of the same name, after the old one was moved away (log rotation). */
  reopen(): void {
    if (this.#fd === undefined) return;
    const fd = openSync(this.file, "a", 0o600);
    closeSync(this.#fd);
    this.#fd = fd;
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  logger(thread: string): Logger {
    return loggerFor(this, { thread });
  }

  /** Every category, and whether its debug messages are written. */
  categories(): Readonly<Record<string, boolean>> {
    return Object.fromEntries(LOG_CATEGORIES.map((name) => [name, this.#enabled.has(name)]));
  }

  /** Switches a category, or with `all`, `1` or `""` every one. False where there is no such category. */
  enable(category: string, on: boolean): boolean {
    const isAll = category === "all" || category === "1" || category === "";
    const names = isAll ? LOG_CATEGORIES : LOG_CATEGORIES.filter((name) => name === category);
    for (const name of names) on ? this.#enabled.add(name) : this.#enabled.delete(name);
    return names.length > 0 || SILENT_CATEGORIES.includes(category);
  }

  isEnabled(category: LogCategory): boolean {
    return this.#enabled.has(category) && this.#options.level !== "info";
  }

  write(origin: Origin, level: Level, category: LogCategory | undefined, message: string, facts?: LogFacts): void {
    this.#emit(`${this.#prefix(origin, level, category)}${printable(message)}${factsText(facts)}\n`);
  }

  #emit(line: string): void {
    if (!this.#isOpen) {
      if (this.#early.length < EARLY_LINES_MAX) this.#early.push(line);
      return;
    }
    if (this.#fd !== undefined) writeWhole(this.#fd, line);
    if (this.#options.console) writeWhole(process.stdout.fd, line);
  }

  #prefix(origin: Origin, level: Level, category: LogCategory | undefined): string {
    const options = this.#options;
    let prefix = options.timestamps ? `${this.#timestamp()} ` : "";
    if (options.threadNames) prefix += `[${origin.thread}] `;
    if (options.sourceLocations) prefix += `[${origin.thread}:0] [${origin.thread}] `;
    return prefix + levelTag(level, category, options.levelAlways);
  }

  #timestamp(): string {
    // Wall-clock time even while the consensus rules see a mocked one, which then stands beside it.
    const now = performance.timeOrigin + performance.now();
    const seconds = new Date(now).toISOString().slice(0, 19);
    const micros = String(Math.floor((now % 1000) * 1000)).padStart(6, "0");
    const time = this.#options.timeMicros ? `${seconds}.${micros}Z` : `${seconds}Z`;
    const mocked = this.#mockTime();
    return mocked > 0 ? `${time} (mocktime: ${new Date(mocked * 1000).toISOString().slice(0, 19)}Z)` : time;
  }
}

function loggerFor(telemetry: Telemetry, origin: Origin): Logger {
  return {
    debug(category, message, facts) {
      if (telemetry.isEnabled(category)) telemetry.write(origin, "debug", category, message, facts);
    },
    info: (message, facts) => telemetry.write(origin, "info", undefined, message, facts),
    warn: (message, facts) => telemetry.write(origin, "warning", undefined, message, facts),
    error: (message, facts) => telemetry.write(origin, "error", undefined, message, facts),
    child: (module) => loggerFor(telemetry, { thread: module }),
  };
}

/** `[net] `, `[net:warning] `, `[error] `, or nothing for what needs no mark. */
function levelTag(level: Level, category: LogCategory | undefined, always: boolean): string {
  if (!always && category === undefined && level === "info") return "";
  const names = [
    ...(category !== undefined ? [category] : always ? ["all"] : []),
    ...(always || category === undefined || level !== "debug" ? [level] : []),
  ];
  return `[${names.join(":")}] `;
}

function factsText(facts: LogFacts | undefined): string {
  if (facts === undefined) return "";
  let text = "";
  for (const [name, value] of Object.entries(facts)) {
    if (value === undefined) continue;
    const shown = printable(String(value));
    text += ` ${name}=${/[\s"]/.test(shown) ? JSON.stringify(shown) : shown}`;
  }
  return text;
}

/** Control characters as `\x1b`, since text of peers and users must not steer a terminal; line breaks stay. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
  return text.replace(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/g, (character) => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
}

/** A pipe whose reader is slow or gone must neither stop the node nor end it. */
function writeWhole(fd: number, line: string): void {
  try {
    writeSync(fd, line);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== "EAGAIN" && code !== "EPIPE" && code !== "ENOSPC") throw error;
  }
}

/** Keeps the last {@link LOG_HISTORY_BYTES} of a file that is clearly longer. */
function shrinkLogFile(path: string): void {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch {
    return;
  }
  const { size } = fstatSync(fd);
  const excess = size > LOG_HISTORY_BYTES * 1.1;
  const kept = Buffer.alloc(excess ? LOG_HISTORY_BYTES : 0);
  const count = excess ? readSync(fd, kept, 0, kept.length, size - kept.length) : 0;
  closeSync(fd);
  if (!excess) return;
  const out = openSync(path, "w", 0o600);
  writeSync(out, kept, 0, count);
  closeSync(out);
}
