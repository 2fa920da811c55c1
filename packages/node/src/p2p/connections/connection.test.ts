import { once } from "node:events";
import { connect } from "node:net";
import { equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { parseEndpoint } from "@bitfleet/protocol/wire/address-text.ts";
import { isMessageType } from "@bitfleet/protocol/wire/message.ts";
import { V1Transport } from "@bitfleet/protocol/wire/v1-framing.ts";
import { afterEach, describe, expect, test } from "vitest";
import { SystemClock, systemRandom } from "../../clock.ts";
import type { Clock } from "../../ports.ts";
import { TestClock } from "../test-kit.ts";
import { Connection, type ConnectionOptions } from "./connection.ts";
import { frameOf, MAGIC, TestSocket } from "./connection-test-kit.ts";
import type { PeerSocket } from "./sockets.ts";
import { tcpSockets } from "./tcp-sockets.ts";

/** What a waiting message counts beside its payload. */
const OVERHEAD = 256;
const HEADER_SIZE = 24;

const undo: (() => void)[] = [];
afterEach(() => {
  for (const one of undo.splice(0)) one();
});

function open(socket: PeerSocket, options: Partial<ConnectionOptions>, clock: Clock) {
  const told: string[] = [];
  const connection = new Connection(
    { receiveBufferSize: 10_000, sendBufferSize: 1000, isKnownType: isMessageType, ...options },
    { socket, transport: new V1Transport({ magic: MAGIC }), clock },
  );
  connection.start({
    onSending: (type, size) => told.push(`sending ${type} ${size}`),
    onMessages: () => told.push("messages"),
    onDrain: () => told.push("drained"),
    onTransportError: (what) => told.push(what),
    onClosed: (why) => told.push(`closed: ${why}`),
    onTraffic: () => {},
    onMessage: () => {},
  });
  return { connection, told };
}

function setUp(options: Partial<ConnectionOptions> = {}) {
  const [socket, clock] = [new TestSocket(), new TestClock()];
  return { socket, clock, ...open(socket, options, clock) };
}

function taken(connection: Connection): string[] {
  const types: string[] = [];
  for (let message = connection.nextMessage(); message; message = connection.nextMessage()) types.push(message.type);
  return types;
}

describe("what comes in", () => {
  test("is put together to messages however it is cut up, and kept in order", () => {
    const { socket, connection, told } = setUp();
    const bytes = Buffer.concat([frameOf("verack"), frameOf("ping", new Uint8Array(8))]);
    for (const byte of bytes) socket.receive(Uint8Array.of(byte));
    expect(taken(connection)).toEqual(["verack", "ping"]);
    expect(told).toContain("messages");
    expect(connection.hasMessages).toBe(false);
  });

  test("is counted by type, of types nobody knows together, with the time", () => {
    const { socket, connection, clock } = setUp();
    expect(connection.statistics).toMatchObject({ lastReceiveSeconds: 0, bytesReceived: 0 });
    socket.receive(frameOf("ping", new Uint8Array(8)), frameOf("foo"), frameOf("bar", new Uint8Array(1)));
    const { statistics } = connection;
    expect([...statistics.bytesReceivedByType]).toEqual([
      ["ping", HEADER_SIZE + 8],
      ["*other*", 2 * HEADER_SIZE + 1],
    ]);
    expect(statistics.bytesReceived).toBe(3 * HEADER_SIZE + 9);
    expect(statistics.lastReceiveSeconds).toBe(Math.floor(clock.nowMs() / 1000));
  });

  test("of another network ends the connection", () => {
    const { socket, connection, told } = setUp();
    socket.receive(new Uint8Array(HEADER_SIZE));
    expect(told).toEqual([
      "Header error: Wrong MessageStart 00000000 received",
      "closed: receiving message bytes failed",
    ]);
    expect([connection.isOpen, socket.isDestroyed]).toEqual([false, true]);
  });

  test("with a wrong checksum costs the message, and only that", () => {
    const { socket, connection } = setUp();
    const damaged = frameOf("ping", new Uint8Array(8));
    damaged[HEADER_SIZE] = 1;
    socket.receive(damaged, frameOf("verack"));
    expect(connection.nextMessage()).toMatchObject({ type: "", rejected: expect.stringContaining("Wrong checksum") });
    expect(connection.nextMessage()).toMatchObject({ type: "verack" });
    expect(connection.isOpen).toBe(true);
  });

  test.each([
    [4_000_000, true],
    [4_000_001, false],
  ])("that announces %i bytes of payload is waited for: %s", (size, isOpen) => {
    const { socket, connection } = setUp();
    const header = frameOf("block");
    new DataView(header.buffer, header.byteOffset).setUint32(16, size, true);
    socket.receive(header);
    expect(connection.isOpen).toBe(isOpen);
  });

  test("is read until more waits than may, and again once less does", () => {
    const payload = 100;
    const { socket, connection } = setUp({ receiveBufferSize: 3 * (payload + OVERHEAD) });
    const one = frameOf("ping", new Uint8Array(payload));
    socket.receive(one, one, one);
    expect(socket.isPaused).toBe(false);
    socket.receive(one);
    expect(socket.isPaused).toBe(true);
    connection.nextMessage();
    expect(socket.isPaused).toBe(false);
  });

  test("fills the inbox also without payload", () => {
    const { socket } = setUp({ receiveBufferSize: 10 * OVERHEAD });
    for (let count = 0; count < 11; count++) socket.receive(frameOf("verack"));
    expect(socket.isPaused).toBe(true);
  });
});

describe("what goes out", () => {
  test("is told, counted and written", () => {
    const { socket, connection, told, clock } = setUp();
    connection.send("ping", new Uint8Array(8));
    connection.send("strange", new Uint8Array(0));
    expect(told).toEqual(["sending ping 8", "sending strange 0"]);
    expect(socket.takeTypes()).toEqual(["ping", "strange"]);
    expect(connection.statistics).toMatchObject({
      bytesSent: 2 * HEADER_SIZE + 8,
      lastSendSeconds: Math.floor(clock.nowMs() / 1000),
    });
    expect([...connection.statistics.bytesSentByType]).toEqual([
      ["ping", HEADER_SIZE + 8],
      ["*other*", HEADER_SIZE],
    ]);
  });

  test("is paused above the limit, not at it, until the system has taken it", async () => {
    const { socket, connection, told } = setUp({ sendBufferSize: 1000 });
    socket.queuedSize = 1000;
    connection.send("verack", new Uint8Array(0));
    expect(connection.isSendPaused).toBe(false);
    await connection.whenSendable();
    socket.drain();
    expect(told).not.toContain("drained");
    socket.queuedSize = 1001;
    connection.send("verack", new Uint8Array(0));
    expect(connection.isSendPaused).toBe(true);
    let isSendable = false;
    const waiting = connection.whenSendable().then(() => {
      isSendable = true;
    });
    await Promise.resolve();
    expect(isSendable).toBe(false);
    socket.drain();
    await waiting;
    expect(told.filter((line) => line === "drained")).toHaveLength(1);
  });

  test("wakes who waits also when the connection ends", async () => {
    const { socket, connection } = setUp({ sendBufferSize: 0 });
    socket.queuedSize = 1;
    const waiting = connection.whenSendable();
    socket.closed();
    await waiting;
    expect(connection.isOpen).toBe(false);
  });
});

describe("the end", () => {
  test("closes at once where nothing is to be sent any more, and is told once", () => {
    const { socket, connection, told } = setUp();
    connection.close();
    connection.close();
    socket.closed();
    expect(socket.isDestroyed).toBe(true);
    expect(told).toEqual(["closed: undefined"]);
  });

  test("lets what was sent leave, for a second", () => {
    const { socket, connection, clock } = setUp();
    socket.queuedSize = 5;
    connection.close();
    expect([socket.isEnded, socket.isDestroyed]).toEqual([true, false]);
    clock.advance(999);
    expect(socket.isDestroyed).toBe(false);
    clock.advance(1);
    expect(socket.isDestroyed).toBe(true);
  });

  test("forgets what waits, and neither takes nor sends more", () => {
    const { socket, connection, told } = setUp();
    socket.receive(frameOf("verack"));
    connection.close();
    socket.receive(frameOf("ping"));
    connection.send("pong", new Uint8Array(8));
    expect(connection.nextMessage()).toBeUndefined();
    expect(socket.written).toEqual([]);
    expect(told).toEqual(["messages", "closed: undefined"]);
  });

  test.each([
    [undefined, "closed: socket closed"],
    [new Error("ECONNRESET"), "closed: socket recv error: ECONNRESET"],
  ])("by the other side (%s) is told with the reason", (error, line) => {
    const { socket, told } = setUp();
    socket.closed(error);
    expect(told).toEqual([line]);
  });
});

describe("over a real socket", () => {
  /** Our end as a connection, theirs as a bare socket that reads nothing until told. */
  async function pair(options: Partial<ConnectionOptions> = {}) {
    const sockets = tcpSockets(systemRandom);
    let accept: (socket: PeerSocket) => void = () => {};
    const accepted = new Promise<PeerSocket>((resolve) => {
      accept = resolve;
    });
    const listener = await sockets.listen(parseEndpoint("127.0.0.1:0", 0)!, accept);
    const other = connect(listener.endpoint.port, "127.0.0.1").pause();
    undo.push(() => void other.destroy());
    undo.push(() => void listener.close());
    await once(other, "connect");
    const ours = open(await accepted, options, new SystemClock());
    undo.push(() => ours.connection.close());
    return { other, ...ours };
  }

  test("a side that does not read holds us back until it does", async () => {
    const { other, connection, told } = await pair({ sendBufferSize: 100_000 });
    const payload = new Uint8Array(1_000_000);
    // The kernel takes some megabytes before the queue grows here.
    for (let count = 0; count < 64 && !connection.isSendPaused; count++) {
      connection.send("block", payload);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(connection.isSendPaused).toBe(true);
    const waiting = connection.whenSendable();
    other.resume();
    await waiting;
    expect([connection.isSendPaused, told.includes("drained")]).toEqual([false, true]);
  });

  test("what is sent just before the end arrives", async () => {
    const { other, connection } = await pair();
    const received: Buffer[] = [];
    other.on("data", (bytes: Buffer) => received.push(bytes));
    connection.send("reject", new Uint8Array(300_000));
    connection.close();
    other.resume();
    await once(other, "end");
    expect(equalBytes(Buffer.concat(received), frameOf("reject", new Uint8Array(300_000)))).toBe(true);
  });

  test("the other side's end is noticed", async () => {
    const { other, connection } = await pair();
    other.resume().end();
    while (connection.isOpen) await new Promise((resolve) => setImmediate(resolve));
    expect(connection.isOpen).toBe(false);
  });
});
