import { tryFromHex } from "@bitfleet/protocol/bytes/bytes.ts";
import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import { type AddressPrefixes, decodeWif } from "@bitfleet/protocol/script/address.ts";
import { decodeExtendedKey, HARDENED_OFFSET, isHardened, type KeyPath } from "../keys/keys.ts";
import type { SigningMaterial } from "../signing/signing-material.ts";
import { argumentOf, DescriptorError, ExpressionReader, parseUint32 } from "./descriptor-syntax.ts";
import { isExtendedKey, isRangedKey, type KeyExpression, type KeyRange } from "./key-expression.ts";

/** Where a key stands, which decides what forms it may have. */
export type KeyPlace = "top" | "sh" | "wpkh" | "wsh" | "tr" | "musig";

/** What tells how keys look on a network, and where the private ones go that a text holds. */
export interface KeyParserContext {
  readonly prefixes: AddressPrefixes;
  readonly secp256k1: Pick<Secp256k1, "isPublicKey" | "publicKeyOf" | "tweakPublicKey">;
  readonly secrets: SigningMaterial;
}

const X_ONLY_SIZE = 32;
const FINGERPRINT_DIGITS = 8;

/**
 * The keys of a KEY expression: more than one where a step is multipath (BIP389). Private keys go to `context.secrets`.
 * Throws `DescriptorError`.
 */
export function parseKey(text: string, place: KeyPlace, context: KeyParserContext): readonly KeyExpression[] {
  if (text.startsWith("musig(")) return parseMusig(text, place, context);
  const [head = "", key, ...more] = text.split("]");
  if (more.length > 0) throw new DescriptorError("Multiple ']' characters found for a single pubkey");
  const marks = { apostrophe: false, hardened: false };
  if (key === undefined) return parsePlainKey(head, place, context, marks);
  if (!head.startsWith("[")) {
    const found = head === "" ? "]" : head[0];
    throw new DescriptorError(`Key origin start '[ character expected but not found, got '${found}' instead`);
  }
  const [fingerprintText = "", ...steps] = head.slice(1).split("/");
  const fingerprint = parseFingerprint(fingerprintText);
  const [path] = parsePaths(steps, marks, false);
  const keys = parsePlainKey(key, place, context, marks);
  const { apostrophe } = marks;
  return keys.map((inner) => ({ kind: "origin", origin: { fingerprint, path: path! }, key: inner, apostrophe }));
}

function parseFingerprint(text: string): Uint8Array {
  if (text.length !== FINGERPRINT_DIGITS) {
    throw new DescriptorError(`Fingerprint is not 4 bytes (${text.length} characters instead of 8 characters)`);
  }
  const fingerprint = tryFromHex(text);
  if (fingerprint === undefined) throw new DescriptorError(`Fingerprint '${text}' is not hex`);
  return fingerprint;
}

/** How the steps read so far were written. */
interface StepMarks {
  /** The last hardened step had an apostrophe. */
  apostrophe: boolean;
  /** Some step was hardened. */
  hardened: boolean;
}

/** A key without origin: hex, wallet import format, or an extended key with a path. */
function parsePlainKey(
  text: string,
  place: KeyPlace,
  context: KeyParserContext,
  marks: StepMarks,
): readonly KeyExpression[] {
  const [name = "", ...steps] = text.split("/");
  if (name === "") throw new DescriptorError("No key provided");
  if (name.trim() !== name) throw new DescriptorError(`Key '${name}' is invalid due to whitespace`);
  if (steps.length === 0) {
    const single = parseHexKey(name, place, context) ?? parseWifKey(name, place, context);
    if (single !== undefined) return [single];
  }
  const extended = decodeExtendedKey(name, context.prefixes);
  if (extended === undefined) throw new DescriptorError(`key '${name}' is not valid`);
  const range = takeRange(steps, marks);
  const paths = parsePaths(steps, marks, true);
  const { privateKey, ...root } = extended.key;
  if (privateKey) context.secrets.addPrivateKey({ privateKey, compressed: true }, context.secp256k1);
  const { publicText: rootText } = extended;
  return paths.map((path) => ({ kind: "derived", root, rootText, path, range, apostrophe: marks.apostrophe }));
}

