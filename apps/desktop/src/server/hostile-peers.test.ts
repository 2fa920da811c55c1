import { once } from "node:events";
import { type IncomingMessage, request, type ServerResponse } from "node:http";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { bomb, endless, hostileServer, slowHeaders } from "@bitfleet/api/hostile-server-test-kit.ts";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { withoutSession } from "./gate.ts";
import { ask, startTestServer } from "./test-kit.ts";
import { tryPlace } from "./try-place.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A place that answers every connection with these bytes, whatever it was asked, and then ends it. */
async function placeThatSays(text: string) {
  const asked: string[] = [];
  const server = createServer((socket) => {
    socket.on("error", () => {});
    let said = "";
    socket.on("data", (bytes) => {
      if (said === "") socket.end(text);
      said += String(bytes);
    });
    socket.once("close", () => asked.push(said));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

async function windowAt(url?: string) {
  const kit = await startTestServer(url);
  onTestFinished(kit.close);
  const { headers } = await kit.enter();
  const get = (path: string) => ask(`${kit.server.origin}${path}`, { headers });
  return { kit, headers, get };
}

describe("a hostile network", () => {
  test.each(["000", "099", "101", "600", "999"])("that answers with the status %s ends nothing", async (status) => {
    const place = await placeThatSays(`HTTP/1.1 ${status} X\r\nContent-Length: 2\r\n\r\nhi`);
    const { get } = await windowAt(place.url);
    expect((await get("/api/v1/blockchain")).status).toBe(502);
    expect((await get("/desktop/session")).status).toBe(200);
  });

  test("cannot have the browser ask for a name and a password, which are not sent on either", async () => {
    const place = await placeThatSays(
      'HTTP/1.1 401 X\r\nWWW-Authenticate: Basic realm="Your passphrase"\r\nContent-Length: 2\r\n\r\nhi',
    );
    const { kit, headers } = await windowAt(place.url);
    const answer = await ask(`${kit.server.origin}/api/v1/x`, { headers: { ...headers, authorization: "Basic eDp5" } });
    expect([answer.status, answer.headers["www-authenticate"]]).toEqual([401, undefined]);
    await expect.poll(() => place.asked).toHaveLength(1);
    expect(place.asked[0]).not.toMatch(/authorization/i);
  });

  test("gets a body as a body, whatever the method: not as one more request", async () => {
    const place = await placeThatSays("HTTP/1.1 200 X\r\nContent-Length: 2\r\n\r\nhi");
    const { kit, headers } = await windowAt(place.url);
    const body = "POST /two HTTP/1.1\r\n\r\n";
    const chunked = { ...headers, "transfer-encoding": "chunked" };
    await ask(`${kit.server.origin}/api/v1/one`, { headers: chunked, body });
    await expect.poll(() => place.asked).toHaveLength(1);
    expect(place.asked[0]).toMatch(/\r\ntransfer-encoding: chunked\r\n/i);
    expect(place.asked[0]).toContain(`\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n`);
    const tried = JSON.stringify({ url: place.url, path: "/one", method: "GET", body });
    const json = { ...headers, "content-type": "application/json" };
    await ask(`${kit.server.origin}/desktop/try`, { method: "POST", headers: json, body: tried });
    await expect.poll(() => place.asked).toHaveLength(2);
    expect(place.asked[1]).toMatch(new RegExp(`\\r\\ncontent-length: ${body.length}\\r\\n`, "i"));
  });

  test("is not told the key of a stream, however it is written, and gets the rest of the address whole", () => {
    expect(withoutSession("/api/v1/events?%73ession=k&a=b?c&session=k&d")).toBe("/api/v1/events?a=b?c&d");
    expect(withoutSession("/api/v1/events?session=k")).toBe("/api/v1/events");
    expect(withoutSession("/api/v1/events?sessions=k")).toBe("/api/v1/events?sessions=k");
  });
});

describe("a network whose answers have no end", () => {
  test("is read no faster than the page takes it, and no longer", async () => {
    let told: ServerResponse | undefined;
    const place = await hostileServer((response) => {
      told = response;
      endless(response);
    });
    const { kit, headers } = await windowAt(place.url);
    const outgoing = request(`${kit.server.origin}/api/v1/blockchain`, { headers, agent: false });
    const answered = once(outgoing, "response");
    outgoing.on("error", () => {}).end();
    const [answer] = (await answered) as [IncomingMessage];
    answer.pause();
    // Sockets and pipes on the way hold some; then nothing moves.
    let before = -1;
    await expect
      .poll(() => {
        const sent = told!.socket!.bytesWritten;
        const isStill = sent === before;
        before = sent;
        return isStill;
      })
      .toBe(true);
    expect(before).toBeLessThan(64 * 1024 * 1024);
    expect(place.givenUp()).toBe(0);
    outgoing.destroy();
    await expect.poll(place.givenUp).toBe(1);
  });

  test("is not read where it refuses a WebSocket", async () => {
    const refusing = await hostileServer((response) => endless(response.writeHead(403)));
    const { kit, headers } = await windowAt(refusing.url);
    const upgrade = { ...headers, connection: "Upgrade", upgrade: "websocket", "sec-websocket-key": "eA==" };
    const answer = await ask(`${kit.server.origin}/api/v1/events`, {
      headers: { ...upgrade, "sec-websocket-version": "13", origin: kit.server.origin },
    });
    expect(answer.status).toBe(403);
    expect(refusing.asked).toHaveLength(1);
    await expect.poll(refusing.givenUp).toBe(1);
  });

  test("has a minute to begin with, in whatever pieces its headers come", async () => {
    const later = globalThis.setTimeout;
    const clocks = vi
      .spyOn(globalThis, "setTimeout")
      .mockImplementation(((run: () => void, delayMs: number) =>
        later(run, delayMs === 60_000 ? 100 : delayMs)) as typeof setTimeout);
    try {
      const place = await slowHeaders();
      const { get } = await windowAt(place.url);
      expect(await get("/api/v1/blockchain")).toMatchObject({
        status: 502,
        body: expect.stringMatching("does not answer"),
      });
    } finally {
      clocks.mockRestore();
    }
  });

  test("is given up where it was only tried", async () => {
    const place = await hostileServer((response) => endless(response));
    await expect(tryPlace({ url: place.url, path: "/x" })).rejects.toThrow("its answer is too long");
    await expect.poll(place.givenUp).toBe(1);
    const packed = await hostileServer(bomb);
    await expect(tryPlace({ url: packed.url, path: "/x" })).rejects.toThrow("compressed, which was not asked for");
    expect(packed.asked[0]!.headers["accept-encoding"]).toBe("identity");
    await expect.poll(packed.givenUp).toBe(1);
  });
});

test("who asks for a WebSocket and breaks off ends nothing, as any page in the browser of this user may", async () => {
  const { kit, get } = await windowAt();
  const { port } = kit.server;
  const breakOff = async (when: (reset: () => void) => void) => {
    const socket: Socket = connect(port, "127.0.0.1").on("error", () => {});
    await new Promise((resolve) => socket.once("connect", resolve));
    socket.write(`GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
    await new Promise<void>((resolve) => when(() => resolve(void socket.resetAndDestroy())));
  };
  for (let count = 0; count < 50; count++) {
    await breakOff((reset) => reset());
    await breakOff((reset) => setImmediate(reset));
  }
  expect((await get("/desktop/session")).status).toBe(200);
});
