import { fromHex, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { regtestNetwork } from "@bitfleet/protocol/consensus/networks.ts";
import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import { seededRandom } from "@bitfleet/protocol/script/test-kit.ts";
import { describe, expect, test } from "vitest";
import { SigningMaterial } from "../signing/signing-material.ts";
import { randomDescriptor, testKeys } from "../test-kit.ts";
import { addPrivateKeys, descriptorText, expandDescriptor, isRanged, isSolvable } from "./descriptor.ts";
import { descriptorChecksum, splitChecksum, withChecksum } from "./descriptor-checksum.ts";
import { parseDescriptor } from "./descriptor-parser.ts";
import { inferDescriptor } from "./infer-descriptor.ts";

const { addressPrefixes: prefixes } = regtestNetwork();
const context = { prefixes, secp256k1: portableSecp256k1 };
const KEY = "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
const UNCOMPRESSED = toHex(portableSecp256k1.publicKeyOf(fromHex("01".padStart(64, "0")), false));
const [FIRST, SECOND] = testKeys(prefixes) as [ReturnType<typeof testKeys>[0], ReturnType<typeof testKeys>[0]];

function parsed(text: string) {
  const read = parseDescriptor(text, context);
  if ("error" in read) throw new Error(`${text}: ${read.error}`);
  return read;
}

/** All scripts at an index in hex, of each multipath variant. */
function scriptsOf(text: string, index = 0): readonly string[] | undefined {
  const { descriptors, secrets } = parsed(text);
  const scripts = descriptors.map(
    (descriptor) => expandDescriptor(descriptor, index, { secp256k1: portableSecp256k1, secrets })?.scripts,
  );
  return scripts.every((list) => list !== undefined) ? scripts.flat().map(toHex) : undefined;
}

const errorOf = (text: string, checksumRequired = false) => {
  const read = parseDescriptor(text, context, checksumRequired);
  return "error" in read ? read.error : undefined;
};

describe("BIP380 checksum", () => {
  test.each([
    ["raw(deadbeef)", "89f8spxm"],
    ["raw()", "58lrscpx"],
  ])("%s", (text, checksum) => {
    expect(descriptorChecksum(text)).toBe(checksum);
    expect(splitChecksum(`${text}#${checksum}`, true)).toEqual({ text, checksum });
  });

  test("characters that no descriptor has", () => {
    expect(descriptorChecksum("raw(Ü)")).toBeUndefined();
    expect(descriptorChecksum("raw(\u0007)")).toBeUndefined();
  });

  test.each([
    ["raw(deadbeef)", "Missing checksum"],
    ["raw(deadbeef)#", "Expected 8 character checksum, not 0 characters"],
    ["raw(deadbeef)#89f8spxmx", "Expected 8 character checksum, not 9 characters"],
    ["raw(deadbeef)#89f8spx", "Expected 8 character checksum, not 7 characters"],
    [
      "raw(dedbeef)#89f8spxm",
      `Provided checksum '89f8spxm' does not match computed checksum '${descriptorChecksum("raw(dedbeef)")}'`,
    ],
    ["raw(deadbeef)##9f8spxm", "Multiple '#' symbols"],
    ["raw(Ü)#00000000", "Invalid characters in payload"],
  ])("%s is refused", (text, message) => {
    expect(errorOf(text, true)).toBe(message);
  });
});

describe("scripts of descriptors", () => {
  test.each([
    ["raw(6a)", ["6a"]],
    [`pk(${KEY})`, [`21${KEY}ac`]],
    [`pk(${UNCOMPRESSED})`, [`41${UNCOMPRESSED}ac`]],
    [`pkh(${KEY})`, ["76a914751e76e8199196d454941c45d1b3a323f1433bd688ac"]],
    [`wpkh(${KEY})`, ["0014751e76e8199196d454941c45d1b3a323f1433bd6"]],
    [`sh(wpkh(${KEY}))`, ["a914bcfeb728b584253d5f3f70bcb780e9ef218a68f487"]],
    [
      `combo(${KEY})`,
      [
        `21${KEY}ac`,
        "76a914751e76e8199196d454941c45d1b3a323f1433bd688ac",
        "0014751e76e8199196d454941c45d1b3a323f1433bd6",
        "a914bcfeb728b584253d5f3f70bcb780e9ef218a68f487",
      ],
    ],
    [`combo(${UNCOMPRESSED})`, [`41${UNCOMPRESSED}ac`, "76a91491b24bf9f5288532960ac687abb035127b1d28a588ac"]],
    [`multi(1,${KEY})`, [`5121${KEY}51ae`]],
    [`rawtr(${KEY.slice(2)})`, [`5120${KEY.slice(2)}`]],
    [`tr(${KEY.slice(2)})`, ["5120da4710964f7852695de2da025290e24af6d8c281de5a0b902b7135fd9fd74d21"]],
    ["addr(2NF2b3KS8xXb9XHvbRMXdZh8s5g92rUZHtp)", ["a914eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee87"]],
    [`unused(${KEY})`, []],
  ])("%s", (text, scripts) => {
    expect(scriptsOf(text)).toEqual(scripts);
  });

  test("sorted keys are sorted, others stay as given", () => {
    const [a, b] = [FIRST, SECOND].map(({ publicKey }) => toHex(publicKey)).sort() as [string, string];
    expect(scriptsOf(`sortedmulti(1,${b},${a})`)).toEqual(scriptsOf(`multi(1,${a},${b})`));
    expect(scriptsOf(`multi(1,${b},${a})`)).not.toEqual(scriptsOf(`multi(1,${a},${b})`));
    const internal = KEY.slice(2);
    const x = (key: string) => key.slice(2);
    const sorted = [a, b].sort((one, other) => (x(one) < x(other) ? -1 : 1)) as [string, string];
    expect(scriptsOf(`tr(${internal},sortedmulti_a(1,${sorted[1]},${sorted[0]}))`)).toEqual(
      scriptsOf(`tr(${internal},multi_a(1,${sorted[0]},${sorted[1]}))`),
    );
  });

  test("the branches of a tree may change places, the scripts may not change depth", () => {
    const [a, b, c] = testKeys(prefixes).map(({ publicKey }) => `pk(${toHex(publicKey)})`);
    const script = scriptsOf(`tr(${KEY},{${a},{${b},${c}}})`);
    expect(scriptsOf(`tr(${KEY},{{${c},${b}},${a}})`)).toEqual(script);
    expect(scriptsOf(`tr(${KEY},{{${a},${b}},${c}})`)).not.toEqual(script);
    expect(scriptsOf(`tr(${KEY},${a})`)).not.toEqual(script);
  });

  test("ranged descriptors stand for a script of each index", () => {
    expect(scriptsOf(`wpkh(${FIRST.xpub}/1/*)`, 7)).toEqual(scriptsOf(`wpkh(${FIRST.xpub}/1/7)`));
    expect(scriptsOf(`wpkh(${FIRST.xprv}/1h/*h)`, 7)).toEqual(scriptsOf(`wpkh(${FIRST.xprv}/1'/7')`));
    expect(scriptsOf(`wpkh(${FIRST.xprv}/1/*)`, 7)).toEqual(scriptsOf(`wpkh(${FIRST.xpub}/1/*)`, 7));
    expect(isRanged(parsed(`sh(multi(1,${KEY},${FIRST.xpub}/*))`).descriptors[0])).toBe(true);
    expect(isRanged(parsed(`sh(multi(1,${KEY},${FIRST.xpub}/0))`).descriptors[0])).toBe(false);
  });

  test("hardened steps take the private key", () => {
    expect(scriptsOf(`wpkh(${FIRST.xpub}/1h)`)).toBeUndefined();
    expect(scriptsOf(`wpkh(${FIRST.xpub}/*h)`)).toBeUndefined();
    expect(scriptsOf(`tr(${KEY},pk(${FIRST.xpub}/*h))`)).toBeUndefined();
  });

  test("BIP389: a multipath step stands for several descriptors", () => {
    const { descriptors } = parsed(`wsh(multi(1,${FIRST.xpub}/<0;1;5>/*,${KEY}))`);
    expect(descriptors.map((one) => descriptorText(one))).toEqual(
      [0, 1, 5].map((step) => withChecksum(`wsh(multi(1,${FIRST.xpub}/${step}/*,${KEY}))`)),
    );
    expect(parsed(`tr(${FIRST.xpub}/<0;1>,{pk(${KEY}),pk(${SECOND.xpub}/<2;3>)})`).descriptors).toHaveLength(2);
  });

  test("BIP390: an aggregate key does not depend on the order of its keys", () => {
    const [a, b] = [FIRST.xpub, SECOND.xpub];
    expect(scriptsOf(`tr(musig(${a},${b})/0/*)`, 3)).toEqual(scriptsOf(`tr(musig(${b},${a})/0/3)`));
    expect(scriptsOf(`rawtr(musig(${a},${b}))`)).not.toEqual(scriptsOf(`rawtr(musig(${a},${a}))`));
    expect(parsed(`tr(musig(${a}/<0;1>,${b}))`).descriptors).toHaveLength(2);
  });
});

describe("text", () => {
  test("private keys are left out, and kept apart", () => {
    const { descriptors, secrets } = parsed(`wsh(multi(2,${FIRST.wif},[00aabbcc/1'/2]${SECOND.xprv}/3'/*))`);
    const [descriptor] = descriptors;
    const text = `wsh(multi(2,${toHex(FIRST.publicKey)},[00aabbcc/1'/2]${SECOND.xpub}/3'/*))`;
    expect(descriptorText(descriptor)).toBe(withChecksum(text));
    expect([...secrets.privateKeys.values()].map(({ privateKey }) => privateKey)).toHaveLength(2);
    const found = new SigningMaterial();
    addPrivateKeys(descriptor, 4, { secp256k1: portableSecp256k1, secrets }, found);
    const { material } = expandDescriptor(descriptor, 4, { secp256k1: portableSecp256k1, secrets })!;
    expect([...found.privateKeys.keys()].sort()).toEqual([...material.publicKeys.keys()].sort());
  });

  test("what is printed reads the same again", () => {
    const pick = seededRandom(7);
    let read = 0;
    for (let round = 0; round < 200; round++) {
      const given = parseDescriptor(randomDescriptor(pick, prefixes), context);
      if ("error" in given) continue;
      for (const descriptor of given.descriptors) {
        const text = descriptorText(descriptor);
        expect(descriptorText(parsed(text).descriptors[0])).toBe(text);
        read++;
      }
    }
    expect(read).toBeGreaterThan(100);
  });

  test("addresses and raw scripts say not how they are spent", () => {
    expect(isSolvable(parsed("raw(51)").descriptors[0])).toBe(false);
    expect(isSolvable(parsed(`sh(pk(${KEY}))`).descriptors[0])).toBe(true);
  });
});

describe("refusals", () => {
  const multi = (count: number) => Array(count).fill(KEY).join(",");
  const nested = (depth: number) => `${"{".repeat(depth)}pk(${KEY})${`,pk(${KEY})}`.repeat(depth)}`;
  test.each([
    ["", "'' is not a valid descriptor function"],
    ["constructor(51)", "'constructor(51)' is not a valid descriptor function"],
    ["raw(zz)", "Raw script is not hex"],
    ["raw()", "Raw script is not hex"],
    ["pk()", "pk(): No key provided"],
    ["pk( 00)", "pk(): Key ' 00' is invalid due to whitespace"],
    ["pkh(00)", "pkh(): Pubkey '00' is invalid"],
    [`pk(06${UNCOMPRESSED.slice(2)})`, "pk(): Hybrid public keys are not allowed"],
    [`wpkh(${UNCOMPRESSED})`, "wpkh(): Uncompressed keys are not allowed"],
    [`wsh(pk(${UNCOMPRESSED}))`, "pk(): Uncompressed keys are not allowed"],
    [`pk(${KEY.slice(2)})`, `pk(): Pubkey '${KEY.slice(2)}' is invalid`],
    ["pk(xpub/1)", "pk(): key 'xpub' is not valid"],
    ["addr(x)", "Address is not valid"],
    [`sh(sh(pk(${KEY})))`, "Can only have sh() at top level"],
    [`wsh(wsh(pk(${KEY})))`, "Can only have wsh() at top level or inside sh()"],
    [`wsh(wpkh(${KEY}))`, "Can only have wpkh() at top level or inside sh()"],
    [`sh(combo(${KEY}))`, "Can only have combo() at top level"],
    ["sh(raw(51))", "Can only have raw() at top level"],
    [`sh(tr(${KEY}))`, "Can only have tr at top level"],
    [`wsh(rawtr(${KEY}))`, "Can only have rawtr at top level"],
    [`sh(pk(${KEY}),pk(${KEY}))`, ""],
    ["sh(foo)", "A function is needed within P2SH"],
    ["wsh(foo)", "A function is needed within P2WSH"],
    [`multi(a,${KEY})`, "Multi threshold 'a' is not valid"],
    ["multi(1)", "Cannot have 0 keys in multisig; must have between 1 and 20 keys, inclusive"],
    [`multi(0,${KEY})`, "Multisig threshold cannot be 0, must be at least 1"],
    [
      `multi(2,${KEY})`,
      "Multisig threshold cannot be larger than the number of keys; threshold is 2 but only 1 keys specified",
    ],
    [`multi(1,${multi(4)})`, "Cannot have 4 pubkeys in bare multisig; only at most 3 pubkeys"],
    [`sh(multi(1,${multi(16)}))`, "P2SH script is too large, 547 bytes is larger than 520 bytes"],
    [`wsh(multi(1,${multi(21)}))`, "Cannot have 21 keys in multisig; must have between 1 and 20 keys, inclusive"],
    [`multi_a(1,${KEY})`, "Can only have multi_a/sortedmulti_a inside tr()"],
    [`tr(${KEY},multi(1,${KEY}))`, "Can only have multi/sortedmulti at top level, in sh(), or in wsh()"],
    [`tr(${KEY},{pk(${KEY})})`, "tr(): expected ',' after script expression"],
    [`tr(${KEY},{pk(${KEY}),pk(${KEY}),pk(${KEY})})`, "tr(): expected '}' after script expression"],
    [`tr(${KEY},pk(${KEY}),pk(${KEY}))`, "tr(): expected ')' after script expression"],
    [`tr(${KEY},${nested(129)})`, "tr() supports at most 128 nesting levels"],
    [`rawtr(${KEY},${KEY})`, "rawtr(): only one key expected."],
    [`unused(${FIRST.xpub}/*)`, "unused(): key cannot be ranged"],
    [`pk([aabbccdd]]${KEY})`, "pk(): Multiple ']' characters found for a single pubkey"],
    [`pk(aabbccdd]${KEY})`, "pk(): Key origin start '[ character expected but not found, got 'a' instead"],
    [`pk([aabbccd]${KEY})`, "pk(): Fingerprint is not 4 bytes (7 characters instead of 8 characters)"],
    [`pk([aabbccdx]${KEY})`, "pk(): Fingerprint 'aabbccdx' is not hex"],
    [`pk(${FIRST.xpub}/x)`, "pk(): Key path value 'x' is not a valid uint32"],
    [`pk(${FIRST.xpub}/4294967296)`, "pk(): Key path value '4294967296' is not a valid uint32"],
    [`pk(${FIRST.xpub}/2147483648)`, "pk(): Key path value 2147483648 is out of range"],
    [`pk(${FIRST.xpub}/<0>)`, "pk(): Multipath key path specifiers must have at least two items"],
    [`pk(${FIRST.xpub}/<0;0>)`, "pk(): Duplicated key path value 0 in multipath specifier"],
    [`pk(${FIRST.xpub}/<0;1>/<0;1>)`, "pk(): Multiple multipath key path specifiers found"],
    [
      `pk([aabbccdd/<0;1>]${KEY})`,
      "pk(): Key path value '<0;1>' specifies multipath in a section where multipath is not allowed",
    ],
    [
      `wsh(multi(1,${FIRST.xpub}/<0;1>,${FIRST.xpub}/<0;1;2>))`,
      "multi(): Multipath derivation paths have mismatched lengths",
    ],
    [`tr(${FIRST.xpub}/<0;1;2>,pk(${FIRST.xpub}/<0;1>))`, "tr(): Multipath subscripts have mismatched lengths"],
    [
      `tr(${FIRST.xpub}/<0;1>,pk(${FIRST.xpub}/<0;1;2>))`,
      "tr(): Multipath internal key mismatches multipath subscripts lengths",
    ],
    [`pk(musig(${KEY}))`, "pk(): musig() is only allowed in tr() and rawtr()"],
    ["tr(musig())", "tr(): musig(): Must contain key expressions"],
    [`tr(musig(${KEY})/0)`, "tr(): musig(): derivation requires all participants to be xpubs or xprvs"],
    [`tr(musig(${FIRST.xpub})/0h)`, "tr(): musig(): cannot have hardened derivation steps"],
    [
      `tr(musig(${FIRST.xpub}/*)/0)`,
      "tr(): musig(): Cannot have ranged participant keys if musig() also has derivation",
    ],
    [`sh(older(1))`, "Miniscript expressions can only be used in wsh or tr."],
    [`wsh(and_v(pk(${KEY}),older(1)))`, `and_v(pk(${KEY}),older(1)) is invalid`],
  ])("%s", (text, message) => {
    expect(errorOf(text)).toBe(message);
  });

  test("the most that is allowed", () => {
    for (const text of [
      `multi(1,${multi(3)})`,
      `sh(multi(1,${multi(15)}))`,
      `wsh(multi(1,${multi(20)}))`,
      `tr(${KEY},${nested(128)})`,
      `pk(${FIRST.xpub}/2147483647)`,
    ]) {
      expect(errorOf(text), text).toBeUndefined();
    }
  });
});

describe("inferred descriptors", () => {
  test("name their script", () => {
    for (const script of [
      "6a",
      "51",
      `21${KEY}ac`,
      "0014751e76e8199196d454941c45d1b3a323f1433bd6",
      `5120${KEY.slice(2)}`,
    ]) {
      expect(scriptsOf(inferDescriptor(fromHex(script), context))).toEqual([script]);
    }
  });

  test("say as much as is known", () => {
    for (const text of [
      `sh(wsh(multi(1,${KEY},${FIRST.xpub}/3)))`,
      `combo(${KEY})`,
      `tr(${FIRST.xpub}/1,{pk(${KEY}),multi_a(1,${SECOND.xpub},${KEY})})`,
    ]) {
      const { descriptors, secrets } = parsed(text);
      const { scripts, material } = expandDescriptor(descriptors[0], 0, { secp256k1: portableSecp256k1, secrets })!;
      for (const script of scripts) {
        const inferred = inferDescriptor(script, context, material);
        expect(inferred).toContain(KEY.slice(2));
        expect(inferred).not.toMatch(/^(addr|raw)\(/);
        expect(scriptsOf(inferred)).toEqual([toHex(script)]);
        expect(inferDescriptor(script, context)).not.toBe(inferred);
      }
    }
  });
});
