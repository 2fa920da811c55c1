import { tryFromHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { decodeAddress, encodeAddress } from "@bitfleet/protocol/script/address.ts";
import { MULTISIG_KEYS_MAX, STACK_ITEM_SIZE_MAX } from "@bitfleet/protocol/script/script.ts";
import { TAPROOT_DEPTH_MAX } from "@bitfleet/protocol/script/taproot.ts";
import { SigningMaterial } from "../signing/signing-material.ts";
import type { Tree } from "../signing/taproot-tree.ts";
import type { Descriptor, MultiKind } from "./descriptor.ts";
import { splitChecksum } from "./descriptor-checksum.ts";
import { argumentOf, DescriptorError, ExpressionReader, parseUint32 } from "./descriptor-syntax.ts";
import { isRangedKey, type KeyExpression, keySize } from "./key-expression.ts";
import { type KeyParserContext, parseKey, sameLength, withPrefix } from "./key-expression-parser.ts";
import { parseMiniscriptDescriptor } from "./miniscript.ts";

/** What a descriptor's text says. */
export interface ParsedDescriptor {
  /** One; with multipath steps (BIP389) one for each of their values, in order. */
  readonly descriptors: readonly [Descriptor, ...Descriptor[]];
  /** The private keys that stood in the text. */
  readonly secrets: SigningMaterial;
}

/** Where an expression stands. */
type Place = "top" | "sh" | "wsh" | "tr";

/** Most keys of BIP387's multi_a, by the limit on a script's stack. */
const MULTI_A_KEYS_MAX = 999;
/** Most keys of a multisig output that is not behind a hash: more are not relayed. */
const BARE_MULTISIG_KEYS_MAX = 3;

/**
 * Reads a descriptor. An error is one sentence in Core's words, or nothing where Core has none. The checksum may be
 * left out unless `checksumRequired`.
 */
export function parseDescriptor(
  text: string,
  context: Omit<KeyParserContext, "secrets">,
  checksumRequired = false,
): ParsedDescriptor | { readonly error: string } {
  const split = splitChecksum(text, checksumRequired);
  if ("error" in split) return split;
  const secrets = new SigningMaterial();
  try {
    const reader = new ExpressionReader(split.text);
    const [first, ...others] = parseScript(reader.expression(), "top", { ...context, secrets });
    if (reader.rest !== "") throw new DescriptorError("");
    return { descriptors: [first!, ...others], secrets };
  } catch (error) {
    if (error instanceof DescriptorError) return { error: error.message };
    throw error;
  }
}

type Variants = readonly Descriptor[];
type ScriptParser = (argument: string, place: Place, context: KeyParserContext) => Variants;

interface ScriptFunction {
  readonly places: readonly Place[];
  /** What is said of one elsewhere; nothing where miniscript may have a function of that name. */
  readonly elsewhere?: string;
  readonly parse: ScriptParser;
}

const ANYWHERE: readonly Place[] = ["top", "sh", "wsh", "tr"];
const NOT_TAPSCRIPT: readonly Place[] = ["top", "sh", "wsh"];

/** SCRIPT expressions by name. */
const FUNCTIONS: ReadonlyMap<string, ScriptFunction> = new Map(
  Object.entries<ScriptFunction>({
    pk: { places: ANYWHERE, parse: ofKey("pk", (key, place) => ({ kind: "pk", key, xOnly: place === "tr" })) },
    pkh: { places: NOT_TAPSCRIPT, parse: ofKey("pkh", (key) => ({ kind: "pkh", key })) },
    combo: {
      places: ["top"],
      elsewhere: "Can only have combo() at top level",
      parse: ofKey("combo", (key) => ({ kind: "combo", key })),
    },
    multi: multi("multi"),
    sortedmulti: multi("sortedmulti"),
    multi_a: multi("multi_a"),
    sortedmulti_a: multi("sortedmulti_a"),
    wpkh: {
      places: ["top", "sh"],
      elsewhere: "Can only have wpkh() at top level or inside sh()",
      parse: (argument, _, context) =>
        withPrefix("wpkh(): ", () => parseKey(argument, "wpkh", context)).map((key) => ({ kind: "wpkh", key })),
    },
    sh: { places: ["top"], elsewhere: "Can only have sh() at top level", parse: wrapper("sh") },
    wsh: { places: ["top", "sh"], elsewhere: "Can only have wsh() at top level or inside sh()", parse: wrapper("wsh") },
    addr: { places: ["top"], elsewhere: "Can only have addr() at top level", parse: parseAddr },
    tr: { places: ["top"], elsewhere: "Can only have tr at top level", parse: parseTaproot },
    rawtr: { places: ["top"], elsewhere: "Can only have rawtr at top level", parse: parseRawTaproot },
    unused: { places: ["top"], elsewhere: "Can only have unused at top level", parse: parseUnused },
    raw: { places: ["top"], elsewhere: "Can only have raw() at top level", parse: parseRaw },
  }),
);

function parseScript(expression: string, place: Place, context: KeyParserContext): Variants {
  const name = expression.slice(0, Math.max(0, expression.indexOf("(")));
  const known = FUNCTIONS.get(name);
  const argument = known && argumentOf(name, expression);
  if (known && argument !== undefined) {
    if (known.places.includes(place)) return known.parse(argument, place, context);
    if (known.elsewhere !== undefined) throw new DescriptorError(known.elsewhere);
  }
  const miniscripts = parseMiniscriptDescriptor(expression, place, context);
  if (miniscripts !== undefined) return miniscripts;
  if (place === "sh") throw new DescriptorError("A function is needed within P2SH");
  if (place === "wsh") throw new DescriptorError("A function is needed within P2WSH");
  throw new DescriptorError(`'${expression}' is not a valid descriptor function`);
}

function ofKey(name: string, make: (key: KeyExpression, place: Place) => Descriptor): ScriptParser {
  return (argument, place, context) =>
    withPrefix(`${name}(): `, () => parseKey(argument, place, context)).map((key) => make(key, place));
}

function wrapper(kind: "sh" | "wsh"): ScriptParser {
  return (argument, _, context) => {
    const reader = new ExpressionReader(argument);
    const variants = parseScript(reader.expression(), kind, context);
    if (reader.rest !== "") throw new DescriptorError("");
    return variants.map((inner) => ({ kind, inner }));
  };
}

function parseAddr(argument: string, _: Place, { prefixes }: KeyParserContext): Variants {
  const decoded = decodeAddress(argument, prefixes);
  if (!("script" in decoded)) throw new DescriptorError("Address is not valid");
  const { script } = decoded;
  return [{ kind: "addr", script, address: encodeAddress(script, prefixes)! }];
}

function parseRaw(argument: string): Variants {
  const script = argument === "" ? undefined : tryFromHex(argument);
  if (script === undefined) throw new DescriptorError("Raw script is not hex");
  return [{ kind: "raw", script }];
}

function parseRawTaproot(argument: string, _: Place, context: KeyParserContext): Variants {
  const reader = new ExpressionReader(argument);
  const text = reader.expression();
  if (reader.rest !== "") throw new DescriptorError("rawtr(): only one key expected.");
  return withPrefix("rawtr(): ", () => parseKey(text, "tr", context)).map((key) => ({ kind: "rawtr", key }));
}

/** A key that a wallet keeps without any output. */
function parseUnused(argument: string, _: Place, context: KeyParserContext): Variants {
  const reader = new ExpressionReader(argument);
  const text = reader.expression();
  if (reader.rest !== "") throw new DescriptorError("unused(): only one key expected");
  return parseKey(text, "top", context).map((key) => {
    if (isRangedKey(key)) throw new DescriptorError("unused(): key cannot be ranged");
    return { kind: "unused", key };
  });
}

function multi(kind: MultiKind): ScriptFunction {
  const isTapscript = kind === "multi_a" || kind === "sortedmulti_a";
  return {
    places: isTapscript ? ["tr"] : NOT_TAPSCRIPT,
    elsewhere: isTapscript
      ? "Can only have multi_a/sortedmulti_a inside tr()"
      : "Can only have multi/sortedmulti at top level, in sh(), or in wsh()",
    parse: (argument, place, context) => parseMulti(kind, argument, place, context),
  };
}

function parseMulti(kind: MultiKind, argument: string, place: Place, context: KeyParserContext): Variants {
  const reader = new ExpressionReader(argument);
  const threshold = reader.expression();
  const required = parseUint32(threshold);
  if (required === undefined) throw new DescriptorError(`Multi threshold '${threshold}' is not valid`);
  const keys: (readonly KeyExpression[])[] = [];
  while (reader.rest !== "") {
    if (!reader.skip(",")) throw new DescriptorError(`Multi: expected ',', got '${reader.rest[0]}'`);
    keys.push(withPrefix("Multi: ", () => parseKey(reader.expression(), place, context)));
  }
  const refusal = multiRefusal(required, keys, place);
  if (refusal !== undefined) throw new DescriptorError(refusal);
  const variants = sameLength(keys, "multi(): Multipath derivation paths have mismatched lengths");
  return variants[0]!.map((_, index) => ({ kind, required, keys: variants.map((list) => list[index]!) }));
}

/** Why a script cannot have so many signatures or keys there. */
function multiRefusal(required: number, keys: readonly (readonly KeyExpression[])[], place: Place): string | undefined {
  const count = keys.length;
  const isTapscript = place === "tr";
  const countMax = isTapscript ? MULTI_A_KEYS_MAX : MULTISIG_KEYS_MAX;
  if (count === 0 || count > countMax) {
    const name = isTapscript ? "multi_a" : "multisig";
    return `Cannot have ${count} keys in ${name}; must have between 1 and ${countMax} keys, inclusive`;
  }
  if (required < 1) return `Multisig threshold cannot be ${required}, must be at least 1`;
  if (required > count) {
    return `Multisig threshold cannot be larger than the number of keys; threshold is ${required} but only ${count} keys specified`;
  }
  if (place === "top" && count > BARE_MULTISIG_KEYS_MAX) {
    return `Cannot have ${count} pubkeys in bare multisig; only at most 3 pubkeys`;
  }
  const size = 3 + keys.reduce((sum, [key]) => sum + keySize(key!) + 1, 0);
  if (place === "sh" && size > STACK_ITEM_SIZE_MAX) {
    return `P2SH script is too large, ${size} bytes is larger than ${STACK_ITEM_SIZE_MAX} bytes`;
  }
  return undefined;
}

/** BIP386: an internal key and, where there are scripts, their tree. */
function parseTaproot(argument: string, _: Place, context: KeyParserContext): Variants {
  const reader = new ExpressionReader(argument);
  const keys = withPrefix("tr(): ", () => parseKey(reader.expression(), "tr", context));
  if (reader.rest === "") return keys.map((key) => ({ kind: "tr", key, tree: undefined }));
  if (!reader.skip(",")) throw new DescriptorError(`tr: expected ',', got '${reader.rest[0]}'`);
  const leaves: Variants[] = [];
  const shape = parseTree(reader, context, 0, leaves);
  if (reader.rest !== "") throw new DescriptorError("tr(): expected ')' after script expression");

  const count = Math.max(keys.length, ...leaves.map((variants) => variants.length));
  if (leaves.some(({ length }) => length !== 1 && length !== count)) {
    throw new DescriptorError("tr(): Multipath subscripts have mismatched lengths");
  }
  if (keys.length !== 1 && keys.length !== count) {
    throw new DescriptorError("tr(): Multipath internal key mismatches multipath subscripts lengths");
  }
  return Array.from({ length: count }, (_unused, index) => ({
    kind: "tr",
    key: keys[index] ?? keys[0]!,
    tree: treeOfVariant(shape, leaves, index),
  }));
}

/** The tree with the place of each leaf in `leaves`. */
function parseTree(
  reader: ExpressionReader,
  context: KeyParserContext,
  depth: number,
  leaves: Variants[],
): Tree<number> {
  if (!reader.skip("{")) {
    leaves.push(parseScript(reader.expression(), "tr", context));
    return leaves.length - 1;
  }
  if (depth === TAPROOT_DEPTH_MAX) {
    throw new DescriptorError(`tr() supports at most ${TAPROOT_DEPTH_MAX} nesting levels`);
  }
  const left = parseTree(reader, context, depth + 1, leaves);
  if (!reader.skip(",")) throw new DescriptorError("tr(): expected ',' after script expression");
  const right = parseTree(reader, context, depth + 1, leaves);
  if (!reader.skip("}")) throw new DescriptorError("tr(): expected '}' after script expression");
  return [left, right];
}

function treeOfVariant(shape: Tree<number>, leaves: readonly Variants[], index: number): Tree<Descriptor> {
  if (typeof shape !== "number") {
    return [treeOfVariant(shape[0], leaves, index), treeOfVariant(shape[1], leaves, index)];
  }
  const variants = leaves[shape]!;
  return variants[index] ?? variants[0]!;
}
