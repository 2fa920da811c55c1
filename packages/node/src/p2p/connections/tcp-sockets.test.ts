import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEndpoint } from "@bitfleet/protocol/wire/address-text.ts";
import { afterEach, describe, expect, test } from "vitest";
import { systemRandom } from "../../clock.ts";
import type { PeerSocket, SocksProxy } from "./sockets.ts";
import { tcpSockets } from "./tcp-sockets.ts";

const sockets = tcpSockets(systemRandom);
const options = { timeoutMs: 5000, signal: new AbortController().signal };
const undo: (() => void)[] = [];

afterEach(() => {
  for (const one of undo.splice(0)) one();
});

function endpoint(text: string) {
  return parseEndpoint(text, 0)!;
}

interface Collected {
  readonly socket: PeerSocket;
  readonly bytes: () => number[];
  readonly closed: Promise<Error | undefined>;
  waitFor(count: number): Promise<number[]>;
}

function collect(socket: PeerSocket): Collected {
  const received: number[] = [];
  let wake = () => {};
  const closed = new Promise<Error | undefined>((resolve) => {
    socket.start({
      onData: (bytes) => {
        received.push(...bytes);
        wake();
      },
      onDrain: () => {},
      onClose: resolve,
    });
  });
  undo.push(() => socket.destroy());
  const waitFor = async (count: number) => {
    while (received.length < count) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return received;
  };
  return { socket, bytes: () => received, closed, waitFor };
}

