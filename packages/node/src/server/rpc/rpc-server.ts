import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Subnet } from "../../p2p/addresses/subnet.ts";
import type { Clock, Logger } from "../../ports.ts";
import { addressFilter } from "../allowed-callers.ts";
import { addressText, type ListenAddress, ListenError } from "../listen-address.ts";
import type { RpcMeter } from "../metrics/rpc-meter.ts";
import { authorize, type RpcCredential, type RpcWhitelist } from "./auth.ts";
import { type RestAnswer, textAnswer } from "./core-rest-request.ts";
import { restPrefixOf } from "./core-rest-routes.ts";
import type { RpcHandlers } from "./rpc-dependencies.ts";
import { type RpcCaller, RpcDispatcher, type RpcReply } from "./rpc-dispatch.ts";
import { finish, finishText, headSize, readBody, refuseBroken, send, textOf } from "./rpc-http.ts";
import { WorkQueue } from "./work-queue.ts";

export interface RpcServerOptions {
  /** -rpcbind and -rpcport; where several are given, one that can be taken suffices, as in Core. */
  readonly listen: readonly ListenAddress[];
  /** -rpcallowip. Loopback may always call. */
  readonly allow: readonly Subnet[];
  /** Cookie, -rpcuser/-rpcpassword and -rpcauth: see auth.ts. */
  readonly credentials: readonly RpcCredential[];
  /** -rpcwhitelist, -rpcwhitelistdefault. */
  readonly whitelist?: RpcWhitelist;
  /** -rpcworkqueue: calls that may wait; default 64. */
  readonly workQueueDepth?: number;
  /** -rpcthreads: calls answered at the same time; default 16. */
  readonly concurrency?: number;
  /** -rest: Core's REST interface beside JSON-RPC, for everybody who may connect. */
  readonly hasRest?: boolean;
  /** -rpcservertimeout: idle connections and slow requests are closed after this long; default 30 s. */
  readonly timeoutMs?: number;
}

export interface RpcServerDependencies {
  readonly clock: Clock;
  readonly log: Logger;
  /** Counts the calls; absent where nobody reads it. */
  readonly meter?: Pick<RpcMeter, "count"> | undefined;
}

/** The JSON-RPC listener. It answers -28 from `listen` until `ready`. */
export interface RpcServer {
  /** Rejects with `ListenError` where no address can be taken. */
  listen(): Promise<void>;
  /** Where it listens, with the real ports. */
  readonly addresses: readonly ListenAddress[];
  /** What -28 answers say meanwhile: `Loading block index…`. */
  warmUp(status: string): void;
  /** From now on calls are answered; `rest` answers those of Core's REST interface. */
  ready(handlers: RpcHandlers, rest?: RestInterface): void;
  /** Takes no new calls, lets running ones answer, closes connections. */
  close(): Promise<void>;
}

/** See core-rest.ts. */
export interface RestInterface {
  /** Never rejects. `undefined` where there is no such call. */
  answer(target: string, body: Uint8Array): Promise<RestAnswer | undefined>;
}

const WORK_QUEUE_DEPTH = 64;
const CONCURRENCY = 16;
const TIMEOUT_MS = 30_000;
const HEADER_BYTES_MAX = 8192;
/** Wait before a wrong password is answered, so that guessing is slow. */
const WRONG_PASSWORD_DELAY_MS = 250;
/** How long running calls may take to answer when the server closes. */
const CLOSE_GRACE_MS = 5_000;

/** Makes the JSON-RPC server. Why it stands on node:http and not on the framework: docs/adr/0003-rpc-on-node-http.md. */
export function createRpcServer(options: RpcServerOptions, deps: RpcServerDependencies): RpcServer {
  return new HttpRpcServer(options, deps);
}

class HttpRpcServer implements RpcServer {
  readonly #options: RpcServerOptions;
  readonly #deps: RpcServerDependencies;
  readonly #dispatcher: RpcDispatcher;
  readonly #mayCall: (address: string) => boolean;
  readonly #queue: WorkQueue;
  readonly #servers: Server[] = [];
  readonly #closing = new AbortController();
  #rest: RestInterface | undefined;
  readonly #connections = new WeakMap<Socket, Connection>();

  constructor(options: RpcServerOptions, deps: RpcServerDependencies) {
    this.#options = options;
    this.#deps = deps;
    this.#dispatcher = new RpcDispatcher({ whitelist: options.whitelist }, deps);
    this.#mayCall = addressFilter(options.allow);
    const depth = options.workQueueDepth ?? WORK_QUEUE_DEPTH;
    // Who allows few calls to wait wants few to run as well.
    this.#queue = new WorkQueue(options.concurrency ?? Math.min(CONCURRENCY, depth), depth);
  }

