import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { EventParser, openFetchedEvents } from "./fetched-events.ts";

describe("the text of a stream of events", () => {
  const eventsIn = (...pieces: string[]) => {
    const parser = new EventParser();
    return pieces.flatMap((piece) => parser.read(piece));
  };

  test.each([
    ["an event with its name", ["event: tip\ndata: 1\n\n"], [{ name: "tip", data: "1" }]],
    ["one without", ["data: 1\n\n"], [{ name: "message", data: "1" }]],
    ["several lines of data", ["data: a\ndata: b\n\n"], [{ name: "message", data: "a\nb" }]],
    ["no space behind the colon, and more than one", ["event:x\ndata:  y\n\n"], [{ name: "x", data: " y" }]],
    ["a colon in the data", ['data: {"a":1}\n\n'], [{ name: "message", data: '{"a":1}' }]],
    ["comments, ids and waiting times, which say nothing", [": hello\nid: 7\nretry: 10\n\n"], []],
    ["a name without data, which is no event", ["event: x\n\ndata: y\n\n"], [{ name: "message", data: "y" }]],
    ["lines that end with CR LF", ["event: x\r\ndata: y\r\n\r\n"], [{ name: "x", data: "y" }]],
    ["what is not ended yet", ["data: y\n"], []],
  ])("has %s", (_name, pieces, events) => {
    expect(eventsIn(...pieces)).toEqual(events);
  });

  test.each(["event: x\r\ndata: y\r\n\r\n", "event: x\ndata: y\n\n", "event: x\rdata: y\r\r:\n"])(
    "is the same in pieces of one character: %j",
    (text) => {
      expect(eventsIn(...text)).toEqual([{ name: "x", data: "y" }]);
    },
  );

  test("has lines of a limited length", () => {
    expect(() => eventsIn(`data: ${"x".repeat(1_000_001)}`)).toThrow("has no end");
    expect(() => eventsIn("data: ", ...Array.from({ length: 101 }, () => "x".repeat(10_000)))).toThrow("has no end");
  });

  test("has events of a limited number of lines, empty ones too", () => {
    const parser = new EventParser();
    expect(() => {
      for (let piece = 0; piece < 300; piece++) parser.read("data\n".repeat(10_000));
    }).toThrow("an event of the stream has no end");
  });
});

describe("a stream of events that is fetched", () => {
  let server: Server | undefined;

  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
  });

  const serve = async (answer: (response: ServerResponse, headers: NodeJS.Dict<string | string[]>) => void) => {
    server = createServer((request, response) => answer(response, request.headers));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`;
  };
  const listen = (url: string, headers = {}) => {
    const stream = openFetchedEvents(url, fetch, headers);
    const heard: string[] = [];
    const waiting: (() => void)[] = [];
    for (const name of ["open", "error", "tip"]) {
      stream.addEventListener(name, (event: Event) => {
        heard.push(event instanceof MessageEvent ? `${name} ${event.data}` : name);
        for (const go of waiting.splice(0)) go();
      });
    }
    const hearing = async (count: number) => {
      while (heard.length < count) await new Promise<void>((resolve) => waiting.push(resolve));
      return heard;
    };
    return { stream, heard, hearing };
  };
  const STREAM = { "content-type": "text/event-stream; charset=utf-8" };

  test("opens with the headers, tells what comes, and ends with an error", async () => {
    let sent: unknown;
    const url = await serve((response, headers) => {
      sent = headers["x-bitfleet-session"];
      response.writeHead(200, STREAM).write("event: tip\ndata: 5\n\n");
      response.end("event: tip\ndata: 6\n\n");
    });
    const { hearing } = listen(url, { "x-bitfleet-session": "k3y" });
    expect(await hearing(4)).toEqual(["open", "tip 5", "tip 6", "error"]);
    expect(sent).toBe("k3y");
  });

  test.each([
    ["a refusal", (response: ServerResponse) => void response.writeHead(403, STREAM).end()],
    ["a page", (response: ServerResponse) => void response.writeHead(200, { "content-type": "text/html" }).end("<p>")],
    ["a break", (response: ServerResponse) => void response.destroy()],
  ])("does not open for %s", async (_name, answer) => {
    const { hearing } = listen(await serve(answer));
    expect(await hearing(1)).toEqual(["error"]);
  });

  test("says nothing more when it is closed, and lets go of the server", async () => {
    const closed = new Promise<void>((resolve) => {
      void serve((response) => {
        response.writeHead(200, STREAM).write("event: tip\ndata: 5\n\n");
        response.on("close", () => resolve());
      }).then(async (url) => {
        const { stream, hearing } = listen(url);
        await hearing(2);
        stream.close();
      });
    });
    await closed;
  });
});
