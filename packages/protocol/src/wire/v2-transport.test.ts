import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concatBytes, EMPTY_BYTES, toHex } from "../bytes/bytes.ts";
import { sha256 } from "../crypto/hash.ts";
import { seededBytes } from "../crypto/test-kit.ts";
import type { RawMessage } from "./transport.ts";
import { RESERVED_AHEAD_MAX } from "./transport-buffer.ts";
import { V1Transport } from "./v1-framing.ts";
import {
  connected,
  cutSizes,
  exchange,
  MAGIC,
  OTHER_MAGIC,
  outputOf,
  received,
  ScriptedInitiator,
  v2Transport,
} from "./v2-test-kit.ts";

const V1_PREFIX = concatBytes(MAGIC, new TextEncoder().encode("version"), new Uint8Array(5));
/** Messages with their payloads as digests, which are sooner compared. */
const digestsOf = (messages: readonly RawMessage[]) =>
  messages.map(({ type, payload, wireSize }) => `${type} ${wireSize} ${payload.length} ${toHex(sha256(payload))}`);
const garbageSizes = fc.oneof(fc.constantFrom(0, 1, 4094, 4095), fc.integer({ min: 0, max: 4095 }));

describe("two v2 ends", () => {
  test("agree, whatever the garbage, the decoys and the pieces", () => {
    const decoys = fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 3 });
    fc.assert(
      fc.property(
        garbageSizes,
        garbageSizes,
        decoys,
        decoys,
        cutSizes,
        fc.nat(),
        (ours, theirs, ourDecoys, theirDecoys, cuts, seed) => {
          const a = v2Transport(true, seed, { garbageSize: ours, handshakeDecoySizes: ourDecoys });
          const b = v2Transport(false, seed + 1, { garbageSize: theirs, handshakeDecoySizes: theirDecoys });
          a.send("version", Uint8Array.of(1, 2, 3));
          const { b: atB } = exchange(a, b, cuts);
          expect(atB).toEqual([{ type: "version", payload: Uint8Array.of(1, 2, 3), wireSize: 36 }]);
          expect([a.kind, b.kind]).toEqual(["v2", "v2"]);
          expect(a.sessionId).toHaveLength(32);
          expect(a.sessionId).toEqual(b.sessionId);
        },
      ),
      { numRuns: 40 },
    );
  });

  test("carry messages of all sizes both ways, decoys between them", () => {
    const sizes = fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 300, max: 70_000 }));
    const steps = fc.array(
      fc.tuple(fc.boolean(), fc.constantFrom("ping", "block", "version", "verack"), sizes, fc.nat(2)),
    );
    fc.assert(
      fc.property(steps, cutSizes, (messages, cuts) => {
        const [a, b] = connected();
        const random = seededBytes(5);
        const sent: Record<"a" | "b", RawMessage[]> = { a: [], b: [] };
        for (const [isFromA, type, size, decoyCount] of messages) {
          const [from, to] = isFromA ? [a, sent.b] : [b, sent.a];
          for (let count = 0; count < decoyCount; count++) from.sendDecoy(size);
          const payload = random(size);
          to.push({ type, payload, wireSize: from.send(type, payload) });
        }
        const pieces = cuts.map((size) => 50 * size);
        const got = exchange(a, b, pieces);
        expect(digestsOf(got.a)).toEqual(digestsOf(sent.a));
        expect(digestsOf(got.b)).toEqual(digestsOf(sent.b));
      }),
      { numRuns: 25 },
    );
  });

  test("change their keys again and again, in step", () => {
    const [a, b] = connected();
    for (let count = 0; count < 1000; count++) {
      a.send("ping", Uint8Array.of(count, count >> 8));
      b.send("pong", Uint8Array.of(count >> 8, count));
      if (count % 3 === 0) a.sendDecoy(1);
    }
    const messages = exchange(a, b, [1000, 7]);
    expect(messages.b.map(({ payload }) => payload[0]! | (payload[1]! << 8))).toEqual([...Array(1000).keys()]);
    expect(messages.a.map(({ payload }) => payload[1]! | (payload[0]! << 8))).toEqual([...Array(1000).keys()]);
  });

  test("carry megabytes, up to the largest payload", () => {
    const [a, b] = connected();
    const [larger, large] = [seededBytes(6)(4_000_000), seededBytes(7)(1_500_000)];
    expect(a.send("block", larger)).toBe(4_000_021);
    expect(b.send("unnumbered", large)).toBe(1_500_033);
    const messages = exchange(a, b, [65_536]);
    expect(Buffer.compare(messages.b[0]!.payload, larger)).toBe(0);
    expect(Buffer.compare(messages.a[0]!.payload, large)).toBe(0);
    expect([messages.b[0]!.wireSize, messages.a[0]!.wireSize]).toEqual([4_000_021, 1_500_033]);
  });

  test("answer how many bytes a message and a decoy take", () => {
    const [a] = connected();
    const sizes = [a.send("ping", new Uint8Array(8)), a.send("version", new Uint8Array(8)), a.sendDecoy(100)];
    expect(sizes).toEqual([29, 41, 120]);
    expect(a.takeOutput().map((chunk) => chunk.length)).toEqual(sizes);
  });

  test("have other keys, garbage and sessions each time", () => {
    const [first, second] = [v2Transport(true, 1), v2Transport(true, 2)];
    expect(outputOf(first).subarray(0, 64)).not.toEqual(outputOf(second).subarray(0, 64));
    expect(connected()[0].sessionId).toEqual(connected()[0].sessionId);
    const other = v2Transport(true, 9);
    exchange(other, v2Transport(false, 2));
    expect(other.sessionId).not.toEqual(connected()[0].sessionId);
  });

  test("of different networks never get through", () => {
    const a = v2Transport(true, 1);
    const b = v2Transport(false, 2, { magic: OTHER_MAGIC });
    expect(() => {
      exchange(a, b);
      // Neither sees the other's terminator: by the limit it is over.
      received(a, new Uint8Array(4111));
    }).toThrow("V2 transport error: missing garbage terminator");
    expect(a.kind).toBe("detecting");
  });
});

