import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyReply } from "fastify";
import { APP_NAMES, APP_PATHS, appAt, DESKTOP_APPS, type DesktopApp } from "../apps.ts";
import type { Look } from "../look-file.ts";
import { pathOf } from "./gate.ts";

/** Where the built pages are. */
export type PageFolders = Readonly<Record<DesktopApp, string>>;

/** The element by which a page knows that it is in a window of its own, with the key that opens the rest, and theme and unit that were chosen. */
export const SESSION_META = "bitfleet-desktop";

/** What a document is told. */
export interface PageFacts {
  readonly key: string;
  readonly look: Look;
}

/**
 * The files of both apps, and for each path that is none the document of its app, which draws it. Every document has the session key of
 * its app in it; who gets a document has shown the cookie.
 */
export async function pageFiles(
  app: FastifyInstance,
  folders: PageFolders,
  factsOf: (name: DesktopApp) => PageFacts,
): Promise<void> {
  let isFirst = true;
  for (const name of DESKTOP_APPS) {
    if (!existsSync(folders[name])) continue;
    await app.register(fastifyStatic, {
      root: folders[name],
      prefix: APP_PATHS[name],
      index: false,
      wildcard: true,
      dotfiles: "ignore",
      preCompressed: true,
      decorateReply: isFirst,
      allowedPath: (path) => !isDocument(path),
      setHeaders: (reply, path) => {
        const isHashed = path.startsWith(join(folders[name], "assets"));
        reply.header("Cache-Control", isHashed ? "public, max-age=31536000, immutable" : "no-cache");
      },
    });
    isFirst = false;
  }
  const sendDocument = (reply: FastifyReply, name: DesktopApp) => {
    const document = readDocument(folders[name]);
    return reply
      .code(document === undefined ? 503 : 200)
      .headers({ "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store" })
      .send(document === undefined ? notBuilt(name) : withFacts(document, factsOf(name)));
  };
  for (const name of DESKTOP_APPS) app.get(APP_PATHS[name], (_request, reply) => sendDocument(reply, name));
  app.setNotFoundHandler((request, reply) => {
    const path = pathOf(request.url) ?? "";
    if (request.method !== "GET" || !isOfPage(path)) return reply.code(404).send();
    return sendDocument(reply, appAt(path));
  });
}

/**
 * It comes first: the script that sets the theme before anything is painted reads it. The session key is a secret of letters and digits and the
 * look one of a few words: nothing of them can end the element.
 */
export function withFacts(html: string, { key, look }: PageFacts): string {
  const chosen = Object.entries(look).map(([name, choice]) => ` data-${name}="${choice}"`);
  return html.replace(/<head>/i, `$&\n    <meta name="${SESSION_META}" content="${key}"${chosen.join("")} />`);
}

/** The document itself has no key in it as a file, and the service worker is for browsers. */
const isDocument = (path: string) => /(^|\/)(index\.html|sw\.js)(\.(br|gz))?$/.test(path);

/** A path with an ending is a file that is missing, but a wallet's name may have a point. */
const isOfPage = (path: string) =>
  !/\.[^/]*$/.test(path) || /^\/wallet\/[^/]+$/.test(path) || /\/index\.html$/.test(path);

function readDocument(folder: string): string | undefined {
  try {
    return readFileSync(join(folder, "index.html"), "utf8");
  } catch {
    return undefined;
  }
}

const notBuilt = (name: DesktopApp) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${APP_NAMES[name]}</title>
<h1>This page is not built yet</h1>
<p>Build it with <code>npm run build</code> in the project's folder and open the window again.</p>
</html>
`;
