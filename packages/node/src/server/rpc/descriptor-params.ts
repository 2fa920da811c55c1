import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import { JsonNumber, JsonObject, type JsonValue } from "@bitfleet/api/json.ts";
import { integerOf, notOfType } from "@bitfleet/api/rpc/rpc-params.ts";
import { tryFromHex } from "@bitfleet/protocol/bytes/bytes.ts";
import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import type { AddressPrefixes } from "@bitfleet/protocol/script/address.ts";
import {
  addPrivateKeys,
  type Descriptor,
  expandDescriptor,
  isRanged,
} from "@bitfleet/wallet/descriptors/descriptor.ts";
import { type ParsedDescriptor, parseDescriptor } from "@bitfleet/wallet/descriptors/descriptor-parser.ts";
import { excessOf } from "@bitfleet/wallet/descriptors/descriptor-work.ts";
import { SigningMaterial } from "@bitfleet/wallet/signing/signing-material.ts";
import { DerivationTurns } from "../../wallets/derivation-turns.ts";

/** Descriptors and ranges as parameters of calls, refused in Core's words. */

/** What reading and expanding descriptors uses. */
export interface DescriptorContext {
  readonly prefixes: AddressPrefixes;
  readonly secp256k1: Secp256k1;
}

export interface IndexRange {
  readonly first: number;
  /** Counted too. */
  readonly last: number;
}

const RANGE_LAST_MAX = 2 ** 31 - 1;
const RANGE_COUNT_MAX = 1_000_000;
/** What is searched for a ranged descriptor where nobody says. */
const RANGE_DEFAULT: IndexRange = { first: 0, last: 1000 };
/** Scripts of a range, of all variants of a descriptor together: the longest range, to receive and for change. */
const VARIANT_INDEXES_MAX = 2 * RANGE_COUNT_MAX;
/** Descriptors without range have one index only. */
const NO_RANGE: IndexRange = { first: 0, last: 0 };

const invalid = (message: string) => new RpcError(RpcErrorCode.INVALID_PARAMETER, message);

/** The descriptor that a text says; -5 with what is wrong with it. */
export function descriptorParam(text: string, context: DescriptorContext, checksumRequired = false): ParsedDescriptor {
  const parsed = readDescriptor(text, context, checksumRequired);
  if ("error" in parsed) throw new RpcError(RpcErrorCode.INVALID_ADDRESS_OR_KEY, parsed.error);
  return parsed;
}

/** As `parseDescriptor`, of a text from others: one that would take long to read or to derive is an error. */
export function readDescriptor(text: string, context: DescriptorContext, checksumRequired = false) {
  const excess = excessOf(text);
  return excess === undefined ? parseDescriptor(text, context, checksumRequired) : { error: excess };
}

/** Throws where the variants of a descriptor have more scripts in a range than are derived for one call. */
export function requireBoundedRange({ first, last }: IndexRange, { descriptors }: ParsedDescriptor): void {
  if ((last - first + 1) * descriptors.length > VARIANT_INDEXES_MAX) {
    throw invalid(`Range is too large for a descriptor of ${descriptors.length} variants`);
  }
}

/** `end`, or `[begin, end]`. */
export function rangeParam(value: JsonValue): IndexRange {
  const { first, last } = boundsOf(value);
  if (first < 0) throw invalid("Range should be greater or equal than 0");
  if (last < 0 || last > RANGE_LAST_MAX) throw invalid("End of range is too high");
  if (last >= first + RANGE_COUNT_MAX) throw invalid("Range is too large");
  return { first, last };
}