describe("the handshake", () => {
  test("an initiator sends its key and garbage at once, and nothing more", () => {
    const initiator = v2Transport(true, 1, { garbageSize: 100 });
    expect(initiator.send("version", EMPTY_BYTES)).toBe(33);
    expect(initiator.sendDecoy(10)).toBe(0);
    expect(outputOf(initiator)).toHaveLength(164);
    expect(initiator.takeOutput()).toEqual([]);
    expect([initiator.kind, initiator.sessionId]).toEqual(["detecting", undefined]);
  });

  test("the order on the wire: terminator, decoys, version, then what waited", () => {
    const responder = v2Transport(false, 2, { garbageSize: 5 });
    const initiator = v2Transport(true, 1, { garbageSize: 7, handshakeDecoySizes: [10, 0] });
    initiator.send("ping", new Uint8Array(8));
    received(responder, outputOf(initiator));
    received(initiator, outputOf(responder));
    expect(initiator.takeOutput().map((chunk) => chunk.length)).toEqual([16, 30, 20, 20, 29]);
  });

  test("a responder says nothing before it knows that the other side does not speak v1", () => {
    const responder = v2Transport(false, 1, { garbageSize: 0 });
    for (const byte of V1_PREFIX.subarray(0, 15)) {
      received(responder, Uint8Array.of(byte));
      expect(responder.takeOutput()).toEqual([]);
      expect(responder.kind).toBe("detecting");
    }
    received(responder, Uint8Array.of(1));
    expect(outputOf(responder)).toHaveLength(64);
  });

  test.each([0, 3, 4, 10, 15])("a first byte unlike v1 at %i makes it answer", (index) => {
    const responder = v2Transport(false, 1, { garbageSize: 0 });
    const bytes = V1_PREFIX.slice(0, index + 1);
    bytes[index]! ^= 1;
    received(responder, bytes);
    expect(outputOf(responder)).toHaveLength(64);
  });

  test("v2 is certain with the version packet, not before", () => {
    const [a, b] = [v2Transport(true, 1, { garbageSize: 9 }), v2Transport(false, 2, { garbageSize: 9 })];
    received(b, outputOf(a));
    const answer = outputOf(b);
    received(a, answer.subarray(0, -1));
    expect([a.kind, a.sessionId]).toEqual(["detecting", undefined]);
    received(a, answer.subarray(-1));
    expect(a.kind).toBe("v2");
    expect(b.kind).toBe("detecting");
  });

  test("a decoy authenticates the garbage where it comes first", () => {
    const garbage = seededBytes(1)(20);
    const [peer, responder] = [new ScriptedInitiator(), v2Transport(false, 2)];
    peer.exchangeKeys(responder, garbage);
    const { sendTerminator } = peer.cipher;
    received(responder, concatBytes(sendTerminator, peer.cipher.seal(garbage, true, new Uint8Array(5))));
    expect(responder.kind).toBe("detecting");
    received(responder, peer.cipher.seal(EMPTY_BYTES, false));
    expect(responder.kind).toBe("v2");
  });

  test("what a version packet holds is ignored", () => {
    const [peer, responder] = [new ScriptedInitiator(), v2Transport(false, 2)];
    peer.exchangeKeys(responder);
    expect(received(responder, peer.versionBytes(EMPTY_BYTES, seededBytes(3)(5)))).toEqual([]);
    expect(received(responder, peer.packet(Uint8Array.of(18, 1))).map(({ type }) => type)).toEqual(["ping"]);
  });
});

