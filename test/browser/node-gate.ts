import { once } from "node:events";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

const PAGE_TYPES = /^(text|application)\/(html|javascript)/;
export const JSON_TYPE = /^application\/json/;

/** Stands between page and node, and holds, slows, cuts or adds to what passes. It passes no WebSocket, and says so: behind it events come as a stream of answers. */
export class NodeGate {
  readonly #target: URL;
  #server: Server;
  #port = 0;
  #isHeld: (path: string) => boolean = () => false;
  #delayMs = 0;
  #change: ((path: string, text: string) => string) | undefined;
  #changedTypes = PAGE_TYPES;
  #waiting: (() => void)[] = [];
  /** Method and path of all that was asked since the start or {@link forget}. */
  readonly asked: string[] = [];
  /** The keys that were sent with it. */
  readonly keys = new Set<string>();

  private constructor(target: string) {
    this.#target = new URL(target);
    this.#server = createServer((ask, answer) => void this.#pass(ask, answer));
    this.#server.on("upgrade", (_ask, socket) => socket.end("HTTP/1.1 501 No WebSocket Passes Here\r\n\r\n"));
  }

  /** In front of the node at `target`. */
  static async open(target: string): Promise<NodeGate> {
    const gate = new NodeGate(target);
    await gate.restore();
    return gate;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** From now on what is asked for under these paths stays without answer. */
  hold(isHeld: (path: string) => boolean = (path) => path.startsWith("/api/")): void {
    this.#isHeld = isHeld;
  }

  /** Lets go what is held, and holds nothing more. */
  release(): void {
    this.#isHeld = () => false;
    for (const go of this.#waiting.splice(0)) go();
  }

  /** Each request waits so long before it goes on. */
  slow(delayMs: number): void {
    this.#delayMs = delayMs;
  }

  /** From now on documents and scripts are what this makes of them, as of another build of the page; or answers of other types. `undefined`: as they are again. */
  change(to: ((path: string, text: string) => string) | undefined, types = PAGE_TYPES): void {
    this.#change = to;
    this.#changedTypes = types;
  }

  forget(): void {
    this.asked.length = 0;
    this.keys.clear();
  }

  /** All connections break, and new ones are refused. */
  async cut(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  /** At the same place again; nothing where it was not cut. */
  async restore(): Promise<void> {
    if (this.#server.listening) return;
    this.#server.listen(this.#port, "127.0.0.1");
    await once(this.#server, "listening");
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.release();
    if (this.#server.listening) await this.cut();
  }

  async #pass(ask: IncomingMessage, answer: ServerResponse): Promise<void> {
    const { method = "GET", url = "/" } = ask;
    this.asked.push(`${method} ${url}`);
    const key = ask.headers["x-api-key"];
    if (typeof key === "string") this.keys.add(key);
    if (this.#delayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.#delayMs));
    if (this.#isHeld(url)) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (answer.destroyed) return;
    const change = this.#change;
    const { hostname: host, port } = this.#target;
    const headers = change === undefined ? ask.headers : plainlyAsked(ask.headers);
    const onward = request({ host, port, method, path: url, headers });
    onward.on("response", (response) => {
      const { "content-length": _length, etag: _tag, ...others } = response.headers;
      if (change !== undefined && this.#changedTypes.test(others["content-type"] ?? "")) {
        answer.writeHead(response.statusCode ?? 502, others);
        text(response).then(
          (body) => answer.end(change(url, body)),
          () => answer.destroy(),
        );
        return;
      }
      answer.writeHead(response.statusCode ?? 502, response.headers);
      // Streams of events begin with their head alone.
      answer.flushHeaders();
      response.pipe(answer);
    });
    onward.on("error", () => answer.destroy());
    answer.on("close", () => onward.destroy());
    ask.pipe(onward);
  }
}

/** For a whole answer as text: it is not for the node to say whether it has changed. */
function plainlyAsked(asked: IncomingHttpHeaders): IncomingHttpHeaders {
  const { "if-none-match": _tag, "if-modified-since": _time, ...others } = asked;
  return { ...others, "accept-encoding": "identity" };
}
