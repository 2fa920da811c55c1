/** What is used of a stream of events, whatever carries it. */
export type EventStream = Pick<EventSource, "addEventListener" | "close">;

/** Characters of a line, and of all lines of an event: longer ones come from no server of ours. */
const LINE_LENGTH_MAX = 1_000_000;
const DATA_LENGTH_MAX = 2_000_000;

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
    try {
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return;
        for (const { name, data } of parser.read(value)) tell(new MessageEvent(name, { data }));
      }
    } finally {
      // What cannot be read keeps no connection open.
      reader.cancel().catch(() => {});
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
  /** Pieces of a line whose end has not come. They are put together once: a piece of a character costs no more than that. */
  #pieces: string[] = [];
  #length = 0;
  #name = "";
  #data: string[] = [];
  #dataLength = 0;

  /** The events that end in this piece. */
  read(piece: string): { readonly name: string; readonly data: string }[] {
    // A CR that ends a piece may be half of a line's end.
    const mayEnd = /[\r\n]/.test(piece) || this.#pieces.at(-1)?.endsWith("\r") === true;
    if (piece !== "") this.#pieces.push(piece);
    this.#length += piece.length;
    const lines = mayEnd ? this.#pieces.join("").split(/\r\n|\n|\r(?!$)/) : [];
    const rest = lines.pop();
    if (rest !== undefined) {
      this.#pieces = [rest];
      this.#length = rest.length;
    }
    if (this.#length > LINE_LENGTH_MAX) throw new Error("a line of the stream has no end");
    const events: { readonly name: string; readonly data: string }[] = [];
    for (const line of lines) {
      if (line === "") {
        if (this.#data.length > 0) events.push({ name: this.#name || "message", data: this.#data.join("\n") });
        this.#name = "";
        this.#data = [];
        this.#dataLength = 0;
      } else this.#field(line);
    }
    return events;
  }

  #field(line: string): void {
    const [, name, value = ""] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (name === "event") this.#name = value;
    else if (name === "data") {
      this.#data.push(value);
      // An empty line counts, too: there may be very many.
      this.#dataLength += value.length + 1;
      if (this.#dataLength > DATA_LENGTH_MAX) throw new Error("an event of the stream has no end");
    }
  }
}