describe("tcp", () => {
  test("two ends exchange bytes and see each other's addresses; a destroyed end is noticed", async () => {
    const accepted: PeerSocket[] = [];
    const listener = await sockets.listen(endpoint("127.0.0.1:0"), (socket) => accepted.push(socket));
    undo.push(() => void listener.close());
    const ours = collect(await sockets.connect(listener.endpoint, options));
    while (accepted.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const theirs = collect(accepted[0]!);
    expect(ours.socket.remote).toEqual(listener.endpoint);
    expect(theirs.socket.remote).toEqual(ours.socket.local);
    ours.socket.write(Uint8Array.of(1, 2, 3));
    expect(await theirs.waitFor(3)).toEqual([1, 2, 3]);
    theirs.socket.write(Uint8Array.of(4));
    expect(await ours.waitFor(1)).toEqual([4]);
    theirs.socket.end();
    expect(await ours.closed).toBeUndefined();
  });

  test("bytes that arrive before anybody listens are not lost", async () => {
    const accepted: PeerSocket[] = [];
    const listener = await sockets.listen(endpoint("127.0.0.1:0"), (socket) => accepted.push(socket));
    undo.push(() => void listener.close());
    const ours = collect(await sockets.connect(listener.endpoint, options));
    ours.socket.write(Uint8Array.of(9, 8));
    while (accepted.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const theirs = collect(accepted[0]!);
    expect(await theirs.waitFor(2)).toEqual([9, 8]);
  });

  test("says why nobody was reached, and why an address cannot be used", async () => {
    const listener = await sockets.listen(endpoint("127.0.0.1:0"), () => {});
    await expect(sockets.listen(listener.endpoint, () => {})).rejects.toThrow("EADDRINUSE");
    await listener.close();
    await expect(sockets.connect(listener.endpoint, options)).rejects.toThrow(/failed: ECONNREFUSED/);
    const abort = new AbortController();
    abort.abort();
    await expect(sockets.connect(listener.endpoint, { ...options, signal: abort.signal })).rejects.toThrow("stopping");
    await expect(sockets.connect({ host: "node.example", port: 1 }, options)).rejects.toThrow("through a proxy");
  });

  test("resolves names, and nothing where there is no such name", async () => {
    expect(await sockets.resolve("localhost", 8)).toContainEqual(endpoint("127.0.0.1:0").address);
    expect(await sockets.resolve("no-such-host.invalid", 8)).toEqual([]);
  });
});

/** A proxy that reads the whole greeting, answers as told and then sends `after`. */
async function proxyServer(
  talk: (socket: Socket, read: (size: number) => Promise<number[]>) => Promise<void>,
  path?: string,
): Promise<SocksProxy> {
  const server: Server = createServer((socket) => {
    const held: number[] = [];
    let wake = () => {};
    socket.on("data", (bytes) => {
      held.push(...bytes);
      wake();
    });
    socket.on("error", () => {});
    const read = async (size: number) => {
      while (held.length < size) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return held.splice(0, size);
    };
    void talk(socket, read);
  });
  if (path === undefined) server.listen(0, "127.0.0.1");
  else server.listen(path);
  await once(server, "listening");
  undo.push(() => server.close());
  if (path !== undefined) return { path, credentials: "none" };
  return { host: "127.0.0.1", port: (server.address() as { port: number }).port, credentials: "random" };
}

const CONNECTED = Uint8Array.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0);

describe("SOCKS5", () => {
  test("asks for the name itself, authenticates with random credentials, and leaves what follows in the stream", async () => {
    const seen: number[][] = [];
    const proxy = await proxyServer(async (socket, read) => {
      seen.push(await read(4));
      socket.write(Uint8Array.of(5, 2));
      const [, userSize] = await read(2);
      await read(userSize!);
      const [passwordSize] = await read(1);
      await read(passwordSize!);
      socket.write(Uint8Array.of(1, 0));
      seen.push(await read(5 + "node.onion".length + 2));
      // The first bytes of the target in the same packet.
      socket.write(Buffer.concat([CONNECTED, Uint8Array.of(0xaa, 0xbb)]));
    });
    const socket = await sockets.connect({ host: "node.onion", port: 0x1234 }, { ...options, proxy });
    expect(socket.remote).toBeUndefined();
    expect(await collect(socket).waitFor(2)).toEqual([0xaa, 0xbb]);
    expect(seen[0]).toEqual([5, 2, 0, 2]);
    expect(seen[1]).toEqual([5, 1, 0, 3, 10, ...Buffer.from("node.onion"), 0x12, 0x34]);
  });

  test.each([
    ["refuses all methods", [5, 0xff], "another authentication", true],
    ["speaks another protocol", [0x48, 0x54], "does not speak SOCKS5", true],
    ["chooses what was not offered", [5, 7], "was not offered", true],
  ])("a proxy that %s", async (_what, answer, message, isProxyFailure) => {
    const proxy = await proxyServer(async (socket, read) => {
      await read(4);
      socket.write(Uint8Array.from(answer));
    });
    const attempt = sockets.connect({ host: "x", port: 1 }, { ...options, proxy });
    await expect(attempt).rejects.toMatchObject({ message: expect.stringContaining(message), isProxyFailure });
  });

  test("over a socket in the file system, and one that is not there", async () => {
    const folder = mkdtempSync(join(tmpdir(), "bitfleet-test-"));
    undo.push(() => rmSync(folder, { recursive: true }));
    const path = join(folder, "socks");
    const talk = async (socket: Socket, read: (size: number) => Promise<number[]>) => {
      await read(3);
      socket.write(Uint8Array.of(5, 0));
      await read(5 + "node.onion".length + 2);
      socket.write(Buffer.concat([CONNECTED, Uint8Array.of(0xcc)]));
    };
    const proxy = await proxyServer(talk, path);
    const socket = await sockets.connect({ host: "node.onion", port: 1 }, { ...options, proxy });
    expect(await collect(socket).waitFor(1)).toEqual([0xcc]);
    const absent = { path: join(folder, "none"), credentials: "none" } as const;
    await expect(sockets.connect({ host: "node.onion", port: 1 }, { ...options, proxy: absent })).rejects.toMatchObject(
      {
        message: `connection to unix:${absent.path} failed: ENOENT`,
        isProxyFailure: true,
      },
    );
  });

  test("a target that the proxy cannot reach is not the proxy's fault", async () => {
    const proxy = await proxyServer(async (socket, read) => {
      await read(4);
      socket.write(Uint8Array.of(5, 0));
      await read(5 + 1 + 2);
      socket.write(Uint8Array.of(5, 4, 0, 1, 0, 0, 0, 0, 0, 0));
    });
    const attempt = sockets.connect({ host: "x", port: 1 }, { ...options, proxy });
    await expect(attempt).rejects.toMatchObject({
      message: expect.stringContaining("host unreachable"),
      isProxyFailure: false,
    });
  });

  test("a proxy that hangs up, and one that is not there", async () => {
    const proxy = await proxyServer(async (socket, read) => {
      await read(4);
      socket.destroy();
    });
    const attempt = sockets.connect({ host: "x", port: 1 }, { ...options, proxy });
    await expect(attempt).rejects.toMatchObject({ isProxyFailure: true });
    const absent: SocksProxy = { host: "127.0.0.1", port: 1, credentials: "none" };
    await expect(sockets.connect({ host: "x", port: 1 }, { ...options, proxy: absent })).rejects.toMatchObject({
      isProxyFailure: true,
    });
  });

  test("a proxy that never answers runs into the time limit", async () => {
    const proxy = await proxyServer(async () => {});
    const attempt = sockets.connect({ host: "x", port: 1 }, { ...options, timeoutMs: 50, proxy });
    await expect(attempt).rejects.toMatchObject({ message: expect.stringContaining("in time"), isProxyFailure: true });
  });
});
