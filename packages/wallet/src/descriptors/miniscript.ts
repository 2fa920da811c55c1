import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import type { DerivationCurve } from "../keys/keys.ts";
import type { Miniscript } from "../miniscript/expression.ts";
import { parseMiniscript } from "../miniscript/parse.ts";
import { insanityOf } from "../miniscript/sanity.ts";
import { miniscriptText } from "../miniscript/text.ts";
import { SigningMaterial } from "../signing/signing-material.ts";
import { DescriptorError } from "./descriptor-syntax.ts";
import { type KeyExpression, keyText, publicKeyAt } from "./key-expression.ts";
import { type KeyParserContext, parseKey, sameLength } from "./key-expression-parser.ts";

/** A miniscript (BIP379) in a descriptor: its keys are indexes into a list of KEY expressions, in the order of its text. */
export interface MiniscriptDescriptor {
  readonly kind: "miniscript";
  readonly node: Miniscript<number>;
  readonly keys: readonly KeyExpression[];
}

/** The miniscript as text, with its keys as `writeKey` writes them. */
export function miniscriptDescriptorText(
  { node, keys }: Omit<MiniscriptDescriptor, "kind">,
  writeKey: (key: KeyExpression) => string,
): string {
  return miniscriptText(node, (index) => writeKey(keys[index]!));
}

/**
 * The miniscripts that an expression says, one for each value of multipath steps; `undefined` where it is none. Throws
 * `DescriptorError` for one that has no place there, or that a wallet should not pay to.
 */
export function parseMiniscriptDescriptor(
  expression: string,
  place: "top" | "sh" | "wsh" | "tr",
  context: KeyParserContext,
): readonly MiniscriptDescriptor[] | undefined {
  const lists: (readonly KeyExpression[])[] = [];
  const keyPlace = place === "wsh" ? "wsh" : "tr";
  const node = parseMiniscript(expression, place === "wsh" ? "wsh" : "tapscript", (text) => {
    return lists.push(parseKey(text, keyPlace, context)) - 1;
  });
  if (node === undefined) return undefined;
  if (place === "top" || place === "sh") {
    throw new DescriptorError("Miniscript expressions can only be used in wsh or tr.");
  }
  const keys = lists.map(([first]) => first!);
  const insanity = insanityOf(node, (index) => keyName(keys[index]!, context.secp256k1));
  if (insanity !== undefined) {
    throw new DescriptorError(miniscriptDescriptorText({ node: insanity.node, keys }, keyText) + insanity.complaint);
  }
  const variants = sameLength(lists, "Miniscript: Multipath derivation paths have mismatched lengths");
  return variants[0]!.map((_, index) => ({ kind: "miniscript", node, keys: variants.map((list) => list[index]!) }));
}

const NO_SECRETS = new SigningMaterial();

/**
 * By what two keys of a miniscript are told to be one. As in Core it is the first of an expression's keys, as far as it
 * can be had without private keys: all others pass for one.
 */
function keyName(key: KeyExpression, secp256k1: DerivationCurve): string {
  const publicKey = publicKeyAt(key, 0, { secp256k1, secrets: NO_SECRETS }, new SigningMaterial());
  return publicKey === undefined ? "" : toHex(publicKey);
}

/** BIP68: the bits of a relative lock time that count, and the one that makes it count units of 512 seconds. */
const RELATIVE_LOCK_TIME_MASK = 0xffff;
const RELATIVE_TIME_FLAG = 1 << 22;

/** Core's warning of a relative lock time whose number is cut off, so that it waits for less than it says. */
export function lockTimeWarnings(root: Miniscript<unknown>): readonly string[] {
  const warnings: string[] = [];
  const waiting = [root];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (node.fragment === "older" && (node.number & ~RELATIVE_TIME_FLAG) > RELATIVE_LOCK_TIME_MASK) {
      const isTime = (node.number & RELATIVE_TIME_FLAG) !== 0;
      warnings.push(
        isTime
          ? `time-based relative locktime: older(${node.number}) > (65535 * 512) seconds is unsafe`
          : `height-based relative locktime: older(${node.number}) > 65535 blocks is unsafe`,
      );
    }
    for (const sub of node.subs) waiting.push(sub);
  }
  return warnings;
}
