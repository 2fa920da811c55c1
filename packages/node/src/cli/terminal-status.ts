import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import type { Chain } from "../chain/chain.ts";

const REDRAW_MS = 1000;

/** The chain's progress for people: one line that renews itself in a terminal, one line a block elsewhere. */
export class TerminalStatus {
  readonly #chain: Pick<Chain, "tip" | "events">;
  readonly #isTerminal = process.stdout.isTTY === true;
  #unsubscribe: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(chain: Pick<Chain, "tip" | "events">) {
    this.#chain = chain;
  }

  begin(): void {
    this.#show();
    this.#unsubscribe = this.#chain.events.subscribe(
      (event) => {
        if (event.type === "tip-changed") this.#show();
      },
      { name: "terminal", overflow: "lose" },
    );
    if (this.#isTerminal) this.#timer = setInterval(() => this.#show(), REDRAW_MS).unref();
  }

  close(): void {
    this.#unsubscribe?.();
    clearInterval(this.#timer);
    process.stdout.write(this.#isTerminal && this.#timer ? "\nStopping …\n" : "Stopping …\n");
  }

  #show(): void {
    const { header, height } = this.#chain.tip;
    const hash = displayHash(header.hash);
    if (!this.#isTerminal) {
      process.stdout.write(`height ${height}  ${hash}\n`);
      return;
    }
    const ageSeconds = Math.max(0, Math.round(Date.now() / 1000 - header.time));
    process.stdout.write(`\r\x1b[K  height ${height}  ${hash.slice(0, 16)}…  ${ageSeconds} s ago`);
  }
}
