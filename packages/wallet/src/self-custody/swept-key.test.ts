import { networkByName } from "@bitfleet/protocol/consensus/networks.ts";
import { nobleSecp256k1 } from "@bitfleet/protocol/crypto/noble-secp256k1.ts";
import { encodeAddress, encodeWif, type WifKey } from "@bitfleet/protocol/script/address.ts";
import { encodeBase58Check } from "@bitfleet/protocol/script/base58.ts";
import { describe, expect, test } from "vitest";
import { CustodyAccount } from "./custody-account.ts";
import { newAccount } from "./kept-account.ts";
import { readSweptKey, sweptDescriptors, sweptKinds } from "./swept-key.ts";

const main = networkByName("main")!.addressPrefixes;
const regtest = networkByName("regtest")!.addressPrefixes;
const ONE = Uint8Array.of(...new Uint8Array(31), 1);
/** The private key 1, whose addresses many tests have. */
const WIF = "KwDiBf89QgGbjEhKnhXJuH7LrciVrZi3qYjgd9M7rFU73sVHnoWn";
const UNCOMPRESSED = "5HpHagT65TZzG1PH3CSu63k8DbpvD8s5ip4nEB3kEsreAnchuDf";

const read = (text: string, prefixes = main) => readSweptKey(text, prefixes);
function errorOf(text: string, prefixes = main): string {
  const key = read(text, prefixes);
  return "error" in key ? key.error : "none";
}

describe("a private key is read", () => {
  test.each([
    ["compressed", WIF, true],
    ["uncompressed", UNCOMPRESSED, false],
    ["with spaces around it", ` ${WIF}\n`, true],
    ["in groups and lines, as it is printed", `${WIF.slice(0, 20)} ${WIF.slice(20, 40)}\n${WIF.slice(40)}`, true],
    ["as Electrum writes it", `p2wpkh:${WIF}`, true],
    ["as Electrum writes it for an address in P2SH", `p2wpkh-p2sh:${WIF}`, true],
  ])("%s", (_name, text, compressed) => {
    expect(read(text)).toEqual({ privateKey: ONE, compressed });
  });

  test("of a test network, all of which write it alike", () => {
    const text = encodeWif({ privateKey: ONE, compressed: true }, regtest);
    for (const name of ["regtest", "signet", "test", "testnet4"])
      expect(read(text, networkByName(name)!.addressPrefixes)).toEqual({ privateKey: ONE, compressed: true });
  });
});

describe("what is none is told by what it is:", () => {
  const withBytes = (...bytes: readonly number[]) => encodeBase58Check(Uint8Array.from(bytes));
  const number = [...ONE];
  const order = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141".match(/../g)!;
  const beyond = order.map((byte) => Number.parseInt(byte, 16));
  const below = [...beyond.slice(0, 31), 0x40];

  test.each([
    ["nothing", " ", /^Enter the private key/],
    ["a wrong character", WIF.replace("Y", "Z").replace("h", "i"), /checksum of this private key does not fit/],
    ["a missing character", WIF.slice(0, -1), /checksum|a character may be missing/],
    ["some text", "hello", /no private key in wallet import format/],
    ["a long text", "x".repeat(2_000), /far too long/],
    ["BIP38", "6PRVWUbkzzsbcVac2qwfssoUJAN1Xhrg6bNk8J7Nzm5H7kxEbn2Nh2ZoGg", /BIP38/],
    [
      "an extended private key",
      "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi",
      /^This is an extended key/,
    ],
    ["a mini key", "S6c56bnXQiBjk9mqSYE7ykVQ7NzrRy", /mini key/],
    ["hex", "0".repeat(63).concat("1"), /number in hex/],
    ["an address", "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH", /^This is an address/],
    ["a segwit address", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", /^This is an address/],
    [
      "a phrase",
      "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about",
      /recovery phrase/,
    ],
    ["of another coin", withBytes(0xb0, ...number, 1), /another coin/],
    ["of a test network", withBytes(0xef, ...number, 1), /of a test network, and this wallet is of the main network/],
    ["the number zero", withBytes(0x80, ...new Array<number>(32).fill(0), 1), /the number in it is none/],
    ["the order of the curve", withBytes(0x80, ...beyond, 1), /the number in it is none/],
    ["another last byte", withBytes(0x80, ...number, 2), /the number in it is none/],
    ["a byte less", withBytes(0x80, ...number.slice(1)), /no private key in wallet import format/],
  ])("%s", (_name, text, sentence) => {
    expect(errorOf(text)).toMatch(sentence);
  });

  test("the largest number is a key", () => {
    expect(read(withBytes(0x80, ...below, 1))).toMatchObject({ compressed: true });
  });

  test("a key of the main network on a test network", () => {
    expect(errorOf(WIF, regtest)).toMatch(/of the main network, and this wallet is of a test network/);
  });

  test("nothing of a text is repeated", () => {
    for (const text of [WIF, WIF.slice(1), UNCOMPRESSED, "0".repeat(63).concat("1")])
      expect(errorOf(text, regtest)).not.toContain(text.slice(0, 8));
  });
});

describe("the addresses of a key", () => {
  const context = { prefixes: main, secp256k1: nobleSecp256k1 };
  function addresses(key: WifKey): readonly (readonly [string, string | undefined])[] {
    const account = new CustodyAccount(newAccount(sweptDescriptors(key, nobleSecp256k1)), { signs: true }, context);
    return sweptKinds(key).map((kind, place) => [kind, encodeAddress(account.scriptAt(place + 1, 0)!, main)]);
  }

  // As bitcoinjs-message (P2PKH and segwit), BIP173 and block explorers have them for the key 1; that of taproot is BIP86's tweak of its point.
  test("of a compressed one are of five kinds", () => {
    expect(addresses({ privateKey: ONE, compressed: true })).toEqual([
      ["p2tr", "bc1pmfr3p9j00pfxjh0zmgp99y8zftmd3s5pmedqhyptwy6lm87hf5sspknck9"],
      ["p2wpkh", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"],
      ["p2sh-p2wpkh", "3JvL6Ymt8MVWiCNHC7oWU6nLeHNJKLZGLN"],
      ["p2pkh", "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH"],
      ["p2pk", undefined],
    ]);
  });

  test("of an uncompressed one are of two", () => {
    expect(addresses({ privateKey: ONE, compressed: false })).toEqual([
      ["p2pkh", "1EHNa6Q4Jz2uvNExL497mE43ikXhwF6kZm"],
      ["p2pk", undefined],
    ]);
  });

  /** BIP86's first vector: the internal key of m/86'/0'/0'/0/0 and its address. */
  test("of taproot are BIP86's", () => {
    const key = read("KyRv5iFPHG7iB5E4CqvMzH3WFJVhbfYK4VY7XAedd9Ys69mEsPLQ");
    if ("error" in key) throw new Error(key.error);
    expect(addresses(key)[0]).toEqual(["p2tr", "bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr"]);
  });
});
