import { Server } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Clock } from "../../ports.ts";
import { STALL_MS } from "../web/slow-readers.ts";
import { hotRouteOf } from "./hot-routes.ts";
import { LaneConnection, type LaneOfConnection, type LaneRequest } from "./lane-connection.ts";
import { Origin, type OriginAnswer, type OriginCaller } from "./origin.ts";
import { type ReadyAnswer, ReadyAnswers } from "./ready-answers.ts";
import type { SimpleRequest } from "./request-head.ts";
import { splitAnswer } from "./split-answer.ts";

/** Who else has a say in each request: rate limits, counters, and headers that no two answers share. */
export interface LaneGate {
  /** Lower-case names of headers that the gate writes itself, in place of those of the kept answer. */
  readonly ownHeaders: readonly string[];
  /**
   * Called for each request that is about to be answered from what is ready. Header lines for it, each with its line end, mostly none;
   * `undefined` where it is to go the long way, which is asked no more of the connection.
   */
  admit(caller: OriginCaller): string | undefined;
  /** A request that the lane answered by itself. What goes the long way shows in the server's own hooks. */
  answered(route: string, method: "GET" | "HEAD", sizeBytes: number): void;
}

export interface FastLaneDependencies {
  readonly clock: Pick<Clock, "monotonicMs" | "after">;
  /** What answers are made of: see `NodeVersions`. */
  readonly versions: { chain(): number | undefined; node(): number | undefined };
  readonly gate?: LaneGate;
  /** For how long a client may take nothing of its answers; {@link STALL_MS} where absent. */
  readonly stallMs?: number;
}

/** An answer carries the time it was made at: older ones are not given out, whatever they tell of. */
export const READY_AGE_MAX_MS = 1000;
/** Larger answers are passed on and not kept. */
export const READY_ANSWER_BYTES_MAX = 256 * 1024;
const BEAT_MS = 1000;
/** Headers that answers may depend on: the first is part of the key, who sends the second goes the long way. */
const KNOWN_VARY: ReadonlySet<string> = new Set(["accept-encoding", "origin"]);

/**
 * Answers hot requests in front of an HTTP server: those whose answer was made for somebody else a moment ago and still holds. It
 * reads what comes on a new connection itself; as long as that is nothing but simple requests of hot routes, what is not ready is asked
 * of the server in the client's name, and kept. Everything else makes the connection the server's, with what was read.
 * Why: docs/adr/0012-fast-lane.md.
 */
export class FastLane implements LaneOfConnection {
  readonly #server: Server;
  readonly #deps: FastLaneDependencies;
  readonly #origin: Origin;
  readonly #answers = new ReadyAnswers();
  readonly #connections = new Set<LaneConnection>();
  /** Questions to the server that others may wait for. */
  readonly #asked = new Map<string, (() => void)[]>();
  /** What the server does with a connection. */
  readonly #serve: (socket: Duplex) => void;
  #cancelBeat: (() => void) | undefined;
  #isDraining = false;
  #isClosed = false;
  beat = 0;

  private constructor(server: Server, serve: (socket: Duplex) => void, deps: FastLaneDependencies) {
    this.#server = server;
    this.#serve = serve;
    this.#deps = deps;
    this.#origin = new Origin((socket) => this.#giveToServer(socket));
  }

