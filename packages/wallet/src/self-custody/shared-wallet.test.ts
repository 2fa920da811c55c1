import { MAINNET, regtestNetwork } from "@bitfleet/protocol/consensus/networks.ts";
import { nobleSecp256k1 as secp256k1 } from "@bitfleet/protocol/crypto/noble-secp256k1.ts";
import { encodeAddress } from "@bitfleet/protocol/script/address.ts";
import { describe, expect, test } from "vitest";
import { descriptorText, expandDescriptor, keysOf } from "../descriptors/descriptor.ts";
import { withChecksum } from "../descriptors/descriptor-checksum.ts";
import { parseDescriptor } from "../descriptors/descriptor-parser.ts";
import { isExtendedKey } from "../descriptors/key-expression.ts";
import { decodeExtendedKey, keyIdOf } from "../keys/keys.ts";
import { createPsbt } from "../psbt/psbt.ts";
import { SigningMaterial } from "../signing/signing-material.ts";
import {
  addCosignerKeys,
  COSIGNERS_MAX,
  type Cosigner,
  cosignerText,
  handedOutDescriptor,
  isUsualShared,
  ownCosigners,
  phraseCosigner,
  sharedDescriptor,
  sharedFacts,
  sharedFactsOf,
  withSharedKeys,
} from "./shared-wallet.ts";

const MAIN = MAINNET.addressPrefixes;
const REGTEST = regtestNetwork().addressPrefixes;

const phraseOf = (words: string) => ({ words, passphrase: "" });
/** Of BIP39's vectors. */
const ABANDON = phraseOf(`${"abandon ".repeat(11)}about`);
const LEGAL = phraseOf("legal winner thank year wave sausage worth useful legal winner thank yellow");
const LETTER = phraseOf("letter advice cage absurd amount doctor acoustic avoid letter advice cage above");

/** BIP48 has no vectors: these stand in the tests of several other wallets for m/48h/0h/0h/2h of those words. */
const KEYS = [
  [
    ABANDON,
    "[73c5da0a/48h/0h/0h/2h]xpub6DkFAXWQ2dHxq2vatrt9qyA3bXYU4ToWQwCHbf5XB2mSTexcHZCeKS1VZYcPoBd5X8yVcbXFHJR9R8UCVpt82VX1VhR28mCyxUFL4r6KFrf",
  ],
  [
    LEGAL,
    "[b8688df1/48h/0h/0h/2h]xpub6FQya7zGhR92kacYsNnjreouvnHJMpXYsUXnW6NJJAJRCKsa26TzDy4LdnGhEurr3d6y1J8PJ7EEMKQp74XTqYvmGJNogYXSKDszYHtF8mX",
  ],
  [
    LETTER,
    "[28645006/48h/0h/0h/2h]xpub6DnEBNkSJKBYQmsbhS1sP9cNdtU5c9PLFGCjTJmxicxc13WB8zNNGQazabQpyFAGW5bV9tMko4uBxDxjUKL6dSAcx1tEbgEHtgSqyRsekh6",
  ],
] as const;

function parsed(text: string, prefixes = MAIN) {
  const read = parseDescriptor(text, { prefixes, secp256k1 });
  if ("error" in read) throw new Error(read.error);
  return read.descriptors;
}

function addressOf(text: string, index: number, prefixes = MAIN): string | undefined {
  const context = { secp256k1, secrets: new SigningMaterial() };
  return encodeAddress(expandDescriptor(parsed(text, prefixes)[0], index, context)!.scripts[0]!, prefixes);
}

const cosigners = KEYS.map(([phrase]) => phraseCosigner(phrase, 0, MAIN));

