import type { EventFields, EventName } from "@bitfleet/api/events.ts";

/** What a frame is taken to be while nobody has asked for its text. */
const SIZE_ESTIMATE = 400;

/** An event in the forms in which clients get it. Each is made when the first client needs it, and once, however many there are. */
export class EventFrame {
  readonly name: EventName;
  #make: { readonly cursor: () => string; readonly fields: () => object } | undefined;
  #cursor = "";
  #json = "";
  #message: Buffer | undefined;
  #sse: Buffer | undefined;

  constructor(name: EventName, cursor: () => string, fields: () => object) {
    this.name = name;
    this.#make = { cursor, fields };
  }

  get json(): string {
    if (this.#make !== undefined) {
      this.#cursor = this.#make.cursor();
      this.#json = JSON.stringify({ type: this.name, cursor: this.#cursor, ...this.#make.fields() });
      this.#make = undefined;
    }
    return this.#json;
  }

  get cursor(): string {
    void this.json;
    return this.#cursor;
  }

  /** As the message of a WebSocket. */
  get message(): Buffer {
    this.#message ??= Buffer.from(this.json);
    return this.#message;
  }

  /** As a Server-Sent Event, with the cursor for `Last-Event-ID`. */
  get sse(): Buffer {
    this.#sse ??= Buffer.from(`event: ${this.name}\nid: ${this.cursor}\ndata: ${this.json}\n\n`);
    return this.#sse;
  }

  /** Bytes of its text, about. */
  get sizeBytes(): number {
    return this.#make === undefined ? this.#json.length : SIZE_ESTIMATE;
  }
}

/** The frame of an event. `cursor` and `fields` are asked when the text is needed. */
export function eventFrame<Name extends EventName>(
  name: Name,
  cursor: () => string,
  fields: () => EventFields<Name>,
): EventFrame {
  return new EventFrame(name, cursor, fields);
}
