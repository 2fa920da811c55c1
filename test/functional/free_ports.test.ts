import { createServer, type Server } from "node:net";
import { afterEach, expect, test } from "vitest";
// @ts-expect-error: a script in plain JavaScript, which needs no build
import { onFreePorts } from "../../scripts/free-ports.mjs";

const TAKEN = "cannot listen on 127.0.0.1:15001: the port is taken by another program.";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

test("a build's run gets different ports, on each of which it can listen", async () => {
  const problem = await onFreePorts(20, async (...ports: readonly number[]) => {
    expect(new Set(ports).size).toBe(20);
    await Promise.all(ports.map(listen));
    return "";
  });
  expect(problem).toBe("");
});

test("it runs again, on others, where one of its ports was taken before it listened there", async () => {
  const seen: number[] = [];
  const problem = await onFreePorts(1, async (port: number) => {
    seen.push(port);
    await listen(port);
    return seen.length < 3 ? TAKEN : "";
  });
  expect(problem).toBe("");
  expect(new Set(seen).size).toBe(3);
});

test("it is told what went wrong otherwise, at once, and of ports that are always taken in the end", async () => {
  const runs: string[] = [];
  const always = (problem: string) =>
    onFreePorts(1, async () => {
      runs.push(problem);
      return problem;
    });
  expect(await always("the disk is full")).toBe("the disk is full");
  expect(runs).toHaveLength(1);
  expect(await always(TAKEN)).toBe(TAKEN);
  expect(runs).toHaveLength(6);
});

async function listen(port: number) {
  const server = createServer();
  servers.push(server);
  await new Promise<void>((done, failed) => server.once("error", failed).listen(port, "127.0.0.1", done));
}
