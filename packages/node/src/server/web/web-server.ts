import type { FastifyInstance } from "fastify";
import type { Clock, Logger } from "../../ports.ts";
import type { Access } from "../access/access.ts";
import { admitted, LIMIT_HEADERS } from "../access/limit-headers.ts";
import { eventMetrics } from "../events/event-metrics.ts";
import { EventStream, type EventStreamOptions } from "../events/event-stream.ts";
import { FastLane, type LaneGate } from "../fast-lane/fast-lane.ts";
import { NodeVersions } from "../fast-lane/node-versions.ts";
import { NodeWatch } from "../health/node-watch.ts";
import type { StorageWatchOptions } from "../health/storage-watch.ts";
import type { ListenAddress } from "../listen-address.ts";
import { HttpMeter } from "../metrics/http-meter.ts";
import type { MetricSource } from "../metrics/metric-source.ts";
import type { NetworkControl } from "../network-control.ts";
import type { WalletForwarder } from "../rest/wallet-forwarder.ts";
import { addressOf, opened } from "./open-app.ts";
import { createProbeApp } from "./probe-app.ts";
import { followTlsFiles, readTlsFiles, type TlsFiles } from "./tls-files.ts";
import { createWebApp, type WebAppOptions } from "./web-app.ts";
import type { WebNode } from "./web-state.ts";

export interface WebServerOptions extends Omit<WebAppOptions, "tls"> {
  readonly listen: ListenAddress;
  /** `-webmetricsbind`: metrics and health are at an address of their own, and metrics nowhere else. */
  readonly metricsListen?: ListenAddress | undefined;
  /** HTTPS in place of HTTP. */
  readonly tlsFiles?: TlsFiles | undefined;
  /** Directories to keep an eye on. */
  readonly watched?: StorageWatchOptions;
  /** `-webeventclients`, `-webeventclientsperaddress` */
  readonly events?: Pick<EventStreamOptions, "clientsMax" | "clientsPerAddressMax">;
  /** How long requests that have begun may take when the server closes; default 5 s. */
  readonly closeGraceMs?: number;
}

export interface WebServerDependencies {
  readonly clock: Clock;
  readonly log: Logger;
  /** Keys, limits and audit log. Whoever made it closes it, behind the server. */
  readonly access?: Access;
  /** Counters of others, for /metrics. */
  readonly metricSources?: readonly MetricSource[];
  /** What can be done to the network of this machine; absent where the node is by itself. */
  readonly network?: NetworkControl | undefined;
  /** Where the wallets are, if at another node. */
  readonly walletNode?: WalletForwarder | undefined;
}

/** The HTTP server of page, health and API. Alive from `listen`, ready after `ready`. */
export interface WebServer {
  /** Rejects with `ListenError`, and with `TlsFileError`. */
  listen(): Promise<void>;
  /** Where it listens, with the real port. */
  readonly address: ListenAddress;
  /** Where metrics are, if not there too. */
  readonly metricsAddress: ListenAddress | undefined;
  ready(node: WebNode): void;
  /**
   * Everything is answered as ever, but /health/ready with 503, and connections end with the next answer: balancers and clients turn away.
   * Streams of events end within `durationMs`.
   */
  drain(durationMs: number): void;
  /** Takes no more requests; resolves when those that have begun are answered. Health and metrics at an address of their own stay. */
  finish(): Promise<void>;
  close(): Promise<void>;
}

const CLOSE_GRACE_MS = 5_000;

/** Makes the web server. */
export function createWebServer(options: WebServerOptions, deps: WebServerDependencies): WebServer {
  return new FastifyWebServer(options, deps);
}

class FastifyWebServer implements WebServer {
  readonly #options: WebServerOptions;
  readonly #deps: WebServerDependencies;
  readonly #events: EventStream;
  readonly #watch: NodeWatch;
  #app: FastifyInstance | undefined;
  #lane: FastLane | undefined;
  #finished: Promise<void> | undefined;
  #probes: FastifyInstance | undefined;
  #unfollowTls = () => {};

  constructor(options: WebServerOptions, deps: WebServerDependencies) {
    this.#options = options;
    this.#deps = deps;
    this.#events = new EventStream(options.events ?? {}, deps);
    const { access } = deps;
    const rateLimits = access && (() => access.limiter.status());
    this.#watch = new NodeWatch(options, { ...deps, rateLimits });
  }

  async listen(): Promise<void> {
    try {
      await this.#listen();
    } catch (error) {
      await this.close();
      throw error;
    }
    this.#watch.start();
  }

  async #listen(): Promise<void> {
    const { listen, metricsListen, tlsFiles, hasMetrics = true } = this.#options;
    const { clock, log, access, network, walletNode, metricSources = [] } = this.#deps;
    const { state, loop, storage, health } = this.#watch;
    const tls = tlsFiles && readTlsFiles(tlsFiles);
    const meter = new HttpMeter();
    const shared = {
      ...{ clock, log, access, meter, metricSources: [meter, eventMetrics(this.#events), ...metricSources] },
      ...{ state, loop, storage, health, events: this.#events, network, walletNode },
    };
    const isApart = metricsListen !== undefined;
    const options = { ...this.#options, tls, hasMetrics: hasMetrics && !isApart };
    const app = await createWebApp(options, shared);
    this.#openLane(app, meter);
    this.#app = await opened(app, listen);
    if (tlsFiles !== undefined) {
      this.#unfollowTls = followTlsFiles(tlsFiles, this.#app.server as never, { clock, log });
    }
    if (hasMetrics && isApart) this.#probes = await opened(createProbeApp(this.#options, shared), metricsListen);
  }

  /** Not where each request is to have its line in the log, or a key. */
  #openLane(app: FastifyInstance, meter: HttpMeter): void {
    const { access } = this.#deps;
    if (this.#options.logsRequests === true || access?.requiresKey === true) return;
    const gate: LaneGate = {
      ownHeaders: LIMIT_HEADERS,
      admit: ({ remoteAddress }) => (access === undefined ? "" : admitted(access.limiter, remoteAddress)),
      answered: (route, method) => meter.count({ route, method, status: 200, seconds: 0 }),
    };
    const versions = new NodeVersions(this.#watch.state);
    this.#lane = FastLane.open(app.server, { clock: this.#deps.clock, versions, gate });
    app.addHook("preClose", async () => this.#lane?.close());
  }

  get address(): ListenAddress {
    return addressOf(this.#app) ?? this.#options.listen;
  }

  get metricsAddress(): ListenAddress | undefined {
    return addressOf(this.#probes);
  }

  ready(node: WebNode): void {
    this.#watch.state.ready(node);
    this.#events.follow(node);
  }

  drain(durationMs: number): void {
    this.#watch.state.drain();
    this.#lane?.drain();
    if (durationMs > 0) this.#events.moveOn(durationMs);
  }

  finish(): Promise<void> {
    this.#finished ??= this.#finish();
    return this.#finished;
  }

  async #finish(): Promise<void> {
    this.#watch.state.drain();
    this.#events.close();
    const { closeGraceMs = CLOSE_GRACE_MS } = this.#options;
    const cancel = this.#deps.clock.after(closeGraceMs, () => {
      this.#lane?.abandon();
      this.#app?.server.closeAllConnections();
    });
    await this.#app?.close();
    cancel();
  }

  async close(): Promise<void> {
    await this.finish();
    await this.#probes?.close();
    this.#unfollowTls();
    this.#watch.stop();
  }
}
