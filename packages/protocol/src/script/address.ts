import { compareBytes, concatBytes } from "../bytes/bytes.ts";
import { CURVE_ORDER } from "../crypto/secp256k1.ts";
import { decodeBase58, decodeBase58Check, encodeBase58Check } from "./base58.ts";
import { decodeBech32, encodeBech32, explainBech32, regroupBits } from "./bech32.ts";
import { type WitnessProgram, witnessProgramOf } from "./script.ts";
import { payToPublicKeyHash, payToScriptHash, payToWitnessProgram, templateOf } from "./templates.ts";

/** The bytes that tell one network's addresses and keys from another's. */
export interface AddressPrefixes {
  /** Base58 version byte of pay-to-public-key-hash addresses. */
  readonly pubKeyHash: number;
  /** Base58 version byte of pay-to-script-hash addresses. */
  readonly scriptHash: number;
  /** Base58 version byte of private keys in wallet import format. */
  readonly privateKey: number;
  /** BIP32: four version bytes of extended public keys, as a big-endian number (`0x0488b21e` is `xpub`). */
  readonly extPublicKey: number;
  /** BIP32: four version bytes of extended private keys, as a big-endian number (`0x0488ade4` is `xprv`). */
  readonly extPrivateKey: number;
  /** Human-readable part of segwit addresses (BIP173), lower case. */
  readonly bech32: string;
}

/** Longest witness program (BIP141). */
const WITNESS_PROGRAM_SIZE_MAX = 40;

/** Bytes of an address in base 58: version and hash. */
const BASE58_ADDRESS_SIZE = 21;
/** Most bytes of base 58 text without a valid checksum that is still called an address with a wrong checksum. */
const BASE58_TEXT_SIZE_MAX = 100;

/** The address of an output; `undefined` where outputs of its kind have none. */
export function encodeAddress(script: Uint8Array, prefixes: AddressPrefixes): string | undefined {
  const template = templateOf(script);
  switch (template.type) {
    case "pubkeyhash":
      return encodeBase58Check(concatBytes(Uint8Array.of(prefixes.pubKeyHash), template.hash));
    case "scripthash":
      return encodeBase58Check(concatBytes(Uint8Array.of(prefixes.scriptHash), template.hash));
    case "anchor":
    case "witness_v0_keyhash":
    case "witness_v0_scripthash":
    case "witness_v1_taproot":
    case "witness_unknown":
      return encodeSegwitAddress(witnessProgramOf(script)!, prefixes.bech32);
    default:
      return undefined;
  }
}

/** BIP173, BIP350 */
function encodeSegwitAddress({ version, program }: WitnessProgram, prefix: string): string {
  const values = concatBytes(Uint8Array.of(version), regroupBits(program, 8, 5, true)!);
  return encodeBech32(version === 0 ? "bech32" : "bech32m", prefix, values);
}

/** What an address pays to, or why it is none: Core's words, and the bytes of the text that are probably wrong. */
export type DecodedAddress =
  | { readonly script: Uint8Array }
  | { readonly error: string; readonly errorPositions: readonly number[] };

/** The output script that an address of this network stands for. */
export function decodeAddress(text: string, prefixes: AddressPrefixes): DecodedAddress {
  const isSegwit = text.slice(0, prefixes.bech32.length).toLowerCase() === prefixes.bech32;
  return isSegwit ? decodeSegwitAddress(text, prefixes.bech32) : decodeBase58Address(text, prefixes);
}

function refuse(error: string, errorPositions: readonly number[] = []): DecodedAddress {
  return { error, errorPositions };
}

function decodeBase58Address(text: string, prefixes: AddressPrefixes): DecodedAddress {
  const bytes = decodeBase58Check(text, BASE58_ADDRESS_SIZE);
  if (bytes === undefined) {
    return decodeBase58(text, BASE58_TEXT_SIZE_MAX) === undefined
      ? refuse("Invalid or unsupported Segwit (Bech32) or Base58 encoding.")
      : refuse("Invalid checksum or length of Base58 address (P2PKH or P2SH)");
  }
  const version = bytes[0];
  if (version !== prefixes.pubKeyHash && version !== prefixes.scriptHash) {
    return refuse("Invalid or unsupported Base58-encoded address.");
  }
  if (bytes.length !== BASE58_ADDRESS_SIZE) return refuse("Invalid length for Base58 address (P2PKH or P2SH)");
  const hash = bytes.subarray(1);
  return { script: version === prefixes.pubKeyHash ? payToPublicKeyHash(hash) : payToScriptHash(hash) };
}

