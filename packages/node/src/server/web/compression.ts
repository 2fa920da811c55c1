import { brotliCompress, constants, gzip } from "node:zlib";
import type { FastifyInstance, FastifyReply } from "fastify";

/** Below it, what is saved is not worth the time: it fits into one packet anyway. */
export const COMPRESSED_BYTES_MIN = 1024;
/** What text gains is nearly all gained at these levels, at a fraction of the time of the highest. */
const BROTLI_OPTIONS = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };
const GZIP_OPTIONS = { level: 5 };

type Encoding = "br" | "gzip";

const COMPRESSIBLE = /^(application\/(json|vnd\.oai)|text\/)/;

/**
 * Compresses larger answers of text on threads of the system. Files of the page are stored compressed and event streams are never
 * whole, so that neither comes here.
 */
export function compressAnswers(app: FastifyInstance): void {
  // No promise is made for the many answers that stay as they are.
  app.addHook("onSend", (request, reply, payload, done) => {
    if (typeof payload !== "string" || !isCompressible(payload, reply)) {
      done(null, payload);
      return;
    }
    addVary(reply);
    const encoding = encodingFor(request.headers["accept-encoding"]);
    if (encoding === undefined || request.method === "HEAD") {
      done(null, payload);
      return;
    }
    weakenTag(reply);
    reply.header("content-encoding", encoding).removeHeader("content-length");
    if (encoding === "br") brotliCompress(payload, BROTLI_OPTIONS, done);
    else gzip(payload, GZIP_OPTIONS, done);
  });
}

function isCompressible(payload: string, reply: FastifyReply): boolean {
  if (payload.length < COMPRESSED_BYTES_MIN || reply.hasHeader("content-encoding")) return false;
  return COMPRESSIBLE.test(String(reply.getHeader("content-type")));
}

/** A strong tag is of the very bytes, which are others now (RFC 9110, 8.8.3.3). */
function weakenTag(reply: FastifyReply): void {
  const etag = reply.getHeader("etag");
  if (typeof etag === "string" && !etag.startsWith("W/")) reply.header("etag", `W/${etag}`);
}

function addVary(reply: FastifyReply): void {
  const known = reply.getHeader("vary");
  reply.header("vary", known === undefined ? "Accept-Encoding" : `${String(known)}, Accept-Encoding`);
}

/** The best encoding of ours that the header takes (RFC 9110, 12.5.3); `undefined` for none. */
export function encodingFor(header: string | string[] | undefined): Encoding | undefined {
  if (header === undefined) return undefined;
  const weights = new Map<string, number>();
  for (const part of String(header).toLowerCase().split(",")) {
    const [name = "", ...params] = part.split(";").map((text) => text.trim());
    const weight = params.find((text) => text.startsWith("q="))?.slice(2);
    weights.set(name, weight === undefined ? 1 : Number(weight) || 0);
  }
  const weightOf = (name: string) => weights.get(name) ?? weights.get("*") ?? 0;
  const brotli = weightOf("br");
  const zipped = weightOf("gzip");
  if (brotli === 0 && zipped === 0) return undefined;
  return brotli >= zipped ? "br" : "gzip";
}
