import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import type { Chain } from "../chain/chain.ts";
import { progressBar } from "./get-info.ts";

const REDRAW_MS = 1000;
const BAR_WIDTH = 24;
const COLUMNS_DEFAULT = 80;
/** What is over sooner is not worth a line where lines stay. */
const LINES_AFTER_MS = 1000;
const LINES_EVERY_PERCENT = 10;

/** Where progress is shown: a line that renews itself in a terminal, lines that stay anywhere else. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Whether a line can be written over. */
export function renewsLines(output: Output): boolean {
  return output.isTTY === true && process.env.TERM !== "dumb";
}

/** Renews the present line; text that is wider than the terminal is cut, or the line could not be renewed. */
export function renew(output: Output, text: string): void {
  output.write(`\r\x1b[K${text.slice(0, Math.max(1, (output.columns || COLUMNS_DEFAULT) - 1))}`);
}

/** How far something long has come. */
export class ProgressLine {
  readonly #output: Output;
  readonly #startedMs = performance.now();
  #step = "";
  #percent = 0;
  #isShown = false;

  constructor(output: Output = process.stdout) {
    this.#output = output;
  }

  show(step: string, percent: number): void {
    const whole = Math.floor(percent);
    if (step === this.#step && whole === this.#percent) return;
    if (renewsLines(this.#output)) {
      const bar = whole > 0 ? `  ${progressBar(whole / 100, BAR_WIDTH)} ${whole}%` : "";
      renew(this.#output, `  ${step}${bar}`);
      this.#isShown = true;
    } else {
      const isNear = step === this.#step && whole < this.#percent + LINES_EVERY_PERCENT;
      if (isNear || performance.now() - this.#startedMs < LINES_AFTER_MS) return;
      this.#output.write(`${step}${whole > 0 ? ` ${whole}%` : ""}\n`);
    }
    this.#step = step;
    this.#percent = whole;
  }

  /** Takes the line away, for what is printed next. */
  clear(): void {
    if (this.#isShown) renew(this.#output, "");
    this.#isShown = false;
  }
}

/** The chain's tip for people: one line that renews itself in a terminal, one line a block elsewhere. */
export class TerminalStatus {
  readonly #chain: Pick<Chain, "tip" | "events">;
  readonly #output: Output;
  #unsubscribe: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(chain: Pick<Chain, "tip" | "events">, output: Output = process.stdout) {
    this.#chain = chain;
    this.#output = output;
  }

  begin(): void {
    this.#show();
    this.#unsubscribe = this.#chain.events.subscribe(
      (event) => {
        if (event.type === "tip-changed") this.#show();
      },
      { name: "terminal", overflow: "lose" },
    );
    if (renewsLines(this.#output)) this.#timer = setInterval(() => this.#show(), REDRAW_MS).unref();
  }

  close(): void {
    this.#unsubscribe?.();
    clearInterval(this.#timer);
    this.#output.write(this.#timer ? "\nStopping …\n" : "Stopping …\n");
  }

  #show(): void {
    const { header, height } = this.#chain.tip;
    const hash = displayHash(header.hash);
    if (!renewsLines(this.#output)) {
      this.#output.write(`height ${height}  ${hash}\n`);
      return;
    }
    const ageSeconds = Math.max(0, Math.round(Date.now() / 1000 - header.time));
    renew(this.#output, `  height ${height}  ${ageText(ageSeconds)}  ${hash.slice(0, 16)}…`);
  }
}

/** `5 s ago`, `12 min ago`, `3 h ago`, `40 days ago`. */
export function ageText(seconds: number): string {
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 60 * 60) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 2 * 24 * 60 * 60) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} days ago`;
}
