import type { IncomingMessage, ServerResponse } from "node:http";

/** What a form with a token may weigh. */
const FORM_BYTES_MAX = 512;

/** Looks at a token, which is void then; `undefined` where it opens nothing. */
export type Redeem = (token: string) => { readonly cookie: string; readonly path: string } | undefined;

/**
 * The first request of a window: a token in the address, or in a form from a file of this user. Whoever comes from elsewhere would not send
 * a strict cookie along where a redirect leads, since it is still the other place that sends them: to those a document is answered that goes on
 * by itself.
 */
export function answerOpening(request: IncomingMessage, reply: ServerResponse, redeem: Redeem): void {
  if (request.method !== "POST") {
    const token = new URLSearchParams((request.url ?? "").split("?")[1] ?? "").get("token") ?? "";
    answer(request, reply, redeem(token));
    return;
  }
  let form = "";
  request.setEncoding("latin1").on("data", (text: string) => {
    form += text;
    if (form.length > FORM_BYTES_MAX) request.destroy();
  });
  request.once("end", () => answer(request, reply, redeem(new URLSearchParams(form).get("token") ?? "")));
}

function answer(request: IncomingMessage, reply: ServerResponse, opened: ReturnType<Redeem>): void {
  if (opened === undefined) {
    reply.writeHead(403, { connection: "close", "content-length": 0 }).end();
    return;
  }
  const headers = { "set-cookie": opened.cookie, "cache-control": "no-store", "referrer-policy": "no-referrer" };
  const site = request.headers["sec-fetch-site"];
  const isByItself = request.method === "GET" && (site === undefined || site === "none" || site === "same-origin");
  if (isByItself) {
    reply.writeHead(303, { ...headers, location: opened.path, "content-length": 0 }).end();
    return;
  }
  reply.writeHead(200, {
    ...headers,
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
  });
  reply.end(
    `<!doctype html><meta http-equiv="refresh" content="0; url=${escapeHtml(opened.path)}"><title>Bitfleet</title>`,
  );
}

const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`);
