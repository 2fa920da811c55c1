import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import type { SocksProxy } from "./sockets.ts";
import { connectThroughSocks5 } from "./socks5.ts";

/** Only these of the names and passwords that RFC 1929 allows are of interest: 8 random bytes in hex. */
const CREDENTIALS = "0707070707070707";

const undo: (() => void)[] = [];
afterEach(() => {
  for (const one of undo.splice(0)) one();
});

type Talk = (socket: Socket, read: (size: number) => Promise<number[]>) => Promise<void>;

/** A socket whose other side is a proxy that talks as told, over the loopback device. */
async function toProxy(talk: Talk): Promise<Socket> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    undo.push(() => socket.destroy());
    const bytes = socket[Symbol.asyncIterator]();
    const held: number[] = [];
    const read = async (size: number) => {
      while (held.length < size) {
        const next = await bytes.next();
        if (next.done) return [];
        held.push(...(next.value as Buffer));
      }
      return held.splice(0, size);
    };
    void talk(socket, read).catch(() => {});
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  undo.push(() => server.close());
  const socket = connect((server.address() as { port: number }).port, "127.0.0.1");
  socket.on("error", () => {});
  undo.push(() => socket.destroy());
  await once(socket, "connect");
  return socket;
}

interface AskOptions {
  readonly credentials?: SocksProxy["credentials"];
  readonly host?: string;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

async function ask(talk: Talk, options: AskOptions = {}): Promise<Socket> {
  const { credentials = "none", host = "node", signal = new AbortController().signal, timeoutMs = 5000 } = options;
  const socket = await toProxy(talk);
  const proxy = { host: "127.0.0.1", port: 0, credentials };
  const random = { bytes: (size: number) => new Uint8Array(size).fill(7) };
  await connectThroughSocks5(socket, { host, port: 0x1234 }, proxy, random, { timeoutMs, signal }).catch((error) => {
    expect(socket.destroyed).toBe(true);
    throw error;
  });
  return socket;
}

/** Accepts without a password, reads the request for `host` and answers `answer`. */
const answering =
  (answer: readonly number[], host = "node"): Talk =>
  async (socket, read) => {
    await read(3);
    socket.write(Uint8Array.of(5, 0));
    await read(5 + host.length + 2);
    socket.write(Uint8Array.from(answer));
  };

describe("the greeting", () => {
  test("offers a password only where credentials are random, and sends them where the proxy wants them", async () => {
    const seen: (number[] | string)[] = [];
    const talk: Talk = async (socket, read) => {
      seen.push(await read(4));
      socket.write(Uint8Array.of(5, 2));
      const [version, size] = await read(2);
      seen.push([version!, size!], Buffer.from(await read(size!)).toString());
      const [passwordSize] = await read(1);
      seen.push(Buffer.from(await read(passwordSize!)).toString());
      socket.write(Uint8Array.of(1, 0));
      await read(5 + 4 + 2);
      socket.write(Uint8Array.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0));
    };
    await ask(talk, { credentials: "random" });
    expect(seen).toEqual([[5, 2, 0, 2], [1, 16], CREDENTIALS, CREDENTIALS]);
  });

  test("does without where the proxy does not care", async () => {
    const seen: number[][] = [];
    await ask(async (socket, read) => {
      seen.push(await read(3));
      socket.write(Uint8Array.of(5, 0));
      seen.push(await read(5 + 4 + 2));
      socket.write(Uint8Array.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0));
    });
    expect(seen).toEqual([
      [5, 1, 0],
      [5, 1, 0, 3, 4, ...Buffer.from("node"), 0x12, 0x34],
    ]);
  });

  test.each([
    ["a password that was not offered", "none", [5, 2], "was not offered (2)"],
    ["another authentication", "random", [5, 1], "was not offered (1)"],
    ["none of those offered", "random", [5, 0xff], "wants another authentication"],
    ["SOCKS4", "none", [4, 0], "does not speak SOCKS5"],
  ] as const)("ends where the proxy chooses %s", async (_what, credentials, answer, message) => {
    const talk: Talk = async (socket) => void socket.write(Uint8Array.from(answer));
    await expect(ask(talk, { credentials })).rejects.toMatchObject({
      message: expect.stringContaining(message),
      isProxyFailure: true,
    });
  });

