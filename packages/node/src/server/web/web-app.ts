import type { Socket } from "node:net";
import { ApiError } from "@bitfleet/api/errors.ts";
import { PAGE_PERMISSIONS } from "@bitfleet/api/page-permissions.ts";
import fastifyHelmet from "@fastify/helmet";
import { type FastifyError, type FastifyInstance, type FastifyReply, fastify } from "fastify";
import type { Clock, Logger } from "../../ports.ts";
import { StorageError } from "../../storage/storage-error.ts";
import { type Access, accessOf } from "../access/access.ts";
import { installAccess } from "../access/access-hooks.ts";
import type { ApiKey } from "../access/api-keys.ts";
import { esploraRoutes } from "../esplora/esplora-app.ts";
import { eventRoutes } from "../events/event-routes.ts";
import type { EventStream } from "../events/event-stream.ts";
import { HealthMonitor } from "../health/health-monitor.ts";
import type { LoopWatch } from "../health/loop-watch.ts";
import type { StorageWatch } from "../health/storage-watch.ts";
import { HttpMeter } from "../metrics/http-meter.ts";
import type { MetricSource } from "../metrics/metric-source.ts";
import type { NetworkControl } from "../network-control.ts";
import { addressRoutes } from "../rest/rest-addresses.ts";
import { blockchainRoutes } from "../rest/rest-blockchain.ts";
import { consoleRoutes } from "../rest/rest-console.ts";
import { feeRoutes } from "../rest/rest-fees.ts";
import { healthRoutes } from "../rest/rest-health.ts";
import { mempoolRoutes } from "../rest/rest-mempool.ts";
import { messageRoutes } from "../rest/rest-messages.ts";
import { metricsRoute } from "../rest/rest-metrics.ts";
import { miningRoutes } from "../rest/rest-mining.ts";
import { networkRoutes } from "../rest/rest-network.ts";
import { peerRoutes } from "../rest/rest-peers.ts";
import { searchRoutes } from "../rest/rest-search.ts";
import { transactionRoutes } from "../rest/rest-transactions.ts";
import { walletPaymentRoutes } from "../rest/rest-wallet-payments.ts";
import { walletRoutes } from "../rest/rest-wallets.ts";
import { watchRoutes } from "../rest/rest-watch.ts";
import type { WalletForwarder } from "../rest/wallet-forwarder.ts";
import type { RpcWhitelist } from "../rpc/auth.ts";
import { apiDocsRoutes } from "./api-docs.ts";
import { compressAnswers } from "./compression.ts";
import { shareConnections } from "./connection-shares.ts";
import { allowOrigins } from "./cross-origin.ts";
import { endConnections } from "./draining.ts";
import { asSentence, failure } from "./envelope.ts";
import { guardBodies } from "./json-bodies.ts";
import { limitLargeBodies } from "./large-bodies.ts";
import { sayLast } from "./last-words.ts";
import { watchRequests } from "./request-hooks.ts";
import { requestIds } from "./request-id.ts";
import { closeStalled } from "./slow-readers.ts";
import { isOfWallet, type PageFolders, pageRoutes } from "./static-page.ts";
import type { TlsContext } from "./tls-files.ts";
import { validationText } from "./validation-text.ts";
import { CONNECTIONS_DEFAULT, type CrossOrigins } from "./web-limits.ts";
import type { WebState } from "./web-state.ts";

export interface WebAppOptions extends PageFolders {
  /** Folder of the files of the interactive reference; where npm installed them if absent. */
  readonly referenceFolder?: string | undefined;
  readonly version: string;
  /** Opens the routes under /api/admin to who has one of them, where the dependencies have no `access`. */
  readonly keys?: readonly ApiKey[];
  /** `-webtrustproxy`: whose X-Forwarded-For says where a call comes from; nobody's where absent. */
  readonly trustedProxies?: readonly string[];
  /** `-webcors`: pages of which origins may call; of none but our own where absent. */
  readonly crossOrigins?: CrossOrigins | undefined;
  /** `-webmetrics`: default true. */
  readonly hasMetrics?: boolean;
  /** `-rpcwhitelist`, for calls of JSON-RPC that come through the HTTP API. */
  readonly rpcWhitelist?: RpcWhitelist | undefined;
  /** `-weblog`: default false. */
  readonly logsRequests?: boolean;
  /** HTTPS in place of HTTP. */
  readonly tls?: TlsContext | undefined;
  /** `-webmaxconnections`: those beyond it are closed at once. */
  readonly connectionsMax?: number;
  /** How long request line and headers may take to come; default 10 s. */
  readonly headTimeoutMs?: number;
  /** For how long a client may take nothing of its answer; default 30 s. */
  readonly stallMs?: number;
}

