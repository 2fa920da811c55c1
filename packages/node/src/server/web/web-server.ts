import type { AddressInfo } from "node:net";
import type { FastifyInstance } from "fastify";
import type { Clock, Logger } from "../../ports.ts";
import type { ApiKey } from "../access/api-keys.ts";
import { EventStream } from "../events/event-stream.ts";
import { type ListenAddress, ListenError } from "../listen-address.ts";
import { createWebApp } from "./web-app.ts";
import { type WebNode, WebState } from "./web-state.ts";

export interface WebServerOptions {
  readonly listen: ListenAddress;
  /** Folder of the built admin page (apps/admin/dist). Where it is absent `/` explains how to build it. */
  readonly pageFolder?: string;
  /** Folder of the files of the interactive reference; where npm installed them if absent. */
  readonly referenceFolder?: string | undefined;
  /** Version of this software, for /health. */
  readonly version: string;
  /** For the routes that not everybody may use; without any they are closed. */
  readonly keys?: readonly ApiKey[];
}

export interface WebServerDependencies {
  readonly clock: Clock;
  readonly log: Logger;
}

/** The HTTP server of page, health and API. Alive from `listen`, ready after `ready`. */
export interface WebServer {
  /** Rejects with `ListenError`. */
  listen(): Promise<void>;
  /** Where it listens, with the real port. */
  readonly address: ListenAddress;
  ready(node: WebNode): void;
  /** /health/ready answers 503 from now on, so that balancers turn away while requests still end. */
  drain(): void;
  close(): Promise<void>;
}

/** Makes the web server. */
export function createWebServer(options: WebServerOptions, deps: WebServerDependencies): WebServer {
  return new FastifyWebServer(options, deps);
}

class FastifyWebServer implements WebServer {
  readonly #options: WebServerOptions;
  readonly #deps: WebServerDependencies;
  readonly #state = new WebState();
  readonly #events: EventStream;
  #app: FastifyInstance | undefined;

  constructor(options: WebServerOptions, deps: WebServerDependencies) {
    this.#options = options;
    this.#deps = deps;
    this.#events = new EventStream({}, deps);
  }

  async listen(): Promise<void> {
    const app = await createWebApp(this.#options, { ...this.#deps, state: this.#state, events: this.#events });
    try {
      await app.listen(this.#options.listen);
    } catch (error) {
      await app.close();
      const { code, message } = error as NodeJS.ErrnoException;
      throw new ListenError(this.#options.listen, code ?? message);
    }
    this.#app = app;
  }

  get address(): ListenAddress {
    const address = this.#app?.server.address() as AddressInfo | null | undefined;
    return address ? { host: address.address, port: address.port } : this.#options.listen;
  }

  ready(node: WebNode): void {
    this.#state.ready(node);
    this.#events.follow(node);
  }

  drain(): void {
    this.#state.drain();
  }

  async close(): Promise<void> {
    this.#state.drain();
    this.#events.close();
    await this.#app?.close();
  }
}
