import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MemoryLog } from "../../chain/test-kit.ts";
import { SystemClock } from "../../clock.ts";
import { createWebServer, type WebServer } from "./web-server.ts";

const SCRIPT = "export const answer = 42;\n".repeat(100);
const PAGE = "<!doctype html><title>page</title>";
const WALLET = "<!doctype html><title>wallet</title>";

let folder: string;
let server: WebServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bitfleet-static-"));
  const pageFolder = join(folder, "dist");
  const walletFolder = join(folder, "wallet");
  await mkdir(join(pageFolder, "assets"), { recursive: true });
  await mkdir(join(walletFolder, "assets"), { recursive: true });
  await writeFile(join(folder, "secret.txt"), "secret");
  await writeFile(join(pageFolder, ".env"), "secret");
  await writeFile(join(pageFolder, "index.html"), PAGE);
  await writeFile(join(pageFolder, "assets/main-abc.js"), SCRIPT);
  await writeFile(join(pageFolder, "assets/main-abc.js.br"), brotliCompressSync(SCRIPT));
  await writeFile(join(pageFolder, "assets/main-abc.js.gz"), gzipSync(SCRIPT));
  await writeFile(join(walletFolder, "index.html"), WALLET);
  await writeFile(join(walletFolder, "sw.js"), "// worker");
  await writeFile(join(walletFolder, "assets/main-xyz.js"), SCRIPT);
  await writeFile(join(walletFolder, "assets/main-xyz.js.br"), brotliCompressSync(SCRIPT));
  server = createWebServer(
    { listen: { host: "127.0.0.1", port: 0 }, pageFolder, walletFolder, version: "1.2.3" },
    { clock: new SystemClock(), log: new MemoryLog() },
  );
  await server.listen();
});

afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

/** Sends text as it stands: clients mend addresses before they send them. */
function sendRaw(head: string): Promise<{ status: number; headers: Map<string, string>; body: Buffer }> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.address.port, "127.0.0.1");
    const parts: Buffer[] = [];
    socket.on("data", (part) => parts.push(part));
    socket.on("error", reject);
    socket.on("close", () => {
      const all = Buffer.concat(parts);
      const end = all.indexOf("\r\n\r\n");
      const [first = "", ...lines] = all.toString("latin1", 0, end).split("\r\n");
      const headers = new Map(lines.map((line) => [line.split(":")[0]!.toLowerCase(), line.replace(/^.*?: */, "")]));
      resolve({ status: Number(first.split(" ")[1]), headers, body: all.subarray(end + 4) });
    });
    socket.write(`${head}\r\nConnection: close\r\n\r\n`);
  });
}
const get = (path: string, headers = "", method = "GET") =>
  sendRaw(`${method} ${path} HTTP/1.1\r\nHost: localhost${headers === "" ? "" : `\r\n${headers}`}`);