const mayBeUncompressed = (place: KeyPlace) => place === "top" || place === "sh";
const UNCOMPRESSED = "Uncompressed keys are not allowed";

function parseHexKey(text: string, place: KeyPlace, context: KeyParserContext): KeyExpression | undefined {
  const publicKey = tryFromHex(text);
  if (publicKey === undefined) return undefined;
  if (publicKey.length === 65 && (publicKey[0] === 6 || publicKey[0] === 7)) {
    throw new DescriptorError("Hybrid public keys are not allowed");
  }
  if (context.secp256k1.isPublicKey(publicKey)) {
    if (publicKey.length !== 33 && !mayBeUncompressed(place)) throw new DescriptorError(UNCOMPRESSED);
    return { kind: "constant", publicKey, xOnly: false };
  }
  if (publicKey.length === X_ONLY_SIZE && place === "tr") {
    const evenKey = Uint8Array.of(2, ...publicKey);
    if (context.secp256k1.isPublicKey(evenKey)) return { kind: "constant", publicKey: evenKey, xOnly: true };
  }
  throw new DescriptorError(`Pubkey '${text}' is invalid`);
}

function parseWifKey(text: string, place: KeyPlace, context: KeyParserContext): KeyExpression | undefined {
  const key = decodeWif(text, context.prefixes);
  if (key === undefined) return undefined;
  if (!key.compressed && !mayBeUncompressed(place)) throw new DescriptorError(UNCOMPRESSED);
  context.secrets.addPrivateKey(key, context.secp256k1);
  const publicKey = context.secp256k1.publicKeyOf(key.privateKey, key.compressed);
  return { kind: "constant", publicKey, xOnly: place === "tr" };
}

/** Takes a last step that stands for every index. */
function takeRange(steps: string[], marks: StepMarks): KeyRange {
  const last = steps.at(-1);
  if (last !== "*" && last !== "*'" && last !== "*h") return "none";
  steps.pop();
  if (last === "*") return "plain";
  marks.apostrophe = last === "*'";
  return "hardened";
}

/** The path, or with a multipath step (BIP389) one path for each of its values. */
function parsePaths(steps: readonly string[], marks: StepMarks, mayBeMultipath: boolean): readonly KeyPath[] {
  const path: number[] = [];
  let multipath: { readonly at: number; readonly values: readonly number[] } | undefined;
  for (const step of steps) {
    if (!(step.startsWith("<") && step.endsWith(">"))) {
      path.push(parseStep(step, marks));
      continue;
    }
    if (!mayBeMultipath) {
      const message = `Key path value '${step}' specifies multipath in a section where multipath is not allowed`;
      throw new DescriptorError(message);
    }
    if (multipath !== undefined) throw new DescriptorError("Multiple multipath key path specifiers found");
    multipath = { at: path.length, values: parseMultipathValues(step.slice(1, -1).split(";"), marks) };
    path.push(0);
  }
  if (multipath === undefined) return [path];
  const { at, values } = multipath;
  return values.map((value) => path.with(at, value));
}

function parseMultipathValues(texts: readonly string[], marks: StepMarks): readonly number[] {
  if (texts.length < 2) throw new DescriptorError("Multipath key path specifiers must have at least two items");
  const values = new Set<number>();
  for (const text of texts) {
    const value = parseStep(text, marks);
    if (values.has(value)) throw new DescriptorError(`Duplicated key path value ${value} in multipath specifier`);
    values.add(value);
  }
  return [...values];
}

