import { describe, expect, test } from "vitest";
import { concatBytes, fromHex, toHex } from "../bytes/bytes.ts";
import { DecodeError, Writer } from "../bytes/cursor.ts";
import { formatEndpoint, parseAddress } from "./address-text.ts";
import { ProtocolViolation } from "./codec.ts";
import type { VersionMessage } from "./control.ts";
import { decodeMessage, encodeMessage, type MessageOf, type MessageType } from "./message.ts";

function decode<Type extends MessageType>(type: Type, hex: string): MessageOf<Type> {
  return decodeMessage(type, fromHex(hex)) as MessageOf<Type>;
}

describe("version", () => {
  const message: VersionMessage = {
    type: "version",
    version: 70016,
    services: 1033n,
    timeSeconds: 1_700_000_000n,
    receiver: { services: 9n, address: parseAddress("1.2.3.4")!, port: 18444 },
    sender: { services: 9n, address: parseAddress("0.0.0.0")!, port: 0 },
    nonce: 0x1122334455667788n,
    userAgent: "/x/",
    startingHeight: -1,
    relaysTransactions: false,
  };
  const untilReceiver = `80110100090400000000000000f15365000000000900000000000000${"00".repeat(10)}ffff01020304480c`;
  const sender = `0900000000000000${"00".repeat(10)}ffff000000000000`;
  const nonce = "8877665544332211";

  test("fields in order", () => {
    const hex = `${untilReceiver + sender + nonce}032f782fffffffff00`;
    expect(toHex(encodeMessage(message).payload)).toBe(hex);
    expect(decode("version", hex)).toEqual(message);
  });

  test("of an old node, without BIP37's field", () => {
    const old = decode(
      "version",
      `62ea0000010000000000000011b2d050000000000100000000000000${"00".repeat(10)}ffff000000000000` +
        `0000000000000000${"00".repeat(10)}ffff0000000000003b2eb35d8ce617650f2f5361746f7368693a302e372e322fc03e0300`,
    );
    expect([old.version, old.userAgent, old.startingHeight]).toEqual([60002, "/Satoshi:0.7.2/", 212672]);
    expect(old.relaysTransactions).toBe(true);
  });

  test("may end behind the receiver, the nonce, the user agent and the height", () => {
    const shortest = decode("version", untilReceiver);
    expect(formatEndpoint(shortest.receiver)).toBe("1.2.3.4:18444");
    expect(formatEndpoint(shortest.sender)).toBe("[::]:0");
    expect([shortest.nonce, shortest.userAgent, shortest.startingHeight]).toEqual([1n, "", -1]);
    expect(shortest.relaysTransactions).toBe(true);
    expect(decode("version", untilReceiver + sender + nonce)).toMatchObject({ nonce: message.nonce, userAgent: "" });
    const named = `${untilReceiver + sender + nonce}032f782f`;
    expect(decode("version", named)).toMatchObject({ userAgent: "/x/", startingHeight: -1, relaysTransactions: true });
    expect(decode("version", `${named}05000000`)).toMatchObject({ startingHeight: 5, relaysTransactions: true });
    expect(decode("version", `${named}0500000000`)).toMatchObject({ startingHeight: 5, relaysTransactions: false });
  });

  test("ends nowhere else", () => {
    const hex = `${untilReceiver + sender + nonce}032f782fffffffff00`;
    const mayEnd = new Set([46, 80, 84, 88, 89]);
    for (let size = 0; size <= hex.length / 2; size++) {
      const read = () => decode("version", hex.slice(0, 2 * size));
      if (mayEnd.has(size)) expect(read().version).toBe(70016);
      else expect(read, `${size} bytes`).toThrow(DecodeError);
    }
  });

  test("a user agent of 256 bytes, and no more", () => {
    const withAgent = (size: number) =>
      `${untilReceiver + sender + nonce}fd${toHex(new Writer().uint16(size).toBytes())}${"61".repeat(size)}`;
    expect(decode("version", withAgent(256)).userAgent).toBe("a".repeat(256));
    expect(() => decode("version", withAgent(257))).toThrow(DecodeError);
    expect(encodeMessage({ ...message, userAgent: "a".repeat(256) }).payload).toHaveLength(344);
    expect(() => encodeMessage({ ...message, userAgent: "a".repeat(257) })).toThrow(RangeError);
    expect(() => encodeMessage({ ...message, userAgent: "é".repeat(129) })).toThrow(RangeError);
  });

  test("a user agent that is no UTF-8 is read all the same", () => {
    expect(decode("version", `${untilReceiver + sender + nonce}0341ff42`).userAgent).toBe("A\ufffdB");
    expect(decode("version", `${untilReceiver + sender + nonce}03efbbbf`).userAgent).toBe("\ufeff");
  });
});

