import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concatBytes, EMPTY_BYTES, fromHex } from "../bytes/bytes.ts";
import { seededBytes } from "../crypto/test-kit.ts";
import { cutSizes, received, ScriptedInitiator, v2Transport } from "./v2-test-kit.ts";
import { V2_CONTENTS_SIZE_MAX } from "./v2-transport.ts";

describe("what ends a v2 connection", () => {
  const missing = "V2 transport error: missing garbage terminator";
  const failure = "V2 transport error: packet decryption failure";

  test("no terminator within the limit, at exactly the limit", () => {
    const responder = v2Transport(false, 1);
    received(responder, new Uint8Array(64 + 4095 + 15));
    expect(() => received(responder, new Uint8Array(1))).toThrow(missing);
    expect(() => received(responder, new Uint8Array(1))).toThrow(missing);
  });

  test("more garbage than there may be", () => {
    const [peer, responder] = [new ScriptedInitiator(), v2Transport(false, 2)];
    peer.exchangeKeys(responder, new Uint8Array(4096));
    expect(() => received(responder, peer.versionBytes(new Uint8Array(4096)))).toThrow(missing);
  });

  test("a wrong terminator: the connection waits for another until the limit", () => {
    const [peer, responder] = [new ScriptedInitiator(), v2Transport(false, 2)];
    peer.exchangeKeys(responder);
    received(responder, concatBytes(peer.wrongTerminator, peer.cipher.seal(EMPTY_BYTES, false)));
    expect(responder.kind).toBe("detecting");
    expect(() => received(responder, new Uint8Array(4111 - 36))).toThrow(missing);
  });

  test("other garbage than was authenticated", () => {
    const [peer, responder] = [new ScriptedInitiator(), v2Transport(false, 2)];
    const garbage = seededBytes(4)(50);
    peer.exchangeKeys(responder, garbage);
    const authenticated = garbage.slice();
    authenticated[49]! ^= 4;
    expect(() => received(responder, peer.versionBytes(authenticated))).toThrow(`${failure} (0 bytes)`);
  });

  test("garbage that nothing authenticates", () => {
    const [peer, responder] = [new ScriptedInitiator(), v2Transport(false, 2)];
    peer.exchangeKeys(responder, new Uint8Array(3));
    expect(() => received(responder, peer.versionBytes(EMPTY_BYTES))).toThrow(failure);
  });

  test("the garbage authenticated a second time", () => {
    const [peer, responder] = [new ScriptedInitiator(), v2Transport(false, 2)];
    const garbage = Uint8Array.of(1, 2, 3);
    peer.exchangeKeys(responder, garbage);
    received(responder, peer.versionBytes(garbage));
    expect(() => received(responder, peer.cipher.seal(garbage, false, Uint8Array.of(18)))).toThrow(
      `${failure} (1 bytes)`,
    );
  });

  test("a packet above the largest, by its length alone", () => {
    const [peer, responder] = [new ScriptedInitiator(), v2Transport(false, 2)];
    peer.exchangeKeys(responder);
    received(responder, peer.versionBytes());
    const packet = peer.packet(new Uint8Array(V2_CONTENTS_SIZE_MAX + 1));
    received(responder, packet.subarray(0, 2));
    expect(() => received(responder, packet.subarray(2, 3))).toThrow(
      "V2 transport error: packet too large (4000014 bytes)",
    );
  });

  test("but not the largest packet", () => {
    const [peer, responder] = [new ScriptedInitiator(), v2Transport(false, 2)];
    peer.exchangeKeys(responder);
    received(responder, peer.versionBytes());
    const [message] = received(responder, peer.packet(new Uint8Array(V2_CONTENTS_SIZE_MAX - 1), Uint8Array.of(5)));
    // Contents of zeros in the long form: the type without a name.
    expect(message!.type).toBe("");
    expect(message!.payload).toHaveLength(4_000_000);
  });

  test("any bit of a packet that is other", () => {
    const [peer] = [new ScriptedInitiator()];
    const responder = v2Transport(false, 2);
    peer.exchangeKeys(responder);
    const [handshake, packet] = [peer.versionBytes(), peer.packet(Uint8Array.of(18, 1, 2))];
    const bytes = concatBytes(handshake, packet);
    // From behind the version packet's length, which no tag vouches for before its packet is there.
    for (let index = 19; index < bytes.length; index++) {
      if (index >= handshake.length && index < handshake.length + 3) continue;
      const fresh = v2Transport(false, 2);
      received(fresh, peer.publicKey);
      const changed = bytes.slice();
      changed[index]! ^= 1 << (index % 8);
      expect(() => received(fresh, changed), `byte ${index}`).toThrow(failure);
    }
  });

  test("a length that was changed leads to a failure too, at the latest when so many bytes are there", () => {
    const [peer, responder] = [new ScriptedInitiator(), v2Transport(false, 2)];
    peer.exchangeKeys(responder);
    received(responder, peer.versionBytes());
    const packet = peer.packet(Uint8Array.of(18, 1, 2));
    packet[0]! ^= 8;
    expect(received(responder, packet)).toEqual([]);
    expect(() => received(responder, new Uint8Array(8))).toThrow(`${failure} (11 bytes)`);
  });

  test("messages before the failure arrive", () => {
    const [peer, responder] = [new ScriptedInitiator(), v2Transport(false, 2)];
    peer.exchangeKeys(responder);
    const bytes = concatBytes(peer.versionBytes(), peer.packet(Uint8Array.of(18)), peer.packet(Uint8Array.of(19)));
    bytes[bytes.length - 1]! ^= 1;
    const types: string[] = [];
    expect(() => responder.receive(bytes, ({ type }) => types.push(type))).toThrow(failure);
    expect(types).toEqual(["ping"]);
  });

  test("nothing but a TransportError, whatever comes", () => {
    fc.assert(
      fc.property(fc.boolean(), fc.uint8Array({ maxLength: 300 }), cutSizes, (initiating, bytes, cuts) => {
        const end = v2Transport(initiating, 1);
        try {
          received(end, bytes, cuts);
        } catch (error) {
          expect((error as Error).name).toBe("TransportError");
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe("what costs a message of v2", () => {
  test.each([
    ["no contents", ""],
    ["a number of no type", "6364"],
    ["a name cut short", "0070696e67"],
    ["a name with something behind its zeros", "0070696e670000000000000001"],
  ])("%s", (_, contents) => {
    const [peer, responder] = [new ScriptedInitiator(), v2Transport(false, 2)];
    peer.exchangeKeys(responder);
    received(responder, peer.versionBytes());
    const size = contents.length / 2;
    expect(received(responder, concatBytes(peer.packet(fromHex(contents)), peer.packet(Uint8Array.of(18))))).toEqual([
      {
        type: "",
        payload: EMPTY_BYTES,
        wireSize: 20 + size,
        rejected: `V2 transport error: invalid message type (${size} bytes contents)`,
      },
      { type: "ping", payload: EMPTY_BYTES, wireSize: 21 },
    ]);
  });

  test("a decoy is never looked at", () => {
    const [peer, responder] = [new ScriptedInitiator(), v2Transport(false, 2)];
    peer.exchangeKeys(responder);
    received(responder, peer.versionBytes());
    expect(received(responder, peer.cipher.seal(EMPTY_BYTES, true, Uint8Array.of(99)))).toEqual([]);
    expect(received(responder, peer.packet(Uint8Array.of(18)))).toHaveLength(1);
  });
});
