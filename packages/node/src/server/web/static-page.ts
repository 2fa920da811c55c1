import { existsSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { noSuchPathText, otherMethodText } from "../rest/no-such-path.ts";
import { methodsAt } from "../rest/route-methods.ts";
import { failure } from "./envelope.ts";

/** The built page, where it is; a page that says how to build it, where it is not. */
export async function pageRoutes(
  app: FastifyInstance,
  options: { readonly pageFolder: string | undefined },
): Promise<void> {
  const { pageFolder } = options;
  const isBuilt = () => pageFolder !== undefined && existsSync(join(pageFolder, "index.html"));
  if (pageFolder !== undefined && existsSync(pageFolder)) {
    await app.register(fastifyStatic, {
      root: pageFolder,
      index: false,
      wildcard: true,
      dotfiles: "ignore",
      // The build puts a .br and a .gz beside each larger file: nothing is compressed while it is asked for.
      preCompressed: true,
      setHeaders: (reply, path) => {
        // File names in /assets carry a hash of their content.
        const isHashed = path.startsWith(join(pageFolder, "assets"));
        reply.header("Cache-Control", isHashed ? "public, max-age=31536000, immutable" : "no-cache");
      },
    });
  }
  const sendPage = (reply: FastifyReply) =>
    isBuilt() ? reply.sendFile("index.html") : reply.code(503).type("text/html; charset=utf-8").send(NOT_BUILT);

  app.get("/", (_request, reply) => sendPage(reply));
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
    if (!isOfApi(path) && wantsPage(request, path)) return sendPage(reply);
    return reply.code(404).send(failure(noSuchPathText(request.method, path)));
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
<h1>The node runs; its page is not built yet</h1>
<p>Build it with <code>npm run build</code> in the project's folder and reload this page.</p>
<p>Meanwhile: <a href="/api/v1/blockchain">the chain</a>, <a href="/api/v1/blockchain/blocks">its blocks</a>,
<a href="/health">health</a>.</p>
</html>
`;