export interface WebAppDependencies {
  readonly clock: Clock;
  readonly log: Logger;
  readonly state: WebState;
  readonly events: EventStream;
  /** Keys, limits and audit log; what `keys` opens where absent. */
  readonly access?: Access | undefined;
  /** What is told of besides; tests leave it out. */
  readonly health?: HealthMonitor;
  readonly loop?: LoopWatch | undefined;
  readonly storage?: StorageWatch | undefined;
  readonly meter?: HttpMeter;
  /** Whose counters /metrics shows. */
  readonly metricSources?: readonly MetricSource[];
  /** What can be done to the network of this machine; absent where the node is by itself. */
  readonly network?: NetworkControl | undefined;
  /** Where the wallets are, if at another node. */
  readonly walletNode?: WalletForwarder | undefined;
}

/** Bodies are a few short fields. */
const BODY_BYTES_MAX = 1024;
/** Request line and headers together. */
const HEAD_BYTES_MAX = 8192;
const HEAD_TIMEOUT_MS = 10_000;
const TIMEOUT_MS = 30_000;
/** Every so often it is looked whether a client takes longer. */
const TIMEOUT_LOOK_MS = 1_000;
/** How long browsers remember that this place speaks HTTPS: half a year. */
const HSTS_SECONDS = 15_552_000;
/** Longer than balancers keep theirs, so that they never send into a connection that is closing. */
const KEEP_ALIVE_MS = 75_000;

/** Scripts, styles, images and connections from this origin alone. The page is built for it: it makes no style elements. */
const CONTENT_POLICY = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'"],
  fontSrc: ["'self'"],
  connectSrc: ["'self'"],
  manifestSrc: ["'self'"],
  baseUri: ["'none'"],
  formAction: ["'none'"],
  frameAncestors: ["'none'"],
};

/** The wallet app's: the user chooses the network that it reaches, which may be anywhere. */
const WALLET_POLICY = policyText({ ...CONTENT_POLICY, connectSrc: ["'self'", "http:", "https:", "ws:", "wss:"] });

/** Of an answer that is given before any hook: there is nothing in it for a browser to show or keep. */
const BARE_HEADERS = {
  "Cache-Control": "no-store",
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  "X-Content-Type-Options": "nosniff",
};

/**
 * The HTTP application, without a socket: tests `inject` into it.
 *
 * The Host header is not looked at, though a page elsewhere could so reach a node on loopback under a name of its own (DNS
 * rebinding): what it could read is the chain and how the node is, which is no secret of anybody's, and there is no login to
 * borrow, since what changes something takes a key that no browser sends by itself; and a reverse proxy passes on names that
 * we cannot know.
 */
