import type { ServerResponse } from "node:http";
import type { DesktopApp } from "../apps.ts";
import type { Look } from "../look-file.ts";

/** What a page is told of by itself. */
export type PageEvent =
  /** A payment link was opened elsewhere (BIP21). The page says by its number that it has taken it. */
  | { readonly name: "deep-link"; readonly data: { readonly uri: string; readonly id: number } }
  /** A further call of the program named a network: its page goes there. */
  | { readonly name: "network"; readonly data: { readonly url: string } }
  /** Another page was given another look. */
  | { readonly name: "look"; readonly data: Look }
  /** Somebody wants to see the window. */
  | { readonly name: "focus"; readonly data: Record<string, never> }
  /** A file was saved, and where, or why not. */
  | { readonly name: "download"; readonly data: { readonly path?: string; readonly error?: string } };

const STREAMS_MAX = 32;
/** A page whose stream broke opens it again after a second. */
const GONE_AFTER_MS = 5_000;
/** A line now and then shows whether the page is still there. */
const BEAT_MS = 10_000;

export interface PageEventsOptions {
  /** Is told when a stream came or went. */
  readonly onChange?: (() => void) | undefined;
  /** Is told of a page that has had no stream for a while: however it ended, it is not there any more. */
  readonly onGone?: ((page: string) => void) | undefined;
  readonly goneAfterMs?: number | undefined;
}

/** The pages that listen, and how many there are of each app. */
export class PageEvents {
  readonly #streams = new Map<ServerResponse, { readonly app: DesktopApp; readonly page: string | undefined }>();
  readonly #missing = new Map<string, NodeJS.Timeout>();
  readonly #comings: Record<DesktopApp, number> = { wallet: 0, admin: 0 };
  readonly #onChange: () => void;
  readonly #onGone: (page: string) => void;
  readonly #goneAfterMs: number;

  constructor({ onChange, onGone, goneAfterMs }: PageEventsOptions = {}) {
    this.#onChange = onChange ?? (() => {});
    this.#onGone = onGone ?? (() => {});
    this.#goneAfterMs = goneAfterMs ?? GONE_AFTER_MS;
  }

  /** `page`: what it calls itself. `first`: what it is told at once. */
  open(reply: ServerResponse, app: DesktopApp, page?: string, first?: PageEvent): void {
    if (this.#streams.size >= STREAMS_MAX) {
      reply.writeHead(503).end();
      return;
    }
    reply.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    reply.write(`: here\n\n${first === undefined ? "" : lineOf(first)}`);
    const beat = setInterval(() => reply.write(":\n\n"), BEAT_MS);
    this.#streams.set(reply, { app, page });
    this.#comings[app]++;
    if (page !== undefined) this.watch(page);
    reply.once("close", () => {
      clearInterval(beat);
      this.#streams.delete(reply);
      if (page !== undefined) this.watch(page);
      this.#onChange();
    });
    this.#onChange();
  }

  /** Sees to it that the end of a page is told, also of one that never came to open a stream. */
  watch(page: string): void {
    clearTimeout(this.#missing.get(page));
    this.#missing.delete(page);
    if ([...this.#streams.values()].some((one) => one.page === page)) return;
    const clock = setTimeout(() => {
      this.#missing.delete(page);
      this.#onGone(page);
    }, this.#goneAfterMs);
    this.#missing.set(page, clock.unref());
  }

  /** Answers to how many pages it went. */
  send(app: DesktopApp, event: PageEvent): number {
    const listening = [...this.#streams].filter(([, one]) => one.app === app);
    for (const [reply] of listening) reply.write(lineOf(event));
    return listening.length;
  }

  /** For all but the page that it came from. */
  sendToOthers(from: string | undefined, event: PageEvent): void {
    for (const [reply, { page }] of this.#streams) if (page !== from || page === undefined) reply.write(lineOf(event));
  }

  countOf(app: DesktopApp): number {
    return [...this.#streams.values()].filter((one) => one.app === app).length;
  }

  /** How many have come so far, gone or not. */
  comingsOf(app: DesktopApp): number {
    return this.#comings[app];
  }

  close(): void {
    for (const clock of this.#missing.values()) clearTimeout(clock);
    for (const reply of this.#streams.keys()) reply.end();
  }
}

const lineOf = (event: PageEvent) => `event: ${event.name}\ndata: ${JSON.stringify(event.data)}\n\n`;
