import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { HARDENED_OFFSET } from "@bitfleet/wallet/keys/keys.ts";
import type { CborMap, CborTagged, CborValue } from "./cbor.ts";
import {
  BOTH_CHAINS,
  type DeviceKey,
  deviceKey,
  extendedKeyText,
  fingerprintText,
  type KeyUse,
  originText,
} from "./device-keys.ts";

/**
 * Public keys as UR's types have them: keys (BCR-2020-007), outputs (BCR-2020-010, of version 3 BCR-2023-010), accounts (BCR-2020-015, BCR-2023-019).
 * Both versions of each are read; they have other tags for the same.
 */

/** What was found is a private key, which nobody is shown. */
export class SecretFound extends Error {}

/** It is no such thing, or one that is not read. Says why in words for developers. */
class KeysError extends Error {}

const HDKEY = new Set([303, 40_303]);
const ECKEY = new Set([306, 40_306]);
const OUTPUT = new Set([308, 40_308]);

/** BCR-2020-010: a function of descriptors for each tag. */
const FUNCTIONS: ReadonlyMap<number, string> = new Map([
  [400, "sh"],
  [401, "wsh"],
  [402, "pk"],
  [403, "pkh"],
  [404, "wpkh"],
  [405, "combo"],
  [409, "tr"],
  [410, "cosigner"],
]);
const SEVERAL: ReadonlyMap<number, string> = new Map([
  [406, "multi"],
  [407, "sortedmulti"],
]);

/** How an output of one key is written, and what that is for. */
const USES: ReadonlyMap<string, KeyUse> = new Map([
  ["pkh(@)", "pkh"],
  ["sh(wpkh(@))", "sh-wpkh"],
  ["wpkh(@)", "wpkh"],
  ["tr(@)", "tr"],
  ["sh(cosigner(@))", "sh-cosigner"],
  ["sh(wsh(cosigner(@)))", "sh-wsh-cosigner"],
  ["wsh(cosigner(@))", "wsh-cosigner"],
]);

/** BIP44 and those after it; the last three for keys of several. */
const USES_BY_PURPOSE: ReadonlyMap<number, KeyUse> = new Map([
  ...([
    [44, "pkh"],
    [49, "sh-wpkh"],
    [84, "wpkh"],
    [86, "tr"],
  ] as const),
  ...([45, 48, 87] as const).map((purpose) => [purpose, "wsh-cosigner"] as const),
]);

/** Of a key that names its path and not where that begins, so that no origin can be written before it: it would be taken for a key of any use. */
function pathUse(map: CborMap): KeyUse {
  const [purpose] = map.has(6) ? pathOf(map.get(6)!).steps.map(indexOf) : [];
  return USES_BY_PURPOSE.get((purpose ?? 0) - HARDENED_OFFSET) ?? "any";
}

/** What is known from around a key. */
interface Context {
  readonly masterFingerprint: number | undefined;
}

/** The keys of a message whose type is the kind. Throws `SecretFound` on a private one, and another error where it is none that is read. */
export function keysOfUr(kind: "hdkey" | "output" | "account", value: CborValue): readonly DeviceKey[] {
  switch (kind) {
    case "hdkey": {
      const map = mapOf(value);
      const { key } = hdKey(map, { masterFingerprint: undefined });
      return [deviceKey(key.startsWith("[") ? "any" : pathUse(map), key)];
    }
    case "output":
      return [outputOf(value, { masterFingerprint: undefined })];
    case "account": {
      const account = mapOf(value);
      const fingerprint = account.get(1);
      const masterFingerprint = typeof fingerprint === "number" && fingerprint > 0 ? fingerprint : undefined;
      return listOf(account.get(2)).map((one) => outputOf(one, { masterFingerprint }));
    }
  }
}

