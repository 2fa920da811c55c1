import { describe, expect, test } from "vitest";
import { concatBytes, EMPTY_BYTES, fromHex, toHex } from "../bytes/bytes.ts";
import { FSChaCha20Poly1305 } from "../crypto/chacha20-poly1305-rekeying.ts";
import { ellSwiftEcdh } from "../crypto/ellswift.ts";
import { describeCsvVectors, seededBytes } from "../crypto/test-kit.ts";
import { deriveV2Keys, PACKET_OVERHEAD, V2Cipher } from "./v2-cipher.ts";
import { MAGIC, OTHER_MAGIC } from "./v2-test-kit.ts";

const MAINNET_MAGIC = fromHex("f9beb4d9");

/** `bytes` so many times in a row. */
function repeated(bytes: Uint8Array, times: number): Uint8Array {
  const all = new Uint8Array(bytes.length * times);
  for (let index = 0; index < times; index++) all.set(bytes, index * bytes.length);
  return all;
}

describeCsvVectors("bips/bip-0324/packet_encoding_test_vectors.csv", (rows) => {
  test.each(rows)("packet $in_idx, $in_multiply times the contents", (row) => {
    const bytes = (name: string) => fromHex(row[name]!);
    const isInitiator = row.in_initiating === "1";
    const secret = ellSwiftEcdh(
      bytes("in_priv_ours"),
      bytes("in_ellswift_theirs"),
      bytes("in_ellswift_ours"),
      isInitiator,
    );
    const keys = deriveV2Keys(secret, MAINNET_MAGIC);
    expect(toHex(keys.initiatorLength)).toBe(row.mid_initiator_l);
    expect(toHex(keys.initiatorPacket)).toBe(row.mid_initiator_p);
    expect(toHex(keys.responderLength)).toBe(row.mid_responder_l);
    expect(toHex(keys.responderPacket)).toBe(row.mid_responder_p);

    const [ours, theirs] = [new V2Cipher(keys, isInitiator), new V2Cipher(keys, !isInitiator)];
    expect(toHex(ours.sendTerminator)).toBe(row.mid_send_garbage_terminator);
    expect(toHex(ours.receiveTerminator)).toBe(row.mid_recv_garbage_terminator);
    expect(toHex(ours.sessionId)).toBe(row.out_session_id);

    for (let index = 0; index < Number(row.in_idx); index++) {
      const packet = ours.seal(EMPTY_BYTES, false);
      expect(theirs.openLength(packet.subarray(0, 3))).toBe(0);
      expect(theirs.open(EMPTY_BYTES, packet.subarray(3))).toBeDefined();
    }
    const contents = repeated(bytes("in_contents"), Number(row.in_multiply));
    const packet = ours.seal(bytes("in_aad"), row.in_ignore === "1", contents);
    if (row.out_ciphertext !== "") expect(toHex(packet)).toBe(row.out_ciphertext);
    const ending = bytes("out_ciphertext_endswith");
    expect(packet.subarray(packet.length - ending.length)).toEqual(ending);
    expect(row.out_ciphertext! + row.out_ciphertext_endswith!).not.toBe("");

    expect(theirs.openLength(packet.subarray(0, 3))).toBe(contents.length);
    const opened = theirs.open(bytes("in_aad"), packet.slice(3));
    expect(opened!.isDecoy).toBe(row.in_ignore === "1");
    expect(Buffer.compare(opened!.contents, contents)).toBe(0);
  });
});

describe("keys", () => {
  test("are others on another network and for another secret", () => {
    const secret = seededBytes(1)(32);
    const keys = deriveV2Keys(secret, MAGIC);
    expect(deriveV2Keys(secret, MAGIC)).toEqual(keys);
    expect(deriveV2Keys(secret, OTHER_MAGIC).sessionId).not.toEqual(keys.sessionId);
    expect(deriveV2Keys(seededBytes(2)(32), MAGIC).sessionId).not.toEqual(keys.sessionId);
    expect(new Set(Object.values(keys).map(toHex)).size).toBe(7);
  });
});

describe("packets", () => {
  const keys = deriveV2Keys(seededBytes(3)(32), MAGIC);

  test("contents in parts are contents in one", () => {
    const [whole, parts] = [new V2Cipher(keys, true), new V2Cipher(keys, true)];
    expect(parts.seal(EMPTY_BYTES, true, Uint8Array.of(1), EMPTY_BYTES, Uint8Array.of(2, 3))).toEqual(
      whole.seal(EMPTY_BYTES, true, Uint8Array.of(1, 2, 3)),
    );
  });

  test("a packet of a responder is none of an initiator", () => {
    const packet = new V2Cipher(keys, false).seal(EMPTY_BYTES, false, Uint8Array.of(1));
    expect(new V2Cipher(keys, false).open(EMPTY_BYTES, packet.slice(3))).toBeUndefined();
    expect(new V2Cipher(keys, true).open(EMPTY_BYTES, packet.slice(3))).toBeDefined();
  });

  test("of the header byte only the decoy's bit counts", () => {
    const sealedWithHeader = (header: number) => {
      const buffer = concatBytes(Uint8Array.of(header, 5), new Uint8Array(16));
      new FSChaCha20Poly1305(keys.initiatorPacket).seal(EMPTY_BYTES, buffer);
      return new V2Cipher(keys, false).open(EMPTY_BYTES, buffer);
    };
    expect(sealedWithHeader(0x7f)).toEqual({ contents: Uint8Array.of(5), isDecoy: false });
    expect(sealedWithHeader(0x80)).toEqual({ contents: Uint8Array.of(5), isDecoy: true });
    expect(sealedWithHeader(0xff)).toEqual({ contents: Uint8Array.of(5), isDecoy: true });
  });

  test("the largest length takes all of its three bytes, and one more byte is refused", () => {
    const largest = new Uint8Array(2 ** 24 - 1);
    const packet = new V2Cipher(keys, true).seal(EMPTY_BYTES, false, largest);
    expect(packet.length).toBe(largest.length + PACKET_OVERHEAD);
    expect(new V2Cipher(keys, false).openLength(packet.subarray(0, 3))).toBe(2 ** 24 - 1);
    expect(() => new V2Cipher(keys, true).seal(EMPTY_BYTES, false, largest, Uint8Array.of(1))).toThrow(RangeError);
  });
});
