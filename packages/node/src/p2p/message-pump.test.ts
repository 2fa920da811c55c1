import { regtestNetwork } from "@bitfleet/protocol/consensus/networks.ts";
import { isMessageType, type Message } from "@bitfleet/protocol/wire/message.ts";
import { V1Transport } from "@bitfleet/protocol/wire/v1-framing.ts";
import { describe, expect, test } from "vitest";
import { Connection, type ConnectionOptions } from "./connections/connection.ts";
import { framed, frameOf, MAGIC, TestSocket } from "./connections/connection-test-kit.ts";
import { MessagePump } from "./message-pump.ts";
import { Peer } from "./peer.ts";
import type { PeerModule } from "./peer-module.ts";
import { type PeerRecord, PeerSet } from "./peer-set.ts";
import { TestClock, TestLog, testPeer } from "./test-kit.ts";

const REGTEST = regtestNetwork();

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

const ping = (nonce: bigint): Message => ({ type: "ping", nonce });

interface Member extends PeerRecord {
  readonly socket: TestSocket;
  send(...messages: readonly Message[]): void;
}

function setUp(modules: readonly PeerModule[]) {
  const [clock, log] = [new TestClock(), new TestLog()];
  const fatal: Error[] = [];
  const peers = new PeerSet({ bans: { discourage: () => {} }, clock, log });
  let yields = 0;
  const pump = new MessagePump({
    peers,
    modules,
    clock,
    log,
    yield: () => {
      yields++;
      return turn();
    },
    onFatal: (error) => fatal.push(error),
  });
  peers.observe({ onGone: () => {}, onWake: () => pump.wake() });
  const join = (fields: Partial<Peer> = {}, options: Partial<ConnectionOptions> = {}): Member => {
    const socket = new TestSocket();
    const connection = new Connection(
      { receiveBufferSize: 1_000_000, sendBufferSize: 1000, isKnownType: isMessageType, ...options },
      { socket, transport: new V1Transport({ magic: MAGIC }), clock },
    );
    const template = testPeer(fields);
    const peer: Peer = Object.assign(new Peer(template.options, connection), {
      version: template.version,
      commonVersion: template.commonVersion,
      isReady: template.isReady,
    });
    const record = { peer, connection };
    peers.add(record);
    if (peer.isReady) peers.markReady(peer);
    connection.start({
      onSending: () => {},
      onTransportError: () => {},
      onMessages: () => pump.run(record),
      onDrain: () => pump.run(record),
      onClosed: (why) => peers.forget(record, why),
      onTraffic: () => {},
      onMessage: () => {},
    });
    return { ...record, socket, send: (...messages) => socket.receive(...messages.map(framed)) };
  };
  return { clock, log, peers, pump, fatal, join, yields: () => yields };
}

/** A module that notes the pings it gets, and does with them what it is told. */
function noting(act: (peer: Peer, nonce: bigint) => void | Promise<void> = () => {}) {
  const seen: string[] = [];
  const ticks: number[] = [];
  const module: PeerModule = {
    handlers: {
      ping: (peer, { nonce }) => {
        seen.push(`${peer.id}: ${nonce}`);
        return act(peer, nonce!);
      },
      verack: (peer) => void seen.push(`${peer.id}: verack`),
      version: (peer) => void seen.push(`${peer.id}: version`),
    },
    tick: (peer) => void ticks.push(peer.id),
  };
  return { module, seen, ticks };
}

