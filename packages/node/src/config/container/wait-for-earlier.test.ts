import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { askHealth } from "./ask-health.ts";
import { type NameServer, startNameServer } from "./name-server.test-kit.ts";
import { realWaiting, waitForEarlier } from "./wait-for-earlier.ts";

const NEVER = new AbortController().signal;
const NODE = { name: "miner-0", host: "miner-0.miner-headless", port: 9332 };

let server: Server | undefined;
let names: NameServer | undefined;
afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  await names?.close();
  server = undefined;
  names = undefined;
});

async function listen(answer: (path: string) => readonly [status: number, body: string]): Promise<number> {
  server = createServer((request, response) => {
    const [status, body] = answer(request.url!);
    response.writeHead(status).end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** Time that passes only in pauses. */
function simulated(readyAtMs: number) {
  const lines: string[] = [];
  let nowMs = 0;
  return {
    lines,
    deps: {
      ask: async () => (nowMs >= readyAtMs ? undefined : "The node is starting."),
      pause: async (ms: number) => {
        nowMs += ms;
      },
      nowMs: () => nowMs,
      say: (line: string) => lines.push(line),
    },
  };
}

test("it waits until the node before is ready, and says so every ten seconds", async () => {
  const { deps, lines } = simulated(25_000);
  expect(await waitForEarlier(NODE, deps, NEVER)).toBe(true);
  const line = (seconds: number) =>
    `Waiting for miner-0 (http://miner-0.miner-headless:9332/health/ready), ${seconds} s so far: The node is starting.`;
  expect(lines).toEqual([line(0), line(10), line(20), "miner-0 is ready after 25 s"]);
});

test("a node that is ready is not waited for; one that is not for two minutes is left", async () => {
  const ready = simulated(0);
  expect(await waitForEarlier(NODE, ready.deps, NEVER)).toBe(true);
  expect(ready.lines).toEqual(["miner-0 is ready after 0 s"]);
  expect(await waitForEarlier(NODE, simulated(120_000).deps, NEVER)).toBe(true);
  const late = simulated(120_001);
  expect(await waitForEarlier(NODE, late.deps, NEVER)).toBe(false);
  expect(late.lines).toHaveLength(12);
});

test("what another node says is not printed as it comes", async () => {
  const { deps, lines } = simulated(20_000);
  await waitForEarlier(NODE, { ...deps, ask: async () => "\u001b[2Jred\nline" }, NEVER);
  expect(lines[0]).toMatch(/ so far: \\x1b\[2Jred$/);
});

test("over HTTP, by the name that the network gives it", async () => {
  let count = 0;
  const body = JSON.stringify({ success: false, error: "The node is starting." });
  const port = await listen((path) => (path === "/health/ready" && ++count > 1 ? [200, "{}"] : [503, body]));
  names = await startNameServer((name) => (name === "miner-0.headless.test" ? "127.0.0.1" : undefined));
  const node = { name: "miner-0", host: "miner-0.headless.test", port };
  const lines: string[] = [];
  expect(
    await waitForEarlier(
      node,
      realWaiting(node, (line) => lines.push(line), [names.address]),
      NEVER,
    ),
  ).toBe(true);
  expect(lines[0]).toMatch(/The node is starting\.$/);
  expect(names.asked).toContain("miner-0.headless.test");
  const nobody = { ...node, host: "miner-9.headless.test" };
  const asking = realWaiting(nobody, () => {}, [names.address]).ask(NEVER);
  expect(await asking).toBe("It cannot be reached (ENOTFOUND).");
});

test("who is asked to stop does not wait", async () => {
  const stop = new AbortController();
  server = createServer(() => {});
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const node = { name: "miner-0", host: "127.0.0.1", port: (server.address() as AddressInfo).port };
  server.once("request", () => stop.abort());
  await expect(
    waitForEarlier(
      node,
      realWaiting(node, () => {}),
      stop.signal,
    ),
  ).rejects.toThrow("aborted");
});

test("why a node is not ready, in a sentence", async () => {
  const answers: Record<string, readonly [number, string]> = {
    "/health/ready": [503, '{"error":"No."}'],
    "/health/live": [502, "<html>"],
  };
  const port = await listen((path) => answers[path]!);
  const ask = (path: "/health/ready" | "/health/live", timeoutMs = 10_000) =>
    askHealth({ host: "127.0.0.1", port, path, timeoutMs });
  expect(await ask("/health/ready")).toBe("No.");
  expect(await ask("/health/live")).toBe("It answers with HTTP 502.");
  answers["/health/live"] = [200, "anything"];
  expect(await ask("/health/live")).toBeUndefined();
  server!.removeAllListeners("request");
  expect(await ask("/health/live", 50)).toBe("It has not answered within 0.05 s.");
  server!.closeAllConnections();
  server!.close();
  await once(server!, "close");
  // Another test may have been given the port meanwhile, and end what it did not wait for.
  expect(await ask("/health/live")).toMatch(/^It cannot be reached \(ECONN(REFUSED|RESET)\)\.$/);
});
