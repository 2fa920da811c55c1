import type { ServerResponse } from "node:http";
import type { DesktopApp } from "../apps.ts";

/** What a page is told of by itself. */
export type PageEvent =
  /** A payment link was opened elsewhere (BIP21). */
  | { readonly name: "deep-link"; readonly data: { readonly uri: string } }
  /** Somebody wants to see the window. */
  | { readonly name: "focus"; readonly data: Record<string, never> }
  /** A file was saved, and where, or why not. */
  | { readonly name: "download"; readonly data: { readonly path?: string; readonly error?: string } };

const STREAMS_MAX = 32;
/** A line now and then shows whether the page is still there. */
const BEAT_MS = 10_000;

/** The pages that listen, and how many there are of each app. */
export class PageEvents {
  readonly #streams = new Map<ServerResponse, DesktopApp>();
  readonly #onChange: () => void;

  /** `onChange` is told when one came or went. */
  constructor(onChange: () => void = () => {}) {
    this.#onChange = onChange;
  }

  open(reply: ServerResponse, app: DesktopApp): void {
    if (this.#streams.size >= STREAMS_MAX) {
      reply.writeHead(503).end();
      return;
    }
    reply.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    reply.write(": here\n\n");
    const beat = setInterval(() => reply.write(":\n\n"), BEAT_MS);
    this.#streams.set(reply, app);
    reply.once("close", () => {
      clearInterval(beat);
      this.#streams.delete(reply);
      this.#onChange();
    });
    this.#onChange();
  }

  /** Answers to how many pages it went. */
  send(app: DesktopApp, event: PageEvent): number {
    const listening = [...this.#streams].filter(([, one]) => one === app);
    for (const [reply] of listening) reply.write(`event: ${event.name}\ndata: ${JSON.stringify(event.data)}\n\n`);
    return listening.length;
  }

  countOf(app: DesktopApp): number {
    return [...this.#streams.values()].filter((one) => one === app).length;
  }

  close(): void {
    for (const reply of this.#streams.keys()) reply.end();
  }
}
