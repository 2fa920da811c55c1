import { execFile } from "node:child_process";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TOKEN_LIFE_MS } from "./one-time-tokens.ts";
import { ask, type Entered, startTestServer, type TestServer } from "./test-kit.ts";

/** Every kind of path that there is, and a few that there are not. */
const PATHS = [
  "/",
  "/blocks/5",
  "/index.html",
  "/wallet-app/",
  "/wallet-app/send?uri=bitcoin:x",
  "/wallet-app/assets/script-abc.js",
  "/assets/script-abc.js",
  "/sw.js",
  "/desktop/session",
  "/desktop/target",
  "/desktop/look",
  "/desktop/try",
  "/desktop/events",
  "/desktop/quit",
  "/desktop/vault/state",
  "/desktop",
  "/DESKTOP/session",
  "/%64esktop/session",
  "/api/v1/blockchain",
  "/esplora/blocks/tip/height",
  "/health",
  "/metrics",
  "/open",
  "/open?token=",
  "/nothing-of-that-name",
];

describe("the local process's server", () => {
  let kit: TestServer;
  let upstream: Upstream;
  let wallet: Entered;
  let nowMs = 0;
  let quits = 0;

  beforeAll(async () => {
    upstream = await startUpstream();
    kit = await startTestServer(upstream.url, { nowMs: () => nowMs, onQuit: () => quits++ });
    wallet = await kit.enter("wallet");
  });
  afterAll(async () => {
    await kit.close();
    upstream.server.close();
    upstream.server.closeAllConnections();
  });

  const at = (path: string) => `${kit.server.origin}${path}`;

  test("listens on the loopback address alone", () => {
    expect(new URL(kit.server.origin).hostname).toBe("127.0.0.1");
  });

  describe("who has no cookie", () => {
    for (const method of ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"]) {
      test(`is refused without a word on every path: ${method}`, async () => {
        for (const path of PATHS) {
          const answer = await ask(at(path), { method, headers: { "x-bitfleet-session": wallet.key } });
          expect([path, answer.status, answer.body]).toEqual([path, 403, ""]);
          expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
          expect(answer.headers["content-type"]).toBeUndefined();
        }
      });
    }

    test("also with the cookie of another process, a shorter and a longer one", async () => {
      const [name, value] = wallet.cookie.split("=") as [string, string];
      for (const cookie of [`${name}x=${value}`, `${name}=${value}x`, `${name}=${value.slice(1)}`, `${name}=`, name]) {
        expect((await ask(at("/"), { headers: { cookie } })).status).toBe(403);
      }
    });
  });

  describe("who has the cookie", () => {
    test("gets files and documents, each with the key of its app", async () => {
      const { cookie } = wallet;
      const script = await ask(at("/wallet-app/assets/script-abc.js"), { headers: { cookie } });
      expect([script.status, script.body]).toEqual([200, '"wallet"']);
      expect((await ask(at("/assets/script-abc.js"), { headers: { cookie } })).body).toBe('"admin"');
      for (const path of ["/wallet-app/", "/wallet-app/send?uri=x", "/wallet-app/index.html"]) {
        expect((await ask(at(path), { headers: { cookie } })).body).toContain(`content="${wallet.key}"`);
      }
      const admin = await kit.enter("admin");
      expect(admin.path).toBe("/");
      expect(admin.key).not.toBe(wallet.key);
      expect((await ask(at("/blocks/5"), { headers: { cookie } })).body).toContain(`content="${admin.key}"`);
    });

    test("gets nothing that answers or does something without the key", async () => {
      const { cookie } = wallet;
      const key = `${wallet.key.slice(1)}A`;
      for (const path of PATHS.filter((one) => /^\/(desktop|api|esplora|health|%64)/i.test(one))) {
        for (const headers of [
          { cookie },
          { cookie, "x-bitfleet-session": key },
          { cookie, "x-bitfleet-session": "" },
        ]) {
          const answer = await ask(at(path), { headers });
          expect([path, answer.status, answer.body]).toEqual([path, 403, ""]);
        }
      }
      expect((await ask(at("/desktop/session"), { headers: wallet.headers })).status).toBe(200);
    });

    test("may only read pages", async () => {
      for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
        expect((await ask(at("/wallet-app/"), { method, headers: wallet.headers })).status).toBe(403);
      }
    });

    test("gets no service worker, and no file outside the pages", async () => {
      const { cookie } = wallet;
      expect((await ask(at("/sw.js"), { headers: { cookie } })).status).toBe(404);
      expect((await ask(at("/assets/script-abc.js"), { headers: { cookie, "service-worker": "script" } })).status).toBe(
        404,
      );
      for (const path of ["/../package.json", "/assets/..%2f..%2fx", "/%2e%2e/x", "//x", "/a\\b", "/%00"]) {
        const answer = await ask(kit.server.origin, { path, headers: { cookie } });
        expect([path, answer.status]).toEqual([path, 403]);
      }
    });

    test("is under a policy that lets scripts and connections be of here alone", async () => {
      const { headers } = await ask(at("/wallet-app/"), { headers: { cookie: wallet.cookie } });
      expect(headers["content-security-policy"]).toContain("default-src 'none'");
      expect(headers["content-security-policy"]).toContain("connect-src 'self'");
      expect(headers["content-security-policy"]).toContain("frame-ancestors 'none'");
      expect(headers["x-content-type-options"]).toBe("nosniff");
      expect(headers["cross-origin-opener-policy"]).toBe("same-origin");
      expect(headers["cache-control"]).toBe("no-store");
    });

    test("may ask for the camera in the wallet alone", async () => {
      const permissionsOf = async (path: string) =>
        (await ask(at(path), { headers: { cookie: wallet.cookie } })).headers["permissions-policy"];
      expect(await permissionsOf("/wallet-app/send")).toBe("camera=(self), geolocation=(), microphone=()");
      expect(await permissionsOf("/")).toBe("camera=(), geolocation=(), microphone=()");
    });
  });

  describe("another name or page", () => {
    test("is refused with everything right but the Host", async () => {
      const { port } = kit.server;
      for (const host of [`localhost:${port}`, `evil.example:${port}`, "127.0.0.1", `127.0.0.1:${port + 1}`]) {
        for (const path of ["/wallet-app/", "/desktop/session", "/api/v1/blockchain", "/open?token=x"]) {
          expect((await ask(at(path), { headers: { ...wallet.headers, host } })).status).toBe(403);
        }
      }
    });

    test("is refused with everything right but the Origin", async () => {
      for (const origin of ["null", "http://evil.example", `http://localhost:${kit.server.port}`, "file://"]) {
        for (const path of ["/wallet-app/", "/desktop/session", "/api/v1/blockchain"]) {
          expect((await ask(at(path), { headers: { ...wallet.headers, origin } })).status).toBe(403);
        }
      }
      expect(
        (await ask(at("/desktop/session"), { headers: { ...wallet.headers, origin: kit.server.origin } })).status,
      ).toBe(200);
    });
  });

  describe("a token", () => {
    test("opens once", async () => {
      const url = kit.server.issueUrl({ app: "wallet", path: "/wallet-app/send?uri=bitcoin%3Ax" });
      const first = await ask(url);
      expect([first.status, first.headers.location]).toEqual([303, "/wallet-app/send?uri=bitcoin%3Ax"]);
      expect(first.headers["set-cookie"]![0]).toMatch(/^bitfleet-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
      const second = await ask(url);
      expect([second.status, second.body, second.headers["set-cookie"]]).toEqual([403, "", undefined]);
    });

    test("ends after a minute, and not before", async () => {
      const [early, late] = [kit.server.issueUrl({ app: "wallet" }), kit.server.issueUrl({ app: "wallet" })];
      nowMs += TOKEN_LIFE_MS - 1;
      expect((await ask(early)).status).toBe(303);
      nowMs += 1;
      expect((await ask(late)).status).toBe(403);
    });

    test("is not voided by whoever guesses", async () => {
      const url = kit.server.issueUrl({ app: "wallet" });
      for (let n = 0; n < 20; n++) expect((await ask(`${url.slice(0, -1)}${n % 10}x`)).status).toBe(403);
      expect((await ask(url)).status).toBe(303);
    });

    test("in a form of a file opens by a document that goes on by itself, since a strict cookie follows no other's redirect", async () => {
      const token = kit.server.issueToken({ app: "admin" });
      const headers = {
        origin: "null",
        "sec-fetch-site": "cross-site",
        "content-type": "application/x-www-form-urlencoded",
      };
      const answer = await ask(at("/open"), { method: "POST", headers, body: `token=${token}` });
      expect(answer.status).toBe(200);
      expect(answer.body).toContain('content="0; url=/"');
      expect(answer.headers["set-cookie"]).toHaveLength(1);
      const again = await ask(at("/open"), { method: "POST", headers, body: `token=${token}` });
      expect([again.status, again.body]).toEqual([403, ""]);
    });

    test("is not taken from a page elsewhere", async () => {
      const token = kit.server.issueToken({ app: "admin" });
      const headers = { origin: "http://evil.example" };
      expect((await ask(at("/open"), { method: "POST", headers, body: `token=${token}` })).status).toBe(403);
      expect((await ask(at(`/open?token=${token}`), { headers })).status).toBe(403);
    });
  });

  describe("forwarding", () => {
    test("sends on what the page asks, with its key or the target's, and nothing of this process", async () => {
      const answer = await ask(at("/api/v1/blockchain?x=1"), { headers: { ...wallet.headers, "x-api-key": "page" } });
      expect(answer.status).toBe(200);
      const { url, headers } = JSON.parse(answer.body) as Echo;
      expect(url).toBe("/api/v1/blockchain?x=1");
      expect(headers["x-api-key"]).toBe("page");
      expect(headers.host).toBe(new URL(upstream.url).host);
      expect(headers.cookie ?? headers["x-bitfleet-session"] ?? headers.origin).toBeUndefined();
      // The other way round too.
      expect(answer.headers["set-cookie"] ?? answer.headers["access-control-allow-origin"]).toBeUndefined();
      expect(answer.headers["content-security-policy"]).toBe("default-src 'none'; sandbox");
    });

    test("goes where each app says, with the key of its own", async () => {
      const admin = await kit.enter("admin");
      const json = { "content-type": "application/json" };
      const change = { url: `${upstream.url}/testnet/api/`, apiKey: "k1" };
      const put = { method: "PUT", headers: { ...admin.headers, ...json }, body: JSON.stringify(change) };
      expect((await ask(at("/desktop/target"), put)).body).toBe(
        JSON.stringify({ url: `${upstream.url}/testnet/api`, hasApiKey: true }),
      );
      const echo = async (path: string, { headers }: Entered) =>
        JSON.parse((await ask(at(path), { headers })).body) as Echo;
      expect(await echo("/esplora/blocks/tip/height", admin)).toMatchObject({
        url: "/testnet/api/blocks/tip/height",
        headers: { "x-api-key": "k1" },
      });
      const ofWallet = await echo("/esplora/blocks/tip/height", wallet);
      expect(ofWallet.url).toBe("/esplora/blocks/tip/height");
      expect(ofWallet.headers["x-api-key"]).toBeUndefined();
      const back = { ...put, body: JSON.stringify({ url: "" }) };
      expect((await ask(at("/desktop/target"), back)).body).toBe(
        JSON.stringify({ url: upstream.url, hasApiKey: false }),
      );
    });

    test("says what is no target", async () => {
      for (const url of ["ftp://x", "x", 5, "http://a:b@c", "http://x/?y"]) {
        const body = JSON.stringify({ url });
        const headers = { ...wallet.headers, "content-type": "application/json" };
        const answer = await ask(at("/desktop/target"), { method: "PUT", headers, body });
        expect(answer.status).toBe(400);
        expect((JSON.parse(answer.body) as { error: string }).error).toMatch(/\.$/);
      }
    });

    test("says in the API's own form where nothing answers, and follows no redirect", async () => {
      const headers = { ...wallet.headers, "content-type": "application/json" };
      const put = (url: string) =>
        ask(at("/desktop/target"), { method: "PUT", headers, body: JSON.stringify({ url }) });
      await put("http://127.0.0.1:9");
      const away = await ask(at("/api/v1/blockchain"), { headers: wallet.headers });
      expect(away.status).toBe(502);
      expect(JSON.parse(away.body)).toMatchObject({
        success: false,
        error: "http://127.0.0.1:9 cannot be reached: nothing listens there.",
      });
      await put("");
      const moved = await ask(at("/api/redirect"), { headers: wallet.headers });
      expect(moved.status).toBe(502);
      expect(moved.headers.location).toBeUndefined();
      expect(moved.body).toContain("sends on to http://elsewhere.example.");
    });

    test("passes a stream on as it comes, with the key in its address taken out", async () => {
      const lines: string[] = [];
      const socket = connect(kit.server.port, "127.0.0.1");
      const { host } = new URL(kit.server.origin);
      socket.write(
        `GET /api/v1/events?topics=a&session=${wallet.key} HTTP/1.1\r\nHost: ${host}\r\nCookie: ${wallet.cookie}\r\n\r\n`,
      );
      socket.on("data", (text) => lines.push(String(text)));
      await expect.poll(() => lines.join("")).toContain("data: /api/v1/events?topics=a\n");
      expect(upstream.streams).toHaveLength(1);
      upstream.streams[0]!.write("data: more\n\n");
      await expect.poll(() => lines.join("")).toContain("data: more");
      socket.destroy();
      await expect.poll(() => upstream.streams[0]!.destroyed).toBe(true);
    });

    test("passes a WebSocket on, for who has cookie and key alone", async () => {
      const { host } = new URL(kit.server.origin);
      const upgrade = async (path: string, cookie: string) => {
        const socket = connect(kit.server.port, "127.0.0.1");
        let text = "";
        socket.on("data", (chunk) => (text += String(chunk)));
        const head = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: eA==", `Cookie: ${cookie}`];
        socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${head.join("\r\n")}\r\n\r\n`);
        await expect.poll(() => text).toContain("\r\n\r\n");
        return { socket, text: () => text };
      };
      const path = `/api/v1/events?session=${wallet.key}`;
      const through = await upgrade(path, wallet.cookie);
      expect(through.text()).toMatch(/^HTTP\/1.1 101 /);
      through.socket.write("ping");
      await expect.poll(through.text).toContain("echo ping");
      through.socket.destroy();
      for (const refused of [await upgrade("/api/v1/events", wallet.cookie), await upgrade(path, "x=y")]) {
        expect(refused.text()).toMatch(/^HTTP\/1.1 403 Forbidden\r\n/);
        refused.socket.destroy();
      }
    });
  });

  test("tries another place without making it the target", async () => {
    const body = JSON.stringify({ url: upstream.url, path: "/api/v1/x", method: "GET", headers: { "x-api-key": "k" } });
    const headers = { ...wallet.headers, "content-type": "application/json" };
    const answer = await ask(at("/desktop/try"), { method: "POST", headers, body });
    const { status, body: text } = JSON.parse(answer.body) as { status: number; body: string };
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({ url: "/api/v1/x", headers: { "x-api-key": "k" } });
    const away = JSON.stringify({ url: "http://127.0.0.1:9", path: "/", method: "GET" });
    expect((await ask(at("/desktop/try"), { method: "POST", headers, body: away })).body).toContain(
      "nothing listens there",
    );
  });

  test("puts theme and unit that were chosen into the documents of both apps, and takes no others", async () => {
    const put = (body: string, headers: Readonly<Record<string, string>> = wallet.headers) =>
      ask(at("/desktop/look"), { method: "PUT", headers: { ...headers, "content-type": "application/json" }, body });
    const metaAt = async (path: string) => {
      const { body } = await ask(at(path), { headers: { cookie: wallet.cookie } });
      return /<head>\s*<meta name="bitfleet-desktop" content="[\w-]+"(.*?) \/>/.exec(body)?.[1];
    };
    expect(await metaAt("/wallet-app/")).toBe("");
    expect((await put('{"theme":"light"}')).status).toBe(204);
    expect((await put('{"unit":"sats"}')).status).toBe(204);
    for (const path of ["/wallet-app/", "/blocks/5"]) {
      expect(await metaAt(path)).toBe(' data-theme="light" data-unit="sats"');
    }
    for (const bad of ['{"theme":"pink"}', '{"theme":"dark","unit":"x\\"><script>"}', "[]", "null"]) {
      const { status, body } = await put(bad);
      expect([status, body]).toEqual([400, expect.stringContaining("theme is one of dark, light and auto")]);
    }
    expect((await put('{"theme":"dark"}', { cookie: wallet.cookie })).status).toBe(403);
    expect(await metaAt("/")).toBe(' data-theme="light" data-unit="sats"');
  });

  test("tells a page's deep link once, and to the wallet alone", async () => {
    kit.server.deepLinks.keep("bitcoin:abc");
    const admin = await kit.enter("admin");
    const session = async ({ headers }: Entered) => JSON.parse((await ask(at("/desktop/session"), { headers })).body);
    expect(await session(admin)).toEqual({ app: "admin", version: "0", deepLink: null });
    expect(await session(wallet)).toEqual({ app: "wallet", version: "0", deepLink: "bitcoin:abc" });
    expect(await session(wallet)).toEqual({ app: "wallet", version: "0", deepLink: null });
  });

  test("ends where a page asks for it", async () => {
    expect((await ask(at("/desktop/quit"), { method: "POST", headers: wallet.headers })).status).toBe(204);
    await expect.poll(() => quits).toBe(1);
  });

  test.skipIf(process.platform !== "linux" || process.getuid?.() !== 0)(
    "gives another user of the machine nothing, with all secrets right",
    () => {
      const script = `require("node:http").get(${JSON.stringify(at("/desktop/session"))}, { headers: ${JSON.stringify(wallet.headers)} },
        (answer) => console.log(answer.statusCode)).on("error", (error) => console.log(error.code));`;
      // The server is in this process: it must be free to answer.
      const run = (uid: number) =>
        new Promise<string>((resolve) => {
          execFile(process.execPath, ["-e", script], { uid, cwd: "/" }, (_error, stdout) => resolve(stdout.trim()));
        });
      return Promise.all([run(0), run(65534)]).then((answers) => expect(answers).toEqual(["200", "ECONNRESET"]));
    },
  );
});

interface Echo {
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
}

interface Upstream {
  readonly server: Server;
  readonly url: string;
  readonly streams: import("node:http").ServerResponse[];
}

/** A server that answers what it was asked. */
async function startUpstream(): Promise<Upstream> {
  const streams: Upstream["streams"] = [];
  const server = createServer((request, reply) => {
    if (request.url === "/api/redirect")
      return void reply.writeHead(302, { location: "http://elsewhere.example/x" }).end();
    if (request.url?.startsWith("/api/v1/events")) {
      streams.push(reply);
      reply.writeHead(200, { "content-type": "text/event-stream" }).write(`data: ${request.url}\n\n`);
      return;
    }
    const headers = { "content-type": "application/json", "set-cookie": "a=b", "access-control-allow-origin": "*" };
    reply.writeHead(200, headers).end(JSON.stringify({ url: request.url, headers: request.headers }));
  });
  server.on("upgrade", (_request, socket) => {
    socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    socket.on("error", () => {});
    socket.on("data", (bytes) => socket.write(`echo ${bytes}`));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, streams };
}
