import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { createDesktopClient, type DesktopEvent } from "./desktop-client.ts";

const closings: (() => void)[] = [];
afterEach(() => {
  for (const close of closings.splice(0)) close();
});

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** The local process, as far as a test needs it. */
async function program(answer: Answer) {
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (text) => (body += text));
    request.on("end", () => answer(request, response, body));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  closings.push(close);
  const client = createDesktopClient((path, options) => fetch(new URL(String(path), origin), options), {
    reopenAfterMs: 1,
  });
  return { client, close };
}

describe("the client of the desktop's local process", () => {
  test("asks and sets the target", async () => {
    const asked: string[] = [];
    let url = "";
    const { client } = await program((request, response, body) => {
      asked.push(`${request.method} ${request.url} ${body}`);
      if (request.method === "PUT") url = (JSON.parse(body) as { url: string }).url;
      response.end(JSON.stringify({ url }));
    });
    expect(await client.target()).toBeUndefined();
    await client.setTarget("http://10.0.0.5:8080");
    expect(await client.target()).toBe("http://10.0.0.5:8080");
    expect(asked[1]).toBe('PUT /desktop/target {"url":"http://10.0.0.5:8080"}');
  });

  test("hands on what another place answered", async () => {
    const tried = { status: 401, headers: { "content-type": "application/json" }, body: "{}" };
    const { client } = await program((request, response, body) => {
      expect([request.url, JSON.parse(body)]).toEqual(["/desktop/try", { url: "http://a", path: "/health" }]);
      response.end(JSON.stringify(tried));
    });
    expect(await client.tryAt({ url: "http://a", path: "/health" })).toEqual(tried);
  });

  test.each([
    [
      "its own sentence",
      502,
      '{"error":"http://a cannot be reached: nothing listens there."}',
      "nothing listens there",
    ],
    ["that the window is not known", 403, "", "does not know it any more"],
    ["a status without a word", 500, "", "answered with status 500"],
  ])("rejects with %s", async (_name, status, text, sentence) => {
    const { client } = await program((_request, response) => response.writeHead(status).end(text));
    await expect(client.tryAt({ url: "http://a", path: "/" })).rejects.toMatchObject({
      status,
      message: expect.stringContaining(sentence),
    });
  });

  test("says that the program is gone", async () => {
    const { client, close } = await program((_request, response) => response.end("{}"));
    close();
    await expect(client.target()).rejects.toMatchObject({
      status: 0,
      message: expect.stringContaining("start Bitfleet"),
    });
  });

  test("gives up a trial where its caller does", async () => {
    const giving = new AbortController();
    const { client } = await program(() => giving.abort(new Error("enough")));
    await expect(client.tryAt({ url: "http://a", path: "/" }, giving.signal)).rejects.toThrow("enough");
  });

  test("tells what the program has to say, once that it is gone, and once that it is back", async () => {
    let isThere = true;
    const taken: string[] = [];
    const { client } = await program((request, response, body) => {
      if (request.url === "/desktop/deep-link-taken") {
        taken.push(body);
        return void response.writeHead(204).end();
      }
      if (!isThere) {
        isThere = true;
        return void response.destroy();
      }
      isThere = false;
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write('event: deep-link\ndata: {"uri":"bitcoin:x","id":7}\n\nevent: deep-link\ndata: {}\n\n');
      response.end('event: download\ndata: {"path":"/tmp/a.csv"}\n\nevent: focus\ndata: {}\n\n');
    });
    const heard: DesktopEvent[] = [];
    await new Promise<void>((resolve) => {
      const stop = client.listen((event) => {
        heard.push(event);
        if (event.kind === "back") resolve();
      });
      closings.push(stop);
    });
    expect(heard.map(({ kind }) => kind)).toEqual(["deep-link", "download", "focus", "gone", "back"]);
    expect(heard[0]).toEqual({ kind: "deep-link", uri: "bitcoin:x" });
    await expect.poll(() => taken).toEqual(['{"id":7}']);
    expect(heard[1]).toEqual({ kind: "download", path: "/tmp/a.csv", error: undefined });
  });
});