/** With its own tag, as in the papers' accounts, or without, as Keystone's library writes them there. */
function outputOf(value: CborValue, context: Context): DeviceKey {
  const isTagged = typeof value === "object" && "tag" in value && OUTPUT.has(value.tag);
  const output = isTagged ? value.value : value;
  const written = output instanceof Map ? ofSource(output, context) : ofTags(output, context);
  const use = USES.get(written.shape);
  const [only] = written.keys;
  if (use !== undefined && only !== undefined && written.keys.length === 1)
    return deviceKey(use, only.key, only.chains ?? BOTH_CHAINS);
  if (written.text.includes("cosigner(")) throw new KeysError("a cosigner among others");
  return { use: "output", key: undefined, watched: written.text };
}

/** A descriptor, and the same with `@` for each key. */
interface Written {
  readonly text: string;
  readonly shape: string;
  readonly keys: readonly WrittenKey[];
}

interface WrittenKey {
  readonly key: string;
  /** What follows it: `/<0;1>/*`; `undefined` where nothing is said, "" for a key from which nothing follows. */
  readonly chains: string | undefined;
}

const withChains = ({ key, chains = BOTH_CHAINS }: WrittenKey) => key + chains;

/** The first version: a tag for each function. */
function ofTags(value: CborValue, context: Context): Written {
  const { tag, value: content } = taggedOf(value);
  const several = SEVERAL.get(tag);
  if (several !== undefined) {
    const map = mapOf(content);
    const threshold = map.get(1);
    if (typeof threshold !== "number") throw new KeysError("no threshold");
    const keys = listOf(map.get(2)).map((one) => keyOf(one, context));
    const texts = keys.map(withChains);
    return {
      text: `${several}(${[threshold, ...texts].join(",")})`,
      shape: `${several}(${[threshold, ...keys.map(() => "@")].join(",")})`,
      keys,
    };
  }
  const name = FUNCTIONS.get(tag);
  if (name === undefined) throw new KeysError(`a script of tag ${tag}`);
  if (HDKEY.has(taggedOf(content).tag) || ECKEY.has(taggedOf(content).tag)) {
    const key = keyOf(content, context);
    return { text: `${name}(${withChains(key)})`, shape: `${name}(@)`, keys: [key] };
  }
  const within = ofTags(content, context);
  return { ...within, text: `${name}(${within.text})`, shape: `${name}(${within.shape})` };
}

/** The third version: a descriptor's text with `@0` for the first of its keys. */
function ofSource(map: CborMap, context: Context): Written {
  const source = map.get(1);
  if (typeof source !== "string") throw new KeysError("no text");
  const keys = map.has(2) ? listOf(map.get(2)).map((one) => keyOf(one, context)) : [];
  const text = source.replace(/@(\d{1,3})(\/)?/gu, (_all, place: string, slash: string | undefined) => {
    const key = keys[Number(place)];
    if (key === undefined) throw new KeysError(`no key ${place}`);
    return slash === undefined ? withChains(key) : `${key.key}/`;
  });
  // A path that the text has itself is no usual one.
  return { text, shape: source.replace(/@\d{1,3}(?!\d|\/)/gu, "@"), keys };
}

function keyOf(value: CborValue, context: Context): WrittenKey {
  const { tag, value: content } = taggedOf(value);
  if (HDKEY.has(tag)) return hdKey(mapOf(content), context);
  if (!ECKEY.has(tag)) throw new KeysError(`a key of tag ${tag}`);
  const map = mapOf(content);
  if (map.get(2) === true) throw new SecretFound();
  return { key: toHex(bytesOf(map.get(3))), chains: "" };
}