function decodeSegwitAddress(text: string, prefix: string): DecodedAddress {
  const decoded = decodeBech32(text);
  if (decoded === undefined) {
    const { error, positions } = explainBech32(text);
    return refuse(error, positions);
  }
  const version = decoded.values[0];
  if (version === undefined) return refuse("Empty Bech32 data section");
  if (decoded.prefix !== prefix) {
    return refuse(
      `Invalid or unsupported prefix for Segwit (Bech32) address (expected ${prefix}, got ${decoded.prefix}).`,
    );
  }
  if (version === 0 && decoded.encoding !== "bech32") {
    return refuse("Version 0 witness address must use Bech32 checksum");
  }
  if (version !== 0 && decoded.encoding !== "bech32m") {
    return refuse("Version 1+ witness address must use Bech32m checksum");
  }
  const program = regroupBits(decoded.values.subarray(1), 5, 8, false);
  return program === undefined ? refuse("Invalid padding in Bech32 data section") : segwitAddress(version, program);
}

function segwitAddress(version: number, program: Uint8Array): DecodedAddress {
  const size = `${program.length} ${program.length === 1 ? "byte" : "bytes"}`;
  if (version === 0 && program.length !== 20 && program.length !== 32) {
    return refuse(`Invalid Bech32 v0 address program size (${size}), per BIP141`);
  }
  if (version > 16) return refuse("Invalid Bech32 address witness version");
  if (program.length < 2 || program.length > WITNESS_PROGRAM_SIZE_MAX) {
    return refuse(`Invalid Bech32 address program size (${size})`);
  }
  return { script: payToWitnessProgram(version, program) };
}

/** What `validateaddress` says about the output behind an address. Absent: it says nothing. */
export interface AddressFacts {
  readonly isScript?: boolean;
  readonly isWitness: boolean;
  readonly witnessVersion?: number;
  readonly witnessProgram?: Uint8Array;
}

/** The facts about an output that has an address; `undefined` for others. */
export function addressFactsOf(script: Uint8Array): AddressFacts | undefined {
  const template = templateOf(script);
  const witness = witnessProgramOf(script);
  const program = witness && { witnessVersion: witness.version, witnessProgram: witness.program };
  switch (template.type) {
    case "pubkeyhash":
      return { isScript: false, isWitness: false };
    case "scripthash":
      return { isScript: true, isWitness: false };
    case "witness_v0_keyhash":
      return { isScript: false, isWitness: true, ...program };
    case "witness_v0_scripthash":
    case "witness_v1_taproot":
      return { isScript: true, isWitness: true, ...program };
    case "anchor":
      return { isScript: true, isWitness: true };
    case "witness_unknown":
      return { isWitness: true, ...program };
    default:
      return undefined;
  }
}

export interface WifKey {
  /** 32 bytes. */
  readonly privateKey: Uint8Array;
  /** Whether the public key is written in its 33-byte form. */
  readonly compressed: boolean;
}

/** Last byte of a private key whose public key is compressed. */
const WIF_COMPRESSED = 1;

/** A private key in wallet import format. */
export function encodeWif({ privateKey, compressed }: WifKey, prefixes: AddressPrefixes): string {
  const version = Uint8Array.of(prefixes.privateKey);
  return encodeBase58Check(concatBytes(version, privateKey, Uint8Array.from(compressed ? [WIF_COMPRESSED] : [])));
}

/** The private key of text in wallet import format for this network; `undefined` where it is none. */
export function decodeWif(text: string, prefixes: AddressPrefixes): WifKey | undefined {
  const bytes = decodeBase58Check(text, 34);
  if (bytes === undefined || bytes[0] !== prefixes.privateKey) return undefined;
  const compressed = bytes.length === 34 && bytes[33] === WIF_COMPRESSED;
  if (!compressed && bytes.length !== 33) return undefined;
  const privateKey = bytes.slice(1, 33);
  const isInRange = privateKey.some((byte) => byte !== 0) && compareBytes(privateKey, CURVE_ORDER) < 0;
  return isInRange ? { privateKey, compressed } : undefined;
}