  get addresses(): readonly ListenAddress[] {
    return this.#servers.map((server) => {
      const { address, port } = server.address() as AddressInfo;
      return { host: address, port };
    });
  }

  async listen(): Promise<void> {
    let failure: ListenError | undefined;
    for (const address of this.#options.listen) {
      try {
        this.#servers.push(await this.#open(address));
      } catch (error) {
        failure = error as ListenError;
        // Half a port would do harm: who calls the other half reaches another program.
        if (failure.code === "EADDRINUSE") {
          await this.close();
          throw failure;
        }
        this.#deps.log.warn("JSON-RPC cannot take an address", { address: addressText(address), code: failure.code });
      }
    }
    if (this.#servers.length === 0 && failure !== undefined) throw failure;
  }

  #open(address: ListenAddress): Promise<Server> {
    const timeoutMs = this.#options.timeoutMs ?? TIMEOUT_MS;
    const server = createServer(
      {
        maxHeaderSize: HEADER_BYTES_MAX,
        // Simple clients leave the Host header out, and bitcoind does not ask for it.
        requireHostHeader: false,
        keepAliveTimeout: timeoutMs,
        headersTimeout: timeoutMs,
        requestTimeout: timeoutMs,
        connectionsCheckingInterval: Math.max(100, Math.min(1000, timeoutMs / 2)),
        noDelay: true,
      },
      (request, response) => this.#serve(request, response),
    );
    server.on("connect", (_request, socket) =>
      socket.end("HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n"),
    );
    server.on("clientError", (error, socket) => refuseBroken(error, socket));
    return new Promise((resolve, reject) => {
      server.once("error", (error: NodeJS.ErrnoException) =>
        reject(new ListenError(address, error.code ?? error.message)),
      );
      server.listen({ host: address.host, port: address.port, ipv6Only: address.host.includes(":") }, () => {
        server.removeAllListeners("error");
        server.on("error", (error) => this.#deps.log.error("JSON-RPC listener failed", { error: error.message }));
        resolve(server);
      });
    });
  }

  warmUp(status: string): void {
    this.#dispatcher.warmUp(status);
  }

  ready(handlers: RpcHandlers, rest?: RestInterface): void {
    this.#rest = rest;
    this.#dispatcher.ready(handlers);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    const closed = this.#servers.map((server) => new Promise((resolve) => server.close(resolve)));
    for (const server of this.#servers) server.closeIdleConnections();
    const cancel = this.#deps.clock.after(CLOSE_GRACE_MS, () => this.#closeConnections());
    await this.#queue.idle();
    for (const server of this.#servers) server.closeIdleConnections();
    await Promise.all(closed);
    cancel();
  }

  #closeConnections(): void {
    for (const server of this.#servers) server.closeAllConnections();
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    response.on("error", () => {});
    const connection = this.#connectionOf(request.socket);
    const endpoint = endpointOf(request.url ?? "");
    const user = this.#userOf(request.headers.authorization, connection);
    if (headSize(request) > HEADER_BYTES_MAX) finish(response, { status: 400, body: undefined });
    else if (!connection.mayCall) finish(response, { status: 403, body: undefined });
    else if (this.#isRest(request))
      this.#readThen(request, response, connection, (body) => this.#answerRest(request, body, response));
    else if (endpoint === undefined) finish(response, { status: 404, body: undefined });
    else if (request.method !== "POST") finishText(response, 405, "JSONRPC server handles only POST requests");
    else if (user === undefined) this.#refuse(request, response);
    else {
      const caller = { user, wallet: endpoint.wallet };
      this.#readThen(request, response, connection, (body) => this.#answer(body, caller, response));
    }
  }

  /** Queues what a request asks for when it has been read, and those before it on its connection are answered. */
  #readThen(
    request: IncomingMessage,
    response: ServerResponse,
    connection: Connection,
    answer: (body: Buffer) => void | Promise<void>,
  ): void {
    const start = () => request.socket.destroyed || readBody(request, (body) => this.#enqueue(body, response, answer));
    afterEarlier(connection, response, start);
  }

  #isRest({ url = "" }: IncomingMessage): boolean {
    return this.#options.hasRest === true && restPrefixOf(url) !== undefined;
  }

  async #answerRest({ url = "" }: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> {
    const answer = await (this.#rest?.answer(url, body) ??
      textAnswer(503, `Service temporarily unavailable: ${this.#dispatcher.warmUpStatus}\r\n`));
    if (this.#closing.signal.aborted) response.setHeader("Connection", "close");
    if (answer === undefined) finish(response, { status: 404, body: undefined });
    else send(response, answer.status, answer.contentType, answer.body);
  }

  #connectionOf(socket: Socket): Connection {
    let connection = this.#connections.get(socket);
    if (connection === undefined) {
      connection = { mayCall: this.#mayCall(socket.remoteAddress ?? "") };
      this.#connections.set(socket, connection);
    }
    return connection;
  }

  #enqueue(body: Buffer | undefined, response: ServerResponse, answer: (body: Buffer) => void | Promise<void>): void {
    if (body === undefined) {
      // What was not read would be taken for the next request.
      response.setHeader("Connection", "close");
      finishText(response, 413, "Request body too large");
    } else if (!this.#queue.run(() => answer(body))) {
      this.#deps.log.warn(
        "Request rejected because http work queue depth exceeded, it can be increased with the -rpcworkqueue= setting",
      );
      finishText(response, 503, "Work queue depth exceeded");
    }
  }

  #answer(body: Buffer, caller: Pick<RpcCaller, "user" | "wallet">, response: ServerResponse): void | Promise<void> {
    const departure = new Departure(response, this.#closing.signal);
    const context = {
      ...caller,
      get signal() {
        return departure.signal;
      },
    };
    const send = (reply: RpcReply) => {
      departure.forget();
      if (this.#closing.signal.aborted) response.setHeader("Connection", "close");
      finish(response, reply);
    };
    const reply = this.#dispatcher.answer(textOf(body) ?? "", context);
    if (reply instanceof Promise) return reply.then(send);
    send(reply);
  }

  /** The user of a request. Passwords are hashed once a connection, not at every call. */
  #userOf(header: string | undefined, connection: Connection): string | undefined {
    if (header === undefined || !connection.mayCall) return undefined;
    if (header === connection.header) return connection.user;
    const user = authorize(header, this.#options.credentials);
    if (user !== undefined) {
      connection.header = header;
      connection.user = user;
    }
    return user;
  }

  #refuse(request: IncomingMessage, response: ServerResponse): void {
    response.setHeader("WWW-Authenticate", 'Basic realm="jsonrpc"');
    const reply = { status: 401, body: undefined };
    if (request.headers.authorization === undefined) {
      finish(response, reply);
      return;
    }
    this.#deps.log.warn("ThreadRPCServer incorrect password attempt", { from: request.socket.remoteAddress });
    this.#deps.clock.after(WRONG_PASSWORD_DELAY_MS, () => finish(response, reply));
  }
}

