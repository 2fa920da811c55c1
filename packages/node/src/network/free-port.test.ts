import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { freePort, freePorts, isPortFree } from "./free-port.ts";

test("ports that are free, all different, and not of those that outgoing connections get", async () => {
  const ports = await freePorts(200);
  expect(new Set(ports).size).toBe(200);
  expect(Math.max(...ports)).toBeLessThan(32_768);
  expect(await freePorts(0)).toEqual([]);
});

test("a port that is taken, and is free again", async () => {
  const server = createServer().listen(await freePort(), "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { readonly port: number };
  expect(await isPortFree(port)).toBe(false);
  expect(await freePort(port)).not.toBe(port);
  server.close();
  await once(server, "close");
  expect(await isPortFree(port)).toBe(true);
  expect(await freePort(port)).toBe(port);
});
