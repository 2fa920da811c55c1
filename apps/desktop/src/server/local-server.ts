import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { PAGE_PERMISSIONS } from "@bitfleet/api/page-permissions.ts";
import fastifyHelmet from "@fastify/helmet";
import { type FastifyInstance, type FastifyReply, fastify } from "fastify";
import { APP_PATHS, appAt, type DesktopApp } from "../apps.ts";
import type { VaultPages } from "../vault/vault-routes.ts";
import { DeepLinks } from "./deep-links.ts";
import { desktopRoutes, type KeptLook } from "./desktop-routes.ts";
import { forward, forwardUpgrade } from "./forward.ts";
import { admit, cookieName, pageOf, type SessionSecrets } from "./gate.ts";
import { type OneTimeTokens, oneTimeTokens } from "./one-time-tokens.ts";
import { answerOpening } from "./opening.ts";
import { PageEvents } from "./page-events.ts";
import { type PageFolders, pageFiles } from "./page-files.ts";
import { isOfAnotherUser } from "./peer-user.ts";
import type { Target } from "./target.ts";

export interface LocalServerOptions {
  readonly version: string;
  readonly folders: PageFolders;
  /** The network that each app begins with, where nobody names another. */
  readonly targets: Readonly<Record<DesktopApp, Target>>;
}

export interface LocalServerDependencies {
  readonly nowMs: () => number;
  /** Adds the routes of the vault below /desktop/vault. */
  readonly mountVault?: (app: FastifyInstance, pages: VaultPages) => MountedVault;
  readonly look: KeptLook;
  /** A page asks that everything ends. */
  readonly onQuit: () => void;
  /** A page came or went. */
  readonly onPages?: () => void;
  /** How long a page may have no stream of events until it counts as gone; some seconds where absent. */
  readonly pageGoneAfterMs?: number;
}

export interface MountedVault {
  /** For every window. */
  lockAll(): Promise<void>;
  /** For a page that is gone, whether it could lock or not. */
  lockPage?(page: string): Promise<void>;
}

/** What a window is opened with. */
export interface Opening {
  readonly app: DesktopApp;
  /** Where in it: the app's own beginning where absent. */
  readonly path?: string | undefined;
  /** Called when it is opened: nobody needs the token any more. */
  readonly onOpened?: (() => void) | undefined;
}

export interface LocalServer {
  readonly port: number;
  readonly origin: string;
  readonly events: PageEvents;
  /** An address that opens the app once, within a minute. */
  issueUrl(opening: Opening): string;
  /** The same for a form that is sent to {@link origin}/open: the token alone. */
  issueToken(opening: Opening): string;
  /** The network that somebody named for an app's next window. */
  beginWith(app: DesktopApp, target: Target): void;
  /** Payment links on their way to the wallet's page. */
  readonly deepLinks: DeepLinks;
  close(): Promise<void>;
}

/** A page asks for many files at once; and streams stay open. */
const CONNECTIONS_MAX = 256;
const HEAD_BYTES_MAX = 16 * 1024;
const HEAD_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 60_000;
/** Of our own routes; those of the vault take more and say so. */
const BODY_BYTES_MAX = 6 * 1024 * 1024;
const SECRET_BYTES = 32;

/** As of the web servers; an image may be drawn by the page itself. */
const CONTENT_POLICY = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'", "blob:", "data:"],
  fontSrc: ["'self'"],
  connectSrc: ["'self'"],
  manifestSrc: ["'self'"],
  baseUri: ["'none'"],
  formAction: ["'none'"],
  frameAncestors: ["'none'"],
};

/**
 * Listens on the loopback address at a port that the system chooses, and serves the windows of this process and nobody else: every request is
 * looked at by {@link admit} before anything else sees it, and refused without a word.
 */
