import type { PageEvent, PageEvents } from "./page-events.ts";

interface PendingLink {
  readonly id: number;
  readonly uri: string;
}

/**
 * The payment link (BIP21) that is on its way to a page of the wallet. It is kept until a page says that it has it: one that is just loading, was
 * loaded anew or ended meanwhile gets it as soon as it listens. There is one, the last that was opened.
 */
export class DeepLinks {
  readonly #events: PageEvents;
  #pending: PendingLink | undefined;
  #lastId = 0;
  readonly #waiting = new Set<() => void>();

  constructor(events: PageEvents) {
    this.#events = events;
  }

  /** For the pages that listen now, or else the next that does. */
  show(uri: string): void {
    this.keep(uri);
    this.#events.send("wallet", eventOf(this.#pending!));
  }

  /** For the next page that comes. */
  keep(uri: string): void {
    this.#pending = { id: ++this.#lastId, uri };
  }

  /** A window is opened with a newer link in its address. */
  forget(): void {
    this.#pending = undefined;
  }

  /** What a page that begins to listen is told. */
  forNewPage(): PageEvent | undefined {
    return this.#pending && eventOf(this.#pending);
  }

  /** A page has taken the link `id`. */
  taken(id: unknown): void {
    if (this.#pending === undefined || this.#pending.id !== id) return;
    this.#pending = undefined;
    for (const tell of [...this.#waiting]) tell();
  }

  /** The link itself, for a page that asks: it is taken with the answer. */
  take(): string | undefined {
    const pending = this.#pending;
    if (pending !== undefined) this.taken(pending.id);
    return pending?.uri;
  }

  /** Whether it is taken within a time. */
  async isTakenWithin(timeoutMs: number): Promise<boolean> {
    if (this.#pending === undefined) return true;
    return new Promise((resolve) => {
      const end = (isTaken: boolean) => {
        clearTimeout(clock);
        this.#waiting.delete(onTaken);
        resolve(isTaken);
      };
      const onTaken = () => end(true);
      const clock = setTimeout(() => end(false), timeoutMs);
      this.#waiting.add(onTaken);
    });
  }
}

const eventOf = ({ id, uri }: PendingLink): PageEvent => ({ name: "deep-link", data: { uri, id } });