describe("messages of one peer", () => {
  test("are handled strictly one after the other, those of others meanwhile", async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { module, seen } = noting((_, nonce) => (nonce === 1n ? held : undefined));
    const { join } = setUp([module]);
    const [a, b] = [join(), join()];
    a.send(ping(1n), ping(2n));
    b.send(ping(3n));
    await turn();
    expect(seen).toEqual([`${a.peer.id}: 1`, `${b.peer.id}: 3`]);
    release();
    await turn();
    expect(seen.at(-1)).toBe(`${a.peer.id}: 2`);
  });

  describe("behind blocks that are still being looked at", () => {
    const block: Message = { type: "block", block: REGTEST.params.genesis };

    /** Blocks that are done when told so, and pings. */
    function downloading() {
      const { module: pings, seen } = noting();
      const ends: { readonly finish: () => void; readonly fail: (error: Error) => void }[] = [];
      const blocks: PeerModule = {
        handlers: {
          block: (peer) => {
            seen.push("block");
            const work = new Promise<void>((finish, fail) => ends.push({ finish, fail }));
            return peer.backlog.add(work, 100);
          },
        },
      };
      return { ...setUp([blocks, pings]), seen, ends };
    }

    test("wait for all of them, where they are no blocks themselves", async () => {
      const { join, seen, ends } = downloading();
      const { send, peer } = join();
      send(block, block, ping(1n), block);
      await turn();
      expect(seen).toEqual(["block", "block"]);
      ends[1]!.finish();
      await turn();
      expect(seen.length).toBe(2);
      ends[0]!.finish();
      await turn();
      expect(seen.slice(2)).toEqual([`${peer.id}: 1`, "block"]);
    });

    test("are not heard any more when one of those broke a rule", async () => {
      const { join, seen, ends, peers } = downloading();
      const { send, peer } = join();
      send(block, ping(1n));
      await turn();
      peer.shouldDiscourage = true;
      ends[0]!.finish();
      await turn();
      expect(seen).toEqual(["block"]);
      expect(peers.size).toBe(0);
    });

    test("need not come for a failure to be noticed", async () => {
      const { join, ends, fatal } = downloading();
      const { send, peer } = join();
      send(block);
      await turn();
      peer.connection.close();
      ends[0]!.fail(new Error("a bug"));
      await turn();
      expect(fatal.map(({ message }) => message)).toEqual(["a bug"]);
    });
  });

  test("go to every module that knows the type, in order, until one ends the connection", async () => {
    const { module: second, seen } = noting();
    const { module: first } = noting((peer, nonce) => {
      seen.push(`first ${nonce}`);
      if (nonce === 2n) peer.connection.close();
    });
    const { join } = setUp([first, second]);
    const { send, peer } = join();
    send(ping(1n), ping(2n), ping(3n));
    await turn();
    expect(seen).toEqual(["first 1", `${peer.id}: 1`, "first 2"]);
  });

  test("are each followed by the peer's turn", async () => {
    const { module, ticks } = noting();
    const { join } = setUp([module]);
    const { send, peer } = join();
    send(ping(1n), ping(2n));
    await turn();
    expect(ticks).toEqual([peer.id, peer.id]);
  });

  test("are logged with their type and size, harmless to a terminal", async () => {
    const { join, log } = setUp([]);
    const { socket, peer } = join();
    socket.receive(frameOf("pi<ng>", new Uint8Array(3)));
    await turn();
    expect(log.lines).toEqual([
      `[net] received: ping (3 bytes) peer=${peer.id}`,
      `[net] Unknown message type "ping" from peer=${peer.id}`,
    ]);
  });

  test("with a damaged frame cost nothing but themselves", async () => {
    const { module, seen } = noting();
    const { join, log } = setUp([module]);
    const { socket, send, peer } = join();
    const damaged = framed(ping(1n));
    damaged[24]! ^= 1;
    socket.receive(damaged);
    send(ping(2n));
    await turn();
    expect(log.with("Header error: Wrong checksum (ping, 8 bytes)")[0]).toMatch(new RegExp(`, peer=${peer.id}$`));
    expect(seen).toEqual([`${peer.id}: 2`]);
  });

  test("with bad bytes too", async () => {
    const { module, seen } = noting();
    const { join, log, fatal } = setUp([module]);
    const { socket, send, peer } = join();
    socket.receive(frameOf("inv", Uint8Array.of(2, 1)));
    send(ping(2n));
    await turn();
    expect(log.with("ProcessMessages(inv, 2 bytes): Exception '")).toHaveLength(1);
    expect([seen, fatal, peer.connection.isOpen]).toEqual([[`${peer.id}: 2`], [], true]);
  });

  test.each([
    ["inv", 50_000, true],
    ["inv", 50_001, false],
    ["getdata", 50_000, true],
    ["getdata", 50_001, false],
  ])("beyond a limit that everybody knows are misbehaviour: %s of %i", async (type, count, isAllowed) => {
    const { join, log } = setUp([]);
    const { socket, peer } = join();
    const payload = new Uint8Array(3 + count * 36);
    payload.set([0xfd, count & 0xff, count >> 8]);
    socket.receive(frameOf(type, payload));
    await turn();
    expect(peer.connection.isOpen).toBe(isAllowed);
    const line = `Misbehaving: peer=${peer.id}: ${type} message size = ${count}`;
    expect(log.with(line)).toHaveLength(isAllowed ? 0 : 1);
  });
});

describe("before the greeting", () => {
  test("nothing but version is heard", async () => {
    const { module, seen } = noting();
    const { join, log } = setUp([module]);
    const { send, peer } = join({ version: 0, isReady: false });
    send({ type: "verack" }, ping(1n));
    await turn();
    expect(seen).toEqual([]);
    expect(log.with("non-version message before version handshake")).toEqual(
      ["verack", "ping"].map(
        (type) => `[net] non-version message before version handshake. Message "${type}" from peer=${peer.id}`,
      ),
    );
    expect(peer.connection.isOpen).toBe(true);
  });

  test("is complete, only what belongs to it is heard", async () => {
    const { module, seen, ticks } = noting();
    const { join, log } = setUp([module]);
    const { send, peer } = join({ isReady: false });
    send(ping(1n), { type: "verack" });
    await turn();
    expect(seen).toEqual([`${peer.id}: verack`]);
    expect(log.with(`Unsupported message "ping" prior to verack from peer=${peer.id}`)).toHaveLength(1);
    // Nobody has a turn before.
    expect(ticks).toEqual([]);
  });

  test.each(["verack", "wtxidrelay", "sendaddrv2", "feature", "sendtxrcncl", "sendheaders", "sendcmpct"])(
    "%s belongs to it",
    async (type) => {
      const { join, log } = setUp([]);
      const { socket } = join({ isReady: false });
      socket.receive(frameOf(type));
      await turn();
      expect(log.with("Unsupported message")).toEqual([]);
    },
  );
});

