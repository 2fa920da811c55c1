import { MAINNET, regtestNetwork } from "@bitfleet/protocol/consensus/networks.ts";
import { nobleSecp256k1 as secp256k1 } from "@bitfleet/protocol/crypto/noble-secp256k1.ts";
import { describe, expect, test } from "vitest";
import { readWatchedText, type WatchedText } from "./watched-text.ts";

const main = { prefixes: MAINNET.addressPrefixes, secp256k1 };
const regtest = { prefixes: regtestNetwork().addressPrefixes, secp256k1 };

/** BIP84's vectors: the account's key, and its first address. */
const ZPUB =
  "zpub6rFR7y4Q2AijBEqTUquhVz398htDFrtymD9xYYfG1m4wAcvPhXNfE3EfH1r1ADqtfSdVCToUG868RvUUkgDKf31mGDtKsAYz2oz2AGutZYs";
const XPUB =
  "xpub6CatWdiZiodmUeTDp8LT5or8nmbKNcuyvz7WyksVFkKB4RHwCD3XyuvPEbvqAQY3rAPshWcMLoP2fMFMKHPJ4ZeZXYVUhLv1VMrjPC7PW6V";
const FIRST = "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu";

function read(text: string, context = main): WatchedText {
  const outcome = readWatchedText(text, context);
  if ("error" in outcome) throw new Error(outcome.error);
  return outcome;
}

function refusal(text: string, context = main): string {
  const outcome = readWatchedText(text, context);
  return "error" in outcome ? outcome.error : "";
}