  /** Puts a lane in front of a server that does not listen yet. None where it speaks TLS. */
  static open(server: object, deps: FastLaneDependencies): FastLane | undefined {
    // A server of node:https is none of these.
    if (!(server instanceof Server)) return undefined;
    // The first listener is the server's own, there from its beginning; others may watch connections, which stay as they are.
    const [serve, ...watchers] = server.listeners("connection") as ((socket: Duplex) => void)[];
    if (serve === undefined) return undefined;
    const lane = new FastLane(server, serve, deps);
    server.removeAllListeners("connection");
    server.on("connection", (socket: Socket) => lane.#take(socket));
    for (const watcher of watchers) server.on("connection", watcher);
    return lane;
  }

  /** Connections that the lane holds. */
  get connectionCount(): number {
    return this.#connections.size;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get stallMs(): number {
    return this.#deps.stallMs ?? STALL_MS;
  }

  /** From now on the server has every request, and says with its answer that the connection ends. */
  drain(): void {
    this.#isDraining = true;
  }

  /** From now on the server has every connection. Those that wait for nothing are closed, as the server closes its own. */
  close(): void {
    this.#isDraining = true;
    this.#isClosed = true;
    this.#cancelBeat?.();
    for (const connection of this.#connections) if (connection.isIdle) connection.socket.destroy();
    this.#origin.close();
  }

  /** Closes every connection, whatever it waits for. */
  abandon(): void {
    for (const { socket } of this.#connections) socket.destroy();
  }

  recognise(request: SimpleRequest): LaneRequest | undefined {
    const hot = hotRouteOf(request.url);
    if (hot === undefined) return undefined;
    const key = `${request.method} ${request.url} ${request.encoding}`;
    return { ...request, key, route: hot.name, keptWhile: hot.keptWhile };
  }

  ready(request: LaneRequest, caller: OriginCaller): Buffer | undefined | "aside" {
    if (this.#isDraining) return "aside";
    const answer = request.key === undefined ? undefined : this.#answers.get(request.key);
    if (answer === undefined) return undefined;
    const { clock, versions, gate } = this.#deps;
    const isGood = answer.version === versions[request.keptWhile]();
    if (!isGood || clock.monotonicMs() - answer.askedMs > READY_AGE_MAX_MS) return undefined;
    if (gate === undefined) return answer.before;
    const own = gate.admit(caller);
    if (own === undefined) return "aside";
    const bytes = withOwn(answer, own);
    gate.answered(answer.route, request.method, bytes.length);
    return bytes;
  }

  fetch(
    request: LaneRequest,
    bytes: Buffer,
    caller: OriginCaller,
    done: (answer?: OriginAnswer | "ready") => void,
  ): void {
    const { key, method } = request;
    if (key === undefined) {
      this.#origin.ask(bytes, method, caller, done);
      return;
    }
    const waiting = this.#asked.get(key);
    if (waiting !== undefined) {
      waiting.push(() => done("ready"));
      return;
    }
    // Before the answer is made: what changes meanwhile makes it an old one.
    const version = this.#deps.versions[request.keptWhile]();
    const askedMs = this.#deps.clock.monotonicMs();
    const others: (() => void)[] = [];
    this.#asked.set(key, others);
    this.#origin.ask(bytes, method, caller, (answer) => {
      this.#asked.delete(key);
      if (answer !== undefined && version !== undefined) this.#keep(key, request.route, answer, version, askedMs);
      done(answer);
      for (const other of others) other();
    });
  }

  handOver(connection: LaneConnection, rest: Buffer): void {
    const { socket } = connection;
    connection.release();
    this.gone(connection);
    // Without a reader and paused, what is put back waits for the one who reads next.
    socket.pause();
    socket.unshift(rest);
    this.#giveToServer(socket);
    socket.resume();
  }

  gone(connection: LaneConnection): void {
    this.#connections.delete(connection);
  }

  #keep(key: string, route: string, answer: OriginAnswer, version: number, askedMs: number): void {
    const { headers, status, isKeptAlive, bytes } = answer;
    const isForAll = !headers.has("set-cookie") && varyOf(headers.get("vary")).every((name) => KNOWN_VARY.has(name));
    if (status !== 200 || !isKeptAlive || !isForAll || bytes.length > READY_ANSWER_BYTES_MAX) return;
    const [before, after] = splitAnswer(bytes, answer.sizeBytes, this.#deps.gate?.ownHeaders ?? []);
    const whole = after === undefined ? before : Buffer.concat([before, after]);
    const parts = { before: whole.subarray(0, before.length), after: after && whole.subarray(before.length), whole };
    this.#answers.put(key, { route, ...parts, version, askedMs });
  }

  #take(socket: Socket): void {
    if (this.#isDraining) {
      this.#giveToServer(socket);
      return;
    }
    this.#connections.add(new LaneConnection(socket, this));
    this.#cancelBeat ??= this.#deps.clock.after(BEAT_MS, () => this.#onBeat());
  }

  #giveToServer(socket: Duplex): void {
    this.#serve.call(this.#server, socket);
  }

  /** Closes who has been silent for as long as the server would have waited. Beats only while there is somebody. */
  #onBeat(): void {
    this.beat++;
    const { keepAliveTimeout, headersTimeout } = this.#server;
    for (const connection of this.#connections) {
      const silentMs = (this.beat - connection.lastBeat) * BEAT_MS;
      if (!connection.isIdle) continue;
      if (connection.hasAsked) {
        if (keepAliveTimeout > 0 && silentMs > keepAliveTimeout) connection.socket.destroy();
      } else if (headersTimeout > 0 && silentMs > headersTimeout) this.#refuseSilent(connection);
    }
    this.#answers.expire(this.#deps.clock.monotonicMs() - READY_AGE_MAX_MS);
    const goesOn = !this.#isClosed && (this.#connections.size > 0 || this.#answers.count > 0);
    this.#cancelBeat = goesOn ? this.#deps.clock.after(BEAT_MS, () => this.#onBeat()) : undefined;
  }

  /** The server answers as it does to who begins a request and never ends it. */
  #refuseSilent(connection: LaneConnection): void {
    connection.release();
    this.gone(connection);
    connection.socket.on("error", () => {});
    const error = Object.assign(new Error("Request timeout"), { code: "ERR_HTTP_REQUEST_TIMEOUT" });
    if (!this.#server.emit("clientError", error, connection.socket)) connection.socket.destroy();
  }
}

/** The answer with header lines of a request's own. Mostly there are none, and nothing is copied. */
function withOwn({ before, after, whole }: ReadyAnswer, own: string): Buffer {
  if (after === undefined) return before;
  return own === "" && whole !== undefined ? whole : Buffer.concat([before, Buffer.from(own, "latin1"), after]);
}

const varyOf = (header = "") =>
  header
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((name) => name !== "");
