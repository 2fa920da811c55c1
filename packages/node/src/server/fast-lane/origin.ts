import { Duplex } from "node:stream";
import { type AnswerHead, answerSize, readAnswerHead } from "./answer-end.ts";

/** An answer of the HTTP server, byte for byte. */
export interface OriginAnswer extends AnswerHead {
  readonly bytes: Buffer;
  /** Whether the server leaves the connection open. */
  readonly isKeptAlive: boolean;
}

/** Who asks, as routes, limits and logs are to see it. */
export interface OriginCaller {
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;
}

/** Connections that wait for the next question. */
const IDLE_MAX = 8;

/**
 * The HTTP server as the lane asks it: over connections inside the process, in the place of the client. What comes back is what the
 * client would have been sent, with every header that the server and its routes add.
 */
export class Origin {
  readonly #connectToServer: (socket: Duplex) => void;
  readonly #idle: OriginSocket[] = [];
  #isClosed = false;

  /** `connect` gives the server a connection that is not one of its port's. */
  constructor(connect: (socket: Duplex) => void) {
    this.#connectToServer = connect;
  }

  /** Calls back with the answer to one whole request, or with `undefined` where the server closed the connection without one. */
  ask(request: Buffer, method: "GET" | "HEAD", caller: OriginCaller, done: (answer?: OriginAnswer) => void): void {
    const socket = this.#idle.pop() ?? this.#connect();
    socket.ask(request, method, caller, (answer) => {
      done(answer);
      // The server is in the midst of writing: it is asked again when it has ended with this answer.
      setImmediate(() => this.#release(socket, answer?.isKeptAlive === true));
    });
  }

  /** Questions under way are still answered. */
  close(): void {
    this.#isClosed = true;
    for (const socket of this.#idle.splice(0)) socket.destroy();
  }

  #release(socket: OriginSocket, isKeptAlive: boolean): void {
    if (isKeptAlive && !socket.destroyed && !this.#isClosed && this.#idle.length < IDLE_MAX) this.#idle.push(socket);
    else socket.destroy();
  }

  #connect(): OriginSocket {
    const socket = new OriginSocket();
    socket.once("close", () => {
      const at = this.#idle.indexOf(socket);
      if (at >= 0) this.#idle.splice(at, 1);
    });
    this.#connectToServer(socket);
    return socket;
  }
}

/** The server's end of such a connection: what it writes is the answer. */
class OriginSocket extends Duplex {
  remoteAddress: string | undefined;
  remotePort: number | undefined;
  #method: "GET" | "HEAD" = "GET";
  #received: Buffer[] = [];
  #head: AnswerHead | undefined;
  #done: ((answer?: OriginAnswer) => void) | undefined;

  ask(request: Buffer, method: "GET" | "HEAD", caller: OriginCaller, done: (answer?: OriginAnswer) => void): void {
    this.remoteAddress = caller.remoteAddress;
    this.remotePort = caller.remotePort;
    this.#method = method;
    this.#done = done;
    this.push(request);
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: () => void): void {
    this.#received.push(chunk);
    callback();
    this.#look();
  }

  override _writev(chunks: { chunk: Buffer }[], callback: () => void): void {
    for (const { chunk } of chunks) this.#received.push(chunk);
    callback();
    this.#look();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#finish(undefined);
    callback(error);
  }

  #look(): void {
    const bytes = this.#received.length === 1 ? this.#received[0]! : Buffer.concat(this.#received);
    this.#received = [bytes];
    this.#head ??= readAnswerHead(bytes);
    if (this.#head === undefined || answerSize(bytes, this.#head, this.#method) === undefined) return;
    const head = this.#head;
    this.#received = [];
    this.#head = undefined;
    const isKeptAlive = head.headers.get("connection")?.toLowerCase() !== "close";
    this.#finish({ ...head, bytes, isKeptAlive });
  }

  #finish(answer: OriginAnswer | undefined): void {
    const done = this.#done;
    this.#done = undefined;
    done?.(answer);
  }
}