function boundsOf(value: JsonValue): IndexRange {
  const integer = (number: JsonNumber) => integerOf(number, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  if (value instanceof JsonNumber) return { first: 0, last: integer(value) };
  const [first, last, ...more] = Array.isArray(value) ? (value as readonly JsonValue[]) : [];
  if (first instanceof JsonNumber && last instanceof JsonNumber && more.length === 0) {
    const bounds = { first: integer(first), last: integer(last) };
    if (bounds.first <= bounds.last) return bounds;
    throw invalid("Range specified as [begin,end] must not have begin after end");
  }
  throw invalid("Range must be specified as end or as [begin,end]");
}

/** The scripts of a descriptor at an index; -5 with `refusal` where a private key is wanting. */
export function scriptsAtIndex(
  descriptor: Descriptor,
  index: number,
  secrets: SigningMaterial,
  context: DescriptorContext,
  refusal = "Cannot derive script without private keys",
) {
  const expansion = expandDescriptor(descriptor, index, { secp256k1: context.secp256k1, secrets });
  if (expansion === undefined) throw new RpcError(RpcErrorCode.INVALID_ADDRESS_OR_KEY, refusal);
  return expansion;
}

/** What a scan object names: scripts, and what is known about them. */
export interface ScannedScripts {
  readonly scripts: readonly Uint8Array[];
  readonly material: SigningMaterial;
}

/**
 * A scan object: a descriptor, or an object of one and a range. Of a long range less is derived where `stop` says so.
 * Private keys are told of where `keys` says so.
 */
export async function scanObjectParam(
  object: JsonValue,
  context: DescriptorContext,
  stop: () => boolean,
  keys: "public" | "private" = "public",
): Promise<ScannedScripts> {
  const { text, range } = scanObjectOf(object);
  const parsed = descriptorParam(text, context);
  const { descriptors, secrets } = parsed;
  const bounds = isRanged(descriptors[0]) ? range : NO_RANGE;
  requireBoundedRange(bounds, parsed);
  const { first, last } = bounds;
  const turns = new DerivationTurns(text);
  // There may be thousands of objects, of one script each.
  await turns.give();
  const refusal = `Cannot derive script without private keys: '${text}'`;
  const scripts: Uint8Array[] = [];
  const material = new SigningMaterial();
  for (let index = first; index <= last && !stop(); index++) {
    for (const descriptor of descriptors) {
      const expansion = scriptsAtIndex(descriptor, index, secrets, context, refusal);
      material.merge(expansion.material);
      if (keys === "private") addPrivateKeys(descriptor, index, { secp256k1: context.secp256k1, secrets }, material);
      scripts.push(...expansion.scripts);
      if (turns.isDue()) await turns.give();
    }
  }
  return { scripts, material };
}

/** All scripts that a list of scan objects names. */
export async function scanObjectsParam(
  objects: readonly JsonValue[],
  context: DescriptorContext,
  stop: () => boolean,
): Promise<readonly Uint8Array[]> {
  // Joined by flat: a range may give a million scripts, more than a call takes as arguments.
  const lists: (readonly Uint8Array[])[] = [];
  for (const object of objects) lists.push((await scanObjectParam(object, context, stop)).scripts);
  return lists.flat();
}

/** A script as a key of a set or map. */
export function scriptKey(script: Uint8Array): string {
  return Buffer.from(script.buffer, script.byteOffset, script.byteLength).toString("latin1");
}

function scanObjectOf(object: JsonValue): { readonly text: string; readonly range: IndexRange } {
  if (typeof object === "string") return { text: object, range: RANGE_DEFAULT };
  if (!(object instanceof JsonObject)) throw invalid("Scan object needs to be either a string or an object");
  const text = object.get("desc") ?? null;
  if (text === null) throw invalid("Descriptor needs to be provided in scan object");
  if (typeof text !== "string") throw new RpcError(RpcErrorCode.TYPE_ERROR, notOfType(text, "string"));
  const range = object.get("range") ?? null;
  return { text, range: range === null ? RANGE_DEFAULT : rangeParam(range) };
}

/**
 * The one script to pay to that a descriptor stands for: of combo the P2WPKH form where it has one, else P2PKH. An error
 * where the text is no descriptor; throws where it is one that has not one script.
 */
export function scriptToPay(
  text: string,
  context: DescriptorContext,
): { readonly script: Uint8Array } | { readonly error: string } {
  const parsed = readDescriptor(text, context);
  if ("error" in parsed) return parsed;
  const [descriptor, ...others] = parsed.descriptors;
  if (others.length > 0) throw invalid("Multipath descriptor not accepted");
  if (isRanged(descriptor)) {
    throw invalid("Ranged descriptor not accepted. Maybe pass through deriveaddresses first?");
  }
  const { scripts } = scriptsAtIndex(descriptor, 0, parsed.secrets, context);
  const script = scripts[2] ?? scripts[1] ?? scripts[0];
  return script === undefined ? { error: `'${text}' has no script` } : { script };
}

const invalidKey = (message: string) => new RpcError(RpcErrorCode.INVALID_ADDRESS_OR_KEY, message);
export const COMPRESSED_KEY_SIZE = 33;
const UNCOMPRESSED_KEY_SIZE = 65;

/** The public key that a text says in hex; -5 with what is wrong with it. */
export function publicKeyParam(text: string, { secp256k1 }: Pick<DescriptorContext, "secp256k1">): Uint8Array {
  const key = text === "" ? undefined : tryFromHex(text);
  if (key === undefined) throw invalidKey(`Pubkey "${text}" must be a hex string`);
  if (key.length !== COMPRESSED_KEY_SIZE && key.length !== UNCOMPRESSED_KEY_SIZE) {
    throw invalidKey(`Pubkey "${text}" must have a length of either 33 or 65 bytes`);
  }
  if (!secp256k1.isPublicKey(key)) throw invalidKey(`Pubkey "${text}" must be cryptographically valid.`);
  return key;
}
