import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { regtestNetwork } from "@bitfleet/protocol/consensus/networks.ts";
import { hash160, sha256 } from "@bitfleet/protocol/crypto/hash.ts";
import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import { payToWitnessScriptHash } from "@bitfleet/protocol/script/templates.ts";
import { describe, expect, test } from "vitest";
import { compileMiniscript } from "../miniscript/compile.ts";
import { parseMiniscript } from "../miniscript/parse.ts";
import { SigningMaterial } from "../signing/signing-material.ts";
import { testKeys } from "../test-kit.ts";
import { addPrivateKeys, descriptorText, descriptorWarnings, expandDescriptor, isRanged } from "./descriptor.ts";
import { parseDescriptor } from "./descriptor-parser.ts";
import { inferDescriptor } from "./infer-descriptor.ts";

const { addressPrefixes: prefixes } = regtestNetwork();
const context = { prefixes, secp256k1: portableSecp256k1 };
const keys = testKeys(prefixes);
const [A, B, C] = keys.map(({ publicKey }) => toHex(publicKey)) as [string, string, string];
const X = (key: string) => key.slice(2);
const [{ xpub, xprv, wif }] = keys as [(typeof keys)[0]];

function parsed(text: string) {
  const read = parseDescriptor(text, context);
  if ("error" in read) throw new Error(`${text}: ${read.error}`);
  return read;
}

function expansionOf(text: string, index = 0) {
  const { descriptors, secrets } = parsed(text);
  return expandDescriptor(descriptors[0], index, { secp256k1: portableSecp256k1, secrets })!;
}

const inferred = (text: string) => {
  const { scripts, material } = expansionOf(text);
  return inferDescriptor(scripts[0]!, context, material);
};

const errorOf = (text: string) => {
  const read = parseDescriptor(text, context);
  return "error" in read ? read.error : undefined;
};

describe("miniscript in descriptors", () => {
  test.each([
    `wsh(and_v(v:pk(${A}),pkh(${B})))`,
    `wsh(or_d(pk(${xpub}/0/*),and_v(v:pkh(${B}),older(144))))`,
    `sh(wsh(thresh(2,pk(${A}),s:pk(${B}),sln:after(500000000))))`,
    `tr(${X(A)},and_v(v:pk(${xpub}/*),after(100)))`,
    `tr(${X(A)},{pkh(${X(B)}),and_v(v:multi_a(1,${X(B)},${X(C)}),older(1))})`,
    `tr(${X(A)},and_v(v:pk(musig(${A},${B})),older(1)))`,
  ])("%s is written as it is read", (text) => {
    const [descriptor] = parsed(text).descriptors;
    expect(descriptorText(descriptor).replace(/#.*/, "")).toBe(text);
    expect(isRanged(descriptor)).toBe(text.includes("/*"));
  });

  test("ranges and multipath steps", () => {
    const text = `wsh(and_v(v:pk(${xpub}/<0;1>/*),pk(${B})))`;
    const [receive, change] = parsed(text).descriptors;
    expect(descriptorText(receive)).toContain("/0/*");
    expect(descriptorText(change!)).toContain("/1/*");
    const scripts = [0, 1].map((index) => toHex(expansionOf(text, index).scripts[0]!));
    expect(scripts[0]).not.toBe(scripts[1]);
  });

  test("private keys are kept apart, and found again", () => {
    const { descriptors, secrets } = parsed(`wsh(and_v(v:pk(${xprv}/0h/*),pk(${wif})))`);
    expect(descriptorText(descriptors[0])).not.toContain(wif);
    const found = new SigningMaterial();
    addPrivateKeys(descriptors[0], 3, { secp256k1: portableSecp256k1, secrets }, found);
    expect(found.privateKeys.size).toBe(2);
  });

  test("in tapscript a key is found by the hash of its x", () => {
    const { material } = expansionOf(`tr(${X(A)},pkh(${B}))`);
    expect(toHex(material.publicKeys.get(toHex(hash160(keys[1]!.publicKey.subarray(1))))!)).toBe(B);
  });

  test.each([
    `wsh(and_v(v:pk(${A}),pkh(${B})))`,
    `sh(wsh(or_d(pk(${A}),and_v(v:pk(${B}),older(144)))))`,
    `tr(${X(A)},and_v(v:pk(${X(B)}),after(100)))`,
  ])("%s is found again in its output", (text) => {
    expect(inferred(text).replace(/\[[0-9a-f]{8}\]|#.*/g, "")).toBe(text);
  });

  test.each([
    ["or_d(pk(0),pk(1))", /^wsh\(or_d\(/],
    ["or_i(older(1),pk(0))", /^addr\(/],
    ["and_v(v:pk(0),pk(0))", /^addr\(/],
  ])("a script made of %s is found where it is sane", (source, form) => {
    const node = parseMiniscript(source, "wsh", Number)!;
    const script = compileMiniscript(node, (key) => keys[key]!.publicKey);
    const material = new SigningMaterial();
    material.addScript(script);
    expect(inferDescriptor(payToWitnessScriptHash(sha256(script)), context, material)).toMatch(form);
  });

  test.each([
    [`and_v(v:pk(${A}),older(1))`, "Miniscript expressions can only be used in wsh or tr."],
    [`sh(and_v(v:pk(${A}),older(1)))`, "Miniscript expressions can only be used in wsh or tr."],
    [`wsh(and_v(v:pk(${A}),foo(1)))`, "A function is needed within P2WSH"],
    [`sh(and_v(v:pk(${A}),foo(1)))`, "A function is needed within P2SH"],
    [`tr(${X(A)},foo(1))`, "'foo(1)' is not a valid descriptor function"],
    [`wsh(and_v(v:pk(04),older(1)))`, "Pubkey '04' is invalid"],
    [`wsh(and_v(v:pk(${X(A)}),older(1)))`, `Pubkey '${X(A)}' is invalid`],
    [`wsh(and_v(v:pk(${A}),pk(${A})))`, `and_v(v:pk(${A}),pk(${A})) is not sane: contains duplicate public keys`],
    [
      // As in Core: what only private keys can derive is not told apart.
      `wsh(and_v(v:pk(${xprv}/0h),pk(${xprv}/1h)))`,
      `and_v(v:pk(${xpub}/0h),pk(${xpub}/1h)) is not sane: contains duplicate public keys`,
    ],
    [
      `wsh(and_v(v:pk(${xpub}/<0;1>),pk(${xpub}/<2;3;4>)))`,
      "Miniscript: Multipath derivation paths have mismatched lengths",
    ],
    [`wsh(and_v(v:pk(${A}),0))`, `and_v(v:pk(${A}),0) is not satisfiable`],
  ])("%s is refused", (text, message) => {
    expect(errorOf(text)).toBe(message);
  });

  test("lock times that wait for less than they say", () => {
    const warnings = (number: number) =>
      descriptorWarnings(parsed(`wsh(and_v(v:pk(${A}),older(${number})))`).descriptors[0]);
    expect(warnings(65535)).toEqual([]);
    expect(warnings(65536)).toEqual(["height-based relative locktime: older(65536) > 65535 blocks is unsafe"]);
    expect(warnings(4194304 + 65535)).toEqual([]);
    expect(warnings(4194304 + 65536)).toEqual([
      "time-based relative locktime: older(4259840) > (65535 * 512) seconds is unsafe",
    ]);
    expect(descriptorWarnings(parsed(`wpkh(${A})`).descriptors[0])).toEqual([]);
  });
});