describe("files of the page", () => {
  const path = "/assets/main-abc.js";

  test("are sent compressed to whoever takes it, and kept for ever where their name has a hash", async () => {
    const plain = await get(path);
    expect(plain.body.toString()).toBe(SCRIPT);
    expect(plain.headers.get("vary")).toContain("accept-encoding");
    const brotli = await get(path, "Accept-Encoding: gzip, deflate, br");
    expect(brotli.headers.get("content-encoding")).toBe("br");
    expect(brotliDecompressSync(brotli.body).toString()).toBe(SCRIPT);
    const gzip = await get(path, "Accept-Encoding: gzip");
    expect(gzip.headers.get("content-encoding")).toBe("gzip");
    expect(gunzipSync(gzip.body).toString()).toBe(SCRIPT);
    for (const { headers } of [plain, brotli, gzip]) {
      expect(headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
      expect(headers.get("content-type")).toContain("javascript");
    }
    const etags = [plain, brotli, gzip].map(({ headers }) => headers.get("etag"));
    expect(new Set(etags).size).toBe(3);
  });

  test("that the build does not name by content are asked about again", async () => {
    const first = await get("/", "Accept: text/html");
    expect(first.headers.get("cache-control")).toBe("no-cache");
    const etag = first.headers.get("etag");
    const again = await get("/", `Accept: text/html\r\nIf-None-Match: ${etag}`);
    expect(again.status).toBe(304);
    expect(again.body).toHaveLength(0);
  });

  test("are all there is: no folder, no hidden file, nothing above", async () => {
    for (const path of ["/assets", "/assets/", "/.env", "/%2eenv", "/assets/..", "/assets/%00", "/%", "/%ff"]) {
      const { status, body } = await get(path, "Accept: application/json");
      expect([400, 403, 404], path).toContain(status);
      expect(body.toString(), path).not.toMatch(/secret|main-abc/);
    }
    for (const path of [
      "/../secret.txt",
      "/..%2fsecret.txt",
      "/%2e%2e%2fsecret.txt",
      "/assets/../../secret.txt",
      "/assets/..%5c..%5csecret.txt",
      "//../secret.txt",
      "/assets/....//secret.txt",
      "http://localhost/../secret.txt",
    ]) {
      expect((await get(path)).body.toString(), path).not.toBe("secret");
    }
  });
});

describe("the wallet app", () => {
  const html = "Accept: text/html";

  test("is shown for its own paths, and the explorer for all others", async () => {
    for (const path of [
      "/wallet-app/",
      "/wallet-app/send?uri=bitcoin%3Ax.y",
      "/wallet-app/tx/ab",
      "/wallet-app/?a.b",
    ]) {
      const { status, headers, body } = await get(path, html);
      expect([status, body.toString()], path).toEqual([200, WALLET]);
      expect(headers.get("cache-control"), path).toBe("no-cache");
    }
    for (const path of ["/", "/wallet", "/wallet/wallet-app", "/wallet-apple", "/blocks/wallet-app/"]) {
      const { status, body } = await get(path, html);
      expect([status, body.toString()], path).toEqual([200, PAGE]);
    }
  });

  test("is reached without the slash too, with what stands behind it", async () => {
    const { status, headers } = await get("/wallet-app?uri=bitcoin:abc&x=1", html);
    expect([status, headers.get("location")]).toEqual([308, "/wallet-app/?uri=bitcoin:abc&x=1"]);
    expect((await get("/wallet-app")).headers.get("location")).toBe("/wallet-app/");
  });

  test("has its files, kept for ever where their name has a hash; one that is missing is not the page", async () => {
    const script = await get("/wallet-app/assets/main-xyz.js", "Accept-Encoding: br");
    expect(script.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    expect(brotliDecompressSync(script.body).toString()).toBe(SCRIPT);
    const worker = await get("/wallet-app/sw.js");
    expect([worker.status, worker.headers.get("cache-control")]).toEqual([200, "no-cache"]);
    for (const path of ["/wallet-app/assets/gone.js", "/wallet-app/assets/main-abc.js", "/wallet-app/.env"]) {
      const { status, body } = await get(path, html);
      expect(status, path).toBe(404);
      expect(body.toString(), path).not.toMatch(/<title>/);
    }
    expect((await get("/assets/main-xyz.js", html)).status).toBe(404);
    expect((await get("/wallet-app/", "Content-Length: 0", "POST")).status).toBe(405);
    for (const path of ["/wallet-app/../secret.txt", "/wallet-app/..%2fsecret.txt", "/wallet-app/%2e%2e/secret.txt"]) {
      expect((await get(path)).body.toString(), path).not.toBe("secret");
    }
  });

  test("may reach other servers, which the explorer may not, and else no more than that", async () => {
    const policyOf = async (path: string) => (await get(path, html)).headers.get("content-security-policy")!.split(";");
    const explorer = await policyOf("/");
    const wallet = await policyOf("/wallet-app/send");
    expect(explorer).toContain("connect-src 'self'");
    expect(wallet).toContain("connect-src 'self' http: https: ws: wss:");
    const others = (policy: readonly string[]) => policy.filter((part) => !/^connect-src/.test(part));
    expect(others(wallet)).toEqual(others(explorer));
    expect(await policyOf("/wallet-app/assets/main-xyz.js")).toEqual(wallet);
    expect(await policyOf("/wallet-app/assets/gone.js")).toEqual(wallet);
  });

  test("may ask for the camera, which the explorer may not, and for nothing else of the device", async () => {
    const permissionsOf = async (path: string) => (await get(path, html)).headers.get("permissions-policy");
    for (const path of ["/wallet-app/", "/wallet-app/send"]) {
      expect(await permissionsOf(path), path).toBe("camera=(self), geolocation=(), microphone=()");
    }
    for (const path of ["/", "/wallet", "/settings", "/wallet-app", "/wallet-apps/"]) {
      expect(await permissionsOf(path), path).toBe("camera=(), geolocation=(), microphone=()");
    }
  });
});

describe("requests that nobody should send", () => {
  test("other methods", async () => {
    for (const method of ["POST", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"]) {
      for (const path of ["/", "/blocks/5", "/api/v1/blockchain", "/assets/main-abc.js"]) {
        const { status } = await get(path, "", method);
        expect([404, 405], `${method} ${path}`).toContain(status);
      }
    }
    const post = await get("/", "Content-Length: 0", "POST");
    expect(post.status).toBe(405);
    expect(post.headers.get("allow")).toBe("GET, HEAD");
    const head = await get("/assets/main-abc.js", "", "HEAD");
    expect(head.status).toBe(200);
    expect(head.body).toHaveLength(0);
  });

  test("too long, or no HTTP at all", async () => {
    expect((await get(`/${"x".repeat(100_000)}`)).status).toBe(431);
    expect((await get("/", `X-Long: ${"x".repeat(100_000)}`)).status).toBe(431);
    expect((await get(`/api/v1/blockchain/blocks/${"x".repeat(5000)}`)).status).toBeGreaterThanOrEqual(400);
    expect((await sendRaw("nonsense")).status).toBe(400);
    expect((await sendRaw("GET / HTTP/1.1")).status).toBe(400);
    const both = "Content-Length: 5\r\nTransfer-Encoding: chunked";
    expect((await get("/", both, "POST")).status).toBe(400);
  });
});