function hdKey(map: CborMap, { masterFingerprint }: Context): WrittenKey {
  if (map.get(1) === true || map.get(2) === true) throw new SecretFound();
  const publicKey = bytesOf(map.get(3), 33);
  // A private one begins with 0, whatever is said of it.
  if (publicKey[0] === 0) throw new SecretFound();
  const info = map.has(5) ? mapOf(untagged(map.get(5)!, new Set([305, 40_305]))) : new Map<number, CborValue>();
  if ((info.get(1) ?? 0) !== 0) throw new KeysError("a key of another coin");
  const origin = map.has(6) ? pathOf(map.get(6)!) : undefined;
  const steps = (origin?.steps ?? []).map(indexOf);
  const fingerprint = origin?.fingerprint ?? (origin === undefined ? undefined : masterFingerprint);
  const originPart = fingerprint === undefined ? "" : originText(fingerprintText(fingerprint), steps);
  if (!map.has(4)) return { key: originPart + toHex(publicKey), chains: "" };
  const depth = origin?.depth ?? steps.length;
  const parent = map.get(8) ?? (steps.length === 1 ? fingerprint : 0);
  const text = extendedKeyText({
    isTest: info.get(2) === 1,
    depth,
    parentFingerprint: depth > 0 && typeof parent === "number" ? parent : 0,
    index: depth > 0 ? (steps.at(-1) ?? 0) : 0,
    chainCode: bytesOf(map.get(4), 32),
    publicKey,
  });
  const children = map.has(7) ? pathOf(map.get(7)!).steps : [];
  return { key: originPart + text, chains: children.length === 0 ? undefined : children.map(stepText).join("") };
}

/** One step of a path: an index, any (`*`), or two that stand for receiving and for change. */
type Step = readonly [what: CborValue, isHardened: boolean];

interface Path {
  readonly steps: readonly Step[];
  readonly fingerprint: number | undefined;
  readonly depth: number | undefined;
}

const STEPS_MAX = 255;

function pathOf(value: CborValue): Path {
  const map = mapOf(untagged(value, new Set([304, 40_304])));
  const components = listOf(map.get(1));
  const steps: Step[] = [];
  for (let at = 0; at < components.length; at++) {
    const what = components[at]!;
    // A pair says itself, twice, whether it is hardened.
    if (Array.isArray(what) && what.length === 4) steps.push([what, false]);
    else steps.push([what, components[++at] === true]);
  }
  if (steps.length > STEPS_MAX) throw new KeysError("too long a path");
  const [fingerprint, depth] = [map.get(2), map.get(3)];
  return {
    steps,
    fingerprint: typeof fingerprint === "number" ? fingerprint : undefined,
    depth: typeof depth === "number" && depth <= STEPS_MAX ? depth : undefined,
  };
}

function indexOf([what, isHardened]: Step): number {
  if (typeof what !== "number" || what >= HARDENED_OFFSET) throw new KeysError("an origin of more than one path");
  return what + (isHardened ? HARDENED_OFFSET : 0);
}

function stepText([what, isHardened]: Step): string {
  const mark = isHardened ? "h" : "";
  if (typeof what === "number") return `/${what}${mark}`;
  const parts = listOf(what);
  if (parts.length === 0) return `/*${mark}`;
  const [first, isFirstHardened, second, isSecondHardened] = parts;
  if (parts.length !== 4 || typeof first !== "number" || typeof second !== "number")
    throw new KeysError("a range of keys");
  return `/<${first}${isFirstHardened === true ? "h" : ""};${second}${isSecondHardened === true ? "h" : ""}>`;
}

function taggedOf(value: CborValue | undefined): CborTagged {
  if (typeof value === "object" && "tag" in value) return value;
  throw new KeysError("a tag is missing");
}

function untagged(value: CborValue, tags: ReadonlySet<number>): CborValue {
  const { tag, value: content } = taggedOf(value);
  if (!tags.has(tag)) throw new KeysError(`tag ${tag}`);
  return content;
}

function mapOf(value: CborValue | undefined): CborMap {
  if (value instanceof Map) return value;
  throw new KeysError("a map is missing");
}

function listOf(value: CborValue | undefined): readonly CborValue[] {
  if (Array.isArray(value)) return value as readonly CborValue[];
  throw new KeysError("a list is missing");
}

function bytesOf(value: CborValue | undefined, size?: number): Uint8Array {
  if (value instanceof Uint8Array && (size === undefined || value.length === size)) return value;
  throw new KeysError("bytes are missing");
}
