/**
 * The curve operations of Bitcoin, behind which a WebAssembly or a native library works. The verifying half answers
 * `false` (or `undefined`) to anything malformed and never throws; the signing half throws `RangeError` on arguments that
 * are not keys, which are our own bug. Neither keeps or changes the bytes it is given.
 */
export interface Secp256k1 {
  /** For logs: "portable (WebAssembly)", "native (libsecp256k1.so.1)". */
  readonly name: string;
  /**
   * ECDSA as consensus has it: `signature` is r‖s (64 bytes, high s allowed, zero or overflowing values fail),
   * `publicKey` has 33 or 65 bytes, hybrid forms (first byte 6 or 7) allowed.
   */
  verifyEcdsa(signature: Uint8Array, messageHash: Uint8Array, publicKey: Uint8Array): boolean;
  /** BIP340. `messageHash` has 32 bytes, as in every signature that Bitcoin checks. */
  verifySchnorr(signature: Uint8Array, messageHash: Uint8Array, xOnlyPublicKey: Uint8Array): boolean;
  /** BIP341: whether internalX plus tweak times the generator is the point with this x and parity. */
  verifyXOnlyTweak(outputX: Uint8Array, outputParity: 0 | 1, internalX: Uint8Array, tweak: Uint8Array): boolean;
  /** A point on the curve in any of the 33- and 65-byte forms, hybrid included. */
  isPublicKey(publicKey: Uint8Array): boolean;
  /** 32 bytes, neither zero nor beyond the order of the curve. */
  isPrivateKey(key: Uint8Array): boolean;
  publicKeyOf(privateKey: Uint8Array, compressed: boolean): Uint8Array;
  /**
   * 64 bytes r‖s with a low s and the nonce of RFC 6979, of which `extraEntropy` (32 bytes, section 3.6 there) makes
   * another one.
   */
  signEcdsa(messageHash: Uint8Array, privateKey: Uint8Array, extraEntropy?: Uint8Array): Uint8Array;
  /** BIP340 with 32 bytes of auxiliary randomness. */
  signSchnorr(messageHash: Uint8Array, privateKey: Uint8Array, auxiliary: Uint8Array): Uint8Array;
  /** internalX plus tweak times the generator; `undefined` where that is no point or an argument is malformed. */
  tweakXOnly(internalX: Uint8Array, tweak: Uint8Array): { readonly x: Uint8Array; readonly parity: 0 | 1 } | undefined;
  /** BIP32: a compressed public key plus tweak times the generator; `undefined` where that is no point, or an argument is malformed. */
  tweakPublicKey(publicKey: Uint8Array, tweak: Uint8Array): Uint8Array | undefined;
  /** BIP341: the private key of {@link tweakXOnly}'s point, negated first where its own point has an odd y. */
  tweakPrivateKey(privateKey: Uint8Array, tweak: Uint8Array): Uint8Array | undefined;
}

export const PRIVATE_KEY_SIZE = 32;
export const COMPRESSED_KEY_SIZE = 33;
export const UNCOMPRESSED_KEY_SIZE = 65;
export const X_ONLY_KEY_SIZE = 32;
export const MESSAGE_HASH_SIZE = 32;
/** r‖s, and BIP340's R‖s. */
export const SIGNATURE_SIZE = 64;

/** The order of the group, big-endian. */
export const CURVE_ORDER: Uint8Array = Uint8Array.from([
  ...[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe],
  ...[0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48, 0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41],
]);

/** Half the order, rounded down: the largest low s (BIP62, BIP146). */
export const CURVE_ORDER_HALF: Uint8Array = Uint8Array.from([
  ...[0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  ...[0x5d, 0x57, 0x6e, 0x73, 0x57, 0xa4, 0x50, 0x1d, 0xdf, 0xe9, 0x2f, 0x46, 0x68, 0x1b, 0x20, 0xa0],
]);

/** Compares 32 big-endian bytes at `offset` with `limit`: negative, zero or positive. */
export function compareScalar(bytes: Uint8Array, offset: number, limit: Uint8Array): number {
  for (let index = 0; index < 32; index++) {
    const difference = bytes[offset + index]! - limit[index]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

export function isZeroScalar(bytes: Uint8Array, offset: number): boolean {
  for (let index = 0; index < 32; index++) if (bytes[offset + index] !== 0) return false;
  return true;
}

/** Throws `RangeError` where an argument of a signing function is not what it must be. */
export function requireArgument(condition: boolean, what: string): asserts condition {
  if (!condition) throw new RangeError(`expected ${what}`);
}
