import type { Reader, Writer } from "@bitfleet/protocol/bytes/cursor.ts";
import { isUncompressedPoint, uncompressPublicKey } from "@bitfleet/protocol/crypto/public-key-form.ts";
import { readVarInt, writeVarInt } from "../storage/varint.ts";

/**
 * How the databases store an output script. Three kinds have a form of their own, told by the first number:
 * 0 pay to public key hash, 1 pay to script hash (20 bytes follow); 2, 3 pay to a compressed key, 4, 5 to an uncompressed
 * one, by the parity of its y (x follows, 32 bytes). Any other script stands behind its size plus 6.
 */

const FORM_COUNT = 6;
/** BIP-less limit of the script interpreter: a longer script can never be spent. */
const SCRIPT_SIZE_MAX = 10_000;

const OP_RETURN = 0x6a;
const OP_DUP = 0x76;
const OP_EQUAL = 0x87;
const OP_EQUALVERIFY = 0x88;
const OP_HASH160 = 0xa9;
const OP_CHECKSIG = 0xac;

/** The short form of `script` with its number in front, or `undefined` where it has none. */
export function compressScript(script: Uint8Array): Uint8Array | undefined {
  const s = script;
  switch (s.length) {
    case 25: {
      const isHash = s[0] === OP_DUP && s[1] === OP_HASH160 && s[2] === 20 && s[23] === OP_EQUALVERIFY;
      return isHash && s[24] === OP_CHECKSIG ? form(0, s.subarray(3, 23)) : undefined;
    }
    case 23:
      return s[0] === OP_HASH160 && s[1] === 20 && s[22] === OP_EQUAL ? form(1, s.subarray(2, 22)) : undefined;
    case 35: {
      const isKey = s[0] === 33 && (s[1] === 2 || s[1] === 3) && s[34] === OP_CHECKSIG;
      return isKey ? form(s[1]!, s.subarray(2, 34)) : undefined;
    }
    case 67: {
      // A key that is on no point could not be brought back from its x.
      const isKey = s[0] === 65 && s[1] === 4 && s[66] === OP_CHECKSIG && isUncompressedPoint(s.subarray(1, 66));
      return isKey ? form(4 + (s[65]! & 1), s.subarray(2, 34)) : undefined;
    }
    default:
      return undefined;
  }
}

/** Writes what {@link compressScript} made of `script`. */
export function writeScript(writer: Writer, compressed: Uint8Array | undefined, script: Uint8Array): void {
  if (compressed !== undefined) {
    writer.bytes(compressed);
    return;
  }
  writeVarInt(writer, script.length + FORM_COUNT);
  writer.bytes(script);
}

/** Reads a script; it is a copy. Throws `DecodeError`. */
export function readScript(reader: Reader): Uint8Array {
  const number = readVarInt(reader);
  if (number < FORM_COUNT) return expandForm(reader, number);
  const size = number - FORM_COUNT;
  if (size > SCRIPT_SIZE_MAX) {
    reader.skip(size);
    return Uint8Array.of(OP_RETURN);
  }
  return Uint8Array.from(reader.bytes(size));
}

function expandForm(reader: Reader, number: number): Uint8Array {
  if (number === 0) {
    return Uint8Array.of(OP_DUP, OP_HASH160, 20, ...reader.bytes(20), OP_EQUALVERIFY, OP_CHECKSIG);
  }
  if (number === 1) return Uint8Array.of(OP_HASH160, 20, ...reader.bytes(20), OP_EQUAL);
  if (number < 4) return Uint8Array.of(33, number, ...reader.bytes(32), OP_CHECKSIG);
  const key = uncompressPublicKey(Uint8Array.of(number - 2, ...reader.bytes(32)));
  if (key === undefined) reader.fail("public key is not on the curve");
  return Uint8Array.of(65, ...key, OP_CHECKSIG);
}

function form(number: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + payload.length);
  bytes[0] = number;
  bytes.set(payload, 1);
  return bytes;
}