describe("ping and pong", () => {
  test("with a nonce", () => {
    expect(decode("ping", "8877665544332211").nonce).toBe(0x1122334455667788n);
    expect(toHex(encodeMessage({ type: "pong", nonce: 1n }).payload)).toBe("0100000000000000");
  });

  test("a ping has eight bytes or none, a pong that is short has no nonce", () => {
    expect(decode("ping", "").nonce).toBeUndefined();
    expect(() => decode("ping", "00")).toThrow(DecodeError);
    expect(() => decode("ping", "00".repeat(7))).toThrow(DecodeError);
    expect(decode("pong", "").nonce).toBeUndefined();
    expect(decode("pong", "00".repeat(7)).nonce).toBeUndefined();
    expect(decode("pong", "00".repeat(8)).nonce).toBe(0n);
  });
});

describe("sendcmpct", () => {
  test("announce and version", () => {
    expect(decode("sendcmpct", "010200000000000000")).toEqual({ type: "sendcmpct", highBandwidth: true, version: 2n });
    expect(toHex(encodeMessage({ type: "sendcmpct", highBandwidth: false, version: 1n }).payload)).toBe(
      "000100000000000000",
    );
  });

  test("the first byte is 0 or 1", () => {
    const error = thrownBy(() => decode("sendcmpct", "020200000000000000")) as ProtocolViolation;
    expect(error).toBeInstanceOf(ProtocolViolation);
    expect([error.reason, error.consequence]).toEqual(["invalid sendcmpct announce field", "misbehaving"]);
    expect(thrownBy(() => decode("sendcmpct", "02"))).not.toBeInstanceOf(ProtocolViolation);
  });
});

describe("feature (BIP434)", () => {
  const payload = (idSize: number, dataSize: number) =>
    concatBytes(
      new Writer().compactBytes(new Uint8Array(idSize).fill(0x61)).toBytes(),
      new Writer().compactBytes(new Uint8Array(dataSize)).toBytes(),
    );

  test.each([
    [4, 0],
    [80, 512],
  ])("a name of %i bytes with data of %i", (idSize, dataSize) => {
    const message = decodeMessage("feature", payload(idSize, dataSize)) as MessageOf<"feature">;
    expect(message.featureId).toBe("a".repeat(idSize));
    expect(message.data).toHaveLength(dataSize);
    expect(encodeMessage(message).payload).toEqual(payload(idSize, dataSize));
  });

  test.each([
    ["name too short", payload(3, 0)],
    ["name too long", payload(81, 0)],
    ["data too long", payload(4, 513)],
    ["bytes behind it", concatBytes(payload(4, 0), fromHex("00"))],
    ["no data", fromHex("0461616161")],
    ["nothing", fromHex("")],
  ])("%s ends the connection", (_, bytes) => {
    const error = thrownBy(() => decodeMessage("feature", bytes)) as ProtocolViolation;
    expect(error).toBeInstanceOf(ProtocolViolation);
    expect([error.reason, error.consequence]).toEqual(["invalid feature payload", "disconnect"]);
  });
});

test("feefilter, sendtxrcncl and empty messages", () => {
  expect(decode("feefilter", "e803000000000000").feerateSatPerKvb).toBe(1000n);
  expect(decode("feefilter", "ffffffffffffffff").feerateSatPerKvb).toBe(-1n);
  expect(decode("sendtxrcncl", "010000000200000000000000")).toEqual({ type: "sendtxrcncl", version: 1, salt: 2n });
  expect(decode("verack", "0123")).toEqual({ type: "verack" });
  expect(encodeMessage({ type: "wtxidrelay" })).toEqual({ type: "wtxidrelay", payload: new Uint8Array(0) });
});

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}
