/** What tests of miniscripts share: well-typed ones at random, and keys, preimages and signatures that satisfy them. */
import { concatBytes, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { hash160, ripemd160, sha256, sha256d } from "@bitfleet/protocol/crypto/hash.ts";
import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import { STANDARD_SCRIPT_FLAGS } from "@bitfleet/protocol/script/flags.ts";
import type { SignatureChecker } from "@bitfleet/protocol/script/machine.ts";
import type { ScriptError } from "@bitfleet/protocol/script/script-error.ts";
import { payToTaproot, payToWitnessScriptHash } from "@bitfleet/protocol/script/templates.ts";
import { verifyScript } from "@bitfleet/protocol/script/verify.ts";
import fc from "fast-check";
import { signLowR } from "../signing/ecdsa.ts";
import type { HashFragment, MiniscriptContext } from "./expression.ts";
import { parseMiniscript } from "./parse.ts";
import { isValidScript } from "./sanity.ts";
import type { Satisfier } from "./satisfy.ts";

/** Keys in tests are numbers. */
export const KEY_COUNT = 24;

const PRIVATE_KEYS = Array.from({ length: KEY_COUNT }, (_, index) => sha256(Uint8Array.of(index, 0xaa)));
const PUBLIC_KEYS = PRIVATE_KEYS.map((key) => portableSecp256k1.publicKeyOf(key, true));
const MESSAGE = sha256(new TextEncoder().encode("message"));
const SIGHASH_ALL = Uint8Array.of(1);
const ECDSA_SIGNATURES = PRIVATE_KEYS.map((key) => concatBytes(signLowR(MESSAGE, key, portableSecp256k1), SIGHASH_ALL));
const SCHNORR_SIGNATURES = PRIVATE_KEYS.map((key) =>
  concatBytes(portableSecp256k1.signSchnorr(MESSAGE, key, new Uint8Array(32)), SIGHASH_ALL),
);

/** The key as scripts hold it. */
export function keyBytes(key: number, context: MiniscriptContext): Uint8Array {
  return context === "tapscript" ? PUBLIC_KEYS[key]!.subarray(1) : PUBLIC_KEYS[key]!;
}

export const signatureOf = (key: number, context: MiniscriptContext): Uint8Array =>
  (context === "tapscript" ? SCHNORR_SIGNATURES : ECDSA_SIGNATURES)[key]!;

/** What scripts' keys stand for. */
export function scriptKeys(context: MiniscriptContext) {
  const byBytes = (nameOf: (bytes: Uint8Array) => Uint8Array) =>
    new Map(PUBLIC_KEYS.map((_, key) => [toHex(nameOf(keyBytes(key, context))), key]));
  const byKey = byBytes((bytes) => bytes);
  const byHash = byBytes(hash160);
  return {
    keyOf: (bytes: Uint8Array) => byKey.get(toHex(bytes)),
    keyOfHash: (hash: Uint8Array) => byHash.get(toHex(hash)),
  };
}

const HASHES: Readonly<Record<HashFragment, (bytes: Uint8Array) => Uint8Array>> = {
  sha256,
  hash256: sha256d,
  ripemd160,
  hash160,
};

/** The preimage with a number. */
export const preimage = (number: number): Uint8Array => sha256(Uint8Array.of(number, 0xbb));
export const hashOf = (name: HashFragment, number: number): string => toHex(HASHES[name](preimage(number)));

/** What somebody has to satisfy a miniscript with. */
export interface Means {
  readonly keys: ReadonlySet<number>;
  /** Hashes in hex whose preimages are known. */
  readonly hashes: ReadonlySet<string>;
  /** Lock times, relative and absolute, that are over. */
  readonly isOver: (kind: "older" | "after", number: number) => boolean;
}

export function satisfierOf({ keys, hashes, isOver }: Means, context: MiniscriptContext): Satisfier<number> {
  return {
    keyBytes: (key) => keyBytes(key, context),
    sign: (key) => (keys.has(key) ? signatureOf(key, context) : undefined),
    preimage: (name, hash) => (hashes.has(toHex(hash)) ? preimageOf(name, hash) : undefined),
    hasWaited: (number) => isOver("older", number),
    isAfter: (number) => isOver("after", number),
  };
}

function preimageOf(name: HashFragment, hash: Uint8Array): Uint8Array | undefined {
  const numbers = Array.from({ length: KEY_COUNT }, (_, number) => number);
  return numbers.map(preimage).find((bytes) => toHex(HASHES[name](bytes)) === toHex(hash));
}

/** Why a witness does not satisfy a script by the rules of relay; nothing where it does. */
export function runWitness(
  script: Uint8Array,
  witness: readonly Uint8Array[],
  context: MiniscriptContext,
  isOver: Means["isOver"],
): ScriptError | undefined {
  const known = new Map(PUBLIC_KEYS.map((_, key) => [toHex(keyBytes(key, context)), toHex(signatureOf(key, context))]));
  const isSignature = (signature: Uint8Array, key: Uint8Array) => known.get(toHex(key)) === toHex(signature);
  const checker: SignatureChecker = {
    checkEcdsa: isSignature,
    checkSchnorr: (signature, key) => (isSignature(signature, key) ? undefined : "SCHNORR_SIG"),
    checkTaprootTweak: () => true,
    checkLockTime: (number) => isOver("after", number),
    checkSequence: (number) => isOver("older", number),
  };
  const isTapscript = context === "tapscript";
  const scriptPubKey = isTapscript ? payToTaproot(PUBLIC_KEYS[0]!.subarray(1)) : payToWitnessScriptHash(sha256(script));
  const controlBlock = concatBytes(Uint8Array.of(0xc0), PUBLIC_KEYS[1]!.subarray(1));
  const items = [...witness, script, ...(isTapscript ? [controlBlock] : [])];
  return verifyScript(new Uint8Array(0), scriptPubKey, items, STANDARD_SCRIPT_FLAGS, checker);
}

/** A key, a hash's number and lock times stand for themselves until they are numbered. */
const KEY = "<key>";

/** Texts of valid miniscripts, each key and preimage standing in one place only. */
export function miniscripts(context: MiniscriptContext): fc.Arbitrary<string> {
  const lockTime = fc.constantFrom("older(1)", "older(144)", "older(4194305)", "after(100)", "after(500000001)");
  const hash = fc.constantFrom("sha256", "hash256", "ripemd160", "hash160").map((name) => `${name}(<${name}>)`);
  const multi = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 0, max: 2 })).map(([required, others]) => {
    const keys = Array.from({ length: required + others }, () => KEY);
    return `${context === "tapscript" ? "multi_a" : "multi"}(${[required, ...keys].join(",")})`;
  });
  const key = fc.constantFrom(`pk(${KEY})`, `pk(${KEY})`, `pkh(${KEY})`);
  const letters = fc.letrec<Record<"B" | "D" | "W" | "DW" | "V" | "K", string>>((tie) => {
    const call = (name: string, ...parts: readonly (keyof LetterTexts)[]) =>
      fc.tuple(...parts.map((part) => tie(part))).map((texts) => `${name}(${texts.join(",")})`);
    const wrap = (wrappers: string, part: keyof LetterTexts) => tie(part).map((text) => prefixed(wrappers, text));
    const thresh = fc
      .tuple(fc.nat({ max: 2 }), tie("D"), fc.array(tie("DW"), { minLength: 1, maxLength: 3 }))
      .map(([less, first, rest]) => `thresh(${Math.max(1, rest.length + 1 - less)},${[first, ...rest].join(",")})`);
    const depthSize = "small" as const;
    return {
      B: fc.oneof(
        { maxDepth: 4, depthSize },
        fc.oneof({ weight: 4, arbitrary: key }, lockTime, hash, multi, fc.constantFrom("0", "1")),
        { weight: 3, arbitrary: call("and_v", "V", "B") },
        call("and_b", "B", "W"),
        call("or_d", "D", "B"),
        call("or_i", "B", "B"),
        call("andor", "D", "B", "B"),
        { weight: 2, arbitrary: tie("D") },
        wrap("c", "K"),
        wrap("t", "V"),
        wrap("n", "B"),
      ),
      // To be dissatisfied, leaving a boolean.
      D: fc.oneof(
        { maxDepth: 4, depthSize },
        fc.oneof({ weight: 4, arbitrary: key }, multi, hash, fc.constant("0")),
        call("and_b", "D", "DW"),
        call("or_b", "D", "DW"),
        call("or_d", "D", "D"),
        call("or_i", "D", "B").map((text) => prefixed("n", text)),
        call("andor", "D", "B", "D"),
        call("and_n", "D", "B"),
        thresh,
        thresh,
        wrap("nl", "B"),
        wrap("nu", "B"),
        wrap("nd", "V"),
        wrap("j", "D"),
      ),
      W: fc.oneof(
        { maxDepth: 4, depthSize },
        key.map((text) => prefixed("s", text)),
        wrap("a", "B"),
        tie("DW"),
      ),
      DW: fc.oneof(
        { maxDepth: 4, depthSize },
        key.map((text) => prefixed("s", text)),
        wrap("a", "D"),
        wrap("s", "D"),
      ),
      V: fc.oneof(
        { maxDepth: 4, depthSize },
        fc.oneof(key, lockTime, hash, multi).map((text) => prefixed("v", text)),
        wrap("v", "B"),
        call("and_v", "V", "V"),
        call("or_c", "D", "V"),
        call("or_i", "V", "V"),
        call("andor", "D", "V", "V"),
      ),
      K: fc.oneof(
        { maxDepth: 4, depthSize },
        fc.constantFrom(`pk_k(${KEY})`, `pk_h(${KEY})`),
        call("and_v", "V", "K"),
        call("or_i", "K", "K"),
        call("andor", "D", "K", "K"),
      ),
    };
  });
  const isMiniscript = (text: string) => {
    const node = parseMiniscript(text, context, Number);
    return node !== undefined && isValidScript(node);
  };
  return letters.B.map(numbered).filter((text) => text !== "" && isMiniscript(text));
}

type LetterTexts = Record<"B" | "D" | "W" | "DW" | "V" | "K", string>;

const prefixed = (wrappers: string, text: string) =>
  /^[a-z]+:/.test(text) ? `${wrappers}${text}` : `${wrappers}:${text}`;

/** The text with keys and hashes in place, nothing where there are not so many. */
function numbered(text: string): string {
  let keys = 0;
  let hashes = 0;
  const filled = text
    .replaceAll(KEY, () => String(keys++))
    .replaceAll(/<(sha256|hash256|ripemd160|hash160)>/g, (_, name: HashFragment) => hashOf(name, hashes++));
  return keys > KEY_COUNT || hashes > KEY_COUNT ? "" : filled;
}
