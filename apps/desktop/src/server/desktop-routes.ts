import type { IncomingMessage } from "node:http";
import type { FastifyInstance } from "fastify";
import type { DesktopApp } from "../apps.ts";
import { type Look, readLook } from "../look-file.ts";
import type { DeepLinks } from "./deep-links.ts";
import { pageOf } from "./gate.ts";
import type { PageEvents } from "./page-events.ts";
import { readTarget, type Target } from "./target.ts";
import { type TriedRequest, tryPlace } from "./try-place.ts";

export interface DesktopRoutesOptions {
  readonly version: string;
  readonly initial: Readonly<Record<DesktopApp, Target>>;
  /** The apps whose first network somebody named. */
  readonly named: ReadonlySet<DesktopApp>;
  readonly targets: Map<DesktopApp, Target>;
  /** Whose key the request has. */
  readonly appOf: (request: IncomingMessage) => DesktopApp;
  readonly events: PageEvents;
  readonly deepLinks: DeepLinks;
}

export interface DesktopRoutesDependencies {
  readonly lockAll: () => Promise<void>;
  readonly onQuit: () => void;
  readonly look: KeptLook;
}

/** Where theme and unit of amounts are remembered. */
export interface KeptLook {
  readonly look: Look;
  change(change: Look): Promise<void>;
}

/** What a page may ask of the process that it is in, besides the vault. */
export function desktopRoutes(
  app: FastifyInstance,
  options: DesktopRoutesOptions,
  deps: DesktopRoutesDependencies,
): void {
  const { targets, initial, named, appOf, events, deepLinks } = options;
  app.addHook("onSend", async (request, reply) => {
    if (request.url.startsWith("/desktop")) reply.header("Cache-Control", "no-store");
  });
  app.get("/desktop/session", async (request) => {
    const name = appOf(request.raw);
    // It is shown once: a page that is loaded anew does not pay again.
    const deepLink = name === "wallet" ? (deepLinks.take() ?? null) : null;
    return { app: name, version: options.version, deepLink };
  });
  app.get("/desktop/target", async (request) => {
    const name = appOf(request.raw);
    const target = targets.get(name)!;
    const { url, apiKey } = target;
    return { url, hasApiKey: apiKey !== "", isNamed: named.has(name) && target === initial[name] };
  });
  app.put("/desktop/target", async (request, reply) => {
    const name = appOf(request.raw);
    const { url, apiKey } = fieldsOf(request.body);
    const target = url === "" ? { ...initial[name], ...keyOf(apiKey) } : readTarget(url, apiKey ?? "");
    if ("error" in target) return reply.code(400).send({ error: target.error });
    targets.set(name, target);
    return { url: target.url, hasApiKey: target.apiKey !== "" };
  });
  app.put("/desktop/look", async (request, reply) => {
    const change = readLook(request.body);
    if (change === undefined) {
      return reply.code(400).send({ error: "theme is one of dark, light and auto, and unit one of BTC and sats." });
    }
    try {
      await deps.look.change(change);
    } catch (error) {
      const why = (error as Error).message;
      return reply.code(500).send({ error: `The look cannot be remembered for the next start (${why}).` });
    }
    events.sendToOthers(pageOf(request.raw), { name: "look", data: change });
    return reply.code(204).send();
  });
  app.post("/desktop/try", async (request, reply) => {
    const tried = readTried(request.body);
    if (tried === undefined) return reply.code(400).send({ error: "url, path and method are expected." });
    try {
      return await tryPlace(tried);
    } catch (error) {
      return reply.code(502).send({ error: (error as Error).message });
    }
  });
  app.get("/desktop/events", (request, reply) => {
    reply.hijack();
    const name = appOf(request.raw);
    events.open(reply.raw, name, pageOf(request.raw), name === "wallet" ? deepLinks.forNewPage() : undefined);
  });
  app.post("/desktop/deep-link-taken", async (request, reply) => {
    if (appOf(request.raw) === "wallet") deepLinks.taken(fieldsOf(request.body).id);
    return reply.code(204).send();
  });
  app.post("/desktop/lock-all", async (_request, reply) => {
    await deps.lockAll();
    return reply.code(204).send();
  });
  app.post("/desktop/quit", async (_request, reply) => {
    reply.raw.once("finish", () => deps.onQuit());
    return reply.code(204).send();
  });
}

const fieldsOf = (body: unknown): Readonly<Record<string, unknown>> =>
  typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};

const keyOf = (apiKey: unknown) => (typeof apiKey === "string" && apiKey !== "" ? { apiKey } : {});

const METHODS: readonly unknown[] = [undefined, "GET", "HEAD", "POST", "PUT", "DELETE"];

function readTried(body: unknown): TriedRequest | undefined {
  const { url, path, method, headers = {}, body: sent } = fieldsOf(body);
  const areHeaders =
    typeof headers === "object" && Object.values(headers ?? {}).every((one) => typeof one === "string");
  const isBody = sent === undefined || typeof sent === "string";
  if (typeof url !== "string" || typeof path !== "string" || !METHODS.includes(method) || !areHeaders || !isBody) {
    return undefined;
  }
  return body as TriedRequest;
}
