import { createServer, type Server, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { openRedisStore } from "./redis-store.ts";

/** Something at Redis's address that answers scripts as it likes. */

const REQUEST = { id: "a", policy: { capacity: 10, refillPerSecond: 1 } };
let server: Server;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

async function storeThatSays(answer: string) {
  server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => {});
    socket.on("data", (bytes) => {
      // Every command is a list; the client sends several at once when it connects.
      for (const command of bytes.toString("latin1").match(/\*\d+\r\n(?:\$\d+\r\n[^*]*)+/g) ?? []) {
        socket.write(/\neval(sha)?\r\n/i.test(command) ? answer : "+OK\r\n");
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return openRedisStore(`redis://127.0.0.1:${port}`, "test:");
}

test("an answer in numbers is taken", async () => {
  const store = await storeThatSays("*2\r\n:1\r\n$3\r\n4.5\r\n");
  expect(await store.take([REQUEST])).toEqual({ isAllowed: true, tokens: [4.5] });
  store.close();
});

test.each([
  ["words", "*2\r\n:1\r\n$3\r\nabc\r\n"],
  ["a number without an end", "*2\r\n:1\r\n$8\r\nInfinity\r\n"],
  ["too few", "*1\r\n:1\r\n"],
  ["too many", "*3\r\n:1\r\n:1\r\n:1\r\n"],
  ["a text", "+OK\r\n"],
  ["nothing", "$-1\r\n"],
  ["an error", "-WRONGTYPE Operation against a key\r\n"],
])("%s in the place of numbers are a failure of the store", async (_, answer) => {
  const store = await storeThatSays(answer);
  await expect(store.take([REQUEST])).rejects.toThrow();
  store.close();
});