  test.each([
    ["refuses the password", [1, 1]],
    ["answers in another version", [2, 0]],
  ])("ends where the proxy %s", async (_what, answer) => {
    const talk: Talk = async (socket, read) => {
      await read(4);
      socket.write(Uint8Array.of(5, 2));
      await read(3 + 2 * CREDENTIALS.length);
      socket.write(Uint8Array.from(answer));
    };
    await expect(ask(talk, { credentials: "random" })).rejects.toMatchObject({
      message: "the proxy refused us",
      isProxyFailure: true,
    });
  });
});

describe("the request", () => {
  test.each([
    [255, true],
    [256, false],
  ])("takes a name of %i bytes: %s", async (size, isTaken) => {
    const host = "a".repeat(size);
    const attempt = ask(answering([5, 0, 0, 1, 0, 0, 0, 0, 0, 0], host), { host });
    if (isTaken) await attempt;
    else {
      const message = "the host name is longer than 255 bytes";
      await expect(attempt).rejects.toMatchObject({ message, isProxyFailure: false });
    }
  });

  test.each([
    ["IPv4", [1, 1, 2, 3, 4]],
    ["IPv6", [4, ...new Uint8Array(16)]],
    ["a name", [3, 2, 97, 98]],
    ["an empty name", [3, 0]],
  ])("may be answered with %s, of which nothing is left in the stream", async (_what, address) => {
    const socket = await ask(answering([5, 0, 0, ...address, 0x1f, 0x90, 0xaa]));
    const [bytes] = (await once(socket, "data")) as [Buffer];
    expect([...bytes]).toEqual([0xaa]);
  });

  test("answered byte by byte is the same", async () => {
    const talk: Talk = async (socket, read) => {
      await read(3);
      socket.write(Uint8Array.of(5, 0));
      await read(5 + 4 + 2);
      for (const byte of [5, 0, 0, 3, 1, 97, 0, 1, 0xbb]) {
        socket.write(Uint8Array.of(byte));
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const socket = await ask(talk);
    const [bytes] = (await once(socket, "data")) as [Buffer];
    expect([...bytes]).toEqual([0xbb]);
  });

  test("answered with an address of unknown kind is the proxy's fault", async () => {
    await expect(ask(answering([5, 0, 0, 9]))).rejects.toMatchObject({
      message: "the proxy answered with an unknown address type (9)",
      isProxyFailure: true,
    });
  });

  test.each([
    [1, "general failure"],
    [2, "connection not allowed"],
    [3, "network unreachable"],
    [4, "host unreachable"],
    [5, "connection refused"],
    [6, "TTL expired"],
    [7, "protocol error"],
    [8, "address type not supported"],
    [0xf0, "onion service descriptor can not be found"],
    [0xf6, "onion service invalid address"],
    [0x77, "reply 119"],
  ])("refused with %i is the target's: %s", async (reply, reason) => {
    await expect(ask(answering([5, reply, 0, 1]))).rejects.toMatchObject({
      message: `the proxy could not connect to node:4660: ${reason}`,
      isProxyFailure: false,
    });
  });
});

test("the end of the node ends the attempt", async () => {
  const abort = new AbortController();
  const attempt = ask(
    async (_, read) => {
      await read(3);
      abort.abort();
    },
    { signal: abort.signal },
  );
  await expect(attempt).rejects.toMatchObject({ isProxyFailure: true });
});

test("a proxy that falls silent in between runs into the time limit", async () => {
  const talk: Talk = async (socket) => void socket.write(Uint8Array.of(5, 0));
  await expect(ask(talk, { timeoutMs: 50 })).rejects.toMatchObject({
    message: "the proxy did not answer in time",
    isProxyFailure: true,
  });
});
