import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { MemoryLog } from "../../chain/test-kit.ts";
import { SystemClock } from "../../clock.ts";
import { EventStream } from "../events/event-stream.ts";
import { LARGE_BODIES_BYTES_MAX, SMALL_BODY_BYTES } from "./large-bodies.ts";
import { createWebApp } from "./web-app.ts";
import { WebState } from "./web-state.ts";

const BODY_BYTES = 1_500_000;
const FIT_COUNT = Math.floor(LARGE_BODIES_BYTES_MAX / BODY_BYTES);
let close = async () => {};
afterEach(() => close());

async function serve() {
  const clock = new SystemClock();
  const events = new EventStream({}, { clock });
  const app = await createWebApp({ version: "1" }, { clock, log: new MemoryLog(), state: new WebState(), events });
  let begunCount = 0;
  let wake = () => {};
  app.addHook("preParsing", async () => {
    begunCount++;
    wake();
  });
  await app.listen({ port: 0, host: "127.0.0.1" });
  const { port } = app.server.address() as { port: number };
  const sockets: Socket[] = [];
  close = async () => {
    for (const socket of sockets) socket.destroy();
    await app.close();
  };
  /** Begins a body and does not end it. */
  const begin = (length: string): Socket => {
    const socket = connect({ port, host: "127.0.0.1" }).on("error", () => {});
    sockets.push(socket);
    const head = `POST /api/v1/transactions/test HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n${length}\r\n\r\n`;
    socket.write(`${head}${length.startsWith("T") ? "1\r\n[\r\n" : "["}`);
    return socket;
  };
  const begun = async (count: number) => {
    while (begunCount < count) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return { begin, begun, app };
}

const lineOf = async (socket: Socket) => String((await once(socket, "data"))[0]).split("\r\n")[0];

test("bodies under way are so large altogether, and make room when their callers go", async () => {
  const { begin, begun } = await serve();
  const sockets = Array.from({ length: FIT_COUNT }, () => begin(`Content-Length: ${BODY_BYTES}`));
  await begun(FIT_COUNT);
  expect(await lineOf(begin(`Content-Length: ${BODY_BYTES}`))).toBe("HTTP/1.1 503 Service Unavailable");
  expect(await lineOf(begin("Transfer-Encoding: chunked"))).toBe("HTTP/1.1 503 Service Unavailable");
  // Small ones are read, and refused as what they are.
  const small = begin(`Content-Length: ${SMALL_BODY_BYTES}`);
  small.write(" ".repeat(SMALL_BODY_BYTES));
  expect(await lineOf(small)).toBe("HTTP/1.1 400 Bad Request");
  sockets[0]!.destroy();
  for (let isRefused = true; isRefused; ) {
    const next = begin(`Content-Length: ${BODY_BYTES}`);
    next.write(" ".repeat(BODY_BYTES));
    isRefused = (await lineOf(next)) !== "HTTP/1.1 400 Bad Request";
  }
});