export async function createWebApp(options: WebAppOptions, deps: WebAppDependencies): Promise<FastifyInstance> {
  const { tls, headTimeoutMs = HEAD_TIMEOUT_MS } = options;
  const limits = {
    maxHeaderSize: HEAD_BYTES_MAX,
    headersTimeout: headTimeoutMs,
    connectionsCheckingInterval: Math.min(TIMEOUT_LOOK_MS, headTimeoutMs),
  };
  const app = fastify({
    ...(tls === undefined ? { http: limits } : { https: { ...limits, ...tls } }),
    genReqId: requestIds(),
    clientErrorHandler: refuseBroken,
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: "idle",
    // The node still runs: what comes on a connection that is open is answered, and the connection ends with that.
    return503OnClosing: false,
    // Of the addresses in X-Forwarded-For the last that is no such proxy counts: what stands before it anybody may have written.
    trustProxy: options.trustedProxies?.length ? [...options.trustedProxies] : false,
    ajv: { customOptions: { coerceTypes: true, removeAdditional: true } },
    frameworkErrors: (_error, _request, reply) =>
      (reply as FastifyReply).code(400).headers(BARE_HEADERS).send(failure("The address cannot be read.")),
    routerOptions: { maxParamLength: 128 },
  }) as FastifyInstance;
  const { connectionsMax = CONNECTIONS_DEFAULT, trustedProxies = [] } = options;
  app.server.maxConnections = connectionsMax;
  if (trustedProxies.length === 0) shareConnections(app.server, connectionsMax);
  // Bodies are JSON, and say so: a page of another origin may send plain text without asking first.
  app.removeContentTypeParser("text/plain");
  guardBodies(app);
  await app.register(fastifyHelmet, {
    contentSecurityPolicy: { useDefaults: false, directives: CONTENT_POLICY },
    // Where plain HTTP is served, who puts TLS in front says so there.
    strictTransportSecurity: tls === undefined ? false : { maxAge: HSTS_SECONDS, includeSubDomains: false },
    crossOriginEmbedderPolicy: false,
  });
  app.addHook("onRequest", (request, reply, done) => {
    const isWallet = isOfWallet(request.url);
    reply.header("Permissions-Policy", PAGE_PERMISSIONS[isWallet ? "wallet" : "admin"]);
    if (isWallet) reply.header("Content-Security-Policy", WALLET_POLICY);
    done();
  });
  if (options.crossOrigins !== undefined) await allowOrigins(app, options.crossOrigins);
  const { state, meter = new HttpMeter(), health = new HealthMonitor({ state }, deps) } = deps;
  endConnections(app, state);
  watchRequests(app, { logsRequests: options.logsRequests ?? false }, { ...deps, meter });
  const access = deps.access ?? accessOf(options.keys, deps);
  // Behind what answers other origins, whose preflights have no key; before answers are compressed, of which the audit log has the error.
  installAccess(app, access);
  limitLargeBodies(app);
  app.addHook("onSend", (request, reply, payload, done) => {
    if (/^\/(api|health|metrics)/.test(request.url) && !reply.hasHeader("Cache-Control")) {
      reply.header("Cache-Control", "no-store");
    }
    done(null, payload);
  });
  compressAnswers(app);
  closeStalled(app, options.stallMs);
  app.addHook("preClose", async () => deps.events.close());
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const { status, message, rpc } = problemOf(error);
    if (status === 500) deps.log.error("a request failed where it must not", { path: request.url, stack: error.stack });
    return reply.code(status).send(failure(message, rpc));
  });
  const routes = { state, keys: access.keys };
  healthRoutes(app, options, { ...deps, health });
  blockchainRoutes(app, routes);
  transactionRoutes(app, routes);
  mempoolRoutes(app, routes);
  feeRoutes(app, routes);
  const metricSources = deps.metricSources ?? [meter];
  if (options.hasMetrics ?? true) metricsRoute(app, options, { ...deps, health, metricSources });
  miningRoutes(app, { ...routes, network: deps.network });
  peerRoutes(app, routes);
  networkRoutes(app, { ...routes, network: deps.network, limiter: access.limiter });
  searchRoutes(app, routes);
  consoleRoutes(app, { ...routes, rpcWhitelist: options.rpcWhitelist, walletNode: deps.walletNode });
  addressRoutes(app, routes);
  watchRoutes(app, routes);
  messageRoutes(app, routes);
  const walletDeps = { ...routes, walletNode: deps.walletNode };
  walletRoutes(app, walletDeps);
  walletPaymentRoutes(app, walletDeps);
  eventRoutes(app, { origins: options.crossOrigins }, { ...deps, keys: access.keys });
  await esploraRoutes(app, deps);
  await apiDocsRoutes(app, options);
  await pageRoutes(app, options);
  return app;
}

/** As it stands in the header: `connectSrc` is connect-src there. */
function policyText(directives: Readonly<Record<string, readonly string[]>>): string {
  const dashed = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return Object.entries(directives)
    .map(([name, sources]) => `${dashed(name)} ${sources.join(" ")}`)
    .join(";");
}

/** Answers what is no HTTP request, and one that takes too long, in the envelope; and closes, as nobody knows what would follow. */
function refuseBroken(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const [status, text] = BROKEN.get(error.code ?? "") ?? ["400 Bad Request", "This is no HTTP request."];
  const body = JSON.stringify(failure(text));
  const head = ["Content-Type: application/json; charset=utf-8", `Content-Length: ${Buffer.byteLength(body)}`];
  sayLast(socket, `HTTP/1.1 ${status}\r\n${head.join("\r\n")}\r\nConnection: close\r\n\r\n${body}`);
}

const BROKEN: ReadonlyMap<string, readonly [status: string, text: string]> = new Map([
  ["ERR_HTTP_REQUEST_TIMEOUT", ["408 Request Timeout", "The request took too long to come."]],
  ["HPE_HEADER_OVERFLOW", ["431 Request Header Fields Too Large", "Address and headers are too large."]],
]);

function problemOf(error: FastifyError): Pick<ApiError, "status" | "message"> & Partial<Pick<ApiError, "rpc">> {
  if (error instanceof ApiError) return error;
  if (error instanceof StorageError) return { status: 500, message: "The block's data cannot be read from disk." };
  if (error.validation !== undefined) return { status: 400, message: validationText(error) };
  const status = error.statusCode ?? 500;
  const sentence = FRAMEWORK_SENTENCES.get(error.code);
  if (sentence !== undefined) return { status, message: sentence };
  return status < 500
    ? { status, message: asSentence(error.message) }
    : { status: 500, message: "Something is wrong in the node; its log has more." };
}

/** What Fastify refuses, by its codes, said so that one knows what to do. */
const FRAMEWORK_SENTENCES: ReadonlyMap<string, string> = new Map([
  ["FST_ERR_CTP_INVALID_MEDIA_TYPE", "The body must be JSON, and say so in the header Content-Type: application/json."],
  ["FST_ERR_CTP_EMPTY_JSON_BODY", "The body is empty where its Content-Type promises JSON."],
  ["FST_ERR_CTP_INVALID_JSON_BODY", "The body is no valid JSON."],
]);
