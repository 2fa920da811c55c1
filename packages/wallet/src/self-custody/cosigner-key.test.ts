import { fromHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { MAINNET, regtestNetwork } from "@bitfleet/protocol/consensus/networks.ts";
import { decodeBase58Check, encodeBase58Check } from "@bitfleet/protocol/script/base58.ts";
import { describe, expect, test } from "vitest";
import { type ReadCosigner, readCosigner, readCosigners } from "./cosigner-key.ts";
import { cosignerText, phraseCosigner } from "./shared-wallet.ts";

const MAIN = MAINNET.addressPrefixes;
const REGTEST = regtestNetwork().addressPrefixes;
const PHRASE = { words: `${"abandon ".repeat(11)}about`, passphrase: "" };

const main = phraseCosigner(PHRASE, 0, MAIN);
const test3 = phraseCosigner(PHRASE, 3, REGTEST);
const ORIGIN = "[73c5da0a/48h/0h/0h/2h]";
const TEXT = `${ORIGIN}${main.key}`;

function read(text: string, prefixes = MAIN): ReadCosigner {
  const outcome = readCosigner(text, prefixes);
  if ("error" in outcome) throw new Error(outcome.error);
  return outcome;
}

function refusal(text: string, prefixes = MAIN): string {
  const outcome = readCosigner(text, prefixes);
  return "error" in outcome ? outcome.error : "";
}

/** The same key with another version in front (SLIP132). */
function versioned(key: string, version: string): string {
  const bytes = decodeBase58Check(key, 78)!.slice();
  bytes.set(fromHex(version));
  return encodeBase58Check(bytes);
}

describe("the key that a signer hands out", () => {
  test("is taken with where it comes from, however that is written", () => {
    const plain = { cosigner: main, warnings: [] };
    expect(read(TEXT)).toEqual(plain);
    expect(cosignerText(read(TEXT).cosigner)).toBe(TEXT);
    expect(read(` [73C5DA0A/48'/0'/0'/2']${main.key}\n`)).toEqual(plain);
    expect(read(`${TEXT}/<0;1>/*`)).toEqual(plain);
    expect(read(`${TEXT}/**`)).toEqual(plain);
    expect(read(`${ORIGIN}\n${main.key}`)).toEqual(plain);
    expect(read(cosignerText(test3), REGTEST)).toEqual({ cosigner: test3, warnings: [] });
  });

  test("is turned round where SLIP132 says that it is for several (Zpub, Vpub), and refused where it is for something else", () => {
    const zpub = versioned(main.key, "02aa7ed3");
    expect(zpub).toMatch(/^Zpub/);
    expect(read(ORIGIN + zpub)).toEqual({ cosigner: main, warnings: [] });
    const vpub = versioned(test3.key, "02575483");
    expect(vpub).toMatch(/^Vpub/);
    expect(read(`[73c5da0a/48h/1h/3h/2h]${vpub}`, REGTEST)).toEqual({ cosigner: test3, warnings: [] });
    expect(refusal(ORIGIN + versioned(main.key, "0295b43f"))).toMatch(/P2SH-P2WSH, Ypub.*2h/);
    expect(refusal(ORIGIN + versioned(main.key, "04b24746"))).toMatch(/signs alone \(zpub/);
    expect(refusal(ORIGIN + versioned(main.key, "049d7cb2"))).toMatch(/signs alone \(ypub/);
  });

  test("is found in the files of signing devices", () => {
    const flat = { xfp: "73C5DA0A", p2wsh_deriv: "m/48'/0'/0'/2'", p2wsh: versioned(main.key, "02aa7ed3") };
    const nested = { chain: "BTC", xfp: "73C5DA0A", bip48_2: { deriv: "m/48'/0'/0'/2'", xpub: main.key } };
    for (const file of [flat, nested]) expect(read(JSON.stringify(file, undefined, 2)).cosigner).toEqual(main);
    // The names of its fields are words of phrases: "account", "name", "first".
    const single = { name: "p2wpkh", xfp: "73C5DA0A", deriv: "m/84'/0'/0'", xpub: main.key, first: "bc1q" };
    const all = { ...nested, account: 0, bip44: single, bip49: single, bip84: single, bip86: single };
    expect(read(JSON.stringify(all)).cosigner).toEqual(main);
    expect(readCosigner(JSON.stringify({ ...all, words: PHRASE.words }), MAIN)).toMatchObject({ isSecret: true });
    expect(refusal(JSON.stringify({ xfp: "73C5DA0A", p2wsh: main.key }))).toMatch(/holds no key for shared wallets/);
    expect(refusal("{}")).toMatch(/holds no key/);
    expect(refusal('{"xfp":')).toMatch(/no extended public key/);
    expect(refusal(JSON.stringify({ bip48_2: 7, xfp: 1 }))).toMatch(/holds no key/);
  });

  test("is never a private one, which is not repeated", () => {
    const xprv =
      "xprv9s21ZrQH143K3GJpoapnV8SFfukcVBSfeCficPSGfubmSFDxo1kuHnLisriDvSnRRuL2Qrg5ggqHKNVpxR86QEC8w35uxmGoggxtQTPvfUu";
    const tprv =
      "tprv8ZgxMBicQKsPe5YMU9gHen4Ez3ApihUfykaqUorj9t6FDqy3nP6eoXiAo2ssvpAjoLroQxHqr3R5nE3a5dU3DHTjTgJDd7zrbniJr6nrCzd";
    for (const text of [
      xprv,
      ORIGIN + xprv,
      tprv,
      `wsh(pk(${xprv}))`,
      JSON.stringify({ p2wsh: xprv }),
      `${TEXT} ${xprv}`,
    ]) {
      const outcome = readCosigner(text, MAIN);
      expect(outcome).toMatchObject({ isSecret: true, error: expect.stringMatching(/private key. It is not shown/) });
      expect(JSON.stringify(outcome)).not.toContain("prv");
    }
  });

  test("is no phrase, which is not repeated either", () => {
    for (const text of [PHRASE.words, PHRASE.words.toUpperCase(), `1. ${PHRASE.words.replaceAll(" ", "\n2. ")}`]) {
      const outcome = readCosigner(text, MAIN);
      expect(outcome).toMatchObject({ isSecret: true, error: expect.stringMatching(/words of a wallet/) });
      expect(JSON.stringify(outcome)).not.toContain("abandon");
    }
  });

  test("has a sentence for each other mistake", () => {
    expect(refusal("")).toMatch(/Paste the key/);
    expect(refusal(main.key)).toMatch(/does not say where it comes from/);
    expect(refusal(cosignerText(test3))).toMatch(/of a test network, and the wallet of the main/);
    expect(refusal(TEXT, REGTEST)).toMatch(/of the main network, and the wallet of a test/);
    expect(refusal(`${TEXT}/0/*`)).toMatch(/Behind the key stands \/0\/\*/);
    expect(refusal(`wsh(sortedmulti(1,${TEXT}/0/*))`)).toMatch(/whole descriptor/);
    expect(refusal(`${TEXT.slice(0, -1)}e`)).toMatch(/no extended public key/);
    expect(refusal("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4")).toMatch(/no extended public key/);
    expect(refusal(`[73c5da0/48h]${main.key}`)).toMatch(/no extended public key/);
    expect(refusal(`[73c5da0a/4294967295]${main.key}`)).toBe("");
    expect(refusal(`[73c5da0a/2147483648h]${main.key}`)).toMatch(/no key can be/);
    expect(refusal(`[73c5da0a${"/1".repeat(10)}]${main.key}`)).toBe("");
    expect(refusal(`[73c5da0a${"/1".repeat(11)}]${main.key}`)).toMatch(/no key can be/);
    expect(refusal("x".repeat(20_001))).toMatch(/longer than any key/);
  });

  test("may stand at another path, which is warned of", () => {
    const at = (path: string) => read(`[73c5da0a${path}]${main.key}`).warnings;
    expect(at("/84h/0h/0h")[0]).toMatch(
      /At m\/84h\/0h\/0h are keys of a wallet that one signs alone.*m\/48h\/0h\/0h\/2h/,
    );
    expect(at("/48h/0h/7h/1h")[0]).toMatch(
      /use the path m\/48h\/0h\/7h\/2h \(BIP48\), and this key is at m\/48h\/0h\/7h\/1h/,
    );
    expect(at("/48h/1h/0h/2h")).toEqual([expect.stringMatching(/BIP48/)]);
    expect(at("/48h/0h/0/2h")[0]).toMatch(/BIP48/);
    expect(at("")[0]).toMatch(/this key is at m:/);
    // BIP87 is for shared wallets as well; the key's own depth does not fit it.
    expect(at("/87h/0h/0h")).toEqual([expect.stringMatching(/stands at another place/)]);
    expect(at("/48h/0h/1h/2h")).toEqual([]);
  });
});

test("keys together: none twice, and two of one master key are pointed out", () => {
  const other = { ...main, key: test3.key, fingerprint: "b8688df1" };
  expect(readCosigners([main, other])).toEqual({ warnings: [] });
  expect(readCosigners([other, main, { ...main, fingerprint: "00000000" }])).toEqual({
    error: "Keys 2 and 3 are the same: each signer has a key of their own.",
  });
  // The same key below another parent.
  const bytes = decodeBase58Check(main.key, 78)!.slice();
  bytes[5]! ^= 1;
  expect(readCosigners([other, main, { ...main, key: encodeBase58Check(bytes) }])).toHaveProperty("error");
  expect(readCosigners([main, other, { ...main, key: "another" }])).toEqual({
    warnings: [expect.stringMatching(/one master key/)],
  });
});
