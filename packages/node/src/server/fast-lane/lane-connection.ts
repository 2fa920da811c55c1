import type { Socket } from "node:net";
import type { OriginAnswer, OriginCaller } from "./origin.ts";
import { readSimpleRequest, type SimpleRequest } from "./request-head.ts";

/** A request with what the lane knows of it. */
export interface LaneRequest extends SimpleRequest {
  /** Of what is kept for it; none where the answer is to be for this one alone. */
  readonly key: string | undefined;
  readonly route: string;
  readonly keptWhile: "chain" | "node";
}

/** What a connection asks of the lane. */
export interface LaneOfConnection {
  /** The hot request that a simple one is, if any. */
  recognise(request: SimpleRequest): LaneRequest | undefined;
  /** A ready answer, `undefined` where there is none for now, or that the request must go the long way. */
  ready(request: LaneRequest, caller: OriginCaller): Buffer | undefined | "aside";
  /** Has the server answer. Calls back with its answer; `"ready"` where another's question has just been answered; `undefined` where there is none. */
  fetch(
    request: LaneRequest,
    bytes: Buffer,
    caller: OriginCaller,
    done: (answer?: OriginAnswer | "ready") => void,
  ): void;
  /** Gives a connection to the HTTP server for good, with what was read and not answered. */
  handOver(connection: LaneConnection, rest: Buffer): void;
  gone(connection: LaneConnection): void;
  /** Whether the server is closing. */
  readonly isClosed: boolean;
  /** Counts up slowly, for measuring how long nothing came. */
  readonly beat: number;
  /** For how long a client may take nothing of its answers. */
  readonly stallMs: number;
}

/** A client's connection while all it asked were hot requests. */
export class LaneConnection {
  readonly socket: Socket;
  readonly #lane: LaneOfConnection;
  /** The last bytes that were one whole request, which most clients send again and again. */
  #lastBytes: Buffer | undefined;
  #lastRequest: LaneRequest | undefined;
  /** Read and not answered, while an answer is made or the client does not read. */
  #rest: Buffer | undefined;
  #state: "reading" | "waiting" | "draining" = "reading";
  #hasAsked = false;
  /** The lane's beat when it last asked something or was answered. */
  lastBeat: number;

  constructor(socket: Socket, lane: LaneOfConnection) {
    this.socket = socket;
    this.#lane = lane;
    this.lastBeat = lane.beat;
    socket.on("data", this.#onData).on("drain", this.#onDrain).on("end", this.#onEnd);
    socket.on("error", this.#onError).on("timeout", this.#onError).on("close", this.#onClose);
  }

  /** Nothing asked that is not answered. */
  get isIdle(): boolean {
    return this.#state === "reading";
  }

  get hasAsked(): boolean {
    return this.#hasAsked;
  }

  /** Takes the lane's hands off the socket. */
  release(): void {
    const { socket } = this;
    socket.off("data", this.#onData).off("drain", this.#onDrain).off("end", this.#onEnd);
    socket.off("error", this.#onError).off("timeout", this.#onError).off("close", this.#onClose);
  }

  readonly #onData = (bytes: Buffer) => this.#serve(bytes);
  readonly #onEnd = () => this.socket.end();
  readonly #onError = () => this.socket.destroy();
  readonly #onClose = () => this.#lane.gone(this);
  readonly #onDrain = () => {
    if (this.#state !== "draining") return;
    this.socket.setTimeout(0);
    if (this.#lane.isClosed) this.socket.destroySoon();
    else this.#goOn();
  };

  /** Answers the requests in `bytes`, one after the other, as far as that goes at once. */
  #serve(bytes: Buffer): void {
    this.lastBeat = this.#lane.beat;
    this.#hasAsked = true;
    for (let at = 0; at < bytes.length; ) {
      const request = this.#requestAt(bytes, at);
      const answer = request === undefined ? "aside" : this.#lane.ready(request, this.socket);
      if (request === undefined || answer === "aside") {
        this.#lane.handOver(this, bytes.subarray(at));
        return;
      }
      if (answer === undefined) {
        this.#fetch(request, bytes.subarray(at));
        return;
      }
      at += request.sizeBytes;
      if (!this.socket.write(answer)) {
        this.#pause("draining", bytes.subarray(at));
        this.#drain();
        return;
      }
    }
  }

  #requestAt(bytes: Buffer, at: number): LaneRequest | undefined {
    if (at === 0 && this.#lastBytes?.equals(bytes)) return this.#lastRequest;
    const simple = readSimpleRequest(bytes, at);
    const request = simple && this.#lane.recognise(simple);
    if (at === 0 && request?.sizeBytes === bytes.length) {
      this.#lastBytes = bytes;
      this.#lastRequest = request;
    }
    return request;
  }

  #fetch(request: LaneRequest, bytes: Buffer): void {
    this.#pause("waiting", bytes.subarray(request.sizeBytes));
    const head = bytes.subarray(0, request.sizeBytes);
    const done = (answer?: OriginAnswer | "ready") => this.#answered(request, head, answer);
    this.#lane.fetch(request, head, this.socket, done);
  }

  #answered(request: LaneRequest, head: Buffer, answer: OriginAnswer | "ready" | undefined): void {
    const { socket } = this;
    if (socket.destroyed) return;
    if (answer === undefined) socket.destroy();
    else if (answer !== "ready") this.#sent(socket.write(answer.bytes), answer.isKeptAlive);
    else this.#answeredOther(request, head);
  }

  /** The answer to who asked the same before has come. */
  #answeredOther(request: LaneRequest, head: Buffer): void {
    const { socket } = this;
    const ready = this.#lane.ready(request, socket);
    if (ready === "aside") this.#lane.handOver(this, Buffer.concat([head, this.#rest ?? NOTHING]));
    else if (ready !== undefined) this.#sent(socket.write(ready), true);
    else {
      // The node changed meanwhile, or it is an answer for one alone.
      const own = { ...request, key: undefined };
      this.#lane.fetch(own, head, socket, (answer) => this.#answered(request, head, answer));
    }
  }

  #sent(isTaken: boolean, isKeptAlive: boolean): void {
    this.lastBeat = this.#lane.beat;
    const isLast = !isKeptAlive || this.#lane.isClosed;
    if (isLast || !isTaken) this.#drain();
    // Reading is stopped: the end of the client's side would not be seen.
    if (isLast) this.socket.destroySoon();
    else if (isTaken) this.#goOn();
  }

  #pause(state: "waiting" | "draining", rest: Buffer): void {
    this.#state = state;
    this.#rest = rest;
    this.socket.pause();
  }

  /** Waits for the client to read, as long as it takes anything. */
  #drain(): void {
    this.#state = "draining";
    this.socket.setTimeout(this.#lane.stallMs);
  }

  #goOn(): void {
    const rest = this.#rest ?? NOTHING;
    this.#rest = undefined;
    this.#state = "reading";
    if (rest.length > 0) this.#serve(rest);
    if (this.#state === "reading" && !this.socket.destroyed) this.socket.resume();
  }
}

const NOTHING = Buffer.alloc(0);