describe("a slow reader", () => {
  test("is asked for nothing more, and goes on once it has read", async () => {
    const { module, seen } = noting();
    const { join } = setUp([module]);
    const { socket, send, peer } = join({}, { sendBufferSize: 1000 });
    socket.queuedSize = 1001;
    peer.send({ type: "verack" });
    send(ping(1n));
    await turn();
    expect(seen).toEqual([]);
    socket.drain();
    await turn();
    expect(seen).toEqual([`${peer.id}: 1`]);
  });

  test("does not keep others waiting", async () => {
    const { module, seen } = noting();
    const { join } = setUp([module]);
    const [slow, other] = [join(), join()];
    slow.socket.queuedSize = 1001;
    slow.send(ping(1n));
    other.send(ping(2n));
    await turn();
    expect(seen).toEqual([`${other.peer.id}: 2`]);
  });
});

test("a peer with much to say lets sockets and timers run in between", async () => {
  const rig = setUp([noting(() => rig.clock.advance(6)).module]);
  const { send } = rig.join();
  send(ping(1n));
  await turn();
  expect(rig.yields()).toBe(0);
  send(ping(1n), ping(2n), ping(3n), ping(4n));
  for (let count = 0; count < 5; count++) await turn();
  // Of 6 ms each, two are more than the ten that it has.
  expect(rig.yields()).toBe(2);
});

describe("turns", () => {
  test("come every 100 ms to all who have greeted", () => {
    const { module, ticks } = noting();
    const { join, pump, clock } = setUp([module]);
    const [a, b] = [join(), join({ isReady: false })];
    pump.start();
    clock.advance(99);
    expect(ticks).toEqual([]);
    clock.advance(1);
    expect(ticks).toEqual([a.peer.id]);
    b.peer.isReady = true;
    clock.advance(100);
    expect(ticks).toEqual([a.peer.id, a.peer.id, b.peer.id]);
    pump.stop();
    clock.advance(1000);
    expect(ticks).toHaveLength(3);
  });

  test("come soon when there is news, once for all of it", async () => {
    const { module, ticks } = noting();
    const { join, peers } = setUp([module]);
    const { peer } = join();
    peers.wake();
    peers.wake();
    await turn();
    await turn();
    expect(ticks).toEqual([peer.id]);
  });

  test("punish who misbehaved outside of its own messages", async () => {
    const { join, peers } = setUp([]);
    const { peer } = join();
    peers.misbehaved(peer, "seen by another");
    await turn();
    await turn();
    expect(peer.connection.isOpen).toBe(false);
  });

  test("end with the connection", async () => {
    const { module: second, ticks } = noting();
    const first: PeerModule = { handlers: {}, tick: (peer) => peer.connection.close() };
    const { join, peers } = setUp([first, second]);
    join();
    peers.wake();
    await turn();
    expect(ticks).toEqual([]);
  });
});

test("misbehaviour ends the peer before its next message", async () => {
  const rig = setUp([noting((peer) => rig.peers.misbehaved(peer, "no")).module]);
  const { send, peer } = rig.join();
  send(ping(1n), ping(2n));
  await turn();
  expect(rig.log.with("Misbehaving")).toHaveLength(1);
  expect(peer.connection.isOpen).toBe(false);
});

describe("a bug of ours", () => {
  const broken = () => {
    throw new Error("broken");
  };

  test.each([
    ["thrown by a handler", { handlers: { ping: broken } }],
    ["in a handler's promise", { handlers: { ping: () => Promise.reject(new Error("broken")) } }],
    ["in a turn", { handlers: { ping: () => {} }, tick: broken }],
  ])("%s stops the node: no peer is to blame", async (_where, module: PeerModule) => {
    const { join, fatal } = setUp([module]);
    const { send } = join();
    send(ping(1n), ping(2n));
    for (let count = 0; count < 3; count++) await turn();
    expect(fatal.map(({ message }) => message)).toEqual(["broken"]);
  });

  test("in a turn that nobody's message began does too", async () => {
    for (const isWoken of [true, false]) {
      const { join, fatal, pump, peers, clock } = setUp([{ handlers: {}, tick: broken }]);
      join();
      pump.start();
      if (isWoken) peers.wake();
      else clock.advance(100);
      await turn();
      await turn();
      expect(fatal.map(({ message }) => message)).toEqual(["broken"]);
    }
  });
});