export async function startLocalServer(
  options: LocalServerOptions,
  deps: LocalServerDependencies,
): Promise<LocalServer> {
  const secrets = newSecrets();
  const tokens = oneTimeTokens<Opening>(deps.nowMs);
  let vault: MountedVault | undefined;
  const events = new PageEvents({
    onChange: deps.onPages,
    onGone: (page) => void vault?.lockPage?.(page),
    goneAfterMs: deps.pageGoneAfterMs,
  });
  const initial: Record<DesktopApp, Target> = { ...options.targets };
  const named = new Set<DesktopApp>();
  const targets = new Map<DesktopApp, Target>(Object.entries(initial) as [DesktopApp, Target][]);
  const admitted = new WeakMap<IncomingMessage, DesktopApp>();
  const state: ServerState = { secrets, tokens, targets, admitted, endStreams: () => {} };
  const app = fastify({
    serverFactory: (handler) => gatedServer(handler, state),
    bodyLimit: BODY_BYTES_MAX,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 256 },
    frameworkErrors: (_error, _request, reply) => (reply as FastifyReply).code(403).send(),
  }) as unknown as FastifyInstance;
  app.removeContentTypeParser("text/plain");
  await app.register(fastifyHelmet, {
    contentSecurityPolicy: { useDefaults: false, directives: CONTENT_POLICY },
    strictTransportSecurity: false,
    crossOriginEmbedderPolicy: false,
  });
  app.addHook("onRequest", (request, reply, done) => {
    reply.header("Permissions-Policy", PAGE_PERMISSIONS[appAt(request.url)]);
    done();
  });
  const appOf = (request: IncomingMessage) => admitted.get(request)!;
  const deepLinks = new DeepLinks(events);
  vault = deps.mountVault?.(app, { pageOf, watch: (page) => events.watch(page) });
  const lockAll = async () => vault?.lockAll();
  desktopRoutes(
    app,
    { version: options.version, initial, named, targets, appOf, events, deepLinks },
    { lockAll, onQuit: deps.onQuit, look: deps.look },
  );
  await pageFiles(app, options.folders, (name) => ({ key: secrets.keys[name], look: deps.look.look }));
  await app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  return {
    port,
    origin,
    events,
    issueUrl: (opening) => `${origin}/open?token=${tokens.issue(opening)}`,
    issueToken: (opening) => tokens.issue(opening),
    beginWith: (name, target) => {
      named.add(name);
      initial[name] = target;
      targets.set(name, target);
    },
    deepLinks,
    close: async () => {
      events.close();
      state.endStreams();
      await app.close();
      await lockAll();
    },
  };
}

interface ServerState {
  readonly secrets: SessionSecrets;
  readonly tokens: OneTimeTokens<Opening>;
  readonly targets: ReadonlyMap<DesktopApp, Target>;
  readonly admitted: WeakMap<IncomingMessage, DesktopApp>;
  endStreams: () => void;
}

type Handler = (request: IncomingMessage, reply: ServerResponse) => void;

/** A server whose handler sees what was admitted alone. */
function gatedServer(handler: Handler, state: ServerState): Server {
  const { secrets, tokens, targets, admitted } = state;
  const limits = { maxHeaderSize: HEAD_BYTES_MAX, headersTimeout: HEAD_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS };
  const portOf = () => (server.address() as AddressInfo | null)?.port ?? 0;
  const streams = new Set<Duplex>();
  const server = createServer(limits, (request, reply) => {
    const admission = admit(request, portOf(), secrets);
    if (admission.kind === "refused") return refuseSilently(request, reply);
    if (admission.kind === "opening") {
      return answerOpening(request, reply, (token) => {
        const opening = tokens.redeem(token);
        if (opening === undefined) return undefined;
        opening.onOpened?.();
        return {
          cookie: `${cookieName(portOf())}=${secrets.cookie}; Path=/; HttpOnly; SameSite=Strict`,
          path: opening.path ?? APP_PATHS[opening.app],
        };
      });
    }
    if (request.headers["service-worker"] !== undefined) return void reply.writeHead(404).end();
    if (admission.kind === "app") {
      admitted.set(request, admission.app);
      if (isOfNetwork(request.url)) return forward(request, reply, targets.get(admission.app)!);
    }
    handler(request, reply);
  });
  server.maxConnections = CONNECTIONS_MAX;
  // A connection that cannot be accepted ends nothing; that it cannot listen is told to who asked for that.
  server.on("error", () => {});
  server.on("connection", (socket) => {
    if (isOfAnotherUser(socket)) socket.destroy();
  });
  server.on("upgrade", (request, socket, head) => {
    // The server has taken its hands off it: what nobody listens to would end the process.
    socket.on("error", () => socket.destroy());
    const admission = admit(request, portOf(), secrets);
    if (admission.kind !== "app" || !isOfNetwork(request.url)) {
      socket.end("HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
      return;
    }
    streams.add(socket);
    socket.once("close", () => streams.delete(socket));
    forwardUpgrade(request, socket, head, targets.get(admission.app)!);
  });
  server.on("clientError", (_error, socket) => socket.destroy());
  // The server does not know any more of connections that became WebSockets.
  state.endStreams = () => {
    for (const stream of streams) stream.destroy();
  };
  return server;
}

const isOfNetwork = (url = "") => /^\/(api|esplora|health|metrics)(\/|\?|$)/.test(url);

/** Nothing of what is here, and the connection ends: who is not wanted takes none of them. */
export function refuseSilently(request: IncomingMessage, reply: ServerResponse): void {
  reply.writeHead(403, { connection: "close", "content-length": 0 }).end();
  request.destroy();
}

function newSecrets(): SessionSecrets {
  const secret = () => randomBytes(SECRET_BYTES).toString("base64url");
  return { cookie: secret(), keys: { wallet: secret(), admin: secret() } };
}