describe("a wallet that several keys share", () => {
  test("BIP48: the keys that phrases hand out, by network and account", () => {
    expect(cosigners.map(cosignerText)).toEqual(KEYS.map(([, text]) => text));
    // The second account of the first words, of the same tests.
    expect(phraseCosigner(ABANDON, 1, MAIN)).toEqual({
      key: "xpub6DzhyrnFFYQ1HimDiM388xHnDiRPNdZJFBmmxge3Y1WWcHLtMJLfRuhRHqnQCPbTj3fGKTuKFLHzzwpJkp5Dtc3UtLKZKaVZe1yqMBXd6Vk",
      fingerprint: "73c5da0a",
      path: "/48h/0h/1h/2h",
    });
    expect(cosignerText(phraseCosigner(ABANDON, 0, REGTEST))).toMatch(/^\[73c5da0a\/48h\/1h\/0h\/2h\]tpub/);
  });

  test("is one descriptor, whoever gives the keys in whichever order", () => {
    const text = sharedDescriptor(2, cosigners);
    expect(text).toMatch(/^wsh\(sortedmulti\(2,(\[\w{8}\/48h\/0h\/0h\/2h\]xpub\w+\/<0;1>\/\*,?){3}\)\)#\w{8}$/);
    expect(sharedDescriptor(2, cosigners.toReversed())).toBe(text);
    expect(parsed(text)).toHaveLength(2);
    expect(parsed(text).every((one) => keysOf(one).length === 3 && keysOf(one).every(isExtendedKey))).toBe(true);
    expect(sharedDescriptor(1, cosigners)).not.toBe(text);
    // The order of the text counts for nothing.
    const bare = `wsh(multi(2,${KEYS.map(([, key]) => `${key}/0/*`).join(",")}))`;
    const sorted = bare.replace("multi", "sortedmulti");
    const indexes = [0, 1, 2, 3, 4, 5];
    const addresses = indexes.map((index) => addressOf(text, index));
    expect(indexes.map((index) => addressOf(sorted, index))).toEqual(addresses);
    expect(indexes.map((index) => addressOf(bare, index))).not.toEqual(addresses);
  });

  test("is read out of its descriptor again, in all forms that there are of one with a threshold", () => {
    const facts = { required: 2, cosigners };
    const list = cosigners.map((one) => `${cosignerText(one)}/0/*`).join(",");
    expect(sharedFacts(`wsh(sortedmulti(2,${list}))#abcdefgh`)).toEqual(facts);
    for (const [begin, end] of [
      ["wsh(multi", ")"],
      ["sh(wsh(sortedmulti", "))"],
      ["sh(multi", ")"],
      ["multi", ""],
    ])
      expect(sharedFacts(`${begin}(2,${list})${end}`)).toEqual(facts);
    const ticks = list.replace(/(?<=\/\d+)h/g, "'").replaceAll("73c5da0a", "73C5DA0A");
    expect(sharedFacts(`wsh(sortedmulti(2,${ticks}))`)).toEqual(facts);
    const { key } = cosigners[0]!;
    expect(sharedFacts(`wsh(multi(1,${key}/0/*))`)?.cosigners).toEqual([{ key, fingerprint: undefined, path: "" }]);
    for (const other of [
      `wpkh(${key}/0/*)`,
      `tr(${key}/0/*)`,
      `tr(${key}/0/*,multi_a(1,${key}/1/*))`,
      `wsh(and_v(v:pk(${key}/0/*),older(1)))`,
      "wsh(multi(1,02f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f9))",
      "addr(bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4)",
    ])
      expect(sharedFacts(other), other).toBeUndefined();
  });

  test("is handed out as what it is: both chains in one where they differ in nothing else", () => {
    const usual = sharedDescriptor(2, cosigners);
    const chains = parsed(usual).map((one) => descriptorText(one));
    expect(chains).toHaveLength(2);
    expect(handedOutDescriptor(chains)).toBe(usual);
    const facts = sharedFactsOf(chains)!;
    expect(facts.required).toBe(2);
    expect(isUsualShared(usual, facts)).toBe(true);
    // Somebody else's: other chains, another order, another script.
    for (const other of [
      usual.replaceAll("<0;1>", "<4;5>"),
      usual.replace("sortedmulti", "multi"),
      usual.replace("wsh(", "sh(wsh(").replace("))#", ")))#"),
      usual.replace("[73c5da0a/48h/0h/0h/2h]", ""),
    ]) {
      const text = withChecksum(other.replace(/#.*$/u, ""));
      const theirs = parsed(text).map((one) => descriptorText(one));
      expect(handedOutDescriptor(theirs)).toBe(text);
      expect(isUsualShared(text, sharedFactsOf(theirs)!)).toBe(false);
    }
    // As many keys as signing devices know, and one more.
    for (const count of [COSIGNERS_MAX, COSIGNERS_MAX + 1]) {
      const many = Array.from({ length: count }, () => cosigners[0]!);
      const isUsual = isUsualShared(sharedDescriptor(2, many), { required: 2, cosigners: many });
      expect(isUsual, `${count}`).toBe(count === COSIGNERS_MAX);
    }
    const [receive, change] = chains as [string, string];
    expect(handedOutDescriptor([receive])).toBe(receive);
    const mixed = [receive, change.replace("/1/*", "/2/*")];
    expect(handedOutDescriptor(mixed)).toBe(mixed.join("\n"));
    const ofOthers = sharedDescriptor(2, cosigners.slice(1)).replaceAll("<0;1>", "1");
    expect(sharedFactsOf([receive, ofOthers])).toBeUndefined();
    expect(sharedFactsOf([receive, change.replace("multi(2", "multi(1")])).toBeUndefined();
    expect(sharedFactsOf([receive, `wpkh(${cosigners[0]!.key}/0/*)`])).toBeUndefined();
    expect(sharedFactsOf([])).toBeUndefined();
  });

  test("has those keys of a phrase that are really its own: a fingerprint is a claim", () => {
    expect(ownCosigners(LEGAL, cosigners, MAIN)).toEqual([cosigners[1]]);
    const claimed: Cosigner[] = [
      { ...cosigners[0]!, fingerprint: "b8688df1" },
      { ...cosigners[1]!, path: "/48h/0h/1h/2h" },
      { ...cosigners[1]!, path: "/48h".repeat(11) },
      { ...cosigners[1]!, fingerprint: undefined },
    ];
    expect(ownCosigners(LEGAL, claimed, MAIN)).toEqual([]);
    const found = new SigningMaterial();
    addCosignerKeys(LEGAL, [...cosigners, ...claimed], found, { prefixes: MAIN, secp256k1 });
    const { key } = decodeExtendedKey(cosigners[1]!.key, MAIN)!;
    expect([...found.privateKeys.keys()]).toEqual([keyIdOf(key.publicKey)]);
  });

  test("says in a PSBT whose keys it has (BIP174), but those that do not fit their path", () => {
    const blank = createPsbt({ version: 2, inputs: [], outputs: [], lockTime: 0 }, { version: 0 });
    const told = withSharedKeys(blank, { required: 2, cosigners });
    expect([...told.xpubs.values()].map(({ origin }) => origin.path.length)).toEqual([4, 4, 4]);
    const odd = cosigners.map((one) => ({ ...one, path: "/48h" }));
    expect(withSharedKeys(blank, { required: 2, cosigners: odd }).xpubs.size).toBe(0);
    expect(
      withSharedKeys(blank, { required: 2, cosigners: [{ ...cosigners[0]!, fingerprint: undefined }] }).xpubs.size,
    ).toBe(0);
  });
});

/** The vectors of BIP67 with keys that are points of the curve: addresses of `sh(sortedmulti(2,…))`. */
test.each([
  [
    "39bgKC7RFbpoCRbtD5KEdkYKtNyhpsNa3Z",
    "02ff12471208c14bd580709cb2358d98975247d8765f92bc25eab3b2763ed605f8",
    "02fe6f0a5a297eb38c391581c4413e084773ea23954d93f7753db7dc0adc188b2f",
  ],
  [
    "3CKHTjBKxCARLzwABMu9yD85kvtm7WnMfH",
    "02632b12f4ac5b1d1b72b2a3b508c19172de44f6f46bcee50ba33f3f9291e47ed0",
    "027735a29bae7780a9755fae7a1c4374c656ac6a69ea9f3697fda61bb99a4f3e77",
    "02e2cc6bd5f45edd43bebe7cb9b675f0ce9ed3efe613b177588290ad188d11b404",
  ],
  [
    "3Q4sF6tv9wsdqu2NtARzNCpQgwifm2rAba",
    "022df8750480ad5b26950b25c7ba79d3e37d75f640f8e5d9bcd5b150a0f85014da",
    "03e3818b65bcc73a7d64064106a859cc1a5a728c4345ff0b641209fba0d90de6e9",
    "021f2f6e1e50cb6a953935c3601284925decd3fd21bc445712576873fb8c6ebc18",
  ],
])("BIP67: %s", (address, ...keys) => {
  const read = parseDescriptor(`sh(sortedmulti(2,${keys.join(",")}))`, { prefixes: MAIN, secp256k1 });
  if ("error" in read) throw new Error(read.error);
  const context = { secp256k1, secrets: new SigningMaterial() };
  const [script] = expandDescriptor(read.descriptors[0], 0, context)!.scripts;
  expect(encodeAddress(script!, MAIN)).toBe(address);
});
