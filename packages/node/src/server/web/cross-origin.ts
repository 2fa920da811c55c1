import type { FastifyInstance } from "fastify";
import type { CrossOrigins } from "./web-limits.ts";

/** How long a browser may remember what it was told before a request. */
const PREFLIGHT_SECONDS = 600;

/**
 * Lets pages of other origins call the API (CORS). Never with credentials: there are no cookies here, and what takes a key takes it
 * from a header that the page itself must set.
 */
export async function allowOrigins(app: FastifyInstance, origins: CrossOrigins): Promise<void> {
  const { default: fastifyCors } = await import("@fastify/cors");
  await app.register(fastifyCors, {
    origin: origins === "*" ? "*" : [...origins],
    credentials: false,
    methods: ["GET", "HEAD", "POST", "PUT", "DELETE"],
    allowedHeaders: [
      "Accept",
      "Authorization",
      "Content-Type",
      "If-None-Match",
      "Last-Event-ID",
      "X-API-Key",
      "X-Request-Id",
    ],
    exposedHeaders: [
      "ETag",
      "RateLimit",
      "RateLimit-Limit",
      "RateLimit-Policy",
      "RateLimit-Remaining",
      "RateLimit-Reset",
      "Retry-After",
      "X-RateLimit-Limit",
      "X-RateLimit-Remaining",
      "X-Request-Id",
    ],
    maxAge: PREFLIGHT_SECONDS,
    // Also who asks for no particular method is told what there is.
    strictPreflight: false,
  });
}
