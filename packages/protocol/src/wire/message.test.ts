import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concatBytes, equalBytes, fromHex, toHex } from "../bytes/bytes.ts";
import { DecodeError, Writer } from "../bytes/cursor.ts";
import { transactions } from "../primitives/test-kit.ts";
import { decodeMessage, encodeMessage, isMessageType, MESSAGE_TYPES, type Message, maxPayloadSize } from "./message.ts";
import { messagesOf } from "./test-kit.ts";

/** Types whose last fields may be missing, or that have none: some of their truncations read. */
const MAY_END_EARLY = new Set<string>(["version", "ping", "pong"]);

/** Types with blocks, headers or transactions in them, which keep what they were decoded from: they compare by their bytes alone. */
const KEEPS_ENCODINGS = new Set<string>(["block", "tx", "blocktxn", "cmpctblock", "headers", "merkleblock"]);

/** A decoded message with what it caches made plain, so that two compare by what they say. */
function plain(message: Message | undefined): unknown {
  return message && { type: message.type, payload: toHex(encodeMessage(message).payload) };
}

test("every type of Core's list, once, in at most twelve letters", () => {
  expect(MESSAGE_TYPES).toHaveLength(36);
  expect(new Set(MESSAGE_TYPES).size).toBe(36);
  for (const type of MESSAGE_TYPES) expect(type).toMatch(/^[a-z0-9]{2,12}$/);
});

describe.each(MESSAGE_TYPES)("%s", (type) => {
  const messages: fc.Arbitrary<Message> = messagesOf[type];
  const payloadOf = (message: Message) => encodeMessage(message).payload;

  test("reads as it was written", () => {
    fc.assert(
      fc.property(messages, (message) => {
        const { type: name, payload } = encodeMessage(message);
        expect(name).toBe(type);
        expect(payload.length).toBeLessThanOrEqual(maxPayloadSize(type));
        const back = decodeMessage(type, payload)!;
        expect(plain(back)).toEqual(plain(message));
        if (!KEEPS_ENCODINGS.has(type)) expect(back).toEqual(message);
      }),
    );
  });

  test("is read wherever it stands in a larger array, and with bytes behind it", () => {
    fc.assert(
      fc.property(messages, fc.uint8Array({ minLength: 1, maxLength: 9 }), (message, surplus) => {
        const payload = payloadOf(message);
        const larger = concatBytes(surplus, payload, surplus);
        const view = larger.subarray(surplus.length, surplus.length + payload.length);
        expect(plain(decodeMessage(type, view))).toEqual(plain(message));
        const isShortNonce = type === "ping" || type === "pong";
        if (type === "feature" || (isShortNonce && payload.length === 0)) return;
        expect(plain(decodeMessage(type, concatBytes(payload, surplus)))).toEqual(plain(message));
      }),
    );
  });

  test("is a DecodeError when cut anywhere", () => {
    fc.assert(
      fc.property(messages, (message) => {
        const payload = payloadOf(message);
        for (let size = 0; size < payload.length; size++) {
          const error = thrownBy(() => decodeMessage(type, payload.subarray(0, size)));
          if (error === undefined && MAY_END_EARLY.has(type)) continue;
          expect(error).toBeInstanceOf(DecodeError);
          expect((error as DecodeError).offset).toBeLessThanOrEqual(size);
        }
      }),
      { numRuns: 15 },
    );
  });

  test("random bytes are a message or a DecodeError", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 400 }),
        messages,
        fc.nat(),
        fc.integer({ min: 0, max: 255 }),
        (noise, message, at, byte) => {
          const damaged = payloadOf(message).slice();
          if (damaged.length > 0) damaged[at % damaged.length] = byte;
          for (const payload of [noise, damaged]) {
            const error = thrownBy(() => decodeMessage(type, payload));
            if (error !== undefined) expect(error).toBeInstanceOf(DecodeError);
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe("types we do not know", () => {
  test.each(["", "alert", "badmsg", "INV", "inv ", "constructor", "toString", "__proto__", "hasOwnProperty"])(
    "%j",
    (type) => {
      expect(decodeMessage(type, fromHex("00"))).toBeUndefined();
      expect(isMessageType(type)).toBe(false);
      expect(maxPayloadSize(type)).toBe(4_000_000);
    },
  );

  test("cannot be sent", () => {
    expect(() => encodeMessage({ type: "alert" } as unknown as Message)).toThrow(RangeError);
  });
});

test("payloads have room for the largest lists", () => {
  expect(maxPayloadSize("verack")).toBe(0);
  expect(maxPayloadSize("inv")).toBe(3 + 50_000 * 36);
  expect(maxPayloadSize("headers")).toBe(3 + 2000 * 81);
  expect(maxPayloadSize("addr")).toBe(3 + 1000 * 30);
  expect(maxPayloadSize("getheaders")).toBe(4 + 1 + 101 * 32 + 32);
  expect(maxPayloadSize("block")).toBe(4_000_000);
  for (const type of MESSAGE_TYPES) expect(maxPayloadSize(type)).toBeLessThanOrEqual(4_000_000);
});

describe("nothing is copied", () => {
  test("a transaction is a view of its payload, and is sent as its own bytes", () => {
    fc.assert(
      fc.property(transactions, (tx) => {
        const { payload } = encodeMessage({ type: "tx", tx });
        expect(payload).toBe(tx.bytes);
        const back = decodeMessage("tx", payload) as Extract<Message, { type: "tx" }>;
        expect(back.tx.bytes.buffer).toBe(payload.buffer);
      }),
    );
  });

  test("hashes of an inventory are views, headers and addresses are not", () => {
    const payload = new Writer().compactSize(1).uint32(1).bytes(new Uint8Array(32)).toBytes();
    const inv = decodeMessage("inv", payload) as Extract<Message, { items: unknown }>;
    payload.fill(7, 5);
    expect(inv.items[0]!.hash).toEqual(new Uint8Array(32).fill(7));
    const headersPayload = concatBytes(fromHex("01"), new Uint8Array(81));
    const headers = decodeMessage("headers", headersPayload) as Extract<Message, { type: "headers" }>;
    headersPayload.fill(7);
    expect(headers.headers[0]!.previousBlockHash).toEqual(new Uint8Array(32));
  });
});

test("without witnesses, transactions and blocks are sent as their hashes commit to them", () => {
  fc.assert(
    fc.property(messagesOf.block, ({ block }) => {
      const stripped = encodeMessage({ type: "block", block, withoutWitness: true }).payload;
      const back = decodeMessage("block", stripped) as Extract<Message, { type: "block" }>;
      expect(back.block.transactions.every((tx) => !tx.hasWitness)).toBe(true);
      expect(stripped.length).toBe(block.strippedSize);
      for (const [index, tx] of block.transactions.entries()) {
        expect(equalBytes(back.block.transactions[index]!.txid, tx.txid)).toBe(true);
        expect(encodeMessage({ type: "tx", tx, withoutWitness: true }).payload).toEqual(tx.strippedBytes);
      }
      expect(encodeMessage({ type: "block", block, withoutWitness: false }).payload).toEqual(block.bytes);
    }),
  );
});

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}
