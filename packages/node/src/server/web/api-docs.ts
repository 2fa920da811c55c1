import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { DOCUMENT_PATH, REFERENCE_PATH } from "@bitfleet/api/openapi/outside.ts";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance } from "fastify";
import { matchesTag } from "./etag.ts";

export interface ApiDocsOptions {
  /** Version of this software, for the document. */
  readonly version: string;
  /** Folder with the scripts and styles of Swagger UI; where npm installed them if absent. */
  readonly referenceFolder?: string | undefined;
}

/**
 * The interface described: the document of OpenAPI at `/api-docs/openapi.json`, and at `/swagger-ui` a page that shows it and tries its
 * operations. Nothing of it comes from another origin.
 */
export async function apiDocsRoutes(app: FastifyInstance, options: ApiDocsOptions): Promise<void> {
  let made: Promise<{ readonly text: string; readonly etag: string }> | undefined;
  app.get(DOCUMENT_PATH, async (request, reply) => {
    made ??= documentOf(options.version);
    const { text, etag } = await made;
    reply.header("ETag", etag).header("Cache-Control", "no-cache");
    if (matchesTag(request.headers["if-none-match"], etag)) return reply.code(304).send();
    return reply.type("application/json; charset=utf-8").send(text);
  });
  await referenceRoutes(app, options.referenceFolder ?? installedFolder());
}

/** Made when somebody asks: most nodes are never asked. */
async function documentOf(version: string): Promise<{ readonly text: string; readonly etag: string }> {
  const { openApiDocument } = await import("@bitfleet/api/openapi.ts");
  const text = JSON.stringify(openApiDocument({ version }));
  return { text, etag: `"${createHash("sha1").update(text).digest("base64url")}"` };
}

async function referenceRoutes(app: FastifyInstance, folder: string | undefined): Promise<void> {
  const text = (path: string, type: string, content: string) =>
    app.get(path, (_request, reply) =>
      reply
        .type(`${type}; charset=utf-8`)
        .header("Cache-Control", "no-cache")
        .header("Content-Security-Policy", CONTENT_POLICY)
        .send(content),
    );
  for (const path of ["", "/", "/index.html"]) text(REFERENCE_PATH + path, "text/html", PAGE);
  text(`${REFERENCE_PATH}/initializer.js`, "text/javascript", INITIALIZER);
  if (folder === undefined || !existsSync(folder)) return;
  await app.register(fastifyStatic, {
    root: folder,
    prefix: `${REFERENCE_PATH}/`,
    decorateReply: false,
    index: false,
    // The build puts a .br and a .gz beside them.
    preCompressed: true,
    allowedPath: (path) => FILES.has(path.slice(1)),
    setHeaders: (reply) => reply.header("Cache-Control", "no-cache"),
  });
}

/** Of some thirty files of Swagger UI those that the page loads. */
const FILES: ReadonlySet<string> = new Set(["swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png"]);

/** Where npm has put Swagger UI; `undefined` where it has not. */
function installedFolder(): string | undefined {
  try {
    return dirname(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"));
  } catch {
    return undefined;
  }
}

/** As strict as the page's own, but for the icons: Swagger UI has them in its styles. */
const CONTENT_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join(";");

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Bitfleet API</title>
<link rel="stylesheet" href="${REFERENCE_PATH}/swagger-ui.css">
<link rel="icon" type="image/png" href="${REFERENCE_PATH}/favicon-32x32.png">
</head>
<body>
<div id="swagger-ui"></div>
<script src="${REFERENCE_PATH}/swagger-ui-bundle.js"></script>
<script src="${REFERENCE_PATH}/initializer.js"></script>
</body>
</html>
`;

/** Keys stay in the page's memory; no validator of another origin is asked. */
const INITIALIZER = `SwaggerUIBundle({
  url: "${DOCUMENT_PATH}",
  dom_id: "#swagger-ui",
  deepLinking: true,
  displayRequestDuration: true,
  docExpansion: "list",
  filter: true,
  persistAuthorization: false,
  tryItOutEnabled: true,
  validatorUrl: null,
});
`;
