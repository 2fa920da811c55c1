import { equalBytes, fromHex, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { mainNetwork, regtestNetwork } from "@bitfleet/protocol/consensus/networks.ts";
import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import { describeVectors } from "@bitfleet/protocol/script/test-kit.ts";
import { HDKey } from "@scure/bip32";
import { describe, expect, test } from "vitest";
import { decodeExtendedKey, derivePath, deriveStep, formatKeyPath, HARDENED_OFFSET } from "./keys.ts";

const { addressPrefixes: MAIN } = mainNetwork();
const { addressPrefixes: REGTEST } = regtestNetwork();

/** By path, and the seed. */
type Chain = Readonly<Record<string, { readonly pub: string; readonly prv: string } | string>>;
/** Besides chains there are keys of another kind of test. */
type Vectors = Readonly<Record<string, Chain | string>>;

const chainsOf = (vectors: Vectors) =>
  Object.entries(vectors).filter((one): one is [string, Chain] => typeof one[1] !== "string");

const stepsOf = (path: string) =>
  path
    .split("/")
    .slice(1)
    .map((step) => (step.endsWith("'") ? HARDENED_OFFSET + Number(step.slice(0, -1)) : Number(step)));

describeVectors<Vectors>(
  "bips/bip32-hd.json",
  (vectors) => `bips/bip32-hd.json, ${chainsOf(vectors).length} chains`,
  (vectors) => {
    test.each(chainsOf(vectors))("%s", (_, { seed, ...keys }) => {
      const versions = { private: MAIN.extPrivateKey, public: MAIN.extPublicKey };
      const master = HDKey.fromMasterSeed(fromHex(seed as string), versions);
      const { key: root } = decodeExtendedKey(master.privateExtendedKey, MAIN)!;
      for (const [path, named] of Object.entries(keys)) {
        const { pub, prv } = named as { pub: string; prv: string };
        const expected = decodeExtendedKey(prv, MAIN)!;
        expect(derivePath(root, stepsOf(path), portableSecp256k1), path).toEqual(expected.key);
        expect(expected.publicText).toBe(pub);
        expect(decodeExtendedKey(pub, MAIN)!.key.publicKey).toEqual(expected.key.publicKey);
      }
    });
  },
);

describe("derivation", () => {
  const library = HDKey.fromMasterSeed(fromHex("000102030405060708090a0b0c0d0e0f"), {
    private: REGTEST.extPrivateKey,
    public: REGTEST.extPublicKey,
  });
  const { key } = decodeExtendedKey(library.privateExtendedKey, REGTEST)!;
  const { key: publicKey } = decodeExtendedKey(library.publicExtendedKey, REGTEST)!;

  test("of private and public keys agrees with another implementation", () => {
    for (const step of [0, 1, 77, HARDENED_OFFSET - 1]) {
      const expected = library.deriveChild(step);
      expect(deriveStep(key, step, portableSecp256k1)?.privateKey).toEqual(expected.privateKey);
      const fromPublic = deriveStep(publicKey, step, portableSecp256k1)!;
      expect(equalBytes(fromPublic.publicKey, expected.publicKey!)).toBe(true);
      expect(fromPublic.chainCode).toEqual(expected.chainCode);
      expect(fromPublic.privateKey).toBeUndefined();
    }
    const hardened = deriveStep(key, HARDENED_OFFSET, portableSecp256k1)!;
    expect(toHex(hardened.privateKey!)).toBe(toHex(library.deriveChild(HARDENED_OFFSET).privateKey!));
  });

  test("a public key has no hardened children, and the deepest key no children", () => {
    expect(deriveStep(publicKey, HARDENED_OFFSET - 1, portableSecp256k1)).toBeDefined();
    expect(deriveStep(publicKey, HARDENED_OFFSET, portableSecp256k1)).toBeUndefined();
    expect(deriveStep({ ...publicKey, depth: 254 }, 0, portableSecp256k1)).toMatchObject({ depth: 255 });
    expect(deriveStep({ ...publicKey, depth: 255 }, 0, portableSecp256k1)).toBeUndefined();
  });

  test("keys of another network, with a slip or of no kind are none", () => {
    const text = library.publicExtendedKey;
    expect(decodeExtendedKey(text, MAIN)).toBeUndefined();
    expect(decodeExtendedKey(`${text.slice(0, -1)}${text.endsWith("1") ? "2" : "1"}`, REGTEST)).toBeUndefined();
    expect(decodeExtendedKey("", REGTEST)).toBeUndefined();
  });

  test("paths as text", () => {
    expect(formatKeyPath([])).toBe("");
    expect(formatKeyPath([HARDENED_OFFSET + 44, 0, HARDENED_OFFSET])).toBe("/44h/0/0h");
    expect(formatKeyPath([HARDENED_OFFSET + 1, HARDENED_OFFSET - 1], true)).toBe("/1'/2147483647");
  });
});
