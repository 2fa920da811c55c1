import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { type FastifyInstance, fastify } from "fastify";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { COMPRESSED_BYTES_MIN, compressAnswers, encodingFor } from "./compression.ts";

test.each([
  [undefined, undefined],
  ["", undefined],
  ["identity", undefined],
  ["gzip", "gzip"],
  ["GZIP", "gzip"],
  ["br", "br"],
  ["gzip, deflate, br, zstd", "br"],
  ["gzip;q=1.0, br;q=0.5", "gzip"],
  ["gzip;q=0, br;q=0", undefined],
  ["*", "br"],
  ["br;q=0, *", "gzip"],
  ["*;q=0", undefined],
  ["gzip;q=x", undefined],
])("Accept-Encoding %j is answered with %s", (header, encoding) => {
  expect(encodingFor(header)).toBe(encoding);
});

describe("an answer", () => {
  const text = JSON.stringify({ items: Array.from({ length: 200 }, (_, index) => ({ index, name: "é" })) });
  let app: FastifyInstance;

  beforeAll(() => {
    app = fastify();
    compressAnswers(app);
    app.get("/large", (_request, reply) => reply.header("ETag", '"tag"').type("application/json").send(text));
    app.get("/small", (_request, reply) => reply.type("application/json").send("x".repeat(COMPRESSED_BYTES_MIN - 1)));
    app.get("/least", (_request, reply) => reply.type("application/json").send("x".repeat(COMPRESSED_BYTES_MIN)));
    app.get("/image", (_request, reply) => reply.type("image/png").send("x".repeat(5000)));
    app.get("/bytes", (_request, reply) => reply.type("application/json").send(Buffer.from(text)));
    app.get("/varied", (_request, reply) => reply.header("Vary", "Origin").type("text/plain").send(text));
  });
  afterAll(() => app.close());

  const get = (url: string, encoding?: string, method: "GET" | "HEAD" = "GET") =>
    app.inject({ method, url, headers: encoding === undefined ? {} : { "accept-encoding": encoding } });

  test("that is large is compressed as it is asked for, and the same behind it", async () => {
    const zipped = await get("/large", "gzip");
    expect(zipped.headers).toMatchObject({ "content-encoding": "gzip", vary: "Accept-Encoding", etag: 'W/"tag"' });
    expect(gunzipSync(zipped.rawPayload).toString()).toBe(text);
    expect(zipped.rawPayload.length).toBeLessThan(text.length / 3);
    const brotli = await get("/large", "gzip, br");
    expect(brotli.headers["content-encoding"]).toBe("br");
    expect(brotliDecompressSync(brotli.rawPayload).toString()).toBe(text);
  });

  test("that may be compressed says so also where it is not", async () => {
    const plain = await get("/large");
    expect(plain.headers).toMatchObject({ vary: "Accept-Encoding", etag: '"tag"' });
    expect(plain.headers["content-encoding"]).toBeUndefined();
    expect(plain.body).toBe(text);
    expect((await get("/varied", "br")).headers.vary).toBe("Origin, Accept-Encoding");
    const head = await get("/large", "br", "HEAD");
    expect(head.headers["content-encoding"]).toBeUndefined();
    expect(head.body).toBe("");
  });

  test("that is small, of another kind, or bytes is left as it is", async () => {
    for (const url of ["/small", "/image", "/bytes"]) {
      const { headers } = await get(url, "gzip, br");
      expect(headers["content-encoding"], url).toBeUndefined();
      expect(headers.vary, url).toBeUndefined();
    }
    expect((await get("/least", "br")).headers["content-encoding"]).toBe("br");
  });
});
