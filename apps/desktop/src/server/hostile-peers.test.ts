import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, onTestFinished, test } from "vitest";
import { withoutSession } from "./gate.ts";
import { ask, startTestServer } from "./test-kit.ts";

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
