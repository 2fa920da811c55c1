import { hasLowS, parseLaxDer } from "../crypto/der.ts";
import { ScriptFlag, type ScriptFlags } from "./flags.ts";
import type { SigVersion } from "./machine.ts";
import type { ScriptError } from "./script-error.ts";
import { SighashType } from "./sighash.ts";

const COMPRESSED_KEY_SIZE = 33;
const UNCOMPRESSED_KEY_SIZE = 65;

const STRICT_DER_SIZE_MIN = 9;
const STRICT_DER_SIZE_MAX = 73;

/**
 * What is wrong with the form of an ECDSA signature (hash type byte included) under `flags`. An empty one is fine: it is
 * the short way to say that a check shall fail.
 */
export function checkSignatureEncoding(signature: Uint8Array, flags: ScriptFlags): ScriptError | undefined {
  if (signature.length === 0) return undefined;
  if ((flags & (ScriptFlag.DERSIG | ScriptFlag.LOW_S | ScriptFlag.STRICTENC)) === 0) return undefined;
  if (!isStrictDerSignature(signature)) return "SIG_DER";
  if ((flags & ScriptFlag.LOW_S) !== 0 && !isLowS(signature)) return "SIG_HIGH_S";
  if ((flags & ScriptFlag.STRICTENC) !== 0 && !hasDefinedHashType(signature)) return "SIG_HASHTYPE";
  return undefined;
}

/** What is wrong with the form of a public key under `flags`. Whether it is a point of the curve is not asked. */
export function checkPublicKeyEncoding(
  publicKey: Uint8Array,
  flags: ScriptFlags,
  sigVersion: SigVersion,
): ScriptError | undefined {
  const compressed = publicKey.length === COMPRESSED_KEY_SIZE && (publicKey[0] === 2 || publicKey[0] === 3);
  if (compressed) return undefined;
  const uncompressed = publicKey.length === UNCOMPRESSED_KEY_SIZE && publicKey[0] === 4;
  if ((flags & ScriptFlag.STRICTENC) !== 0 && !uncompressed) return "PUBKEYTYPE";
  if ((flags & ScriptFlag.WITNESS_PUBKEYTYPE) !== 0 && sigVersion === "witness-v0") return "WITNESS_PUBKEYTYPE";
  return undefined;
}

/** Does the length fit the first byte (02, 03: 33 bytes; 04, 06, 07: 65)? */
export function hasPublicKeySize(publicKey: Uint8Array): boolean {
  return publicKey.length > 0 && publicKey.length === publicKeySizeOf(publicKey[0]!);
}

function publicKeySizeOf(firstByte: number): number {
  if (firstByte === 2 || firstByte === 3) return COMPRESSED_KEY_SIZE;
  return firstByte === 4 || firstByte === 6 || firstByte === 7 ? UNCOMPRESSED_KEY_SIZE : 0;
}

/**
 * BIP66: `30 <size> 02 <size of r> <r> 02 <size of s> <s>` and a hash type byte, both integers positive and as short as
 * they can be.
 */
export function isStrictDerSignature(signature: Uint8Array): boolean {
  const size = signature.length;
  if (size < STRICT_DER_SIZE_MIN || size > STRICT_DER_SIZE_MAX) return false;
  if (signature[0] !== 0x30 || signature[1] !== size - 3) return false;
  const sizeOfR = signature[3]!;
  const startOfS = 4 + sizeOfR;
  if (startOfS + 1 >= size) return false;
  const sizeOfS = signature[startOfS + 1]!;
  if (sizeOfR + sizeOfS + 7 !== size) return false;
  return isStrictDerInteger(signature, 2, sizeOfR) && isStrictDerInteger(signature, startOfS, sizeOfS);
}

/** The integer that begins with its tag at `start`. Both sizes were found to fit. */
function isStrictDerInteger(signature: Uint8Array, start: number, size: number): boolean {
  if (signature[start] !== 0x02 || size === 0) return false;
  const first = signature[start + 2]!;
  if ((first & 0x80) !== 0) return false;
  return size === 1 || first !== 0 || (signature[start + 3]! & 0x80) !== 0;
}

/** BIP146: s is at most half the order. Numbers beyond the order count as zero. */
function isLowS(signature: Uint8Array): boolean {
  const parsed = parseLaxDer(signature.subarray(0, -1));
  return parsed !== undefined && hasLowS(parsed);
}

function hasDefinedHashType(signature: Uint8Array): boolean {
  const type = signature.at(-1)! & ~SighashType.ANYONECANPAY;
  return type >= SighashType.ALL && type <= SighashType.SINGLE;
}
