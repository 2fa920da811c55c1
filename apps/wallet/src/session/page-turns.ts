import type { Turns } from "@bitfleet/wallet/steps.ts";

/** Work goes on for so long, then the page draws and hears its reader: half of what is felt as a delay, since the last step may be a long one. */
const TURN_MS = 25;

/**
 * Turns of a page while it does long work. `pause` resolves behind what waits; `clockMs` never goes back. All work of a page shares them, so that two
 * of them take no longer between two turns than one.
 */
export class PageTurns implements Turns {
  readonly #pause: () => Promise<void>;
  readonly #clockMs: () => number;
  #sinceMs: number;

  constructor(pause: () => Promise<void> = messageTurn, clockMs: () => number = () => performance.now()) {
    this.#pause = pause;
    this.#clockMs = clockMs;
    this.#sinceMs = clockMs();
  }

  isDue(): boolean {
    return this.#clockMs() - this.#sinceMs >= TURN_MS;
  }

  async give(): Promise<void> {
    await this.#pause();
    this.#sinceMs = this.#clockMs();
  }
}

/** Behind the events that wait already. A timer would be held back to one a second or minute in a page that is not looked at. */
function messageTurn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