function parseStep(text: string, marks: StepMarks): number {
  const hardened = text.endsWith("'") || text.endsWith("h");
  if (hardened) marks.apostrophe = text.endsWith("'");
  const digits = hardened ? text.slice(0, -1) : text;
  const step = parseUint32(digits);
  if (step === undefined) throw new DescriptorError(`Key path value '${digits}' is not a valid uint32`);
  if (isHardened(step)) throw new DescriptorError(`Key path value ${step} is out of range`);
  marks.hardened ||= hardened;
  return hardened ? step + HARDENED_OFFSET : step;
}

/** BIP390: `musig(KEY,…)`, with unhardened steps behind it where all keys are extended. */
function parseMusig(text: string, place: KeyPlace, context: KeyParserContext): readonly KeyExpression[] {
  if (place !== "tr") throw new DescriptorError("musig() is only allowed in tr() and rawtr()");
  const [head = "", derivation, ...more] = text.split(")");
  if (more.length > 0) throw new DescriptorError("Too many ')' in musig() expression");
  const keys = derivation === undefined ? undefined : argumentOf("musig", `${head})`);
  if (keys === undefined) throw new DescriptorError("Invalid musig() expression");
  const participants = parseParticipants(new ExpressionReader(keys), context);
  const isMultipath = participants.some((variants) => variants.length > 1);
  const { paths, range } = derivation?.startsWith("/")
    ? parseMusigPaths(derivation.slice(1).split("/"), participants)
    : { paths: [[]], range: "none" as const };
  if (isMultipath && paths.length > 1) {
    throw new DescriptorError("musig(): Cannot have multipath participant keys if musig() is also multipath");
  }
  const variants = sameLength(participants, "musig(): Multipath derivation paths have mismatched lengths");
  const count = Math.max(paths.length, variants[0]!.length);
  return Array.from({ length: count }, (_, index) => ({
    kind: "musig",
    participants: variants.map((keys) => keys[index] ?? keys[0]!),
    path: paths[index] ?? paths[0]!,
    range,
  }));
}

function parseParticipants(reader: ExpressionReader, context: KeyParserContext): readonly (readonly KeyExpression[])[] {
  const participants: (readonly KeyExpression[])[] = [];
  while (reader.rest !== "") {
    if (participants.length > 0 && !reader.skip(",")) {
      throw new DescriptorError(`musig(): expected ',', got '${reader.rest[0]}'`);
    }
    participants.push(withPrefix("musig(): ", () => parseKey(reader.expression(), "musig", context)));
  }
  if (participants.length === 0) throw new DescriptorError("musig(): Must contain key expressions");
  return participants;
}

function parseMusigPaths(steps: string[], participants: readonly (readonly KeyExpression[])[]) {
  if (!participants.every(([key]) => isExtendedKey(key!))) {
    throw new DescriptorError("musig(): derivation requires all participants to be xpubs or xprvs");
  }
  if (participants.some(([key]) => isRangedKey(key!))) {
    throw new DescriptorError("musig(): Cannot have ranged participant keys if musig() also has derivation");
  }
  const marks = { apostrophe: false, hardened: false };
  const range = takeRange(steps, marks);
  if (range === "hardened") throw new DescriptorError("musig(): Cannot have hardened child derivation");
  const paths = withPrefix("musig(): ", () => parsePaths(steps, marks, true));
  if (marks.hardened) throw new DescriptorError("musig(): cannot have hardened derivation steps");
  return { paths, range };
}

/** Runs `parse`; a refusal gets a prefix. */
export function withPrefix<Result>(prefix: string, parse: () => Result): Result {
  try {
    return parse();
  } catch (error) {
    if (error instanceof DescriptorError) throw new DescriptorError(prefix + error.message);
    throw error;
  }
}

/** Lists of one item or of the longest list's length, all brought to that length. Throws where one is of another length. */
export function sameLength<Item>(lists: readonly (readonly Item[])[], message: string): readonly (readonly Item[])[] {
  const length = Math.max(1, ...lists.map((list) => list.length));
  return lists.map((list) => {
    if (list.length === length) return list;
    if (list.length !== 1) throw new DescriptorError(message);
    return Array.from({ length }, () => list[0]!);
  });
}