/** What is known of one connection. */
interface Connection {
  readonly mayCall: boolean;
  /** The last Authorization header that was right, and whose it was. */
  header?: string;
  user?: string;
  lastResponse?: ServerResponse;
}

/** Requests that come on one connection without waiting for answers are handled in turn, so that each sees what the one before did. */
function afterEarlier(connection: Connection, response: ServerResponse, start: () => void): void {
  const earlier = connection.lastResponse;
  connection.lastResponse = response;
  if (earlier === undefined || earlier.writableEnded) start();
  else earlier.once("close", start);
}

/** Tells a call that its client or the server is leaving. Most calls never ask, so that the signal is made when they do. */
class Departure {
  readonly #response: ServerResponse;
  readonly #closing: AbortSignal;
  #controller: AbortController | undefined;
  readonly #leave = () => this.#controller?.abort();

  constructor(response: ServerResponse, closing: AbortSignal) {
    this.#response = response;
    this.#closing = closing;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      this.#response.once("close", this.#leave);
      this.#closing.addEventListener("abort", this.#leave);
      if (this.#closing.aborted || this.#response.destroyed) this.#leave();
    }
    return this.#controller.signal;
  }

  forget(): void {
    if (this.#controller === undefined) return;
    this.#response.off("close", this.#leave);
    this.#closing.removeEventListener("abort", this.#leave);
  }
}

const ROOT_ENDPOINT = { wallet: undefined };

/** The endpoint of a path: `/`, or `/wallet/<name>` with the name's escapes resolved; `undefined` for any other. As in Core a query is part of the path. */
function endpointOf(url: string): { readonly wallet: string | undefined } | undefined {
  if (url === "/") return ROOT_ENDPOINT;
  if (!url.startsWith("/wallet/")) return undefined;
  try {
    return { wallet: decodeURIComponent(url.slice("/wallet/".length)) };
  } catch {
    return undefined;
  }
}
