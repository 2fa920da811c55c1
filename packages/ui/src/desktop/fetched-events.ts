/** What is used of a stream of events, whatever carries it. */
export type EventStream = Pick<EventSource, "addEventListener" | "close">;

/** Longer ones come from no server of ours. */
const LINE_LENGTH_MAX = 1_000_000;

/**
 * Server-Sent Events read by `fetch`: an EventSource can send no header, and the desktop's local process answers nothing without its own.
 * It does not open itself again: who uses it does.
 */
export function openFetchedEvents(
  url: string,
  send: typeof fetch,
  headers: Readonly<Record<string, string>> = {},
): EventStream {
  const target = new EventTarget();
  const ending = new AbortController();
  const tell = (event: Event) => !ending.signal.aborted && target.dispatchEvent(event);
  const read = async () => {
    const response = await send(url, { headers: { accept: "text/event-stream", ...headers }, signal: ending.signal });
    const isStream = response.headers.get("content-type")?.startsWith("text/event-stream") === true;
    if (!response.ok || !isStream || response.body === null) throw new Error(`no stream: status ${response.status}`);
    tell(new Event("open"));
    const parser = new EventParser();
    const text = response.body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, BufferSource>);
    const reader = text.getReader();
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      for (const { name, data } of parser.read(value)) tell(new MessageEvent(name, { data }));
    }
  };
  // Its end is an error too, as an EventSource has it; what broke it need not be known.
  const tellEnd = () => tell(new Event("error"));
  void read().then(tellEnd, tellEnd);
  return {
    addEventListener: target.addEventListener.bind(target) as EventStream["addEventListener"],
    close: () => ending.abort(),
  };
}

/** Takes the text of a stream apart, in whatever pieces it comes. Ids and waiting times are left out: nobody here uses them. */
export class EventParser {
  /** The beginning of a line whose end has not come. */
  #rest = "";
  #name = "";
  #data: string[] = [];

  /** The events that end in this piece. */
  read(piece: string): { readonly name: string; readonly data: string }[] {
    // A CR that ends the piece may be half of a line's end.
    const text = this.#rest + piece;
    const lines = text.split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? "";
    if (this.#rest.length > LINE_LENGTH_MAX) throw new Error("a line of the stream has no end");
    const events: { readonly name: string; readonly data: string }[] = [];
    for (const line of lines) {
      if (line === "") {
        if (this.#data.length > 0) events.push({ name: this.#name || "message", data: this.#data.join("\n") });
        this.#name = "";
        this.#data = [];
      } else this.#field(line);
    }
    return events;
  }

  #field(line: string): void {
    const [, name, value = ""] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (name === "event") this.#name = value;
    else if (name === "data") this.#data.push(value);
  }
}
