import { fromHex, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { regtestNetwork } from "@bitfleet/protocol/consensus/networks.ts";
import { portableSecp256k1 as secp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import { encodeAddress } from "@bitfleet/protocol/script/address.ts";
import { describe, expect, test } from "vitest";
import { descriptorText, expandDescriptor } from "../descriptors/descriptor.ts";
import { normalizedText, privateText } from "../descriptors/descriptor-forms.ts";
import { parseDescriptor } from "../descriptors/descriptor-parser.ts";
import { masterKeyOf } from "../keys/accounts.ts";
import { keyIdOf } from "../keys/keys.ts";
import { SigningMaterial } from "../signing/signing-material.ts";
import type { DescriptorUse } from "./descriptor-record.ts";
import { Keychain, type KeychainSecrets } from "./keychain.ts";

const prefixes = regtestNetwork().addressPrefixes;
const MASTER = masterKeyOf(fromHex("000102030405060708090a0b0c0d0e0f"), prefixes);
const BECH32: DescriptorUse = { addressType: "bech32", isInternal: false };

function read(text: string) {
  const parsed = parseDescriptor(text, { secp256k1, prefixes });
  if ("error" in parsed) throw new Error(parsed.error);
  return { descriptor: parsed.descriptors[0], secrets: parsed.secrets };
}

/** A keychain that holds the text's descriptor for bech32 addresses. */
function keychainOf(text: string, options: { lookAhead?: number; isLocked?: boolean; rangeStart?: number } = {}) {
  const { descriptor, secrets } = read(text);
  const held = { unlocked: secrets, has: (id: string) => secrets.privateKeys.has(id) };
  const keychain = new Keychain({ lookAhead: options.lookAhead ?? 3 }, { secp256k1, prefixes, secrets: held });
  const rangeStart = options.rangeStart ?? 0;
  const record = {
    id: 1,
    text: descriptorText(descriptor),
    normalizedText: normalizedText(descriptor, { secrets, prefixes }),
    createdAt: 0,
    activeFor: BECH32,
  };
  const changes = keychain.put(record, { id: 1, nextIndex: rangeStart, rangeStart, rangeEnd: rangeStart });
  if (options.isLocked) held.unlocked = new SigningMaterial();
  return { keychain, changes, record, held: held as KeychainSecrets };
}

const addressOf = (script: Uint8Array) => encodeAddress(script, prefixes);

describe("forms of a descriptor", () => {
  test("hardened steps go into the origin, also where there is one before", () => {
    const { descriptor, secrets } = read(`wpkh(${MASTER}/84h/1h/0h/0/*)`);
    const normalized = normalizedText(descriptor, { secrets, prefixes })!;
    expect(normalized).toMatch(/^wpkh\(\[3442193e\/84h\/1h\/0h\]tpub[^/]+\/0\/\*\)#/);
    const again = read(`wpkh([d34db33f/1']${MASTER}/84'/0/*)`);
    const text = normalizedText(again.descriptor, { secrets: again.secrets, prefixes });
    expect(text).toMatch(/^wpkh\(\[d34db33f\/1h\/84h\]tpub[^/]+\/0\/\*\)#/);
  });

  test("both forms stand for the same scripts", () => {
    const text = `tr(${MASTER}/86h/1h/0h/0/*)`;
    const { descriptor, secrets } = read(text);
    const { descriptor: normalized } = read(normalizedText(descriptor, { secrets, prefixes })!);
    const scriptAt = (one: typeof descriptor, given: SigningMaterial) => {
      const held: KeychainSecrets = { unlocked: given, has: () => false };
      const keychain = new Keychain({ lookAhead: 5 }, { secp256k1, prefixes, secrets: held });
      const record = {
        id: 1,
        text: descriptorText(one),
        normalizedText: undefined,
        createdAt: 0,
        activeFor: undefined,
      };
      keychain.put(record, { id: 1, nextIndex: 0, rangeStart: 0, rangeEnd: 0 });
      return keychain.scripts().map(toHex);
    };
    expect(scriptAt(descriptor, secrets)).toEqual(scriptAt(normalized, new SigningMaterial()));
  });

  test("without the private key there is none; what is not hardened needs none", () => {
    const { descriptor } = read(`wpkh(${MASTER}/84h/0/*)`);
    expect(normalizedText(descriptor, { secrets: new SigningMaterial(), prefixes })).toBeUndefined();
    const plain = read(`wpkh(${MASTER}/84/0/*)`).descriptor;
    expect(normalizedText(plain, { secrets: new SigningMaterial(), prefixes })).toBe(descriptorText(plain));
  });

  test("the private text is what was given", () => {
    const text = `wpkh(${MASTER}/84h/1h/0h/0/*)`;
    const { descriptor, secrets } = read(text);
    expect(privateText(descriptor, { secrets, prefixes })!.split("#")[0]).toBe(text);
    expect(privateText(descriptor, { secrets: new SigningMaterial(), prefixes })).toBeUndefined();
  });
});

describe("addresses", () => {
  test("are given out one by one, and as many more watched", () => {
    const { keychain, changes } = keychainOf(`wpkh(${MASTER}/84h/1h/0h/0/*)`);
    expect(changes!.scripts).toHaveLength(3);
    const first = keychain.take(BECH32);
    const second = keychain.take(BECH32);
    if ("error" in first || "error" in second) throw new Error("none");
    expect(addressOf(first.script)).not.toBe(addressOf(second.script));
    expect(second.changes).toEqual({
      descriptors: [{ id: 1, nextIndex: 2, rangeStart: 0, rangeEnd: 4 }],
      scripts: [{ script: expect.anything(), descriptorId: 1, index: 3 }],
    });
    expect(keychain.ownerOf(second.script)).toEqual({ descriptorId: 1, index: 1 });
    expect(keychain.scriptCount).toBe(4);
  });

  test("far ahead are watched in steps", () => {
    const { keychain, changes } = keychainOf(`wpkh(${MASTER}/0/*)`, { lookAhead: 1010 });
    expect(changes!.scripts).toHaveLength(1000);
    expect(keychain.take(BECH32)).toMatchObject({ changes: { scripts: { length: 10 } } });
    expect(keychain.take(BECH32)).toMatchObject({ changes: { scripts: { length: 1 } } });
  });

  test("come back if nobody was given another", () => {
    const { keychain } = keychainOf(`wpkh(${MASTER}/0/*)`);
    const first = keychain.take(BECH32);
    if ("error" in first) throw new Error(first.error);
    keychain.giveBack(first.owner);
    expect(keychain.take(BECH32)).toMatchObject({ owner: first.owner });
    keychain.take(BECH32);
    expect(keychain.giveBack(first.owner)).toEqual({ descriptors: [], scripts: [] });
  });

  test("of a locked wallet are found by the account's public key; of one hardened to the end, as far as they were derived", () => {
    const normal = keychainOf(`wpkh(${MASTER}/84h/0/*)`, { isLocked: true }).keychain;
    for (let count = 0; count < 10; count++) expect(normal.take(BECH32)).toHaveProperty("script");
    const hardened = keychainOf(`wpkh(${MASTER}/84h/0/*h)`, { isLocked: true });
    expect(hardened.record.normalizedText).toBeDefined();
  });

  test("that are paid to are passed over with those before", () => {
    const { keychain } = keychainOf(`wpkh(${MASTER}/0/*)`);
    const [, , third] = keychain.scripts();
    const { changes, passed, isToppedUp } = keychain.markUsed(third!);
    expect(passed).toHaveLength(3);
    expect(isToppedUp).toBe(true);
    expect(changes.descriptors).toEqual([{ id: 1, nextIndex: 3, rangeStart: 0, rangeEnd: 6 }]);
    expect(keychain.markUsed(third!)).toMatchObject({ passed: [], changes: { descriptors: [], scripts: [] } });
  });

  test("of other kinds there are none", () => {
    const { keychain } = keychainOf(`wpkh(${MASTER}/0/*)`);
    expect(keychain.take({ addressType: "bech32m", isInternal: false })).toEqual({
      error: "Error: No bech32m addresses available.",
    });
  });
});

test("a stored keychain is the same when it is loaded", () => {
  const { keychain, record, held, changes } = keychainOf(`wpkh(${MASTER}/84h/0/*)`);
  const again = new Keychain({ lookAhead: 3 }, { secp256k1, prefixes, secrets: held });
  again.load(record, changes!.descriptors[0]!);
  for (const script of changes!.scripts) again.loadScript(script);
  expect(again.scripts()).toEqual(keychain.scripts());
  expect(again.topUp()).toEqual({ changes: { descriptors: [], scripts: [] }, isComplete: true });
  expect(again.take(BECH32)).toEqual(keychain.take(BECH32));
});

describe("what a key is for", () => {
  const OTHER = masterKeyOf(fromHex("fffcf9f6f3f0edeae7e4e1dedbd8d5d2"), prefixes);
  /** With all keys at hand, and how many keys were derived. */
  function counting(texts: readonly string[]) {
    const counts = { derived: 0 };
    const curve = Object.assign(Object.create(secp256k1), {
      tweakPublicKey: (...args: Parameters<typeof secp256k1.tweakPublicKey>) => {
        counts.derived++;
        return secp256k1.tweakPublicKey(...args);
      },
    }) as typeof secp256k1;
    const { secrets } = read(`pkh(${MASTER})`);
    const held = { unlocked: secrets, has: (id: string) => secrets.privateKeys.has(id) };
    const keychain = new Keychain({ lookAhead: 50 }, { secp256k1: curve, prefixes, secrets: held });
    for (const [at, text] of texts.entries()) {
      const { descriptor } = read(text);
      const record = {
        ...{ id: at + 1, text: descriptorText(descriptor), normalizedText: undefined, createdAt: 0 },
        activeFor: undefined,
      };
      keychain.put(record, { id: at + 1, nextIndex: 0, rangeStart: 0, rangeEnd: 0 });
    }
    return { keychain, counts };
  }
  /** The public key at an index below a path. */
  const keyAt = (root: string, step: string) => {
    const { descriptor } = read(`pk(${root}/${step})`);
    const found = expandDescriptor(descriptor, 0, { secp256k1, secrets: new SigningMaterial() })!;
    return found.scripts[0]!.subarray(1, 34);
  };
  const single = (form: (key: string) => string) => [form(`${MASTER}/7/*`)];
  const forms: Readonly<Record<string, readonly string[]>> = {
    pk: single((key) => `pk(${key})`),
    pkh: single((key) => `pkh(${key})`),
    wpkh: single((key) => `wpkh(${key})`),
    "sh(wpkh)": single((key) => `sh(wpkh(${key}))`),
    combo: single((key) => `combo(${key})`),
    tr: single((key) => `tr(${key})`),
    rawtr: single((key) => `rawtr(${key})`),
    "wsh(multi)": single((key) => `wsh(multi(2,${key},${OTHER}/7/*))`),
    "tr with a tree": single((key) => `tr(${OTHER}/7/*,pk(${key}))`),
    "tr with an aggregate": [`tr(musig(${MASTER}/7/*,${OTHER}/7/*))`],
    "wsh(pkh)": single((key) => `wsh(pkh(${key}))`),
  };
  test.each(Object.keys(forms))("is found in %s, and its private half with it", (name) => {
    const { keychain } = counting(forms[name]!);
    for (const index of [0, 49]) {
      const publicKey = keyAt(MASTER, `7/${index}`);
      expect(keychain.materialForKey(publicKey)?.privateKeys.has(keyIdOf(publicKey))).toBe(true);
    }
    expect(keychain.materialForKey(keyAt(MASTER, "7/50"))).toBeUndefined();
    expect(keychain.materialForKey(keyAt(OTHER, "9/0"))).toBeUndefined();
  });

  test("is looked for among descriptors of single keys without deriving them all", () => {
    const { keychain, counts } = counting(Object.values(forms).slice(0, 7).flat());
    const publicKey = keyAt(OTHER, "7/0");
    counts.derived = 0;
    expect(keychain.materialForKey(publicKey)).toBeUndefined();
    expect(counts.derived).toBe(0);
  });
});
