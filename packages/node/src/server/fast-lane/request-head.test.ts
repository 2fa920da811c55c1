import { describe, expect, test } from "vitest";
import { HEAD_BYTES_MAX, readSimpleRequest } from "./request-head.ts";

const read = (text: string, from = 0) => readSimpleRequest(Buffer.from(text, "latin1"), from);
const head = (lines: readonly string[], first = "GET /api/v1/blockchain HTTP/1.1") =>
  `${[first, ...lines].join("\r\n")}\r\n\r\n`;
const HOST = "Host: localhost:8080";

describe("simple is", () => {
  test("a GET with a host", () => {
    const text = head([HOST]);
    const whole = { method: "GET", url: "/api/v1/blockchain", encoding: "", sizeBytes: text.length };
    expect(read(text)).toEqual(whole);
    expect(read(`GET / HTTP/1.1\r\n${text}`, 16)).toEqual(whole);
    expect(read(text + text, text.length)).toEqual(whole);
  });

  test("a HEAD, a query, what browsers send along", () => {
    const lines = [
      "host:[::1]:8080",
      "Connection: Keep-Alive",
      "Accept: */*",
      "Accept-Encoding: gzip, deflate, br",
      "Sec-Fetch-Mode: cors",
      "Cookie: a=b; c=d",
      "User-Agent: Mozilla/5.0 (X11; Linux)",
      "Cache-Control:",
    ];
    const request = read(head(lines, "HEAD /api/v1/blockchain/blocks/latest?limit=3 HTTP/1.1"));
    expect(request).toMatchObject({
      method: "HEAD",
      url: "/api/v1/blockchain/blocks/latest?limit=3",
      encoding: "gzip, deflate, br",
    });
  });

  test("a head of the most bytes, and not of one more", () => {
    const fill = (size: number) => head([HOST, `Cookie: ${"x".repeat(size)}`]);
    const rest = fill(0).length - "\r\n\r\n".length;
    expect(read(fill(HEAD_BYTES_MAX - rest))).toBeDefined();
    expect(read(fill(HEAD_BYTES_MAX - rest + 1))).toBeUndefined();
  });
});

describe("not simple is", () => {
  test.each([
    ["half a head", head([HOST]).slice(0, -1)],
    ["an empty line before it", `\r\n${head([HOST])}`],
    ["no host", head([])],
    ["an empty host", head(["Host:"])],
    ["two hosts", head([HOST, HOST])],
    ["a strange host", head(["Host: a b"])],
    ["a space before the colon", head(["Host : a"])],
    ["a space before the name", head([HOST, " Accept: a"])],
    ["a folded line", head([HOST, "Accept: a", " b"])],
    ["a tab in a value", head([HOST, "Accept: a\tb"])],
    ["a space behind a value", head([HOST, "Accept: a "])],
    ["two spaces before a value", head([HOST, "Accept:  a"])],
    ["a bare line feed", head([HOST]).replace("\r\nHost", "\nHost")],
    ["a bare line feed in a value", head([HOST, "Accept: a\nX-API-Key: b"])],
    ["a bare carriage return", head([HOST, "Accept: a\rb"])],
    ["a NUL", head([HOST, "Accept: a\0b"])],
    ["a byte beyond ASCII", head([HOST, "Accept: \xe9"])],
    ["a name beyond ASCII", head([HOST, "Acc\xe9pt: a"])],
    ["a line without a colon", head([HOST, "Accept"])],
    ["another method", head([HOST], "POST /api/v1/blockchain HTTP/1.1")],
    ["a method in lower case", head([HOST], "get /api/v1/blockchain HTTP/1.1")],
    ["HTTP/1.0", head([HOST], "GET /api/v1/blockchain HTTP/1.0")],
    ["two spaces in the first line", head([HOST], "GET  /api/v1/blockchain HTTP/1.1")],
    ["a whole address", head([HOST], "GET http://localhost/api/v1/blockchain HTTP/1.1")],
    ["an escape", head([HOST], "GET /api/v1/%62lockchain HTTP/1.1")],
    ["dots", head([HOST], "GET /api/../api/v1/blockchain HTTP/1.1")],
    ["a fragment", head([HOST], "GET /api/v1/blockchain#a HTTP/1.1")],
    ["two question marks", head([HOST], "GET /api/v1/blockchain?a?b HTTP/1.1")],
    ["a long address", head([HOST], `GET /${"a".repeat(300)} HTTP/1.1`)],
    ["a long encoding", head([HOST, `Accept-Encoding: ${"a".repeat(65)}`])],
    ["two encodings", head([HOST, "Accept-Encoding: br", "Accept-Encoding: gzip"])],
    ["a last request", head([HOST, "Connection: close"])],
    ["an upgrade", head([HOST, "Connection: Upgrade"])],
    ["two connections", head([HOST, "Connection: keep-alive", "Connection: keep-alive"])],
    ...[
      ...["Authorization", "X-API-Key", "If-None-Match", "If-Modified-Since", "Range", "Upgrade", "Expect", "Origin"],
      ...["Content-Length", "Transfer-Encoding", "X-Forwarded-For", "Forwarded", "X-Request-Id", "TE", "Trailer"],
      ...["Proxy-Connection", "Access-Control-Request-Method", "X-HTTP-Method-Override", "HTTP2-Settings"],
    ].map((name) => [`a header ${name}`, head([HOST, `${name}: 0`])]),
  ])("%s", (_name, text) => {
    expect(read(text)).toBeUndefined();
  });
});