describe("a responder and v1", () => {
  test("becomes v1 with the last byte of the prefix, and carries on", () => {
    fc.assert(
      fc.property(cutSizes, (cuts) => {
        const [initiator, responder] = [new V1Transport({ magic: MAGIC }), v2Transport(false, 1)];
        initiator.send("version", Uint8Array.of(1, 2, 3));
        initiator.send("verack", EMPTY_BYTES);
        const atResponder = received(responder, outputOf(initiator), cuts);
        expect(atResponder).toEqual([
          { type: "version", payload: Uint8Array.of(1, 2, 3), wireSize: 27 },
          { type: "verack", payload: EMPTY_BYTES, wireSize: 24 },
        ]);
        expect([responder.kind, responder.sessionId, responder.shouldRetryV1]).toEqual(["v1", undefined, false]);
        expect(responder.send("pong", new Uint8Array(8))).toBe(32);
        expect(responder.sendDecoy(5)).toBe(0);
        expect(exchange(initiator, responder).a.map(({ type }) => type)).toEqual(["pong"]);
      }),
    );
  });

  test("the kind, byte by byte", () => {
    const responder = v2Transport(false, 1);
    received(responder, V1_PREFIX.subarray(0, 15));
    expect(responder.kind).toBe("detecting");
    received(responder, V1_PREFIX.subarray(15));
    expect(responder.kind).toBe("v1");
  });

  test("what waited is sent as v1", () => {
    const [initiator, responder] = [new V1Transport({ magic: MAGIC }), v2Transport(false, 1)];
    responder.send("version", Uint8Array.of(7));
    initiator.send("version", EMPTY_BYTES);
    expect(exchange(initiator, responder).a).toEqual([{ type: "version", payload: Uint8Array.of(7), wireSize: 25 }]);
  });

  test("a v1 peer of another network", () => {
    const responder = v2Transport(false, 1);
    const bytes = concatBytes(OTHER_MAGIC, V1_PREFIX.subarray(4), new TextEncoder().encode("somepayload"));
    expect(() => received(responder, bytes)).toThrow("V2 transport error: V1 peer with wrong MessageStart 0a03cf40");
    const bytewise = v2Transport(false, 1);
    expect(received(bytewise, bytes.subarray(0, 15), [1])).toEqual([]);
    expect(() => received(bytewise, bytes.subarray(15, 16))).toThrow("wrong MessageStart");
  });

  test("a key that begins as a wrong v1 peer and does not end so", () => {
    const responder = v2Transport(false, 1, { garbageSize: 0 });
    const key = concatBytes(
      OTHER_MAGIC,
      new TextEncoder().encode("version"),
      Uint8Array.of(0, 0, 0, 0, 1),
      new Uint8Array(48),
    );
    received(responder, key, [11]);
    expect(outputOf(responder)).toHaveLength(64 + 16 + 20);
  });

  test("an initiator takes such a key for a key", () => {
    const initiator = v2Transport(true, 1, { garbageSize: 0 });
    received(initiator, concatBytes(OTHER_MAGIC, V1_PREFIX.subarray(4), new Uint8Array(48)));
    expect(outputOf(initiator)).toHaveLength(64 + 16 + 20);
  });
});

describe("another attempt with v1", () => {
  test("may help an initiator whose key went unanswered", () => {
    const initiator = v2Transport(true, 1);
    expect(initiator.shouldRetryV1).toBe(false);
    initiator.takeOutput();
    expect(initiator.shouldRetryV1).toBe(true);
    received(initiator, Uint8Array.of(0));
    expect(initiator.shouldRetryV1).toBe(false);
  });

  test("does not concern a responder", () => {
    const responder = v2Transport(false, 1);
    received(responder, Uint8Array.of(0));
    responder.takeOutput();
    expect(responder.shouldRetryV1).toBe(false);
  });
});

test("payloads have buffers of their own, which later packets leave alone", () => {
  const [a, b] = connected();
  for (const byte of [1, 2, 3]) a.send("ping", new Uint8Array(4).fill(byte));
  const payloads = exchange(a, b).b.map(({ payload }) => payload);
  expect(payloads.map(toHex)).toEqual(["01010101", "02020202", "03030303"]);
  expect(new Set(payloads.map(({ buffer }) => buffer)).size).toBe(3);
  for (const { buffer } of payloads) expect(buffer.byteLength).toBeLessThan(RESERVED_AHEAD_MAX);
});
