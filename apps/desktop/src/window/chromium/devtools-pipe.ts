import type { Readable, Writable } from "node:stream";

/** Answers of a browser that are longer are none that we asked for. */
const MESSAGE_BYTES_MAX = 4 * 1024 * 1024;

export type DevtoolsEvent = (method: string, params: Readonly<Record<string, unknown>>) => void;

/** A browser's own control, over two pipes that nobody else has: JSON messages that end with a zero byte. */
export class DevtoolsPipe {
  readonly #write: Writable;
  readonly #waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  #lastId = 0;

  constructor(write: Writable, read: Readable, onEvent: DevtoolsEvent) {
    this.#write = write;
    write.on("error", () => this.#end());
    let text = "";
    read.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      const messages = text.split("\0");
      text = messages.pop()!;
      if (text.length > MESSAGE_BYTES_MAX) text = "";
      for (const message of messages) this.#take(JSON.parse(message) as Message, onEvent);
    });
    read.on("error", () => this.#end());
    read.once("close", () => this.#end());
  }

  /** Rejects with what the browser says, or where it is gone. */
  call<Result>(method: string, params: object = {}, sessionId?: string): Promise<Result> {
    const id = ++this.#lastId;
    return new Promise<Result>((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (result: unknown) => void, reject });
      this.#write.write(`${JSON.stringify({ id, method, params, ...(sessionId && { sessionId }) })}\0`);
    });
  }

  #take(message: Message, onEvent: DevtoolsEvent): void {
    if (message.id === undefined) {
      onEvent(message.method ?? "", message.params ?? {});
      return;
    }
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.error === undefined) waiting?.resolve(message.result);
    else waiting?.reject(new Error(message.error.message));
  }

  #end(): void {
    for (const { reject } of this.#waiting.values()) reject(new Error("the browser ended"));
    this.#waiting.clear();
  }
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}
