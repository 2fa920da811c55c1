import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concatBytes, EMPTY_BYTES, fromHex, toHex } from "../bytes/bytes.ts";
import { sha256d } from "../crypto/hash.ts";
import { seededBytes } from "../crypto/test-kit.ts";
import { PAYLOAD_SIZE_MAX } from "./codec.ts";
import { TransportError } from "./transport.ts";
import { V1_HEADER_SIZE, V1Transport } from "./v1-framing.ts";
import { cutSizes, exchange, MAGIC, OTHER_MAGIC, outputOf, received } from "./v2-test-kit.ts";

const transport = () => new V1Transport({ magic: MAGIC });
const text = (value: string) => new TextEncoder().encode(value);

/** A frame with this header, right or wrong. */
function frame(
  type: Uint8Array,
  payload: Uint8Array,
  change: { size?: number; magic?: Uint8Array; checksum?: Uint8Array } = {},
) {
  const header = new Uint8Array(V1_HEADER_SIZE);
  header.set(change.magic ?? MAGIC);
  header.set(type, 4);
  new DataView(header.buffer).setUint32(16, change.size ?? payload.length, true);
  header.set(change.checksum ?? sha256d(payload).subarray(0, 4), 20);
  return concatBytes(header, payload);
}

const errorOf = (bytes: Uint8Array) => {
  try {
    received(transport(), bytes);
  } catch (error) {
    return error instanceof TransportError ? error.message : error;
  }
  return undefined;
};

describe("v1 framing", () => {
  test("an empty message is its header", () => {
    const sender = transport();
    expect(sender.send("verack", EMPTY_BYTES)).toBe(24);
    expect(toHex(outputOf(sender))).toBe("fabfb5da76657261636b000000000000000000005df6e0e2");
    expect(sender.takeOutput()).toEqual([]);
  });

  test("messages arrive in order, however they are cut", () => {
    const messages = fc.array(
      fc.tuple(fc.constantFrom("ping", "tx", "sendaddrv2", "filtercleara"), fc.uint8Array({ maxLength: 300 })),
    );
    fc.assert(
      fc.property(messages, cutSizes, (sent, cuts) => {
        const [sender, receiver] = [transport(), transport()];
        const sizes = sent.map(([type, payload]) => sender.send(type, payload));
        const got = exchange(sender, receiver, cuts).b;
        expect(got).toEqual(sent.map(([type, payload], index) => ({ type, payload, wireSize: sizes[index] })));
      }),
    );
  });

  test("a large payload is not copied to be sent", () => {
    const sender = transport();
    const payload = new Uint8Array(100_000);
    sender.send("block", payload);
    expect(sender.takeOutput()[1]).toBe(payload);
  });

  test("a payload has a buffer of its own", () => {
    const bytes = frame(text("ping"), Uint8Array.of(1, 2, 3));
    const [message] = received(transport(), bytes);
    expect(message!.payload.buffer.byteLength).toBe(3);
  });

  test("it is v1 and never asks for another attempt", () => {
    const { kind, sessionId, shouldRetryV1 } = transport();
    expect({ kind, sessionId, shouldRetryV1 }).toEqual({ kind: "v1", sessionId: undefined, shouldRetryV1: false });
  });

  test("a name that is none is our own mistake", () => {
    expect(() => transport().send("thirteenchars", EMPTY_BYTES)).toThrow(RangeError);
    expect(() => transport().send("two\nlines", EMPTY_BYTES)).toThrow(RangeError);
    expect(transport().send("twelve chars", EMPTY_BYTES)).toBe(24);
  });
});

describe("what ends a v1 connection", () => {
  test("another network's magic, when the header is complete", () => {
    const bytes = frame(text("version"), text("hello"), { magic: fromHex("ffffffff") });
    expect(errorOf(bytes.subarray(0, 23))).toBeUndefined();
    expect(errorOf(bytes.subarray(0, 24))).toBe("Header error: Wrong MessageStart ffffffff received");
    expect(errorOf(frame(text("version"), EMPTY_BYTES, { magic: OTHER_MAGIC }))).toContain(
      "Wrong MessageStart 0a03cf40",
    );
  });

  test("a size above the limit, before the payload", () => {
    const oversized = frame(text("bad\x07msg"), EMPTY_BYTES, { size: PAYLOAD_SIZE_MAX + 1 });
    expect(errorOf(oversized)).toBe("Header error: Size too large (badmsg, 4000001 bytes)");
    expect(errorOf(frame(text("block"), EMPTY_BYTES, { size: 0xffffffff }))).toContain("4294967295 bytes");
    expect(errorOf(frame(text("block"), EMPTY_BYTES, { size: PAYLOAD_SIZE_MAX }))).toBeUndefined();
  });

  test("a payload of the largest size arrives", () => {
    const payload = seededBytes(1)(PAYLOAD_SIZE_MAX);
    const [message] = received(transport(), frame(text("block"), payload), [65_536]);
    expect(Buffer.compare(message!.payload, payload)).toBe(0);
    expect(message!.wireSize).toBe(PAYLOAD_SIZE_MAX + 24);
  });

  test("messages before the error arrive, and the error stays", () => {
    const receiver = transport();
    const types: string[] = [];
    const bytes = concatBytes(
      frame(text("ping"), EMPTY_BYTES),
      frame(text("pong"), EMPTY_BYTES, { magic: OTHER_MAGIC }),
    );
    expect(() => receiver.receive(bytes, ({ type }) => types.push(type))).toThrow(TransportError);
    expect(types).toEqual(["ping"]);
    expect(() => receiver.receive(frame(text("ping"), EMPTY_BYTES), () => {})).toThrow("Wrong MessageStart 0a03cf40");
  });
});

describe("what costs a message of v1", () => {
  const good = frame(text("ping"), EMPTY_BYTES);
  /** What is received where the frame is followed by a good one. */
  const receivedBefore = (bytes: Uint8Array) => {
    const messages = received(transport(), concatBytes(bytes, good));
    expect(messages).toHaveLength(2);
    expect(messages[1]!.type).toBe("ping");
    return messages[0]!;
  };

  test("a wrong checksum", () => {
    const bytes = frame(text("badmsg"), fromHex("0164"), { checksum: fromHex("ffffffff") });
    expect(receivedBefore(bytes)).toEqual({
      type: "",
      payload: EMPTY_BYTES,
      wireSize: 26,
      rejected: "Header error: Wrong checksum (badmsg, 2 bytes), expected 78df0a04 was ffffffff",
    });
  });

  test.each([
    ["a control character", "bad\x1f"],
    ["a character above ASCII's printable ones", "bad\x7f"],
    ["something behind the zeros", "bad\0x"],
    ["something at the very end", "bad\0\0\0\0\0\0\0\0x"],
    ["a zero at first and then a name", "\0bad"],
  ])("a type with %s", (_, type) => {
    const message = receivedBefore(frame(text(type), text("d1")));
    expect(message.rejected).toMatch(/^Header error: Invalid message type \((bad)?, 2 bytes\)$/);
    expect(message).toMatchObject({ type: "", wireSize: 26 });
  });

  test.each([" ", "~", "twelve chars", ""])("but not the type '%s'", (type) => {
    const message = receivedBefore(frame(text(type), EMPTY_BYTES));
    expect(message).toEqual({ type, payload: EMPTY_BYTES, wireSize: 24 });
  });

  test("a byte above 127 in a type", () => {
    expect(receivedBefore(frame(Uint8Array.of(0x61, 0x80), EMPTY_BYTES)).rejected).toContain(
      "Invalid message type (a, 0 bytes)",
    );
  });
});
