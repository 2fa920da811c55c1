import { existsSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { noSuchPathText, otherMethodText } from "../rest/no-such-path.ts";
import { methodsAt } from "../rest/route-methods.ts";
import { failure } from "./envelope.ts";

export interface PageFolders {
  /** Of the explorer, which is at the root. */
  readonly pageFolder?: string | undefined;
  /** Of the wallet app, which is at {@link WALLET_APP}. */
  readonly walletFolder?: string | undefined;
}

/** Where the wallet app is. */
export const WALLET_APP = "/wallet-app/";

/** The built web apps, where they are; a page that says how to build them, where they are not. */
export async function pageRoutes(app: FastifyInstance, folders: PageFolders): Promise<void> {
  await filesOf(app, folders.pageFolder, "/");
  await filesOf(app, folders.walletFolder, WALLET_APP);
  const sendPage = (reply: FastifyReply, path: string) => {
    const folder = isOfWallet(path) ? folders.walletFolder : folders.pageFolder;
    return folder !== undefined && existsSync(join(folder, "index.html"))
      ? reply.header("Cache-Control", "no-cache").sendFile("index.html", folder)
      : reply.code(503).type("text/html; charset=utf-8").send(NOT_BUILT);
  };

  app.get("/", (_request, reply) => sendPage(reply, "/"));
  app.get(WALLET_APP, (_request, reply) => sendPage(reply, WALLET_APP));
  app.get(WALLET_APP.slice(0, -1), (request, reply) => {
    const at = request.url.indexOf("?");
    return reply.redirect(`${WALLET_APP}${at === -1 ? "" : request.url.slice(at)}`, 308);
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split("?", 1)[0]!;
    const known = methodsAt(path);
    const methods = known.length === 0 ? READ_METHODS : known;
    const isThere = known.length > 0 || isBesideTable(path) || !isOfApi(path);
    if (request.method === "OPTIONS" && isThere) {
      return reply
        .code(204)
        .header("Allow", [...methods, "OPTIONS"].join(", "))
        .send();
    }
    if (isThere && !methods.includes(request.method)) {
      return reply
        .code(405)
        .header("Allow", methods.join(", "))
        .send(failure(otherMethodText(request.method, path, methods)));
    }
    if (!isOfApi(path) && wantsPage(request, path)) return sendPage(reply, path);
    return reply.code(404).send(failure(noSuchPathText(request.method, path)));
  });
}

/** Whether a path is the wallet app's, whose policy is another one. */
export const isOfWallet = (path: string) => path.startsWith(WALLET_APP);

async function filesOf(app: FastifyInstance, folder: string | undefined, prefix: string): Promise<void> {
  if (folder === undefined || !existsSync(folder)) return;
  await app.register(fastifyStatic, {
    root: folder,
    prefix,
    // One of them gives replies `sendFile`.
    decorateReply: !app.hasReplyDecorator("sendFile"),
    index: false,
    wildcard: true,
    dotfiles: "ignore",
    // The build puts a .br and a .gz beside each larger file: nothing is compressed while it is asked for.
    preCompressed: true,
    setHeaders: (reply, path) => {
      // File names in /assets carry a hash of their content.
      const isHashed = path.startsWith(join(folder, "assets"));
      reply.header("Cache-Control", isHashed ? "public, max-age=31536000, immutable" : "no-cache");
    },
  });
}

const READ_METHODS: readonly string[] = ["GET", "HEAD"];

const isOfApi = (path: string) => /^\/(api|health|metrics|api-docs|swagger-ui)(\/|$)/.test(path);

/** What is read without a row in the table of routes. */
const isBesideTable = (path: string) =>
  /^\/(metrics|swagger-ui|api-docs\/openapi\.json|api\/v1\/events|(api\/)?health(\/(live|ready|liveness|readiness))?)$/.test(
    path,
  );

/** The page draws its own paths, like /blocks/5; a path with an ending is a file that is missing, unless it is a wallet's name. */
function wantsPage(request: FastifyRequest, path: string): boolean {
  const accept = request.headers.accept ?? "";
  const isFile = /\.[^/]*$/.test(path) && !/^\/wallet\/[^/]+$/.test(path);
  return READ_METHODS.includes(request.method) && !isFile && /text\/html|\*\/\*/.test(accept);
}

const NOT_BUILT = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Bitfleet</title>
<h1>The node runs; its pages are not built yet</h1>
<p>Build them with <code>npm run build</code> in the project's folder and reload this page.</p>
<p>Meanwhile: <a href="/api/v1/blockchain">the chain</a>, <a href="/api/v1/blockchain/blocks">its blocks</a>,
<a href="/health">health</a>.</p>
</html>
`;