describe("what a wallet without keys watches", () => {
  test("an address", () => {
    const { kind, descriptors, firstAddress } = read(` ${FIRST}\n`);
    expect([kind, firstAddress, descriptors.length]).toEqual(["address", FIRST, 1]);
    expect(descriptors[0]).toMatchObject({ activeFor: undefined, text: expect.stringMatching(/^addr\(bc1q.*#/) });
    expect(refusal("bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080")).toMatch(
      /no descriptor, extended public key or address/,
    );
  });

  test("an extended key that says which kind of addresses it is for", () => {
    const { kind, descriptors, firstAddress } = read(ZPUB);
    expect([kind, firstAddress]).toEqual(["extended-key", FIRST]);
    expect(descriptors.map(({ activeFor, doubt }) => [activeFor, doubt])).toEqual([
      [{ addressType: "bech32", isInternal: false }, undefined],
      [{ addressType: "bech32", isInternal: true }, undefined],
    ]);
    expect(refusal(ZPUB, regtest)).toMatch(/another network/);
  });

  test("an extended key that does not: all kinds, of which the likeliest gives addresses until one is in use", () => {
    const { descriptors } = read(XPUB);
    expect(descriptors.map(({ text }) => text.slice(0, 5))).toEqual([
      "wpkh(",
      "wpkh(",
      "tr(xp",
      "tr(xp",
      "sh(wp",
      "sh(wp",
      "pkh(x",
      "pkh(x",
    ]);
    expect(descriptors.filter(({ activeFor }) => activeFor !== undefined).map(({ id }) => id)).toEqual([1, 2]);
    expect(descriptors.every(({ doubt }) => doubt === "guess")).toBe(true);
  });

  test("an extended key with its origin, as signers export it: the path says which kind of addresses it is for", () => {
    for (const [path, script] of [
      ["44'/0'/0'", "pkh("],
      ["49h/0h/0h", "sh(wpkh("],
      ["84'/0'/0'", "wpkh("],
      ["86'/0'/0'", "tr("],
    ] as const) {
      const { kind, descriptors } = read(`[d34db33f/${path}]${XPUB}`);
      expect([kind, descriptors.length]).toEqual(["extended-key", 2]);
      expect(descriptors[1]!.text).toContain(`${script}[d34db33f/${path}]${XPUB}/1/*)`);
    }
    expect(read(`[d34db33f/84'/0'/0']${ZPUB}`).firstAddress).toBe(FIRST);
    expect(read(`[d34db33f/0'/0'/0']${XPUB}`).descriptors).toHaveLength(8);
    for (const path of ["45'", "48'/0'/0'/2'", "87h/0h/0h"])
      expect(refusal(`[d34db33f/${path}]${XPUB}`)).toMatch(/one of several cosigners/);
    for (const [path, key] of [
      ["84'/0'/0'/0", XPUB],
      ["84h/0h/0h/0", ZPUB],
      ["86h/0h", XPUB],
    ] as const)
      expect(refusal(`[d34db33f/${path}]${key}`)).toMatch(/not that of an account .* give a descriptor/);
    expect(refusal(`[d34db33f/84'/0'/0']${XPUB}`, regtest)).toMatch(/another network/);
    expect(refusal(`[d34db33f/84'/0'/0'] ${XPUB}`)).toMatch(/no descriptor/);
  });

  test("a descriptor, with a multipath step or in two lines", () => {
    const { kind, descriptors } = read(`wpkh(${XPUB}/<0;1>/*)`);
    expect(kind).toBe("descriptor");
    expect(descriptors.map(({ isInternal, activeFor }) => [isInternal, activeFor?.isInternal])).toEqual([
      [false, false],
      [true, true],
    ]);
    expect(read(`wpkh(${XPUB}/0/*)\n\n  wpkh(${XPUB}/1/*)`).descriptors.map(({ text }) => text)).toEqual(
      descriptors.map(({ text }) => text),
    );
  });

  test("nothing that could spend, cannot be derived, or is none", () => {
    const xprv =
      "xprv9s21ZrQH143K3GJpoapnV8SFfukcVBSfeCficPSGfubmSFDxo1kuHnLisriDvSnRRuL2Qrg5ggqHKNVpxR86QEC8w35uxmGoggxtQTPvfUu";
    const wif = "KwDiBf89QgGbjEhKnhXJuH7LrciVrZi3qYjgd9M7rFU73sVHnoWn";
    const broken = `${xprv.slice(0, -1)}z`;
    for (const text of [xprv, `wpkh(${xprv}/0/*)`, wif, `wpkh(${wif})`, `wpkh(${broken}/*)`, `${broken} `]) {
      for (const context of [main, regtest]) {
        expect(refusal(text, context)).toMatch(/private key/);
        expect(refusal(text, context)).not.toMatch(/xprv\w|Kw/);
      }
    }
    expect(refusal(`wpkh(${XPUB}/0h/*)`)).toMatch(/hardened/);
    expect(refusal("wpkh(nothing)")).toMatch(/cannot be read/);
    const slip132 = refusal(`wsh(multi(1,${XPUB}/0/*,[d34db33f/84h]${ZPUB}/0/*))`);
    expect(slip132).toContain(`character ${"wsh(multi(1,/0/*,[d34db33f/84h]".length + XPUB.length + 1}, zpub6rFR…`);
    expect(slip132).toContain(`as ${XPUB}.`);
    expect(refusal(`wpkh(${ZPUB}/0/*)#abcdefgh`)).toMatch(/the same key as xpub\w+, without the checksum/);
    expect(refusal(`wpkh(${XPUB}/0/*)\nwpkh(${XPUB}/0/*)`)).toMatch(/twice/);
    expect(refusal("  ")).toMatch(/Paste/);
  });
});

/** With patterns that begin anew at each space these take a minute. */
test.each([
  ["a field", (gap: string) => `Policy:${gap}x`],
  ["a file's name", (gap: string) => `Policy: 1 of 1\na${gap}:b`],
  ["a descriptor", (gap: string) => `wpkh(${gap})`],
  ["an address", (gap: string) => `a${gap}b`],
])("a row of spaces or lines in %s is refused at once", (_name, text) => {
  for (const character of [" ", "\n", "\t"])
    expect(readWatchedText(text(character.repeat(200_000)), main)).toHaveProperty("error");
});
