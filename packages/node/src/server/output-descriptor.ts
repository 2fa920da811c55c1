import { equalBytes, toHex, tryFromHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { hash160, sha256 } from "@bitfleet/protocol/crypto/hash.ts";
import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import { type AddressPrefixes, decodeAddress, encodeAddress } from "@bitfleet/protocol/script/address.ts";
import {
  payToPublicKey,
  payToPublicKeyHash,
  payToScriptHash,
  payToWitnessProgram,
  payToWitnessPublicKeyHash,
  templateOf,
} from "@bitfleet/protocol/script/templates.ts";

/** Output descriptors (BIP380) as far as a node without keys needs them: to name a script, and to read what names one. */

/** What tells how scripts look on a network. */
export interface ScriptContext {
  readonly prefixes: AddressPrefixes;
  readonly secp256k1: Pick<Secp256k1, "isPublicKey">;
}

const INPUT_CHARSET =
  "0123456789()[],'/*abcdefgh@:$%{}IJKLMNOPQRSTUVWXYZ&+-.;<=>?!^_|~ijklmnopqrstuvwxyzABCDEFGH`#\"\\ ";
const CHECKSUM_CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const CHECKSUM_SIZE = 8;
/** The checksum's state is 40 bits long, kept in two halves of 20. */
interface ChecksumState {
  high: number;
  low: number;
}

const HALF_BITS = 20;
/** Bits of a half without those of the symbol at its top. */
const REST_BITS = HALF_BITS - 5;
const REST_MASK = (1 << REST_BITS) - 1;

/** BIP380: the generator of the checksum's code over GF(32), for each bit that leaves the state at its top. */
const GENERATOR: readonly ChecksumState[] = [
  { high: 0xf5dee, low: 0x51989 },
  { high: 0xa9fdc, low: 0xa3312 },
  { high: 0x1bab1, low: 0x0e32d },
  { high: 0x3706b, low: 0x1677a },
  { high: 0x644d6, low: 0x26ffd },
];
/** The sum of the generators of each set of leaving bits. */
const REDUCTIONS: readonly ChecksumState[] = Array.from({ length: 32 }, (_, top) =>
  GENERATOR.reduce(
    (sum, term, bit) => ((top >> bit) & 1 ? { high: sum.high ^ term.high, low: sum.low ^ term.low } : sum),
    { high: 0, low: 0 },
  ),
);

/** Position in {@link INPUT_CHARSET} of each ASCII code, -1 where it is not there. */
const POSITIONS = Int8Array.from({ length: 128 }, (_, code) => INPUT_CHARSET.indexOf(String.fromCharCode(code)));

/** The eight characters behind `#` (BIP380); `undefined` where the text has characters that no descriptor has. */
export function descriptorChecksum(text: string): string | undefined {
  const state = { high: 0, low: 1 };
  let groups = 0;
  let groupCount = 0;
  for (let index = 0; index < text.length; index++) {
    const position = POSITIONS[text.charCodeAt(index)] ?? -1;
    if (position < 0) return undefined;
    step(state, position & 31);
    groups = groups * 3 + (position >> 5);
    if (++groupCount === 3) {
      step(state, groups);
      groups = 0;
      groupCount = 0;
    }
  }
  if (groupCount > 0) step(state, groups);
  for (let index = 0; index < CHECKSUM_SIZE; index++) step(state, 0);
  return symbols(state.high) + symbols(state.low ^ 1);
}

function step(state: ChecksumState, value: number): void {
  const { high, low } = state;
  const reduction = REDUCTIONS[high >> REST_BITS]!;
  state.high = (((high & REST_MASK) << 5) | (low >> REST_BITS)) ^ reduction.high;
  state.low = ((low & REST_MASK) << 5) ^ value ^ reduction.low;
}

/** The four characters of a half. */
function symbols(half: number): string {
  const at = (shift: number) => CHECKSUM_CHARSET[(half >> shift) & 31]!;
  return at(15) + at(10) + at(5) + at(0);
}

/**
 * A descriptor of a script, with its checksum, as Core infers one that holds no keys. `wrapped` is the script behind a
 * P2WSH output where it is known.
 */
export function inferDescriptor(script: Uint8Array, context: ScriptContext, wrapped?: Uint8Array): string {
  const text = inferText(script, context, wrapped);
  return `${text}#${descriptorChecksum(text)}`;
}

function inferText(script: Uint8Array, context: ScriptContext, wrapped: Uint8Array | undefined): string {
  const template = templateOf(script);
  if (template.type === "pubkey" || template.type === "multisig") {
    const keys = keyScriptText(script, isUsualKey);
    if (keys !== undefined) return keys;
  }
  if (template.type === "witness_v0_scripthash" && wrapped && equalBytes(sha256(wrapped), template.hash)) {
    const inner = keyScriptText(wrapped, isCompressedKey);
    if (inner !== undefined) return `wsh(${inner})`;
  }
  if (template.type === "witness_v1_taproot" && isXOnlyKey(template.outputKey, context)) {
    return `rawtr(${toHex(template.outputKey)})`;
  }
  const address = template.type === "pubkey" ? undefined : encodeAddress(script, context.prefixes);
  return address === undefined ? `raw(${toHex(script)})` : `addr(${address})`;
}

/** `pk(…)` or `multi(…)` where the script is one and every key may stand in a descriptor there. */
function keyScriptText(script: Uint8Array, mayStand: (key: Uint8Array) => boolean): string | undefined {
  const template = templateOf(script);
  if (template.type === "pubkey") return mayStand(template.publicKey) ? `pk(${toHex(template.publicKey)})` : undefined;
  if (template.type !== "multisig" || !template.publicKeys.every(mayStand)) return undefined;
  return `multi(${[template.required, ...template.publicKeys.map(toHex)].join(",")})`;
}

/** A key that is not of the hybrid form. */
const isUsualKey = (key: Uint8Array) => key[0] === 2 || key[0] === 3 || key[0] === 4;
const isCompressedKey = (key: Uint8Array) => key[0] === 2 || key[0] === 3;

function isXOnlyKey(key: Uint8Array, context: ScriptContext): boolean {
  return context.secp256k1.isPublicKey(Uint8Array.of(2, ...key));
}

/**
 * The script that a descriptor without private keys and derivation stands for: raw, addr, pk, pkh, wpkh, combo (its witness
 * form where there is one) and rawtr. The checksum may be left out. An error is one sentence in Core's words.
 */
export function scriptOfDescriptor(
  descriptor: string,
  context: ScriptContext,
): { readonly script: Uint8Array } | { readonly error: string } {
  const [text = "", checksum, ...more] = descriptor.split("#");
  if (more.length > 0) return { error: "Multiple '#' symbols" };
  const expected = descriptorChecksum(text);
  if (expected === undefined) return { error: "Invalid characters in payload" };
  if (checksum !== undefined && checksum.length !== CHECKSUM_SIZE) {
    return { error: `Expected 8 character checksum, not ${checksum.length} characters` };
  }
  if (checksum !== undefined && checksum !== expected) {
    return { error: `Provided checksum '${checksum}' does not match computed checksum '${expected}'` };
  }
  const [, name = "", argument = ""] = /^([a-z]+)\((.*)\)$/.exec(text) ?? [];
  const read = DESCRIPTOR_FUNCTIONS.get(name);
  return read === undefined ? { error: `'${text}' is not a valid descriptor function` } : read(argument, context);
}

/** A script to look for, with the descriptor that names it best. */
export interface NamedScript {
  readonly script: Uint8Array;
  readonly descriptor: string;
}

/** All scripts that a descriptor stands for: `combo` has up to four, every other one. */
export function scriptsOfDescriptor(
  descriptor: string,
  context: ScriptContext,
): readonly NamedScript[] | { readonly error: string } {
  const read = scriptOfDescriptor(descriptor, context);
  if ("error" in read) return read;
  const [text = ""] = descriptor.split("#");
  const [, name = "", argument = ""] = /^([a-z]+)\((.*)\)$/.exec(text) ?? [];
  if (name === "combo") return comboScripts(argument);
  const isOfKey = name === "pk" || name === "pkh" || name === "wpkh" || name === "rawtr";
  const named = isOfKey ? keyDescriptor(name, argument) : inferDescriptor(read.script, context);
  return [{ script: read.script, descriptor: named }];
}

function comboScripts(keyHex: string): readonly NamedScript[] {
  const key = tryFromHex(keyHex)!;
  const keyHash = hash160(key);
  const plain = [
    { script: payToPublicKey(key), descriptor: keyDescriptor("pk", keyHex) },
    { script: payToPublicKeyHash(keyHash), descriptor: keyDescriptor("pkh", keyHex) },
  ];
  if (!isCompressedKey(key)) return plain;
  const witness = payToWitnessPublicKeyHash(keyHash);
  return [
    ...plain,
    { script: witness, descriptor: keyDescriptor("wpkh", keyHex) },
    { script: payToScriptHash(hash160(witness)), descriptor: keyDescriptor("sh(wpkh", keyHex, "))") },
  ];
}

const FINGERPRINT_SIZE = 4;
const X_ONLY_KEY_SIZE = 32;

/** A descriptor of a key that the caller gave: with the fingerprint that stands for where it comes from (BIP380). */
function keyDescriptor(name: string, keyHex: string, end = ")"): string {
  const key = tryFromHex(keyHex)!;
  const fullKey = key.length === X_ONLY_KEY_SIZE ? Uint8Array.of(2, ...key) : key;
  const fingerprint = hash160(fullKey).subarray(0, FINGERPRINT_SIZE);
  return checksummed(`${name}([${toHex(fingerprint)}]${keyHex.toLowerCase()}${end}`);
}

const checksummed = (text: string) => `${text}#${descriptorChecksum(text)}`;

type Expression = (
  argument: string,
  context: ScriptContext,
) => { readonly script: Uint8Array } | { readonly error: string };

function keyExpression(name: string, scriptOf: (key: Uint8Array) => Uint8Array, compressedOnly = false): Expression {
  return (argument, context) => {
    const key = tryFromHex(argument);
    if (key === undefined || !isUsualKey(key) || !context.secp256k1.isPublicKey(key)) {
      return { error: `${name}(): key '${argument}' is not valid` };
    }
    if (compressedOnly && !isCompressedKey(key)) return { error: `${name}(): Uncompressed keys are not allowed` };
    return { script: scriptOf(key) };
  };
}

const DESCRIPTOR_FUNCTIONS: ReadonlyMap<string, Expression> = new Map(
  Object.entries<Expression>({
    raw: (argument) => {
      const script = argument === "" ? undefined : tryFromHex(argument);
      return script === undefined ? { error: "Raw script is not hex" } : { script };
    },
    addr: (argument, context) => {
      const address = decodeAddress(argument, context.prefixes);
      return "script" in address ? address : { error: "Address is not valid" };
    },
    pk: keyExpression("pk", payToPublicKey),
    pkh: keyExpression("pkh", (key) => payToPublicKeyHash(hash160(key))),
    wpkh: keyExpression("wpkh", (key) => payToWitnessPublicKeyHash(hash160(key)), true),
    combo: keyExpression("combo", (key) =>
      isCompressedKey(key) ? payToWitnessPublicKeyHash(hash160(key)) : payToPublicKeyHash(hash160(key)),
    ),
    rawtr: (argument, context) => {
      const key = tryFromHex(argument);
      const isKey = key !== undefined && key.length === X_ONLY_KEY_SIZE && isXOnlyKey(key, context);
      return isKey ? { script: payToWitnessProgram(1, key) } : { error: `rawtr(): key '${argument}' is not valid` };
    },
  }),
);
